package audit_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
)

const stricter = "apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 2.0.0\nextends:\n  - {pack: infrastructure, rules: {source-declared: {severity: info, fix: Ask the data team.}}}\n"

// What lies over a pack judges by the texts alone: in a judge that has seen none of
// them, from explanations, and whatever the order.
func TestAnOverlayInForceJudgesByItsText(t *testing.T) {
	first := starter(t)
	s := activated(drafts(t, first))
	k := keyResult(t, s, "happy")
	k.Source = nil
	over := packOf(stricter)
	s.Packs = append(s.Packs, over)
	s.Sort()
	find := func(v okr.Verdict) okr.Finding {
		i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Rule == "source-declared" && f.Subject == refOf(k) })
		require.GreaterOrEqual(t, i, 0)
		return v.Findings[i]
	}
	f := find(judge(t, first, okr.VerbView, s, s, refOf(k)))
	require.Equal(t, []string{"infrastructure", okr.SeverityInfo, "Ask the data team."}, []string{f.Pack, f.Severity, f.Fix})
	require.Regexp(t, `^\d+\.\d+\.\d+\+acme@2\.0\.0$`, f.Version)

	other := starter(t)
	require.Equal(t, f, find(judge(t, other, okr.VerbView, s, s, refOf(k))))
	slices.Reverse(s.Packs)
	require.Equal(t, f, find(judge(t, starter(t), okr.VerbView, s, s, refOf(k))))
	s.Sort()

	p := okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: s.Measure(friday), Now: friday}
	e, err := first.Explain(t.Context(), p, audit.AskOf(f))
	require.NoError(t, err)
	require.Equal(t, f.Version, e.Trace.Version)
	require.NotEmpty(t, e.Trace.Rule.Origins, "who set what, and where")
	again, err := starter(t).Recompute(t.Context(), s.Packs, e)
	require.NoError(t, err)
	require.Equal(t, e, again)
	_, err = starter(t).Recompute(t.Context(), slices.DeleteFunc(slices.Clone(s.Packs), func(p okr.Pack) bool { return p.Name == "acme" }), e)
	require.ErrorIs(t, err, audit.ErrNothingToExplain, "without the overlay it is another rule")

	// The text is asked for until it is compiled.
	bare := slices.Clone(s.Packs)
	for i := range bare {
		bare[i].Text = ""
	}
	in := okr.Intent{Verb: okr.VerbCheckIn, Subjects: []okr.Ref{refOf(k)}}
	require.Equal(t, []string{over.Digest}, starter(t).Needs(bare, in).PackTexts)
	require.Empty(t, first.Needs(bare, in).PackTexts)
	require.Equal(t, first.Needs(first.Starter(), in), first.Needs(bare, in), "what it sets reads nothing more")
	s.Packs = bare
	require.Equal(t, f, find(judge(t, first, okr.VerbView, s, s, refOf(k))))
	_, err = starter(t).Judge(t.Context(), okr.Proposal{Intent: in, Before: s, After: s, Now: friday})
	require.ErrorIs(t, err, audit.ErrNoText)
}

// An overlay that is in force and cannot be read over what lies below it sets nothing,
// is told of, and stops nobody unless it said so; the others judge on.
func TestAnOverlayThatSetsWhatIsNotThere(t *testing.T) {
	for policy, refused := range map[string]bool{"allow": false, "reject": true} {
		j := starter(t)
		s := activated(drafts(t, j))
		lost := packOf("apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 1.0.0\non_error: " + policy + "\nextends:\n  - {pack: infrastructure, rules: {nobody: {severity: info}}}\n")
		above := packOf("apiVersion: okr.rules/v1\nenv: 1\nname: zeta\nversion: 1.0.0\nextends:\n  - {pack: infrastructure, rules: {source-declared: {severity: info}}}\n")
		above.Name = "zeta"
		s.Packs = append(s.Packs, lost, above)
		s.Sort()
		k := keyResult(t, s, "paying")
		k.Source = nil
		v := judge(t, j, okr.VerbActivate, s, s, refOf(k))
		var broken []okr.Finding
		for _, f := range v.Findings {
			if f.Rule == "pack-compiles" {
				broken = append(broken, f)
			}
		}
		require.Len(t, broken, 1)
		require.Equal(t, "acme", broken[0].Pack)
		require.Equal(t, refused, broken[0].Gate)
		require.Contains(t, broken[0].Message, `acme.yaml:7:36: the pack infrastructure has no rule "nobody"`)
		i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Rule == "source-declared" && f.Subject == refOf(k) })
		require.Equal(t, okr.SeverityInfo, v.Findings[i].Severity, "what can be read over it counts")
	}
}

// A wording is judged by what the host's packs set in one another.
func TestADraftIsJudgedWithWhatIsLaidOver(t *testing.T) {
	rulesOf := func(j *audit.Judge, text string) (out []string) {
		d, err := j.Draft(t.Context(), text)
		require.NoError(t, err)
		for _, f := range d.Findings {
			out = append(out, f.Rule)
		}
		return out
	}
	require.Contains(t, rulesOf(starter(t), "Launch the new website"), "outcome-not-task")
	j := with(t, "apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 1.0.0\nextends:\n  - {pack: strong-key-results, rules: {outcome-not-task: {enabled: false}}}\n")
	require.NotContains(t, rulesOf(j, "Launch the new website"), "outcome-not-task")
	require.NotEmpty(t, rulesOf(j, "Improve customer satisfaction"), "the others judge on")
}
