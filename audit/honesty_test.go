package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
)

// quarter is a team with n key results from 0 to 100, active since the first day
// of the quarter, with the starter packs in force.
func quarter(t testing.TB, j *audit.Judge, n int) *okr.Snapshot {
	t.Helper()
	began := time.Date(2026, 9, 28, 8, 0, 0, 0, time.UTC)
	s := &okr.Snapshot{
		Tenant:     "acme",
		Cycles:     []okr.Cycle{{ID: "c", Key: "2026-Q4", Name: "Q4 2026", Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31), Cadence: okrtest.Weekly()}},
		People:     []okr.Person{{ID: "mara", Name: "Mara Lind", Kind: okr.Human, Team: "sales"}},
		Teams:      []okr.Team{{ID: "sales", Name: "Sales"}},
		Objectives: []okr.Objective{{ID: "o", Key: "o", Cycle: "c", Title: "Companies that try us stay", Rank: 1, Team: "sales", State: okr.Active}},
		Packs:      j.Starter(),
	}
	for i := range n {
		s.KeyResults = append(s.KeyResults, okr.KeyResult{
			ID: okr.ID(fmt.Sprint("k", i)), Key: fmt.Sprint(i), Cycle: "c", Objective: "o", Title: fmt.Sprintf("Win 100 customers in region %d", i), Owner: "mara",
			Metric: measure.Metric{Kind: measure.Increase, Unit: "customers", Baseline: measure.N(0), Target: measure.N(100)},
			Source: source(), State: okr.Active, ActivatedAt: &began,
			Original: &okr.Definition{Title: fmt.Sprintf("Win 100 customers in region %d", i), Metric: measure.Metric{Kind: measure.Increase, Unit: "customers", Baseline: measure.N(0), Target: measure.N(100)}},
		})
	}
	return s
}

// told adds a check-in of the key result with a value.
func told(s *okr.Snapshot, k *okr.KeyResult, at time.Time, value float64, stated measure.Status, confidence float64) {
	n := len(s.CheckIns)
	s.Readings = append(s.Readings, okr.Reading{ID: okr.ID(fmt.Sprintf("r%03d", n)), KeyResult: k.ID, Value: measure.N(value), OccurredAt: at, RecordedAt: at, Source: "checkin"})
	s.CheckIns = append(s.CheckIns, okr.CheckInRecord{
		ID: okr.ID(fmt.Sprintf("c%03d", n)), KeyResult: k.ID, Author: okr.Someone("mara"), OccurredAt: at, RecordedAt: at,
		Value: measure.N(value), Stated: stated, Confidence: measure.N(confidence), Note: "A secret note.",
	})
	k.Current, k.CurrentAt, k.LastCheckIn, k.Stated, k.Confidence = measure.N(value), &at, &at, stated, measure.N(confidence)
	s.Sort()
}

func found(t testing.TB, j *audit.Judge, s *okr.Snapshot, now time.Time, rule string) []okr.Finding {
	t.Helper()
	v, err := j.Judge(t.Context(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: s.Measure(now), Now: now})
	require.NoError(t, err)
	for _, f := range v.Findings {
		require.NotEqual(t, okr.OutcomeError, f.Outcome, f.Message)
	}
	return slices.DeleteFunc(v.Findings, func(f okr.Finding) bool { return f.Rule != rule })
}

func oct(day int) time.Time { return time.Date(2026, 10, day, 9, 0, 0, 0, time.UTC) }

