package planfile_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func TestWriteCSV(t *testing.T) {
	p := okr.Plan{
		Cycle:  okr.PlanCycle{Key: "2027-Q2", Zone: "Europe/Zurich"},
		People: []okr.Person{{ID: "u1", Name: "Elin Sund"}},
		Objectives: []okr.PlanObjective{
			{Key: "lake", Title: "The lake is clear", Owner: "Elin Sund", Team: "Water", Committed: true, KeyResults: []okr.PlanKeyResult{
				{
					Title: "=SUM of samples", Owner: "Per Ek", Metric: measure.Metric{Kind: measure.AtMost, Unit: "mg", Target: number(1.234)}, Current: number(-3),
					Confidence: number(0.5), Due: measure.NewDate(2027, 6, 30), Source: &okr.Source{Kind: "sql", Where: "lab, room 2"},
					Cadence:     &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00"},
					Initiatives: []okr.Initiative{{Title: "new pump"}, {Title: "reeds", Done: true}},
				},
				{Title: "Boats with \"clean\" engines", Metric: measure.Metric{Kind: measure.Increase, Baseline: number(10), Target: number(40)}},
			}},
			{Key: "shore", Title: "The shore is quiet", Parent: "lake"},
		},
	}
	var file bytes.Buffer
	lost, err := planfile.Write(&file, planfile.CSV, p)
	require.NoError(t, err)
	require.Equal(t, `cycle,objective_key,objective,objective_owner,team,parent,committed,key_result,owner,kind,unit,baseline,target,current,confidence,due,source,cadence,initiatives
2027-Q2,lake,The lake is clear,Elin Sund,Water,,committed,'=SUM of samples,Per Ek,at_most,mg,,1.2340,-3,0.5/10,2027-06-30,"lab, room 2",weekly friday 16:00,new pump; reeds
2027-Q2,lake,The lake is clear,Elin Sund,Water,,committed,"Boats with ""clean"" engines",,increase,,10,40,,,,,,
2027-Q2,shore,The shore is quiet,,,The lake is clear,,,,,,,,,,,,,
`, file.String())
	var texts []string
	for _, l := range lost {
		texts = append(texts, l.Text)
	}
	require.Equal(t, []string{
		"cycle.zone: Europe/Zurich",
		"objectives[0].key_results[0].initiatives[1].done: true",
		"objectives[0].key_results[0].source.kind: sql",
		"people[0].id: u1", "people[0].name: Elin Sund",
	}, texts)

	again, err := planfile.Read("plan.csv", file.Bytes())
	require.NoError(t, err)
	require.Equal(t, p.Objectives[0].KeyResults[0].Title, again.Objectives[0].KeyResults[0].Title)
	require.Equal(t, p.Objectives[0].KeyResults[0].Metric, again.Objectives[0].KeyResults[0].Metric)
	require.Equal(t, "lake", again.Objectives[1].Parent)
}

// Whatever a table cannot keep is named: written, read and written again, a plan
// loses nothing more.
func TestCSVLosesNothingSilently(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawPlan(t)
		var first, second bytes.Buffer
		lost, err := planfile.Write(&first, planfile.CSV, want)
		if err != nil {
			require.ErrorIs(t, err, okr.ErrInvalid)
			return
		}
		got, err := planfile.ReadAs(planfile.CSV, "", first.Bytes())
		require.NoError(t, err)
		for i, o := range want.Objectives {
			for j, k := range o.KeyResults {
				named := func(field string) bool {
					for _, l := range lost {
						if strings.HasPrefix(l.Text, "objectives") && strings.Contains(l.Text, field) {
							return true
						}
					}
					return false
				}
				if i >= len(got.Objectives) || j >= len(got.Objectives[i].KeyResults) {
					require.NotEmpty(t, lost, first.String())
					continue
				}
				g := got.Objectives[i].KeyResults[j]
				require.True(t, g.Title == k.Title || named("title"), first.String())
				require.True(t, !k.Metric.Target.Known() || g.Metric.Target.Equal(k.Metric.Target) || named("target"), first.String())
				require.True(t, !k.Score.Known() || g.Score.Equal(k.Score) || named("score"), first.String())
				require.True(t, k.Outcome == "" || g.Outcome == k.Outcome || named("outcome"), first.String())
				require.True(t, k.Score.Known() || !g.Score.Known() || shape(got) != shape(want), first.String())
				require.True(t, !k.Confidence.Known() || g.Confidence.Equal(k.Confidence) || named("confidence"), first.String())
			}
		}
		_, err = planfile.Write(&second, planfile.CSV, got)
		require.NoError(t, err)
	})
}

