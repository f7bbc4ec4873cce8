package okr

import (
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// StatusOverride puts a status in the place of the computed one, for a reason and
// until an instant; the computed one is shown beside it, and returns then. Without a
// status it ends the one that is there.
type StatusOverride struct {
	Status measure.Status `json:"status,omitempty"` // on_track, at_risk or off_track
	Reason string         `json:"reason,omitempty"`
	Until  time.Time      `json:"until,omitzero"` // UTC instant from which it no longer holds
}

func (o *StatusOverride) check(field string) error {
	if o == nil {
		return nil
	}
	if o.Status == "" {
		if o.Reason != "" || !o.Until.IsZero() {
			return invalid(field+".status", "", "use on_track, at_risk or off_track; or give nothing, to end the override")
		}
		return nil
	}
	for _, p := range (measure.Override{Status: o.Status, Reason: o.Reason, Until: o.Until}).Problems() {
		return invalid(field+p.Field[len("override"):], p.Value, "%s", p.Remedy)
	}
	if err := checkPast(field+".until", o.Until); err != nil {
		return err
	}
	return checkText(field+".reason", o.Reason, maxNote, true)
}

// override puts a status in the place of the computed one, or ends what does.
func (w *work) override(field string, k *KeyResult, o *StatusOverride) error {
	if o == nil {
		return nil
	}
	until := o.Until.UTC().Truncate(time.Microsecond)
	if o.Status == "" {
		k.Override = measure.Override{}
		return nil
	}
	if !until.After(w.now) {
		return invalid(field+".until", until.Format(time.RFC3339), "it has passed: an override holds from now on")
	}
	k.Override = measure.Override{Status: o.Status, Reason: o.Reason, By: string(w.actor.ID), Until: until}
	return nil
}

// computed is the status without the override that holds, "" where none does.
func (s *Snapshot) computed(k *KeyResult, now time.Time) measure.Status {
	if k.Ending != nil || !k.Override.Holds(now) {
		return ""
	}
	bare := *k
	bare.Override = measure.Override{}
	in := inputs{snapshot: s, now: now, objectives: s.places()}
	x := in.of(&bare, in.objective(k.Objective))
	return measure.KeyResult(&x).Status
}
