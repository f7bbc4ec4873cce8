package store

import "time"

const (
	firstLease = time.Minute
	lastLease  = time.Hour
)

// Lease is how long a subject that was claimed for the attempt-th time (1 at
// first) is left to the one who claimed it: a minute, doubling up to an hour, so
// that one which keeps failing is tried at growing distances.
func Lease(attempt int) time.Duration {
	d := firstLease
	for range attempt - 1 {
		if d *= 2; d >= lastLease {
			return lastLease
		}
	}
	return d
}
