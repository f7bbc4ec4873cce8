package planfile_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// bigPlan has n objectives with five key results each.
func bigPlan(n int) okr.Plan {
	var p okr.Plan
	for i := range n {
		o := okr.PlanObjective{Title: fmt.Sprintf("Harbour %d is quiet at night", i), Owner: "Ada Brand"}
		for j := range 5 {
			o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{
				Title: fmt.Sprintf("Complaints about crane %d fall from 40 to 12", j), Owner: "Ben Otto",
				Metric: measure.Metric{Kind: measure.Decrease, Unit: "calls", Baseline: number(40), Target: number(12)}, Due: measure.NewDate(2027, 3, 31),
			})
		}
		p.Objectives = append(p.Objectives, o)
	}
	return p
}

// files are the plan in each format.
func files(t testing.TB, p okr.Plan) map[planfile.Format][]byte {
	out := map[planfile.Format][]byte{}
	for _, f := range []planfile.Format{planfile.YAML, planfile.JSON, planfile.CSV} {
		var b bytes.Buffer
		_, err := planfile.Write(&b, f, p)
		require.NoError(t, err)
		out[f] = b.Bytes()
	}
	var md strings.Builder
	for _, o := range p.Objectives {
		fmt.Fprintf(&md, "## Objective: %s\n\n", o.Title)
		for _, k := range o.KeyResults {
			fmt.Fprintf(&md, "- **KR:** %s (Owner: %s)\n", k.Title, k.Owner)
		}
		md.WriteByte('\n')
	}
	out[planfile.Markdown] = []byte(md.String())
	return out
}

// outlines are Markdown files with n key results, in the shapes that people give
// them.
func outlines(n int) map[string]string {
	out := map[string]string{}
	var b strings.Builder
	done := func(name string) {
		out[name] = b.String()
		b.Reset()
	}
	title := func(i int) string {
		return fmt.Sprintf("Complaints about crane %d fall from %d to %d by 30 June", i, 40+i%7, i%9)
	}
	b.WriteString("# Objective: Harbours are quiet\n\n")
	for i := range n {
		fmt.Fprintf(&b, "- KR: %s => 8%d%%\n", title(i), i%10)
	}
	done("one list")
	for i := range n {
		if i%5 == 0 {
			fmt.Fprintf(&b, "\n## Harbour %d is quiet\n\nPeople cannot sleep.\n\n", i)
		}
		fmt.Fprintf(&b, "- %s\n  - Owner: Ada Brand\n  - Source: the harbour book\n  - Score: 0.%d\n  - Grease every joint\n", title(i), i%10)
	}
	done("fields below items")
	b.WriteString("| Objective | Key result | Owner | Final score |\n|--|--|--|--|\n")
	for i := range n {
		fmt.Fprintf(&b, "| Harbour %d is quiet | %s | Ben Otto | 0.%d |\n", i/5, title(i), i%10)
	}
	done("one table")
	b.WriteString("# Q1 2027\n\n### CEO: Rent more.\n\n")
	for i := range n {
		if i%5 == 0 {
			fmt.Fprintf(&b, "* CMO: Riders %d tell their friends\n", i)
		}
		fmt.Fprintf(&b, "  * Content: %s: 8/10 (80%%)\n", title(i))
	}
	done("cascade")
	return out
}

// BenchmarkGrowth shows that reading takes ten times as long for ten times as many
// key results: the time for each stays what it is.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{1500, 15000} {
		for name, src := range outlines(n) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := planfile.ReadAs(planfile.Markdown, "", []byte(src)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/key_result")
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for format, src := range files(b, bigPlan(200)) {
		b.Run(string(format)+"/1000 key results", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if _, err := planfile.ReadAs(format, "", src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
