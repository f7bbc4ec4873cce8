package measure

import (
	"fmt"
	"slices"
)

// Milestone is a named step.
type Milestone struct {
	Key    string `json:"key"` // unique within the metric
	Name   string `json:"name,omitempty"`
	Weight Number `json:"weight,omitzero"` // share before normalising; unknown is 1; 0 is listed and not counted
}

// Equal says whether both milestones say the same.
func (m Milestone) Equal(o Milestone) bool {
	return m.Key == o.Key && m.Name == o.Name && m.Weight.Equal(o.Weight)
}

// Finished is the share of the milestones' weight that is finished, given the
// keys of those that are: the value that a reading of kind Milestones carries. A
// key that the metric does not know is an error naming it; without weight the
// share is unknown.
func (m Metric) Finished(keys ...string) (Number, error) {
	for _, k := range keys {
		if !slices.ContainsFunc(m.Milestones, func(x Milestone) bool { return x.Key == k }) {
			return Number{}, fmt.Errorf("measure: %q is not a milestone of this metric", k)
		}
	}
	var all, done float64
	for _, x := range m.Milestones {
		w := x.Weight.Or(1)
		if !(w >= 0) || w > maxWeight {
			return Number{}, fmt.Errorf("measure: milestone %q has weight %s, which is no weight", x.Key, x.Weight)
		}
		all += w
		if slices.Contains(keys, x.Key) {
			done += w
		}
	}
	if all == 0 {
		return Number{}, nil
	}
	return N(done / all), nil
}
