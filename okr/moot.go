package okr

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Why somebody need not be told any more of what waited for them.
const (
	MootLeft      = "left"      // they have left
	MootGone      = "gone"      // there is no such thing any more, or it is not for them to see
	MootOver      = "over"      // it is no longer under way, or its cycle is closed
	MootAnswered  = "answered"  // somebody has checked in since
	MootExcused   = "excused"   // nobody needs to check in any more: the owner is away, or a source has done it
	MootReplaced  = "replaced"  // its rhythm is another since, or pauses on that day
	MootCared     = "cared"     // somebody takes care of the silence
	MootPast      = "past"      // the session has begun
	MootRecovered = "recovered" // its status is a good one again, or what they know already
	MootRemoved   = "removed"   // the blocker was removed, or the comment taken back
	MootResolved  = "resolved"  // the finding was, or somebody answers for it, or has put it off
	MootOwned     = "owned"     // somebody owns it again
	MootForecast  = "forecast"  // newer readings say otherwise
	MootMoved     = "moved"     // somebody else is concerned by now
	MootNobody    = "nobody"    // nobody is concerned by now, or knows how to say it
	MootDismissed = "dismissed" // whoever tells people took it away, and gave no reason
	MootUndone    = "undone"    // it is as it was before, or they have changed it themselves since
	MootOther     = "other"     // it is somebody else's by now, and was when they might have heard of it
)

// refresh looks at what waits for people with their own eyes and as things stand now: it
// marks what is moot, and has the rest name things, and whoever owns them, as they are
// named now.
func (t Tenant) refresh(ctx context.Context, u Unit, now time.Time, waiting map[ID][]Waiting) error {
	s, err := t.around(ctx, u, waiting)
	if err != nil {
		return err
	}
	var private []ID // all that are, where words may name any of them; else those that something waits of
	if slices.ContainsFunc(slices.Concat(slices.Collect(maps.Values(waiting))...), func(x Waiting) bool { return x.Words != "" }) {
		if private, err = t.privates(ctx, u); err != nil {
			return err
		}
	} else {
		for _, o := range s.Objectives {
			if o.Private {
				private = append(private, o.ID)
			}
		}
	}
	for who, xs := range waiting {
		by, hidden := newSight(), &Snapshot{}
		if len(private) > 0 {
			hearer := t
			hearer.actor = Someone(who)
			if err := hearer.ask(ctx, u, by, private); err != nil {
				return err
			}
			if hidden, err = t.titles(ctx, u, by); err != nil {
				return err
			}
		}
		for i := range xs {
			x := &xs[i]
			if slices.ContainsFunc(x.about(), by.hides) {
				x.Moot = MootGone
				continue
			}
			if x.Moot, err = t.mootBy(s, x, now); err != nil {
				return err
			}
			if x.Words != "" && !by.clear() {
				x.Words = by.untitled([]Finding{{Message: x.Words}}, hidden)[0].Message
			}
		}
		netStatuses(xs)
		if err := s.netChanges(who, xs); err != nil {
			return err
		}
	}
	return nil
}

// around loads what the waiting events are about.
func (t Tenant) around(ctx context.Context, u Unit, waiting map[ID][]Waiting) (*Snapshot, error) {
	need := Need{Collections: Collections{
		Blockers: true, Standings: true,
		StandingKinds: []string{standingStatus, standingOccurrence, standingReminded, standingFinding, standingSilenced, standingForecast, standingCare, standingRung, standingSession, standingHeld},
	}}
	for _, xs := range waiting {
		for _, x := range xs {
			for _, r := range append(x.about(), x.Event.Aggregate) {
				switch r.Kind {
				case KindKeyResult, KindObjective, KindCycle, KindReset, KindComment:
					need.Refs = append(need.Refs, r)
				}
			}
			if x.Event.Type == EventBlockerOpened {
				if p, ok := x.payload().(*BlockerFact); ok && p.BlockedBy != "" {
					need.Refs = append(need.Refs, Ref{KindPerson, p.BlockedBy})
				}
			}
		}
	}
	return t.there(ctx, u, need)
}

// there loads what there is of the subjects.
func (t Tenant) there(ctx context.Context, u Unit, need Need) (*Snapshot, error) {
	slices.SortFunc(need.Refs, CompareRefs)
	need.Refs = slices.Compact(need.Refs)
	for {
		s, err := u.Load(ctx, t.id, need)
		var gone *NotFoundError
		if !asNotFound(err, &gone) {
			return s, err
		}
		left := without(need.Refs, func(r Ref) bool { return r == gone.Ref })
		if len(left) == len(need.Refs) {
			return nil, err
		}
		need.Refs = left
	}
}

