package okr_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// surveyed is a store that knows when a whole cycle was read by somebody who kept
// others from writing, and that breaks down after some writes.
type surveyed struct {
	okr.Store
	locked bool // a whole cycle was read in a transaction that writes
	freely bool // and in one that only reads
	writes int
	most   int // 0: no write fails
	looked []int
}

type surveyedUnit struct {
	okr.Unit
	of    *surveyed
	write bool
}

var errBroken = errors.New("the power failed")

func (s *surveyed) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := s.Store.Begin(ctx, write)
	return surveyedUnit{u, s, write}, err
}

func (u surveyedUnit) Nested(ctx context.Context) (okr.Unit, error) {
	n, err := u.Unit.Nested(ctx)
	return surveyedUnit{n, u.of, u.write}, err
}

func (u surveyedUnit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	if need.Cycle != "" {
		u.of.locked, u.of.freely = u.of.locked || u.write, u.of.freely || !u.write
	}
	return u.Unit.Load(ctx, t, need)
}

func (u surveyedUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	if u.of.writes++; u.of.most > 0 && u.of.writes > u.of.most {
		return errBroken
	}
	u.of.looked = append(u.of.looked, len(c.Look))
	return u.Unit.Write(ctx, t, c)
}

// settleAll settles all that is due, and returns what was said.
func settleAll(t *testing.T, desk *okr.Desk) map[string]int {
	t.Helper()
	said := map[string]int{}
	for {
		due, err := desk.System().ClaimDue(t.Context(), 256)
		require.NoError(t, err)
		if len(due) == 0 {
			return said
		}
		var refs []okr.Ref
		for _, d := range due {
			refs = append(refs, d.Subject)
		}
		d, err := desk.For("acme").As(okr.Automation("cadence")).Settle(t.Context(), refs...)
		require.NoError(t, err)
		for _, e := range d.Events {
			said[fmt.Sprintf("%s %s %d", e.Aggregate, e.Type, e.Seq)]++
		}
	}
}

// Wherever a change of day breaks off, what it changed is said once, and the same.
func TestAChangeOfDayIsResumed(t *testing.T) {
	const n = 6_000
	cycle := okr.Ref{Kind: okr.KindCycle, ID: "c1"}
	after := func(most int) (map[string]int, *surveyed) {
		st := companyOf(t, n, midQuarter.AddDate(1, 0, 0))
		s := &surveyed{Store: st, most: most}
		clock := okrtest.NewClock(midQuarter.AddDate(0, 0, 30))
		desk, err := okr.New(s, okr.Config{Clock: clock.Now, NewID: okrtest.SequentialIDs()})
		require.NoError(t, err)
		acme := desk.For("acme").As(okr.Automation("cadence"))
		_, err = acme.Settle(t.Context(), cycle)
		if most == 0 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, errBroken)
			s.most = 0
			// Another process claims part of it before the cycle is settled.
			due, err := desk.System().ClaimDue(t.Context(), 100)
			require.NoError(t, err)
			require.NotEmpty(t, due)
			for _, d := range due {
				if d.Subject.Kind != okr.KindCycle {
					_, err := acme.Settle(t.Context(), d.Subject)
					require.NoError(t, err)
				}
			}
			_, err = acme.Settle(t.Context(), cycle) // when its lease ends
			require.NoError(t, err)
		}
		settleAll(t, desk)
		said := map[string]int{}
		u, err := st.Begin(t.Context(), false)
		require.NoError(t, err)
		snapshot, err := u.Load(t.Context(), "acme", okr.Need{Cycle: "c1"})
		require.NoError(t, err)
		for _, k := range snapshot.KeyResults {
			r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
			es, err := u.Events(t.Context(), "acme", r, 1)
			require.NoError(t, err)
			for _, e := range es {
				p, err := e.Payload()
				require.NoError(t, err)
				if f, ok := p.(*okr.StatusChanged); ok {
					said[fmt.Sprintf("%s %s to %s", r, f.From, f.To)]++
				}
			}
		}
		return said, s
	}
	whole, s := after(0)
	require.True(t, s.freely)
	require.False(t, s.locked)
	require.Equal(t, 1000, s.looked[0], "some at a time: this is the first part")
	for _, most := range []int{1, 2} {
		again, _ := after(most)
		require.Equal(t, whole, again, "broken after %d writes", most)
	}
	for what, times := range whole {
		require.Equal(t, 1, times, what)
	}
}

