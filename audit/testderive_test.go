package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// The examples agree with themselves: of what they say, nothing else follows.
func TestExamplesAgreeWithTheArithmetic(t *testing.T) {
	s := audit.Schema(audit.Level)
	vars := map[string]any{}
	for _, sub := range s.Subjects {
		for name := range sub.Vars {
			vars[name] = map[string]any{}
		}
	}
	out, wrong, err := s.Derive(rules.Given{Now: s.Now, Vars: vars})
	require.NoError(t, err)
	require.Empty(t, wrong)
	kr := out["kr"].(map[string]any)
	require.Empty(t, kr["objective"])
	require.Empty(t, kr["source"])
	delete(kr, "objective")
	delete(kr, "source")
	for name, facts := range out {
		require.Empty(t, facts, name)
	}
}

// tellFacts runs tests of a pack whose rules fail with a message that tells facts.
func tellFacts(t *testing.T, tests string) rules.TestReport {
	t.Helper()
	p, err := rules.Parse("told.yaml", []byte(`apiVersion: okr.rules/v1
env: 1
name: told
version: 1.0.0
rules:
  - {id: pace, on: key_result, check: "1 == 2", message: "{kr.progress} of {kr.expected}, {kr.gap} behind: {kr.status}"}
  - {id: now, on: key_result, check: "1 == 2", message: "{kr.current} on {kr.current_at}, {kr.raw} of the way, hit: {kr.hit}"}
  - {id: said, on: key_result, check: "1 == 2", message: "{kr.stated}, {kr.confidence} after {kr.first_confidence}, quiet for {kr.days_quiet} days"}
  - {id: source, on: source, check: "1 == 2", message: "{source.state}, {source.often}, last {source.last}"}
  - {id: cycle, on: cycle, check: "1 == 2", message: "{cycle.phase}: {cycle.days_left} of {cycle.days} days left, {cycle.elapsed}"}
  - {id: objective, on: objective, check: "1 == 2", message: "{objective.progress} of {objective.coverage}: {objective.status}"}
  - {id: blocked, on: key_result, check: "kr.blockers.all(b, b.open && b.days_open > 7)", message: "{kr.blockers.filter(b, b.open).size()} open"}
  - {id: first, on: key_result, check: "kr.original.same_metric && kr.original.same_due", message: "{kr.original.progress} by the first"}
  - {id: team, on: team, check: "team.key_results.all(k, k.progress > 0.5)", message: "{team.key_results.map(k, k.progress)}"}
  - {id: rows, on: key_result, check: "1 == 2", message: "{kr.readings.map(r, r.raw)} {kr.checkins.map(c, c.elapsed)}"}
tests:
`+tests))
	require.NoError(t, err)
	set, err := rules.Compile(env(), p)
	require.NoError(t, err)
	report, err := set.Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	return report
}

