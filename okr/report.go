package okr

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// ReportKind says which read model a report shows.
type ReportKind string

// The kinds of report.
const (
	ReportTree      ReportKind = "tree"      // the whole cycle, with findings
	ReportPortfolio ReportKind = "portfolio" // every page of it
	ReportStandup   ReportKind = "standup"   // of a team
	ReportMatters   ReportKind = "matters"   // of a person
	ReportNothing   ReportKind = "nothing"   // who has nothing
)

// ReportSpec says what to report on.
type ReportSpec struct {
	Kind   ReportKind `json:"kind"`
	Cycle  ID         `json:"cycle"`
	Team   ID         `json:"team,omitempty"`   // of a standup; restricts a portfolio
	Person ID         `json:"person,omitempty"` // whose matters
}

// Report is a read model as of a cut that it names. The same spec at the same cut
// gives the same reader the same bytes, for ever, but for words that were erased
// since, and for what the reader may see: that is asked anew whenever a report is
// made, so that whoever has gained or lost a right since reads more or less.
type Report struct {
	Spec ReportSpec      `json:"spec"`
	Cut  Cut             `json:"cut"`
	Body json.RawMessage `json:"body"` // canonical JSON of the read model
}

func (r ReportSpec) check(field string) error {
	if err := checkID(field+"cycle", r.Cycle, true); err != nil {
		return err
	}
	switch r.Kind {
	case ReportTree, ReportNothing, ReportPortfolio:
	case ReportStandup:
		return checkID(field+"team", r.Team, true)
	case ReportMatters:
		return checkID(field+"person", r.Person, true)
	default:
		return invalid(field+"kind", string(r.Kind), "use tree, portfolio, standup, matters or nothing")
	}
	return checkID(field+"team", r.Team, false)
}

// Report makes a report of what is known now: it takes a cut, and reads as of it.
// Like [Tenant.Cut] it stands outside [Tenant.In] and [Tenant.Do].
func (t Tenant) Report(ctx context.Context, spec ReportSpec) (Report, error) {
	if err := spec.check(""); err != nil {
		return Report{}, err
	}
	cut, err := t.Cut(ctx)
	if err != nil {
		return Report{}, err
	}
	return t.AsOf(cut).Report(ctx, spec)
}

// Report makes a report again. The view must be one of [Tenant.AsOf]: what a
// report says can only be said again of a cut.
func (v View) Report(ctx context.Context, spec ReportSpec) (Report, error) {
	if err := spec.check(""); err != nil {
		return Report{}, err
	}
	if v.cut == nil {
		return Report{}, invalid("cut", "", "a report names its cut: read it from Tenant.AsOf, or make one with Tenant.Report")
	}
	body, err := v.reported(ctx, spec)
	if err != nil {
		return Report{}, err
	}
	b, err := canonical(body)
	if err != nil {
		return Report{}, fmt.Errorf("okr: %s report: %w", spec.Kind, err)
	}
	return Report{Spec: spec, Cut: *v.cut, Body: b}, nil
}

func (v View) reported(ctx context.Context, spec ReportSpec) (any, error) {
	switch spec.Kind {
	case ReportTree:
		return v.Tree(ctx, spec.Cycle)
	case ReportStandup:
		return v.Standup(ctx, spec.Cycle, spec.Team)
	case ReportMatters:
		return v.Matters(ctx, Matter{Person: spec.Person, Cycle: spec.Cycle})
	case ReportNothing:
		return v.Nothing(ctx, spec.Cycle)
	}
	rows := []PortfolioRow{}
	q := Portfolio{Cycle: spec.Cycle, Team: spec.Team, Limit: maxPage}
	for {
		page, err := v.Portfolio(ctx, q)
		if err != nil {
			return nil, err
		}
		rows = append(rows, page.Items...)
		if page.Next == "" {
			return rows, nil
		}
		q.After = page.Next
	}
}

// The event types of reports.
const (
	EventReportScheduled = EventPrefix + "report.scheduled"
	EventReportDue       = EventPrefix + "report.due"
)

// ReportSchedule is a report that is made by a rhythm of its own.
type ReportSchedule struct {
	ID       ID         `json:"id"`
	Name     string     `json:"name"` // unique within the cycle
	Spec     ReportSpec `json:"spec"`
	Schedule Schedule   `json:"schedule"`
	To       []ID       `json:"to,omitempty"` // people for whom it is
	Stopped  bool       `json:"stopped,omitempty"`
	By       Actor      `json:"by"`
	At       time.Time  `json:"at"` // UTC instant
	Version  int64      `json:"version"`
}

func (x ReportSchedule) ref() Ref            { return Ref{KindReport, x.ID} }
func (x ReportSchedule) reached() int64      { return x.Version }
func (x ReportSchedule) concerns() (Ref, ID) { return Ref{KindCycle, x.Spec.Cycle}, x.Spec.Cycle }
func (x ReportSchedule) at(version int64, _ func(string, *string)) item {
	x.Version = version
	return x
}

// ReportFact is the payload of report.scheduled and report.due. Whoever hears that
// a report is due makes it as of what was known when it fell due, with
// [Tenant.CutAt] and [View.Report]: it says the same whenever, and however often,
// it is made.
type ReportFact struct {
	Report     ID         `json:"report"`
	Name       string     `json:"name"`
	Spec       ReportSpec `json:"spec"`
	To         []ID       `json:"to,omitempty"`
	Occurrence string     `json:"occurrence,omitempty"`
	Due        *time.Time `json:"due,omitempty"`     // UTC instant
	Skipped    int        `json:"skipped,omitempty"` // occurrences that passed unannounced since the last, while nothing ran
	Stopped    bool       `json:"stopped,omitempty"`
}