func TestOnTrackForFourWeeksWithoutMovement(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 2)
	hope, work := s.KeyResult("k0"), s.KeyResult("k1")
	for week := range 5 {
		told(s, hope, oct(2+7*week), 10, measure.OnTrack, 8)
		told(s, work, oct(2+7*week), 10+5*float64(week), measure.OnTrack, 8)
	}
	now := oct(30).Add(time.Hour)
	got := found(t, j, s, now, "watermelon")
	require.Len(t, got, 1, "one finding, for the one that stands still")
	require.Equal(t, refOf(hope), got[0].Subject)
	require.Equal(t, okr.OutcomeFail, got[0].Outcome)
	evidence := map[string]string{}
	for _, e := range got[0].Evidence {
		evidence[e.Name] = e.Value
	}
	require.Equal(t, "2026-10-30 on_track, 2026-10-23 on_track, 2026-10-16 on_track, 2026-10-09 on_track, 2026-10-02 on_track", evidence["stated"])
	require.Equal(t, "2026-10-30 10, 2026-10-23 10, 2026-10-16 10, 2026-10-09 10, 2026-10-02 10", evidence["numbers"])
	require.Empty(t, found(t, j, s, now, "stated-agrees"), "once is enough")
	require.NotContains(t, fmt.Sprint(got), "secret", "what people wrote stays where it is")

	for name, change := range map[string]func(){
		"three weeks are not four":        func() { now = oct(30).Add(-time.Hour) },
		"somebody said at risk meanwhile": func() { s.CheckIns[2].Stated = measure.AtRisk },
		"it is hit":                       func() { hope.Metric.Target = measure.N(10) },
		"it moved":                        func() { hope.Current = measure.N(25); s.Readings[0].Value = measure.N(25) },
		"nobody says it any more":         func() { hope.Stated = measure.AtRisk },
		"it is done":                      func() { hope.State = okr.Done },
	} {
		keep, at := s, now
		s = s.Clone()
		hope = s.KeyResult("k0")
		change()
		require.Empty(t, found(t, j, s, now, "watermelon"), name)
		s, now, hope = keep, at, keep.KeyResult("k0")
	}
}

func TestALoweredTargetShowsBothScores(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 1)
	k := s.KeyResult("k0")
	told(s, k, oct(30), 60, measure.OnTrack, 7)
	require.Empty(t, found(t, j, s, oct(31), "goalposts-stay"))
	k.Metric.Target = measure.N(200.0 / 3)
	got := found(t, j, s, oct(31), "goalposts-stay")
	require.Len(t, got, 1)
	require.Contains(t, got[0].Message, "60 % of the way by the first definition, 90 % by today's")
	require.Contains(t, got[0].Evidence, okr.Evidence{Name: "progress_by_first", Value: "0.6"})
	require.Contains(t, got[0].Evidence, okr.Evidence{Name: "progress_by_todays", Value: "0.9"})
	k.Metric.Target, k.Due = measure.N(100), measure.NewDate(2027, 3, 31)
	got = found(t, j, s, oct(31), "goalposts-stay")
	require.Len(t, got, 1)
	require.Contains(t, got[0].Message, "was due on 2026-12-31 when it became active, and is due on 2027-03-31 today")
	k.Due = okr.Date{}
	k.Metric.Kind = measure.AtLeast
	require.Contains(t, found(t, j, s, oct(31), "goalposts-stay")[0].Message, "is measured in another way")
	require.Empty(t, found(t, j, s, oct(31), "words-stay"))
	k.Title = "Win some customers"
	require.Len(t, found(t, j, s, oct(31), "words-stay"), 1)
}

func TestOneLookInTheMiddleAndAScrambleAtTheEnd(t *testing.T) {
	j := starter(t)
	end := time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)
	theatre, weekly := quarter(t, j, 2), quarter(t, j, 2)
	for i := range 2 {
		k := okr.ID(fmt.Sprint("k", i))
		told(theatre, theatre.KeyResult(k), oct(1).AddDate(0, 0, 45), 10, measure.OnTrack, 5)
		for day := range 3 {
			told(theatre, theatre.KeyResult(k), oct(1).AddDate(0, 0, 85+2*day), 50, measure.OnTrack, 5)
		}
		for week := range 13 {
			told(weekly, weekly.KeyResult(k), oct(2).AddDate(0, 0, 7*week), 10, measure.OnTrack, 5)
		}
	}
	got := found(t, j, theatre, end, "looked-at-throughout")
	require.Len(t, got, 1, "one for the team, not one for each key result")
	require.Equal(t, "6 of the 8 check-ins of Sales fell into the last 20 % of Q4 2026", got[0].Message)
	require.Empty(t, found(t, j, weekly, end, "looked-at-throughout"))

	// Where more may have been reported than is there, nothing is said.
	for i := range 60 {
		told(theatre, theatre.KeyResult("k0"), oct(1).AddDate(0, 0, 85).Add(time.Duration(i)*time.Minute), 50, measure.OnTrack, 5)
	}
	require.Empty(t, found(t, j, theatre, end, "looked-at-throughout"))

	theatre = quarter(t, j, 1)
	theatre.Objectives[0].Team = ""
	for day := range 4 {
		told(theatre, theatre.KeyResult("k0"), oct(1).AddDate(0, 0, 85+day), 50, measure.OnTrack, 5)
	}
	require.Len(t, found(t, j, theatre, end, "objective-looked-at-throughout"), 1)
}

