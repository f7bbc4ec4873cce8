package rules_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/rules"
)

// TestShortWaysAgreeWithLongOnes: what is faster for plain ASCII says the same as
// what reads any text.
func TestShortWaysAgreeWithLongOnes(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "Z", "9", " ", "  ", "\n", "-", "_", "~", "\x7f", "\x00", "\xff", "ä", "“", "\u00a0", "\u0085", "\ufffd", "\u202e", "ǆ", "́", "٣",
		"work", "on", "Ship", "3", "Q3", "20%", "€5m", "ship it", strings.Repeat("long", 20)})
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "") })
	rapid.Check(t, func(t *rapid.T) {
		s, limit := text.Draw(t, "text"), rapid.IntRange(1, 40).Draw(t, "limit")
		require.Equal(t, rules.CleanLine(s, limit), rules.OneLine(s, limit))
		require.Equal(t, utf8.RuneCountInString(s), rules.Characters(s))
		scanned, read := rules.HasNumber(s)
		require.Equal(t, read, scanned)
		words := rapid.SliceOfN(text, 0, 4).Draw(t, "words")
		words = append(words, "ship", "work on", "Ä", "9")
		for _, atStart := range []bool{false, true} {
			scanned, read = rules.HasWord(s, words, atStart)
			require.Equal(t, read, scanned, atStart)
		}
	})
}
