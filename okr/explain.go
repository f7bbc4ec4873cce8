package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Explain says how each figure that [Snapshot.Measure] gives of a key result or an
// objective at the instant came about; nil where the snapshot has no such row.
func (s *Snapshot) Explain(r Ref, now time.Time) []measure.Derivation {
	switch r.Kind {
	case KindKeyResult:
		k := s.KeyResult(r.ID)
		if k == nil {
			return nil
		}
		in := inputs{snapshot: s, now: now, objectives: s.places()}
		x := in.of(k, in.objective(k.Objective))
		return measure.Explain(&x)
	case KindObjective:
		m := s.Measure(now)[r.ID]
		return m.Derivations()
	}
	return nil
}
