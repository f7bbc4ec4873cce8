package audit

import (
	"slices"

	"github.com/okrkit/okrkit/okr"
)

// subject is one thing that rules are asked about.
type subject struct {
	on    string // the kind, as rules name it
	ref   okr.Ref
	title string
	state okr.State // "" where the kind has none
	cycle *cycle
	row   seen

	keyResult *keyResult // that it is, or lives within; nil: none
}

// seen is a row as rules see it: it puts itself and its neighbours among the
// variables of its subject.
type seen interface{ into(vars map[string]any) }

// vars are the variables of the subject.
func (s subject) vars() map[string]any {
	vars := make(map[string]any, 4)
	s.row.into(vars)
	return vars
}

// within is the cycle in which a team or a person is seen: they are judged once in
// each. It is "" for what belongs to one cycle anyhow.
func (s subject) within() okr.ID {
	if s.on == onTeam || s.on == onOwner {
		return s.cycle.row.ID
	}
	return ""
}

// judgedKinds are the kinds of subject that an intent can concern.
func judgedKinds(in okr.Intent) []string {
	switch in.Verb {
	case okr.VerbCheckIn:
		return []string{onKeyResult, onSource, onCheckIn}
	case okr.VerbRecord:
		return []string{onKeyResult, onSource}
	case okr.VerbSettle:
		return []string{onKeyResult, onSource, onCheckIn, onObjective}
	case okr.VerbAppraise:
		return []string{onKeyResult, onObjective}
	case okr.VerbNotify, okr.VerbPack:
		return nil
	case okr.VerbSyncPeople:
		return []string{onTeam, onOwner}
	case okr.VerbView:
		if len(in.Subjects) > 0 && !slices.ContainsFunc(in.Subjects, func(r okr.Ref) bool { return r.Kind != okr.KindKeyResult }) {
			return []string{onKeyResult, onSource}
		}
		return []string{onKeyResult, onSource, onCheckIn, onObjective, onTeam, onOwner, onCycle, onTenant}
	case okr.VerbClose:
		return []string{onKeyResult, onSource, onObjective, onTeam, onOwner, onCycle}
	}
	return []string{onKeyResult, onSource, onObjective, onTeam, onOwner, onCycle}
}

// subjects are those of the intent and what surrounds them, as far as the intent
// concerns their kind, each once, in a fixed order.
func (w *world) subjects(in okr.Intent) []subject {
	if len(in.Subjects) == 0 && in.Verb == okr.VerbView {
		return w.all()
	}
	var out []subject
	type key struct {
		ref   okr.Ref
		cycle okr.ID
	}
	seen := map[key]bool{}
	kinds := judgedKinds(in)
	concerns := func(on string) bool { return slices.Contains(kinds, on) }
	add := func(s subject) {
		if k := (key{s.ref, s.within()}); !seen[k] {
			seen[k] = true
			out = append(out, s)
		}
	}
	addIf := func(s subject) {
		if concerns(s.on) {
			add(s)
		}
	}
	objectiveAround := func(o *objective) {
		addIf(o.subject())
		if o.team != nil {
			addIf(o.team.subject())
		}
		if o.owner != nil {
			addIf(o.owner.subject())
		}
		if concerns(onCycle) && w.snap.Cycle(o.row.Cycle) != nil {
			add(o.cycle.subject())
		}
	}
	keyResultAround := func(k *keyResult) {
		addIf(k.subject())
		if k.row.Source != nil {
			addIf(k.source.subject())
		}
		if concerns(onCheckIn) {
			rows := w.snap.CheckInsOf(k.row.ID)
			for i := range rows {
				if in.Verb == okr.VerbCheckIn && !w.hadCheckIn(&rows[i]) || in.Verb != okr.VerbCheckIn && i == 0 {
					add((&checkIn{&rows[i], k}).subject())
				}
			}
		}
		if in.Verb == okr.VerbSettle || in.Verb == okr.VerbAppraise {
			return // what time changed of a key result is no judgement of its parents
		}
		if w.objectiveByID[k.row.Objective] != nil {
			objectiveAround(k.objective)
		}
		if k.owner != nil {
			addIf(k.owner.subject())
		}
	}
	for _, r := range in.Subjects {
		switch r.Kind {
		case okr.KindKeyResult:
			if k := w.keyResultByID[r.ID]; k != nil {
				keyResultAround(k)
			}
		case okr.KindObjective:
			if o := w.objectiveByID[r.ID]; o != nil {
				objectiveAround(o)
			}
		case okr.KindCycle:
			if w.snap.Cycle(r.ID) == nil {
				continue
			}
			addIf(w.cycleByID[r.ID].subject())
		case okr.KindTeam:
			for _, t := range w.teams {
				if t.row.ID == r.ID {
					addIf(t.subject())
				}
			}
		case okr.KindPerson, okr.KindOwner:
			for _, o := range w.owners {
				if o.id == r.ID {
					addIf(o.subject())
				}
			}
		case okr.KindTenant:
			addIf(w.tenant.subject())
		}
	}
	return out
}

