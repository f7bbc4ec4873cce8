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

func TestWriteMarkdown(t *testing.T) {
	p := okr.Plan{
		Cycle:  okr.PlanCycle{Key: "FY27-Q2", Name: "FY27-Q2", Start: measure.NewDate(2027, 5, 1), End: measure.NewDate(2027, 7, 31)},
		People: []okr.Person{{ID: "u1", Name: "Elin Sund"}},
		Objectives: []okr.PlanObjective{
			{Key: "O1", Title: "The lake is *clear*", Description: "Nobody swims.", Owner: "Elin Sund", Team: "Water", Committed: true, Score: number(0.7), Outcome: "70 %, nearly", KeyResults: []okr.PlanKeyResult{
				{
					Key: "P1.1", Title: "Mercury [total] falls", Owner: "Per Ek", Metric: measure.Metric{Kind: measure.AtMost, Unit: "mg", Target: number(1.234)}, Current: number(3), Confidence: number(6),
					Weight: number(2), Due: measure.NewDate(2027, 6, 30), Source: &okr.Source{Where: "lab book"}, Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "16:00"},
					Definition: "per litre", Rationale: "we drink it", Score: number(1.05), Outcome: "105%", Initiatives: []okr.Initiative{{Title: "new pump"}, {Title: "reeds", Done: true}},
				},
				{Title: "Boats with clean engines", Metric: measure.Metric{Kind: measure.Increase, Baseline: number(10), Target: number(40)}},
			}},
			{Key: "shore", Title: "The shore is quiet", Parent: "O1"},
		},
	}
	var file bytes.Buffer
	lost, err := planfile.Write(&file, planfile.Markdown, p)
	require.NoError(t, err)
	require.Equal(t, `# OKRs FY27-Q2

This cycle runs from 2027-05-01 to 2027-07-31.

## Objective O1: The lake is \*clear\*

Nobody swims.

Owner: Elin Sund
Team: Water
Commitment: committed
Score: 70 %, nearly

- **KR P1.1:** Mercury \[total\] falls
  - Owner: Per Ek
  - Definition: per litre
  - Why: we drink it
  - Kind: at most
  - Unit: mg
  - Target: 1.2340
  - Current: 3
  - Confidence: 6/10
  - Weight: 2
  - Due: 2027-06-30
  - Source: lab book
  - Cadence: weekly friday 16:00
  - Score: 105%
  - new pump
  - [x] reeds
- **KR 1.2:** Boats with clean engines
  - Owner:
  - Kind: increase
  - Baseline: 10
  - Target: 40

## Objective 2: The shore is quiet

`, file.String())
	var texts []string
	for _, l := range lost {
		texts = append(texts, l.Text)
	}
	require.Equal(t, []string{"objectives[1].key: shore", "objectives[1].parent: O1", "people[0].id: u1", "people[0].name: Elin Sund"}, texts)

	again, err := planfile.Read("plan.md", file.Bytes())
	require.NoError(t, err)
	require.Equal(t, p.Cycle, again.Cycle)
	require.Equal(t, p.Objectives[0], withoutPositions(again).Objectives[0])
	require.Empty(t, again.Objectives[0].KeyResults[1].Owner, "nobody owns it, and not the objective's owner")
}

// Whatever an outline cannot keep is named.
func TestMarkdownLosesNothingSilently(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawPlan(t)
		var file bytes.Buffer
		lost, err := planfile.Write(&file, planfile.Markdown, want)
		if err != nil {
			require.ErrorIs(t, err, okr.ErrInvalid)
			return
		}
		var trace planfile.Trace
		got, err := planfile.ReadAs(planfile.Markdown, "", file.Bytes(), planfile.WithTrace(&trace))
		require.NoError(t, err)
		requireAccount(t, file.Bytes(), got, trace)
		named := func(path string) bool {
			for _, l := range lost {
				if strings.HasPrefix(l.Text, "objectives") && strings.Contains(l.Text, path) {
					return true
				}
			}
			return false
		}
		for i, o := range want.Objectives {
			if i >= len(got.Objectives) {
				require.NotEmpty(t, lost, file.String())
				continue
			}
			g := got.Objectives[i]
			require.True(t, g.Title == o.Title || named("title"), file.String())
			require.True(t, o.Description == "" || g.Description == o.Description || named("description"), file.String())
			require.True(t, !o.Score.Known() || g.Score.Equal(o.Score) || named("score"), file.String())
			for j, k := range o.KeyResults {
				if j >= len(g.KeyResults) {
					require.NotEmpty(t, lost, file.String())
					continue
				}
				x := g.KeyResults[j]
				require.True(t, x.Title == k.Title || named("title"), file.String())
				require.True(t, !k.Metric.Target.Known() || x.Metric.Target.Equal(k.Metric.Target) || named("target"), file.String())
				require.True(t, !k.Score.Known() || x.Score.Equal(k.Score) || named("score"), file.String())
				require.True(t, k.Owner == "" || x.Owner == k.Owner || named("owner"), file.String())
				require.True(t, len(k.CheckIns) == 0 || named("checkins"), file.String())
			}
		}
	})
}
