package planfile_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// A file of several cycles is a plan for each, and every line of it is accounted
// for once.
func TestAFileOfSeveralCycles(t *testing.T) {
	src, err := os.ReadFile("testdata/checkins.json")
	require.NoError(t, err)
	plans, err := planfile.ReadAll("checkins.json", src)
	require.NoError(t, err)
	require.Len(t, plans, 2)
	require.Equal(t, okr.PlanCycle{Key: "FY27-28-Q1", Name: "GJ 27/28-Q1", Start: measure.NewDate(2027, 7, 1), End: measure.NewDate(2027, 9, 30)}, plans[0].Cycle)
	require.Equal(t, okr.PlanCycle{Key: "someday", Name: "Someday"}, plans[1].Cycle)
	require.Empty(t, plans[1].Unread)
	one, err := planfile.Read("checkins.json", src)
	require.NoError(t, err)
	require.Equal(t, plans[0].Objectives, one.Objectives)
	require.Len(t, one.Unread, len(plans[0].Unread)+1, "the objective of the other cycle is told")
	for _, p := range plans {
		requireUsable(t, p)
	}
}

// What is imported is written in okrkit's own format, and read back the same.
func TestHistorySurvivesARoundTrip(t *testing.T) {
	src, err := os.ReadFile("testdata/checkins.json")
	require.NoError(t, err)
	want, err := planfile.Read("checkins.json", src)
	require.NoError(t, err)
	want.Unread = nil
	for _, f := range []planfile.Format{planfile.YAML, planfile.JSON} {
		var file bytes.Buffer
		lost, err := planfile.Write(&file, f, want)
		require.NoError(t, err)
		require.Empty(t, lost)
		got, err := planfile.ReadAs(f, "", file.Bytes())
		require.NoError(t, err, file.String())
		require.Equal(t, withoutPositions(want), withoutPositions(got))
	}
	var table bytes.Buffer
	lost, err := planfile.Write(&table, planfile.CSV, want)
	require.NoError(t, err)
	named := ""
	for _, u := range lost {
		named += u.Text + "\n"
	}
	require.Contains(t, named, "checkins[0].at", "a table has no place for history, and says so")
	require.Contains(t, named, "metric.zones")
}

// tree is a file with one key result, whose fields and check-ins are given.
func tree(fields string, checkIns ...string) string {
	return fmt.Sprintf(`{"quarters": [{"label": "Q1 2027", "start_date": "2027-01-01", "end_date": "2027-03-31"}],
"objectives": [{"title": "Sail", "quarter": "Q1 2027", "key_results": [{"title": "Win", %s, "check_ins": [%s]}]}]}`, fields, strings.Join(checkIns, ", "))
}

// What can be measured is; what cannot is unknown, never 0, and the file is told
// why.
func TestWhatAnImportMeasures(t *testing.T) {
	at := `"created_on": "2027-02-01 08:00:00"`
	for name, c := range map[string]struct {
		src      string
		progress measure.Number
		unread   string
	}{
		"on the way":              {tree(`"baseline": 0, "stretch_goal": 10`, `{`+at+`, "value_metric": 5}`), number(0.5), ""},
		"down":                    {tree(`"baseline": 10, "stretch_goal": 0`, `{`+at+`, "value_metric": 3}`), number(0.7), ""},
		"away from the goal":      {tree(`"baseline": 10, "stretch_goal": 20`, `{`+at+`, "value_metric": 8}`), number(0), ""},
		"beyond the stretch":      {tree(`"baseline": 0, "stretch_goal": 10`, `{`+at+`, "value_metric": 15}`), number(1), ""},
		"three times the goal":    {tree(`"baseline": 0, "stretch_goal": 1`, `{`+at+`, "value_metric": 3}`), number(1), ""},
		"far below a small start": {tree(`"baseline": 40, "stretch_goal": 10`, `{`+at+`, "value_metric": 0.3}`), number(1), ""},
		"its own commit, target":  {tree(`"baseline": 0, "commit_value": 2, "target_value": 8, "stretch_goal": 10`, `{`+at+`, "value_metric": 2}`), number(0.3), ""},
		"a zone":                  {tree(`"commit_zone": "a", "target_zone": "b", "stretch_zone": "c"`, `{`+at+`, "zone": "TARGET"}`), number(0.7), ""},
		"fail needs no words":     {tree(`"target_zone": "b"`, `{`+at+`, "zone": "FAIL"}`), number(0), ""},
		"the newest counts":       {tree(`"baseline": 0, "stretch_goal": 10`, `{"created_on": "2027-02-08", "value_metric": 5}`, `{`+at+`, "value_metric": 1}`), number(0.5), ""},
		"no baseline":             {tree(`"baseline": null, "stretch_goal": 10`, `{`+at+`, "value_metric": 5}`), measure.Number{}, ""},
		"no reading":              {tree(`"baseline": 0, "stretch_goal": 10`, `{`+at+`, "value_metric": null}`), measure.Number{}, ""},
		"the start is the goal":   {tree(`"baseline": 5, "stretch_goal": 5`, `{`+at+`, "value_metric": 5}`), measure.Number{}, ""},
		"another unit, hundredth": {tree(`"baseline": 0, "stretch_goal": 1`, `{`+at+`, "value_metric": 84.8}`), measure.Number{}, "another unit"},
		"another unit, thousands": {tree(`"baseline": 750000, "stretch_goal": 1350000`, `{`+at+`, "value_metric": 812}`), measure.Number{}, "another unit"},
		"an older one in another": {tree(`"baseline": 0, "stretch_goal": 1`, `{"created_on": "2027-01-08", "value_metric": 50}`, `{`+at+`, "value_metric": 0.6}`), number(0.6), "another unit"},
		"zones without a target":  {tree(`"commit_zone": "a", "stretch_zone": "c"`, `{`+at+`, "zone": "STRETCH"}`), measure.Number{}, "without a target"},
		"a zone without words":    {tree(`"commit_zone": "-", "target_zone": "c"`, `{`+at+`, "zone": "COMMIT"}`), measure.Number{}, "does not describe"},
		"a zone of a number":      {tree(`"baseline": 0, "stretch_goal": 10`, `{`+at+`, "zone": "COMMIT"}`), measure.Number{}, "describes none"},
		"out of order":            {tree(`"baseline": 0, "commit_value": 9, "target_value": 8, "stretch_goal": 10`, `{`+at+`, "value_metric": 5}`), measure.Number{}, "along one way"},
		"no moment":               {tree(`"baseline": 0, "stretch_goal": 10`, `{"value_metric": 5}`), measure.Number{}, "when it was taken"},
	} {
		t.Run(name, func(t *testing.T) {
			var trace planfile.Trace
			p, err := planfile.Read("p.json", []byte(c.src), planfile.WithTrace(&trace))
			require.NoError(t, err)
			requireAccount(t, []byte(c.src), p, trace)
			n := 0
			now := time.Date(2027, 2, 10, 0, 0, 0, 0, time.UTC)
			s, _, err := p.Snapshot(func() string { n++; return fmt.Sprintf("%03d", n) }, now)
			require.NoError(t, err)
			r := s.Measure(now)[s.KeyResults[0].ID]
			require.Equal(t, c.progress, r.Progress)
			if !c.progress.Known() {
				require.False(t, r.Raw.Known())
				require.Equal(t, measure.Unknown, r.Status)
			}
			reasons := ""
			for _, u := range p.Unread {
				reasons += u.Reason + "\n"
			}
			if c.unread == "" {
				require.Empty(t, reasons)
			} else {
				require.Contains(t, reasons, c.unread)
			}
		})
	}
}

