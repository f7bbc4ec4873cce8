package okr

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// EventPolicyChanged tells that the tenant keeps its rhythm otherwise.
const EventPolicyChanged = EventPrefix + "policy.changed"

// policyID is the id of the only policy that a tenant has.
const policyID ID = "policy"

// PolicyRef is the policy of a tenant, for stores: it comes with every load.
func PolicyRef() Ref { return Ref{KindPolicy, policyID} }

// Policy is how a tenant keeps its rhythm, as data: one row. Where it says nothing the
// defaults hold, as they do where none was ever set.
type Policy struct {
	Cadence *Schedule `json:"cadence,omitempty"` // stands above that of every cycle
	Ladder  []Rung    `json:"ladder,omitempty"`  // who hears of silence, ascending by delay; none is DefaultLadder, the owner alone is nobody else
	Budget  Budget    `json:"budget,omitzero"`   // how many notices a person gets, and when

	// AskLive has people asked for check-ins of what a live source keeps up to date,
	// as of everything else. Unless it is set they are not.
	AskLive bool `json:"ask_live,omitempty"`

	Version int64 `json:"version,omitempty"`
}

// RungRole says whom a rung of the ladder names.
type RungRole string

// The roles.
const (
	ToOwner    RungRole = "owner"    // of the key result
	ToBackup   RungRole = "backup"   // of the owner
	ToLead     RungRole = "lead"     // of the team, or of the nearest one above it that has somebody to tell
	ToReviewer RungRole = "reviewer" // the owner of the objective
	ToManager  RungRole = "manager"  // of the owner; only where the host allows it, see Config.TellManagers
)

// Rung is one step of an escalation: whom to tell of silence, and how many working days
// after grace has ended.
type Rung struct {
	To    RungRole `json:"to"`
	After int      `json:"after"`
}

// DefaultLadder is who hears of silence where the policy does not say: the owner when
// grace has ended, one working day later who stands in for them, and after three the
// lead of the team. A manager is in no ladder by default: a reminder about a person is
// appraisal data.
func DefaultLadder() []Rung {
	return []Rung{{ToOwner, 0}, {ToBackup, 1}, {ToLead, 3}}
}

// Budget bounds the notices that one person gets.
type Budget struct {
	PerDay  int `json:"per_day,omitempty"`  // in a civil day of theirs; 0 is the default, below 0 is no limit
	PerWeek int `json:"per_week,omitempty"` // in an ISO week of theirs; 0 is the default, below 0 is no limit

	// Quiet are the hours in which nothing arrives, local to the person; nil is the
	// default, an empty list is none.
	Quiet []QuietHours `json:"quiet,omitzero"`

	// OffDays has notices arrive on days that are no working days of the person, or on
	// which they are away, as well. Unless it is set they wait for the next that is one.
	OffDays bool `json:"off_days,omitempty"`

	// Digest is "15:04" to gather what is to be told in a day for that time of theirs, or
	// for the end of the quiet hours in which that lies; "" tells it as soon as it may.
	Digest string `json:"digest,omitempty"`
}

// QuietHours is a span of local time. It may pass midnight.
type QuietHours struct {
	From string `json:"from"` // "15:04"
	To   string `json:"to"`   // "15:04"; the first minute that is not quiet
}

// DefaultBudget holds where a policy does not say.
func DefaultBudget() Budget {
	return Budget{PerDay: 2, PerWeek: 10, Quiet: []QuietHours{{"19:00", "07:30"}}}
}

// OrDefault is the budget with the defaults where it says nothing.
func (b Budget) OrDefault() Budget {
	d := DefaultBudget()
	if b.PerDay == 0 {
		b.PerDay = d.PerDay
	}
	if b.PerWeek == 0 {
		b.PerWeek = d.PerWeek
	}
	if b.Quiet == nil {
		b.Quiet = d.Quiet
	}
	return b
}

// PolicyFact is the payload of policy.changed. How the policy is now, whoever may reads
// with [View.Policy]; the ledger keeps all of it.
type PolicyFact struct {
	Version int64    `json:"version"` // of the policy, from 1
	Changed []string `json:"changed"` // names of its fields that are otherwise: cadence, ladder, budget, ask_live
}

// SettingPolicy is how a tenant is to keep its rhythm from now on, all of it: what it
// leaves out is as it is by default.
type SettingPolicy struct {
	Policy
	Key string `json:"-"` // idempotency key; "" is none
}

func (p Policy) ref() Ref            { return PolicyRef() }
func (p Policy) reached() int64      { return p.Version }
func (p Policy) concerns() (Ref, ID) { return PolicyRef(), "" }
func (p Policy) at(version int64, _ func(string, *string)) item {
	p.Version = version
	return p
}

