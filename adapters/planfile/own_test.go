package planfile_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

const ownPlan = `# what we want
cycle:
  key: 2027-Q1
  name: First quarter
  zone: Europe/Zurich
  cadence: weekly
people:
  - {id: u1, name: Ada Brand, email: ada@example.org}
teams:
  - Harbour
objectives:
  - key: quay
    title: Ships leave on time
    owner: u1
    team: Harbour
    committed: true
    key_results:
      - title: Late departures
        owner: ada@example.org
        metric: {kind: at most, unit: "%", baseline: 12, target: 4}
        current: 9.5
        confidence: 6
        due: 2027-03-15
        source: {kind: sql, where: berth log, interval: 6h, access: [u1]}
        cadence: {frequency: weekly, weekday: monday, at: "9:30"}
        initiatives:
          - second crane
          - {title: night shift, done: true}
      - baseline: 3
        target: 45
        unit: ships
        title: Ships a day
        source: Berth log
`

func number(v float64) measure.Number { return measure.N(v) }

func TestOwnPlanIsRead(t *testing.T) {
	var trace planfile.Trace
	p, err := planfile.Read("plan.yaml", []byte(ownPlan), planfile.WithTrace(&trace))
	require.NoError(t, err)
	at := func(line int) okr.Position { return okr.Position{File: "plan.yaml", Line: line} }
	require.Equal(t, okr.Plan{
		Cycle: okr.PlanCycle{
			Key: "2027-Q1", Name: "First quarter", Zone: "Europe/Zurich",
			Start: measure.NewDate(2027, 1, 1), End: measure.NewDate(2027, 3, 31),
			Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday},
		},
		People: []okr.Person{{ID: "u1", Name: "Ada Brand", Email: "ada@example.org"}},
		Teams:  []okr.Team{{ID: "Harbour", Name: "Harbour"}},
		Objectives: []okr.PlanObjective{{
			Key: "quay", Title: "Ships leave on time", Owner: "u1", Team: "Harbour", Committed: true, At: at(12),
			KeyResults: []okr.PlanKeyResult{{
				Title: "Late departures", Owner: "ada@example.org",
				Metric:  measure.Metric{Kind: measure.AtMost, Unit: "%", Baseline: number(12), Target: number(4)},
				Current: number(9.5), Confidence: number(6), Due: measure.NewDate(2027, 3, 15),
				Source:      &okr.Source{Kind: "sql", Where: "berth log", Interval: 6 * okr.Hourly, Access: []string{"u1"}},
				Cadence:     &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday, At: "09:30"},
				Initiatives: []okr.Initiative{{Title: "second crane"}, {Title: "night shift", Done: true}},
				At:          at(18),
			}, {
				Title:  "Ships a day",
				Metric: measure.Metric{Kind: measure.Increase, Unit: "ships", Baseline: number(3), Target: number(45)},
				Source: &okr.Source{Where: "Berth log"}, At: at(29),
			}},
		}},
	}, p)
	require.Equal(t, planfile.YAML, trace.Format)
	require.Equal(t, planfile.Comments, trace.Lines[0].Role)
	require.Equal(t, planfile.KeyResults, trace.Lines[17].Role)
	for _, line := range trace.Lines {
		require.NotEmpty(t, line.Role, line.Text)
		require.NotEqual(t, planfile.NotRead, line.Role, line.Text)
	}
}

