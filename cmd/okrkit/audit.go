package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

type auditCommand struct {
	Format  string   `help:"How to print: ${enum}." enum:"${auditFormats}" default:"text" placeholder:"FORMAT"`
	From    string   `help:"What the files are, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	Now     string   `help:"Judge as of this date or instant, such as 2026-11-06 or 2026-11-06T09:00:00Z; today if not given." placeholder:"TIME"`
	Explain bool     `help:"Say how everything came about: the figures of every key result and objective, their status and score by the packs in force, and each finding, with what was read."`
	Files   []string `arg:"" name:"file" help:"Plans: okrkit's own YAML or JSON, CSV with a header row, Markdown outline or table; - is standard input."`
	judging
}

func (auditCommand) Help() string {
	return `Reads objectives and key results, judges them by rule packs, and prints what was found, a worksheet with a row for each key result, and each line that could not be read. Several files are judged together.

Examples:
  okrkit audit plan.md
  okrkit audit --explain --now 2026-11-06 plan.yaml
  okrkit audit --format sarif --rules our-rules.yaml okrs/*.yaml >report.sarif

Exit codes: 0 nothing at error level, 1 findings at error level, 2 a file, a pack or the command line cannot be used.`
}

func (c auditCommand) Run(ctx context.Context, a *app) error {
	now, err := a.now(c.Now)
	if err != nil {
		return err
	}
	judge, err := c.judge(a)
	if err != nil {
		return err
	}
	plans, err := a.gather(c.Files, c.From, now)
	if err != nil {
		return err
	}
	input := plans.input(now)
	input.Explain = c.Explain
	report, err := judge.Report(ctx, input)
	if err != nil {
		return err
	}
	if audit.Format(c.Format) == audit.FormatText {
		worksheet(a.out, report.Worksheet)
	}
	if err := report.Render(a.out, audit.Format(c.Format)); err != nil {
		return err
	}
	if report.Failed() {
		return errFindings
	}
	return nil
}

// worksheet prints a row for each key result. What to do about it follows in the
// findings.
func worksheet(w io.Writer, rows []audit.Row) {
	if len(rows) == 0 {
		return
	}
	out := [][]string{{"KEY RESULT", "MEASURABLE", "SOURCE", "OWNER", "TIME-BOUND", "OUTCOME", "VERDICT"}}
	// The columns of numbers that have any.
	read := slices.ContainsFunc(rows, func(r audit.Row) bool { return r.Figures.Current.Known() })
	scored := slices.ContainsFunc(rows, func(r audit.Row) bool { return r.Figures.StatedScore.Known() })
	if read {
		out[0] = append(out[0], "CURRENT", "PROGRESS", "STATUS")
	}
	if scored {
		out[0] = append(out[0], "STATED SCORE")
	}
	for _, r := range rows {
		cells := []string{
			shorten(oneLine(r.KeyResult), 48), string(r.Measurable), string(r.Source), string(r.Owner),
			string(r.TimeBound), string(r.Outcome), strings.ReplaceAll(r.Verdict, "_", " "),
		}
		if read {
			cells = append(cells, currentText(r.Figures), share(r.Figures.Progress), strings.ReplaceAll(string(r.Figures.Status), "_", " "))
		}
		if scored {
			cells = append(cells, share(r.Figures.StatedScore))
		}
		out = append(out, cells)
	}
	table(w, out)
	fmt.Fprintln(w)
}

// currentText is where a key result stands, in its unit.
func currentText(f audit.Figures) string {
	switch {
	case !f.Current.Known():
		return "-"
	case f.Kind == measure.Zones:
		return string(measure.LevelOf(f.Current))
	}
	return strings.TrimSpace(f.Current.String() + " " + shorten(f.Unit, 12))
}

// share is a share of the way in per cent.
func share(n measure.Number) string {
	v, ok := n.Value()
	if !ok {
		return "unknown"
	}
	return strconv.FormatFloat(100*v, 'f', 0, 64) + " %"
}

// now is the instant that was asked for, or the clock's.
func (a *app) now(text string) (time.Time, error) {
	if text == "" {
		return a.clock().UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--now: %q is neither a date such as 2026-11-06 nor an instant such as 2026-11-06T09:00:00Z", text)
}

// readPlans reads the plans of a file, one for each cycle, in a format, or in the
// one that it seems to have. A file without any objective is an error.
func readPlans(in input, format string) ([]okr.Plan, error) {
	var plans []okr.Plan
	var err error
	if format == "auto" {
		plans, err = planfile.ReadAll(in.name, in.text)
	} else {
		plans, err = planfile.ReadAllAs(planfile.Format(format), in.name, in.text)
	}
	if err != nil {
		return nil, detailed(err)
	}
	if len(plans[0].Objectives) == 0 {
		return nil, noObjective(in)
	}
	return plans, nil
}

// readPlan reads a plan of a file; of several cycles the one with the most key
// results, and the others are unread.
func readPlan(in input, format string) (okr.Plan, error) {
	var plan okr.Plan
	var err error
	if format == "auto" {
		plan, err = planfile.Read(in.name, in.text)
	} else {
		plan, err = planfile.ReadAs(planfile.Format(format), in.name, in.text)
	}
	if err != nil {
		return okr.Plan{}, detailed(err)
	}
	if len(plan.Objectives) == 0 {
		return okr.Plan{}, noObjective(in)
	}
	return plan, nil
}

func noObjective(in input) error {
	return fmt.Errorf("%s: no objective and no key result was found: put them into headings and lists, a table, a CSV with a header row, or okrkit's own YAML", in.name)
}

// gathering is the plans of all files in one snapshot.
type gathering struct {
	snapshot okr.Snapshot
	at       map[okr.Ref]okr.Position
	unread   []okr.Unread
	ids      int
}

// gather reads the files, and says of all that cannot be used what is wrong.
func (a *app) gather(files []string, from string, now time.Time) (*gathering, error) {
	g := &gathering{snapshot: okr.Snapshot{Tenant: "file"}, at: map[okr.Ref]okr.Position{}}
	var wrong []error
	for _, name := range files {
		in, err := a.read(name)
		if err == nil {
			err = g.add(in, from, now)
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return g, errors.Join(wrong...)
}

func (g *gathering) input(now time.Time) audit.Input {
	return audit.Input{Snapshot: &g.snapshot, Now: now, At: g.at, Unread: g.unread}
}

// id numbers rows in the order of the files, so that the same files give the
// same report.
func (g *gathering) id() string {
	g.ids++
	return fmt.Sprintf("%06d", g.ids)
}

func (g *gathering) add(in input, from string, now time.Time) error {
	plans, err := readPlans(in, from)
	if err != nil {
		return err
	}
	for _, plan := range plans {
		if err := g.addPlan(in, plan, now); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) addPlan(in input, plan okr.Plan, now time.Time) error {
	s, at, err := plan.Snapshot(g.id, now)
	if err != nil {
		return placed(in.name, plan, err)
	}
	if err := g.merge(in.name, s); err != nil {
		return err
	}
	for ref, p := range at {
		if p.Line > 0 && p.File == "" {
			p.File = in.name
		}
		g.at[ref] = p
	}
	g.unread = append(g.unread, plan.Unread...)
	for _, o := range s.Objectives {
		if o.TeamText != "" {
			g.unread = append(g.unread, okr.Unread{
				Position: g.at[okr.Ref{Kind: okr.KindObjective, ID: o.ID}], Text: o.TeamText,
				Reason: "a team that the plan does not list: list it under teams, or write its id or full name",
			})
		}
	}
	return nil
}

// merge takes the rows of another file in. A cycle that both files have under
// one key, with the same dates, is one cycle; so are people and teams of one id.
func (g *gathering) merge(file string, s *okr.Snapshot) error {
	earlier := g.snapshot // in order, while rows are added behind
	for _, p := range s.People {
		if have := earlier.Person(p.ID); have == nil {
			g.snapshot.People = append(g.snapshot.People, p)
		} else if !have.Equal(p) {
			return fmt.Errorf("%s: people: %q is described differently in an earlier file: let both say the same, or only one say it", file, p.ID)
		}
	}
	for _, t := range s.Teams {
		if have := earlier.Team(t.ID); have == nil {
			g.snapshot.Teams = append(g.snapshot.Teams, t)
		} else if have.Name != t.Name || have.Lead != t.Lead || have.Parent != t.Parent {
			return fmt.Errorf("%s: teams: %q is described differently in an earlier file: let both say the same, or only one say it", file, t.ID)
		}
	}
	same := map[okr.ID]okr.ID{}
	for _, c := range s.Cycles {
		same[c.ID] = c.ID
		for _, have := range g.snapshot.Cycles {
			if have.Key == c.Key && have.Start == c.Start && have.End == c.End && have.Zone == c.Zone {
				same[c.ID] = have.ID
			}
		}
		if same[c.ID] == c.ID {
			g.snapshot.Cycles = append(g.snapshot.Cycles, c)
		}
	}
	for _, o := range s.Objectives {
		o.Cycle = same[o.Cycle]
		g.snapshot.Objectives = append(g.snapshot.Objectives, o)
	}
	for _, k := range s.KeyResults {
		k.Cycle = same[k.Cycle]
		g.snapshot.KeyResults = append(g.snapshot.KeyResults, k)
	}
	g.snapshot.Readings = append(g.snapshot.Readings, s.Readings...)
	g.snapshot.CheckIns = append(g.snapshot.CheckIns, s.CheckIns...)
	g.snapshot.Sort()
	return nil
}

// detailed shows, for each thing that is wrong with a file, the line it stands
// in.
func detailed(err error) error {
	var lines []string
	for _, e := range flatten(err) {
		var syntax *planfile.SyntaxError
		if errors.As(e, &syntax) {
			lines = append(lines, syntax.Detail())
		} else {
			lines = append(lines, e.Error())
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// flatten is the errors that were joined.
func flatten(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range many.Unwrap() {
			out = append(out, flatten(e)...)
		}
		return out
	}
	return []error{err}
}

var inPlan = regexp.MustCompile(`^objectives\[(\d+)\](?:\.key_results\[(\d+)\])?`)

// placed gives errors about fields of a plan the lines of their rows.
func placed(file string, plan okr.Plan, err error) error {
	var out []error
	for _, e := range flatten(err) {
		out = append(out, placedOne(file, plan, e))
	}
	return errors.Join(out...)
}

func placedOne(file string, plan okr.Plan, err error) error {
	var invalid *okr.InvalidError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("%s: %w", file, err)
	}
	line := 0
	if m := inPlan.FindStringSubmatch(invalid.Field); m != nil {
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(plan.Objectives) {
			o := plan.Objectives[i]
			line = o.At.Line
			if j, err := strconv.Atoi(m[2]); err == nil && j < len(o.KeyResults) {
				line = o.KeyResults[j].At.Line
			}
		}
	}
	if line > 0 {
		return fmt.Errorf("%s:%d: %w", file, line, invalid)
	}
	return fmt.Errorf("%s: %w", file, invalid)
}
