package okr_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

var afterwards = time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC)

// over is a house whose quarter is over: k1 went from 70 to 84 of 90, k2 was hit,
// and nobody knows of k3.
func over(t *testing.T, c okr.Config, shape func(*okr.Plan)) house {
	t.Helper()
	h := open(t, c)
	p := okrtest.Plan()
	if shape != nil {
		shape(&p)
	}
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.December, 30, 9, 0, 0, 0, time.UTC))
	for key, v := range map[string]float64{"k1": 84, "k2": 4} {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	h.clock.Set(afterwards)
	return h
}

func (h house) ref(t *testing.T, key string) okr.Ref {
	t.Helper()
	return okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, key).ID}
}

func (h house) whole(t *testing.T) okr.Ref {
	t.Helper()
	return okr.Ref{Kind: okr.KindCycle, ID: h.cycle(t).ID}
}

// review reviews, and expects it to go well.
func (h house) review(t *testing.T, entries ...okr.ReviewEntry) okr.Decision {
	t.Helper()
	d, err := h.acme.Review(t.Context(), okr.Reviewing{Cycle: h.cycle(t).ID, Entries: entries})
	require.NoError(t, err)
	return d
}

func (h house) close(t *testing.T) okr.Decision {
	t.Helper()
	d, err := h.acme.Close(t.Context(), okr.Closing{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	return d
}

func (h house) reviewed(t *testing.T) okr.CycleReview {
	t.Helper()
	r, err := h.acme.View().Review(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	return r
}

func titles(rows []okr.ReviewedKeyResult) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, r.Title)
	}
	return out
}

func committed(p *okr.Plan) { p.Objectives[0].Committed = true }

func TestACycleEndsWithAReview(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	cycle := h.cycle(t).ID

	_, err := h.acme.Close(t.Context(), okr.Closing{Cycle: cycle})
	var refused *okr.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Findings, 4, "everything at once: the cycle, and each key result")
	require.Equal(t, okr.RuleReviewHeld, refused.Findings[0].Rule)
	require.Equal(t, h.whole(t), refused.Findings[0].Subject)
	require.Nil(t, h.cycle(t).ClosedAt)
	require.Equal(t, refused.Findings, h.reviewed(t).Missing, "the view says so beforehand")

	h.review(t, okr.ReviewEntry{Subject: h.ref(t, "k1"), Learned: "Calls work, mails do not."})
	h.review(t, okr.ReviewEntry{Subject: h.ref(t, "k2"), Next: okr.NextDone})
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: cycle})
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Findings, 2, "reviews add up")
	h.review(t, okr.ReviewEntry{Subject: h.ref(t, "k3"), Next: okr.NextRethink})
	require.Empty(t, h.reviewed(t).Missing)
	d := h.close(t)

	require.Len(t, only(d.Events, okr.EventKeyResultEnded), 3)
	for _, e := range d.Events {
		if e.Type == okr.EventCycleClosed {
			p, err := e.Payload()
			require.NoError(t, err)
			require.Equal(t, map[measure.Status]int{measure.Hit: 1, measure.Missed: 1, measure.Unknown: 1}, p.(*okr.CycleFact).Outcomes)
		}
	}
	r := h.reviewed(t)
	require.Equal(t, []string{"Cut first response time from 12 to 4 hours"}, titles(r.Hit))
	require.Equal(t, []string{"Raise renewals from 70 % to 90 %"}, titles(r.Missed))
	require.Equal(t, []string{"The ten largest customers sign for another year"}, titles(r.Unknown))
	require.Equal(t, "there is no reading", r.Unknown[0].Ending.Reason)
	require.Equal(t, "its value is 84 %, and a hit is 90 % or more", r.Missed[0].Ending.Reason)
	require.Equal(t, "Calls work, mails do not.", r.Missed[0].Review.Learned)
	require.InDelta(t, 0.7, r.Missed[0].Ending.Score.Or(0), 1e-9)
	require.Equal(t, measure.GradeGreen, r.Missed[0].Ending.Grade)
	require.Equal(t, measure.GradeUnknown, r.Unknown[0].Ending.Grade, "unknown is never zero")
	require.Empty(t, r.Objectives[0].Ending.Grade, "objectives show a rollup and are not graded")
	require.True(t, r.Objectives[0].Ending.Measured.Progress.Known())
}

