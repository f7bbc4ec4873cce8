package audit_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// company is n key results, four to an objective, three objectives to a team.
func company(b testing.TB, n int) *okr.Snapshot {
	b.Helper()
	p := okr.Plan{Cycle: okrtest.Quarter()}
	for i := range (n + 11) / 12 {
		id := okr.ID(fmt.Sprintf("t%05d", i))
		p.Teams = append(p.Teams, okr.Team{ID: id, Name: "Team " + string(id)})
		for m := range 3 {
			person := okr.ID(fmt.Sprintf("p%05d-%d", i, m))
			p.People = append(p.People, okr.Person{ID: person, Name: "Person " + string(person), Team: id})
			o := okr.PlanObjective{Key: fmt.Sprint(i, "-", m), Title: fmt.Sprintf("Customers of region %d stay with us", i*3+m), Team: string(id), Rank: m + 1}
			for k := range 4 {
				o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{
					Key: fmt.Sprint(k), Title: fmt.Sprintf("Raise renewals in segment %d of region %d from 70 %% to 85 %%", k, i*3+m), Owner: string(person),
					Metric:  measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(70), Target: measure.N(85)},
					Current: measure.N(76), Source: &okr.Source{Kind: "sql", Where: "Renewals", Interval: okr.Daily, Access: []string{string(person)}},
				})
			}
			p.Objectives = append(p.Objectives, o)
		}
	}
	s, _, err := p.Snapshot(okrtest.SequentialIDs(), friday)
	require.NoError(b, err)
	return activated(s)
}

func BenchmarkJudgeOneCheckIn(b *testing.B) {
	j := starter(b)
	s := company(b, 4)
	s.Packs = j.Starter()
	for i := range s.Packs {
		s.Packs[i].Text = ""
	}
	p := okr.Proposal{
		Intent: okr.Intent{Verb: okr.VerbCheckIn, Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: s.KeyResults[0].ID}}},
		Before: s, After: s, Measured: s.Measure(friday), Now: friday,
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := j.Judge(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJudgeCompany judges everything there is by the starter packs, on one
// core and on two, by turns.
func BenchmarkJudgeCompany(b *testing.B) {
	const n = 10_000
	j := starter(b)
	s := company(b, n)
	s.Packs = j.Starter()
	p := okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: s.Measure(friday), Now: friday}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var times [2][]float64
	b.ReportAllocs()
	for b.Loop() {
		for cores := range times {
			runtime.GOMAXPROCS(cores + 1)
			start := time.Now()
			if _, err := j.Judge(context.Background(), p); err != nil {
				b.Fatal(err)
			}
			times[cores] = append(times[cores], float64(time.Since(start)))
		}
	}
	for i := range times {
		slices.Sort(times[i])
	}
	one, two := times[0][len(times[0])/2], times[1][len(times[1])/2]
	b.ReportMetric(one/float64(len(s.KeyResults)), "ns/key-result-1-core")
	b.ReportMetric(two/float64(len(s.KeyResults)), "ns/key-result-2-cores")
	b.ReportMetric(one/two, "second-core")
}

func BenchmarkReportTenThousand(b *testing.B) {
	j := starter(b)
	in := audit.Input{Snapshot: company(b, 10_000), Now: friday}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := j.Report(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDraft(b *testing.B) {
	j := starter(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		if _, err := j.Draft(context.Background(), fmt.Sprintf("Raise renewals in region %d from 70 %% to 85 %%", i)); err != nil {
			b.Fatal(err)
		}
	}
}
