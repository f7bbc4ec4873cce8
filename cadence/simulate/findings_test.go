package simulate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
)

// neglect are the rules that accuse somebody of looking away.
var neglect = []string{"checked-in", "not-a-document", "source-on-time", "source-alive"}

// accused counts what the starter packs find of them in a rehearsal, by rule.
func accused(t testing.TB, s simulate.Scenario) (map[string]int, simulate.Figures) {
	t.Helper()
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	x, err := simulate.Run(t.Context(), s, simulate.Stage{Store: memory.New(), Judge: audit.New(live)})
	require.NoError(t, err)
	out := map[string]int{}
	for _, d := range x.Days {
		for _, l := range d.Lines {
			if l.Type == "finding.opened" && slices.Contains(neglect, l.Says) {
				out[l.Says]++
			}
		}
	}
	return out, x.Figures
}

// diligent is a company of eight who answer whatever they are asked, every Friday.
func diligent(t testing.TB, c simulate.Chances) simulate.Scenario {
	t.Helper()
	s := simulate.Scenario{Seed: 2, Plan: okr.Plan{Cycle: okrtest.Quarter()}, Habit: "diligent"}
	s.Plan.Cycle.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00"}
	c.Stalled = -1
	require.NoError(t, simulate.Company{People: 8, Team: 4, Objectives: 1, KeyResults: 3, Away: -1, Chances: c}.Fill(&s))
	return s
}

// Whoever is not asked is not accused of having said nothing.
func TestNothingIsFoundOfWhatASourceKeepsUpToDate(t *testing.T) {
	for _, habit := range []string{"diligent", "silent"} {
		s := diligent(t, simulate.Chances{Live: 1, Dying: -1})
		s.Habit = habit
		found, f := accused(t, s)
		require.Greater(t, f.Skipped, 10*(f.OnTime+f.Late+f.Missed), habit)
		require.Zero(t, found["checked-in"]+found["not-a-document"], "%s: %v", habit, found)
	}
}

// Whose source dies is asked from then on, and silent people are found out.
func TestSilenceAfterASourceDiedIsFound(t *testing.T) {
	s := diligent(t, simulate.Chances{Live: 1, Dying: 1})
	s.Habit = "silent"
	found, f := accused(t, s)
	require.Positive(t, f.Skipped)
	require.Positive(t, f.Missed)
	require.Positive(t, found["checked-in"], found)
	require.Positive(t, found["source-alive"], found)
}

// What was excused, or never asked for, is not held against anybody afterwards.
func TestNothingIsFoundOfPausesAndAbsences(t *testing.T) {
	scenario := func(from, to okr.Date) (simulate.Scenario, okr.Span) {
		s := diligent(t, simulate.Chances{Live: -1})
		for i := range s.Plan.Objectives {
			for j := range s.Plan.Objectives[i].KeyResults {
				s.Plan.Objectives[i].KeyResults[j].Source.Kind = "manual"
				s.Plan.Objectives[i].KeyResults[j].Source.Interval = okr.EveryWeek
			}
		}
		s.Weeks = 10
		return s, okr.Span{From: from, To: to}
	}
	s, span := scenario(measure.NewDate(2026, 10, 24), measure.NewDate(2026, 11, 22))
	s.Plan.Cycle.Cadence.Pauses = []okr.Span{span}
	found, f := accused(t, s)
	require.Positive(t, f.OnTime+f.Late)
	require.Empty(t, found)

	s, span = scenario(measure.NewDate(2026, 10, 24), measure.NewDate(2026, 11, 15))
	for i := range s.Plan.People {
		s.Plan.People[i].Away, s.Plan.People[i].Backup = []okr.Span{span}, ""
	}
	found, f = accused(t, s)
	require.Positive(t, f.Excused)
	delete(found, "source-on-time") // who is back, and lets another week pass, is late
	require.Empty(t, found)
}
