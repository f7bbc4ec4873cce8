package system_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
)

// gossipPack says of every subject all the words that it can reach. Whether it finds
// fault at all depends on how much there is.
func gossipPack(name, mode string) string {
	const krs = ".map(k, k.title)"
	const titles = ".map(o, o.title)"
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: okr.rules/v1\nenv: 1\nname: %s\nversion: 1.0.0\nrules:\n", name)
	rule := func(on string, lists ...string) {
		for i, list := range lists {
			for j, check := range []string{"false", "all.size() % 2 == 0"} {
				fmt.Fprintf(&b, "  - {id: %s-%d-%d, on: %s, mode: %s, vars: {all: '%s'}, check: '%s', message: \"heard {all}\"}\n", strings.ReplaceAll(on, "_", "-"), i, j, on, mode, list, check)
			}
		}
	}
	inTeam := "has(objective.team) ? objective.team."
	rule("objective", inTeam+"objectives"+titles+" : []", inTeam+"key_results"+krs+" : []", "objective.key_results"+krs, "objective.parents"+titles, "objective.tied"+titles,
		"has(objective.owner) ? objective.owner.key_results"+krs+" : []", "objective.checkins.map(c, c.note)")
	rule("key_result", "kr.siblings"+krs, "kr.objective.key_results"+krs, "kr.checkins.map(c, c.note)", "kr.objective.parents"+titles,
		"has(kr.owner) ? kr.owner.key_results"+krs+" : []", "has(kr.objective.team) ? kr.objective.team.objectives"+titles+" : []")
	rule("team", "team.objectives"+titles, "team.key_results"+krs, "team.checkins.map(c, c.note)")
	rule("owner", "owner.key_results"+krs, "owner.key_results.map(k, k.objective.title)")
	rule("cycle", "[string(cycle.open)]")
	return b.String()
}

// What a program says of packs before they are in force is for people to read, and
// names nothing private: whatever the packs say, in whatever form it is printed.
func TestADryRunGivesAwayNothingPrivate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	judge := audit.New(live)
	heard, gates, notices := 0, 0, 0
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 7))
		clock := okrtest.NewClock(time.Date(2026, time.September, 25, 9, 0, 0, 0, time.UTC))
		desk, err := okr.New(memory.New(), okr.Config{Judge: judge, Calendar: cadence.New(), Clock: clock.Now, NewID: okrtest.SequentialIDs()})
		require.NoError(t, err)
		people := []okr.ID{"ana", "ben", "cleo", "dan"}
		teams := []okr.ID{"north", "south"}
		plan := okr.Plan{Cycle: okrtest.Quarter()}
		for i, who := range people {
			plan.People = append(plan.People, okr.Person{ID: who, Name: strings.ToTitle(string(who)), Team: teams[i%2]})
		}
		for i, team := range teams {
			plan.Teams = append(plan.Teams, okr.Team{ID: team, Name: strings.ToTitle(string(team)), Lead: people[i], Limit: 4})
		}
		drafts := map[string]bool{}
		for i := range 8 {
			private := i%2 == 0
			word := "in the open"
			if private {
				word = "of quartz"
			}
			key := fmt.Sprint("o", i)
			drafts[key] = i >= 4
			o := okr.PlanObjective{
				Key: key, Title: fmt.Sprint("Customers ", i, " stay ", word), Description: word, Private: private, Rank: i%3 + 1,
				Team: string(teams[r.IntN(2)]), Owner: string(people[r.IntN(4)]), Rollup: measure.RollupPolicy{Driver: measure.DriverBoth},
			}
			if i > 0 && r.IntN(2) == 0 {
				o.Parent = fmt.Sprint("o", r.IntN(i))
			}
			for j := range 2 {
				o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{
					Key: fmt.Sprintf("k%d%d", i, j), Title: fmt.Sprintf("Raise share %d %s from 0 %% to 100 %%", j, word), Definition: word, Owner: string(people[r.IntN(4)]),
					Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(0), Target: measure.N(100)},
					Source: &okr.Source{Kind: "sql", Where: word, Interval: okr.EveryWeek, Access: []string{"ana", "ben", "cleo", "dan"}},
				})
			}
			plan.Objectives = append(plan.Objectives, o)
		}
		acme := desk.For("acme").As(okr.Automation("okrkit"))
		_, err = acme.Propose(ctx, plan)
		require.NoError(t, err)
		_, err = acme.ActivatePack(ctx, okr.NewPack{Text: "apiVersion: okr.rules/v1\nenv: 1\nname: quiet\nversion: 1.0.0\nrules:\n  - {id: never, on: key_result, check: 'true', message: never}\n"})
		require.NoError(t, err)
		in, err := acme.View().Packs(ctx)
		require.NoError(t, err)
		for _, p := range in {
			if p.Name != "quiet" {
				_, err := acme.DeactivatePack(ctx, okr.PackEnd{Name: p.Name})
				require.NoError(t, err)
			}
		}
		clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
		run := func() {
			for runner := cadence.NewRunner(desk); ; {
				n, err := runner.Once(ctx)
				require.NoError(t, err)
				if n == 0 {
					return
				}
			}
		}
		cycles, err := acme.View().Cycles(ctx)
		require.NoError(t, err)
		tree, err := acme.View().Tree(ctx, cycles[0].ID)
		require.NoError(t, err)
		for _, o := range tree.Objectives {
			if drafts[o.Key] {
				continue
			}
			refs := []okr.Ref{{Kind: okr.KindObjective, ID: o.ID}}
			for _, k := range o.KeyResults {
				refs = append(refs, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
			}
			_, err := acme.Activate(ctx, okr.Activation{Subjects: refs})
			require.NoError(t, err)
			for _, k := range o.KeyResults {
				note := "It goes well."
				if o.Private {
					note = "It is quartz."
				}
				_, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Value: measure.N(1), Note: note})
				require.NoError(t, err)
			}
		}
		run()
		var before []okr.Pack
		in, err = acme.View().Packs(ctx)
		require.NoError(t, err)
		for _, p := range in {
			before = append(before, p.Pack)
		}
		for _, mode := range []string{"report", "gate"} {
			p, err := judge.ReadPack(gossipPack("gossip", mode))
			require.NoError(t, err)
			after := append([]okr.Pack{p}, before...)
			for _, sides := range [][2][]okr.Pack{{before, after}, {after, before}} {
				d, err := judge.DryRun(ctx, acme, sides[0], sides[1])
				require.NoError(t, err)
				for _, tried := range []okr.Decision{d.Announced, d.Unannounced} {
					sent, err := cadence.Foretell(ctx, acme.Trial(after...), tried)
					require.NoError(t, err)
					for _, n := range sent {
						b, err := json.Marshal(n)
						require.NoError(t, err)
						require.NotContains(t, strings.ToLower(string(b)), "quartz")
						notices++
					}
				}
				for _, form := range audit.DifferenceFormats() {
					var b bytes.Buffer
					require.NoError(t, d.Render(&b, form))
					said := strings.ToLower(b.String())
					if i := strings.Index(said, "quartz"); i >= 0 {
						t.Fatalf("%s: …%s…", form, said[max(0, i-400):min(len(said), i+100)])
					}
					heard += strings.Count(said, "heard customers")
				}
				gates += len(d.Gates)
				require.Positive(t, d.Summary.Withheld)
			}
		}
	}
	require.Positive(t, heard)
	require.Positive(t, gates)
	require.Positive(t, notices)
}
