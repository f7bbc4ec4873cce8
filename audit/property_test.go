package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
)

// anyNumber is often unknown.
func anyNumber(t *rapid.T, name string) measure.Number {
	if rapid.IntRange(0, 3).Draw(t, name+" known") == 0 {
		return measure.Number{}
	}
	return measure.N(rapid.SampledFrom([]float64{-10, 0, 1, 2.5, 10, 12, 15, 18, 40, 100}).Draw(t, name))
}

// anySnapshot is a quarter in which anything may be missing, at a random instant
// around it. Every other one is under way, or was closed then, and has something plain
// in it as well, of which nothing is missing: so no status is rare.
func anySnapshot(t *rapid.T) (*okr.Snapshot, time.Time) {
	first, last := 0, 120
	plain := rapid.Bool().Draw(t, "plain")
	if plain {
		first, last = 12, 100
	}
	now := time.Date(2026, 9, 20, 8, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(first, last).Draw(t, "day"))
	c := okr.Cycle{ID: "c", Key: "2026-Q4", Name: "Q4 2026", Zone: rapid.SampledFrom([]string{"UTC", "Europe/Zurich", "America/St_Johns", "Pacific/Auckland"}).Draw(t, "zone")}
	if plain || rapid.IntRange(0, 5).Draw(t, "dated") > 0 {
		c.Start, c.End = measure.NewDate(2026, 10, 1), measure.NewDate(2026, 12, 31)
	}
	if rapid.Bool().Draw(t, "weekly") {
		c.Cadence = okrtest.Weekly()
	}
	if rapid.IntRange(0, 2).Draw(t, "closed") == 0 {
		c.ClosedAt = &now
	}
	s := &okr.Snapshot{Tenant: "acme", Cycles: []okr.Cycle{c}}
	for i := range rapid.IntRange(0, 3).Draw(t, "people") {
		s.People = append(s.People, okr.Person{ID: okr.ID(fmt.Sprint("p", i)), Name: fmt.Sprint("Person ", i), Kind: rapid.SampledFrom([]okr.PersonKind{okr.Human, okr.Group, ""}).Draw(t, "kind"), Left: rapid.Bool().Draw(t, "left")})
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "teams") {
		s.Teams = append(s.Teams, okr.Team{ID: okr.ID(fmt.Sprint("t", i)), Name: fmt.Sprint("Team ", i)})
	}
	owners := []okr.ID{"", "p0", "p1", "p2", "stranger"}
	for i := range rapid.IntRange(1, 3).Draw(t, "objectives") {
		o := okr.Objective{ID: okr.ID(fmt.Sprint("o", i)), Cycle: "c", Title: fmt.Sprint("Objective ", i), State: okr.Active, Owner: rapid.SampledFrom(owners).Draw(t, "objective owner"),
			Team: rapid.SampledFrom([]okr.ID{"", "t0", "t1", "gone"}).Draw(t, "team"), Rank: rapid.IntRange(0, 2).Draw(t, "rank"), Committed: rapid.Bool().Draw(t, "committed")}
		s.Objectives = append(s.Objectives, o)
		for n := range rapid.IntRange(0, 4).Draw(t, "key results") {
			k := okr.KeyResult{
				ID: okr.ID(fmt.Sprint("k", i, n)), Key: fmt.Sprint(n), Cycle: "c", Objective: o.ID,
				Title: rapid.SampledFrom([]string{"Raise NPS from 12 to 18", "Improve quality", "Launch it", "", "=1+1", "Zero outages", "客户更加满意"}).Draw(t, "title"),
				State: rapid.SampledFrom([]okr.State{okr.Active, okr.Active, okr.Draft, okr.Postponed, okr.Abandoned, okr.Done}).Draw(t, "state"),
				Owner: rapid.SampledFrom(owners).Draw(t, "owner"), Curve: rapid.SampledFrom([]measure.Curve{measure.Linear, measure.NoPace}).Draw(t, "curve"),
				Metric: measure.Metric{
					Kind:     rapid.SampledFrom([]measure.Kind{"", measure.Increase, measure.Decrease, measure.AtLeast, measure.AtMost, measure.YesNo, "control"}).Draw(t, "metric"),
					Baseline: anyNumber(t, "baseline"), Target: anyNumber(t, "target"),
				},
				Weight: anyNumber(t, "weight"), Current: anyNumber(t, "current"), Confidence: anyNumber(t, "confidence"),
			}
			if k.Current.Known() {
				at := now.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "age")) * 24 * time.Hour)
				k.CurrentAt = &at
			}
			if rapid.Bool().Draw(t, "has source") {
				k.Source = &okr.Source{Kind: "sql", Interval: rapid.SampledFrom([]okr.Interval{0, okr.Daily, okr.EveryWeek}).Draw(t, "interval")}
			}
			if rapid.IntRange(0, 3).Draw(t, "own due") == 0 {
				k.Due = measure.NewDate(2026, 11, rapid.IntRange(1, 30).Draw(t, "due"))
			}
			if rapid.Bool().Draw(t, "was active") {
				k.Original = &okr.Definition{Title: rapid.SampledFrom([]string{k.Title, "Something else"}).Draw(t, "first title"), Metric: measure.Metric{Kind: k.Metric.Kind, Baseline: anyNumber(t, "first baseline"), Target: anyNumber(t, "first target")}}
			}
			anyHistory(t, s, &k, now)
			s.KeyResults = append(s.KeyResults, k)
		}
	}
	if plain {
		s.Objectives = append(s.Objectives, okr.Objective{ID: "plain", Cycle: "c", Title: "More of it", State: okr.Active, Owner: "p0"})
		for n := range 3 {
			s.KeyResults = append(s.KeyResults, okr.KeyResult{
				ID: okr.ID(fmt.Sprint("plain", n)), Key: fmt.Sprint("plain", n), Cycle: "c", Objective: "plain", Title: "Raise it from 0 to 100", State: okr.Active, Owner: "p0", Curve: rapid.SampledFrom([]measure.Curve{measure.Linear, measure.Linear, measure.NoPace}).Draw(t, "plain curve"),
				Metric:  measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)},
				Current: measure.N(float64(rapid.IntRange(0, 130).Draw(t, "plain value"))), CurrentAt: &now,
			})
		}
	}
	s.Sort()
	return s, now
}