func TestFactsFollowFromReadings(t *testing.T) {
	r := tellFacts(t, `  - name: a quarter
    now: 2026-10-01T09:00:00Z
    given:
      cycle: {start: 2026-10-01T00:00:00Z, end: 2026-12-30T23:59:59Z}
      kr:
        baseline: 20
        target: 60
        unit: customers
        readings: [{at: 2026-10-15T09:00:00Z, value: 30}, {at: +30d, value: 28}, {at: +45d, value: 44}]
        checkins:
          - {at: +14d, stated: on_track, confidence: 6, value: 30}
          - {at: +45d, stated: at_risk, confidence: 4}
    expect: {now: {message: "unknown on unknown, unknown of the way, hit: unknown", outcome: fail}}
    steps:
      - at: +9d
        expect: {pace: {outcome: fail, message: "unknown of 0.1, unknown behind: unknown"}, said: {outcome: fail, message: "unknown, unknown after unknown, quiet for 9 days"}, source: {outcome: fail, message: "dead, daily, last unknown"}}
      - at: +14d
        expect: {now: {outcome: fail, message: "30 on 2026-10-15 09:00 UTC, 0.25 of the way, hit: no"}, said: {outcome: fail, message: "on_track, 6 after 6, quiet for 0 days"}}
      - {at: +18d, expect: {pace: {outcome: fail, message: "0.25 of 0.2, -0.05 behind: stale"}}}
      - {at: +30d, expect: {pace: {outcome: fail, message: "0.2 of 0.3333, 0.1333 behind: at_risk"}, rows: {outcome: fail, message: "0.2, 0.25 0.1556"}}}
      - at: +45d
        expect:
          pace: {outcome: fail, message: "0.6 of 0.5, -0.1 behind: on_track"}
          said: {outcome: fail, message: "at_risk, 4 after 6, quiet for 0 days"}
          source: {outcome: fail, message: "live, daily, last 2026-11-15 09:00 UTC"}
          cycle: {outcome: fail, message: "active: 45 of 91 days left, 0.5"}
      - {at: +48d, expect: {source: {outcome: fail, mentions: late}}}
      - {at: +50d, expect: {source: {outcome: fail, mentions: dead}, pace: {outcome: fail, mentions: stale}}}
      - {at: +91d, expect: {cycle: {outcome: fail, mentions: review}}}
  - name: parts and wholes
    given:
      objective: {key_results: [{current: 18}, {baseline: 0, target: 10, readings: [{value: 5}]}, {readings: [], weight: 2}]}
      team: {key_results: [{current: 18}, {current: 12}]}
    expect: {objective: {outcome: fail, message: "0.75 of 0.5: on_track"}, team: {outcome: fail, message: "1, 0"}}
  - name: the objective of a key result
    given: {kr: {readings: [{value: 12}]}}
    expect: {pace: fail, objective: {outcome: fail, message: "0 of 1: off_track"}}
  - name: blockers
    given: {kr: {blockers: [{opened: -8d}, {opened: -20d, closed: +2d}, {opened: +1d}]}}
    expect: {blocked: pass}
    steps: [{at: +3d, expect: {blocked: {outcome: fail, message: 2 open}}}, {at: +8d, expect: {blocked: fail}}]
  - name: what it meant first
    given: {kr: {baseline: 0, target: 30, current: 15}}
    expect: {first: pass}
    steps:
      - {at: now, given: {kr: {original: {target: 60}}}, expect: {first: {outcome: fail, message: 0.25 by the first}}}
  - name: not known
    unknown: [kr.current]
    expect: {pace: {outcome: fail, message: "unknown of 0.3956, unknown behind: unknown"}, objective: {outcome: fail, message: "unknown of 0: unknown"}}
  - name: thresholds
    given: {kr: {kind: at_most, baseline: null, target: 5, readings: [{value: 4}]}}
    expect: {now: {outcome: fail, mentions: ["1 of the way", "hit: yes"]}}
  - name: the share alone
    given: {kr: {readings: [{raw: 0.25}]}}
    expect: {now: {outcome: fail, message: "13.5 on 2026-11-05 08:00 UTC, 0.25 of the way, hit: no"}}
`)
	require.True(t, r.OK(), r.String())
	for _, c := range r.Cases {
		require.Empty(t, c.Contradictions, c.Name)
	}
}

// What is stated holds, and what contradicts it is told.
func TestStatedFactsHold(t *testing.T) {
	r := tellFacts(t, `  - name: a contradiction
    given: {kr: {progress: 0.9, status: off_track, days_quiet: 3, readings: [{value: 15, raw: 0.1, source: checkin}], checkins: [{at: -8d, elapsed: 0.9}]}}
    expect: {pace: {outcome: fail, message: "0.9 of 0.3956, -0.1044 behind: off_track"}, said: {outcome: fail, mentions: quiet for 3 days}}
  - name: rounded off
    given: {kr: {progress: 0.333, current: 14}}
    expect: {pace: fail}
  - name: nothing to contradict
    given: {kr: {progress: 0.9, raw: 0.9, gap: null, status: carried_over}}
    expect: {pace: {outcome: fail, message: "0.9 of 0.3956, unknown behind: carried_over"}}
  - name: the cycle
    given: {cycle: {start: 2026-07-01, phase: closed, days_left: 3}}
    expect: {cycle: fail}
  - name: the parts
    given: {objective: {progress: 0.9, key_results: [{current: 12}]}}
    expect: {objective: {outcome: fail, mentions: 0.9}}
`)
	require.True(t, r.OK(), r.String())
	var got []string
	for _, c := range r.Cases {
		for _, x := range c.Contradictions {
			got = append(got, c.Name+": "+x.Path+" "+x.Stated+" "+x.Computed)
		}
	}
	require.Equal(t, []string{
		"a contradiction: kr.readings[0].raw 0.1 0.5",
		"a contradiction: kr.checkins[0].elapsed 0.9 0.3077",
		"a contradiction: kr.days_quiet 3 8",
		"a contradiction: kr.progress 0.9 0.5",
		"a contradiction: kr.status off_track on_track",
		"the cycle: cycle.days_left 3 55",
		"the parts: objective.progress 0.9 0",
	}, got)
}

