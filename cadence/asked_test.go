package cadence_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func october(day int) okr.Date { return measure.NewDate(2026, time.October, day) }

func days(from, to int) []okr.Span { return []okr.Span{{From: october(from), To: october(to)}} }

// sync changes what the directory says of Ben, who owns k2 and k3, and of others.
func (h *house) sync(t require.TestingT, people ...okr.Person) {
	for i := range people {
		if people[i].Name == "" {
			people[i].Name = string(people[i].ID)
		}
	}
	_, err := h.acme.SyncPeople(context.Background(), okr.Directory{People: people})
	require.NoError(t, err)
}

// occurrence is what one occurrence of a key result has come to.
func (h *house) occurrence(t require.TestingT, key, occurrence string) okr.OccurrenceView {
	all, err := h.acme.View().Occurrences(context.Background(), h.keyResult(t, key).ID)
	require.NoError(t, err)
	for _, o := range all {
		if o.Key == occurrence {
			return o
		}
	}
	require.FailNow(t, "no such occurrence", occurrence)
	return okr.OccurrenceView{}
}

// checkIns are the events of occurrences of a key result since the last call.
func (h *house) asked(t require.TestingT, key string) (out []string) {
	id := h.keyResult(t, key).ID
	for _, e := range h.events(t) {
		p, err := e.Payload()
		require.NoError(t, err)
		if o, ok := p.(*okr.OccurrenceFact); ok && o.KeyResult == id {
			said := e.Type[len(okr.EventPrefix+"checkin."):] + " " + o.Occurrence
			if o.To != "" {
				said += " to " + string(o.To)
			}
			out = append(out, said)
		}
	}
	return out
}

// The first Friday is 2 October; the ninth is due at 14:00 UTC, and its grace ends on
// Saturday. Whoever was away on all working days of that is excused.
func TestAbsenceExcuses(t *testing.T) {
	for name, test := range map[string]struct {
		away  []okr.Span
		grace okr.Interval
		zone  string
		want  okr.OccurrenceClass
	}{
		"nobody is away":                       {nil, 0, "", okr.OccurrenceMissed},
		"for the week":                         {days(5, 9), 0, "", okr.OccurrenceExcused},
		"on the day when it is due":            {days(9, 9), 0, "", okr.OccurrenceExcused},
		"until the day before":                 {days(1, 8), 0, "", okr.OccurrenceMissed},
		"from the day after":                   {days(10, 20), 0, "", okr.OccurrenceMissed},
		"back while grace lasts":               {days(5, 12), 4 * okr.Daily, "", okr.OccurrenceMissed},
		"away through a weekend and all grace": {days(9, 13), 4 * okr.Daily, "", okr.OccurrenceExcused},
		"in two parts":                         {append(days(9, 9), days(12, 13)...), 4 * okr.Daily, "", okr.OccurrenceExcused},
		"where it is Saturday already":         {days(9, 9), 0, "Pacific/Kiritimati", okr.OccurrenceMissed},
		"and Saturday is what they took":       {days(10, 10), 0, "Pacific/Kiritimati", okr.OccurrenceExcused},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence.Grace = test.grace })
			h.sync(t, okr.Person{ID: "ben", Away: test.away, Zone: test.zone})
			r := cadence.NewRunner(h.desk)
			for day := 1; day <= 17; day++ {
				h.at(day, 15)
				drain(t, r)
			}
			require.Equal(t, test.want, h.occurrence(t, "k2", "2026-10-09").Class)
			require.Equal(t, okr.OccurrenceMissed, h.occurrence(t, "k1", "2026-10-09").Class, "Ana is here")
			for _, n := range h.notices(t) {
				if test.want == okr.OccurrenceExcused && n.To == "ben" {
					require.NotContains(t, n.Body, "9 October", "whoever is away is asked nothing, and hears nothing of it")
				}
			}
		})
	}
}

