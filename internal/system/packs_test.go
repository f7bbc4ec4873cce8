package system_test

import (
	"encoding/json"
	"path/filepath"
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
	"github.com/okrkit/okrkit/store/sqlite"
)

// An admin puts a pack in force for one tenant, and it judges from then on, in every
// process, for this tenant alone.
func TestAPackIsPutInForce(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) okr.Store{
		"memory": func(*testing.T) okr.Store { return memory.New() },
		"sqlite": func(t *testing.T) okr.Store {
			db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "okr.db"))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			return db
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := okrtest.NewClock(time.Date(2026, 9, 25, 9, 0, 0, 0, time.UTC))
			store := open(t)
			one, err := desk(store, clock.Now)
			require.NoError(t, err)
			two, err := desk(store, clock.Now) // another process
			require.NoError(t, err)
			status := func(d *okr.Desk, tenant okr.TenantID) (measure.Status, string) {
				page, err := d.For(tenant).As(okr.Someone("admin")).View().KeyResults(t.Context(), okr.Query{})
				require.NoError(t, err)
				require.Len(t, page.Items, 1)
				return page.Items[0].Measured.Status, page.Items[0].Measured.Score.Rule
			}
			for _, tenant := range []okr.TenantID{"acme", "other"} {
				acme := one.For(tenant).As(okr.Someone("mara"))
				_, err := acme.Propose(t.Context(), okr.Plan{
					Cycle: okrtest.Quarter(), People: []okr.Person{{ID: "mara", Name: "Mara Lind"}},
					Objectives: []okr.PlanObjective{{Key: "o", Title: "Companies stay", Owner: "mara", KeyResults: []okr.PlanKeyResult{{
						Key: "k", Title: "Win 100 customers", Owner: "mara", Current: measure.N(3),
						Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)},
						Source: &okr.Source{Kind: "manual", Interval: okr.Quarterly},
					}}}},
				})
				require.NoError(t, err)
			}
			clock.Set(time.Date(2026, 10, 7, 9, 0, 0, 0, time.UTC)) // 6 of 91 days gone, 3 of 100 reached
			got, rule := status(one, "acme")
			require.Equal(t, measure.OnTrack, got)
			require.Equal(t, "key-result-progress", rule)

			admin := two.For("acme").As(okr.Someone("admin"))
			viva, _ := pack.Preset("status-viva")
			google, _ := pack.Preset("scoring-google")
			for i, text := range [][]byte{viva, google} {
				d, err := admin.ActivatePack(t.Context(), okr.NewPack{Text: string(text)})
				require.NoError(t, err)
				require.Len(t, d.Events, 1)
				require.Equal(t, okr.EventPackActivated, d.Events[0].Type)
				require.Equal(t, okr.Someone("admin"), d.Events[0].Actor)
				d, err = admin.ActivatePack(t.Context(), okr.NewPack{Text: string(text)})
				require.NoError(t, err)
				require.Empty(t, d.Events, "what is in force stays so: %d", i)
			}
			for _, d := range []*okr.Desk{one, two} {
				got, rule = status(d, "acme")
				require.Equal(t, measure.AtRisk, got, "Viva knows no slack")
				require.Equal(t, "grade", rule)
				got, rule = status(d, "other")
				require.Equal(t, measure.OnTrack, got, "another tenant keeps its own")
				require.Equal(t, "key-result-progress", rule)
			}

			for text, problem := range map[string]string{
				"": "the file is empty",
				"apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 1.0.0\nrules:\n  - {id: r, on: key_result, check: kr.targt > 1, message: no}\n": "kr.target",
			} {
				_, err = admin.ActivatePack(t.Context(), okr.NewPack{Text: text})
				require.ErrorIs(t, err, okr.ErrInvalid)
				require.ErrorContains(t, err, problem)
			}
			_, err = two.For("acme").ActivatePack(t.Context(), okr.NewPack{Text: string(viva)})
			require.ErrorIs(t, err, okr.ErrNoActor)

			// The first decision of a tenant may be a pack: the starter packs come along.
			d, err := one.For("new").As(okr.Someone("admin")).ActivatePack(t.Context(), okr.NewPack{Text: string(viva)})
			require.NoError(t, err)
			require.Greater(t, len(d.Events), 5)
		})
	}
	bare, err := okr.New(memory.New(), okr.Config{})
	require.NoError(t, err)
	_, err = bare.For("acme").As(okr.Someone("admin")).ActivatePack(t.Context(), okr.NewPack{Text: "x"})
	require.ErrorIs(t, err, okr.ErrInvalid)
}

