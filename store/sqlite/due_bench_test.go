package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// standing fills a database with key results that are to be looked at, one each
// second from an instant on.
func standing(b *testing.B, h hosted, keyResults int, from time.Time) {
	b.Helper()
	_, err := h.db.Exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
		INSERT INTO okr_standing SELECT 't' || i / 10000, 'key_result', printf('k%09d', i), 'status', '', 'on_track', 0, $2 + i * 1000000 FROM n`,
		keyResults, from.UnixMicro())
	require.NoError(b, err)
}

// One operation claims what is due of so many key results: it costs what is due, not
// what exists. "idle" is the poll of a runner that finds nothing, and "scan" what
// asking every key result would cost.
func BenchmarkClaimDue(b *testing.B) {
	from := time.Date(2026, 10, 9, 9, 0, 0, 0, time.UTC)
	for _, exist := range []int{10_000, 1_000_000} {
		h := host(b, empty(b), "&_pragma=busy_timeout(5000)")
		standing(b, h, exist, from)
		for _, due := range []int{0, 16, 256} {
			b.Run(fmt.Sprintf("exist=%d/due=%d", exist, due), func(b *testing.B) {
				now := from.Add(time.Duration(due-1) * time.Second)
				for b.Loop() {
					got, err := h.ClaimDue(bg, now, 256)
					if err != nil || len(got) != due {
						b.Fatal(len(got), err)
					}
					b.StopTimer()
					_, err = h.db.Exec("DELETE FROM okr_lease")
					require.NoError(b, err)
					b.StartTimer()
				}
			})
		}
		b.Run(fmt.Sprintf("exist=%d/scan", exist), func(b *testing.B) {
			for b.Loop() {
				var n int
				require.NoError(b, h.db.QueryRow("SELECT COUNT(*) FROM okr_standing WHERE next_look + 0 <= $1", from.UnixMicro()).Scan(&n))
				require.Equal(b, 1, n)
			}
		})
	}
}
