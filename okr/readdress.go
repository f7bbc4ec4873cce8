package okr

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Heir is who stands for a team instead of somebody: the human being who leads it, or the
// nearest one above it, who is here and is not they. It is "" where there is nobody. A
// team that does not exist is a *[NotFoundError].
func (v View) Heir(ctx context.Context, team, instead ID) (ID, error) {
	if err := checkID("team", team, true); err != nil {
		return "", err
	}
	if err := checkID("instead", instead, false); err != nil {
		return "", err
	}
	s, _, err := v.read(ctx, Need{Refs: []Ref{{KindTeam, team}}})
	if err != nil {
		return "", err
	}
	for _, t := range s.teamsAbove(team) {
		lead := s.Team(t).Lead
		if lead == "" || s.Person(lead) != nil {
			continue
		}
		of, _, err := v.read(ctx, Need{Refs: []Ref{{KindPerson, lead}}})
		if asNotFound(err, new(*NotFoundError)) {
			continue // the directory does not know them
		}
		if err != nil {
			return "", err
		}
		s.People = append(s.People, of.People...)
	}
	if p := s.heir(team, instead); p != nil {
		return p.ID, nil
	}
	return "", nil
}

// Name is what a person is called, "" where the directory does not know them.
func (v View) Name(ctx context.Context, person ID) (string, error) {
	if err := checkID("person", person, true); err != nil {
		return "", err
	}
	s, _, err := v.read(ctx, Need{Refs: []Ref{{KindPerson, person}}})
	if asNotFound(err, new(*NotFoundError)) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.Person(person).Name, nil
}

// unscheduled says whether nobody answers for an occurrence any more, since the rhythm
// of its key result has no such day by now, or pauses on it. Else the event says when it
// is due by now. What was missed was missed all the same.
func (d *Desk) unscheduled(s *Snapshot, x *Waiting) (bool, error) {
	p, k := s.occurrenceOf(x)
	if k == nil || d.calendar == nil || x.Event.Type == EventCheckInMissed {
		return false, nil
	}
	o, err := d.falling(s, *k, p.Occurrence)
	switch {
	case err != nil:
		return false, err
	case o == nil:
		return true, nil
	case !o.Due.Equal(p.Due):
		return false, x.Event.say(map[string]any{"due": o.Due})
	}
	return false, nil
}

// occurrenceOf is the key result whose occurrence an event is about, nil if it is about
// something else.
func (s *Snapshot) occurrenceOf(x *Waiting) (*OccurrenceFact, *KeyResult) {
	if p, ok := x.payload().(*OccurrenceFact); ok {
		return p, s.KeyResult(p.KeyResult)
	}
	return nil, nil
}

// payload is what the event says, nil where this version cannot read it.
func (x *Waiting) payload() any {
	p, err := x.Event.Payload()
	if err != nil {
		return nil
	}
	return p
}

// falling is an occurrence of the present rhythm, nil if it has none by that key.
func (d *Desk) falling(s *Snapshot, k KeyResult, key string) (*Occurrence, error) {
	cadence, c := s.CadenceOf(k), s.Cycle(k.Cycle)
	if cadence == nil || c == nil {
		return nil, nil
	}
	loc, err := c.Location()
	if err != nil {
		return nil, err
	}
	// A zone far from the cycle's has its days a day earlier or later.
	all, err := d.calendar.Occurrences(*cadence, *c, c.Start.AddDays(-2).In(loc), c.End.AddDays(3).In(loc))
	if i := slices.IndexFunc(all, func(o Occurrence) bool { return o.Key == key }); i >= 0 {
		return &all[i], err
	}
	return nil, err
}

// silenceOver says whether the silence that began with an occurrence has ended: it, or a
// later one, was answered, or need not be.
func (s *Snapshot) silenceOver(of Ref, since string) bool {
	return slices.ContainsFunc(s.StandingsOf(of), func(st Standing) bool {
		return st.Kind == standingOccurrence && st.Key >= since && concluded(st.Value) && st.Value != occurrenceMissed
	})
}

// leaver says of what waits for people who have left what is moot whoever it is for, and
// names in the rest whoever is concerned now.
func (w *work) leaver(ctx context.Context, waiting map[ID][]Waiting) error {
	if len(waiting) == 0 {
		return nil
	}
	s, err := w.Tenant.around(ctx, w.unit, waiting)
	if err != nil {
		return err
	}
	for _, xs := range waiting {
		for i := range xs {
			x := &xs[i]
			if x.Moot, err = w.mootBy(s, x, w.now); err != nil {
				return err
			}
			if x.Moot == "" {
				if err := w.readdress(ctx, s, x); err != nil {
					return err
				}
			}
			if x.Moot == "" {
				x.Moot = MootLeft
			}
		}
	}
	return nil
}

// readdress names anew who is told of a silence. Whoever is asked for an answer now hears
// of that by an event of its own.
func (w *work) readdress(ctx context.Context, s *Snapshot, x *Waiting) error {
	p, k := s.occurrenceOf(x)
	if k == nil || w.desk.calendar == nil || x.Event.Type != EventCheckInEscalated {
		return nil
	}
	o, err := w.desk.falling(s, *k, p.Occurrence)
	if err != nil || o == nil {
		return err
	}
	now := &work{Tenant: w.Tenant, unit: w.unit, now: w.now, before: s, after: s, others: w.others}
	asked, _, err := now.asked(ctx, *k, *o)
	if err != nil {
		return err
	}
	told := map[ID]bool{"": true}
	if asked != k.Owner {
		told[asked] = true
	}
	ref := Ref{KindKeyResult, k.ID}
	var rung Standing
	for _, st := range s.StandingsOf(ref) {
		if st.Kind == standingRung && strings.HasPrefix(st.Key, o.Key+"/") {
			told[ID(st.Value)] = true
			if st.Key == rungKey(o, p.Rung) {
				rung = st
			}
		}
	}
	if who := ID(rung.Value); who != "" && who != p.To {
		return x.Event.say(map[string]any{"to": who}) // it was named already
	}
	who, err := now.named(ctx, *k, p.Rung, told)
	if err != nil || who == "" {
		return err
	}
	if rung.Kind != "" {
		rung.Value = string(who)
		w.setStanding(rung)
	}
	return x.Event.say(map[string]any{"to": who})
}

// mootBy says why nobody need hear of an event any more, by the rhythm as well.
func (t Tenant) mootBy(s *Snapshot, x *Waiting, now time.Time) (string, error) {
	moot, err := s.moot(x, now)
	if moot != "" || err != nil {
		return moot, err
	}
	if over, err := t.desk.unscheduled(s, x); over || err != nil {
		return MootReplaced, err
	}
	return "", nil
}
