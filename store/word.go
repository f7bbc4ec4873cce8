package store

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/okrkit/okrkit/okr"
)

// Erased is what stands in the place of a word whose text was removed.
const Erased = okr.Erased

// reference is a JSON string that holds nothing but the reference to a word. Ids
// of words need no escape in JSON, so neither does a reference.
var reference = regexp.MustCompile(`"okr:word:([^":\\]+):([0-9a-f]{64})"`)

// Words lists the ids of the words that ledger JSON refers to, each once.
func Words(ledger []byte) []string {
	var ids []string
	for _, m := range reference.FindAllSubmatch(ledger, -1) {
		if id := string(m[1]); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Resolve puts the texts of words in the place of their references in ledger
// JSON. A word that find does not know, or whose text is not what the ledger
// committed to, reads [Erased].
func Resolve(ledger json.RawMessage, find func(id string) (okr.Word, bool)) json.RawMessage {
	return reference.ReplaceAllFunc(ledger, func(b []byte) []byte {
		m := reference.FindSubmatch(b)
		text := Erased
		if w, ok := find(string(m[1])); ok && len(w.Salt) > 0 && w.MAC() == string(m[2]) {
			text = w.Text
		}
		out, err := json.Marshal(text)
		if err != nil {
			return b // a string always marshals
		}
		return out
	})
}
