package measure

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Explain says how every figure of a key result came about, in the order in which
// they follow from each other. Derivations are built when asked for, so that
// measuring many key results does not pay for them.
func Explain(in *Input) []Derivation {
	var r Result
	var p precedence
	in.measure(&r, &p)
	r.Status = p.status()
	m := &in.Metric
	current := Named{Name: "current", Value: r.Current, Source: in.Latest.ID}
	if m.Mode.tallied() {
		current.Source = ""
	}
	raw := Named{Name: "raw", Value: r.Raw}
	progress := Named{Name: "progress", Value: r.Progress}
	expected := Named{Name: "expected", Value: r.Expected}
	hit := Named{Name: "hit", Value: r.Hit}
	first, last, today := in.days()

	out := []Derivation{
		in.deriveCurrent(r.Current),
		{Of: "raw", FormulaID: m.formula("raw"), Formula: m.rawFormula(), Inputs: m.inputs(current), Value: r.Raw},
		{Of: "progress", FormulaID: "progress", Formula: "raw within 0 and 1", Inputs: []Named{raw}, Value: r.Progress},
		{Of: "over", FormulaID: "over", Formula: "what raw exceeds 1 by", Inputs: []Named{raw}, Value: r.Over},
		{Of: "hit", FormulaID: m.formula("hit"), Formula: m.hitFormula(), Inputs: m.inputs(current), Value: r.Hit},
		{
			Of: "expected", FormulaID: "expected", Formula: in.curve().formula(), Value: r.Expected,
			Inputs: []Named{{Name: "curve", Text: in.curve().name()}, first, last, today, {Name: "aim", Value: m.aim()}},
		},
		{Of: "gap", FormulaID: "gap", Formula: "expected - progress", Inputs: []Named{expected, progress}, Value: r.Gap},
		{
			Of: "ratio", FormulaID: "ratio", Formula: fmt.Sprintf("progress / expected, after the first %d days", ratioGuard), Value: r.Ratio,
			Inputs: []Named{progress, expected, first, today},
		},
		{
			Of: "fresh", FormulaID: "fresh", Formula: "there is a reading, and it is not older than the limit", Value: truth(r.Fresh),
			Inputs: []Named{
				{Name: "reading", Value: finiteOnly(in.Latest.Value), Text: instant(in.Latest.At), Source: in.Latest.ID},
				{Name: "now", Text: instant(in.Now)}, {Name: "limit", Text: in.Fresh.String()},
			},
		},
		in.deriveStatus(&r, &p, hit, progress),
	}
	for i := range out {
		out[i].AsOf = in.Now
	}
	return out
}

func (in *Input) days() (first, last, today Named) {
	return Named{Name: "first", Text: in.First.String()}, Named{Name: "last", Text: in.Last.String()}, Named{Name: "today", Text: in.Today.String()}
}

func finiteOnly(n Number) Number {
	if !n.Finite() {
		return Number{}
	}
	return n
}

// deriveCurrent says how the readings became one figure.
func (in *Input) deriveCurrent(v Number) Derivation {
	d := Derivation{Of: "current", Value: v}
	count := Named{Name: "count", Value: N(float64(in.Tally.Count))}
	total := Named{Name: "total", Value: in.Tally.Total.Value()}
	switch mode := in.Metric.Mode; mode {
	case Average:
		d.FormulaID, d.Formula, d.Inputs = "current.average", "total / count", []Named{total, count}
	case Sum:
		d.FormulaID, d.Formula, d.Inputs = "current.sum", "total of all readings", []Named{total, count}
	case HitRatio:
		d.FormulaID, d.Formula = "current.hit_ratio", "readings that met the target / check-ins scheduled, where a missing one counts as not met"
		d.Inputs = []Named{{Name: "hits", Value: N(float64(in.Tally.Hits))}, {Name: "scheduled", Value: N(float64(in.Tally.Scheduled))}, count}
	default:
		d.FormulaID, d.Formula = "current.latest", "the newest reading"
		d.Inputs = []Named{{Name: "reading", Value: v, Text: instant(in.Latest.At), Source: in.Latest.ID}}
	}
	return d
}

