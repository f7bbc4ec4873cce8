package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// content is a judge that finds nothing.
type content struct{}

func (content) Starter() []okr.Pack                                      { return nil }
func (content) Needs([]okr.Pack, okr.Intent) okr.Collections             { return okr.Collections{} }
func (content) Judge(context.Context, okr.Proposal) (okr.Verdict, error) { return okr.Verdict{}, nil }

// Decisions that are taken at the same moment cannot all slip under a limit that each
// of them keeps.
func TestNobodySlipsUnderALimit(t *testing.T) {
	for round := range 8 {
		o := databases.take(t)
		clock := okrtest.NewClock(time.Date(2026, time.October, 9, 9, 0, 0, 0, time.UTC))
		desk, err := okr.New(o, okr.Config{Clock: clock.Now, Judge: content{}})
		require.NoError(t, err)
		acme := desk.For(okr.TenantID(fmt.Sprintf("acme %d", round))).As(okr.Someone("ana"))
		p := okrtest.Plan()
		p.Teams[0].Limit = 1
		for i := range 4 {
			x := okrtest.Plan().Objectives[0]
			x.Key, x.Rank = fmt.Sprintf("o%d", i+1), i+1
			p.Objectives = append(p.Objectives[:i], x)
		}
		_, err = acme.Propose(bg, p)
		require.NoError(t, err)
		cycles, err := acme.View().Cycles(bg)
		require.NoError(t, err)
		tree, err := acme.View().Tree(bg, cycles[0].ID)
		require.NoError(t, err)
		require.Len(t, tree.Objectives, 4)
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i, x := range tree.Objectives {
			wg.Add(1)
			go func() {
				defer wg.Done()
				_, errs[i] = acme.Activate(bg, okr.Activation{Subjects: []okr.Ref{{Kind: okr.KindObjective, ID: x.ID}}})
			}()
		}
		wg.Wait()
		active := 0
		for _, err := range errs {
			if err == nil {
				active++
				continue
			}
			require.True(t, errors.Is(err, okr.ErrRefused) || errors.Is(err, okr.ErrConflict), err)
		}
		require.Equal(t, 1, active, errs)
	}
}
