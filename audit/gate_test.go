package audit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
)

// gateMatrix says which decisions a gate holds back, by the outcome of its rule. A
// rule in report mode holds back nothing, and neither does what somebody answers for.
const gateMatrix = `
                        pass  skip  fail     unknown  error    error, on_error: reject
activate  key_result    -     -     refused  refused  -        refused
change    key_result    -     -     refused  refused  -        refused
checkin   checkin       -     -     refused  -        -        refused
checkin   key_result    -     -     -        -        -        -
`

// The expressions hold as long as the title is the one that was planned, or comes
// from nowhere, and then come to what their name says.
var gateChecks = map[string]map[string]string{
	"key_result": {
		"pass": "true", "skip": "true", "fail": `kr.title == "planned"`,
		"unknown": `kr.title == "planned" || kr.current > 5.0`,
		"error":   `kr.title == "planned" || 1.0 / (kr.weight - kr.weight) > 0.0`,
	},
	"checkin": {
		"pass": "true", "skip": "true", "fail": "false", "unknown": "checkin.confidence > 5.0", "error": "1.0 / (kr.weight - kr.weight) > 0.0",
	},
}

// Mode by verb by outcome by on_error by waiver: what is refused, at the desk.
func TestGateFailureMatrix(t *testing.T) {
	env := audit.Env(audit.Level)
	planned := okrtest.Plan()
	planned.Objectives = planned.Objectives[:1]
	planned.Objectives[0].KeyResults = planned.Objectives[0].KeyResults[:1]
	planned.Objectives[0].KeyResults[0].Title = "planned"
	n := 0
	for _, line := range strings.Split(strings.TrimSpace(gateMatrix), "\n")[1:] {
		cells := strings.Fields(line)
		require.Len(t, cells, 8)
		verb, on := cells[0], cells[1]
		for i, outcome := range []string{"pass", "skip", "fail", "unknown", "error", "error"} {
			for _, onError := range []string{"allow", "reject"} {
				if outcome == "error" && (onError == "reject") != (i == 5) {
					continue
				}
				for _, mode := range []string{"report", "gate"} {
					for _, waived := range []bool{false, true} {
						n++
						want := cells[2+i] == "refused" && mode == "gate" && !waived
						name := fmt.Sprint(verb, " on ", on, " ", outcome, " on_error ", onError, " ", mode, " waived ", waived)
						text := fmt.Sprintf("apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 1.0.0\non_error: %s\nrules:\n  - {id: held, on: %s, mode: %s, when: %q, check: '%s', message: no}\n",
							onError, on, mode, fmt.Sprint(outcome != "skip"), gateChecks[on][outcome])
						err := gated(t, env, text, planned, verb, waived)
						var refused *okr.RefusedError
						require.Equal(t, want, errors.As(err, &refused), "%s: %v", name, err)
						if !want {
							require.NoError(t, err, name)
							continue
						}
						require.Len(t, refused.Findings, 1)
						require.Equal(t, outcome, refused.Findings[0].Outcome, name)
						require.True(t, refused.Findings[0].Gate)
					}
				}
			}
		}
	}
	require.Equal(t, 4*(4*2+2)*4, n)
}

// gated takes one decision under a pack.
func gated(t *testing.T, env *rules.Env, text string, plan okr.Plan, verb string, waived bool) error {
	t.Helper()
	ctx := t.Context()
	parsed, err := rules.Parse("acme.yaml", []byte(text))
	require.NoError(t, err)
	set, err := rules.Compile(env, parsed)
	require.NoError(t, err, text)
	clock := okrtest.NewClock(time.Date(2026, time.September, 25, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Judge: audit.New(audit.Fixed(set))})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	if verb == "activate" {
		plan.Objectives = append([]okr.PlanObjective(nil), plan.Objectives...)
		plan.Objectives[0].KeyResults = append([]okr.PlanKeyResult(nil), plan.Objectives[0].KeyResults...)
		plan.Objectives[0].KeyResults[0].Title = "another"
	}
	_, err = acme.Propose(ctx, plan)
	require.NoError(t, err)
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	k := page.Items[0]
	if waived {
		_, err = acme.Waive(ctx, okr.Waiving{Rule: "held", Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, Owner: "ana", Reason: "we know", Until: clock.Now().AddDate(0, 0, 60)})
		require.NoError(t, err)
	}
	clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = acme.Activate(ctx, okr.Activation{Cycle: k.Cycle})
	if verb == "activate" {
		return err
	}
	require.NoError(t, err)
	if verb == "change" {
		title := "another"
		_, err = acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Title: &title, Reason: "it reads better"})
		return err
	}
	_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(80)})
	return err
}

// A refusal lists everything that holds the decision back, of all subjects at once.
func TestARefusalListsEverythingAtOnce(t *testing.T) {
	desk, err := okr.New(memory.New(), okr.Config{NewID: okrtest.SequentialIDs(), Clock: okrtest.NewClock(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC)).Now,
		Judge: audit.New(audit.Fixed(compiledPack(t, `apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
on_error: reject
rules:
  - {id: failing, on: key_result, mode: gate, check: 'false', message: no}
  - {id: unknowing, on: key_result, mode: gate, check: kr.current > 5.0, message: no}
  - {id: broken, on: key_result, mode: gate, check: 1.0 / (kr.weight - kr.weight) > 0.0, message: no}
  - {id: forgiving, on: key_result, mode: gate, on_error: allow, check: 1.0 / (kr.weight - kr.weight) > 0.0, message: no}
  - {id: told, on: key_result, check: 'false', message: no}
  - {id: parents, on: objective, mode: gate, check: 'false', message: no}
`)))})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	ctx := t.Context()
	_, err = acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	_, err = acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	var refused *okr.RefusedError
	require.ErrorAs(t, err, &refused)
	got := map[string]int{}
	for _, f := range refused.Findings {
		got[f.Rule]++
	}
	n := len(page.Items)
	require.Greater(t, n, 1)
	require.Equal(t, map[string]int{"failing": n, "unknowing": n, "broken": n, "parents": len(okrtest.Plan().Objectives)}, got)
}

// A pack that this program cannot read any more holds back what is to be activated
// only if it said so.
func TestAPackThatCannotBeReadHoldsBackOnlyIfToldTo(t *testing.T) {
	j := starter(t)
	for policy, refused := range map[string]bool{"allow": false, "reject": true} {
		s := activated(drafts(t, j))
		s.Packs = append(s.Packs, packOf("apiVersion: okr.rules/v1\nenv: 99\nname: acme\nversion: 1.0.0\non_error: "+policy+
			"\nrules:\n  - {id: r, on: key_result, mode: gate, check: 'true', message: no}\n"))
		s.Sort()
		k := keyResult(t, s, "paying")
		require.Equal(t, refused, judge(t, j, okr.VerbActivate, s, s, refOf(k)).Refused)
		require.False(t, judge(t, j, okr.VerbChange, s, s, refOf(k)).Refused)
		require.False(t, judge(t, j, okr.VerbCheckIn, s, s, refOf(k)).Refused)
	}
}

func compiledPack(t *testing.T, text string) *rules.Set {
	t.Helper()
	p, err := rules.Parse("acme.yaml", []byte(text))
	require.NoError(t, err)
	set, err := rules.Compile(audit.Env(audit.Level), p)
	require.NoError(t, err)
	return set
}
