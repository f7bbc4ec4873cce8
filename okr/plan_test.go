package okr_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func TestBadPlansAreRefusedByName(t *testing.T) {
	for _, c := range []struct {
		name, field string
		spoil       func(*okr.Plan)
	}{
		{"baseline", "objectives[0].key_results[0].metric.baseline", func(p *okr.Plan) { p.Objectives[0].KeyResults[0].Metric.Baseline = measure.N(math.NaN()) }},
		{"target", "objectives[0].key_results[0].metric.target", func(p *okr.Plan) { p.Objectives[0].KeyResults[0].Metric.Target = measure.N(math.Inf(-1)) }},
		{"current", "objectives[0].key_results[1].current", func(p *okr.Plan) { p.Objectives[0].KeyResults[1].Current = measure.N(math.NaN()) }},
		{"confidence", "objectives[0].key_results[1].confidence", func(p *okr.Plan) { p.Objectives[0].KeyResults[1].Confidence = measure.N(math.NaN()) }},
		{"weight", "objectives[0].key_results[1].weight", func(p *okr.Plan) { p.Objectives[0].KeyResults[1].Weight = measure.N(math.NaN()) }},
		{"due", "objectives[0].key_results[1].due", func(p *okr.Plan) { p.Objectives[0].KeyResults[1].Due = okr.Date{Year: 2026, Month: 13, Day: 1} }},
		{"initiative", "objectives[0].key_results[0].initiatives[0].title", func(p *okr.Plan) {
			p.Objectives[0].KeyResults[0].Initiatives = []okr.Initiative{{Title: "a\x00b"}}
		}},
		{"owner", "objectives[0].key_results[0].owner", func(p *okr.Plan) { p.Objectives[0].KeyResults[0].Owner = "a\x00b" }},
		{"objective's owner", "objectives[0].owner", func(p *okr.Plan) { p.Objectives[0].Owner = strings.Repeat("x", 5000) }},
		{"start", "cycle.start", func(p *okr.Plan) { p.Cycle.Start = okr.Date{Year: 2026, Month: 9, Day: 31} }},
		{"end", "cycle.end", func(p *okr.Plan) { p.Cycle.End = okr.Date{Year: 2026, Month: 9, Day: 1} }},
		{"zone", "cycle.zone", func(p *okr.Plan) { p.Cycle.Zone = "Mars/Olympus" }},
		{"schedule", "cycle.cadence.lead", func(p *okr.Plan) {
			p.Cycle.Cadence = &okr.Schedule{Frequency: okr.Weekly, Lead: okr.Interval(time.Second)}
		}},
		{"driver", "objectives[0].rollup.driver", func(p *okr.Plan) { p.Objectives[0].Rollup.Driver = "weather" }},
		{"method", "objectives[0].rollup.method", func(p *okr.Plan) { p.Objectives[0].Rollup.Method = "median" }},
		{"status by", "objectives[0].rollup.status", func(p *okr.Plan) { p.Objectives[0].Rollup.Status = "best" }},
		{"parents in a ring", "objectives[1].parent", func(p *okr.Plan) {
			p.Objectives = append(p.Objectives, okr.PlanObjective{Key: "o2", Title: "Two", Parent: "o1"}, okr.PlanObjective{Key: "o3", Title: "Three", Parent: "o2"})
			p.Objectives[0].Parent = "o3"
		}},
		{"two teams of one name", "objectives[1].team", func(p *okr.Plan) {
			p.Teams = append(p.Teams, okr.Team{ID: "t2", Name: "Core"}, okr.Team{ID: "t3", Name: "core"})
			p.Objectives = append(p.Objectives, okr.PlanObjective{Key: "o2", Title: "Two", Team: "Core"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := okrtest.Plan()
			c.spoil(&p)
			_, _, err := p.Snapshot(okrtest.SequentialIDs(), planning)
			require.Contains(t, ringed(c.field), invalidField(t, err), "from a file")
			for _, key := range []string{"", "request"} {
				h := open(t, okr.Config{})
				p.Key = key
				_, err = h.acme.Propose(t.Context(), p)
				require.Contains(t, ringed(c.field), invalidField(t, err), "with key %q", key)
				cycles, err := h.acme.View().Cycles(t.Context())
				require.NoError(t, err)
				require.Empty(t, cycles, "nothing is half-written")
			}
		})
	}
}

// ringed allows any member of a ring to be named.
func ringed(field string) []string {
	if strings.HasSuffix(field, ".parent") {
		return []string{"objectives[0].parent", "objectives[1].parent", "objectives[2].parent"}
	}
	return []string{field}
}

// A plan that comes again while the quarter runs must not make the runner forget
// the key results.
func TestRemindersGoOnAfterAPlan(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k, Value: measure.N(75)})
	require.NoError(t, err)
	settle(t, h)
	_, err = h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	due, err := h.desk.System().ClaimDue(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due)
	h.clock.Set(time.Date(2026, time.October, 8, 17, 0, 0, 0, time.UTC))
	require.Equal(t, 1, of(settle(t, h).Events, k)[okr.EventCheckInDue])
}