func TestConveniencesOfTheOwnPlan(t *testing.T) {
	one := func(t *testing.T, kr string) okr.PlanKeyResult {
		t.Helper()
		p, err := planfile.Read("plan.yaml", []byte("objectives:\n- title: o\n  key_results:\n  - "+kr))
		require.NoError(t, err)
		k := p.Objectives[0].KeyResults[0]
		k.At = okr.Position{}
		return k
	}
	schedule := func(s okr.Schedule) okr.PlanKeyResult { return okr.PlanKeyResult{Title: "k", Cadence: &s} }
	for kr, want := range map[string]okr.PlanKeyResult{
		`plain words`:                    {Title: "plain words"},
		`2027`:                           {Title: "2027"},
		`{title: k, cadence: biweekly}`:  schedule(okr.Schedule{Frequency: okr.Weekly, Every: 2, Weekday: time.Friday}),
		`{title: k, cadence: quarterly}`: schedule(okr.Schedule{Frequency: okr.Monthly, Every: 3}),
		`{title: k, cadence: every tuesday at 8:15}`:                   schedule(okr.Schedule{Frequency: okr.Weekly, Weekday: time.Tuesday, At: "08:15"}),
		`{title: k, cadence: {frequency: weekly}}`:                     schedule(okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}),
		`{title: k, cadence: {frequency: weekly, weekday: 0}}`:         schedule(okr.Schedule{Frequency: okr.Weekly}),
		`{title: k, cadence: {frequency: Monthly, day: 31}}`:           schedule(okr.Schedule{Frequency: okr.Monthly, Day: 31}),
		`{title: k, target: 45 %}`:                                     {Title: "k", Metric: measure.Metric{Unit: "%", Target: number(45)}},
		`{title: k, target: "≥ 90 %"}`:                                 {Title: "k", Metric: measure.Metric{Kind: measure.AtLeast, Unit: "%", Target: number(90)}},
		`{title: k, metric: from 5 to 3 %}`:                            {Title: "k", Metric: measure.Metric{Kind: measure.Decrease, Unit: "%", Baseline: number(5), Target: number(3)}},
		`Cut refunds from 5 % to 3 % by 30 June 2027`:                  {Title: "Cut refunds from 5 % to 3 % by 30 June 2027", Metric: measure.Metric{Kind: measure.Decrease, Unit: "%", Baseline: number(5), Target: number(3)}, Due: measure.NewDate(2027, 6, 30)},
		`{title: k, current: 1'250 EUR}`:                               {Title: "k", Metric: measure.Metric{Unit: "EUR"}, Current: number(1250)},
		`{title: k, baseline: 15, target: "4e1"}`:                      {Title: "k", Metric: measure.Metric{Baseline: number(15), Target: number(40), Kind: measure.Increase}},
		`{title: k, baseline: 010, target: 1_000}`:                     {Title: "k", Metric: measure.Metric{Baseline: number(10), Target: number(1000), Kind: measure.Increase}},
		`{title: k, metric: {baseline: 9, target: 9}}`:                 {Title: "k", Metric: measure.Metric{Baseline: number(9), Target: number(9)}},
		`{title: k, metric: {baseline: 9, target: ~, kind: at-least}}`: {Title: "k", Metric: measure.Metric{Kind: measure.AtLeast, Baseline: number(9)}},
		`{title: k, curve: linear, source: ""}`:                        {Title: "k", Curve: measure.Linear},
		`{title: k, curve: none, weight: 0}`:                           {Title: "k", Curve: measure.NoPace, Weight: number(0)},
		`{title: k, source: {access: u1}}`:                             {Title: "k", Source: &okr.Source{Access: []string{"u1"}}},
	} {
		require.Equal(t, want, one(t, kr), kr)
	}
}

func TestCycleInOneWord(t *testing.T) {
	p, err := planfile.Read("", []byte("cycle: Q2 2026\nobjectives: [{title: o}]"))
	require.NoError(t, err)
	require.Equal(t, okr.PlanCycle{Key: "2026-Q2", Name: "Q2 2026", Start: measure.NewDate(2026, 4, 1), End: measure.NewDate(2026, 6, 30)}, p.Cycle)
}

func TestAliasesOfYAML(t *testing.T) {
	p, err := planfile.Read("p.yaml", []byte("cycle: {name: n, cadence: &c {frequency: monthly, day: 3}}\nobjectives:\n- title: o\n  key_results: [{title: k, cadence: *c}]"))
	require.NoError(t, err)
	require.Equal(t, p.Cycle.Cadence, p.Objectives[0].KeyResults[0].Cadence)
}

