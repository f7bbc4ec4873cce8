package email

import (
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

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
	`{{.Title}}
{{with .Body}}
{{.}}
{{end}}{{with .Link}}
{{.}}
{{end}}{{with .Unsubscribe}}
-- 
{{.}}
{{end}}`))

// The colours are the mail client's own, so that its dark mode keeps them
// readable; only the button has one of its own, with contrast on both grounds.
var htmlTemplate = htmltemplate.Must(htmltemplate.New("html").Parse(
	`<!DOCTYPE html>
<html>
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
{{range .Paragraphs}}<p dir="auto" style="margin:0 0 16px">{{range $i, $s := .}}{{if $i}}<br>
{{end}}{{$s}}{{end}}</p>
{{end}}{{if .Link}}<p style="margin:24px 0"><a href="{{.Link}}" style="display:inline-block;padding:10px 20px;border-radius:6px;background-color:#1d5fbf;color:#ffffff;text-decoration:none;font-weight:600">{{.Button}}</a></p>
{{end}}{{if .Unsubscribe}}<p style="margin:24px 0 0;font-size:13px"><a href="{{.Unsubscribe}}">{{.Unsubscribe}}</a></p>
{{end}}</div>
</body>
</html>
`))
