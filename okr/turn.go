package okr

import (
	"context"
	"slices"
)

// lookAt comes before a change of what every active key result that matches has in
// common: who is here, the schedule above it. It writes what their occurrences have come
// to by now, while the old still holds, and has each looked at soon.
//
// It costs one load of them all, by pages.
func (w *work) lookAt(ctx context.Context, q Query) error {
	return w.pages(ctx, q, func(ids []ID) error {
		for _, id := range ids {
			w.look(Ref{KindKeyResult, id})
		}
		_, err := w.settleBefore(ctx, ids, q.Owner == "")
		return err
	})
}

// lookAtPolicy comes before a change of the policy, and does that cycle by cycle: not for
// those that are closed, and not where a cycle goes by the same schedule as before. Of a
// ladder it has only those looked at of whom somebody waits for a check-in.
func (w *work) lookAtPolicy(ctx context.Context, was, now Policy, changed []string) error {
	s, err := w.unit.Load(ctx, w.id, Need{Cycles: true})
	if err != nil {
		return err
	}
	for _, c := range s.Cycles {
		q := Query{Cycle: c.ID}
		switch {
		case c.closed(w.now):
		case slices.Contains(changed, "ask_live"), !equalSchedules(c.Cadence.Under(was.Cadence), c.Cadence.Under(now.Cadence)):
			err = w.lookAt(ctx, q)
		case slices.Contains(changed, "ladder"):
			err = w.pages(ctx, q, func(ids []ID) error {
				asked, err := w.settleBefore(ctx, ids, false)
				for _, id := range asked {
					w.look(Ref{KindKeyResult, id})
				}
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pages lists the active key results that match.
func (w *work) pages(ctx context.Context, q Query, f func([]ID) error) error {
	q.State, q.Limit = Active, maxPage
	for {
		ids, err := w.unit.List(ctx, w.id, q)
		if err != nil {
			return err
		}
		if err := f(ids); err != nil {
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
// own within this one, as things stood before it. It answers of which an occurrence waits
// for a check-in, or waited in vain.
func (w *work) settleBefore(ctx context.Context, ids []ID, schedule bool) (asked []ID, err error) {
	if len(ids) == 0 || w.desk.calendar == nil {
		return nil, nil
	}
	need := Need{Collections: Collections{Standings: true}, Lock: w.tx != nil}
	for _, id := range ids {
		need.Refs = append(need.Refs, Ref{KindKeyResult, id})
	}
	s, err := w.unit.Load(ctx, w.id, need)
	if err != nil {
		return nil, err
	}
	first := &work{Tenant: w.Tenant, unit: w.unit, now: w.now, intent: Intent{VerbSettle, need.Refs}, next: map[Ref]int64{}, before: s, after: s.Clone()}
	for _, id := range ids {
		k := first.after.KeyResult(id)
		if err := first.elapse(ctx, *k); err != nil {
			return nil, err
		}
		for _, came := range first.came(*k) {
			if came == occurrenceMissed || !concluded(came) {
				asked = append(asked, id)
				break
			}
		}
		if !schedule {
			continue
		}
		if err := first.turning(ctx, *k); err != nil {
			return nil, err
		}
	}
	first.stamp()
	if err := first.complete(); err != nil {
		return nil, err
	}
	if first.idle() {
		return asked, nil
	}
	first.changes.Now = w.now
	return asked, w.unit.Write(ctx, w.id, first.changes)
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
