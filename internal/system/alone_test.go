package system_test

import (
	"context"
	"fmt"
	"path/filepath"
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
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/sqlite"
)

// everyFact are expressions that read every fact of a subject, and go on from its
// neighbours to theirs.
func everyFact(env *rules.Env, on string) []string {
	s := env.Schema()
	types := map[string]rules.Type{}
	for _, t := range s.Types {
		types[t.Name] = t
	}
	shown := func(path string, f rules.Field) string {
		switch {
		case f.Kind == rules.List:
			return path + "." + f.Name + ".size()"
		case f.Of != "":
			return "has(" + path + "." + f.Name + ")"
		}
		return path + "." + f.Name
	}
	var out []string
	for _, subject := range s.Subjects {
		if subject.Name != on {
			continue
		}
		for name, of := range subject.Vars {
			for _, f := range types[of].Fields {
				path := name + "." + f.Name
				out = append(out, shown(name, f))
				next, ok := types[f.Of]
				if !ok {
					continue
				}
				for _, g := range next.Fields {
					if f.Kind == rules.List {
						out = append(out, path+".map(x, has(x."+g.Name+") ? string("+shownIn(g)+") : '?')")
					} else {
						out = append(out, shown(path, g))
					}
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func shownIn(f rules.Field) string {
	switch {
	case f.Kind == rules.List:
		return "x." + f.Name + ".size()"
	case f.Of != "":
		return "has(x." + f.Name + ")"
	}
	return "x." + f.Name
}

// told are the findings of the kinds of a row, by whom they are about.
func told(v okr.Verdict, of okr.Ref) []string {
	var out []string
	for _, f := range v.Findings {
		if f.Subject == of || of.Kind == okr.KindKeyResult && f.Subject == (okr.Ref{Kind: okr.KindSource, ID: of.ID}) {
			out = append(out, fmt.Sprint(f.Rule, " ", f.Subject, " ", f.Outcome, " ", f.Message, " ", f.Evidence, " ", f.Unknown))
		}
	}
	slices.Sort(out)
	return out
}

// listening keeps the verdicts of a judge.
type judging = *audit.Judge

type listening struct {
	judging
	verdicts *[]heard
}

type heard struct {
	verb okr.Verb
	okr.Verdict
}

func (l listening) Judge(ctx context.Context, p okr.Proposal) (okr.Verdict, error) {
	v, err := l.judging.Judge(ctx, p)
	*l.verdicts = append(*l.verdicts, heard{p.Verb, v})
	return v, err
}

// anyCompany is a plan whose people, teams, cycles and objectives cross.
func anyCompany(t *rapid.T) okr.Plan {
	maybe := func(name string) bool { return rapid.Bool().Draw(t, name) }
	people := []string{"ana", "ben", "cora", "dora"}
	teams := []string{"", "sales", "ops"}
	var weekly *okr.Schedule
	if maybe("rhythm") {
		weekly = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}
	}
	p := okr.Plan{Cycle: okrtest.Quarter(), Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: weekly}, {ID: "ops", Name: "Ops"}, {ID: "idle", Name: "Idle"}}}
	if maybe("cycle without rhythm") {
		p.Cycle.Cadence = nil
	}
	for i, id := range people {
		p.People = append(p.People, okr.Person{ID: okr.ID(id), Name: strings.ToUpper(id[:1]) + id[1:] + " Lind", Team: okr.ID([]string{"sales", "ops", "idle", "sales"}[i])})
	}
	for i := range rapid.IntRange(2, 4).Draw(t, "objectives") {
		o := okr.PlanObjective{Key: fmt.Sprint("o", i), Title: fmt.Sprint("Companies of region ", i, " stay"), Rank: rapid.IntRange(1, 2).Draw(t, "rank"),
			Team: rapid.SampledFrom(teams).Draw(t, "team"), Owner: rapid.SampledFrom(people).Draw(t, "owner"),
			Rollup: measure.RollupPolicy{Driver: rapid.SampledFrom([]measure.Driver{"", measure.DriverBoth, measure.DriverChildren}).Draw(t, "driver")}}
		if i > 0 && maybe("child") {
			o.Parent = fmt.Sprint("o", rapid.IntRange(0, i-1).Draw(t, "parent"))
		}
		for k := range rapid.IntRange(1, 2).Draw(t, "key results") {
			kr := okr.PlanKeyResult{
				Key: fmt.Sprint("k", i, k), Title: fmt.Sprintf("Raise renewals from 0 %% to 1%d%d %%", i, k), Owner: rapid.SampledFrom(people).Draw(t, "of"),
				Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(0), Target: measure.N(100)},
				Source: &okr.Source{Kind: "sql", Where: "Billing", Interval: okr.EveryWeek,
					Access: rapid.SampledFrom([][]string{{"everyone"}, {"ana", "ben"}, {"dora"}, {"Dora Lind"}, {"cora", "a group"}, nil}).Draw(t, "access")},
			}
			if maybe("own rhythm") {
				kr.Cadence = &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday}
			}
			o.KeyResults = append(o.KeyResults, kr)
		}
		p.Objectives = append(p.Objectives, o)
	}
	return p
}

