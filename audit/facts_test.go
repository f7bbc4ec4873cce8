package audit_test

import (
	"fmt"
	"slices"
	"strconv"
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

// asked is what rules read of a subject: the expression, printed.
func asked(t *testing.T, s *okr.Snapshot, now time.Time, on string, ref okr.Ref, expr string) string {
	t.Helper()
	text := fmt.Sprintf(`
apiVersion: okr.rules/v1
env: 1
name: probe
version: 1.0.0
rules:
  - id: probe
    on: %s
    check: "1 > 2"
    message: %s
`, on, strconv.Quote("{"+expr+"}"))
	parsed, err := rules.Parse("probe.yaml", []byte(text))
	require.NoError(t, err)
	set, err := rules.Compile(env(), parsed)
	require.NoError(t, err)
	j := audit.New(audit.Fixed(set))
	s = s.Clone()
	s.Packs = j.Starter()
	s.Sort()
	v, err := j.Judge(t.Context(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: s.Measure(now), Now: now})
	require.NoError(t, err)
	i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Rule == "probe" && f.Subject == ref })
	require.GreaterOrEqual(t, i, 0, "nothing was said of %s: %v", ref, v.Findings)
	return v.Findings[i].Message
}

// pausing is a rhythm that pauses since so many days before friday.
func pausing(days int) *okr.Schedule {
	return &okr.Schedule{Pauses: []okr.Span{{From: measure.DateOf(friday).AddDays(-days), To: measure.NewDate(2026, 11, 30)}}}
}

// Days on which the owner is away, and nobody stands in, are nobody's silence.
func TestDaysAway(t *testing.T) {
	at := friday.AddDate(0, 0, -20) // 17 October
	for _, c := range []struct {
		name  string
		set   func(*okr.Person)
		quiet string
		state string
	}{
		{"here", func(p *okr.Person) { p.Away = nil }, "20", "dead"},
		{"away", func(*okr.Person) {}, "3", "late"},
		{"with a backup", func(p *okr.Person) { p.Backup = "ben" }, "20", "dead"},
		{"has left", func(p *okr.Person) { p.Left = true }, "20", "dead"},
		{"until the end of time", func(p *okr.Person) { p.Away[0].To = measure.NewDate(9999, 12, 31) }, "1", "live"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := activated(input(t, plan()).Snapshot)
			k := keyResult(t, s, "paying")
			k.Source = source()
			k.Source.Kind = "manual"
			k.CurrentAt, k.LastCheckIn = &at, &at
			p := s.Person("mara")
			p.Away = []okr.Span{{From: measure.NewDate(2026, 10, 19), To: measure.NewDate(2026, 11, 4)}}
			c.set(p)
			require.Equal(t, c.quiet+", "+c.state, asked(t, s, friday, "key_result", refOf(k), "[string(kr.days_quiet), kr.source.state]"))
		})
	}
}

