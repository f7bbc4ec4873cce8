package store

import "math"

// Page is the number of rows that a query is answered with: 100 where it says
// nothing, at most 1,000.
func Page(limit int) int {
	switch {
	case limit <= 0:
		return 100
	case limit > 1000:
		return 1000
	}
	return limit
}

// Place is where an objective of the rank stands among others: those without a
// rank come last.
func Place(rank int) int {
	if rank == 0 {
		return math.MaxInt32
	}
	return rank
}
