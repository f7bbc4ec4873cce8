package okr

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// What concerns a person is told in two steps. Whoever settles a subject works out who
// is to hear of what was announced, and leaves it waiting, in the same transaction
// ([Tenant.Await]). When it may go, the person is due to be looked at: settling a
// person hands over everything that waits for them, and [Tenant.Notify] takes away what
// the notice is about. So a reminder is never lost between the two, one notice tells
// of all that has come together, and nothing else waits for it to be delivered.

// standingWaiting is of a person, by event: they are to be told of it.
const standingWaiting = "waiting"

// Waiting is an event that a person is to be told of.
type Waiting struct {
	Person ID        `json:"person"`
	Event  Event     `json:"event"`           // as it was announced; what is private in it is for the person alone
	Words  string    `json:"words,omitempty"` // of a finding: what the rule says
	Since  time.Time `json:"since"`           // UTC instant since which it waits
	At     time.Time `json:"at"`              // UTC instant from which on it may be told
	Moot   string    `json:"moot,omitempty"`  // why nobody need be told any more; "" is that they do

	Instead []ID `json:"instead,omitempty"` // of what is dismissed: for whom it waits from now on
}

// Delivery is everything that one person may be told now, in the order in which it
// happened.
type Delivery struct {
	To       ID        `json:"to"`
	Zone     string    `json:"zone,omitempty"`     // the person's IANA zone, "" is that of the cycle
	Language string    `json:"language,omitempty"` // the person's, BCP 47; "" is the host's default
	At       time.Time `json:"at"`                 // UTC instant; of a decision that was only tried it may lie ahead
	Waiting  []Waiting `json:"waiting,omitempty"`
	Moot     []Waiting `json:"moot,omitempty"` // of which nobody need be told any more: it waits no longer, see Settle
}

func delivery(p *Person, at time.Time, all []Waiting) Delivery {
	d := Delivery{To: p.ID, Zone: p.Zone, Language: p.Language, At: at}
	for _, x := range all {
		if x.Moot == "" {
			d.Waiting = append(d.Waiting, x)
		} else {
			d.Moot = append(d.Moot, x)
		}
	}
	return d
}

// waitingNote is what the standing holds: all of the event, since the ledger's says
// nothing of what is private.
type waitingNote struct {
	Event Event  `json:"event"`
	Words string `json:"words,omitempty"`
}

func (x Waiting) standing() (Standing, error) {
	value, err := canonical(waitingNote{x.Event, x.Words})
	at := x.At
	return Standing{
		Subject: Ref{KindPerson, x.Person}, Kind: standingWaiting, Key: x.Event.ID, Value: string(value), Since: x.Since, NextLook: &at,
	}, err
}

// waitings are what waits for a person.
func waitings(of []Standing) ([]Waiting, error) {
	var out []Waiting
	for _, st := range of {
		if st.Kind != standingWaiting {
			continue
		}
		var n waitingNote
		if err := json.Unmarshal([]byte(st.Value), &n); err != nil {
			return nil, fmt.Errorf("okr: what waits for %s cannot be read: %w", st.Subject, err)
		}
		x := Waiting{Person: st.Subject.ID, Event: n.Event, Words: n.Words, Since: st.Since}
		if st.NextLook != nil {
			x.At = *st.NextLook
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Waiting) int {
		return cmp.Or(a.Event.Time.Compare(b.Event.Time), CompareRefs(a.Event.Aggregate, b.Event.Aggregate), cmp.Compare(a.Event.Seq, b.Event.Seq), cmp.Compare(a.Event.ID, b.Event.ID))
	})
	return out, nil
}

