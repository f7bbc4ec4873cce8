package okr_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

const hush = "quagmire"

// gossip is a judge that tells all it knows of everything it is shown.
type gossip struct{}

func (gossip) Starter() []okr.Pack {
	return []okr.Pack{{Name: "gossip", Version: "1", Digest: "d", Text: "t"}}
}
func (gossip) Needs([]okr.Pack, okr.Intent) okr.Collections {
	return okr.Collections{TeamObjectives: true}
}
func (gossip) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	var v okr.Verdict
	var all []string
	for _, o := range p.After.Objectives {
		all = append(all, fmt.Sprint(o.Title, " ", p.Measured[o.ID].Progress, " ", p.Measured[o.ID].Status))
		v.Findings = append(v.Findings, okr.Finding{Rule: "tell", Severity: okr.SeverityInfo, Outcome: okr.OutcomeFail, Subject: okr.Ref{Kind: okr.KindObjective, ID: o.ID}, Title: o.Title, Message: o.Title})
	}
	for _, k := range p.After.KeyResults {
		all = append(all, fmt.Sprint(k.Title, " ", k.Current))
	}
	for _, t := range p.After.Teams {
		v.Findings = append(v.Findings, okr.Finding{Rule: "tell", Severity: okr.SeverityInfo, Outcome: okr.OutcomeFail, Subject: okr.Ref{Kind: okr.KindTeam, ID: t.ID}, Title: t.Name, Message: strings.Join(all, "; ")})
	}
	return v, nil
}

// branches is a plan with an objective that children contribute to, n of them
// private, each with one key result.
func branches(n int, weights ...float64) okr.Plan {
	p := okr.Plan{
		Cycle:  okrtest.Quarter(),
		People: []okr.Person{{ID: "ana", Name: "Ana", Team: "board"}, {ID: "ben", Name: "Ben", Team: "board"}, {ID: "eve", Name: "Eve", Team: "sales"}},
		Teams:  []okr.Team{{ID: "board", Name: "Board", Lead: "ana"}, {ID: "sales", Name: "Sales", Lead: "eve"}},
		Objectives: []okr.PlanObjective{{
			Key: "root", Title: "Root", Team: "sales", Rollup: measure.RollupPolicy{Driver: measure.DriverBoth},
			KeyResults: []okr.PlanKeyResult{branchKeyResult("open", "Open", "eve")},
		}},
	}
	for i := range n {
		key := fmt.Sprint("h", i)
		o := okr.PlanObjective{
			Key: key, Title: hush + key, Team: "board", Owner: "ben", Private: true, Rank: i + 1,
			KeyResults: []okr.PlanKeyResult{branchKeyResult("k"+key, hush+" of "+key, "ben")},
		}
		share := okr.PlanParent{Key: "root"}
		if i < len(weights) {
			share.Weight = measure.N(weights[i])
		}
		o.Parents = []okr.PlanParent{share}
		p.Objectives = append(p.Objectives, o)
	}
	return p
}

func branchKeyResult(key, title, owner string) okr.PlanKeyResult {
	return okr.PlanKeyResult{Key: key, Title: title, Owner: owner, Metric: measure.Metric{Kind: measure.Increase, Unit: "EUR", Baseline: measure.N(0), Target: measure.N(100)}}
}

// grown is a house in which the plan is active.
func grown(t *testing.T, p okr.Plan, c okr.Config) house {
	t.Helper()
	h := open(t, c)
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	return h
}

func tree(t *testing.T, acme okr.Tenant) map[string]okr.ObjectiveView {
	t.Helper()
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	x, err := acme.View().Tree(t.Context(), cycles[0].ID)
	require.NoError(t, err)
	out := map[string]okr.ObjectiveView{}
	for _, o := range x.Objectives {
		out[o.Key] = o
	}
	return out
}