// deriveStatus says what decided the status.
func (in *Input) deriveStatus(r *Result, p *precedence, hit, progress Named) Derivation {
	d := Derivation{Of: "status", FormulaID: "status", Formula: p.formula(), Text: string(r.Status)}
	first, last, today := in.days()
	d.Inputs = []Named{
		{Name: "closed", Value: truth(p.closed)}, {Name: "paused", Value: truth(p.paused)}, hit,
		{Name: "current", Value: r.Current}, progress, {Name: "collecting", Value: truth(p.collecting)},
		{Name: "fresh", Value: truth(p.fresh)}, {Name: "leveled", Value: truth(p.leveled)}, {Name: "kind", Text: string(in.Metric.Kind)},
		first, last, today,
		{Name: "compared", Value: p.compared}, {Name: "bands", Text: in.Bands.String()},
	}
	if p.overridden != "" {
		d.Inputs = append(d.Inputs, Named{Name: "override", Text: string(p.overridden), Source: in.Override.By},
			Named{Name: "override_until", Text: instant(in.Override.Until)}, Named{Name: "override_reason", Text: in.Override.Reason})
	}
	if p.ruled != "" {
		d.Inputs = append(d.Inputs, Named{Name: "ruled", Text: string(p.ruled), Source: in.Ruling.Rule})
		if p.rules(p.computed()) {
			d.Rule, d.Pack, d.Digest = in.Ruling.Rule, in.Ruling.Pack, in.Ruling.Digest
		}
	}
	if zone := in.Metric.amberZone(); p.leveled && p.hit == no && zone.Finite() {
		d.Inputs = append(d.Inputs, Named{Name: "beyond", Value: N(in.Metric.beyond(r.Current.value))}, Named{Name: "amber", Value: zone})
	}
	return d
}

// name is the curve's text, with the default spelled out.
func (c Curve) name() string {
	if c == DefaultCurve {
		return string(Linear)
	}
	return string(c)
}

func (c Curve) formula() string {
	head, _, dated := strings.Cut(c.name(), " ")
	switch {
	case head == phases:
		return "the straight line through the dated shares, times aim"
	case dated:
		return "the dated share that was reached last, times aim"
	}
	switch Curve(head) {
	case Linear:
		return "calendar days since the first day / days from first to last, times aim"
	case Step:
		return "nothing before the last day, then aim"
	case BackLoaded:
		return "(calendar days since the first day / days from first to last) squared, times aim"
	case NoPace:
		return "unknown before the last day, then aim"
	}
	return "unknown: the curve cannot be read"
}

// formula is the id of what computes raw or hit for the metric.
func (m *Metric) formula(of string) string {
	kind := string(m.Kind)
	if kind == "" {
		kind = "none"
	}
	switch m.Mode {
	case "", Latest, Average, Sum:
		if !slices.Contains(Kinds(), m.Kind) {
			return of + ".unknown"
		}
		return of + "." + kind
	case HitRatio, Distance:
		if !slices.Contains(Kinds(), m.Kind) {
			return of + ".unknown"
		}
		return of + "." + kind + "." + string(m.Mode)
	}
	return of + ".unknown"
}

// inputs are the current value and what the metric says, as far as it says it.
func (m *Metric) inputs(current Named) []Named {
	out := []Named{current}
	add := func(name string, n Number) {
		if n.Finite() {
			out = append(out, Named{Name: name, Value: n})
		}
	}
	add("baseline", m.Baseline)
	add("commit", m.Commit)
	add("target", m.Target)
	add("stretch", m.Stretch)
	add("low", m.Low)
	add("high", m.High)
	if m.Mode == HitRatio {
		add("need", m.Need)
	}
	if m.Mode == Distance {
		add("tolerance", m.Tolerance)
	}
	for _, p := range m.Points {
		out = append(out, Named{Name: "point", Value: finiteOnly(N(p.Value)), Text: N(p.Share).String()})
	}
	for _, z := range m.Zones {
		out = append(out, Named{Name: "zone", Text: string(z.Level)})
	}
	return out
}