func TestFactsOfAKeyResult(t *testing.T) {
	day := func(n int) *time.Time { at := friday.AddDate(0, 0, -n); return &at }
	for _, c := range []struct {
		name string
		set  func(*okr.KeyResult)
		expr string
		want string
	}{
		{"the title is what it says", nil, "kr.title", "Raise the share of trials that pay from 12 % to 18 %"},
		{"progress is a share of the way", nil, "kr.progress", "0.3333"},
		{"a value that was never given is unknown", func(k *okr.KeyResult) { k.Current, k.CurrentAt = measure.Number{}, nil }, "kr.progress", "unknown"},
		{"a threshold has no way to travel", func(k *okr.KeyResult) { k.Metric = measure.Metric{Kind: measure.AtLeast, Target: measure.N(18)} }, "kr.travels", "no"},
		{"the due day is the cycle's", nil, "kr.due_day", "2026-12-31"},
		{"unless it has its own", func(k *okr.KeyResult) { k.Due = measure.NewDate(2026, 11, 30) }, "kr.due_day + ' ' + string(kr.days_left)", "2026-11-30 24"},
		{"due is the last second in the cycle's zone", nil, "kr.due", "2026-12-31 22:59 UTC"},
		{"a metric without a target decides nothing", func(k *okr.KeyResult) { k.Metric.Target = measure.Number{} }, "kr.decidable", "no"},
		{"yes or no needs no target", func(k *okr.KeyResult) { k.Metric = measure.Metric{Kind: measure.YesNo} }, "kr.decidable", "yes"},
		{"a band decides by both its ends", func(k *okr.KeyResult) {
			k.Metric = measure.Metric{Kind: measure.Between, Low: measure.N(2), High: measure.N(4), Baseline: measure.N(3)}
		}, "[kr.decidable, kr.met_at_start, kr.low < kr.high]", "yes, yes, yes"},
		{"what a KPI measures", func(k *okr.KeyResult) { k.KPI = "churn" }, "kr.kpi", "churn"},
		{"a guardrail", func(k *okr.KeyResult) { k.Role = okr.Guardrail }, "kr.guardrail", "yes"},
		{"a kind that this version does not know", func(k *okr.KeyResult) { k.Metric.Kind = "control" }, "kr.decidable", "no"},

		{"nobody owns it", func(k *okr.KeyResult) { k.Owner = "" }, "has(kr.owner)", "no"},
		{"somebody unknown owns it", func(k *okr.KeyResult) { k.Owner = "stranger" }, "kr.owner.name + ' ' + string(has(kr.owner.active))", "stranger false"},
		{"an owner has the key results of the cycle", nil, "kr.owner.key_results.map(k, k.key)", "paying"},
		{"the owner is among the readers of the source", nil, "kr.owner_has_access", "yes"},
		{"by name as well", func(k *okr.KeyResult) { k.Source.Access = []string{" mara lind "} }, "kr.owner_has_access", "yes"},
		{"everybody is everybody", func(k *okr.KeyResult) { k.Source.Access = []string{"Everyone"} }, "kr.owner_has_access", "yes"},
		{"others are, and all of them are known", func(k *okr.KeyResult) { k.Source.Access = []string{"ben", "ivo"} }, "kr.owner_has_access", "no"},
		{"a name that is nobody's id may be a group's", func(k *okr.KeyResult) { k.Source.Access = []string{"ben", "Ivo Karr"} }, "kr.owner_has_access", "unknown"},
		{"a group may hold the owner", func(k *okr.KeyResult) { k.Source.Access = []string{"ben", "Sales desk"} }, "kr.owner_has_access", "unknown"},
		{"nobody is named", func(k *okr.KeyResult) { k.Source.Access = nil }, "kr.owner_has_access", "unknown"},

		{"the rhythm is the cycle's", nil, "kr.cadence.text", "weekly"},
		{"unless it has its own", func(k *okr.KeyResult) { k.Cadence = &okr.Schedule{Frequency: okr.Monthly} }, "kr.cadence.text + ' ' + string(kr.cadence.days)", "monthly 30"},

		{"quiet since the last check-in", func(k *okr.KeyResult) { k.LastCheckIn = day(9) }, "kr.days_quiet", "9"},
		{"quiet since it became active", nil, "kr.days_quiet", "30"},
		{"quiet since the cycle began", func(k *okr.KeyResult) { k.ActivatedAt = day(60) }, "kr.days_quiet", "36"},
		{"not quiet while a source keeps it up to date", func(k *okr.KeyResult) { k.FedAt = day(1) }, "kr.days_quiet", "0"},
		{"however seldom it delivers", func(k *okr.KeyResult) { k.FedAt, k.Source.Interval = day(28), 28*okr.Daily }, "kr.days_quiet", "0"},
		{"quiet since a source ceased to", func(k *okr.KeyResult) { k.FedAt = day(9) }, "kr.days_quiet", "7"},
		{"quiet since somebody looked after it ceased to", func(k *okr.KeyResult) { k.FedAt, k.LastCheckIn = day(20), day(9) }, "kr.days_quiet", "9"},
		{"a KPI feeds it", func(k *okr.KeyResult) { k.KPI, k.Source, k.FedAt = "churn", nil, day(1) }, "kr.days_quiet", "0"},
		{"a person is no source", func(k *okr.KeyResult) { k.Source.Kind, k.FedAt = "manual", day(1) }, "kr.days_quiet", "30"},
		{"an override by hand has people look", func(k *okr.KeyResult) {
			k.FedAt, k.LastCheckIn = day(1), day(9)
			k.Override = measure.Override{Status: measure.AtRisk, Reason: "we know better", By: "mara", Until: *day(-9)}
		}, "kr.days_quiet", "9"},
		{"days of a pause do not count", func(k *okr.KeyResult) {
			k.LastCheckIn, k.Cadence = day(9), &okr.Schedule{Pauses: []okr.Span{{From: measure.NewDate(2026, 10, 20), To: measure.NewDate(2026, 10, 30)}, {From: measure.NewDate(2026, 10, 29), To: measure.NewDate(2026, 11, 1)}}}
		}, "kr.days_quiet", "5"},
		{"nor does it grow in a pause", func(k *okr.KeyResult) { k.LastCheckIn, k.Cadence = day(9), pausing(6) }, "kr.days_quiet", "2"},
		{"a draft is not quiet", func(k *okr.KeyResult) { k.State = okr.Draft }, "kr.days_quiet", "unknown"},

		{"a source that keeps up", func(k *okr.KeyResult) { k.CurrentAt = day(1) }, "kr.source.state", "live"},
		{"a source that is behind", func(k *okr.KeyResult) { k.CurrentAt = day(3) }, "kr.source.state", "late"},
		{"a source that has stopped", func(k *okr.KeyResult) { k.CurrentAt = day(5) }, "kr.source.state", "dead"},
		{"a source of no known interval", func(k *okr.KeyResult) { k.CurrentAt, k.Source.Interval = day(90), 0 }, "kr.source.state", "unknown"},
		{"a source that never delivered", func(k *okr.KeyResult) { k.CurrentAt, k.ActivatedAt = nil, day(20) }, "kr.source.state", "dead"},
		{"a source that has not had the time to", func(k *okr.KeyResult) { k.CurrentAt, k.ActivatedAt = nil, day(1) }, "kr.source.state", "unknown"},
		{"a source of a draft", func(k *okr.KeyResult) { k.CurrentAt, k.State = nil, okr.Draft }, "kr.source.state", "unknown"},

		{"a person has not to enter a number in a pause", func(k *okr.KeyResult) { k.CurrentAt, k.Source.Kind, k.Cadence = day(20), "manual", pausing(19) }, "kr.source.state", "live"},
		{"unless it was late before", func(k *okr.KeyResult) { k.CurrentAt, k.Source.Kind, k.Cadence = day(20), "manual", pausing(17) }, "kr.source.state", "late"},
		{"a machine has", func(k *okr.KeyResult) { k.CurrentAt, k.Cadence = day(20), pausing(19) }, "kr.source.state", "dead"},

		{"siblings are the others of the objective", nil, "kr.siblings.map(k, k.key)", "reply"},
		{"open blockers", nil, "kr.blockers.filter(b, b.open).map(b, b.owner.name)", "Ben Ode"},
		{"check-ins are newest first", nil, "kr.checkins.map(c, c.note)", "Second., First."},
		{"readings are newest first", nil, "kr.readings.map(r, r.value)", "14, 13"},
		{"what it meant at first", func(k *okr.KeyResult) {
			k.Original = &okr.Definition{Title: "Old", Metric: measure.Metric{Target: measure.N(20)}}
		}, "string(kr.original.target) + ' ' + string(has(kr.original.baseline))", "20 false"},
		{"as many letters as a title may have", func(k *okr.KeyResult) { k.Title = strings.Repeat("é", 256) }, "kr.title.size()", "256"},
		{"one more", func(k *okr.KeyResult) { k.Title = strings.Repeat("é", 257) }, "kr.title.endsWith('é…')", "yes"},
		{"words longer than anything written here", func(k *okr.KeyResult) { k.Definition = string(make([]byte, 9000)) }, "kr.definition.size()", "4000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := activated(input(t, plan()).Snapshot)
			k := keyResult(t, s, "paying")
			k.Source = source()
			if c.set != nil {
				c.set(k)
			}
			s.Blockers = []okr.Blocker{
				{ID: "b1", KeyResult: k.ID, Text: "The export is late", Owner: "ben", OpenedAt: *day(4)},
				{ID: "b2", KeyResult: k.ID, Text: "Nobody decides", OpenedAt: *day(9), ClosedAt: day(2)},
			}
			s.CheckIns = []okr.CheckInRecord{
				{ID: "c1", KeyResult: k.ID, OccurredAt: *day(9), RecordedAt: *day(9), Note: "First."},
				{ID: "c2", KeyResult: k.ID, OccurredAt: *day(2), RecordedAt: *day(2), Note: "Second."},
			}
			s.Readings = []okr.Reading{
				{ID: "r1", KeyResult: k.ID, Value: measure.N(13), OccurredAt: *day(9), RecordedAt: *day(9)},
				{ID: "r2", KeyResult: k.ID, Value: measure.N(14), OccurredAt: *day(2), RecordedAt: *day(2)},
			}
			require.Equal(t, c.want, asked(t, s, friday, "key_result", refOf(k), c.expr))
		})
	}
}

