package papers_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/papers"
)

// Whatever people write as a title, it is text: the shape of the paper is the one
// that a calm title gives.
func FuzzTitles(f *testing.F) {
	for _, title := range hostile {
		f.Add(title)
	}
	s := papers.Shipped()
	calm, calmTags := map[papers.Kind]string{}, map[papers.Kind]string{}
	f.Fuzz(func(t *testing.T, title string) {
		filled := "calm"
		if papers.Plain(title) == "" {
			filled = "" // what is empty once it is cleaned is left out
		}
		for _, k := range papers.Kinds() {
			key := papers.Kind(string(k) + filled)
			if calm[key] == "" {
				calm[key] = shape(t, render(t, s, papers.Stuffed(k, filled), papers.Options{}))
				calmTags[key] = tags(render(t, s, papers.Stuffed(k, filled), papers.Options{Format: papers.HTML}))
			}
			d := papers.Stuffed(k, title)
			require.Empty(t, difference(calm[key], shape(t, render(t, s, d, papers.Options{}))), "%s: %q is more than text in Markdown", k, title)
			require.Empty(t, difference(calmTags[key], tags(render(t, s, d, papers.Options{Format: papers.HTML}))), "%s: %q is more than text in HTML", k, title)
		}
	})
}

// Whatever a file of words says, it is read or refused.
func FuzzWords(f *testing.F) {
	f.Add("checkin:\n  title: Runde\n")
	f.Add("word:\n  minutes: {one: a, other: b}\n")
	f.Add("a: &a [*a]\n")
	f.Add("? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := papers.Load(fstest.MapFS{"words/de.yaml": {Data: []byte(text)}})
		require.Equal(t, err == nil, s != nil)
	})
}
