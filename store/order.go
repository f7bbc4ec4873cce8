package store

import (
	"cmp"
	"slices"

	"github.com/okrkit/okrkit/okr"
)

// InOrder sorts claimed events by id, which is by time, but those of one
// aggregate by their sequence numbers, whatever the clocks said that made the
// ids.
func InOrder(claimed []okr.Outgoing) {
	slices.SortFunc(claimed, func(a, b okr.Outgoing) int { return cmp.Compare(a.ID, b.ID) })
	type aggregate struct {
		tenant okr.TenantID
		ref    okr.Ref
	}
	places := map[aggregate][]int{}
	for i, o := range claimed {
		k := aggregate{o.Tenant, o.Aggregate}
		places[k] = append(places[k], i)
	}
	for _, at := range places {
		if len(at) == 1 {
			continue
		}
		events := make([]okr.Outgoing, len(at))
		for i, p := range at {
			events[i] = claimed[p]
		}
		slices.SortFunc(events, func(a, b okr.Outgoing) int { return cmp.Compare(a.Seq, b.Seq) })
		for i, p := range at {
			claimed[p] = events[i]
		}
	}
}
