package okr

import (
	"context"
	"maps"
	"slices"
	"time"
)

// lookedAt is how many subjects a survey has looked at in one transaction.
const lookedAt = 1000

// Survey comes before subjects are settled within a [Tenant.Do]. For each cycle among
// them of which a change of day is due, it works out whom the day has changed, in a
// transaction that only reads, and has those looked at, some at a time. The handle that
// it returns knows what is left to be said of the cycles themselves: settle them with it
// at once. So nobody who writes waits for a whole company to be measured.
//
// Whoever decides meanwhile has announced what their decision changed. A process that
// ends in the middle has lost nothing: the cycle is still due, and who was looked at
// already has nothing new to say. Where another day has begun, or other packs are in
// force, what was surveyed counts no more, and settling works it out anew.
//
// Within a Do, the host's transaction or a trial, and without a cycle that is due, it
// returns the handle as it is. Outside of them [Tenant.Settle] surveys by itself.
func (t Tenant) Survey(ctx context.Context, refs ...Ref) (Tenant, error) {
	cycles := slices.DeleteFunc(slices.Clone(refs), func(r Ref) bool { return r.Kind != KindCycle || t.known(r) })
	slices.SortFunc(cycles, CompareRefs)
	cycles = slices.Compact(cycles)
	if len(cycles) == 0 || t.session != nil || t.tx != nil || t.trial != nil {
		return t, nil
	}
	if err := t.actor.check(); err != nil {
		return t, err
	}
	surveyed := maps.Clone(t.surveyed)
	if surveyed == nil {
		surveyed = map[Ref]aDay{}
	}
	for _, r := range cycles {
		if err := checkID("refs", r.ID, true); err != nil {
			return t, err
		}
		d, err := t.survey(ctx, r)
		if err != nil {
			return t, err
		}
		if d == nil {
			continue
		}
		for some := range slices.Chunk(d.changed, lookedAt) {
			if err := t.haveLookedAt(ctx, some); err != nil {
				return t, err
			}
		}
		d.changed = nil
		surveyed[r] = *d
	}
	t.surveyed = surveyed
	return t, nil
}

func (t Tenant) known(r Ref) bool {
	_, ok := t.surveyed[r]
	return ok
}

// survey is what the day has changed of a cycle; nil where there is nothing to settle.
func (t Tenant) survey(ctx context.Context, r Ref) (*aDay, error) {
	var d *aDay
	err := t.transact(ctx, false, func(u Unit, now time.Time) error {
		in := Intent{VerbSettle, []Ref{r}}
		if err := t.allow(ctx, in); err != nil {
			return err
		}
		w := &work{Tenant: t, unit: behind(u), now: now, intent: in}
		today, err := w.today(ctx, r)
		if err != nil || today == nil || today.cycle.closed(now) || today.settled() {
			return err
		}
		found, err := w.day(ctx, today)
		d = &found
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// haveLookedAt has subjects looked at soon.
func (t Tenant) haveLookedAt(ctx context.Context, refs []Ref) error {
	_, err := t.decide(ctx, Intent{Verb: VerbSettle}, "", refs, func(ctx context.Context, w *work) error {
		if err := w.load(ctx, Need{}); err != nil {
			return err
		}
		for _, r := range refs {
			w.look(r)
		}
		return nil
	})
	return err
}
