package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// One operation claims what is due of so many key results: it costs what is due, not
// what exists. due=0 is the poll of a runner that finds nothing, and "scan" what
// asking every key result would cost.
func BenchmarkClaimDue(b *testing.B) {
	from := time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC)
	for _, exist := range []int{10_000, 1_000_000} {
		o := databases.take(b)
		_, err := o.pool.Exec(bg, `INSERT INTO okr_standing SELECT 't' || i / 10000, 'key_result', 'k' || i, 'status', '', 'on_track', 0, $1 + i * 1000000
			FROM generate_series(0, $2::bigint - 1) i`, from.UnixMicro(), exist)
		require.NoError(b, err)
		_, err = o.pool.Exec(bg, "VACUUM ANALYZE okr_standing")
		require.NoError(b, err)
		for _, due := range []int{0, 16, 256} {
			b.Run(fmt.Sprintf("exist=%d/due=%d", exist, due), func(b *testing.B) {
				now := from.Add(time.Duration(due-1) * time.Second)
				for b.Loop() {
					got, err := o.ClaimDue(bg, now, 256)
					if err != nil || len(got) != due {
						b.Fatal(len(got), err)
					}
					b.StopTimer()
					_, err = o.pool.Exec(bg, "TRUNCATE okr_lease")
					require.NoError(b, err)
					b.StartTimer()
				}
			})
		}
		b.Run(fmt.Sprintf("exist=%d/scan", exist), func(b *testing.B) {
			for b.Loop() {
				var n int
				require.NoError(b, o.pool.QueryRow(bg, "SELECT COUNT(*) FROM okr_standing WHERE next_look + 0 <= $1", from.UnixMicro()).Scan(&n))
				require.Equal(b, 1, n)
			}
		})
	}
}
