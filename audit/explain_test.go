package audit_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

func proposal(s *okr.Snapshot, now time.Time) okr.Proposal {
	return okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: s.Measure(now), Now: now}
}

// recomputed sends an explanation through JSON and computes it again from what it
// lists.
func recomputed(t require.TestingT, j *audit.Judge, packs []okr.Pack, e audit.Explanation) {
	text, err := json.Marshal(e)
	require.NoError(t, err)
	var back audit.Explanation
	require.NoError(t, json.Unmarshal(text, &back), "%s", text)
	again, err := j.Recompute(context.Background(), packs, back)
	require.NoError(t, err)
	again.Figures = e.Figures
	require.Equal(t, e, again)
}

func refsOf(s *okr.Snapshot) map[string][]okr.Ref {
	out := map[string][]okr.Ref{"tenant": {{Kind: okr.KindTenant, ID: okr.ID(s.Tenant)}}}
	for _, c := range s.Cycles {
		out["cycle"] = append(out["cycle"], okr.Ref{Kind: okr.KindCycle, ID: c.ID})
	}
	for _, x := range s.Teams {
		out["team"] = append(out["team"], okr.Ref{Kind: okr.KindTeam, ID: x.ID})
	}
	for _, x := range s.People {
		out["owner"] = append(out["owner"], okr.Ref{Kind: okr.KindOwner, ID: x.ID})
	}
	for _, x := range s.Objectives {
		out["objective"] = append(out["objective"], okr.Ref{Kind: okr.KindObjective, ID: x.ID})
	}
	for _, x := range s.KeyResults {
		out["key_result"] = append(out["key_result"], okr.Ref{Kind: okr.KindKeyResult, ID: x.ID})
		if x.Source != nil {
			out["source"] = append(out["source"], okr.Ref{Kind: okr.KindSource, ID: x.ID})
		}
	}
	for _, x := range s.CheckIns {
		out["checkin"] = append(out["checkin"], okr.Ref{Kind: okr.KindCheckIn, ID: x.ID})
	}
	return out
}

// Whatever any starter rule says of any subject is explained, and comes out the same
// from the listed inputs alone.
func TestEveryAnswerRecomputesFromItsOwnInputs(t *testing.T) {
	j := starter(t)
	infos := starterPacks(t)
	answers := map[rules.Outcome]int{}
	rapid.Check(t, func(t *rapid.T) {
		s, now := anySnapshot(t)
		s.Packs = j.Starter()
		if name := rapid.SampledFrom(append(pack.Presets(), "")).Draw(t, "preset"); name != "" {
			text, _ := pack.Preset(name)
			s.Packs = append(s.Packs, packOf(string(text)))
			s.Sort()
		}
		p := proposal(s, now)
		v, err := j.Judge(context.Background(), p)
		require.NoError(t, err)
		refs := refsOf(s)
		for _, info := range infos {
			for _, r := range info.Rules {
				for _, ref := range refs[r.On] {
					e, err := j.Explain(context.Background(), p, audit.Ask{Subject: ref, Of: rules.TraceOfRule, Pack: info.Name, Rule: r.ID})
					require.NoError(t, err)
					answers[e.Trace.Outcome]++
					i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Subject == ref && f.Pack == info.Name && f.Rule == r.ID })
					said := e.Trace.Outcome == rules.OutcomeFail || e.Trace.Outcome == rules.OutcomeUnknown
					require.Equal(t, said, i >= 0, "%s %s: %s", r.ID, ref, e.Trace.Outcome)
					if e.Trace.Outcome == rules.OutcomeFail {
						require.Equal(t, v.Findings[i].Message, e.Trace.Message)
						require.Equal(t, "sha256:"+v.Findings[i].Digest, e.Trace.Digest)
						require.Len(t, e.Trace.Evidence, len(v.Findings[i].Evidence))
					}
					recomputed(t, j, s.Packs, e)
				}
			}
		}
		for _, ref := range slices.Concat(refs["key_result"], refs["objective"]) {
			score, err := j.Explain(context.Background(), p, audit.Ask{Subject: ref, Of: rules.TraceOfScore})
			require.NoError(t, err)
			if want := v.Scores[ref.ID]; want.Score.Known() {
				require.Equal(t, want.Score.Or(-1), *score.Trace.Score)
				require.Equal(t, want.Rule, score.Trace.Rule.ID)
			} else {
				require.Nil(t, score.Trace.Score)
			}
			recomputed(t, j, s.Packs, score)
			status, err := j.Explain(context.Background(), p, audit.Ask{Subject: ref, Of: rules.TraceOfStatus})
			require.NoError(t, err)
			require.Equal(t, string(v.Statuses[ref.ID]), status.Trace.Status)
			recomputed(t, j, s.Packs, status)
		}
	})
	require.Positive(t, answers[rules.OutcomeFail])
	require.Positive(t, answers[rules.OutcomePass])
	require.Positive(t, answers[rules.OutcomeSkip])
	require.Positive(t, answers[rules.OutcomeUnknown])
	require.Zero(t, answers[rules.OutcomeError])
}

