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