// What cannot be used says where, what, and how to mend it.
func TestOwnPlanRefusals(t *testing.T) {
	in := func(kr string) string { return "objectives:\n- title: o\n  key_results:\n  - " + kr }
	for _, c := range []struct{ name, src, want string }{
		{"p.yaml", "", `p.yaml: the file is empty: write at least one objective`},
		{"p.yaml", " \n\t\n", `p.yaml: the file is empty`},
		{"p.yaml", "# only words\n", `p.yaml: the file holds only comments`},
		{"p.yaml", "--- \n", `p.yaml:2:1: the file holds no objective`},
		{"p.yaml", "objectives: []", `p.yaml:1:1: the file holds no objective: list them under objectives:`},
		{"p.yaml", "objectives:\n- title: a\n  titel: b\n", `p.yaml:3:3: objectives[0]: unknown key "titel": did you mean title?`},
		{"p.yaml", in("{title: k, krs: 3}"), `p.yaml:4:16: objectives[0].key_results[0]: unknown key "krs": use one of`},
		{"p.yaml", in("{title: k, start: 3}"), `unknown key "start": did you mean baseline?`},
		{"p.yaml", in("{title: k, Assignee: x}"), `unknown key "Assignee": did you mean owner?`},
		{"p.yaml", "objectives:\n- title: a\n  title: b\n", `p.yaml:3:3: objectives[0].title: stands here twice: keep one`},
		{"p.yaml", in("{title: k, target: lots}"), `objectives[0].key_results[0].target: "lots" is no number: write it like 45`},
		{"p.yaml", in("{title: k, target: '1.000'}"), `target: "1.000" can be read in two ways: write a thousand as 1000`},
		{"p.yaml", in("{target: 3}"), `objectives[0].key_results[0].title: is missing: say in one sentence`},
		{"p.yaml", in(""), `p.yaml:4:4: objectives[0].key_results[0]: is empty`},
		{"p.yaml", "objectives:\n- {title: a, parent: b}\n- {title: c}\n", `p.yaml:2:22: objectives[0].parent: "b" is no other objective of this file`},
		{"p.yaml", "objectives:\n- {title: a, rollup: {driver: childs}}\n", `objectives[0].rollup.driver: "childs" is not known: use one of key_results, children, both`},
		{"p.yaml", "objectives:\n- {title: a, rollup: {by: pace}}\n", `objectives[0].rollup: unknown key "by": use one of`},
		{"p.yaml", "objectives:\n- {title: a, rollup: both}\n", `objectives[0].rollup: `},
		{"p.yaml", in("{title: k, target: .nan}"), `objectives[0].key_results[0].target: ".nan" is not finite: give a finite number`},
		{"p.yaml", in("{title: k, target: -.inf}"), `"-.inf" is not finite`},
		{"p.yaml", in("{title: k, target: 1e999}"), `"1e999" is not finite`},
		{"p.yaml", in("{title: k, target: [1]}"), `target: a list is no number`},
		{"p.yaml", in("{title: [k]}"), `title: a list where text belongs`},
		{"p.yaml", in("{title: k, owner: {a: b}}"), `owner: a mapping where text belongs`},
		{"p.yaml", in("{title: k, metric: {kind: incraese}}"), `metric.kind: "incraese" is not known: did you mean increase?`},
		{"p.yaml", in("{title: k, metric: {}, target: 3}"), `target: stands beside metric: write it into the metric`},
		{"p.yaml", in("{title: k, metric: somehow better}"), `"somehow better" cannot be read`},
		{"p.yaml", in("{title: k, confidence: 11}"), `confidence: "11" does not fit: write a number from 0 to 10, without unit`},
		{"p.yaml", in("{title: k, weight: -1}"), `weight: "-1" does not fit: write a number of at least 0`},
		{"p.yaml", in("{title: k, due: soon}"), `due: "soon" is no date: write it like 2026-10-01`},
		{"p.yaml", in("{title: k, due: 2027-02-30}"), `due: "2027-02-30" is no date`},
		{"p.yaml", in("{title: k, cadence: daily}"), `cadence: "daily" is no cadence: write weekly`},
		{"p.yaml", in("{title: k, cadence: {every: 2}}"), `cadence.frequency: is missing: write weekly or monthly`},
		{"p.yaml", in("{title: k, cadence: {frequency: weekly, weekday: 9}}"), `cadence.weekday: "9" is no weekday`},
		{"p.yaml", in("{title: k, cadence: {frequency: weekly, at: 25:00}}"), `cadence.at: "25:00" is no time of day`},
		{"p.yaml", in("{title: k, cadence: {frequency: weekly, zone: Mars/North}}"), `cadence.zone: "Mars/North" is no time zone`},
		{"p.yaml", in("{title: k, source: {interval: often}}"), `source.interval: "often" is no interval`},
		{"p.yaml", in("{title: k, curve: steep}"), `curve: "steep" is not known`},
		{"p.yaml", in("{title: k, metric: {kind: increase, baseline: 9, target: 4}}"), `p.yaml:4:62: objectives[0].key_results[0].metric.target: "4": an increase ends above its baseline 9`},
		{"p.yaml", in("{title: k, weight: 1e9}"), `p.yaml:4:24: objectives[0].key_results[0].weight: "1000000000": a weight goes from 0`},
		{"p.yaml", "objectives:\n- {key: a, title: a}\n- {key: a, title: b}\n", `p.yaml:3:9: objectives[1].key: "a": it stands twice`},
		{"p.yaml", "cycle: {end: 2027-01-01}\nobjectives: [{title: o}]", `cycle.end: "2027-01-01": give both the first and the last day`},
		{"p.yaml", "people: [{id: a}, {id: a}]\nobjectives: [{title: o}]", `p.yaml:1:24: people[1].id: "a": it stands twice`},
		{"p.yaml", "teams: [~]\nobjectives: [{title: o}]", `p.yaml:1:9: teams[0]: is empty`},
		{"p.yaml", in("{title: k, initiatives: {a: b}}"), `initiatives: a mapping where a list belongs`},
		{"p.yaml", in("{title: k, initiatives: [{done: maybe}]}"), `done: "maybe" is neither true nor false`},
		{"p.yaml", in("{<<: {title: k}}"), `merge keys (<<) are not read: write the fields out`},
		{"p.yaml", in("{[a]: k}"), `a key that is no text`},
		{"p.yaml", "objectives:\n- title: o\n  rank: 1.5", `rank: "1.5" is no whole number from 0`},
		{"p.yaml", "cycle: {start: 2027-04-01, end: 2027-01-01}\nobjectives: [{title: o}]", `cycle.end: 2027-01-01 is before the first day 2027-04-01`},
		{"p.yaml", "objectives: [{title: o}]\n---\nobjectives: []", `p.yaml:2: a second document begins here: one file is one plan`},
		{"p.yaml", "objectives:\n- title: a: b", `p.yaml:2: this is no YAML: mapping values are not allowed`},
		{"p.yaml", "objectives:\n\t- title: a", `this is no YAML: found character that cannot start any token`},
		{"p.yaml", "[1, 2]", `a list where a mapping belongs`},
		{"p.yaml", "objectives: [{title: o}]\nteams: &a [*a]", `the file nests too deep`},
		{"p.yaml", "objectives: " + strings.Repeat("[", 200) + strings.Repeat("]", 200), `the file nests too deep`},
		{"p.yaml", "objectives: [{title: \"a\x00b\"}]", `p.yaml:1:24: a NUL character stands in the text`},
		{"p.yaml", "PK\x03\x04 and so on", `p.yaml: this is no text file: it looks like a spreadsheet`},
		{"p.json", `{"objectives": [`, `p.json:1:17: the JSON ends too early: a bracket or a quote is not closed`},
		{"p.json", "{\n\t\"objectives\": [{title: 1}]\n}", `p.json:2:18: this is no JSON`},
		{"p.json", `{"objectives": [{"title": "o"}]} {}`, `p.json:1:35: something stands after the value`},
		{"p.json", `{"objectives": [{"title": "o", "title": "p"}]}`, `objectives[0].title: stands here twice`},
		{"p.json", `{"objectives": [{"title": "o", "key_results": [{"title": "k", "current": "many"}]}]}`, `p.json:1:74: objectives[0].key_results[0].current: "many" is no number`},
	} {
		t.Run("", func(t *testing.T) {
			_, err := planfile.Read(c.name, []byte(c.src))
			require.Error(t, err, c.src)
			require.ErrorIs(t, err, okr.ErrInvalid, c.src)
			var syntax *planfile.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.NotEmpty(t, syntax.Hint)
			require.Contains(t, err.Error(), c.want, c.src)
		})
	}
}

