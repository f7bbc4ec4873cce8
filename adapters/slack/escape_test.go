package slack_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/slack"
)

// hostile is what somebody might write in a title or a note.
var hostile = map[string]string{
	"<!channel> wake up":                        "&lt;!channel&gt; wake up",
	"<!here|here> <!everyone>":                  "&lt;!here|here&gt; &lt;!everyone&gt;",
	"<@U012KIM> and <#C0OPS|ops>":               "&lt;@U012KIM&gt; and &lt;#C0OPS|ops&gt;",
	"<!subteam^S012AB3CD>":                      "&lt;!subteam^S012AB3CD&gt;",
	"<!date^1^{date}^https://evil.example|now>": "&lt;!date^1^{date}^https://evil.example|now&gt;",
	"<https://evil.example|Sign in>":            "&lt;https://evil.example|Sign in&gt;",
	"&lt;!channel&gt;":                          "&amp;lt;!channel&amp;gt;",
	"R&D, NPS < 30 and > 10":                    "R&amp;D, NPS &lt; 30 and &gt; 10",
	"<\u200b!channel>":                          "&lt;!channel&gt;",
	"<!chan\u200dnel>\u2060":                    "&lt;!channel&gt;",
	"\ufeff<\u00ad!here\u180e>":                 "&lt;!here&gt;",
	"paid \u202eelbayap\u202c \u2066x\u2069":    "paid elbayap x",
	"\u200fright\u200e left\u061c":              "right left",
	"tag\U000e0041\U000e007f":                   "tag",
	"\u3164\u115f":                              "",
	"＜!channel＞":                                "＜!channel＞",
	"*bold* _slanted_ ~gone~":                   "∗bold∗ ＿slanted＿ ∼gone∼",
	"`code` ```fence```":                        "ˋcodeˋ ˋˋˋfenceˋˋˋ",
	"x`y`z":                                     "xˋyˋz",
	"key_result, 3*4, a~b":                      "key_result, 3*4, a~b",
	"*\u200bbold\u200b*":                        "∗bold∗",
	"> quoted\n>>> all\n  > this":               "› quoted\n››› all\n  › this",
	":white_check_mark: done :+1:":              "꞉white_check_mark꞉ done ꞉+1꞉",
	":100: at 12:30:45, ratio 1:2:3":            "꞉100꞉ at 12:30:45, ratio 1:2:3",
	":smi\u200ble:":                             "꞉smile꞉",
	"a\r\nb\rc\u2028d\u0085e\vf":                "a\nb\nc\nd\ne\nf",
	"tab\there\x00\x1b[31m":                     "tab here  [31m",
	"\xff\xfebroken":                            "\ufffdbroken",
	"می\u200cخواهم 👩\u200d🚀 ❤\ufe0f\u200d🔥": "می\u200cخواهم 👩\u200d🚀 ❤\ufe0f\u200d🔥",
	"a\u200db\u200c": "ab",
	"  trimmed \n\n": "trimmed",
	"":               "",
}

func TestMrkdwn(t *testing.T) {
	for in, want := range hostile {
		require.Equal(t, want, slack.Mrkdwn(in), "%q", in)
		harmless(t, slack.Mrkdwn(in))
	}
}

