package cadence_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// house is a desk over the reference store whose plan is active since Thursday, 1
// October 2026; check-ins are due on Fridays at 16:00 in Zurich. Ana owns k1 and
// leads the team, Ben owns k2 and k3.
type house struct {
	store *flaky
	clock *okrtest.Clock
	desk  *okr.Desk
	acme  okr.Tenant

	told []okr.Event // everything published so far

	away   map[okr.ID][]okr.Span // what the directory says, where a test keeps one
	backup okr.ID
	left   bool      // ben has
	refs   []okr.Ref // of its key results, once they were looked up
}

var activated = time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC)

func newHouse(t require.TestingT, change ...func(*okr.Plan)) *house {
	return newHouseWith(t, okrtest.NewClock(activated), nil, change...)
}

func newHouseWith(t require.TestingT, clock *okrtest.Clock, now func() time.Time, change ...func(*okr.Plan)) *house {
	return newHouseOf(t, okr.Config{Clock: now}, clock, change...)
}

func newHouseJudged(t require.TestingT, judge okr.Judge, change ...func(*okr.Plan)) *house {
	return newHouseOf(t, okr.Config{Judge: judge}, okrtest.NewClock(activated), change...)
}

func newHouseOf(t require.TestingT, c okr.Config, clock *okrtest.Clock, change ...func(*okr.Plan)) *house {
	h := &house{store: &flaky{Store: memory.New()}, clock: clock}
	if c.Clock == nil {
		c.Clock = clock.Now
	}
	if c.NewID = okrtest.SequentialIDs(); c.Calendar == nil {
		c.Calendar = cadence.New()
	}
	var err error
	h.desk, err = okr.New(h.store, c)
	require.NoError(t, err)
	h.acme = h.desk.For("acme").As(okr.Someone("ana"))
	plan := okrtest.Plan()
	for _, c := range change {
		c(&plan)
	}
	h.start(t, h.acme, plan)
	return h
}

func (h *house) start(t require.TestingT, tenant okr.Tenant, plan okr.Plan) {
	ctx := context.Background()
	_, err := tenant.Propose(ctx, plan)
	require.NoError(t, err)
	cycles, err := tenant.View().Cycles(ctx)
	require.NoError(t, err)
	_, err = tenant.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
}

// anyDay has notices arrive on weekends as well.
func (h *house) anyDay(t require.TestingT) {
	_, err := h.acme.SetPolicy(context.Background(), okr.SettingPolicy{Policy: okr.Policy{Budget: okr.Budget{OffDays: true}}})
	require.NoError(t, err)
}

// at moves the clock to a time of October 2026 in UTC. Zurich is two hours ahead
// until the 25th.
func (h *house) at(day, hour int) {
	h.clock.Set(time.Date(2026, time.October, day, hour, 0, 0, 0, time.UTC))
}

func (h *house) keyResult(t require.TestingT, key string) okr.KeyResultView {
	for k, err := range h.acme.View().All(context.Background(), okr.Query{}) {
		require.NoError(t, err)
		if k.Key == key {
			return k
		}
	}
	require.FailNow(t, "no such key result", key)
	return okr.KeyResultView{}
}

// events publishes everything and returns it.
func (h *house) events(t require.TestingT) []okr.Event {
	ctx := context.Background()
	var fresh []okr.Event
	for {
		out, err := h.store.Store.(*memory.Store).ClaimOutgoing(ctx, farOff, time.Minute, 1000)
		require.NoError(t, err)
		if len(out) == 0 {
			break
		}
		var ids []string
		for _, o := range out {
			e, err := okr.ParseCloudEvent(o.Wire)
			require.NoError(t, err)
			fresh = append(fresh, e)
			ids = append(ids, o.ID)
		}
		require.NoError(t, h.store.Store.(*memory.Store).MarkPublished(ctx, ids))
	}
	h.told = append(h.told, fresh...)
	return fresh
}

// notices are those written since the last call, by person.
func (h *house) notices(t require.TestingT) []okr.NoticeFact { return notices(t, h.events(t)) }

func notices(t require.TestingT, events []okr.Event) []okr.NoticeFact {
	var out []okr.NoticeFact
	for _, e := range events {
		if e.Type != okr.EventNoticeReady {
			continue
		}
		p, err := e.Payload()
		require.NoError(t, err)
		out = append(out, *p.(*okr.NoticeFact))
	}
	slices.SortStableFunc(out, func(a, b okr.NoticeFact) int {
		if a.To < b.To {
			return -1
		}
		return 1
	})
	return out
}

// drain runs single steps until nothing is due.
func drain(t require.TestingT, r *cadence.Runner) {
	for {
		n, err := r.Once(context.Background())
		require.NoError(t, err)
		if n == 0 {
			return
		}
	}
}

func titles(ns []okr.NoticeFact) []string {
	out := []string{}
	for _, n := range ns {
		out = append(out, string(n.To)+": "+n.Title)
	}
	return out
}

// flaky is a store that can be told to fail.
type flaky struct {
	okr.Store

	mu     sync.Mutex
	broken map[okr.ID]error // reading these fails
	race   map[okr.ID]int   // writing these loses so many races
	down   error            // everything fails
	begun  int              // transactions that were asked for

	dies  int  // the process dies at this commit of a transaction that writes, counted down; 0 is never
	after bool // it dies right after it
}

func (f *flaky) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *flaky) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	var down error
	f.set(func() { f.begun, down = f.begun+1, f.down })
	if down != nil {
		return nil, down
	}
	u, err := f.Store.Begin(ctx, write)
	if err != nil {
		return nil, err
	}
	return &flakyUnit{Unit: u, f: f, outer: write}, nil
}

type flakyUnit struct {
	okr.Unit
	f     *flaky
	outer bool // a transaction that writes, and no savepoint
}

func (u *flakyUnit) Commit(ctx context.Context) error {
	var dies, after bool
	if u.outer {
		u.f.set(func() {
			if u.f.dies > 0 {
				u.f.dies--
				dies, after = u.f.dies == 0, u.f.after
			}
		})
	}
	if dies && !after {
		return errors.Join(errCrash, u.Unit.Rollback(ctx))
	}
	err := u.Unit.Commit(ctx)
	if dies && err == nil {
		err = errCrash
	}
	return err
}

func (u *flakyUnit) Nested(ctx context.Context) (okr.Unit, error) {
	n, err := u.Unit.Nested(ctx)
	if err != nil {
		return nil, err
	}
	return &flakyUnit{Unit: n, f: u.f}, nil
}

func (u *flakyUnit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	u.f.mu.Lock()
	defer u.f.mu.Unlock()
	for _, r := range need.Refs {
		if err := u.f.broken[r.ID]; err != nil {
			return nil, err
		}
	}
	return u.Unit.Load(ctx, t, need)
}

func (u *flakyUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	u.f.mu.Lock()
	defer u.f.mu.Unlock()
	for _, r := range c.Settled {
		if u.f.race[r.ID] > 0 {
			u.f.race[r.ID]--
			return &okr.ConflictError{Ref: r, Reason: "somebody else wrote first"}
		}
	}
	return u.Unit.Write(ctx, t, c)
}

var errDisk = errors.New("bad sector")

func checkIn(t testing.TB, h *house, key string) {
	t.Helper()
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Note: "as expected"})
	require.NoError(t, err)
}
