package audit_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
)

func Example() {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	if err != nil {
		fmt.Println(err)
		return
	}
	judge := audit.New(live)
	now := time.Date(2026, 9, 25, 9, 0, 0, 0, time.UTC)
	plan := okr.Plan{
		Cycle:  okrtest.Quarter(),
		People: []okr.Person{{ID: "mara", Name: "Mara Lind"}},
		Objectives: []okr.PlanObjective{{
			Title: "Customers recommend us",
			Owner: "mara",
			KeyResults: []okr.PlanKeyResult{
				{
					Title: "Achieve a Net Promoter Score of 45 or more", Owner: "mara",
					Metric: measure.Metric{Kind: measure.AtLeast, Target: measure.N(45)},
					Source: &okr.Source{Kind: "manual", Where: "Survey", Interval: okr.EveryWeek},
				},
				{Title: "Improve customer satisfaction", Owner: "the team", Source: &okr.Source{Kind: "manual", Interval: okr.EveryWeek}},
			},
		}},
	}
	snapshot, at, err := plan.Snapshot(okrtest.SequentialIDs(), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := judge.Report(context.Background(), audit.Input{Snapshot: snapshot, Now: now, At: at})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := report.Render(os.Stdout, audit.FormatText); err != nil {
		fmt.Println(err)
	}
	// Output:
	// error  one-human-owner (1)
	//   “Improve customer satisfaction” is owned by “the team”, which is a group and not one person
	//   → Name the one person who answers for the number; the others can help.
	//
	// error  measurable (1)
	//   “Improve customer satisfaction” names nothing that can be measured
	//   → Say which number shall be where by the end, for example: Achieve a Net Promoter Score of 45 or more.
	//
	// 2 key results in 1 objective; 1 ready, 0 weak, 1 not ready; 2 errors, 0 warnings, 0 notes.
}

func ExampleJudge_Draft() {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	if err != nil {
		fmt.Println(err)
		return
	}
	judge := audit.New(live)
	for _, text := range []string{"Improve customer satisfaction", "Achieve a Net Promoter Score of 45+ by Q2"} {
		draft, err := judge.Draft(context.Background(), text)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(draft.Verdict, "-", draft.Text)
	}
	// Output:
	// weak - Improve customer satisfaction
	// strong - Achieve a Net Promoter Score of 45+ by Q2
}
