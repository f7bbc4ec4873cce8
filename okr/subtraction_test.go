package okr_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// What a cycle came to says nothing of what is private: not by the difference
// between what the event counts and what a reader may see.
func TestPrivateOutcomesAreNotHadBySubtraction(t *testing.T) {
	h := grown(t, branches(1), okr.Config{})
	ctx := t.Context()
	h.clock.Set(time.Date(2026, time.December, 30, 9, 0, 0, 0, time.UTC))
	for key, v := range map[string]float64{"open": 40, "kh0": 100} {
		_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	secret := h.keyResult(t, "kh0")
	h.clock.Set(afterwards)
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "Fewer, larger bets."})
	d := h.close(t)

	eve := h.desk.For("acme").As(okr.Someone("eve"))
	review, err := eve.View().Review(ctx, h.cycle(t).ID)
	require.NoError(t, err)
	require.Empty(t, review.Hit)
	require.Len(t, review.Missed, 1)
	kept, err := eve.View().Events(ctx, h.whole(t), 0)
	require.NoError(t, err)
	closed := 0
	for _, e := range append(kept, d.Events...) {
		if e.Type != okr.EventCycleClosed {
			continue
		}
		closed++
		p, err := e.Payload()
		require.NoError(t, err)
		require.Equal(t, map[measure.Status]int{measure.Missed: 1}, p.(*okr.CycleFact).Outcomes)
		require.Equal(t, 1, p.(*okr.CycleFact).Hidden, "that there is more may be known")
	}
	require.Equal(t, 2, closed)

	// Nor by the grade of what ended, which is told like its score.
	events, err := h.acme.View().Events(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: secret.ID}, 0)
	require.NoError(t, err)
	ended := 0
	for _, e := range events {
		if e.Type != okr.EventKeyResultEnded {
			continue
		}
		ended++
		require.NotContains(t, string(e.Data), string(measure.GradeGreen))
		p, err := e.Payload()
		require.NoError(t, err)
		require.Empty(t, p.(*okr.KeyResultEnded).Grade)
	}
	require.Equal(t, 1, ended)
}

func TestEventsOfACycleAreFiguresToo(t *testing.T) {
	h := over(t, okr.Config{}, nil)
	ctx := t.Context()
	h.review(t, okr.ReviewEntry{Subject: h.whole(t), Learned: "Fewer, larger bets."})
	h.close(t)
	hr := h.desk.For("acme").As(okr.Someone("hr")).View()
	events, err := hr.Events(ctx, h.whole(t), 0)
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(types(events)), okr.EventCycleClosed)

	events, err = hr.For(okr.ForCompensation).Events(ctx, h.whole(t), 0)
	var denied *okr.PurposeError
	require.ErrorAs(t, err, &denied)
	require.Equal(t, h.whole(t).ID, denied.Cycle)
	require.Empty(t, events)
	require.Equal(t, []string{okr.EventPurposeRefused + " hr"}, audited(t, h, h.whole(t).ID), "and it is on record")
}

