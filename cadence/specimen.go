package cadence

import (
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Specimens are messages such as people get, to see what texts make of them: every kind
// of notice alone, some of them in the singular and in the plural, and at the end several
// kinds in one. They are about nobody.
func Specimens() []Message {
	at := time.Date(2026, time.October, 9, 16, 0, 0, 0, time.UTC)
	week := func(n int) time.Time { return at.AddDate(0, 0, 7*n) }
	one := okr.KeyResultFact{KeyResult: "kr1", Title: "Raise renewals from 70% to 90%", Objective: "o1", Cycle: "c1", Team: "t1", Owner: "p1"}
	two := okr.KeyResultFact{KeyResult: "kr2", Title: "Cut first response time from 12 to 4 hours", Objective: "o1", Cycle: "c1", Team: "t1", Owner: "p1"}
	link := func(f okr.KeyResultFact) string { return "https://okr.example.com/" + string(f.KeyResult) }
	by := []string{"Lea Roth"}
	was := okr.Terms{Title: "Raise renewals", Unit: "%", Target: measure.N(80), Due: measure.DateOf(week(12))}
	is := okr.Terms{Title: one.Title, Unit: "%", Target: measure.N(90), Due: measure.DateOf(week(10))}
	items := []Item{
		{Kind: KindDue, KeyResult: one, Due: at},
		{Kind: KindDue, KeyResult: two, Due: at, Past: true},
		{Kind: KindOverdue, KeyResult: one, Due: at, Days: 1},
		{Kind: KindOverdue, KeyResult: two, Due: week(2), Days: 16, Missed: []time.Time{at, week(1)}},
		{Kind: KindMissed, KeyResult: one, Days: 7, Missed: []time.Time{at}},
		{Kind: KindMissed, KeyResult: two, Days: 14, Missed: []time.Time{at, week(1)}},
		{Kind: KindEscalated, KeyResult: one, Due: at, Days: 5, Owner: "Ben Mori"},
		{Kind: KindAcknowledged, KeyResult: one, By: by},
		{Kind: KindBlocker, KeyResult: one, Blockers: []string{"decision"}},
		{Kind: KindBlocker, KeyResult: two, Blockers: []string{"decision", "people", "money"}},
		{Kind: KindStatus, KeyResult: one, Status: measure.AtRisk},
		{Kind: KindStatus, KeyResult: two, Status: measure.OffTrack, Was: measure.AtRisk, Progress: measure.N(0.12), Expected: measure.N(0.4), Owner: "Ben Mori"},
		{Kind: KindForecast, KeyResult: one, On: measure.DateOf(week(12)), Unit: "%", Low: measure.N(74.5), High: measure.N(86)},
		{Kind: KindOwnerLeft, KeyResult: one},
		{Kind: KindFinding, KeyResult: one, Findings: []string{"its source has not answered for 9 days"}},
		{Kind: KindFinding, KeyResult: two, Findings: []string{"nobody owns it", "it has no last day"}},
		{Kind: KindSession, KeyResult: okr.KeyResultFact{Title: "Q1 2027", Cycle: "c2"}, Due: week(9), Session: "planning", Minutes: 90},
		{Kind: KindReset, On: measure.DateOf(week(1)), Week: 2},
		{Kind: KindReset, On: measure.DateOf(week(2)), Week: 3},
		{Kind: KindReset, On: measure.DateOf(week(3)), Week: 4},
		{Kind: KindEnded, KeyResult: one, By: by, Now: okr.Terms{State: okr.Abandoned}},
		{Kind: KindEnded, KeyResult: two, By: by, Outcome: measure.Missed, Score: measure.N(0.6)},
		{Kind: KindGiven, KeyResult: one, By: by},
		{Kind: KindTaken, KeyResult: two, By: by, Owner: "Cem Ay"},
		{Kind: KindChanged, KeyResult: one, By: by, Changed: []string{"state", "title", "target", "metric", "due", "override", "other"}, Before: was, Now: is},
		{Kind: KindDecision, KeyResult: one, By: by, Events: make([]okr.Event, 1)},
		{Kind: KindDecision, KeyResult: two, By: by, Yours: true, Events: make([]okr.Event, 2)},
		{Kind: KindComment, KeyResult: one, By: by, Events: make([]okr.Event, 1)},
		{Kind: KindComment, KeyResult: two, By: by, Yours: true, Events: make([]okr.Event, 3)},
	}
	var out []Message
	for _, i := range items {
		if i.KeyResult.KeyResult != "" {
			i.Link = link(i.KeyResult)
		}
		out = append(out, Message{Tenant: "tenant", To: "p1", Kind: i.Kind, Items: []Item{i}})
	}
	digest := Message{Tenant: "tenant", To: "p1", Kind: KindBlocker}
	for _, n := range []int{9, 13, 3, 5, 6, 21, 22, 23, 24, 25, 11, 12, 15, 18, 0, 16, 27, 7} { // by how pressing they are
		digest.Items = append(digest.Items, out[n].Items...)
	}
	return append(out, digest)
}