// anyHistory adds readings and check-ins, several of them at one instant.
func anyHistory(t *rapid.T, s *okr.Snapshot, k *okr.KeyResult, now time.Time) {
	ago := func(name string) time.Time {
		return now.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, name)) * 24 * time.Hour)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "readings") {
		at := ago("read")
		s.Readings = append(s.Readings, okr.Reading{ID: okr.ID(fmt.Sprint("r", k.ID, i)), KeyResult: k.ID, Value: anyNumber(t, "reading"), OccurredAt: at, RecordedAt: at, Source: "sql"})
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "check-ins") {
		at := ago("told")
		c := okr.CheckInRecord{
			ID: okr.ID(fmt.Sprint("c", k.ID, i)), KeyResult: k.ID, OccurredAt: at, RecordedAt: at, Value: anyNumber(t, "told value"), Confidence: anyNumber(t, "told confidence"),
			Stated: rapid.SampledFrom([]measure.Status{"", measure.OnTrack, measure.OnTrack, measure.AtRisk, measure.OffTrack}).Draw(t, "told status"),
		}
		s.CheckIns = append(s.CheckIns, c)
		k.Stated = c.Stated
		if k.LastCheckIn == nil || k.LastCheckIn.Before(at) {
			k.LastCheckIn = &at
		}
	}
}

