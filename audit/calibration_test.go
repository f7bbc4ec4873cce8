package audit_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// said makes n key results of a team, of which hits are hit, each forecast by
// people in turn with a confidence.
func said(team okr.ID, n, hits, people int, confidence float64) []audit.Forecast {
	var out []audit.Forecast
	for i := range n {
		out = append(out, audit.Forecast{
			Team: team, Person: okr.ID(fmt.Sprint(team, "-", i%people)), KeyResult: okr.ID(fmt.Sprint(team, "/", i)),
			Confidence: measure.N(confidence), Hit: i < hits,
		})
	}
	return out
}

func TestCalibration(t *testing.T) {
	for _, c := range []struct {
		name      string
		forecasts []audit.Forecast
		verdict   string
		brier     float64
		bias      float64
	}{
		{"nine of ten were sure, four of ten were hit", said("a", 20, 8, 5, 9), audit.OverConfident, 0.49, 0.5},
		{"seven of ten, and seven of ten", said("a", 20, 14, 5, 7), audit.Calibrated, 0.21, 0},
		{"always five", said("a", 20, 10, 5, 5), audit.Calibrated, 0.25, 0},
		{"three of ten, and nine of ten", said("a", 20, 18, 5, 3), audit.UnderConfident, 0.45, -0.6},
		{"certain, and once wrong", said("a", 20, 19, 5, 10), audit.Calibrated, 0.05, 0.05},
		{"certain, and often wrong", said("a", 20, 15, 5, 10), audit.OverConfident, 0.25, 0.25},
		{"bad luck may do that", said("a", 10, 6, 5, 8), audit.Calibrated, 0.28, 0.2},
		{"too few to tell", said("a", 9, 0, 5, 9), audit.TooFew, 0.81, 0.9},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := audit.Calibrate(c.forecasts, audit.CalibrationOptions{})
			require.NoError(t, err)
			require.Len(t, got, 2)
			require.Empty(t, got[0].Team, "everybody comes first")
			require.Equal(t, okr.ID("a"), got[1].Team)
			for _, g := range got {
				require.Equal(t, c.verdict, g.Verdict)
				require.InDelta(t, c.brier, g.Brier.Or(-1), 1e-9)
				require.InDelta(t, c.bias, g.Bias.Or(-1), 1e-9)
				require.NotEmpty(t, g.Advice)
				require.Len(t, g.Bins, 1)
			}
		})
	}
}

func TestCalibrationCountsAKeyResultOnce(t *testing.T) {
	quiet := said("a", 20, 14, 5, 7)
	loud := append([]audit.Forecast(nil), quiet...)
	for range 50 {
		loud = append(loud, quiet[0])
	}
	a, err := audit.Calibrate(quiet, audit.CalibrationOptions{})
	require.NoError(t, err)
	b, err := audit.Calibrate(loud, audit.CalibrationOptions{})
	require.NoError(t, err)
	require.InDelta(t, a[1].Brier.Or(-1), b[1].Brier.Or(-2), 1e-9)
	require.Equal(t, a[1].KeyResults, b[1].KeyResults)
}

