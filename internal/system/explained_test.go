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

// What is reported is what its derivations compute to, on every store, also where a
// pack decided the status and where the cycle is closed.
func TestWhatIsReportedIsExplained(t *testing.T) {
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
			d, err := desk(open(t), clock.Now)
			require.NoError(t, err)
			acme := d.For("acme").As(okr.Someone("mara"))
			source := &okr.Source{Kind: "manual", Interval: okr.Quarterly}
			of := func(key, title string) okr.PlanKeyResult {
				return okr.PlanKeyResult{
					Key: key, Title: title, Owner: "mara", Source: source,
					Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(90)},
				}
			}
			_, err = acme.Propose(ctx, okr.Plan{
				Cycle: okrtest.Quarter(), People: []okr.Person{{ID: "mara", Name: "Mara Lind"}},
				Objectives: []okr.PlanObjective{
					{Key: "o", Title: "Companies stay", Owner: "mara", KeyResults: []okr.PlanKeyResult{
						of("k", "Raise renewals from 70 % to 90 %"), of("late", "Raise renewals abroad from 70 % to 90 %"), of("gone", "Raise renewals by post from 70 % to 90 %"),
					}},
					{Key: "u", Title: "Nobody looks", Owner: "mara", KeyResults: []okr.PlanKeyResult{of("unread", "Raise renewals at sea from 70 % to 90 %")}},
				},
			})
			require.NoError(t, err)
			preset, _ := pack.Preset("status-target-only")
			_, err = acme.ActivatePack(ctx, okr.NewPack{Text: string(preset)})
			require.NoError(t, err)
			cycles, err := acme.View().Cycles(ctx)
			require.NoError(t, err)
			cycle := cycles[0].ID
			clock.Set(time.Date(2026, 10, 7, 9, 0, 0, 0, time.UTC))
			_, err = acme.Activate(ctx, okr.Activation{Cycle: cycle})
			require.NoError(t, err)
			keyResults := map[string]okr.ID{}
			objectives := map[string]okr.ID{}
			// explained holds all of the cycle against its tree.
			explained := func() map[string]okr.Explained {
				tree, err := acme.View().Tree(ctx, cycle)
				require.NoError(t, err)
				out := map[string]okr.Explained{}
				for _, o := range tree.Objectives {
					objectives[o.Key] = o.ID
					e, err := acme.View().Explain(ctx, okr.Ref{Kind: okr.KindObjective, ID: o.ID})
					require.NoError(t, err)
					require.Equal(t, o.Measured.Status, e.Measured.Status)
					require.NoError(t, okrtest.Follows(e))
					out[o.Key] = e
					for _, k := range o.KeyResults {
						keyResults[k.Key] = k.ID
						e, err := acme.View().Explain(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
						require.NoError(t, err)
						require.Equal(t, k.Measured.Status, e.Measured.Status)
						require.NoError(t, okrtest.Follows(e))
						out[k.Key] = e
					}
				}
				return out
			}
			explained()
			for _, key := range []string{"k", "late", "gone"} {
				_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: keyResults[key], Value: measure.N(75)})
				require.NoError(t, err)
			}
			all := explained()
			for _, key := range []string{"k", "o"} {
				require.Equal(t, measure.OffTrack, all[key].Measured.Status)
				status := derived(t, all[key], "status")
				require.Equal(t, map[string]string{"k": "off-track", "o": "objective-off-track"}[key], status.Rule)
				require.Equal(t, "status-target-only@1.0.0", status.Pack)
				require.NotEmpty(t, status.Digest)
				require.NotEmpty(t, all[key].Measured.Score.Rule)
				require.NotEmpty(t, all[key].Measured.Score.Digest)
			}
			for key, s := range map[string]okr.State{"late": okr.Postponed, "gone": okr.Abandoned} {
				_, err = acme.Change(ctx, okr.KeyResultChange{KeyResult: keyResults[key], State: &s})
				require.NoError(t, err)
			}
			all = explained()
			require.Equal(t, measure.Paused, all["late"].Measured.Status)
			require.Equal(t, measure.Paused, all["gone"].Measured.Status, "what was given up has no pace")

			clock.Set(time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC))
			explained()
			_, err = acme.Propose(ctx, okr.Plan{Cycle: okr.PlanCycle{
				Key: "2027-Q1", Name: "Q1 2027", Zone: "Europe/Zurich", Start: measure.NewDate(2027, time.January, 1), End: measure.NewDate(2027, time.March, 31),
			}})
			require.NoError(t, err)
			cycles, err = acme.View().Cycles(ctx)
			require.NoError(t, err)
			_, err = acme.CarryOver(ctx, okr.CarryingOver{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: keyResults["k"]}, To: cycles[1].ID})
			require.NoError(t, err)
			explained()
			_, err = acme.Close(ctx, okr.Closing{Cycle: cycle, Waive: &okr.Unreviewed{Owner: "mara", Reason: "the end is not what this is about"}})
			require.NoError(t, err)
			clock.Advance(30 * 24 * time.Hour)
			all = explained()
			for key, want := range map[string]measure.Status{"k": okr.CarriedOver, "late": okr.PostponedOutcome, "gone": okr.AbandonedOutcome, "unread": measure.Unknown} {
				require.Equal(t, want, all[key].Measured.Status)
				require.Equal(t, string(want), derived(t, all[key], "status").Text)
			}
			progress := derived(t, all["o"], "progress")
			require.InDelta(t, 0.25, progress.Value.Or(0), 1e-9)
			require.Equal(t, string(keyResults["k"]), progress.Inputs[0].Source, "the parts as they were at the close")
			require.Equal(t, "nothing is known of the progress of its parts", all["u"].Unknown)
		})
	}
}

func derived(t *testing.T, e okr.Explained, of string) measure.Derivation {
	t.Helper()
	for i := len(e.Figures) - 1; i >= 0; i-- {
		if e.Figures[i].Of == of {
			return e.Figures[i]
		}
	}
	require.Fail(t, "no derivation", of)
	return measure.Derivation{}
}
