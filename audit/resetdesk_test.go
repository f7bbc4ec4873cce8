package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// ward is a company whose plan does not work.
type ward struct {
	ctx   context.Context
	clock *okrtest.Clock
	desk  *okr.Desk
	acme  okr.Tenant
	cycle okr.ID
	reset okr.ID
}

func newWard(t require.TestingT, ctx context.Context, plan okr.Plan, config okr.Config) *ward { //nolint:revive // a rapid.T is no testing.T
	w := &ward{ctx: ctx, clock: okrtest.NewClock(time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC))}
	if config.Judge == nil {
		live, err := opened()
		require.NoError(t, err)
		config.Judge = audit.New(live)
	}
	config.Clock, config.NewID, config.Calendar = w.clock.Now, okrtest.SequentialIDs(), cadence.New()
	var err error
	w.desk, err = okr.New(memory.New(), config)
	require.NoError(t, err)
	w.acme = w.desk.For("acme").As(okr.Someone("ana"))
	_, err = w.acme.Propose(ctx, plan)
	require.NoError(t, err)
	cycles, err := w.acme.View().Cycles(ctx)
	require.NoError(t, err)
	w.cycle = cycles[0].ID
	return w
}

func (w *ward) start(t require.TestingT) {
	d, err := w.acme.StartReset(w.ctx, okr.NewReset{Cycle: w.cycle})
	require.NoError(t, err)
	w.reset = d.Subjects[0].ID
}

func (w *ward) view(t require.TestingT) okr.ResetView {
	v, err := w.acme.View().Reset(w.ctx, w.reset)
	require.NoError(t, err)
	return v
}

func (w *ward) advance() (okr.Decision, error) {
	return w.acme.AdvanceReset(w.ctx, okr.ResetAdvance{Reset: w.reset})
}

func (w *ward) snapshot(t require.TestingT) *okr.Snapshot {
	s, err := w.acme.View().Snapshot(w.ctx, w.cycle)
	require.NoError(t, err)
	return s
}

func (w *ward) keyResult(t require.TestingT, key string) okr.KeyResult {
	s := w.snapshot(t)
	i := slices.IndexFunc(s.KeyResults, func(k okr.KeyResult) bool { return k.Key == key })
	require.GreaterOrEqual(t, i, 0, key)
	return s.KeyResults[i]
}

// mend does away with one missing thing, going by what it is called.
func (w *ward) mend(t require.TestingT, m okr.Missing) {
	id := m.Subject.ID
	k := *w.snapshot(t).KeyResult(id)
	must := func(_ okr.Decision, err error) { require.NoError(t, err, "%+v", m) }
	change := func(c okr.KeyResultChange) {
		c.KeyResult, c.Reason = id, "the reset"
		must(w.acme.Change(w.ctx, c))
	}
	ana := okr.ID("ana")
	switch m.What {
	case audit.LacksRebuilding:
		title, none := fmt.Sprintf("Raise the %s index from 10 to 20 points", k.Key), okr.Date{}
		change(okr.KeyResultChange{Title: &title, Due: &none, Metric: &measure.Metric{Kind: measure.Increase, Unit: "points", Baseline: measure.N(10), Target: measure.N(20)}})
	case audit.LacksSource:
		change(okr.KeyResultChange{Source: manual("Sheet")})
	case audit.LacksConfirming:
		must(w.acme.Vouch(w.ctx, okr.Vouching{Reset: w.reset, KeyResult: id, For: okr.VouchSource}))
	case audit.LacksReason:
		must(w.acme.Vouch(w.ctx, okr.Vouching{Reset: w.reset, KeyResult: id, For: okr.VouchAside, Reason: "not now"}))
	case audit.LacksOwner:
		change(okr.KeyResultChange{Owner: &ana})
	case audit.LacksRhythm, audit.LacksDueDate:
		change(okr.KeyResultChange{Cadence: okrtest.Weekly()})
	case audit.LacksActivation:
		_, err := w.acme.Activate(w.ctx, okr.Activation{Subjects: []okr.Ref{{Kind: okr.KindObjective, ID: k.Objective}, {Kind: okr.KindKeyResult, ID: id}}})
		if !errors.Is(err, okr.ErrRefused) { // something else of it is missing as well
			require.NoError(t, err)
		}
	case audit.LacksCheckIn:
		if k.State == okr.Active { // or its activation is missing as well
			must(w.acme.CheckIn(w.ctx, okr.CheckIn{KeyResult: id, Value: measure.N(12), Confidence: measure.N(5), Note: "where we stand"}))
		}
	default:
		require.Fail(t, "nobody knows how to mend it", "%+v", m)
	}
}

func manual(where string) *okr.Source {
	return &okr.Source{Kind: "manual", Where: where, Interval: okr.EveryWeek, Access: []string{"everyone"}}
}

