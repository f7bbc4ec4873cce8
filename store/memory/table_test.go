package memory

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A table is a sorted map, and an earlier version of it never changes.
func TestTableIsASortedMapWithVersions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab, model := newTable[int, int](cmp.Compare), map[int]int{}
		type version struct {
			table[int, int]
			model map[int]int
		}
		var versions []version
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			k := rapid.IntRange(0, 60).Draw(t, "key")
			if rapid.IntRange(0, 2).Draw(t, "do") == 0 {
				tab = tab.without(k)
				delete(model, k)
			} else {
				v := rapid.Int().Draw(t, "value")
				tab = tab.put(k, v)
				model[k] = v
			}
			if rapid.IntRange(0, 20).Draw(t, "keep") == 0 {
				versions = append(versions, version{tab, maps.Clone(model)})
			}
		}
		versions = append(versions, version{tab, model})
		for _, v := range versions {
			keys := slices.Sorted(maps.Keys(v.model))
			var got []int
			v.all(func(k, value int) bool {
				require.Equal(t, v.model[k], value)
				got = append(got, k)
				return true
			})
			require.Equal(t, keys, got)
			require.Equal(t, len(keys), v.len())
			if n := v.len(); n > 0 {
				require.LessOrEqual(t, float64(v.root.tall()), 1.45*logTwo(n+2))
			}
			at := rapid.IntRange(-1, 61).Draw(t, "at")
			got = nil
			v.ascend(at, func(k, _ int) bool { got = append(got, k); return true })
			i, found := slices.BinarySearch(keys, at)
			require.Equal(t, append([]int(nil), keys[i:]...), got)
			got = nil
			v.descend(at, func(k, _ int) bool { got = append(got, k); return true })
			if found {
				i++
			}
			want := append([]int(nil), keys[:i]...)
			slices.Reverse(want)
			require.Equal(t, want, got)
			require.Equal(t, found, v.has(at))
		}
	})
}

func logTwo(n int) float64 {
	f := 0.0
	for v := float64(n); v > 1; v /= 2 {
		f++
	}
	return f
}
