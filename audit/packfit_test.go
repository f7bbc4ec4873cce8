package audit_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

// shipped are the texts of all packs that come with the library, by name.
func shipped(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	files, err := fs.Glob(pack.Starter, "*.yaml")
	require.NoError(t, err)
	for _, f := range files {
		text, err := pack.Starter.ReadFile(f)
		require.NoError(t, err)
		out[strings.TrimSuffix(f, ".yaml")] = text
	}
	for _, name := range pack.Presets() {
		text, ok := pack.Preset(name)
		require.True(t, ok)
		out[name] = text
	}
	return out
}

// lacking says what a pack owes to whoever is judged by it: of every rule a reason
// and where it comes from, what to do, an example of each kind, and tests that show
// it passing, failing and, where a fact that is not known can leave it open, unknown.
func lacking(t testing.TB, name string, text []byte) []string {
	t.Helper()
	p, err := rules.Parse(name+".yaml", text)
	require.NoError(t, err)
	set, err := rules.Compile(env(), p)
	require.NoError(t, err)
	report, err := set.Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	var out []string
	if !report.OK() {
		out = append(out, report.String())
	}
	for _, u := range report.Untested {
		for _, m := range u.Missing {
			out = append(out, u.ID+" is never shown to "+string(m))
		}
	}
	out = append(out, unsaid(set.Packs()[0].Rules)...)
	shown := shownUnknown(t, text)
	for id, how := range leftOpen(t, name, text) {
		if !shown[id] {
			out = append(out, id+" is never shown to be unknown, as it is with "+how)
		}
	}
	slices.Sort(out)
	return out
}

// unsaid is what the rules do not say of themselves.
func unsaid(all []rules.RuleInfo) []string {
	var out []string
	for _, r := range all {
		for what, text := range map[string]string{"message": r.Message, "fix": r.Fix, "why": r.Why, "source": r.Source, "weak": r.Weak, "strong": r.Strong} {
			if text == "" {
				out = append(out, r.ID+" says no "+what)
			}
		}
		if r.Weak == r.Strong {
			out = append(out, r.ID+" gives one example twice")
		}
	}
	return out
}

type yamlPack struct {
	Tests []yamlTest     `yaml:"tests"`
	Rest  map[string]any `yaml:",inline"`
}

type yamlTest struct {
	Name   string         `yaml:"name"`
	Now    any            `yaml:"now,omitempty"`
	Given  map[string]any `yaml:"given,omitempty"`
	Expect map[string]any `yaml:"expect"`
}

func shownUnknown(t testing.TB, text []byte) map[string]bool {
	t.Helper()
	var p yamlPack
	require.NoError(t, yaml.Unmarshal(text, &p))
	out := map[string]bool{}
	for _, c := range p.Tests {
		for id, want := range c.Expect {
			if m, ok := want.(map[string]any); ok && (m["unknown"] != nil || m["outcome"] == "unknown") || want == "unknown" {
				out[id] = true
			}
		}
	}
	return out
}

// leftOpen tries every fact that may be unknown, in the examples and in what the
// pack's tests show passing, and answers with the rules that it leaves open.
func leftOpen(t testing.TB, name string, text []byte) map[string]string {
	t.Helper()
	var p yamlPack
	require.NoError(t, yaml.Unmarshal(text, &p))
	schema := audit.Schema(audit.Level)
	types := map[string]rules.Type{}
	for _, x := range schema.Types {
		types[x.Name] = x
	}
	vars := map[string]map[string]string{}
	for _, s := range schema.Subjects {
		vars[s.Name] = s.Vars
	}
	rest, _ := p.Rest["rules"].([]any)
	var tries []yamlTest
	for _, r := range rest {
		rule, _ := r.(map[string]any)
		id, _ := rule["id"].(string)
		on, _ := rule["on"].(string)
		bases := []map[string]any{nil}
		for _, c := range p.Tests {
			if c.Expect[id] == "pass" && c.Given != nil {
				seen := maps.Clone(c.Given)
				maps.DeleteFunc(seen, func(v string, _ any) bool { return vars[on][v] == "" })
				bases = append(bases, seen)
			}
		}
		for _, base := range bases {
			for v, typ := range vars[on] {
				for _, f := range types[typ].Fields {
					if f.MayBeUnknown {
						tries = append(tries, yamlTest{Name: v + "." + f.Name, Given: notKnown(base, v, f.Name), Expect: map[string]any{id: "unknown"}})
					}
					if f.Kind != rules.Object {
						continue
					}
					for _, g := range types[f.Of].Fields {
						if g.MayBeUnknown {
							tries = append(tries, yamlTest{Name: v + "." + f.Name + "." + g.Name, Given: notKnown(base, v, f.Name, g.Name), Expect: map[string]any{id: "unknown"}})
						}
					}
				}
			}
		}
	}
	if len(tries) == 0 {
		return nil
	}
	probe, err := yaml.Marshal(map[string]any{"tests": tries})
	require.NoError(t, err)
	head, _, ok := strings.Cut(string(text), "\ntests:\n")
	require.True(t, ok, "a pack ends with its tests")
	parsed, err := rules.Parse(name+".yaml", []byte(head+"\n"+string(probe)))
	require.NoError(t, err)
	set, err := rules.Compile(env(), parsed)
	require.NoError(t, err)
	report, err := set.Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	out := map[string]string{}
	for i, c := range report.Cases {
		if len(c.Mismatches) == 0 {
			for id := range tries[i].Expect {
				out[id] = "no " + c.Name
			}
		}
	}
	return out
}

