package cadence_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// observed knows who read a whole cycle: somebody who kept others from writing, or not.
type observed struct {
	okr.Store
	locked, free int
}

type observedUnit struct {
	okr.Unit
	of    *observed
	write bool
}

func (o *observed) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := o.Store.Begin(ctx, write)
	return observedUnit{u, o, write}, err
}

func (u observedUnit) Nested(ctx context.Context) (okr.Unit, error) {
	n, err := u.Unit.Nested(ctx)
	return observedUnit{n, u.of, u.write}, err
}

func (u observedUnit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	if need.Cycle != "" && u.write {
		u.of.locked++
	} else if need.Cycle != "" {
		u.of.free++
	}
	return u.Unit.Load(ctx, t, need)
}

// A change of day measures a whole cycle: nobody who writes waits for that.
func TestARunnerSurveysADayBeforeItSettlesIt(t *testing.T) {
	store, clock := &observed{Store: memory.New()}, okrtest.NewClock(activated)
	desk, err := okr.New(store, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs(), Calendar: cadence.New()})
	require.NoError(t, err)
	new(house).start(t, desk.For("acme").As(okr.Someone("ana")), okrtest.Plan())
	runner := cadence.NewRunner(desk)
	drain(t, runner)
	store.locked, store.free = 0, 0
	for day := range 10 {
		clock.Set(activated.AddDate(0, 0, 1+day).Add(time.Hour))
		drain(t, runner)
	}
	require.Equal(t, 10, store.free, "once a day")
	require.Zero(t, store.locked)
}
