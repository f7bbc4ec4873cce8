package adaptertest

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// SourceFixture is a source, and what its test can do to the far side.
type SourceFixture struct {
	Source adapters.Source
	// Query asks for a span in which the far side has at least two measurements.
	Query adapters.Query
	// Break makes the far side fail until mend is called. Nil: it cannot fail.
	Break func() (mend func())
	// Garble makes the far side answer with something that is no number, such as
	// "n/a", until mend is called. Nil: it cannot.
	Garble func() (mend func())
	// Hang makes the far side not answer until release is called. Nil: it cannot
	// be made to.
	Hang func() (release func())
}

// TestSource runs the conformance suite.
func TestSource(t *testing.T, factory func(testing.TB) SourceFixture) {
	t.Helper()
	for _, c := range sourceCases() {
		t.Run(c.name, func(t *testing.T) { c.run(t, factory(t)) })
	}
}

type sourceCase struct {
	name string
	run  func(t testing.TB, f SourceFixture)
}

func sourceCases() []sourceCase {
	return []sourceCase{
		{"a span is read, oldest first", readsSpan},
		{"a span ends where it says", endsSpan},
		{"without a start it is the newest alone", readsNewest},
		{"a span without measurements is empty", readsNothing},
		{"a far side that fails is an error", failsAloud},
		{"what is no number is an error", refusesNoNumber},
		{"it returns when its context ends", endsReading},
	}
}

// read calls the source and holds it to what every answer must be.
func read(t testing.TB, ctx context.Context, f SourceFixture, q adapters.Query) ([]okr.Measurement, error) {
	t.Helper()
	type answer struct {
		got []okr.Measurement
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		var ans answer
		ans.got, ans.err = f.Source.Read(ctx, q)
		answers <- ans
	}()
	select {
	case ans := <-answers:
		if ans.err != nil {
			require.Empty(t, ans.got, "an error says nothing beside it")
		}
		for _, m := range ans.got {
			v, known := m.Value.Value()
			require.True(t, known, "an unknown number is no measurement")
			require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%v", v)
			require.Equal(t, time.UTC, m.OccurredAt.Location())
			require.False(t, m.OccurredAt.IsZero())
			require.False(t, m.OccurredAt.After(q.To), "%s is after %s", m.OccurredAt, q.To)
			require.True(t, m.OccurredAt.After(q.From), "%s is not after %s", m.OccurredAt, q.From)
		}
		require.True(t, slices.IsSortedFunc(ans.got, func(a, b okr.Measurement) int { return a.OccurredAt.Compare(b.OccurredAt) }), "oldest first")
		return ans.got, ans.err
	case <-time.After(patience(t)):
		require.FailNow(t, "Read does not return")
		return nil, nil
	}
}

func readsSpan(t testing.TB, f SourceFixture) {
	got, err := read(t, t.Context(), f, f.Query)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(got), 2)
	again, err := read(t, t.Context(), f, f.Query)
	require.NoError(t, err)
	require.Equal(t, got, again, "the same question, the same answer")
}

func endsSpan(t testing.TB, f SourceFixture) {
	all, err := read(t, t.Context(), f, f.Query)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(all), 2)
	q := f.Query
	q.From = all[0].OccurredAt
	rest, err := read(t, t.Context(), f, q)
	require.NoError(t, err)
	require.Len(t, rest, len(all)-1, "From is not part of the span")
	q = f.Query
	q.To = all[0].OccurredAt
	first, err := read(t, t.Context(), f, q)
	require.NoError(t, err)
	require.Equal(t, all[:1], first, "To is part of the span")
}

func readsNewest(t testing.TB, f SourceFixture) {
	all, err := read(t, t.Context(), f, f.Query)
	require.NoError(t, err)
	require.NotEmpty(t, all)
	q := f.Query
	q.From = time.Time{}
	newest, err := read(t, t.Context(), f, q)
	require.NoError(t, err)
	require.Equal(t, all[len(all)-1:], newest)
}

func readsNothing(t testing.TB, f SourceFixture) {
	q := f.Query
	q.To = q.From.Add(time.Nanosecond)
	got, err := read(t, t.Context(), f, q)
	require.NoError(t, err)
	require.Empty(t, got)
}

func failsAloud(t testing.TB, f SourceFixture) {
	if f.Break == nil {
		return
	}
	mend := f.Break()
	_, err := read(t, t.Context(), f, f.Query)
	mend()
	require.Error(t, err, "an error never becomes a number, and never nothing")
	readsSpan(t, f)
}

func refusesNoNumber(t testing.TB, f SourceFixture) {
	if f.Garble == nil {
		return
	}
	mend := f.Garble()
	_, err := read(t, t.Context(), f, f.Query)
	mend()
	require.Error(t, err, "what is no number never becomes zero")
	readsSpan(t, f)
}

func endsReading(t testing.TB, f SourceFixture) {
	if f.Hang == nil {
		return
	}
	release := f.Hang()
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), prompt(t)/4)
	defer cancel()
	begin := time.Now()
	_, err := read(t, ctx, f, f.Query)
	require.Error(t, err)
	require.Less(t, time.Since(begin), prompt(t)*2)
}