func TestEveryProblemIsNamedAtOnce(t *testing.T) {
	_, err := planfile.Read("p.yaml", []byte("objectives:\n- titel: a\n  key_results:\n  - {title: k, target: lots, due: soon}\n"))
	require.Len(t, strings.Split(err.Error(), "\n"), 3)

	many := "objectives:\n" + strings.Repeat("- {title: a, x: 1}\n", 50)
	_, err = planfile.Read("p.yaml", []byte(many))
	require.Contains(t, err.Error(), "and 30 more problems")
}

func TestDetailPointsAtTheColumn(t *testing.T) {
	_, err := planfile.Read("p.yaml", []byte("objectives:\n- titel: a\n"))
	var syntax *planfile.SyntaxError
	require.ErrorAs(t, err, &syntax)
	require.Equal(t, "p.yaml:2:3: objectives[0]: unknown key \"titel\": did you mean title?\n    - titel: a\n      ^", syntax.Detail())

	long := `{"objectives": [` + strings.Repeat(`{"title": "o"},`, 500) + `{"titel": "x"}]}`
	_, err = planfile.Read("p.json", []byte(long))
	require.ErrorAs(t, err, &syntax)
	require.Less(t, len(syntax.Excerpt), 300)
	lines := strings.Split(syntax.Detail(), "\n")
	require.True(t, strings.HasPrefix(lines[1][strings.Index(lines[2], "^")-2:], `"titel"`) || strings.Contains(lines[1], `"titel"`), syntax.Detail())
}

// A document that grows when its aliases are followed is refused in bounded time.
func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		b.WriteString("a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [")
		for range 10 {
			b.WriteString("*a" + string(rune('0'+i-1)) + ", ")
		}
		b.WriteString("]\n")
	}
	b.WriteString("objectives: [{title: o}]\n")
	_, err := planfile.ReadAs(planfile.YAML, "bomb.yaml", []byte(b.String()))
	require.ErrorIs(t, err, okr.ErrInvalid)
}

func TestEncodings(t *testing.T) {
	want := "Größe – zählt"
	utf8 := "objectives:\r\n- title: " + want + "\r\n"
	utf16 := func(big bool, bom bool) []byte {
		var out []byte
		text := utf8
		if bom {
			text = "\uFEFF" + text
		}
		for _, r := range text {
			hi, lo := byte(r>>8), byte(r)
			if big {
				out = append(out, hi, lo)
			} else {
				out = append(out, lo, hi)
			}
		}
		return out
	}
	for name, src := range map[string][]byte{
		"utf-8":             []byte(utf8),
		"utf-8 with mark":   []byte("\uFEFF" + utf8),
		"utf-16be":          utf16(true, true),
		"utf-16le":          utf16(false, true),
		"utf-16be, no mark": utf16(true, false),
		"utf-16le, no mark": utf16(false, false),
		"windows-1252":      []byte("objectives:\n- title: Gr\xf6\xdfe \x96 z\xe4hlt\n"),
		"old mac":           []byte("objectives:\r- title: " + want + "\r"),
	} {
		p, err := planfile.Read("p.yaml", src)
		require.NoError(t, err, name)
		require.Equal(t, want, p.Objectives[0].Title, name)
	}
}