func TestWhatWasLearnedInTheCycleIsReviewEnough(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "Fewer, larger bets."})
	h.close(t)
	require.Equal(t, "Fewer, larger bets.", h.reviewed(t).Learned.Learned)
}

func TestAnEmptyReviewIsWaivedByName(t *testing.T) {
	h := over(t, okr.Config{}, committed)
	cycle := h.cycle(t).ID
	for field, w := range map[string]okr.Unreviewed{
		"waive.owner":  {Owner: "nobody", Reason: "x"},
		"waive.reason": {Owner: "ana", Reason: " "},
	} {
		_, err := h.acme.Close(t.Context(), okr.Closing{Cycle: cycle, Waive: &w})
		require.Equal(t, field, invalidField(t, err))
	}
	_, err := h.acme.Close(t.Context(), okr.Closing{Cycle: cycle, Waive: &okr.Unreviewed{Owner: "ben", Reason: "The team was dissolved in December."}})
	require.NoError(t, err)
	r := h.reviewed(t)
	require.Len(t, r.Waivers, 2)
	require.Equal(t, []string{okr.RuleMissExplained, okr.RuleReviewHeld}, []string{r.Waivers[0].Rule, r.Waivers[1].Rule})
	require.Equal(t, okr.ID("ben"), r.Waivers[0].Owner)
	require.Equal(t, "The team was dissolved in December.", r.Waivers[0].Reason)
	es, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindWaiver, ID: r.Waivers[0].ID}, 0)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventFindingWaived}, types(es))
}

func TestACycleInWhichNothingWasPromisedNeedsNoReview(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	h.clock.Set(afterwards)
	h.close(t)
	require.Len(t, h.reviewed(t).Drafts, 3)
}

func TestWhatIsCommittedAndMissedAsksForAnExplanation(t *testing.T) {
	h := over(t, okr.Config{}, committed)
	in := okr.Reviewing{Cycle: h.cycle(t).ID, Entries: []okr.ReviewEntry{{Subject: h.ref(t, "k2"), Next: okr.NextDone}, {Subject: h.ref(t, "k1"), Learned: "much"}}}
	_, err := h.acme.Review(t.Context(), in)
	require.Equal(t, "entries[1].why", invalidField(t, err))
	require.Empty(t, h.reviewed(t).Hit[0].Review, "nothing is half written")
	in.Entries[1].Why = "Two of five sellers left."
	h.review(t, in.Entries...)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "Hire earlier."})

	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: in.Cycle})
	var refused *okr.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Findings, 1, "of the unknown one nobody has said why")
	require.Equal(t, okr.RuleMissExplained, refused.Findings[0].Rule)
	require.Equal(t, h.ref(t, "k3"), refused.Findings[0].Subject)
	h.review(t, okr.ReviewEntry{Subject: h.ref(t, "k3"), Why: "The register was lost."})
	h.close(t)
	r := h.reviewed(t)
	require.Equal(t, measure.GradePassed, r.Hit[0].Ending.Grade)
	require.Equal(t, measure.GradeFailed, r.Missed[0].Ending.Grade, "you either did it or you did not")
}

