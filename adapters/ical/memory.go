package ical

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Memory keeps what a feed told last. A host with several processes writes one over a
// table of its own: tenant, feed, version, told.
//
// Of check-ins it is given times, ids and digests, and no words, so there is nothing to
// erase where a person's words are. What may be forgotten at any time are the feeds of
// whoever has left: a feed of which nothing is kept begins anew, with all sequences at 0
// and nothing cancelled.
type Memory interface {
	// Recall is what Keep was given last for the feed, and its version; version 0 is
	// nothing yet.
	Recall(ctx context.Context, tenant okr.TenantID, feed Feed) (told []Told, version int64, err error)
	// Keep keeps what the feed tells now under the next version. Where the version is
	// no longer was, it keeps nothing and returns an error that matches
	// okr.ErrConflict.
	Keep(ctx context.Context, tenant okr.TenantID, feed Feed, was int64, told []Told) error
}

// longPast is how long after its end an entry stays in its feed.
const longPast = 30 * 24 * time.Hour

// merge is what the feed tells now: what takes place, by uid, against what it told.
func merge(told []Told, g *gathering) (out []Told, changed bool) {
	now := g.now.UTC().Truncate(time.Second)
	known := map[string]bool{}
	for _, was := range told {
		known[was.UID] = true
		is, ok := g.place[was.UID]
		if !ok && was.begun(now) && !was.Cancelled {
			is, ok = g.again(was.Entry)
		}
		switch {
		case !was.Over.After(now.Add(-longPast)):
			changed = true
			continue
		case len(was.Of) == 0 && !was.Over.After(now) && (!ok || !is.Over.After(now)):
			// What is past and names nobody stays as it was told.
		case !ok && was.Cancelled:
		case !ok:
			was.Cancelled, was.Entry = true, was.off(g.words)
			was.tell(now)
			changed = true
		case was.Cancelled || was.Said != is.said():
			was.Cancelled, was.Entry = false, is
			was.tell(now)
			changed = true
		default:
			was.Entry = is
		}
		out = append(out, was)
	}
	for id, e := range g.place {
		if !known[id] && e.Over.After(now) {
			out = append(out, Told{UID: id, Stamp: now, Said: e.said(), Entry: e})
			changed = true
		}
	}
	inOrder(out)
	return out, changed
}

// mute is what is kept of what was told: the words of check-ins are not.
func mute(told []Told) []Told {
	out := append([]Told(nil), told...)
	for i := range out {
		if len(out[i].Of) > 0 {
			out[i].Title, out[i].Text, out[i].Link = "", "", ""
		}
	}
	return out
}

// NewMemory is a memory that ends with the process: sequences begin anew with the next.
func NewMemory() Memory { return &inProcess{kept: map[string]kept{}} }

type kept struct {
	Version int64  `json:"version"`
	Told    []Told `json:"told"`
}

// next is what is kept after what was kept.
func (k kept) next(was int64, told []Told) (kept, error) {
	if k.Version != was {
		return kept{}, fmt.Errorf("ical: %w: the feed was told meanwhile", okr.ErrConflict)
	}
	return kept{was + 1, told}, nil
}

type inProcess struct {
	mu   sync.Mutex
	kept map[string]kept
}

func (m *inProcess) Recall(_ context.Context, tenant okr.TenantID, feed Feed) ([]Told, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.kept[key(tenant, feed)]
	return append([]Told(nil), k.Told...), k.Version, nil
}

func (m *inProcess) Keep(_ context.Context, tenant okr.TenantID, feed Feed, was int64, told []Told) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, err := m.kept[key(tenant, feed)].next(was, append([]Told(nil), told...))
	if err == nil {
		m.kept[key(tenant, feed)] = k
	}
	return err
}

// Dir is a memory in a folder, which is created, with one file per feed. One process
// at a time uses it.
func Dir(folder string) Memory { return &dir{folder: folder} }

type dir struct {
	mu     sync.Mutex
	folder string
}

// within opens the folder for one reading or writing.
func (d *dir) within(do func(*os.Root) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := os.MkdirAll(d.folder, 0o700); err != nil { //nolint:gosec // the host names the folder
		return err
	}
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return err
	}
	return errors.Join(do(root), root.Close())
}

func file(tenant okr.TenantID, feed Feed) string { return key(tenant, feed) + ".json" }

func readKept(root *os.Root, name string) (kept, error) {
	var k kept
	b, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	if err != nil {
		return k, fmt.Errorf("ical: what the feed told last: %w", err)
	}
	return k, nil
}

func (d *dir) Recall(_ context.Context, tenant okr.TenantID, feed Feed) (told []Told, version int64, err error) {
	err = d.within(func(root *os.Root) error {
		k, err := readKept(root, file(tenant, feed))
		told, version = k.Told, k.Version
		return err
	})
	return told, version, err
}

func (d *dir) Keep(_ context.Context, tenant okr.TenantID, feed Feed, was int64, told []Told) error {
	return d.within(func(root *os.Root) error {
		name := file(tenant, feed)
		k, err := readKept(root, name)
		if err != nil {
			return err
		}
		if k, err = k.next(was, told); err != nil {
			return err
		}
		b, err := json.Marshal(k)
		if err != nil {
			return err
		}
		if err := root.WriteFile(name+".half", b, 0o600); err != nil { // whole or not at all
			return err
		}
		return root.Rename(name+".half", name)
	})
}

func key(tenant okr.TenantID, feed Feed) string {
	sum := sha256.Sum256([]byte(strconv.Quote(string(tenant)) + feed.String()))
	return hex.EncodeToString(sum[:])
}