// The facts of a test are the figures of a company with the same rows.
func TestFactsOfTestsAreTheFiguresOfRows(t *testing.T) {
	s := audit.Schema(audit.Level)
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		now := start.AddDate(0, 0, rapid.IntRange(1, 95).Draw(t, "day")).Add(9 * time.Hour)
		kind := rapid.SampledFrom([]measure.Kind{measure.Increase, measure.Decrease, measure.AtLeast, measure.AtMost, measure.YesNo}).Draw(t, "kind")
		number := rapid.IntRange(0, 20)
		baseline, target := float64(number.Draw(t, "baseline")), float64(number.Draw(t, "target"))
		kr := map[string]any{"kind": string(kind), "baseline": baseline, "target": target}
		snap := &okr.Snapshot{
			Cycles:     []okr.Cycle{{ID: "c", Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31), Cadence: &okr.Schedule{Frequency: okr.Weekly}}},
			Objectives: []okr.Objective{{ID: "o", Cycle: "c", State: okr.Active}},
			KeyResults: []okr.KeyResult{{
				ID: "k", Cycle: "c", Objective: "o", State: okr.Active, Source: &okr.Source{Kind: "sql", Interval: okr.Daily},
				Metric: measure.Metric{Kind: kind, Unit: "%", Baseline: measure.N(baseline), Target: measure.N(target)},
			}},
		}
		k := &snap.KeyResults[0]
		var readings []any
		for i := range rapid.IntRange(0, 4).Draw(t, "readings") {
			at := now.AddDate(0, 0, -i)
			v := float64(number.Draw(t, "value"))
			readings = append(readings, map[string]any{"at": at, "value": v})
			if i == 0 {
				k.Current, k.CurrentAt = measure.N(v), &at
			}
		}
		kr["readings"] = readings
		out, wrong, err := s.Derive(rules.Given{Now: now, Vars: map[string]any{"kr": kr, "cycle": map[string]any{}, "objective": map[string]any{}}})
		require.NoError(t, err)
		require.Empty(t, wrong)
		m := snap.Measure(now)
		fact := func(of string, name string) any {
			got := out[map[string]string{"key_result": "kr", "objective": "objective"}[of]].(map[string]any)
			if v, ok := got[name]; ok {
				return v
			}
			for _, typ := range s.Types {
				if typ.Name == of {
					return typ.Example[name]
				}
			}
			return nil
		}
		same := func(want measure.Number, of, name string) {
			got := fact(of, name)
			if !want.Known() {
				require.Nil(t, got, name)
				return
			}
			require.InDelta(t, want.Or(0), got, 1e-9, name)
		}
		same(m["k"].Progress, "key_result", "progress")
		same(m["k"].Expected, "key_result", "expected")
		same(m["k"].Gap, "key_result", "gap")
		same(m["k"].Ratio, "key_result", "ratio")
		require.Equal(t, string(m["k"].Status), fact("key_result", "status"))
		if len(readings) > 0 {
			same(m["o"].Progress, "objective", "progress")
			require.Equal(t, string(m["o"].Status), fact("objective", "status"))
		}
	})
}

// FuzzGiven: whatever a test gives, what follows from it can be computed.
func FuzzGiven(f *testing.F) {
	f.Add("kr: {readings: [{at: -3d, value: 1e300}, {raw: -1}], checkins: [{at: 2026-01-01}], original: {target: 3}}")
	f.Add("kr: {kind: between, low: 3, high: 1, due_day: nonsense, cadence: {interval: 1h}, source: {interval: -3d}}\n      objective: {key_results: [{weight: 0}, {state: draft}]}")
	f.Add("cycle: {start: null, end: 0001-01-01, phase: closed}\n      kr: {current: 3, current_at: +9d, activated: null, blockers: [{closed: -1d}], siblings: [{}]}")
	f.Add("kr: null\n      objective: {team: null, parents: [{}], checkins: [{elapsed: 3}]}")
	env := env()
	f.Fuzz(func(t *testing.T, given string) {
		p, err := rules.Parse("f.yaml", []byte("apiVersion: okr.rules/v1\nenv: 1\nname: f\nversion: 1.0.0\nrules:\n  - {id: r, on: key_result, check: kr.progress >= 0 && kr.gap < 2 && kr.status != '' && objective.progress <= 1, message: no}\ntests:\n  - name: t\n    given:\n      "+given+"\n    expect: {r: pass}\n"))
		if err != nil {
			return
		}
		set, err := rules.Compile(env, p)
		if err != nil {
			return
		}
		report, err := set.Test(context.Background(), rules.TestOptions{})
		require.NoError(t, err)
		require.NotContains(t, report.String(), "cannot be computed")
		require.NotContains(t, report.String(), "internal error")
		require.NotContains(t, report.String(), "a fault of the engine")
	})
}

// What a strict host pays when a pack comes into force.
func BenchmarkStarterPackTests(b *testing.B) {
	live, err := opened()
	require.NoError(b, err)
	for b.Loop() {
		report, err := live.Set().Test(context.Background(), rules.TestOptions{})
		require.NoError(b, err)
		require.True(b, report.OK())
	}
}
