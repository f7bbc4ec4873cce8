package cadence_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// climb lets k2 be silent from 2 to 31 October, looked at every six hours, and says who
// heard of it as what, and when.
func climb(t *testing.T, h *house, each func(at time.Time)) (out []string) {
	t.Helper()
	r := cadence.NewRunner(h.desk)
	id := h.keyResult(t, "k2").ID
	for at := activated; at.Month() == time.October; at = at.Add(6 * time.Hour) {
		h.clock.Set(at)
		if each != nil {
			each(at)
		}
		drain(t, r)
		for _, e := range h.events(t) {
			p, err := e.Payload()
			require.NoError(t, err)
			if o, ok := p.(*okr.OccurrenceFact); ok && e.Type == okr.EventCheckInEscalated && o.KeyResult == id {
				out = append(out, fmt.Sprintf("%s %s as %s of %s", e.Time.Format("2"), o.To, o.Rung, o.Occurrence))
			}
		}
	}
	return out
}

// Grace ends on Saturday, the third: one working day later is Monday, three are
// Wednesday.
func TestALadderHearsOfSilence(t *testing.T) {
	everybody := []okr.Rung{{To: okr.ToOwner}, {To: okr.ToBackup, After: 1}, {To: okr.ToLead, After: 3}, {To: okr.ToReviewer, After: 5}, {To: okr.ToManager, After: 8}}
	ben := okr.Person{ID: "ben", Backup: "cem", Manager: "mia"}
	lead := okr.Team{ID: "sales", Name: "Sales", Lead: "lea", Parent: "all"}
	all := okr.Team{ID: "all", Name: "All", Lead: "max"}
	staff := []okr.Person{{ID: "ana"}, {ID: "cem"}, {ID: "lea"}, {ID: "max"}, {ID: "mia", Manager: "ida"}, {ID: "ida", Manager: "mia"}}
	with := func(people ...okr.Person) []okr.Person { return append(append([]okr.Person{ben}, staff...), people...) }
	for name, test := range map[string]struct {
		ladder []okr.Rung
		people []okr.Person
		teams  []okr.Team
		want   []string
	}{
		"by default": {nil, with(), []okr.Team{lead, all}, []string{"5 cem as backup of 2026-10-02", "7 lea as lead of 2026-10-02"}},
		"all of it": {everybody, with(), []okr.Team{lead, all}, []string{
			"5 cem as backup of 2026-10-02", "7 lea as lead of 2026-10-02", "9 ana as reviewer of 2026-10-02", "14 mia as manager of 2026-10-02"}},
		"whom nobody named":                  {nil, []okr.Person{{ID: "ben"}}, []okr.Team{{ID: "sales", Name: "Sales"}}, nil},
		"a directory that is gone":           {everybody, []okr.Person{{ID: "ben", Backup: "x", Manager: "y"}}, []okr.Team{{ID: "sales", Name: "Sales", Lead: "z", Parent: "w"}}, []string{"9 ana as reviewer of 2026-10-02"}},
		"the same person twice":              {nil, with(), []okr.Team{{ID: "sales", Name: "Sales", Lead: "cem"}}, []string{"5 cem as backup of 2026-10-02"}},
		"the owner leads":                    {nil, with(), []okr.Team{{ID: "sales", Name: "Sales", Lead: "ben", Parent: "all"}, all}, []string{"5 cem as backup of 2026-10-02", "7 max as lead of 2026-10-02"}},
		"the owner leads all of them":        {nil, with(), []okr.Team{{ID: "sales", Name: "Sales", Lead: "ben", Parent: "all"}, {ID: "all", Name: "All", Lead: "ben"}}, []string{"5 cem as backup of 2026-10-02"}},
		"a reviewer who is away":             {everybody[3:4], with(okr.Person{ID: "ana", Away: days(1, 31)}), []okr.Team{lead, all}, []string{"9 lea as reviewer of 2026-10-02"}},
		"a backup whose backup is the owner": {everybody[1:2], with(okr.Person{ID: "cem", Backup: "ben", Away: days(1, 31)}), []okr.Team{lead, all}, nil},
		"a lead who is away":                 {nil, with(okr.Person{ID: "lea", Away: days(1, 31)}), []okr.Team{lead, all}, []string{"5 cem as backup of 2026-10-02", "7 max as lead of 2026-10-02"}},
		"a lead who left, in a ring of teams": {nil, with(okr.Person{ID: "lea", Left: true}), []okr.Team{lead, {ID: "all", Name: "All", Lead: "lea", Parent: "sales"}},
			[]string{"5 cem as backup of 2026-10-02"}},
		"managers in a ring, both away": {everybody[4:], with(okr.Person{ID: "mia", Manager: "ida", Away: days(1, 31)}, okr.Person{ID: "ida", Manager: "mia", Away: days(1, 31)}), nil, nil},
		"a manager's manager":           {everybody[4:], with(okr.Person{ID: "mia", Manager: "ida", Away: days(1, 31)}), nil, []string{"14 ida as manager of 2026-10-02"}},
		"the owner again":               {[]okr.Rung{{To: okr.ToOwner, After: 2}}, with(), nil, []string{"6 ben as owner of 2026-10-02"}},
		"nobody but the owner":          {everybody[:1], with(), []okr.Team{lead}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouseOf(t, okr.Config{TellManagers: true}, okrtest.NewClock(activated))
			people := map[okr.ID]okr.Person{}
			for _, p := range test.people {
				p.Name = string(p.ID)
				people[p.ID] = p
			}
			d := okr.Directory{Teams: test.teams}
			for _, p := range people {
				d.People = append(d.People, p)
			}
			_, err := h.acme.SyncPeople(t.Context(), d)
			require.NoError(t, err)
			_, err = h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Ladder: test.ladder}})
			require.NoError(t, err)
			require.Equal(t, test.want, climb(t, h, nil))
		})
	}
}

