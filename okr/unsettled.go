package okr

import (
	"cmp"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Unsettled are the active objectives and key results whose status, as measured,
// is not the one that was last announced of them: what a change of day, or of
// anything else, has changed. It goes once along rows and standings, which are in
// the same order, so that a company costs no look-up; what it returns is what
// there is to write.
//
// Subjects of which nothing was announced yet are among them.
func (s *Snapshot) Unsettled(m Measured, now time.Time) []Ref {
	var out []Ref
	compare := func(kind Kind, n int, row func(i int) (ID, State, ID), result []measure.Result) {
		said, _ := slices.BinarySearchFunc(s.Standings, kind, func(st Standing, k Kind) int { return cmp.Compare(st.Subject.Kind, k) })
		closed := map[ID]bool{}
		for i := range s.Cycles {
			closed[s.Cycles[i].ID] = s.Cycles[i].closed(now)
		}
		var lastCycle ID
		lastClosed := closed[lastCycle]
		for i := range n {
			id, state, cycle := row(i)
			if state != Active {
				continue
			}
			if cycle != lastCycle {
				lastCycle, lastClosed = cycle, closed[cycle]
			}
			if lastClosed {
				continue
			}
			for said < len(s.Standings) && s.Standings[said].Subject.Kind == kind && s.Standings[said].Subject.ID < id {
				said++
			}
			var was string
			for at := said; at < len(s.Standings) && s.Standings[at].Subject == (Ref{kind, id}); at++ {
				if st := &s.Standings[at]; st.Kind == standingStatus && st.Key == "" {
					was = st.Value
					break
				}
			}
			if was != string(result[i].Status) {
				out = append(out, Ref{kind, id})
			}
		}
	}
	compare(KindKeyResult, len(s.KeyResults), func(i int) (ID, State, ID) {
		k := &s.KeyResults[i]
		return k.ID, k.State, k.Cycle
	}, m.KeyResults)
	compare(KindObjective, len(s.Objectives), func(i int) (ID, State, ID) {
		o := &s.Objectives[i]
		return o.ID, o.State, o.Cycle
	}, m.Objectives)
	return out
}
