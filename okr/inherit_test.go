package okr_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// The nearest level that says something is followed, but for what one above it locks;
// pauses add up.
func TestCadenceIsInherited(t *testing.T) {
	on := func(d time.Weekday) *okr.Schedule { return &okr.Schedule{Frequency: okr.Weekly, Weekday: d} }
	locked := func(s *okr.Schedule) *okr.Schedule { s.Lock = true; return s }
	pause := func(day int) []okr.Span { return []okr.Span{{From: october(day), To: october(day)}} }
	type levels struct{ policy, cycle, root, team, own *okr.Schedule }
	of := func(l levels) *okr.Schedule {
		s := &okr.Snapshot{
			Cycles:     []okr.Cycle{{ID: "q4", Zone: "Europe/Zurich", Cadence: l.cycle}},
			Teams:      []okr.Team{{ID: "root", Parent: "south", Cadence: l.root}, {ID: "south", Parent: "root", Cadence: l.team}}, // a ring
			People:     []okr.Person{{ID: "ana", Zone: "Asia/Kolkata"}, {ID: "ben"}},
			Objectives: []okr.Objective{{ID: "o1", Cycle: "q4", Team: "south"}},
		}
		if l.policy != nil {
			s.Policy = &okr.Policy{Cadence: l.policy}
		}
		return s.CadenceOf(okr.KeyResult{ID: "k1", Cycle: "q4", Objective: "o1", Owner: "ana", Cadence: l.own})
	}
	require.Nil(t, of(levels{}))
	require.Nil(t, of(levels{policy: &okr.Schedule{Grace: okr.Daily}, own: &okr.Schedule{At: "09:00"}}), "nobody says how often")
	for name, test := range map[string]struct {
		levels
		want time.Weekday
	}{
		"the policy":                {levels{policy: on(1)}, 1},
		"the cycle":                 {levels{policy: on(1), cycle: on(2)}, 2},
		"the team above":            {levels{policy: on(1), cycle: on(2), root: on(3)}, 3},
		"the team":                  {levels{policy: on(1), cycle: on(2), root: on(3), team: on(4)}, 4},
		"its own":                   {levels{policy: on(1), cycle: on(2), root: on(3), team: on(4), own: on(5)}, 5},
		"what the policy locks":     {levels{policy: locked(on(1)), cycle: on(2), root: on(3), team: on(4), own: on(5)}, 1},
		"what the cycle locks":      {levels{policy: on(1), cycle: locked(on(2)), team: on(4), own: on(5)}, 2},
		"what the team above locks": {levels{cycle: on(2), root: locked(on(3)), team: on(4), own: on(5)}, 3},
		"what the team locks":       {levels{team: locked(on(4)), own: on(5)}, 4},
	} {
		require.Equal(t, test.want, of(test.levels).Weekday, name)
	}
	whole := of(levels{
		policy: &okr.Schedule{Grace: 2 * okr.Daily, Zone: okr.ZoneOwner, Pauses: pause(1)}, cycle: &okr.Schedule{Holidays: "CH-ZH", Pauses: pause(9)},
		team: on(4), own: &okr.Schedule{At: "09:00", Pauses: pause(5)},
	})
	require.Equal(t, &okr.Schedule{
		Frequency: okr.Weekly, Weekday: 4, Grace: 2 * okr.Daily, Zone: "Asia/Kolkata", Holidays: "CH-ZH", At: "09:00",
		Pauses: append(append(pause(1), pause(5)...), pause(9)...),
	}, whole)
	require.Len(t, of(levels{policy: locked(on(1)), own: &okr.Schedule{Pauses: pause(2)}}).Pauses, 1, "who is away cannot be asked, whatever is locked")
}

// A change at any level has what it concerns looked at again, and nothing else.
func TestAChangedLevelIsLookedAt(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	due := func() (out []okr.Ref) {
		all, err := h.desk.System().ClaimDue(ctx, 100)
		require.NoError(t, err)
		for _, d := range all {
			_, err := h.acme.Settle(ctx, d.Subject)
			require.NoError(t, err)
			if d.Subject.Kind == okr.KindKeyResult {
				out = append(out, d.Subject)
			}
		}
		return out
	}
	looked := func(f func() error) []okr.Ref {
		for range 5 {
			due()
		}
		require.NoError(t, f())
		return due()
	}
	k := h.keyResult(t, "k1")
	all := func() (out []okr.Ref) {
		s, err := h.acme.View().Snapshot(ctx, k.Cycle)
		require.NoError(t, err)
		for _, k := range s.KeyResults {
			if k.State == okr.Active {
				out = append(out, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
			}
		}
		return out
	}()
	require.NotEmpty(t, all)
	sync := func(d okr.Directory) func() error {
		return func() error { _, err := h.acme.SyncPeople(ctx, d); return err }
	}
	policy := func(p okr.Policy) func() error {
		return func() error { _, err := h.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: p}); return err }
	}
	require.ElementsMatch(t, all, looked(policy(okr.Policy{Cadence: &okr.Schedule{Grace: 2 * okr.Daily}})))
	require.Empty(t, looked(policy(okr.Policy{Cadence: &okr.Schedule{Grace: 2 * okr.Daily}, Budget: okr.Budget{PerDay: 1}})), "a budget changes no occurrence")
	team := okr.Team{ID: "sales", Name: "Sales", Parent: "all"}
	require.NotEmpty(t, looked(sync(okr.Directory{Teams: []okr.Team{team, {ID: "all", Name: "All"}}})))
	require.NotEmpty(t, looked(sync(okr.Directory{Teams: []okr.Team{{ID: "all", Name: "All", Parent: "sales", Cadence: &okr.Schedule{At: "09:00"}}}})), "and what lies below, though the teams stand in a ring")
	require.Empty(t, looked(sync(okr.Directory{Teams: []okr.Team{{ID: "idle", Name: "Idle", Cadence: okrtest.Weekly()}}})))
	ben := okr.Person{ID: k.Owner, Name: "Owner", Away: []okr.Span{{From: october(1), To: october(9)}}}
	require.NotEmpty(t, looked(sync(okr.Directory{People: []okr.Person{ben}})))
	require.Empty(t, looked(sync(okr.Directory{People: []okr.Person{ben}})), "the same again")
}

