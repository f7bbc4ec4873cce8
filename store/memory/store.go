package memory

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync/atomic"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// Store keeps everything in the process. It is safe for concurrent use.
type Store struct {
	identity  string
	committed atomic.Pointer[state]
	writer    chan struct{} // holds one token: the right to write
	nudge     chan struct{}
}

var _ okr.Store = (*Store)(nil)

// New is an empty store.
func New() *Store {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(fmt.Sprintf("memory: no randomness for an identity: %v", err)) //nolint:forbidigo // crypto/rand never fails
	}
	s := &Store{
		identity: "memory:" + hex.EncodeToString(id[:]),
		writer:   make(chan struct{}, 1),
		nudge:    make(chan struct{}, 1),
	}
	s.writer <- struct{}{}
	s.committed.Store(newState())
	return s
}

// Identity is the store's own: no two are the same.
func (s *Store) Identity(context.Context) (string, error) { return s.identity, nil }

// Close does nothing; it is there because other stores have it.
func (s *Store) Close() error { return nil }

// Committed gets a nudge after a commit that wrote something. It holds one at
// most, and is for one reader, the relay.
func (s *Store) Committed() <-chan struct{} { return s.nudge }

// lock waits for the right to write and returns the state to change.
func (s *Store) lock(ctx context.Context) (*state, error) {
	select {
	case <-s.writer:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	next := *s.committed.Load()
	return &next, nil
}

func (s *Store) unlock() { s.writer <- struct{}{} }

func (s *Store) publish(next *state) {
	s.committed.Store(next)
	s.wake()
}

func (s *Store) wake() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

// change runs f in a transaction of its own.
func (s *Store) change(ctx context.Context, f func(*state) error) error {
	next, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer s.unlock()
	if err := f(next); err != nil {
		return err
	}
	s.committed.Store(next)
	return nil
}

// Begin starts a transaction. A write unit waits until it is the only one; a read
// unit sees what was committed when it began.
func (s *Store) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !write {
		return &unit{state: s.committed.Load(), readOnly: true}, nil
	}
	next, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	return &unit{store: s, state: next}, nil
}

// Tx is a transaction that a host has opened to share with a desk.
type Tx struct{ unit *unit }

// BeginTx opens a transaction for a host, the only one that writes until it
// ends.
func (s *Store) BeginTx(ctx context.Context) (*Tx, error) {
	next, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	return &Tx{unit: &unit{store: s, state: next}}, nil
}

// Commit publishes what was written within the transaction.
func (t *Tx) Commit(ctx context.Context) error { return t.unit.Commit(ctx) }

// Rollback forgets what was written within the transaction. After Commit it does
// nothing.
func (t *Tx) Rollback(ctx context.Context) error { return t.unit.Rollback(ctx) }

// Wrap makes the host's transaction one that [okr.Tenant.In] takes.
func (s *Store) Wrap(t *Tx) okr.Tx {
	return okr.NewTx(t.unit.store.identity, &unit{outer: t.unit, state: t.unit.state, host: true})
}

// Tenants lists the tenants that have an entry in the ledger, ascending.
func (s *Store) Tenants(context.Context) ([]okr.TenantID, error) {
	var out []okr.TenantID
	s.committed.Load().tenants.all(func(id okr.TenantID, t *tenant) bool {
		if t.ledger.len() > 0 {
			out = append(out, id)
		}
		return true
	})
	return out, nil
}

// resolve puts the tenant's words in the place of their references.
func (t *tenant) resolve(ledger []byte) []byte {
	return store.Resolve(ledger, t.words.get)
}
