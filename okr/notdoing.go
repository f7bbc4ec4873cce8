package okr

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The events of the not-doing list. Why something is not done stays in the ledger.
const (
	EventDeferralAdded   = EventPrefix + "deferral.added"
	EventDeferralChanged = EventPrefix + "deferral.changed"
	EventDeferralTakenUp = EventPrefix + "deferral.taken-up"
)

// DeferralFact is the payload of deferral events.
type DeferralFact struct {
	Deferral  ID     `json:"deferral"`
	Title     string `json:"title"`
	Cycle     ID     `json:"cycle"`
	Team      ID     `json:"team,omitempty"`
	Objective ID     `json:"objective,omitempty"`
	As        State  `json:"as,omitempty"`
	InFavour  ID     `json:"in_favour,omitempty"`
	Revisit   Date   `json:"revisit,omitzero"`
}

// NewDeferral puts something on the not-doing list: an idea that never became an
// objective, by title, or an objective, which is postponed or abandoned with its
// key results.
type NewDeferral struct {
	Objective ID     `json:"objective,omitempty"`
	As        State  `json:"as,omitempty"` // of an objective: postponed, which "" is, or abandoned
	Title     string `json:"title,omitempty"`
	Cycle     ID     `json:"cycle,omitempty"` // an objective knows its own
	Team      ID     `json:"team,omitempty"`  // an objective knows its own; "" is everybody
	Reason    string `json:"reason"`
	InFavour  ID     `json:"in_favour,omitempty"` // the objective that is done instead
	Revisit   Date   `json:"revisit,omitzero"`    // when to think of it again
	Key       string `json:"-"`                   // idempotency key; "" is none
}

// TakingUp takes something off the not-doing list.
type TakingUp struct {
	Deferral ID            `json:"deferral"`
	Reason   string        `json:"reason,omitempty"`
	Dropping []NewDeferral `json:"dropping,omitempty"` // what makes room for it
	Key      string        `json:"-"`                  // idempotency key; "" is none
}

func (n NewDeferral) check(prefix string) error {
	if (n.Objective == "") == (strings.TrimSpace(n.Title) == "") {
		return invalid(prefix+"title", n.Title, "name the objective that is dropped, or give the title of what never was one, and not both")
	}
	for _, err := range []error{
		checkID(prefix+"objective", n.Objective, false),
		checkText(prefix+"title", n.Title, maxTitle, false),
		checkID(prefix+"cycle", n.Cycle, false),
		checkID(prefix+"team", n.Team, false),
		checkText(prefix+"reason", n.Reason, maxNote, true),
		checkID(prefix+"in_favour", n.InFavour, false),
		checkDate(prefix+"revisit", n.Revisit),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case n.As != "" && n.Objective == "":
		return invalid(prefix+"as", string(n.As), "only an objective is postponed or abandoned: leave it out")
	case n.As != "" && n.As != Postponed && n.As != Abandoned:
		return invalid(prefix+"as", string(n.As), "use postponed or abandoned")
	}
	return nil
}

// checkDropping checks what makes room for something else.
func checkDropping(all []NewDeferral) error {
	if len(all) > maxList {
		return invalid("dropping", fmt.Sprint(len(all)), "drop at most %d at once", maxList)
	}
	seen := map[ID]bool{}
	for i, n := range all {
		at := fmt.Sprintf("dropping[%d].", i)
		if err := n.check(at); err != nil {
			return err
		}
		if n.Objective != "" && seen[n.Objective] {
			return invalid(at+"objective", string(n.Objective), "it stands twice: drop each objective once")
		}
		seen[n.Objective] = true
	}
	return nil
}

// names adds what the deferral names to what is loaded.
func (n NewDeferral) names(prefix string, need *Need, fields map[Ref]string) {
	for _, x := range []struct {
		field string
		ref   Ref
	}{
		{"objective", Ref{KindObjective, n.Objective}}, {"cycle", Ref{KindCycle, n.Cycle}},
		{"team", Ref{KindTeam, n.Team}}, {"in_favour", Ref{KindObjective, n.InFavour}},
	} {
		if x.ref.ID == "" || slices.Contains(need.Refs, x.ref) {
			continue
		}
		need.Refs = append(need.Refs, x.ref)
		fields[x.ref] = prefix + x.field
	}
}

