package lexicon_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules/lexicon"
)

// FuzzRead: no text makes Read fail, leave the text, or change its mind; what
// has a canonical form prints without failing.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"Reduce churn from 5% to 3% by 30 Jun", "Umsatz von 2 Mio. € auf 3 Mio. € steigern", "R$ 1 milhão", "从48分到56分", "1.000.000,5", "06/07/2026",
		"[number] <x> ___ █ $M", "Q2'26 FY23-Q2 2026-Q2", "4x/week 3G v2.0 24/7", "twenty five hundred", "d'ici le 7 mars", "— – - -> => ≥≤", "((((", "1-2-3-4", "9 out of ten", "$10-20k", "bis 30.",
	} {
		f.Add(s)
	}
	l, err := lexicon.New()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		s := l.Read(text)
		in := func(sp lexicon.Span) {
			if sp.Start < 0 || sp.End > len(s.Text) || sp.Start > sp.End {
				t.Fatalf("%v outside %q", sp, s.Text)
			}
			if utf8.ValidString(s.Text) && !utf8.ValidString(s.Text[sp.Start:sp.End]) {
				t.Fatalf("%v cuts a character of %q", sp, s.Text)
			}
		}
		last := 0
		for _, k := range s.Tokens {
			in(k.Span)
			if k.Start < last {
				t.Fatalf("tokens overlap in %q", s.Text)
			}
			last = k.End
		}
		for _, v := range s.Values {
			in(v.Span)
			require.Equal(t, s.Text[v.Start:v.End], v.Text)
		}
		for _, n := range s.Names {
			in(n)
		}
		for _, d := range s.Dates {
			in(d.Span)
		}
		for _, g := range s.Wording.Signals {
			in(g.Span)
		}
		if s.Measure != nil {
			_ = lexicon.Print(*s.Measure)
		}
		require.NotEmpty(t, s.Wording.Why)
		require.Equal(t, s, l.Read(text), "the same text, read twice")
		_ = l.Owner(text)
	})
}

// TestHostileTexts reads long texts of every shape that once made a reader of
// sentences slow: nested brackets, chains of dates, runs of marks and of links.
func TestHostileTexts(t *testing.T) {
	l := words(t)
	for _, piece := range []string{"5 ", "from 5% to 3% ", "(", ")", "word ", "1.000,", "by Q2 2026 ", "FY23-", "Q1-", "[x] ", "* ", "and ", "and we ", "; ", "von 5 auf 3 Kunden ", "launched fully ", "12,5", "twenty ", "从5到"} {
		s := l.Read(strings.Repeat(piece, 20000))
		require.LessOrEqual(t, len(s.Text), 16<<10)
		require.LessOrEqual(t, len(s.Values), 64)
	}
}
