package ical

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// gathering is what takes place for one feed.
type gathering struct {
	feeds  *Feeds
	tenant okr.TenantID
	feed   Feed
	now    time.Time
	name   string
	own    string         // zone of the person, "" is the cycle's
	zone   *time.Location // in which the cycle is shown
	words  words
	place  map[string]Entry // by uid
	told   map[string]Told  // by uid
	seen   []sight
}

// sight is what the reader sees of a cycle.
type sight struct {
	s *okr.Snapshot
	c okr.Cycle
}

func (f *Feeds) gather(ctx context.Context, tenant okr.TenantID, feed Feed, told []Told) (*gathering, error) {
	t := f.desk.For(tenant).As(okr.Automation("ical"))
	if feed.Kind == okr.KindPerson {
		t = t.As(okr.Someone(feed.ID))
	} else if feed.Kind != okr.KindTeam {
		return nil, okr.ErrNotFound
	}
	g := &gathering{feeds: f, tenant: tenant, feed: feed, now: t.Now(), zone: time.UTC, place: map[string]Entry{}, words: wordsIn(f.config.Language), told: map[string]Told{}}
	for _, x := range told {
		g.told[x.UID] = x
	}
	cycles, err := t.View().Cycles(ctx)
	if err != nil {
		return nil, err
	}
	s, err := t.View().Setting(ctx, "", []okr.Ref{okr.Ref(feed)})
	if err == nil {
		err = g.reader(s)
	}
	if err != nil {
		return nil, err
	}
	for _, c := range cycles {
		if c.ClosedAt != nil && !c.ClosedAt.After(g.now.Add(-longPast)) {
			continue
		}
		s, err := t.View().Setting(ctx, c.ID, []okr.Ref{okr.Ref(feed)})
		if err != nil {
			return nil, err
		}
		if feed.Kind == okr.KindTeam {
			s = s.Open(g.now)
		}
		g.seen = append(g.seen, sight{s, c})
		if c.ClosedAt != nil {
			continue // of what was told the words are looked up
		}
		if err := g.live(c); err != nil {
			return nil, err
		}
		timetable := t.View().Timetable
		if feed.Kind == okr.KindTeam {
			timetable = t.View().OpenTimetable // who will be away is not for the whole team
		}
		due, err := timetable(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		dates, err := t.View().SessionDates(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		g.checkIns(s, c, due)
		g.sessions(s, c, dates)
		g.end(c)
	}
	return g, nil
}

// reader finds whose feed it is.
func (g *gathering) reader(s *okr.Snapshot) error {
	if g.feed.Kind == okr.KindTeam {
		g.name = "OKR: " + s.Team(g.feed.ID).Name
		return nil
	}
	p := s.Person(g.feed.ID)
	if p.Left || p.Kind == okr.Group {
		return okr.ErrNotFound
	}
	g.name, g.own = "OKR: "+p.Name, p.Zone
	g.words = wordsIn(cmp.Or(p.Language, g.feeds.config.Language))
	return nil
}

// live finds in which zone the reader sees the cycle: in their own, or in its.
func (g *gathering) live(c okr.Cycle) (err error) {
	g.zone, err = time.LoadLocation(cmp.Or(g.own, c.Zone))
	return err
}

// slot is what is due at one instant.
type slot struct {
	key string // of the occurrence: the civil date that was named for it
	due time.Time
}

// checkIns enters the check-ins that lie ahead: one for all that a reader is asked for
// at one instant.
func (g *gathering) checkIns(s *okr.Snapshot, c okr.Cycle, due []okr.Appointment) {
	slots := map[slot][]okr.KeyResult{}
	for _, a := range due {
		k := s.KeyResult(a.KeyResult)
		if k == nil {
			continue // not for everybody
		}
		mine := a.Asked == g.feed.ID
		if g.feed.Kind == okr.KindTeam {
			o := s.Objective(k.Objective)
			mine = o != nil && o.Team == g.feed.ID
		}
		if mine {
			at := slot{a.Key, a.Due.UTC()}
			slots[at] = append(slots[at], *k)
		}
	}
	order := make([]slot, 0, len(slots))
	for at := range slots {
		order = append(order, at)
	}
	slices.SortFunc(order, func(a, b slot) int { return cmp.Or(strings.Compare(a.key, b.key), a.due.Compare(b.due)) })
	nth := 0
	for i, at := range order {
		// What is due at several times of one day keeps its place among them, when the
		// first of them is past as well.
		if nth++; i == 0 || order[i-1].key != at.key {
			nth = 0
		}
		id := uid(g.tenant, g.feed, "checkin", string(c.ID), at.key, itoa(nth))
		for was, known := g.told[id]; known && was.begun(g.now); was, known = g.told[id] {
			nth++
			id = uid(g.tenant, g.feed, "checkin", string(c.ID), at.key, itoa(nth))
		}
		g.place[id] = g.checkIn(s, c, at.due, slots[at])
	}
}

func (g *gathering) checkIn(s *okr.Snapshot, c okr.Cycle, due time.Time, ks []okr.KeyResult) Entry {
	e := Entry{Starts: due, Ends: due.Add(g.feeds.config.Lasts), Over: due.Add(g.feeds.config.Lasts), Zone: g.zone.String()}
	g.word(&e, s, c, ks)
	return e
}

// again is what was told of the past, in the words of today: of what the reader may
// still see. It is false where that is nothing.
func (g *gathering) again(e Entry) (Entry, bool) {
	if len(e.Of) == 0 {
		return e, true
	}
	for _, x := range g.seen {
		var ks []okr.KeyResult
		for _, id := range e.Of {
			if k := x.s.KeyResult(id); k != nil && k.Cycle == x.c.ID {
				ks = append(ks, *k)
			}
		}
		if len(ks) > 0 {
			of := e.Of // whoever is let in again reads of it again
			g.word(&e, x.s, x.c, ks)
			e.Of = of
			return e, true
		}
	}
	return e, false
}

// word says what a check-in is of.
func (g *gathering) word(e *Entry, s *okr.Snapshot, c okr.Cycle, ks []okr.KeyResult) {
	slices.SortFunc(ks, func(a, b okr.KeyResult) int {
		return cmp.Or(strings.Compare(a.Title, b.Title), strings.Compare(string(a.ID), string(b.ID)))
	})
	e.Title, e.Private, e.Of = g.words.checkIn(ks[0].Title, len(ks)), false, nil
	var text []string
	for _, k := range ks {
		line := "- " + k.Title
		if p := s.Person(k.Owner); p != nil && k.Owner != g.feed.ID {
			line += " (" + p.Name + ")"
		}
		text = append(text, line)
		if o := s.Objective(k.Objective); o != nil && o.Private {
			e.Private = true
		}
		e.Of = append(e.Of, k.ID)
	}
	about := okr.Ref{Kind: okr.KindKeyResult, ID: ks[0].ID}
	if len(ks) > 1 {
		about = okr.Ref{Kind: okr.KindCycle, ID: c.ID}
	}
	e.Text = strings.Join(append(text, "", cmp.Or(c.Name, c.Key)), "\n")
	e.Link = g.link(about)
}

func (g *gathering) link(about okr.Ref) string {
	if g.feeds.config.Link == nil {
		return ""
	}
	return g.feeds.config.Link(g.tenant, about)
}

// end enters the last day of the cycle.
func (g *gathering) end(c okr.Cycle) {
	g.place[uid(g.tenant, g.feed, "end", string(c.ID))] = Entry{
		Day: c.End, Over: c.End.AddDays(1).In(g.zone).UTC(), Zone: g.zone.String(),
		Title: fmt.Sprintf(g.words.ends, cmp.Or(c.Name, c.Key)), Link: g.link(okr.Ref{Kind: okr.KindCycle, ID: c.ID}),
	}
}
