package simulate

import (
	"container/heap"
	"context"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// watch is a store that another one stands behind. It notes what is committed: the
// events, what was announced of each subject, and when each is to be looked at again,
// as every store keeps it ([okr.Changes.Settled]).
type watch struct {
	okr.Store

	entries []okr.Entry // committed, and not taken yet
	looks   map[okr.Ref]map[place]time.Time
	asked   map[okr.Ref]bool
	order   dues
	came    map[okr.Ref]map[string]string // occurrences by subject and key: what became of them
}

// place is a standing of a subject.
type place struct{ kind, key string }

// standingOccurrence is the kind of standing that says what an occurrence came to.
const standingOccurrence = "occurrence"

func newWatch(s okr.Store) *watch {
	return &watch{
		Store: s, looks: map[okr.Ref]map[place]time.Time{}, asked: map[okr.Ref]bool{},
		came: map[okr.Ref]map[string]string{},
	}
}

// take returns what was committed since the last call, in the order of the commits.
func (w *watch) take() []okr.Entry {
	out := w.entries
	w.entries = nil
	return out
}

// next is the first instant at which something is to be looked at; false: never.
func (w *watch) next(now time.Time) (time.Time, bool) {
	if len(w.asked) > 0 {
		return now, true
	}
	for len(w.order) > 0 {
		if top := w.order[0]; w.holds(top) {
			return top.at, true
		}
		heap.Pop(&w.order)
	}
	return time.Time{}, false
}

func (w *watch) holds(d due) bool {
	at, ok := w.looks[d.subject][d.place]
	return ok && at.Equal(d.at)
}

func (w *watch) committed(c okr.Changes) {
	for _, r := range c.Settled {
		delete(w.asked, r)
		for p, at := range w.looks[r] {
			if !at.After(c.Now) {
				delete(w.looks[r], p)
			}
		}
	}
	for _, st := range c.Drop {
		delete(w.looks[st.Subject], place{st.Kind, st.Key})
		if st.Kind == standingOccurrence {
			delete(w.came[st.Subject], st.Key)
		}
	}
	for _, st := range c.Standings {
		p := place{st.Kind, st.Key}
		if st.Kind == standingOccurrence {
			put(w.came, st.Subject, st.Key, st.Value)
		}
		if st.NextLook == nil {
			delete(w.looks[st.Subject], p)
			continue
		}
		put(w.looks, st.Subject, p, *st.NextLook)
		heap.Push(&w.order, due{*st.NextLook, st.Subject, p})
	}
	for _, r := range c.Look {
		w.asked[r] = true
	}
	w.entries = append(w.entries, c.Entries...)
}

func put[A, B comparable, V any](m map[A]map[B]V, a A, b B, v V) {
	if m[a] == nil {
		m[a] = map[B]V{}
	}
	m[a][b] = v
}

// Begin starts a transaction whose changes are noted when it commits.
func (w *watch) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := w.Store.Begin(ctx, write)
	if err != nil || !write {
		return u, err
	}
	return &watched{Unit: u, done: func(all []okr.Changes) {
		for _, c := range all {
			w.committed(c)
		}
	}}, nil
}

// watched is a transaction, or a savepoint within one.
type watched struct {
	okr.Unit
	changes []okr.Changes
	done    func([]okr.Changes)
}

// Nested starts a savepoint.
func (u *watched) Nested(ctx context.Context) (okr.Unit, error) {
	n, err := u.Unit.Nested(ctx)
	if err != nil {
		return nil, err
	}
	return &watched{Unit: n, done: func(c []okr.Changes) { u.changes = append(u.changes, c...) }}, nil
}

// Write applies the changes.
func (u *watched) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	if err := u.Unit.Write(ctx, t, c); err != nil {
		return err
	}
	u.changes = append(u.changes, c)
	return nil
}

// Commit makes the changes count.
func (u *watched) Commit(ctx context.Context) error {
	if err := u.Unit.Commit(ctx); err != nil {
		return err
	}
	u.done(u.changes)
	u.changes = nil
	return nil
}

// due is a standing that is to be looked at.
type due struct {
	at      time.Time
	subject okr.Ref
	place   place
}

type dues []due

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(due)) }
func (d *dues) Pop() any {
	old := *d
	last := old[len(old)-1]
	*d = old[:len(old)-1]
	return last
}