func TestAFinalScoreThatDiffersNeedsAReason(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	entry := okr.ReviewEntry{Subject: h.ref(t, "k1"), Final: measure.N(0.5)}
	cycle := h.cycle(t).ID
	_, err := h.acme.Review(t.Context(), okr.Reviewing{Cycle: cycle, Entries: []okr.ReviewEntry{entry}})
	require.Equal(t, "entries[0].reason", invalidField(t, err))
	entry.Final = measure.N(1.5)
	_, err = h.acme.Review(t.Context(), okr.Reviewing{Cycle: cycle, Entries: []okr.ReviewEntry{entry}})
	require.Equal(t, "entries[0].final", invalidField(t, err))
	entry.Final, entry.Reason = measure.N(0.5), "Half of them renewed at a loss."
	h.review(t, entry, okr.ReviewEntry{Subject: h.whole(t), Learned: "Price matters."})

	// What is computed moves on until the close; what agreed may agree no longer.
	agreed := okr.ReviewEntry{Subject: h.ref(t, "k2"), Final: measure.N(1)}
	h.review(t, agreed)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: agreed.Subject.ID, Value: measure.N(6)})
	require.NoError(t, err)
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: cycle})
	var refused *okr.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, okr.RuleScoreExplained, refused.Findings[0].Rule)
	agreed.Final = measure.Number{}
	agreed.Learned = "It came back in the last week."
	h.review(t, agreed)
	h.close(t)
	r := h.reviewed(t)
	require.Len(t, r.Missed, 2)
	require.InDelta(t, 0.7, r.Missed[0].Ending.Suggested.Or(0), 1e-9)
	require.True(t, r.Missed[0].Ending.Score.Equal(measure.N(0.5)), "both are kept")
	require.Equal(t, measure.GradeYellow, r.Missed[0].Ending.Grade)
	require.InDelta(t, 0.75, r.Missed[1].Ending.Score.Or(0), 1e-9)
}

func TestAReviewIsReplacedAndKeepsItsHistory(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	entry := okr.ReviewEntry{Subject: h.ref(t, "k1"), Learned: "first"}
	h.review(t, entry)
	require.Empty(t, h.review(t, entry).Events, "the same again says nothing new")
	entry.Learned = "second"
	h.review(t, entry)
	r := h.reviewed(t).Missed[0].Review
	require.Equal(t, "second", r.Learned)
	require.Equal(t, int64(2), r.Version)
	es, err := h.acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindReview, ID: r.ID}, 0)
	require.NoError(t, err)
	require.Len(t, es, 2)
	require.NotContains(t, string(es[0].Data)+string(es[1].Data), "first", "words do not travel")
}

func TestWhatCannotBeReviewed(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	cycle := h.cycle(t).ID
	objective := okr.Ref{Kind: okr.KindObjective, ID: h.keyResult(t, "k1").Objective}
	review := func(e okr.ReviewEntry) error {
		_, err := h.acme.Review(t.Context(), okr.Reviewing{Cycle: cycle, Entries: []okr.ReviewEntry{e}})
		return err
	}
	for field, e := range map[string]okr.ReviewEntry{
		"entries[0]":         {Subject: h.ref(t, "k1")},
		"entries[0].learned": {Subject: h.whole(t)},
		"entries[0].next":    {Subject: h.ref(t, "k1"), Next: "hope"},
		"entries[0].subject": {Subject: okr.Ref{Kind: okr.KindPerson, ID: "ana"}, Learned: "x"},
		"entries[0].final":   {Subject: objective, Final: measure.N(0.5), Reason: "x"},
		"entries[0].why":     {Subject: h.ref(t, "k1"), Why: "\x00"},
	} {
		require.Equal(t, field, invalidField(t, review(e)), field)
	}
	require.ErrorIs(t, review(okr.ReviewEntry{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: "none"}, Learned: "x"}), okr.ErrNotFound)
	require.ErrorIs(t, review(okr.ReviewEntry{Subject: okr.Ref{Kind: okr.KindTeam, ID: "none"}, Learned: "x"}), okr.ErrNotFound)
	require.NoError(t, review(okr.ReviewEntry{Subject: okr.Ref{Kind: okr.KindTeam, ID: "sales"}, Learned: "We work better in pairs."}))
	require.Len(t, h.reviewed(t).Teams, 1)

	h.clock.Set(time.Date(2026, time.December, 31, 9, 0, 0, 0, time.UTC))
	require.Equal(t, "cycle", invalidField(t, review(okr.ReviewEntry{Subject: h.whole(t), Learned: "x"})), "it still runs")
	h.clock.Set(afterwards)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "x"})
	h.close(t)
	require.ErrorIs(t, review(okr.ReviewEntry{Subject: h.whole(t), Learned: "y"}), okr.ErrConflict)
}

