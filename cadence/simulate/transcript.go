package simulate

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Transcript is what came of a rehearsal.
type Transcript struct {
	Cycle   string   `json:"cycle"` // its key
	Seed    uint64   `json:"seed"`
	Zone    string   `json:"zone"` // the cycle's
	From    okr.Date `json:"from"` // days in the cycle's zone, both included
	Until   okr.Date `json:"until"`
	Cadence string   `json:"cadence"`          // the cycle's, in words
	Policy  Policy   `json:"policy"`           // what it comes to, the usual where it says nothing
	Drafts  []string `json:"drafts,omitempty"` // key results that the rules did not let become active
	Days    []Day    `json:"-"`                // those on which something happened
	Figures Figures  `json:"figures"`

	Refused  int `json:"refused,omitempty"`  // check-ins and readings that the desk refused
	Restarts int `json:"restarts,omitempty"` // ends of a process, see [Stage.Died]

	PolicyName string `json:"policy_name,omitempty"` // see [Variant]
}

// Policy is how the tenant kept its rhythm in a rehearsal, with what is usual where its
// policy does not say.
type Policy struct {
	Budget  okr.Budget `json:"budget"`
	Ladder  []okr.Rung `json:"ladder"`
	AskLive bool       `json:"ask_live,omitempty"`
}

// Day is what happened on a day of the cycle's zone.
type Day struct {
	Date  okr.Date `json:"date"`
	Lines []Line   `json:"lines"`
}

// Line is an event, or a notice to a person.
type Line struct {
	At      time.Time `json:"at"`             // UTC instant
	Type    string    `json:"type"`           // of the event, without its prefix; "notice"
	Subject string    `json:"subject"`        // the key result by its name, or another subject by kind and id
	Who     okr.ID    `json:"who,omitempty"`  // an event's owner; who gets the notice
	Says    string    `json:"says,omitempty"` // what is particular to the event; a notice's title

	Kind  string   `json:"kind,omitempty"`  // of a notice
	Local string   `json:"local,omitempty"` // of a notice: date and time of day on the clock of who gets it
	About []string `json:"about,omitempty"` // the events that a notice tells of, by type and subject; of notice.dropped those that nobody tells, and why
}

// notice is the Type of a line that is a message to a person.
const notice = "notice"

// dropped is the Type of a line that says what somebody was not told.
const dropped = "notice.dropped"

func (t *Transcript) begin(r *rehearsal) {
	t.Cycle, t.Seed, t.Zone = cmp.Or(r.Plan.Cycle.Key, r.Plan.Cycle.Name), r.Seed, r.Plan.Cycle.Zone
	t.From, t.Until = measure.DateOf(r.from.In(r.zone)), measure.DateOf(r.to.Add(-time.Second).In(r.zone))
	t.Cadence = Words(r.cadence)
	p := r.policy()
	t.Policy = Policy{p.Budget.OrDefault(), p.LadderOrDefault(), p.AskLive}
	t.Figures.begin(r)
}

// note writes a line.
func (t *Transcript) note(r *rehearsal, e okr.Event, payload any) {
	day := measure.DateOf(e.Time.In(r.zone))
	if n := len(t.Days); n == 0 || t.Days[n-1].Date != day {
		t.Days = append(t.Days, Day{Date: day})
	}
	line := r.line(e, payload)
	last := &t.Days[len(t.Days)-1]
	last.Lines = append(last.Lines, line)
	t.Figures.note(r, e, payload)
}

