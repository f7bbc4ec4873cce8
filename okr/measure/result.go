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
	Fresh    bool    `json:"fresh"` // there is a reading, and it is young enough

	from  Input
	parts []Part
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

// Part is one member of a rollup.
type Part struct {
	ID       string
	Weight   float64 // share before normalising; 0 is listed and not counted
	Progress Number  // [0,1]
	Expected Number  // [0,1]
	Status   Status
}

// Rollup is the mean of the parts' progress by weight, over those whose progress
// is known; Coverage says how much of the weight that is. With no weight, or
// nothing known, everything is unknown: neither 0 nor NaN. Weights that are
// negative, NaN or infinite do not count.
//
// Pace and status rest on the parts that are not stale: a source that died says
// how far one had come, and not how one is doing. The status is unknown where
// less than half of the weight is known, and stale where less than half is known
// and fresh.
func Rollup(parts []Part) Result {
	var total, known, fresh, sum, paced, expected, made float64
	for _, p := range parts {
		if !(p.Weight > 0) || p.Weight > maxWeight {
			continue
		}
		total += p.Weight
		v, ok := p.Progress.Value()
		if !ok || !p.Progress.Finite() {
			continue
		}
		known += p.Weight
		sum += v * p.Weight
		if p.Status == Stale {
			continue
		}
		fresh += p.Weight
		if e, ok := p.Expected.Value(); ok && p.Expected.Finite() {
			paced += p.Weight
			expected += e * p.Weight
			made += v * p.Weight
		}
	}
	r := Result{parts: parts, Status: Unknown}
	if total == 0 {
		return r
	}
	r.Coverage = known / total
	r.Vouched = fresh / total
	if known == 0 {
		return r
	}
	r.Raw = N(sum / known)
	r.Progress = Clamp(r.Raw)
	r.Status = Pending
	if paced > 0 {
		// Pace compares like with like: only the parts of which something is
		// expected by now.
		r.Expected = N(expected / paced)
		r.Gap = Gap(r.Expected, N(made/paced))
		if expected > 0 {
			r.Ratio = N(made / expected)
		}
		r.Status = DefaultBands().Of(r.Gap)
	}
	switch {
	case r.Coverage < halfKnown:
		r.Status = Unknown
	case r.Vouched < halfKnown:
		r.Status = Stale
	}
	return r
}

const (
	maxWeight = 1e12
	// halfKnown is the coverage below which an objective's status is unknown: a
	// minority cannot speak for the whole, and silence is never green.
	halfKnown = 0.5
)
