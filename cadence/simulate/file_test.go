package simulate_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func TestRead(t *testing.T) {
	src, err := os.ReadFile("testdata/scenario.yaml")
	require.NoError(t, err)
	require.True(t, simulate.IsFile(src))
	got, err := simulate.Read("scenario.yaml", src)
	require.NoError(t, err)
	require.Nil(t, got.Company)
	require.True(t, got.HasPlan)
	require.Equal(t, strings.Count(string(src), "\n"), strings.Count(string(got.Text), "\n"), "lines stay where they were")
	require.NotContains(t, string(got.Text), "rehearse")
	require.Contains(t, string(got.Text), "objectives:")
	require.True(t, got.HasCycle)
	zurich, err := time.LoadLocation("Europe/Zurich")
	require.NoError(t, err)
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.October, day, hour, minute, 0, 0, zurich).UTC()
	}
	require.Equal(t, simulate.Chances{Stalled: -1, Falling: 0.5}, got.Chances)
	require.Equal(t,
		simulate.Scenario{
			Seed: 4, Weeks: 4, After: 2, Every: 5 * time.Minute, Habit: "diligent",
			Habits:   map[okr.ID]string{"ben": "part-time"},
			Own:      map[string]simulate.Habit{"part-time": {Unprompted: 0.1, Answers: 0.8, Blocked: 0.5, Median: 8 * time.Hour, Slow: 72 * time.Hour}},
			Path:     simulate.Path{Pace: 0.9, Noise: 0.02},
			Paths:    map[string]simulate.Path{"stay/renewals": {Pace: 1, Stalls: measure.NewDate(2026, 10, 12), Falls: true}},
			Feeds:    map[string]simulate.Feed{"stay/answers": {Every: okr.Daily, Dies: measure.NewDate(2026, 10, 10), Mends: measure.NewDate(2026, 10, 20)}},
			Holidays: map[string][]okr.Date{"CH-ZH": {measure.NewDate(2026, 10, 9), measure.NewDate(2026, 12, 25)}},
			Down:     []simulate.Outage{{From: at(8, 8, 0), To: at(9, 0, 0)}},
			Script: []simulate.Step{
				{At: at(6, 9, 30), CheckIn: "ana", KeyResult: "stay/renewals", Blocker: "No data from billing"},
				{At: at(7, 9, 0), KeyResult: "stay/answers", Reading: measure.N(11.5)},
				{At: at(14, 0, 0), KeyResult: "stay/answers", Fails: "timeout"},
				{At: time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC), Leaves: "ben"},
			},
		}, got.Scenario)
}

func TestAPaceOfZeroStandsStill(t *testing.T) {
	got, err := simulate.Read("s.yaml", []byte("objectives: []\nrehearse:\n  path: {pace: 0}\n"))
	require.NoError(t, err)
	require.NotZero(t, got.Path.Pace, "which would be the usual one")
	require.Less(t, got.Path.Pace, 1e-9)
}

func TestReadRefuses(t *testing.T) {
	for src, want := range map[string]string{
		"":                                         "x.yaml: there is no section rehearse",
		"cycle: {}\n":                              "x.yaml: there is no section rehearse",
		"rehearse: [":                              "x.yaml: this is no YAML",
		"{rehearse: {}}":                           "x.yaml: there is no section rehearse",
		"rehearse: 3\nobjectives: []":              `x.yaml:1: rehearse: "3" stands where fields are needed: write them as after`,
		"rehearse: {}\nrehearse: {}\n":             "rehearse",
		"rehearse: {}":                             "x.yaml:1: rehearse: this cannot be used: say who is rehearsed",
		"objectives: []\nrehearse:\n  sed: 1":      `x.yaml:3: rehearse: "sed" is not known: use after`,
		"objectives: []\nrehearse:\n  seed: -1":    `x.yaml:3: rehearse.seed: "-1" is no whole number`,
		"objectives: []\nrehearse:\n  weeks: 200":  "write a whole number from 1 to 104",
		"objectives: []\nrehearse:\n  every: x":    `"x" is no length of time`,
		"objectives: []\nrehearse:\n  habit: lazy": "use one of [diligent late silent mixed]",
		"objectives: []\nrehearse:\n  habits: {a: {answers: 2}}":                     `"2" is no share: write a number from 0 to 1`,
		"objectives: []\nrehearse:\n  habits: {a: {median: 3d, slow: 1d}}":           "slow answers take no less than the median",
		"objectives: []\nrehearse:\n  habits: {late: {}}":                            "this is a preset",
		"objectives: []\nrehearse:\n  paths: {o/k: {stalls: yesterday}}":             `x.yaml:3: rehearse.paths.o/k.stalls: "yesterday" is no day`,
		"objectives: []\nrehearse:\n  paths: {o/k: {falls: true}}":                   "say from which day",
		"objectives: []\nrehearse:\n  feeds: {o/k: {mends: 2026-10-01}}":             "it mends after the day on which it dies",
		"objectives: []\nrehearse:\n  down: [{from: 2026-10-02, to: 2026-10-01}]":    "an outage ends after it begins",
		"objectives: []\nrehearse:\n  script: [{at: soon}]":                          `rehearse.script[0].at: "soon" is no instant`,
		"objectives: []\nrehearse:\n  company: {people: 3}":                          "keep one of the two",
		"rehearse:\n  company: {people: 0}":                                          "write a whole number from 1 to 20000",
		"rehearse:\n  company: {people: 20000, team: 1}":                             "100000 are the most",
		"rehearse:\n  company: {zones: [Mars/North]}":                                "use a name of the IANA time zone database",
		"rehearse: &a\n  script: [*a]\n  company: *a":                                "rehearse",
		"rehearse:\n  plan: a.csv\nobjectives: []":                                   "keep one of the two",
		"rehearse:\n  plan: a.csv\n  company: {}":                                    "keep one of the two",
		"rehearse:\n  plan: a.csv\n  plan: b.csv":                                    "",
		"objectives: []\nrehearse:\n  people: [ana]":                                 "a list stands where names are needed",
		"objectives: []\nrehearse:\n  path: {pace: .inf}":                            "is no share",
		"objectives: []\nrehearse:\n  script: [{at: 2026-10-01, reading: \"four\"}]": `"four" is no number`,
	} {
		_, err := simulate.Read("x.yaml", []byte(src))
		require.ErrorIs(t, err, okr.ErrInvalid, src)
		require.ErrorContains(t, err, want, src)
	}
}

func FuzzRead(f *testing.F) {
	src, err := os.ReadFile("testdata/scenario.yaml")
	require.NoError(f, err)
	f.Add(string(src))
	for _, s := range []string{"rehearse:\n  company: {people: 3}\ncycle: {zone: UTC}", "rehearse: &a\n  script: [*a]", "a:\nrehearse: {}\nb:\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got, err := simulate.Read("x.yaml", []byte(src))
		if err != nil {
			require.ErrorIs(t, err, okr.ErrInvalid)
			require.True(t, strings.HasPrefix(err.Error(), "x.yaml:"), err.Error())
			return
		}
		require.True(t, simulate.IsFile([]byte(src)), src)
		require.Equal(t, strings.Count(src, "\n"), strings.Count(string(got.Text), "\n"))
	})
}
