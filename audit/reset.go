package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var _ okr.Resetter = (*Judge)(nil)

// Assess implements [okr.Resetter]: it fills in the worksheet of a reset by the packs
// in force and says what the exit of the open week lacks, together with what the weeks
// before it asked for. It is the only place where the conditions stand; the desk, the
// command line and the documentation use these. The same inquiry gets the same answer.
//
// Errors are those of [Judge.Judge].
func (j *Judge) Assess(ctx context.Context, q okr.ResetInquiry) (okr.Assessment, error) {
	s := q.Snapshot.Clone()
	s.Sort()
	if q.Files {
		j.people(s)
	}
	report, jd, err := j.report(ctx, Input{Snapshot: s, Now: q.Now}, s)
	if err != nil {
		return okr.Assessment{}, err
	}
	units, _, err := j.cache.force(j.packs.Set(), s.Packs)
	if err != nil {
		return okr.Assessment{}, err
	}
	r := &resetting{q: q, s: s, judge: j, at: jd.at, findings: jd.findings, units: units}
	r.asks = map[string]string{}
	var a okr.Assessment
	for _, p := range s.Packs {
		p.Text, p.Digest = "", bareDigest(p.Digest)
		a.Packs = append(a.Packs, p)
	}
	order := map[okr.ID]int{}
	for i, o := range jd.at.w.objectives {
		order[o.row.ID] = i
	}
	var kept []*keyResult
	for _, k := range jd.at.w.keyResults {
		if k.objective.row != nil && q.Reset.Covers(s, *k.objective.row) && (open(k) || q.Reset.Row(k.row.ID) != nil) {
			kept = append(kept, k)
		}
	}
	slices.SortStableFunc(kept, func(a, b *keyResult) int {
		return cmp.Or(cmp.Compare(order[a.row.Objective], order[b.row.Objective]), cmp.Compare(a.row.ID, b.row.ID))
	})
	for _, k := range kept {
		row, err := r.row(k)
		if err != nil {
			return okr.Assessment{}, err
		}
		a.Rows = append(a.Rows, row)
	}
	if q.Reset.Week >= okr.WeekAudit {
		r.audited(&a, report)
	}
	a.Missing = r.missing
	a.Counts = countReset(a.Rows)
	return a, nil
}

// open says whether a key result is still to be reached.
func open(k *keyResult) bool { return k.row.State == okr.Draft || k.row.State == okr.Active }

// resetting is one assessment.
type resetting struct {
	q        okr.ResetInquiry
	s        *okr.Snapshot
	judge    *Judge
	at       *places
	findings map[okr.ID][]Finding
	units    []*unit
	asks     map[string]string // by pack/rule: what is lacking where it fails
	missing  []okr.Missing
}

// row says where a key result stands, and notes what it lacks.
func (r *resetting) row(k *keyResult) (okr.ResetStanding, error) {
	sheet := r.judge.row(k, r.findings[k.row.ID], r.at)
	out := okr.ResetStanding{
		KeyResult: k.row.ID, In: k.row.Objective, Objective: k.objective.row.Title,
		Now: okr.ResetAnswers{
			Title: k.row.Title, State: k.row.State, Metric: k.row.Metric, Due: k.due(), OwnerID: k.row.Owner,
			Measurable: sheet.Measurable, Source: sheet.Source, Owner: sheet.Owner,
			Verdict: sheet.Verdict, Fix: sheet.Fix, Version: k.row.Version,
		},
		Aside: !open(k), AsIs: open(k) && r.q.Reset.AsIs(k.row.ID) != nil,
	}
	if k.row.Source != nil {
		out.Now.SourceKind = k.row.Source.Kind
	}
	if k.owner != nil {
		out.OwnerName = k.owner.name()
	}
	for _, f := range sheet.findings {
		if name := f.Pack + "/" + f.Rule; f.Waived == nil && fails(f) && !slices.Contains(out.Now.Failing, name) {
			out.Now.Failing = append(out.Now.Failing, name)
		}
	}
	out.Work = out.Now.Verdict == VerdictNotReady || sheet.Measurable == No || sheet.Measurable == CannotSay || sheet.Source == No || sheet.Owner == No
	if was := r.q.Reset.Row(k.row.ID); was != nil {
		out.Work = was.Work
	}
	out.Confirmed = r.confirmed(k)
	out.CheckedIn = r.checkedIn(k)
	out.Tracked = tracked(k, r.s)
	var err error
	if open(k) && k.cadence != nil {
		out.FirstDue, err = r.firstDue(k)
	}
	if err == nil {
		r.lacking(k, sheet, &out)
	}
	return out, err
}

