package measure_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr/measure"
)

func TestCurves(t *testing.T) {
	last := start.AddDays(100)
	phases := measure.Curve("phases 2026-10-21:0.1 2026-11-30:0.9")
	for _, c := range []struct {
		curve measure.Curve
		day   int
		want  measure.Number
	}{
		{measure.DefaultCurve, 25, measure.N(0.25)},
		{measure.Linear, 25, measure.N(0.25)},
		{measure.BackLoaded, 50, measure.N(0.25)},
		{measure.Step, 99, measure.N(0)},
		{measure.Step, 100, measure.N(1)},
		{measure.NoPace, 99, unknown},
		{measure.NoPace, 100, measure.N(1)},
		{phases, 0, measure.N(0)},
		{phases, 10, measure.N(0.05)},
		{phases, 20, measure.N(0.1)},
		{phases, 40, measure.N(0.5)},
		{phases, 60, measure.N(0.9)},
		{phases, 80, measure.N(0.95)},
		{phases, 100, measure.N(1)},
		{"step 2026-10-21:0.1 2026-11-30:0.9", 19, measure.N(0)},
		{"step 2026-10-21:0.1 2026-11-30:0.9", 20, measure.N(0.1)},
		{"step 2026-10-21:0.1 2026-11-30:0.9", 59, measure.N(0.1)},
		{"step 2026-10-21:0.1 2026-11-30:0.9", 99, measure.N(0.9)},
		{"phases 2020-01-01:0.4 2030-01-01:0.5", 50, measure.N(0.5)}, // no date within: a straight line
		{"steep", 50, unknown},
		{"phases", 50, unknown},
		{"phases 2026-10-21:0.9 2026-11-30:0.1", 50, unknown},
	} {
		got, known := c.curve.Expected(start, last, start.AddDays(c.day)).Value()
		want, ought := c.want.Value()
		require.Equal(t, ought, known, "%s on day %d", c.curve, c.day)
		require.InDelta(t, want, got, 1e-12, "%s on day %d", c.curve, c.day)
	}
	require.Equal(t, phases, measure.Phases(phases.Dated()...))
	require.Equal(t, measure.Step, measure.Steps())
	require.Empty(t, measure.Linear.Dated())
}

func TestParseCurveIsStrict(t *testing.T) {
	for _, good := range []string{"", "linear", "step", "back_loaded", "none", "phases 2026-10-31:0.2", "phases 2026-10-31:0 2026-11-30:0", "step 2026-10-31:1"} {
		c, err := measure.ParseCurve(good)
		require.NoError(t, err, good)
		require.Equal(t, good, string(c))
	}
	for bad, why := range map[string]string{
		"steep":                                "use linear, step, back_loaded, none",
		"Linear":                               "use linear",
		"linear ":                              "only phases and step take dated shares",
		"none 2026-10-31:0.2":                  "only phases and step take dated shares",
		"phases":                               "need at least one dated share",
		"phases ":                              "write a day and the share",
		"phases 2026-10-31":                    "write a day and the share",
		"phases 2026-02-30:0.2":                "write a day and the share",
		"phases 2026-10-31:1.2":                "from 0 to 1",
		"phases 2026-10-31:-0.2":               "from 0 to 1",
		"phases 2026-10-31:1e-3":               "from 0 to 1",
		"phases 2026-10-31:.5":                 "from 0 to 1",
		"phases 2026-10-31:NaN":                "from 0 to 1",
		"phases  2026-10-31:0.2":               "write a day and the share",
		"phases 2026-10-31:0.2 2026-10-31:1":   "let the days follow each other",
		"phases 2026-10-31:0.5 2026-11-30:0.4": "let the shares rise",
		"phases" + strings.Repeat(" 2026-10-31:0.5", 1):   "",
		"phases" + strings.Repeat(" 2026-10-31:0.5", 2):   "let the days follow each other",
		"step 2026-10-31:0.2 ":                            "write a day and the share",
		"phases 2026-10-31:0." + strings.Repeat("3", 100): "write a day and the share",
		string(measure.Phases(manyPhases(61)...)):         "give at most 60",
	} {
		_, err := measure.ParseCurve(bad)
		if why == "" {
			require.NoError(t, err, bad)
			continue
		}
		require.ErrorContains(t, err, why, bad)
	}
}