// Await leaves events waiting for the people whom they concern, until they may be told
// of them. Only programs may. The person is then due to be looked at. An event that waits for them already
// goes on waiting, and one that waited for somebody else counts from when it first did;
// what is for somebody who has left is dropped (notice.dropped), and the decision says so
// in Deliveries. A person whom the desk does not know is a *[NotFoundError].
//
// Of a trial the decision says in Deliveries what would be told to whom, and when,
// together with what waits for them already.
func (t Tenant) Await(ctx context.Context, xs ...Waiting) (Decision, error) {
	if len(xs) == 0 {
		return Decision{}, nil
	}
	need := Need{Cycles: true, Collections: Collections{Standings: true, StandingKinds: []string{standingTold}, Homes: true}}
	for i, x := range xs {
		field := fmt.Sprintf("waiting[%d]", i)
		if p := badID(string(x.Person)); p != "" {
			return Decision{}, invalid(field+".person", string(x.Person), "an id that %s names nobody", p)
		}
		if err := checkID(field+".event.id", ID(x.Event.ID), true); err != nil {
			return Decision{}, err
		}
		if r := (Ref{KindPerson, x.Person}); !slices.Contains(need.Refs, r) {
			need.Refs = append(need.Refs, r)
		}
	}
	if t.trial != nil {
		need.StandingKinds = []string{standingTold, standingWaiting}
	}
	return t.decide(ctx, Intent{Verb: VerbNotify}, "", xs, func(ctx context.Context, w *work) error {
		if !w.actor.program() {
			return ErrDenied
		}
		if err := w.load(ctx, need); err != nil {
			return err
		}
		may := map[ID]*allowance{}
		var left []Waiting
		held := slices.Clone(xs)
		if err := w.heldSince(ctx, w.unit, held); err != nil {
			return err
		}
		for i, x := range xs {
			p := w.after.Person(x.Person)
			if p == nil {
				continue
			}
			if p.Left {
				x.Moot = MootLeft
				left = append(left, x)
				w.out.Deliveries = append(w.out.Deliveries, delivery(p, w.now, []Waiting{x}))
				continue
			}
			if x.Since.IsZero() || x.Since.After(w.now) {
				x.Since = w.now
			}
			a := may[p.ID]
			if a == nil {
				var err error
				if a, err = w.allowance(w.before, p, w.now); err != nil {
					return err
				}
				may[p.ID] = a
			}
			x.At = a.look(x.Since, w.now)
			if since := held[i].Since; since.After(w.now) {
				x.At = a.look(since, since)
			}
			st, err := x.standing()
			if err != nil {
				return err
			}
			w.setStanding(st)
		}
		if w.trial == nil {
			return w.untold(ctx, w.before, left)
		}
		for _, r := range need.Refs {
			p := w.after.Person(r.ID)
			if p == nil || p.Left {
				continue
			}
			before, err := waitings(w.before.StandingsOf(r))
			if err != nil {
				return err
			}
			if err := w.refresh(ctx, w.unit, w.now, map[ID][]Waiting{p.ID: before}); err != nil {
				return err
			}
			all, err := waitings(w.standingsOf(r))
			if err != nil {
				return err
			}
			for _, x := range before { // what is only tried is as it was announced
				if i := slices.IndexFunc(all, func(y Waiting) bool { return y.Event.ID == x.Event.ID }); i >= 0 {
					all[i] = x
				}
			}
			if len(all) == 0 {
				continue
			}
			a, err := w.allowance(w.before, p, w.now)
			if err != nil {
				return err
			}
			if err := w.heldSince(ctx, w.unit, all); err != nil {
				return err
			}
			all, held := parted(all, w.now)
			if len(all) > 0 {
				w.out.Deliveries = append(w.out.Deliveries, delivery(p, a.look(sinceOf(all), w.now), all))
			}
			if len(held) > 0 {
				since := sinceOf(held)
				w.out.Deliveries = append(w.out.Deliveries, delivery(p, a.look(since, since), held))
			}
		}
		return nil
	})
}