// A column of objectives that are numbers is one of targets, unless nothing else says
// what its rows are about.
func TestCSVObjectivesThatAreNumbers(t *testing.T) {
	p, err := planfile.Read("t.csv", []byte("key_result,objective,unit\nReach forty trials,40,trials\n"))
	require.NoError(t, err)
	require.Equal(t, number(40), p.Objectives[0].KeyResults[0].Metric.Target)

	want := okr.Plan{Objectives: []okr.PlanObjective{{Title: "2030"}}}
	var file bytes.Buffer
	lost, err := planfile.Write(&file, planfile.CSV, want)
	require.NoError(t, err)
	require.Empty(t, lost)
	p, err = planfile.Read("plan.csv", file.Bytes())
	require.NoError(t, err)
	require.Equal(t, "2030", p.Objectives[0].Title)
}

// Numbers and dates are read as their table writes them, and not at all where
// even the table leaves two ways.
func TestCSVConventions(t *testing.T) {
	read := func(t *testing.T, src string) (okr.PlanKeyResult, []okr.Unread) {
		t.Helper()
		p, err := planfile.Read("t.csv", []byte(src))
		require.NoError(t, err)
		return p.Objectives[0].KeyResults[0], p.Unread
	}
	for name, c := range map[string]struct {
		src    string
		target measure.Number
		due    okr.Date
		unread int
	}{
		"a point that parts thousands in another row": {"key_result,target\na,1.000\nb,\"1.000,5\"\n", number(1000), okr.Date{}, 0},
		"a decimal point in another row":              {"key_result,target\na,1.000\nb,0.5\n", number(1), okr.Date{}, 0},
		"semicolons come with decimal commas":         {"key_result;target\na;1.000\n", number(1000), okr.Date{}, 0},
		"two ways":                                    {"key_result,target\na,1.000\n", measure.Number{}, okr.Date{}, 1},
		"two conventions in one table":                {"key_result,target\na,1.000\nb,0.5\nc,\"0,5\"\n", measure.Number{}, okr.Date{}, 1},
		"grouped twice":                               {"key_result,target\na,1.000.000\n", number(1000000), okr.Date{}, 0},
		"a sign and a unit":                           {"key_result,target\na,≥ 95 %\n", number(95), okr.Date{}, 0},
		"words":                                       {"key_result,target\na,as many as we can\n", measure.Number{}, okr.Date{}, 1},
		"nothing":                                     {"key_result,target\na,n/a\n", measure.Number{}, okr.Date{}, 0},
		"day first, by another row":                   {"key_result,due\na,03/04/2027\nb,30/04/2027\n", measure.Number{}, measure.NewDate(2027, 4, 3), 0},
		"month first, by another row":                 {"key_result,due\na,03/04/2027\nb,04/30/2027\n", measure.Number{}, measure.NewDate(2027, 3, 4), 0},
		"either first":                                {"key_result,due\na,03/04/2027\n", measure.Number{}, okr.Date{}, 1},
		"with points":                                 {"key_result,due\na,3.4.2027\n", measure.Number{}, measure.NewDate(2027, 4, 3), 0},
		"no such day":                                 {"key_result,due\na,31.04.2027\n", measure.Number{}, okr.Date{}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			k, unread := read(t, c.src)
			require.Equal(t, c.target, k.Metric.Target)
			require.Equal(t, c.due, k.Due)
			require.Len(t, unread, c.unread)
		})
	}
}

func TestCSVConfidenceByColumn(t *testing.T) {
	for src, want := range map[string]measure.Number{
		"key_result,confidence\na,0.7\nb,1\n":   number(7),
		"key_result,confidence\na,7\nb,1\n":     number(7),
		"key_result,confidence\na,70\nb,100\n":  number(7),
		"key_result,confidence\na,70 %\n":       number(7),
		"key_result,confidence\na,7/10\n":       number(7),
		"key_result,confidence\na,1\nb,0\n":     {},
		"key_result,confidence\na,-1\nb,5\n":    {},
		"key_result,confidence\na,high\nb,5\n":  {},
		"key_result,confidence\na,7000\nb,50\n": {},
	} {
		p, err := planfile.Read("t.csv", []byte(src))
		require.NoError(t, err)
		require.Equal(t, want, p.Objectives[0].KeyResults[0].Confidence, src)
		require.Equal(t, !want.Known(), len(p.Unread) > 0, src)
	}
}

func TestAYesNoStandsAtOneOrZero(t *testing.T) {
	plan, err := planfile.Read("plan.csv", []byte("objective,key_result,current\nShip,The contract with the city is signed,40\nShip,The permit is signed,1\n"))
	require.NoError(t, err)
	ks := plan.Objectives[0].KeyResults
	require.False(t, ks[0].Current.Known())
	require.Equal(t, measure.N(1), ks[1].Current)
	require.Len(t, plan.Unread, 1)
	require.Equal(t, "40", plan.Unread[0].Text)
}