// Defer puts something on the not-doing list. An objective that is named is
// postponed or abandoned with its key results, in the same decision; its history
// stays.
func (t Tenant) Defer(ctx context.Context, n NewDeferral) (Decision, error) {
	if err := n.check(""); err != nil {
		return Decision{}, err
	}
	about := Ref{KindObjective, n.Objective}
	if n.Objective == "" {
		if err := checkID("cycle", n.Cycle, true); err != nil {
			return Decision{}, err
		}
		about = teamOr(n.Team, n.Cycle)
	}
	return t.decide(ctx, Intent{VerbDefer, []Ref{about}}, n.Key, n, func(ctx context.Context, w *work) error {
		need := Need{Collections: Collections{Standings: true, Items: []Kind{KindDeferral}}}
		fields := map[Ref]string{}
		n.names("", &need, fields)
		delete(fields, Ref{KindObjective, n.Objective})
		delete(fields, Ref{KindCycle, n.Cycle})
		if err := w.bring(ctx, need); err != nil {
			return misnamed(err, fields)
		}
		w.intent.Subjects = nil
		return w.defers("", n)
	})
}

// TakeUp takes something off the not-doing list. An objective becomes again what
// it was before, with the key results that went with it; where a team's limit of
// active objectives would not hold, the decision is refused until it says what is
// dropped instead.
func (t Tenant) TakeUp(ctx context.Context, u TakingUp) (Decision, error) {
	for _, err := range []error{
		checkID("deferral", u.Deferral, true),
		checkText("reason", u.Reason, maxNote, false),
		checkDropping(u.Dropping),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	ref := Ref{KindDeferral, u.Deferral}
	return t.decide(ctx, Intent{VerbDefer, []Ref{ref}}, u.Key, u, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{Refs: []Ref{ref}}); err != nil {
			return err
		}
		x := *w.after.Deferral(u.Deferral)
		need := Need{
			Refs:        []Ref{ref, {KindCycle, x.Cycle}},
			Collections: Collections{Standings: true, TeamObjectives: true, Items: []Kind{KindDeferral, KindWaiver}},
		}
		fields := map[Ref]string{}
		if x.Objective != "" {
			need.Refs = append(need.Refs, Ref{KindObjective, x.Objective})
		}
		for i, n := range u.Dropping {
			n.names(fmt.Sprintf("dropping[%d].", i), &need, fields)
		}
		if err := w.bring(ctx, need); err != nil {
			return misnamed(err, fields)
		}
		x = *w.after.Deferral(u.Deferral)
		w.intent.Subjects = nil
		if x.TakenUp != nil {
			return &ConflictError{ref, "it was taken up already"}
		}
		if err := w.open(x.Cycle); err != nil {
			return err
		}
		if err := w.drop(u.Dropping, x.Cycle, x.Objective); err != nil {
			return err
		}
		if x.Objective == "" {
			return w.takenUp(x)
		}
		if err := w.restore(ctx, x.Objective, u.Reason); err != nil {
			return err
		}
		w.withinLimits()
		return nil
	})
}

// defers writes an entry of the not-doing list, and drops the objective that it
// names.
func (w *work) defers(prefix string, n NewDeferral) error {
	if n.Objective != "" {
		o := w.after.Objective(n.Objective)
		if o == nil {
			return &NotFoundError{Ref{KindObjective, n.Objective}}
		}
		if n.Cycle != "" && n.Cycle != o.Cycle {
			return invalid(prefix+"cycle", string(n.Cycle), "the objective belongs to another cycle, %s: leave it out", o.Cycle)
		}
		if n.Team != "" && n.Team != o.Team {
			return invalid(prefix+"team", string(n.Team), "the objective belongs to the team %q: leave it out", o.Team)
		}
		n.Cycle, n.Team, n.Title = o.Cycle, o.Team, o.Title
		if n.As == "" {
			n.As = Postponed
		}
	}
	if n.Cycle == "" {
		return invalid(prefix+"cycle", "", "say in which cycle it is not done")
	}
	if err := w.open(n.Cycle); err != nil {
		return err
	}
	if c := w.after.Cycle(n.Cycle); !n.Revisit.IsZero() && n.Revisit.Before(c.Today(w.now)) {
		return invalid(prefix+"revisit", n.Revisit.String(), "it lies behind, today is %s: choose a day to come", c.Today(w.now))
	}
	if n.InFavour != "" {
		switch o := w.after.Objective(n.InFavour); {
		case o == nil:
			return invalid(prefix+"in_favour", string(n.InFavour), "there is no such objective")
		case o.ID == n.Objective:
			return invalid(prefix+"in_favour", string(n.InFavour), "it is the objective that is dropped")
		}
	}
	x := Deferral{
		ID: ID(w.desk.newID()), Cycle: n.Cycle, Team: n.Team, Title: oneLine(n.Title), Reason: n.Reason, Objective: n.Objective,
		InFavour: n.InFavour, Revisit: n.Revisit, By: w.actor, At: w.now,
	}
	if n.Objective == "" {
		return w.listed(x, EventDeferralAdded)
	}
	o := w.after.Objective(n.Objective)
	if err := o.becomes(n.As); err != nil {
		return err
	}
	event := EventDeferralAdded
	if standing := w.after.deferralOf(o.ID); standing != nil {
		// What is postponed and given up later is one entry.
		was := *standing
		was.Reason, was.InFavour, was.Revisit, was.By, was.At = x.Reason, x.InFavour, x.Revisit, x.By, x.At
		x, event = was, EventDeferralChanged
	} else {
		x.Was = o.State
	}
	x.As = n.As
	for _, id := range w.keyResultsOf(o.ID) {
		k := w.after.KeyResult(id)
		if k.State == n.As || k.becomes(n.As) != nil {
			continue // it is done, or given up already
		}
		if !slices.ContainsFunc(x.With, func(d Dropped) bool { return d.KeyResult == id }) {
			x.With = append(slices.Clone(x.With), Dropped{id, k.State})
		}
		if err := w.step(k, n.As, n.Reason); err != nil {
			return err
		}
	}
	if err := w.stepObjective(o, n.As, n.Reason); err != nil {
		return err
	}
	return w.listed(x, event)
}