func TestWhatIsPrivateIsAbsent(t *testing.T) {
	h := grown(t, branches(2), okr.Config{Judge: gossip{}})
	ctx := t.Context()
	all := tree(t, h.acme)
	secret := all["h0"].KeyResults[0]
	_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: secret.ID, Value: measure.N(40), Blockers: []okr.NewBlocker{{Text: hush}}})
	require.NoError(t, err)
	d, err := h.acme.Comment(ctx, okr.NewComment{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: secret.ID}, Text: hush})
	comment := made(t, d, err, okr.KindComment)
	d, err = h.acme.RecordDecision(ctx, okr.NewDecision{Subject: okr.Ref{Kind: okr.KindObjective, ID: all["h0"].ID}, Text: hush})
	decision := made(t, d, err, okr.KindDecision)
	d, err = h.acme.Comment(ctx, okr.NewComment{Subject: okr.Ref{Kind: okr.KindDecision, ID: decision}, Text: hush})
	reply := made(t, d, err, okr.KindComment)

	pool := []okr.Ref{
		{Kind: okr.KindCycle, ID: secret.Cycle}, {Kind: okr.KindTeam, ID: "board"}, {Kind: okr.KindTeam, ID: "sales"},
		{Kind: okr.KindPerson, ID: "ben"}, {Kind: okr.KindPerson, ID: "eve"}, {Kind: okr.KindObjective, ID: all["root"].ID}, {Kind: okr.KindObjective, ID: all["h0"].ID},
		{Kind: okr.KindKeyResult, ID: secret.ID}, {Kind: okr.KindComment, ID: comment}, {Kind: okr.KindComment, ID: reply}, {Kind: okr.KindDecision, ID: decision},
	}
	eve, nobody := h.desk.For("acme").As(okr.Someone("eve")), h.desk.For("acme")
	for who, acme := range map[string]okr.Tenant{"eve": eve, "nobody": nobody} {
		for call, said := range everyRead(ctx, t, acme.View(), pool) {
			require.NotContains(t, said, hush, "%s: %s", who, call)
			for _, id := range []okr.ID{all["h0"].ID, all["h1"].ID, secret.ID, comment, decision} {
				if !strings.Contains(call, string(id)) {
					require.NotContains(t, said, `"`+string(id)+`"`, "%s: %s", who, call)
				}
			}
		}
		x, err := acme.View().Tree(ctx, secret.Cycle)
		require.NoError(t, err)
		require.Equal(t, 2, x.Hidden)
		require.Len(t, x.Objectives, 1)
	}
	for name, err := range map[string]error{
		"check-in": second(eve.CheckIn(ctx, okr.CheckIn{KeyResult: secret.ID, Note: "as expected"})),
		"change":   second(eve.Change(ctx, okr.KeyResultChange{KeyResult: secret.ID})),
		"align":    second(eve.Align(ctx, okr.Alignment{Objective: all["h0"].ID})),
		"comment":  second(eve.Comment(ctx, okr.NewComment{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: secret.ID}, Text: "?"})),
		"reply":    second(eve.Comment(ctx, okr.NewComment{Subject: okr.Ref{Kind: okr.KindDecision, ID: decision}, Text: "?"})),
		"edit":     second(eve.EditComment(ctx, okr.CommentEdit{Comment: comment, Text: "?"})),
		"decision": second(eve.RecordDecision(ctx, okr.NewDecision{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: secret.ID}, Text: "?"})),
		"comments": second(eve.View().Comments(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: secret.ID}, okr.Paging{})),
		"replies":  second(eve.View().Comments(ctx, okr.Ref{Kind: okr.KindDecision, ID: decision}, okr.Paging{})),
	} {
		require.ErrorIs(t, err, okr.ErrNotFound, name)
	}
	_, err = eve.Align(ctx, okr.Alignment{Objective: all["root"].ID, Parents: share(all["h0"].Objective), Reason: "?"})
	require.Equal(t, "parents[0].objective", invalidField(t, err))
	events, err := eve.View().Events(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: secret.ID}, 0)
	require.NoError(t, err)
	require.Empty(t, events, "like what was never there")
	_, err = eve.View().KeyResults(ctx, okr.Query{After: string(secret.ID)})
	require.Equal(t, "after", invalidField(t, err))

	// A decision about what she may see tells her nothing of what she may not.
	d, err = eve.CheckIn(ctx, okr.CheckIn{KeyResult: all["root"].KeyResults[0].ID, Value: measure.N(10)})
	require.NoError(t, err)
	raw, err := json.Marshal(d)
	require.NoError(t, err)
	require.NotContains(t, string(raw), hush)

	// Nor does a key that somebody else used, or a plan.
	_, err = h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: secret.ID, Value: measure.N(41), Key: "request"})
	require.NoError(t, err)
	d, err = eve.CheckIn(ctx, okr.CheckIn{KeyResult: secret.ID, Value: measure.N(41), Key: "request"})
	require.NoError(t, err)
	require.True(t, d.Repeated)
	require.Empty(t, d.Events)
	require.Empty(t, d.Subjects)
	_, err = eve.Propose(ctx, okr.Plan{Cycle: okrtest.Quarter(), Objectives: []okr.PlanObjective{{Key: "h0", Title: hush + "h0", Private: true, Team: "board", Owner: "ben", Rank: 1}}})
	require.ErrorIs(t, err, okr.ErrConflict)
	require.NotContains(t, err.Error(), string(all["h0"].ID))
}