func TestFactsOfOtherSubjects(t *testing.T) {
	s := activated(input(t, plan()).Snapshot)
	s.CheckIns = []okr.CheckInRecord{{ID: "c1", KeyResult: keyResult(t, s, "reply").ID, Author: okr.Someone("ben"), OccurredAt: friday, RecordedAt: friday}}
	cycle := okr.Ref{Kind: okr.KindCycle, ID: s.Cycles[0].ID}
	objective := okr.Ref{Kind: okr.KindObjective, ID: s.Objectives[0].ID}
	for _, c := range []struct {
		on   string
		ref  okr.Ref
		expr string
		want string
	}{
		{"cycle", cycle, "[cycle.first_day, cycle.last_day, cycle.phase, string(cycle.days), string(cycle.days_left)]", "2026-10-01, 2026-12-31, active, 92, 55"},
		{"cycle", cycle, "cycle.elapsed", "0.3956"},
		{"cycle", cycle, "cycle.start", "2026-09-30 22:00 UTC"},
		{"cycle", cycle, "cycle.first", "unknown"},
		{"team", okr.Ref{Kind: okr.KindTeam, ID: "sales"}, "team.name + ': ' + string(team.objectives.size()) + ' ' + string(team.people.size()) + ' ' + team.cadence.text", "Sales: 2 1 weekly"},
		{"owner", okr.Ref{Kind: okr.KindOwner, ID: "ben"}, "owner.key_results.map(k, k.key)", "reply, still"},
		{"owner", okr.Ref{Kind: okr.KindOwner, ID: "desk"}, "owner.kind", "group"},
		{"objective", objective, "objective.progress", "0.381"},
		{"objective", objective, "objective.coverage", "1"},
		{"objective", objective, "objective.key_results.size()", "2"},
		{"tenant", okr.Ref{Kind: okr.KindTenant, ID: "acme"}, "[tenant.id, string(tenant.cycles.size()), string(tenant.teams.size())]", "acme, 1, 1"},
		{"checkin", okr.Ref{Kind: okr.KindCheckIn, ID: "c1"}, "checkin.author + ' ' + kr.key + ' ' + string(has(checkin.value))", "ben reply false"},
		{"source", okr.Ref{Kind: okr.KindSource, ID: keyResult(t, s, "reply").ID}, "source.where + ' ' + source.key_result.key", "Billing dashboard reply"},
	} {
		t.Run(c.on+" "+c.expr, func(t *testing.T) {
			require.Equal(t, c.want, asked(t, s, friday, c.on, c.ref, c.expr))
		})
	}
}

