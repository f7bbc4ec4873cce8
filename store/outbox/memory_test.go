package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

// ordered is a bus that remembers the events it took, in order, by aggregate.
type ordered struct {
	mu   sync.Mutex
	fail bool
	seqs map[string][]int64
}

func (o *ordered) Publish(_ context.Context, events ...okr.Outgoing) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail {
		return errors.New("bus is down")
	}
	for _, e := range events {
		parsed, err := okr.ParseCloudEvent(e.Wire)
		if err != nil {
			return err
		}
		if parsed.ID != e.ID || parsed.Seq != e.Seq || parsed.Aggregate != e.Aggregate || parsed.Tenant != e.Tenant {
			return fmt.Errorf("event %s is %+v within", e.ID, parsed)
		}
		key := string(e.Tenant) + " " + e.Aggregate.String()
		o.seqs[key] = append(o.seqs[key], e.Seq)
	}
	return nil
}

// setUp is a desk with an active cycle over a store, and the ids of its key
// results.
func setUp(t *testing.T, s okr.Store, clock *okrtest.Clock) (okr.Tenant, []okr.ID) {
	t.Helper()
	desk, err := okr.New(s, okr.Config{Clock: clock.Now})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	_, err = acme.Activate(t.Context(), okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	page, err := acme.View().KeyResults(t.Context(), okr.Query{})
	require.NoError(t, err)
	var ids []okr.ID
	for _, kr := range page.Items {
		ids = append(ids, kr.ID)
	}
	return acme, ids
}

func TestFromDeskToBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := okrtest.NewClock(time.Now().UTC())
		db := memory.New()
		defer func() { require.NoError(t, db.Close()) }()
		bus := &ordered{seqs: map[string][]int64{}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- outbox.NewRelay(db, bus, outbox.Poll(time.Hour)).Run(ctx) }()
		acme, ids := setUp(t, db, clock)
		for i := range 20 {
			clock.Advance(time.Minute)
			time.Sleep(time.Minute)
			bus.mu.Lock()
			bus.fail = i%3 == 1
			bus.mu.Unlock()
			_, err := acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: ids[i%len(ids)], Value: measure.N(float64(i % 2))})
			require.NoError(t, err)
		}
		bus.mu.Lock()
		bus.fail = false
		bus.mu.Unlock()
		time.Sleep(time.Minute)
		n, _, err := db.OutgoingState(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		stop()
		require.NoError(t, <-ended)
		require.NotEmpty(t, bus.seqs)
		for key, seqs := range bus.seqs {
			for i, seq := range seqs {
				require.Equal(t, int64(i+1), seq, "%s: %v", key, seqs)
			}
		}
	})
}
