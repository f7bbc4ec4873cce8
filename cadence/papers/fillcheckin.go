package papers

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Meetings is where the weekly check-in reads from; [okr.View] is one.
type Meetings interface {
	Agenda(ctx context.Context, q okr.AgendaQuery) (okr.Agenda, error)
	Standup(ctx context.Context, cycle, team okr.ID) (okr.Standup, error)
	Blockers(ctx context.Context, q okr.BlockerQuery) ([]okr.BlockerView, error)
}

// CheckInOf fills the weekly check-in of a team with its agenda. Errors are those of
// the view.
func CheckInOf(ctx context.Context, from Meetings, q okr.AgendaQuery) (CheckIn, error) {
	a, err := from.Agenda(ctx, q)
	if err != nil {
		return CheckIn{}, err
	}
	s, err := from.Standup(ctx, q.Cycle, q.Team)
	if err != nil {
		return CheckIn{}, err
	}
	f := checkingIn{zone: zoneOf(a.Cycle), names: map[okr.ID]string{}, rows: map[okr.ID]okr.KeyResult{}}
	for _, c := range s.KeyResults {
		f.names[c.Owner], f.rows[c.ID] = c.OwnerName, c.KeyResult
	}
	if err := f.others(ctx, from, q, s.Blockers); err != nil {
		return CheckIn{}, err
	}
	out := CheckIn{Team: a.Team.Name, Cycle: cycleOf(a.Cycle), On: a.Cycle.Today(a.At), Minutes: a.Budget}
	for _, p := range a.Points {
		out.KeyResults = append(out.KeyResults, f.point(p))
	}
	for _, p := range a.Deferred {
		l := f.point(p.Point)
		l.How = p.How
		out.Outside = append(out.Outside, l)
	}
	for _, p := range a.Quiet {
		l := f.line(p.Concern)
		l.Confirm = p.Confirm
		out.Quiet = append(out.Quiet, l)
	}
	for _, st := range worstFirst(s.Counts) {
		out.Counts = append(out.Counts, Count{st, s.Counts[st]})
	}
	for _, b := range s.Blockers {
		out.Blockers = append(out.Blockers, Blocked{b.Text, f.rows[b.KeyResult].Title, f.name(b.Owner), dayOf(&b.OpenedAt, f.zone)})
	}
	for _, m := range s.Moved {
		of := f.rows[m.KeyResult].Metric
		out.Moved = append(out.Moved, Move{m.Title, Amount{m.From, of}, Amount{m.To, of}})
	}
	return out, nil
}

// checkingIn knows what the lines of an agenda name.
type checkingIn struct {
	zone  *time.Location
	names map[okr.ID]string
	rows  map[okr.ID]okr.KeyResult
}

// others learns the names of those who shall remove blockers and own no key result
// of the team, if there are any.
func (f checkingIn) others(ctx context.Context, from Meetings, q okr.AgendaQuery, blockers []okr.Blocker) error {
	if !slices.ContainsFunc(blockers, func(b okr.Blocker) bool { return b.Owner != "" && f.names[b.Owner] == "" }) {
		return nil
	}
	all, err := from.Blockers(ctx, okr.BlockerQuery{Cycle: q.Cycle, Team: q.Team, Open: true})
	if err != nil {
		return err
	}
	for _, b := range all {
		f.names[b.Owner] = b.OwnerName
	}
	return nil
}

// name is what a person is called, as far as the key results say it.
func (f checkingIn) name(id okr.ID) string {
	if n := f.names[id]; n != "" {
		return n
	}
	return string(id)
}

func (f checkingIn) point(p okr.Point) CheckInLine {
	l := f.line(p.Concern)
	l.Minutes = p.Minutes
	for _, id := range p.With {
		if id != p.Owner && id != "" {
			l.With = append(l.With, f.name(id))
		}
	}
	return l
}

func (f checkingIn) line(c okr.Concern) CheckInLine {
	l := CheckInLine{Line: lineOf(c.KeyResultView), AsOf: dayOf(c.CurrentAt, f.zone)}
	l.Due = c.DueDate
	if c.Next != nil {
		l.Next = dayOf(&c.Next.Due, f.zone)
	}
	for _, r := range c.Reasons {
		l.Reasons = append(l.Reasons, Reason{r.Code, r.Value, dayOf(r.Since, f.zone)})
	}
	return l
}

// lineOf is a key result of a view as papers list it.
func lineOf(k okr.KeyResultView) Line {
	l := keyResultLine(k.KeyResult)
	l.Objective, l.Owner, l.Team = k.ObjectiveTitle, k.OwnerName, k.TeamName
	if k.Measured.Current.Known() {
		l.Current.Value = k.Measured.Current
	}
	l.Progress, l.Expected, l.Status = k.Measured.Progress, k.Measured.Expected, k.Measured.Status
	return l
}

// LineOf is a key result of a snapshot as papers list it, with nothing measured.
func LineOf(s *okr.Snapshot, k okr.KeyResult) Line {
	l := keyResultLine(k)
	l.Owner, l.Due, l.Cadence = personName(s, k.Owner, k.OwnerText), s.DueDate(k), s.CadenceOf(k)
	if o := s.Objective(k.Objective); o != nil {
		l.Objective, l.Team = o.Title, teamName(s, *o)
	}
	return l
}

// keyResultLine is what the row alone says.
func keyResultLine(k okr.KeyResult) Line {
	of := func(n measure.Number) Amount { return Amount{n, k.Metric} }
	l := Line{
		Title: k.Title, Owner: k.OwnerText, Baseline: of(k.Metric.Baseline), Target: of(k.Metric.Target), Current: of(k.Current),
		Confidence: k.Confidence, Due: k.Due, Cadence: k.Cadence,
	}
	switch k.Metric.Kind {
	case measure.Between:
		l.Target, l.Upper = of(k.Metric.Low), of(k.Metric.High)
	case measure.YesNo, measure.Milestones, measure.Zones:
		l.Baseline = of(measure.Number{})
	}
	if s := k.Source; s != nil {
		l.Source = s.Where
		if l.Source == "" {
			l.Source = s.Kind
		}
	}
	return l
}

func cycleOf(c okr.Cycle) Cycle { return Cycle{c.Name, c.Zone, c.Start, c.End} }

// zoneOf is the cycle's time zone, UTC where it has none.
func zoneOf(c okr.Cycle) *time.Location {
	loc, err := c.Location()
	if err != nil {
		return time.UTC
	}
	return loc
}

func dayOf(t *time.Time, loc *time.Location) okr.Date {
	if t == nil || t.IsZero() {
		return okr.Date{}
	}
	return measure.DateOf(t.In(loc))
}

// severity is the order in which statuses are counted, the worst first; those of a
// host's packs stand behind.
var severity = []measure.Status{
	measure.OffTrack, measure.AtRisk, measure.Stale, measure.Unknown, measure.Pending, measure.OnTrack,
}

func worstFirst(counts map[measure.Status]int) []measure.Status {
	var out, rest []measure.Status
	for _, s := range severity {
		if counts[s] > 0 {
			out = append(out, s)
		}
	}
	for s, n := range counts {
		if n > 0 && !slices.Contains(severity, s) {
			rest = append(rest, s)
		}
	}
	slices.Sort(rest)
	return append(out, rest...)
}