func TestAnAbsenceThatIsToldLaterExcusesWhatWasMissed(t *testing.T) {
	h := newHouse(t)
	r := cadence.NewRunner(h.desk)
	h.at(18, 9)
	drain(t, r)
	require.Equal(t, okr.OccurrenceMissed, h.occurrence(t, "k2", "2026-10-09").Class)
	require.Equal(t, okr.OccurrenceOverdue, h.occurrence(t, "k2", "2026-10-16").Class)
	h.asked(t, "k2")
	h.sync(t, okr.Person{ID: "ben", Away: days(5, 16)})
	drain(t, r)
	require.ElementsMatch(t, []string{"excused 2026-10-09", "excused 2026-10-16"}, h.asked(t, "k2"))
	require.Equal(t, okr.OccurrenceExcused, h.occurrence(t, "k2", "2026-10-09").Class)
	h.sync(t, okr.Person{ID: "ben"})
	drain(t, r)
	require.Empty(t, h.asked(t, "k2"), "what is excused stays so")
	require.Equal(t, okr.OccurrenceMissed, h.occurrence(t, "k2", "2026-10-02").Class)
}

func TestWhoeverStandsInIsAsked(t *testing.T) {
	for name, test := range map[string]struct {
		people []okr.Person
		want   string
	}{
		"the backup":                       {[]okr.Person{{ID: "cem"}}, "due 2026-10-09 to cem"},
		"the backup of the backup":         {[]okr.Person{{ID: "cem", Backup: "dov", Away: days(1, 31)}, {ID: "dov"}}, "due 2026-10-09 to dov"},
		"nobody, where all are away":       {[]okr.Person{{ID: "cem", Backup: "dov", Away: days(1, 31)}, {ID: "dov", Away: days(1, 31)}}, ""},
		"nobody, where they are in a ring": {[]okr.Person{{ID: "cem", Backup: "ben", Away: days(1, 31)}}, ""},
		"nobody, where the backup left":    {[]okr.Person{{ID: "cem", Left: true}}, ""},
		"nobody, where there is no backup": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.sync(t, append(test.people, okr.Person{ID: "ben", Backup: "cem", Away: days(7, 14)})...)
			r := cadence.NewRunner(h.desk)
			drain(t, r)
			h.at(7, 9)
			drain(t, r)
			h.asked(t, "k2")
			h.at(8, 15)
			drain(t, r)
			if test.want == "" {
				require.NotContains(t, h.asked(t, "k2"), "due 2026-10-09")
				h.at(9, 15)
				drain(t, r)
				require.Equal(t, okr.OccurrenceExcused, h.occurrence(t, "k2", "2026-10-09").Class)
				return
			}
			require.Contains(t, h.asked(t, "k2"), test.want)
			_, err := h.acme.As(okr.Someone(okr.ID(test.want[len(test.want)-3:]))).CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k2").ID, Value: measure.N(11)})
			require.NoError(t, err)
			require.Equal(t, okr.OccurrenceOnTime, h.occurrence(t, "k2", "2026-10-09").Class)
		})
	}
}

