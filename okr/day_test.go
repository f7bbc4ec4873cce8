package okr_test

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// ledgers is a store that keeps what is written to it.
type ledgers struct {
	okr.Store
	wrote *[]okr.Changes
}

type ledgersUnit struct {
	okr.Unit
	wrote *[]okr.Changes
}

func (l ledgers) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := l.Store.Begin(ctx, write)
	return ledgersUnit{u, l.wrote}, err
}

func (u ledgersUnit) Nested(ctx context.Context) (okr.Unit, error) {
	n, err := u.Unit.Nested(ctx)
	return ledgersUnit{n, u.wrote}, err
}

func (u ledgersUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	*u.wrote = append(*u.wrote, c)
	return u.Unit.Write(ctx, t, c)
}

// calm is a plan whose key results lie as far from their path as they are told to,
// with nothing else that time could change.
func calm(behind ...float64) okr.Plan {
	p := okr.Plan{Cycle: okrtest.Quarter(), People: []okr.Person{{ID: "ana", Name: "Ana Lima"}}}
	p.Cycle.Cadence = nil
	for i, v := range behind {
		p.Objectives = append(p.Objectives, okr.PlanObjective{
			Key: fmt.Sprintf("o%d", i), Title: fmt.Sprintf("Objective %d", i), Owner: "ana",
			KeyResults: []okr.PlanKeyResult{{
				Key: fmt.Sprintf("k%d", i), Title: fmt.Sprintf("Raise number %d from 0 to 100", i), Owner: "ana", Current: measure.N(v),
				Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)},
				Source: &okr.Source{Kind: "manual", Where: "a list", Interval: okr.Quarterly, Access: []string{"ana"}},
			}},
		})
	}
	return p
}

// After a midnight only what it has changed is claimed and written, however many
// there are.
func TestAChangeOfDayWritesOnlyWhatItChanged(t *testing.T) {
	var wrote []okr.Changes
	clock := okrtest.NewClock(planning)
	desk, err := okr.New(ledgers{memory.New(), &wrote}, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: fridays{}})
	require.NoError(t, err)
	h := house{desk: desk, clock: clock, acme: desk.For("acme").As(ana)}
	_, err = h.acme.Propose(t.Context(), calm(slices.Repeat([]float64{50}, 40)...))
	require.NoError(t, err)
	clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	// Of forty, three are ten points behind on the tenth day.
	for i := range 40 {
		v := 50.0
		if i < 3 {
			v = 0
		}
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, fmt.Sprintf("k%d", i)).ID, Value: measure.N(v)})
		require.NoError(t, err)
	}
	settle(t, h)
	changed := map[okr.ID]bool{}
	for day := range 20 {
		clock.Set(time.Date(2026, time.October, 1+day, 22, 0, 0, 0, time.UTC)) // midnight in Zurich
		wrote = nil
		d := settle(t, h)
		told := map[okr.Ref]bool{}
		for _, e := range d.Events {
			require.Contains(t, []string{okr.EventStatusChanged, okr.EventObjectiveStatus}, e.Type)
			told[e.Aggregate] = true
			changed[e.Aggregate.ID] = true
		}
		rows, settled := 0, map[okr.Ref]bool{}
		for _, c := range wrote {
			rows += len(c.KeyResults) + len(c.Objectives)
			for _, r := range c.Settled {
				settled[r] = true
			}
			for _, st := range c.Standings {
				require.True(t, st.Subject.Kind == okr.KindCycle || told[st.Subject], "%s was not changed, and is written", st.Subject)
			}
		}
		require.Len(t, settled, len(told)+1, "those that changed, and the cycle")
		require.Equal(t, len(told), rows)
	}
	require.Len(t, changed, 6, "three key results and their objectives")
}

