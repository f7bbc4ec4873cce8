package audit

import (
	"io"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

func (r Report) markdown(out io.Writer) error {
	w := &writer{w: out}
	w.f("# OKR audit\n\n%s\n", md(r.Summary.sentence()))
	if len(r.Worksheet) > 0 {
		w.f("\n## Worksheet\n\n| Objective | Key result | Measurable | Source | Owner | Time-bound | Outcome | Verdict | Fix |\n|---|---|---|---|---|---|---|---|---|\n")
	}
	for _, row := range r.Worksheet {
		w.f("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", md(row.Objective), md(row.KeyResult),
			md(cell(row.Measurable, row.Why.Measurable)), md(cell(row.Source, row.Why.Source)), md(cell(row.Owner, row.Why.Owner)),
			md(cell(row.TimeBound, row.Why.TimeBound)), md(cell(row.Outcome, row.Why.Outcome)), md(words(row.Verdict)), md(row.Fix))
	}
	if len(r.Findings) > 0 {
		w.f("\n## Findings\n")
	}
	for _, g := range r.grouped() {
		w.f("\n### %s: %s\n\n", md(label(g.first)), md(g.first.Rule))
		for _, f := range g.all {
			w.f("- %s", md(say(f)))
			if at := place(f.Subject.File, f.Subject.Line); at != "" {
				w.f(" (%s)", md(at))
			}
			w.f("\n")
		}
		if g.first.Fix != "" && g.first.Outcome == okr.OutcomeFail {
			w.f("\n%s\n", md(g.first.Fix))
		}
	}
	if len(r.Unread) > 0 {
		w.f("\n## Not read\n\n")
	}
	for _, u := range r.Unread {
		w.f("- %s", md(u.Reason))
		if u.Text != "" {
			w.f(": %s", md(u.Text))
		}
		if at := place(u.File, u.Line); at != "" {
			w.f(" (%s)", md(at))
		}
		w.f("\n")
	}
	if len(r.Packs) > 0 {
		w.f("\n## Judged by\n\n")
	}
	for _, p := range r.Packs {
		w.f("- %s %s (%s)\n", md(p.Name), md(p.Version), md(short(p.Digest)))
	}
	return w.err
}

// words turns a word for machines into words for people.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// short is the beginning of a digest: enough to tell two texts apart.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// mdEscapes are the characters that mean something to a Markdown reader, or to
// the chat tools that read Markdown of their own.
var mdEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "~", `\~`, "!", `\!`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "@", "@\u200b",
)

// md is a text that a Markdown reader shows as it is: no markup, no HTML, no
// mention of anybody.
func md(s string) string { return mdEscapes.Replace(plain(s)) }
