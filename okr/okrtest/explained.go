package okrtest

import (
	"fmt"
	"math"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Follows says where an explanation falls short, nil where it does not: every figure
// that is reported has a derivation, every derivation computes to its own value
// again from its inputs, and that value is the reported one.
func Follows(e okr.Explained) error {
	last := map[string]measure.Derivation{}
	for _, d := range e.Figures {
		v, text, err := measure.Recompute(d)
		if err != nil {
			return err
		}
		if !v.Equal(d.Value) || text != d.Text {
			return fmt.Errorf("%s: it computes to %s %q", d, v, text)
		}
		if d.AsOf.IsZero() {
			return fmt.Errorf("%s: it does not say of when it is", d)
		}
		last[d.Of] = d
	}
	m := e.Measured
	figures := map[string]measure.Number{
		"current": m.Current, "raw": m.Raw, "progress": m.Progress, "over": m.Over, "expected": m.Expected, "gap": m.Gap, "ratio": m.Ratio, "hit": m.Hit,
	}
	if e.Subject.Kind == okr.KindObjective {
		figures["coverage"], figures["vouched"] = measure.N(m.Coverage), measure.N(m.Vouched)
	}
	for of, n := range figures {
		d, ok := last[of]
		if n.Known() != d.Value.Known() || n.Known() && !ok || math.Abs(n.Or(0)-d.Value.Or(0)) > 1e-9 {
			return fmt.Errorf("%s of %s is %s, and its derivation says %s", of, e.Subject, n, d)
		}
	}
	if d := last["status"]; d.Text != string(m.Status) {
		return fmt.Errorf("the status of %s is %s, and its derivation says %s", e.Subject, m.Status, d)
	}
	return nil
}
