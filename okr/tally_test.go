package okr_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// shaped is a plan whose k1 is measured by the metric.
func shaped(m measure.Metric) okr.Plan {
	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].Metric = m
	return p
}

// with is a house whose k1 is measured by the metric, active since the first of
// October.
func with(t *testing.T, m measure.Metric) house {
	t.Helper()
	h := open(t, okr.Config{})
	_, err := h.acme.Propose(t.Context(), shaped(m))
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	return h
}

func (h house) record(t *testing.T, key string, ms ...okr.Measurement) okr.Decision {
	t.Helper()
	d, err := h.acme.Record(t.Context(), okr.Collected{KeyResult: h.keyResult(t, key).ID, Source: "feed", Readings: ms})
	require.NoError(t, err)
	return d
}

func day(month time.Month, d, hour int) time.Time {
	year := 2026
	if month < time.July {
		year = 2027
	}
	return time.Date(year, month, d, hour, 0, 0, 0, time.UTC)
}

func TestModesCountTheReadingsOfTheQuarter(t *testing.T) {
	for mode, want := range map[measure.Mode]measure.Number{
		measure.Sum: measure.N(60), measure.Average: measure.N(20), measure.Latest: measure.N(30), measure.HitRatio: measure.N(2.0 / 13),
	} {
		h := with(t, measure.Metric{Kind: measure.AtLeast, Target: measure.N(20), Mode: mode})
		h.clock.Set(day(time.October, 26, 9))
		for _, m := range []okr.Measurement{
			{Value: measure.N(20), OccurredAt: day(time.October, 8, 9)},
			{Value: measure.N(10), OccurredAt: day(time.October, 2, 9)}, // late, and out of order
			{Value: measure.N(30), OccurredAt: day(time.October, 22, 9)},
			{Value: measure.N(99), OccurredAt: day(time.September, 30, 21)}, // before the first day in Zurich
		} {
			h.record(t, "k1", m)
		}
		got := h.keyResult(t, "k1").Measured.Current
		require.True(t, want.Equal(got), "%s: %s, not %s", mode, got, want)
	}
}

func TestAHitRatioAsksOnceForEachCheckIn(t *testing.T) {
	h := with(t, measure.Metric{Kind: measure.AtLeast, Target: measure.N(95), Mode: measure.HitRatio})
	require.False(t, h.keyResult(t, "k1").Measured.Current.Known(), "nothing was asked yet")
	h.clock.Set(day(time.October, 3, 15))
	for hour := range 24 {
		h.record(t, "k1", okr.Measurement{Value: measure.N(99), OccurredAt: day(time.October, 1, hour)})
	}
	require.True(t, h.keyResult(t, "k1").Measured.Current.Equal(measure.N(1.0/13)), "however often the source delivers")
	h.record(t, "k1", okr.Measurement{Value: measure.N(90), OccurredAt: day(time.October, 3, 10)})
	require.True(t, h.keyResult(t, "k1").Measured.Current.Equal(measure.N(0)), "what was said last, within the grace")

	// The rhythm of the team changes: the figure follows when time is next looked at.
	_, err := h.acme.SyncPeople(t.Context(), okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: &okr.Schedule{Frequency: okr.Monthly}}}})
	require.NoError(t, err)
	settle(t, h)
	require.Equal(t, 13, h.keyResult(t, "k1").Tally.Scheduled, "the calendar of this test knows Fridays only")
}

func TestAChangedTargetCountsHitsAnew(t *testing.T) {
	m := measure.Metric{Kind: measure.AtLeast, Target: measure.N(95), Mode: measure.HitRatio}
	h := with(t, m)
	h.clock.Set(day(time.October, 26, 9))
	for _, d := range []int{2, 9, 16} {
		h.record(t, "k1", okr.Measurement{Value: measure.N(90), OccurredAt: day(time.October, d, 9)})
	}
	require.True(t, h.keyResult(t, "k1").Measured.Current.Equal(measure.N(0)))
	m.Target = measure.N(90)
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, "k1").ID, Metric: &m, Reason: "It was never 95."})
	require.NoError(t, err)
	require.True(t, h.keyResult(t, "k1").Measured.Current.Equal(measure.N(3.0/13)))
	m.Mode = measure.Average
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.keyResult(t, "k1").ID, Metric: &m, Reason: "The mean says more."})
	require.NoError(t, err)
	require.True(t, h.keyResult(t, "k1").Measured.Current.Equal(measure.N(90)))
}