// Two teams plan one quarter, each in a file of its own.
func TestASecondPlanLeavesTheCycleAlone(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	before := h.cycle(t)
	other := okr.Plan{
		Cycle:      okr.PlanCycle{Key: "2026-Q4", Start: before.Start, End: before.End},
		Teams:      []okr.Team{{ID: "sales-emea", Name: "Sales"}},
		Objectives: []okr.PlanObjective{{Key: "e1", Title: "Partners bring us customers", Team: "Sales"}},
	}
	d, err := h.acme.Propose(t.Context(), other)
	require.NoError(t, err)
	require.NotContains(t, types(d.Events), okr.EventCycleChanged)
	after := h.cycle(t)
	require.Equal(t, before, after, "what a plan does not say of a cycle stays")
	tree, err := h.acme.View().Tree(t.Context(), after.ID)
	require.NoError(t, err)
	teams := map[string]okr.ID{}
	for _, o := range tree.Objectives {
		teams[o.Key] = o.Team
	}
	require.Equal(t, map[string]okr.ID{"o1": "sales", "e1": "sales-emea"}, teams, "a plan means its own team")
}

func TestAPlanDoesNotMoveARunningCycle(t *testing.T) {
	h := running(t, okr.Config{})
	for name, spoil := range map[string]func(*okr.PlanCycle){
		"end":  func(c *okr.PlanCycle) { c.End = c.End.AddDays(30) },
		"zone": func(c *okr.PlanCycle) { c.Zone = "Asia/Tokyo" },
	} {
		p := okrtest.Plan()
		spoil(&p.Cycle)
		_, err := h.acme.Propose(t.Context(), p)
		require.ErrorIs(t, err, okr.ErrConflict, name)
	}
	p := okrtest.Plan()
	p.Cycle.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday}
	settle(t, h)
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err, "the rhythm may change")
	due, err := h.desk.System().ClaimDue(t.Context(), 100)
	require.NoError(t, err)
	require.Len(t, due, 3, "and whom it concerns is looked at")
}

func TestParentsFollowThePlan(t *testing.T) {
	h := open(t, okr.Config{})
	p := okrtest.Plan()
	p.Objectives = append(p.Objectives,
		okr.PlanObjective{Title: "Same words", Parent: "o1"},
		okr.PlanObjective{Title: "Same words", Parent: "o1"},
	)
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	parents := func() map[string]int {
		tree, err := h.acme.View().Tree(t.Context(), h.cycle(t).ID)
		require.NoError(t, err)
		out := map[string]int{}
		for _, o := range tree.Objectives {
			out[o.Key] = len(o.Parents)
		}
		return out
	}
	require.Equal(t, map[string]int{"o1": 0, "same-words": 1, "same-words-2": 1}, parents())
	p.Objectives[1].Parent = ""
	d, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventObjectiveChanged}, types(d.Events))
	require.Equal(t, map[string]int{"o1": 0, "same-words": 0, "same-words-2": 1}, parents())

	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	p.Objectives[1].Parent = "o1"
	_, err = h.acme.Propose(t.Context(), p)
	require.ErrorIs(t, err, okr.ErrConflict, "a plan only changes drafts")
}

func TestWhomAPlanMeans(t *testing.T) {
	people := []okr.Person{
		{ID: "a1", Name: "Ben"}, {ID: "a2", Name: "Ben"}, {ID: "ben", Name: "Benedikt"},
		{ID: "c1", Name: "Cleo", Left: true}, {ID: "c2", Name: "Cleo"},
		{ID: "d1", Name: "Dora", Email: "dora@example.org"}, {ID: "d2", Name: "dora@example.org"},
	}
	for text, want := range map[string]okr.ID{
		"ben": "ben", "@ben": "ben", "Ben": "", "cleo": "c2", "Dora@Example.org": "d1", "nobody": "",
	} {
		p := okr.Plan{Cycle: okrtest.Quarter(), People: people, Objectives: []okr.PlanObjective{{Title: "O", KeyResults: []okr.PlanKeyResult{{Title: "K", Owner: text}}}}}
		s, _, err := p.Snapshot(okrtest.SequentialIDs(), planning)
		require.NoError(t, err)
		require.Equal(t, want, s.KeyResults[0].Owner, text)
		require.Equal(t, want == "", s.KeyResults[0].OwnerText != "", text)
	}
}

// A key that is given leaves room for those that are made.
func TestGivenKeysComeFirst(t *testing.T) {
	p := okr.Plan{Cycle: okrtest.Quarter(), Objectives: []okr.PlanObjective{{Title: "Grow"}, {Key: "grow", Title: "Shrink"}}}
	s, _, err := p.Snapshot(okrtest.SequentialIDs(), planning)
	require.NoError(t, err)
	require.Equal(t, "grow-2", s.Objectives[0].Key)
	require.Equal(t, "grow", s.Objectives[1].Key)
	p.Objectives[0].Key = "grow"
	_, _, err = p.Snapshot(okrtest.SequentialIDs(), planning)
	require.Equal(t, "objectives[1].key", invalidField(t, err))
}

// A default that is spelled out is the default: it is no change.
func TestARollupPolicyFollowsThePlan(t *testing.T) {
	h := open(t, okr.Config{})
	p := okrtest.Plan()
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	p.Objectives[0].Rollup = measure.RollupPolicy{Driver: measure.DriverKeyResults, Method: measure.MethodMean, Status: measure.VoicePace}
	d, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Empty(t, d.Events)
	p.Objectives[0].Rollup.Status = measure.VoiceWeakest
	d, err = h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventObjectiveChanged}, types(d.Events))
	s, err := h.acme.View().Snapshot(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	require.Equal(t, measure.RollupPolicy{Status: measure.VoiceWeakest}, s.Objectives[0].Rollup)
}
