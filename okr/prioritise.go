package okr

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// WorkItem is a piece of the host's own work: a ticket, a story, a project.
type WorkItem struct {
	ID         string `json:"id"` // the host's
	Title      string `json:"title,omitempty"`
	Link       string `json:"link,omitempty"`        // as it stands in initiatives
	KeyResults []ID   `json:"key_results,omitempty"` // that it serves, where the host knows them
}

// Priorities are work items in the order in which they serve a cycle.
type Priorities struct {
	Cycle    ID               `json:"cycle"`
	At       time.Time        `json:"at"` // UTC instant
	Ranked   []RankedWorkItem `json:"ranked"`
	Unserved []UnservedWork   `json:"unserved,omitempty"` // work that serves no active key result of the cycle
}

// Unserving are the key results that a work item names and does not serve.
type Unserving struct {
	Inactive []InactiveKeyResult `json:"inactive,omitempty"` // of the cycle, by id
	Unknown  []ID                `json:"unknown,omitempty"`  // no key result of the cycle that its reader may see, by id
}

// InactiveKeyResult is a key result that nobody works on: a draft, or one that is
// done, postponed or abandoned.
type InactiveKeyResult struct {
	KeyResult ID    `json:"key_result"`
	State     State `json:"state"`
}

// UnservedWork is a work item that serves no active key result of the cycle, and
// why, where it names some.
type UnservedWork struct {
	WorkItem
	Unserving
}

// RankedWorkItem is a work item, its place, and why.
type RankedWorkItem struct {
	WorkItem
	Unserving
	Place  int       `json:"place"`  // from 1; equal work shares a place
	Serves []Concern `json:"serves"` // what it is for, the weightiest first
	Reason string    `json:"reason"` // in one sentence, of the first it serves
}

// maxWork bounds the work items of one call.
const maxWork = 1000

// Prioritise ranks work items by the key results of the cycle that they serve,
// named by the host or by the link of an initiative: by the rank of the
// objective, then committed before aspirational, then by how far the key result
// is behind, then by when it is due. Work that serves nothing stands apart, to be
// counted. What a work item names and does not serve is said, by its state or as
// unknown. It costs one load of the key results served, at most 1,000 work items
// and 1,000 key results.
func (v View) Prioritise(ctx context.Context, cycle ID, work []WorkItem) (Priorities, error) {
	if err := checkWork(work); err != nil {
		return Priorities{}, err
	}
	out := Priorities{Cycle: cycle, Ranked: []RankedWorkItem{}}
	err := v.within(ctx, []Ref{{KindCycle, cycle}}, func(u Unit, _ *Snapshot, now time.Time) error {
		out.At = now
		served := make([][]ID, len(work))
		wanted := map[ID]bool{}
		for i, w := range work {
			served[i] = slices.Clone(w.KeyResults)
			if w.Link != "" {
				linked, err := v.list(ctx, u, Query{Cycle: cycle, State: Active, Link: w.Link})
				if err != nil {
					return err
				}
				served[i] = append(served[i], linked...)
			}
			for _, id := range served[i] {
				wanted[id] = true
			}
		}
		found, err := v.served(ctx, u, now, cycle, wanted)
		if err != nil {
			return err
		}
		for i, w := range work {
			var serves []Concern
			slices.Sort(served[i])
			var not Unserving
			for _, id := range slices.Compact(served[i]) {
				switch c, ok := found[id]; {
				case !ok:
					not.Unknown = append(not.Unknown, id)
				case c.State != Active:
					not.Inactive = append(not.Inactive, InactiveKeyResult{id, c.State})
				default:
					serves = append(serves, c)
				}
			}
			if len(serves) == 0 {
				out.Unserved = append(out.Unserved, UnservedWork{w, not})
				continue
			}
			slices.SortFunc(serves, func(a, b Concern) int { return cmp.Or(weightier(a, b), cmp.Compare(a.ID, b.ID)) })
			out.Ranked = append(out.Ranked, RankedWorkItem{WorkItem: w, Unserving: not, Serves: serves, Reason: serves[0].why()})
		}
		slices.SortStableFunc(out.Ranked, func(a, b RankedWorkItem) int {
			return cmp.Or(weightier(a.Serves[0], b.Serves[0]), cmp.Compare(len(b.Serves), len(a.Serves)), cmp.Compare(a.ID, b.ID))
		})
		for i := range out.Ranked {
			r := &out.Ranked[i]
			r.Place = i + 1
			if i > 0 {
				if p := out.Ranked[i-1]; weightier(p.Serves[0], r.Serves[0]) == 0 && len(p.Serves) == len(r.Serves) {
					r.Place = p.Place
				}
			}
		}
		return nil
	})
	return out, err
}

func checkWork(work []WorkItem) error {
	if len(work) > maxWork {
		return invalid("work", fmt.Sprint(len(work)), "rank at most %d work items in one call", maxWork)
	}
	seen := map[string]bool{}
	for i, w := range work {
		at := fmt.Sprintf("work[%d]", i)
		if w.ID == "" || seen[w.ID] {
			return invalid(at+".id", w.ID, "give every work item an id of its own")
		}
		seen[w.ID] = true
		for j, id := range w.KeyResults {
			if err := checkID(fmt.Sprintf("%s.key_results[%d]", at, j), id, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// served reads the key results of the cycle among the ids. Ids that it does not have
// are left out: a work item may outlive what it served.
func (v View) served(ctx context.Context, u Unit, now time.Time, cycle ID, wanted map[ID]bool) (map[ID]Concern, error) {
	found := map[ID]Concern{}
	for q := (Query{Cycle: cycle, Limit: maxPage}); ; {
		ids, err := u.List(ctx, v.t.id, q)
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 {
			q.After = string(ids[len(ids)-1])
		}
		last := len(ids) < q.Limit
		ids = slices.DeleteFunc(ids, func(id ID) bool { return !wanted[id] })
		concerns, _, err := v.concerns(ctx, u, now, ids)
		if err != nil {
			return nil, err
		}
		for _, c := range concerns {
			found[c.ID] = c
		}
		if last || len(found) == len(wanted) {
			return found, nil
		}
	}
}

// weightier says which of two key results work should serve first.
func weightier(a, b Concern) int {
	gap := func(c Concern) float64 {
		v, ok := c.Measured.Gap.Value()
		if !ok {
			return 0
		}
		return v
	}
	committed := func(c Concern) int {
		if c.Committed {
			return 0
		}
		return 1
	}
	return cmp.Or(compareRanks(a.Rank, b.Rank), cmp.Compare(committed(a), committed(b)), cmp.Compare(gap(b), gap(a)), b.DueDate.DaysUntil(a.DueDate))
}

// why says in one sentence what serving the key result is good for.
func (c Concern) why() string {
	var b strings.Builder
	fmt.Fprintf(&b, "It serves %q (%s", c.Title, strings.ReplaceAll(string(c.Measured.Status), "_", " "))
	if g, ok := c.Measured.Gap.Value(); ok && g > 0 {
		fmt.Fprintf(&b, ", %.0f points behind", 100*g)
	}
	b.WriteString(")")
	promise := "aspirational"
	if c.Committed {
		promise = "committed"
	}
	if c.Rank > 0 {
		fmt.Fprintf(&b, " of the %s objective ranked %d", promise, c.Rank)
	} else {
		fmt.Fprintf(&b, " of an unranked, %s objective", promise)
	}
	if c.TeamName != "" {
		fmt.Fprintf(&b, " of %s", c.TeamName)
	}
	b.WriteString(".")
	return b.String()
}
