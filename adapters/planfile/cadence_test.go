package planfile_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
)

func TestParseCadence(t *testing.T) {
	for words, want := range map[string]okr.Schedule{
		"weekly":                              {Frequency: okr.Weekly, Weekday: time.Friday},
		"every week":                          {Frequency: okr.Weekly, Weekday: time.Friday},
		"every week on Monday":                {Frequency: okr.Weekly, Weekday: time.Monday},
		"every 2 weeks on tuesday":            {Frequency: okr.Weekly, Every: 2, Weekday: time.Tuesday},
		"every second tuesday":                {Frequency: okr.Weekly, Every: 2, Weekday: time.Tuesday},
		"every other week on tue at 9:30":     {Frequency: okr.Weekly, Every: 2, Weekday: time.Tuesday, At: "09:30"},
		"every 1 weeks on tuesday":            {Frequency: okr.Weekly, Weekday: time.Tuesday},
		"tuesday, every 3 weeks":              {Frequency: okr.Weekly, Every: 3, Weekday: time.Tuesday},
		"last friday of the month":            {Frequency: okr.Monthly, Week: -1, Weekday: time.Friday},
		"on the first monday of the month":    {Frequency: okr.Monthly, Week: 1, Weekday: time.Monday},
		"every second tuesday of the month":   {Frequency: okr.Monthly, Week: 2, Weekday: time.Tuesday},
		"third thursday of every month 16:00": {Frequency: okr.Monthly, Week: 3, Weekday: time.Thursday, At: "16:00"},
		"monthly on the last friday":          {Frequency: okr.Monthly, Week: -1, Weekday: time.Friday},
		"every 2 months":                      {Frequency: okr.Monthly, Every: 2},
		"every month at 17:00":                {Frequency: okr.Monthly, At: "17:00"},
		"quarterly last friday":               {Frequency: okr.Monthly, Every: 3, Week: -1, Weekday: time.Friday},
	} {
		got, err := planfile.ParseCadence("--cadence", words)
		require.NoError(t, err, words)
		require.Equal(t, want, got, words)
		// What is written in words means the same when it is read.
		plan := okr.Plan{Objectives: []okr.PlanObjective{{Title: "Trains run on time", KeyResults: []okr.PlanKeyResult{{Title: "Cut delays from 9 to 4 a day", Cadence: &want}}}}}
		for _, format := range []planfile.Format{planfile.CSV, planfile.Markdown, planfile.YAML} {
			var b bytes.Buffer
			_, err := planfile.Write(&b, format, plan)
			require.NoError(t, err, words)
			back, err := planfile.ReadAs(format, "plan", b.Bytes())
			require.NoError(t, err, words)
			require.Equal(t, &want, back.Objectives[0].KeyResults[0].Cadence, "%s: %s\n%s", format, words, b.String())
		}
	}
	for _, words := range []string{
		"", "hourly", "every", "every 0 weeks on tuesday", "every 2 fridays", "weekly monthly", "friday of the month", "last friday",
		"fifth friday of the month", "weekly on the last friday", "monthly friday", "first last friday of the month", "friday friday",
		"every 2 weeks on", "friday 16:00 17:00", "of the month", "every 2000 weeks",
	} {
		_, err := planfile.ParseCadence("--cadence", words)
		require.ErrorIs(t, err, okr.ErrInvalid, words)
		require.ErrorContains(t, err, `"last friday of the month"`, words)
	}
}
