package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// spoken writes a check-in's event whose note is a word by reference.
func spoken(b *book, id, text string) okr.Changes {
	entity := ref(okr.KindCheckIn, okr.ID("c-"+id))
	w := okr.Word{ID: id, Entity: entity, Field: "note", Salt: []byte("salt of " + id), Text: text}
	reference := "okr:word:" + w.ID + ":" + w.MAC()
	k := ref(okr.KindKeyResult, "k1")
	c := okr.Changes{Now: b.now, Expect: map[okr.Ref]int64{k: b.versions[k]}, Words: []okr.Word{w}}
	b.entry(&c, k, entity, okr.EventCheckInRecorded, map[string]string{"note": reference})
	data, err := json.Marshal(map[string]any{"note": reference, "of": "k1", "list": []string{reference, "okr:word:"}})
	if err != nil {
		panic(err) // strings marshal
	}
	c.Entries[0].Data = data
	rehash(&c)
	row := keyResult("k1", "o1", "q4", "ann")
	row.Version = b.versions[k]
	c.KeyResults = []okr.KeyResult{row}
	return c
}

// testWords erases words and reads what is left.
func testWords(t *testing.T, s suite) {
	st := s.open(t)
	ctx := t.Context()
	b := newBook(acme)
	write(t, st, acme, b.small())
	text := "was \"hard\" <b>&</b>\n日本 \u2028"
	write(t, st, acme, spoken(b, "w1", text))
	write(t, st, acme, spoken(b, "w2", "stays"))
	notes := func() (out []string) {
		in(t, st, false, func(u okr.Unit) {
			events, err := u.Events(ctx, acme, ref(okr.KindKeyResult, "k1"), 1)
			require.NoError(t, err)
			for _, e := range events {
				var d struct {
					Note string
					Of   string
					List []string
				}
				require.NoError(t, json.Unmarshal(e.Data, &d))
				require.Equal(t, "k1", d.Of)
				require.Equal(t, []string{d.Note, "okr:word:"}, d.List)
				out = append(out, d.Note)
			}
		})
		return out
	}
	require.Equal(t, []string{text, "stays"}, notes())
	require.ErrorIs(t, erase(ctx, st, acme, ref(okr.KindCheckIn, "c-w3")), okr.ErrNotFound)
	require.NoError(t, erase(ctx, st, acme, ref(okr.KindCheckIn, "c-w1")))
	require.Equal(t, []string{store.Erased, "stays"}, notes())
	require.NoError(t, erase(ctx, st, acme, ref(okr.KindCheckIn, "c-w1")), "twice")
	v, err := st.Verify(ctx, acme)
	require.NoError(t, err)
	require.Nil(t, v.Fault)
	require.EqualValues(t, 1, v.Erased)

	// What goes out again says no more than what is left.
	out, err := st.ClaimOutgoing(ctx, at(1), time.Minute, 100)
	require.NoError(t, err)
	var ids []string
	for _, o := range out {
		ids = append(ids, o.ID)
	}
	require.NoError(t, st.MarkPublished(ctx, ids))
	_, err = st.Requeue(ctx, acme, at(-1), at(1))
	require.NoError(t, err)
	out, err = st.ClaimOutgoing(ctx, at(2), time.Minute, 100)
	require.NoError(t, err)
	var all strings.Builder
	for _, o := range out {
		all.Write(o.Wire)
	}
	require.Contains(t, all.String(), store.Erased)
	require.Contains(t, all.String(), "stays")
	require.NotContains(t, all.String(), "hard")

	u := begin(t, st, true)
	again := okr.Changes{Now: at(0), Words: []okr.Word{{ID: "w2", Entity: ref(okr.KindCheckIn, "c-w2"), Field: "note", Salt: []byte{1}, Text: "else"}}}
	requireConflict(t, u.Write(ctx, acme, again), "a word twice")
	require.NoError(t, u.Rollback(ctx))
}

// testSeal seals in several steps, with writes between them.
func testSeal(t *testing.T, s suite) {
	st := s.open(t)
	ctx := t.Context()
	books := map[okr.TenantID]*book{acme: newBook(acme), "globex": newBook("globex")}
	for id, b := range books {
		write(t, st, id, b.small())
	}
	v, err := st.Verify(ctx, acme)
	require.NoError(t, err)
	require.Equal(t, store.Verification{Tenant: acme, Entries: 5, Unsealed: 5}, v)
	require.Equal(t, "sealed up to 0, 5 not yet", v.String())

	n, err := st.Seal(ctx, start, 3)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	v, err = st.Verify(ctx, acme)
	require.NoError(t, err)
	require.Nil(t, v.Fault)
	require.EqualValues(t, 3, v.Sealed)
	require.EqualValues(t, 2, v.Unsealed)
	head := v.Head

	write(t, st, acme, books[acme].write(okr.Changes{Cycles: []okr.Cycle{{ID: "q4"}}})) // sorts before what was sealed
	for range 20 {
		n, err = st.Seal(ctx, start, 2)
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	for id := range books {
		v, err = st.Verify(ctx, id)
		require.NoError(t, err)
		require.Nil(t, v.Fault, "%v", v)
		require.Equal(t, v.Entries, v.Sealed)
		require.Zero(t, v.Unsealed)
		require.NotEqual(t, head, v.Head)
	}
	v, err = st.Verify(ctx, "nobody")
	require.NoError(t, err)
	require.Equal(t, store.Verification{Tenant: "nobody"}, v)

	t.Run("while others write", func(t *testing.T) {
		st := s.open(t)
		write(t, st, acme, newBook(acme).small())
		race(t, 2, func(ctx context.Context, i int) error {
			for j := range 20 {
				if i == 0 {
					if err := again(func() error { _, err := st.Seal(ctx, start, 3); return err }); err != nil {
						return err
					}
					continue
				}
				if err := again(func() error { return increment(ctx, st, "k1", fmt.Sprint(j)) }); err != nil {
					return err
				}
			}
			return nil
		})
		for {
			n, err := st.Seal(t.Context(), start, 100)
			require.NoError(t, err)
			if n == 0 {
				break
			}
		}
		v, err := st.Verify(t.Context(), acme)
		require.NoError(t, err)
		require.Nil(t, v.Fault, "%v", v)
		require.EqualValues(t, 25, v.Sealed)
	})
}
