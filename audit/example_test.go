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

// Where a finding comes from: the expression, what it read, and the same answer again
// from that alone.
func ExampleJudge_Explain() {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	if err != nil {
		fmt.Println(err)
		return
	}
	judge := audit.New(live)
	began := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	now := began.AddDate(0, 0, 30)
	snapshot := &okr.Snapshot{
		Tenant:     "acme",
		Cycles:     []okr.Cycle{{ID: "q4", Key: "2026-Q4", Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}},
		Objectives: []okr.Objective{{ID: "o", Cycle: "q4", Title: "Companies stay", State: okr.Active}},
		KeyResults: []okr.KeyResult{{
			ID: "k", Cycle: "q4", Objective: "o", Title: "Win 60 customers", State: okr.Active, ActivatedAt: &began,
			Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(60)}, Current: measure.N(54), CurrentAt: &now, Reading: "reading-9",
			Original: &okr.Definition{Title: "Win 100 customers"},
		}},
		Packs: judge.Starter(),
	}
	proposal := okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: snapshot, After: snapshot, Measured: snapshot.Measure(now), Now: now}
	explanation, err := judge.Explain(context.Background(), proposal, audit.Ask{
		Subject: okr.Ref{Kind: okr.KindKeyResult, ID: "k"}, Of: rules.TraceOfRule, Pack: "honesty", Rule: "words-stay",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	trace := explanation.Trace
	fmt.Println(trace.Outcome, "by", trace.Pack, trace.Version+":", trace.Rule.Check)
	for _, read := range trace.Reads {
		if read.Value != nil {
			fmt.Println(" ", read.Path, "=", rules.Format(read.Value))
		}
	}
	again, err := judge.Recompute(context.Background(), snapshot.Packs, explanation)
	fmt.Println(again.Trace.Outcome, err)
	// Output:
	// fail by honesty 1.0.0: kr.original.title == kr.title
	//   kr.state = active
	//   kr.original.title = Win 100 customers
	//   kr.title = Win 60 customers
	// fail <nil>
}

func ExampleCalibrate() {
	var forecasts []audit.Forecast
	for i := range 20 { // twenty key results of six people, who said nine every time and hit twelve
		forecasts = append(forecasts, audit.Forecast{
			Team: "sales", Person: okr.ID(fmt.Sprint("person-", i%6)), KeyResult: okr.ID(fmt.Sprint("key-result-", i)),
			Confidence: measure.N(9), Hit: i < 12,
		})
	}
	calibrations, err := audit.Calibrate(forecasts, audit.CalibrationOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	sales := calibrations[1]
	fmt.Println(sales.Team, sales.Verdict)
	fmt.Println(sales.Advice)
	// Output:
	// sales over_confident
	// 90 in 100 were expected to be hit, and 60 were. Ask in the first check-ins what could go wrong, and start lower.
}