// fails says whether a finding keeps a key result from being ready.
func fails(f Finding) bool {
	return worseVerdict(VerdictReady, f.Severity, f.Outcome, f.Gate) == VerdictNotReady
}

// firstDue is when the next check-in falls due, nil if none does before the end of the
// cycle, or nobody can tell.
func (r *resetting) firstDue(k *keyResult) (*time.Time, error) {
	c := r.s.Cycle(k.row.Cycle)
	if r.q.Calendar == nil || c == nil || c.End.IsZero() {
		return nil, nil
	}
	from := r.q.Now
	to := k.cycle.endOf(c.End)
	if start := c.Start.In(k.cycle.zone); start.After(from) {
		from = start
	}
	all, err := r.q.Calendar.Occurrences(*k.cadence.row, *c, from, to.Add(time.Second))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0].Due, nil
}

// confirmed says how it is known that the source of a key result exists, "" if it is
// not.
func (r *resetting) confirmed(k *keyResult) string {
	if v := r.q.Reset.Confirmed(*k.row); v != nil {
		return "vouched for by " + r.name(v.By.ID)
	}
	if x := r.s.KPI(k.row.KPI); x != nil && x.CurrentAt != nil {
		return "measured by " + x.Name
	}
	src := k.row.Source
	if src == nil || r.s.SourceFailed(k.row.ID) {
		return ""
	}
	if src.Kind == manualSource {
		for _, c := range r.s.CheckInsOf(k.row.ID) {
			if c.Value.Known() && !c.OccurredAt.Before(r.q.Reset.At) {
				return "read off on " + c.OccurredAt.Format(time.DateOnly)
			}
		}
	}
	for _, x := range r.s.ReadingsOf(k.row.ID) {
		if !fromPeople(x) && (x.Source == src.Kind || x.Source == src.Where) {
			return "delivered on " + x.OccurredAt.Format(time.DateOnly)
		}
	}
	return ""
}

// manualSource is the kind of a source that is read off by hand.
const manualSource = "manual"

// fromPeople says whether a person brought the number: in a check-in, or in a plan.
func fromPeople(r okr.Reading) bool { return r.Source == "checkin" || r.Source == "plan" }

// name is what a person is called.
func (r *resetting) name(id okr.ID) string {
	if p := r.s.Person(id); p != nil && p.Name != "" {
		return p.Name
	}
	return string(id)
}

// checkedIn is when the first whole check-in since week 4 opened was taken.
func (r *resetting) checkedIn(k *keyResult) *time.Time {
	for _, c := range slices.Backward(r.since(k)) {
		if len(r.partial(k, c)) == 0 {
			return &c.OccurredAt
		}
	}
	return nil
}

// since are the check-ins of a key result since week 4 opened, newest first.
func (r *resetting) since(k *keyResult) []okr.CheckInRecord {
	opened := r.q.Reset.Opened(okr.WeekCheckIn)
	if opened == nil {
		return nil
	}
	from := *opened
	if r.q.Files {
		// A file says on which day, and the day counts as a whole.
		from = measure.DateOf(from.In(k.cycle.zone)).In(k.cycle.zone)
	}
	var out []okr.CheckInRecord
	for _, c := range r.s.CheckInsOf(k.row.ID) {
		if !c.OccurredAt.Before(from) {
			out = append(out, c)
		}
	}
	return out
}

// partial names what a check-in lacks. A value may come from the source.
func (r *resetting) partial(k *keyResult, c okr.CheckInRecord) []string {
	var out []string
	if !c.Value.Known() && !slices.ContainsFunc(r.s.ReadingsOf(k.row.ID), func(x okr.Reading) bool {
		return !fromPeople(x) && !x.OccurredAt.Before(*r.q.Reset.Opened(okr.WeekCheckIn))
	}) {
		out = append(out, "a value")
	}
	if !c.Confidence.Known() {
		out = append(out, "a confidence")
	}
	if strings.TrimSpace(c.Note) == "" {
		out = append(out, "a note")
	}
	return out
}

func countReset(rows []okr.ResetStanding) okr.ResetCounts {
	var c okr.ResetCounts
	for _, r := range rows {
		failing := r.Now.Verdict == VerdictNotReady
		if r.Work {
			c.Work++
			if r.Mended {
				c.Mended++
			}
		}
		if r.Aside {
			c.Aside++
			continue
		}
		c.KeyResults++
		if failing {
			c.NotReady++
		}
		if r.AsIs {
			c.AsIs++
		}
		if r.CheckedIn != nil {
			c.CheckedIn++
		}
		switch {
		case r.Tracked.As == okr.RealTime:
			c.RealTime++
		case r.Tracked.As == okr.ByHand:
			c.ByHand++
		default:
			c.Gaps++
		}
	}
	return c
}
