package okr

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// The events of dependencies.
const (
	EventDependencyAsked    = EventPrefix + "dependency.asked"
	EventDependencyPromised = EventPrefix + "dependency.promised"
	EventDependencyDeclined = EventPrefix + "dependency.declined"
	EventDependencyDone     = EventPrefix + "dependency.done"
)

// DependencyFact is the payload of dependency events. It names both teams, so that
// each hears of it.
type DependencyFact struct {
	Dependency ID              `json:"dependency"`
	From       Ref             `json:"from"` // what depends
	To         Ref             `json:"to"`   // what it depends on
	FromTeam   ID              `json:"from_team,omitempty"`
	ToTeam     ID              `json:"to_team,omitempty"`
	Cycle      ID              `json:"cycle"`
	Owner      ID              `json:"owner,omitempty"` // who answers for it
	Due        Date            `json:"due,omitzero"`
	State      DependencyState `json:"state"`
}

// NewDependency asks another team for something.
type NewDependency struct {
	From Ref    `json:"from"` // the key result or objective that depends
	To   Ref    `json:"to"`   // the team, objective or key result that is depended on
	Text string `json:"text"` // what is needed
	Due  Date   `json:"due,omitzero"`
	Key  string `json:"-"` // idempotency key; "" is none
}

// DependencyAnswer is what those say who were asked.
type DependencyAnswer struct {
	Dependency ID              `json:"dependency"`
	State      DependencyState `json:"state"`           // promised, declined or done
	Owner      ID              `json:"owner,omitempty"` // who answers for what is promised; "" stays as it is
	Due        Date            `json:"due,omitzero"`    // by when it is promised; zero stays as it is
	Reason     string          `json:"reason,omitempty"`
	Key        string          `json:"-"` // idempotency key; "" is none
}

// Depend asks another team for something that a key result or an objective needs.
func (t Tenant) Depend(ctx context.Context, n NewDependency) (Decision, error) {
	for _, err := range []error{
		checkRef("from", n.From, KindKeyResult, KindObjective),
		checkRef("to", n.To, KindTeam, KindKeyResult, KindObjective),
		checkText("text", n.Text, maxNote, true),
		checkDate("due", n.Due),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	if n.From == n.To {
		return Decision{}, invalid("to", n.To.String(), "nothing depends on itself: name what it needs of somebody else")
	}
	return t.decide(ctx, Intent{VerbDepend, []Ref{n.From, n.To}}, n.Key, n, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{Refs: []Ref{n.From, n.To}}); err != nil {
			return misnamed(err, map[Ref]string{n.To: "to"})
		}
		cycle, err := w.belongs(n.From, "")
		if err != nil {
			return err
		}
		c := w.after.Cycle(cycle)
		if !n.Due.IsZero() && (n.Due.Before(c.Start) || n.Due.After(c.End)) {
			return invalid("due", n.Due.String(), "%s runs from %s to %s: choose a day in it, or none for its last", c.Name, c.Start, c.End)
		}
		x := Dependency{ID: ID(w.desk.newID()), From: n.From, To: n.To, Cycle: cycle, Text: n.Text, Due: n.Due, State: DependencyAsked, By: w.actor, At: w.now}
		return w.made(x, EventDependencyAsked, w.dependency(x))
	})
}