// all are the subjects of a view of everything.
func (w *world) all() []subject {
	out := make([]subject, 0, 3*len(w.keyResults)+len(w.objectives)+len(w.teams)+len(w.owners)+len(w.cycles)+1)
	for _, k := range w.keyResults {
		out = append(out, k.subject())
		if k.row.Source != nil {
			out = append(out, k.source.subject())
		}
		if rows := w.snap.CheckInsOf(k.row.ID); len(rows) > 0 {
			out = append(out, (&checkIn{&rows[0], k}).subject())
		}
	}
	for _, o := range w.objectives {
		out = append(out, o.subject())
	}
	for _, t := range w.teams {
		out = append(out, t.subject())
	}
	for _, o := range w.owners {
		out = append(out, o.subject())
	}
	for _, c := range w.cycles {
		out = append(out, c.subject())
	}
	return append(out, w.tenant.subject())
}

// hadCheckIn says whether the check-in was there before the decision. The one
// that is being taken need not be the newest: it may tell of last week.
func (w *world) hadCheckIn(c *okr.CheckInRecord) bool {
	if w.before == nil {
		return false
	}
	return slices.ContainsFunc(w.before.CheckInsOf(c.KeyResult), func(o okr.CheckInRecord) bool { return o.ID == c.ID })
}

func (t *tenant) subject() subject {
	return subject{on: onTenant, ref: okr.Ref{Kind: okr.KindTenant, ID: okr.ID(t.id)}, title: string(t.id), row: t}
}

func (c *cycle) subject() subject {
	title := c.row.Name
	if title == "" {
		title = c.row.Key
	}
	return subject{on: onCycle, ref: okr.Ref{Kind: okr.KindCycle, ID: c.row.ID}, title: title, cycle: c, row: c}
}

func (t *team) subject() subject {
	return subject{on: onTeam, ref: okr.Ref{Kind: okr.KindTeam, ID: t.row.ID}, title: t.row.Name, cycle: t.cycle, row: t}
}

func (o *owner) subject() subject {
	return subject{on: onOwner, ref: okr.Ref{Kind: okr.KindOwner, ID: o.id}, title: o.name(), cycle: o.cycle, row: o}
}

func (o *objective) subject() subject {
	return subject{
		on: onObjective, ref: okr.Ref{Kind: okr.KindObjective, ID: o.row.ID}, title: o.row.Title,
		state: o.row.State, cycle: o.cycle, row: o,
	}
}

func (k *keyResult) subject() subject {
	return subject{
		on: onKeyResult, ref: okr.Ref{Kind: okr.KindKeyResult, ID: k.row.ID}, title: k.row.Title,
		state: k.row.State, cycle: k.cycle, row: k, keyResult: k,
	}
}

func (s *source) subject() subject {
	k := s.keyResult
	return subject{
		on: onSource, ref: okr.Ref{Kind: okr.KindSource, ID: k.row.ID}, title: k.row.Title,
		state: k.row.State, cycle: k.cycle, row: s, keyResult: k,
	}
}

func (c *checkIn) subject() subject {
	k := c.keyResult
	return subject{
		on: onCheckIn, ref: okr.Ref{Kind: okr.KindCheckIn, ID: c.row.ID}, title: k.row.Title,
		state: k.row.State, cycle: k.cycle, row: c, keyResult: k,
	}
}
