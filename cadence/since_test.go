package cadence_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func utc(day, hour int) time.Time { return time.Date(2026, time.October, day, hour, 0, 0, 0, time.UTC) }

// scheduled has the team follow another schedule than the cycle's.
func (h *house) scheduled(t require.TestingT, s okr.Schedule) {
	_, err := h.acme.SyncPeople(context.Background(), okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: &s}}})
	require.NoError(t, err)
}

// A person who settles, as a page that shows what is current does, takes nothing away from
// those who are to hear of it.
func TestWhatAPersonSettlesIsToldAllTheSame(t *testing.T) {
	for _, who := range []okr.ID{"ana", "eve"} {
		h := newHouse(t, func(p *okr.Plan) { p.Objectives[0].Private = true })
		h.sync(t, okr.Person{ID: "eve"})
		r := cadence.NewRunner(h.desk)
		drain(t, r)
		h.notices(t)
		h.clock.Set(utc(1, 15))
		k := okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, "k2").ID}
		for range 2 {
			d, err := h.acme.As(okr.Someone(who)).Settle(t.Context(), k)
			require.NoError(t, err)
			require.Empty(t, d.Audience)
		}
		drain(t, r)
		h.clock.Set(utc(2, 8))
		drain(t, r)
		var due string
		for _, e := range h.events(t) {
			if e.Type == okr.EventCheckInDue && e.Aggregate == k {
				require.Equal(t, okr.Someone(who), e.Actor)
				due = e.ID
			}
		}
		require.NotEmpty(t, due)
		told := 0
		for _, n := range notices(t, h.told) {
			if n.To == "ben" && slices.Contains(n.About, due) {
				told++
			}
		}
		require.Equal(t, 1, told, "settled by %s", who)
	}
}

// Another time of day, grace or lead moves no occurrence: what was silent is silent still,
// whoever looked in between.
func TestTermsOfAScheduleChangeWithoutAPast(t *testing.T) {
	for name, s := range map[string]okr.Schedule{
		"at": {At: "17:00"}, "grace": {Grace: 2 * okr.Daily}, "lead": {Lead: 2 * okr.Daily}, "none": {Holidays: ""},
	} {
		for _, down := range []bool{false, true} {
			h := newHouse(t)
			r := cadence.NewRunner(h.desk)
			for at := utc(1, 10); !at.After(utc(19, 16)); at = at.Add(6 * time.Hour) {
				h.clock.Set(at)
				if at.Equal(utc(7, 10)) && name != "none" {
					h.scheduled(t, s)
				}
				if !down || at.Before(utc(1, 12)) || at.Equal(utc(19, 16)) {
					drain(t, r)
				}
			}
			var got []okr.OccurrenceClass
			for _, o := range []string{"2026-10-02", "2026-10-09", "2026-10-16"} {
				got = append(got, h.occurrence(t, "k2", o).Class)
			}
			require.Equal(t, []okr.OccurrenceClass{okr.OccurrenceMissed, okr.OccurrenceMissed, okr.OccurrenceOverdue}, got, "%s, down %v", name, down)
		}
	}
}

// Another weekday has no past, from when it was said and not from when somebody looked.
func TestAnotherWeekdayHoldsFromWhenItWasSaid(t *testing.T) {
	for _, down := range []bool{false, true} {
		for how, say := range map[string]func(t *testing.T, h *house, s okr.Schedule){
			"team": func(t *testing.T, h *house, s okr.Schedule) { h.scheduled(t, s) },
			"policy": func(t *testing.T, h *house, s okr.Schedule) {
				_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Cadence: &s}})
				require.NoError(t, err)
			},
			"itself": func(t *testing.T, h *house, s okr.Schedule) {
				_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, "k2").ID, Cadence: &s})
				require.NoError(t, err)
			},
		} {
			h := newHouse(t, func(p *okr.Plan) {
				if how == "policy" {
					p.Cycle.Cadence = nil
				}
			})
			if how == "policy" {
				say(t, h, okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday})
			}
			r := cadence.NewRunner(h.desk)
			h.clock.Set(utc(1, 10))
			drain(t, r)
			h.clock.Set(utc(7, 10))
			say(t, h, okr.Schedule{Frequency: okr.Weekly, Weekday: time.Tuesday})
			if !down {
				drain(t, r)
			}
			h.clock.Set(utc(15, 10))
			drain(t, r)
			require.Equal(t, okr.OccurrenceOverdue, h.occurrence(t, "k2", "2026-10-13").Class, "%s, down %v", how, down)
			early := h.occurrence(t, "k2", "2026-10-06")
			require.Equal(t, []any{okr.OccurrenceNotApplicable, okr.NotAskedEarlier}, []any{early.Class, early.Why}, "%s, down %v", how, down)
		}
	}
}

// What somebody was excused from while they were away stays so, whoever owns it afterwards
// and whoever looked when.
func TestWhatAnAbsenceExcusedStaysExcused(t *testing.T) {
	for name, then := range map[string]func(t *testing.T, h *house){
		"handed over": func(t *testing.T, h *house) {
			_, err := h.acme.HandOver(t.Context(), okr.HandOver{From: "ben", To: "dan", Reason: "a new team"})
			require.NoError(t, err)
		},
		"absence withdrawn": func(t *testing.T, h *house) { h.sync(t, okr.Person{ID: "ben"}) },
		"a backup":          func(t *testing.T, h *house) { h.sync(t, okr.Person{ID: "ben", Away: days(1, 3), Backup: "dan"}) },
		"live is asked": func(t *testing.T, h *house) {
			_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{AskLive: true}})
			require.NoError(t, err)
		},
	} {
		for _, down := range []bool{false, true} {
			h := newHouse(t)
			h.sync(t, okr.Person{ID: "ben", Away: days(1, 3)}, okr.Person{ID: "dan"})
			r := cadence.NewRunner(h.desk)
			h.clock.Set(utc(1, 10))
			drain(t, r)
			if !down {
				h.clock.Set(utc(2, 15))
				drain(t, r)
			}
			h.clock.Set(utc(4, 10))
			then(t, h)
			h.clock.Set(utc(5, 10))
			drain(t, r)
			require.Equal(t, okr.OccurrenceExcused, h.occurrence(t, "k2", "2026-10-02").Class, "%s, down %v", name, down)
		}
	}
}

