package okr

import (
	"context"
	"time"
)

// Acknowledging is what somebody says of a check-in that they have read, or of a silence
// that they take care of.
type Acknowledging struct {
	KeyResult ID        `json:"key_result"`
	CheckIn   ID        `json:"checkin,omitempty"` // the one that was read; "": the silence
	Until     time.Time `json:"until,omitzero"`    // of a silence: UTC instant up to which nobody further is told
	Key       string    `json:"-"`                 // idempotency key; "" is none
}

// Acknowledge says that its actor has read a check-in, as its reviewer does, or that
// they take care of the silence of a key result until an instant: up to then no further
// rung of the ladder hears of it. That ends with the silence, and without one it is an
// [ErrConflict]. It is for people; nobody acknowledges their own
// check-in, nor a silence of which they are asked, and a check-in is acknowledged once, whoever says it again.
func (t Tenant) Acknowledge(ctx context.Context, a Acknowledging) (Decision, error) {
	for _, err := range []error{
		checkID("key_result", a.KeyResult, true), checkID("checkin", a.CheckIn, false), checkPast("until", a.Until),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	switch {
	case a.CheckIn != "" && !a.Until.IsZero():
		return Decision{}, invalid("until", a.Until.Format(time.RFC3339), "it belongs to a silence: leave it out for a check-in")
	case a.CheckIn == "" && a.Until.IsZero():
		return Decision{}, invalid("until", "", "say until when you take care of it, or name the check-in that you have read")
	}
	ref := Ref{KindKeyResult, a.KeyResult}
	return t.decide(ctx, Intent{VerbAcknowledge, []Ref{ref}}, a.Key, a, func(ctx context.Context, w *work) error {
		if w.actor.Kind != ActorPerson {
			return invalid("actor", string(w.actor.ID), "a program reads nothing and takes care of nothing: let the person say it")
		}
		need := Need{Refs: []Ref{ref}, Collections: Collections{Standings: true}}
		if a.CheckIn != "" {
			need.CheckIns = maxPage
		}
		if err := w.bring(ctx, need); err != nil {
			return err
		}
		k := w.after.KeyResult(ref.ID)
		if k == nil {
			return &NotFoundError{ref}
		}
		if err := w.open(k.Cycle); err != nil {
			return err
		}
		if a.CheckIn != "" {
			return w.acknowledge(*k, a.CheckIn)
		}
		return w.care(ctx, *k, a.Until)
	})
}

func (w *work) acknowledge(k KeyResult, id ID) error {
	ref := Ref{KindKeyResult, k.ID}
	for _, c := range w.after.CheckInsOf(k.ID) {
		if c.ID != id {
			continue
		}
		if c.Author == w.actor {
			return &ConflictError{Ref{KindCheckIn, id}, "it is your own: somebody else acknowledges it"}
		}
		if _, said := w.standing(ref, standingAcknowledged, string(id)); said {
			return nil
		}
		w.expect(ref, k.Version)
		w.setStanding(Standing{Subject: ref, Kind: standingAcknowledged, Key: string(id), Value: string(w.actor.ID), Since: w.now})
		f := AcknowledgedFact{KeyResultFact: w.fact(k), CheckIn: id, By: w.actor.ID}
		if c.Author.Kind == ActorPerson {
			f.Author = c.Author.ID
		}
		if err := w.emit(ref, Ref{KindStanding, k.ID}, EventCheckInAcknowledged, f, f); err != nil {
			return err
		}
		w.await(ref)
		return nil
	}
	return &NotFoundError{Ref{KindCheckIn, id}}
}

// care keeps a silence from being told of further up to an instant.
func (w *work) care(ctx context.Context, k KeyResult, until time.Time) error {
	ref := Ref{KindKeyResult, k.ID}
	until = until.UTC().Truncate(time.Microsecond)
	switch {
	case k.State != Active:
		return &ConflictError{ref, "it is " + string(k.State) + ": nobody asks for check-ins of it"}
	case !until.After(w.now):
		return invalid("until", until.Format(time.RFC3339), "it has passed: say until when you take care of it")
	case until.Sub(w.now) > longestCare:
		return invalid("until", until.Format(time.RFC3339), "use at most %d days: say it again then", int(longestCare.Hours()/24))
	}
	asked, err := w.silent(ctx, k)
	switch {
	case err != nil:
		return err
	case asked == nil:
		return &ConflictError{ref, "no check-in of it is overdue: there is no silence to take care of"}
	case asked[w.actor.ID]:
		return &ConflictError{ref, "the silence is your own: check in, or have your absence reported; somebody else takes care of it"}
	}
	w.expect(ref, k.Version)
	w.setStanding(Standing{Subject: ref, Kind: standingCare, Value: until.Format(time.RFC3339Nano), Since: w.now})
	f := AcknowledgedFact{KeyResultFact: w.fact(k), By: w.actor.ID, Until: &until}
	w.look(ref)
	return w.emit(ref, Ref{KindStanding, k.ID}, EventCheckInAcknowledged, f, f)
}

// longestCare is for how long a silence can be taken care of at once.
const longestCare = 31 * 24 * time.Hour

// Acknowledgement says who has read a check-in.
type Acknowledgement struct {
	CheckIn ID        `json:"checkin"`
	By      ID        `json:"by"`
	At      time.Time `json:"at"` // UTC instant
}
