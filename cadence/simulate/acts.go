package simulate

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// act is something that somebody does at an instant.
type act struct {
	at    time.Time
	order int // of those at one instant, that of their planning
	do    func(context.Context) error
}

type acts []act

func (a acts) Len() int { return len(a) }
func (a acts) Less(i, j int) bool {
	return a[i].at.Before(a[j].at) || a[i].at.Equal(a[j].at) && a[i].order < a[j].order
}
func (a acts) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *acts) Push(x any)   { *a = append(*a, x.(act)) }
func (a *acts) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}

func (r *rehearsal) plan(at time.Time, do func(context.Context) error) {
	r.order++
	heap.Push(&r.acts, act{at, r.order, do})
}

// schedule plans what does not depend on anything: sources and the script.
func (r *rehearsal) schedule() {
	for _, name := range sorted(r.Feeds) {
		m, f := r.names[name], r.Feeds[name]
		every := f.Every.Duration()
		if every == 0 && m.source != nil {
			every = m.source.Interval.Duration()
		}
		if every == 0 {
			every = okr.EveryWeek.Duration()
		}
		// Sources deliver at night, each at a minute of its own.
		at := r.from.Add(time.Duration(r.chance.about("feed", name).IntN(5*60)) * time.Minute)
		for at = at.Add(every); at.Before(r.to); at = at.Add(every) {
			r.plan(at, func(ctx context.Context) error { return r.deliver(ctx, m, f) })
		}
	}
	for i, x := range r.Script {
		if x.At.Before(r.now) || !x.At.Before(r.to) {
			continue
		}
		r.plan(x.At, func(ctx context.Context) error { return r.step(ctx, x, fmt.Sprintf("script %d", i)) })
	}
}

