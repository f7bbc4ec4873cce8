package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

func word(id, text string) okr.Word { return okr.Word{ID: id, Salt: []byte("salt"), Text: text} }

func reference(w okr.Word) string { return "okr:word:" + w.ID + ":" + w.MAC() }

func finder(words ...okr.Word) func(string) (okr.Word, bool) {
	return func(id string) (okr.Word, bool) {
		for _, w := range words {
			if w.ID == id {
				return w, true
			}
		}
		return okr.Word{}, false
	}
}

func TestResolve(t *testing.T) {
	w := word("w1", "a \"b\"\n<c>")
	for name, test := range map[string]struct {
		ledger, want string
		known        []okr.Word
	}{
		"a word":                     {`{"n":"` + reference(w) + `"}`, `{"n":"a \"b\"\n\u003cc\u003e"}`, []okr.Word{w}},
		"erased":                     {`{"n":"` + reference(w) + `"}`, `{"n":"[erased]"}`, []okr.Word{{ID: "w1"}}},
		"unknown":                    {`["` + reference(w) + `"]`, `["[erased]"]`, nil},
		"not what was committed to":  {`"` + reference(w) + `"`, `"[erased]"`, []okr.Word{word("w1", "else")}},
		"within a longer text":       {`{"n":"see ` + reference(w) + `"}`, `{"n":"see ` + reference(w) + `"}`, []okr.Word{w}},
		"something that looks alike": {`{"n":"okr:word:w1:abc"}`, `{"n":"okr:word:w1:abc"}`, []okr.Word{w}},
		"nothing":                    {`{}`, `{}`, []okr.Word{w}},
	} {
		require.Equal(t, test.want, string(store.Resolve(json.RawMessage(test.ledger), finder(test.known...))), name)
	}
}

// Whatever the texts are, what is resolved is valid JSON with just these texts.
func TestResolveWhateverTheTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "texts")
		var words []okr.Word
		var references []string
		for i, text := range texts {
			w := word(string(rune('a'+i)), text)
			words = append(words, w)
			references = append(references, reference(w))
		}
		ledger, err := json.Marshal(references)
		require.NoError(t, err)
		require.Len(t, store.Words(ledger), len(texts))
		var got []string
		require.NoError(t, json.Unmarshal(store.Resolve(ledger, finder(words...)), &got))
		require.Equal(t, texts, got)
	})
}

func TestWordsNamesEachOnce(t *testing.T) {
	a, b := reference(word("a", "x")), reference(word("b", "x"))
	require.Equal(t, []string{"b", "a"}, store.Words([]byte(`["`+b+`","`+a+`","`+b+`"]`)))
	require.Empty(t, store.Words(nil))
}

func FuzzResolve(f *testing.F) {
	w := word("w1", "text")
	f.Add([]byte(`{"n":"` + reference(w) + `"}`))
	f.Add([]byte(`"okr:word::"`))
	f.Fuzz(func(t *testing.T, ledger []byte) {
		out := store.Resolve(ledger, finder(w))
		if json.Valid(ledger) {
			require.True(t, json.Valid(out), "%s", out)
		}
		if !strings.Contains(string(ledger), "okr:word:") {
			require.Equal(t, string(ledger), string(out))
		}
	})
}

func TestLeaseGrowsUpToAnHour(t *testing.T) {
	require.Equal(t, time.Minute, store.Lease(1))
	require.Equal(t, 2*time.Minute, store.Lease(2))
	require.Equal(t, 32*time.Minute, store.Lease(6))
	for _, attempt := range []int{7, 8, 100, 1 << 30} {
		require.Equal(t, time.Hour, store.Lease(attempt))
	}
	require.Equal(t, time.Minute, store.Lease(0), "no attempt is as good as the first")
}

func TestInOrder(t *testing.T) {
	out := func(id string, tenant okr.TenantID, aggregate okr.ID, seq int64) okr.Outgoing {
		return okr.Outgoing{ID: id, Tenant: tenant, Aggregate: okr.Ref{Kind: okr.KindPerson, ID: aggregate}, Seq: seq}
	}
	claimed := []okr.Outgoing{out("c", "t", "p1", 1), out("a", "t", "p1", 3), out("b", "t", "p1", 2), out("d", "t", "p2", 1), out("0", "u", "p1", 1)}
	store.InOrder(claimed)
	var seqs []int64
	var ids []string
	for _, o := range claimed {
		ids = append(ids, o.ID)
		if o.Tenant == "t" && o.Aggregate.ID == "p1" {
			seqs = append(seqs, o.Seq)
		}
	}
	require.Equal(t, []int64{1, 2, 3}, seqs)
	require.Equal(t, []string{"0", "c", "b", "a", "d"}, ids)
	store.InOrder(nil)
}

// The chain must be the same in every version: a seal that was kept elsewhere is
// compared with it years later.
func TestLinkStaysAsItIs(t *testing.T) {
	first := store.Link("", strings.Repeat("0", 64))
	require.Equal(t, "0cb51e0aaba4d67187842b438cb02190cacae49ba83e2cc560eaa327020aca94", first)
	require.NotEqual(t, first, store.Link("", strings.Repeat("1", 64)))
	require.NotEqual(t, first, store.Link(first, strings.Repeat("0", 64)))
}

func TestPage(t *testing.T) {
	require.Equal(t, 100, store.Page(0))
	require.Equal(t, 100, store.Page(-5))
	require.Equal(t, 7, store.Page(7))
	require.Equal(t, 1000, store.Page(1_000_000))
}