func TestTheDaysOfACycle(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), calm(0))
	require.NoError(t, err)
	settle(t, h)
	cycle := okr.Ref{Kind: okr.KindCycle, ID: h.cycle(t).ID}
	claimed := func() bool {
		due, err := h.desk.System().ClaimDue(t.Context(), 100)
		require.NoError(t, err)
		for _, d := range due {
			_, err := h.acme.Settle(t.Context(), d.Subject)
			require.NoError(t, err)
		}
		return slices.ContainsFunc(due, func(d okr.Due) bool { return d.Subject == cycle })
	}
	h.clock.Set(time.Date(2026, time.September, 28, 9, 0, 0, 0, time.UTC))
	require.False(t, claimed(), "of drafts nothing is announced")
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: cycle.ID})
	require.NoError(t, err)
	settle(t, h)
	days := 0
	for h.clock.Now().Before(time.Date(2027, time.January, 10, 0, 0, 0, 0, time.UTC)) {
		midnight := h.cycle(t).Today(h.clock.Now()).AddDays(1).In(zurich(t))
		h.clock.Set(midnight.Add(-time.Microsecond))
		require.False(t, claimed(), midnight)
		h.clock.Set(midnight)
		require.True(t, claimed(), "also when the clocks change: %s", midnight)
		settle(t, h)
		days++
	}
	require.Equal(t, 105, days)
	_, err = h.acme.Close(t.Context(), okr.Closing{Cycle: cycle.ID, Waive: unreviewed})
	require.NoError(t, err)
	h.clock.Advance(48 * time.Hour)
	require.True(t, claimed(), "for the last time")
	h.clock.Advance(30 * 24 * time.Hour)
	require.False(t, claimed())
	_, err = h.acme.Settle(t.Context(), okr.Ref{Kind: okr.KindCycle, ID: "no such cycle"})
	require.NoError(t, err)
}

func zurich(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Zurich")
	require.NoError(t, err)
	return loc
}

// Whoever was away for days catches up with all of it at once.
func TestADayThatNobodyLookedAt(t *testing.T) {
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), calm(0, 100))
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k0").ID, Value: measure.N(0)})
	require.NoError(t, err)
	settle(t, h)
	h.clock.Set(time.Date(2026, time.November, 20, 13, 0, 0, 0, time.UTC))
	require.Equal(t, []string{"key_result.status-changed"}, only(settle(t, h).Events, okr.EventStatusChanged))
	require.Empty(t, settle(t, h).Events)
}

// weekdays decides statuses by what day it is, finds fault on Mondays and with what
// nobody is sure of, and asks to look on Wednesdays at one, and at the next midnight.
type weekdays struct{ gates }

func (weekdays) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	v := okr.Verdict{Statuses: map[okr.ID]measure.Status{}}
	wednesday := p.Now.Truncate(24 * time.Hour).Add(13 * time.Hour)
	for wednesday.Weekday() != time.Wednesday || !wednesday.After(p.Now) {
		wednesday = wednesday.Add(24 * time.Hour)
	}
	for _, k := range asked(p) {
		c := p.After.Cycle(k.Cycle)
		zone, err := c.Location()
		if err != nil {
			return okr.Verdict{}, err
		}
		day, r := c.Today(p.Now), okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		if int(day.Weekday()) == len(k.Title)%7 {
			v.Statuses[k.ID] = measure.OffTrack
		}
		if day.Weekday() == time.Monday || k.Stated == measure.AtRisk {
			v.Findings = append(v.Findings, okr.Finding{Rule: "monday", Pack: "gates", Digest: "d1", Severity: okr.SeverityInfo, Outcome: okr.OutcomeFail, Subject: r, Message: day.String()})
		}
		v.Look = append(v.Look, okr.Look{Subject: r, At: wednesday}, okr.Look{Subject: r, At: day.AddDays(1).In(zone)})
	}
	return v, nil
}

// asked are the key results that a judge answers for.
func asked(p okr.Proposal) []okr.KeyResult {
	if len(p.Subjects) == 0 && p.Verb == okr.VerbView {
		return p.After.KeyResults
	}
	var out []okr.KeyResult
	for _, r := range p.Subjects {
		if k := p.After.KeyResult(r.ID); k != nil {
			out = append(out, *k)
		}
	}
	return out
}

