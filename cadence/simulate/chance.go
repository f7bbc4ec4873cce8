package simulate

import (
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"time"
)

// chance is drawn from the seed and from what it is about, and from nothing that
// happened before: neither the order of things nor other chances change it.
type chance struct{ seed uint64 }

// about is the randomness of one matter.
func (c chance) about(words ...string) *rand.Rand {
	h := fnv.New64a()
	for _, w := range words {
		_, _ = io.WriteString(h, w)
		_, _ = h.Write([]byte{0})
	}
	return rand.New(rand.NewPCG(c.seed, h.Sum64()))
}

// endless is randomness without end, for ids and salts.
type endless struct{ *rand.Rand }

func (b endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b.Uint32())
	}
	return len(p), nil
}

// happens says whether something of that share happens.
func happens(r *rand.Rand, share float64) bool { return r.Float64() < share }

// lasting draws a log-normal length of time: half of all are shorter than the median,
// and 19 of 20 are shorter than slow.
func lasting(r *rand.Rand, median, slow time.Duration) time.Duration {
	z := r.NormFloat64()
	if median <= 0 {
		return 0
	}
	sigma := 0.0
	if slow > median {
		sigma = math.Log(float64(slow)/float64(median)) / z95
	}
	d := float64(median) * math.Exp(sigma*z)
	return time.Duration(min(d, float64(maxDelay))).Round(time.Minute)
}

const (
	z95      = 1.6448536269514722 // the 95th percentile of the normal distribution
	maxDelay = 120 * 24 * time.Hour
)
