package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

func TestStarterPacksPassTheirOwnTests(t *testing.T) {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	report, err := live.Set().Test(context.Background(), rules.TestOptions{})
	require.NoError(t, err)
	require.NoError(t, report.Check(rules.Demand{Examples: true, Coverage: starterCoverage}))
}

// starterCoverage is the share of its branches that the tests of each shipped pack take
// at least; most of the others are states of an object that each rule asks for first.
const starterCoverage = 0.7

func preset(t *testing.T, name string) *rules.Pack {
	t.Helper()
	text, ok := pack.Preset(name)
	require.True(t, ok, name)
	p, err := rules.Parse(name+".yaml", text)
	require.NoError(t, err)
	require.Equal(t, name, p.Info().Name, "a preset is called as its file")
	return p
}

func TestPresetsPassTheirOwnTests(t *testing.T) {
	require.NotEmpty(t, pack.Presets())
	for _, name := range pack.Presets() {
		set, err := rules.Compile(env(), preset(t, name))
		require.NoError(t, err)
		report, err := set.Test(t.Context(), rules.TestOptions{})
		require.NoError(t, err)
		require.NoError(t, report.Check(rules.Demand{Examples: true, Coverage: starterCoverage}), name)
		for _, r := range set.Packs()[0].Rules {
			require.NotEmpty(t, r.Why, r.ID)
		}
	}
	for _, name := range []string{"", ".", "status", "../ready", "presets/status-viva", "status-viva/status-viva"} {
		_, ok := pack.Preset(name)
		require.False(t, ok, name)
		_, ok = pack.PresetFolder(name)
		require.False(t, ok, name)
	}
}

// A preset that the host opens beside the starter packs is asked before them.
func TestAPresetOfTheHostIsAskedFirst(t *testing.T) {
	folder, ok := pack.PresetFolder("status-target-only")
	require.True(t, ok)
	live, err := rules.Open(env(), pack.Starter, folder)
	require.NoError(t, err)
	j := audit.New(live)
	s := quarter(t, j, 1)
	now := time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
	told(s, s.KeyResult("k0"), now, 50, measure.OnTrack, 7)
	v, err := j.Judge(t.Context(), proposal(s, now))
	require.NoError(t, err)
	require.Equal(t, measure.OffTrack, v.Statuses["k0"], "half of the way in October, and less than three quarters of the target")
}

// One key result, 40 % of the way where half of it was expected: what each program
// calls it, and why a status must say where it comes from.
func TestOneKeyResultHasAsManyStatusesAsThereArePrograms(t *testing.T) {
	for name, want := range map[string]measure.Status{
		"":                   measure.OnTrack,
		"status-viva":        measure.AtRisk,
		"status-engagedly":   measure.OnTrack,
		"status-ratio-95-75": measure.AtRisk,
		"status-ratio-90-70": measure.AtRisk,
		"status-tability":    measure.OnTrack,
		"status-target-only": measure.OffTrack,
		"status-thirds":      measure.AtRisk,
	} {
		t.Run(name, func(t *testing.T) {
			j := starter(t)
			s := quarter(t, j, 1)
			if name != "" {
				s.Packs = append(s.Packs, packOf(preset(t, name).Info().Text))
			}
			s.Cycles[0].End = measure.NewDate(2026, 12, 30)
			k := s.KeyResult("k0")
			now := time.Date(2026, 11, 15, 9, 0, 0, 0, time.UTC)
			told(s, k, now, 40, measure.OnTrack, 7)
			m := s.Measure(now)
			require.InDelta(t, 0.5, m["k0"].Expected.Or(0), 1e-9)
			v, err := j.Judge(t.Context(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: m, Now: now})
			require.NoError(t, err)
			require.Equal(t, want, v.Statuses["k0"])
			require.Equal(t, want, v.Statuses["o"])

			// What pace cannot judge is the same everywhere.
			old := now.AddDate(0, 0, -30)
			k.CurrentAt = &old
			m = s.Measure(now)
			v, err = j.Judge(t.Context(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: m, Now: now})
			require.NoError(t, err)
			require.Equal(t, measure.Stale, v.Statuses["k0"])
			require.Equal(t, measure.Stale, v.Statuses["o"])
		})
	}
}
