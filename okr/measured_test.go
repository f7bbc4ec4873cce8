package okr_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

var onNovemberTenth = time.Date(2026, time.November, 10, 12, 0, 0, 0, time.UTC)

// shop is a company of a few objectives, each with one key result, in two cycles.
type shop struct{ s okr.Snapshot }

func newShop() *shop {
	return &shop{okr.Snapshot{Cycles: []okr.Cycle{
		{ID: "year", Zone: "UTC", Start: measure.NewDate(2026, 1, 1), End: measure.NewDate(2026, 12, 31)},
		{ID: "quarter", Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)},
	}}}
}

func (x *shop) objective(id okr.ID, cycle okr.ID, p measure.RollupPolicy, parents ...okr.Share) *shop {
	x.s.Objectives = append(x.s.Objectives, okr.Objective{ID: id, Cycle: cycle, State: okr.Active, Rollup: p, Parents: parents})
	return x
}

// keyResult goes from 0 to 100, and stands at the value.
func (x *shop) keyResult(id, objective okr.ID, value float64, f ...func(*okr.KeyResult)) *shop {
	at := onNovemberTenth.Add(-time.Hour)
	k := okr.KeyResult{
		ID: id, Objective: objective, Cycle: "quarter", State: okr.Active, Current: measure.N(value), CurrentAt: &at, Reading: "r-" + id,
		Metric: measure.Metric{Kind: measure.Increase, Unit: "EUR", Baseline: measure.N(0), Target: measure.N(100)},
	}
	for _, f := range f {
		f(&k)
	}
	x.s.KeyResults = append(x.s.KeyResults, k)
	return x
}

func (x *shop) measure() map[okr.ID]measure.Result {
	x.s.Sort()
	return x.s.Measure(onNovemberTenth)
}

func progress(t *testing.T, want float64, r measure.Result) {
	t.Helper()
	v, ok := r.Progress.Value()
	require.True(t, ok, "unknown: %s", r.Reason)
	require.InDelta(t, want, v, 1e-9)
}

var (
	byChildren = measure.RollupPolicy{Driver: measure.DriverChildren}
	byBoth     = measure.RollupPolicy{Driver: measure.DriverBoth}
)