// notKnown lays an empty fact over a given, at a path.
func notKnown(base map[string]any, path ...string) map[string]any {
	out := maps.Clone(base)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) == 1 {
		out[path[0]] = nil
		return out
	}
	inner, _ := out[path[0]].(map[string]any)
	out[path[0]] = notKnown(inner, path[1:]...)
	return out
}

func TestEveryShippedPackIsComplete(t *testing.T) {
	for name, text := range shipped(t) {
		t.Run(name, func(t *testing.T) { require.Empty(t, lacking(t, name, text)) })
	}
}

// Whatever is taken out of a pack is missed.
func TestAnIncompletePackIsSeen(t *testing.T) {
	for name, text := range shipped(t) {
		head, _, _ := strings.Cut(string(text), "\ntests:\n")
		lines := strings.SplitAfter(head, "\n")
		for i, l := range lines {
			key, _, _ := strings.Cut(strings.TrimSpace(l), ":")
			if !slices.Contains([]string{"fix", "why", "source", "weak", "strong"}, key) || !strings.HasPrefix(l, "    "+key) {
				continue
			}
			without := strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")
			p, err := rules.Parse(name+".yaml", []byte(without))
			require.NoError(t, err, "%s:%d", name, i+1)
			require.Len(t, unsaid(p.Info().Rules), 1, "%s:%d: %s", name, i+1, l)
		}
	}
	const whole = `apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
rules:
  - id: is-confident
    on: key_result
    severity: info
    check: kr.confidence >= 4.0
    message: Hardly anybody believes in it
    fix: Ask why.
    why: Doubt is news.
    source: Our handbook.
    weak: "2"
    strong: "7"

tests:
  - name: believed in
    expect: {is-confident: pass}
  - name: not believed in
    given: {kr: {confidence: 2}}
    expect: {is-confident: fail}
  - name: nobody has said
    given: {kr: {confidence: null}}
    expect: {is-confident: unknown}
`
	require.Empty(t, lacking(t, "acme", []byte(whole)))
	for drop, want := range map[string]string{
		"believed in\n    expect: {is-confident: pass}":                                             "is-confident is never shown to pass",
		"not believed in\n    given: {kr: {confidence: 2}}\n    expect: {is-confident: fail}":       "is-confident is never shown to fail",
		"nobody has said\n    given: {kr: {confidence: null}}\n    expect: {is-confident: unknown}": "is-confident is never shown to be unknown, as it is with no kr.confidence",
	} {
		less := strings.Replace(whole, "  - name: "+drop+"\n", "", 1)
		require.NotEqual(t, whole, less)
		require.Equal(t, []string{want}, lacking(t, "acme", []byte(less)))
	}
}

// The examples of the rules about words are judged like any sentence.
func TestTheExamplesOfWordRulesAreTrue(t *testing.T) {
	j := starter(t)
	for _, p := range starterPacks(t) {
		if p.Name != "strong-key-results" {
			continue
		}
		for _, r := range p.Rules {
			if r.ID == "yes-is-clear" { // needs the kind of the metric beside the words
				continue
			}
			d, err := j.Draft(t.Context(), r.Weak)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(d.Findings, func(f audit.DraftFinding) bool { return f.Rule == r.ID }), "%s: %q", r.ID, r.Weak)
			d, err = j.Draft(t.Context(), r.Strong)
			require.NoError(t, err)
			require.False(t, slices.ContainsFunc(d.Findings, func(f audit.DraftFinding) bool { return f.Rule == r.ID }), "%s: %q", r.ID, r.Strong)
		}
	}
}
