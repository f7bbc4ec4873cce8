package email

import (
	"cmp"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
)

// Letter is what templates see of a notice. Its text has no control characters
// but line breaks and tabs; it is plain text, which html/template escapes.
type Letter struct {
	Tenant      okr.TenantID
	To          okr.ID // the person
	Kind        string // of the notice, such as checkin-due
	Title       string // one line, which is also the subject
	Body        string
	Link        string    // http or https; "" if the notice has none that can be followed
	Button      string    // the text on the link
	Time        time.Time // of the event, UTC
	Unsubscribe string    // see [Unsubscribe]; "" is none

	Language        string // BCP 47, of title and body; "" is not known
	UnsubscribeText string // the text on the link to Unsubscribe, which is that address where the notice says nothing of it
}

// columns are how many characters a line of plain text takes.
const columns = 78

// Wrap breaks lines of more than 78 characters at spaces. What has none, such as an
// address, stays whole. Items of a list that begin with a dash are indented from their
// second line on.
func (Letter) Wrap(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		out = append(out, wrap(l)...)
	}
	return strings.Join(out, "\n")
}

func wrap(s string) []string {
	indent := ""
	if strings.HasPrefix(s, "– ") {
		indent = "  "
	}
	var out []string
	for utf8.RuneCountInString(s) > columns {
		at, first := 0, 0 // byte offsets: of the last space within the columns, and of the first at all
		n := 0
		for i, r := range s {
			if breaks(r) && n > len(indent) {
				if first == 0 {
					first = i
				}
				if n <= columns {
					at = i
				}
			}
			n++
		}
		if at = cmp.Or(at, first); at == 0 {
			break
		}
		out = append(out, strings.TrimRightFunc(s[:at], breaks))
		s = indent + strings.TrimLeftFunc(s[at:], breaks)
	}
	return append(out, strings.TrimRightFunc(s, breaks))
}

// Paragraphs are the body's, by empty lines, each a list of lines.
func (l Letter) Paragraphs() [][]string {
	var all [][]string
	var p []string
	for s := range strings.SplitSeq(l.Body, "\n") {
		if s = strings.TrimRight(s, " \t"); s != "" {
			p = append(p, s)
			continue
		}
		if p != nil {
			all, p = append(all, p), nil
		}
	}
	if p != nil {
		all = append(all, p)
	}
	return all
}

var textTemplate = texttemplate.Must(texttemplate.New("text").Parse(
	`{{.Wrap .Title}}
{{with .Body}}
{{$.Wrap .}}
{{end}}{{with .Link}}
{{.}}
{{end}}{{with .Unsubscribe}}
-- 
{{if ne $.UnsubscribeText .}}{{$.Wrap $.UnsubscribeText}}
{{end}}{{.}}
{{end}}`))

// Each line has a direction of its own: below a title in Hebrew stands a sentence in
// German. The colours are the mail client's own, so that its dark mode keeps them
// readable; only the button has one of its own, with contrast on both grounds.
var htmlTemplate = htmltemplate.Must(htmltemplate.New("html").Parse(
	`<!DOCTYPE html>
<html{{with .Language}} lang="{{.}}"{{end}}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{.Title}}</title>
</head>
<body style="margin:0;padding:24px;font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:36em">
<h1 dir="auto" style="font-size:20px;line-height:1.3;margin:0 0 16px">{{.Title}}</h1>
{{range .Paragraphs}}<div style="margin:0 0 16px">{{range .}}
<div dir="auto">{{.}}</div>{{end}}
</div>
{{end}}{{if .Link}}<p style="margin:24px 0"><a href="{{.Link}}" style="display:inline-block;padding:10px 20px;border-radius:6px;background-color:#1d5fbf;color:#ffffff;text-decoration:none;font-weight:600">{{.Button}}</a></p>
{{end}}{{if .Unsubscribe}}<p style="margin:24px 0 0;font-size:13px"><a href="{{.Unsubscribe}}">{{.UnsubscribeText}}</a></p>
{{end}}</div>
</body>
</html>
`))
