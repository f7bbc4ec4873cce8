package measure

import "time"

// Reading is a number, when it was true, and the id of its record.
type Reading struct {
	ID    string
	Value Number
	At    time.Time // UTC instant
}

// Input is all that a key result is measured from.
type Input struct {
	Metric Metric
	Curve  Curve
	First  Date // first day of the curve
	Last   Date // last day of the curve: the day the key result is due
	Today  Date // the civil date in the cycle's zone
	Latest Reading
	Now    time.Time     // UTC instant
	Fresh  time.Duration // age up to which the latest reading still speaks; 0 is without limit
	Bands  Bands         // zero value: DefaultBands
	Closed bool          // the cycle is over: the outcome is hit or missed
}

// ratioGuard is the number of days at the start of a curve during which no
// ratio is given.
const ratioGuard = 7

// Result is what was measured of a key result or, rolled up, of an objective.
type Result struct {
	Current  Number  `json:"current,omitzero"`
	Raw      Number  `json:"raw,omitzero"`      // share of the way, unclamped
	Progress Number  `json:"progress,omitzero"` // Raw within [0,1]
	Over     Number  `json:"over,omitzero"`     // share of the way past the target
	Expected Number  `json:"expected,omitzero"` // share of the way, [0,1]
	Gap      Number  `json:"gap,omitzero"`      // expected minus progress, share of the way
	Ratio    Number  `json:"ratio,omitzero"`    // progress over expected
	Hit      Number  `json:"hit,omitzero"`      // 1 yes, 0 no
	Coverage float64 `json:"coverage"`          // share of weight with known progress, [0,1]
	Vouched  float64 `json:"vouched"`           // share of weight with known progress that is not stale, [0,1]
	Status   Status  `json:"status"`
	Fresh    bool    `json:"fresh"`            // there is a reading, and it is young enough
	Amount   *Amount `json:"amount,omitempty"` // of a sum: what was added up
	Hidden   int     `json:"hidden,omitempty"` // parts that count, and whose figures the reader may not see
	Reason   string  `json:"reason,omitempty"` // why figures that could be known are not given

	from    Input
	parts   []Part
	options RollupOptions
}

// KeyResult measures one key result. The status follows the precedence closed
// outcome, unknown, stale, pace, pending.
func KeyResult(in Input) Result {
	if in.Bands == (Bands{}) {
		in.Bands = DefaultBands()
	}
	r := Result{from: in, Current: in.Latest.Value}
	r.Raw = in.Metric.Raw(r.Current)
	r.Progress = Clamp(r.Raw)
	r.Over = Over(r.Raw)
	r.Hit = in.Metric.Met(r.Current)
	r.Fresh = r.Current.Known() && (in.Fresh <= 0 || in.Now.Sub(in.Latest.At) <= in.Fresh)
	r.Expected = in.curve().Expected(in.First, in.Last, in.Today)
	r.Gap = Gap(r.Expected, r.Progress)
	r.Ratio = Ratio(r.Expected, r.Progress, in.First.DaysUntil(in.Today), ratioGuard)
	if r.Progress.Known() {
		r.Coverage = 1
		if r.Fresh {
			r.Vouched = 1
		}
	}
	r.Status = in.status(r)
	return r
}

// curve is the declared curve, or none where the metric has no way to travel.
func (in Input) curve() Curve {
	if in.Metric.Travels() {
		return in.Curve
	}
	return NoPace
}

func (in Input) status(r Result) Status {
	hit, decided := r.Hit.Value()
	switch {
	case in.Closed && decided && hit == 1:
		return Hit
	case in.Closed && decided:
		return Missed
	case !r.Current.Known() || !r.Progress.Known():
		return Unknown
	case !r.Fresh:
		return Stale
	case !in.Metric.Travels() && decided && hit == 1:
		return OnTrack
	case !in.Metric.Travels() && in.Metric.Kind == YesNo && in.Today.Before(in.Last):
		return Pending
	case !in.Metric.Travels() && in.Today.Before(in.Last):
		return AtRisk // a threshold that does not hold, with time left to restore it
	case !r.Gap.Known():
		return Pending
	}
	return in.Bands.Of(r.Gap)
}
