package lexicon_test

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules/lexicon"
)

// TestBlindBatches holds the reference decision to what it reached on sentences
// that were labelled before it read them. What is still misjudged is marked in the
// file: a mark that is no longer true fails as well.
func TestBlindBatches(t *testing.T) {
	b, err := os.ReadFile("testdata/blind.tsv")
	require.NoError(t, err)
	var total share
	for line := range strings.Lines(string(b)) {
		want, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			require.True(t, line == "\n" || strings.HasPrefix(line, "#"), line)
			continue
		}
		label, known := strings.CutSuffix(want, "!")
		w := words(t).Read(text).Wording
		weak, reason := w.Weak()
		right := weak == (label == "weak")
		require.Equal(t, !known, right, "%q is %s: %s %s", text, label, reason, w.Why)
		require.Contains(t, []string{"weak", "strong"}, label)
		switch {
		case label == "strong" && right:
			total.add(share{good: 1, spared: 1})
		case label == "strong":
			total.add(share{good: 1})
		case right:
			total.add(share{bad: 1, caught: 1})
		default:
			total.add(share{bad: 1})
		}
		require.Equal(t, weak, reason != lexicon.Sound)
	}
	t.Log(total)
	require.GreaterOrEqual(t, total.good+total.bad, 240)
	require.GreaterOrEqual(t, float64(total.spared), 0.96*float64(total.good))
	require.GreaterOrEqual(t, float64(total.caught), 0.95*float64(total.bad))
}

// What a sentence is dressed in changes no verdict: marks of a list, a label, a full
// stop, quotation marks, an owner or a date in brackets, a day to be done by, other
// spaces.
func TestDressChangesNoVerdict(t *testing.T) {
	for _, file := range []string{"testdata/blind.tsv", "testdata/wording.tsv"} {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(b)) {
			_, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok {
				continue
			}
			read := words(t).Read(text)
			bare, _ := read.Wording.Weak()
			first := []rune(text)
			first[0] = unicode.ToLower(first[0])
			dressed := []string{
				"KR1: " + text, "- " + text, "2) " + text, "**" + text + "**", "“" + text + "”", string(first),
				text + " (Ana Lima)", text + " (30.06.2027)", text + " [Q3 2027]",
				strings.ReplaceAll(text, " ", "\u00a0"), strings.ReplaceAll(text, " ", "  "), strings.ReplaceAll(text, "%", " %"),
			}
			if !strings.HasSuffix(text, "?") {
				dressed = append(dressed, strings.TrimRight(text, ".")+".")
			}
			if read.Lang == "en" && len(read.Dates) == 0 && !read.Wording.Question {
				dressed = append(dressed, text+" by 30 June 2027", text+" in Q3 2027", "By end of Q3 2027, "+string(first))
			}
			for _, d := range dressed {
				w := words(t).Read(d).Wording
				weak, _ := w.Weak()
				require.Equal(t, bare, weak, "%q: %s", d, w.Why)
			}
		}
	}
}