func drawPlan(t *rapid.T) okr.Plan {
	text := rapid.OneOf(
		rapid.StringMatching(`[A-Za-zäß€%#:'"{}\[\],&*!|> 0-9.\-\\/]{1,20}`),
		rapid.SampledFrom([]string{"yes", "null", "~", "45", "2027-01-01", "0x1f", "- a", "a: b", "# c", "two\nlines\n", " spaced ", "\ttab", "from 5 to 3 %", "Raise renewals from 5 to 9 by 30 June 2027", "é\u2028x", "\u0085", "emoji 🎯", "<b>&amp;</b>", "Q3 2026"}),
	)
	maybe := rapid.OneOf(rapid.Just(""), text)
	num := rapid.Custom(func(t *rapid.T) measure.Number {
		if rapid.Bool().Draw(t, "unknown") {
			return measure.Number{}
		}
		return number(rapid.OneOf(rapid.Float64Range(-1e9, 1e9), rapid.SampledFrom([]float64{0, 0.1, 45, 1e21, -3})).Draw(t, "number"))
	})
	within := func(least, most float64) *rapid.Generator[measure.Number] {
		return rapid.Custom(func(t *rapid.T) measure.Number {
			if rapid.Bool().Draw(t, "unknown") {
				return measure.Number{}
			}
			return number(rapid.Float64Range(least, most).Draw(t, "number"))
		})
	}
	date := rapid.Custom(func(t *rapid.T) okr.Date {
		if rapid.Bool().Draw(t, "none") {
			return okr.Date{}
		}
		return measure.NewDate(2027, 1, 1).AddDays(rapid.IntRange(0, 400).Draw(t, "day"))
	})
	interval := rapid.SampledFrom([]okr.Interval{0, okr.Hourly, okr.Daily, 14 * okr.Daily, 6 * okr.Hourly, okr.Quarterly})
	short := rapid.SampledFrom([]okr.Interval{0, okr.Hourly, 6 * okr.Hourly, okr.Daily})
	zone := rapid.SampledFrom([]string{"", "UTC", "Europe/Zurich"})
	schedule := rapid.Custom(func(t *rapid.T) *okr.Schedule {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		s := okr.Schedule{
			Frequency: okr.Weekly, Every: rapid.IntRange(0, 4).Draw(t, "every"), Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")),
			At: rapid.SampledFrom([]string{"", "16:00", "09:05"}).Draw(t, "at"), Zone: zone.Draw(t, "zone"),
			Anchor: date.Draw(t, "anchor"), Lead: short.Draw(t, "lead"), Grace: short.Draw(t, "grace"),
		}
		switch rapid.IntRange(0, 3).Draw(t, "kind of schedule") {
		case 0:
			s.Frequency, s.Day = okr.Monthly, rapid.IntRange(0, 31).Draw(t, "dayOfMonth")
		case 1:
			s.Frequency, s.Week = okr.Monthly, rapid.IntRange(-1, 4).Draw(t, "week")
		case 2:
			s = okr.Schedule{At: "10:00", Zone: okr.ZoneOwner}
		}
		s.OffDay = rapid.SampledFrom([]okr.OffDay{"", okr.OffDayKeep, okr.OffDayBefore, okr.OffDayAfter}).Draw(t, "off day")
		s.Holidays = rapid.SampledFrom([]string{"", "CH-ZH", "US"}).Draw(t, "holidays")
		s.SkipWithin, s.Lock = short.Draw(t, "skip within"), rapid.Bool().Draw(t, "lock")
		s.WorkDays = rapid.SampledFrom([][]time.Weekday{nil, {time.Sunday, time.Monday}, {time.Saturday}}).Draw(t, "work days")
		for range rapid.IntRange(0, 2).Draw(t, "pauses") {
			from := measure.NewDate(2027, 1, 1).AddDays(rapid.IntRange(0, 400).Draw(t, "pause"))
			s.Pauses = append(s.Pauses, okr.Span{From: from, To: from.AddDays(rapid.IntRange(0, 30).Draw(t, "days of pause"))})
		}
		return &s
	})
	metric := rapid.Custom(func(t *rapid.T) measure.Metric {
		m := measure.Metric{Unit: maybe.Filter(func(s string) bool { return len(s) <= 40 }).Draw(t, "unit"), Baseline: num.Draw(t, "baseline"), Target: num.Draw(t, "target")}
		m.Kind = rapid.SampledFrom(append(measure.Kinds(), "")).Draw(t, "kind")
		switch m.Kind {
		case measure.Zones:
			m.Baseline, m.Target = measure.Number{}, measure.Number{}
			m.Zones = []measure.Zone{{Level: measure.LevelTarget, Text: "two boats: \"red\""}, {Level: measure.LevelFail}}
		case measure.CommitTargetStretch:
			m.Baseline, m.Commit, m.Target, m.Stretch = number(1), num.Draw(t, "commit"), number(3), number(4.5)
		case measure.Milestones:
			m.Baseline, m.Target, m.Milestones = measure.Number{}, measure.Number{}, []measure.Milestone{{Key: "a", Name: maybe.Draw(t, "milestone")}, {Key: "b", Weight: number(2)}}
		case measure.Points:
			m.Points, m.Mode = []measure.Point{{Value: 1, Share: 0}, {Value: 2.5, Share: 0.4}, {Value: 9, Share: 1}}, measure.Average
			m.Baseline, m.Target = measure.Number{}, measure.Number{}
		case measure.Between:
			m.Target, m.Low, m.High = measure.Number{}, number(-1), num.Draw(t, "high")
		case measure.AtMost, measure.Below:
			m.Mode = rapid.SampledFrom([]measure.Mode{"", measure.Distance, measure.HitRatio}).Draw(t, "mode")
			if m.Mode == measure.HitRatio {
				m.Need = number(0.8)
			}
			if m.Mode == measure.Distance {
				m.Tolerance, m.Amber, m.Digits = number(2), number(0.5), number(1)
			}
		}
		if rapid.Bool().Draw(t, "none") || len(m.Problems()) > 0 {
			return measure.Metric{}
		}
		return m
	})
	title := text.Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
	unique := func(what string) func(t *rapid.T) string {
		n := 0
		return func(t *rapid.T) string {
			n++
			return fmt.Sprintf("%s%d%s", rapid.SampledFrom([]string{"", "a: ", "# ", "null", "é"}).Draw(t, what), n, rapid.SampledFrom([]string{"", " x", ":"}).Draw(t, what))
		}
	}
	key, person, team := unique("key"), unique("person"), unique("team")
	maybeKey := func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "hasKey") {
			return key(t)
		}
		return ""
	}
	keyResult := rapid.Custom(func(t *rapid.T) okr.PlanKeyResult {
		k := okr.PlanKeyResult{
			Key: maybeKey(t), Title: title.Draw(t, "title"), Definition: maybe.Draw(t, "definition"), Rationale: maybe.Draw(t, "rationale"),
			Role: rapid.SampledFrom([]okr.Role{okr.Driving, okr.Guardrail}).Draw(t, "role"), KPI: maybe.Draw(t, "kpi"),
			Owner: maybe.Draw(t, "owner"), Metric: metric.Draw(t, "metric"), Curve: rapid.SampledFrom([]measure.Curve{measure.Linear, measure.NoPace}).Draw(t, "curve"),
			Current: num.Draw(t, "current"), Confidence: within(0, 10).Draw(t, "confidence"), Weight: within(0, 100).Draw(t, "weight"),
			Due: date.Draw(t, "due"), Cadence: schedule.Draw(t, "cadence"), Score: within(0, 2).Draw(t, "score"), Outcome: maybe.Draw(t, "outcome"),
		}
		switch k.Metric.Kind {
		case measure.YesNo, measure.Milestones, measure.Zones:
			k.Current = measure.Number{}
		}
		if rapid.Bool().Draw(t, "source") {
			k.Source = &okr.Source{Kind: maybe.Draw(t, "kind"), Where: maybe.Draw(t, "where"), Interval: interval.Draw(t, "interval")}
			if rapid.Bool().Draw(t, "access") {
				k.Source.Access = rapid.SliceOfN(title, 1, 2).Draw(t, "accessTo")
			}
		}
		for range rapid.IntRange(0, 2).Draw(t, "checkins") {
			c := okr.PlanCheckIn{
				At: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "at"))), Confidence: within(0, 10).Draw(t, "confidence"),
				Author: maybe.Draw(t, "author"), Note: maybe.Draw(t, "note"),
			}
			switch k.Metric.Kind {
			case measure.Zones:
				c.Zone = rapid.SampledFrom([]measure.Level{"", measure.LevelFail, measure.LevelTarget}).Draw(t, "zone")
			case measure.YesNo, measure.Milestones:
				c.Value = number(1)
			default:
				c.Value = num.Draw(t, "value")
			}
			k.CheckIns = append(k.CheckIns, c)
		}
		for range rapid.IntRange(0, 2).Draw(t, "initiatives") {
			k.Initiatives = append(k.Initiatives, okr.Initiative{Title: title.Draw(t, "title"), Owner: okr.ID(maybeKey(t)), Done: rapid.Bool().Draw(t, "done"), Link: maybe.Draw(t, "link")})
		}
		return k
	})
	p := okr.Plan{Cycle: okr.PlanCycle{Key: maybeKey(t), Name: maybe.Draw(t, "name"), Zone: zone.Draw(t, "zone"), Cadence: schedule.Draw(t, "cadence")}}
	p.Cycle.Bands = rapid.SampledFrom([]measure.Bands{{}, {Compare: measure.CompareRatio, AtRisk: 0.9, OffTrack: 0.5, Strict: true}, {Compare: measure.CompareGap, AtRisk: 0, OffTrack: 0.25}}).Draw(t, "bands")
	p.Cycle.GradeObjectives = rapid.SampledFrom([]*bool{nil, new(bool)}).Draw(t, "grade")
	if p.Cycle.Key != "" {
		p.Cycle.Parent = rapid.SampledFrom([]string{"", "the year"}).Draw(t, "parent")
	}
	if rapid.Bool().Draw(t, "dates") {
		p.Cycle.Start = date.Draw(t, "start")
		p.Cycle.End = p.Cycle.Start
	}
	if rapid.Bool().Draw(t, "phases") {
		from := measure.NewDate(2027, 1, 1).AddDays(rapid.IntRange(0, 400).Draw(t, "phase"))
		p.Cycle.Phases = []okr.CyclePhase{{Name: "freeze", From: from, To: from.AddDays(3)}, {Name: title.Filter(func(s string) bool { return s != "freeze" }).Draw(t, "phase"), From: from, To: from}}
	}
	if rapid.Bool().Draw(t, "sessions") {
		p.Cycle.Sessions = []okr.CycleSession{{Kind: okr.PlanningSession}, {Kind: okr.ReviewSession, At: "09:05", Zone: zone.Draw(t, "zone"), Lead: short.Draw(t, "lead"), For: okr.ForOwners}}
		s := okr.CycleSession{Name: "the third", Kind: rapid.SampledFrom([]okr.SessionKind{okr.CheckInSession, okr.CustomSession}).Draw(t, "kind"), Minutes: rapid.IntRange(0, 90).Draw(t, "minutes"), Team: "nobody's"}
		if s.Schedule = schedule.Filter(func(s *okr.Schedule) bool { return s == nil || s.Frequency != "" }).Draw(t, "schedule"); s.Schedule == nil {
			s.On = cmp.Or(p.Cycle.Start, measure.NewDate(2027, 3, 4))
		}
		p.Cycle.Sessions = append(p.Cycle.Sessions, s)
	}
	for range rapid.IntRange(0, 2).Draw(t, "people") {
		p.People = append(p.People, okr.Person{ID: okr.ID(person(t)), Name: title.Draw(t, "name"), Email: maybe.Draw(t, "email"), Kind: rapid.SampledFrom([]okr.PersonKind{"", okr.Human, okr.Group}).Draw(t, "kind"), Left: rapid.Bool().Draw(t, "left"), Team: okr.ID(team(t)), Zone: zone.Draw(t, "zone"), Version: rapid.Int64Range(0, 9).Draw(t, "version")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "teams") {
		p.Teams = append(p.Teams, okr.Team{ID: okr.ID(team(t)), Name: team(t), Lead: okr.ID(person(t)), Limit: rapid.IntRange(0, 9).Draw(t, "limit"), Cadence: schedule.Draw(t, "cadence")})
	}
	for range rapid.IntRange(1, 3).Draw(t, "objectives") {
		o := okr.PlanObjective{Key: maybeKey(t), Title: title.Draw(t, "title"), Committed: rapid.Bool().Draw(t, "committed"), Private: rapid.Bool().Draw(t, "private"), Rank: rapid.IntRange(0, 5).Draw(t, "rank"), Owner: maybe.Draw(t, "owner"), Team: maybe.Draw(t, "team"), Description: maybe.Draw(t, "description"), Score: within(0, 2).Draw(t, "score"), Outcome: maybe.Draw(t, "outcome")}
		o.Rollup = rapid.SampledFrom([]measure.RollupPolicy{
			{}, {Driver: measure.DriverBoth}, {Driver: measure.DriverChildren, Method: measure.MethodSum}, {Status: measure.VoiceWeakest},
		}).Draw(t, "rollup")
		for range rapid.IntRange(0, 3).Draw(t, "keyResults") {
			o.KeyResults = append(o.KeyResults, keyResult.Draw(t, "keyResult"))
		}
		p.Objectives = append(p.Objectives, o)
	}
	// An objective is named by its title where that is nobody else's key or title.
	names := func(i int) bool {
		return !slices.ContainsFunc(slices.Delete(slices.Clone(p.Objectives), i, i+1), func(o okr.PlanObjective) bool {
			return o.Key == p.Objectives[i].Title || o.Title == p.Objectives[i].Title
		})
	}
	for i := range p.Objectives {
		o := &p.Objectives[i]
		if i > 0 && names(0) && rapid.Bool().Draw(t, "hasParent") {
			o.Parent = p.Objectives[0].Title
		}
		if i > 1 && names(1) && rapid.Bool().Draw(t, "hasMoreParents") {
			o.Parents = []okr.PlanParent{{Key: p.Objectives[1].Title, Weight: within(0, 5).Draw(t, "share")}}
		}
	}
	return p
}

// withoutPositions is the plan as it was before it stood in a file.
func withoutPositions(p okr.Plan) okr.Plan {
	for i := range p.Objectives {
		p.Objectives[i].At = okr.Position{}
		for j := range p.Objectives[i].KeyResults {
			p.Objectives[i].KeyResults[j].At = okr.Position{}
		}
	}
	return p
}

func TestOwnPlanSurvivesARoundTrip(t *testing.T) {
	for _, format := range []planfile.Format{planfile.YAML, planfile.JSON} {
		t.Run(string(format), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want := drawPlan(t)
				var file bytes.Buffer
				lost, err := planfile.Write(&file, format, want)
				require.NoError(t, err)
				require.Empty(t, lost)
				got, err := planfile.ReadAs(format, "", file.Bytes())
				require.NoError(t, err, file.String())
				require.Equal(t, want, withoutPositions(got), file.String())
			})
		})
	}
}