func TestAnExplanationNamesItsReadings(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 1)
	k := s.KeyResult("k0")
	for week := range 5 {
		told(s, k, oct(2+7*week), 10, measure.OnTrack, 8)
	}
	k.Reading = "r004"
	now := oct(30).Add(time.Hour)
	p := proposal(s, now)
	e, err := j.Explain(t.Context(), p, audit.AskOf(found(t, j, s, now, "watermelon")[0]))
	require.NoError(t, err)
	require.Equal(t, now, e.Trace.Now)
	require.Contains(t, e.Trace.Rule.Check, "!claimed ||")
	require.Equal(t, "1.0.0", e.Trace.Version)
	require.NotEmpty(t, e.Trace.Rule.Why)
	read := func(path string) rules.Read {
		i := slices.IndexFunc(e.Trace.Reads, func(r rules.Read) bool { return r.Path == path })
		require.GreaterOrEqual(t, i, 0, path)
		return e.Trace.Reads[i]
	}
	require.Equal(t, "r004", read("kr.raw").Source)
	require.InDelta(t, 0.1, read("kr.raw").Value, 1e-12)
	require.Equal(t, "r000", read("kr.readings[4].raw").Source)
	require.Equal(t, "c000", read("kr.checkins[4].stated").Source)
	require.Equal(t, "on_track", read("kr.checkins[4].stated").Value)
	i := slices.IndexFunc(e.Figures, func(d measure.Derivation) bool { return d.Of == "progress" })
	require.GreaterOrEqual(t, i, 0, "the figures are derived as well")
	require.InDelta(t, 0.1, e.Figures[i].Value.Or(0), 1e-12)

	e.Trace.Reads = slices.DeleteFunc(e.Trace.Reads, func(r rules.Read) bool { return r.Path == "kr.status" })
	again, err := j.Recompute(t.Context(), s.Packs, e)
	require.NoError(t, err)
	require.Equal(t, rules.OutcomeError, again.Trace.Outcome, "what is not listed is not there")
	require.Contains(t, again.Trace.Message, "kr.status is not among what was read")

	e.Trace.Digest = "sha256:00"
	_, err = j.Recompute(t.Context(), s.Packs, e)
	require.ErrorIs(t, err, audit.ErrNothingToExplain)
	for name, ask := range map[string]audit.Ask{
		"no such subject": {Subject: okr.Ref{Kind: okr.KindKeyResult, ID: "nobody"}, Of: rules.TraceOfStatus},
		"no such kind":    {Subject: okr.Ref{Kind: okr.KindNotice, ID: "n"}, Of: rules.TraceOfStatus},
		"no such rule":    {Subject: refOf(k), Of: rules.TraceOfRule, Pack: "infrastructure", Rule: "nothing"},
		"no such pack":    {Subject: refOf(k), Of: rules.TraceOfRule, Pack: "nothing", Rule: "nothing"},
		"a team has none": {Subject: okr.Ref{Kind: okr.KindTeam, ID: "sales"}, Of: rules.TraceOfScore},
	} {
		_, err := j.Explain(t.Context(), p, ask)
		require.ErrorIs(t, err, audit.ErrNothingToExplain, name)
	}
}