// titles loads what is hidden, to know what it is called.
func (t Tenant) titles(ctx context.Context, u Unit, by *sight) (*Snapshot, error) {
	out := &Snapshot{}
	for page := range slices.Chunk(slices.Sorted(maps.Keys(by.objectives)), maxPage) {
		var need Need
		for _, id := range page {
			need.Refs = append(need.Refs, Ref{KindObjective, id})
		}
		s, err := u.Load(ctx, t.id, need)
		if err != nil {
			return nil, err
		}
		out.Objectives = append(out.Objectives, s.Objectives...)
		out.KeyResults = append(out.KeyResults, s.KeyResults...)
	}
	return out, nil
}

// moot says why nobody need hear of the event any more, and names things as they are.
func (s *Snapshot) moot(x *Waiting, now time.Time) (string, error) {
	payload, err := x.Event.Payload()
	if err != nil {
		return "", err
	}
	if moot, ok, err := s.mootNews(x, payload, now); ok {
		return moot, err
	}
	switch p := payload.(type) {
	case *FindingFact:
		return s.mootFinding(x, p, now)
	case *ResetFact:
		switch r := s.Reset(x.Event.Aggregate.ID); {
		case r == nil:
			return MootGone, nil
		case r.State != ResetOpen || r.Week != p.Week:
			return MootOver, nil
		}
	case *OccurrenceFact:
		return s.mootOf(x, p.KeyResultFact, now, func(k *KeyResult) string {
			came, _ := s.stands(x.Event.Aggregate, standingOccurrence, p.Occurrence)
			since := k.LastCheckIn != nil && !k.LastCheckIn.Before(x.Event.Time)
			escalated := x.Event.Type == EventCheckInEscalated
			care, _ := s.stands(x.Event.Aggregate, standingCare, "")
			told, _ := s.stands(x.Event.Aggregate, standingReminded, p.Occurrence)
			until, _ := time.Parse(time.RFC3339Nano, care.Value)
			switch {
			case answered(came.Value) || since && escalated:
				return MootAnswered
			case x.Event.Type == EventCheckInMissed && k.LastCheckIn != nil && k.LastCheckIn.After(p.Due):
				return MootAnswered // somebody has spoken since it was due, be it before it was missed
			case escalated && s.silenceOver(x.Event.Aggregate, p.Occurrence):
				return MootExcused
			case came.Value == occurrenceExcused || skipped(came.Value):
				return MootExcused
			case escalated && until.After(now) && !care.Since.Before(x.Event.Time):
				return MootCared
			case !escalated && (k.Owner != p.Owner || ID(told.Value) != cmp.Or(p.To, p.Owner)):
				return MootMoved // whoever is asked by now hears of what is open
			}
			return ""
		})
	case *SessionDueFact:
		switch c := s.Cycle(p.Cycle); {
		case c == nil || c.closed(now):
			return MootOver, nil
		case !p.Starts.After(now):
			return MootPast, nil
		}
		if st, ok := s.stands(x.Event.Aggregate, standingSession, p.Session); !ok || st.Value != p.Occurrence || !st.Since.Equal(p.Starts) {
			return MootGone, nil // it was moved, or does not take place
		}
	case *StatusChanged:
		return s.mootOf(x, p.KeyResultFact, now, func(k *KeyResult) string {
			if st := measure.Status(announced(s, x.Event.Aggregate)); st != measure.AtRisk && st != measure.OffTrack {
				return MootRecovered
			}
			return ""
		})
	case *ForecastMissed:
		return s.mootOf(x, p.KeyResultFact, now, func(k *KeyResult) string {
			misses := slices.ContainsFunc(s.StandingsOf(x.Event.Aggregate), func(st Standing) bool { return st.Kind == standingForecast && st.Value == forecastMiss })
			if !misses || measure.Status(announced(s, x.Event.Aggregate)) != measure.OnTrack && !s.heldBack(x.Event.Aggregate, now) {
				return MootForecast
			}
			return ""
		})
	case *BlockerFact:
		return s.mootOf(x, p.KeyResultFact, now, func(k *KeyResult) string {
			i := slices.IndexFunc(s.Blockers, func(b Blocker) bool { return b.ID == p.Blocker && b.ClosedAt == nil })
			if i < 0 {
				return MootRemoved
			}
			owner := s.Blockers[i].Owner
			if gone := s.Person(owner); gone != nil && gone.Left {
				owner = "" // it is with whoever it blocks
			}
			if owner != p.BlockedBy {
				err = x.Event.say(map[string]any{"blocker_owner": owner})
			}
			return ""
		})
	case *KeyResultFact:
		return s.mootOf(x, *p, now, func(k *KeyResult) string {
			if x.Event.Type == EventOwnerLeft && (k.Owner != p.Owner || s.Person(k.Owner) != nil && !s.Person(k.Owner).Left) {
				return MootOwned
			}
			return ""
		})
	}
	return "", err
}