func (m *Metric) rawFormula() string {
	switch m.Mode {
	case "", Latest, Average, Sum:
	case HitRatio:
		return "current / need, where need is 1 unless it is listed"
	case Distance:
		return "1 - distance beyond the threshold / tolerance, where tolerance is the target's own size unless it is listed"
	default:
		return "unknown: the reading mode is not known"
	}
	switch m.Kind {
	case Increase, Decrease:
		return "(current - baseline) / (target - baseline)"
	case AtLeast, AtMost, Above, Below:
		if m.travels() {
			return "(current - baseline) / (target - baseline)"
		}
		return "1 if " + m.hitFormula() + ", else 0"
	case Between:
		if m.travels() {
			return "1 if " + m.hitFormula() + ", else the way from baseline to the nearer end of the band"
		}
		return "1 if " + m.hitFormula() + ", else 0"
	case YesNo:
		return "1 if current is yes, 0 if it is no"
	case Milestones:
		return "the share of weight that is finished"
	case Zones:
		return "0, 0.3, 0.7, 1 for fail, commit, target, stretch"
	case CommitTargetStretch:
		return "straight lines through (baseline, 0) (commit, 0.3) (target, 0.7) (stretch, 1)"
	case Points:
		return "straight lines through the points"
	case Baseline:
		return "unknown: the target is still to be learnt"
	}
	return "unknown: the kind is not known"
}

func (m *Metric) hitFormula() string {
	if m.Mode == HitRatio {
		return "current >= need, where need is 1 unless it is listed"
	}
	switch m.Kind {
	case Increase, AtLeast:
		return "current >= target"
	case Decrease, AtMost:
		return "current <= target"
	case Above:
		return "current > target"
	case Below:
		return "current < target"
	case Between:
		return "low <= current <= high"
	case YesNo:
		return "current is yes"
	case Milestones:
		return "all weight is finished"
	case Zones:
		return "the level is target or stretch"
	case CommitTargetStretch:
		return "current reaches target"
	case Points:
		return "current reaches the target, or the last point where there is none"
	case Baseline:
		return "unknown: the target is still to be learnt"
	}
	return "unknown: the kind is not known"
}

// ExplainGrade says how a score became a grade.
func ExplainGrade(score Number, committed bool) Derivation {
	formula := "red below 0.4, yellow below 0.7, green from there to 1"
	if committed {
		formula = "passed at 1, else failed"
	}
	return Derivation{
		Of: "grade", FormulaID: "grade", Formula: formula, Text: string(GradeOf(score, committed)),
		Inputs: []Named{{Name: "score", Value: finiteOnly(score)}, {Name: "committed", Value: truth(committed)}},
	}
}

// ExplainTally says how a mode's figure follows from every single reading.
func ExplainTally(m Metric, scheduled int, readings []Reading) Derivation {
	values := make([]Number, len(readings))
	inputs := m.inputs(Named{Name: "scheduled", Value: N(float64(scheduled))})
	inputs = append(inputs, Named{Name: "kind", Text: string(m.Kind)})
	for i, r := range readings {
		values[i] = r.Value
		inputs = append(inputs, Named{Name: "reading", Value: finiteOnly(r.Value), Text: instant(r.At), Source: r.ID})
	}
	formulas := map[Mode]string{Average: "the mean of the readings", Sum: "the sum of the readings", HitRatio: "readings that meet the target / scheduled"}
	mode := m.Mode
	if !mode.tallied() {
		mode = Latest
		formulas[Latest] = "none: the mode looks at the newest reading only"
	}
	return Derivation{
		Of: "current", FormulaID: "tally." + string(mode), Formula: formulas[mode], Inputs: inputs,
		Value: TallyOf(m, scheduled, values...).Figure(mode),
	}
}