func TestWhatDrivesAnObjective(t *testing.T) {
	with := func(p measure.RollupPolicy) measure.Result {
		return newShop().objective("top", "year", p).keyResult("k0", "top", 10).
			objective("a", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top"}).keyResult("k1", "a", 40).
			objective("b", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top", Weight: measure.N(3)}).keyResult("k2", "b", 80).
			objective("c", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top", Weight: measure.N(0)}).keyResult("k3", "c", 100).
			measure()["top"]
	}
	progress(t, 0.1, with(measure.RollupPolicy{}))
	progress(t, 0.7, with(byChildren))
	progress(t, (0.1+0.4+3*0.8)/5, with(byBoth))
	r := with(measure.RollupPolicy{Driver: measure.DriverBoth, Status: measure.VoiceWeakest})
	require.Equal(t, measure.OffTrack, r.Status)
	require.Contains(t, with(byChildren).Derivations()[0].String(), "weight 0 (c)", "what is aligned without contributing is listed")
}

func TestAnObjectiveWithSeveralParents(t *testing.T) {
	m := newShop().objective("x", "year", byChildren).objective("y", "year", byBoth).keyResult("k0", "y", 0).
		objective("a", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "x", Weight: measure.N(0.3)}, okr.Share{Objective: "y", Weight: measure.N(3)}).
		keyResult("k1", "a", 60).measure()
	progress(t, 0.6, m["x"])
	progress(t, 0.45, m["y"])
}

func TestChildrenOfOtherCyclesCount(t *testing.T) {
	x := newShop().objective("top", "year", byChildren).
		objective("now", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top"}).keyResult("k1", "now", 50).
		objective("long", "year", measure.RollupPolicy{}, okr.Share{Objective: "top"}).
		keyResult("k2", "long", 100, func(k *okr.KeyResult) { k.Cycle = "year" }).
		objective("elsewhere", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "not loaded"}).keyResult("k3", "elsewhere", 50)
	m := x.measure()
	progress(t, 0.75, m["top"])
	e1, _ := m["now"].Expected.Value()
	e2, _ := m["long"].Expected.Value()
	e, _ := m["top"].Expected.Value()
	require.InDelta(t, (e1+e2)/2, e, 1e-9, "each by the calendar of its own cycle")
}

func TestWhatNobodyPromisedDoesNotCount(t *testing.T) {
	state := func(s okr.State) func(*okr.KeyResult) { return func(k *okr.KeyResult) { k.State = s } }
	x := newShop().objective("top", "year", byChildren).objective("a", "quarter", byBoth, okr.Share{Objective: "top"}).
		keyResult("k1", "a", 50).keyResult("k2", "a", 100, state(okr.Draft)).keyResult("k3", "a", 100, state(okr.Abandoned)).keyResult("k4", "a", 100, state(okr.Postponed)).
		keyResult("k5", "a", 0, func(k *okr.KeyResult) { k.Role = okr.Guardrail })
	for _, s := range []okr.State{okr.Abandoned, okr.Postponed, okr.Draft} {
		id := okr.ID("dropped-" + s)
		x.objective(id, "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top"}).keyResult("k-"+id, id, 100)
		x.s.Objectives[len(x.s.Objectives)-1].State = s
	}
	m := x.measure()
	progress(t, 0.5, m["a"])
	progress(t, 0.5, m["top"])
	require.Equal(t, 1.0, m["top"].Coverage)
	progress(t, 1, m["k3"])
}

func TestUnknownGoesUpAsUnknown(t *testing.T) {
	dark := func(k *okr.KeyResult) { k.Current = measure.Number{} }
	x := newShop().objective("top", "year", byChildren).
		objective("a", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top"}).keyResult("k1", "a", 50).
		objective("b", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top"}).keyResult("k2", "b", 0, dark).
		objective("c", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top"})
	m := x.measure()
	require.InDelta(t, 1.0/3, m["top"].Coverage, 1e-9)
	progress(t, 0.5, m["top"])
	require.Equal(t, measure.Unknown, m["top"].Status, "one of three does not speak for the whole")
}

func TestASumOverKeyResultsAndChildren(t *testing.T) {
	sum := measure.RollupPolicy{Driver: measure.DriverBoth, Method: measure.MethodSum}
	m := newShop().objective("top", "year", sum).keyResult("k0", "top", 40).
		objective("a", "quarter", sum, okr.Share{Objective: "top"}).keyResult("k1", "a", 90).keyResult("k2", "a", 20).measure()
	require.Equal(t, &measure.Amount{Unit: "EUR", Baseline: measure.N(0), Target: measure.N(300), Value: measure.N(150)}, m["top"].Amount)
	progress(t, 0.5, m["top"])
	require.Equal(t, measure.N(150), m["top"].Current)
}

// Rings are refused where they are written. One that stands all the same must not
// hang whoever measures.
func TestARingOfParents(t *testing.T) {
	for _, private := range []bool{false, true} {
		x := newShop().objective("top", "year", byChildren).
			objective("a", "quarter", byBoth, okr.Share{Objective: "b"}, okr.Share{Objective: "top"}).keyResult("k1", "a", 50).
			objective("b", "quarter", byBoth, okr.Share{Objective: "c"}).keyResult("k2", "b", 50).
			objective("c", "quarter", byBoth, okr.Share{Objective: "a"}).keyResult("k3", "c", 50).
			objective("d", "quarter", byBoth, okr.Share{Objective: "top"}, okr.Share{Objective: "d"}).keyResult("k4", "d", 50).
			objective("e", "quarter", byBoth, okr.Share{Objective: "top"}, okr.Share{Objective: "f"}).keyResult("k5", "e", 50).
			objective("f", "quarter", byBoth, okr.Share{Objective: "e", Weight: measure.N(0)}).keyResult("k6", "f", 50).
			objective("z", "quarter", byBoth)
		x.s.Objectives[len(x.s.Objectives)-1].Private = private // which goes another way
		m := x.measure()
		for _, id := range []okr.ID{"a", "b", "c", "d"} {
			require.Equal(t, measure.Unknown, m[id].Status, id)
			require.False(t, m[id].Progress.Known(), id)
			require.NotEmpty(t, m[id].Reason, id)
		}
		for _, id := range []okr.ID{"top", "e", "f"} {
			progress(t, 0.5, m[id])
		}
		require.InDelta(t, 1.0/3, m["top"].Coverage, 1e-9)
	}
}

// Of an objective that merely stands around what was asked for, some children may
// be missing: what the others come to is not what it comes to.
func TestWhatWasNotReadWhollyIsUnknown(t *testing.T) {
	for _, private := range []bool{false, true} {
		x := newShop().objective("top", "year", byBoth).keyResult("k0", "top", 100).
			objective("a", "quarter", measure.RollupPolicy{}, okr.Share{Objective: "top"}).keyResult("k1", "a", 50)
		x.s.Objectives[1].Private = private
		x.s.Partial = []okr.ID{"top"}
		m := x.measure()
		require.Equal(t, measure.Unknown, m["top"].Status)
		require.Contains(t, m["top"].Reason, "read")
		progress(t, 0.5, m["a"])
	}
}

// Measuring is what measuring each and rolling up each comes to, whatever the
// snapshot.
func TestASnapshotIsMeasuredAsItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		n := rapid.SampledFrom([]int{1, 5, 20, 150}).Draw(t, "objectives")
		x := newShop()
		state := func() okr.State {
			return []okr.State{okr.Active, okr.Active, okr.Active, okr.Draft, okr.Done, okr.Abandoned, okr.Postponed}[d.IntN(7)]
		}
		at := onNovemberTenth.Add(-time.Hour)
		for i := range n {
			o := okr.Objective{ID: okr.ID(fmt.Sprintf("o%03d", d.IntN(1000)*1000+i)), Cycle: []okr.ID{"year", "quarter", "gone"}[d.IntN(3)], State: state()}
			o.Rollup = []measure.RollupPolicy{{}, byChildren, byBoth, byBoth, {Driver: measure.DriverBoth, Status: measure.VoiceWeakest}}[d.IntN(5)]
			for range d.IntN(3) {
				if i > 0 {
					o.Parents = append(o.Parents, okr.Share{Objective: x.s.Objectives[d.IntN(i)].ID, Weight: []measure.Number{{}, measure.N(0), measure.N(2)}[d.IntN(3)]})
				}
			}
			x.s.Objectives = append(x.s.Objectives, o)
		}
		for i := range 3 * n {
			o := x.s.Objectives[d.IntN(n)].ID
			if d.IntN(20) == 0 {
				o = "gone"
			}
			x.keyResult(okr.ID(fmt.Sprintf("k%03d", i)), o, d.Float64()*120, func(k *okr.KeyResult) {
				k.Cycle, k.State = []okr.ID{"year", "quarter", "gone"}[d.IntN(3)], state()
				k.Weight = []measure.Number{{}, measure.N(0), measure.N(2.5)}[d.IntN(3)]
				if d.IntN(3) == 0 {
					k.Current = measure.Number{}
				} else if d.IntN(3) == 0 {
					old := at.AddDate(0, -1, 0)
					k.CurrentAt = &old
				}
				if d.IntN(6) == 0 {
					k.Role = okr.Guardrail
				}
			})
		}
		x.s.Sort()
		s := &x.s
		all, m := s.MeasureAll(onNovemberTenth), s.Measure(onNovemberTenth)
		require.Len(t, m, len(s.KeyResults)+len(s.Objectives))
		counts := func(of, parent okr.State) bool {
			return of == okr.Active || of == okr.Done || of == okr.Draft && parent != okr.Active
		}
		done := map[okr.ID]measure.Result{}
		var roll func(o *okr.Objective) measure.Result
		roll = func(o *okr.Objective) measure.Result {
			if r, ok := done[o.ID]; ok {
				return r
			}
			var parts []measure.Part
			if o.Rollup.Driver.KeyResults() {
				for _, k := range s.KeyResultsOf(o.ID) {
					if counts(k.State, o.State) {
						r := m[k.ID]
						parts = append(parts, measure.Part{
							ID: string(k.ID), Weight: k.Weight.Or(1), Guardrail: k.Role == okr.Guardrail, Progress: r.Progress, Expected: r.Expected, Status: r.Status,
						})
					}
				}
			}
			if o.Rollup.Driver.Children() {
				for i := range s.Objectives {
					c := &s.Objectives[i]
					for _, p := range c.Parents {
						if p.Objective == o.ID && counts(c.State, o.State) {
							parts = append(parts, measure.Contribution(string(c.ID), p.Weight.Or(1), roll(c)))
						}
					}
				}
			}
			r := measure.Rollup(parts, measure.RollupOptions{Status: o.Rollup.Status})
			done[o.ID] = r
			return r
		}
		for i := range s.Objectives {
			o := &s.Objectives[i]
			want, got := roll(o), m[o.ID]
			require.Equal(t, want.Status, got.Status)
			require.Equal(t, want.Progress.Known(), got.Progress.Known())
			require.InDelta(t, want.Progress.Or(0), got.Progress.Or(0), 1e-9)
			require.InDelta(t, want.Gap.Or(0), got.Gap.Or(0), 1e-9)
			require.InDelta(t, want.Coverage, got.Coverage, 1e-9)
			require.Equal(t, got.Status, all.Objectives[i].Status)
			for _, d := range got.Derivations() {
				v, text, err := measure.Recompute(d)
				require.NoError(t, err)
				require.True(t, d.Value.Equal(v) && d.Text == text, d)
				require.Equal(t, onNovemberTenth, d.AsOf)
				if d.Of == "progress" {
					require.InDelta(t, got.Progress.Or(-1), v.Or(-1), 1e-9)
				}
			}
		}
		for i, k := range s.KeyResults {
			require.Equal(t, m[k.ID], all.KeyResults[i])
		}
	})
}

// A parent follows its children whoever looks: settled on its own, seen in its
// cycle, or loaded around one of its children, where it says nothing rather than
// half of it.
func TestAParentIsMeasuredWithAllItsChildren(t *testing.T) {
	h := open(t, okr.Config{})
	p := okrtest.Plan()
	p.Objectives[0].Rollup = byBoth
	number := measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)}
	p.Objectives = append(p.Objectives,
		okr.PlanObjective{Key: "mid", Title: "In the middle", Parent: "o1", Rollup: byChildren},
		okr.PlanObjective{Key: "low", Title: "Below", Parent: "mid", KeyResults: []okr.PlanKeyResult{{Key: "k", Title: "Raise it", Metric: number, Current: measure.N(100)}}},
		okr.PlanObjective{Key: "low2", Title: "Below too", Parent: "mid", KeyResults: []okr.PlanKeyResult{{Key: "k", Title: "Raise it", Metric: number, Current: measure.N(0)}}},
	)
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	tree, err := h.acme.View().Tree(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	whole := map[string]okr.ObjectiveView{}
	for _, o := range tree.Objectives {
		whole[o.Key] = o
	}
	progress(t, 0.5, whole["mid"].Measured.Result)
	require.Less(t, whole["o1"].Measured.Coverage, 1.0, "its own key results have no reading yet")
	other := measure.RollupPolicy{Driver: measure.DriverKeyResults}
	d, err := h.acme.ChangeObjective(t.Context(), okr.ObjectiveChange{Objective: whole["mid"].ID, Rollup: &other, Reason: "a try"})
	require.NoError(t, err)
	require.False(t, d.Subjects[0].After.Progress.Known(), "it has no key results of its own")
	d, err = h.acme.ChangeObjective(t.Context(), okr.ObjectiveChange{Objective: whole["mid"].ID, Rollup: &byChildren, Reason: "back again"})
	require.NoError(t, err)
	require.Equal(t, whole["mid"].Measured.Progress, d.Subjects[0].After.Progress, "at once, and not when it is settled")
	for _, key := range []string{"o1", "mid", "low"} {
		d, err := h.acme.Settle(t.Context(), okr.Ref{Kind: okr.KindObjective, ID: whole[key].ID})
		require.NoError(t, err)
		require.Equal(t, whole[key].Measured.Progress, d.Subjects[0].After.Progress, key)
		require.Equal(t, whole[key].Measured.Coverage, d.Subjects[0].After.Coverage, key)
	}
}
