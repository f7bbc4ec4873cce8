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

	// Occurrences are those that were opened; each counts once among what follows.
	Occurrences int `json:"occurrences"`

	OnTime  int `json:"on_time"` // answered in time
	Late    int `json:"late"`    // answered after they were due
	Missed  int `json:"missed"`  // never answered
	Excused int `json:"excused"` // not asked for, since whoever would answer was away
	Skipped int `json:"skipped"` // not asked for, since a live source or a recent check-in answers
	Open    int `json:"open"`    // not decided when the rehearsal ended

	Escalations int `json:"escalations"` // steps of the ladder beyond the owner
	ToManagers  int `json:"to_managers"` // of them, to a manager

	Stalls []Stall `json:"stalls"` // key results that stalled, by name
	Heard  Noticed `json:"noticed"`

	weeks    map[personDay]int // notices
	told     map[personDay]int
	budget   okr.Budget
	days     int
	kinds    map[string]int
	troubles map[string]time.Time // when somebody first heard of trouble, by key result, since it stalled
	hearer   map[string]okr.ID
}

// Messages are the notices, counted as [okr.Budget] does: a week is an ISO week, from
// Monday to Sunday, and a day a civil one, both of the person's own calendar. Each week
// of which a day is rehearsed counts, so that the first and the last may be short.
type Messages struct {
	Total  int     `json:"total"`
	Mean   float64 `json:"mean"`    // to a person in seven days
	P95    int     `json:"p95"`     // of 20 weeks of a person, 19 hold no more
	Max    int     `json:"max"`     // in a week of a person
	MaxDay int     `json:"max_day"` // in a day of a person
	Weeks  []int   `json:"weeks"`   // how many weeks of a person held 0, 1, 2, … messages
	ByKind []Kind  `json:"by_kind"`

	// FullWeeks and FullDays are how many weeks and days of a person held as many as the
	// budget lets through: what else there was waited.
	FullWeeks int `json:"full_weeks"`
	FullDays  int `json:"full_days"`
}

// Kind is how many notices there were of a kind, by their most pressing item.
type Kind struct {
	Kind string `json:"kind"`
	N    int    `json:"n"`
}

// Stall is a key result that stalled, and when somebody was first told of what came of
// it: a status that fell to at risk or off track and did not recover, a miss that is
// foreseen, a check-in that is overdue, missed or escalated, or a finding about progress
// or silence. What was so before it stalled is no news of it.
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

// personDay is a day of a person, or a week, by its Monday.
type personDay struct {
	who okr.ID
	day okr.Date
}

func mondayOf(day okr.Date) okr.Date { return day.AddDays(-(int(day.Weekday()) + 6) % 7) }

func (f *Figures) begin(r *rehearsal) {
	f.weeks, f.told, f.kinds = map[personDay]int{}, map[personDay]int{}, map[string]int{}
	f.budget = r.transcript.Policy.Budget
	f.troubles, f.hearer = map[string]time.Time{}, map[string]okr.ID{}
	f.days = r.transcript.From.DaysUntil(r.transcript.Until) + 1
	for _, p := range r.people {
		if p.Left || p.Kind == okr.Group {
			continue
		}
		f.People++
		last := measure.DateOf(r.to.Add(-time.Second).In(p.zone))
		for week := mondayOf(measure.DateOf(r.from.In(p.zone))); !last.Before(week); week = week.AddDays(7) {
			f.weeks[personDay{p.ID, week}] = 0
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
	day := measure.DateOf(e.Time.In(zone))
	f.told[personDay{n.To, day}]++
	f.weeks[personDay{n.To, mondayOf(day)}]++
	for _, id := range n.About {
		about := r.told[id]
		m := r.ids[about.Aggregate.ID]
		if m == nil || !m.path.stalled(measure.DateOf(about.Time.In(r.zone))) || !trouble(about) {
			continue
		}
		if _, heard := f.troubles[m.name]; !heard {
			f.troubles[m.name], f.hearer[m.name] = e.Time, n.To
		}
	}
}

// aboutProgress are the rules of the packs that come along whose findings say that a
// key result does not move, or that nobody looks.
var aboutProgress = []string{"checked-in", "not-a-document", "confidence-holds", "stated-agrees", "watermelon"}

// trouble says whether the event is news that a key result which moves no more can
// bring about: its status, its forecast or a finding about its progress, or that nobody
// says how it goes.
func trouble(e okr.Event) bool {
	switch e.Type {
	case okr.EventForecastMiss, okr.EventCheckInOverdue, okr.EventCheckInMissed, okr.EventCheckInEscalated:
		return true
	case okr.EventStatusChanged, okr.EventFindingOpened, okr.EventFindingReturned:
	default:
		return false
	}
	payload, err := e.Payload()
	if err != nil {
		return false
	}
	switch p := payload.(type) {
	case *okr.StatusChanged:
		return p.To == measure.AtRisk || p.To == measure.OffTrack
	case *okr.FindingFact:
		return slices.Contains(aboutProgress, p.Rule)
	}
	return false
}

func (f *Figures) close(r *rehearsal) {
	for _, subject := range r.watch.came {
		f.Occurrences += len(subject)
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
			case "live", "recent":
				f.Skipped++
			default:
				f.Open++
			}
		}
	}
	f.Messages.reckon(f)
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

func (m *Messages) reckon(f *Figures) {
	m.Weeks, m.ByKind = []int{}, []Kind{}
	all := make([]int, 0, len(f.weeks))
	for _, n := range f.weeks {
		all = append(all, n)
		for len(m.Weeks) <= n {
			m.Weeks = append(m.Weeks, 0)
		}
		m.Weeks[n]++
		if f.budget.PerWeek > 0 && n >= f.budget.PerWeek {
			m.FullWeeks++
		}
	}
	for _, n := range f.told {
		m.MaxDay = max(m.MaxDay, n)
		if f.budget.PerDay > 0 && n >= f.budget.PerDay {
			m.FullDays++
		}
	}
	slices.Sort(all)
	if len(all) > 0 && f.People > 0 {
		m.Mean = math.Round(100*7*float64(m.Total)/float64(f.People*f.days)) / 100
		m.P95, m.Max = all[(len(all)*95+99)/100-1], all[len(all)-1]
	}
	for kind, n := range f.kinds {
		m.ByKind = append(m.ByKind, Kind{kind, n})
	}
	slices.SortFunc(m.ByKind, func(a, b Kind) int { return cmp.Or(b.N-a.N, strings.Compare(a.Kind, b.Kind)) })
}