// Answer says of a dependency that it is promised, declined or done. Declining
// needs a reason, and what was promised or declined may be answered anew; what is
// done stays done.
func (t Tenant) Answer(ctx context.Context, a DependencyAnswer) (Decision, error) {
	for _, err := range []error{
		checkID("dependency", a.Dependency, true), checkID("owner", a.Owner, false),
		checkDate("due", a.Due), checkText("reason", a.Reason, maxNote, a.State == DependencyDeclined),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	events := map[DependencyState]string{
		DependencyPromised: EventDependencyPromised, DependencyDeclined: EventDependencyDeclined, DependencyDone: EventDependencyDone,
	}
	event := events[a.State]
	if event == "" {
		return Decision{}, invalid("state", string(a.State), "use promised, declined or done")
	}
	ref := Ref{KindDependency, a.Dependency}
	return t.decide(ctx, Intent{VerbDepend, []Ref{ref}}, a.Key, a, func(ctx context.Context, w *work) error {
		x, err := w.openDependency(ctx, ref, a.Owner)
		if err != nil {
			return err
		}
		if x.State == DependencyDone {
			return &ConflictError{ref, "it is done already: ask for what is needed now"}
		}
		if err := w.responsible("owner", a.Owner); err != nil {
			return err
		}
		if c := w.after.Cycle(x.Cycle); !a.Due.IsZero() && (a.Due.Before(c.Start) || a.Due.After(c.End)) {
			return invalid("due", a.Due.String(), "%s runs from %s to %s: choose a day in it", c.Name, c.Start, c.End)
		}
		was := x
		x.State, x.Answer = a.State, a.Reason
		if a.Owner != "" {
			x.Owner = a.Owner
		}
		if !a.Due.IsZero() {
			x.Due = a.Due
		}
		if x == was {
			return nil
		}
		x.AnsweredBy, x.AnsweredAt = w.actor, w.now
		return w.made(x, event, w.dependency(x))
	})
}

// openDependency loads a dependency with what it is between, in a cycle that is
// open.
func (w *work) openDependency(ctx context.Context, ref Ref, owner ID) (Dependency, error) {
	if err := w.bring(ctx, Need{Refs: []Ref{ref}}); err != nil {
		return Dependency{}, err
	}
	x := w.after.Dependencies[0]
	need := Need{Refs: []Ref{ref, {KindCycle, x.Cycle}, x.From, x.To}}
	fields := map[Ref]string{}
	if owner != "" {
		r := Ref{KindPerson, owner}
		need.Refs, fields[r] = append(need.Refs, r), "owner"
	}
	if err := w.bring(ctx, need); err != nil {
		return Dependency{}, misnamed(err, fields)
	}
	return w.after.Dependencies[0], w.open(x.Cycle)
}

func (w *work) dependency(x Dependency) DependencyFact {
	return DependencyFact{
		Dependency: x.ID, From: x.From, To: x.To, FromTeam: w.after.teamOf(x.From), ToTeam: w.after.teamOf(x.To),
		Cycle: x.Cycle, Owner: x.Owner, Due: x.Due, State: x.State,
	}
}

// teamOf is the team that a row is, or belongs to, "" for none.
func (s *Snapshot) teamOf(r Ref) ID {
	switch r.Kind {
	case KindTeam:
		return r.ID
	case KindKeyResult:
		if k := s.KeyResult(r.ID); k != nil {
			return s.teamOf(Ref{KindObjective, k.Objective})
		}
	case KindObjective:
		if o := s.Objective(r.ID); o != nil {
			return o.Team
		}
	}
	return ""
}

// titleOf is what people call a row, "" if it is not loaded.
func (s *Snapshot) titleOf(r Ref) string {
	switch r.Kind {
	case KindTeam:
		return teamName(s, r.ID)
	case KindKeyResult:
		if k := s.KeyResult(r.ID); k != nil {
			return k.Title
		}
	case KindObjective:
		if o := s.Objective(r.ID); o != nil {
			return o.Title
		}
	}
	return ""
}

// DependencyView is a dependency with what it is between.
type DependencyView struct {
	Dependency
	FromTitle string   `json:"from_title"`
	ToTitle   string   `json:"to_title"`
	FromTeam  ID       `json:"from_team,omitempty"`
	ToTeam    ID       `json:"to_team,omitempty"`
	Overdue   bool     `json:"overdue,omitempty"` // open, and its day is over
	Ring      []string `json:"ring,omitempty"`    // titles of what waits for one another, the first again at the end
}

// Dependencies are those of a cycle, seen by a team.
type Dependencies struct {
	At    time.Time        `json:"at"`    // UTC instant
	Needs []DependencyView `json:"needs"` // what the team waits for
	Owes  []DependencyView `json:"owes"`  // what others wait for
}

// Dependencies reads the dependencies of a team in a cycle, both ways: what is open
// and overdue stands first, then what is open by when it is due, then the rest. A
// team "" is every team, whose dependencies stand under Needs. Where open
// dependencies go round in a ring, each of them says so: two teams may well need
// one another, and should know that they do.
func (v View) Dependencies(ctx context.Context, cycle, team ID) (Dependencies, error) {
	out := Dependencies{Needs: []DependencyView{}, Owes: []DependencyView{}}
	refs := []Ref{{KindCycle, cycle}}
	if team != "" {
		refs = append(refs, Ref{KindTeam, team})
	}
	err := v.within(ctx, refs, func(u Unit, s *Snapshot, now time.Time) error {
		out.At = now
		today := s.Cycle(cycle).Today(now)
		var rows Snapshot
		q := ItemQuery{Kind: KindDependency, Cycle: cycle, Limit: maxPage}
		for {
			found, err := u.Items(ctx, v.t.id, q)
			if err != nil {
				return err
			}
			for _, i := range found {
				if err := rows.AddItem(i); err != nil {
					return err
				}
			}
			if len(found) < q.Limit {
				break
			}
			q.After = found[len(found)-1].ID
		}
		var ends []Ref
		for _, x := range rows.Dependencies {
			ends = append(ends, x.From, x.To)
		}
		slices.SortFunc(ends, CompareRefs)
		around := &Snapshot{}
		for page := range slices.Chunk(slices.Compact(ends), maxPage) {
			more, err := u.Load(ctx, v.t.id, Need{Refs: page})
			if err != nil {
				return err
			}
			around.Objectives = append(around.Objectives, more.Objectives...)
			around.KeyResults = append(around.KeyResults, more.KeyResults...)
			around.Teams = append(around.Teams, more.Teams...)
		}
		around.Sort()
		rings := rings(rows.Dependencies)
		for _, x := range rows.Dependencies {
			d := DependencyView{
				Dependency: x, FromTitle: around.titleOf(x.From), ToTitle: around.titleOf(x.To),
				FromTeam: around.teamOf(x.From), ToTeam: around.teamOf(x.To),
				Overdue: x.open() && today.After(x.dueBy(*s.Cycle(cycle))),
			}
			for _, r := range rings[x.ID] {
				d.Ring = append(d.Ring, around.titleOf(r))
			}
			if team == "" || d.FromTeam == team {
				out.Needs = append(out.Needs, d)
			}
			if team != "" && d.ToTeam == team {
				out.Owes = append(out.Owes, d)
			}
		}
		c := *s.Cycle(cycle)
		for _, list := range [][]DependencyView{out.Needs, out.Owes} {
			slices.SortStableFunc(list, func(a, b DependencyView) int { return cmp.Or(a.place()-b.place(), b.dueBy(c).DaysUntil(a.dueBy(c))) })
		}
		return nil
	})
	return out, err
}

// open says whether somebody waits.
func (x Dependency) open() bool { return x.State == DependencyAsked || x.State == DependencyPromised }

// dueBy is the day by which it is needed: its own, or the cycle's last.
func (x Dependency) dueBy(c Cycle) Date {
	if x.Due.IsZero() {
		return c.End
	}
	return x.Due
}

func (d DependencyView) place() int {
	switch {
	case d.Overdue:
		return 0
	case d.open():
		return 1
	}
	return 2
}

// rings are the rings that open dependencies close, by dependency: from what
// depends, through what it depends on, and back.
func rings(all []Dependency) map[ID][]Ref {
	next := map[Ref][]Ref{}
	for _, x := range all {
		if x.open() {
			next[x.From] = append(next[x.From], x.To)
		}
	}
	out := map[ID][]Ref{}
	for _, x := range all {
		if !x.open() {
			continue
		}
		if back := path(x.To, x.From, next); back != nil {
			out[x.ID] = append([]Ref{x.From}, back...)
		}
	}
	return out
}

// path is a shortest way from one to the other, both included, nil if there is
// none.
func path(from, to Ref, next map[Ref][]Ref) []Ref {
	came := map[Ref]Ref{from: from}
	for queue := []Ref{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == to {
			way := []Ref{at}
			for at != from {
				at = came[at]
				way = append(way, at)
			}
			slices.Reverse(way)
			return way
		}
		for _, n := range next[at] {
			if _, seen := came[n]; !seen {
				came[n] = at
				queue = append(queue, n)
			}
		}
	}
	return nil
}