func (r *rehearsal) line(e okr.Event, payload any) Line {
	l := Line{At: e.Time, Type: strings.TrimPrefix(e.Type, okr.EventPrefix), Subject: r.nameOf(e.Aggregate)}
	of := func(f okr.KeyResultFact) { l.Who = f.Owner }
	switch p := payload.(type) {
	case *okr.NoticeFact:
		l.Type, l.Who, l.Kind, l.Says, l.Subject = notice, p.To, p.Kind, p.Title, ""
		zone := r.zone
		if who := r.people[p.To]; who != nil {
			zone = who.zone
		}
		l.Local = e.Time.In(zone).Format("2006-01-02 15:04")
		for _, id := range p.About {
			l.About = append(l.About, r.briefly(id))
		}
	case *okr.NoticeDropped:
		l.Who, l.Subject = p.To, ""
		for _, x := range p.Untold {
			l.About = append(l.About, r.briefly(x.Event)+" ("+cmp.Or(x.Reason, "private")+")")
		}
	case *okr.OccurrenceFact:
		of(p.KeyResultFact)
		l.Says = "of " + p.Occurrence
		if p.OverdueDays > 0 {
			l.Says += ", overdue by " + count(p.OverdueDays, "day")
		}
		if p.To != "" && p.To != p.Owner {
			l.Says += ", to " + string(p.To)
		}
		for _, word := range []string{string(p.Rung), p.Why} {
			if word != "" {
				l.Says += ", " + word
			}
		}
	case *okr.CheckInRecorded:
		of(p.KeyResultFact)
		if p.Value.Known() {
			l.Says = "value " + p.Value.String()
		}
		if p.Occurrence != "" {
			l.Says = strings.TrimPrefix(l.Says+", answers "+p.Occurrence, ", ")
		}
	case *okr.ReadingRecorded:
		of(p.KeyResultFact)
		l.Says = p.Value.String() + " from " + p.Source
	case *okr.StatusChanged:
		of(p.KeyResultFact)
		l.Says = string(p.From) + " to " + string(p.To)
	case *okr.ForecastMissed:
		of(p.KeyResultFact)
	case *okr.BlockerFact:
		of(p.KeyResultFact)
		l.Says = cmp.Or(p.BlockerKind, "other")
	case *okr.FindingFact:
		l.Who, l.Says = p.Owner, p.Rule
	case *okr.KeyResultFact:
		of(*p)
	}
	return l
}

// nameOf is what the subject is called in the transcript.
func (r *rehearsal) nameOf(ref okr.Ref) string {
	if m := r.ids[ref.ID]; m != nil && ref.Kind == okr.KindKeyResult {
		return m.name
	}
	switch ref.Kind {
	case okr.KindCycle:
		return strings.TrimSpace("cycle " + cmp.Or(r.Plan.Cycle.Key, r.Plan.Cycle.Name))
	case okr.KindPerson, okr.KindTeam:
		return string(ref.Kind) + " " + string(ref.ID)
	case okr.KindObjective:
		if name := r.objectives[ref.ID]; name != "" {
			return string(ref.Kind) + " " + name
		}
	}
	return string(ref.Kind)
}

// briefly is an event that a notice tells of.
func (r *rehearsal) briefly(id string) string {
	e, known := r.told[id]
	if !known {
		return "an event before the rehearsal"
	}
	says := strings.TrimPrefix(e.Type, okr.EventPrefix) + " " + r.nameOf(e.Aggregate)
	if payload, err := e.Payload(); err == nil {
		switch p := payload.(type) {
		case *okr.OccurrenceFact:
			says += " " + p.Occurrence
		case *okr.FindingFact:
			says += " " + p.Rule
		}
	}
	return says
}

// close reckons up.
func (r *rehearsal) close() *Transcript {
	r.transcript.Figures.close(r)
	return &r.transcript
}

// Words is a schedule in words, such as "every week on Friday at 16:00".
func Words(s *okr.Schedule) string {
	if s == nil || s.Frequency == "" {
		return "no cadence"
	}
	unit, every := "week", max(s.Every, 1)
	on := " on " + s.Weekday.String()
	if s.Frequency == okr.Monthly {
		unit = "month"
		switch {
		case s.Week > 0:
			on = fmt.Sprintf(" on %s number %d", s.Weekday, s.Week)
		case s.Week < 0:
			on = fmt.Sprintf(" on the last %s", s.Weekday)
		case s.Day == 0:
			on = " on the last day"
		default:
			on = fmt.Sprintf(" on day %d", s.Day)
		}
	}
	out := "every " + unit
	if every > 1 {
		out = fmt.Sprintf("every %d %ss", every, unit)
	}
	return out + on + " at " + cmp.Or(s.At, "17:00")
}
