package simulate_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// Every occurrence of the transcript comes to exactly one thing.
func TestFiguresAddUp(t *testing.T) {
	for _, weeks := range []int{1, 3, 0} {
		s := small(t)
		s.Weeks = weeks
		got := run(t, s)
		seen := map[string]bool{}
		for _, d := range got.Days {
			for _, l := range d.Lines {
				if kind, of, ok := strings.Cut(l.Says, " "); ok && kind == "of" && strings.HasPrefix(l.Type, "checkin.") {
					seen[l.Subject+" "+strings.TrimRight(strings.Fields(of)[0], ",")] = true
				}
			}
		}
		f := got.Figures
		require.Positive(t, f.Occurrences)
		require.GreaterOrEqual(t, f.Occurrences, len(seen))
		require.Equal(t, f.Occurrences, f.OnTime+f.Late+f.Missed+f.Excused+f.Skipped+f.Open)
		escalated := 0
		for _, d := range got.Days {
			for _, l := range d.Lines {
				if l.Type == "checkin.escalated" {
					escalated++
				}
			}
		}
		require.Equal(t, escalated, f.Escalations)
	}
}

// A week is one of the calendar, from Monday to Sunday, as the budget counts; the first
// day of the quarter is a Thursday.
func TestWeeksAreThoseOfTheBudget(t *testing.T) {
	for weeks, want := range map[int]int{1: 2, 3: 4, 4: 5, 0: 14} {
		s := small(t)
		s.Weeks = weeks
		m := run(t, s).Figures.Messages
		held, told := 0, 0
		for n, x := range m.Weeks {
			held, told = held+x, told+n*x
		}
		require.Equal(t, want*12, held, weeks)
		require.Equal(t, m.Total, told, weeks)
		days := 7 * weeks
		if weeks == 0 {
			days = 92
		}
		require.InDelta(t, 7*float64(told)/float64(12*days), m.Mean, 0.005)
	}
}

// No figure of a week or a day lies beyond the budget, whatever day the cycle begins on
// and wherever people live, and the ceilings are reached where they bind.
func TestFiguresAgreeWithTheBudget(t *testing.T) {
	for _, first := range []okr.Date{measure.NewDate(2026, 9, 28), measure.NewDate(2026, 10, 1), measure.NewDate(2026, 10, 4)} {
		for _, b := range []okr.Budget{{PerDay: 1, PerWeek: 2}, {PerDay: 2, PerWeek: 3, Quiet: []okr.QuietHours{}, OffDays: true}, {PerDay: -1, PerWeek: 1}} {
			s := simulate.Scenario{Seed: 5, Habit: simulate.Silent, Policy: &okr.Policy{Budget: b}}
			s.Plan.Cycle = okr.PlanCycle{Start: first, End: first.AddDays(41), Zone: "Europe/Zurich", Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}}
			require.NoError(t, simulate.Company{People: 8, Team: 4, Objectives: 3, Zones: []string{"Pacific/Kiritimati", "Pacific/Honolulu"}}.Fill(&s))
			got := run(t, s)
			m := got.Figures.Messages
			require.Equal(t, b.PerWeek, m.Max, "%v from %s", b, first)
			require.Positive(t, m.FullWeeks)
			require.Equal(t, m.Weeks[b.PerWeek], m.FullWeeks)
			if b.PerDay > 0 {
				require.LessOrEqual(t, m.MaxDay, b.PerDay, "%v from %s", b, first)
				require.Equal(t, m.FullDays > 0, m.MaxDay == b.PerDay)
			} else {
				require.Zero(t, m.FullDays)
			}
			require.Equal(t, b.PerWeek, got.Policy.Budget.PerWeek)
		}
	}
}

// Only what a stall can bring about, and after it, is news of it.
func TestWhatIsHeardOfAStall(t *testing.T) {
	always := simulate.Habit{Unprompted: 1, Answers: 1}
	quarter := func(stalls okr.Date) simulate.Scenario {
		s := simulate.Scenario{Seed: 3, Plan: okr.Plan{Cycle: okrtest.Quarter()}, Own: map[string]simulate.Habit{"always": always}, Habit: "always"}
		require.NoError(t, simulate.Company{People: 4, Team: 4, Objectives: 1, KeyResults: 2, Chances: simulate.Chances{Stalled: -1, Live: -1}, Away: -1}.Fill(&s))
		s.Paths["t001-1/k1"] = simulate.Path{Pace: 1, Stalls: stalls}
		return s
	}
	// On the last days a stall has no consequence, and a check-in that is due says nothing of it.
	s := quarter(measure.NewDate(2026, 12, 29))
	f := run(t, s).Figures
	require.Len(t, f.Stalls, 1)
	require.Equal(t, -1, f.Stalls[0].Days, f.Stalls)

	got := run(t, quarter(measure.NewDate(2026, 10, 20)))
	stall := got.Figures.Stalls[0]
	require.Positive(t, stall.Days)
	for _, d := range got.Days {
		for _, l := range d.Lines {
			about := strings.Join(l.About, "\n")
			if d.Date == stall.Heard && l.Who == stall.By && strings.Contains(about, "t001-1/k1") {
				require.NotEqual(t, "checkin-due", l.Kind)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	for want, wrong := range map[string]func(*simulate.Scenario){
		"people.nobody: \"nobody\": nobody has this id": func(s *simulate.Scenario) { s.Habits = map[okr.ID]string{"nobody": "late"} },
		"paths.x/y: \"x/y\": no key result":             func(s *simulate.Scenario) { s.Paths["x/y"] = simulate.Path{} },
		"feeds.x/y: \"x/y\": no key result":             func(s *simulate.Scenario) { s.Feeds["x/y"] = simulate.Feed{} },
		"script[0].checkin: \"nobody\"": func(s *simulate.Scenario) {
			s.Script = []simulate.Step{{At: at(10, 5), KeyResult: "t001-1/k1", CheckIn: "nobody"}}
		},
		"script[0].leaves: \"nobody\"": func(s *simulate.Scenario) { s.Script = []simulate.Step{{At: at(10, 5), Leaves: "nobody"}} },
		"script[0].at: \"2026-09-05T14:00\": nothing is rehearsed then": func(s *simulate.Scenario) {
			s.Script = []simulate.Step{{At: at(9, 5), Leaves: "p0001"}}
		},
		"script[0].at: \"2027-01-05T13:00\"": func(s *simulate.Scenario) { s.Script = []simulate.Step{{At: at(13, 5), Leaves: "p0001"}} },
	} {
		s := small(t)
		require.NoError(t, s.Check())
		wrong(&s)
		err := s.Check()
		require.ErrorIs(t, err, okr.ErrInvalid)
		require.ErrorContains(t, err, want)
	}
}

func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC)
}

func TestFiguresOfNothing(t *testing.T) {
	var b bytes.Buffer
	c := simulate.Comparison{Runs: []*simulate.Transcript{{Zone: "UTC", Drafts: []string{"o/k"}}}}
	require.NoError(t, c.Text(&b))
	require.False(t, strings.HasPrefix(b.String(), ","), "no key, no comma")
	require.Contains(t, b.String(), "1 key result stays a draft")
}
