package audit

import (
	"io"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// github writes workflow commands, which show findings beside the lines of a
// change, and a summary at the end.
func (r Report) github(out io.Writer) error {
	w := &writer{w: out}
	for _, f := range r.Findings {
		command := map[string]string{okr.SeverityError: "error", okr.SeverityWarning: "warning"}[f.Severity]
		if command == "" {
			command = "notice"
		}
		if f.Outcome != okr.OutcomeFail {
			command = "warning"
		}
		if f.Waived != nil {
			command = "notice"
		}
		text := plain(say(f))
		if f.Fix != "" && f.Outcome == okr.OutcomeFail {
			text += ". " + plain(f.Fix)
		}
		w.annotate(command, f.Subject.File, f.Subject.Line, 0, f.Rule, text)
	}
	w.f("%s\n", r.Summary.sentence())
	return w.err
}

// annotate writes one workflow command. A line or column of 0 is not known.
func (w *writer) annotate(command, file string, line, col int, title, text string) {
	var props []string
	prop := func(name, value string) {
		if value != "" {
			props = append(props, name+"="+githubProperty.Replace(plain(value)))
		}
	}
	prop("file", file)
	prop("line", lineText(line))
	prop("col", lineText(col))
	prop("title", title)
	w.f("::%s %s::%s\n", command, strings.Join(props, ","), githubData.Replace(text))
}

// What ends a value in a workflow command, and how it is written instead.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