// What a source keeps up to date nobody is asked for; one confirmation answers.
func TestALiveSourceAsksNobody(t *testing.T) {
	live := func(p *okr.Plan) {
		p.Objectives[0].KeyResults[1].Source = &okr.Source{Kind: "sql", Where: "the help desk", Interval: okr.Daily}
	}
	deliver := func(h *house, x okr.Collected) {
		x.KeyResult, x.Source = h.keyResult(t, "k2").ID, "sql"
		if x.Error == "" {
			x.Readings = []okr.Measurement{{Value: measure.N(9), OccurredAt: h.clock.Now()}}
		}
		_, err := h.acme.Record(t.Context(), x)
		require.NoError(t, err)
	}
	// week lets a source deliver day by day up to the ninth, and says what was asked.
	week := func(h *house, until int) []string {
		r := cadence.NewRunner(h.desk)
		var out []string
		for day := 1; day <= 10; day++ {
			h.at(day, 15)
			if day <= until {
				deliver(h, okr.Collected{})
			}
			drain(t, r)
			out = append(out, h.asked(t, "k2")...)
		}
		return out
	}
	t.Run("as long as it lives", func(t *testing.T) {
		h := newHouse(t, live)
		require.Equal(t, []string{"skipped 2026-10-02", "skipped 2026-10-09"}, week(h, 10))
		o := h.occurrence(t, "k2", "2026-10-09")
		require.Equal(t, okr.OccurrenceNotApplicable, o.Class)
		team, err := h.acme.View().Rhythm(t.Context(), h.keyResult(t, "k2").Cycle, "sales")
		require.NoError(t, err)
		require.Equal(t, 2, team.KeyResults, "it has no rhythm of its own to keep")
	})
	t.Run("and no longer", func(t *testing.T) {
		require.Equal(t, []string{"skipped 2026-10-02", "due 2026-10-09", "overdue 2026-10-09"}, week(newHouse(t, live), 5))
	})
	t.Run("unless it fails", func(t *testing.T) {
		h := newHouse(t, live)
		week(h, 10)
		h.at(15, 9)
		deliver(h, okr.Collected{Error: "connection refused"})
		h.at(15, 15)
		drain(t, cadence.NewRunner(h.desk))
		require.Equal(t, []string{"due 2026-10-16"}, h.asked(t, "k2"))
	})
	t.Run("unless somebody overrides it by hand", func(t *testing.T) {
		h := newHouse(t, live)
		h.at(5, 9)
		o := okr.StatusOverride{Status: measure.AtRisk, Reason: "the help desk counts robots", Until: time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC)}
		_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, "k2").ID, Override: &o})
		require.NoError(t, err)
		require.Contains(t, week(h, 10), "due 2026-10-09")
	})
	t.Run("unless the policy asks all the same", func(t *testing.T) {
		h := newHouse(t, live)
		_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{AskLive: true}})
		require.NoError(t, err)
		require.Contains(t, week(h, 10), "due 2026-10-09")
	})
	t.Run("and one confirmation answers", func(t *testing.T) {
		h := newHouse(t, live)
		id := h.keyResult(t, "k2").ID
		confirm := okr.CheckIn{KeyResult: id, Confirm: true, Confidence: measure.N(8)}
		_, err := h.acme.CheckIn(t.Context(), confirm)
		require.ErrorIs(t, err, okr.ErrInvalid, "there is nothing to confirm yet")
		h.at(2, 9)
		deliver(h, okr.Collected{})
		before := h.keyResult(t, "k2")
		d, err := h.acme.CheckIn(t.Context(), confirm)
		require.NoError(t, err)
		p, err := d.Events[len(d.Events)-1].Payload()
		require.NoError(t, err)
		require.Equal(t, measure.N(9), p.(*okr.CheckInRecorded).Value)
		require.Equal(t, before.Reading, h.keyResult(t, "k2").Reading, "no new reading")
		require.Equal(t, okr.OccurrenceOnTime, h.occurrence(t, "k2", "2026-10-02").Class)
		for name, c := range map[string]okr.CheckIn{
			"with a value": {KeyResult: id, Confirm: true, Value: measure.N(9)}, "of the past": {KeyResult: id, Confirm: true, OccurredAt: h.clock.Now().Add(-time.Hour)},
		} {
			_, err := h.acme.CheckIn(t.Context(), c)
			require.ErrorIs(t, err, okr.ErrInvalid, name)
		}
		h.at(6, 9)
		_, err = h.acme.CheckIn(t.Context(), confirm)
		require.ErrorContains(t, err, "has not delivered since", "what is stale cannot be confirmed")
		_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k1").ID, Confirm: true})
		require.ErrorIs(t, err, okr.ErrInvalid, "people bring it")
	})
}