func TestAPlanStatesASumAndDoesNotAddToIt(t *testing.T) {
	p := shaped(measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: measure.N(100), Mode: measure.Sum})
	h := open(t, okr.Config{})
	h.clock.Set(day(time.October, 5, 9))
	current := func(v float64) measure.Number {
		p.Objectives[0].KeyResults[0].Current = measure.N(v)
		_, err := h.acme.Propose(t.Context(), p)
		require.NoError(t, err)
		h.clock.Advance(time.Hour)
		return h.keyResult(t, "k1").Measured.Current
	}
	require.True(t, current(10).Equal(measure.N(10)))
	require.True(t, current(25).Equal(measure.N(25)))
	require.True(t, current(25).Equal(measure.N(25)))
	_, err := h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	h.record(t, "k1", okr.Measurement{Value: measure.N(5), OccurredAt: h.clock.Now()})
	require.True(t, h.keyResult(t, "k1").Measured.Current.Equal(measure.N(30)))
}

func TestASumThatCannotBeComputedIsRefused(t *testing.T) {
	h := with(t, measure.Metric{Kind: measure.AtLeast, Target: measure.N(1), Mode: measure.Sum})
	k := h.keyResult(t, "k1").ID
	h.clock.Set(day(time.October, 3, 9))
	reading := okr.Measurement{Value: measure.N(1.5e308), OccurredAt: day(time.October, 2, 9)}
	h.record(t, "k1", reading)
	reading.OccurredAt = day(time.October, 2, 10)
	_, err := h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: []okr.Measurement{reading}})
	require.Equal(t, "value", invalidField(t, err))
	require.Equal(t, 1, h.keyResult(t, "k1").Tally.Count)
}

// heard is a reading as the events tell of it.
type heard struct {
	okr.ReadingRecorded
	seq int64
}

// figure computes the figure of a mode from everything that was ever told, without
// a tally: the plain way that a person would.
func figure(m measure.Metric, all []heard, due time.Time) measure.Number {
	zurich, _ := time.LoadLocation("Europe/Zurich")
	first := time.Date(2026, time.October, 1, 0, 0, 0, 0, zurich)
	end := time.Date(due.Year(), due.Month(), due.Day()+1, 0, 0, 0, 0, zurich)
	var stand []heard
	for _, r := range all {
		corrected := slices.ContainsFunc(all, func(o heard) bool { return o.Corrects == r.Reading })
		if !corrected && !r.OccurredAt.Before(first) && r.OccurredAt.Before(end) {
			stand = append(stand, r)
		}
	}
	slices.SortFunc(stand, func(a, b heard) int {
		if c := a.OccurredAt.Compare(b.OccurredAt); c != 0 {
			return c
		}
		return int(a.seq - b.seq)
	})
	if len(stand) == 0 {
		return measure.Number{}
	}
	sum, asked, hits := 0.0, 0, 0
	for _, r := range stand {
		v, _ := r.Value.Value()
		sum += v
	}
	grace := time.Time{}
	answered := false
	for d := first; d.Before(end); d = d.AddDate(0, 0, 1) {
		at := time.Date(d.Year(), d.Month(), d.Day(), 16, 0, 0, 0, time.UTC)
		if d.Weekday() != time.Friday {
			continue
		}
		asked++
		var last *heard
		for i := range stand {
			if stand[i].OccurredAt.After(grace) && !stand[i].OccurredAt.After(at.Add(24*time.Hour)) {
				last = &stand[i]
			}
		}
		grace = at.Add(24 * time.Hour)
		answered = answered || last != nil
		if last != nil {
			if hit, _ := m.Holds(last.Value).Value(); hit == 1 {
				hits++
			}
		}
	}
	switch m.Mode {
	case measure.Sum:
		return measure.N(sum)
	case measure.Average:
		return measure.N(sum / float64(len(stand)))
	case measure.HitRatio:
		if !answered {
			return measure.Number{}
		}
		return measure.N(float64(hits) / float64(asked))
	}
	return stand[len(stand)-1].Value
}