// Dismiss takes away what waits and is not told: it turned out to concern somebody else,
// who stands in Instead, or nobody any more. That it was dropped, and why (Moot), is
// recorded, once (notice.dropped). Only programs may. What does not wait is passed over.
func (t Tenant) Dismiss(ctx context.Context, xs ...Waiting) (Decision, error) {
	if len(xs) == 0 {
		return Decision{}, nil
	}
	people := make([]Ref, 0, len(xs))
	for i, x := range xs {
		field := fmt.Sprintf("waiting[%d]", i)
		if err := errors.Join(checkID(field+".person", x.Person, true), checkReason(field+".moot", x.Moot)); err != nil {
			return Decision{}, err
		}
		for j, id := range x.Instead {
			if err := checkID(fmt.Sprintf("%s.instead[%d]", field, j), id, true); err != nil {
				return Decision{}, err
			}
		}
		people = append(people, Ref{KindPerson, x.Person})
	}
	slices.SortFunc(people, CompareRefs)
	people = slices.Compact(people)
	return t.decide(ctx, Intent{Verb: VerbNotify}, "", xs, func(ctx context.Context, w *work) error {
		if !w.actor.program() {
			return ErrDenied
		}
		if err := w.load(ctx, Need{}); err != nil {
			return err
		}
		s, err := w.loadPeople(ctx, people)
		if err != nil || s == nil {
			return err
		}
		var drop []Waiting
		for _, p := range s.People {
			all, err := waitings(s.StandingsOf(Ref{KindPerson, p.ID}))
			if err != nil {
				return err
			}
			for _, was := range all { // what is recorded is what waited
				i := slices.IndexFunc(xs, func(x Waiting) bool { return x.Person == p.ID && x.Event.ID == was.Event.ID })
				if i >= 0 {
					was.Moot, was.Instead = cmp.Or(xs[i].Moot, MootDismissed), xs[i].Instead
					drop = append(drop, was)
				}
			}
		}
		return w.untold(ctx, s, drop)
	})
}

// checkReason refuses what is no reason code: it is recorded for ever, so that nothing
// may be told in it.
func checkReason(field, code string) error {
	if len(code) > maxReason || strings.ContainsFunc(code, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' }) {
		return invalid(field, code, "give one word of at most %d letters from a to z, such as %s", maxReason, MootNobody)
	}
	return nil
}

const maxReason = 32

// delivers says whether the actor may be handed what waits for somebody.
func (t Tenant) delivers(to Ref) bool { return t.actor.program() || t.actor == Someone(to.ID) }

// deliver hands over what waits for the people. It stays until a notice is about it, and
// is handed over again later if none is.
func (w *work) deliver(ctx context.Context, refs []Ref) error {
	people := slices.DeleteFunc(slices.Clone(refs), func(r Ref) bool { return r.Kind != KindPerson })
	s, err := w.loadPeople(ctx, people)
	if err != nil || s == nil {
		return err
	}
	waiting, gone := map[ID][]Waiting{}, map[ID][]Waiting{}
	for _, p := range s.People {
		if waiting[p.ID], err = waitings(s.StandingsOf(Ref{KindPerson, p.ID})); err != nil {
			return err
		}
	}
	if err := w.heldSince(ctx, w.unit, slices.Collect(maps.Values(waiting))...); err != nil {
		return err
	}
	for _, p := range s.People {
		all := waiting[p.ID]
		if len(all) == 0 {
			continue
		}
		a, err := w.allowance(s, &p, w.now)
		if err != nil {
			return err
		}
		if p.Left {
			gone[p.ID] = all
			delete(waiting, p.ID)
			continue
		}
		all, held := parted(all, w.now)
		for _, x := range held {
			w.postpone(s, Ref{KindPerson, p.ID}, []Waiting{x}, a.look(x.Since, x.Since))
		}
		waiting[p.ID] = all
		if len(all) == 0 {
			continue
		}
		if at := a.look(sinceOf(all), w.now); at.After(w.now) {
			w.postpone(s, Ref{KindPerson, p.ID}, all, at)
			delete(waiting, p.ID)
		}
	}
	if err := w.refresh(ctx, w.unit, w.now, waiting); err != nil {
		return err
	}
	if err := w.leaver(ctx, gone); err != nil {
		return err
	}
	maps.Copy(waiting, gone)
	var drop []Waiting
	for _, p := range s.People {
		all := waiting[p.ID]
		if len(all) == 0 {
			continue
		}
		d := delivery(&p, w.now, all)
		w.out.Deliveries = append(w.out.Deliveries, d)
		over := without(d.Moot, func(x Waiting) bool { return x.Moot == MootLeft }) // whoever tells people knows who hears it instead
		drop = append(drop, over...)
		w.postpone(s, Ref{KindPerson, p.ID}, without(all, func(x Waiting) bool {
			return slices.ContainsFunc(over, func(y Waiting) bool { return x.Event.ID == y.Event.ID })
		}), w.now.Add(deliverAgain))
	}
	w.then = append(w.then, func(map[ID]measure.Result) error { return w.untold(ctx, s, drop) })
	return nil
}