// Confidences are on the scale that the file shows.
func TestConfidencesOfAnImport(t *testing.T) {
	for confidences, want := range map[string]measure.Number{
		"7, 3": number(3), "0.7, 0.3": number(3), "1, 1": number(1), `"70%", "30%"`: number(3), "7, 1": number(1), "7, 12": number(7),
	} {
		a, b, _ := strings.Cut(confidences, ", ")
		p, err := planfile.Read("p.json", []byte(tree(`"baseline": 0`, `{"at": "2027-01-05", "confidence": `+a+`}`, `{"at": "2027-01-12", "confidence": `+b+`}`)))
		require.NoError(t, err)
		s, _, err := p.Snapshot(func() string { return "x" }, time.Date(2027, 2, 10, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		require.Equal(t, want, s.KeyResults[0].Confidence, confidences)
	}
}

func TestHistoryOfTheOwnFormatIsChecked(t *testing.T) {
	for src, want := range map[string]string{
		"{value: 5}":                       "at: is missing",
		"{at: tomorrow, value: 5}":         "is no instant",
		"{at: 2027-01-05, value: many}":    "is no number",
		"{at: 2027-01-05, value: 5 %}":     "is not the unit",
		"{at: 2027-01-05, confidence: 12}": "does not fit",
		"{at: 2027-01-05, zone: middle}":   "is not known",
		"{at: 2027-01-05, zone: target}":   "only a metric of kind zones",
		"{at: 2027-01-05, values: 5}":      "did you mean value?",
		"{at: 2027-01-05, value: .nan}":    "not finite",
		"5":                                "a mapping belongs",
	} {
		_, err := planfile.Read("p.yaml", []byte("objectives:\n- title: Sail\n  key_results:\n  - title: Win\n    metric: {unit: boats, baseline: 0, target: 9}\n    checkins:\n    - "+src+"\n"))
		require.ErrorIs(t, err, okr.ErrInvalid, src)
		require.Contains(t, err.Error(), want, src)
	}
	for src, want := range map[string]string{"bands: rosy": "default, viva", "bands: [1]": "text belongs", "bands: gap 2": "is not known", "grade_objectives: maybe": "neither true nor false"} {
		_, err := planfile.Read("p.yaml", []byte("cycle: {key: a, "+src+"}\nobjectives: [{title: Sail}]\n"))
		require.ErrorIs(t, err, okr.ErrInvalid, src)
		require.Contains(t, err.Error(), want, src)
	}
	p, err := planfile.Read("p.yaml", []byte("objectives:\n- title: Sail\n  key_results:\n  - title: Win\n    metric: {zones: {commit: one, target: two}}\n    checkins:\n    - {at: \"2027-01-05 08:00\", zone: Commit, author: ada, note: hm}\n"))
	require.NoError(t, err)
	k := p.Objectives[0].KeyResults[0]
	require.Equal(t, measure.Metric{Kind: measure.Zones, Zones: []measure.Zone{{Level: measure.LevelCommit, Text: "one"}, {Level: measure.LevelTarget, Text: "two"}}}, k.Metric)
	require.Equal(t, []okr.PlanCheckIn{{At: time.Date(2027, 1, 5, 8, 0, 0, 0, time.UTC), Zone: measure.LevelCommit, Author: "ada", Note: "hm"}}, k.CheckIns)
}
