package cadence

import (
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// news is a payload of what somebody has done that concerns others.
type news interface {
	Hears(by okr.Actor) []okr.ID
}

// news takes up what somebody else has done to what is the person's.
func (t *telling) news(e okr.Event, p news) error {
	switch p := p.(type) {
	case *okr.KeyResultDefined:
		return t.changed(e, p.KeyResultFact, p.Was, p.Terms(), p.Changed)
	case *okr.ObjectiveFact:
		return t.changed(e, objective(p), p.Was, p.Terms(), p.Changed)
	case *okr.KeyResultEnded:
		i := t.about(KindEnded, p.KeyResultFact, e)
		i.Outcome, i.Score = p.Outcome, p.Score
		return t.by(i, e.Actor)
	case *okr.ObjectiveEnded:
		i := t.about(KindEnded, objective(&p.ObjectiveFact), e)
		i.Outcome, i.Score = measure.Unknown, p.Score
		return t.by(i, e.Actor)
	case *okr.CommentFact:
		i := t.about(KindComment, subject(p.Subject, p.Cycle, p.Title), e)
		i.Yours = i.Yours || p.Answers == t.who
		return t.by(i, e.Actor)
	case *okr.DecisionFact:
		i := t.about(KindDecision, subject(p.Subject, p.Cycle, p.Title), e)
		i.Yours = i.Yours || p.Owner == t.who
		return t.by(i, e.Actor)
	}
	return nil
}

// changed gathers all that was changed of one thing: from what it was before the first
// change to what it is after the last.
func (t *telling) changed(e okr.Event, about okr.KeyResultFact, was, now okr.Terms, fields []string) error {
	i := t.about(KindChanged, about, e)
	if len(i.Events) == 1 {
		i.Before = was
	}
	i.Now = now
	for _, f := range fields {
		switch f {
		case "title", "due", "state", "metric", "owner", "override":
		default:
			f = "other"
		}
		if !slices.Contains(i.Changed, f) {
			i.Changed = append(i.Changed, f)
		}
	}
	var err error
	if i.Owner, err = t.name(t.ctx, now.Owner); err != nil {
		return err
	}
	return t.by(i, e.Actor)
}

// told says what kind of change it comes to for the person, and whether it is any.
func (i *Item) told(who okr.ID) bool {
	if i.Kind != KindChanged {
		return true
	}
	had, has := i.Before.Owner == who, i.Now.Owner == who
	switch {
	case has && !had:
		i.Kind = KindGiven
	case had && !has:
		i.Kind = KindTaken
	case i.Before.State != i.Now.State && i.Now.State != okr.Active && i.Now.State != okr.Draft:
		i.Kind = KindEnded
	}
	if i.Kind != KindChanged {
		i.Changed = nil
		return true
	}
	known := i.Before.Title != "" // else it is private
	i.Changed = slices.DeleteFunc(i.Changed, func(f string) bool {
		switch f {
		case "title":
			return known && i.Before.Title == i.Now.Title
		case "due":
			return i.Before.Due == i.Now.Due
		case "state":
			return i.Before.State == i.Now.State
		case "owner":
			return true
		}
		return false
	})
	for n, f := range i.Changed {
		if f == "metric" && (!known && i.Now.Target.Known() || known && (i.Before.Target != i.Now.Target || i.Before.Unit != i.Now.Unit)) {
			i.Changed[n] = "target"
		}
	}
	order := []string{"state", "title", "target", "metric", "due", "override", "other"}
	slices.SortFunc(i.Changed, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return len(i.Changed) > 0
}

// by adds who has done it.
func (t *telling) by(i *Item, who okr.Actor) error {
	if who.Kind != okr.ActorPerson {
		return nil
	}
	name, err := t.name(t.ctx, who.ID)
	if err == nil && name != "" && !slices.Contains(i.By, name) {
		i.By = append(i.By, name)
	}
	return err
}

// about is the item about a key result or an objective, begun if there is none.
func (t *telling) about(kind string, about okr.KeyResultFact, e okr.Event) *Item {
	i := t.item(kind, about, string(about.Objective), e)
	if t.link != nil && i.Link == "" && about.KeyResult == "" && about.Objective != "" {
		i.Link = t.link(t.tenant, okr.Ref{Kind: okr.KindObjective, ID: about.Objective})
	}
	return i
}

// objective is what is known of an objective.
func objective(p *okr.ObjectiveFact) okr.KeyResultFact {
	return okr.KeyResultFact{Title: p.Title, Objective: p.Objective, Cycle: p.Cycle, Team: p.Team, Owner: p.Owner, Private: p.Private}
}

// subject is what is known of what something is said about.
func subject(r okr.Ref, cycle okr.ID, title string) okr.KeyResultFact {
	f := okr.KeyResultFact{Title: title, Cycle: cycle}
	switch r.Kind {
	case okr.KindKeyResult:
		f.KeyResult = r.ID
	case okr.KindObjective:
		f.Objective = r.ID
	case okr.KindTeam:
		f.Team = r.ID
	}
	return f
}
