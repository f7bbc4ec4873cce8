package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

type rulesActivate struct {
	As     string `required:"" help:"Who puts them in force: the id of a person of the tenant." placeholder:"NAME"`
	Reason string `help:"Why; it stays on record." placeholder:"TEXT"`
	demands
	Packs []string `arg:"" name:"pack" help:"Files, folders of *.yaml, or presets (${presets})."`
	database
}

func (rulesActivate) Help() string {
	return `Puts packs in force for a tenant, each beside those that are or in the place of the one of its name, from now on and without a restart: whatever process serves the database judges by them with its next decision, and looks at everything anew. Before that, runs the tests that the packs carry, and prints in short what will change; okrkit rules diff prints all of it.

Example: okrkit rules activate --store okr.db --tenant acme --as ines rules/acme.yaml

Exit codes: 0 they are in force, 1 a test is not as expected (or what --strict and --min-coverage ask for is missing) and nothing was changed, 2 a file, a pack, the database or the command line cannot be used.`
}

func (c rulesActivate) Run(ctx context.Context, a *app) (err error) {
	demand, err := c.demand()
	if err != nil {
		return err
	}
	proposed, err := a.proposals(c.Packs)
	if err != nil {
		return err
	}
	l, err := c.open(ctx, a, true, a.clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	by, err := l.somebody(ctx, c.As)
	if err != nil {
		return err
	}
	before, err := l.inForce(ctx)
	if err != nil {
		return err
	}
	p, err := propose(before, proposed, nil)
	if err != nil {
		return err
	}
	if err := a.proven(ctx, p.set, proposed, demand); err != nil {
		return err
	}
	if err := l.preview(ctx, a, p); err != nil {
		return err
	}
	n := okr.NewPack{Text: proposed[0].pack.Text, Reason: c.Reason}
	for _, p := range proposed[1:] {
		n.With = append(n.With, p.pack.Text)
	}
	d, err := by.ActivatePack(ctx, n)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, e := range d.Events {
		payload, err := e.Payload()
		if err != nil {
			return err
		}
		if f, ok := payload.(*okr.PackFact); ok {
			told[f.Pack] = true
		}
	}
	for _, p := range proposed {
		said := "is in force now"
		if !told[p.pack.Name] {
			said = "was in force already"
		}
		fmt.Fprintf(a.out, "%s %s %s.\n", p.pack.Name, p.pack.Version, said)
	}
	return nil
}

// proven runs the tests of packs as they would be in force.
func (a *app) proven(ctx context.Context, set *rules.Set, proposed []proposed, demand rules.Demand) error {
	o := rules.TestOptions{Packs: []string{}}
	for _, n := range proposed {
		o.Packs = append(o.Packs, n.pack.Name)
	}
	report, err := set.Test(ctx, o)
	if err != nil {
		return err
	}
	if report.Check(demand) == nil {
		return nil
	}
	if !demand.Examples {
		report.Untested = nil
	}
	a.printTests(audit.TestRun{TestReport: report, Demand: demand}, demand.Coverage > 0)
	fmt.Fprintln(a.out, "Nothing was put in force.")
	return errFindings
}

// preview prints in short what a proposal will change.
func (l *live) preview(ctx context.Context, a *app, p proposal) error {
	d, err := l.dryRun(ctx, p)
	if err != nil {
		return err
	}
	for _, r := range d.Rules {
		fmt.Fprintln(a.out, oneLine(r.Line()))
	}
	if len(d.Rules) > 0 {
		fmt.Fprintln(a.out)
	}
	fmt.Fprintf(a.out, "%s\n\n", clean(d.Sentence()))
	return nil
}

type rulesDeactivate struct {
	As     string   `required:"" help:"Who takes them out of force: the id of a person of the tenant." placeholder:"NAME"`
	Reason string   `help:"Why; it stays on record." placeholder:"TEXT"`
	Names  []string `arg:"" name:"pack" help:"Names of packs in force."`
	database
}

func (rulesDeactivate) Help() string {
	return `Takes packs out of force for a tenant, from now on and without a restart. Before that, prints in short what will change. What they have judged stays.

Example: okrkit rules deactivate --store okr.db --tenant acme --as ines status-viva

Exit codes: 0 they are out of force, 2 a pack, the database or the command line cannot be used.`
}

func (c rulesDeactivate) Run(ctx context.Context, a *app) (err error) {
	l, err := c.open(ctx, a, true, a.clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	by, err := l.somebody(ctx, c.As)
	if err != nil {
		return err
	}
	before, err := l.inForce(ctx)
	if err != nil {
		return err
	}
	p, err := propose(before, nil, c.Names)
	if err != nil {
		return err
	}
	if err := l.preview(ctx, a, p); err != nil {
		return err
	}
	names := topDown(before, c.Names)
	if err := by.Do(ctx, func(t okr.Tenant) error {
		for _, name := range names {
			if _, err := t.DeactivatePack(ctx, okr.PackEnd{Name: name, Reason: c.Reason}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, name := range names {
		fmt.Fprintf(a.out, "%s is not in force any more.\n", oneLine(name))
	}
	return nil
}

// topDown puts packs before those that they build on.
func topDown(inForce []okr.Pack, names []string) []string {
	extends := map[string][]rules.BaseInfo{}
	for _, p := range inForce {
		if x, err := rules.Parse(p.Name, []byte(p.Text)); err == nil {
			extends[p.Name] = x.Info().Extends
		}
	}
	var out []string
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, above := range names {
			if slices.ContainsFunc(extends[above], func(b rules.BaseInfo) bool { return b.Pack == name }) {
				add(above)
			}
		}
		out = append(out, name)
	}
	for _, name := range names {
		add(name)
	}
	return out
}

// somebody is the handle of a person whom the company knows: what was decided is on
// record under that id for good.
func (l *live) somebody(ctx context.Context, id string) (okr.Tenant, error) {
	_, err := l.tenant.View().Owns(ctx, okr.ID(id), okr.Paging{Limit: 1})
	if id == "" || errors.Is(err, okr.ErrNotFound) {
		return okr.Tenant{}, fmt.Errorf("--as: %s knows nobody with the id %q: give the id of a person", l.tenant.ID(), id)
	}
	return l.tenant.As(okr.Someone(okr.ID(id))), err
}

type rulesList struct {
	Format string `help:"How to print: ${enum}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	database
}

func (rulesList) Help() string {
	return `Lists the packs in force for a tenant: since when, put in force by whom, and the digest of their text.

Example: okrkit rules list --store okr.db --tenant acme

Exit codes: 0 they were listed, 2 the database or the command line cannot be used.`
}

// forceRow is a pack in force.
type forceRow struct {
	Pack    string   `json:"pack"`
	Version string   `json:"version"`
	Digest  string   `json:"digest"`
	Since   string   `json:"since,omitempty"` // UTC instant; "" where nothing was judged yet
	By      string   `json:"by,omitempty"`
	Rules   int      `json:"rules"`
	Layers  []string `json:"layers"` // packs that set something in it, with their versions
}

func (c rulesList) Run(ctx context.Context, a *app) (err error) {
	l, err := c.open(ctx, a, false, a.clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	packs, err := l.tenant.View().Packs(ctx)
	if err != nil {
		return err
	}
	infos := map[string]rules.PackInfo{}
	var parsed []*rules.Pack
	for _, p := range packs {
		if x, err := rules.Parse(p.Name+" (in force)", []byte(p.Text)); err == nil {
			parsed = append(parsed, x)
		}
	}
	if laid, _, err := rules.Resolve(parsed...); err == nil {
		parsed = laid
	}
	for _, x := range parsed {
		infos[x.Info().Name] = x.Info()
	}
	rows := []forceRow{}
	for _, p := range packs {
		i := infos[p.Name]
		r := forceRow{Pack: p.Name, Version: p.Version, Digest: p.Digest, By: string(p.By.ID), Rules: len(i.Rules) + len(i.Scores) + len(i.Statuses), Layers: []string{}}
		if !p.Since.IsZero() {
			r.Since = p.Since.UTC().Format(time.RFC3339)
		}
		for _, x := range i.Layers {
			r.Layers = append(r.Layers, x.Pack+" "+x.Version)
		}
		rows = append(rows, r)
	}
	if c.Format == "json" {
		return a.json(map[string]any{"tenant": l.tenant.ID(), "packs": rows})
	}
	cells := [][]string{{"PACK", "VERSION", "RULES", "SINCE", "BY", "DIGEST", "SET IN IT BY"}}
	for _, r := range rows {
		cells = append(cells, []string{r.Pack, r.Version, fmt.Sprint(r.Rules), cmp.Or(r.Since, "–"), cmp.Or(r.By, "–"), shorten(r.Digest, 13), strings.Join(r.Layers, ", ")})
	}
	table(a.out, cells)
	return nil
}
