package okr

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	maxParents = 20 // of one objective
	maxLevels  = 32 // of objectives above one another
)

// Alignment says which objectives one contributes to, from now on and instead of
// those before. After activation it needs a reason.
type Alignment struct {
	Objective ID      `json:"objective"`
	Parents   []Share `json:"parents,omitempty"` // none: it stands on its own
	Reason    string  `json:"reason,omitempty"`
	Version   int64   `json:"version,omitempty"` // refuse unless the objective has this version; 0 is any
	Key       string  `json:"-"`                 // idempotency key; "" is none
}

func (a Alignment) check() error {
	for _, err := range []error{
		checkID("objective", a.Objective, true), checkText("reason", a.Reason, maxNote, false), checkShares("parents", a.Parents),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkShares refuses shares that cannot be kept.
func checkShares(field string, shares []Share) error {
	if len(shares) > maxParents {
		return invalid(field, fmt.Sprint(len(shares)), "an objective contributes to at most %d others: what serves everything is no focus", maxParents)
	}
	seen := map[ID]bool{}
	for i, s := range shares {
		at := fmt.Sprintf("%s[%d]", field, i)
		if err := checkID(at+".objective", s.Objective, true); err != nil {
			return err
		}
		if err := checkWeight(at+".weight", s.Weight); err != nil {
			return err
		}
		if seen[s.Objective] {
			return invalid(at+".objective", string(s.Objective), "it stands twice: give each parent once, with one weight")
		}
		seen[s.Objective] = true
	}
	return nil
}

// Align sets the objectives that one contributes to. A parent may belong to
// another team, plan or cycle, as long as the cycles overlap. An alignment that
// would close a ring is refused with the whole ring by title, also where two
// decisions taken at the same moment would close it together.
func (t Tenant) Align(ctx context.Context, a Alignment) (Decision, error) {
	if err := a.check(); err != nil {
		return Decision{}, err
	}
	in := Intent{VerbAlign, []Ref{{KindObjective, a.Objective}}}
	for _, p := range a.Parents {
		in.Subjects = append(in.Subjects, Ref{KindObjective, p.Objective})
	}
	return t.decide(ctx, in, a.Key, a, func(ctx context.Context, w *work) error {
		return w.align(ctx, a)
	})
}

func (w *work) align(ctx context.Context, a Alignment) error {
	ref := Ref{KindObjective, a.Objective}
	need := Need{Collections: Collections{Standings: true}}
	for _, r := range w.intent.Subjects {
		if !slices.Contains(need.Refs, r) {
			need.Refs = append(need.Refs, r)
		}
	}
	if err := w.load(ctx, need); err != nil {
		return parentUnknown(err, a)
	}
	w.intent.Subjects = []Ref{ref}
	o := w.after.Objective(a.Objective)
	if o == nil {
		return &NotFoundError{ref}
	}
	if err := w.open(o.Cycle); err != nil {
		return err
	}
	if a.Version != 0 && a.Version != o.Version {
		return &ConflictError{ref, "somebody changed it since: read it again"}
	}
	if slices.Equal(o.Parents, a.Parents) {
		return nil
	}
	if o.State != Draft && strings.TrimSpace(a.Reason) == "" {
		return invalid("reason", "", "what an active objective contributes to changes only with a reason")
	}
	was := o.Parents
	for i, p := range a.Parents {
		if slices.ContainsFunc(was, func(s Share) bool { return s.Objective == p.Objective }) {
			continue
		}
		if err := w.mayContribute(fmt.Sprintf("parents[%d].objective", i), *o, p.Objective); err != nil {
			return err
		}
	}
	w.expect(ref, o.Version)
	o.Parents = slices.Clone(a.Parents)
	if err := w.noRing(ctx, "parents", o.ID); err != nil {
		return err
	}
	o = w.after.Objective(a.Objective)
	for _, s := range slices.Concat(was, a.Parents) {
		w.look(Ref{KindObjective, s.Objective})
	}
	f := objectiveFact(*o)
	f.Changed = []string{"parents"}
	return w.emit(ref, ref, EventObjectiveChanged, f, changedObjective{*o, a.Reason})
}

func parentUnknown(err error, a Alignment) error {
	missing := (*NotFoundError)(nil)
	if !asNotFound(err, &missing) || missing.Ref.Kind != KindObjective || missing.Ref.ID == a.Objective {
		return err
	}
	for i, p := range a.Parents {
		if p.Objective == missing.Ref.ID {
			return unknownParent(fmt.Sprintf("parents[%d].objective", i), string(p.Objective))
		}
	}
	return err
}

func unknownParent(field, value string) error {
	return invalid(field, value, "no objective has that id: it was never there, or is not for you to see; name one that is")
}

// mayContribute checks that an objective can contribute to another one.
func (w *work) mayContribute(field string, child Objective, parent ID) error {
	p := w.after.Objective(parent)
	if p == nil {
		return unknownParent(field, string(parent))
	}
	mine, theirs := w.after.Cycle(child.Cycle), w.after.Cycle(p.Cycle)
	switch {
	case mine == nil || theirs == nil:
		return &NotFoundError{Ref{KindCycle, p.Cycle}}
	case theirs.closed(w.now):
		return invalid(field, p.Title, "%s is closed: contribute to an objective of a cycle that is open", theirs.Name)
	case mine.Start.After(theirs.End) || theirs.Start.After(mine.End):
		return invalid(field, p.Title, "%s (%s to %s) and %s (%s to %s) share no day: what contributes happens at the same time", mine.Name, mine.Start, mine.End, theirs.Name, theirs.Start, theirs.End)
	}
	return nil
}

// noRing loads everything above the objectives, whose parents are set already, and
// refuses the decision if one of them contributes to itself.
//
// Two decisions that would close a ring together each read what the other
// writes. Both expect the versions of all that they read, so the later one is
// taken again and finds the ring.
func (w *work) noRing(ctx context.Context, field string, changed ...ID) error {
	level, seen := slices.Clone(changed), map[ID]bool{}
	for depth := 0; len(level) > 0; depth++ {
		if depth > maxLevels {
			return invalid(field, "", "there would be more than %d objectives above one another: contribute to one further up", maxLevels)
		}
		var above []ID
		for _, id := range level {
			o := w.after.Objective(id)
			if o == nil {
				return unknownParent(field, string(id))
			}
			seen[id] = true
			w.expect(Ref{KindObjective, id}, o.Version)
			for _, s := range o.Parents {
				if !seen[s.Objective] && !slices.Contains(above, s.Objective) {
					above = append(above, s.Objective)
				}
			}
		}
		if err := w.fetch(ctx, above); err != nil {
			return err
		}
		// The levels of a ring never end.
		if ring := ringAbove(changed, w.parentsOf); ring != nil {
			titles := make([]string, len(ring))
			for i, id := range ring {
				titles[i] = w.after.Objective(id).Title
			}
			return invalid(field, titles[0], "an objective cannot contribute to itself: %s", strings.Join(titles, " -> "))
		}
		level = above
	}
	return nil
}

// parentsOf are the parents of an objective that is loaded, as far as they are.
func (w *work) parentsOf(id ID) []ID {
	o := w.after.Objective(id)
	if o == nil {
		return nil
	}
	var out []ID
	for _, s := range o.Parents {
		if w.after.Objective(s.Objective) != nil {
			out = append(out, s.Objective)
		}
	}
	return out
}

// fetch adds objectives that are not loaded yet, without what is around them.
func (w *work) fetch(ctx context.Context, ids []ID) error {
	need := Need{Lock: w.tx != nil}
	for _, id := range ids {
		if w.after.Objective(id) == nil {
			need.Refs = append(need.Refs, Ref{KindObjective, id})
		}
	}
	if len(need.Refs) == 0 {
		return nil
	}
	found, err := w.unit.Load(ctx, w.id, need)
	if err != nil {
		return err
	}
	for _, r := range need.Refs {
		if o := found.Objective(r.ID); o != nil {
			w.before.Objectives = append(w.before.Objectives, *o)
			w.after.Objectives = append(w.after.Objectives, *o)
		}
	}
	w.before.Sort()
	w.after.Sort()
	return nil
}

// ringAbove is the first ring that somebody who walks up from the starts runs
// into, its first member again at the end; nil if every way up ends.
func ringAbove[K comparable](starts []K, up func(K) []K) []K {
	const (
		open = 1
		done = 2
	)
	state := map[K]int{}
	var path []K
	var walk func(K) []K
	walk = func(k K) []K {
		switch state[k] {
		case done:
			return nil
		case open:
			return append(slices.Clone(path[slices.Index(path, k):]), k)
		}
		state[k] = open
		path = append(path, k)
		for _, p := range up(k) {
			if ring := walk(p); ring != nil {
				return ring
			}
		}
		path = path[:len(path)-1]
		state[k] = done
		return nil
	}
	for _, k := range starts {
		if ring := walk(k); ring != nil {
			return ring
		}
	}
	return nil
}