func TestLoweredAmbitionIsSeen(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 3)
	now := oct(31)
	for i := range s.KeyResults {
		told(s, &s.KeyResults[i], oct(5), 100, measure.OnTrack, 10)
	}
	require.Len(t, found(t, j, s, now, "team-hits-late"), 1)
	require.Len(t, found(t, j, s, now, "owner-hits-late"), 1)
	require.Len(t, found(t, j, s, now, "aims-beyond-sure"), 1)
	told(s, s.KeyResult("k1"), oct(30), 90, measure.OnTrack, 3)
	require.Empty(t, found(t, j, s, now, "team-hits-late"))
	require.Empty(t, found(t, j, s, now, "owner-hits-late"))
	require.Len(t, found(t, j, s, now, "aims-beyond-sure"), 1, "what was said later does not change how it began")
	s.Objectives[0].State = okr.Draft
	for i := range s.KeyResults {
		s.KeyResults[i].State, s.KeyResults[i].Metric.Baseline, s.KeyResults[i].Metric.Target = okr.Draft, measure.N(1000), measure.N(1010)
	}
	require.Len(t, found(t, j, s, now, "worth-the-effort"), 3)
}

func TestConfidenceThatFellTwice(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 1)
	for i, c := range []float64{7, 6.5, 6} {
		told(s, s.KeyResult("k0"), oct(2+7*i), 10, measure.OnTrack, c)
		require.Len(t, found(t, j, s, oct(20), "confidence-holds"), i/2)
	}
}

func TestRanksGivenTwice(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 1)
	for i, rank := range []int{2, 2, 3} {
		s.Objectives = append(s.Objectives, okr.Objective{ID: okr.ID(fmt.Sprint("o", i)), Cycle: "c", Title: fmt.Sprint("Objective ", i), Team: "sales", Rank: rank, State: okr.Active})
	}
	got := found(t, j, s, oct(20), "ranks-given-once")
	require.Len(t, got, 1)
	require.Equal(t, "Objectives of Sales share a rank: 2 “Objective 0”, 2 “Objective 1”", got[0].Message)
	require.Equal(t, okr.Ref{Kind: okr.KindTeam, ID: "sales"}, got[0].Subject)
	require.Empty(t, found(t, j, s, oct(20), "one-top-priority"))
	s.Objectives[1].State = okr.Abandoned
	require.Empty(t, found(t, j, s, oct(20), "ranks-given-once"))
}

// R37: whoever reads from the top meets the rhythm first.
func TestAMissingRhythmOutranksWording(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 1)
	s.Cycles[0].Cadence = nil
	k := s.KeyResult("k0")
	k.Title, k.Metric = "Improve customer satisfaction significantly?", measure.Metric{}
	r, err := j.Report(t.Context(), audit.Input{Snapshot: s, Now: oct(20)})
	require.NoError(t, err)
	first := func(pack string) int {
		return slices.IndexFunc(r.Findings, func(f audit.Finding) bool { return f.Pack == pack })
	}
	require.Equal(t, "rhythm-declared", r.Findings[first("infrastructure")].Rule)
	require.Greater(t, first("strong-key-results"), first("infrastructure"))

	// Nobody has looked at it for five weeks, and its words are as poor as before.
	s = quarter(t, j, 1)
	k = s.KeyResult("k0")
	told(s, k, oct(2), 10, measure.OnTrack, 5)
	k.Title, k.Metric = "Improve customer satisfaction significantly?", measure.Metric{}
	r, err = j.Report(t.Context(), audit.Input{Snapshot: s, Now: oct(2).AddDate(0, 0, 35)})
	require.NoError(t, err)
	require.Equal(t, "not-a-document", r.Findings[first("infrastructure")].Rule)
	require.Greater(t, first("strong-key-results"), first("infrastructure"))

	for _, p := range starterPacks(t) {
		for _, rule := range p.Rules {
			if p.Name == "strong-key-results" && rule.Severity == rules.Failure {
				require.Equal(t, "measurable", rule.ID, "nothing else about words is an error")
			}
		}
	}
}

func starterPacks(t testing.TB) []rules.PackInfo {
	t.Helper()
	live, err := opened()
	require.NoError(t, err)
	return live.Set().Packs()
}

