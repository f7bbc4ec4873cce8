package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Explain says how each figure that [Snapshot.Measure] gives of a key result or an
// objective at the instant came about; nil where the snapshot has no such row.
func (s *Snapshot) Explain(r Ref, now time.Time) []measure.Derivation {
	return s.Explanations(now, r)[r].Derivations
}
