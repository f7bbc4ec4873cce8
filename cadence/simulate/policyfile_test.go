package simulate_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

const quieter = `budget:
  per_day: 1
  per_week: -1
  quiet: [{from: "18:00", to: "09:00"}, {from: 12:00, to: 13:00}]
  off_days: true
  digest: "09:30"
ladder:
  - {to: owner}
  - {to: manager, after: 5}
ask_live: true
tell_managers: true
`

func TestReadPolicy(t *testing.T) {
	want := simulate.PolicyFile{TellManagers: true, Policy: okr.Policy{
		Budget: okr.Budget{PerDay: 1, PerWeek: -1, Quiet: []okr.QuietHours{{From: "18:00", To: "09:00"}, {From: "12:00", To: "13:00"}}, OffDays: true, Digest: "09:30"},
		Ladder: []okr.Rung{{To: okr.ToOwner}, {To: okr.ToManager, After: 5}}, AskLive: true,
	}}
	got, err := simulate.ReadPolicy("quieter.yaml", []byte(quieter))
	require.NoError(t, err)
	require.Equal(t, want, got)

	got, err = simulate.ReadPolicy("s.yaml", []byte("rehearse:\n  company: {}\n  tell_managers: true\n  policy: {budget: {quiet: []}, ladder: [{to: manager}]}\n"))
	require.NoError(t, err)
	require.Equal(t, simulate.PolicyFile{TellManagers: true, Policy: okr.Policy{Budget: okr.Budget{Quiet: []okr.QuietHours{}}, Ladder: []okr.Rung{{To: okr.ToManager}}}}, got)
}

func TestReadPolicyRefuses(t *testing.T) {
	for src, want := range map[string]string{
		"":                              "p.yaml: there is no policy",
		"- budget":                      "p.yaml: there is no policy",
		"budget: [":                     "p.yaml: this is no YAML",
		"budgets: {}":                   `p.yaml:1: policy: "budgets" is not known: use ask_live, budget, cadence, ladder, tell_managers`,
		"cadence: weekly":               "p.yaml:1: policy.cadence: a rehearsal has one cycle: write the rhythm under cadence of the cycle",
		"budget: {per_day: many}":       `p.yaml:1: policy.budget.per_day: "many" cannot be used: write a whole number from -1 to 1000`,
		"budget:\n  per_day: 0":         "p.yaml:2: policy.budget.per_day: 0 would be what is usual: write 1 to 1000, -1 for no limit, or leave it out for 2",
		"budget:\n  per_week: 0":        "or leave it out for 10",
		"budget: {per_month: 3}":        `"per_month" is not known: use digest, off_days, per_day, per_week, quiet`,
		"budget:\n  digest: morning":    `p.yaml:2: policy.budget.digest: this cannot be used "morning": use a time of day such as 16:00`,
		"budget: {off_days: sometimes}": "write true or false",
		"budget:\n  quiet:\n    - {from: 25:00, to: 09:00}":                     `p.yaml:3: policy.budget.quiet[0].from: this cannot be used "25:00"`,
		"budget:\n  quiet:\n    - {from: 09:00, to: 09:00}":                     "nothing would ever arrive",
		"budget: {quiet: [{from: 09:00, until: 10:00}]}":                        `"until" is not known: use from, to`,
		"budget: {quiet: [{from: 00:00, to: 12:00}, {from: 12:00, to: 00:00}]}": "together they last all day",
		"ladder: []":           "write [{to: owner}]",
		"ladder: [{to: boss}]": `p.yaml:1: policy.ladder[0].to: this cannot be used "boss": use owner, backup, lead, reviewer or manager`,
		"ladder:\n  - {to: owner}\n  - {to: owner}":                  "p.yaml:3: policy.ladder[1].to: ",
		"ladder: [{to: lead, after: 300}]":                           "write a whole number from 0 to 250",
		"ladder: [{to: lead, after: 3}, {to: backup, after: 1}]":     "rungs ascend",
		"ladder:\n  - to: manager":                                   "p.yaml:2: policy.ladder[0].to: this cannot be used \"manager\": a reminder about a person is appraisal data",
		"rehearse:\n  company: {}":                                   "p.yaml: this scenario has no policy",
		"rehearse:\n  company: {}\n  policy: {ladder: [{to: boss}]}": `p.yaml:3: rehearse.policy.ladder[0].to: this cannot be used "boss"`,
	} {
		_, err := simulate.ReadPolicy("p.yaml", []byte(src))
		require.ErrorIs(t, err, okr.ErrInvalid, src)
		require.ErrorContains(t, err, want, src)
	}
}

func FuzzReadPolicy(f *testing.F) {
	f.Add(quieter)
	f.Add("rehearse:\n  company: {}\n  policy: {ladder: [{to: boss}]}")
	f.Add("budget: &a {quiet: [*a]}")
	f.Fuzz(func(t *testing.T, src string) {
		got, err := simulate.ReadPolicy("p.yaml", []byte(src))
		if err != nil {
			require.ErrorIs(t, err, okr.ErrInvalid)
			return
		}
		require.NoError(t, got.Policy.Check(), "what is read is what the desk takes")
	})
}

// Two policies meet the same people, and the comparison says what differs.
func TestComparePolicies(t *testing.T) {
	s := simulate.Scenario{Seed: 2, Weeks: 6, Habit: simulate.Late, Plan: okr.Plan{Cycle: okrtest.Quarter()}}
	require.NoError(t, simulate.Company{People: 20, Objectives: 3}.Fill(&s))
	stage := func() (simulate.Stage, error) { return simulate.Stage{Store: memory.New()}, nil }
	got, err := simulate.Compare(t.Context(), s, []simulate.Variant{
		{}, {Policy: &okr.Policy{Budget: okr.Budget{PerDay: 1, PerWeek: 1}, Ladder: []okr.Rung{{To: okr.ToOwner}}}, PolicyName: "one a week"},
	}, stage)
	require.NoError(t, err)
	usual, one := got.Runs[0], got.Runs[1]
	require.Equal(t, 1, one.Figures.Messages.Max)
	require.Less(t, one.Figures.Messages.Total, usual.Figures.Messages.Total)
	require.Zero(t, one.Figures.Escalations)
	require.Positive(t, usual.Figures.Escalations)
	require.Equal(t, usual.Figures.Stalls[0].KeyResult, one.Figures.Stalls[0].KeyResult)
	require.Equal(t, okr.DefaultBudget(), usual.Policy.Budget)
	var b bytes.Buffer
	require.NoError(t, got.Text(&b))
	require.Regexp(t, `notices to a person, at most +2 a day, 10 a week +1 a day, 1 a week\n`, b.String())
	require.Contains(t, b.String(), "\n  policy one a week\n    better: ")
	require.Contains(t, b.String(), "% fewer messages: ")

	_, err = simulate.Compare(t.Context(), s, []simulate.Variant{{Policy: &okr.Policy{Budget: okr.Budget{Digest: "noon"}}}}, stage)
	require.ErrorContains(t, err, `policy.budget.digest: "noon"`)
}
