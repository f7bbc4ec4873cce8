package audit

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/okrkit/okrkit/okr"
)

//go:embed report.html.tmpl
var reportPage string

// html writes a page that stands by itself: no script, nothing from elsewhere.
func (r Report) html(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"plain": plain, "words": words, "short": short, "label": label, "say": say, "place": place,
		"failed": func(f Finding) bool { return f.Outcome == okr.OutcomeFail },
		"cell":   func(c Cell, why string) htmlCell { return htmlCell{c, why} },
	}).Parse(reportPage)
	if err != nil {
		return err
	}
	type page struct {
		Report
		Sentence string
		Groups   []htmlGroup
	}
	p := page{Report: r, Sentence: r.Summary.sentence()}
	for _, g := range r.grouped() {
		p.Groups = append(p.Groups, htmlGroup{g.first, g.all})
	}
	return t.Execute(w, p)
}

type htmlGroup struct {
	First Finding
	All   []Finding
}

type htmlCell struct {
	Answer Cell
	Why    string
}
