package rules_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// What a function of the host gives is taken up; where it fails, the last good set
// stays in force and says why.
func TestASourceOfTheHost(t *testing.T) {
	text, problem := "order.total > 1", error(nil)
	src := rules.SourceFunc(func(context.Context) ([]rules.File, error) {
		return []rules.File{{Name: "table/own", Text: packFile("own", text).Data}}, problem
	})
	live, err := rules.OpenSources(t.Context(), shopEnv(t), src, rules.Folder(fstest.MapFS{}))
	require.NoError(t, err)
	require.Equal(t, "table/own", live.Set().Packs()[0].File)
	good := live.Set()

	problem = errors.New("the table cannot be read")
	for range 2 {
		changed, err := live.Reload(t.Context())
		require.ErrorIs(t, err, problem)
		require.False(t, changed)
		require.Same(t, good, live.Set())
		require.ErrorIs(t, live.Refused(), problem)
	}
	problem = nil
	changed, err := live.Reload(t.Context())
	require.NoError(t, err)
	require.NoError(t, live.Refused())
	require.True(t, changed, "it was asked again, and compiled")

	text = "order.totl > 1"
	_, err = live.Reload(t.Context())
	require.ErrorIs(t, err, rules.ErrInvalid)
	require.ErrorContains(t, live.Refused(), "table/own:")

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = live.Reload(gone)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, live.Refused(), rules.ErrInvalid, "who goes away has said nothing about the rules")

	problem = errors.New("nobody there")
	_, err = rules.OpenSources(t.Context(), shopEnv(t), src)
	require.ErrorIs(t, err, problem)
}

// Readers see a whole set at any time, never a half of two, and never one that was
// refused.
func TestLiveSwapsUnderReaders(t *testing.T) {
	var version atomic.Int64
	broken := errors.New("gone for a while")
	src := rules.SourceFunc(func(context.Context) ([]rules.File, error) {
		v := version.Load()
		switch v % 4 {
		case 1:
			return nil, broken
		case 3:
			return []rules.File{{Name: "a", Text: packFile("a", "order.totl > 1").Data}}, nil
		}
		var out []rules.File
		for _, name := range []string{"a", "b", "c"} {
			text := fmt.Sprintf("apiVersion: okr.rules/v1\nenv: 1\nname: %s\nversion: %d.0.0\nrules:\n  - {id: r, on: order, message: no, check: order.items != %d}\n", name, v, v)
			out = append(out, rules.File{Name: name, Text: []byte(text)})
		}
		return out, nil
	})
	live, err := rules.OpenSources(t.Context(), shopEnv(t), src)
	require.NoError(t, err)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-done:
					return
				default:
				}
				set := live.Set()
				_ = live.Refused()
				results, err := set.Evaluate(context.Background(), "order", map[string]any{"order": &order{Items: 7}}, rules.Options{Now: day})
				if err != nil || len(results) != 3 || results[0].Version != results[2].Version || results[0].Version != set.Packs()[1].Version {
					t.Errorf("a torn set: %v %v", results, err)
					return
				}
			}
		}()
	}
	for i := range int64(60) {
		version.Store(i + 1)
		var reloads sync.WaitGroup
		for range 2 { // at the same time
			reloads.Add(1)
			go func() {
				defer reloads.Done()
				_, _ = live.Reload(context.Background())
			}()
		}
		reloads.Wait()
		switch (i + 1) % 4 {
		case 1:
			require.ErrorIs(t, live.Refused(), broken)
		case 3:
			require.ErrorIs(t, live.Refused(), rules.ErrInvalid)
		default:
			require.NoError(t, live.Refused())
			require.Equal(t, fmt.Sprintf("%d.0.0", i+1), live.Set().Packs()[0].Version)
		}
	}
	close(done)
	readers.Wait()
}
