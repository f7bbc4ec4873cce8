package audit_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func written(t require.TestingT, text string) okr.Pack {
	live, err := opened()
	require.NoError(t, err)
	p, err := audit.New(live).ReadPack(text)
	require.NoError(t, err, text)
	return p
}

const strict = `apiVersion: okr.rules/v1
env: 1
name: acme
version: 2.0.0
rules:
  - id: words
    on: key_result
    severity: error
    mode: gate
    check: size(kr.title) < 30
    message: "“{kr.title}” is long"
  - id: few
    on: team
    check: team.objectives.size() <= 1
    message: "{team.name} has {team.objectives.size()} objectives"
scores:
  - {id: half, on: key_result, when: has(kr.progress), score: kr.progress / 2.0}
statuses:
  - {id: behind, on: key_result, when: 'has(kr.progress) && kr.progress < 0.5', status: off_track}
`

const lax = `apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
rules:
  - id: words
    on: key_result
    check: size(kr.title) < 50
    message: "“{kr.title}” is very long"
  - id: shouting
    on: key_result
    severity: info
    check: '!kr.title.contains("Launch")'
    message: "“{kr.title}” launches"
`

func TestDiffSaysWhatChanges(t *testing.T) {
	j := starter(t)
	in := input(t, plan())
	d, err := j.Diff(t.Context(), []okr.Pack{written(t, lax)}, []okr.Pack{written(t, strict)}, friday, audit.Parts(audit.Part{Snapshot: in.Snapshot, At: in.At}))
	require.NoError(t, err)
	for _, f := range audit.DifferenceFormats() {
		var b bytes.Buffer
		require.NoError(t, d.Render(&b, f))
		golden(t, "difference."+string(f), b.Bytes())
	}
	require.ErrorIs(t, d.Render(new(bytes.Buffer), audit.FormatSARIF), okr.ErrInvalid)
	require.Equal(t, len(d.Findings), d.Summary.Appear+d.Summary.Vanish+d.Summary.Change)

	d, err = j.Diff(t.Context(), j.Starter(), j.Starter(), friday, audit.Parts(audit.Part{Snapshot: in.Snapshot, At: in.At}))
	require.NoError(t, err)
	require.True(t, d.Same())
	require.Equal(t, "Nothing would change.", d.Sentence())
}

// What a desk keeps private is counted, and its words are withheld.
func TestDiffKeepsWhatIsPrivate(t *testing.T) {
	j := starter(t)
	in := input(t, plan())
	in.Snapshot.Objectives[1].Private = true
	d, err := j.Diff(t.Context(), nil, []okr.Pack{written(t, strict)}, friday, audit.Parts(audit.Part{Snapshot: in.Snapshot}))
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, d.Render(&b, audit.FormatJSON))
	for _, word := range []string{"Launch", "satisfaction", "Customers love"} {
		require.NotContains(t, b.String(), word)
	}
	require.Contains(t, b.String(), `"private": true`)
}

// anyPack is a pack with thresholds, severities, modes, scores and statuses of any
// kind, under the name.
func anyPack(t *rapid.T, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: okr.rules/v1\nenv: 1\nname: %s\nversion: %d.0.0\n", name, rapid.IntRange(1, 3).Draw(t, "version"))
	b.WriteString("rules:\n")
	checks := map[string][]string{
		"key_result": {"size(kr.title) < %d", "has(kr.owner)", "has(kr.confidence) && kr.confidence > %d", "kr.progress * 20.0 > %d", "kr.checkins.size() < %d", `kr.status != "on_track" || %d > 10`},
		"objective":  {"objective.key_results.size() < %d", "objective.progress * 20.0 < %d"},
		"team":       {"team.objectives.size() * 5 < %d"},
		"owner":      {"owner.key_results.size() * 5 < %d"},
		"cycle":      {"size(cycle.id) > %d"},
		"checkin":    {"has(checkin.confidence) && checkin.confidence < %d"},
		"source":     {`source.state == "live" || %d > 10`},
	}
	for _, on := range []string{"key_result", "objective", "team", "owner", "cycle", "checkin", "source"} {
		for i, check := range checks[on] {
			if rapid.IntRange(0, 2).Draw(t, "rule") > 0 {
				continue
			}
			if strings.Contains(check, "%d") {
				check = fmt.Sprintf(check, rapid.IntRange(0, 20).Draw(t, "threshold"))
			}
			fmt.Fprintf(&b, "  - {id: %s-%d, on: %s, severity: %s, mode: %s, check: '%s', message: \"no\"}\n", strings.ReplaceAll(on, "_", "-"), i, on,
				rapid.SampledFrom([]string{"info", "warning", "error"}).Draw(t, "severity"), rapid.SampledFrom([]string{"report", "gate"}).Draw(t, "mode"), check)
		}
	}
	b.WriteString("  - {id: always, on: key_result, severity: info, check: size(kr.title) >= 0, message: \"never\"}\n")
	if rapid.Bool().Draw(t, "scores") {
		fmt.Fprintf(&b, "scores:\n  - {id: s, on: key_result, when: has(kr.progress), score: kr.progress * %d.0 / 10.0}\n", rapid.IntRange(5, 10).Draw(t, "factor"))
	}
	if rapid.Bool().Draw(t, "statuses") {
		fmt.Fprintf(&b, "statuses:\n  - {id: t, on: key_result, when: 'has(kr.progress) && kr.progress * 20.0 < %d.0', status: %s}\n", rapid.IntRange(0, 20).Draw(t, "below"),
			rapid.SampledFrom([]string{"at_risk", "off_track", "on_track"}).Draw(t, "word"))
	}
	return b.String()
}

