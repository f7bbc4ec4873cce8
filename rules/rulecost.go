package rules

import "slices"

// RuleCost is what a rule, score or status costs at worst, in CEL's units, of which
// [Limits.ExpressionCost] grants each expression some.
type RuleCost struct {
	Pack string `json:"pack"`
	ID   string `json:"id"`
	// Cost of all its expressions together, as far as there is a bound.
	Cost uint64 `json:"cost"`
	// Guarded are those of them without a bound: they are counted as they run.
	Guarded int `json:"guarded,omitempty"`
}

// Costs are the worst costs, by pack and then in the order of the file: rules, scores
// and statuses.
func (s *Set) Costs() []RuleCost {
	var out []RuleCost
	for _, p := range s.packs {
		for _, t := range slices.Concat(p.pack.rules, p.pack.scores, p.pack.statuses) {
			sub, ok := s.subjects.on(t.on)
			if !ok {
				continue
			}
			of := map[sort][]*rule{isRule: sub.rules, isScore: sub.scores, isStatus: sub.statuses}[t.sort]
			i := slices.IndexFunc(of, func(r *rule) bool { return r.text == t })
			if i < 0 {
				continue // it is switched off
			}
			c := RuleCost{Pack: p.info.Name, ID: t.id}
			for _, prog := range of[i].programs() {
				if prog.guarded {
					c.Guarded++
				} else {
					c.Cost += prog.bound
				}
			}
			out = append(out, c)
		}
	}
	return out
}

// programs are all its expressions.
func (r *rule) programs() []*program {
	var out []*program
	for _, v := range r.vars {
		out = append(out, v.prog)
	}
	out = append(out, r.when, r.body)
	if r.message != nil {
		for _, p := range r.message.parts {
			out = append(out, p.prog)
		}
	}
	return slices.DeleteFunc(out, func(p *program) bool { return p == nil })
}
