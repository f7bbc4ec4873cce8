package okr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// EventHandedOver tells of a blocker, KPI, waiver, recorded decision or dependency
// that somebody else answers for now. Key results and objectives change instead.
const EventHandedOver = EventPrefix + "ownership.handed-over"

// HandedOver is the payload of ownership.handed-over.
type HandedOver struct {
	Subject Ref `json:"subject"`
	From    ID  `json:"from"`
	To      ID  `json:"to"`
}

// Estate is what somebody answers for who is not here any more.
type Estate struct {
	Person  ID        `json:"person"`
	Name    string    `json:"name,omitempty"`
	Unknown bool      `json:"unknown,omitempty"` // the directory does not know them
	Owns    []Bequest `json:"owns"`
}

// Bequest is one thing that waits for somebody to take it over.
type Bequest struct {
	Subject  Ref    `json:"subject"`
	Title    string `json:"title,omitempty"`
	Cycle    ID     `json:"cycle,omitempty"`
	Team     ID     `json:"team,omitempty"`
	Heir     ID     `json:"heir,omitempty"` // who leads the team, or else one above it; "" is nobody
	HeirName string `json:"heir_name,omitempty"`
}

// HandOver gives what one person answers for to another: the subjects, or all that
// is open.
type HandOver struct {
	From     ID     `json:"from"`
	To       ID     `json:"to"`
	Subjects []Ref  `json:"subjects,omitempty"` // key results, objectives, blockers, KPIs, waivers, decisions, dependencies; none: all
	Reason   string `json:"reason"`
	Key      string `json:"-"` // idempotency key; "" is none
}

