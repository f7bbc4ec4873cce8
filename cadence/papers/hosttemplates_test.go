package papers_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence/papers"
)

// A template that nothing is made of is most likely misspelt. One that another calls
// may have any name.
func TestATemplateThatNothingIsMadeOfIsRefused(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, nearest := range map[string]string{
		"templates/chekin.md.tmpl": "templates/checkin.md.tmpl", "templates/Review.html.tmpl": "templates/review.html.tmpl",
		"templates/planing.md.tmpl": "templates/planning.md.tmpl", "templates/work-sheet.html.tmpl": "templates/worksheet.html.tmpl",
	} {
		_, err := papers.Load(fstest.MapFS{name: file("text")})
		require.ErrorContains(t, err, `"`+name+`"`)
		require.ErrorContains(t, err, "did you mean "+nearest+"?")
	}
	for _, own := range []fstest.MapFS{
		{"templates/logo.md.tmpl": file(`a logo`), "templates/checkin.md.tmpl": file(`{{template "templates/logo.md.tmpl"}}`)},
		{"templates/ours.md.tmpl": file(`{{define "cycle"}}our cycle{{end}}`)},
		{"templates/ours.md.tmpl": file(`{{define "logo"}}a logo{{end}}`), "templates/checkin.md.tmpl": file(`{{with .Team}}{{else}}{{template "logo"}}{{end}}`)},
	} {
		s, err := papers.Load(own)
		require.NoError(t, err)
		require.Regexp(t, "a logo|our cycle", render(t, s, papers.CheckIn{}, papers.Options{}))
	}
	_, err := papers.Load(fstest.MapFS{"templates/ours.md.tmpl": file(`{{define "x"}}{{template "y"}}{{end}}{{define "y"}}{{end}}`)})
	require.ErrorContains(t, err, "no template calls it", "it calls but itself")
}

// A mistake that shows on the filled and on the blank paper is one mistake.
func TestAMistakeIsSaidOnce(t *testing.T) {
	_, err := papers.Load(fstest.MapFS{"templates/checkin.md.tmpl": {Data: []byte("{{.Nonsense}}")}})
	require.Error(t, err)
	require.Equal(t, 1, strings.Count(err.Error(), "can't evaluate field Nonsense"), err)
}

func TestWhichLanguageIsSpoken(t *testing.T) {
	for asked, want := range map[string]string{"": "en", "en": "en", "de-CH": "de", "pt-PT": "pt", "ja": "not en", "it": "not en", "gsw": "not de"} {
		found, same, err := papers.Shipped().Speaks(asked)
		require.NoError(t, err)
		if !same {
			found = "not " + found
		}
		require.Equal(t, want, found, asked)
	}
	_, _, err := papers.Shipped().Speaks("xx")
	require.Error(t, err)
}
