package okr

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// The events of a finding's life. In between, [Tenant.Waive] and [Tenant.Snooze]
// may silence it.
const (
	EventFindingOpened   = EventPrefix + "finding.opened"
	EventFindingReturned = EventPrefix + "finding.returned" // a waiver or a snooze of it is over, and it is still open
	EventFindingResolved = EventPrefix + "finding.resolved"
)

// FindingFact is the payload of finding.opened, finding.returned and
// finding.resolved. What the rule says of the subject in words is read, not sent:
// see [View.Findings].
//
// A finding is one rule of one pack about one subject. It opens when the rule fails, whatever
// its message says later, and it is resolved when the rule finds nothing any more;
// that a fact is no longer known resolves nothing. When it opens again, that is
// another opening.
type FindingFact struct {
	Rule     string    `json:"rule"`
	Pack     string    `json:"pack,omitempty"`     // whose rule it is
	Version  string    `json:"version,omitempty"`  // of the pack; not of finding.resolved
	Digest   string    `json:"digest,omitempty"`   // of the pack by which it opened
	Severity string    `json:"severity,omitempty"` // not of finding.resolved
	Subject  Ref       `json:"subject"`            // key result, objective, team, owner, cycle or tenant
	Cycle    ID        `json:"cycle"`
	Title    string    `json:"title,omitempty"` // of the subject, but of no person
	Team     ID        `json:"team,omitempty"`
	Owner    ID        `json:"owner,omitempty"` // whom it concerns: who owns the subject, or leads the team
	Since    time.Time `json:"since"`           // UTC instant at which it opened
	Waived   bool      `json:"waived,omitempty"`
	Snoozed  bool      `json:"snoozed,omitempty"`
	Private  bool      `json:"private,omitempty"` // it is about a private objective or what belongs to one: its title stays at home

	// RulesChanged says that the pack by which it opened is no longer in force:
	// perhaps the rule has changed, and not the subject.
	RulesChanged bool `json:"rules_changed,omitempty"`
}

// Silent says that somebody answers for the finding, or has put it off.
func (f *FindingFact) Silent() bool { return f.Waived || f.Snoozed }

// silent says whether nobody is to be told of the finding.
func (f *Finding) silent() bool { return f.Waived != nil || f.Snoozed != nil }

// found are findings by the aggregate that they are kept with, and by key. What
// rules say of a source or a check-in they say of its key result; what they say of
// a team, a person or the tenant they say of the cycle in which they see them.
type found map[Ref]map[string]Finding

// sift is what is to be kept of a verdict. Packs that have a rule of the same name
// find two things.
func (s *Snapshot) sift(fs []Finding, cycle ID) found {
	out, about := found{}, s.abouts()
	for _, f := range fs {
		f.Subject = about(f.Subject)
		at, key := f.Subject, f.Pack+"/"+f.Rule
		switch at.Kind {
		case KindKeyResult, KindObjective, KindCycle:
		case KindTeam, KindOwner, KindTenant:
			if cycle == "" || f.Cycle != "" && f.Cycle != cycle {
				continue
			}
			at, key = Ref{KindCycle, cycle}, key+" "+f.Subject.String()
		default:
			continue
		}
		if out[at] == nil {
			out[at] = map[string]Finding{}
		}
		if old, ok := out[at][key]; !ok || old.Outcome != OutcomeFail && f.Outcome == OutcomeFail {
			out[at][key] = f
		}
	}
	return out
}

// turn is what there is to say of one finding.
type turn struct {
	key     string
	event   string // "" is nothing: it was silenced
	opened  Standing
	finding *Finding // nil: resolved
	silent  bool
}

// turns compares what was found of an aggregate with what stands announced of it.
func turns(stood []Standing, now map[string]Finding) []turn {
	var open, silenced map[string]Standing
	for _, st := range stood {
		switch st.Kind {
		case standingFinding:
			if open == nil {
				open = map[string]Standing{}
			}
			open[st.Key] = st
		case standingSilenced:
			if silenced == nil {
				silenced = map[string]Standing{}
			}
			silenced[st.Key] = st
		}
	}
	if len(open) == 0 && len(now) == 0 {
		return nil
	}
	var out []turn
	for _, key := range slices.Sorted(maps.Keys(now)) {
		f := now[key]
		st, isOpen := open[key]
		_, was := silenced[key]
		t := turn{key: key, opened: st, finding: &f, silent: f.silent()}
		switch {
		case !isOpen && f.Outcome != OutcomeFail:
			continue
		case !isOpen:
			t.event = EventFindingOpened
		case was && !t.silent:
			t.event = EventFindingReturned
		case was == t.silent:
			continue
		}
		out = append(out, t)
	}
	for _, key := range slices.Sorted(maps.Keys(open)) {
		if _, ok := now[key]; !ok {
			out = append(out, turn{key: key, event: EventFindingResolved, opened: open[key]})
		}
	}
	return out
}

