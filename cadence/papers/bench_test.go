package papers_test

import (
	"io"
	"testing"

	"github.com/okrkit/okrkit/cadence/papers"
)

func BenchmarkRender(b *testing.B) {
	s := papers.Shipped()
	for _, f := range papers.Formats() {
		b.Run(string(f), func(b *testing.B) {
			d := papers.Stuffed(papers.KindCheckIn, "Raise the share of trials that pay from 12 % to 18 %")
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Render(io.Discard, d, papers.Options{Language: "de", Format: f}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
