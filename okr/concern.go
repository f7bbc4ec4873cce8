package okr

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Concern is a key result as somebody meets it who has to do something about it:
// where it stands, why it needs attention, and when it is due next.
type Concern struct {
	KeyResultView
	Rank      int         `json:"rank,omitempty"`      // of its objective; 0 is unranked
	Committed bool        `json:"committed,omitempty"` // of its objective
	DueDate   Date        `json:"due_date,omitzero"`   // its own, or its cycle's last day
	Team      ID          `json:"team,omitempty"`      // of its objective
	Reasons   []Reason    `json:"reasons"`             // most urgent first; none: nothing needs attention
	Next      *Occurrence `json:"next,omitempty"`      // the check-in that is open, or else the next; nil where nothing is scheduled
}

// Reason is one reason why a key result needs attention.
type Reason struct {
	Code  ReasonCode     `json:"code"`
	Value measure.Number `json:"value,omitzero"` // what the code says: points behind, points of confidence lost, days
	Since *time.Time     `json:"since,omitempty"`
}

// ReasonCode says what a reason is, for whoever puts it into words.
type ReasonCode string

// The reasons, most urgent first.
const (
	ReasonOffTrack   ReasonCode = "off_track"          // Value: percentage points behind expected progress
	ReasonUnknown    ReasonCode = "unknown"            // no reading, or nothing to measure it by
	ReasonStale      ReasonCode = "stale"              // Value: age of the newest reading in days
	ReasonBlocked    ReasonCode = "blocked"            // Value: blockers open; Since: the oldest
	ReasonOverdue    ReasonCode = "overdue"            // Since: when the check-in was due
	ReasonAtRisk     ReasonCode = "at_risk"            // Value: percentage points behind expected progress
	ReasonConfidence ReasonCode = "confidence_dropped" // Value: points lost since the check-in before
	ReasonStated     ReasonCode = "stated_differs"     // a person says on track, and the number does not
	ReasonOwner      ReasonCode = "no_owner"           // nobody owns it, or its owner has left
	ReasonDue        ReasonCode = "due"                // Since: when the reminder for the open check-in went out

	// Of an agenda only, see [View.Agenda].
	ReasonAdjust  ReasonCode = "adjustment_due"    // not on track, and its initiatives stay as they were; Since: its status fell
	ReasonAwaits  ReasonCode = "awaits_dependency" // Value: dependencies that are overdue or not answered yet; Since: the oldest was asked
	ReasonSource  ReasonCode = "source_failed"     // Since: when its source delivered an error
	ReasonFinding ReasonCode = "finding_opened"    // Value: findings opened since the team met last, or in seven days; Since: the oldest
)

// urgency is the place of the codes, the most urgent first.
var urgency = []ReasonCode{
	ReasonOffTrack, ReasonUnknown, ReasonStale, ReasonBlocked, ReasonOverdue, ReasonAtRisk, ReasonConfidence, ReasonStated, ReasonOwner, ReasonDue,
}

func moreUrgent(a, b Concern) int { return firstIn(urgency, a, b) }

