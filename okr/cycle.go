package okr

import (
	"context"
	"errors"
)

func asNotFound(err error, target **NotFoundError) bool { return errors.As(err, target) }

// Closing ends a cycle.
type Closing struct {
	Cycle ID     `json:"cycle"`
	Key   string `json:"-"` // idempotency key; "" is none
}

// Close ends a cycle after its last day. From then on nothing in it changes, and
// every key result is hit or missed by what was known at this instant; the last
// status of each is told.
func (t Tenant) Close(ctx context.Context, c Closing) (Decision, error) {
	if err := checkID("cycle", c.Cycle, true); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindCycle, c.Cycle}
	return t.decide(ctx, Intent{VerbClose, []Ref{ref}}, c.Key, c, func(ctx context.Context, w *work) error {
		if err := w.load(ctx, Need{Refs: []Ref{ref}, Cycle: c.Cycle, Collections: Collections{Standings: true}}); err != nil {
			return err
		}
		row := w.after.Cycle(c.Cycle)
		if row == nil {
			return &NotFoundError{ref}
		}
		if row.ClosedAt != nil {
			return &ConflictError{ref, row.Name + " is closed already"}
		}
		if today := row.Today(w.now); !today.After(row.End) {
			return invalid("cycle", row.Name, "it runs until %s: close it after its last day", row.End)
		}
		now := w.now
		w.expect(ref, row.Version)
		row.ClosedAt = &now
		if err := w.emit(ref, ref, EventCycleClosed, cycleFact(*row), *row); err != nil {
			return err
		}
		for _, k := range w.after.KeyResults {
			if k.State == Active {
				// A check-in at the same moment is before the close or after it.
				w.expect(Ref{KindKeyResult, k.ID}, k.Version)
				w.intent.Subjects = append(w.intent.Subjects, Ref{KindKeyResult, k.ID})
			}
		}
		for _, o := range w.after.Objectives {
			if o.State == Active {
				w.intent.Subjects = append(w.intent.Subjects, Ref{KindObjective, o.ID})
			}
		}
		return nil
	})
}
