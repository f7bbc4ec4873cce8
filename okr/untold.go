package okr

import (
	"context"
	"slices"
)

// EventNoticeDropped tells that somebody is not told what waited for them, and why.
const EventNoticeDropped = EventPrefix + "notice.dropped"

type (
	// NoticeDropped is the payload of notice.dropped: what waited for a person and is not
	// told to them. With the notices that they got, and what waits still, it makes up all
	// that anybody was to tell them.
	NoticeDropped struct {
		To     ID       `json:"to"`
		Untold []Untold `json:"untold"`
	}

	// Untold is one event of which nobody tells the person. What became of the status of
	// a private key result is none: that it was to be told would say what it came to.
	Untold struct {
		Event   string `json:"event"` // its id
		Type    string `json:"type"`
		Reason  string `json:"reason,omitempty"`  // one of okr.Moot…; not said where private
		Instead []ID   `json:"instead,omitempty"` // for whom it waits from now on
		Private bool   `json:"private,omitempty"` // what it tells of is
	}
)

// untold takes away what waits for people, and records that they are not told, and why.
// The list takes a number among the notices of the person: of two that tell or drop the
// same, one loses the race. The people are loaded with what they were told.
func (w *work) untold(ctx context.Context, people *Snapshot, xs []Waiting) error {
	secret, err := w.secrets(ctx, xs)
	if err != nil {
		return err
	}
	for _, p := range people.People {
		drop := NoticeDropped{To: p.ID}
		for _, x := range xs {
			if x.Person != p.ID {
				continue
			}
			w.unset(Standing{Subject: Ref{KindPerson, p.ID}, Kind: standingWaiting, Key: x.Event.ID})
			u := Untold{Event: x.Event.ID, Type: x.Event.Type, Reason: x.Moot, Instead: x.Instead, Private: secret(&x)}
			if u.Private && u.Type == EventStatusChanged {
				continue
			} else if u.Private {
				u.Reason = ""
			}
			drop.Untold = append(drop.Untold, u)
		}
		if len(drop.Untold) == 0 {
			continue
		}
		told, err := toldOf(people.StandingsOf(Ref{KindPerson, p.ID}))
		if err != nil {
			return err
		}
		ref := told.next(w.id, p.ID)
		told.N++
		if err := w.noteTold(p.ID, told); err != nil {
			return err
		}
		if err := w.emit(ref, ref, EventNoticeDropped, drop, nil); err != nil {
			return err
		}
	}
	return nil
}

// about is what of objectives and key results it tells of.
func (x *Waiting) about() []Ref {
	refs := []Ref{x.Event.Aggregate}
	switch p := x.payload().(type) {
	case *FindingFact:
		refs = append(refs, p.Subject)
	case *CommentFact:
		refs = append(refs, p.Subject)
	case *DecisionFact:
		refs = append(refs, p.Subject)
	}
	return slices.DeleteFunc(refs, func(r Ref) bool { return r.Kind != KindKeyResult && r.Kind != KindObjective })
}

// secrets says what of it tells of something private. What there is no more was.
func (w *work) secrets(ctx context.Context, xs []Waiting) (func(*Waiting) bool, error) {
	var need Need
	for i := range xs {
		need.Refs = append(need.Refs, xs[i].about()...)
	}
	if len(need.Refs) == 0 {
		return func(*Waiting) bool { return false }, nil
	}
	s, err := w.there(ctx, w.unit, need)
	if err != nil {
		return nil, err
	}
	return func(x *Waiting) bool {
		return slices.ContainsFunc(x.about(), func(r Ref) bool {
			if k := s.KeyResult(r.ID); r.Kind == KindKeyResult && k != nil {
				r = Ref{KindObjective, k.Objective}
			}
			o := s.Objective(r.ID)
			return o == nil || o.Private
		})
	}, nil
}
