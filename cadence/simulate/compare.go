package simulate

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/okrkit/okrkit/okr"
)

// Comparison is one scenario under several cadences: the same people with the same
// habits, key results that go the same way, the same outages.
type Comparison struct {
	Runs []*Transcript `json:"runs"` // one for each cadence, in their order
}

// Compare rehearses the scenario under each of the cadences, in the place of the one
// of its cycle; teams and key results that have one of their own keep it. Each takes
// place on a stage of its own. The first error, in the order of the cadences, is
// returned.
func Compare(ctx context.Context, s Scenario, cadences []okr.Schedule, stage func() (Stage, error)) (*Comparison, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	out := &Comparison{Runs: make([]*Transcript, len(cadences))}
	errs := make([]error, len(cadences))
	var running sync.WaitGroup
	for i, cadence := range cadences {
		on, err := stage()
		if err != nil {
			stop()
			running.Wait()
			return nil, err
		}
		under := s
		under.Plan.Cycle.Cadence = &cadence
		running.Add(1)
		go func() {
			defer running.Done()
			if out.Runs[i], errs[i] = Run(ctx, under, on); errs[i] != nil {
				stop()
			}
		}()
	}
	running.Wait()
	return out, first(errs)
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

var rows = []row{
	{"people", "people", number(func(t *Transcript) int { return t.Figures.People })},
	{"key_results", "key results", number(func(t *Transcript) int { return t.Figures.KeyResults })},
	{"drafts", "  that stay drafts", number(func(t *Transcript) int { return len(t.Drafts) })},
	{"messages", "messages", number(func(t *Transcript) int { return t.Figures.Messages.Total })},
	{"messages_mean", "  to a person in a week", func(t *Transcript) string { return strconv.FormatFloat(t.Figures.Messages.Mean, 'f', 2, 64) }},
	{"messages_p95", "  in 19 of 20 weeks at most", number(func(t *Transcript) int { return t.Figures.Messages.P95 })},
	{"messages_max", "  in any week at most", number(func(t *Transcript) int { return t.Figures.Messages.Max })},
	{"checkins", "check-ins", number(func(t *Transcript) int { return t.Figures.CheckIns })},
	{"occurrences", "occurrences of check-ins", number(func(t *Transcript) int { return t.Figures.Occurrences })},
	{"on_time", "  on time", number(func(t *Transcript) int { return t.Figures.OnTime })},
	{"late", "  late", number(func(t *Transcript) int { return t.Figures.Late })},
	{"missed", "  missed", number(func(t *Transcript) int { return t.Figures.Missed })},
	{"excused", "  excused", number(func(t *Transcript) int { return t.Figures.Excused })},
	{"skipped", "  not asked for", number(func(t *Transcript) int { return t.Figures.Skipped })},
	{"open", "  open at the end", number(func(t *Transcript) int { return t.Figures.Open })},
	{"stalled", "key results that stalled", number(func(t *Transcript) int { return t.Figures.Heard.Stalled })},
	{"noticed_median_days", "  days until half were heard of", number(func(t *Transcript) int { return t.Figures.Heard.Median })},
	{"noticed_worst_days", "  days at worst", number(func(t *Transcript) int { return t.Figures.Heard.Worst })},
	{"never_noticed", "  never heard of", number(func(t *Transcript) int { return t.Figures.Heard.Never })},
	{"escalations", "escalations", number(func(t *Transcript) int { return t.Figures.Escalations })},
	{"to_managers", "  of them to a manager", number(func(t *Transcript) int { return t.Figures.ToManagers })},
}

// Text writes the figures side by side, and how many messages a week of a person held.
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
	line("check-ins", func(t *Transcript) string { return t.Cadence })
	for _, r := range rows {
		line(r.label, func(t *Transcript) string {
			if v := r.of(t); v != "-1" {
				return v
			}
			return "-"
		})
	}
	most := 0
	for _, t := range c.Runs {
		most = max(most, len(t.Figures.Messages.Weeks))
	}
	line("weeks of a person", func(t *Transcript) string { return strconv.Itoa(sum(t.Figures.Messages.Weeks)) })
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
	header := []string{"cycle", "seed", "cadence"}
	for _, r := range rows {
		header = append(header, r.name)
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, t := range c.Runs {
		record := []string{t.Cycle, strconv.FormatUint(t.Seed, 10), t.Cadence}
		for _, r := range rows {
			v := r.of(t)
			if v == "-1" {
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
