package measure_test

import (
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// churn shall fall from 5 to 3 % in the last quarter, and half of the time is over.
func churn() (measure.Input, []measure.Reading) {
	now := time.Date(2026, time.November, 15, 12, 0, 0, 0, time.UTC)
	var readings []measure.Reading
	for i, v := range []float64{4.9, 4.8, 4.6, 4.5} {
		readings = append(readings, measure.Reading{ID: fmt.Sprint("r-", i+1), Value: measure.N(v), At: now.AddDate(0, 0, 7*(i-4))})
	}
	return measure.Input{
		Metric: measure.Metric{Kind: measure.Decrease, Unit: "%", Baseline: measure.N(5), Target: measure.N(3)},
		First:  measure.NewDate(2026, time.October, 1),
		Last:   measure.NewDate(2026, time.December, 31),
		Today:  measure.DateOf(now),
		Now:    now,
		Latest: readings[3],
		Fresh:  8 * 24 * time.Hour,
	}, readings
}

func ExampleKeyResult() {
	in, _ := churn()
	r := measure.KeyResult(&in)
	fmt.Println(r.Progress, r.Status)
	fmt.Println(in.Hit().Reason)
	// Output:
	// 0.25 at_risk
	// its value is 4.5 %, and a hit is 3 % or less
}

func ExampleExplain() {
	in, _ := churn()
	for _, d := range measure.Explain(&in) {
		if d.Of == "raw" {
			fmt.Println(d)
			v, _, err := measure.Recompute(d)
			fmt.Println(v, err)
		}
	}
	// Output:
	// raw = 0.25 by (current - baseline) / (target - baseline) with current 4.5 (r-4), baseline 5, target 3
	// 0.25 <nil>
}

func ExampleNeeded() {
	in, _ := churn()
	friday := measure.NewDate(2026, time.November, 20)
	n := measure.Needed(&in, friday)
	fmt.Println("on track by", n.On, "at", in.Metric.Format(n.Then), "which is", in.Metric.FormatDifference(n.Missing))
	fmt.Println("to the target:", in.Metric.FormatDifference(n.PerWeek), "a week")
	// Output:
	// on track by 2026-11-20 at 4.1 % which is -0.4 pp
	// to the target: -0.2 pp a week
}

func ExampleForecasted() {
	in, readings := churn()
	f := measure.Forecasted(&in, readings)
	fmt.Println(in.Metric.Format(f.Value), "on", f.On, "if nothing changes:", f.Status)
	// Output:
	// 3.4 % on 2026-12-31 if nothing changes: off_track
}

func ExamplePhases() {
	c := measure.Phases(measure.Phase{On: measure.NewDate(2026, time.November, 30), Share: 0.2})
	fmt.Println(c)
	first, last := measure.NewDate(2026, time.October, 1), measure.NewDate(2026, time.December, 31)
	fmt.Println(c.Expected(first, last, measure.NewDate(2026, time.October, 31)))
	// Output:
	// phases 2026-11-30:0.2
	// 0.1
}

func ExampleMetric_Finished() {
	m := measure.Metric{Kind: measure.Milestones, Milestones: []measure.Milestone{
		{Key: "draft", Name: "Draft agreed"}, {Key: "signed", Name: "Contract signed", Weight: measure.N(3)},
	}}
	v, err := m.Finished("draft")
	fmt.Println(m.Format(v), err)
	// Output:
	// 25 % <nil>
}

func ExampleTally() {
	m := measure.Metric{Kind: measure.AtMost, Unit: "hours", Target: measure.N(4), Mode: measure.HitRatio}
	t := measure.TallyOf(m, 13, measure.N(3), measure.N(5), measure.N(4))
	fmt.Println(m.Format(t.Figure(measure.HitRatio)), m.Format(m.Progress(t.Figure(measure.HitRatio))))
	t = t.Remove(m, measure.N(5)).Add(m, measure.N(3.5)) // the second reading was wrong
	fmt.Println(m.Format(t.Figure(measure.HitRatio)))
	// Output:
	// 15.4 % 15.4 %
	// 23.1 %
}

func ExampleParseBands() {
	b, err := measure.ParseBands("ratio 0.9 0.7")
	fmt.Println(b, b.Of(measure.N(0.8)), err)
	// Output:
	// ratio_90_70 at_risk <nil>
}
