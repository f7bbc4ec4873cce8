package okr

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// asked is who is asked for an answer to an occurrence: the owner, or whoever stands in
// where they have left or are away. It is excused where they are away and nobody does, or
// where that was told when grace had ended, and nobody but the owner had been asked.
//
// The owner is away where they are on the day on which it is due and on every other
// working day until grace has ended, which are theirs: in their zone, without the
// holidays of their region. Whoever comes back while there is a working day of grace
// left is asked as usual. Where all those days are days off, the day on which it is due
// counts.
func (w *work) asked(ctx context.Context, k KeyResult, o Occurrence) (who ID, excused bool, err error) {
	p := w.after.Person(k.Owner)
	if p == nil {
		return k.Owner, false, nil
	}
	if !p.Left {
		away, err := w.throughout(p, k, o)
		if err != nil || !away {
			return k.Owner, false, err
		}
		if st, ok := w.standing(Ref{KindKeyResult, k.ID}, standingAsked, o.Key); ok && ID(st.Value) == k.Owner && !st.Since.Before(o.GraceEnds) {
			return "", true, nil
		}
	}
	who, err = w.standIn(ctx, p, k, o)
	if who == "" && p.Left {
		who = k.Owner
	}
	return who, who == "", err
}

// standIn is whoever is asked in the place of an owner, "" if it is nobody.
func (w *work) standIn(ctx context.Context, p *Person, k KeyResult, o Occurrence) (ID, error) {
	seen := map[ID]bool{p.ID: true}
	for id := p.Backup; id != "" && !seen[id]; {
		seen[id] = true
		b, err := w.person(ctx, id)
		if err != nil {
			return "", err
		}
		if b == nil {
			break
		}
		if !b.Left {
			away, err := w.throughout(b, k, o)
			if err != nil {
				return "", err
			}
			sees := false
			if !away {
				sees, err = w.sees(ctx, b.ID, k)
			}
			if err != nil || sees {
				return b.ID, err
			}
		}
		id = b.Backup
	}
	return "", nil
}

// throughout says whether somebody is away for as long as an occurrence could be
// answered from when it is due.
func (w *work) throughout(p *Person, k KeyResult, o Occurrence) (bool, error) {
	if len(p.Away) == 0 {
		return false, nil
	}
	s, c := *w.after.CadenceOf(k), *w.after.Cycle(k.Cycle)
	loc, err := w.zoneOf(p, &s, c)
	if err != nil {
		return false, err
	}
	first, last := measure.DateOf(o.Due.In(loc)), measure.DateOf(o.GraceEnds.Add(-1).In(loc))
	worked := 0
	for d := first; !d.After(last); d = d.AddDays(1) {
		works, err := w.works(s, c, d, loc)
		if err != nil {
			return false, err
		}
		if !works {
			continue
		}
		if !p.away(d) {
			return false, nil
		}
		worked++
	}
	return worked > 0 || p.away(first), nil
}

// zoneOf is where a person keeps their days, and makes the schedule one of theirs.
func (w *work) zoneOf(p *Person, s *Schedule, c Cycle) (*time.Location, error) {
	if p.Region != "" {
		s.Holidays = p.Region
	}
	if p.Zone != "" {
		s.Zone = p.Zone
	}
	if s.Zone != "" {
		c.Zone = s.Zone
	}
	return c.Location()
}

// works says whether a day is one on which people work.
func (w *work) works(s Schedule, c Cycle, d Date, loc *time.Location) (bool, error) {
	later, err := w.desk.calendar.Later(s, c, d.AddDays(-1).In(loc).Add(12*time.Hour), 1)
	if err != nil {
		return false, err
	}
	return measure.DateOf(later.In(loc)) == d, nil
}

// person is a person of the directory, whether or not the decision has to do with them;
// nil where there is none.
func (w *work) person(ctx context.Context, id ID) (*Person, error) {
	if id == "" {
		return nil, nil
	}
	if p := w.after.Person(id); p != nil {
		return p, nil
	}
	if p, known := w.others[id]; known {
		return p, nil
	}
	if w.others == nil {
		w.others = map[ID]*Person{}
	}
	s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{{KindPerson, id}}})
	switch {
	case asNotFound(err, new(*NotFoundError)):
		w.others[id] = nil
		return nil, nil
	case err != nil:
		return nil, err
	}
	w.others[id] = s.Person(id)
	return w.others[id], nil
}

// sees says whether somebody may see a key result: whom it is hidden from cannot be told
// of it.
func (w *work) sees(ctx context.Context, who ID, k KeyResult) (bool, error) {
	o := w.after.Objective(k.Objective)
	if o == nil || !o.Private {
		return true, nil
	}
	by := newSight()
	err := w.desk.For(w.id).As(Someone(who)).ask(ctx, w.unit, by, []ID{o.ID})
	return !by.objectives[o.ID], err
}

// noteAsked notes who is asked for an open occurrence, before something changes that
// decides it.
func (w *work) noteAsked(ctx context.Context, k KeyResult, o Occurrence, was string) error {
	if concluded(was) || w.now.Before(o.Opens) {
		return nil
	}
	who, excused, err := w.asked(ctx, k, o)
	if err == nil && !excused {
		w.note(standingAsked, k, o, who)
	}
	return err
}

// note says of an occurrence who was asked for it, or heard of it.
func (w *work) note(kind string, k KeyResult, o Occurrence, who ID) {
	w.setStanding(Standing{Subject: Ref{KindKeyResult, k.ID}, Kind: kind, Key: o.Key, Value: string(who), Since: w.now})
}

// noted says whether the note names somebody.
func (w *work) noted(kind string, k KeyResult, o Occurrence, who ID) bool {
	st, ok := w.standing(Ref{KindKeyResult, k.ID}, kind, o.Key)
	return ok && ID(st.Value) == who
}
