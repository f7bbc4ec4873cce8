package papers_test

import (
	"fmt"
	"os"
	"testing/fstest"

	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr/measure"
)

// A host says one phrase otherwise, and writes the worksheet of an audit.
func Example() {
	set, err := papers.Load(fstest.MapFS{
		"words/de.yaml":               {Data: []byte("worksheet:\n  title: Prüfblatt\n")},
		"templates/worksheet.md.tmpl": {Data: []byte("# {{say \"worksheet.title\"}}\n\n{{range .Rows}}- {{.Title}}: {{way .Line}} ({{code \"verdict\" .Verdict}})\n{{end}}")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	metric := measure.Metric{Kind: measure.Decrease, Baseline: measure.N(1200.5), Target: measure.N(800)}
	err = set.Render(os.Stdout, papers.Worksheet{Rows: []papers.WorksheetRow{{
		Line: papers.Line{
			Title: "Late parcels <all carriers>", Baseline: papers.Amount{Value: metric.Baseline, Metric: metric}, Target: papers.Amount{Value: metric.Target, Metric: metric},
		},
		Verdict: "weak",
	}}}, papers.Options{Language: "de"})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// # Prüfblatt
	//
	// - Late parcels &lt;all carriers&gt;: von 1.200,5 auf 800 (schwach)
}
