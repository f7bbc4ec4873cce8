package measure

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The deepest node leaves the queue first, and each once: else a change that goes
// up many ways would conclude objectives whose other parts are still to come.
func TestTheDeepestIsConcludedFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &Forest{nodes: make([]node, 20)}
		in := map[int32]bool{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if len(in) > 0 && rapid.Bool().Draw(t, "pop") {
				p := f.pop()
				require.True(t, in[p])
				delete(in, p)
				for q := range in {
					require.Less(t, q, p)
				}
				continue
			}
			p := rapid.Int32Range(0, 19).Draw(t, "node")
			f.push(p)
			in[p] = true
		}
		require.Len(t, f.queue, len(in))
	})
}
