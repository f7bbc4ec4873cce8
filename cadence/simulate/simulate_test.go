package simulate_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// small is a company of a dozen.
func small(t testing.TB) simulate.Scenario {
	s := simulate.Scenario{Seed: 7, Plan: okr.Plan{Cycle: okrtest.Quarter()}}
	require.NoError(t, simulate.Company{People: 12, Team: 4, Objectives: 1, KeyResults: 3, Zones: []string{"Europe/Zurich", "Asia/Kolkata", "America/New_York"}}.Fill(&s))
	return s
}

func run(t testing.TB, s simulate.Scenario) *simulate.Transcript {
	t.Helper()
	got, err := simulate.Run(t.Context(), s, simulate.Stage{Store: memory.New()})
	require.NoError(t, err)
	return got
}

func text(t testing.TB, x *simulate.Transcript) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, x.Text(&b))
	require.NoError(t, x.JSONLines(&b))
	return b.String()
}

func TestTheSameSeedGivesTheSameTranscript(t *testing.T) {
	s := small(t)
	first := text(t, run(t, s))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	require.Equal(t, first, text(t, run(t, s)))
	runtime.GOMAXPROCS(4)
	require.Equal(t, first, text(t, run(t, small(t))))
	s = small(t)
	s.Seed = 8
	require.NotEqual(t, first, text(t, run(t, s)))
}

func TestTranscript(t *testing.T) {
	s := small(t)
	s.Weeks = 3
	var b bytes.Buffer
	require.NoError(t, run(t, s).Text(&b))
	golden(t, "transcript.txt", b.Bytes())
}

// Nobody answers on a holiday, and what is due on one moves where its schedule says so.
// A plan that was lived with for a month is rehearsed from its first day.
func TestCheckInsOfTheDaysThatAreRehearsedAreLeftOut(t *testing.T) {
	plan := okrtest.Plan()
	begins := plan.Cycle.Start.In(time.UTC)
	k := &plan.Objectives[0].KeyResults[0]
	k.CheckIns = []okr.PlanCheckIn{{At: begins.AddDate(0, 0, -6), Value: measure.N(71)}, {At: begins.AddDate(0, 0, 29), Value: measure.N(80)}}
	s := simulate.Scenario{Seed: 1, Habit: "diligent", Plan: plan}
	run, err := simulate.Run(t.Context(), s, simulate.Stage{Store: memory.New()})
	require.NoError(t, err)
	require.Positive(t, run.Figures.CheckIns)
	require.Len(t, k.CheckIns, 2, "the plan is the caller's")
}

func TestNobodyWorksOnAHoliday(t *testing.T) {
	s := small(t)
	rhythm := okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00", OffDay: okr.OffDayBefore, Holidays: "XX"}
	s.Plan.Cycle.Cadence = &rhythm
	s.Weeks = 4
	friday := measure.NewDate(2026, 10, 9)
	s.Holidays = map[string][]okr.Date{"XX": {friday}}
	due := map[string]bool{}
	for _, d := range run(t, s).Days {
		for _, l := range d.Lines {
			if l.Type == "checkin.recorded" {
				require.NotEqual(t, friday, measure.DateOf(l.At.In(time.UTC)), l)
			}
			if l.Type == "checkin.due" && strings.Contains(l.Says, "2026-10-09") {
				due[d.Date.String()] = true
			}
		}
	}
	require.Equal(t, map[string]bool{"2026-10-07": true}, due, "it is due on the Thursday, a day before it the reminder")
}

// far is a calendar of two regions.
type far struct{}

func (far) Holiday(region string, on okr.Date) (bool, error) {
	return region == "CH-ZH" && on == measure.NewDate(2026, 10, 9), far{}.CheckRegion(region)
}

func (far) CheckRegion(region string) error {
	if region == "CH-ZH" || region == "DE-BY" {
		return nil
	}
	return &okr.InvalidError{Field: "region", Value: region, Remedy: "use CH-ZH or DE-BY"}
}

// The stage knows the holidays of regions that the scenario does not define; where it
// does, the scenario's hold.
func TestHolidaysOfTheStageAndOfTheScenario(t *testing.T) {
	resting := func(region string, own map[string][]okr.Date) (*simulate.Transcript, error) {
		s := small(t)
		s.Plan.Cycle.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00", OffDay: okr.OffDayBefore, Holidays: region}
		s.Weeks, s.Holidays = 4, own
		return simulate.Run(t.Context(), s, simulate.Stage{Store: memory.New(), Holidays: far{}})
	}
	due := func(of string, x *simulate.Transcript) (on string) {
		for _, d := range x.Days {
			for _, l := range d.Lines {
				if l.Type == "checkin.due" && strings.HasPrefix(l.Says, "of "+of) {
					return d.Date.String()
				}
			}
		}
		return ""
	}
	for name, tc := range map[string]struct {
		region   string
		own      map[string][]okr.Date
		ninth    string
		sixteeth string
	}{
		"no holiday there":          {"DE-BY", nil, "2026-10-08", "2026-10-15"},
		"the stage's":               {"CH-ZH", nil, "2026-10-07", "2026-10-15"},
		"the scenario's":            {"CH-ZH", map[string][]okr.Date{"CH-ZH": {measure.NewDate(2026, 10, 16)}}, "2026-10-08", "2026-10-14"},
		"in small letters":          {"ch_zh", map[string][]okr.Date{"CH-ZH": {measure.NewDate(2026, 10, 16)}}, "2026-10-08", "2026-10-14"},
		"a region that is made up":  {"Works", map[string][]okr.Date{"Works": {measure.NewDate(2026, 10, 16)}}, "2026-10-08", "2026-10-14"},
		"a region without holidays": {"CH-ZH", map[string][]okr.Date{"CH-ZH": nil}, "2026-10-08", "2026-10-15"},
	} {
		got, err := resting(tc.region, tc.own)
		require.NoError(t, err, name)
		require.Equal(t, tc.ninth, due("2026-10-09", got), name)
		require.Equal(t, tc.sixteeth, due("2026-10-16", got), name)
	}
	_, err := resting("CH-ZZ", nil)
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.ErrorContains(t, err, `cycle.cadence.holidays: "CH-ZZ": use CH-ZH or DE-BY`)
	_, err = resting("CH-ZZ", map[string][]okr.Date{"CH-ZH": nil})
	require.ErrorContains(t, err, "holidays.CH-ZH: \"CH-ZH\": no check-in rests by this region and nobody lives there")
}

func BenchmarkQuarterOf500People(b *testing.B) {
	s := simulate.Scenario{Seed: 1, Plan: okr.Plan{Cycle: okrtest.Quarter()}}
	require.NoError(b, simulate.Company{}.Fill(&s))
	for b.Loop() {
		got := run(b, s)
		b.ReportMetric(float64(got.Figures.Events), "events/op")
		b.ReportMetric(float64(got.Figures.Messages.Total), "messages/op")
	}
}
