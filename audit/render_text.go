package audit

import (
	"io"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// group is one rule's findings that say the same to do.
type group struct {
	first Finding
	all   []Finding
}

// grouped puts findings of one rule together, gravest first, in the order of
// their first place.
func (r Report) grouped() []group {
	var out []group
	at := map[string]int{}
	for _, f := range r.Findings {
		key := f.Pack + "\x00" + f.Rule + "\x00" + f.Outcome
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, group{first: f})
		}
		out[i].all = append(out[i].all, f)
	}
	rank := func(g group) int {
		if g.first.Outcome != okr.OutcomeFail {
			return len(severityRank)
		}
		return severityRank[g.first.Severity]
	}
	slices.SortStableFunc(out, func(a, b group) int { return rank(a) - rank(b) })
	return out
}

// shownOfEach bounds how many findings of one rule the text shows; the others
// are counted, and stand in every other format.
const shownOfEach = 10

func (r Report) text(out io.Writer) error {
	w := &writer{w: out}
	for _, g := range r.grouped() {
		w.f("%s  %s (%d)\n", label(g.first), g.first.Rule, len(g.all))
		for i, f := range g.all {
			if i == shownOfEach {
				w.f("  … and %d more\n", len(g.all)-i)
				break
			}
			w.f("  %s", plain(say(f)))
			if at := place(f.Subject.File, f.Subject.Line); at != "" {
				w.f("  [%s]", at)
			}
			w.f("\n")
		}
		if g.first.Fix != "" && g.first.Outcome == okr.OutcomeFail {
			w.f("  → %s\n", plain(g.first.Fix))
		}
		if g.first.Help != "" {
			w.f("  see %s\n", plain(g.first.Help))
		}
		w.f("\n")
	}
	for i, u := range r.Unread {
		if i == 0 {
			w.f("not read (%d)\n", len(r.Unread))
		}
		w.f("  %s", plain(u.Reason))
		if u.Text != "" {
			w.f(": %s", plain(u.Text))
		}
		if at := place(u.File, u.Line); at != "" {
			w.f("  [%s]", at)
		}
		w.f("\n")
		if i == len(r.Unread)-1 {
			w.f("\n")
		}
	}
	r.explanations(w)
	if w.err != nil {
		return w.err
	}
	w.f("%s\n", r.Summary.sentence())
	return w.err
}

// sentence is the summary for people.
func (s Summary) sentence() string {
	parts := []string{
		count(s.KeyResults, "key result") + " in " + count(s.Objectives, "objective"),
		count(s.Ready, "") + " ready, " + count(s.Weak, "") + " weak, " + count(s.NotReady, "") + " not ready",
		count(s.Errors, "error") + ", " + count(s.Warnings, "warning") + ", " + count(s.Infos, "note"),
	}
	if s.Waived > 0 {
		parts = append(parts, count(s.Waived, "")+" waived")
	}
	if s.Unknown > 0 {
		parts = append(parts, count(s.Unknown, "")+" undecided")
	}
	if s.Broken > 0 {
		parts = append(parts, count(s.Broken, "")+" broken")
	}
	if s.Unread > 0 {
		parts = append(parts, count(s.Unread, "line")+" not read")
	}
	return strings.Join(parts, "; ") + "."
}
