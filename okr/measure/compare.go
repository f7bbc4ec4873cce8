package measure

// Incomparable says what makes readings that were taken under m mean something else
// under next: another unit, or values of another nature, numbers, shares, levels or
// yes and no. What moves the goal and not the ruler, a target or a baseline, is no
// problem.
func (m Metric) Incomparable(next Metric) []Problem {
	var ps problems
	if m.Kind == "" && m.Unit == "" || next.Kind == "" && next.Unit == "" {
		return nil
	}
	if a, b := m.nature(), next.nature(); a != b {
		if m.Kind != "" && next.Kind != "" {
			ps.add("metric.kind", string(next.Kind), "its readings were %s, and would be read as %s: keep %s, or set up another one beside it", a, b, m.Kind)
		}
		return ps
	}
	if m.nature() == numbers && m.Unit != next.Unit {
		ps.add("metric.unit", next.Unit, "its readings were taken in %q: keep the unit, or set up another one beside it", m.Unit)
	}
	return ps
}

const numbers = "numbers"

func (m *Metric) nature() string {
	switch m.Kind {
	case YesNo:
		return "yes or no"
	case Milestones:
		return "shares of milestones"
	case Zones:
		return "levels"
	}
	return numbers
}