// wretched is a plan as one finds them: n key results of which hardly anything is said.
func wretched(n int) okr.Plan {
	p := okr.Plan{
		Cycle:  okrtest.Quarter(),
		People: []okr.Person{{ID: "ana", Name: "Ana Lima"}, {ID: "ben", Name: "Ben Okafor"}, {ID: "crew", Name: "Crew", Kind: okr.Group}, {ID: "gone", Name: "Gia Ott", Left: true}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana"}, {ID: "north", Name: "North", Parent: "sales"}, {ID: "plant", Name: "Plant", Lead: "ben"}},
	}
	p.Cycle.Cadence = nil
	for i := range n {
		if i%4 == 0 {
			p.Objectives = append(p.Objectives, okr.PlanObjective{Key: fmt.Sprint("o", i/4), Title: fmt.Sprint("Be better at thing ", i/4), Team: []string{"sales", "north", "plant"}[i/4%3]})
		}
		o := &p.Objectives[len(p.Objectives)-1]
		o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{Key: fmt.Sprint("k", i), Title: fmt.Sprint("Improve thing ", string(rune('a'+i)))})
	}
	return p
}

// Twelve bad key results go from audit to first check-in, and no week opens before its
// time; what is said to be missing is all that there is to do.
func TestTwelveBadKeyResultsAreReset(t *testing.T) {
	w := newWard(t, t.Context(), wretched(12), okr.Config{})
	w.start(t)
	for week := okr.WeekAudit; week <= okr.WeekCheckIn; week++ {
		v := w.view(t)
		require.Equal(t, week, v.Week)
		if week > okr.WeekAudit {
			require.NotEmpty(t, v.Missing)
			before := w.version(t)
			_, err := w.advance()
			var e *okr.ResetError
			require.ErrorAs(t, err, &e)
			require.ErrorIs(t, err, okr.ErrRefused)
			require.Equal(t, v.Missing, e.Missing)
			require.Equal(t, before, w.version(t), "a refusal writes nothing")
		}
		w.mendAll(t)
		d, err := w.advance()
		require.NoError(t, err)
		require.Len(t, d.Events, 1)
		w.clock.Advance(7 * 24 * time.Hour)
	}
	v := w.view(t)
	require.Equal(t, okr.ResetFinished, v.State)
	require.Equal(t, okr.ResetCounts{KeyResults: 12, Work: 12, Mended: 12, CheckedIn: 12, ByHand: 12}, v.Steps[len(v.Steps)-1].Counts)
	require.Len(t, w.snapshot(t).KeyResults, 12)
	_, err := w.advance()
	require.ErrorIs(t, err, okr.ErrConflict, "it is over")

	// What becomes of a key result later is no matter of the reset.
	title := "Improve"
	for _, r := range v.Rows {
		_, err := w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: r.KeyResult, Title: &title, Reason: "later"})
		require.NoError(t, err)
	}
	later := w.view(t)
	require.Equal(t, v.Counts, later.Counts)
	for i, r := range later.Rows {
		require.Equal(t, v.Rows[i].Now, r.Now)
		require.True(t, r.Mended)
		require.Equal(t, okr.ByHand, r.Tracked.As)
	}
}

func (w *ward) version(t require.TestingT) int64 {
	events, err := w.acme.View().Events(w.ctx, okr.Ref{Kind: okr.KindReset, ID: w.reset}, 0)
	require.NoError(t, err)
	return int64(len(events))
}

// mendAll does all that is missing, as it is named.
func (w *ward) mendAll(t require.TestingT) {
	for range 8 {
		all := w.view(t).Missing
		if len(all) == 0 {
			return
		}
		done := map[string]bool{}
		for _, m := range all {
			if key := m.What + string(m.Subject.ID); !done[key] {
				done[key] = true
				w.mend(t, m)
			}
		}
	}
	require.Empty(t, w.view(t).Missing, "what is missing, once mended, is missing no more")
}

