package adaptertest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// sheet is a source over a column of text.
type sheet struct {
	mu     sync.Mutex
	cells  []string // one for each day from day0 on
	broken bool
	hang   chan struct{}
}

var day0 = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

func (s *sheet) Read(ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
	s.mu.Lock()
	hang, broken, cells := s.hang, s.broken, slices.Clone(s.cells)
	s.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if broken {
		return nil, errors.New("down")
	}
	var all []okr.Measurement
	for i, cell := range cells {
		at := day0.AddDate(0, 0, i)
		if at.After(q.To) || !at.After(q.From) {
			continue
		}
		v, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, okr.Measurement{Value: measure.N(v), OccurredAt: at})
	}
	if q.From.IsZero() && len(all) > 0 {
		all = all[len(all)-1:]
	}
	return all, nil
}

func (s *sheet) during(change, back func()) func() func() {
	locked := func(f func()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f()
	}
	return func() func() {
		locked(change)
		return func() { locked(back) }
	}
}

type sourceFunc func(context.Context, adapters.Query) ([]okr.Measurement, error)

func (f sourceFunc) Read(ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
	return f(ctx, q)
}

func source(fault func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error)) func(testing.TB) SourceFixture {
	return func(testing.TB) SourceFixture {
		s := &sheet{cells: []string{"41", "0", "43.5", "47"}}
		f := SourceFixture{
			Source: s,
			Query:  adapters.Query{Tenant: "acme", KeyResult: "kr1", Where: "B2:B5", From: day0.AddDate(0, 0, -1), To: day0.AddDate(0, 0, 9)},
			Break:  s.during(func() { s.broken = true }, func() { s.broken = false }),
			Garble: s.during(func() { s.cells[1] = "n/a" }, func() { s.cells[1] = "0" }),
			Hang:   s.during(func() { s.hang = make(chan struct{}) }, func() { close(s.hang); s.hang = nil }),
		}
		if fault != nil {
			f.Source = sourceFunc(func(ctx context.Context, q adapters.Query) ([]okr.Measurement, error) { return fault(s, ctx, q) })
		}
		return f
	}
}

func TestGoodSource(t *testing.T) { TestSource(t, source(nil)) }

func TestBadSourcesAreFound(t *testing.T) {
	for name, tt := range map[string]struct {
		fault func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error)
		cases []string
	}{
		"errors become zero": {func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
			got, err := s.Read(ctx, q)
			if err != nil {
				return []okr.Measurement{{Value: measure.N(0), OccurredAt: q.To}}, nil //nolint:nilerr // the fault
			}
			return got, nil
		}, []string{"a far side that fails is an error", "what is no number is an error"}},
		"errors become nothing": {func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
			got, _ := s.Read(ctx, q)
			return got, nil
		}, []string{"a far side that fails is an error", "what is no number is an error", "it returns when its context ends"}},
		"errors become unknown": {func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
			got, err := s.Read(ctx, q)
			if err != nil {
				return []okr.Measurement{{OccurredAt: q.To}}, nil //nolint:nilerr // the fault
			}
			return got, nil
		}, []string{"a far side that fails is an error"}},
		"newest first": {func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
			got, err := s.Read(ctx, q)
			slices.Reverse(got)
			return got, err
		}, []string{"a span is read, oldest first"}},
		"the span is ignored": {func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
			return s.Read(ctx, adapters.Query{From: day0.AddDate(0, 0, -1), To: q.To.AddDate(1, 0, 0)})
		}, []string{"a span ends where it says", "without a start it is the newest alone", "a span without measurements is empty"}},
		"a zone of its own": {func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
			got, err := s.Read(ctx, q)
			for i := range got {
				got[i].OccurredAt = got[i].OccurredAt.In(time.FixedZone("CEST", 7200))
			}
			return got, err
		}, []string{"a span is read, oldest first"}},
		"nothing is an error": {func(s *sheet, ctx context.Context, q adapters.Query) ([]okr.Measurement, error) {
			got, err := s.Read(ctx, q)
			if err == nil && len(got) == 0 {
				err = errors.New("nothing found")
			}
			return got, err
		}, []string{"a span without measurements is empty"}},
		"deaf": {func(s *sheet, _ context.Context, q adapters.Query) ([]okr.Measurement, error) {
			return s.Read(context.Background(), q)
		}, []string{"it returns when its context ends"}},
	} {
		t.Run(name, func(t *testing.T) {
			cases := map[string]func(testing.TB, SourceFixture){}
			for _, c := range sourceCases() {
				cases[c.name] = c.run
			}
			for _, c := range tt.cases {
				require.NotNil(t, cases[c], "no case %q", c)
				require.True(t, fails(t, func(t testing.TB) { cases[c](t, source(tt.fault)(t)) }), "%q does not find it", c)
			}
		})
	}
}