func manyPhases(n int) (out []measure.Phase) {
	for i := range n {
		out = append(out, measure.Phase{On: start.AddDays(i), Share: float64(i) / float64(n)})
	}
	return out
}

func FuzzParseCurve(f *testing.F) {
	for _, s := range []string{"", "linear", "phases 2026-10-31:0.2 2026-11-30:0.6", "step 2026-10-31:1", "phases 2026-10-31:0.20"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := measure.ParseCurve(s)
		got := c.Expected(start, start.AddDays(100), start.AddDays(50))
		if err != nil {
			require.False(t, measure.Curve(s).Expected(start, start.AddDays(100), start.AddDays(50)).Known() && measure.Curve(s).Dated() != nil)
			return
		}
		require.Equal(t, s, string(c))
		require.True(t, got.Or(0) >= 0 && got.Or(0) <= 1)
		require.Equal(t, got.Known(), c != measure.NoPace)
		if ps := c.Dated(); ps != nil {
			again := measure.Phases(ps...)
			if strings.HasPrefix(s, "step") {
				again = measure.Steps(ps...)
			}
			require.Equal(t, ps, again.Dated())
		}
	})
}

func TestBands(t *testing.T) {
	n := measure.N
	preset := func(name string) measure.Bands {
		b, ok := measure.Preset(name)
		require.True(t, ok, name)
		return b
	}
	for _, c := range []struct {
		preset string
		figure float64
		want   measure.Status
	}{
		{"default", 0.1, measure.OnTrack},
		{"default", 0.25, measure.AtRisk},
		{"default", 0.26, measure.OffTrack},
		{"viva", 0, measure.OnTrack},
		{"viva", 0.01, measure.AtRisk},
		{"viva", 0.25, measure.AtRisk},
		{"engagedly", 0.164, measure.OnTrack},
		{"engagedly", 0.165, measure.AtRisk},
		{"engagedly", 0.33, measure.AtRisk},
		{"engagedly", 0.34, measure.OffTrack},
		{"ratio_95_75", 0.95, measure.OnTrack},
		{"ratio_95_75", 0.94, measure.AtRisk},
		{"ratio_95_75", 0.74, measure.OffTrack},
		{"ratio_90_70", 0.9, measure.OnTrack},
		{"ratio_90_70", 0.69, measure.OffTrack},
		{"tability", 0.7, measure.AtRisk},
		{"tability", 0.71, measure.OnTrack},
		{"tability", 0.5, measure.AtRisk},
		{"target_only", 0.9, measure.OnTrack},
		{"target_only", 0.75, measure.AtRisk},
		{"target_only", 0.74, measure.OffTrack},
		{"qulture", 0.67, measure.OnTrack},
		{"qulture", 0.33, measure.OffTrack},
	} {
		require.Equal(t, c.want, preset(c.preset).Of(n(c.figure)), "%s at %v", c.preset, c.figure)
		require.Equal(t, measure.Unknown, preset(c.preset).Of(unknown))
	}
	_, ok := measure.Preset("fair")
	require.False(t, ok)
	require.Equal(t, measure.DefaultBands(), preset("default"))
}

// The same figures, six verdicts: what the presets are for.
func TestPresetsDisagree(t *testing.T) {
	in := input(measure.N(40), 50)
	for name, want := range map[string]measure.Status{
		"default": measure.OnTrack, "viva": measure.AtRisk, "engagedly": measure.OnTrack, "ratio_95_75": measure.AtRisk,
		"ratio_90_70": measure.AtRisk, "tability": measure.OnTrack, "target_only": measure.OffTrack, "qulture": measure.AtRisk,
	} {
		in.Bands, _ = measure.Preset(name)
		require.Equal(t, want, measure.KeyResult(&in).Status, name)
	}
}

func TestARatioThatIsNotKnownYetIsPending(t *testing.T) {
	in := input(measure.N(0), 3)
	in.Bands, _ = measure.Preset("ratio_95_75")
	require.Equal(t, measure.Pending, measure.KeyResult(&in).Status)
	in.Bands, _ = measure.Preset("viva")
	require.Equal(t, measure.AtRisk, measure.KeyResult(&in).Status)
}