// Whatever people do in whatever order: a week opens if, and only if, nothing is said
// to be missing; what opened was earned, as somebody finds who counts otherwise; and
// no key result is ever lost.
func TestNoWeekOpensBeforeItsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := wretched(rapid.IntRange(1, 6).Draw(t, "key results"))
		for i := range plan.Objectives {
			for j := range plan.Objectives[i].KeyResults {
				k := &plan.Objectives[i].KeyResults[j]
				if rapid.Bool().Draw(t, "has a number") {
					k.Metric = measure.Metric{Kind: measure.Increase, Unit: "points", Baseline: measure.N(1), Target: measure.N(float64(rapid.IntRange(1, 3).Draw(t, "target")))}
				}
				if rapid.Bool().Draw(t, "has a source") {
					k.Source = manual(rapid.SampledFrom([]string{"", "Book"}).Draw(t, "where"))
				}
				k.Owner = rapid.SampledFrom([]string{"", "ana", "ben", "crew", "gone", "Nobody Known"}).Draw(t, "owner")
			}
		}
		w := newWard(t, context.Background(), plan, okr.Config{})
		w.start(t)
		n := len(w.snapshot(t).KeyResults)
		for range rapid.IntRange(5, 25).Draw(t, "steps") {
			v := w.view(t)
			if v.State != okr.ResetOpen {
				break
			}
			switch rapid.SampledFrom([]string{"advance", "advance", "mend", "mend", "mend", "mend all", "drop", "add", "leave", "unsource", "wait"}).Draw(t, "what") {
			case "advance":
				before := w.version(t)
				_, err := w.advance()
				if len(v.Missing) == 0 {
					require.NoError(t, err)
					w.earned(t, v.Week)
				} else {
					var e *okr.ResetError
					require.ErrorAs(t, err, &e)
					require.Equal(t, v.Missing, e.Missing)
					require.Equal(t, before, w.version(t))
				}
			case "mend":
				if len(v.Missing) > 0 {
					m := rapid.SampledFrom(v.Missing).Draw(t, "missing")
					if m.Subject.Kind == okr.KindKeyResult {
						w.mend(t, m)
					}
				}
			case "mend all":
				if !slices.ContainsFunc(v.Missing, func(m okr.Missing) bool { return m.What == audit.LacksKeyResults }) {
					w.mendAll(t)
				}
			case "drop":
				k := rapid.SampledFrom(w.snapshot(t).KeyResults).Draw(t, "dropped")
				if state := okr.Postponed; k.State == okr.Draft || k.State == okr.Active {
					_, err := w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: k.ID, State: &state, Reason: rapid.SampledFrom([]string{"", "later"}).Draw(t, "reason")})
					require.NoError(t, err)
				}
			case "add":
				n++
				p := wretched(0)
				p.Objectives = []okr.PlanObjective{{Key: fmt.Sprint("late", n), Title: "An afterthought", KeyResults: []okr.PlanKeyResult{{Key: "k", Title: "More of it"}}}}
				_, err := w.acme.Propose(w.ctx, p)
				require.NoError(t, err)
			case "leave":
				who := rapid.SampledFrom([]okr.ID{"ben", "gone"}).Draw(t, "who")
				_, err := w.acme.SyncPeople(w.ctx, okr.Directory{People: []okr.Person{{ID: who, Name: string(who), Left: rapid.Bool().Draw(t, "left")}}})
				require.NoError(t, err)
			case "unsource":
				k := rapid.SampledFrom(w.snapshot(t).KeyResults).Draw(t, "another source")
				_, err := w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: k.ID, Source: manual("Somewhere else")})
				require.NoError(t, err)
			case "wait":
				// Within the quarter, after which nothing can be promised any more.
				w.clock.Advance(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			}
			require.Len(t, w.snapshot(t).KeyResults, n)
		}
	})
}

// earned counts by itself what the exit of a week asks for.
func (w *ward) earned(t require.TestingT, week int) {
	s := w.snapshot(t)
	x := s.Reset(w.reset)
	for _, k := range s.KeyResults {
		if k.State != okr.Draft && k.State != okr.Active {
			continue
		}
		require.NotNil(t, x.Row(k.ID), "it is on the worksheet")
		if week >= okr.WeekRebuild {
			require.True(t, k.Metric.Decidable(), k.Title)
			require.False(t, k.Metric.Standstill(), k.Title)
			require.NotNil(t, k.Source)
			require.NotEmpty(t, k.Source.Kind)
			read := slices.ContainsFunc(s.CheckInsOf(k.ID), func(c okr.CheckInRecord) bool { return c.Value.Known() })
			require.True(t, read || slices.ContainsFunc(x.Vouched, func(v okr.Vouched) bool {
				return v.KeyResult == k.ID && v.For == okr.VouchSource && v.Source == k.Source.Named()
			}), "its source is known to exist")
		}
		if week >= okr.WeekOwners {
			p := s.Person(k.Owner)
			require.NotNil(t, p, k.Title)
			require.True(t, p.Kind == okr.Human && !p.Left)
			require.NotNil(t, s.CadenceOf(k))
			require.Equal(t, okr.Active, k.State)
		}
		if week >= okr.WeekCheckIn {
			require.True(t, slices.ContainsFunc(s.CheckInsOf(k.ID), func(c okr.CheckInRecord) bool {
				return !c.OccurredAt.Before(*x.Opened(okr.WeekCheckIn)) && c.Value.Known() && c.Confidence.Known() && c.Note != ""
			}))
		}
	}
}
