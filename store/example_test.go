package store_test

import (
	"encoding/json"
	"fmt"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// The ledger holds words by reference. Erasing the text leaves the ledger as it
// is.
func ExampleResolve() {
	note := okr.Word{ID: "w1", Salt: []byte("random"), Text: "Two customers signed"}
	ledger := json.RawMessage(`{"note":"okr:word:w1:` + note.MAC() + `"}`)
	fmt.Println(string(store.Resolve(ledger, func(string) (okr.Word, bool) { return note, true })))
	fmt.Println(string(store.Resolve(ledger, func(string) (okr.Word, bool) { return okr.Word{}, false })))
	// Output:
	// {"note":"Two customers signed"}
	// {"note":"[erased]"}
}
