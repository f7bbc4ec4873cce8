package cadence_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// atOnce has a notice go whenever there is one.
var atOnce = okr.Budget{PerDay: -1, PerWeek: -1, Quiet: []okr.QuietHours{}, OffDays: true}

func (h *house) handOver(t *testing.T, from, to okr.ID) {
	t.Helper()
	_, err := h.acme.HandOver(t.Context(), okr.HandOver{From: from, To: to, Reason: "a new team"})
	require.NoError(t, err)
}

// k2 and k3 are ben's, and due on Fridays at 14:00 UTC.
func TestANewOwnerIsAskedForWhatIsOpen(t *testing.T) {
	for name, test := range map[string]struct {
		on       time.Time // when they are handed over
		ben, dan []string
		class    okr.OccurrenceClass
	}{
		"due, ben was told": {
			october2026(1, 20), []string{"1 14h ben: 2 check-ins due", "1 20h ben: 2 OKRs no longer yours"},
			[]string{"1 20h dan: 2 OKRs now yours, 2 check-ins due", "3 14h dan: 2 check-ins overdue"}, okr.OccurrenceDue,
		},
		"overdue, ben was told": {
			october2026(4, 9), []string{"1 14h ben: 2 check-ins due", "3 14h ben: 2 check-ins overdue", "4 09h ben: 2 OKRs no longer yours"},
			[]string{"4 09h dan: 2 check-ins overdue, 2 OKRs now yours"}, okr.OccurrenceOverdue,
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.sync(t, okr.Person{ID: "dan"})
			h.budget(t, okr.Policy{Budget: atOnce})
			told, dropped := follow(t, h, october2026(1, 10), october2026(8, 12), func(at time.Time) {
				if at.Equal(test.on) {
					require.Equal(t, test.class, h.occurrence(t, "k2", "2026-10-02").Class)
					h.handOver(t, "ben", "dan")
				}
			})
			require.Equal(t, test.ben, to("ben", told))
			require.Equal(t, test.dan, to("dan", told))
			require.Empty(t, dropped)
		})
	}
}

func TestWhatWasAnothersIsNotToldToANewOwner(t *testing.T) {
	h := newHouse(t)
	h.sync(t, okr.Person{ID: "dan"})
	h.budget(t, okr.Policy{Budget: digest})
	told, dropped := follow(t, h, october2026(1, 10), october2026(10, 12), func(at time.Time) {
		if at.Equal(october2026(9, 20)) { // the second of October was missed at 14h, under ben
			h.handOver(t, "ben", "dan")
		}
	})
	require.Equal(t, []string{"10 07h dan: 2 OKRs now yours, 2 check-ins due"}, to("dan", told))
	require.Subset(t, dropped, []string{"ben: checkin.missed, moved"})
	for _, s := range told {
		require.NotContains(t, s, "dan: Check-in missed")
	}
}

func TestWhoTakesOverFromALeaverIsAskedForWhatIsOpen(t *testing.T) {
	h := newHouse(t)
	h.sync(t, okr.Person{ID: "dan"})
	h.budget(t, okr.Policy{Budget: atOnce})
	told, _ := follow(t, h, october2026(1, 10), october2026(5, 12), func(at time.Time) {
		switch {
		case at.Equal(october2026(2, 9)):
			h.sync(t, okr.Person{ID: "ben", Left: true})
		case at.Equal(october2026(4, 9)):
			h.handOver(t, "ben", "dan")
		}
	})
	require.Equal(t, []string{"4 09h dan: 2 check-ins overdue, 2 OKRs now yours"}, to("dan", told))
}

// Who stands in for somebody who is away stands in for somebody who has left as well.
func TestABackupStandsInForWhoHasLeft(t *testing.T) {
	h := newHouse(t)
	h.sync(t, okr.Person{ID: "ben", Backup: "cem"}, okr.Person{ID: "cem"})
	h.budget(t, okr.Policy{Budget: atOnce})
	told, _ := follow(t, h, october2026(1, 10), october2026(8, 16), func(at time.Time) {
		if at.Equal(october2026(2, 9)) {
			h.sync(t, okr.Person{ID: "ben", Backup: "cem", Left: true})
		}
	})
	require.Equal(t, []string{"2 09h cem: 2 check-ins due", "3 14h cem: 2 check-ins overdue", "8 14h cem: 2 check-ins due"}, to("cem", told))
}

