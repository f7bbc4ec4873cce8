package cadence_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
)

// A notice says in which language it is, and brings along what channels say beside it.
func TestANoticeBringsItsLanguageAlong(t *testing.T) {
	for name, tc := range map[string]struct {
		language string
		texts    cadence.Texts
		want     []string // language, on the button, where such messages are turned off
		title    string
	}{
		"a variety":                     {"de-CH", nil, []string{"de", "Öffnen", "Diese Nachrichten abbestellen"}, "Check-in fällig: Raise renewals from 70 % to 90 %"},
		"of Canada":                     {"fr-CA", nil, []string{"fr", "Ouvrir", "Ne plus recevoir ces messages"}, "Check-in à faire\u00a0: Raise renewals from 70 % to 90 %"},
		"none":                          {"", nil, []string{"en", "Open", "Turn these messages off"}, "Check-in due: Raise renewals from 70 % to 90 %"},
		"one that nobody has words for": {"ja-JP", nil, []string{"en", "Open", "Turn these messages off"}, "Check-in due: Raise renewals from 70 % to 90 %"},
		"and the host's own default":    {"ja-JP", cadence.Tongues{"": cadence.In("es")}, []string{"es", "Abrir", "Dejar de recibir estos mensajes"}, "Check-in pendiente: Raise renewals from 70 % to 90 %"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.sync(t, okr.Person{ID: "ana", Team: "sales", Language: tc.language})
			opts := []cadence.RunnerOption{cadence.Links(func(_ okr.TenantID, ref okr.Ref) string { return "https://okr.example/" + string(ref.ID) })}
			if tc.texts != nil {
				opts = append(opts, cadence.Say(tc.texts))
			}
			h.at(1, 14)
			drain(t, cadence.NewRunner(h.desk, opts...))
			said := map[okr.ID]okr.NoticeFact{}
			for _, n := range h.notices(t) {
				said[n.To] = n
			}
			ana := said["ana"]
			require.Equal(t, tc.title, ana.Title)
			require.Equal(t, tc.want, []string{ana.Language, ana.LinkText, ana.UnsubscribeText})
			require.NotEmpty(t, ana.Link)
			require.NotContains(t, ana.Body, ana.Link, "each channel shows it in its way")
			require.Empty(t, said["ben"].Link, "his is of two key results")
			require.Empty(t, said["ben"].LinkText)
		})
	}
}
