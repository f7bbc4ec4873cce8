package measure_test

import (
	"testing"

	"github.com/okrkit/okrkit/okr/measure"
)

var (
	numberSink measure.Number
	resultSink measure.Result
)

// BenchmarkScore is the way from a value to progress and to yes or no, for the
// common kinds.
func BenchmarkScore(b *testing.B) {
	n := measure.N
	for _, m := range []measure.Metric{
		metric(measure.Increase, n(10), n(90)),
		metric(measure.Decrease, n(90), n(10)),
		metric(measure.AtLeast, unknown, n(45)),
		metric(measure.AtMost, n(10), n(2)),
		{Kind: measure.Between, Low: n(2), High: n(4)},
		metric(measure.YesNo, unknown, unknown),
		{Kind: measure.CommitTargetStretch, Baseline: n(0), Commit: n(30), Target: n(70), Stretch: n(100)},
	} {
		b.Run(string(m.Kind), func(b *testing.B) {
			b.ReportAllocs()
			v := n(1)
			for b.Loop() {
				numberSink = m.Progress(v)
			}
		})
	}
}

// BenchmarkKeyResult is everything that is known of one key result: progress,
// hit, pace and status.
func BenchmarkKeyResult(b *testing.B) {
	b.ReportAllocs()
	in := input(measure.N(40), 50)
	for b.Loop() {
		resultSink = measure.KeyResult(&in)
	}
}
