package outbox_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

func propose(t *testing.T, s okr.Store, tenant okr.TenantID) {
	t.Helper()
	desk, err := okr.New(s, okr.Config{Clock: okrtest.NewClock(time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC)).Now})
	require.NoError(t, err)
	_, err = desk.For(tenant).As(okr.Someone("ana")).Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
}

func TestDrainSealsEverything(t *testing.T) {
	s := memory.New()
	propose(t, s, "acme")
	propose(t, s, "globex")
	before, err := s.Verify(t.Context(), "acme")
	require.NoError(t, err)
	require.NotZero(t, before.Unsealed)
	n, err := outbox.NewSealer(s, outbox.SealBatch(2)).Drain(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2*before.Unsealed, n)
	for _, tenant := range []okr.TenantID{"acme", "globex"} {
		v, err := s.Verify(t.Context(), tenant)
		require.NoError(t, err)
		require.Nil(t, v.Fault)
		require.Zero(t, v.Unsealed)
		require.Equal(t, before.Entries, v.Sealed)
	}
}

func TestRunSealsWhatIsWrittenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := memory.New()
		done := make(chan error, 1)
		go func() { done <- outbox.NewSealer(s, outbox.SealEvery(time.Minute)).Run(ctx) }()
		synctest.Wait()
		propose(t, s, "acme")
		time.Sleep(time.Minute)
		synctest.Wait()
		v, err := s.Verify(t.Context(), "acme")
		require.NoError(t, err)
		require.Zero(t, v.Unsealed)
		require.NotZero(t, v.Sealed)
		cancel()
		require.NoError(t, <-done)
	})
}

// failing is a ledger whose database is down for some calls.
type failing struct {
	outbox.Ledger
	errs []error
}

func (f *failing) Seal(ctx context.Context, now time.Time, limit int) (int, error) {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return 0, err
	}
	return f.Ledger.Seal(ctx, now, limit)
}

func TestSealerSurvivesADatabaseThatIsDown(t *testing.T) {
	down := errors.New("connection refused")
	s := memory.New()
	propose(t, s, "acme")
	_, err := outbox.NewSealer(&failing{s, []error{down}}).Drain(t.Context())
	require.ErrorIs(t, err, down)
	n, err := outbox.NewSealer(&failing{s, []error{&okr.ConflictError{Reason: "somebody else"}}}).Drain(t.Context())
	require.NoError(t, err, "another process sealed")
	require.Zero(t, n)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, outbox.NewSealer(&failing{s, []error{down, down}}).Run(ctx))
	})
	v, err := s.Verify(t.Context(), "acme")
	require.NoError(t, err)
	require.Zero(t, v.Unsealed)
}
