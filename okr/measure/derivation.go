package measure

import (
	"fmt"
	"strings"
	"time"
)

// Named is one named input of a derivation.
type Named struct {
	Name   string `json:"name"`
	Value  Number `json:"value,omitzero"`
	Text   string `json:"text,omitempty"`   // for inputs that are no numbers: a date, a status, a kind
	Source string `json:"source,omitempty"` // id of the reading or of the part it came from
}

// Derivation says how one figure came about: what went in, by which formula,
// and what came out.
type Derivation struct {
	Of      string    `json:"of"`      // progress, expected, gap, ratio, status, hit, rollup
	Formula string    `json:"formula"` // as a reader would write it
	Inputs  []Named   `json:"inputs"`
	Value   Number    `json:"value,omitzero"`
	Text    string    `json:"text,omitempty"` // for a status
	AsOf    time.Time `json:"as_of"`          // UTC instant
}

// String is the derivation on one line.
func (d Derivation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s = ", d.Of)
	if d.Text != "" {
		b.WriteString(d.Text)
	} else {
		b.WriteString(d.Value.String())
	}
	fmt.Fprintf(&b, " by %s with ", d.Formula)
	for i, in := range d.Inputs {
		if i > 0 {
			b.WriteString(", ")
		}
		v := in.Text
		if v == "" {
			v = in.Value.String()
		}
		fmt.Fprintf(&b, "%s %s", in.Name, v)
		if in.Source != "" {
			fmt.Fprintf(&b, " (%s)", in.Source)
		}
	}
	return b.String()
}

// Derivations explains the figures of a rolled up result. A result that was read
// back from JSON has its figures and no derivations: measure again to explain it.
// [Explain] does the same for a key result.
func (r Result) Derivations() []Derivation {
	if r.parts == nil {
		return nil
	}
	return r.deriveRollup()
}

// Explain says how every figure of a key result came about. Derivations are built
// when asked for, so that measuring many key results does not pay for them.
func Explain(in *Input) []Derivation {
	r := KeyResult(in)
	current := Named{Name: "current", Value: in.Latest.Value, Source: in.Latest.ID}
	baseline := Named{Name: "baseline", Value: in.Metric.Baseline}
	target := Named{Name: "target", Value: in.Metric.Target}
	progress := Named{Name: "progress", Value: r.Progress}
	expected := Named{Name: "expected", Value: r.Expected}

	way := Derivation{Of: "progress", AsOf: in.Now, Value: r.Progress}
	switch {
	case in.Metric.Travels():
		way.Formula = "clamp((current - baseline) / (target - baseline), 0, 1)"
		way.Inputs = []Named{current, baseline, target}
	case in.Metric.Kind == YesNo:
		way.Formula = "1 if current is yes, 0 if it is no"
		way.Inputs = []Named{current}
	case in.Metric.Direction() == "down":
		way.Formula = "1 if current <= target, else 0"
		way.Inputs = []Named{current, target}
	default:
		way.Formula = "1 if current >= target, else 0"
		way.Inputs = []Named{current, target}
	}
	hit := Derivation{Of: "hit", AsOf: in.Now, Value: r.Hit, Inputs: []Named{current, target}}
	switch {
	case in.Metric.Kind == YesNo:
		hit.Formula, hit.Inputs = "current is yes", []Named{current}
	case in.Metric.Direction() == "down":
		hit.Formula = "current <= target"
	default:
		hit.Formula = "current >= target"
	}
	curve := Derivation{
		Of: "expected", Formula: "calendar days since the first day / days from first to last", AsOf: in.Now, Value: r.Expected,
		Inputs: []Named{{Name: "first", Text: in.First.String()}, {Name: "last", Text: in.Last.String()}, {Name: "today", Text: in.Today.String()}},
	}
	if in.curve() == NoPace {
		curve.Formula = "1 from the last day on, nothing before"
	}
	return []Derivation{
		way, hit, curve,
		{Of: "gap", Formula: "expected - progress", Inputs: []Named{expected, progress}, Value: r.Gap, AsOf: in.Now},
		{Of: "ratio", Formula: fmt.Sprintf("progress / expected, after the first %d days", ratioGuard), Inputs: []Named{progress, expected}, Value: r.Ratio, AsOf: in.Now},
		{
			Of: "status", Formula: "closed outcome, else unknown, else stale, else threshold, else gap against the bands", AsOf: in.Now, Text: string(r.Status),
			Inputs: []Named{
				{Name: "gap", Value: r.Gap},
				{Name: "at risk beyond", Value: N(in.Bands.AtRisk)},
				{Name: "off track beyond", Value: N(in.Bands.OffTrack)},
				{Name: "fresh", Text: fmt.Sprint(r.Fresh)},
				{Name: "reading of", Text: instant(in.Latest.At), Source: in.Latest.ID},
			},
		},
	}
}

func instant(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
