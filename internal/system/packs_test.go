package system_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
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
			google, _ := pack.Preset("score-google")
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
