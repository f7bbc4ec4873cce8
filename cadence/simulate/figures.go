package simulate

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Figures are what a rehearsal comes to.
type Figures struct {
	People     int `json:"people"`      // who could be told something: all but those who had left before
	KeyResults int `json:"key_results"` // active ones
	Events     int `json:"events"`      // facts, without notices
	CheckIns   int `json:"checkins"`

	Messages Messages `json:"messages"`

	OnTime  int `json:"on_time"` // occurrences answered in time
	Late    int `json:"late"`    // answered after they were due
	Missed  int `json:"missed"`  // never answered
	Excused int `json:"excused"` // not asked for, since whoever would answer was away
	Skipped int `json:"skipped"` // not asked for, since a live source or a recent check-in answers
	Open    int `json:"open"`    // not decided when the rehearsal ended

	Escalations int `json:"escalations"` // steps of the ladder beyond the owner
	ToManagers  int `json:"to_managers"` // of them, to a manager

	Stalls []Stall `json:"stalls"` // key results that stalled, by name
	Heard  Noticed `json:"noticed"`

	weeks    map[personWeek]int
	kinds    map[string]int
	troubles map[string]time.Time // when somebody first heard of trouble, by key result, since it stalled
	hearer   map[string]okr.ID
}

// Messages are the notices, counted.
type Messages struct {
	Total  int     `json:"total"`
	Mean   float64 `json:"mean"` // to a person in a week, ISO weeks of their own calendar
	P95    int     `json:"p95"`  // of 20 weeks of a person, 19 hold no more
	Max    int     `json:"max"`
	Weeks  []int   `json:"weeks"` // how many weeks of a person held 0, 1, 2, … messages
	ByKind []Kind  `json:"by_kind"`
}

// Kind is how many notices there were of a kind, by their most pressing item.
type Kind struct {
	Kind string `json:"kind"`
	N    int    `json:"n"`
}

// Stall is a key result that stalled, and when somebody heard of its trouble: of a
// status that fell and did not recover, a miss that is foreseen, or a finding.
type Stall struct {
	KeyResult string   `json:"key_result"`
	Since     okr.Date `json:"since"`
	Heard     okr.Date `json:"heard,omitzero"` // zero: nobody heard
	By        okr.ID   `json:"by,omitempty"`   // who heard first
	Days      int      `json:"days"`           // from Since to Heard; -1: nobody heard
}

// Noticed is how long it took until somebody heard of a key result that stalled.
type Noticed struct {
	Stalled int `json:"stalled"`
	Median  int `json:"median_days"` // of those that somebody heard of; -1: of none
	Worst   int `json:"worst_days"`  // likewise
	Never   int `json:"never"`
}

type personWeek struct {
	who        okr.ID
	year, week int
}

func weekOf(who okr.ID, local time.Time) personWeek {
	y, w := local.ISOWeek()
	return personWeek{who, y, w}
}

func (f *Figures) begin(r *rehearsal) {
	f.weeks, f.kinds = map[personWeek]int{}, map[string]int{}
	f.troubles, f.hearer = map[string]time.Time{}, map[string]okr.ID{}
	for _, p := range r.people {
		if p.Left || p.Kind == okr.Group {
			continue
		}
		f.People++
		for at := r.from; at.Before(r.to); at = at.AddDate(0, 0, 1) {
			f.weeks[weekOf(p.ID, at.In(p.zone))] = 0
		}
	}
	for _, m := range r.names {
		if m.active {
			f.KeyResults++
		}
	}
}

func (f *Figures) note(r *rehearsal, e okr.Event, payload any) {
	n, ok := payload.(*okr.NoticeFact)
	if !ok {
		f.Events++
		if e.Type == okr.EventCheckInRecorded {
			f.CheckIns++
		}
		if p, ok := payload.(*okr.OccurrenceFact); ok && e.Type == okr.EventCheckInEscalated {
			f.Escalations++
			if p.Rung == okr.ToManager {
				f.ToManagers++
			}
		}
		if p, ok := payload.(*okr.StatusChanged); ok && (p.To == measure.OnTrack || p.To == measure.Hit) {
			if m := r.ids[e.Aggregate.ID]; m != nil {
				delete(f.troubles, m.name) // a false alarm is no news of the stall
			}
		}
		return
	}
	f.Messages.Total++
	f.kinds[n.Kind]++
	zone := r.zone
	if p := r.people[n.To]; p != nil {
		zone = p.zone
	}
	f.weeks[weekOf(n.To, e.Time.In(zone))]++
	for _, id := range n.About {
		about := r.told[id]
		m := r.ids[about.Aggregate.ID]
		if m == nil || m.path.Stalls.IsZero() || !trouble(about) {
			continue
		}
		if today := measure.DateOf(e.Time.In(r.zone)); today.Before(m.path.Stalls) {
			continue
		}
		if _, heard := f.troubles[m.name]; !heard {
			f.troubles[m.name], f.hearer[m.name] = e.Time, n.To
		}
	}
}

// trouble says whether the event says that a key result does not go as it should.
func trouble(e okr.Event) bool {
	switch e.Type {
	case okr.EventStatusChanged, okr.EventForecastMiss, okr.EventFindingOpened, okr.EventFindingReturned:
		return true
	}
	return false
}

func (f *Figures) close(r *rehearsal) {
	for _, subject := range r.watch.came {
		for _, came := range subject {
			switch came {
			case "answered":
				f.OnTime++
			case "late":
				f.Late++
			case "missed":
				f.Missed++
			case "excused":
				f.Excused++
			case "skipped":
				f.Skipped++
			default:
				f.Open++
			}
		}
	}
	f.Messages.reckon(f.weeks, f.kinds)
	f.Stalls = []Stall{}
	var days []int
	for name, m := range r.names {
		since := m.path.Stalls
		if !m.active || since.IsZero() || !since.In(r.zone).Before(r.to) {
			continue
		}
		s := Stall{KeyResult: name, Since: since, Days: -1}
		if at, heard := f.troubles[name]; heard {
			s.Heard, s.By = measure.DateOf(at.In(r.zone)), f.hearer[name]
			s.Days = max(since.DaysUntil(s.Heard), 0)
			days = append(days, s.Days)
		}
		f.Stalls = append(f.Stalls, s)
	}
	slices.SortFunc(f.Stalls, func(a, b Stall) int { return strings.Compare(a.KeyResult, b.KeyResult) })
	f.Heard = Noticed{Stalled: len(f.Stalls), Median: -1, Worst: -1, Never: len(f.Stalls) - len(days)}
	if len(days) > 0 {
		slices.Sort(days)
		f.Heard.Median, f.Heard.Worst = days[(len(days)-1)/2], days[len(days)-1]
	}
}

func (m *Messages) reckon(weeks map[personWeek]int, kinds map[string]int) {
	all := make([]int, 0, len(weeks))
	for _, n := range weeks {
		all = append(all, n)
		for len(m.Weeks) <= n {
			m.Weeks = append(m.Weeks, 0)
		}
		m.Weeks[n]++
	}
	slices.Sort(all)
	if len(all) > 0 {
		m.Mean = math.Round(100*float64(m.Total)/float64(len(all))) / 100
		m.P95, m.Max = all[(len(all)*95+99)/100-1], all[len(all)-1]
	}
	for kind, n := range kinds {
		m.ByKind = append(m.ByKind, Kind{kind, n})
	}
	slices.SortFunc(m.ByKind, func(a, b Kind) int { return cmp.Or(b.N-a.N, strings.Compare(a.Kind, b.Kind)) })
}
