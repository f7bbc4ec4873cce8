package okr

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Appointment is a check-in that lies ahead, and who will be asked for it.
type Appointment struct {
	KeyResult ID `json:"key_result"`
	Occurrence
	Asked ID `json:"asked"` // the owner, or whoever stands in while they are away, as far as absences are known now and the reader may know
}

// Timetable lists the check-ins of a cycle's active key results that lie ahead, by when
// they are due. Those for which nobody will be asked are not in it, because the owner
// will be away and nobody stands in, the rhythm pauses, or a source keeps the value up
// to date: it is taken to go on. Where Config.Calendar is nil
// there are none. It costs one load of the cycle, and one of whoever stands in and has
// no part in it.
//
// When somebody will be away is for themselves, whoever stands in for them, and
// programs. To anybody else it reads as [View.OpenTimetable].
func (v View) Timetable(ctx context.Context, cycle ID) ([]Appointment, error) {
	return v.timetable(ctx, cycle, v.t.actor)
}

// OpenTimetable is the timetable as everybody may read it, such as the calendar of a
// team: each check-in is its owner's, and says of nobody that they will be away.
func (v View) OpenTimetable(ctx context.Context, cycle ID) ([]Appointment, error) {
	return v.timetable(ctx, cycle, Actor{})
}

func (v View) timetable(ctx context.Context, cycle ID, reader Actor) ([]Appointment, error) {
	refs := []Ref{{KindCycle, cycle}}
	out := []Appointment{}
	err := v.within(ctx, refs, func(u Unit, _ *Snapshot, now time.Time) error {
		s, err := v.t.desk.read(ctx, u, v.t.id, Intent{VerbAppraise, refs}, Need{Refs: refs, Cycle: cycle, Collections: Collections{Standings: true, StandingKinds: []string{standingSource}}})
		if err != nil {
			return err
		}
		w := &work{Tenant: v.t, unit: u, now: now, before: s, after: s}
		for _, k := range s.KeyResults {
			if k.Cycle != cycle || k.State != Active || s.Cycle(cycle).closed(now) {
				continue
			}
			all, paused, err := v.t.desk.everyOccurrence(s, k)
			if err != nil {
				return err
			}
			fed := w.quiet(k, now)
			for _, o := range all {
				if paused[o.Key] || !o.Due.After(now) || fed && !k.Override.Holds(o.Due) {
					continue
				}
				who, excused, err := w.asked(ctx, k, o)
				if err != nil {
					return err
				}
				if !reader.program() && reader != Someone(k.Owner) && reader != Someone(who) {
					who, excused = k.Owner, false
				}
				if !excused {
					out = append(out, Appointment{k.ID, o, who})
				}
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Appointment) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.KeyResult, b.KeyResult)) })
	return out, err
}