// behindOne is a house with one key result that falls behind at the next midnight.
func behindOne(t *testing.T, c okr.Config) (house, *surveyed, okr.Ref) {
	t.Helper()
	s := &surveyed{Store: memory.New()}
	clock := okrtest.NewClock(planning)
	c.Clock, c.NewID = clock.Now, okrtest.SequentialIDs()
	desk, err := okr.New(s, c)
	require.NoError(t, err)
	h := house{desk: desk, clock: clock, acme: desk.For("acme").As(ana)}
	_, err = h.acme.Propose(t.Context(), calm(0))
	require.NoError(t, err)
	clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	_, err = h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k0").ID, Value: measure.N(0)})
	require.NoError(t, err)
	settle(t, h)
	clock.Set(time.Date(2026, time.October, 30, 23, 30, 0, 0, time.UTC))
	*s = surveyed{Store: s.Store}
	return h, s, okr.Ref{Kind: okr.KindCycle, ID: h.cycle(t).ID}
}

func TestWithinATransactionADayIsSurveyedBefore(t *testing.T) {
	for _, before := range []bool{true, false} {
		h, s, cycle := behindOne(t, okr.Config{})
		acme := h.acme.As(okr.Automation("cadence"))
		if before {
			var err error
			acme, err = acme.Survey(t.Context(), cycle, cycle, okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, "k0").ID})
			require.NoError(t, err)
		}
		require.NoError(t, acme.Do(t.Context(), func(acme okr.Tenant) error {
			_, err := acme.Settle(t.Context(), cycle)
			return err
		}))
		require.Equal(t, before, s.freely)
		require.Equal(t, !before, s.locked)
		d := settle(t, h)
		require.Equal(t, []string{"key_result.status-changed", "objective.status-changed"}, only(d.Events, okr.EventPrefix))
		_, err := acme.Settle(t.Context(), cycle)
		require.NoError(t, err)
		require.Empty(t, settle(t, h).Events)
	}
}

// What somebody decides between the survey and the settling has been said by them.
func TestWhatIsDecidedAfterASurveyIsSaidOnce(t *testing.T) {
	h, _, cycle := behindOne(t, okr.Config{})
	acme, err := h.acme.As(okr.Automation("cadence")).Survey(t.Context(), cycle)
	require.NoError(t, err)
	d, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, "k0").ID, Value: measure.N(1)})
	require.NoError(t, err)
	require.Contains(t, only(d.Events, okr.EventPrefix), "key_result.status-changed")
	require.NoError(t, acme.Do(t.Context(), func(acme okr.Tenant) error {
		_, err := acme.Settle(t.Context(), cycle)
		return err
	}))
	require.Equal(t, []string{"objective.status-changed"}, only(settle(t, h).Events, okr.EventPrefix))
}

func TestASurveyOfAnotherDayCountsNoMore(t *testing.T) {
	h, s, cycle := behindOne(t, okr.Config{})
	h.clock.Set(time.Date(2026, time.October, 3, 12, 0, 0, 0, time.UTC)) // not behind yet
	acme, err := h.acme.As(okr.Automation("cadence")).Survey(t.Context(), cycle)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 31, 12, 0, 0, 0, time.UTC))
	_, err = acme.Settle(t.Context(), cycle)
	require.NoError(t, err)
	require.True(t, s.locked)
	require.Contains(t, only(settle(t, h).Events, okr.EventPrefix), "key_result.status-changed")
}

func TestASurveyByOtherRulesCountsNoMore(t *testing.T) {
	h, s, cycle := behindOne(t, okr.Config{Judge: byName{}})
	h.clock.Set(time.Date(2026, time.October, 3, 12, 0, 0, 0, time.UTC))
	acme, err := h.acme.As(okr.Automation("cadence")).Survey(t.Context(), cycle)
	require.NoError(t, err)
	_, err = h.acme.ActivatePack(t.Context(), okr.NewPack{Text: "strict"})
	require.NoError(t, err)
	_, err = acme.Settle(t.Context(), cycle)
	require.NoError(t, err)
	require.True(t, s.locked)
	require.Contains(t, only(settle(t, h).Events, okr.EventPrefix), "key_result.status-changed")
}

func TestASurveyIsASettling(t *testing.T) {
	h, _, cycle := behindOne(t, okr.Config{})
	_, err := h.desk.For("acme").Survey(t.Context(), cycle)
	require.ErrorIs(t, err, okr.ErrNoActor)
	_, err = h.acme.Survey(t.Context(), okr.Ref{Kind: okr.KindCycle})
	require.ErrorIs(t, err, okr.ErrInvalid)
	gone, err := h.acme.Survey(t.Context(), okr.Ref{Kind: okr.KindCycle, ID: "gone"})
	require.NoError(t, err)
	_, err = gone.Settle(t.Context(), okr.Ref{Kind: okr.KindCycle, ID: "gone"})
	require.NoError(t, err, "what is no more is settled by doing nothing")
	_, err = h.desk.For("globex").As(ana).Survey(t.Context(), cycle)
	require.NoError(t, err, "another tenant's is not there")
}
