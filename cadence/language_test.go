package cadence_test

import (
	"strings"
	"testing"
	"unicode/utf8"

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

// What people call things stays as they wrote it, whatever the script and however it looks.
func TestNamesStayWhole(t *testing.T) {
	for _, name := range []string{
		"שיפור שביעות הרצון", "تقليل زمن الاستجابة إلى ٤ ساعات", "می\u200cخواهم", "顧客満足度を上げる", "👩\u200d🚀 Ship it ❤\ufe0f", "Größe & Gewicht",
		"<!channel> *now* _please_ ~no~ `x` &lt;b&gt; <@U1|x> [a](b)", `{{.To}} "quoted" 'single' \n %s`, "50\u202f% à 60\u202f%", "cafe\u0301",
		"Donaudampfschifffahrtsgesellschaftskapitänsmützenverkaufsstellenleiterausbildungsprogramm",
	} {
		for _, language := range cadence.Languages() {
			for _, m := range cadence.Specimens() {
				for i := range m.Items {
					m.Items[i].KeyResult.Title = "  " + name + "\n"
				}
				text, err := cadence.In(language).Text(m)
				require.NoError(t, err)
				if len(m.Items) == 1 && m.Kind != cadence.KindReset {
					require.Contains(t, text.Title, name)
				}
				require.Contains(t, text.Body, name+"\n")
			}
		}
	}
}

// A title that is too long ends after a word, or at least after a whole character.
func TestTitlesAreCutBetweenCharacters(t *testing.T) {
	say := func(title string) string {
		text, err := cadence.English().Text(cadence.Message{Kind: cadence.KindAcknowledged, Items: []cadence.Item{{Kind: cadence.KindAcknowledged, KeyResult: keyResult("k1", title)}}})
		require.NoError(t, err)
		short, ok := strings.CutPrefix(text.Title, "Check-in read: ")
		require.True(t, ok)
		require.LessOrEqual(t, utf8.RuneCountInString(short), 120)
		return short
	}
	for _, last := range []string{"e\u0301", "👩\u200d🚀", "👍🏽", "❤\ufe0f", "🇨🇭", "🏴\U000e0067\U000e0062\U000e007f"} {
		for pad := 112; pad < 120; pad++ {
			rest, ok := strings.CutSuffix(strings.TrimLeft(say(strings.Repeat("x", pad)+strings.Repeat(last, 9)), "x"), "…")
			require.True(t, ok)
			require.Empty(t, strings.ReplaceAll(rest, last, ""), "%q", rest)
		}
	}
	require.Equal(t, strings.Repeat("x", 110)+"…", say(strings.Repeat("x", 110)+" Quartalsergebnis"))
	require.Equal(t, strings.Repeat("x", 119)+"…", say(strings.Repeat("x", 300)), "one long word")
	require.Equal(t, strings.Repeat("x", 120), say(strings.Repeat("x", 120)))
	require.Equal(t, "e"+strings.Repeat("\u0301", 118)+"…", say("e"+strings.Repeat("\u0301", 300)), "one with more marks than fit")
}
