package audit

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// history is what people reported on several key results.
type history struct {
	checkIns []*checkIn // newest first
	whole    bool       // none is missing
}

// historyOf gathers the check-ins of key results. A key result that has as many as
// are loaded at most may have had more.
func historyOf(keyResults []*keyResult) *history {
	h := &history{whole: true}
	for _, k := range keyResults {
		rows := k.w.snap.CheckInsOf(k.row.ID)
		h.whole = h.whole && len(rows) < mostCheckIns
		for i := range rows {
			h.checkIns = append(h.checkIns, &checkIn{&rows[i], k})
		}
	}
	h.whole = h.whole && len(h.checkIns) <= mostTold
	slices.SortFunc(h.checkIns, func(a, b *checkIn) int {
		return cmp.Or(b.row.OccurredAt.Compare(a.row.OccurredAt), cmp.Compare(a.row.KeyResult, b.row.KeyResult), cmp.Compare(b.row.ID, a.row.ID))
	})
	return h
}

// A world is read by one judgement, but by several goroutines of it: what is asked
// of it for the first time is kept, by whoever was first.

func (t *team) history() *history { return t.told.of(t.keyResults) }

func (o *objective) history() *history { return o.told.of(o.keyResults) }

// told is a history that is looked up when it is first asked for.
type told struct{ known atomic.Pointer[history] }

func (t *told) of(keyResults []*keyResult) *history {
	h := t.known.Load()
	if h == nil {
		h = historyOf(keyResults)
		t.known.Store(h)
	}
	return h
}

// tied are the objectives that share its rank.
func (o *objective) tied() []*objective {
	if o.team == nil || o.row.Rank <= 0 {
		return nil
	}
	var out []*objective
	for _, other := range o.team.objectives {
		live := other.row.State == okr.Draft || other.row.State == okr.Active
		if other != o && live && other.row.Rank == o.row.Rank {
			out = append(out, other)
		}
	}
	return out
}

// elapsed is the share of the cycle that had passed at the check-in.
func (c *checkIn) elapsed() (float64, bool) {
	cy := c.keyResult.cycle
	return number(measure.Linear.Expected(cy.row.Start, cy.row.End, measure.DateOf(c.row.OccurredAt.In(cy.zone))))
}

// firstConfidence is the confidence of the first check-in that gave one.
func (k *keyResult) firstConfidence() (float64, bool) {
	told := k.w.snap.CheckInsOf(k.row.ID)
	if len(told) >= mostCheckIns {
		return 0, false
	}
	for i := len(told) - 1; i >= 0; i-- {
		if told[i].Confidence.Known() {
			return number(told[i].Confidence)
		}
	}
	return 0, false
}
