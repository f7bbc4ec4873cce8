package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/okr"
)

type templateCommand struct {
	Language  string   `help:"The language: ${paperLanguages}, or one of your own." default:"en" placeholder:"LANGUAGE"`
	Format    string   `help:"How to write: ${enum}. A page for print has room to write on." enum:"${paperFormats}" default:"markdown" placeholder:"FORMAT"`
	Sheet     string   `help:"What a page is printed on: ${paperSizes}; a4 if not given." enum:",${paperSizes}" default:"" placeholder:"SHEET"`
	Templates string   `help:"A folder that is laid over what okrkit ships, in which templates, words and examples may differ. --export writes one." placeholder:"FOLDER"`
	Cycle     string   `help:"Which cycle of the files, by key or name; the one that is under way if not given." placeholder:"CYCLE"`
	Team      string   `help:"Only of this team, by id or name; everybody if not given." placeholder:"TEAM"`
	Now       string   `help:"Write as of this date or instant, such as 2026-11-06 or 2026-11-06T09:00:00Z; today if not given." placeholder:"TIME"`
	From      string   `name:"from" help:"What the files are, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	Host      string   `help:"Who announces the cycle." placeholder:"NAME"`
	Look      []string `help:"Addresses where to look, for the announcement. May be given several times." placeholder:"URL" sep:"none"`
	List      bool     `help:"List the papers and the languages, and end."`
	Export    string   `help:"Write the shipped templates, words and examples to this folder for editing, and end. No file is overwritten." placeholder:"FOLDER"`
	Kind      string   `arg:"" optional:"" help:"Which paper: ${paperKinds}; or notice, which shows every message that people may get."`
	Files     []string `arg:"" optional:"" name:"file" help:"Plans to fill it from, as okrkit audit reads them; - is standard input. Without one the form is blank."`
	judging
}

func (templateCommand) Help() string {
	return `Writes a paper to plan, meet or review by, filled from plan files, or blank to be filled in by hand. Key results of a plan that has begun count as active. Shows every kind of message that people may get, by examples, in a language and in words of your own.

Examples:
  okrkit template checkin plan.yaml
  okrkit template planning --language de --format print >form.html
  okrkit template --export our-templates
  okrkit template announcement --templates our-templates plan.yaml
  okrkit template notice --language fr --templates our-templates

Exit codes: 0 written, 2 a file, a template or the command line cannot be used.`
}

func (c templateCommand) Run(ctx context.Context, a *app) error {
	if c.List && c.Export != "" {
		return errors.New("--list, --export: give one of them")
	}
	if c.Export != "" {
		return exportTemplates(a, c.Export)
	}
	if c.Kind == kindNotice && !c.List {
		return c.notice(a)
	}
	set, err := c.set(a)
	if err != nil {
		return err
	}
	if c.List {
		return listTemplates(a, set)
	}
	if c.Kind == "" {
		return fmt.Errorf("name the paper: %s, or %s; or --list, or --export FOLDER", join(papers.Kinds(), ", "), kindNotice)
	}
	kind := papers.Kind(c.Kind)
	if papers.Blank(kind) == nil {
		return fmt.Errorf("%q is no paper: use one of %s, or %s", c.Kind, join(papers.Kinds(), ", "), kindNotice)
	}
	if err := c.fits(kind); err != nil {
		return err
	}
	written, same, err := set.Speaks(c.Language)
	if err != nil {
		return fmt.Errorf("--language: %w", err)
	}
	if !same {
		fmt.Fprintf(a.err, "okrkit: --language %s: there are no words for it, so this is written in %s; there are %s, and --templates may add to them\n", oneLine(c.Language), written, strings.Join(set.Languages(), ", "))
	}
	now, err := a.now(c.Now)
	if err != nil {
		return err
	}
	data := papers.Blank(kind)
	if len(c.Files) > 0 {
		if data, err = c.fill(ctx, a, kind, now); err != nil {
			return err
		}
	}
	return set.Render(a.out, c.addressed(data), papers.Options{Language: c.Language, Format: papers.Format(c.Format), Size: papers.Size(c.Sheet)})
}

// fits refuses what a paper has no use for, so that nobody believes it was heeded.
func (c templateCommand) fits(kind papers.Kind) error {
	switch announcement := kind == papers.KindAnnouncement; {
	case !announcement && (c.Host != "" || len(c.Look) > 0):
		return fmt.Errorf("--host, --look: they belong to the announcement, not to the %s", kind)
	case announcement && c.Team != "":
		return errors.New("--team: the announcement is for everybody")
	case c.Sheet != "" && papers.Format(c.Format) != papers.Print:
		return errors.New("--sheet: only a page for print has one: give --format print")
	case len(c.Files) == 0 && (c.Team != "" || c.Cycle != ""):
		return errors.New("--team, --cycle: name the plan that has them")
	}
	return nil
}

// set is the templates and words, with the host's over the shipped ones.
func (c templateCommand) set(*app) (*papers.Set, error) {
	host, err := c.folder()
	if err != nil {
		return nil, err
	}
	if host == nil {
		return papers.Shipped(), nil
	}
	set, err := papers.Load(host)
	if err != nil {
		return nil, fmt.Errorf("--templates %s: %w", c.Templates, err)
	}
	return set, nil
}

// folder is what the host lays over, nil if it is nothing.
func (c templateCommand) folder() (fs.FS, error) {
	if c.Templates == "" {
		return nil, nil
	}
	info, err := os.Stat(c.Templates)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--templates: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("--templates %s: this is no folder", c.Templates)
	}
	return os.DirFS(c.Templates), nil
}

// addressed adds what no plan says.
func (c templateCommand) addressed(d papers.Data) papers.Data {
	x, ok := d.(papers.Announcement)
	if !ok {
		return d
	}
	if c.Host != "" {
		x.From = c.Host
	}
	for _, url := range c.Look {
		x.Links = append(x.Links, papers.Link{URL: url})
	}
	return x
}

// fill reads the plans and fills the paper from them.
func (c templateCommand) fill(ctx context.Context, a *app, kind papers.Kind, now time.Time) (papers.Data, error) {
	judge, err := c.judge(a)
	if err != nil {
		return nil, err
	}
	plans, err := a.gather(c.Files, c.From, now)
	if err != nil {
		return nil, err
	}
	a.tellUnread(plans.unread)
	s := &plans.snapshot
	cycle, err := chooseCycle(s.Cycles, c.Cycle, now)
	if err != nil {
		for _, u := range plans.unread {
			if c.Cycle != "" && u.Text == c.Cycle {
				return nil, fmt.Errorf("%w; put the rows of %s, such as %s:%d, into a file of their own", err, c.Cycle, u.File, u.Line)
			}
		}
		return nil, err
	}
	team, err := chooseTeam(s, c.Team)
	if err != nil {
		return nil, err
	}
	calendar := newCalendar()
	a.tellUnknownRegions(s, calendar)
	d := filedesk{snapshot: s, judge: judge, calendar: calendar, now: now}
	switch kind {
	case papers.KindWorksheet:
		return worksheetOf(ctx, judge, plans, team, s.Cycle(cycle).Today(now), c.named(s, cycle), now)
	case papers.KindCheckIn:
		if team == "" {
			team = d.together()
		}
		d.begin(cycle)
	case papers.KindReview:
		d.begin(cycle)
	}
	view, err := d.view(ctx)
	if err != nil {
		return nil, err
	}
	switch kind {
	case papers.KindAnnouncement:
		return papers.AnnouncementOf(ctx, view, calendar, cycle, now)
	case papers.KindPlanning:
		return papers.PlanningOf(ctx, view, calendar, cycle, team)
	case papers.KindReview:
		return papers.ReviewOf(ctx, view, calendar, cycle, team)
	}
	return papers.CheckInOf(ctx, view, okr.AgendaQuery{Cycle: cycle, Team: team})
}

// named is what a worksheet is about.
func (c templateCommand) named(s *okr.Snapshot, cycle okr.ID) string {
	if name := s.Cycle(cycle).Name; name != "" {
		return name
	}
	return filepath.Base(c.Files[0])
}

// chooseCycle is the cycle that was named; else the one that is under way, the next,
// or the last one.
func chooseCycle(all []okr.Cycle, name string, now time.Time) (okr.ID, error) {
	var names []string
	for _, c := range all {
		if name != "" && (c.Key == name || c.Name == name) {
			return c.ID, nil
		}
		names = append(names, c.Key)
	}
	if name != "" {
		return "", fmt.Errorf("--cycle: the files have no %q: they have %s", name, listed(names))
	}
	if len(all) == 0 {
		return "", errors.New("the files name no cycle")
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b okr.Cycle) int { return b.Start.DaysUntil(a.Start) })
	for _, c := range sorted {
		if !c.End.IsZero() && !c.End.Before(c.Today(now)) {
			return c.ID, nil
		}
	}
	return sorted[len(sorted)-1].ID, nil
}

// chooseTeam is the team that was named, "" if none was.
func chooseTeam(s *okr.Snapshot, name string) (okr.ID, error) {
	if name == "" {
		return "", nil
	}
	var names []string
	for _, t := range s.Teams {
		if string(t.ID) == name || t.Name == name {
			return t.ID, nil
		}
		names = append(names, titled(t))
	}
	if len(names) == 0 {
		return "", fmt.Errorf("--team: the files list no teams, so there is no %q", name)
	}
	folded := slices.DeleteFunc(slices.Clone(s.Teams), func(t okr.Team) bool {
		return !strings.EqualFold(string(t.ID), name) && !strings.EqualFold(t.Name, name)
	})
	if len(folded) == 1 {
		return folded[0].ID, nil
	}
	return "", fmt.Errorf("--team: the files have no %q: they have %s", name, listed(names))
}

// titled is a team by what it may be called.
func titled(t okr.Team) string {
	if t.Name == "" || t.Name == string(t.ID) {
		return string(t.ID)
	}
	return fmt.Sprintf("%s (%s)", t.ID, t.Name)
}

// mostUnread is how many lines are named that were not read.
const mostUnread = 20

// tellUnread says what of the files is in no paper.
func (a *app) tellUnread(all []okr.Unread) {
	for _, u := range all[:min(len(all), mostUnread)] {
		where := u.File
		if u.Line > 0 {
			where = fmt.Sprintf("%s:%d", u.File, u.Line)
		}
		fmt.Fprintf(a.err, "okrkit: %s: not read: %s: %s\n", oneLine(where), oneLine(u.Reason), shorten(oneLine(u.Text), 60))
	}
	if more := len(all) - mostUnread; more > 0 {
		fmt.Fprintf(a.err, "okrkit: %d more not read: okrkit audit lists them\n", more)
	}
}

func listTemplates(a *app, set *papers.Set) error {
	about := map[papers.Kind]string{
		papers.KindAnnouncement: "what everybody is told before a cycle: who, when, what is expected, where to look, by which rhythm",
		papers.KindPlanning:     "the session in which a cycle is planned",
		papers.KindWorksheet:    "the audit of key results, a row for each",
		papers.KindCheckIn:      "the weekly meeting of a team: status, blockers, adjustments",
		papers.KindReview:       "the session at the end of a cycle: hit, missed, learned",
	}
	rows := [][]string{{"PAPER", "WHAT IT IS"}}
	for _, k := range papers.Kinds() {
		rows = append(rows, []string{string(k), about[k]})
	}
	rows = append(rows, []string{kindNotice, "no paper: every message that people may get, by examples, to read before they do"})
	table(a.out, rows)
	fmt.Fprintf(a.out, "\nLanguages: %s\nFormats: %s\n", join(set.Languages(), ", "), join(papers.Formats(), ", "))
	return nil
}

// exportTemplates writes the shipped files to a folder, all or none.
func exportTemplates(a *app, folder string) error {
	texts := map[string][]byte{}
	for under, files := range map[string]fs.FS{".": papers.Files(), noticesFolder: cadence.Words()} {
		err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name := path.Join(under, p)
			if _, err := os.Lstat(filepath.Join(folder, filepath.FromSlash(name))); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("--export: %s is there already: choose another folder", filepath.ToSlash(filepath.Join(folder, name)))
			}
			texts[name], err = fs.ReadFile(files, p)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return fmt.Errorf("--export: %w", err)
		}
		if err := os.WriteFile(to, texts[name], 0o600); err != nil {
			return fmt.Errorf("--export: %w", err)
		}
	}
	fmt.Fprintf(a.out, "%d files written to %s: keep those that shall differ, and give --templates %s\n", len(texts), filepath.ToSlash(folder), filepath.ToSlash(folder))
	return nil
}
