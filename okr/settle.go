package okr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Settle writes what time alone has changed of the subjects: statuses,
// occurrences that are due, overdue or missed, an owner who left. Each is
// announced once, whoever settles and however often. What the host's own calls
// left for an audience comes back in Decision.Audience, once, to a program: it tells
// people. What somebody else's settling announces is left for that program as well.
//
// A cycle is settled at each of its civil midnights: everything in it is measured,
// and those whose status the day has changed are left to be settled. That costs one
// load of the cycle.
//
// What waits for a person ([Tenant.Await]) comes back in Decision.Deliveries, to a
// program or to the person alone. What is moot of it waits no longer, and is recorded as
// notice.dropped; but for what waits for somebody who has left: that is for whoever tells
// people to leave waiting for somebody else ([Tenant.Await]), and to dismiss.
//
// A subject that no longer exists is settled by doing nothing.
func (t Tenant) Settle(ctx context.Context, refs ...Ref) (Decision, error) {
	if len(refs) == 0 {
		return Decision{}, nil
	}
	for i, r := range refs {
		if err := checkID(fmt.Sprintf("refs[%d]", i), r.ID, true); err != nil {
			return Decision{}, err
		}
	}
	t, err := t.Survey(ctx, refs...)
	if err != nil {
		return Decision{}, err
	}
	return t.decide(ctx, Intent{VerbSettle, slices.Clone(refs)}, "", refs, func(ctx context.Context, w *work) error {
		return w.settle(ctx, refs)
	})
}

func (w *work) settle(ctx context.Context, refs []Ref) error {
	refs = slices.Clone(refs)
	slices.SortFunc(refs, CompareRefs)
	refs = slices.Compact(refs)
	refs = slices.DeleteFunc(refs, func(r Ref) bool { return r.Kind == KindPerson && !w.delivers(r) })
	need := Need{Collections: Collections{Standings: true}}
	for _, r := range refs {
		if r.Kind == KindKeyResult || r.Kind == KindObjective || r.Kind == KindWaiver {
			need.Refs = append(need.Refs, r)
		}
	}
	w.changes.Settled = refs
	for {
		w.intent.Subjects = slices.DeleteFunc(slices.Clone(need.Refs), func(r Ref) bool { return r.Kind == KindWaiver })
		err := w.load(ctx, need)
		if err == nil {
			break
		}
		var gone *NotFoundError
		if !errors.As(err, &gone) || !slices.Contains(need.Refs, gone.Ref) {
			return err
		}
		need.Refs = slices.DeleteFunc(need.Refs, func(r Ref) bool { return r == gone.Ref })
	}
	for _, r := range refs {
		if r.Kind == KindCycle {
			if err := w.settleDay(ctx, r); err != nil {
				return err
			}
			if err := w.settleSessions(ctx, r); err != nil {
				return err
			}
		}
	}
	all := sync.OnceValue(func() found { return w.after.sift(w.verdict.Findings, "") })
	for _, r := range refs {
		if err := w.audience(ctx, r); err != nil {
			return err
		}
	}
	for _, r := range need.Refs {
		switch r.Kind {
		case KindWaiver:
			if err := w.expire(ctx, *w.after.Waiver(r.ID)); err != nil {
				return err
			}
			continue
		case KindObjective:
			if o := w.after.Objective(r.ID); !w.over(o.Cycle) {
				w.then = append(w.then, func(map[ID]measure.Result) error { return w.findOf(r, all()) })
			}
			continue
		}
		k := w.after.KeyResult(r.ID)
		if k == nil || w.over(k.Cycle) {
			continue
		}
		w.then = append(w.then, func(map[ID]measure.Result) error { return w.findOf(r, all()) })
		if k.State != Active {
			continue
		}
		if err := w.reschedule(k, func() (series, error) { return w.series(ctx, r, 0) }); err != nil {
			return err
		}
		if err := w.ownerLeft(*k); err != nil {
			return err
		}
		if err := w.occur(ctx, *k); err != nil {
			return err
		}
		w.then = append(w.then, func(measured map[ID]measure.Result) error { return w.foresee(ctx, r, measured) })
	}
	if err := w.deliver(ctx, refs); err != nil {
		return err
	}
	if err := w.settleResets(ctx, refs); err != nil {
		return err
	}
	return w.settleReports(ctx, refs)
}

// over says whether a cycle is closed: nothing in it is announced any more.
func (w *work) over(cycle ID) bool {
	c := w.after.Cycle(cycle)
	return c == nil || c.closed(w.now)
}

