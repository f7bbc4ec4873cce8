package measure_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

// follows checks that a derivation computes to its own value again, also after it
// was written down and read back.
func follows(t require.TestingT, d measure.Derivation) {
	b, err := json.Marshal(d)
	require.NoError(t, err)
	var back measure.Derivation
	require.NoError(t, json.Unmarshal(b, &back))
	v, text, err := measure.Recompute(back)
	require.NoError(t, err, "%s", d)
	require.True(t, d.Value.Equal(v), "%s, and not %s", d, v)
	require.Equal(t, d.Text, text, "%s", d)
}

func TestEveryDerivationComputesToItsValueAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, readings := anInput(t)
		r := measure.KeyResult(&in)
		of := map[string]measure.Derivation{}
		for _, d := range measure.Explain(&in) {
			follows(t, d)
			of[d.Of] = d
			require.Equal(t, in.Now, d.AsOf)
			require.Contains(t, d.String(), d.Of)
		}
		for name, v := range map[string]measure.Number{
			"current": r.Current, "raw": r.Raw, "progress": r.Progress, "over": r.Over, "hit": r.Hit, "expected": r.Expected, "gap": r.Gap, "ratio": r.Ratio,
		} {
			require.True(t, v.Equal(of[name].Value), "%s is %s, and %s", name, v, of[name])
		}
		require.Equal(t, string(r.Status), of["status"].Text)
		follows(t, measure.ExplainGrade(r.Suggested(), in.Closed))
		follows(t, measure.ExplainTally(in.Metric, in.Tally.Scheduled, readings))
		f := measure.Forecasted(&in, readings)
		for _, d := range measure.ExplainForecast(&in, readings) {
			follows(t, d)
			if d.Of == "forecast" {
				require.True(t, f.Value.Equal(d.Value))
			}
		}
		n := measure.Needed(&in, in.Today.AddDays(7))
		for _, d := range measure.ExplainNeed(&in, in.Today.AddDays(7)) {
			follows(t, d)
			switch d.Of {
			case "needed_today":
				require.True(t, n.Today.Equal(d.Value))
			case "needed_then":
				require.True(t, n.Then.Equal(d.Value))
			case "missing":
				require.True(t, n.Missing.Equal(d.Value))
			case "needed_per_week":
				require.True(t, n.PerWeek.Equal(d.Value), "%v %v", n.PerWeek, d)
			}
		}
	})
}

// Whatever the metric says, sensible or not, a derivation never fails to compute.
func TestDerivationsOfNonsenseComputeToo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, _ := anInput(t)
		in.Metric.Kind = rapid.SampledFrom(append(measure.Kinds(), "", "fall")).Draw(t, "other kind")
		in.Metric.Mode = rapid.SampledFrom(append(measure.Modes(), "", "guess")).Draw(t, "other mode")
		in.Metric.Baseline, in.Metric.Target = anyNumber(t, "b"), anyNumber(t, "t")
		in.Metric.Low, in.Metric.Need = anyNumber(t, "low"), anyNumber(t, "need")
		in.Latest.Value = anyNumber(t, "v")
		for _, d := range measure.Explain(&in) {
			follows(t, d)
		}
	})
}

func TestADerivationThatWasTamperedWith(t *testing.T) {
	in := input(measure.N(40), 50)
	var raw measure.Derivation
	for _, d := range measure.Explain(&in) {
		if d.Of == "raw" {
			raw = d
		}
	}
	for i := range raw.Inputs {
		if raw.Inputs[i].Name == "target" {
			raw.Inputs[i].Value = measure.N(50)
		}
	}
	v, _, err := measure.Recompute(raw)
	require.NoError(t, err)
	require.Equal(t, measure.N(0.4), raw.Value)
	require.Equal(t, measure.N(0.8), v, "the inputs say something else than the value")

	raw.Inputs = raw.Inputs[1:]
	_, _, err = measure.Recompute(raw)
	require.ErrorIs(t, err, measure.ErrFormula)
	require.ErrorContains(t, err, `"current" is missing`)
	_, _, err = measure.Recompute(measure.Derivation{FormulaID: "gut.feeling"})
	require.ErrorIs(t, err, measure.ErrFormula)
}

func TestAStatusNamesWhatDecided(t *testing.T) {
	in := input(measure.N(24), 50)
	in.Ruling = measure.Ruling{Status: measure.AtRisk, Rule: "early-days", Pack: "acme@2.1.0"}
	status := func() measure.Derivation {
		ds := measure.Explain(&in)
		return ds[len(ds)-1]
	}
	d := status()
	require.Equal(t, "at_risk", d.Text)
	require.Equal(t, "early-days", d.Rule)
	require.Equal(t, "acme@2.1.0", d.Pack)
	require.True(t, strings.HasPrefix(d.Formula, "rule:"), d.Formula)
	in.Override = measure.Override{Status: measure.OnTrack, Reason: "paid in advance", By: "ann", Until: in.Now.AddDate(0, 0, 7)}
	d = status()
	require.Equal(t, "on_track", d.Text)
	require.Contains(t, d.String(), "paid in advance")
	require.True(t, strings.HasPrefix(d.Formula, "override:"), d.Formula)
}

// A derivation comes from anywhere: what cannot be followed is an error, and never
// a panic or a number that is none.
func FuzzRecompute(f *testing.F) {
	in := input(measure.N(40), 50)
	for _, ds := range [][]measure.Derivation{
		measure.Explain(&in), measure.ExplainNeed(&in, in.Last), measure.ExplainForecast(&in, weekly(in, 1, 2, 3, 5)),
		measure.Rollup([]measure.Part{{ID: "a", Weight: 1, Progress: measure.N(0.5)}}, measure.RollupOptions{}).Derivations(),
	} {
		for _, d := range ds {
			b, err := json.Marshal(d)
			require.NoError(f, err)
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d measure.Derivation
		if json.Unmarshal(b, &d) != nil {
			return
		}
		v, _, err := measure.Recompute(d)
		if err != nil {
			require.ErrorIs(t, err, measure.ErrFormula)
			return
		}
		require.True(t, !v.Known() || v.Finite(), "%s of %s", v, b)
	})
}
