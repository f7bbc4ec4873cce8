package simulate

import (
	"fmt"
	"math"
	"strings"
)

// weeksAreCounted says what a week is wherever messages are counted.
const weeksAreCounted = "Weeks are those of the budget: from Monday to Sunday by the person's own calendar. The first and the last may be short."

// ceilings are the most notices that a person gets.
func (p Policy) ceilings() string {
	most := func(n int, in string) string {
		if n < 0 {
			return "no limit " + in
		}
		return fmt.Sprintf("%d %s", n, in)
	}
	return most(p.Budget.PerDay, "a day") + ", " + most(p.Budget.PerWeek, "a week")
}

func (p Policy) quiet() string {
	spans := make([]string, len(p.Budget.Quiet))
	for i, q := range p.Budget.Quiet {
		spans[i] = q.From + " to " + q.To
	}
	if len(spans) == 0 {
		return "none"
	}
	return strings.Join(spans, ", ")
}

// rungs are who hears of silence, and after how many working days.
func (p Policy) rungs() string {
	said := make([]string, len(p.Ladder))
	for i, x := range p.Ladder {
		said[i] = string(x.To)
		if x.After > 0 {
			said[i] += " after " + count(x.After, "working day")
		}
	}
	return strings.Join(said, ", ")
}

// differences say of each run but the first what it has better and worse than the first,
// and what that means for a choice.
func (c *Comparison) differences() []string {
	if len(c.Runs) < 2 {
		return nil
	}
	out := []string{"Compared with the first column, " + c.name(0) + ":"}
	for i := 1; i < len(c.Runs); i++ {
		out = append(out, fmt.Sprintf("  %s\n    %s", c.name(i), strings.Join(differing(&c.Runs[0].Figures, &c.Runs[i].Figures), "\n    ")))
	}
	return append(out, "People, sources and chances are made up: a small difference may be one of chance. Rehearse with another --seed before it decides.")
}

// name is what tells the run from the others.
func (c *Comparison) name(i int) string {
	t, first := c.Runs[i], c.Runs[0]
	if t.PolicyName == "" || i > 0 && t.PolicyName == first.PolicyName {
		return oneLine(t.Cadence)
	}
	if i > 0 && t.Cadence == first.Cadence {
		return "policy " + oneLine(t.PolicyName)
	}
	return oneLine(t.Cadence) + ", policy " + oneLine(t.PolicyName)
}

// differing are sentences on what b has better and worse than a.
func differing(a, b *Figures) []string {
	var better, worse, open []string
	say := func(by int, words string) {
		switch {
		case by < 0:
			better = append(better, words)
		case by > 0:
			worse = append(worse, words)
		}
	}
	m, n := a.Messages, b.Messages
	say(n.Total-m.Total, fmt.Sprintf("%s messages: %.2f to a person in a week, not %.2f", change(m.Total, n.Total), n.Mean, m.Mean))
	if was, is := tens(a.CheckIns, a.KeyResults), tens(b.CheckIns, b.KeyResults); was >= 0 && is >= 0 {
		say(was-is, fmt.Sprintf("a key result gets %d.%d check-ins, not %d.%d", is/10, is%10, was/10, was%10))
	}
	if was, is := perMille(a.missed()), perMille(b.missed()); was >= 0 && is >= 0 {
		_, inA := a.missed()
		_, inB := b.missed()
		was1, is1 := perMille(a.OnTime, inA), perMille(b.OnTime, inB)
		say(was1-is1, fmt.Sprintf("%s of those that fell due are answered on time, not %s", tenths(is1), tenths(was1)))
		say(is-was, fmt.Sprintf("%s are missed, not %s", tenths(is), tenths(was)))
	} else {
		open = append(open, "nothing fell due that somebody had to answer")
	}
	h, k := a.Heard, b.Heard
	if h.Stalled == k.Stalled && h.Stalled > 0 {
		if h.Median >= 0 && k.Median >= 0 {
			say(k.Median-h.Median, fmt.Sprintf("half of the stalled key results are heard of within %s, not %s", count(k.Median, "day"), count(h.Median, "day")))
			say(k.Worst-h.Worst, fmt.Sprintf("the last of them after %s, not %s", count(k.Worst, "day"), count(h.Worst, "day")))
		}
		say(k.Never-h.Never, fmt.Sprintf("of %s nobody ever hears, not %d", count(k.Never, "stalled key result"), h.Never))
	} else {
		open = append(open, "no key result stalled")
	}
	var out []string
	if len(better) > 0 {
		out = append(out, "better: "+strings.Join(better, "; "))
	}
	if len(worse) > 0 {
		out = append(out, "worse:  "+strings.Join(worse, "; "))
	}
	switch {
	case len(open) > 0:
		out = append(out, "in short: too little happens to choose by it, "+strings.Join(open, " and ")+": rehearse more weeks, or more people")
	case len(out) == 0:
		out = append(out, "in short: no difference in messages, check-ins and days until somebody hears")
	case len(worse) == 0:
		out = append(out, "in short: better, and worse in nothing that is compared here")
	case len(better) == 0:
		out = append(out, "in short: worse, and better in nothing that is compared here")
	case n.Total < m.Total && k.Median > h.Median:
		out = append(out, fmt.Sprintf("in short: choose it if you can wait %s, not %d, to hear of a stalled key result", count(k.Median, "day"), h.Median))
	case n.Total > m.Total && k.Median < h.Median:
		out = append(out, fmt.Sprintf("in short: choose it if hearing of a stalled key result within %s, not %d, is worth %s messages", count(k.Median, "day"), h.Median, change(m.Total, n.Total)))
	default:
		out = append(out, "in short: choose it if what is better is worth what is worse")
	}
	return out
}

// perMille is the part of the whole in thousandths; -1: of nothing.
func perMille(part, whole int) int {
	if whole == 0 {
		return -1
	}
	return int(math.Round(1000 * float64(part) / float64(whole)))
}

// tens is how many there are for each, in tenths; -1: for none.
func tens(n, each int) int {
	if each == 0 {
		return -1
	}
	return int(math.Round(10 * float64(n) / float64(each)))
}

func tenths(perMille int) string { return fmt.Sprintf("%d.%d %%", perMille/10, perMille%10) }

// change is by how much there are more or fewer.
func change(was, is int) string {
	word := "more"
	if is < was {
		word = "fewer"
	}
	if was == 0 {
		return word
	}
	if by := math.Abs(float64(is-was)) / float64(was); by < 10 {
		return fmt.Sprintf("%.0f %% %s", 100*by, word)
	}
	return fmt.Sprintf("%.0f times as many", float64(is)/float64(was))
}
