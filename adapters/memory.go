package adapters

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// recent remembers the last ids that were added to it.
type recent struct {
	mu   sync.Mutex
	ids  map[string]struct{}
	ring []string
	next int
}

func newRecent(size int) *recent {
	return &recent{ids: make(map[string]struct{}), ring: make([]string, size)}
}

func (r *recent) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.ids[id]
	return ok
}

func (r *recent) add(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.ids[id]; ok {
		return
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.ids[id] = struct{}{}
	r.next = (r.next + 1) % len(r.ring)
}

// memoryInbox is the inbox of a router that was given none.
type memoryInbox struct {
	size int
	mu   sync.Mutex
	seen map[string]*recent // by adapter
}

func newMemoryInbox(size int) *memoryInbox {
	return &memoryInbox{size: size, seen: map[string]*recent{}}
}

func (b *memoryInbox) of(adapter string) *recent {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.seen[adapter]
	if r == nil {
		r = newRecent(b.size)
		b.seen[adapter] = r
	}
	return r
}

func (b *memoryInbox) Seen(_ context.Context, adapter, event string) (bool, error) {
	return b.of(adapter).has(event), nil
}

func (b *memoryInbox) MarkDone(_ context.Context, adapter, event string, _ time.Time) error {
	b.of(adapter).add(event)
	return nil
}

// memoryDeadLetters is the keeper of dead letters of a router that was given none.
type memoryDeadLetters struct {
	size    int
	mu      sync.Mutex
	letters []okr.DeadLetter // oldest first
}

func newMemoryDeadLetters(size int) *memoryDeadLetters { return &memoryDeadLetters{size: size} }

func (m *memoryDeadLetters) find(adapter, event string) int {
	for i, d := range m.letters {
		if d.Adapter == adapter && d.Event == event {
			return i
		}
	}
	return -1
}

func (m *memoryDeadLetters) PutDeadLetter(_ context.Context, d okr.DeadLetter) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.find(d.Adapter, d.Event); i >= 0 {
		m.letters[i] = d
		return nil
	}
	if len(m.letters) == m.size {
		m.letters = append(m.letters[:0], m.letters[1:]...)
	}
	m.letters = append(m.letters, d)
	return nil
}

func (m *memoryDeadLetters) DeadLetters(_ context.Context, adapter string, limit int) ([]okr.DeadLetter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []okr.DeadLetter
	for _, d := range m.letters {
		if d.Adapter == adapter && len(out) < limit {
			out = append(out, d)
		}
	}
	return out, nil
}

func (m *memoryDeadLetters) TakeDeadLetter(_ context.Context, adapter, event string) (okr.DeadLetter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.find(adapter, event)
	if i < 0 {
		return okr.DeadLetter{}, fmt.Errorf("adapters: dead letter %s of %s: %w", event, adapter, okr.ErrNotFound)
	}
	d := m.letters[i]
	m.letters = append(m.letters[:i], m.letters[i+1:]...)
	return d, nil
}
