package okr

import (
	"context"
	"fmt"
	"slices"
)

// SyncPeople adds and changes people and teams. The host's directory leads;
// call it as often as you like, what did not change writes nothing. A person who
// left keeps their key results until somebody takes them over, and the key
// results say so.
func (t Tenant) SyncPeople(ctx context.Context, d Directory) (Decision, error) {
	if err := d.check(); err != nil {
		return Decision{}, err
	}
	if err := t.desk.knowsTeams(d.Teams); err != nil {
		return Decision{}, err
	}
	if err := t.desk.knowsRegions(d.People); err != nil {
		return Decision{}, err
	}
	in := Intent{Verb: VerbSyncPeople}
	for _, p := range d.People {
		in.Subjects = append(in.Subjects, Ref{KindPerson, p.ID})
	}
	for _, x := range d.Teams {
		in.Subjects = append(in.Subjects, Ref{KindTeam, x.ID})
	}
	return t.decide(ctx, in, d.Key, d, func(ctx context.Context, w *work) error {
		if err := w.load(ctx, Need{Everyone: true}); err != nil {
			return err
		}
		return w.sync(ctx, d)
	})
}

func (d Directory) check() error {
	seen := map[Ref]bool{}
	once := func(field string, r Ref) error {
		if p := badID(string(r.ID)); p != "" {
			return invalid(field, string(r.ID), "an id that %s cannot be kept", p)
		}
		if seen[r] {
			return invalid(field, string(r.ID), "it stands twice: give each %s once", r.Kind)
		}
		seen[r] = true
		return nil
	}
	for i, p := range d.People {
		at := fmt.Sprintf("people[%d]", i)
		if err := once(at+".id", Ref{KindPerson, p.ID}); err != nil {
			return err
		}
		if err := checkText(at+".name", p.Name, maxName, true); err != nil {
			return err
		}
		if err := checkText(at+".email", p.Email, maxName, false); err != nil {
			return err
		}
		if err := checkID(at+".team", p.Team, false); err != nil {
			return err
		}
		if !slices.Contains([]PersonKind{"", Human, Group}, p.Kind) {
			return invalid(at+".kind", string(p.Kind), "use human or group")
		}
		if p.Zone != "" {
			if _, err := (Cycle{Zone: p.Zone}).Location(); err != nil {
				return invalid(at+".zone", p.Zone, "use a name of the IANA time zone database, such as Europe/Zurich or UTC")
			}
		}
		if err := p.checkAround(at); err != nil {
			return err
		}
	}
	for i, x := range d.Teams {
		at := fmt.Sprintf("teams[%d]", i)
		if err := once(at+".id", Ref{KindTeam, x.ID}); err != nil {
			return err
		}
		if err := checkText(at+".name", x.Name, maxName, true); err != nil {
			return err
		}
		if x.Limit < 0 || x.Limit > maxList {
			return invalid(at+".limit", fmt.Sprint(x.Limit), "give the most active objectives in a cycle, up to %d; 0 is no limit", maxList)
		}
		for _, err := range []error{
			checkID(at+".lead", x.Lead, false), checkID(at+".parent", x.Parent, false), checkSchedule(at+".cadence", x.Cadence),
		} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sync writes the differences between the directory and the rows.
func (w *work) sync(ctx context.Context, d Directory) error {
	// New rows come at the end, once: the lists are searched in their order.
	var people []Person
	var teams []Team
	var affected []ID // owners of whom somebody else may be asked, or nobody
	var moved []ID    // teams whose rhythm, or that of those above them, is another
	for _, p := range d.People {
		if p.Kind == "" {
			p.Kind = Human
		}
		p.Away, p.AwayText = inDayOrder(p.Away), ""
		old := w.after.Person(p.ID)
		ref := Ref{KindPerson, p.ID}
		if old != nil {
			p.Version = old.Version
			if old.Equal(p) {
				continue
			}
			w.expect(ref, old.Version)
			if p.Left != old.Left || p.Backup != old.Backup || p.Zone != old.Zone || !slices.Equal(p.Away, old.Away) {
				// What they own must say so, and ask whoever is there; so must what is
				// owned by those for whom they stand in. Each is looked at on its own.
				affected = append(affected, p.ID)
				affected = append(affected, w.after.behind(p.ID)...)
			}
			if p.Zone != old.Zone || p.Region != old.Region || !slices.Equal(p.Away, old.Away) {
				w.look(ref) // what waits may go at another time
			}
			*old = p
		} else {
			w.expect(ref, 0)
			people = append(people, p)
		}
		if err := w.emit(ref, ref, EventPersonChanged, PersonFact{p.ID, p.Team, p.Left}, p); err != nil {
			return err
		}
	}
	for _, x := range d.Teams {
		old := w.after.Team(x.ID)
		ref := Ref{KindTeam, x.ID}
		if old != nil {
			x.Version = old.Version
			if equalTeams(*old, x) {
				continue
			}
			w.expect(ref, old.Version)
			if !equalSchedules(old.Cadence, x.Cadence) || old.Parent != x.Parent {
				moved = append(moved, x.ID)
			}
			*old = x
		} else {
			w.expect(ref, 0)
			teams = append(teams, x)
		}
		if err := w.emit(ref, ref, EventTeamChanged, TeamFact{x.ID, x.Name, x.Lead}, x); err != nil {
			return err
		}
	}
	slices.Sort(affected)
	for _, owner := range slices.Compact(affected) {
		if err := w.lookAt(ctx, Query{Owner: owner}); err != nil {
			return err
		}
	}
	w.after.People = append(w.after.People, people...)
	w.after.Teams = append(w.after.Teams, teams...)
	w.after.Sort()
	for _, team := range w.after.within(moved) {
		if err := w.lookAt(ctx, Query{Team: team}); err != nil {
			return err
		}
	}
	return nil
}

// lookAtWaiting has everybody for whom something waits looked at soon.
func (w *work) lookAtWaiting(ctx context.Context) error {
	s, err := w.unit.Load(ctx, w.id, Need{Everyone: true})
	if err != nil {
		return err
	}
	for page := range slices.Chunk(s.People, maxPage) {
		need := Need{Collections: Collections{Standings: true, StandingKinds: []string{standingWaiting}}}
		for _, p := range page {
			need.Refs = append(need.Refs, Ref{KindPerson, p.ID})
		}
		some, err := w.unit.Load(ctx, w.id, need)
		if err != nil {
			return err
		}
		for _, st := range some.Standings {
			if st.Kind == standingWaiting {
				w.look(st.Subject)
			}
		}
	}
	return nil
}

func equalTeams(a, b Team) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Lead == b.Lead && a.Parent == b.Parent && a.Limit == b.Limit && equalSchedules(a.Cadence, b.Cadence)
}
