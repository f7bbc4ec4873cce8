package okr

import (
	"context"
	"slices"
)

// lookAt comes before a change of what every active key result that matches has in
// common: who is here, the schedule above it, the policy. It writes what their occurrences
// have come to by now, while the old still holds, and has each looked at soon.
//
// It costs one load of them all, by pages.
func (w *work) lookAt(ctx context.Context, q Query) error {
	q.State, q.Limit = Active, maxPage
	for {
		ids, err := w.unit.List(ctx, w.id, q)
		if err != nil {
			return err
		}
		for _, id := range ids {
			w.look(Ref{KindKeyResult, id})
		}
		if err := w.settleBefore(ctx, ids, q.Owner == ""); err != nil {
			return err
		}
		if len(ids) < q.Limit {
			return nil
		}
		q.After = string(ids[len(ids)-1])
	}
}

// settleBefore writes what the occurrences of key results have come to by now, and, where
// their schedule is about to change, up to when they followed it. It is a decision of its
// own within this one, as things stood before it.
func (w *work) settleBefore(ctx context.Context, ids []ID, schedule bool) error {
	if len(ids) == 0 || w.desk.calendar == nil {
		return nil
	}
	need := Need{Collections: Collections{Standings: true}, Lock: w.tx != nil}
	for _, id := range ids {
		need.Refs = append(need.Refs, Ref{KindKeyResult, id})
	}
	s, err := w.unit.Load(ctx, w.id, need)
	if err != nil {
		return err
	}
	first := &work{Tenant: w.Tenant, unit: w.unit, now: w.now, intent: Intent{VerbSettle, need.Refs}, next: map[Ref]int64{}, before: s, after: s.Clone()}
	for _, id := range ids {
		k := first.after.KeyResult(id)
		if err := first.elapse(ctx, *k); err != nil {
			return err
		}
		if !schedule {
			continue
		}
		if err := first.turning(*k); err != nil {
			return err
		}
	}
	first.stamp()
	if err := first.complete(); err != nil {
		return err
	}
	if first.idle() {
		return nil
	}
	first.changes.Now = w.now
	return w.unit.Write(ctx, w.id, first.changes)
}

// behind are those for whom somebody stands in, be it as the backup of a backup.
func (s *Snapshot) behind(who ID) []ID {
	found := []ID{who}
	for i := 0; i < len(found); i++ {
		for _, p := range s.People {
			if p.Backup == found[i] && !slices.Contains(found, p.ID) {
				found = append(found, p.ID)
			}
		}
	}
	return found[1:]
}
