package adapters_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/adapters"
)

func TestExponential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := time.Duration(rapid.Int64Range(-1, int64(time.Hour)).Draw(t, "first"))
		most := time.Duration(rapid.Int64Range(-1, int64(24*time.Hour)).Draw(t, "most"))
		attempt := rapid.IntRange(-1, 1<<30).Draw(t, "attempt")
		d := adapters.Exponential(first, most)(attempt)
		require.Positive(t, d)
		require.LessOrEqual(t, d, max(most, first, time.Millisecond))
		if attempt >= 30 {
			require.GreaterOrEqual(t, d, max(most, first, time.Millisecond)/2)
		}
		if attempt <= 1 {
			require.LessOrEqual(t, d, max(first, time.Millisecond))
		}
	})
}

func TestExponentialSpreads(t *testing.T) {
	b := adapters.Exponential(time.Hour, time.Hour)
	seen := map[time.Duration]bool{}
	for range 20 {
		seen[b(1)] = true
	}
	require.Greater(t, len(seen), 15)
}

func TestErrors(t *testing.T) {
	cause := errors.New("down")
	require.NoError(t, adapters.Permanent(nil))
	p := fmt.Errorf("slack: %w", adapters.Permanent(cause))
	require.True(t, adapters.IsPermanent(p))
	require.ErrorIs(t, p, cause)
	require.EqualError(t, p, "slack: down")
	require.False(t, adapters.IsPermanent(cause))
	require.False(t, adapters.IsPermanent(nil))

	r := fmt.Errorf("slack: %w", adapters.RetryAfter(time.Minute, cause))
	d, ok := adapters.RetryDelay(r)
	require.True(t, ok)
	require.Equal(t, time.Minute, d)
	require.ErrorIs(t, r, cause)
	require.EqualError(t, adapters.RetryAfter(time.Minute, nil), "adapters: retry after 1m0s")
	d, ok = adapters.RetryDelay(adapters.RetryAfter(-time.Minute, cause))
	require.True(t, ok)
	require.Zero(t, d)
	_, ok = adapters.RetryDelay(cause)
	require.False(t, ok)

	e := &adapters.PublishError{Published: []string{"a"}, Refused: map[string]error{"b": cause}, Err: cause}
	require.ErrorIs(t, e, cause)
	require.Equal(t, []string{"a"}, e.PublishedIDs())
	require.Equal(t, map[string]error{"b": cause}, e.RefusedEvents())
}