func TestBandsAsText(t *testing.T) {
	for _, text := range append(measure.Presets(), "gap 0.05 0.2", "gap <0.05 0.2", "ratio 0.8 0.6", "progress <0.8 0.6", "gap -0.1 0") {
		b, err := measure.ParseBands(text)
		require.NoError(t, err, text)
		require.Equal(t, text, b.String())
	}
	for bad, why := range map[string]string{
		"fair": "use one of default, viva", "gap": "use one of", "gap 1": "use one of", "gap x 1": "no number", "gap 0.2 0.1": "swap the two", "ratio 0.1 0.2": "swap the two",
		"gap 0x1 1": "no number", "gap 1e1 1": "no number", "speed 0.1 0.2": "use gap, ratio or progress", "gap 10 25": "give a share", "gap 0.1 0.2 0.3": "no number", "gap 0.1  0.2": "no number",
	} {
		_, err := measure.ParseBands(bad)
		require.ErrorContains(t, err, why, bad)
	}
	type holder struct {
		Bands measure.Bands `json:"bands,omitzero"`
	}
	b, err := json.Marshal(holder{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(b))
	viva, _ := measure.Preset("viva")
	b, err = json.Marshal(holder{viva})
	require.NoError(t, err)
	require.JSONEq(t, `{"bands":"viva"}`, string(b))
	var back holder
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, viva, back.Bands)
	require.Error(t, json.Unmarshal([]byte(`{"bands":"fair"}`), &back))
	_, err = json.Marshal(holder{measure.Bands{AtRisk: 0.5, OffTrack: 0.1}})
	require.Error(t, err)
}

func FuzzParseBands(f *testing.F) {
	for _, s := range append(measure.Presets(), "", "gap <0.165 0.33", "ratio 0.95 0.75", "gap -0 0") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := measure.ParseBands(s)
		if err != nil {
			require.Equal(t, measure.Bands{}, b)
			return
		}
		require.Empty(t, b.Problems())
		again, err := measure.ParseBands(b.String())
		require.NoError(t, err)
		require.Equal(t, b.String(), again.String())
		require.NotEqual(t, measure.Unknown, b.Of(measure.N(0.5)))
	})
}

func TestFormat(t *testing.T) {
	n := measure.N
	for _, c := range []struct {
		metric measure.Metric
		v      measure.Number
		want   string
	}{
		{measure.Metric{Unit: "%"}, n(4.25), "4.2 %"},
		{measure.Metric{Unit: "%"}, n(4.35), "4.4 %"},
		{measure.Metric{Unit: "%"}, n(54), "54 %"},
		{measure.Metric{Unit: "EUR"}, n(1200.5), "1200.50 EUR"},
		{measure.Metric{Unit: "EUR"}, n(2.675), "2.68 EUR"}, // the binary number behind it is a little less
		{measure.Metric{Unit: "EUR"}, n(2.665), "2.66 EUR"},
		{measure.Metric{Unit: "JPY"}, n(0.5), "0 JPY"},
		{measure.Metric{Unit: "JPY"}, n(1.5), "2 JPY"},
		{measure.Metric{Unit: "KWD"}, n(1), "1.000 KWD"},
		{measure.Metric{Unit: "customers"}, n(45), "45 customers"},
		{measure.Metric{Unit: "hours"}, n(2.375), "2.38 hours"},
		{measure.Metric{}, n(-0.001), "0"},
		{measure.Metric{}, n(999.999), "1000"},
		{measure.Metric{Unit: "ms", Digits: n(0)}, n(2.5), "2 ms"},
		{measure.Metric{Unit: "ms", Digits: n(3)}, n(2), "2.000 ms"},
		{measure.Metric{Unit: "ms"}, unknown, "unknown"},
		{measure.Metric{Kind: measure.YesNo}, n(1), "yes"},
		{measure.Metric{Kind: measure.Zones}, n(3), "stretch"},
		{measure.Metric{Kind: measure.Milestones}, n(1.0 / 3), "33.3 %"},
		{measure.Metric{Kind: measure.AtMost, Unit: "EUR", Mode: measure.HitRatio}, n(0.5), "50 %"},
	} {
		require.Equal(t, c.want, c.metric.Format(c.v))
	}
	percent := measure.Metric{Unit: "%"}
	require.Equal(t, "+1.5 pp", percent.FormatDifference(n(1.5)))
	require.Equal(t, "-1.5 pp", percent.FormatDifference(n(-1.5)))
	require.Equal(t, "0 pp", percent.FormatDifference(n(0.01)))
	require.Equal(t, "+25 pp", measure.Metric{Kind: measure.Milestones}.FormatDifference(n(0.25)))
	require.Equal(t, "unknown", percent.FormatDifference(unknown))
	require.Equal(t, measure.PercentagePoints, measure.Percent.Difference())
	require.Equal(t, measure.Unit("EUR"), measure.Unit("EUR").Difference())
}

