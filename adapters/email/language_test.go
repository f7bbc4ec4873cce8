package email_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/email"
	"github.com/okrkit/okrkit/okr"
)

func off(okr.TenantID, okr.ID) string { return "https://okr.example/off?p=kim" }

// Everything that stands beside the message is in its language, and comes with it.
func TestAllOfItIsInOneLanguage(t *testing.T) {
	a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"}, email.Button("Open it"), email.Unsubscribe(false, off))
	m, err := a.Preview(t.Context(), notice(t, func(n *okr.NoticeFact) {
		n.Title, n.Body, n.Language, n.LinkText, n.UnsubscribeText = "Check-in à faire\u00a0: Délai", "Un check-in est à faire.", "fr", "Ouvrir", "Ne plus recevoir\r\nces <messages>"
	}).Event)
	require.NoError(t, err)
	l := parse(t, m.Source)
	require.Equal(t, "fr", l.header.Get("Content-Language"))
	require.Equal(t, "Check-in à faire\u00a0: Délai", l.subject)
	require.Contains(t, l.html, `<html lang="fr">`)
	require.Contains(t, l.html, ">Ouvrir</a>")
	require.Contains(t, l.html, `<a href="https://okr.example/off?p=kim">Ne plus recevoir ces &lt;messages&gt;</a>`)
	require.NotContains(t, l.html+l.text, "Open")
	require.Equal(t, "Check-in à faire\u00a0: Délai\n\nUn check-in est à faire.\n\nhttps://okr.example/kr/kr1?a=1&b=2\n\n-- \nNe plus recevoir ces <messages>\nhttps://okr.example/off?p=kim\n", l.text)

	m, err = a.Preview(t.Context(), notice(t, nil).Event)
	require.NoError(t, err)
	l = parse(t, m.Source)
	require.Empty(t, l.header.Get("Content-Language"))
	require.Contains(t, l.html, "<html>")
	require.Contains(t, l.html, ">Open it</a>", "what the host says where the notice says nothing")
	require.Contains(t, l.html, ">https://okr.example/off?p=kim</a>")
}

func TestALanguageThatIsNone(t *testing.T) {
	a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"})
	for _, language := range []string{"de\r\nBcc: eve@evil.example", `de" onload="x()`, strings.Repeat("de-", 20), "dé"} {
		m, err := a.Preview(t.Context(), notice(t, func(n *okr.NoticeFact) { n.Language = language }).Event)
		require.NoError(t, err)
		require.NotContains(t, string(m.Source), "Content-Language")
		require.Contains(t, m.HTML, "<html>")
	}
}

// What people wrote arrives as they wrote it, whatever the script.
func TestNamesStayWhole(t *testing.T) {
	a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"})
	for _, name := range []string{
		"שיפור שביעות הרצון", "تقليل زمن الاستجابة إلى ٤ ساعات", "می\u200cخواهم", "顧客満足度を上げる", "👩\u200d🚀 Ship it ❤\ufe0f", "<!channel> *now* _please_ &lt;b&gt;",
		"Donaudampfschifffahrtsgesellschaftskapitänsmützenverkaufsstellenleiterausbildungsprogramm", "50\u202f% à 60\u202f%", "cafe\u0301",
	} {
		m, err := a.Preview(t.Context(), notice(t, func(n *okr.NoticeFact) { n.Title, n.Body = name, "– "+name }).Event)
		require.NoError(t, err)
		l := parse(t, m.Source)
		require.Equal(t, name, l.subject)
		require.Contains(t, l.text, name+"\n\n– "+name+"\n")
		require.Contains(t, l.html, `<h1 dir="auto"`)
		if !strings.ContainsAny(name, "<&") {
			require.Contains(t, l.html, ">"+name+"</h1>")
			require.Contains(t, l.html, "<div dir=\"auto\">– "+name+"</div>")
		}
	}
}

func TestLinesOfPlainText(t *testing.T) {
	a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"})
	address := "https://okr.example/" + strings.Repeat("path/", 30)
	long := strings.TrimSpace(strings.Repeat("Prüfung der Ergebnisse ", 12))
	m, err := a.Preview(t.Context(), notice(t, func(n *okr.NoticeFact) {
		n.Title, n.Body = long, "– "+long+"\n\n"+address+" "+long+"\n"+strings.Repeat("x", 77)+"\u00a0: y"
	}).Event)
	require.NoError(t, err)
	text := parse(t, m.Source).text
	require.Contains(t, text, "\n"+address+"\n", "an address is never divided")
	require.Contains(t, text, strings.Repeat("x", 77)+"\u00a0:\ny", "nor what belongs together")
	require.Contains(t, text, "\n– Prüfung")
	require.Contains(t, text, "\n  ", "an item of a list is indented")
	require.Equal(t, strings.Fields(long+" – "+long+" "+address+" "+long), strings.Fields(text)[:strings.Count(long, " ")*3+5], "nothing is lost")
	for l := range strings.SplitSeq(text, "\n") {
		require.True(t, utf8.RuneCountInString(l) <= 78 || l == address || strings.HasPrefix(l, "xxx"), "%q", l)
		require.Equal(t, strings.TrimRight(l, " "), l)
	}
	require.Contains(t, m.HTML, ">"+long+"</h1>", "only plain text has lines")
}

// A subject that is cut ends with a whole character.
func TestSubjectsAreCutBetweenCharacters(t *testing.T) {
	a := open(t, &postbox{addr: "127.0.0.1:1"}, book{"kim": "kim@acme.example"})
	for _, last := range []string{"e\u0301", "👩\u200d🚀", "👍🏽", "❤\ufe0f"} {
		for pad := 195; pad < 200; pad++ {
			m, err := a.Preview(t.Context(), notice(t, func(n *okr.NoticeFact) { n.Title = strings.Repeat("x", pad) + strings.Repeat(last, 9) }).Event)
			require.NoError(t, err)
			rest, ok := strings.CutSuffix(strings.TrimLeft(m.Subject, "x"), "…")
			require.True(t, ok)
			require.Empty(t, strings.ReplaceAll(rest, last, ""), "%q", m.Subject)
			require.LessOrEqual(t, utf8.RuneCountInString(m.Subject), 200)
		}
	}
	m, err := a.Preview(t.Context(), notice(t, func(n *okr.NoticeFact) { n.Title = "e" + strings.Repeat("\u0301", 300) }).Event)
	require.NoError(t, err)
	require.LessOrEqual(t, utf8.RuneCountInString(m.Subject), 200, "one with more marks than fit")
}
