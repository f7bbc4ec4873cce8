package measure

import "time"

// Reading is a number, when it was true, and the id of its record.
type Reading struct {
	ID    string
	Value Number
	At    time.Time // UTC instant
}

// Input is all that a key result is measured from. It is read and never kept.
type Input struct {
	Metric   Metric
	Curve    Curve
	First    Date // first day of the curve
	Last     Date // last day of the curve: the day the key result is due
	Today    Date // the civil date in the cycle's zone
	Latest   Reading
	Tally    Tally         // of all readings, for the modes that need it
	Now      time.Time     // UTC instant
	Fresh    time.Duration // age up to which the latest reading still speaks; 0 is without limit
	Bands    Bands         // zero value: DefaultBands
	Closed   bool          // the cycle is over: the outcome is hit or missed
	Paused   bool          // excused for now, put off or given up
	Override Override
	Ruling   Ruling
}

// ratioGuard is the number of days at the start of a curve during which no
// ratio is given.
const ratioGuard = 7

// Result is what was measured of a key result or, rolled up, of an objective.
type Result struct {
	Current  Number  `json:"current,omitzero"`  // the figure of the metric's mode, in its unit; in mode hit_ratio a share
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
	Level    Status  `json:"level,omitempty"`  // of a key result that is judged by where it stands: what that says; "" where pace judges
	Vote     Status  `json:"vote,omitempty"`   // of a rollup: what its parts say by their own statuses; "" where none speaks
	Spoken   Number  `json:"spoken,omitzero"`  // of a rollup: share of what is known and fresh that speaks, [0,1]
	Fresh    bool    `json:"fresh"`            // there is a reading, and it is young enough
	Amount   *Amount `json:"amount,omitempty"` // of a sum: what was added up
	Hidden   int     `json:"hidden,omitempty"` // parts that count, and whose figures the reader may not see
	Reason   string  `json:"reason,omitempty"` // why figures that could be known are not given

	rolled *rolled
}

// KeyResult measures one key result, without allocating. The status follows the
// precedence closed outcome, paused, a rule where it replaces what follows, unknown,
// stale, override, level or pace, pending. [Explain] says how each figure came about.
func KeyResult(in *Input) Result {
	var r Result
	var p precedence
	in.measure(&r, &p)
	r.Status = p.status()
	return r
}

// measure fills in every figure of the result, and what decides its status.
func (in *Input) measure(r *Result, p *precedence) {
	m := &in.Metric
	p.leveled = m.leveled()
	r.Current = in.current()
	r.Raw = m.raw(r.Current)
	r.Progress = r.Raw.clamped()
	r.Over = Over(r.Raw)
	r.Hit = m.met(r.Current)
	r.Fresh = in.fresh()
	if !in.First.IsZero() && !in.Last.IsZero() && !in.Today.IsZero() {
		first, last, today := in.First.number(), in.Last.number(), in.Today.number()
		p.ahead, p.over = today < last, today >= last && first <= last
		r.Expected = in.expected(p.leveled, first, last, today)
		r.Gap = Gap(r.Expected, r.Progress)
		r.Ratio = Ratio(r.Expected, r.Progress, today-first, ratioGuard)
	} else {
		p.ahead = in.Today.Before(in.Last)
	}
	if r.Progress.Known() {
		r.Coverage = 1
		if r.Fresh {
			r.Vouched = 1
		}
	}
	p.closed, p.paused = in.Closed, in.Paused
	p.hit, p.current, p.progress, p.fresh = told(r.Hit), r.Current, r.Progress, r.Fresh
	p.yesNo = m.Kind == YesNo
	p.collecting = m.Kind == Baseline && m.Mode != HitRatio
	p.bands = in.Bands.or()
	p.compared = p.bands.figure(r.Gap, r.Ratio, r.Progress)
	if in.Override.Status != "" && in.Override.Holds(in.Now) {
		p.overridden = in.Override.Status
	}
	p.ruled = in.Ruling.Status
	p.unscheduled = in.unscheduled()
	if p.leveled && p.hit == no {
		if zone := m.amberZone(); zone.Finite() {
			p.amber, p.inAmber = true, inAmber(m.beyond(p.current.value), zone.value)
		}
	}
	if p.leveled && r.Current.known {
		r.Level = p.level()
	}
}

// current is the figure that the metric judges.
func (in *Input) current() Number {
	if in.Metric.Mode.tallied() {
		return in.Tally.Figure(in.Metric.Mode)
	}
	return finiteOnly(in.Latest.Value)
}

func (in *Input) fresh() bool {
	return in.Latest.Value.Finite() && (in.Fresh <= 0 || in.Now.Sub(in.Latest.At) <= in.Fresh)
}

// curve is the declared curve, or none where the metric is judged by where it
// stands.
func (in *Input) curve() Curve {
	m := &in.Metric
	return in.curveOf(m.leveled())
}

func (in *Input) curveOf(leveled bool) Curve {
	m := &in.Metric
	if leveled || in.Curve == DefaultCurve && m.Mode != HitRatio && (m.Kind == Milestones || m.Kind == Zones) {
		return NoPace
	}
	return in.Curve
}

// expected is the curve's share of the way to where the target is reached.
func (in *Input) expected(leveled bool, first, last, today int) Number {
	e := in.curveOf(leveled).expected(first, last, today)
	aim := in.Metric.aim()
	if !e.known || !aim.Finite() {
		return Number{}
	}
	return N(e.value * aim.value)
}

func told(hit Number) answer {
	if !hit.known {
		return untold
	}
	return answerOf(hit.value == 1)
}