// Sickness that is reported afterwards excuses whoever has a backup too, where the backup
// was never asked.
func TestAnAbsenceThatIsToldLaterExcusesWhoHasABackup(t *testing.T) {
	for name, test := range map[string]struct {
		on   time.Time
		want okr.OccurrenceClass
		cem  bool // is asked
	}{
		"while there is time":       {october2026(2, 20), okr.OccurrenceMissed, true},
		"when grace had ended":      {october2026(4, 20), okr.OccurrenceExcused, false},
		"when it was missed":        {october2026(10, 9), okr.OccurrenceExcused, false},
		"before it was asked for":   {october2026(1, 9), okr.OccurrenceMissed, true},
		"when it was due, that day": {october2026(2, 15), okr.OccurrenceMissed, true},
	} {
		for _, down := range []bool{false, true} {
			h := newHouse(t)
			h.sync(t, okr.Person{ID: "ben", Backup: "cem"}, okr.Person{ID: "cem"})
			h.budget(t, okr.Policy{Budget: atOnce})
			sick := func(at time.Time) {
				if at.Equal(test.on) {
					h.sync(t, okr.Person{ID: "ben", Backup: "cem", Away: days(1, 6)}, okr.Person{ID: "cem"})
				}
			}
			from := october2026(1, 8)
			if down {
				for ; from.Before(october2026(11, 0)); from = from.Add(time.Hour) {
					h.clock.Set(from)
					sick(from)
				}
			}
			told, _ := follow(t, h, from, october2026(12, 12), sick)
			require.Equal(t, test.want, h.occurrence(t, "k2", "2026-10-02").Class, "%s, down %v", name, down)
			require.Equal(t, test.cem, strings.Contains(strings.Join(told, "\n"), " cem: 2 check-ins"), "%s, down %v: %v", name, down, told)
		}
	}
}

// Where nobody stands in for who has left, whoever leads the team hears with each check-in
// that is missed that the key result still needs an owner.
func TestANewOwnerIsAskedForAgainWithEachMissedCheckIn(t *testing.T) {
	h := newHouse(t)
	h.teams(t, "lea")
	h.budget(t, okr.Policy{Budget: digest, Ladder: []okr.Rung{{To: okr.ToReviewer, After: 60}}})
	told, _ := follow(t, h, october2026(1, 10), october2026(18, 12), func(at time.Time) {
		if at.Equal(october2026(1, 11)) {
			h.sync(t, okr.Person{ID: "ben", Left: true})
		}
	})
	require.Equal(t, []string{"2 07h lea: 2 key results without an owner", "10 07h lea: 2 key results without an owner", "17 07h lea: 2 key results without an owner"}, to("lea", told))
	require.Empty(t, to("ben", told))
}

// How long nobody has spoken is said, not how long the last of the check-ins waits.
func TestOverdueByIsHowLongTheSilenceLasts(t *testing.T) {
	h := newHouse(t)
	h.budget(t, okr.Policy{Budget: atOnce})
	told, _ := follow(t, h, october2026(1, 10), october2026(24, 16), func(at time.Time) {
		if at.Equal(october2026(16, 13)) { // which answers the sixteenth
			checkIn(t, h, "k1")
		}
	})
	var overdue []string
	for _, s := range to("ana", told) {
		if strings.Contains(s, "overdue by") {
			overdue = append(overdue, s[:strings.Index(s, ": Raise")])
		}
	}
	require.Equal(t, []string{"3 14h ana: Check-in overdue by 1 day", "10 14h ana: Check-in overdue by 8 days", "24 14h ana: Check-in overdue by 1 day"}, overdue)
}