func TestARecentCheckInSparesTheNextQuestion(t *testing.T) {
	for within, want := range map[okr.Interval]okr.OccurrenceClass{0: okr.OccurrenceDue, 2 * okr.Daily: okr.OccurrenceDue, 4 * okr.Daily: okr.OccurrenceNotApplicable} {
		h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence.SkipWithin = within })
		r := cadence.NewRunner(h.desk)
		h.at(6, 9)
		drain(t, r)
		checkIn(t, h, "k2") // on Tuesday, for the second
		require.Equal(t, okr.OccurrenceLate, h.occurrence(t, "k2", "2026-10-02").Class)
		h.at(8, 15)
		drain(t, r)
		require.Equal(t, want, h.occurrence(t, "k2", "2026-10-09").Class, within)
		h.at(16, 15)
		drain(t, r)
		require.Equal(t, okr.OccurrenceDue, h.occurrence(t, "k2", "2026-10-16").Class, "it spares one")
	}
}

func TestOccurrencesOfACycleAreListed(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence.Pauses = days(14, 27) })
	r := cadence.NewRunner(h.desk)
	h.at(1, 15)
	drain(t, r)
	checkIn(t, h, "k1")
	h.at(9, 15)
	drain(t, r)
	all, err := h.acme.View().Occurrences(t.Context(), h.keyResult(t, "k1").ID)
	require.NoError(t, err)
	require.Len(t, all, 13)
	got := map[string]okr.OccurrenceClass{}
	for _, o := range all[:6] {
		got[o.Key] = o.Class
	}
	require.Equal(t, map[string]okr.OccurrenceClass{
		"2026-10-02": okr.OccurrenceOnTime, "2026-10-09": okr.OccurrenceDue, "2026-10-16": okr.OccurrenceNotApplicable, "2026-10-23": okr.OccurrenceNotApplicable,
		"2026-10-30": okr.OccurrencePending, "2026-11-06": okr.OccurrencePending,
	}, got)
	require.Equal(t, okr.NotAskedPaused, all[2].Why)
	require.Equal(t, time.Date(2026, time.October, 30, 15, 0, 0, 0, time.UTC), all[4].Due)
	_, err = h.acme.View().Occurrences(t.Context(), "nowhere")
	require.ErrorIs(t, err, okr.ErrNotFound)
	for _, read := range []func(okr.View) error{
		func(v okr.View) error { _, err := v.Occurrences(t.Context(), h.keyResult(t, "k1").ID); return err },
		func(v okr.View) error {
			_, err := v.Rhythm(t.Context(), h.keyResult(t, "k1").Cycle, "sales")
			return err
		},
	} {
		require.ErrorIs(t, read(h.acme.View().For(okr.ForCompensation)), okr.ErrDenied, "nobody is paid by it")
	}
}

// Pauses until 9 November keep the longer grace from ending.
func TestWhatWasOverdueStaysSoThoughTheScheduleGivesItLonger(t *testing.T) {
	h := newHouse(t)
	from := measure.NewDate(2026, time.October, 26)
	_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Cadence: &okr.Schedule{At: "16:00", Pauses: []okr.Span{{From: from, To: from.AddDays(14)}}}}})
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.November, 4, 3, 0, 0, 0, time.UTC)) // and nobody has looked so far
	_, err = h.acme.SyncPeople(t.Context(), okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: &okr.Schedule{Grace: 3 * okr.Daily}}}})
	require.NoError(t, err)
	settleAll(t, h)
	require.Equal(t, okr.OccurrenceOverdue, classes(t, h)["k1 2026-10-23"])
	overdue := 0
	for _, e := range h.events(t) {
		if e.Type == okr.EventCheckInOverdue && e.Aggregate.ID == h.keyResult(t, "k1").ID {
			overdue++
		}
	}
	require.Equal(t, 1, overdue)
}
