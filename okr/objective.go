package okr

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr/measure"
)

// ObjectiveChange changes what an objective says, whose it is, or where it stands
// in its life. Nil fields stay as they are. Which objectives it contributes to is
// changed with [Tenant.Align].
type ObjectiveChange struct {
	Objective   ID                    `json:"objective"`
	Title       *string               `json:"title,omitempty"`
	Description *string               `json:"description,omitempty"`
	Committed   *bool                 `json:"committed,omitempty"`
	Rank        *int                  `json:"rank,omitempty"` // 1 is first within the team; 0 is unranked
	Owner       *ID                   `json:"owner,omitempty"`
	Team        *ID                   `json:"team,omitempty"`
	Rollup      *measure.RollupPolicy `json:"rollup,omitempty"`
	Private     *bool                 `json:"private,omitempty"` // see Objective.Private
	State       *State                `json:"state,omitempty"`   // postponed, abandoned, done, or again what it was before
	Reason      string                `json:"reason,omitempty"`
	InFavour    ID                    `json:"in_favour,omitempty"` // of one that is dropped: the objective that is done instead
	Revisit     Date                  `json:"revisit,omitzero"`    // of one that is dropped: when to think of it again
	Dropping    []NewDeferral         `json:"dropping,omitempty"`  // what makes room for it, where its team has a limit
	Version     int64                 `json:"version,omitempty"`   // refuse unless the objective has this version; 0 is any
	Key         string                `json:"-"`                   // idempotency key; "" is none
}

// ChangeObjective changes an objective. After activation another title or a
// promise that is one no longer needs a reason; so does postponing or giving up,
// which puts it on the not-doing list and takes its key results along, each with
// an event of its own. Rules in gate mode may refuse, and so does a team's limit
// of active objectives until the change says what is dropped.
func (t Tenant) ChangeObjective(ctx context.Context, c ObjectiveChange) (Decision, error) {
	if err := c.check(); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindObjective, c.Objective}
	return t.decide(ctx, Intent{VerbChange, []Ref{ref}}, c.Key, c, func(ctx context.Context, w *work) error {
		return w.changeObjective(ctx, ref, c)
	})
}

func (c ObjectiveChange) check() error {
	errs := []error{
		checkID("objective", c.Objective, true),
		checkText("reason", c.Reason, maxNote, false),
		checkID("in_favour", c.InFavour, false),
		checkDate("revisit", c.Revisit),
		checkDropping(c.Dropping),
	}
	if c.Title != nil {
		errs = append(errs, checkText("title", oneLine(*c.Title), maxTitle, true))
	}
	if c.Description != nil {
		errs = append(errs, checkText("description", *c.Description, maxNote, false))
	}
	if c.Rank != nil && *c.Rank < 0 {
		errs = append(errs, invalid("rank", fmt.Sprint(*c.Rank), "1 is first within the team, 0 is unranked"))
	}
	if c.Owner != nil {
		errs = append(errs, checkID("owner", *c.Owner, false))
	}
	if c.Team != nil {
		errs = append(errs, checkID("team", *c.Team, false))
	}
	if c.Rollup != nil {
		errs = append(errs, checkRollup("", *c.Rollup))
	}
	if c.State != nil && !slices.Contains([]State{Draft, Active, Postponed, Abandoned, Done}, *c.State) {
		errs = append(errs, invalid("state", string(*c.State), "use active, postponed, abandoned or done"))
	}
	return together(errs...)
}

func (w *work) changeObjective(ctx context.Context, ref Ref, c ObjectiveChange) error {
	need := Need{Refs: []Ref{ref}, Collections: Collections{Standings: true, TeamObjectives: true, OwnerKeyResults: true, Items: []Kind{KindDeferral}}}
	fields := map[Ref]string{}
	name := func(field string, r Ref) {
		if r.ID != "" && !slices.Contains(need.Refs, r) {
			need.Refs, fields[r] = append(need.Refs, r), field
		}
	}
	if c.Owner != nil {
		name("owner", Ref{KindPerson, *c.Owner})
	}
	if c.Team != nil {
		name("team", Ref{KindTeam, *c.Team})
	}
	name("in_favour", Ref{KindObjective, c.InFavour})
	for i, n := range c.Dropping {
		n.names(fmt.Sprintf("dropping[%d].", i), &need, fields)
	}
	if c.Rollup != nil && c.Rollup.Driver.Children() {
		// What counts from now on is read with all its parts.
		s, err := w.desk.read(ctx, w.unit, w.id, w.intent, Need{Refs: []Ref{ref}})
		if err != nil {
			return misnamed(err, fields)
		}
		need.Refs = append(need.Refs, s.contributing(ref.ID)...)
	}
	if err := w.load(ctx, need); err != nil {
		return misnamed(err, fields)
	}
	o := w.after.Objective(ref.ID)
	if o == nil {
		return &NotFoundError{ref}
	}
	if err := w.open(o.Cycle); err != nil {
		return err
	}
	if c.Version != 0 && c.Version != o.Version {
		return &ConflictError{ref, "somebody changed it since: read it again"}
	}
	if err := w.describe(o, c); err != nil {
		return err
	}
	if c.State != nil && *c.State != o.State {
		if err := w.move(ctx, o, c); err != nil {
			return err
		}
	}
	if err := w.drop(c.Dropping, o.Cycle, o.ID); err != nil {
		return err
	}
	w.withinLimits()
	return nil
}