// Who owns the key result and the objective is not their own reviewer.
func TestWhoOwnsTheObjectiveIsNoReviewerOfTheirOwn(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) { p.Objectives[0].Owner = "ben" })
	h.teams(t, "lea")
	_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Ladder: []okr.Rung{{To: okr.ToReviewer, After: 5}}}})
	require.NoError(t, err)
	require.Equal(t, []string{"9 lea as reviewer of 2026-10-02"}, climb(t, h, nil))
}

// A ladder that names the manager tells nobody where the host does not allow it, also
// where a host that does has written it.
func TestNoManagerHearsUnlessTheHostAllows(t *testing.T) {
	h := newHouse(t)
	h.sync(t, okr.Person{ID: "ben", Manager: "mia"}, okr.Person{ID: "mia"})
	open, err := okr.New(h.store, okr.Config{Clock: h.clock.Now, Calendar: cadence.New(), TellManagers: true})
	require.NoError(t, err)
	_, err = open.For("acme").As(okr.Someone("ana")).SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Ladder: []okr.Rung{{To: okr.ToManager, After: 1}}}})
	require.NoError(t, err)
	require.Empty(t, climb(t, h, nil))
}

func TestACheckInEndsTheLadder(t *testing.T) {
	setUp := func(t *testing.T) *house {
		h := newHouse(t)
		h.sync(t, okr.Person{ID: "ben", Backup: "cem"}, okr.Person{ID: "cem"})
		return h
	}
	on := func(day int, do func(at time.Time)) func(time.Time) {
		return func(at time.Time) {
			if at.Day() == day && at.Hour() == 9 {
				do(at)
			}
		}
	}
	t.Run("and the next silence begins anew", func(t *testing.T) {
		h := setUp(t)
		require.Equal(t, []string{"5 cem as backup of 2026-10-02", "12 cem as backup of 2026-10-09", "14 ana as lead of 2026-10-09"},
			climb(t, h, on(6, func(time.Time) { checkIn(t, h, "k2") })))
	})
	t.Run("whoever takes care of it holds it", func(t *testing.T) {
		h := setUp(t)
		require.Equal(t, []string{"5 cem as backup of 2026-10-02", "21 ana as lead of 2026-10-02"}, climb(t, h, on(6, func(at time.Time) {
			d, err := h.acme.As(okr.Someone("cem")).Acknowledge(t.Context(), okr.Acknowledging{KeyResult: h.keyResult(t, "k2").ID, Until: at.AddDate(0, 0, 15)})
			require.NoError(t, err)
			p, err := d.Events[0].Payload()
			require.NoError(t, err)
			require.Equal(t, okr.ID("cem"), p.(*okr.AcknowledgedFact).By)
		})))
		require.Equal(t, []okr.ToldRung{
			{As: okr.ToBackup, To: "cem", At: time.Date(2026, time.October, 5, 15, 0, 0, 0, time.UTC)},
			{As: okr.ToLead, To: "ana", At: time.Date(2026, time.October, 21, 9, 0, 0, 0, time.UTC)},
		}, h.occurrence(t, "k2", "2026-10-02").Told)
	})
	t.Run("and so does an absence that excuses", func(t *testing.T) {
		h := setUp(t)
		require.Equal(t, []string{"5 cem as backup of 2026-10-02"}, climb(t, h, on(6, func(time.Time) { h.sync(t, okr.Person{ID: "ben", Away: days(1, 31)}) })))
	})
	t.Run("a pause does not count", func(t *testing.T) {
		h := setUp(t)
		_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Cadence: &okr.Schedule{Pauses: days(6, 18)}}})
		require.NoError(t, err)
		require.Equal(t, []string{"5 cem as backup of 2026-10-02", "20 ana as lead of 2026-10-02"}, climb(t, h, nil))
	})
	t.Run("the silent are told of once after downtime", func(t *testing.T) {
		h := setUp(t)
		drain(t, cadence.NewRunner(h.desk))
		h.events(t)
		h.at(18, 15)
		drain(t, cadence.NewRunner(h.desk))
		escalated := 0
		for _, e := range h.events(t) {
			if e.Type == okr.EventCheckInEscalated && e.Aggregate.ID == h.keyResult(t, "k2").ID {
				p, err := e.Payload()
				require.NoError(t, err)
				require.Equal(t, okr.ToLead, p.(*okr.OccurrenceFact).Rung, "the highest rung that was reached")
				require.Equal(t, 16, p.(*okr.OccurrenceFact).OverdueDays)
				escalated++
			}
		}
		require.Equal(t, 1, escalated)
	})
}