func TestObjectivesAreGradedWhereTheCycleSaysSo(t *testing.T) {
	yes := true
	h := over(t, okr.Config{}, func(p *okr.Plan) { p.Cycle.GradeObjectives = &yes })
	objective := okr.Ref{Kind: okr.KindObjective, ID: h.keyResult(t, "k1").Objective}
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "x"}, okr.ReviewEntry{Subject: objective, Final: measure.N(0.3), Reason: "It did not feel like it."})
	h.close(t)
	o := h.reviewed(t).Objectives[0]
	require.Equal(t, measure.GradeRed, o.Ending.Grade)
	require.InDelta(t, 0.85, o.Ending.Suggested.Or(0), 1e-9, "the mean of what is known")
}

// shifting judges each time by other packs: a closed quarter must not notice.
type shifting struct {
	scorer
	score *float64
}

func (s shifting) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	v := okr.Verdict{Scores: map[okr.ID]okr.Judged{}, Statuses: map[okr.ID]measure.Status{}}
	for id := range p.Measured {
		v.Scores[id] = okr.Judged{Score: measure.N(*s.score), Rule: "r", Pack: "kind", Digest: fmt.Sprint("d", *s.score)}
		v.Statuses[id] = measure.Status(fmt.Sprint("mood ", *s.score))
	}
	return v, nil
}

func TestAClosedQuarterIsTheSameForEver(t *testing.T) {
	score := 0.6
	h := over(t, okr.Config{Judge: shifting{score: &score}}, nil)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "x"})
	h.close(t)
	cycle := h.cycle(t).ID
	read := func() string {
		r, err := h.acme.View().Review(t.Context(), cycle)
		require.NoError(t, err)
		tree, err := h.acme.View().Tree(t.Context(), cycle)
		require.NoError(t, err)
		var kept []any
		for _, o := range tree.Objectives {
			kept = append(kept, o.Measured)
			for _, k := range o.KeyResults {
				kept = append(kept, k.Measured, k.Current, k.Ending)
			}
		}
		b, err := json.Marshal([]any{r, kept})
		require.NoError(t, err)
		return string(b)
	}
	was := read()
	require.Contains(t, was, `"rule":{"score":0.6,"rule":"r","pack":"kind","digest":"d0.6","purpose":"alignment"}`)
	for range 5 {
		score += 0.05
		h.clock.Advance(40 * 24 * time.Hour)
		settle(t, h)
		k := h.keyResult(t, "k1")
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(99)})
		require.ErrorIs(t, err, okr.ErrConflict)
		_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: cycle})
		require.ErrorIs(t, err, okr.ErrConflict)
		require.Equal(t, was, read())
	}
}

func TestAReviewIsWaivedBeforehand(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	d, err := h.acme.Waive(t.Context(), okr.Waiving{Rule: okr.RuleReviewHeld, Subject: h.whole(t), Owner: "ana", Reason: "We merge with another team."})
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventFindingWaived)
	require.Empty(t, h.reviewed(t).Missing)
	h.close(t)
}

func TestWhatIsCommittedIsKeptAtItsTarget(t *testing.T) {
	h := over(t, okr.Config{}, func(p *okr.Plan) {
		committed(p)
		p.Objectives[0].KeyResults[0].Metric = measure.Metric{
			Kind: measure.CommitTargetStretch, Baseline: measure.N(70), Commit: measure.N(78), Target: measure.N(84), Stretch: measure.N(90),
		}
	})
	h.review(t, okr.ReviewEntry{Subject: h.ref(t, "k1"), Learned: "much"}, okr.ReviewEntry{Subject: h.ref(t, "k3"), Why: "The register was lost."}, okr.ReviewEntry{Subject: h.whole(t), Learned: "Hire earlier."})
	h.close(t)
	for _, k := range h.reviewed(t).Hit {
		if k.KeyResult == h.ref(t, "k1").ID {
			require.Equal(t, measure.N(0.7), k.Ending.Measured.Progress, "there was room above the target")
			require.Equal(t, measure.N(1), k.Ending.Score)
			require.Equal(t, measure.GradePassed, k.Ending.Grade)
			e, err := h.acme.View().Explain(t.Context(), h.ref(t, "k1"))
			require.NoError(t, err)
			grade := e.Figures[len(e.Figures)-1]
			require.Equal(t, "grade", grade.Of)
			_, again, err := measure.Recompute(grade)
			require.NoError(t, err)
			require.Equal(t, string(measure.GradePassed), again)
			return
		}
	}
	require.Fail(t, "k1 was hit")
}
