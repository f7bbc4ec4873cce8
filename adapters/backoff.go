package adapters

import (
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait after a failed attempt, which is 1 at first.
type Backoff func(attempt int) time.Duration

// Exponential doubles from first up to most, and takes a random part between
// half and all of it, so that what failed together does not come back together.
func Exponential(first, most time.Duration) Backoff {
	first = max(first, time.Millisecond)
	most = max(most, first)
	return func(attempt int) time.Duration {
		d := first
		for i := 1; i < attempt && d < most; i++ {
			d *= 2
		}
		d = min(d, most)
		return d/2 + rand.N(d/2+1)
	}
}

// spread adds up to a tenth, so that those who were told the same time do not
// all come at it.
func spread(d time.Duration) time.Duration { return d + rand.N(d/10+1) }