// announced is what a decision announces, without what differs by chance.
func announced(at time.Time, es []okr.Event) []string {
	var out []string
	for _, e := range es {
		out = append(out, fmt.Sprintf("%s %s %s %s", at.Format(time.RFC3339), e.Type, e.Aggregate, e.Data))
	}
	sort.Strings(out)
	return out
}

// step is something that somebody does at some time.
type step struct {
	at time.Time
	do func(ctx context.Context, acme okr.Tenant) error
}

func anyCycle(t *rapid.T) (okr.Plan, []step) {
	p := okr.Plan{
		Cycle:  okrtest.Quarter(),
		People: []okr.Person{{ID: "ana", Name: "Ana Lima", Team: "sales"}, {ID: "ben", Name: "Ben Okafor", Team: "sales"}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana"}},
	}
	p.Cycle.Key, p.Cycle.Name, p.Cycle.End = "2026-10", "October", measure.NewDate(2026, time.November, 4) // the clocks change in it, twice
	p.Cycle.Zone = rapid.SampledFrom([]string{"UTC", "Europe/Zurich", "America/New_York", "Pacific/Auckland"}).Draw(t, "zone")
	if rapid.Bool().Draw(t, "no rhythm") {
		p.Cycle.Cadence = nil
	}
	objectives, keyResults := rapid.IntRange(1, 3).Draw(t, "objectives"), rapid.IntRange(1, 3).Draw(t, "key results of each")
	var keys []string
	for i := range objectives {
		o := okr.PlanObjective{Key: fmt.Sprintf("o%d", i), Title: fmt.Sprintf("Objective %d", i), Team: "sales", Owner: "ana"}
		o.Rollup.Driver = measure.DriverBoth
		if i > 0 {
			o.Parent = fmt.Sprintf("o%d", i-1)
		}
		for j := range keyResults {
			key := fmt.Sprintf("k%d%d", i, j)
			keys = append(keys, key)
			x := okr.PlanKeyResult{
				Key: key, Title: fmt.Sprintf("Raise number %s from 0 to 100%s", key, "      "[:rapid.IntRange(0, 6).Draw(t, "title")]),
				Owner:  rapid.SampledFrom([]string{"ana", "ben"}).Draw(t, "owner"),
				Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)},
				Source: &okr.Source{Kind: "manual", Where: "a list", Interval: rapid.SampledFrom([]okr.Interval{okr.EveryWeek, okr.Quarterly}).Draw(t, "interval"), Access: []string{"ana"}},
			}
			if rapid.IntRange(0, 3).Draw(t, "threshold") == 0 {
				x.Metric = measure.Metric{Kind: measure.AtLeast, Target: measure.N(60)}
			}
			if rapid.IntRange(0, 3).Draw(t, "due") == 0 {
				x.Due = p.Cycle.Start.AddDays(rapid.IntRange(10, 34).Draw(t, "due day"))
			}
			o.KeyResults = append(o.KeyResults, x)
		}
		p.Objectives = append(p.Objectives, o)
	}
	find := func(ctx context.Context, acme okr.Tenant, key string) (okr.KeyResult, error) {
		for k, err := range acme.View().All(ctx, okr.Query{}) {
			if err != nil || k.Key == key {
				return k.KeyResult, err
			}
		}
		return okr.KeyResult{}, fmt.Errorf("no key result %s", key)
	}
	start := time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC)
	steps := []step{{start.AddDate(0, 0, rapid.IntRange(-5, 5).Draw(t, "activated")), func(ctx context.Context, acme okr.Tenant) error {
		cs, err := acme.View().Cycles(ctx)
		if err != nil {
			return err
		}
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cs[0].ID})
		return err
	}}}
	for range rapid.IntRange(0, 15).Draw(t, "steps") {
		at := start.AddDate(0, 0, 6).Add(time.Duration(rapid.IntRange(0, 32*24*60).Draw(t, "minute")) * time.Minute)
		key := rapid.SampledFrom(keys).Draw(t, "key")
		value := float64(rapid.IntRange(0, 120).Draw(t, "value"))
		what := rapid.SampledFrom([]string{"check-in", "check-in", "check-in", "override", "pause", "resume", "leave", "rhythm"}).Draw(t, "what")
		steps = append(steps, step{at, func(ctx context.Context, acme okr.Tenant) error {
			k, err := find(ctx, acme, key)
			if err != nil {
				return err
			}
			change := okr.KeyResultChange{KeyResult: k.ID, Reason: "so it goes"}
			postponed, active := okr.Postponed, okr.Active
			switch what {
			case "check-in":
				if k.State != okr.Active {
					return nil
				}
				_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(value), Stated: []measure.Status{measure.OnTrack, measure.AtRisk}[int(value)%2]})
				return err
			case "leave":
				_, err = acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben Okafor", Team: "sales", Left: value > 60}}})
				return err
			case "override":
				change.Override = &okr.StatusOverride{Status: measure.AtRisk, Reason: "we know better", Until: at.Add(time.Duration(value+24) * time.Hour)}
			case "pause":
				change.State = &postponed
			case "resume":
				change.State = &active
			case "rhythm":
				change.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Weekday(int(value) % 7)}
			}
			if k.State == okr.Postponed && what != "resume" {
				return nil
			}
			_, err = acme.Change(ctx, change)
			return err
		}})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	return p, steps
}