// anyMetric is any metric that makes sense, with all that decides a status.
func anyMetric(t *rapid.T) measure.Metric {
	n := measure.N
	number := func(name string, from ...float64) measure.Number {
		if rapid.IntRange(0, 3).Draw(t, name+" known") == 0 {
			return measure.Number{}
		}
		return n(rapid.SampledFrom(from).Draw(t, name))
	}
	m := measure.Metric{
		Kind:     rapid.SampledFrom(append(measure.Kinds(), "", "control")).Draw(t, "kind"),
		Mode:     rapid.SampledFrom([]measure.Mode{"", "", "", measure.Latest, measure.Average, measure.Sum, measure.HitRatio, measure.Distance}).Draw(t, "mode"),
		Baseline: number("from", 0, 5, 12, 100), Target: number("to", 5, 5, 10, 99), Amber: number("amber", 0.5, 1, 5, 90),
		Low: n(5), High: n(10), Commit: n(2), Stretch: n(40), Tolerance: number("tolerance", 1, 10), Need: number("need", 0.5, 1),
		Points:     []measure.Point{{Value: 0, Share: 0}, {Value: 5, Share: 0.5}, {Value: 10, Share: 1}},
		Milestones: []measure.Milestone{{Key: "a"}, {Key: "b"}},
	}
	for _, l := range measure.Levels() {
		m.Zones = append(m.Zones, measure.Zone{Level: l, Text: "as agreed"})
	}
	return m
}

func TestThePackOfStatusesSaysWhatTheArithmeticSays(t *testing.T) {
	j := starter(t)
	packs := j.Starter()
	seen, decided := map[measure.Status]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		s, now := anySnapshot(t)
		s.Packs = packs
		if rapid.Bool().Draw(t, "odd metrics") {
			for i := range s.KeyResults {
				k := &s.KeyResults[i]
				k.Metric = anyMetric(t)
				k.Curve = rapid.SampledFrom([]measure.Curve{"", measure.Linear, measure.Step, measure.BackLoaded, measure.NoPace}).Draw(t, "any curve")
				if rapid.IntRange(0, 3).Draw(t, "value") > 0 {
					k.Current = measure.N(rapid.SampledFrom([]float64{0, 0.5, 1, 2, 3, 4.9, 5, 5.5, 6, 9, 10, 99}).Draw(t, "its value"))
					k.CurrentAt = &now
				}
				if rapid.IntRange(0, 4).Draw(t, "overridden") == 0 {
					k.Override = measure.Override{
						Status: rapid.SampledFrom([]measure.Status{measure.OnTrack, measure.AtRisk, measure.OffTrack}).Draw(t, "override"), Reason: "paid in advance",
						By: "p0", Until: now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "until")) * time.Hour),
					}
				}
			}
			for i := range s.Objectives {
				for _, o := range s.Objectives[:i] {
					if rapid.Bool().Draw(t, "contributes") {
						s.Objectives[i].Parents = append(s.Objectives[i].Parents, okr.Share{Objective: o.ID})
					}
				}
				s.Objectives[i].Rollup.Driver = rapid.SampledFrom([]measure.Driver{"", measure.DriverBoth}).Draw(t, "driver")
			}
		}
		own := rapid.IntRange(0, 3).Draw(t, "own bands") == 0
		if own {
			s.Cycles[0].Bands, _ = measure.Preset(rapid.SampledFrom(measure.Presets()).Draw(t, "bands"))
		}
		measured := s.Measure(now)
		v, err := j.Judge(context.Background(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: measured, Now: now})
		require.NoError(t, err)
		if !own {
			require.Len(t, v.Statuses, len(s.KeyResults)+len(s.Objectives))
		}
		for id, m := range measured {
			seen[m.Status]++
			if st, ok := v.Statuses[id]; ok {
				// Where the cycle has bands of its own, the pack leaves to them what it does not say.
				decided++
				require.Equal(t, m.Status, st, "%s %+v", id, m)
			}
			require.True(t, m.Progress.Equal(v.Scores[id].Score), "%s", id)
		}
	})
	for _, st := range []measure.Status{measure.Unknown, measure.Pending, measure.OnTrack, measure.AtRisk, measure.OffTrack, measure.Stale, measure.Hit, measure.Missed} {
		require.Positive(t, seen[st], "none was %s", st)
	}
	require.Positive(t, decided)
}