// A team at its limit does not tell how many objectives it hides.
func TestALimitDoesNotCountWhatIsHidden(t *testing.T) {
	p := branches(2)
	p.Teams[1].Limit = 2
	for i := range 2 {
		p.Objectives[1+i].Team, p.Objectives[1+i].Owner = "sales", "ben"
	}
	p.Objectives[0].Private = false
	p.Objectives = append(p.Objectives, okr.PlanObjective{Key: "more", Title: "More", Team: "sales", KeyResults: []okr.PlanKeyResult{branchKeyResult("more-k", "More of it", "eve")}})
	h := open(t, okr.Config{Authorize: onlyEve{}, Judge: scorer{}})
	ctx := t.Context()
	_, err := h.desk.For("acme").As(okr.Someone("eve")).Propose(ctx, p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
	cycle := h.cycle(t).ID
	_, err = h.desk.For("acme").As(okr.Someone("eve")).Activate(ctx, okr.Activation{Cycle: cycle})
	all := findings(t, err)[0]
	require.Contains(t, all.Message, "Sales would have 4 active objectives")
	require.Equal(t, []okr.Evidence{{Name: "active", Value: "4"}, {Name: "limit", Value: "2"}}, all.Evidence)

	var hidden []okr.Ref
	for _, o := range tree(t, h.desk.For("acme").As(okr.Someone("eve"))) {
		if o.Private {
			hidden = append(hidden, ref(okr.KindObjective, o.ID), ref(okr.KindKeyResult, o.KeyResults[0].ID))
		}
	}
	require.Len(t, hidden, 4)
	_, err = h.desk.For("acme").As(okr.Someone("eve")).Activate(ctx, okr.Activation{Subjects: hidden})
	require.NoError(t, err)
	_, err = h.desk.For("acme").As(okr.Someone("ana")).Activate(ctx, okr.Activation{Cycle: cycle})
	f := findings(t, err)[0]
	require.Equal(t, "Sales would have more active objectives in Q4 2026 than its limit, 2, with what is not yours to see: Root; More. What is dropped?", f.Message)
	require.Equal(t, []okr.Evidence{{Name: "limit", Value: "2"}}, f.Evidence)
}

// What becomes active with nothing that measures it is allowed, and said.
func TestAnObjectiveThatIsActiveAlone(t *testing.T) {
	h := open(t, okr.Config{Judge: scorer{}})
	ctx := t.Context()
	_, err := h.acme.Propose(ctx, branches(0))
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
	told := func(d okr.Decision, err error) []okr.Finding {
		require.NoError(t, err)
		var out []okr.Finding
		for _, f := range d.Findings {
			if f.Rule == "key-results-active" {
				out = append(out, f)
			}
		}
		return out
	}
	k := h.keyResult(t, "open")
	root := okr.Ref{Kind: okr.KindObjective, ID: k.Objective}
	both := okr.Activation{Subjects: []okr.Ref{root, {Kind: okr.KindKeyResult, ID: k.ID}}}
	fs := told(h.acme.Activate(ctx, okr.Activation{Subjects: []okr.Ref{root}}))
	require.Len(t, fs, 1)
	require.Equal(t, root, fs[0].Subject)
	require.Equal(t, okr.SeverityWarning, fs[0].Severity)
	require.Equal(t, "it becomes active, and all its key results stay drafts: Open", fs[0].Message)
	require.Empty(t, told(h.acme.Activate(ctx, okr.Activation{Subjects: []okr.Ref{root}})), "once")
	require.Empty(t, told(h.acme.Activate(ctx, both)))
}

// People read scores with two places, and with more where that would hide that two
// of them differ.
func TestScoresAreSaidAsPeopleReadThem(t *testing.T) {
	h := over(t, okr.Config{}, func(p *okr.Plan) {
		p.Objectives[0].Committed = true
		p.Objectives[0].KeyResults[0].Metric.Target = measure.N(91)
	})
	k1 := h.ref(t, "k1")
	review := func(e okr.ReviewEntry) error {
		e.Subject = k1
		_, err := h.acme.Review(t.Context(), okr.Reviewing{Cycle: h.cycle(t).ID, Entries: []okr.ReviewEntry{e}})
		require.Error(t, err)
		return err
	}
	require.ErrorContains(t, review(okr.ReviewEntry{Learned: "x"}), "not fully reached, but 0.67: say why")
	require.ErrorContains(t, review(okr.ReviewEntry{Learned: "x", Why: "y", Final: measure.N(0.5)}), "computed is 0.67: say why 0.50 is")
	require.ErrorContains(t, review(okr.ReviewEntry{Learned: "x", Why: "y", Final: measure.N(0.6667)}), "computed is 0.66667: say why 0.66670 is")
	_, err := h.acme.Close(t.Context(), okr.Closing{Cycle: h.cycle(t).ID})
	said := ""
	for _, f := range findings(t, err) {
		if f.Rule == okr.RuleMissExplained && f.Subject == k1 {
			said = f.Message
		}
	}
	require.Equal(t, "it was committed, and its score is 0.67", said)
}

// A key that somebody else used brings back their decision, and not what they were
// told of what one may not see.
func TestADecisionRepeatedByAnotherKeepsWhatIsPrivate(t *testing.T) {
	h := open(t, okr.Config{Judge: gossip{}})
	_, err := h.acme.Propose(t.Context(), branches(2))
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
	in := okr.Activation{Cycle: h.cycle(t).ID, Key: "click"}
	first, err := h.acme.Activate(t.Context(), in)
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(first.Findings), hush)
	again, err := h.desk.For("acme").As(okr.Someone("eve")).Activate(t.Context(), in)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.NotEmpty(t, again.Events)
	said, err := json.Marshal(again)
	require.NoError(t, err)
	require.NotContains(t, string(said), hush)

	mine, err := h.acme.Activate(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, first.Findings, mine.Findings, "who took it is told again what they were told")

	// Who took the decision without seeing everything is told again no more.
	eve := h.desk.For("acme").As(okr.Someone("eve"))
	check := okr.CheckIn{KeyResult: h.keyResult(t, "open").ID, Value: measure.N(5), Key: "once"}
	told, err := eve.CheckIn(t.Context(), check)
	require.NoError(t, err)
	require.NotEmpty(t, told.Findings)
	twice, err := eve.CheckIn(t.Context(), check)
	require.NoError(t, err)
	require.Equal(t, told.Findings, twice.Findings)
	require.NotContains(t, fmt.Sprint(twice), hush)
}