// live lets a cycle pass and says what was announced when: settling is only what
// is due, or at each midnight everything there is.
func live(t *rapid.T, judge okr.Judge, p okr.Plan, steps []step, everything bool) [][]string {
	ctx := context.Background()
	clock := okrtest.NewClock(planning)
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: rhythmic{}, Judge: judge})
	require.NoError(t, err)
	acme := desk.For("acme").As(ana)
	_, err = acme.Propose(ctx, p)
	require.NoError(t, err)
	cs, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	zone, err := cs[0].Location()
	require.NoError(t, err)
	runner := acme.As(okr.Automation("cadence"))

	var out [][]string
	look := func(all bool) {
		var es []okr.Event
		note := func(refs ...okr.Ref) {
			d, err := runner.Settle(ctx, refs...)
			require.NoError(t, err)
			es = append(es, d.Events...)
		}
		if all {
			s, err := acme.View().Snapshot(ctx, cs[0].ID)
			require.NoError(t, err)
			for _, k := range s.KeyResults {
				note(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
			}
			for _, o := range s.Objectives {
				note(okr.Ref{Kind: okr.KindObjective, ID: o.ID})
			}
		}
		for n := 0; ; n++ {
			require.Less(t, n, 50, "it never comes to rest")
			due, err := desk.System().ClaimDue(ctx, 3)
			require.NoError(t, err)
			if len(due) == 0 {
				break
			}
			var refs []okr.Ref
			for _, d := range due {
				refs = append(refs, d.Subject)
			}
			note(refs...)
		}
		out = append(out, announced(clock.Now(), es))
	}
	next := 0
	for day := cs[0].Start.AddDays(-6); !day.After(cs[0].End.AddDays(5)); day = day.AddDays(1) {
		midnight := day.In(zone)
		stops := []time.Time{midnight.Add(9 * time.Hour), midnight.Add(16*time.Hour + time.Minute)}
		clock.Set(midnight)
		look(everything)
		for _, stop := range stops {
			for next < len(steps) && !steps[next].at.After(stop) {
				if steps[next].at.After(clock.Now()) {
					clock.Set(steps[next].at)
				}
				require.NoError(t, steps[next].do(ctx, acme))
				next++
				look(false)
			}
			clock.Set(stop)
			look(false)
		}
	}
	return out
}

// To settle a change of day by what it has changed announces what settling every
// subject at every midnight does: the same, at the same instants.
func TestADayIsSettledAsIfEverySubjectWere(t *testing.T) {
	for name, judge := range map[string]okr.Judge{"arithmetic": nil, "a judge that decides by the day": weekdays{}} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p, steps := anyCycle(t)
				every, only := live(t, judge, p, steps, true), live(t, judge, p, steps, false)
				for i := range every {
					require.Equal(t, every[i], only[i])
				}
			})
		})
	}
}