// Leavers lists what people answer for who have left, or whom the directory does
// not know, with whoever leads the team as the suggested heir. It costs one load of
// each cycle that is not closed, and of all people.
func (v View) Leavers(ctx context.Context) ([]Estate, error) {
	out := []Estate{}
	err := v.within(ctx, nil, func(u Unit, _ *Snapshot, now time.Time) error {
		all, err := v.t.estates(ctx, u, now)
		if err != nil {
			return err
		}
		people, err := u.Load(ctx, v.t.id, Need{Everyone: true})
		if err != nil {
			return err
		}
		for _, id := range all.owners {
			p := people.Person(id)
			if p != nil && !p.Left {
				continue
			}
			e := Estate{Person: id, Unknown: p == nil, Owns: all.owns[id]}
			if p != nil {
				e.Name = p.Name
			}
			for i := range e.Owns {
				b := &e.Owns[i]
				if h := people.heir(b.Team, id); h != nil {
					b.Heir, b.HeirName = h.ID, h.Name
				}
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// heir is the human being who leads the team, or the nearest one above it, and is
// here.
func (s *Snapshot) heir(team, not ID) *Person {
	for _, t := range s.teamsAbove(team) {
		if p := s.Person(s.Team(t).Lead); p != nil && !p.Left && p.Kind == Human && p.ID != not {
			return p
		}
	}
	return nil
}

// estates are what everybody answers for in all cycles that are not closed.
type estates struct {
	owners []ID // ascending
	owns   map[ID][]Bequest
	within map[Ref]ID // the key result of a blocker
}

// inherited are the kinds of item that somebody answers for.
var inherited = []Kind{KindWaiver, KindDecision, KindDependency}

func (t Tenant) estates(ctx context.Context, u Unit, now time.Time) (estates, error) {
	out := estates{owns: map[ID][]Bequest{}, within: map[Ref]ID{}}
	add := func(owner ID, b Bequest) {
		if owner != "" {
			out.owns[owner] = append(out.owns[owner], b)
		}
	}
	cycles, err := u.Load(ctx, t.id, Need{Cycles: true})
	if err != nil {
		return out, err
	}
	for _, c := range cycles.Cycles {
		if c.closed(now) {
			continue
		}
		s, err := u.Load(ctx, t.id, Need{Cycle: c.ID, Collections: Collections{Blockers: true, Items: inherited}})
		if err != nil {
			return out, err
		}
		for _, o := range s.Objectives {
			if o.Cycle == c.ID && alive(o.State) {
				add(o.Owner, Bequest{Subject: Ref{KindObjective, o.ID}, Title: o.Title, Cycle: c.ID, Team: o.Team})
			}
		}
		for _, k := range s.KeyResults {
			if k.Cycle != c.ID || !alive(k.State) {
				continue
			}
			r := Ref{KindKeyResult, k.ID}
			add(k.Owner, Bequest{Subject: r, Title: k.Title, Cycle: c.ID, Team: s.teamOf(r)})
			for _, b := range s.BlockersOf(k.ID) {
				if b.ClosedAt == nil {
					out.within[Ref{KindBlocker, b.ID}] = k.ID
					add(b.Owner, Bequest{Subject: Ref{KindBlocker, b.ID}, Title: k.Title, Cycle: c.ID, Team: s.teamOf(r)})
				}
			}
		}
		for _, x := range s.Waivers {
			if x.Cycle == c.ID && x.Ended == nil && (x.Until == nil || now.Before(*x.Until)) {
				add(x.Owner, Bequest{Subject: x.ref(), Title: x.Rule, Cycle: c.ID, Team: s.teamOf(x.Subject)})
			}
		}
		for _, x := range s.Decisions {
			if x.Cycle == c.ID {
				add(x.Owner, Bequest{Subject: x.ref(), Title: s.titleOf(x.Subject), Cycle: c.ID, Team: s.teamOf(x.Subject)})
			}
		}
		for _, x := range s.Dependencies {
			if x.Cycle == c.ID && x.open() {
				add(x.Owner, Bequest{Subject: x.ref(), Title: s.titleOf(x.From), Cycle: c.ID, Team: s.teamOf(x.To)})
			}
		}
	}
	q := ItemQuery{Kind: KindKPI, Limit: maxPage}
	for {
		found, err := u.Items(ctx, t.id, q)
		if err != nil {
			return out, err
		}
		var s Snapshot
		for _, i := range found {
			if err := s.AddItem(i); err != nil {
				return out, err
			}
		}
		for _, x := range s.KPIs {
			if !x.Retired {
				add(x.Owner, Bequest{Subject: x.ref(), Title: x.Name, Team: x.Team})
			}
		}
		if len(found) < q.Limit {
			break
		}
		q.After = found[len(found)-1].ID
	}
	for id := range out.owns {
		out.owners = append(out.owners, id)
	}
	slices.Sort(out.owners)
	return out, nil
}

// alive says whether something may still come of it.
func alive(s State) bool { return lives(s) || s == Postponed }

// maxHandOver bounds what one decision hands over.
const maxHandOver = 5000

// HandOver gives what one person answers for to another in one decision, each thing
// with an event. Whom the things come from need not be known to the directory any
// more. What the actor may not see stays where it is.
func (t Tenant) HandOver(ctx context.Context, h HandOver) (Decision, error) {
	for _, err := range []error{
		checkID("from", h.From, true), checkID("to", h.To, true), checkText("reason", h.Reason, maxNote, true),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	if h.From == h.To {
		return Decision{}, invalid("to", string(h.To), "nobody takes over from themselves: name somebody else")
	}
	if len(h.Subjects) > maxHandOver {
		return Decision{}, invalid("subjects", fmt.Sprint(len(h.Subjects)), "hand over at most %d at once", maxHandOver)
	}
	for i, r := range h.Subjects {
		if err := checkRef(fmt.Sprintf("subjects[%d]", i), r, KindKeyResult, KindObjective, KindBlocker, KindKPI, KindWaiver, KindDecision, KindDependency); err != nil {
			return Decision{}, err
		}
	}
	in := Intent{VerbHandOver, append([]Ref{{KindPerson, h.From}, {KindPerson, h.To}}, h.Subjects...)}
	return t.decide(ctx, in, h.Key, h, func(ctx context.Context, w *work) error {
		return w.handOver(ctx, h)
	})
}

func (w *work) handOver(ctx context.Context, h HandOver) error {
	all, err := w.estates(ctx, &seeing{unit: w.unit, tenant: w.Tenant, now: w.now}, w.now)
	if err != nil {
		return err
	}
	var subjects []Ref
	for _, b := range all.owns[h.From] {
		if len(h.Subjects) == 0 || slices.Contains(h.Subjects, b.Subject) {
			subjects = append(subjects, b.Subject)
		}
	}
	for i, r := range h.Subjects {
		if !slices.Contains(subjects, r) {
			return invalid(fmt.Sprintf("subjects[%d]", i), r.String(), "it is not open, or not %s's: read again what they answer for", h.From)
		}
	}
	if len(subjects) > maxHandOver {
		return invalid("subjects", fmt.Sprint(len(subjects)), "hand over at most %d at once: name them", maxHandOver)
	}
	to := Ref{KindPerson, h.To}
	need := Need{Refs: []Ref{to}, Collections: Collections{Standings: true, Blockers: true}}
	for _, r := range subjects {
		if r.Kind == KindBlocker {
			r = Ref{KindKeyResult, all.within[r]}
		}
		if !slices.Contains(need.Refs, r) {
			need.Refs = append(need.Refs, r)
		}
		if c := all.cycleOf(h.From, r); c != "" && !slices.Contains(need.Refs, Ref{KindCycle, c}) {
			need.Refs = append(need.Refs, Ref{KindCycle, c})
		}
	}
	if err := w.load(ctx, need); err != nil {
		if missing := (*NotFoundError)(nil); errors.As(err, &missing) && missing.Ref == to {
			return invalid("to", string(h.To), "nobody in the directory has that id: synchronise people first")
		}
		return err
	}
	if err := w.own(h.To); err != nil {
		var e *InvalidError
		if errors.As(err, &e) {
			e.Field = "to"
		}
		return err
	}
	w.intent.Subjects = nil
	for _, r := range subjects {
		if err := w.bequeath(ctx, r, all.within[r], h); err != nil {
			return err
		}
	}
	return nil
}

func (x estates) cycleOf(owner ID, r Ref) ID {
	for _, b := range x.owns[owner] {
		if b.Subject == r {
			return b.Cycle
		}
	}
	return ""
}

// bequeath hands one thing over.
func (w *work) bequeath(ctx context.Context, r Ref, keyResult ID, h HandOver) error {
	fact := HandedOver{r, h.From, h.To}
	switch r.Kind {
	case KindKeyResult:
		k := w.after.KeyResult(r.ID)
		if k == nil || k.Owner != h.From {
			return &ConflictError{r, "somebody changed it since: read it again"}
		}
		w.expect(r, k.Version)
		if err := w.elapse(ctx, *k); err != nil {
			return err
		}
		was := w.after.termsOf(*k)
		k.Owner, k.OwnerText = h.To, ""
		w.look(r)
		w.intent.Subjects = append(w.intent.Subjects, r)
		f := w.defined(*k, []string{"owner"})
		f.Was = was
		return w.emit(r, r, EventKeyResultChanged, f, changedKeyResult{*k, h.Reason})
	case KindObjective:
		o := w.after.Objective(r.ID)
		if o == nil || o.Owner != h.From {
			return &ConflictError{r, "somebody changed it since: read it again"}
		}
		w.expect(r, o.Version)
		was := objectiveFact(*o).Terms()
		o.Owner, o.OwnerText = h.To, ""
		f := objectiveFact(*o)
		f.Changed, f.Was = []string{"owner"}, was
		return w.emit(r, r, EventObjectiveChanged, f, changedObjective{*o, h.Reason})
	case KindBlocker:
		i := slices.IndexFunc(w.after.Blockers, func(b Blocker) bool { return b.ID == r.ID && b.ClosedAt == nil })
		k := w.after.KeyResult(keyResult)
		if i < 0 || k == nil {
			return &ConflictError{r, "somebody changed it since: read it again"}
		}
		b := &w.after.Blockers[i]
		b.Owner = h.To
		w.expect(Ref{KindKeyResult, k.ID}, k.Version)
		w.changes.Blockers = append(w.changes.Blockers, *b)
		return w.emit(Ref{KindKeyResult, k.ID}, r, EventHandedOver, fact, handedBlocker{*b, h.Reason})
	case KindKPI:
		x := find(w.after.KPIs, r.ID, func(x KPI) ID { return x.ID })
		return handed(w, x, func(x *KPI) { x.Owner = h.To }, fact, h.Reason)
	case KindWaiver:
		x := find(w.after.Waivers, r.ID, func(x Waiver) ID { return x.ID })
		return handed(w, x, func(x *Waiver) { x.Owner = h.To }, fact, h.Reason)
	case KindDecision:
		x := find(w.after.Decisions, r.ID, func(x DecisionRecord) ID { return x.ID })
		return handed(w, x, func(x *DecisionRecord) { x.Owner = h.To }, fact, h.Reason)
	default:
		x := find(w.after.Dependencies, r.ID, func(x Dependency) ID { return x.ID })
		return handed(w, x, func(x *Dependency) { x.Owner = h.To }, fact, h.Reason)
	}
}

// handed writes an item that somebody else answers for now.
func handed[T item](w *work, x *T, give func(*T), fact HandedOver, reason string) error {
	if x == nil {
		return &ConflictError{fact.Subject, "somebody changed it since: read it again"}
	}
	c := *x
	give(&c)
	if err := w.put(c, EventHandedOver, fact); err != nil {
		return err
	}
	w.told[len(w.told)-1] = handedItem{reason}
	return nil
}

// handedItem stands in for an item that was handed over, for a reason.
type handedItem struct{ because string }

// handedBlocker is a blocker that was handed over, with the reason given.
type handedBlocker struct {
	Blocker
	Because string `json:"because"`
}

// because is the state of an item with the reference to why it was handed over.
func because(state json.RawMessage, reason string) json.RawMessage {
	out := append(slices.Clip(state[:len(state)-1]), `,"because":`...)
	return append(appendJSONString(out, reason), '}')
}