func (w *work) listed(x Deferral, event string) error {
	w.intent.Subjects = append(w.intent.Subjects, x.ref())
	return w.put(x, event, DeferralFact{x.ID, x.Title, x.Cycle, x.Team, x.Objective, x.As, x.InFavour, x.Revisit})
}

func (w *work) takenUp(x Deferral) error {
	now := w.now
	x.TakenUp = &now
	return w.listed(x, EventDeferralTakenUp)
}

// drop makes room for something else, in a cycle; inFavour is what takes the
// place, where there is one thing only.
func (w *work) drop(all []NewDeferral, cycle, inFavour ID) error {
	subjects := w.intent.Subjects
	for i, n := range all {
		at := fmt.Sprintf("dropping[%d].", i)
		if n.Objective == "" && n.Cycle == "" {
			n.Cycle = cycle
		}
		if o := w.after.Objective(n.Objective); o != nil && cycle != "" && o.Cycle != cycle {
			return invalid(at+"objective", string(n.Objective), "it belongs to another cycle and makes no room in this one")
		}
		if n.Objective != "" && n.Objective == inFavour {
			return invalid(at+"objective", string(n.Objective), "it is what room is made for")
		}
		if n.InFavour == "" {
			n.InFavour = inFavour
		}
		if err := w.defers(at, n); err != nil {
			return err
		}
	}
	w.intent.Subjects = subjects // what is dropped does not stand in the way of what is judged
	return nil
}

// restore makes a dropped objective again what it was, with the key results that
// went with it.
func (w *work) restore(ctx context.Context, objective ID, reason string) error {
	o := w.after.Objective(objective)
	if o == nil {
		return &NotFoundError{Ref{KindObjective, objective}}
	}
	x := w.after.deferralOf(objective)
	to, with := Draft, []Dropped{}
	if x != nil {
		to, with = x.Was, x.With
	} else {
		for _, id := range w.keyResultsOf(objective) {
			if k := w.after.KeyResult(id); k.State == o.State {
				was := Draft
				if k.ActivatedAt != nil {
					was, to = Active, Active
				}
				with = append(with, Dropped{id, was})
			}
		}
	}
	if to == Active {
		if err := w.running(o.Cycle); err != nil {
			return err
		}
	}
	if err := w.stepObjective(o, to, reason); err != nil {
		return err
	}
	for _, d := range with {
		k := w.after.KeyResult(d.KeyResult)
		if k == nil || k.State == d.Was || k.State == Done || k.State == Active {
			continue // somebody has moved it since
		}
		if err := w.step(k, d.Was, reason); err != nil {
			return err
		}
		if k.State == Active {
			if err := w.resume(*k); err != nil {
				return err
			}
			if err := w.follow(ctx, k); err != nil {
				return err
			}
		}
	}
	if x == nil {
		return nil
	}
	return w.takenUp(*x)
}

// step moves a key result on in its life, together with its objective.
func (w *work) step(k *KeyResult, to State, reason string) error {
	ref := Ref{KindKeyResult, k.ID}
	w.expect(ref, k.Version)
	was := w.after.termsOf(*k)
	k.State = to
	w.look(ref)
	f := w.defined(*k, []string{"state"})
	f.Was = was
	return w.emit(ref, ref, EventKeyResultChanged, f, changedKeyResult{*k, reason})
}