// postpone has what waits looked at again. No rule is to read it: it may be private.
func (w *work) postpone(s *Snapshot, to Ref, xs []Waiting, at time.Time) {
	w.then = append(w.then, func(map[ID]measure.Result) error {
		these := make(map[string]bool, len(xs))
		for _, x := range xs {
			these[x.Event.ID] = true
		}
		for _, st := range s.StandingsOf(to) {
			if st.Kind == standingWaiting && these[st.Key] {
				st.NextLook = &at
				w.setStanding(st)
			}
		}
		return nil
	})
}

// sinceOf is since when the first of them waits.
func sinceOf(xs []Waiting) time.Time {
	return slices.MinFunc(xs, func(a, b Waiting) int { return a.Since.Compare(b.Since) }).Since
}

// deliverAgain is when what was handed over and not told is handed over again.
const deliverAgain = time.Hour

// loadPeople loads people with what waits for them, without those whom nobody knows.
func (w *work) loadPeople(ctx context.Context, people []Ref) (*Snapshot, error) {
	for len(people) > 0 {
		s, err := w.unit.Load(ctx, w.id, Need{
			Refs: people, Cycles: true, Collections: Collections{Standings: true, StandingKinds: []string{standingWaiting, standingTold}, Homes: true},
		})
		var gone *NotFoundError
		if !asNotFound(err, &gone) {
			return s, err
		}
		known := slices.DeleteFunc(slices.Clone(people), func(r Ref) bool { return r == gone.Ref })
		if len(known) == len(people) {
			return nil, err
		}
		people = known
	}
	return nil, nil
}

// Waiting reads what waits for a person, in the order in which it happened, and when it
// may be told; what is moot by now says why. It is seen with the person's eyes, and only
// they and programs may. Of what is no longer theirs to see there is nothing, nor is
// there as of a cut: that something waits is no record.
func (v View) Waiting(ctx context.Context, person ID) ([]Waiting, error) {
	if err := checkID("person", person, true); err != nil {
		return nil, err
	}
	if v.cut != nil {
		return nil, nil
	}
	ref := Ref{KindPerson, person}
	var out []Waiting
	err := v.transact(ctx, func(u Unit, now time.Time) error {
		if err := v.t.allow(ctx, Intent{VerbView, []Ref{ref}}); err != nil {
			return err
		}
		if !v.t.delivers(ref) {
			return fmt.Errorf("okr: what waits for %s is for them alone: %w", ref, ErrDenied)
		}
		s, err := u.Load(ctx, v.t.id, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true, StandingKinds: []string{standingWaiting}}})
		if err != nil {
			return err
		}
		if out, err = waitings(s.StandingsOf(ref)); err != nil {
			return err
		}
		err = v.t.refresh(ctx, behind(u), now, map[ID][]Waiting{person: out})
		out = without(out, func(x Waiting) bool { return x.Moot == MootGone })
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// behind is the unit that knows what its reader may not see.
func behind(u Unit) Unit {
	switch x := u.(type) {
	case *walled:
		return behind(x.unit)
	case *seeing:
		return x.unit
	}
	return u
}