// Scheduling asks for a report by a rhythm, or changes or stops one.
type Scheduling struct {
	Report   ID         `json:"report,omitempty"` // the one to change; "" is the one of that name, or a new one
	Name     string     `json:"name"`
	Spec     ReportSpec `json:"spec"`
	Schedule Schedule   `json:"schedule"`
	To       []ID       `json:"to,omitempty"`
	Stop     bool       `json:"stop,omitempty"`
	Key      string     `json:"-"` // idempotency key; "" is none
}

// ScheduleReport has a report fall due by a rhythm, until its cycle closes. The
// report of the same name in the cycle is changed. Each time it falls due, an event
// report.due tells of it, once; after downtime only the last time that was missed.
func (t Tenant) ScheduleReport(ctx context.Context, s Scheduling) (Decision, error) {
	for _, err := range []error{
		checkText("name", s.Name, maxName, true), s.Spec.check("spec."), s.Schedule.Check("schedule"),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	if err := t.desk.knows("schedule", &s.Schedule); err != nil {
		return Decision{}, err
	}
	if len(s.To) > maxList {
		return Decision{}, invalid("to", fmt.Sprint(len(s.To)), "name at most %d people", maxList)
	}
	cycle := Ref{KindCycle, s.Spec.Cycle}
	return t.decide(ctx, Intent{VerbReport, []Ref{cycle}}, s.Key, s, func(ctx context.Context, w *work) error {
		need := Need{Refs: []Ref{cycle}, Collections: Collections{Items: []Kind{KindReport}}}
		if s.Spec.Team != "" {
			need.Refs = append(need.Refs, Ref{KindTeam, s.Spec.Team})
		}
		for _, p := range append([]ID{s.Spec.Person}, s.To...) {
			if p != "" {
				need.Refs = append(need.Refs, Ref{KindPerson, p})
			}
		}
		if err := w.bring(ctx, need); err != nil {
			return err
		}
		if err := w.open(s.Spec.Cycle); err != nil {
			return err
		}
		row := ReportSchedule{By: w.actor, At: w.now}
		i := slices.IndexFunc(w.after.Reports, func(r ReportSchedule) bool { return r.Name == s.Name })
		switch {
		case i >= 0:
			row = w.after.Reports[i]
		case s.Stop:
			return invalid("name", s.Name, "no report of the cycle has that name")
		default:
			row.ID = ID(w.desk.newID())
		}
		row.Name, row.Spec, row.Schedule, row.To, row.Stopped = s.Name, s.Spec, s.Schedule, slices.Clone(s.To), s.Stop
		if err := w.made(row, EventReportScheduled, ReportFact{Report: row.ID, Name: row.Name, Spec: row.Spec, To: row.To, Stopped: row.Stopped}); err != nil {
			return err
		}
		next, err := w.nextReport(row, w.now)
		if err != nil {
			return err
		}
		w.setStanding(Standing{Subject: row.ref(), Kind: standingReport, Since: w.now, NextLook: next})
		return nil
	})
}

// nextReport is when the report falls due next after an instant, nil if never.
func (w *work) nextReport(r ReportSchedule, after time.Time) (*time.Time, error) {
	c := w.after.Cycle(r.Spec.Cycle)
	if w.desk.calendar == nil || r.Stopped || c == nil || c.closed(w.now) {
		return nil, nil
	}
	all, err := w.desk.calendar.Occurrences(r.Schedule, *c, after, after.Add(2*r.Schedule.Interval().Duration()+72*time.Hour))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0].Due, nil
}

// settleReports announces the reports that fell due.
func (w *work) settleReports(ctx context.Context, refs []Ref) error {
	for _, ref := range refs {
		if ref.Kind != KindReport {
			continue
		}
		s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true}})
		if asNotFound(err, new(*NotFoundError)) {
			continue
		}
		if err != nil {
			return err
		}
		if err := w.settleReport(ctx, s.Reports[0], s); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) settleReport(ctx context.Context, r ReportSchedule, s *Snapshot) error {
	if w.after.Cycle(r.Spec.Cycle) == nil {
		around, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{{KindCycle, r.Spec.Cycle}}})
		if err != nil {
			return err
		}
		w.after.Cycles = append(w.after.Cycles, around.Cycles...)
		w.before.Cycles = append(w.before.Cycles, around.Cycles...)
		w.after.Sort()
		w.before.Sort()
	}
	i := slices.IndexFunc(s.Standings, func(st Standing) bool { return st.Subject == r.ref() && st.Kind == standingReport })
	if i < 0 || r.Stopped || w.over(r.Spec.Cycle) || w.desk.calendar == nil {
		return nil
	}
	st := s.Standings[i]
	passed, err := w.desk.calendar.Occurrences(r.Schedule, *w.after.Cycle(r.Spec.Cycle), st.Since, w.now)
	if err != nil {
		return err
	}
	if len(passed) > 0 {
		last := passed[len(passed)-1]
		w.expect(r.ref(), r.Version)
		if err := w.put(r, EventReportDue, ReportFact{
			Report: r.ID, Name: r.Name, Spec: r.Spec, To: r.To, Occurrence: last.Key, Due: &last.Due, Skipped: len(passed) - 1,
		}); err != nil {
			return err
		}
		st.Since, st.Value = last.Due, last.Key
	}
	if st.NextLook, err = w.nextReport(r, w.now); err != nil {
		return err
	}
	w.setStanding(st)
	return nil
}

// Reports lists the reports that are scheduled for a cycle.
func (v View) Reports(ctx context.Context, cycle ID) ([]ReportSchedule, error) {
	s, _, err := v.read(ctx, Need{Refs: []Ref{{KindCycle, cycle}}, Collections: Collections{Items: []Kind{KindReport}}})
	if err != nil {
		return nil, err
	}
	return s.Reports, nil
}
