package measure

import (
	"fmt"
	"slices"
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

// Derivation says how one figure came about: what went in, by which formula, and
// what came out. [Recompute] follows it, from its inputs alone.
type Derivation struct {
	Of        string    `json:"of"`                   // progress, expected, gap, ratio, status, hit, rollup, …
	FormulaID string    `json:"formula_id,omitempty"` // names the formula for good: "raw.increase", "gap"
	Formula   string    `json:"formula"`              // as a reader would write it
	Inputs    []Named   `json:"inputs"`
	Value     Number    `json:"value,omitzero"`
	Text      string    `json:"text,omitempty"`   // for a status or a grade
	Rule      string    `json:"rule,omitempty"`   // id of the rule that gave it, where one did
	Pack      string    `json:"pack,omitempty"`   // name and version of the rule's pack
	Digest    string    `json:"digest,omitempty"` // of the pack's text
	AsOf      time.Time `json:"as_of"`            // UTC instant
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
	fmt.Fprintf(&b, " by %s", d.Formula)
	for i, in := range d.Inputs {
		if i == 0 {
			b.WriteString(" with ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(in.Name)
		if in.Text != "" {
			b.WriteString(" " + in.Text)
		}
		if in.Text == "" || in.Value.Known() {
			b.WriteString(" " + in.Value.String())
		}
		if in.Source != "" {
			fmt.Fprintf(&b, " (%s)", in.Source)
		}
	}
	return b.String()
}

// Ruled is the derivation of a status with what a rule of a pack said of it, and with
// that status where it replaces the computed one.
func (d Derivation) Ruled(r Ruling) Derivation {
	d.Inputs = append(slices.Clip(d.Inputs), Named{Name: "ruled", Text: string(r.Status), Source: r.Rule})
	if r.Replaces(Status(d.Text)) {
		d.Text, d.Formula, d.Rule, d.Pack, d.Digest = string(r.Status), formulaRuled, r.Rule, r.Pack, r.Digest
	}
	return d
}

// Derivations explains the figures of a rolled up result. A result that was read
// back from JSON has its figures and no derivations: measure again to explain it.
// [Explain] does the same for a key result.
func (r Result) Derivations() []Derivation {
	if r.rolled == nil {
		return nil
	}
	return r.deriveRollup()
}

func instant(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339Nano)
}
