package system_test

import (
	"encoding/json"
	"path/filepath"
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

const overlayHead = "apiVersion: okr.rules/v1\nenv: 1\n"

// What a company sets in the starter packs, and what a tenant sets over that, judge
// for this tenant alone, from then on, until they are taken out of force; and every
// day is judged by what was in force on it, by a process that has seen none of it too.
func TestOverlaysOfATenant(t *testing.T) {
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
			ctx := t.Context()
			clock := okrtest.NewClock(time.Date(2026, 9, 25, 9, 0, 0, 0, time.UTC))
			store := open(t)
			live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
			require.NoError(t, err)
			fresh := func() *okr.Desk { // as another process, of which the judge has seen nothing
				d, err := okr.New(store, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: clock.Now})
				require.NoError(t, err)
				return d
			}
			one := fresh()
			for _, tenant := range []okr.TenantID{"acme", "other"} {
				acme := one.For(tenant).As(okr.Someone("mara"))
				_, err := acme.Propose(ctx, okr.Plan{
					Cycle: okrtest.Quarter(), People: []okr.Person{{ID: "mara", Name: "Mara Lind"}},
					Objectives: []okr.PlanObjective{{Key: "o", Title: "Companies stay", Owner: "mara", KeyResults: []okr.PlanKeyResult{
						{
							Key: "k", Title: "Win 100 customers", Owner: "mara", Current: measure.N(3),
							Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100)},
							Source: &okr.Source{Kind: "manual", Interval: okr.Quarterly},
						},
					}}},
				})
				require.NoError(t, err)
			}
			// The findings of one rule of the library, as a reader sees them.
			found := func(v okr.View, rule string) (out []okr.Finding) {
				tree, err := v.Tree(ctx, cycleIn(t, v))
				require.NoError(t, err)
				for _, f := range tree.Findings {
					if f.Rule == rule {
						out = append(out, f)
					}
				}
				return out
			}
			const rule = "source-keeps-up"
			admin := one.For("acme").As(okr.Someone("admin"))
			first := found(admin.View(), rule)
			require.Len(t, first, 1)
			require.Equal(t, okr.SeverityWarning, first[0].Severity)

			type day struct {
				cut  okr.Cut
				said string
			}
			var days []day
			said := func(v okr.View) string {
				tree, err := v.Tree(ctx, cycleIn(t, v))
				require.NoError(t, err)
				page, err := v.KeyResults(ctx, okr.Query{})
				require.NoError(t, err)
				b, err := json.Marshal([]any{tree, page.Items})
				require.NoError(t, err)
				return string(b)
			}
			same := said(one.For("other").As(okr.Someone("admin")).View())
			closeDay := func() {
				cut, err := admin.Cut(ctx)
				require.NoError(t, err)
				days = append(days, day{cut, said(admin.View())})
				for _, d := range days {
					require.Equal(t, d.said, said(admin.AsOf(d.cut)))
					require.Equal(t, d.said, said(fresh().For("acme").As(okr.Someone("admin")).AsOf(d.cut)))
				}
				require.Equal(t, same, said(one.For("other").As(okr.Someone("admin")).View()), "another tenant is not touched")
				clock.Advance(time.Hour)
				same = said(one.For("other").As(okr.Someone("admin")).View())
			}
			closeDay()

			company := overlayHead + "name: company\nversion: 2.0.0\nextends:\n  - pack: infrastructure\n    rules: {" + rule + ": {severity: error, message: \"“{kr.title}” has no address\"}}\n"
			d, err := admin.ActivatePack(ctx, okr.NewPack{Text: company})
			require.NoError(t, err)
			require.Len(t, d.Events, 1)
			for _, x := range []*okr.Desk{one, fresh()} {
				f := found(x.For("acme").As(okr.Someone("admin")).View(), rule)
				require.Len(t, f, 1)
				require.Equal(t, []string{okr.SeverityError, "“Win 100 customers” has no address", "infrastructure", first[0].Version + "+company@2.0.0"},
					[]string{f[0].Severity, f[0].Message, f[0].Pack, f[0].Version})
				require.NotEqual(t, first[0].Digest, f[0].Digest)
			}
			closeDay()

			tenants := overlayHead + "name: sales\nversion: 1.0.0\nextends:\n  - company\n  - {pack: infrastructure, rules: {" + rule + ": {enabled: false}}}\n"
			_, err = fresh().For("acme").As(okr.Someone("admin")).ActivatePack(ctx, okr.NewPack{Text: tenants})
			require.NoError(t, err)
			require.Empty(t, found(admin.View(), rule), "switched off")
			closeDay()

			// What others build on stays, and so does what would leave the tenant without rules.
			_, err = admin.DeactivatePack(ctx, okr.PackEnd{Name: "company"})
			require.ErrorIs(t, err, okr.ErrInvalid)
			require.ErrorContains(t, err, `sales.yaml:6:5: there is no pack "company" to build on`)
			_, err = admin.DeactivatePack(ctx, okr.PackEnd{Name: "infrastructure"})
			require.ErrorIs(t, err, okr.ErrInvalid)
			_, err = admin.DeactivatePack(ctx, okr.PackEnd{Name: "nobody"})
			require.ErrorIs(t, err, okr.ErrNotFound)
			_, err = one.For("acme").DeactivatePack(ctx, okr.PackEnd{Name: "sales"})
			require.ErrorIs(t, err, okr.ErrNoActor)

			// A base that lacks what is set in it is refused, with the place of what sets it.
			lean := overlayHead + "name: infrastructure\nversion: 9.0.0\nrules:\n  - {id: other, on: key_result, check: 'true', message: no}\n"
			_, err = admin.ActivatePack(ctx, okr.NewPack{Text: lean})
			require.ErrorIs(t, err, okr.ErrInvalid)
			require.ErrorContains(t, err, "company.yaml:")
			require.ErrorContains(t, err, "has no rule \""+rule+"\"")
			// Together with what no longer sets it, it comes into force in one decision.
			d, err = admin.ActivatePack(ctx, okr.NewPack{Text: lean, With: []string{
				overlayHead + "name: company\nversion: 3.0.0\nextends:\n  - {pack: infrastructure, rules: {other: {severity: info}}}\n",
				overlayHead + "name: sales\nversion: 2.0.0\nextends: [company]\nrules:\n  - {id: nothing, on: key_result, check: 'true', message: no}\n",
			}})
			require.NoError(t, err)
			require.Len(t, d.Events, 3)
			closeDay()

			for i, name := range []string{"sales", "company"} {
				d, err = admin.DeactivatePack(ctx, okr.PackEnd{Name: name, Key: name})
				require.NoError(t, err)
				require.Len(t, d.Events, 1)
				require.Equal(t, okr.EventPackDeactivated, d.Events[0].Type)
				again, err := admin.DeactivatePack(ctx, okr.PackEnd{Name: name, Key: name})
				require.NoError(t, err)
				require.True(t, again.Repeated, i)
				closeDay()
			}
			starter := one.For("other").As(okr.Someone("admin"))
			packs, err := starter.View().Snapshot(ctx, cycleIn(t, starter.View()))
			require.NoError(t, err)
			for i, p := range packs.Packs {
				_, err = starter.DeactivatePack(ctx, okr.PackEnd{Name: p.Name})
				if last := i == len(packs.Packs)-1; last {
					require.ErrorIs(t, err, okr.ErrInvalid)
					require.ErrorContains(t, err, "the last pack")
				} else {
					require.NoError(t, err)
				}
			}

			// Wrong overlays are refused, with the place and the nearest name.
			for text, problem := range map[string]string{
				"extends:\n  - {pack: infrastructure, rules: {othr: {severity: error}}}\n":      "did you mean other?",
				"extends:\n  - {pack: focus, params: {max_objectives: many}}\n":                 "params.max_objectives of focus is a whole number",
				"extends:\n  - {pack: infrastructure, rules: {other: {enabled: true}}}\n":       "this changes nothing",
				"extends:\n  - focs\nrules:\n  - {id: r, on: team, check: 'true', message: no}": "did you mean focus?",
			} {
				_, err = admin.ActivatePack(ctx, okr.NewPack{Text: overlayHead + "name: acme\nversion: 1.0.0\n" + text})
				require.ErrorIs(t, err, okr.ErrInvalid)
				require.ErrorContains(t, err, problem)
			}
		})
	}
}

func cycleIn(t *testing.T, v okr.View) okr.ID {
	t.Helper()
	cycles, err := v.Cycles(t.Context())
	require.NoError(t, err)
	return cycles[0].ID
}