// stepObjective moves an objective on in its life.
func (w *work) stepObjective(o *Objective, to State, reason string) error {
	ref := Ref{KindObjective, o.ID}
	w.expect(ref, o.Version)
	was := objectiveFact(*o).Terms()
	o.State = to
	w.look(ref)
	for _, p := range o.Parents {
		w.look(Ref{KindObjective, p.Objective})
	}
	f := objectiveFact(*o)
	f.Changed, f.Was = []string{"state"}, was
	if err := w.emit(ref, ref, EventObjectiveChanged, f, changedObjective{*o, reason}); err != nil {
		return err
	}
	if to == Active {
		w.meet(o.Cycle)
	}
	return nil
}

func (w *work) keyResultsOf(objective ID) []ID {
	var out []ID
	for _, k := range w.after.KeyResults {
		if k.Objective == objective {
			out = append(out, k.ID)
		}
	}
	return out
}

// ruleTeamLimit is the finding of a team that would run more than it said it would.
const ruleTeamLimit = "team-limit"

// withinLimits asks what is dropped where a team would have more active objectives
// in a cycle than its limit, and more than before.
func (w *work) withinLimits() {
	type place struct{ team, cycle ID }
	active := func(s *Snapshot) map[place][]Objective {
		out := map[place][]Objective{}
		for _, o := range s.Objectives {
			if o.State == Active && o.Team != "" {
				out[place{o.Team, o.Cycle}] = append(out[place{o.Team, o.Cycle}], o)
			}
		}
		return out
	}
	before, after := active(w.before), active(w.after)
	for _, t := range w.after.Teams {
		for _, c := range w.after.Cycles {
			at := place{t.ID, c.ID}
			if t.Limit <= 0 || len(after[at]) <= t.Limit || len(after[at]) <= len(before[at]) {
				continue
			}
			all := after[at]
			slices.SortStableFunc(all, func(a, b Objective) int { return compareRanks(a.Rank, b.Rank) })
			// How many there are beside those that whoever asks may see is not said.
			all = without(all, func(o Objective) bool { return w.by.hides(Ref{KindObjective, o.ID}) || w.openly() && o.Private })
			titles := make([]string, len(all))
			for i, o := range all {
				titles[i] = o.Title
			}
			said := fmt.Sprintf("%s would have %d active objectives in %s, its limit is %d: %s", t.Name, len(all), c.Name, t.Limit, strings.Join(titles, "; "))
			evidence := []Evidence{{"active", fmt.Sprint(len(all))}, {"limit", fmt.Sprint(t.Limit)}}
			if len(all) <= t.Limit {
				said = fmt.Sprintf("%s would have more active objectives in %s than its limit, %d, with what is not yours to see: %s", t.Name, c.Name, t.Limit, strings.Join(titles, "; "))
				evidence = evidence[1:]
			}
			w.extra = append(w.extra, Finding{
				Rule: ruleTeamLimit, Pack: "okr", Version: "1", Severity: SeverityError, Outcome: OutcomeFail, Gate: true,
				Subject: Ref{KindTeam, t.ID}, Title: t.Name,
				Message:  said + ". What is dropped?",
				Fix:      "Say in dropping which objective is postponed or abandoned, and why; or raise the team's limit.",
				Evidence: evidence,
			})
		}
	}
}

// Deferral is the entry of the not-doing list with the id, nil if the snapshot has
// none.
func (s *Snapshot) Deferral(id ID) *Deferral {
	return find(s.Deferrals, id, func(d Deferral) ID { return d.ID })
}

// deferralOf is the entry of an objective that is not done, nil where there is none.
func (s *Snapshot) deferralOf(objective ID) *Deferral {
	i := slices.IndexFunc(s.Deferrals, func(d Deferral) bool { return d.Objective == objective && d.TakenUp == nil })
	if i < 0 {
		return nil
	}
	return &s.Deferrals[i]
}

// NotDoing reads one page of what a team does not do in a cycle, oldest first;
// without a team it is everything that nobody does. What was taken up since is
// not among it.
func (v View) NotDoing(ctx context.Context, cycle, team ID, p Paging) (Page[Deferral], error) {
	if err := checkID("cycle", cycle, true); err != nil {
		return Page[Deferral]{}, err
	}
	return listItems(ctx, v, ItemQuery{Kind: KindDeferral, Subject: teamOr(team, ""), Cycle: cycle}, p,
		func(s *Snapshot) []Deferral { return s.Deferrals },
		func(d Deferral) bool { return d.TakenUp == nil })
}