func TestWhoSeesWhatIsPrivate(t *testing.T) {
	p := branches(1)
	p.People = append(p.People, okr.Person{ID: "cyd", Name: "Cyd", Team: "sales"}, okr.Person{ID: "dan", Name: "Dan", Team: "board", Left: true})
	p.Objectives[1].KeyResults[0].Owner = "cyd"
	h := grown(t, p, okr.Config{})
	for who, want := range map[okr.Actor]bool{
		okr.Someone("ana"): true, okr.Someone("ben"): true, okr.Someone("cyd"): true, okr.Someone("eve"): false,
		okr.Someone("dan"): false, okr.Someone("nobody"): false, {}: false, okr.Automation("runner"): true, okr.Service("feed"): true,
	} {
		_, sees := tree(t, h.desk.For("acme").As(who))["h0"]
		require.Equal(t, want, sees, "%v", who)
	}
}

// onlyEve is a host that lets Eve see everything, and nobody else anything.
type onlyEve struct{}

func (onlyEve) Authorize(context.Context, okr.TenantID, okr.Actor, okr.Intent) error { return nil }
func (onlyEve) Sees(_ context.Context, _ okr.TenantID, who okr.Actor, private []okr.Objective) (map[okr.ID]bool, error) {
	out := map[okr.ID]bool{}
	for _, o := range private {
		out[o.ID] = who == okr.Someone("eve")
	}
	return out, nil
}

func TestTheHostDecidesWhoSees(t *testing.T) {
	h := grown(t, branches(1), okr.Config{Authorize: onlyEve{}})
	require.Contains(t, tree(t, h.desk.For("acme").As(okr.Someone("eve"))), "h0")
	require.NotContains(t, tree(t, h.acme), "h0")
}

// The figure of an objective is one figure, whoever looks.
func TestAllSeeOneFigure(t *testing.T) {
	for name, c := range map[string]struct {
		n        int
		weights  []float64
		shared   bool
		min      int
		withheld bool
	}{
		"none":              {n: 0},
		"too few":           {n: 2, withheld: true},
		"enough":            {n: 3},
		"one in disguise":   {n: 3, weights: []float64{100, 1, 1}, withheld: true},
		"counted twice":     {n: 3, shared: true, withheld: true},
		"the host asks 4":   {n: 3, min: 4, withheld: true},
		"the host asks 2":   {n: 2, min: 2},
		"zero weight alone": {n: 1, weights: []float64{0}},
	} {
		t.Run(name, func(t *testing.T) {
			p := branches(c.n, c.weights...)
			p.Objectives = append(p.Objectives, okr.PlanObjective{Key: "other", Title: "Other", Team: "sales", Rollup: measure.RollupPolicy{Driver: measure.DriverChildren}})
			if c.shared {
				p.Objectives[1].Parents = append(p.Objectives[1].Parents, okr.PlanParent{Key: "other"})
			}
			h := grown(t, p, okr.Config{MinGroup: c.min})
			for key, o := range tree(t, h.acme) {
				for _, k := range o.KeyResults {
					_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(float64(10 + len(key)))})
					require.NoError(t, err)
				}
			}
			eve := h.desk.For("acme").As(okr.Someone("eve"))
			mine, hers := tree(t, h.acme)["root"].Measured, tree(t, eve)["root"].Measured
			require.Equal(t, mine.Progress, hers.Progress)
			require.Equal(t, mine.Status, hers.Status)
			require.Equal(t, mine.Hidden, hers.Hidden)
			require.Equal(t, mine.Reason, hers.Reason)
			require.Equal(t, !c.withheld, hers.Progress.Known(), "%+v", hers.Result)
			if c.withheld {
				require.NotEmpty(t, hers.Reason)
			}
		})
	}
}