func TestMovementThatIsOutOfSight(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 1)
	k := s.KeyResult("k0")
	for week := range 5 {
		told(s, k, oct(2+7*week), 30, measure.OnTrack, 8)
	}
	s.Readings = nil
	for h := range 200 {
		at := oct(30).Add(-time.Duration(h) * time.Hour)
		s.Readings = append(s.Readings, okr.Reading{ID: okr.ID(fmt.Sprintf("h%03d", h)), KeyResult: k.ID, Value: measure.N(30), OccurredAt: at, RecordedAt: at, Source: "sql"})
	}
	s.Sort()
	require.Empty(t, found(t, j, s, oct(30).Add(time.Hour), "watermelon"))
}

// What is wrong around a key result, one thing at a time, seen from the outside.
func TestOneThingWrongIsOneFinding(t *testing.T) {
	j := starter(t)
	for _, c := range []struct {
		rule string
		set  func(*okr.Snapshot, *okr.KeyResult)
	}{
		{"owner-active", func(s *okr.Snapshot, _ *okr.KeyResult) { s.People[0].Left = true }},
		{"owner-named", func(_ *okr.Snapshot, k *okr.KeyResult) { k.Owner = "" }},
		{"owner-has-access", func(s *okr.Snapshot, k *okr.KeyResult) {
			s.People = append(s.People, okr.Person{ID: "ben", Name: "Ben Ode"})
			k.Source.Access = []string{"ben"}
		}},
		{"owner-in-team", func(s *okr.Snapshot, _ *okr.KeyResult) {
			s.Teams = append(s.Teams, okr.Team{ID: "finance", Name: "Finance"})
			s.People[0].Team = "finance"
		}},
		{"source-keeps-up", func(_ *okr.Snapshot, k *okr.KeyResult) { k.Source.Interval = okr.EachMonth }},
		{"rhythm-often-enough", func(s *okr.Snapshot, _ *okr.KeyResult) {
			s.Cycles[0].Cadence = &okr.Schedule{Frequency: okr.Monthly, Every: 3}
		}},
		{"pushes-change", func(_ *okr.Snapshot, k *okr.KeyResult) {
			k.Metric.Kind, k.Metric.Baseline = measure.AtLeast, measure.N(120)
			k.Original.Metric = k.Metric
		}},
		{"words-stay", func(_ *okr.Snapshot, k *okr.KeyResult) { k.Original.Title = "Win the market" }},
		{"checked-in", func(_ *okr.Snapshot, k *okr.KeyResult) {
			at := oct(1)
			k.LastCheckIn = &at
		}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			s := quarter(t, j, 1)
			k := s.KeyResult("k0")
			told(s, k, oct(19), 30, measure.OnTrack, 6)
			now := oct(19).Add(time.Hour)
			said := func() []string {
				v, err := j.Judge(t.Context(), proposal(s, now))
				require.NoError(t, err)
				var rules []string
				for _, f := range v.Findings {
					rules = append(rules, f.Rule)
				}
				return rules
			}
			require.Empty(t, said(), "all is well at first")
			c.set(s, k)
			s.Sort()
			require.Equal(t, []string{c.rule}, said())
		})
	}
}

// A plan without a rhythm lacks one thing, however many key results it has, and is
// told once what to do about it.
func TestAPlanWithoutARhythmIsOneFinding(t *testing.T) {
	j := starter(t)
	said := func(s *okr.Snapshot) []okr.Ref {
		v, err := j.Judge(t.Context(), proposal(s, oct(1)))
		require.NoError(t, err)
		var out []okr.Ref
		for _, f := range v.Findings {
			if strings.Contains(f.Rule, "rhythm") {
				require.Contains(t, f.Fix, "Declare a rhythm")
				require.Equal(t, okr.SeverityError, f.Severity)
				out = append(out, f.Subject)
			}
		}
		return out
	}
	s := quarter(t, j, 40)
	require.Empty(t, said(s))
	s.Cycles[0].Cadence = nil
	require.Equal(t, []okr.Ref{{Kind: okr.KindCycle, ID: "c"}}, said(s))

	// Where others have one, it is the key result that lacks it.
	for i := range s.KeyResults {
		if i != 7 {
			s.KeyResults[i].Cadence = okrtest.Weekly()
		}
	}
	require.Equal(t, []okr.Ref{refOf(&s.KeyResults[7])}, said(s))
	s = quarter(t, j, 1)
	s.Cycles[0].Cadence = nil
	require.Equal(t, []okr.Ref{refOf(&s.KeyResults[0])}, said(s))
	s.Teams[0].Cadence = okrtest.Weekly()
	require.Empty(t, said(s))
}