// packPool is some packs of any kind, made once: to compile one takes longer than to
// judge by it.
func packPool(t *testing.T) []okr.Pack {
	var out []okr.Pack
	for i := range 8 {
		for _, name := range []string{"acme", "zeta"} {
			text := rapid.Custom(func(t *rapid.T) string { return anyPack(t, name) }).Example(i)
			out = append(out, written(t, text))
		}
	}
	return out
}

// anyPacks are some of the starter packs, and perhaps one more or two.
func anyPacks(t *rapid.T, j *audit.Judge, pool []okr.Pack) []okr.Pack {
	var out []okr.Pack
	for _, p := range j.Starter() {
		if rapid.IntRange(0, 3).Draw(t, p.Name) > 0 {
			out = append(out, p)
		}
	}
	for i := range 2 {
		if n := rapid.IntRange(0, len(pool)/2).Draw(t, "pack"); n > 0 {
			out = append(out, pool[2*(n-1)+i])
		}
	}
	if len(out) == 0 {
		return pool[:1]
	}
	return out
}

// What the difference says is what two audits of the same company say, and nothing
// else; turned around it is turned around.
func TestADifferenceIsWhatTwoAuditsDisagreeOn(t *testing.T) {
	j := starter(t)
	pool := packPool(t)
	rapid.Check(t, func(t *rapid.T) {
		s, now := anySnapshot(t)
		before, after := anyPacks(t, j, pool), anyPacks(t, j, pool)
		diff := func(before, after []okr.Pack) audit.Difference {
			d, err := j.Diff(t.Context(), before, after, now, audit.Parts(audit.Part{Snapshot: s}))
			require.NoError(t, err)
			return d
		}
		d := diff(before, after)
		back := diff(after, before)
		require.Len(t, back.Findings, len(d.Findings))
		for i, f := range d.Findings {
			require.Equal(t, f.Before, back.Findings[i].After)
			require.Equal(t, f.After, back.Findings[i].Before)
		}
		again := diff(after, after)
		require.True(t, again.Same())

		type said struct{ pack, rule, kind, id, cycle, what string }
		tell := func(packs []okr.Pack) (map[said]bool, map[string]measure.Status, map[string]string) {
			of := *s
			of.Packs = packs
			r, err := j.Report(t.Context(), audit.Input{Snapshot: &of, Now: now})
			require.NoError(t, err)
			found, status, score := map[said]bool{}, map[string]measure.Status{}, map[string]string{}
			for _, f := range r.Findings {
				found[said{f.Pack, f.Rule, f.Subject.Kind, f.Subject.ID, f.Cycle, fmt.Sprint(f.Severity, f.Outcome, f.Gate, f.Message)}] = true
			}
			v, err := j.Judge(t.Context(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: &of, After: &of, Measured: of.Measure(now), Now: now})
			require.NoError(t, err)
			m := of.Measure(now)
			v.Decide(m, &of, now)
			for id, r := range m {
				status[string(id)] = r.Status
			}
			for id, x := range v.Scores {
				score[string(id)] = x.Score.String()
			}
			return found, status, score
		}
		was, wasStatus, wasScore := tell(before)
		is, isStatus, isScore := tell(after)
		for _, f := range d.Findings {
			key := said{f.Pack, f.Rule, f.Subject.Kind, f.Subject.ID, f.Cycle, ""}
			if f.Before != nil {
				key.what = fmt.Sprint(f.Before.Severity, f.Before.Outcome, f.Before.Gate, f.Before.Message)
				require.True(t, was[key], f)
				delete(was, key)
			}
			if f.After != nil {
				key.what = fmt.Sprint(f.After.Severity, f.After.Outcome, f.After.Gate, f.After.Message)
				require.True(t, is[key], f)
				delete(is, key)
			}
		}
		require.Equal(t, was, is, "what is left is the same in both")
		for _, m := range d.Statuses {
			require.Equal(t, m.Before, wasStatus[m.Subject.ID])
			require.NotEqual(t, m.Before, m.After)
			wasStatus[m.Subject.ID] = m.After
		}
		require.Equal(t, isStatus, wasStatus)
		for _, m := range d.Scores {
			if wasScore[m.Subject.ID] = m.After.String(); !m.After.Known() {
				delete(wasScore, m.Subject.ID)
			}
		}
		for id, n := range isScore {
			if n == "unknown" {
				delete(isScore, id)
			}
		}
		for id, n := range wasScore {
			if n == "unknown" {
				delete(wasScore, id)
			}
		}
		require.Equal(t, isScore, wasScore)
	})
}

// Two judgements of each subject, however many there are.
func BenchmarkDiff(b *testing.B) {
	j := starter(b)
	after := append(j.Starter(), written(b, strict))
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := company(b, n)
			b.ReportAllocs()
			for b.Loop() {
				d, err := j.Diff(b.Context(), j.Starter(), after, friday, audit.Parts(audit.Part{Snapshot: s}))
				require.NoError(b, err)
				require.Len(b, s.KeyResults, d.Summary.KeyResults)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(s.KeyResults)), "ns/kr")
		})
	}
}
