package cadence_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

var digest = okr.Budget{PerDay: -1, PerWeek: -1, Digest: "09:00", OffDays: true}

func october2026(day, hour int) time.Time {
	return time.Date(2026, time.October, day, hour, 0, 0, 0, time.UTC)
}

// follow looks every hour and returns what was told to whom, and what was dropped and
// why.
func follow(t *testing.T, h *house, from, to time.Time, each func(time.Time)) (told, dropped []string) {
	t.Helper()
	r := cadence.NewRunner(h.desk, cadence.Dropped(func(_ okr.TenantID, x okr.Waiting) {
		dropped = append(dropped, fmt.Sprintf("%s: %s, %s", x.Person, x.Event.Type[len(okr.EventPrefix):], x.Moot))
	}))
	for at := from; !at.After(to); at = at.Add(time.Hour) {
		h.clock.Set(at)
		if each != nil {
			each(at)
		}
		drain(t, r)
		for _, n := range h.notices(t) {
			told = append(told, fmt.Sprintf("%s %s: %s", at.Format("2 15h"), n.To, n.Title))
		}
	}
	return told, dropped
}

func (h *house) budget(t *testing.T, p okr.Policy) {
	t.Helper()
	_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: p})
	require.NoError(t, err)
}

func (h *house) teams(t *testing.T, lead okr.ID) {
	t.Helper()
	_, err := h.acme.SyncPeople(t.Context(), okr.Directory{
		People: []okr.Person{{ID: "lea", Name: "Lea"}, {ID: "max", Name: "Max"}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: lead, Parent: "all"}, {ID: "all", Name: "All", Lead: "max"}},
	})
	require.NoError(t, err)
}

// to are the notices of one person.
func to(who okr.ID, told []string) []string {
	return slices.DeleteFunc(slices.Clone(told), func(s string) bool { return !strings.Contains(s, "h "+string(who)+": ") })
}

func TestWhatWaitsForALeaverIsToldToWhoeverItConcernsNow(t *testing.T) {
	t.Run("an escalation", func(t *testing.T) {
		h := newHouse(t)
		h.teams(t, "lea")
		h.budget(t, okr.Policy{Ladder: []okr.Rung{{To: okr.ToLead, After: 1}}, Budget: digest})
		told, dropped := follow(t, h, october2026(1, 10), october2026(7, 12), func(at time.Time) {
			if at.Equal(october2026(5, 23)) {
				h.sync(t, okr.Person{ID: "lea", Name: "Lea", Left: true})
			}
		})
		require.Equal(t, []string{"6 07h max: 3 key results without a check-in"}, to("max", told))
		require.Empty(t, dropped)
		require.Equal(t, []okr.ToldRung{{As: okr.ToLead, To: "max", At: october2026(5, 14)}}, h.occurrence(t, "k2", "2026-10-02").Told)
	})
	t.Run("an escalation, and nobody leads them now", func(t *testing.T) {
		h := newHouse(t)
		h.teams(t, "lea")
		h.budget(t, okr.Policy{Ladder: []okr.Rung{{To: okr.ToLead, After: 1}}, Budget: digest})
		told, dropped := follow(t, h, october2026(1, 10), october2026(7, 12), func(at time.Time) {
			if at.Equal(october2026(5, 23)) {
				h.sync(t, okr.Person{ID: "lea", Name: "Lea", Left: true}, okr.Person{ID: "max", Name: "Max", Left: true})
			}
		})
		require.Empty(t, append(to("max", told), to("lea", told)...))
		require.Equal(t, []string{"lea: checkin.escalated, left", "lea: checkin.escalated, left", "lea: checkin.escalated, left"}, dropped)
	})
	t.Run("a blocker", func(t *testing.T) {
		h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence = nil })
		h.sync(t, okr.Person{ID: "cem"})
		h.budget(t, okr.Policy{Budget: digest})
		told, dropped := follow(t, h, october2026(1, 10), october2026(4, 12), func(at time.Time) {
			if at.Equal(october2026(1, 12)) {
				_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k2").ID, Blockers: []okr.NewBlocker{{Text: "stuck", Owner: "cem"}}})
				require.NoError(t, err)
			}
			if at.Equal(october2026(1, 20)) {
				h.sync(t, okr.Person{ID: "cem", Left: true})
			}
		})
		require.Equal(t, []string{"2 07h ben: Blocker to remove: Cut first response time from 12 to 4 hours"}, told)
		require.Empty(t, dropped)
	})
	t.Run("a reminder of whoever stands in", func(t *testing.T) {
		h := newHouse(t)
		h.sync(t, okr.Person{ID: "ben", Backup: "cem", Away: days(1, 9)}, okr.Person{ID: "cem"})
		h.budget(t, okr.Policy{Budget: digest})
		told, dropped := follow(t, h, october2026(1, 10), october2026(2, 12), func(at time.Time) {
			if at.Equal(october2026(1, 20)) {
				h.sync(t, okr.Person{ID: "cem", Left: true}, okr.Person{ID: "ben", Backup: "dan", Away: days(1, 9)}, okr.Person{ID: "dan"})
			}
		})
		require.Equal(t, []string{"2 07h dan: 2 check-ins due"}, to("dan", told))
		require.Equal(t, []string{"cem: checkin.due, moved", "cem: checkin.due, moved"}, dropped)
	})
	t.Run("a reminder of whoever stands in, and nobody does now", func(t *testing.T) {
		h := newHouse(t)
		h.sync(t, okr.Person{ID: "ben", Backup: "cem", Away: days(1, 9)}, okr.Person{ID: "cem"})
		h.budget(t, okr.Policy{Budget: digest})
		told, dropped := follow(t, h, october2026(1, 10), october2026(2, 12), func(at time.Time) {
			if at.Equal(october2026(1, 20)) {
				h.sync(t, okr.Person{ID: "cem", Left: true})
			}
		})
		require.Empty(t, append(to("ben", told), to("cem", told)...))
		require.Equal(t, []string{"cem: checkin.due, left", "cem: checkin.due, left"}, dropped)
	})
}