// Whatever a directory says of a person is noticed when it changes.
func TestEveryFieldOfAPersonIsCompared(t *testing.T) {
	typ := reflect.TypeFor[okr.Person]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Name == "ID" || f.Name == "Version" || f.Name == "AwayText" {
			continue
		}
		h := open(t, okr.Config{})
		p := okr.Person{ID: "eve", Name: "Eve"}
		_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{p}})
		require.NoError(t, err)
		v := reflect.ValueOf(&p).Elem().Field(i)
		switch f.Name {
		case "Left":
			v.SetBool(true)
		case "Kind":
			p.Kind = okr.Group
		case "Zone":
			p.Zone = "Asia/Kolkata"
		case "Away":
			p.Away = []okr.Span{{From: october(1), To: october(2)}}
		default:
			v.SetString("other")
		}
		d, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{p}})
		require.NoError(t, err, f.Name)
		require.Len(t, d.Events, 1, f.Name)
		u, err := h.store.Begin(t.Context(), false)
		require.NoError(t, err)
		all, err := u.Load(t.Context(), "acme", okr.Need{Everyone: true})
		require.NoError(t, err)
		require.NoError(t, u.Rollback(t.Context()))
		s := all.People[0]
		p.Version, s.Version = 0, 0
		if p.Kind == "" {
			p.Kind = okr.Human
		}
		require.Equal(t, p, s, f.Name)
	}
}

// When somebody was away is theirs, and goes with their name: from the row, from the
// ledger and from every view of the past.
func TestAbsenceIsErasedWithAPerson(t *testing.T) {
	h, ctx := open(t, okr.Config{}), t.Context()
	var entries []okr.Entry
	var words []okr.Word
	desk, err := okr.New(recorder{h.store, &entries, &words}, okr.Config{Clock: h.clock.Now, NewID: okrtest.SequentialIDs()})
	require.NoError(t, err)
	acme := desk.For("acme").As(ana)
	eve := okr.Person{ID: "eve", Name: "Eve", Away: []okr.Span{{From: october(5), To: october(9)}, {From: october(20), To: october(20)}}}
	_, err = acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{eve}})
	require.NoError(t, err)
	for _, e := range entries {
		for _, part := range [][]byte{e.State, e.Whole, e.Data, e.Wire} {
			require.NotContains(t, string(part), "2026-10-0")
		}
	}
	cut, err := acme.Cut(ctx)
	require.NoError(t, err)
	away := func(at *okr.Cut) []okr.Span {
		u, err := h.store.Begin(ctx, false)
		require.NoError(t, err)
		defer func() { require.NoError(t, u.Rollback(ctx)) }()
		s, err := u.Load(ctx, "acme", okr.Need{Refs: []okr.Ref{{Kind: okr.KindPerson, ID: "eve"}}, AsOf: at})
		require.NoError(t, err)
		return s.People[0].Away
	}
	require.Equal(t, eve.Away, away(nil))
	require.Equal(t, eve.Away, away(&cut))
	_, err = acme.Erase(ctx, okr.Erasing{Person: "eve"})
	require.NoError(t, err)
	require.Empty(t, away(nil))
	require.Empty(t, away(&cut))
}

// What measures a key result, what waits for its reading to grow stale, and what asks for
// its check-ins follow one rhythm.
func TestWhatIsInheritedIsMeasuredBy(t *testing.T) {
	now := time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC)
	monthly := &okr.Schedule{Frequency: okr.Monthly}
	for name, change := range map[string]func(*okr.Snapshot){
		"the policy":     func(s *okr.Snapshot) { s.Policy = &okr.Policy{Cadence: monthly} },
		"the cycle":      func(s *okr.Snapshot) { s.Cycles[0].Cadence = monthly },
		"the team above": func(s *okr.Snapshot) { s.Teams[0].Cadence = monthly },
		"the team":       func(s *okr.Snapshot) { s.Teams[1].Cadence = monthly },
		"its own":        func(s *okr.Snapshot) { s.KeyResults[0].Cadence = monthly },
		"what is locked": func(s *okr.Snapshot) {
			s.Policy = &okr.Policy{Cadence: &okr.Schedule{Frequency: okr.Monthly, Lock: true}}
			s.KeyResults[0].Cadence = okrtest.Weekly()
		},
	} {
		at := now.AddDate(0, 0, -20)
		s := &okr.Snapshot{
			Cycles:     []okr.Cycle{{ID: "q4", Zone: "UTC", Start: october(1), End: october(92)}},
			Teams:      []okr.Team{{ID: "root"}, {ID: "south", Parent: "root"}},
			Objectives: []okr.Objective{{ID: "o1", Cycle: "q4", Team: "south", State: okr.Active}},
			KeyResults: []okr.KeyResult{{
				ID: "k1", Cycle: "q4", Objective: "o1", State: okr.Active, Current: measure.N(5), CurrentAt: &at, Reading: "r1",
				Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(10)},
			}},
		}
		require.Equal(t, measure.Stale, s.Measure(now)["k1"].Status, "a week is long enough where nobody says anything")
		change(s)
		require.NotEqual(t, measure.Stale, s.Measure(now)["k1"].Status, name)
		require.Greater(t, s.FreshFor(s.KeyResults[0]), 30*24*time.Hour, name)
	}
}
