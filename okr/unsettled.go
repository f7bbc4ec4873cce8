package okr

import (
	"cmp"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Unsettled are the active objectives and key results of a cycle of which there is
// something to announce: their status, as measured, is not the one that was last
// announced, or nobody has said yet where their newest reading leads. It goes once
// along rows and standings, which are in the same order, so that a company costs no
// look-up; what it returns is what there is to write.
//
// Subjects of which nothing was announced yet are among them; of a closed cycle
// there are none.
func (s *Snapshot) Unsettled(cycle ID, m Measured, now time.Time) []Ref {
	if c := s.Cycle(cycle); c == nil || c.closed(now) {
		return nil
	}
	var out []Ref
	at := s.walk(KindKeyResult)
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		if k.State != Active || k.Cycle != cycle {
			continue
		}
		ref := Ref{KindKeyResult, k.ID}
		status := m.KeyResults[i].Status
		said, foreseen := "", status != measure.OnTrack || k.Reading == ""
		for _, st := range at.of(ref) {
			switch st.Kind {
			case standingStatus:
				said = st.Value
			case standingForecast:
				foreseen = foreseen || st.Key == string(k.Reading)
			}
		}
		if said != string(status) || !foreseen {
			out = append(out, ref)
		}
	}
	at = s.walk(KindObjective)
	for i := range s.Objectives {
		o := &s.Objectives[i]
		if o.State != Active || o.Cycle != cycle {
			continue
		}
		ref := Ref{KindObjective, o.ID}
		if st, _ := standingOf(at.of(ref), standingStatus); st.Value != string(m.Objectives[i].Status) {
			out = append(out, ref)
		}
	}
	return out
}

// walk goes along the standings of one kind of subject, which are asked for in
// ascending order.
type walk struct{ rest []Standing }

func (s *Snapshot) walk(kind Kind) walk {
	from, _ := slices.BinarySearchFunc(s.Standings, kind, func(st Standing, k Kind) int { return cmp.Compare(st.Subject.Kind, k) })
	return walk{s.Standings[from:]}
}

// of are the standings of the subject.
func (w *walk) of(r Ref) []Standing {
	i := 0
	for i < len(w.rest) && w.rest[i].Subject.Kind == r.Kind && w.rest[i].Subject.ID < r.ID {
		i++
	}
	n := i
	for n < len(w.rest) && w.rest[n].Subject == r {
		n++
	}
	own := w.rest[i:n]
	w.rest = w.rest[n:]
	return own
}
