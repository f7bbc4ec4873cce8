package simulate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/okrkit/okrkit/okr"
)

// Comparison is one scenario under several cadences or policies: the same people with
// the same habits, key results that go the same way, the same outages.
type Comparison struct {
	Runs []*Transcript `json:"runs"` // one for each variant, in their order
}

// Variant is what one run of a comparison does otherwise than its scenario says.
type Variant struct {
	// Cadence is in the place of the one of the cycle, below which teams and key results
	// keep their own; nil is that of the cycle.
	Cadence *okr.Schedule
	// Policy is in the place of the scenario's, all of it; nil is the scenario's.
	Policy *okr.Policy
	// TellManagers is that of the host who has the policy.
	TellManagers bool
	// PolicyName is what the comparison calls the policy; "" is nothing.
	PolicyName string
}

// under is the scenario as the variant has it.
func (v Variant) under(s Scenario) Scenario {
	if v.Cadence != nil {
		s.Plan.Cycle.Cadence = v.Cadence
	}
	if v.Policy != nil {
		s.Policy, s.TellManagers = v.Policy, v.TellManagers
	}
	return s
}

// Compare rehearses the scenario once for each variant, each on a stage of its own. The
// first error, in the order of the variants, is returned.
func Compare(ctx context.Context, s Scenario, variants []Variant, stage func() (Stage, error)) (*Comparison, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	out := &Comparison{Runs: make([]*Transcript, len(variants))}
	errs := make([]error, len(variants))
	var running sync.WaitGroup
	for i, v := range variants {
		on, err := stage()
		if err != nil {
			stop()
			running.Wait()
			return nil, err
		}
		running.Go(func() {
			if out.Runs[i], errs[i] = Run(ctx, v.under(s), on); errs[i] != nil {
				stop()
				return
			}
			out.Runs[i].PolicyName = v.PolicyName
		})
	}
	running.Wait()
	if err := first(errs); err != nil {
		return nil, err
	}
	return out, nil
}

// first is the error that is not only the end of another's.
func first(errs []error) error {
	var out error
	for _, err := range errs {
		if err != nil && (out == nil || strings.HasSuffix(out.Error(), context.Canceled.Error())) {
			out = err
		}
	}
	return out
}

// row is a figure of each run.
type row struct {
	name, label string
	of          func(*Transcript) string
}

func number(of func(*Transcript) int) func(*Transcript) string {
	return func(t *Transcript) string { return strconv.Itoa(of(t)) }
}

func percent(of func(*Figures) (part, whole int)) func(*Transcript) string {
	return func(t *Transcript) string {
		part, whole := of(&t.Figures)
		if whole == 0 {
			return none
		}
		return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64)
	}
}

// none is what there is none of, such as days until somebody heard where nobody did.
const none = "-1"

var rows = []row{
	{"people", "people", number(func(t *Transcript) int { return t.Figures.People })},
	{"key_results", "key results", number(func(t *Transcript) int { return t.Figures.KeyResults })},
	{"drafts", "  beside them, drafts that rules refuse", number(func(t *Transcript) int { return len(t.Drafts) })},
	{"messages", "messages", number(func(t *Transcript) int { return t.Figures.Messages.Total })},
	{"messages_mean", "  to a person in a week, on average", func(t *Transcript) string { return strconv.FormatFloat(t.Figures.Messages.Mean, 'f', 2, 64) }},
	{"messages_p95", "  in 19 of 20 weeks of a person, at most", number(func(t *Transcript) int { return t.Figures.Messages.P95 })},
	{"messages_max", "  in any week of a person, at most", number(func(t *Transcript) int { return t.Figures.Messages.Max })},
	{"messages_max_day", "  in any day of a person, at most", number(func(t *Transcript) int { return t.Figures.Messages.MaxDay })},
	{"full_weeks", "  weeks of a person that used up the budget", number(func(t *Transcript) int { return t.Figures.Messages.FullWeeks })},
	{"full_days", "  days of a person that used up the budget", number(func(t *Transcript) int { return t.Figures.Messages.FullDays })},
	{"checkins", "check-ins that people made", number(func(t *Transcript) int { return t.Figures.CheckIns })},
	{"occurrences", "occurrences: check-ins that fell due", number(func(t *Transcript) int { return t.Figures.Occurrences })},
	{"on_time", "  on time", number(func(t *Transcript) int { return t.Figures.OnTime })},
	{"late", "  late", number(func(t *Transcript) int { return t.Figures.Late })},
	{"missed", "  missed", number(func(t *Transcript) int { return t.Figures.Missed })},
	{"missed_percent", "  missed, % of those on time, late or missed", percent((*Figures).missed)},
	{"excused", "  excused: who would answer was away", number(func(t *Transcript) int { return t.Figures.Excused })},
	{"skipped", "  not asked for: a source or a recent check-in answers", number(func(t *Transcript) int { return t.Figures.Skipped })},
	{"open", "  open at the end", number(func(t *Transcript) int { return t.Figures.Open })},
	{"stalled", "key results that stalled", number(func(t *Transcript) int { return t.Figures.Heard.Stalled })},
	{"noticed_median_days", "  days until somebody heard, for half of them", number(func(t *Transcript) int { return t.Figures.Heard.Median })},
	{"noticed_worst_days", "  days until somebody heard, at worst", number(func(t *Transcript) int { return t.Figures.Heard.Worst })},
	{"never_noticed", "  never heard of", number(func(t *Transcript) int { return t.Figures.Heard.Never })},
	{"escalations", "escalations: others than the owner heard of silence", number(func(t *Transcript) int { return t.Figures.Escalations })},
	{"to_managers", "  of them to a manager", number(func(t *Transcript) int { return t.Figures.ToManagers })},
}