// Whatever is recorded, late, out of order, twice or wrongly, and however the metric
// is changed meanwhile: the tally in the row gives the figure that all readings give.
func TestTheTallyIsWhatAllReadingsMake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		clock := okrtest.NewClock(planning)
		desk, err := okr.New(memory.New(), okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: fridays{}})
		require.NoError(t, err)
		acme := desk.For("acme").As(ana)
		modes := []measure.Mode{measure.Sum, measure.Average, measure.HitRatio}
		m := measure.Metric{Kind: measure.AtLeast, Target: measure.N(5), Mode: rapid.SampledFrom(modes).Draw(t, "mode")}
		_, err = acme.Propose(ctx, shaped(m))
		require.NoError(t, err)
		clock.Set(day(time.October, 1, 9))
		cs, err := acme.View().Cycles(ctx)
		require.NoError(t, err)
		_, err = acme.Activate(ctx, okr.Activation{Cycle: cs[0].ID})
		require.NoError(t, err)
		var id okr.ID
		for k, err := range acme.View().All(ctx, okr.Query{}) {
			require.NoError(t, err)
			if k.Key == "k1" {
				id = k.ID
			}
		}
		due := day(time.December, 31, 0)
		var all []heard
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			back := time.Duration(rapid.IntRange(0, 40*24).Draw(t, "hours back")) * time.Hour
			v := measure.N(float64(rapid.IntRange(-10, 20).Draw(t, "value")))
			at := clock.Now().Add(-back)
			var err error
			switch rapid.IntRange(0, 8).Draw(t, "what") {
			case 0:
				_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: id, Value: v, OccurredAt: at})
			case 1, 2, 3:
				_, err = acme.Record(ctx, okr.Collected{KeyResult: id, Source: "feed", Readings: []okr.Measurement{{Value: v, OccurredAt: at}, {Value: v, OccurredAt: at.Add(-time.Hour)}}})
			case 4:
				if len(all) > 0 {
					x := okr.Measurement{Value: v, Corrects: rapid.SampledFrom(all).Draw(t, "corrects").Reading}
					if rapid.Bool().Draw(t, "elsewhen") {
						x.OccurredAt = at
					}
					_, err = acme.Record(ctx, okr.Collected{KeyResult: id, Source: "feed", Readings: []okr.Measurement{x}})
				}
			case 5:
				if len(all) > 0 {
					again := rapid.SampledFrom(all).Draw(t, "again")
					_, err = acme.Record(ctx, okr.Collected{KeyResult: id, Source: again.Source, Readings: []okr.Measurement{{Value: again.Value, OccurredAt: again.OccurredAt}}})
				}
			case 6:
				c := okr.KeyResultChange{KeyResult: id, Reason: "because"}
				changed := m
				changed.Target = measure.N(float64(rapid.IntRange(-5, 15).Draw(t, "target")))
				changed.Mode = rapid.SampledFrom(append(modes, measure.Latest)).Draw(t, "mode")
				c.Metric = &changed
				if rapid.Bool().Draw(t, "due too") {
					due = day(time.November, rapid.IntRange(1, 30).Draw(t, "due"), 0)
					d := measure.DateOf(due)
					c.Due = &d
				}
				_, err = acme.Change(ctx, c)
				require.NoError(t, err)
				m = changed
			default:
				clock.Advance(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
			}
			if err != nil {
				require.ErrorIs(t, err, okr.ErrInvalid)
			}
			events, err := acme.View().Events(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: id}, 0)
			require.NoError(t, err)
			all = nil
			for _, e := range events {
				p, err := e.Payload()
				require.NoError(t, err)
				if r, ok := p.(*okr.ReadingRecorded); ok {
					all = append(all, heard{*r, e.Seq})
				}
			}
			if m.Mode == measure.Latest {
				continue
			}
			s, err := acme.View().Snapshot(ctx, cs[0].ID)
			require.NoError(t, err)
			got, want := s.Measure(clock.Now())[id].Current, figure(m, all, due)
			require.True(t, want.Equal(got), "%s: the row says %s, all readings say %s", m.Mode, got, want)
		}
	})
}