func TestCalibrationHidesSmallGroups(t *testing.T) {
	got, err := audit.Calibrate(append(said("large", 20, 8, 6, 9), said("small", 20, 2, 4, 9)...), audit.CalibrationOptions{})
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.Equal(t, audit.Calibration{Verdict: audit.Withheld, Advice: got[0].Advice}, got[0], "everybody minus the large team is the small one")
	require.Equal(t, audit.OverConfident, got[1].Verdict)
	require.Equal(t, audit.Calibration{Team: "small", Verdict: audit.Withheld, Advice: got[2].Advice}, got[2])
	text, err := json.Marshal(got[2])
	require.NoError(t, err)
	require.NotContains(t, string(text), "brier")

	// Two small teams hide each other.
	got, err = audit.Calibrate(append(append(said("large", 20, 8, 6, 9), said("small", 20, 2, 4, 9)...), said("tiny", 5, 2, 2, 9)...), audit.CalibrationOptions{})
	require.NoError(t, err)
	require.Equal(t, audit.OverConfident, got[0].Verdict)
	require.Equal(t, 12, got[0].People)
	require.Empty(t, got[0].Bins, "a bin of everybody minus a bin of the large team may be one person")

	got, err = audit.Calibrate(said("small", 20, 2, 4, 9), audit.CalibrationOptions{LeastPeople: 4})
	require.NoError(t, err)
	require.Equal(t, audit.OverConfident, got[1].Verdict)
	got, err = audit.Calibrate(nil, audit.CalibrationOptions{})
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestCalibrationRefusesWhatIsNoConfidence(t *testing.T) {
	for _, c := range []float64{-0.1, 10.1, 70} {
		fs := said("a", 3, 1, 3, 5)
		fs[1].Confidence = measure.N(c)
		_, err := audit.Calibrate(fs, audit.CalibrationOptions{})
		require.ErrorIs(t, err, okr.ErrInvalid)
		require.ErrorContains(t, err, "forecasts[1].confidence")
	}
	fs := said("a", 20, 10, 5, 5)
	fs[0].Confidence = measure.Number{}
	got, err := audit.Calibrate(fs, audit.CalibrationOptions{})
	require.NoError(t, err)
	require.Equal(t, 19, got[1].KeyResults, "what nobody said is no forecast")
}

// Whatever the forecasts, no answer is about fewer people than asked for: not the
// whole, not a team, not a bin, and not what is left when the teams that are told of
// are taken from everybody.
func TestCalibrationNeverTellsOfFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.IntRange(2, 6).Draw(t, "least")
		var fs []audit.Forecast
		people, shown := map[okr.ID]map[okr.ID]bool{}, map[okr.ID]bool{}
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			team := okr.ID(rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "team"))
			k := rapid.IntRange(0, 9).Draw(t, "key result")
			f := audit.Forecast{
				Team: team, Person: okr.ID(fmt.Sprint("p", rapid.IntRange(0, 9).Draw(t, "person"))), KeyResult: okr.ID(fmt.Sprint(team, k)),
				Confidence: measure.N(float64(rapid.IntRange(0, 10).Draw(t, "confidence"))), Hit: k%2 == 0,
			}
			fs = append(fs, f)
			if people[team] == nil {
				people[team] = map[okr.ID]bool{}
			}
			people[team][f.Person] = true
		}
		got, err := audit.Calibrate(fs, audit.CalibrationOptions{LeastPeople: least})
		require.NoError(t, err)
		rest := map[okr.ID]bool{}
		for _, c := range got {
			shown[c.Team] = c.Verdict != audit.Withheld
			if c.Verdict == audit.Withheld {
				require.Equal(t, audit.Calibration{Team: c.Team, Verdict: audit.Withheld, Advice: c.Advice}, c)
				continue
			}
			require.GreaterOrEqual(t, c.People, least)
			require.InDelta(t, c.Said.Or(9)-c.Hit.Or(9), c.Bias.Or(9), 1e-9)
			n, at := 0, -1.0
			for _, b := range c.Bins {
				n += b.KeyResults
				require.Greater(t, b.From, at-1e-9)
				require.GreaterOrEqual(t, b.Said, b.From-1e-9)
				require.LessOrEqual(t, b.Said, b.To+1e-9)
				at = b.To
				within := map[okr.ID]bool{}
				for _, ps := range spoke(fs, c.Team) {
					if ps.mean >= b.From-1e-9 && (ps.mean < b.To-1e-9 || b.To == 1) {
						for p := range ps.people {
							within[p] = true
						}
					}
				}
				require.GreaterOrEqual(t, len(within), least, "a bin of few: %+v", b)
			}
			if c.Team != "" || len(c.Bins) > 0 {
				require.Equal(t, c.KeyResults, n)
			}
		}
		for team, ps := range people {
			if team == "" || !shown[team] {
				for p := range ps {
					rest[p] = true
				}
			}
		}
		if shown[""] && len(rest) > 0 {
			require.GreaterOrEqual(t, len(rest), least)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(fs), func(a, b int) { fs[a], fs[b] = fs[b], fs[a] })
		again, err := audit.Calibrate(fs, audit.CalibrationOptions{LeastPeople: least})
		require.NoError(t, err)
		require.Len(t, again, len(got))
		for i := range got {
			require.InDelta(t, got[i].Brier.Or(-1), again[i].Brier.Or(-1), 1e-9)
			require.Equal(t, got[i].Verdict, again[i].Verdict)
		}
	})
}

func TestForecastsOfClosedCycles(t *testing.T) {
	j := starter(t)
	s := quarter(t, j, 3)
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		told(s, k, oct(9), 50, measure.OnTrack, 8)
		told(s, k, oct(16), 60, measure.OnTrack, 9)
		told(s, k, oct(1).AddDate(0, 0, 88), []float64{100, 70, 100}[i], measure.OnTrack, 10)
	}
	for i := range s.CheckIns { // the first of each was brought by an import, for one of them it names nobody
		if c := &s.CheckIns[i]; c.OccurredAt.Equal(oct(9)) {
			c.Author = okr.Service("import")
			if c.KeyResult == "k0" {
				c.AuthorText = "Mara Lind"
			}
		}
	}
	end := oct(1).AddDate(0, 0, 95)
	require.Empty(t, audit.Forecasts(s, end), "nothing is known before the close")
	s.Cycles[0].ClosedAt = &end
	s.KeyResult("k2").State = okr.Abandoned
	got := audit.Forecasts(s, end)
	require.Len(t, got, 3, "what was said at the end is none, nor by nobody, nor of an abandoned one")
	for _, f := range got {
		require.Equal(t, f.KeyResult == "k0", f.Hit)
		require.Equal(t, okr.ID("sales"), f.Team)
		require.Less(t, f.Confidence.Or(10), 10.0)
	}
	cs, err := audit.Calibrate(got, audit.CalibrationOptions{})
	require.NoError(t, err)
	require.Equal(t, audit.Withheld, cs[1].Verdict, "one person is never told of")
}

type spoken struct {
	sum, n, mean float64
	people       map[okr.ID]bool
}

// spoke is what was said of each key result of a team, "" being everybody.
func spoke(fs []audit.Forecast, team okr.ID) map[okr.ID]*spoken {
	out := map[okr.ID]*spoken{}
	for _, f := range fs {
		if team != "" && f.Team != team {
			continue
		}
		x := out[f.KeyResult]
		if x == nil {
			x = &spoken{people: map[okr.ID]bool{}}
			out[f.KeyResult] = x
		}
		x.sum += f.Confidence.Or(0) / 10
		x.n++
		x.mean = x.sum / x.n
		x.people[f.Person] = true
	}
	return out
}
