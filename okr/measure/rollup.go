package measure

// Part is one member of a rollup.
type Part struct {
	ID       string
	Weight   float64 // share before normalising; 0 is listed and not counted
	Progress Number  // [0,1]
	Expected Number  // [0,1]
	Status   Status
}

// Rollup is the mean of the parts' progress by weight, over those whose progress
// is known; Coverage says how much of the weight that is. With no weight, or
// nothing known, everything is unknown: neither 0 nor NaN. Weights that are
// negative, NaN or infinite do not count.
//
// Pace and status rest on the parts that are not stale: a source that died says
// how far one had come, and not how one is doing. The status is unknown where
// less than half of the weight is known, and stale where less than half is known
// and fresh.
func Rollup(parts []Part) Result {
	var total, known, fresh, sum, paced, expected, made float64
	for _, p := range parts {
		if !(p.Weight > 0) || p.Weight > maxWeight {
			continue
		}
		total += p.Weight
		v, ok := p.Progress.Value()
		if !ok || !p.Progress.Finite() {
			continue
		}
		known += p.Weight
		sum += v * p.Weight
		if p.Status == Stale {
			continue
		}
		fresh += p.Weight
		if e, ok := p.Expected.Value(); ok && p.Expected.Finite() {
			paced += p.Weight
			expected += e * p.Weight
			made += v * p.Weight
		}
	}
	r := Result{parts: parts, Status: Unknown}
	if total == 0 {
		return r
	}
	r.Coverage = known / total
	r.Vouched = fresh / total
	if known == 0 {
		return r
	}
	r.Raw = N(sum / known)
	r.Progress = Clamp(r.Raw)
	r.Status = Pending
	if paced > 0 {
		// Pace compares like with like: only the parts of which something is
		// expected by now.
		r.Expected = N(expected / paced)
		r.Gap = Gap(r.Expected, N(made/paced))
		if expected > 0 {
			r.Ratio = N(made / expected)
		}
		r.Status = DefaultBands().Of(r.Gap)
	}
	switch {
	case r.Coverage < halfKnown:
		r.Status = Unknown
	case r.Vouched < halfKnown:
		r.Status = Stale
	}
	return r
}

const (
	maxWeight = 1e12
	// halfKnown is the coverage below which an objective's status is unknown: a
	// minority cannot speak for the whole, and silence is never green.
	halfKnown = 0.5
)

func (r Result) deriveRollup() []Derivation {
	var inputs []Named
	for _, p := range r.parts {
		inputs = append(inputs,
			Named{Name: "progress", Value: p.Progress, Source: p.ID},
			Named{Name: "weight", Value: N(p.Weight), Source: p.ID})
	}
	return []Derivation{
		{Of: "progress", Formula: "sum(progress * weight) / sum(weight), over known progress", Inputs: inputs, Value: r.Progress},
		{Of: "coverage", Formula: "weight with known progress / all weight", Inputs: inputs, Value: N(r.Coverage)},
		{Of: "status", Formula: "unknown below half coverage, else stale below half fresh, else gap of what is fresh against the bands", Inputs: []Named{{Name: "gap", Value: r.Gap}, {Name: "coverage", Value: N(r.Coverage)}}, Text: string(r.Status)},
	}
}
