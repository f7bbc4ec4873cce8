package cadence_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

func TestLoadTongues(t *testing.T) {
	tongues, err := cadence.LoadTongues(fstest.MapFS{
		"de.tmpl":    {Data: []byte(`{{define "title-checkin-due"}}Bald: {{short .KeyResult.Title}}{{end}}`)},
		"pt-PT.tmpl": {Data: []byte(`{{define "open"}}Abrir a página{{end}}`)},
		"it.tmpl":    {Data: []byte(`{{define "title-checkin-due"}}In scadenza: {{short .KeyResult.Title}}{{end}}`)},
		"README.md":  {Data: []byte("{{")},
		"old/x.tmpl": {Data: []byte("{{")},
	})
	require.NoError(t, err)
	for language, want := range map[string][2]string{
		"de-CH": {"Bald: ", "de"},
		"de":    {"Bald: ", "de"},
		"pt-PT": {"Check-in pendente: ", "pt-PT"},
		"pt-BR": {"Check-in pendente: ", "pt"},
		"it-CH": {"In scadenza: ", "it"},
		"ja":    {"Check-in due: ", "en"},
	} {
		text, err := tongues.Text(cadence.Message{Kind: cadence.KindDue, Items: messages(t)[0].items, Language: language})
		require.NoError(t, err)
		require.Equal(t, want, [2]string{text.Title[:len(want[0])], text.Language}, language)
	}

	none, err := cadence.LoadTongues(nil)
	require.NoError(t, err)
	require.Empty(t, none)
	gone, err := fs.Sub(fstest.MapFS{}, "notices")
	require.NoError(t, err)
	none, err = cadence.LoadTongues(gone)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestWhatIsWrongWithAFolderOfTextsIsToldAtOnce(t *testing.T) {
	_, err := cadence.LoadTongues(fstest.MapFS{
		"de.tmpl":     {Data: []byte("{{define \"title\"}}\n{{.To")},
		"fr.tmpl":     {Data: []byte(`{{define "checkin-escalated"}}{{.Colour}}{{end}}`)},
		"german.tmpl": {Data: []byte("")},
	})
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.ErrorContains(t, err, "de.tmpl:2")
	require.ErrorContains(t, err, "cannot say checkin-escalated")
	require.ErrorContains(t, err, "name the file after its language")
}

// What is shipped can be copied, and says what it said.
func TestShippedWords(t *testing.T) {
	tongues, err := cadence.LoadTongues(cadence.Words())
	require.NoError(t, err)
	for _, language := range cadence.Languages() {
		require.Contains(t, tongues, language)
		for _, m := range cadence.Specimens() {
			m.Language = language
			want, err := cadence.In(language).Text(m)
			require.NoError(t, err)
			got, err := tongues.Text(m)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	require.Len(t, tongues, len(cadence.Languages()))
}

// A mistake in a text that nobody tried would show at the hour of the first reminder.
func TestSpecimensAreOfEveryKind(t *testing.T) {
	kinds := map[string]bool{}
	all := cadence.Specimens()
	for _, m := range all {
		for _, i := range m.Items {
			kinds[i.Kind] = true
		}
	}
	for _, m := range messages(t) {
		for _, i := range m.items {
			require.True(t, kinds[i.Kind], i.Kind)
		}
	}
	digest := all[len(all)-1]
	require.Equal(t, digest.Items[0].Kind, digest.Kind)
	require.Len(t, digest.Counts(), len(kinds), "the last has all of them")
}