func TestWhatPeopleWroteArrivesHarmless(t *testing.T) {
	w := newWorkspace(t)
	a := w.adapter()
	for in := range hostile {
		n := due()
		n.Title, n.Body, n.Kind = in+" title", in+" body", in
		n.Link = "https://okr.example/?q=" + in
		require.NoError(t, a.Deliver(t.Context(), notice(t, "e1", n)))
		p := w.posts()[len(w.posts())-1]
		harmless(t, p.form.Get("text"))
		for _, b := range p.blocks {
			switch b.Type {
			case "header":
				require.Equal(t, "plain_text", b.Text.Type)
				require.NotContains(t, b.Text.Text, "\n")
				visible(t, b.Text.Text)
			case "section":
				require.True(t, b.Text.Verbatim)
				harmless(t, b.Text.Text)
			case "actions":
				require.NotContains(t, b.Elements[0].URL, "<")
				visible(t, b.Elements[0].URL)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	for link, want := range map[string]bool{
		"https://okr.example/me": true, "http://localhost:8080/x#y": true, "https://okr.example/a%20b": true,
		"": false, "/me": false, "okr.example": false, "javascript:alert(1)": false, "data:text/html,x": false, "slack://open": false,
		"https://": false, "https://okr.example@evil.example/": false, "https://okr.example/\u202egpj": false, "https://okr.example/a b": false,
		"https://okr.example/\n": false, "https://okr.example/" + strings.Repeat("x", 3000): false,
	} {
		w := newWorkspace(t)
		n := due()
		n.Link = link
		require.NoError(t, w.adapter().Deliver(t.Context(), notice(t, "e1", n)), "%.60q", link)
		blocks := w.posts()[0].blocks
		require.Equal(t, want, blocks[len(blocks)-1].Type == "actions", "%.60q", link)
	}
}

var (
	stray   = regexp.MustCompile(`&(?:[^alg]|a[^m]|l[^t]|g[^t]|$)`)
	mark    = regexp.MustCompile("(?:^|[^\\pL\\p{Nd}])[*_~]|[*_~](?:$|[^\\pL\\p{Nd}])|`")
	quoting = regexp.MustCompile(`(?m)^\s*(?:&gt;|>)`)
	smiley  = regexp.MustCompile(`:[a-z_+'\-]+:`)
)

// harmless fails on whatever Slack would read as more than text.
func harmless(t testing.TB, s string) {
	t.Helper()
	require.False(t, strings.ContainsAny(s, "<>"), "%q", s)
	for what, form := range map[string]*regexp.Regexp{"an entity of its own": stray, "formatting": mark, "a quotation": quoting, "an emoji": smiley} {
		require.False(t, form.MatchString(s), "%s in %q", what, s)
	}
	visible(t, s)
}

// visible fails on characters that show nothing or turn the writing.
func visible(t testing.TB, s string) {
	t.Helper()
	require.True(t, utf8.ValidString(s), "%q", s)
	for _, r := range s {
		if r == '\n' || r == '\u200c' || r == '\u200d' {
			continue
		}
		require.False(t, unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r), "%U in %q", r, s)
	}
}

func FuzzMrkdwn(f *testing.F) {
	for in := range hostile {
		f.Add(in, 10)
	}
	f.Fuzz(func(t *testing.T, in string, limit int) {
		out := slack.Mrkdwn(in)
		harmless(t, out)
		limit = 1 + (limit%3000+3000)%3000
		short := slack.Cut(out, limit)
		require.LessOrEqual(t, long(short), limit)
		require.False(t, stray.MatchString(short), "%q", short)
		if long(out) <= limit {
			require.Equal(t, out, short)
		} else {
			require.True(t, strings.HasSuffix(short, "…"))
			require.True(t, strings.HasPrefix(out, strings.TrimSuffix(short, "…")))
		}
	})
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"a word too many", 12, "a word too…"},
		{"a word too many", 11, "a word too…"},
		{"onewordonly", 5, "onew…"},
		{"first line\nsecond line", 18, "first line…"},
		{"R&amp;D", 5, "R…"},
		{"R&amp;D", 6, "R…"},
		{"R&amp;D", 7, "R&amp;D"},
		{"👩‍🚀👩‍🚀", 8, "👩‍🚀…"},
		{"👍🏽👍🏽", 6, "👍🏽…"},
		{"ee\u0301", 2, "e…"},
		{"🚀", 1, "…"},
		{"", 1, ""},
	} {
		require.Equal(t, tt.want, slack.Cut(tt.in, tt.limit), "%q at %d", tt.in, tt.limit)
	}
}
