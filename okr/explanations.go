package okr

import (
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Explanation says how the figures of a key result or an objective came about.
type Explanation struct {
	Result      measure.Result
	Derivations []measure.Derivation
	Unknown     string // why progress is not known; "" if it is
}

// Explanations says how every figure came about that is measured at the instant,
// and why what is unknown is: of the subjects that are named, or of every key
// result and objective. Nothing is said of what the snapshot does not hold.
func (s *Snapshot) Explanations(now time.Time, subjects ...Ref) map[Ref]Explanation {
	wanted := func(r Ref) bool { return len(subjects) == 0 || slices.Contains(subjects, r) }
	out := map[Ref]Explanation{}
	measured := s.MeasureAll(now)
	in := inputs{snapshot: s, now: now, objectives: s.places()}
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		ref := Ref{KindKeyResult, k.ID}
		if !wanted(ref) {
			continue
		}
		x := in.of(k, in.objective(k.Objective))
		r := measured.KeyResults[i]
		out[ref] = Explanation{Result: r, Derivations: k.derived(&x, r), Unknown: k.WhyUnknown(r)}
	}
	rolled := map[int64]Measured{} // by the instant of the close
	for i := range s.Objectives {
		o := &s.Objectives[i]
		ref := Ref{KindObjective, o.ID}
		if !wanted(ref) {
			continue
		}
		r := measured.Objectives[i]
		e := Explanation{Result: r, Derivations: r.Derivations()}
		if o.ended(now) {
			// What was written down at the close has no parts: those of its rows do.
			at := o.Ending.At
			then, ok := rolled[at.UnixNano()]
			if !ok {
				then = s.rollUp(at)
				rolled[at.UnixNano()] = then
			}
			e.Derivations = r.Frozen(then.Objectives[i].Derivations(), at)
		}
		if !r.Progress.Known() {
			e.Unknown = r.Reason
			if e.Unknown == "" {
				e.Unknown = "nothing is known of the progress of its parts"
			}
			if r.Reason == "" && r.Hidden == 0 && (len(e.Derivations) == 0 || len(e.Derivations[0].Inputs) == 0) {
				e.Unknown = "nothing counts towards it: it has no parts"
			}
		}
		out[ref] = e
	}
	return out
}

// derived says how the figures of the key result came about from the input, r: as it
// was measured, and of a closed cycle as it was written down.
func (k *KeyResult) derived(in *measure.Input, r measure.Result) []measure.Derivation {
	out := measure.Explain(in)
	if !in.Closed || k.Ending == nil && k.State == Draft {
		return out
	}
	ending := k.outcome(r.Hit)
	if k.Ending != nil {
		ending = k.Ending.Outcome
	}
	switch ending {
	case CarriedOver, PostponedOutcome, AbandonedOutcome:
	default:
		ending = ""
	}
	i := slices.IndexFunc(out, func(d measure.Derivation) bool { return d.Of == "status" })
	out[i] = measure.ExplainOutcome(r.Hit, ending, in.Now)
	if k.Ending != nil {
		out = r.Frozen(out, in.Now)
	}
	return out
}

// WhyUnknown says why the progress of the key result is not known in what was
// measured of it, "" if it is known.
func (k KeyResult) WhyUnknown(r measure.Result) string {
	m := k.Metric
	switch {
	case r.Progress.Known():
		return ""
	case m.Kind == "":
		return "no metric says what is counted"
	case !slices.Contains(measure.Kinds(), m.Kind):
		return "the kind of metric, " + string(m.Kind) + ", is not known"
	case m.Kind == measure.Baseline:
		return "the target is still to be learnt"
	case m.Standstill():
		return "it starts where it ends, at " + m.Target.String() + ": there is no way to go"
	}
	if missing := unmeasured(m); len(missing) > 0 {
		return "the metric has no " + strings.Join(missing, ", no ")
	}
	switch {
	case !r.Current.Known() && m.Mode == measure.HitRatio && k.Tally.Scheduled <= 0:
		return "no check-ins are scheduled"
	case !r.Current.Known() && m.Mode != "" && m.Mode != measure.Latest:
		return "there are not enough readings for the mode " + string(m.Mode)
	case !r.Current.Known():
		return "there is no reading"
	case m.Kind == measure.Zones:
		return "the reading, " + r.Current.String() + ", names no zone that is described"
	case m.Kind == measure.YesNo:
		return "the reading, " + r.Current.String() + ", is neither yes (1) nor no (0)"
	case len(m.Problems()) > 0:
		p := m.Problems()[0]
		return p.Field + " " + p.Value + ": " + p.Remedy
	}
	return "the reading, " + r.Current.String() + ", cannot be placed on the way"
}

// unmeasured names the fields without which a reading leads to no progress.
func unmeasured(m measure.Metric) []string {
	var out []string
	for _, field := range m.Missing() {
		out = append(out, strings.TrimPrefix(field, "metric."))
	}
	need := func(name string, n measure.Number) {
		if !n.Finite() && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	switch m.Kind {
	case measure.Increase, measure.Decrease:
		need("baseline", m.Baseline)
	case measure.CommitTargetStretch:
		need("commit", m.Commit)
	}
	return out
}
