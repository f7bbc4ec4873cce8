package system_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// fact is what tells an event from others, and where it stands.
type fact struct {
	ID        string
	Type      string
	Tenant    okr.TenantID
	Aggregate okr.Ref
	Seq       int64
}

func factOf(e okr.Event) fact { return fact{e.ID, e.Type, e.Tenant, e.Aggregate, e.Seq} }

// scribe is an adapter whose effect is there to stay: a line in a file, on the
// disk before it says that it is done. Empty lines are a new beginning.
type scribe struct {
	name    string
	ordered bool
	mu      sync.Mutex
	file    *os.File
}

func newScribe(path, name string, ordered bool) (*scribe, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s := &scribe{name: name, ordered: ordered, file: f}
	return s, s.write([]byte{'\n'}) // the line before may have been cut off
}

func (s *scribe) Name() string  { return s.name }
func (s *scribe) Ordered() bool { return s.ordered }

func (s *scribe) Deliver(_ context.Context, d adapters.Delivery) error {
	line, err := json.Marshal(factOf(d.Event))
	if err != nil {
		return adapters.Permanent(err)
	}
	return s.write(line)
}

func (s *scribe) write(line []byte) error {
	s.mu.Lock()
	_, err := s.file.Write(append(line, '\n'))
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.file.Sync()
}

// written is what a scribe has written, by the life of the process that did. A
// line that a kill has cut off, or that is just being written, is none.
func written(t *testing.T, path string) [][]fact {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var lives [][]fact
	for life := range strings.SplitSeq(string(b), "\n\n") {
		var facts []fact
		lines := strings.Split(strings.Trim(life, "\n"), "\n")
		for i, text := range lines {
			var f fact
			if err := json.Unmarshal([]byte(text), &f); err != nil {
				require.Equal(t, len(lines)-1, i, text)
				continue
			}
			facts = append(facts, f)
		}
		if len(facts) > 0 {
			lives = append(lives, facts)
		}
	}
	return lives
}

// ledger is every event that was committed, as the database has it.
func ledger(t *testing.T, db *sql.DB) map[string]fact {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT event, type, tenant, kind, id, seq FROM okr_ledger")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	out := map[string]fact{}
	for rows.Next() {
		var f fact
		require.NoError(t, rows.Scan(&f.ID, &f.Type, &f.Tenant, &f.Aggregate.Kind, &f.Aggregate.ID, &f.Seq))
		out[f.ID] = f
	}
	require.NoError(t, rows.Err())
	return out
}

// fresh is what somebody gets who listens on the bus for the first time, from its
// start, in the order in which it comes.
func fresh(t *testing.T, bus adapters.Bus, durable string) []fact {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var mu sync.Mutex
	var got []fact
	ready := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- bus.Consume(ctx, durable, nil, func(_ context.Context, m *adapters.Message) {
			e, err := okr.ParseCloudEvent(m.Wire)
			if err != nil {
				e.ID = err.Error() // which no ledger has
			}
			mu.Lock()
			got = append(got, factOf(e))
			mu.Unlock()
			m.Settle(nil)
		}, adapters.FromStart(), adapters.Ready(func() { close(ready) }))
	}()
	<-ready
	eventually(t, func() bool {
		n, err := bus.Pending(ctx, durable)
		require.NoError(t, err)
		return n == 0
	})
	cancel()
	require.NoError(t, <-done)
	return got
}

// line is what order is kept in.
type line struct {
	tenant    okr.TenantID
	aggregate okr.Ref
}

// inOrder holds the first sight of each event against the order of its aggregate,
// and wants it without gaps from 1.
func inOrder(t *testing.T, got []fact) {
	t.Helper()
	next := map[line]int64{}
	seen := map[string]bool{}
	for _, f := range got {
		if seen[f.ID] {
			continue
		}
		seen[f.ID] = true
		l := line{f.Tenant, f.Aggregate}
		next[l]++
		require.Equal(t, next[l], f.Seq, "%s of %s", f.Type, f.Aggregate)
	}
}

// byID is what was seen, once each.
func byID(got []fact) map[string]fact {
	out := map[string]fact{}
	for _, f := range got {
		out[f.ID] = f
	}
	return out
}