func TestWriteRefusesWhatCannotBeReadBack(t *testing.T) {
	plan := func(k okr.PlanKeyResult) okr.Plan {
		return okr.Plan{Objectives: []okr.PlanObjective{{Title: "o", KeyResults: []okr.PlanKeyResult{k}}}}
	}
	inf := math.Inf(1)
	for name, p := range map[string]okr.Plan{
		"infinite": plan(okr.PlanKeyResult{Title: "k", Current: number(inf)}),
		"kind":     plan(okr.PlanKeyResult{Title: "k", Metric: measure.Metric{Kind: "sideways"}}),
		"cadence":  plan(okr.PlanKeyResult{Title: "k", Cadence: &okr.Schedule{}}),
	} {
		var file bytes.Buffer
		_, err := planfile.Write(&file, planfile.YAML, p)
		require.ErrorIs(t, err, okr.ErrInvalid, name)
		require.Empty(t, file.Bytes(), name)
	}
	_, err := planfile.Write(&bytes.Buffer{}, "papyrus", okr.Plan{})
	var invalid *okr.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "format", invalid.Field)
}

// Whatever a plan can hold has a key in the own format, under its JSON name.
func TestEveryFieldOfAPlanHasAKey(t *testing.T) {
	for document, of := range map[string]any{
		"%s: ~\n":          okr.Plan{},
		"cycle: {%s: ~}\n": okr.PlanCycle{},
		"cycle: {cadence: {%s: ~, frequency: weekly}}\n":                     okr.Schedule{},
		"cycle: {phases: [{%s: ~}]}\n":                                       okr.CyclePhase{},
		"cycle: {sessions: [{%s: ~}]}\n":                                     okr.CycleSession{},
		"people: [{%s: ~}]\n":                                                okr.Person{},
		"teams: [{%s: ~}]\n":                                                 okr.Team{},
		"objectives: [{%s: ~}]\n":                                            okr.PlanObjective{},
		"objectives: [{rollup: {%s: ~}}]\n":                                  measure.RollupPolicy{},
		"objectives: [{parents: [{%s: ~}]}]\n":                               okr.PlanParent{},
		"objectives: [{key_results: [{%s: ~}]}]\n":                           okr.PlanKeyResult{},
		"objectives: [{key_results: [{metric: {%s: ~}}]}]\n":                 measure.Metric{},
		"objectives: [{key_results: [{metric: {points: [{%s: ~}]}}]}]\n":     measure.Point{},
		"objectives: [{key_results: [{metric: {milestones: [{%s: ~}]}}]}]\n": measure.Milestone{},
		"objectives: [{key_results: [{metric: {zones: [{%s: ~}]}}]}]\n":      measure.Zone{},
		"objectives: [{key_results: [{source: {%s: ~}}]}]\n":                 okr.Source{},
		"objectives: [{key_results: [{initiatives: [{%s: ~}]}]}]\n":          okr.Initiative{},
		"objectives: [{key_results: [{checkins: [{%s: ~}]}]}]\n":             okr.PlanCheckIn{},
	} {
		typ := reflect.TypeOf(of)
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if name == "-" || name == "frequency" || name == "away_text" { // the ledger alone writes that
				continue
			}
			require.NotEmpty(t, name, typ.Field(i).Name)
			_, err := planfile.ReadAs(planfile.YAML, "p.yaml", []byte(fmt.Sprintf(document, name)))
			if err != nil {
				require.NotContains(t, err.Error(), "unknown key", "%s.%s", typ.Name(), typ.Field(i).Name)
			}
		}
	}
}

// Every contradiction is told, where it stands, so that a file is mended in one go.
func TestOwnPlanTellsEveryContradiction(t *testing.T) {
	_, err := planfile.Read("plan.yaml", []byte(`cycle: {key: 2026-Q4}
objectives:
  - title: Customers stay
    key_results:
      - title: Raise renewals
        metric: {kind: increase, unit: "%", baseline: 90, target: 70}
      - title: Answer within two hours
        metric: {kind: decrease, unit: h, baseline: 2, target: 8}
      - title: Between nine and three
        metric: {kind: between, low: 9, high: 3}
`))
	require.ErrorIs(t, err, okr.ErrInvalid)
	for i, line := range []string{"plan.yaml:6:", "plan.yaml:8:", "plan.yaml:10:"} {
		require.ErrorContains(t, err, line)
		require.ErrorContains(t, err, fmt.Sprintf("key_results[%d].metric", i))
	}
}