// stands is a standing of the snapshot.
func (s *Snapshot) stands(r Ref, kind, key string) (Standing, bool) {
	all := s.StandingsOf(r)
	if i := slices.IndexFunc(all, func(st Standing) bool { return st.Kind == kind && st.Key == key }); i >= 0 {
		return all[i], true
	}
	return Standing{}, false
}

// mootOf looks at a key result.
func (s *Snapshot) mootOf(x *Waiting, p KeyResultFact, now time.Time, why func(*KeyResult) string) (string, error) {
	k := s.KeyResult(x.Event.Aggregate.ID)
	if k == nil || x.Event.Aggregate.Kind != KindKeyResult {
		return MootGone, nil
	}
	c := s.Cycle(k.Cycle)
	if k.State != Active || c == nil || c.closed(now) {
		return MootOver, nil
	}
	if moot := why(k); moot != "" {
		return moot, nil
	}
	is := map[string]any{}
	if k.Title != p.Title {
		is["title"] = k.Title
	}
	if k.Owner != p.Owner {
		is["owner"] = k.Owner
	}
	if o := s.Objective(k.Objective); o != nil && o.Team != p.Team {
		is["team"] = o.Team
	}
	return "", x.Event.say(is)
}

func (s *Snapshot) mootFinding(x *Waiting, p *FindingFact, now time.Time) (string, error) {
	at, key := x.Event.Aggregate, p.Pack+"/"+p.Rule
	var state State
	var cycle ID
	switch at.Kind {
	case KindKeyResult:
		if k := s.KeyResult(at.ID); k != nil {
			state, cycle = k.State, k.Cycle
		}
	case KindObjective:
		if o := s.Objective(at.ID); o != nil {
			state, cycle = o.State, o.Cycle
		}
	case KindCycle:
		state, cycle = Active, at.ID
		if p.Subject != at {
			key += " " + p.Subject.String()
		}
	}
	c := s.Cycle(cycle)
	switch {
	case c == nil:
		return MootGone, nil
	case state != Active || c.closed(now):
		return MootOver, nil
	}
	_, silent := s.stands(at, standingSilenced, key)
	if st, open := s.stands(at, standingFinding, key); !open || silent || st.Since.After(x.Event.Time) {
		return MootResolved, nil
	}
	is := FindingFact{Subject: p.Subject}
	s.concerning(&is, at)
	change := map[string]any{}
	if p.Subject.Kind != KindTeam && is.Title != p.Title {
		change["title"] = is.Title
	}
	if (at.Kind == KindKeyResult || at.Kind == KindObjective) && is.Owner != p.Owner {
		change["owner"] = is.Owner
	}
	return "", x.Event.say(change)
}

// say puts other values into the event's payload.
func (e *Event) say(values map[string]any) error {
	if len(values) == 0 {
		return nil
	}
	fields := map[string]any{}
	if err := json.Unmarshal(e.Data, &fields); err != nil {
		return err
	}
	maps.Copy(fields, values)
	data, err := canonical(fields)
	e.Data = data
	return err
}

// netStatuses makes one change of all that the status of a key result went through while
// it waited. One that is back where it was is no news.
func netStatuses(xs []Waiting) {
	type change struct {
		first measure.Status
		at    []int
		last  measure.Status
		anew  int // of at: since when it was another one in between, which is no news by itself
	}
	changes := map[ID]*change{}
	for i, x := range xs {
		if x.Moot != "" || x.Event.Type != EventStatusChanged {
			continue
		}
		var p StatusChanged
		if json.Unmarshal(x.Event.Data, &p) != nil {
			continue
		}
		c := changes[x.Event.Aggregate.ID]
		if c == nil {
			c = &change{first: p.From}
			changes[x.Event.Aggregate.ID] = c
		}
		if len(c.at) > 0 && p.From != c.last {
			c.anew = len(c.at)
		}
		c.at, c.last = append(c.at, i), p.To
	}
	for _, c := range changes {
		if c.first != c.last {
			continue
		}
		// It is back where it was. Where it was a good one in between, as the person may
		// well know who reported that, what came after is news all the same.
		over := c.at
		if c.anew > 0 {
			over = c.at[:c.anew]
		}
		for _, i := range over {
			xs[i].Moot = MootRecovered
		}
	}
}