// audience hands over the events that were waiting to be told of.
func (w *work) audience(ctx context.Context, r Ref) error {
	if !heard(r) {
		return nil
	}
	stood := w.standingsOf(r)
	if r.Kind != KindKeyResult && r.Kind != KindObjective { // not loaded with what is settled; those of a cycle are many
		s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{r}, Collections: Collections{Standings: true, StandingKinds: []string{standingAudience}}})
		if asNotFound(err, new(*NotFoundError)) {
			return nil
		}
		if err != nil {
			return err
		}
		stood = s.StandingsOf(r)
	}
	for _, st := range slices.Clone(stood) {
		if st.Kind != standingAudience {
			continue
		}
		if !w.actor.program() {
			now := w.now
			st.NextLook = &now // it goes on waiting, though its subject was looked at
			w.setStanding(st)
			continue
		}
		seq, err := strconv.ParseInt(st.Value, 10, 64)
		if err != nil {
			return err
		}
		events, err := w.unit.Events(ctx, w.id, r, seq-1)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.ID == st.Key {
				if title := w.after.titleOf(r); title != "" && w.private(r) {
					if e, err = titled(e, title); err != nil {
						return err
					}
				}
				w.out.Audience = append(w.out.Audience, e)
			}
		}
		w.changes.Drop = append(w.changes.Drop, st)
	}
	return nil
}

// heard says whether what happens to it is told to people by way of its standings.
func heard(r Ref) bool {
	switch r.Kind {
	case KindKeyResult, KindObjective, KindCycle, KindComment, KindDecision:
		return true
	}
	return false
}

// leave leaves everything that was announced for whoever tells people, where that is not
// the actor.
func (w *work) leave() {
	if w.actor.program() {
		return
	}
	now := w.now
	for _, e := range w.events {
		if heard(e.Aggregate) {
			w.setStanding(Standing{
				Subject: e.Aggregate, Kind: standingAudience, Key: e.ID, Value: strconv.FormatInt(e.Seq, 10), Since: w.now, NextLook: &now,
			})
		}
	}
}

func (w *work) ownerLeft(k KeyResult) error {
	ref := Ref{KindKeyResult, k.ID}
	said, _ := w.standing(ref, standingOwner, "")
	now := ""
	if p := w.after.Person(k.Owner); p != nil && p.Left {
		now = string(p.ID)
	}
	if said.Value == now {
		return nil
	}
	w.setStanding(Standing{Subject: ref, Kind: standingOwner, Value: now, Since: w.now})
	return w.stillUnowned(k)
}

// stillUnowned tells that the owner has left, first then, and again with each check-in that
// is missed since nobody is asked.
func (w *work) stillUnowned(k KeyResult) error {
	if p := w.after.Person(k.Owner); p == nil || !p.Left {
		return nil
	}
	ref := Ref{KindKeyResult, k.ID}
	w.expect(ref, k.Version)
	return w.emit(ref, ref, EventOwnerLeft, w.fact(k), k)
}

// schedule says when each settled subject is to be looked at again: at the next
// change of an occurrence, when its reading grows stale, when an override ends, and
// when the judge asks. Midnights are the cycle's.
func (w *work) schedule(ctx context.Context, asked []Look) error {
	midnights := map[ID]time.Time{}
	for _, r := range w.intent.Subjects {
		at := earliest{after: w.now}
		var cycle *Cycle
		switch r.Kind {
		case KindKeyResult:
			k := w.after.KeyResult(r.ID)
			if k == nil || k.State != Active || w.over(k.Cycle) {
				continue
			}
			cycle = w.after.Cycle(k.Cycle)
			if k.CurrentAt != nil {
				at.consider(w.after.staleAt(*k))
			}
			at.consider(k.Override.Until)
			if err := w.expectOccurrences(ctx, *k, &at); err != nil {
				return err
			}
		case KindObjective:
			o := w.after.Objective(r.ID)
			if o == nil || o.State != Active || w.over(o.Cycle) {
				continue
			}
			cycle = w.after.Cycle(o.Cycle)
		}
		if cycle != nil && midnights[cycle.ID].IsZero() {
			midnights[cycle.ID] = cycle.midnight(w.now)
		}
		for _, l := range asked {
			if l.Subject == r && (cycle == nil || !l.At.Equal(midnights[cycle.ID])) {
				at.consider(l.At)
			}
		}
		st, ok := w.standing(r, standingStatus, "")
		if !ok {
			st = Standing{Subject: r, Kind: standingStatus, Value: string(measure.Unknown), Since: w.now}
		}
		st.NextLook = at.look()
		w.setStanding(st)
	}
	return nil
}