// Whatever happens to one hidden key result, nothing that somebody who may not see
// it can read moves, unless it stands in a crowd.
func TestNothingIsRecoveredFromTwoReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		clock := okrtest.NewClock(planning)
		desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: fridays{}, Judge: gossip{}})
		require.NoError(t, err)
		acme := desk.For("acme").As(ana)
		n := rapid.IntRange(1, 5).Draw(t, "children")
		p := branches(n, rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1, 1, 1, 5}), n, n).Draw(t, "weights")...)
		for i := 1; i <= n; i++ {
			o := &p.Objectives[i]
			if i > 1 {
				o.Private = rapid.Bool().Draw(t, "private")
			}
			o.Rollup.Driver = rapid.SampledFrom([]measure.Driver{"", measure.DriverBoth}).Draw(t, "driver")
			if under := rapid.IntRange(0, i-1).Draw(t, "under"); under > 0 {
				o.Parents = append(o.Parents, okr.PlanParent{Key: p.Objectives[under].Key})
			}
		}
		p.Objectives[0].Rollup.Status = rapid.SampledFrom([]measure.Voice{"", measure.VoiceWeakest}).Draw(t, "voice")
		_, err = acme.Propose(ctx, p)
		require.NoError(t, err)
		clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
		cycles, err := acme.View().Cycles(ctx)
		require.NoError(t, err)
		cycle := cycles[0].ID
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cycle})
		require.NoError(t, err)
		whole, err := acme.View().Tree(ctx, cycle)
		require.NoError(t, err)
		pool := []okr.Ref{{Kind: okr.KindCycle, ID: cycle}, {Kind: okr.KindTeam, ID: "board"}, {Kind: okr.KindPerson, ID: "ben"}}
		var hidden, every []okr.Ref
		for _, o := range whole.Objectives {
			every = append(every, okr.Ref{Kind: okr.KindObjective, ID: o.ID}, okr.Ref{Kind: okr.KindKeyResult, ID: o.KeyResults[0].ID})
			if o.Private {
				hidden = append(hidden, okr.Ref{Kind: okr.KindKeyResult, ID: o.KeyResults[0].ID})
			}
			if o.Key == "root" {
				pool = append(pool, every[len(every)-2:]...)
			}
		}
		pool = append(pool, hidden[0])
		for _, r := range every {
			if r.Kind == okr.KindKeyResult && rapid.Bool().Draw(t, "known") {
				_, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: r.ID, Value: measure.N(50)})
				require.NoError(t, err)
			}
		}
		_, err = acme.As(okr.Automation("runner")).Settle(ctx, every...)
		require.NoError(t, err)

		eve := desk.For("acme").As(okr.Someone("eve"))
		crowd := func() bool {
			x, err := eve.View().Tree(ctx, cycle)
			require.NoError(t, err)
			for _, o := range x.Objectives {
				if o.Measured.Hidden >= measure.DefaultMinGroup {
					return true
				}
			}
			return false
		}
		was, before := crowd(), everyRead(ctx, t, eve.View(), pool)
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			one := rapid.SampledFrom(hidden).Draw(t, "one")
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: one.ID, Value: measure.N(rapid.Float64Range(-10, 200).Draw(t, "value")), Confidence: measure.N(3), Blockers: []okr.NewBlocker{{Text: "x", Owner: "ana"}}})
			case 1:
				_, err = acme.Record(ctx, okr.Collected{KeyResult: one.ID, Source: "feed", Error: "down"})
			default:
				_, err = acme.Comment(ctx, okr.NewComment{Subject: one, Text: "x"})
			}
			require.NoError(t, err)
		}
		_, err = acme.As(okr.Automation("runner")).Settle(ctx, every...)
		require.NoError(t, err)
		after := everyRead(ctx, t, eve.View(), pool)
		if was || crowd() {
			return
		}
		for call, said := range before {
			require.Equal(t, said, after[call], call)
		}
	})
}

