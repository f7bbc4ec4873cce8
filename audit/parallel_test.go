package audit_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// However many goroutines judge, the verdict is the same.
func TestVerdictsDoNotDependOnProcessors(t *testing.T) {
	j := starter(t)
	s := company(t, 600)
	for i := range s.KeyResults { // something to find, here and there
		k := &s.KeyResults[i]
		switch i % 5 {
		case 0:
			k.Owner = ""
		case 1:
			k.Title, k.Source = "Improve things", nil
		case 2:
			k.Source.Access = []string{"Person p00001-2", "somebody else"}
		}
	}
	s.Packs = j.Starter()
	p := okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: s.Measure(friday), Now: friday}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want, err := j.Judge(t.Context(), p)
	require.NoError(t, err)
	require.Greater(t, len(want.Findings), 300)
	require.NotEmpty(t, want.Statuses)
	for _, n := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(n)
		got, err := j.Judge(t.Context(), p)
		require.NoError(t, err)
		require.Equal(t, want, got, n)
	}
}
