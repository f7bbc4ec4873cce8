package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// mendAll does what people would do: it looks at what is missing and mends it, again
// and again until the week is done. It knows no rule; it goes by what each missing
// thing is called.
func (s *story) mendAll(ctx context.Context) error {
	for range 6 {
		v, err := s.acme.View().Reset(ctx, s.reset)
		if err != nil {
			return err
		}
		if len(v.Missing) == 0 {
			s.say("\nNothing is missing any more.")
			return nil
		}
		s.say("\nPeople mend %s.", sum(v.Missing))
		if err := s.mend(ctx, v.Missing); err != nil {
			return err
		}
	}
	v, err := s.acme.View().Reset(ctx, s.reset)
	if err != nil {
		return err
	}
	return fmt.Errorf("the script does not know how to mend this: %+v", v.Missing)
}

// sum counts missing things by what they are called.
func sum(all []okr.Missing) string {
	var names []string
	n := map[string]int{}
	for _, m := range all {
		if n[m.What] == 0 {
			names = append(names, m.What)
		}
		n[m.What]++
	}
	slices.Sort(names)
	out := ""
	for i, name := range names {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprintf("%s (%d)", name, n[name])
	}
	return out
}

func (s *story) mend(ctx context.Context, all []okr.Missing) error {
	done := map[string]bool{}
	var promise []okr.Ref
	for i, m := range all {
		id := m.Subject.ID
		key := m.What + string(id)
		if done[key] {
			continue
		}
		done[key] = true
		k, err := s.keyResult(ctx, id)
		if err != nil {
			return err
		}
		switch m.What {
		case audit.LacksRebuilding:
			err = s.rewrite(ctx, k, i)
		case audit.LacksSource:
			err = s.decide(s.acme.Change(ctx, okr.KeyResultChange{KeyResult: id, Source: s.source(i)}))
		case audit.LacksConfirming:
			err = s.confirm(ctx, k)
		case audit.LacksReason:
			err = s.decide(s.acme.Vouch(ctx, okr.Vouching{Reset: s.reset, KeyResult: id, For: okr.VouchAside, Reason: "It was dropped at the offsite"}))
		case audit.LacksOwner:
			owner := crew[i%len(crew)].ID
			err = s.decide(s.acme.Change(ctx, okr.KeyResultChange{KeyResult: id, Owner: &owner}))
		case audit.LacksRhythm:
			if !done[m.What] {
				done[m.What] = true
				err = s.weekly(ctx)
			}
		case audit.LacksActivation:
			promise = append(promise, okr.Ref{Kind: okr.KindObjective, ID: k.Objective}, okr.Ref{Kind: okr.KindKeyResult, ID: id})
		case audit.LacksCheckIn:
			err = s.checkIn(ctx, k)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", m.Title, m.What, err)
		}
	}
	owned := !slices.ContainsFunc(all, func(m okr.Missing) bool { return m.What == audit.LacksOwner || m.What == audit.LacksRhythm })
	if len(promise) == 0 || !owned {
		return nil
	}
	return s.decide(s.acme.Activate(ctx, okr.Activation{Subjects: promise}))
}

// rewrite gives a key result a number to reach. A real team would think.
func (s *story) rewrite(ctx context.Context, k okr.KeyResult, i int) error {
	from, to := float64(10+i), float64(20+2*i)
	title := fmt.Sprintf("%s: raise its index from %g to %g points", lower(k.Title), from, to)
	m := measure.Metric{Kind: measure.Increase, Unit: "points", Baseline: measure.N(from), Target: measure.N(to)}
	var none okr.Date
	return s.decide(s.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Title: &title, Metric: &m, Due: &none}))
}

// source is where a number comes from: most are read off by hand, some are delivered.
func (s *story) source(i int) *okr.Source {
	everyone := []string{"everyone"}
	if i%4 == 1 {
		return &okr.Source{Kind: "sql", Where: "Booking warehouse", Interval: okr.EveryWeek, Access: everyone}
	}
	return &okr.Source{Kind: "manual", Where: "The sheet of the weekly meeting", Interval: okr.EveryWeek, Access: everyone}
}

// confirm looks whether the source exists: one that delivers proves it, of the others
// somebody says that they have looked.
func (s *story) confirm(ctx context.Context, k okr.KeyResult) error {
	if k.Source != nil && k.Source.Kind == "sql" {
		return s.deliver(ctx, k)
	}
	return s.decide(s.acme.Vouch(ctx, okr.Vouching{Reset: s.reset, KeyResult: k.ID, For: okr.VouchSource}))
}

// checkIn takes the first check-in. Where a source delivers the number, its owner only
// says what to think of it.
func (s *story) checkIn(ctx context.Context, k okr.KeyResult) error {
	c := okr.CheckIn{KeyResult: k.ID, Value: reading(k), Confidence: measure.N(6), Note: "First look: this is where we stand"}
	if k.Source != nil && k.Source.Kind == "sql" {
		if err := s.deliver(ctx, k); err != nil {
			return err
		}
		c.Value = measure.Number{}
	}
	return s.decide(s.as(k.Owner).CheckIn(ctx, c))
}

func (s *story) deliver(ctx context.Context, k okr.KeyResult) error {
	return s.decide(s.desk.For("acme").As(okr.Service("warehouse")).Record(ctx, okr.Collected{
		KeyResult: k.ID, Source: k.Source.Kind, Readings: []okr.Measurement{{Value: reading(k), OccurredAt: s.clock.Now()}},
	}))
}

// weekly gives the whole cycle a rhythm.
func (s *story) weekly(ctx context.Context) error {
	plan := s.plan
	plan.Objectives = nil
	plan.Cycle.Cadence = okrtest.Weekly()
	return s.decide(s.acme.Propose(ctx, plan))
}

// reading is a number that is a little better than where the key result starts.
func reading(k okr.KeyResult) measure.Number {
	m := k.Metric
	from, ok := m.Baseline.Value()
	to, known := m.Target.Value()
	switch {
	case m.Kind == measure.YesNo || m.Kind == measure.Milestones:
		return measure.N(0)
	case m.Kind == measure.Zones:
		return measure.LevelFail.Number()
	case ok && known:
		return measure.N(from + (to-from)/10)
	case known:
		return measure.N(to)
	case m.Low.Known():
		return m.Low
	}
	return measure.N(0)
}
