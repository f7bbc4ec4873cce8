package lexicon

import "strings"

// yesNoLabel opens the canonical form of what is there or not.
const yesNoLabel = "Yes or no: "

// Print writes a measure in canonical English. Reading it back gives the same
// measure: kind, direction, metric, numbers, unit and date. A measure that is
// ambiguous, or has placeholders for numbers, has no canonical form: "".
func Print(m Measure) string {
	if len(m.Candidates) > 0 || m.Placeholder {
		return ""
	}
	if m.Kind == YesNo {
		return yesNoLabel + m.Metric + due(m.Due)
	}
	target := amount(m.Target, m.Unit)
	if !m.Target.known || m.Metric == "" || m.Upper.known && m.Kind != Between {
		return ""
	}
	from := ""
	if m.Baseline.known {
		from = amount(m.Baseline, m.Unit)
	}
	var b strings.Builder
	switch {
	case m.Kind == Increase || m.Kind == Decrease:
		verb := "Increase "
		if m.Kind == Decrease {
			verb = "Reduce "
		}
		b.WriteString(verb + m.Metric)
		switch {
		case m.Relative && m.Unit == "x":
			b.WriteString(" by a factor of " + target)
		case m.Relative:
			b.WriteString(" by " + target)
		case from != "":
			b.WriteString(" from " + from + " to " + bound(m) + target)
			from = ""
		default:
			b.WriteString(" to " + bound(m) + target)
		}
	case m.Kind == Between:
		b.WriteString("Keep " + m.Metric + " between " + amount(m.Target, m.Unit) + " and " + amount(m.Upper, m.Unit))
	case m.Direction == Keep && m.Kind == ReachLeast:
		b.WriteString("Keep " + m.Metric + pick(m.Strict, " above ", " at or above ") + target)
	case m.Direction == Keep && m.Kind == ReachAtMost:
		b.WriteString("Keep " + m.Metric + pick(m.Strict, " below ", " at or below ") + target)
	case m.Kind == ReachLeast:
		b.WriteString("Reach " + m.Metric + pick(m.Strict, " of more than ", " of at least ") + target)
	case m.Kind == ReachAtMost:
		b.WriteString("Reach " + m.Metric + pick(m.Strict, " of less than ", " of at most ") + target)
	default:
		b.WriteString(m.Metric + ": " + target)
	}
	if from != "" {
		b.WriteString(" (from " + from + ")")
	}
	b.WriteString(due(m.Due))
	return b.String()
}

func pick(strict bool, yes, no string) string {
	if strict {
		return yes
	}
	return no
}

func bound(m Measure) string {
	switch {
	case !m.Strict:
		return ""
	case m.Kind == Decrease:
		return "below "
	}
	return "above "
}

func amount(n Number, unit string) string {
	s := n.String()
	switch {
	case unit == "" && len(s) == 4 && s >= "2000" && s <= "2099":
		return s[:1] + "," + s[1:] // no year
	case unit == "":
		return s
	case unit == "%" || unit == "x":
		return n.String() + unit
	case unit == "rank":
		return "top " + n.String()
	case isCurrencyCode(unit):
		return unit + " " + n.String()
	case strings.HasPrefix(unit, "/"):
		return n.String() + unit
	}
	return n.String() + " " + unit
}

func due(d Date) string {
	s := d.String()
	switch {
	case s == "":
		return ""
	case d.Deadline || d.Relative != "":
		return " by " + s
	}
	return " in " + s
}