// missed are the occurrences that nobody answered, of those that somebody could.
func (f *Figures) missed() (n, of int) { return f.Missed, f.OnTime + f.Late + f.Missed }

// head is what was rehearsed.
type head struct {
	label string
	of    func(*Transcript) string
	usual string // it is told where a run has something else
}

var heads = []head{
	{"check-ins", func(t *Transcript) string { return t.Cadence }, ""},
	{"policy", func(t *Transcript) string { return t.PolicyName }, ""},
	{"notices to a person, at most", func(t *Transcript) string { return t.Policy.ceilings() }, ""},
	{"quiet hours", func(t *Transcript) string { return t.Policy.quiet() }, Policy{Budget: okr.DefaultBudget()}.quiet()},
	{"notices gathered for", func(t *Transcript) string { return cmp.Or(t.Policy.Budget.Digest, "-") }, "-"},
	{"notices on days off", func(t *Transcript) string { return yes(t.Policy.Budget.OffDays) }, yes(false)},
	{"silence is told to", func(t *Transcript) string { return t.Policy.rungs() }, Policy{Ladder: okr.DefaultLadder()}.rungs()},
	{"asked for what a live source delivers", func(t *Transcript) string { return yes(t.Policy.AskLive) }, yes(false)},
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// Text writes the figures side by side, how many messages a week of a person held, and
// what each run has better and worse than the first.
func (c *Comparison) Text(w io.Writer) error {
	if len(c.Runs) == 0 {
		return nil
	}
	t := c.Runs[0]
	cycle := ""
	if t.Cycle != "" {
		cycle = oneLine(t.Cycle) + ", "
	}
	fmt.Fprintf(w, "%s%s to %s (%s), seed %d\n\n", cycle, t.From, t.Until, t.Zone, t.Seed)
	var table bytes.Buffer
	tw := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	line := func(label string, of func(*Transcript) string) {
		fmt.Fprint(tw, label)
		for _, t := range c.Runs {
			fmt.Fprint(tw, "\t", oneLine(of(t)))
		}
		fmt.Fprintln(tw)
	}
	for _, h := range heads {
		if slices.ContainsFunc(c.Runs, func(t *Transcript) bool { return h.of(t) != h.usual }) {
			line(h.label, h.of)
		}
	}
	for _, r := range rows {
		line(r.label, func(t *Transcript) string {
			if v := r.of(t); v != none {
				return v
			}
			return "-"
		})
	}
	most := 0
	for _, t := range c.Runs {
		most = max(most, len(t.Figures.Messages.Weeks))
	}
	line("weeks of people", func(t *Transcript) string { return strconv.Itoa(sum(t.Figures.Messages.Weeks)) })
	for n := range most {
		line("  with "+count(n, "message"), func(t *Transcript) string {
			if n < len(t.Figures.Messages.Weeks) {
				return strconv.Itoa(t.Figures.Messages.Weeks[n])
			}
			return "0"
		})
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for l := range strings.Lines(table.String()) {
		fmt.Fprintln(w, strings.TrimRight(l, " \n"))
	}
	fmt.Fprintf(w, "\n%s\n", weeksAreCounted)
	for _, words := range c.differences() {
		fmt.Fprintf(w, "\n%s\n", words)
	}
	if len(t.Drafts) > 0 {
		fmt.Fprintf(w, "\n%s, since rules refuse them: not rehearsed: %s\n", drafts(len(t.Drafts)), oneLine(some(t.Drafts, 5)))
	}
	return nil
}

func sum(all []int) (n int) {
	for _, x := range all {
		n += x
	}
	return n
}

// JSON writes the figures of each run, without what happened day by day.
func (c *Comparison) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(c)
}

// CSV writes a row for each run, under a header. What there is none of, such as days
// until somebody heard where nobody did, is empty.
func (c *Comparison) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := []string{"cycle", "seed", "cadence", "policy_name", "per_day", "per_week"}
	for _, r := range rows {
		header = append(header, r.name)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, t := range c.Runs {
		record := []string{t.Cycle, strconv.FormatUint(t.Seed, 10), t.Cadence, t.PolicyName, strconv.Itoa(t.Policy.Budget.PerDay), strconv.Itoa(t.Policy.Budget.PerWeek)}
		for _, r := range rows {
			v := r.of(t)
			if v == none {
				v = ""
			}
			record = append(record, v)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
