package okr

import (
	"context"
)

// EventDecisionRecorded tells that people took a decision.
const EventDecisionRecorded = EventPrefix + "decision.recorded"

// DecisionFact is the payload of decision.recorded. What was decided, and why,
// stays in the ledger.
type DecisionFact struct {
	Decision ID     `json:"decision"`
	Subject  Ref    `json:"subject"`
	Cycle    ID     `json:"cycle,omitempty"`
	Session  ID     `json:"session,omitempty"` // where it was taken
	Owner    ID     `json:"owner,omitempty"`   // who sees it through
	Title    string `json:"title,omitempty"`   // what its subject is called, unless that is private
	Whose    ID     `json:"whose,omitempty"`   // who owns its subject, a key result or an objective that is no draft
}

// NewDecision is a decision that people took because of what a key result, an
// objective, a team or a cycle told them.
type NewDecision struct {
	Subject Ref    `json:"subject,omitzero"`
	Cycle   ID     `json:"cycle,omitempty"`   // of a decision about a team: the cycle that it concerns
	Session ID     `json:"session,omitempty"` // where it was taken
	Text    string `json:"text"`
	Reason  string `json:"reason,omitempty"`
	Owner   ID     `json:"owner,omitempty"` // who sees it through
	Key     string `json:"-"`               // idempotency key; "" is none
}

func (d NewDecision) check(prefix string) error {
	for _, err := range []error{
		checkRef(prefix+"subject", d.Subject, KindKeyResult, KindObjective, KindTeam, KindCycle),
		checkID(prefix+"cycle", d.Cycle, false),
		checkID(prefix+"session", d.Session, false),
		checkText(prefix+"text", d.Text, maxNote, true),
		checkText(prefix+"reason", d.Reason, maxNote, false),
		checkID(prefix+"owner", d.Owner, false),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// RecordDecision records a decision that people took. It stands where the cycle
// is reviewed.
func (t Tenant) RecordDecision(ctx context.Context, d NewDecision) (Decision, error) {
	if err := d.check(""); err != nil {
		return Decision{}, err
	}
	return t.decide(ctx, Intent{VerbDecision, []Ref{d.Subject}}, d.Key, d, func(ctx context.Context, w *work) error {
		need, fields := Need{Refs: []Ref{d.Subject}}, map[Ref]string{}
		for field, r := range map[string]Ref{"cycle": {KindCycle, d.Cycle}, "session": {KindSession, d.Session}, "owner": {KindPerson, d.Owner}} {
			if r.ID != "" && r != d.Subject {
				need.Refs, fields[r] = append(need.Refs, r), field
			}
		}
		if err := w.bring(ctx, need); err != nil {
			return misnamed(err, fields)
		}
		w.intent.Subjects = nil
		return w.decided("", d)
	})
}

// decided writes a decision; what it names is loaded.
func (w *work) decided(prefix string, d NewDecision) error {
	cycle, err := w.belongs(d.Subject, d.Cycle)
	if err != nil {
		return err
	}
	if err := w.responsible(prefix+"owner", d.Owner); err != nil {
		return err
	}
	if s := w.after.Session(d.Session); s != nil && cycle != "" && s.Cycle != cycle {
		return invalid(prefix+"session", string(d.Session), "it was held in another cycle, %s", s.Cycle)
	}
	x := DecisionRecord{
		ID: ID(w.desk.newID()), Subject: d.Subject, Cycle: cycle, Session: d.Session,
		Text: d.Text, Reason: d.Reason, Owner: d.Owner, By: w.actor, At: w.now,
	}
	w.intent.Subjects = append(w.intent.Subjects, x.ref())
	return w.put(x, EventDecisionRecorded, DecisionFact{
		x.ID, x.Subject, x.Cycle, x.Session, x.Owner, w.after.titleOf(x.Subject), w.after.promisedTo(x.Subject),
	})
}

// Decision is the recorded decision with the id, nil if the snapshot has none.
func (s *Snapshot) Decision(id ID) *DecisionRecord {
	return find(s.Decisions, id, func(d DecisionRecord) ID { return d.ID })
}

// DecisionQuery selects recorded decisions. Empty fields do not restrict.
type DecisionQuery struct {
	Subject Ref // key result, objective, team or cycle
	Cycle   ID
	Session ID
}

// Decisions reads one page of the decisions that people took, oldest first.
func (v View) Decisions(ctx context.Context, q DecisionQuery, p Paging) (Page[DecisionRecord], error) {
	if q.Subject != (Ref{}) {
		if err := checkRef("subject", q.Subject, KindKeyResult, KindObjective, KindTeam, KindCycle); err != nil {
			return Page[DecisionRecord]{}, err
		}
	}
	return listItems(ctx, v, ItemQuery{Kind: KindDecision, Subject: q.Subject, Cycle: q.Cycle}, p,
		func(s *Snapshot) []DecisionRecord { return s.Decisions },
		func(d DecisionRecord) bool { return q.Session == "" || d.Session == q.Session })
}
