package okr

import (
	"math"
	"time"
)

// Looks are the instants at which subjects are to be looked at next, all in one
// flat array: who keeps a company in memory finds those that are due by going
// through it once, which for hundreds of thousands takes less than a millisecond.
type Looks struct {
	at       []int64 // UTC microseconds; never is the largest
	subjects []Ref
}

// Looks are those of the snapshot's standings, each subject once, at the earliest
// of its instants.
func (s *Snapshot) Looks() Looks {
	var l Looks
	for i := range s.Standings {
		st := &s.Standings[i]
		at := int64(math.MaxInt64)
		if st.NextLook != nil {
			at = st.NextLook.UnixMicro()
		}
		if n := len(l.subjects); n > 0 && l.subjects[n-1] == st.Subject {
			l.at[n-1] = min(l.at[n-1], at)
			continue
		}
		l.at, l.subjects = append(l.at, at), append(l.subjects, st.Subject)
	}
	return l
}

// Len is how many subjects there are.
func (l Looks) Len() int { return len(l.at) }

// Subject is the one with the index.
func (l Looks) Subject(i int) Ref { return l.subjects[i] }

// PutOff says that the subject with the index is to be looked at next at the
// instant; the zero time is never.
func (l Looks) PutOff(i int, next time.Time) {
	l.at[i] = math.MaxInt64
	if !next.IsZero() {
		l.at[i] = next.UnixMicro()
	}
}

// Due appends the indexes of the subjects whose instant is not after now, in
// their order.
func (l Looks) Due(now time.Time, into []int32) []int32 {
	limit := now.UnixMicro()
	for i, at := range l.at {
		if at <= limit {
			into = append(into, int32(i))
		}
	}
	return into
}