// What is private travels without its title and its numbers.
func TestPrivateEventsSayLittle(t *testing.T) {
	h := open(t, okr.Config{})
	r := recorder{Store: h.store, entries: &[]okr.Entry{}, words: &[]okr.Word{}}
	var err error
	h.desk, err = okr.New(r, okr.Config{Clock: h.clock.Now, NewID: okrtest.SequentialIDs(), Calendar: fridays{}})
	require.NoError(t, err)
	h.acme = h.desk.For("acme").As(ana)
	ctx := t.Context()
	p := branches(1)
	p.Objectives[1].KeyResults[0].Metric.Baseline, p.Objectives[1].KeyResults[0].Metric.Target = measure.N(7171), measure.N(7272)
	_, err = h.acme.Propose(ctx, p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	k := h.keyResult(t, "kh0")
	settle(t, h)
	d, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(7222), Confidence: measure.N(7), Blockers: []okr.NewBlocker{{Text: "x"}}})
	require.NoError(t, err)
	raw, err := json.Marshal(d)
	require.NoError(t, err)
	require.Contains(t, string(raw), "7222", "who decided may know")
	for _, day := range []int{2, 3, 20} {
		h.clock.Set(time.Date(2026, time.October, day, 17, 0, 0, 0, time.UTC))
		for _, e := range settle(t, h).Audience {
			require.Contains(t, string(e.Data), hush, "whoever is told of it may know its title")
		}
	}
	seen := 0
	for _, e := range *r.entries {
		require.NotContains(t, string(e.Wire), hush, e.Type)
		require.NotContains(t, string(e.Data), hush, e.Type)
		for _, number := range []string{"7171", "7272", "7222", "on_track", "off_track"} {
			require.NotContains(t, string(e.Wire), number, e.Type)
		}
		if e.Aggregate.ID == k.ID || e.Aggregate.ID == k.Objective {
			seen++
			require.Contains(t, string(e.Wire), `"private":true`, e.Type)
			payload, err := e.Payload()
			require.NoError(t, err)
			back, err := json.Marshal(payload)
			require.NoError(t, err)
			require.JSONEq(t, string(e.Data), string(back), e.Type)
		}
	}
	require.Greater(t, seen, 10)
}

// asking notes what the host is asked about.
type asking struct{ asked *[]okr.Intent }

func (a asking) Authorize(_ context.Context, _ okr.TenantID, _ okr.Actor, in okr.Intent) error {
	*a.asked = append(*a.asked, in)
	return nil
}

func TestTheHostIsAskedAboutReads(t *testing.T) {
	var asked []okr.Intent
	h := grown(t, branches(1), okr.Config{Authorize: asking{&asked}})
	k := h.keyResult(t, "open")
	pool := []okr.Ref{{Kind: okr.KindCycle, ID: k.Cycle}, {Kind: okr.KindTeam, ID: "sales"}, {Kind: okr.KindPerson, ID: "eve"}, {Kind: okr.KindObjective, ID: k.Objective}, {Kind: okr.KindKeyResult, ID: k.ID}}
	asked = nil
	reads := everyRead(t.Context(), t, h.acme.View(), pool)
	require.GreaterOrEqual(t, len(asked), len(reads)/3)
	for _, in := range asked {
		require.Equal(t, okr.VerbView, in.Verb)
	}
	asked = nil
	_, err := h.acme.View().KeyResults(t.Context(), okr.Query{Team: "sales", Owner: "eve"})
	require.NoError(t, err)
	require.Equal(t, []okr.Ref{{Kind: okr.KindTeam, ID: "sales"}, {Kind: okr.KindPerson, ID: "eve"}}, asked[0].Subjects)
}
