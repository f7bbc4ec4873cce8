package ical_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/ical"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func (h *house) raw(feed ical.Feed) string {
	h.t.Helper()
	c, err := h.feeds.Calendar(h.t.Context(), "acme", feed)
	require.NoError(h.t, err)
	return string(c.Body)
}

func (h *house) hide(private bool) {
	h.t.Helper()
	_, err := h.acme.ChangeObjective(h.t.Context(), okr.ObjectiveChange{Objective: h.kr("k2").Objective, Private: &private, Reason: "x"})
	require.NoError(h.t, err)
}

// What a team's feed told while everybody could see it is gone from it once they cannot,
// of what lies ahead and of what is past.
func TestWhatBecomesPrivateIsGoneFromATeamsFeed(t *testing.T) {
	h := opened(t, ical.Config{})
	sales := ical.TeamFeed("sales")
	titles := []string{"Raise renewals", "first response", "Okafor"}
	for _, s := range titles[1:] {
		require.Contains(t, h.raw(sales), s)
	}
	h.clock.Set(time.Date(2026, time.October, 12, 9, 0, 0, 0, time.UTC))
	require.Contains(t, h.raw(sales), "first response", "two Fridays are past")
	h.hide(true)
	for _, s := range titles {
		require.NotContains(t, h.raw(sales), s)
	}
	off := h.read(sales).with("STATUS", "CANCELLED")
	require.Len(t, off, 13)
	for _, e := range off {
		require.Equal(t, "Cancelled", e.one("SUMMARY"))
		require.Empty(t, e.one("DESCRIPTION"))
		require.Equal(t, "1", e.one("SEQUENCE"))
	}
	h.hide(false)
	require.Len(t, h.read(sales).titled("Check-in: 3 key results"), 11, "what lies ahead takes place again")
	require.Len(t, h.read(sales).with("STATUS", "CANCELLED"), 2)
}

// A name that is erased is in no feed with the next reading, and what is kept between
// readings never held it.
func TestErasedNamesAreGone(t *testing.T) {
	folder := t.TempDir()
	h := opened(t, ical.Config{Memory: ical.Dir(folder)})
	sales := ical.TeamFeed("sales")
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	require.Contains(t, h.raw(sales), "Ben Okafor")
	h.clock.Set(time.Date(2026, time.October, 12, 9, 0, 0, 0, time.UTC))
	require.Contains(t, h.raw(sales), "Ben Okafor")
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		kept, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NotContains(t, string(kept), "Okafor")
		require.NotContains(t, string(kept), "first response")
	}
	_, err = h.acme.Erase(t.Context(), okr.Erasing{Person: "ben"})
	require.NoError(t, err)
	require.NotContains(t, h.raw(sales), "Okafor")
	c := h.read(sales)
	require.Len(t, c.titled("Check-in: 3 key results"), 13, "what is past stays")
	require.Empty(t, c.with("STATUS", "CANCELLED"))
	for _, e := range c.titled("Check-in: 3 key results") {
		require.Equal(t, "1", e.one("SEQUENCE"))
	}
}

// A check-in that has begun is not called off while it lasts.
func TestWhatHasBegunTakesPlace(t *testing.T) {
	h := opened(t, ical.Config{})
	before := h.read(ical.PersonFeed("ben")).uids()
	h.clock.Set(time.Date(2026, time.October, 2, 14, 5, 0, 0, time.UTC))
	c := h.read(ical.PersonFeed("ben"))
	require.Equal(t, before, c.uids())
	require.Empty(t, c.with("STATUS", "CANCELLED"))
}

// Of two check-ins on one day each keeps its uid when the first is past.
func TestTwoTimesOfADayKeepTheirUIDs(t *testing.T) {
	h := opened(t, ical.Config{}, func(p *okr.Plan) { p.Objectives[0].KeyResults[2].Cadence = &okr.Schedule{At: "18:00"} })
	ben := ical.PersonFeed("ben")
	at := func() map[string]string {
		out := map[string]string{}
		for _, e := range h.read(ben).events() {
			require.Equal(t, "0", e.one("SEQUENCE"))
			require.Equal(t, "CONFIRMED", e.one("STATUS"))
			out[e.one("UID")] = e.one("DTSTART")
		}
		return out
	}
	first := at()
	require.Len(t, first, 2*13+1)
	for _, hour := range []int{14, 15, 16, 17} { // in Zurich it is two later
		h.clock.Set(time.Date(2026, time.October, 2, hour, 1, 0, 0, time.UTC))
		require.Equal(t, first, at(), hour)
	}
}

// Nobody is asked for what a source keeps up to date, so it is in no calendar, until the
// source falls silent.
func TestWhatASourceKeepsUpToDateIsInNoCalendar(t *testing.T) {
	h := opened(t, ical.Config{}, func(p *okr.Plan) { p.Objectives[0].KeyResults[1].Source.Kind = "sql" })
	ben := ical.PersonFeed("ben")
	require.Contains(t, h.raw(ben), "first response")
	_, err := h.acme.As(okr.Automation("c")).Record(t.Context(), okr.Collected{
		KeyResult: h.kr("k2").ID, Source: "sql", Readings: []okr.Measurement{{Value: measure.N(9), OccurredAt: h.clock.Now()}},
	})
	require.NoError(t, err)
	require.NotContains(t, h.raw(ben), "first response")
	require.NotContains(t, h.raw(ical.TeamFeed("sales")), "first response")
	h.clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
	require.Contains(t, h.raw(ben), "first response")
}
