package okr_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// record delivers one measurement of k1 and answers the id of its reading.
func record(t *testing.T, h house, k okr.ID, m okr.Measurement) okr.ID {
	t.Helper()
	d, err := h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: []okr.Measurement{m}})
	require.NoError(t, err)
	p, err := d.Events[0].Payload()
	require.NoError(t, err)
	return p.(*okr.ReadingRecorded).Reading
}

func TestCorrections(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	h.clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
	day := func(d int) time.Time { return time.Date(2026, time.October, d, 9, 0, 0, 0, time.UTC) }

	first := record(t, h, k, okr.Measurement{Value: measure.N(71), OccurredAt: day(5)})
	second := record(t, h, k, okr.Measurement{Value: measure.N(720), OccurredAt: day(12)})
	require.Equal(t, measure.N(720), h.keyResult(t, "k1").Current)

	again := record(t, h, k, okr.Measurement{Value: measure.N(73), OccurredAt: day(12), Corrects: second})
	require.Equal(t, measure.N(73), h.keyResult(t, "k1").Current)
	record(t, h, k, okr.Measurement{Value: measure.N(72), OccurredAt: day(12), Corrects: again})
	require.Equal(t, measure.N(72), h.keyResult(t, "k1").Current, "a correction of a correction")

	record(t, h, k, okr.Measurement{Value: measure.N(70.5), Corrects: first})
	require.Equal(t, measure.N(72), h.keyResult(t, "k1").Current, "an older value that is corrected stays older")

	_, err := h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: []okr.Measurement{{Value: measure.N(1), OccurredAt: day(12), Corrects: second}}})
	require.Equal(t, "readings[0].corrects", invalidField(t, err), "it was corrected already: two answers to one question")
}

func TestACorrectionOutsideTheWindowCounts(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	h.clock.Set(time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC))
	start := time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC)
	var batch []okr.Measurement
	for i := range 60 {
		batch = append(batch, okr.Measurement{Value: measure.N(70 + float64(i)/10), OccurredAt: start.Add(time.Duration(i) * time.Hour)})
	}
	d, err := h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: batch})
	require.NoError(t, err)
	var ids []okr.ID
	for _, e := range d.Events {
		if e.Type == okr.EventReadingRecorded {
			p, err := e.Payload()
			require.NoError(t, err)
			ids = append(ids, p.(*okr.ReadingRecorded).Reading)
		}
	}
	require.Len(t, ids, 60)
	record(t, h, k, okr.Measurement{Value: measure.N(69), Corrects: ids[0]})
	require.Equal(t, measure.N(75.9), h.keyResult(t, "k1").Current, "an old reading can be corrected, and stays old")

	// The newest was really of the first day: it is wrong, although its
	// correction is far back.
	record(t, h, k, okr.Measurement{Value: measure.N(68), OccurredAt: start.Add(-time.Hour), Corrects: ids[59]})
	require.Equal(t, measure.N(75.8), h.keyResult(t, "k1").Current)
	record(t, h, k, okr.Measurement{Value: measure.N(1), OccurredAt: start.Add(90 * time.Minute)})
	require.Equal(t, measure.N(75.8), h.keyResult(t, "k1").Current, "what was corrected does not come back with a late reading")
}

func TestEqualInstantsTheLastWordWins(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	now := h.clock.Now()
	for i := range 3 {
		record(t, h, k, okr.Measurement{Value: measure.N(float64(80 + i)), OccurredAt: now})
	}
	require.Equal(t, measure.N(82), h.keyResult(t, "k1").Current)
}

func TestAClockAheadIsNotTheFuture(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	record(t, h, k, okr.Measurement{Value: measure.N(80), OccurredAt: h.clock.Now().Add(4 * time.Minute)})
	require.False(t, h.keyResult(t, "k1").CurrentAt.After(h.clock.Now()))
	h.clock.Advance(time.Minute)
	record(t, h, k, okr.Measurement{Value: measure.N(81), OccurredAt: h.clock.Now()})
	require.Equal(t, measure.N(81), h.keyResult(t, "k1").Current)
}

func TestAYesIsNotAnyNumber(t *testing.T) {
	h := running(t, okr.Config{})
	p := okrtest.Plan()
	p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, okr.PlanKeyResult{
		Key: "k4", Title: "The contract is signed", Owner: "ana", Metric: measure.Metric{Kind: measure.YesNo}, Current: measure.N(0.5),
	})
	_, err := h.acme.Propose(t.Context(), p)
	require.Equal(t, "objectives[0].key_results[3].current", invalidField(t, err))

	// A metric does not become a yes/no, and makes no yes of 80.
	k := h.keyResult(t, "k1")
	record(t, h, k.ID, okr.Measurement{Value: measure.N(80), OccurredAt: h.clock.Now()})
	_, err = h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: k.ID, Metric: &measure.Metric{Kind: measure.YesNo}, Reason: "the report was dropped"})
	require.Equal(t, "metric.kind", invalidField(t, err))
	require.Equal(t, measure.N(80), h.keyResult(t, "k1").Measured.Current)
}

func TestASourceErrorKeepsItsSecrets(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	d, err := h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Error: "dial postgres://okr:hunter2@db"})
	require.NoError(t, err)
	for _, e := range d.Events {
		require.NotContains(t, string(e.Data), "hunter2")
	}
}

func TestMeasuredBeatsStated(t *testing.T) {
	h := open(t, okr.Config{})
	p := okrtest.Plan()
	p.Objectives[0].KeyResults[0].Current = measure.N(71)
	_, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	k := h.keyResult(t, "k1")
	require.Equal(t, measure.N(71), k.Current)
	again, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Empty(t, again.Events)

	h.clock.Advance(time.Hour)
	p.Objectives[0].KeyResults[0].Current = measure.N(72)
	d, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventReadingRecorded}, types(d.Events), "the plan's news is a reading")

	h.clock.Advance(time.Hour)
	record(t, h, k.ID, okr.Measurement{Value: measure.N(75), OccurredAt: h.clock.Now()})
	h.clock.Advance(time.Hour)
	d, err = h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Empty(t, d.Events, "the same plan changes nothing, though a source has measured since")
	require.Equal(t, measure.N(75), h.keyResult(t, "k1").Current)

	// Of what is active, a plan says nothing new.
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	p.Objectives[0].KeyResults[0].Current = measure.N(99)
	d, err = h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Empty(t, d.Events)
	require.Equal(t, measure.N(75), h.keyResult(t, "k1").Current)
}

func TestABatchOfAThousandReadings(t *testing.T) {
	h := running(t, okr.Config{})
	k := h.keyResult(t, "k1").ID
	h.clock.Set(time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC))
	var batch []okr.Measurement
	for i := range 1000 {
		batch = append(batch, okr.Measurement{Value: measure.N(float64(i)), OccurredAt: h.clock.Now().Add(-time.Duration((i*7919)%1000) * time.Hour)})
	}
	_, err := h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: batch})
	require.NoError(t, err)
	require.Equal(t, measure.N(0), h.keyResult(t, "k1").Current)
	_, err = h.acme.Record(t.Context(), okr.Collected{KeyResult: k, Source: "feed", Readings: append(batch, batch[0])})
	require.Equal(t, "readings", invalidField(t, err))
	require.Contains(t, fmt.Sprint(err), "1000")
}
