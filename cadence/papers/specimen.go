package papers

import (
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// specimen is a filled paper of a kind, with everything in it that there can be, by
// which templates are tried.
func specimen(k Kind) Data {
	on := measure.Date{Year: 2026, Month: time.October, Day: 12}
	cycle := Cycle{"Q4 2026", "Europe/Zurich", measure.Date{Year: 2026, Month: time.October, Day: 1}, measure.Date{Year: 2026, Month: time.December, Day: 31}}
	percent := measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(12), Target: measure.N(18)}
	of := func(v float64) Amount { return Amount{measure.N(v), percent} }
	weekly := okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}
	line := Line{
		Title: "Title", Objective: "Objective", Owner: "Owner", Team: "Team", Baseline: of(12), Target: of(18), Current: of(15),
		Progress: measure.N(0.5), Expected: measure.N(0.6), Status: measure.AtRisk, Confidence: measure.N(6), Due: on, Source: "Source", Cadence: &weekly,
	}
	dates := []Event{{What: "start", On: on}, {What: "Party", On: on, Until: on, Team: "Team"}, {What: "session_review", On: on, At: on.In(time.UTC)}}
	result := Result{Line: line, Committed: true, Score: measure.N(0.7), Grade: measure.GradeGreen, Why: "Why", Learned: "Learned", Next: okr.NextRethink}
	full := CheckInLine{
		Line: line, Minutes: 2.5, How: okr.InWriting, With: []string{"Name"}, Confirm: true, AsOf: on, Next: on,
		Reasons: []Reason{{okr.ReasonStale, measure.N(9), on}, {okr.ReasonOverdue, measure.Number{}, on}, {Code: "own"}},
	}
	switch k {
	case KindPlanning:
		return Planning{
			Team: "Team", Cycle: cycle, On: on, Minutes: 90, Most: 2, Dates: dates,
			Objectives: []Draft{{"Title", "Owner", "Team", true, []Line{line, {}}}, {Title: "Title"}},
			NotDoing:   []NotDoing{{"Title", "Reason", "Other", on}, {Title: "Title"}},
			Needs:      []Need{{"Text", "For", "Of", "Owner", on, okr.DependencyAsked}, {Text: "Text"}},
		}
	case KindCheckIn:
		return CheckIn{
			Team: "Team", Cycle: cycle, On: on, Minutes: 15, Counts: []Count{{measure.AtRisk, 1}, {"own", 2}},
			KeyResults: []CheckInLine{full, {}}, Outside: []CheckInLine{full, {}}, Quiet: []CheckInLine{full, {}},
			Blockers: []Blocked{{"Text", "Title", "Owner", on}, {}},
			Moved:    []Move{{"Title", of(12), of(15)}, {}},
		}
	case KindWorksheet:
		return Worksheet{Name: "Name", On: on, Rows: []WorksheetRow{
			{line, "yes", "partly", "no", "unknown", "yes", "weak", []Fix{{"measurable", "Text"}, {"own", "Text"}}}, {},
		}}
	case KindAnnouncement:
		at := time.Date(2026, time.October, 9, 17, 0, 0, 0, time.UTC)
		return Announcement{
			Cycle: cycle, From: "Name", Teams: []TeamGoals{{"Team", "Lead", []Goal{{"Title", "Owner", nil, true, 2}, {Owners: []string{"A", "B"}}, {}}}, {}}, Dates: dates,
			Rhythms: []Rhythm{{weekly, "Europe/Zurich", []string{"A", "B", "C"}, []time.Time{at, at.AddDate(0, 0, 7)}, 13, 12, []string{"A", "B", "C", "D", "E", "F"}}, {}},
			Links:   []Link{{"Text", "https://example.com/okrs"}, {}},
		}
	case KindReview:
		some := []Result{result, {}}
		return Review{
			Team: "Team", Cycle: cycle, On: on, Minutes: 60, Learned: "Learned", Hit: some, Missed: some, Unknown: some,
			CarriedOver: some, Postponed: some, Abandoned: some, Objectives: some, Teams: []Lesson{{"Team", "Text"}},
			Decisions: []Decision{{"Text", "Reason", "Owner", on}, {}}, Underway: true, Running: some, Missing: slices.Repeat([]Gap{{"Title", okr.RuleReviewHeld}}, mostGaps+1),
		}
	}
	return nil
}