func keyResultFormulas() map[string]evaluator {
	t := map[string]evaluator{
		"current.latest": func(a *args) (Number, string) { return a.number("reading"), "" },
		"current.average": func(a *args) (Number, string) {
			total, count := a.number("total"), a.whole("count")
			if !total.known || count <= 0 {
				return Number{}, ""
			}
			return N(total.value / float64(count)), ""
		},
		"current.sum": func(a *args) (Number, string) {
			if a.whole("count") <= 0 {
				return Number{}, ""
			}
			return a.number("total"), ""
		},
		"current.hit_ratio": func(a *args) (Number, string) {
			return Tally{Count: a.whole("count"), Hits: a.whole("hits"), Scheduled: a.whole("scheduled")}.Figure(HitRatio), ""
		},
		"progress": func(a *args) (Number, string) { return Clamp(a.number("raw")), "" },
		"over":     func(a *args) (Number, string) { return Over(a.number("raw")), "" },
		"gap":      func(a *args) (Number, string) { return Gap(a.number("expected"), a.number("progress")), "" },
		"ratio": func(a *args) (Number, string) {
			first, today := a.date("first"), a.date("today")
			return Ratio(a.number("expected"), a.number("progress"), first.DaysUntil(today), ratioGuard), ""
		},
		"expected": func(a *args) (Number, string) {
			e, aim := Curve(a.text("curve")).Expected(a.date("first"), a.date("last"), a.date("today")), a.number("aim")
			if !e.known || !aim.known {
				return Number{}, ""
			}
			return N(e.value * aim.value), ""
		},
		"fresh":  evalFresh,
		"status": evalStatus,
		"grade": func(a *args) (Number, string) {
			return Number{}, string(GradeOf(a.number("score"), a.truth("committed")))
		},
		"raw.unknown": func(*args) (Number, string) { return Number{}, "" },
		"hit.unknown": func(*args) (Number, string) { return Number{}, "" },
	}
	for _, k := range Kinds() {
		for mode, suffix := range map[Mode]string{Latest: "", HitRatio: "." + string(HitRatio), Distance: "." + string(Distance)} {
			t["raw."+string(k)+suffix] = func(a *args) (Number, string) { return a.metric(k, mode).Raw(a.number("current")), "" }
			t["hit."+string(k)+suffix] = func(a *args) (Number, string) { return a.metric(k, mode).Met(a.number("current")), "" }
		}
	}
	for _, mode := range []Mode{Latest, Average, Sum, HitRatio} {
		t["tally."+string(mode)] = func(a *args) (Number, string) {
			var values []Number
			for _, r := range a.all("reading") {
				values = append(values, r.Value)
			}
			return TallyOf(a.metric(Kind(a.text("kind")), mode), a.whole("scheduled"), values...).Figure(mode), ""
		}
	}
	return t
}

// metric is what the inputs say of the metric.
func (a *args) metric(k Kind, mode Mode) Metric {
	m := Metric{
		Kind: k, Mode: mode, Baseline: a.maybe("baseline"), Target: a.maybe("target"), Low: a.maybe("low"), High: a.maybe("high"),
		Commit: a.maybe("commit"), Stretch: a.maybe("stretch"), Need: a.maybe("need"), Tolerance: a.maybe("tolerance"),
	}
	for _, p := range a.all("point") {
		share, err := strconv.ParseFloat(p.Text, 64)
		if err != nil {
			a.fail("point", "has no share")
		}
		m.Points = append(m.Points, Point{p.Value.Or(math.NaN()), share})
	}
	for _, z := range a.all("zone") {
		m.Zones = append(m.Zones, Zone{Level: Level(z.Text)})
	}
	return m
}

func evalFresh(a *args) (Number, string) {
	reading := a.must("reading")
	limit, err := time.ParseDuration(a.text("limit"))
	if err != nil {
		a.fail("limit", "is no duration")
	}
	if !reading.Value.known {
		return N(0), ""
	}
	if limit <= 0 {
		return N(1), ""
	}
	var at time.Time
	if reading.Text != "never" {
		at = a.instant("reading", reading.Text)
	}
	return truth(a.instant("now", a.text("now")).Sub(at) <= limit), ""
}

func evalStatus(a *args) (Number, string) {
	first, last, today := a.date("first"), a.date("last"), a.date("today")
	p := precedence{
		closed: a.truth("closed"), paused: a.truth("paused"), hit: told(a.number("hit")),
		current: a.number("current"), progress: a.number("progress"), collecting: a.truth("collecting"),
		fresh: a.truth("fresh"), leveled: a.truth("leveled"), yesNo: Kind(a.text("kind")) == YesNo,
		compared: a.number("compared"), bands: a.bands("bands").or(),
	}
	p.dates(first, last, today)
	if o, ok := a.find("override"); ok {
		p.overridden = Status(o.Text)
	}
	if r, ok := a.find("ruled"); ok {
		p.ruled = Status(r.Text)
	}
	if zone := a.maybe("amber"); zone.known {
		p.amber, p.inAmber = true, inAmber(a.number("beyond").value, zone.value)
	}
	return Number{}, string(p.status())
}
