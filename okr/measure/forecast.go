package measure

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Forecast is where the readings lead if nothing changes: a continuation of what
// was, with how sure it is. It is not a promise. What shall be is the target, what
// should be by now is expected progress, and what a person believes is confidence.
type Forecast struct {
	On       Date   `json:"on"`                // the day it speaks of
	Value    Number `json:"value,omitzero"`    // in the metric's unit
	Low      Number `json:"low,omitzero"`      // eight of ten times the value lies between Low and High
	High     Number `json:"high,omitzero"`     //
	PerWeek  Number `json:"per_week,omitzero"` // change in seven days, in the metric's unit
	Progress Number `json:"progress,omitzero"` // share of the way at Value, [0,1]
	Status   Status `json:"status"`            // on track: hit even at the worse end; at risk: hit at Value, and not at both ends; off track: not hit
	Readings int    `json:"readings"`          // how many it rests on
	Reason   string `json:"reason,omitempty"`  // why it is unknown
}

const (
	leastTrend = 3   // readings
	leastDays  = 2   // different days of them
	mostTrend  = 100 // newest readings: every pair is looked at
	// normal80 is the quantile of the normal distribution that leaves one in ten on
	// each side.
	normal80 = 1.2815515655446004
)

// Forecasted extends the readings to the last day of the curve. The trend is the
// median of the slopes between every two readings, which a few wild ones do not
// bend; the ends are those of the interval of that median at 80 per cent (Theil
// 1950; Sen 1968, without correction for ties). It rests on the newest hundred
// readings, and needs three on two different days (UTC) at least. In the modes that
// look at many readings it extends their figure, as it was after each of them.
//
// There is none for yes or no, for zones, after the last day, and where a date is
// missing: everything is unknown then, and Reason says why.
func Forecasted(in *Input, readings []Reading) Forecast {
	f, _ := in.forecast(readings)
	return f
}

func (in *Input) forecast(readings []Reading) (Forecast, *trend) {
	m := &in.Metric
	f := Forecast{On: in.Last, Status: Unknown}
	switch {
	case m.Kind == YesNo || m.Kind == Zones || m.Kind == "":
		f.Reason = "there is no line from one answer to the next"
		return f, nil
	case in.Last.IsZero() || in.Today.IsZero():
		f.Reason = "nobody says by when"
		return f, nil
	case in.Today.After(in.Last):
		f.Reason = "the last day has passed"
		return f, nil
	}
	t := in.trend(readings)
	f.Readings = len(t.x)
	switch {
	case len(t.x) < leastTrend:
		f.Reason = fmt.Sprintf("%d readings are no trend: it takes %d", len(t.x), leastTrend)
		return f, nil
	case t.days < leastDays:
		f.Reason = "all readings are of one day"
		return f, nil
	}
	low, mid, high := t.slopes()
	bounded := m.bounded()
	f.Low, f.Value, f.High = bounded(t.at(low)), bounded(t.at(mid)), bounded(t.at(high))
	if !f.Low.known || !f.Value.known || !f.High.known {
		return Forecast{On: in.Last, Status: Unknown, Readings: f.Readings, Reason: "the numbers are too large to compute with"}, nil
	}
	f.PerWeek = finite(mid * 7)
	f.Progress = Clamp(m.raw(f.Value))
	f.Status = foreseen(told(m.met(f.Low)), told(m.met(f.Value)), told(m.met(f.High)))
	if f.Status == Unknown {
		f.Reason = "the metric does not say what would be a hit"
	}
	return f, t
}

// bounded keeps a share a share.
func (m *Metric) bounded() func(float64) Number {
	share := m.Mode == HitRatio || m.Kind == Milestones
	return func(v float64) Number {
		if share {
			v = unit(v)
		}
		return finite(v)
	}
}

// foreseen is the status of a forecast whose low end, middle and high end meet the
// target or do not.
func foreseen(low, mid, high answer) Status {
	switch {
	case low == untold || mid == untold || high == untold:
		return Unknown
	case low == yes && mid == yes && high == yes:
		return OnTrack
	case mid == yes:
		return AtRisk
	}
	return OffTrack
}

// trend is a series of figures over days, counted from the end of the last day: x
// is 0 there, and negative before.
type trend struct {
	x, y []float64
	ids  []string // of the newest reading behind each figure
	days int      // how many different ones
	last int      // the newest of them
}

// trend is the figure of the metric's mode after each of the newest readings.
func (in *Input) trend(readings []Reading) *trend {
	m := &in.Metric
	sorted := make([]Reading, 0, len(readings))
	for _, r := range readings {
		if r.Value.Finite() && !r.At.IsZero() && !r.At.After(in.Now) {
			sorted = append(sorted, r)
		}
	}
	slices.SortStableFunc(sorted, func(a, b Reading) int { return a.At.Compare(b.At) })
	end := in.Now.Add(time.Duration(in.Today.DaysUntil(in.Last)) * 24 * time.Hour)
	t := &trend{}
	running := Tally{Scheduled: in.Tally.Scheduled}
	for i, r := range sorted {
		v := r.Value
		if m.Mode.tallied() {
			running = running.Add(*m, r.Value)
			v = running.Figure(m.Mode)
		}
		if len(sorted)-i > mostTrend || !v.Finite() {
			continue
		}
		t.add(-end.Sub(r.At).Hours()/24, v.value, r.ID, DateOf(r.At.UTC()))
	}
	return t
}

func (t *trend) add(x, y float64, id string, on Date) {
	if day := on.number(); len(t.x) == 0 || day != t.last {
		t.days, t.last = t.days+1, day
	}
	t.x, t.y, t.ids = append(t.x, x), append(t.y, y), append(t.ids, id)
}