// SetPolicy says how the tenant keeps its rhythm. What it said before does not hold any
// more, but for what was announced by it; the same again changes nothing. Where it
// names a version that is not the policy's, it is [ErrConflict]. Every active key
// result is looked at again that follows another schedule by it, or, where the ladder is
// another, that waits for a check-in, and so is everybody for whom something waits, as it
// may go at another time by now. It costs one load of the cycles that are not closed and
// go by another schedule, or of all that are not, where anything else but the budget
// changes.
func (t Tenant) SetPolicy(ctx context.Context, p SettingPolicy) (Decision, error) {
	if err := p.Policy.check(t.desk); err != nil {
		return Decision{}, err
	}
	if err := t.desk.knows("cadence", p.Cadence); err != nil {
		return Decision{}, err
	}
	return t.decide(ctx, Intent{VerbPolicy, []Ref{{KindTenant, ID(t.id)}}}, p.Key, p, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{}); err != nil {
			return err
		}
		was := w.after.PolicyOrDefault()
		if p.Version != 0 && p.Version != was.Version {
			return &ConflictError{PolicyRef(), "somebody changed it since: read it again"}
		}
		now := p.Policy
		now.Version = was.Version
		now.Cadence, now.Ladder, now.Budget.Quiet = now.Cadence.Clone(), slices.Clone(now.Ladder), slices.Clone(now.Budget.Quiet)
		changed := differing(was, now)
		if len(changed) == 0 {
			return nil
		}
		if slices.ContainsFunc(changed, func(f string) bool { return f != "budget" }) {
			if err := w.lookAtPolicy(ctx, was, now, changed); err != nil {
				return err
			}
		}
		if slices.ContainsFunc(changed, func(f string) bool { return f == "budget" || f == "cadence" }) {
			if err := w.lookAtWaiting(ctx); err != nil {
				return err
			}
		}
		return w.made(now, EventPolicyChanged, PolicyFact{now.Version + 1, changed})
	})
}

// Check says what of the policy cannot be used, wherever: an [*InvalidError]. Whether a
// manager may be told, and whether there are the holidays that its cadence names, the
// desk knows.
func (p Policy) Check() error { return p.check(nil) }

func (p Policy) check(d *Desk) error {
	if p.Cadence != nil {
		if err := p.Cadence.CheckPart("cadence"); err != nil {
			return err
		}
	}
	if len(p.Ladder) > maxRungs {
		return invalid("ladder", fmt.Sprint(len(p.Ladder)), "give at most %d rungs", maxRungs)
	}
	roles := []RungRole{ToOwner, ToBackup, ToLead, ToReviewer, ToManager}
	for i, r := range p.Ladder {
		at := fmt.Sprintf("ladder[%d]", i)
		switch {
		case !slices.Contains(roles, r.To):
			return invalid(at+".to", string(r.To), "use owner, backup, lead, reviewer or manager")
		case r.To == ToManager && d != nil && !d.tellManagers:
			return invalid(at+".to", string(r.To), "a reminder about a person is appraisal data: the host must allow it first, with Config.TellManagers")
		case r.After < 0 || r.After > maxRungDelay:
			return invalid(at+".after", fmt.Sprint(r.After), "use 0 to %d working days", maxRungDelay)
		case i > 0 && r.After < p.Ladder[i-1].After:
			return invalid(at+".after", fmt.Sprint(r.After), "rungs ascend: the one before comes after %d working days", p.Ladder[i-1].After)
		case slices.ContainsFunc(p.Ladder[:i], func(o Rung) bool { return o.To == r.To }):
			return invalid(at+".to", string(r.To), "it stands in the ladder already: name each once")
		}
	}
	return p.Budget.check("budget")
}

const (
	maxRungs     = 10
	maxRungDelay = 250 // working days, a year
	mostNotices  = 1000
)

func (b Budget) check(field string) error {
	for _, x := range []struct {
		field string
		n     int
	}{{".per_day", b.PerDay}, {".per_week", b.PerWeek}} {
		if x.n > mostNotices {
			return invalid(field+x.field, fmt.Sprint(x.n), "use at most %d, or a number below 0 for no limit", mostNotices)
		}
	}
	if len(b.Quiet) > maxRungs {
		return invalid(field+".quiet", fmt.Sprint(len(b.Quiet)), "give at most %d spans", maxRungs)
	}
	for i, q := range b.Quiet {
		at := fmt.Sprintf("%s.quiet[%d]", field, i)
		if err := checkTimeOfDay(at+".from", q.From); err != nil {
			return err
		}
		if err := checkTimeOfDay(at+".to", q.To); err != nil {
			return err
		}
		if q.From == q.To {
			return invalid(at+".to", q.To, "it ends where it begins, and nothing would ever arrive: give another time")
		}
	}
	if b.neverOpen() {
		return invalid(field+".quiet", fmt.Sprint(b.Quiet), "together they last all day, and nothing would ever arrive: leave some time")
	}
	if b.Digest == "" {
		return nil
	}
	return checkTimeOfDay(field+".digest", b.Digest)
}

func checkTimeOfDay(field, s string) error {
	if at, err := time.Parse("15:04", s); err != nil || at.Format("15:04") != s {
		return invalid(field, s, "use a time of day such as 16:00")
	}
	return nil
}

// PolicyOrDefault is the policy in force; where none was ever set, one that says
// nothing.
func (s *Snapshot) PolicyOrDefault() Policy {
	if s.Policy == nil {
		return Policy{}
	}
	return *s.Policy
}

// LadderOrDefault is who hears of silence.
func (p Policy) LadderOrDefault() []Rung {
	if len(p.Ladder) == 0 {
		return DefaultLadder()
	}
	return p.Ladder
}

func (s *Snapshot) addPolicy(i Item) error {
	var rows []Policy
	if err := addItem(&rows, i); err != nil {
		return err
	}
	s.Policy = &rows[0]
	return nil
}

// Policy reads how the tenant keeps its rhythm. Where none was ever set its version
// is 0, and the defaults hold.
func (v View) Policy(ctx context.Context) (Policy, error) {
	s, _, err := v.read(ctx, Need{})
	if err != nil {
		return Policy{}, err
	}
	return s.PolicyOrDefault(), nil
}
