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

	// What somebody else has done to what is theirs. It may be an objective as well: then
	// KeyResult holds what is known of that, and no id of one.
	KindEnded    = "ended"    // it was postponed, given up or said to be done, or its cycle is closed
	KindGiven    = "given"    // it is theirs now
	KindTaken    = "taken"    // it is theirs no longer
	KindChanged  = "changed"  // it is not what it was
	KindDecision = "decision" // a decision was taken about it, or is theirs to see through
	KindComment  = "comment"  // somebody has commented on it, or answered them
)

// pressing is the order of kinds within a notice.
var pressing = func() map[string]int {
	order := map[string]int{}
	for i, kind := range []string{
		KindBlocker, KindOwnerLeft, KindOverdue, KindMissed, KindEscalated, KindEnded, KindGiven, KindTaken, KindChanged, KindDecision,
		KindStatus, KindForecast, KindFinding, KindReset, KindDue, KindSession, KindComment, KindAcknowledged,
	} {
		order[kind] = i
	}
	return order
}()

// Message is everything that one person is to be told at one time, before it is
// rendered. It holds names, and no note of anybody.
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
	By        []string       // checkin-acknowledged, and what others have done: names of those who did; none: a program, or somebody unknown
	Owner     string         // checkin-escalated, and status told to somebody else: name of whose key result it is; taken: of whoever has it now; "" is not known
	Changed   []string       // changed: title, target, due, state (it goes on), metric (how it is measured), override (its status, by hand), other; one each
	Before    okr.Terms      // changed: what it was; what is not known, or is private, is empty
	Now       okr.Terms      // changed, ended: what it is
	Outcome   measure.Status // ended: of a closed cycle: hit, missed, unknown, carried_over; "" is that its state says it
	Score     measure.Number // ended: of a closed cycle, [0,1]
	Yours     bool           // decision: they are to see it through; comment: it answers theirs
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
		case KindDecision, KindComment:
			add(i.Kind, len(i.Events))
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