// What rules say of a key result or an objective does not depend on how much of its
// company was loaded when they were asked: at a look at the whole cycle, or by itself.
func TestWhatIsFoundDoesNotDependOnWhatWasLoaded(t *testing.T) {
	env := audit.Env(1)
	judge := audit.New(audit.Fixed(starterSet(t, env)))
	facts := map[string][]string{}
	for _, on := range []string{"key_result", "objective"} {
		facts[on] = everyFact(env, on)
	}
	stores := map[string]func(t *rapid.T) okr.Store{
		"memory": func(*rapid.T) okr.Store { return memory.New() },
		"sqlite": func(rt *rapid.T) okr.Store {
			db, err := sqlite.Open(rt.Context(), filepath.Join(t.TempDir(), "okr.db"))
			require.NoError(rt, err)
			rt.Cleanup(func() { require.NoError(t, db.Close()) })
			return db
		},
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				ctx := rt.Context()
				var verdicts []heard
				clock := okrtest.NewClock(time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC))
				desk, err := okr.New(open(rt), okr.Config{Judge: listening{judging: judge, verdicts: &verdicts}, Clock: clock.Now, NewID: okrtest.SequentialIDs()})
				require.NoError(rt, err)
				acme := desk.For("acme").As(okr.Automation("host"))
				_, err = acme.Propose(ctx, anyCompany(rt))
				require.NoError(rt, err)
				all, n := rapid.IntRange(0, 3).Draw(rt, "everything") == 0, 0
				for _, on := range []string{"key_result", "objective"} {
					var text strings.Builder
					fmt.Fprintf(&text, "apiVersion: okr.rules/v1\nenv: 1\nname: reads-%s\nversion: 1.0.0\nrules:\n", on[:3])
					before := n
					for _, e := range facts[on] {
						if all || rapid.IntRange(0, 60).Draw(rt, "reads") == 0 {
							n++
							fmt.Fprintf(&text, "  - {id: r%d, on: %s, check: 'false', message: %q}\n", n, on, "{"+e+"}")
						}
					}
					if n > before {
						_, err = acme.ActivatePack(ctx, okr.NewPack{Text: text.String()})
						require.NoError(rt, err)
					}
				}
				clock.Set(time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC))
				cycles, err := acme.View().Cycles(ctx)
				require.NoError(rt, err)
				tree, err := acme.View().Tree(ctx, cycles[0].ID)
				require.NoError(rt, err)
				alone := func(r okr.Ref) okr.Verdict {
					verdicts = nil
					_, err := acme.Settle(ctx, r)
					require.NoError(rt, err)
					for _, v := range verdicts {
						if v.verb == okr.VerbSettle {
							return v.Verdict
						}
					}
					rt.Fatalf("%s was not judged", r)
					return okr.Verdict{}
				}
				verdicts = nil
				_, err = acme.Settle(ctx, okr.Ref{Kind: okr.KindCycle, ID: cycles[0].ID})
				require.NoError(rt, err)
				var whole okr.Verdict
				for _, v := range verdicts {
					if v.verb == okr.VerbView {
						whole = v.Verdict
					}
				}
				for _, o := range tree.Objectives {
					refs := []okr.Ref{{Kind: okr.KindObjective, ID: o.ID}}
					for _, k := range o.KeyResults {
						refs = append(refs, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
					}
					for _, r := range refs {
						require.Equal(rt, told(whole, r), told(alone(r), r), "%s", r)
					}
				}
			})
		})
	}
}

func starterSet(t require.TestingT, env *rules.Env) *rules.Set {
	live, err := rules.Open(env, pack.Starter)
	require.NoError(t, err)
	return live.Set()
}
