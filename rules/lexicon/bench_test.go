package lexicon_test

import (
	"strings"
	"testing"
)

func BenchmarkRead(b *testing.B) {
	l := words(b)
	for name, text := range map[string]string{
		"from-to": "Reduce churn from 5% to 3% by 30 June 2026",
		"task":    "Launch the referral page and win 300 buyers",
		"german":  "Umsatz von 2 Mio. € auf 3 Mio. € steigern",
		"bare":    "Improve the search",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Read(text)
			}
		})
	}
}

// BenchmarkReadLong shows that the time per byte stays where it is.
func BenchmarkReadLong(b *testing.B) {
	l := words(b)
	for name, n := range map[string]int{"1KiB": 1 << 10, "16KiB": 16 << 10} {
		for _, piece := range []string{"from 5% to 3% by Q2 2026 and ", "* ", "word "} {
			text := strings.Repeat(piece, n/len(piece))
			b.Run(name+"/"+strings.TrimSpace(piece), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					l.Read(text)
				}
			})
		}
	}
}
