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
	Standup(ctx context.Context, cycle, team okr.ID) (okr.Standup, error)
}

// CheckInOf fills the weekly check-in of a team. Errors are those of the view.
func CheckInOf(ctx context.Context, from Meetings, cycle, team okr.ID) (CheckIn, error) {
	s, err := from.Standup(ctx, cycle, team)
	if err != nil {
		return CheckIn{}, err
	}
	out := CheckIn{Team: s.Team.Name, Cycle: cycleOf(s.Cycle), On: s.Cycle.Today(s.At)}
	loc := zoneOf(s.Cycle)
	metrics := map[okr.ID]measure.Metric{}
	titles := map[okr.ID]string{}
	names := map[okr.ID]string{}
	for _, c := range s.KeyResults {
		metrics[c.ID], titles[c.ID] = c.Metric, c.Title
		names[c.Owner] = c.OwnerName
		out.KeyResults = append(out.KeyResults, checkInLine(c, loc))
	}
	for _, st := range worstFirst(s.Counts) {
		out.Counts = append(out.Counts, Count{st, s.Counts[st]})
	}
	for _, b := range s.Blockers {
		out.Blockers = append(out.Blockers, Blocked{b.Text, titles[b.KeyResult], names[b.Owner], dayOf(&b.OpenedAt, loc)})
	}
	for _, m := range s.Moved {
		of := metrics[m.KeyResult]
		out.Moved = append(out.Moved, Move{m.Title, Amount{m.From, of}, Amount{m.To, of}})
	}
	return out, nil
}

func checkInLine(c okr.Concern, loc *time.Location) CheckInLine {
	l := CheckInLine{Line: lineOf(c.KeyResultView), AsOf: dayOf(c.CurrentAt, loc)}
	l.Due = c.DueDate
	if c.Next != nil {
		l.Next = dayOf(&c.Next.Due, loc)
	}
	for _, r := range c.Reasons {
		l.Reasons = append(l.Reasons, Reason{r.Code, r.Value, dayOf(r.Since, loc)})
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