// Rounding to the digits that are shown moves a number by at most half of the last
// one, and a number that has no more digits not at all.
func TestRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.IntRange(0, 9).Draw(t, "places")
		v := rapid.Float64Range(-1e9, 1e9).Draw(t, "v")
		text := measure.Round(measure.N(v), places)
		exact, ok := new(big.Rat).SetString(measure.N(v).String())
		require.True(t, ok)
		back, ok := new(big.Rat).SetString(text)
		require.True(t, ok)
		off := new(big.Rat).Sub(exact, back)
		half := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Mul(big.NewInt(2), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)))
		switch off.Abs(off).Cmp(half) {
		case 1:
			t.Fatalf("%v became %s", v, text)
		case 0:
			require.Contains(t, "02468", text[len(text)-1:], "%v became %s: a tie goes to the even digit", v, text)
		}
		require.NotContains(t, []string{"-0", "-0.0", "-0.00"}, text)
	})
}

func TestGrades(t *testing.T) {
	n := measure.N
	for _, c := range []struct {
		score     measure.Number
		want      measure.Grade
		committed measure.Grade
	}{
		{n(0), measure.GradeRed, measure.GradeFailed},
		{n(0.3), measure.GradeRed, measure.GradeFailed},
		{n(0.35), measure.GradeRed, measure.GradeFailed},
		{n(0.4), measure.GradeYellow, measure.GradeFailed},
		{n(0.69), measure.GradeYellow, measure.GradeFailed},
		{n(0.7), measure.GradeGreen, measure.GradeFailed},
		{n(0.1 + 0.2 + 0.4), measure.GradeGreen, measure.GradeFailed},
		{n(0.8), measure.GradeGreen, measure.GradeFailed},
		{n(1), measure.GradeGreen, measure.GradePassed},
		{unknown, measure.GradeUnknown, measure.GradeUnknown},
		{n(1.2), measure.GradeUnknown, measure.GradeUnknown},
		{n(-0.1), measure.GradeUnknown, measure.GradeUnknown},
	} {
		require.Equal(t, c.want, measure.GradeOf(c.score, false), c.score)
		require.Equal(t, c.committed, measure.GradeOf(c.score, true), c.score)
	}
	rapid.Check(t, func(t *rapid.T) {
		require.NotEqual(t, measure.GradeUnknown, measure.GradeOf(n(rapid.Float64Range(0, 1).Draw(t, "score")), rapid.Bool().Draw(t, "committed")), "no score falls between the bands")
	})
}

func TestOverride(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	whole := measure.Override{Status: measure.OnTrack, Reason: "paid in advance", By: "ann", Until: now.Add(time.Hour)}
	require.True(t, whole.Holds(now))
	require.False(t, whole.Holds(now.Add(time.Hour)), "it has expired")
	require.Empty(t, whole.Problems())
	for field, o := range map[string]measure.Override{
		"override.reason": {Status: measure.OnTrack, Until: now.Add(time.Hour)},
		"override.until":  {Status: measure.OnTrack, Reason: "x"},
		"override.status": {Status: measure.Hit, Reason: "x", Until: now.Add(time.Hour)},
	} {
		require.Equal(t, field, o.Problems()[0].Field)
		require.False(t, o.Holds(now))
	}
	require.Empty(t, measure.Override{}.Problems())
}