// Who stands in counts as of when they stood in.
func TestABackupWhoLeftHadBeenAsked(t *testing.T) {
	for _, down := range []bool{false, true} {
		h := newHouse(t)
		h.sync(t, okr.Person{ID: "ben", Away: days(1, 31), Backup: "dan"}, okr.Person{ID: "dan", Away: days(1, 3)})
		r := cadence.NewRunner(h.desk)
		h.clock.Set(utc(1, 10))
		drain(t, r)
		if !down {
			h.clock.Set(utc(2, 15))
			drain(t, r)
		}
		h.clock.Set(utc(3, 20))
		h.sync(t, okr.Person{ID: "dan"})
		h.clock.Set(utc(5, 10))
		drain(t, r)
		require.Equal(t, okr.OccurrenceExcused, h.occurrence(t, "k2", "2026-10-02").Class, "down %v", down)
	}
}

func TestCareIsOfOneSilence(t *testing.T) {
	setUp := func(t *testing.T) *house {
		h := newHouse(t)
		h.sync(t, okr.Person{ID: "ben", Backup: "cem"}, okr.Person{ID: "cem"})
		return h
	}
	care := func(t *testing.T, h *house) error {
		_, err := h.acme.As(okr.Someone("cem")).Acknowledge(t.Context(), okr.Acknowledging{KeyResult: h.keyResult(t, "k2").ID, Until: utc(31, 0)})
		return err
	}
	t.Run("and there must be one", func(t *testing.T) {
		h := setUp(t)
		h.clock.Set(utc(3, 13))
		require.ErrorIs(t, care(t, h), okr.ErrConflict, "grace lasts until four in the afternoon there")
		h.clock.Set(utc(3, 15))
		require.NoError(t, care(t, h), "whether or not anybody has looked")
	})
	t.Run("and ends with it", func(t *testing.T) {
		h := setUp(t)
		require.Equal(t, []string{"12 cem as backup of 2026-10-09", "14 ana as lead of 2026-10-09"}, climb(t, h, func(at time.Time) {
			switch {
			case at.Equal(utc(4, 15)):
				require.NoError(t, care(t, h))
			case at.Equal(utc(6, 15)):
				checkIn(t, h, "k2")
			}
		}))
	})
}

func TestWhyNobodyWasAsked(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) {
		p.Cycle.Cadence.SkipWithin = 7 * okr.Daily
		p.Objectives[0].KeyResults[1].Source.Kind = "sql"
	})
	r := cadence.NewRunner(h.desk)
	for d := 1; d < 12; d++ {
		h.at(d, 9)
		drain(t, r)
		switch d {
		case 5:
			checkIn(t, h, "k1")
		case 2, 9:
			deliver(t, h)
		}
	}
	for key, o := range map[string]okr.OccurrenceView{okr.NotAskedRecent: h.occurrence(t, "k1", "2026-10-09"), okr.NotAskedLive: h.occurrence(t, "k2", "2026-10-02")} {
		require.Equal(t, okr.OccurrenceNotApplicable, o.Class)
		require.Equal(t, key, o.Why)
	}
}

func deliver(t *testing.T, h *house) {
	t.Helper()
	_, err := h.acme.As(okr.Automation("etl")).Record(t.Context(), okr.Collected{KeyResult: h.keyResult(t, "k2").ID, Source: "sql", Readings: []okr.Measurement{{Value: measure.N(9)}}})
	require.NoError(t, err)
}

// A source that delivers once its key result is overdue ends that at once.
func TestADeliveryAnswersWhatIsOverdue(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) { p.Objectives[0].KeyResults[1].Source.Kind = "sql" })
	r := cadence.NewRunner(h.desk)
	for at := utc(1, 10); at.Before(utc(3, 20)); at = at.Add(time.Hour) {
		h.clock.Set(at)
		drain(t, r)
	}
	require.Equal(t, okr.OccurrenceOverdue, h.occurrence(t, "k2", "2026-10-02").Class)
	deliver(t, h)
	drain(t, r)
	o := h.occurrence(t, "k2", "2026-10-02")
	require.Equal(t, []any{okr.OccurrenceNotApplicable, okr.NotAskedLive}, []any{o.Class, o.Why})
}

// A longer grace that is given to what is overdue already does not have it due again.
func TestWhatIsOverdueIsNotDueAgain(t *testing.T) {
	h := newHouse(t)
	h.clock.Set(utc(2, 8))
	settleAll(t, h)
	h.clock.Set(utc(3, 16))
	settleAll(t, h)
	h.scheduled(t, okr.Schedule{At: "23:00", Grace: 3 * okr.Daily})
	settleAll(t, h)
	h.clock.Set(utc(6, 8))
	settleAll(t, h)
	h.events(t)
	k := h.keyResult(t, "k2").ID
	require.Equal(t, []string{"due", "overdue"}, lives(t, h.told)[string(k)+" 2026-10-02"])
}
