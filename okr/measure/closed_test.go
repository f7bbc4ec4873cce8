package measure_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr/measure"
)

func of(t *testing.T, ds []measure.Derivation, name string) measure.Derivation {
	t.Helper()
	for _, d := range ds {
		if d.Of == name {
			v, text, err := measure.Recompute(d)
			require.NoError(t, err)
			require.Equal(t, d.Value, v)
			require.Equal(t, d.Text, text)
			return d
		}
	}
	require.Fail(t, "no derivation", name)
	return measure.Derivation{}
}

// What is withheld is not told by its derivation either.
func TestWhatIsWithheldIsNotDerived(t *testing.T) {
	r := measure.Rollup([]measure.Part{
		{ID: "open", Weight: 1, Progress: measure.N(0.9), Expected: measure.N(0.5), Status: measure.OnTrack},
		{Weight: 1, Progress: measure.N(0.1), Expected: measure.N(0.5), Status: measure.OffTrack, Hidden: true},
	}, measure.RollupOptions{})
	require.False(t, r.Progress.Known())
	for _, name := range []string{"progress", "raw", "expected", "gap", "ratio"} {
		d := of(t, r.Derivations(), name)
		require.False(t, d.Value.Known(), d)
		require.Empty(t, d.Inputs)
		require.Equal(t, "withheld: "+r.Reason, d.Formula)
	}
	require.Equal(t, string(measure.Unknown), of(t, r.Derivations(), "status").Text)
	harder := of(t, r.Derivations(), "status").Ruled(measure.Ruling{Status: measure.OffTrack, Rule: "silent", Pack: "acme@1"})
	_, text, err := measure.Recompute(harder)
	require.NoError(t, err)
	require.Equal(t, "off_track", text)
	require.Equal(t, "silent", harder.Rule)
}

func TestAnOutcomeFollowsFromWhatPeopleSaid(t *testing.T) {
	at := time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		hit          measure.Number
		ending, want measure.Status
	}{
		{measure.N(1), "", measure.Hit}, {measure.N(0), "", measure.Missed}, {unknown, "", measure.Unknown},
		{measure.N(0), "carried_over", "carried_over"}, {measure.N(1), "abandoned", "abandoned"},
	} {
		d := measure.ExplainOutcome(c.hit, c.ending, at)
		require.Equal(t, string(c.want), of(t, []measure.Derivation{d}, "status").Text)
		require.Equal(t, at, d.AsOf)
	}
}

// The record of a close stands where its derivation has moved on.
func TestFrozenFigures(t *testing.T) {
	in := input(measure.N(24), 50)
	was := measure.KeyResult(&in)
	in.Latest.Value = measure.N(36)
	in.Latest.ID = "late"
	ds := was.Frozen(measure.Explain(&in), in.Now)
	for name, v := range map[string]measure.Number{"current": was.Current, "progress": was.Progress, "gap": was.Gap} {
		d := of(t, ds, name)
		require.Equal(t, v, d.Value)
		require.Equal(t, "frozen at close", d.Formula)
	}
	require.NotEqual(t, "frozen at close", of(t, ds, "expected").Formula, "what still follows says how")
	require.Equal(t, string(was.Status), of(t, ds, "status").Text)
	require.NotEmpty(t, was.Frozen(nil, in.Now))
}

func TestNothingScheduledIsTheReason(t *testing.T) {
	in := input(measure.N(24), 50)
	in.Metric.Mode = measure.HitRatio
	for range 5 {
		in.Tally = in.Tally.Add(in.Metric, measure.N(24))
	}
	require.Equal(t, "no check-ins are scheduled", in.Hit().Reason)
	require.Equal(t, "unknown: no check-ins are scheduled", of(t, measure.Explain(&in), "status").Formula)
	in.Tally = measure.Tally{}
	require.Equal(t, "no check-ins are scheduled", in.Hit().Reason, "whatever was counted")
}

// A rule may judge harder than the arithmetic, and never softer where nothing is
// known.
func TestWhatARulingReplaces(t *testing.T) {
	in := input(unknown, 50)
	in.Ruling = measure.Ruling{Status: measure.OffTrack, Rule: "silence"}
	require.Equal(t, measure.OffTrack, measure.KeyResult(&in).Status)
	require.Equal(t, "silence", of(t, measure.Explain(&in), "status").Rule)
	in.Ruling.Status = measure.OnTrack
	require.Equal(t, measure.Unknown, measure.KeyResult(&in).Status)
	require.Empty(t, of(t, measure.Explain(&in), "status").Rule)
	in.Paused = true
	in.Ruling.Status = measure.OffTrack
	require.Equal(t, measure.Paused, measure.KeyResult(&in).Status)
}