// describe changes everything but the objective's state.
func (w *work) describe(o *Objective, c ObjectiveChange) error {
	old := *o
	if c.Title != nil {
		o.Title = oneLine(*c.Title)
	}
	if c.Description != nil {
		o.Description = *c.Description
	}
	if c.Committed != nil {
		o.Committed = *c.Committed
	}
	if c.Rank != nil {
		o.Rank = *c.Rank
	}
	if c.Owner != nil {
		if err := w.responsible("owner", *c.Owner); err != nil {
			return err
		}
		o.Owner, o.OwnerText = *c.Owner, ""
	}
	if c.Team != nil {
		o.Team, o.TeamText = *c.Team, ""
	}
	if c.Rollup != nil {
		o.Rollup = c.Rollup.Plain()
	}
	if c.Private != nil {
		o.Private = *c.Private
	}
	changed := differing(old, *o)
	if len(changed) == 0 {
		return nil
	}
	if softened := old.Committed && !o.Committed; old.State != Draft && (softened || slices.Contains(changed, "title")) && strings.TrimSpace(c.Reason) == "" {
		return invalid("reason", "", "what an active objective promises changes only with a reason")
	}
	ref := Ref{KindObjective, o.ID}
	w.expect(ref, o.Version)
	w.look(ref)
	for _, p := range o.Parents {
		w.look(Ref{KindObjective, p.Objective})
	}
	if slices.Contains(changed, "team") {
		// Its key results follow another team's rhythm now.
		for _, id := range w.keyResultsOf(o.ID) {
			w.look(Ref{KindKeyResult, id})
		}
		w.meet(o.Cycle)
	}
	f := objectiveFact(*o)
	f.Changed, f.Was = changed, objectiveFact(old).Terms()
	return w.emit(ref, ref, EventObjectiveChanged, f, changedObjective{*o, c.Reason})
}

// move changes the objective's state.
func (w *work) move(ctx context.Context, o *Objective, c ObjectiveChange) error {
	to := *c.State
	if err := o.becomes(to); err != nil {
		return err
	}
	switch to {
	case Postponed, Abandoned:
		if strings.TrimSpace(c.Reason) == "" {
			return invalid("reason", "", "what is no longer done leaves with a reason: write it")
		}
		subjects := w.intent.Subjects
		err := w.defers("", NewDeferral{Objective: o.ID, As: to, Reason: c.Reason, InFavour: c.InFavour, Revisit: c.Revisit})
		w.intent.Subjects = subjects
		return err
	case Done:
		return w.stepObjective(o, to, c.Reason)
	}
	if o.State == Done {
		if err := w.running(o.Cycle); err != nil {
			return err
		}
		return w.stepObjective(o, to, c.Reason)
	}
	subjects, was := w.intent.Subjects, o.State
	err := w.restore(ctx, o.ID, c.Reason)
	w.intent.Subjects = subjects
	if err == nil && o.State != to {
		return invalid("state", string(to), "it was %s before it was %s: make it that, or take it up", o.State, was)
	}
	return err
}

// becomes checks a step in the life of an objective.
func (o Objective) becomes(to State) error {
	steps := map[State][]State{
		Draft:     {Postponed, Abandoned},
		Active:    {Postponed, Abandoned, Done},
		Postponed: {Draft, Active, Abandoned},
		Abandoned: {Draft, Active},
		Done:      {Active},
	}
	switch {
	case to == o.State:
		return invalid("state", string(to), "%q is %s already", o.Title, to)
	case to == Active && o.State == Draft:
		return invalid("state", string(to), "it was never active: use Activate")
	case !slices.Contains(steps[o.State], to):
		return invalid("state", string(to), "it is %s: from there it becomes %s", o.State, listed(steps[o.State]))
	}
	return nil
}
