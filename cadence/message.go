package cadence

import (
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// The kinds of what a notice tells of, the most pressing first. They are open at
// the end.
const (
	KindBlocker      = "blocker"              // somebody is to remove what blocks a key result
	KindOwnerLeft    = "owner-left"           // a key result needs another owner
	KindOverdue      = "checkin-overdue"      // grace is over
	KindMissed       = "checkin-missed"       // the next check-in is due already
	KindEscalated    = "checkin-escalated"    // somebody else has not answered for some time
	KindAcknowledged = "checkin-acknowledged" // somebody has read a check-in
	KindStatus       = "status"               // a key result is now at risk or off track
	KindForecast     = "forecast"             // a key result is on track, and will miss if nothing changes
	KindFinding      = "finding"              // rules find fault with it
	KindDue          = "checkin-due"          // a check-in is due soon
	KindSession      = "session-due"          // a session of a cycle comes up
)

// pressing is the order of kinds within a notice.
var pressing = map[string]int{KindBlocker: 0, KindOwnerLeft: 1, KindOverdue: 2, KindMissed: 3, KindEscalated: 4, KindStatus: 5, KindForecast: 6, KindFinding: 7, KindReset: 8, KindDue: 9, KindSession: 10, KindAcknowledged: 11}

// Message is everything that one person is to be told at one time, before it is
// rendered. It holds no name and no note of anybody.
type Message struct {
	Tenant okr.TenantID
	To     okr.ID // the person
	Kind   string // of the most pressing item, and of the notice
	Items  []Item // at least one, the most pressing first

	Language string // the person's, BCP 47; "" is the host's default
}

// Item is what is to be told of one key result. Times are in the zone of the
// person, or else of the cycle.
// Fields that its kind does not name are zero. Findings may be about something else
// than a key result: then KeyResult holds what is known of that, and no id of one.
type Item struct {
	Kind      string
	KeyResult okr.KeyResultFact
	Due       time.Time      // checkin-due, checkin-overdue, checkin-escalated: when it is or was due; session-due: when it begins
	Past      bool           // checkin-due: it was due already when this is told
	Days      int            // checkin-overdue, checkin-missed, checkin-escalated: whole days since the first unanswered one was due
	Missed    []time.Time    // checkin-overdue, checkin-missed: when the missed ones were due, ascending
	Blockers  []string       // blocker: what kind of thing blocks it, one each
	Status    measure.Status // status: what it is now
	Was       measure.Status // status: what was announced before, "" is nothing
	Progress  measure.Number // status: share of the way, [0,1]
	Expected  measure.Number // status: share of the way, [0,1]
	On        okr.Date       // forecast: the day on which it is due; reset: the last day of the week
	Week      int            // reset: that has opened
	Unit      string         // forecast: of Low and High
	Low       measure.Number // forecast: eight of ten times the value will lie between Low and High
	High      measure.Number // forecast
	Session   string         // session-due: planning, checkin, review, or its name
	Minutes   int            // session-due: how long it is to take, 0 is not said
	Findings  []string       // finding: what rules say of it, one each
	Link      string         // where the host shows the key result, if it said so
	Events    []okr.Event    // the facts behind it
}

// Count is how many things of one kind a message tells of.
type Count struct {
	Kind string
	N    int
}

// Counts says how much of each kind there is, the most pressing first. Each
// missed check-in and each blocker counts as one.
func (m Message) Counts() []Count {
	var out []Count
	add := func(kind string, n int) {
		for i := range out {
			if out[i].Kind == kind {
				out[i].N += n
				return
			}
		}
		if n > 0 {
			out = append(out, Count{kind, n})
		}
	}
	for _, i := range m.Items {
		switch i.Kind {
		case KindBlocker:
			add(i.Kind, len(i.Blockers))
		case KindMissed:
			add(i.Kind, len(i.Missed))
		case KindFinding:
			add(i.Kind, len(i.Findings))
		default:
			add(i.Kind, 1)
		}
	}
	return out
}

// notice is the message with its text.
func (m Message) notice(t Text) okr.Notice {
	n := okr.Notice{To: m.To, Kind: m.Kind, Title: t.Title, Body: t.Body, Link: m.Link(), Language: t.Language, UnsubscribeText: t.Unsubscribe}
	if n.Link != "" {
		n.LinkText = t.Open
	}
	for _, i := range m.Items {
		for _, e := range i.Events {
			n.About = append(n.About, e.ID)
		}
	}
	return n
}

// Link is where the host shows what the message is about, "" if it is about several
// things: then each item has its own.
func (m Message) Link() string {
	for _, i := range m.Items {
		if i.Link != m.Items[0].Link {
			return ""
		}
	}
	if len(m.Items) == 0 {
		return ""
	}
	return m.Items[0].Link
}
