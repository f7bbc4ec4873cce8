package icalendar

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/ical"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/internal/nodetest"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// shown is an event as ical.js shows it.
type shown struct {
	UID, Summary, Description, Status, Zone, Local, Instant string
	Sequence, Minutes, Alarms                               int
}

// Both parsers read every feed, and show each check-in at the instant at which it is
// due: in zones of both halves of the earth, with whole and half hours, through both
// changes of the clock; with words that mean harm, and after changes and absences.
func TestOthersReadTheCalendars(t *testing.T) {
	for _, zone := range []string{"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham", "UTC"} {
		t.Run(zone, func(t *testing.T) {
			for _, at := range []string{"01:45", "02:30", "16:00"} {
				read(t, zone, at)
			}
		})
	}
}

func read(t *testing.T, zone, at string) {
	t.Helper()
	ctx, start := t.Context(), measure.NewDate(2026, time.February, 1)
	clock := okrtest.NewClock(start.In(time.UTC).AddDate(0, 0, -1))
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: cadence.New()})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	p := okrtest.Plan()
	schedule := okr.Schedule{Frequency: okr.Weekly, Weekday: time.Sunday, At: at}
	p.Cycle = okr.PlanCycle{Key: "2026", Name: "2026; \\ all, of it", Zone: zone, Start: start, End: measure.NewDate(2026, time.November, 30), Cadence: &schedule}
	evil := `Züge; Schiffe, \ Autos \n END:VEVENT ` + strings.Repeat("日本語é😀", 15)
	p.Objectives[0].KeyResults[0].Title = evil
	p.People[0].Name = "Ana \"Lima\": X-EVIL:1"
	_, err = acme.Propose(ctx, p)
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	feeds, err := ical.New(desk, ical.Config{
		Secrets: [][]byte{bytes.Repeat([]byte("s"), 32)}, Alarm: 90 * time.Minute,
		Link: func(okr.TenantID, okr.Ref) string {
			return "https://okr.example.com/a;b,c?d=" + strings.Repeat("e", 80)
		},
	})
	require.NoError(t, err)
	_, err = feeds.Calendar(ctx, "acme", ical.PersonFeed("ana"))
	require.NoError(t, err)
	p.People[0].Away = []okr.Span{{From: measure.NewDate(2026, time.May, 4), To: measure.NewDate(2026, time.May, 17)}}
	_, err = acme.SyncPeople(ctx, okr.Directory{People: p.People})
	require.NoError(t, err)
	c, err := feeds.Calendar(ctx, "acme", ical.PersonFeed("ana"))
	require.NoError(t, err)

	due := map[string]int{}
	all, err := cadence.New().Occurrences(schedule, cycles[0], time.Time{}, p.Cycle.End.In(time.UTC).AddDate(0, 0, 2))
	require.NoError(t, err)
	for _, o := range all {
		due[o.Due.UTC().Format("2006-01-02T15:04:05.000Z")]++
	}
	inGo(t, c.Body, zone, due)
	inJavaScript(t, c.Body, due, evil)
}

func inGo(t *testing.T, body []byte, zone string, due map[string]int) {
	t.Helper()
	read, err := goical.NewDecoder(bytes.NewReader(body)).Decode()
	require.NoError(t, err)
	// The encoder refuses a component that lacks or repeats what RFC 5545 says.
	var again bytes.Buffer
	require.NoError(t, goical.NewEncoder(&again).Encode(read))
	// Package time chooses as it likes of a time that is shown twice, so that what the
	// clock shows is compared.
	loc, err := time.LoadLocation(zone)
	require.NoError(t, err)
	want, got := map[string]int{}, map[string]int{}
	for instant := range due {
		at, err := time.Parse(time.RFC3339, instant)
		require.NoError(t, err)
		want[at.In(loc).Format(time.DateTime)]++
	}
	for _, e := range read.Events() {
		if e.Props.Get(goical.PropDateTimeStart).ValueType() == goical.ValueDateTime {
			at, err := e.DateTimeStart(nil)
			require.NoError(t, err)
			got[at.In(loc).Format(time.DateTime)]++
		}
	}
	require.Equal(t, want, got)
}

func inJavaScript(t *testing.T, body []byte, due map[string]int, title string) {
	t.Helper()
	cmd := nodetest.Command(t, "parser", "validate.mjs")
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(body), &errs
	out, err := cmd.Output()
	require.NoError(t, err, errs.String())
	var read struct {
		Name   string
		Events []shown
	}
	require.NoError(t, json.Unmarshal(out, &read))
	require.Equal(t, `OKR: Ana "Lima": X-EVIL:1`, read.Name)
	got, cancelled := map[string]int{}, 0
	for _, e := range read.Events {
		if e.Instant == "" {
			require.Equal(t, "2026-11-30", e.Local)
			require.Equal(t, `2026; \ all, of it ends`, e.Summary)
			continue
		}
		got[e.Instant]++
		require.Equal(t, 15, e.Minutes)
		if e.Status == "CANCELLED" {
			cancelled++
			require.Equal(t, "Cancelled", e.Summary)
			require.Empty(t, e.Description)
			require.Equal(t, 1, e.Sequence)
			require.Zero(t, e.Alarms)
			continue
		}
		require.Equal(t, "Check-in: "+title, e.Summary)
		require.Equal(t, "- "+title+"\n\n2026; \\ all, of it", e.Description)
		require.Equal(t, "CONFIRMED", e.Status)
		require.Equal(t, 1, e.Alarms)
		require.Zero(t, e.Sequence)
	}
	require.Equal(t, due, got)
	require.Equal(t, 2, cancelled)
}
