package store

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTogetherDoesEachOnce(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 255, 256, 257, 1000, 4321} {
		done := make([]int, n)
		var all atomic.Int64
		together(n, func(i int) {
			done[i]++
			all.Add(1)
		})
		require.EqualValues(t, n, all.Load())
		for i := range done {
			require.Equal(t, 1, done[i], "%d of %d", i, n)
		}
	}
}
