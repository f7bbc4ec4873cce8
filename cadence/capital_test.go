package cadence_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
)

// What a rule says may begin with any character.
func TestASentenceBeginsWithACapital(t *testing.T) {
	fact := keyResult("k1", "Renewals rise")
	for says, want := range map[string]string{
		"it is late":                 "It is late",
		"“Renewals rise” is late":    "“Renewals rise” is late",
		"« Renewals » est en retard": "« Renewals » est en retard",
		"über dem Ziel":              "Über dem Ziel",
		"élan perdu":                 "Élan perdu",
		"续约率上升":                      "续约率上升",
	} {
		text, err := cadence.English().Text(cadence.Message{To: "ana", Items: []cadence.Item{{Kind: cadence.KindFinding, KeyResult: fact, Findings: []string{says}}}})
		require.NoError(t, err)
		require.Contains(t, text.Body, want)
		require.True(t, utf8.ValidString(text.Body))
	}
}