func sorted[K ~string, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// deliver has a source deliver, or fail.
func (r *rehearsal) deliver(ctx context.Context, m *measured, f Feed) error {
	c := okr.Collected{KeyResult: m.id, Source: sourceOf(m)}
	if today := measure.DateOf(r.now.In(r.zone)); f.fails(today) {
		c.Error = "it did not answer"
	} else {
		v := r.value(m)
		if !v.Known() {
			return nil
		}
		c.Readings = []okr.Measurement{{Value: v, OccurredAt: r.now}}
	}
	return r.record(ctx, m, c, "feed "+m.name+" "+r.now.Format(time.RFC3339))
}

func sourceOf(m *measured) string {
	if m.source != nil && m.source.Kind != "" {
		return m.source.Kind
	}
	return "rehearsal"
}

func (r *rehearsal) record(ctx context.Context, m *measured, c okr.Collected, key string) error {
	c.Key = key
	return r.did(r.again(func() error {
		_, err := r.as(okr.Service(sourceOf(m))).Record(ctx, c)
		return err
	}))
}

// value is what the key result's number is now, as whoever looks would read it.
func (r *rehearsal) value(m *measured) measure.Number {
	noise := 0.0
	if m.path.Noise > 0 {
		noise = r.chance.about("noise", m.name, r.now.Format(time.RFC3339)).NormFloat64()
	}
	return m.path.at(m.metric, r.Plan.Cycle.Start, r.Plan.Cycle.End, measure.DateOf(r.now.In(r.zone)), noise)
}

// did counts what the desk refused; anything else that is wrong ends the rehearsal.
func (r *rehearsal) did(err error) error {
	if errors.Is(err, okr.ErrRefused) || errors.Is(err, okr.ErrInvalid) || errors.Is(err, okr.ErrConflict) {
		r.transcript.Refused++
		return nil
	}
	return err
}

func (r *rehearsal) step(ctx context.Context, x Step, key string) error {
	m := r.names[x.KeyResult]
	switch {
	case x.Leaves != "":
		p := r.people[x.Leaves]
		if p == nil {
			return nil
		}
		row := p.Person
		row.Left = true
		return r.did(r.again(func() error {
			_, err := r.as(coordinator).SyncPeople(ctx, okr.Directory{People: []okr.Person{row}, Key: key})
			return err
		}))
	case x.CheckIn != "":
		return r.checkIn(ctx, m, x.CheckIn, x.Blocker, key)
	case x.Fails != "":
		return r.record(ctx, m, okr.Collected{KeyResult: m.id, Source: sourceOf(m), Error: x.Fails}, key)
	}
	c := okr.Collected{KeyResult: m.id, Source: sourceOf(m), Readings: []okr.Measurement{{Value: x.Reading, OccurredAt: r.now}}}
	return r.record(ctx, m, c, key)
}

// checkIn has somebody check in.
func (r *rehearsal) checkIn(ctx context.Context, m *measured, who okr.ID, blocker, key string) error {
	if !m.active {
		return nil
	}
	c := okr.CheckIn{KeyResult: m.id, Value: r.value(m), Confidence: r.confidence(m), Key: key}
	if blocker != "" {
		c.Blockers = []okr.NewBlocker{{Text: blocker}}
	}
	return r.did(r.again(func() error {
		_, err := r.as(okr.Someone(who)).CheckIn(ctx, c)
		return err
	}))
}

// confidence falls when a key result does not move.
func (r *rehearsal) confidence(m *measured) measure.Number {
	if m.path.stalled(measure.DateOf(r.now.In(r.zone))) {
		return measure.N(5)
	}
	return measure.N(7)
}

// hear takes what was committed into the transcript and lets people react to it.
func (r *rehearsal) hear(quiet bool) {
	for _, e := range r.watch.take() {
		event := e.Event
		if e.Type == okr.EventNoticeReady {
			// The ledger holds the words of a notice by reference; the wire has them.
			if full, err := okr.ParseCloudEvent(e.Wire); err == nil {
				event = full
			}
		}
		r.told[event.ID] = event
		payload, err := event.Payload()
		if err != nil || quiet {
			continue
		}
		r.transcript.note(r, event, payload)
		switch p := payload.(type) {
		case *okr.OccurrenceFact:
			if e.Type == okr.EventCheckInDue {
				r.unprompted(p)
			}
		case *okr.NoticeFact:
			r.reminded(p)
		}
	}
}

// unprompted has whoever is asked answer an occurrence without being asked, or not.
func (r *rehearsal) unprompted(p *okr.OccurrenceFact) {
	m, who := r.ids[p.KeyResult], r.people[cmp.Or(p.To, p.Owner)]
	if m == nil || who == nil || who.Left {
		return
	}
	c := r.chance.about("unprompted", string(who.ID), m.name, p.Occurrence)
	if !happens(c, who.habit.Unprompted) {
		return
	}
	within := max(p.Due.Sub(r.now), 0)
	r.answer(m, who, r.now.Add(time.Duration(c.Float64()*float64(within)).Round(time.Minute)), p.Occurrence)
}

// reminded has a person answer what a notice asks for, or not.
func (r *rehearsal) reminded(n *okr.NoticeFact) {
	who := r.people[n.To]
	if who == nil || who.Left {
		return
	}
	for _, id := range n.About {
		about, known := r.told[id]
		if !known || !strings.HasPrefix(about.Type, okr.EventPrefix+"checkin.") {
			continue
		}
		payload, err := about.Payload()
		if err != nil {
			continue
		}
		p, ok := payload.(*okr.OccurrenceFact)
		if !ok || r.ids[p.KeyResult] == nil {
			continue
		}
		c := r.chance.about("answer", string(who.ID), r.ids[p.KeyResult].name, p.Occurrence, about.Type)
		if happens(c, who.habit.Answers) {
			r.answer(r.ids[p.KeyResult], who, r.now.Add(lasting(c, who.habit.Median, who.habit.Slow)), p.Occurrence)
		}
	}
}

// answer plans that a person checks in, at the first time from the instant on at which
// they work.
func (r *rehearsal) answer(m *measured, who *person, at time.Time, occurrence string) {
	if m.answering || !m.active {
		return
	}
	at = r.working(who, at)
	if !at.Before(r.to) {
		return
	}
	m.answering = true
	r.plan(at, func(ctx context.Context) error {
		m.answering = false
		if who.Left {
			return nil
		}
		blocker := ""
		if happens(r.chance.about("blocked", m.name, occurrence), who.habit.Blocked) {
			blocker = "Waiting for another team"
		}
		return r.checkIn(ctx, m, who.ID, blocker, "answer "+m.name+" "+at.Format(time.RFC3339))
	})
}

// away says whether the person is away on the day.
func (p *person) away(day okr.Date) bool {
	return slices.ContainsFunc(p.Away, func(s okr.Span) bool { return s.Has(day) })
}

// working is the first instant from at on at which the person works.
func (r *rehearsal) working(who *person, at time.Time) time.Time {
	const morning, evening = 9, 18
	for at.Before(r.to) {
		local := at.In(who.zone)
		day := measure.DateOf(local)
		if weekday := day.Weekday(); weekday == time.Saturday || weekday == time.Sunday || local.Hour() >= evening || who.away(day) || r.holiday(who, day) {
			next := day.AddDays(1)
			at = time.Date(next.Year, next.Month, next.Day, morning, local.Minute(), 0, 0, who.zone)
			continue
		}
		if local.Hour() < morning {
			return time.Date(day.Year, day.Month, day.Day, morning, local.Minute(), 0, 0, who.zone).UTC()
		}
		return at.UTC()
	}
	return at
}
