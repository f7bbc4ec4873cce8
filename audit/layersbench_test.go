package audit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// What layers over the starter packs add to the judgement of one check-in: the packs
// are compiled one by one then, and asked one after the other.
func BenchmarkJudgeUnderLayers(b *testing.B) {
	live, err := rules.Open(env(), pack.Starter)
	require.NoError(b, err)
	for _, c := range []struct {
		name  string
		packs []okr.Pack
	}{{"none", nil}, {"one", []okr.Pack{packOf(stricter)}}} {
		b.Run(c.name, func(b *testing.B) {
			j := audit.New(live)
			s := activated(input(b, plan()).Snapshot)
			s.Packs = append(j.Starter(), c.packs...)
			s.Sort()
			p := okr.Proposal{Intent: okr.Intent{Verb: okr.VerbCheckIn, Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: s.KeyResults[0].ID}}}, Before: s, After: s, Measured: s.Measure(friday), Now: friday}
			b.ReportAllocs()
			for b.Loop() {
				j.Needs(s.Packs, p.Intent)
				if _, err := j.Judge(b.Context(), p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