func TestACycleWithoutDatesIsInNoPhase(t *testing.T) {
	p := plan()
	p.Cycle = okr.PlanCycle{Key: "some-day", Name: "Some day"}
	s := input(t, p).Snapshot
	k := keyResult(t, s, "paying")
	require.Equal(t, "no no no", asked(t, s, friday, "key_result", refOf(k), "[has(cycle.phase), has(cycle.start), has(kr.due)].map(b, b ? 'yes' : 'no').join(' ')"))
}

func TestEveryFactAndFunctionIsExplained(t *testing.T) {
	s := audit.Schema(audit.Level)
	for _, ty := range s.Types {
		require.NotEmpty(t, ty.Doc, ty.Name)
		for _, f := range ty.Fields {
			require.NotEmpty(t, f.Doc, ty.Name+"."+f.Name)
			require.LessOrEqual(t, f.Since, audit.Level)
		}
	}
	for _, f := range s.Funcs {
		require.NotEmpty(t, f.Doc, f.Name)
	}
	for _, level := range []int{-1, 0, 1, 99} {
		_, err := rules.NewEnv(audit.Schema(level))
		require.NoError(t, err)
		require.NotNil(t, audit.Env(level))
	}
}

// TestTheExamplesAreWhatTheFactsAre compares the examples that tests of packs are
// laid over with a real key result that stands as they say.
func TestTheExamplesAreWhatTheFactsAre(t *testing.T) {
	at := time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC)
	began := time.Date(2026, 9, 28, 8, 0, 0, 0, time.UTC)
	s := &okr.Snapshot{
		Tenant:     "acme",
		Cycles:     []okr.Cycle{{ID: "cycle-1", Key: "2026-Q4", Name: "Q4 2026", Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31), Cadence: okrtest.Weekly()}},
		People:     []okr.Person{{ID: "mara", Name: "Mara Lind", Kind: okr.Human, Team: "sales"}},
		Teams:      []okr.Team{{ID: "sales", Name: "Sales"}},
		Objectives: []okr.Objective{{ID: "objective-1", Key: "trials", Cycle: "cycle-1", Title: "Companies that try us stay", Rank: 1, Owner: "mara", Team: "sales", State: okr.Active}},
		KeyResults: []okr.KeyResult{{
			ID: "kr-1", Key: "paying", Cycle: "cycle-1", Objective: "objective-1", Title: "Raise the share of trial accounts that pay from 12 % to 18 %",
			Owner: "mara", Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(12), Target: measure.N(18)},
			Source: &okr.Source{Kind: "sql", Where: "Billing dashboard, conversions", Interval: okr.Daily, Access: []string{"mara"}},
			State:  okr.Active, ActivatedAt: &began, Current: measure.N(15), CurrentAt: &at, Stated: measure.OnTrack, Confidence: measure.N(7), LastCheckIn: &at,
		}},
	}
	now := audit.Schema(audit.Level).Now
	ref := okr.Ref{Kind: okr.KindKeyResult, ID: "kr-1"}
	for expr, want := range map[string]string{
		"[kr.raw, kr.progress, kr.expected, kr.gap, kr.ratio, kr.target, kr.baseline, kr.current, kr.weight, kr.confidence]":      "0.5, 0.5, 0.3956, -0.1044, 1.2639, 18, 12, 15, 1, 7",
		"[kr.hit, kr.travels, kr.fresh, kr.decidable, kr.own_due, kr.owner_has_access, cycle.phase == 'active']":                  "no, yes, yes, yes, no, yes, yes",
		"[kr.status, kr.stated, kr.state, kr.kind, kr.unit, kr.direction, kr.due_day, kr.owner_text, kr.owner_reads_as]":          "on_track, on_track, active, increase, %, up, 2026-12-31, , nobody",
		"[kr.days_left, kr.days_quiet, cycle.days, cycle.days_left, objective.rank, kr.cadence.days]":                             "55, 1, 92, 55, 1, 7",
		"[kr.due, kr.activated, kr.last_checkin, kr.current_at, cycle.start, cycle.end, kr.source.last]":                          "2026-12-31 23:59 UTC, 2026-09-28 08:00 UTC, 2026-11-05 08:00 UTC, 2026-11-05 08:00 UTC, 2026-10-01, 2026-12-31 23:59 UTC, 2026-11-05 08:00 UTC",
		"[kr.owner.name, kr.owner.kind, kr.owner.team.name, objective.title, objective.status, kr.source.state, kr.source.often]": "Mara Lind, human, Sales, Companies that try us stay, on_track, live, daily",
		"[objective.progress, objective.expected, objective.gap, objective.coverage, cycle.elapsed, objective.ratio]":             "0.5, 0.3956, -0.1044, 1, 0.3956, 1.2639",
	} {
		require.Equal(t, want, asked(t, s, now, "key_result", ref, expr))
	}
}

func TestWhatCannotBeDecidedSaysWhichFactIsMissing(t *testing.T) {
	j := starter(t)
	s := activated(drafts(t, j))
	k := keyResult(t, s, "paying")
	k.Owner = "stranger"
	v := judge(t, j, okr.VerbView, s, s, refOf(k))
	i := slices.IndexFunc(v.Findings, func(f okr.Finding) bool { return f.Rule == "owner-active" && f.Subject == refOf(k) })
	require.Equal(t, "the rule owner-active cannot be decided: owner.active is not known", v.Findings[i].Message)
	require.Equal(t, []string{"owner.active"}, v.Findings[i].Unknown)
}