// slopes are the median of the slopes between every two figures, per day, and the
// ends of its interval.
func (t *trend) slopes() (low, mid, high float64) {
	var s []float64
	for i := range t.x {
		for j := range i {
			if dx := t.x[i] - t.x[j]; dx > 0 {
				s = append(s, (t.y[i]-t.y[j])/dx)
			}
		}
	}
	slices.Sort(s)
	n := float64(len(t.x))
	width := normal80 * math.Sqrt(n*(n-1)*(2*n+5)/18)
	last := len(s) - 1
	below := int(math.Floor((float64(len(s))-width)/2)) - 1
	above := int(math.Ceil((float64(len(s)) + width) / 2))
	return s[min(max(0, below), last)], median(s), s[max(0, min(above, last))]
}

// at is the figure on the last day, for a slope: the median of where each reading
// would be by then.
func (t *trend) at(slope float64) float64 {
	out := make([]float64, len(t.x))
	for i := range t.x {
		out[i] = t.y[i] - float64(slope*t.x[i])
	}
	slices.Sort(out)
	return median(out)
}

// median of a sorted list.
func median(s []float64) float64 {
	n := len(s)
	if n%2 == 1 {
		return s[n/2]
	}
	return s[n/2-1]/2 + s[n/2]/2
}

// ExplainForecast says how a forecast came about: its value, its ends, the weekly
// change and its status.
func ExplainForecast(in *Input, readings []Reading) []Derivation {
	f, t := in.forecast(readings)
	if t == nil {
		return nil
	}
	share := truth(in.Metric.Mode == HitRatio || in.Metric.Kind == Milestones)
	series := []Named{{Name: "on", Text: f.On.String()}, {Name: "within_0_and_1", Value: share}}
	for i := range t.x {
		series = append(series, Named{Name: "day", Value: N(t.x[i])}, Named{Name: "figure", Value: N(t.y[i]), Source: t.ids[i]})
	}
	line := "the median of figure - slope * day, where day counts from the end of the last one and slope is "
	m := &in.Metric
	out := []Derivation{
		{Of: "forecast", FormulaID: "forecast.value", Formula: line + "the median of the slopes between every two figures", Inputs: series, Value: f.Value},
		{Of: "forecast_low", FormulaID: "forecast.low", Formula: line + "the lower end of its interval at 80 per cent", Inputs: series, Value: f.Low},
		{Of: "forecast_high", FormulaID: "forecast.high", Formula: line + "the upper end of its interval at 80 per cent", Inputs: series, Value: f.High},
		{Of: "forecast_per_week", FormulaID: "forecast.per_week", Formula: "7 * the median of the slopes between every two figures", Inputs: series, Value: f.PerWeek},
		{Of: "forecast_status", FormulaID: "forecast.status", Formula: "on track if all three are hit, at risk if the value is, else off track", Text: string(f.Status), Inputs: []Named{
			{Name: "low", Value: m.met(f.Low)}, {Name: "value", Value: m.met(f.Value)}, {Name: "high", Value: m.met(f.High)},
		}},
	}
	for i, v := range []Number{f.Low, f.Value, f.High} {
		of := []string{"forecast_low_hit", "forecast_hit", "forecast_high_hit"}[i]
		out = append(out, Derivation{Of: of, FormulaID: m.formula("hit"), Formula: m.hitFormula(), Inputs: m.inputs(Named{Name: "current", Value: v}), Value: m.met(v)})
	}
	raw := m.raw(f.Value)
	out = append(out,
		Derivation{Of: "forecast_raw", FormulaID: m.formula("raw"), Formula: m.rawFormula(), Inputs: m.inputs(Named{Name: "current", Value: f.Value}), Value: raw},
		Derivation{Of: "forecast_progress", FormulaID: "progress", Formula: "raw within 0 and 1", Inputs: []Named{{Name: "raw", Value: raw}}, Value: f.Progress},
	)
	for i := range out {
		out[i].AsOf = in.Now
	}
	return out
}

func trendFormulas() map[string]evaluator {
	line := func(pick func(low, mid, high float64) float64) evaluator {
		return func(a *args) (Number, string) {
			t := a.trend()
			if t == nil {
				return Number{}, ""
			}
			v := t.at(pick(t.slopes()))
			if a.truth("within_0_and_1") {
				v = unit(v)
			}
			return finite(v), ""
		}
	}
	return map[string]evaluator{
		"forecast.low":   line(func(low, _, _ float64) float64 { return low }),
		"forecast.value": line(func(_, mid, _ float64) float64 { return mid }),
		"forecast.high":  line(func(_, _, high float64) float64 { return high }),
		"forecast.per_week": func(a *args) (Number, string) {
			t := a.trend()
			if t == nil {
				return Number{}, ""
			}
			_, mid, _ := t.slopes()
			return finite(mid * 7), ""
		},
		"forecast.status": func(a *args) (Number, string) {
			return Number{}, string(foreseen(told(a.number("low")), told(a.number("value")), told(a.number("high"))))
		},
	}
}

// trend is the series among the inputs, nil where it makes none.
func (a *args) trend() *trend {
	days, figures := a.all("day"), a.all("figure")
	if len(days) < leastTrend || len(days) > mostTrend || len(figures) != len(days) {
		a.fail("day", "makes no trend")
		return nil
	}
	t := &trend{}
	for i := range days {
		if !days[i].Value.known || !figures[i].Value.known || i > 0 && days[i].Value.value < t.x[i-1] {
			a.fail("day", "makes no trend")
			return nil
		}
		t.x, t.y = append(t.x, days[i].Value.value), append(t.y, figures[i].Value.value)
	}
	if t.x[0] == t.x[len(t.x)-1] {
		a.fail("day", "makes no trend")
		return nil
	}
	return t
}