// find announces what has become of the findings kept with an aggregate of the
// snapshot.
func (w *work) find(of *Snapshot, at Ref, version int64, now map[string]Finding) error {
	for _, t := range turns(w.standingsOf(at), now) {
		silenced := Standing{Subject: at, Kind: standingSilenced, Key: t.key, Since: w.now}
		_, was := w.standing(at, standingSilenced, t.key)
		if t.silent {
			w.setStanding(silenced)
		} else if was {
			w.unset(silenced)
		}
		var f FindingFact
		switch t.event {
		case "":
			continue
		case EventFindingOpened:
			t.opened = Standing{Subject: at, Kind: standingFinding, Key: t.key, Value: t.finding.Digest + " " + t.finding.Pack + "/" + t.finding.Rule, Since: w.now}
			w.setStanding(t.opened)
		case EventFindingResolved:
			w.unset(t.opened)
		}
		rule := t.opened.Value[strings.LastIndexByte(t.opened.Value, ' ')+1:]
		f.Digest = strings.TrimSuffix(strings.TrimSuffix(t.opened.Value, rule), " ")
		f.Pack, f.Rule, _ = strings.Cut(rule, "/")
		f.Since = t.opened.Since
		f.Subject = at
		if about, ok := strings.CutPrefix(t.key, rule+" "); ok {
			kind, id, _ := strings.Cut(about, "/")
			f.Subject = Ref{Kind(kind), ID(id)}
		}
		if g := t.finding; g != nil {
			f.Version, f.Severity = g.Version, g.Severity
			f.Waived, f.Snoozed = g.Waived != nil, g.Snoozed != nil
		}
		f.RulesChanged = f.Digest != "" && !slices.ContainsFunc(of.Packs, func(p Pack) bool { return p.Digest == f.Digest })
		of.concerning(&f, at)
		w.expect(at, version)
		if err := w.emit(at, Ref{KindStanding, at.ID}, t.event, f, f); err != nil {
			return err
		}
	}
	return nil
}

// concerning fills in whom a finding that is kept with the aggregate concerns.
func (s *Snapshot) concerning(f *FindingFact, at Ref) {
	switch at.Kind {
	case KindKeyResult:
		if k := s.KeyResult(at.ID); k != nil {
			f.Title, f.Cycle, f.Owner = k.Title, k.Cycle, k.Owner
			if o := s.Objective(k.Objective); o != nil {
				f.Team = o.Team
			}
		}
	case KindObjective:
		if o := s.Objective(at.ID); o != nil {
			f.Title, f.Cycle, f.Team, f.Owner = o.Title, o.Cycle, o.Team, o.Owner
		}
	case KindCycle:
		f.Cycle = at.ID
	}
	switch f.Subject.Kind {
	case KindCycle:
		if c := s.Cycle(at.ID); c != nil {
			f.Title = c.Name
		}
	case KindTeam:
		f.Team = f.Subject.ID
		if t := s.Team(f.Subject.ID); t != nil {
			f.Title, f.Owner = t.Name, t.Lead
		}
	case KindOwner:
		f.Owner = f.Subject.ID
	}
}

// findOf announces what a settlement has found of a key result or an objective. What
// is no longer active is held to no rule.
func (w *work) findOf(r Ref, all found) error {
	if w.desk.judge == nil {
		return nil
	}
	var state State
	var version int64
	if r.Kind == KindKeyResult {
		k := w.after.KeyResult(r.ID)
		state, version = k.State, k.Version
	} else {
		o := w.after.Objective(r.ID)
		state, version = o.State, o.Version
	}
	now := all[r]
	if state != Active {
		now = nil
	}
	return w.find(w.after, r, version, now)
}

// foundAnew has a key result looked at where rules say something else of it than
// what stands announced.
func (w *work) foundAnew() {
	if w.desk.judge == nil {
		return
	}
	var all found
	if len(w.verdict.Findings) > 0 {
		all = w.after.sift(w.verdict.Findings, "")
	}
	// What is announced was found with other eyes where something is private.
	other := slices.ContainsFunc(w.after.Objectives, func(o Objective) bool { return o.Private })
	for _, r := range w.intent.Subjects {
		k := w.after.KeyResult(r.ID)
		if r.Kind == KindKeyResult && k != nil && k.State == Active && !w.over(k.Cycle) && (other || len(turns(w.standingsOf(r), all[r])) > 0) {
			w.look(r)
		}
	}
}
