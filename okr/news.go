package okr

import (
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Terms are what a key result or an objective is, as far as whoever owns it is told when
// somebody else changes it. They hold no words but the title.
type Terms struct {
	Title  string         `json:"title,omitempty"`
	Owner  ID             `json:"owner,omitempty"`
	State  State          `json:"state,omitempty"`
	Unit   string         `json:"unit,omitempty"`  // of a key result
	Target measure.Number `json:"target,omitzero"` // of a key result
	Due    Date           `json:"due,omitzero"`    // of a key result: its own, or its cycle's last day
}

// news is a payload that says who is to hear of what somebody else has done. The runner
// tells them, so what has any hearer is left for it.
type news interface {
	Hears(by Actor) []ID
}

// others are the people without whoever did it.
func others(by Actor, who ...ID) []ID {
	var out []ID
	for _, id := range who {
		if id != "" && by != Someone(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// Concerns are the people who are to hear of a worse status: the owner, and where it is off
// track the owner of the objective too, without whoever brought it about.
func (p StatusChanged) Concerns() []ID {
	by := Someone(p.By)
	switch p.To {
	case measure.AtRisk:
		return others(by, p.Owner)
	case measure.OffTrack:
		return others(by, p.Owner, p.ObjectiveOwner)
	}
	return nil
}

// Terms are those of the key result after the event.
func (p KeyResultDefined) Terms() Terms {
	return Terms{p.Title, p.Owner, p.State, p.Unit, p.Target, p.Due}
}

// Hears are its owner and who owned it before, of what was promised, without whoever
// changed it.
func (p KeyResultDefined) Hears(by Actor) []ID {
	if p.Was == (Terms{}) || p.Was.State == Draft {
		return nil
	}
	return others(by, p.Was.Owner, p.Owner)
}

// Terms are those of the objective after the event.
func (p ObjectiveFact) Terms() Terms { return Terms{Title: p.Title, Owner: p.Owner, State: p.State} }

// Hears are its owner and who owned it before, of what was promised, without whoever
// changed it.
func (p ObjectiveFact) Hears(by Actor) []ID {
	if p.Was == (Terms{}) || p.Was.State == Draft {
		return nil
	}
	return others(by, p.Was.Owner, p.Owner)
}

// Hears is its owner, without whoever closed the cycle. What was put off or given up
// before is no news.
func (p KeyResultEnded) Hears(by Actor) []ID {
	if p.Outcome == PostponedOutcome || p.Outcome == AbandonedOutcome {
		return nil
	}
	return others(by, p.Owner)
}

// Hears is its owner, without whoever closed the cycle.
func (p ObjectiveEnded) Hears(by Actor) []ID {
	if p.State == Postponed || p.State == Abandoned {
		return nil
	}
	return others(by, p.Owner)
}

// Hears are who owns what is commented on, and who is answered, without the author. What
// is done to a comment later is no news.
func (p CommentFact) Hears(by Actor) []ID { return others(by, p.Owner, p.Answers) }

// Hears are who owns what was decided about, and who is to see the decision through,
// without whoever recorded it.
func (p DecisionFact) Hears(by Actor) []ID { return others(by, p.Whose, p.Owner) }

// promisedTo is who owns a key result or an objective that is no draft, "" where nobody
// does, or where it is something else.
func (s *Snapshot) promisedTo(r Ref) ID {
	if now := s.terms(r); now.State != Draft {
		return now.Owner
	}
	return ""
}

// terms are those of a key result or an objective now, empty where there is none.
func (s *Snapshot) terms(r Ref) Terms {
	switch r.Kind {
	case KindKeyResult:
		if k := s.KeyResult(r.ID); k != nil {
			return s.termsOf(*k)
		}
	case KindObjective:
		if o := s.Objective(r.ID); o != nil {
			return objectiveFact(*o).Terms()
		}
	}
	return Terms{}
}

func (s *Snapshot) termsOf(k KeyResult) Terms {
	return Terms{k.Title, k.Owner, k.State, k.Metric.Unit, k.Metric.Target, s.DueDate(k)}
}

// mootNews looks at what somebody else has done to something: whether it can still be
// told, and what it is called and whose it is by now. It answers false if the event is
// none of these.
func (s *Snapshot) mootNews(x *Waiting, payload any, now time.Time) (moot string, ok bool, err error) {
	is := map[string]any{}
	about := x.Event.Aggregate
	switch p := payload.(type) {
	case *KeyResultDefined, *ObjectiveFact: // see netChanges
	case *KeyResultEnded:
		k := s.KeyResult(about.ID)
		if k == nil || k.Ending == nil {
			return MootGone, true, nil
		}
		is["title"], is["outcome"], is["score"] = k.Title, k.Ending.Outcome, k.Ending.Score
		if len(KeyResultEnded{KeyResultFact: p.KeyResultFact, Outcome: k.Ending.Outcome}.Hears(x.Event.Actor)) == 0 {
			return MootOver, true, nil
		}
		return "", true, x.Event.say(is)
	case *ObjectiveEnded:
		o := s.Objective(about.ID)
		if o == nil || o.Ending == nil {
			return MootGone, true, nil
		}
		is["title"], is["score"] = o.Title, o.Ending.Score
		return "", true, x.Event.say(is)
	case *CommentFact:
		about = p.Subject
		c := s.Comment(p.Comment)
		if c == nil {
			return MootGone, true, nil
		}
		if c.Removed {
			return MootRemoved, true, nil
		}
		is["owner"] = s.promisedTo(about)
	case *DecisionFact:
		about = p.Subject
		if about.Kind == KindKeyResult || about.Kind == KindObjective {
			is["whose"] = s.promisedTo(about)
		}
	default:
		return "", false, nil
	}
	if about.Kind == KindKeyResult || about.Kind == KindObjective {
		var cycle ID
		if k := s.KeyResult(about.ID); k != nil {
			cycle = k.Cycle
		} else if o := s.Objective(about.ID); o != nil {
			cycle = o.Cycle
		}
		switch c := s.Cycle(cycle); {
		case c == nil:
			return MootGone, true, nil
		case c.closed(now):
			return MootOver, true, nil
		}
		is["title"] = s.titleOf(about)
	}
	return "", true, x.Event.say(is)
}

// turned are the changes of one thing of which one person is to hear.
type turned struct {
	at       []int // of what waits
	was, end Terms // before the first, and after the last
	changed  []string
	aimed    bool // its target has changed, be it back
	private  bool
}

// netChanges makes one change of all that others have done to a key result or an
// objective while it waited, from what it was before the first of them. What is as it was,
// what the person has changed since, and what neither was nor is theirs is no news.
func (s *Snapshot) netChanges(who ID, xs []Waiting) error {
	var order []Ref
	all := map[Ref]*turned{}
	for i := range xs {
		x := &xs[i]
		if x.Moot != "" {
			continue
		}
		var was, end Terms
		var changed []string
		var private bool
		switch p := x.payload().(type) {
		case *KeyResultDefined:
			was, end, changed, private = p.Was, p.Terms(), p.Changed, p.Private
		case *ObjectiveFact:
			was, end, changed, private = p.Was, p.Terms(), p.Changed, p.Private
		default:
			continue
		}
		c := all[x.Event.Aggregate]
		if c == nil {
			c = &turned{was: was}
			all[x.Event.Aggregate] = c
			order = append(order, x.Event.Aggregate)
		}
		c.at, c.end, c.private = append(c.at, i), end, c.private || private
		c.aimed = c.aimed || was.Target != end.Target || was.Unit != end.Unit
		for _, f := range changed {
			if !slices.Contains(c.changed, f) {
				c.changed = append(c.changed, f)
			}
		}
	}
	for _, r := range order {
		c, now := all[r], s.terms(r)
		moot, left := c.net(who, now)
		for n, i := range c.at {
			xs[i].Moot = moot
			if moot != "" {
				continue
			}
			say := map[string]any{"changed": []string{}}
			if n == len(c.at)-1 {
				say["changed"] = left
				if c.private { // the ledger does not say
					say["title"], say["unit"], say["target"], say["due"] = now.Title, now.Unit, now.Target, now.Due
				}
			}
			if err := xs[i].Event.say(say); err != nil {
				return err
			}
		}
	}
	return nil
}

// net is what is left to tell of the changes, or why there is nothing.
func (c *turned) net(who ID, now Terms) (moot string, left []string) {
	had, has := c.was.Owner == who, now.Owner == who
	switch {
	case has != (c.end.Owner == who) || !had && !has:
		return MootOther, nil // they have given it away since, or never knew of it
	case had && !has:
		return "", []string{"owner"}
	case now.State != c.end.State:
		return MootOver, nil // they have moved it on themselves
	case !had && now.State != Active:
		return MootOver, nil
	case !had:
		return "", []string{"owner"}
	}
	for _, f := range c.changed {
		told := true
		switch f {
		case "owner":
			told = false // it is theirs again
		case "state":
			told = c.was.State != c.end.State
		case "title":
			told = c.private || c.was.Title != c.end.Title && c.end.Title == now.Title
		case "due":
			told = c.was.Due != c.end.Due && c.end.Due == now.Due
		case "metric":
			same := c.was.Target == c.end.Target && c.was.Unit == c.end.Unit
			moved := c.end.Target != now.Target || c.end.Unit != now.Unit
			told = c.private || !moved && (!same || !c.aimed)
		}
		if told {
			left = append(left, f)
		}
	}
	switch {
	case len(left) == 0:
		return MootUndone, nil
	case now.State != Active && !slices.Contains(left, "state"):
		return MootOver, nil
	}
	return "", left
}