func TestOverdueByNineDaysIsSaidOnce(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence.Every = 2 })
	h.anyDay(t)
	drain(t, cadence.NewRunner(h.desk))
	h.events(t)
	h.at(11, 15) // nine days after the second
	for range 3 {
		drain(t, cadence.NewRunner(h.desk))
	}
	said := 0
	for _, n := range h.notices(t) {
		if n.To == "ana" && n.Kind == cadence.KindOverdue {
			require.Contains(t, n.Body, "overdue by 9 days")
			said++
		}
	}
	require.Equal(t, 1, said)
}

// What is private is told to nobody who may not see it: neither to a backup nor to the
// lead of the team above.
func TestTheLadderOfSomethingPrivate(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) { p.Objectives[0].Private = true })
	_, err := h.acme.SyncPeople(t.Context(), okr.Directory{
		People: []okr.Person{{ID: "ben", Name: "Ben", Team: "sales", Backup: "cem"}, {ID: "cem", Name: "Cem"}, {ID: "lea", Name: "Lea", Left: true}, {ID: "max", Name: "Max"}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: "lea", Parent: "all"}, {ID: "all", Name: "All", Lead: "max"}},
	})
	require.NoError(t, err)
	require.Empty(t, climb(t, h, nil))
}

func TestACheckInIsAcknowledgedOnce(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	k := h.keyResult(t, "k2").ID
	d, err := h.acme.As(okr.Someone("ben")).CheckIn(ctx, okr.CheckIn{KeyResult: k, Value: measure.N(10)})
	require.NoError(t, err)
	var id okr.ID
	for _, e := range d.Events {
		if p, _ := e.Payload(); e.Type == okr.EventCheckInRecorded {
			id = p.(*okr.CheckInRecorded).CheckIn
		}
	}
	_, err = h.acme.As(okr.Someone("ben")).Acknowledge(ctx, okr.Acknowledging{KeyResult: k, CheckIn: id})
	require.ErrorIs(t, err, okr.ErrConflict, "one's own")
	_, err = h.acme.As(okr.Service("bot")).Acknowledge(ctx, okr.Acknowledging{KeyResult: k, CheckIn: id})
	require.ErrorIs(t, err, okr.ErrInvalid, "a program reads nothing")
	_, err = h.acme.Acknowledge(ctx, okr.Acknowledging{KeyResult: k, CheckIn: "nowhere"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	for field, a := range map[string]okr.Acknowledging{
		"until":      {KeyResult: k},
		"key_result": {CheckIn: id},
	} {
		_, err := h.acme.Acknowledge(ctx, a)
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, field, invalid.Field)
	}
	for _, until := range []time.Time{h.clock.Now(), h.clock.Now().AddDate(0, 2, 0)} {
		_, err := h.acme.Acknowledge(ctx, okr.Acknowledging{KeyResult: k, Until: until})
		require.ErrorIs(t, err, okr.ErrInvalid)
	}
	for want := range 2 {
		d, err := h.acme.Acknowledge(ctx, okr.Acknowledging{KeyResult: k, CheckIn: id})
		require.NoError(t, err)
		require.Len(t, d.Events, 1-want)
	}
	got, err := h.acme.View().Acknowledgements(ctx, k)
	require.NoError(t, err)
	require.Equal(t, []okr.Acknowledgement{{CheckIn: id, By: "ana", At: h.clock.Now()}}, got)
	drain(t, cadence.NewRunner(h.desk))
	require.Contains(t, titles(h.notices(t)), "ben: Check-in read: Cut first response time from 12 to 4 hours")
}

// Nobody takes care of their own silence: they check in, or have their absence reported.
func TestOnesOwnSilenceIsNotAcknowledged(t *testing.T) {
	care := func(h *house, who okr.ID) error {
		_, err := h.acme.As(okr.Someone(who)).Acknowledge(t.Context(), okr.Acknowledging{KeyResult: h.keyResult(t, "k2").ID, Until: h.clock.Now().AddDate(0, 0, 5)})
		return err
	}
	silence := func(ben okr.Person) *house {
		h := newHouse(t)
		h.sync(t, ben, okr.Person{ID: "cem"}, okr.Person{ID: "dan"})
		h.clock.Set(october2026(1, 16))
		drain(t, cadence.NewRunner(h.desk))
		h.clock.Set(october2026(5, 9))
		return h
	}
	h := silence(okr.Person{ID: "ben", Backup: "cem"})
	var conflict *okr.ConflictError
	require.ErrorAs(t, care(h, "ben"), &conflict)
	require.Contains(t, conflict.Error(), "check in")
	require.NoError(t, care(h, "cem"), "who was not asked")

	h = silence(okr.Person{ID: "ben", Backup: "cem", Away: days(1, 9)})
	require.ErrorAs(t, care(h, "cem"), &conflict, "who was asked in their place")
	require.ErrorAs(t, care(h, "ben"), &conflict, "whose it is")
	require.NoError(t, care(h, "dan"))

	h.sync(t, okr.Person{ID: "ben"})
	drain(t, cadence.NewRunner(h.desk))
	require.NoError(t, care(h, "cem"), "of whom nothing is asked any more")
}