// A threshold far beyond its amber zone is red, and so is an objective that is made
// of such, whatever else is on pace.
func TestThePackOfStatusesHearsThresholds(t *testing.T) {
	j := starter(t)
	n := measure.N
	now := time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)
	c := okr.Cycle{ID: "c", Key: "2026-Q4", Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}
	s := &okr.Snapshot{Tenant: "acme", Cycles: []okr.Cycle{c}, Packs: j.Starter(), Objectives: []okr.Objective{{ID: "o", Cycle: "c", State: okr.Active}}}
	add := func(id okr.ID, m measure.Metric, v float64) {
		s.KeyResults = append(s.KeyResults, okr.KeyResult{ID: id, Cycle: "c", Objective: "o", State: okr.Active, Metric: m, Current: n(v), CurrentAt: &now})
	}
	add("a", measure.Metric{Kind: measure.Increase, Baseline: n(0), Target: n(10)}, 6)
	add("b", measure.Metric{Kind: measure.AtMost, Target: n(5), Amber: n(1)}, 99)
	add("c", measure.Metric{Kind: measure.AtMost, Baseline: n(12), Target: n(5), Amber: n(1)}, 99)
	add("d", measure.Metric{Kind: measure.YesNo}, 0)
	add("e", measure.Metric{Kind: measure.AtMost, Target: n(5), Amber: n(1), Mode: measure.Distance}, 99)
	s.Sort()
	measured := s.Measure(now)
	v, err := j.Judge(t.Context(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: measured, Now: now})
	require.NoError(t, err)
	want := map[okr.ID]measure.Status{"a": measure.OnTrack, "b": measure.OffTrack, "c": measure.OffTrack, "d": measure.Pending, "e": measure.OffTrack, "o": measure.OffTrack}
	for id, st := range want {
		require.Equal(t, st, measured[id].Status, id)
		require.Equal(t, st, v.Statuses[id], id)
	}
}

