package okr

import (
	"math"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// secretive says whether anything in the snapshot, or behind it, is private.
func (s *Snapshot) secretive() bool {
	if len(s.concealed) > 0 {
		return true
	}
	for i := range s.Objectives {
		if s.Objectives[i].Private {
			return true
		}
	}
	return false
}

// rolled rolls up the objectives of a snapshot of which some are private.
//
// A private objective is a hidden part of one that is not, whoever looks: so
// everybody sees the same figure, what is announced of it is what everybody may
// know, and nobody learns anything from comparing theirs with another's. One that
// several objectives count is in no figure of any of them, since their difference
// would give it away.
func (s *Snapshot) rolled(keyResults []measure.Result, nodes []measure.Node, now time.Time) []measure.Result {
	out := make(map[ID]measure.Result, len(s.Objectives))
	own, children := map[ID][]int{}, map[ID][]Objective{}
	for i, k := range s.KeyResults {
		own[k.Objective] = append(own[k.Objective], i)
	}
	for _, o := range s.Objectives {
		for _, p := range o.Parents {
			children[p.Objective] = append(children[p.Objective], o)
		}
	}
	hidden := map[ID][]concealed{}
	for _, c := range s.concealed {
		hidden[c.objective] = append(hidden[c.objective], c)
	}
	bands := make(map[ID]measure.Bands, len(nodes))
	shape := measure.NewForest(nodes, nil)
	for i, o := range s.Objectives {
		bands[o.ID] = nodes[i].Bands
		if shape.Unknowable(i) {
			out[o.ID] = shape.Result(i)
		}
	}
	under := map[ID]bool{} // what the walk is under: a ring may be closed by one that is aligned without contributing
	var roll func(o Objective) measure.Result
	roll = func(o Objective) measure.Result {
		if r, ok := out[o.ID]; ok {
			return r
		}
		if under[o.ID] {
			return measure.Rollup([]measure.Part{}, measure.RollupOptions{})
		}
		under[o.ID] = true
		defer delete(under, o.ID)
		options := measure.RollupOptions{Bands: bands[o.ID], Method: o.Rollup.Method, Status: o.Rollup.Status, MinGroup: s.MinGroup, AsOf: now}
		parts := []measure.Part{}
		if o.Rollup.Driver.KeyResults() {
			for _, i := range own[o.ID] {
				if k := s.KeyResults[i]; promised(k.State, o.State) {
					parts = append(parts, k.part(keyResults[i], o.Rollup.Method))
				}
			}
		}
		if o.Rollup.Driver.Children() {
			secret := hidden[o.ID]
			for _, c := range children[o.ID] {
				r := roll(c)
				for _, p := range c.Parents {
					switch {
					case p.Objective != o.ID || !promised(c.State, o.State):
					case c.Private && !o.Private:
						secret = append(secret, concealed{o.ID, p.Weight, r, contributes(c) > 1})
					default:
						parts = append(parts, measure.Contribution(string(c.ID), p.Weight.Or(1), r))
					}
				}
			}
			for _, c := range secret {
				parts = append(parts, c.part())
				if c.shared && options.MinGroup >= 0 {
					options.MinGroup = math.MaxInt
				}
			}
		}
		r := measure.Rollup(parts, options)
		out[o.ID] = r
		return r
	}
	all := make([]measure.Result, len(s.Objectives))
	for i, o := range s.Objectives {
		all[i] = roll(o)
	}
	return all
}

// part is how a key result counts for its objective.
func (k KeyResult) part(r measure.Result, method measure.Method) measure.Part {
	p := measure.Part{
		ID: string(k.ID), Weight: k.Weight.Or(1), Guardrail: k.Role == Guardrail,
		Progress: r.Progress, Expected: r.Expected, Status: r.Status,
	}
	if method == measure.MethodSum && k.Metric.Mode != measure.HitRatio {
		p.Amount = measure.Amount{Unit: k.Metric.Unit, Baseline: k.Metric.Baseline, Target: k.Metric.Target, Value: r.Current}
	}
	return p
}
