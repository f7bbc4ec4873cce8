package measure

import (
	"math"
	"slices"
	"time"
)

// ExplainOutcome says how a closed key result came to its outcome: what people said
// became of it (postponed, abandoned, carried over; "" is nothing of the kind), else
// hit or missed.
func ExplainOutcome(hit Number, ending Status, asOf time.Time) Derivation {
	d := Derivation{
		Of: "status", FormulaID: "outcome", Formula: "closed: what people said became of it, else hit or missed", AsOf: asOf,
		Inputs: []Named{{Name: "closed", Value: N(1)}, {Name: "hit", Value: finiteOnly(hit)}, {Name: "ending", Text: string(ending)}},
	}
	_, d.Text, _ = Recompute(d)
	return d
}

// Frozen holds derivations against the figures that were written down at a close.
// What still follows from its inputs stays; of a figure that no longer does, since
// something has changed that the close left as it was, the record is all there is.
func (r Result) Frozen(ds []Derivation, at time.Time) []Derivation {
	out := slices.Clone(ds)
	for i := range out {
		out[i].AsOf = at
	}
	put := func(of, text string, v Number) {
		i := slices.IndexFunc(out, func(d Derivation) bool { return d.Of == of })
		if i < 0 && !v.known && text == "" || i >= 0 && out[i].Text == text && near(out[i].Value, v) {
			return
		}
		d := Derivation{Of: of, FormulaID: "frozen", Formula: "frozen at close", Inputs: []Named{{Name: "frozen", Value: v, Text: text}}, Value: v, Text: text, AsOf: at}
		if r.Reason != "" && !v.known {
			d.Formula += ": " + r.Reason
		}
		if i < 0 {
			out = append(out, d)
			return
		}
		out[i] = d
	}
	put("current", "", r.Current)
	put("raw", "", r.Raw)
	put("progress", "", r.Progress)
	put("over", "", r.Over)
	put("hit", "", r.Hit)
	put("expected", "", r.Expected)
	put("gap", "", r.Gap)
	put("ratio", "", r.Ratio)
	for _, d := range ds {
		switch d.Of { // of wholes the first two, of a key result the last
		case "coverage":
			put(d.Of, "", N(r.Coverage))
		case "vouched":
			put(d.Of, "", N(r.Vouched))
		case "fresh":
			put(d.Of, "", truth(r.Fresh))
		}
	}
	put("status", string(r.Status), Number{})
	return out
}

// near says whether two figures differ by no more than what adding up in another
// order loses.
func near(a, b Number) bool {
	if !a.known || !b.known {
		return a.known == b.known
	}
	return math.Abs(a.value-b.value) <= slack*max(1, math.Abs(b.value))
}

func closedFormulas() map[string]evaluator {
	return map[string]evaluator{
		"outcome": func(a *args) (Number, string) {
			hit, ending := a.number("hit"), Status(a.text("ending"))
			if ending != "" {
				return Number{}, string(ending)
			}
			p := precedence{closed: true, hit: told(hit)}
			return Number{}, string(p.status())
		},
		"frozen": func(a *args) (Number, string) {
			in := a.must("frozen")
			return in.Value, in.Text
		},
	}
}