// Packs and arithmetic are two ways to say the same: the preset of the name decides
// as the bands of the name do, wherever it decides at all.
func TestPresetsOfStatusesAgreeWithTheBands(t *testing.T) {
	j := starter(t)
	decided := map[string]int{}
	names := map[string]string{
		"status-viva": "viva", "status-engagedly": "engagedly", "status-ratio-95-75": "ratio_95_75", "status-ratio-90-70": "ratio_90_70",
		"status-tability": "tability", "status-target-only": "target_only", "status-thirds": "qulture",
	}
	for _, name := range pack.Presets() {
		require.Equal(t, strings.HasPrefix(name, "status-"), names[name] != "", "%s has no bands to compare it with", name)
	}
	rapid.Check(t, func(t *rapid.T) {
		s, now := anySnapshot(t)
		var refs []okr.Ref
		for _, k := range s.KeyResults {
			refs = append(refs, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
		}
		for _, o := range s.Objectives {
			refs = append(refs, okr.Ref{Kind: okr.KindObjective, ID: o.ID})
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			bands, ok := measure.Preset(names[name])
			require.True(t, ok)
			text, _ := pack.Preset(name)
			s.Packs = append(slices.Clone(j.Starter()), packOf(string(text)))
			s.Sort()
			p := proposal(s, now)
			for _, r := range refs {
				e, err := j.Explain(context.Background(), p, audit.Ask{Subject: r, Of: rules.TraceOfStatus})
				require.NoError(t, err)
				if e.Trace.Pack == name {
					decided[name]++
					m := p.Measured[r.ID]
					want := bands.Of(bands.Figure(m.Gap, m.Ratio, m.Progress))
					if r.Kind == okr.KindObjective {
						grave := []measure.Status{"", measure.OnTrack, measure.AtRisk, measure.OffTrack}
						want = grave[max(slices.Index(grave, want), slices.Index(grave, m.Vote))]
						if want == measure.OnTrack && m.Spoken.Or(0) < 0.5 {
							want = measure.Pending
						}
					}
					require.Equal(t, string(want), e.Trace.Status, "%s %+v", r, m)
				}
			}
		}
	})
	for name := range names {
		require.Positive(t, decided[name], name)
	}
}

func TestUnknownIsNeverGreen(t *testing.T) {
	j := starter(t)
	packs := j.Starter()
	rapid.Check(t, func(t *rapid.T) {
		s, now := anySnapshot(t)
		s.Packs = packs
		if name := rapid.SampledFrom(append(pack.Presets(), "")).Draw(t, "preset"); name != "" {
			text, _ := pack.Preset(name)
			s.Packs = append(slices.Clone(packs), packOf(string(text)))
			s.Sort()
		}
		measured := s.Measure(now)
		for _, id := range slices.Sorted(maps.Keys(measured)) {
			if rapid.IntRange(0, 4).Draw(t, "forgotten") == 0 {
				delete(measured, id) // as if it had never been measured
			}
		}
		v, err := j.Judge(context.Background(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: measured, Now: now})
		require.NoError(t, err)
		for _, k := range s.KeyResults {
			m, ok := measured[k.ID]
			if ok && k.Current.Known() && m.Fresh && m.Progress.Known() {
				continue
			}
			st := v.Statuses[k.ID]
			closed := s.Cycles[0].ClosedAt != nil
			require.True(t, st == measure.Unknown || st == measure.Stale || st == measure.Paused ||
				closed && slices.Contains([]measure.Status{okr.PostponedOutcome, okr.AbandonedOutcome}, st) ||
				closed && ok && m.Hit.Known() && (st == measure.Hit || st == measure.Missed), "%s is %s: %+v", k.ID, st, m)
			if !ok || !m.Progress.Known() && !m.Hit.Known() {
				require.False(t, v.Scores[k.ID].Score.Known(), k.ID)
			}
		}
	})
}

func TestTheSameInputGivesTheSameReport(t *testing.T) {
	j := starter(t)
	rapid.Check(t, func(t *rapid.T) {
		s, now := anySnapshot(t)
		at := map[okr.Ref]okr.Position{}
		for i, k := range s.KeyResults {
			at[okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}] = okr.Position{File: "plan.md", Line: i%3 + 1} // several on one line
		}
		first := rendered(t, j, audit.Input{Snapshot: s, Now: now, At: at, Explain: true})
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.New(rand.NewPCG(seed, seed))
		o := s.Clone()
		r.Shuffle(len(o.KeyResults), func(a, b int) { o.KeyResults[a], o.KeyResults[b] = o.KeyResults[b], o.KeyResults[a] })
		r.Shuffle(len(o.Objectives), func(a, b int) { o.Objectives[a], o.Objectives[b] = o.Objectives[b], o.Objectives[a] })
		r.Shuffle(len(o.Teams), func(a, b int) { o.Teams[a], o.Teams[b] = o.Teams[b], o.Teams[a] })
		r.Shuffle(len(o.Readings), func(a, b int) { o.Readings[a], o.Readings[b] = o.Readings[b], o.Readings[a] })
		r.Shuffle(len(o.CheckIns), func(a, b int) { o.CheckIns[a], o.CheckIns[b] = o.CheckIns[b], o.CheckIns[a] })
		r.Shuffle(len(o.People), func(a, b int) { o.People[a], o.People[b] = o.People[b], o.People[a] })
		require.Equal(t, first, rendered(t, j, audit.Input{Snapshot: o, Now: now, At: at, Explain: true}))
	})
}

func rendered(t *rapid.T, j *audit.Judge, in audit.Input) string {
	r, err := j.Report(context.Background(), in)
	require.NoError(t, err)
	require.Equal(t, r.Summary.KeyResults, r.Summary.Ready+r.Summary.Weak+r.Summary.NotReady)
	var b bytes.Buffer
	for _, f := range audit.Formats() {
		require.NoError(t, r.Render(&b, f))
	}
	return b.String()
}