func TestWhoeverLeadsAboveHearsOfALeadWhoLeft(t *testing.T) {
	h := newHouse(t)
	h.teams(t, "ana")
	told, dropped := follow(t, h, october2026(1, 10), october2026(1, 15), func(at time.Time) {
		if at.Equal(october2026(1, 13)) {
			h.sync(t, okr.Person{ID: "ana", Name: "Ana Lima", Team: "sales", Left: true})
		}
	})
	require.Equal(t, []string{"1 13h max: New owner needed: Raise renewals from 70 % to 90 %"}, to("max", told))
	require.Equal(t, []string{"ana: checkin.due, left"}, dropped)
}

func TestNobodyHearsOfASilenceThatIsOver(t *testing.T) {
	quiet := digest
	quiet.OffDays = false
	for name, end := range map[string]func(*house){
		"answered": func(h *house) { checkIn(t, h, "k2"); checkIn(t, h, "k3") },
		"excused": func(h *house) {
			h.sync(t, okr.Person{ID: "ben", Backup: "cem", Away: days(2, 9)}, okr.Person{ID: "cem", Away: days(2, 9)})
		},
		"replaced": func(h *house) {
			_, err := h.acme.SyncPeople(t.Context(), okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: &okr.Schedule{Frequency: okr.Monthly, Day: 20}}}})
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.sync(t, okr.Person{ID: "ben", Backup: "cem"}, okr.Person{ID: "cem"})
			h.budget(t, okr.Policy{Ladder: []okr.Rung{{To: okr.ToBackup, After: 5}}, Budget: quiet})
			told, dropped := follow(t, h, october2026(1, 10), october2026(13, 12), func(at time.Time) {
				if at.Equal(october2026(11, 12)) {
					end(h)
				}
			})
			require.Empty(t, to("cem", told))
			require.Subset(t, dropped, []string{"cem: checkin.escalated, " + name})
		})
	}
}

func TestNobodyIsAskedForWhatARhythmHasNoMore(t *testing.T) {
	for name, s := range map[string]okr.Schedule{"pause": {Pauses: days(1, 9)}, "another day": {Frequency: okr.Weekly, Weekday: time.Tuesday}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.budget(t, okr.Policy{Budget: digest})
			told, dropped := follow(t, h, october2026(1, 10), october2026(2, 12), func(at time.Time) {
				if at.Equal(october2026(1, 20)) {
					_, err := h.acme.SyncPeople(t.Context(), okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: &s}}})
					require.NoError(t, err)
				}
			})
			require.Empty(t, told)
			require.Equal(t, []string{"ana: checkin.due, replaced", "ben: checkin.due, replaced", "ben: checkin.due, replaced"}, dropped)
		})
	}
}

func TestWhatMovesToAnotherOwnerGoesWhenItWouldHave(t *testing.T) {
	for name, ben := range map[string]okr.Person{"asked himself": {ID: "ben"}, "cem stands in": {ID: "ben", Backup: "cem", Away: days(1, 9)}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.sync(t, ben, okr.Person{ID: "cem"}, okr.Person{ID: "dan"})
			h.budget(t, okr.Policy{Budget: digest})
			late := 10 * time.Second // the runner looks a little after the digest's time
			told, dropped := follow(t, h, october2026(1, 10).Add(late), october2026(3, 12), func(at time.Time) {
				if at.Equal(october2026(1, 20).Add(late)) {
					_, err := h.acme.HandOver(t.Context(), okr.HandOver{From: "ben", To: "dan", Reason: "more time"})
					require.NoError(t, err)
				}
			})
			require.Equal(t, []string{
				"2 07h ana: Check-in due: Raise renewals from 70 % to 90 %",
				"2 07h ben: 2 OKRs no longer yours", "2 07h dan: 2 OKRs now yours, 2 check-ins due",
			}, told)
			asked := cmp.Or(ben.Backup, ben.ID)
			require.Equal(t, []string{string(asked) + ": checkin.due, moved", string(asked) + ": checkin.due, moved"}, dropped)
		})
	}
}

func TestWhoHasSpokenSinceIsNotToldOfWhatTheyMissed(t *testing.T) {
	h := newHouse(t)
	h.budget(t, okr.Policy{Budget: okr.Budget{PerDay: -1, PerWeek: -1, Quiet: []okr.QuietHours{}, OffDays: true}})
	_, dropped := follow(t, h, october2026(8, 10), october2026(9, 20), func(at time.Time) {
		if at.Equal(october2026(9, 8)) {
			for _, key := range []string{"k1", "k2", "k3"} {
				checkIn(t, h, key) // which answers the ninth
			}
		}
	})
	require.Equal(t, []string{"ana: checkin.missed, answered", "ben: checkin.missed, answered", "ben: checkin.missed, answered"}, dropped)
	require.Equal(t, okr.OccurrenceMissed, h.occurrence(t, "k2", "2026-10-02").Class)
}