// firstIn is how much somebody should care: the place of its first reason in the
// order, then how many there are, then how far behind it is, then what was promised
// first.
func firstIn(order []ReasonCode, a, b Concern) int {
	place := func(c Concern) int {
		if len(c.Reasons) == 0 {
			return len(order)
		}
		return slices.Index(order, c.Reasons[0].Code)
	}
	gap := func(c Concern) float64 { v, _ := c.Measured.Gap.Value(); return v }
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(len(b.Reasons), len(a.Reasons)), cmp.Compare(gap(b), gap(a)),
		compareRanks(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
}

// concerns reads the key results with the ids, in the order of the ids, and rows of
// the kinds that concern them.
func (v View) concerns(ctx context.Context, u Unit, now time.Time, ids []ID, kinds ...Kind) ([]Concern, *Snapshot, error) {
	if len(ids) == 0 {
		return nil, &Snapshot{Tenant: v.t.id}, nil
	}
	in := Intent{Verb: VerbAppraise}
	for _, id := range ids {
		in.Subjects = append(in.Subjects, Ref{KindKeyResult, id})
	}
	need := Need{Refs: in.Subjects, Collections: Collections{CheckIns: confidences, Blockers: true, Standings: true, Items: kinds}}
	s, err := v.t.desk.read(ctx, u, v.t.id, in, need)
	if err != nil {
		return nil, nil, err
	}
	measured, verdict, err := v.judge(ctx, s, in, now)
	if err != nil {
		return nil, nil, err
	}
	goalposts, err := v.goalposts(ctx, u, s, in, now)
	if err != nil {
		return nil, nil, err
	}
	as := v.asked(u, s, now)
	out := make([]Concern, 0, len(ids))
	for _, id := range ids {
		k := s.KeyResult(id)
		if k == nil {
			continue
		}
		c, err := as.concern(ctx, viewKeyResult(s, *k, measured, verdict, now).promising(goalposts))
		if err != nil {
			return nil, nil, err
		}
		out = append(out, c)
	}
	return out, s, nil
}

// asked knows who is asked for what as a snapshot has it.
func (v View) asked(u Unit, s *Snapshot, now time.Time) *work {
	return &work{Tenant: v.t, unit: u, now: now, before: s, after: s}
}

func (w *work) concern(ctx context.Context, k KeyResultView) (Concern, error) {
	s := w.after
	c := Concern{KeyResultView: k, DueDate: s.DueDate(k.KeyResult)}
	if o := s.Objective(k.Objective); o != nil {
		c.Rank, c.Team, c.Committed = o.Rank, o.Team, o.Committed
	}
	var err error
	if c.Next, err = w.nextCheckIn(ctx, k.KeyResult); err != nil {
		return c, err
	}
	c.Reasons = s.reasons(c, w.now)
	return c, nil
}

// confidences is how many check-ins are read to see whether confidence fell.
const confidences = 4

// nextCheckIn is the occurrence that is open, or else the next one that somebody is asked
// for.
func (w *work) nextCheckIn(ctx context.Context, k KeyResult) (*Occurrence, error) {
	schedule, cycle := w.after.CadenceOf(k), w.after.Cycle(k.Cycle)
	if w.desk.calendar == nil || schedule == nil || cycle == nil || k.State != Active || k.ActivatedAt == nil || cycle.closed(w.now) {
		return nil, nil
	}
	interval := schedule.Interval().Duration()
	from := w.now.Add(-interval)
	if from.Before(*k.ActivatedAt) {
		from = *k.ActivatedAt
	}
	all, err := w.desk.calendar.Occurrences(*schedule, *cycle, from, w.now.Add(2*interval+72*time.Hour))
	if err != nil {
		return nil, err
	}
	came := w.came(k)
	for i, o := range all {
		past := !o.Due.After(w.now)
		superseded := i+1 < len(all) && !all[i+1].Opens.After(w.now)
		if concluded(came[o.Key]) || past && superseded {
			continue
		}
		switch _, excused, err := w.asked(ctx, k, o); {
		case err != nil:
			return nil, err
		case !excused:
			return &all[i], nil
		}
	}
	return nil, nil
}

func (s *Snapshot) reasons(c Concern, now time.Time) []Reason {
	var out []Reason
	add := func(code ReasonCode, v measure.Number, since *time.Time) { out = append(out, Reason{code, v, since}) }
	behind := measure.Number{}
	if g, ok := c.Measured.Gap.Value(); ok {
		behind = measure.N(100 * g)
	}
	if c.State == Active {
		switch c.Measured.Status {
		case measure.OffTrack:
			add(ReasonOffTrack, behind, nil)
		case measure.Unknown:
			add(ReasonUnknown, measure.Number{}, nil)
		case measure.Stale:
			add(ReasonStale, measure.N(float64(int(c.Age.Hours()/24))), c.CurrentAt)
		case measure.AtRisk:
			add(ReasonAtRisk, behind, nil)
		}
		if c.Stated == measure.OnTrack && (c.Measured.Status == measure.OffTrack || c.Measured.Status == measure.AtRisk) {
			add(ReasonStated, behind, c.LastCheckIn)
		}
	}
	if n := len(c.Blocked); n > 0 {
		oldest := slices.MinFunc(c.Blocked, func(a, b Blocker) int { return a.OpenedAt.Compare(b.OpenedAt) }).OpenedAt
		add(ReasonBlocked, measure.N(float64(n)), &oldest)
	}
	if o := c.Next; o != nil {
		switch {
		case !now.Before(o.GraceEnds):
			add(ReasonOverdue, measure.Number{}, &o.Due)
		case !now.Before(o.Opens):
			add(ReasonDue, measure.Number{}, &o.Opens)
		}
	}
	if lost := lostConfidence(s.CheckInsOf(c.ID)); lost > 0 {
		add(ReasonConfidence, measure.N(lost), c.LastCheckIn)
	}
	if p := s.Person(c.Owner); c.State == Active && (p == nil || p.Left) {
		add(ReasonOwner, measure.Number{}, nil)
	}
	slices.SortStableFunc(out, func(a, b Reason) int {
		return cmp.Compare(slices.Index(urgency, a.Code), slices.Index(urgency, b.Code))
	})
	return out
}

// lostConfidence is by how many points the newest stated confidence lies below
// the one before, 0 if it does not.
func lostConfidence(newestFirst []CheckInRecord) float64 {
	var told []float64
	for _, c := range newestFirst {
		if v, ok := c.Confidence.Value(); ok {
			told = append(told, v)
		}
	}
	if len(told) < 2 {
		return 0
	}
	return max(0, told[1]-told[0])
}

// list lists every key result that matches, up to the most that one call reads.
func (v View) list(ctx context.Context, u Unit, q Query) ([]ID, error) {
	q.Limit = maxPage
	return u.List(ctx, v.t.id, q)
}
