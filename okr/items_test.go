package okr_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// A kind that the ledger cannot read back would be missing from every past.
func TestEveryKindOfItemIsReadBack(t *testing.T) {
	for _, kind := range okr.ItemKinds() {
		state := json.RawMessage(`{"id":"x1","version":3}`)
		if kind == okr.KindPolicy {
			state = json.RawMessage(`{"ask_live":true,"version":3}`)
		}
		ref := okr.Ref{Kind: kind, ID: "x1"}
		got, err := okr.ReadItem(ref, state, nil)
		require.NoError(t, err, kind)
		require.Equal(t, kind, got.Kind)
		require.EqualValues(t, 3, got.Version, kind)
		require.NotEmpty(t, got.Doc, kind)
	}
}