// A quarter that is closed says the same for ever, whatever rules come afterwards,
// byte for byte.
func TestAClosedQuarterIsScoredByTheRulesOfThen(t *testing.T) {
	t.Parallel()
	clock := okrtest.NewClock(time.Now().UTC())
	d, err := desk(memory.New(), clock.Now)
	require.NoError(t, err)
	acme := newTenant(t, d, "acme")
	for _, key := range []string{"k1", "k2"} {
		_, err := acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: theKeyResult(t, acme, key), Value: measure.N(7)})
		require.NoError(t, err)
	}
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	cycle := cycles[0].ID
	said := func() []string {
		review, err := acme.View().Review(t.Context(), cycle)
		require.NoError(t, err)
		page, err := acme.View().KeyResults(t.Context(), okr.Query{Cycle: cycle})
		require.NoError(t, err)
		var out []string
		for _, k := range page.Items {
			out = append(out, encoded(t, k.Measured.Status), encoded(t, k.Measured.Score))
		}
		for _, k := range append(review.Hit, append(review.Missed, review.Unknown...)...) {
			out = append(out, encoded(t, k))
		}
		return append(out, encoded(t, review.Objectives))
	}
	clock.Advance(100 * 24 * time.Hour)
	_, err = acme.Close(t.Context(), okr.Closing{Cycle: cycle, Waive: &okr.Unreviewed{Owner: "ana", Reason: "A test of scores."}})
	require.NoError(t, err)
	want := said()
	require.Contains(t, strings.Join(want, "\n"), `"rule":"key-result-progress"`)
	require.NotContains(t, strings.Join(want, "\n"), `"score":null`)
	clock.Advance(90 * 24 * time.Hour)
	for i, name := range []string{"scoring-google", "status-viva", "scoring-commit-target-stretch", "status-target-only"} {
		text, _ := pack.Preset(name)
		_, err := acme.ActivatePack(t.Context(), okr.NewPack{Text: string(text)})
		require.NoError(t, err)
		require.Equal(t, want, said(), "after %d changes", i+1)
	}
	_, err = acme.ActivatePack(t.Context(), okr.NewPack{Text: `
apiVersion: okr.rules/v1
env: 1
name: scoring-default
version: 2.0.0
scores:
  - {id: key-result-progress, on: key_result, score: 0.123}
  - {id: objective-progress, on: objective, score: 0.123}
`})
	require.NoError(t, err)
	require.Equal(t, want, said(), "after five changes")
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// In strict mode a rule that has no example of both kinds is not put in force, by
// whatever way it comes.
func TestAnUntestedPackIsNotPutInForce(t *testing.T) {
	t.Parallel()
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	require.NoError(t, live.Demand(t.Context(), rules.Demand{Examples: true}))
	store := memory.New()
	clock := okrtest.NewClock(time.Date(2026, 10, 7, 9, 0, 0, 0, time.UTC))
	open := func(opts ...audit.Option) okr.Tenant {
		d, err := okr.New(store, okr.Config{Judge: audit.New(live, opts...), Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: cadence.New()})
		require.NoError(t, err)
		return d.For("acme").As(okr.Someone("admin"))
	}
	strict := open(audit.Demand(rules.Demand{Examples: true, Coverage: 0.75}))
	text := func(tests string) string {
		return "apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 1.0.0\nrules:\n  - {id: few, on: team, message: many, check: team.objectives.size() < 3 || team.name == \"Sales\"}\ntests:\n" + tests
	}
	few, many, sales := "  - {name: one, given: {team: {objectives: [{}]}}, expect: {few: pass}}\n",
		"  - {name: three, given: {team: {name: Ops, objectives: [{}, {}, {}]}}, expect: {few: fail}}\n",
		"  - {name: sales may, given: {team: {name: Sales, objectives: [{}, {}, {}]}}, expect: {few: pass}}\n"
	for tests, want := range map[string]string{
		few:  "few: no test expects fail",
		many: "few: no test expects pass",
		few + many + "  - {name: wrong, expect: {few: fail}}\n":                                                                         "wrong: few is pass, expected fail",
		many + "  - {name: clash, given: {team: {objectives: [{progress: 0.9, key_results: [{current: 12}]}]}}, expect: {few: pass}}\n": "is stated as 0.9",
	} {
		_, err := strict.ActivatePack(t.Context(), okr.NewPack{Text: text(tests)})
		require.ErrorIs(t, err, okr.ErrInvalid)
		require.ErrorIs(t, err, rules.ErrUntested)
		require.ErrorContains(t, err, want)
	}
	packs, err := strict.View().Packs(t.Context())
	require.NoError(t, err)
	require.NotContains(t, names(packs), "acme")

	// What another pack brings along is asked as well.
	base := strings.Replace(text(few), "name: acme", "name: base", 1)
	_, err = strict.ActivatePack(t.Context(), okr.NewPack{Text: text(few + many + sales), With: []string{base}})
	require.ErrorIs(t, err, rules.ErrUntested)

	_, err = strict.ActivatePack(t.Context(), okr.NewPack{Text: text(few + many + sales)})
	require.NoError(t, err)
	_, err = open().ActivatePack(t.Context(), okr.NewPack{Text: base})
	require.NoError(t, err, "a host that demands nothing")
}

func names(packs []okr.PackInForce) []string {
	var out []string
	for _, p := range packs {
		out = append(out, p.Name)
	}
	return out
}
