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
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

type rulesDiff struct {
	Format  string   `help:"How to print: ${enum}." enum:"${diffFormats}" default:"text" placeholder:"FORMAT"`
	From    string   `help:"What the plans are, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	Now     string   `help:"Judge as of this date or instant; today if not given." placeholder:"TIME"`
	Old     []string `help:"Packs as they are: files, or folders of *.yaml. If not given, those in force in the database, or the starter packs." placeholder:"PACK" sep:","`
	New     []string `help:"Packs that would come on top of those, or in the place of those of their names." placeholder:"PACK" sep:","`
	Only    bool     `help:"The packs of --new would be all there is."`
	Without []string `help:"Names of packs that would be no longer." placeholder:"NAME" sep:","`
	Files   []string `arg:"" optional:"" name:"file" help:"Plans to judge by both."`
	database
}

func (rulesDiff) Help() string {
	return `Says what packs would change before they are put in force. What is, are the packs of --old, or else those in force in the database, or else the starter packs; what would be, are these with the packs of --new on top, or with --only the packs of --new alone. With plan files, judges them by both. With a database, judges everything in it that is not closed, and says besides which decisions would be refused, and whom it would send which message. The database is only read, beside the process that serves it.

Examples:
  okrkit rules diff --new proposed/ plan.md
  okrkit rules diff --old rules/ --new proposed/ --only plan.md
  okrkit rules diff --store okr.db --tenant acme --new proposed/
  okrkit rules diff --store postgres://okr@db/okr --without status-viva --format markdown

Exit codes: 0 nothing changes, 1 something does, 2 a file, a pack, the database or the command line cannot be used.`
}

func (c rulesDiff) Run(ctx context.Context, a *app) error {
	now, err := a.now(c.Now)
	if err != nil {
		return err
	}
	var d audit.Difference
	switch {
	case c.Store != "" && len(c.Files) > 0:
		return errors.New("give plan files or --store, not both")
	case c.Store != "":
		d, err = c.live(ctx, a, now)
	case c.Tenant != "":
		return errors.New("--tenant is of a database: give --store")
	default:
		d, err = c.plans(ctx, a, now)
	}
	if err != nil {
		return err
	}
	if err := d.Render(a.out, audit.Format(c.Format)); err != nil {
		return err
	}
	if !d.Same() {
		return errFindings
	}
	return nil
}

// plans judges files by both.
func (c rulesDiff) plans(ctx context.Context, a *app, now time.Time) (audit.Difference, error) {
	plans, err := a.gather(c.Files, c.From, now)
	if err != nil {
		return audit.Difference{}, err
	}
	judge, err := judging{Starter: true}.judge(a)
	if err != nil {
		return audit.Difference{}, err
	}
	p, err := c.proposal(a, judge.Starter())
	if err != nil {
		return audit.Difference{}, err
	}
	parts := audit.Parts()
	if len(c.Files) > 0 {
		parts = audit.Parts(audit.Part{Snapshot: &plans.snapshot, At: plans.at})
	}
	return judge.Diff(ctx, p.before, p.after, now, parts)
}

// proposal is what the command line asks about, where these packs are in force.
func (c rulesDiff) proposal(a *app, inForce []okr.Pack) (proposal, error) {
	if len(c.Old) > 0 {
		old, err := a.proposals(c.Old)
		if err != nil {
			return proposal{}, err
		}
		p, err := propose(nil, old, nil)
		if err != nil {
			return p, err
		}
		inForce = p.after
	}
	proposed, err := a.proposals(c.New)
	switch {
	case err != nil:
		return proposal{}, err
	case !c.Only:
		return propose(inForce, proposed, c.Without)
	case len(c.New) == 0:
		return proposal{}, errors.New("--only says that the packs of --new are all there is: give --new")
	case len(c.Without) > 0:
		return proposal{}, errors.New("with --only nothing else is left: give it without --without")
	}
	p, err := propose(nil, proposed, nil)
	p.before = inForce
	return p, err
}

// live judges what is in a database by both.
func (c rulesDiff) live(ctx context.Context, a *app, now time.Time) (_ audit.Difference, err error) {
	l, err := c.open(ctx, a, false, func() time.Time { return now })
	if err != nil {
		return audit.Difference{}, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	before, err := l.inForce(ctx)
	if err != nil {
		return audit.Difference{}, err
	}
	p, err := c.proposal(a, before)
	if err != nil {
		return audit.Difference{}, err
	}
	return l.dryRun(ctx, p)
}

// inForce are the packs that the tenant is judged by.
func (l *live) inForce(ctx context.Context) ([]okr.Pack, error) {
	packs, err := l.tenant.View().Packs(ctx)
	var out []okr.Pack
	for _, p := range packs {
		out = append(out, p.Pack)
	}
	return out, err
}

// dryRun says what a proposal would change, and whom it would be told to.
func (l *live) dryRun(ctx context.Context, p proposal) (audit.Difference, error) {
	d, err := l.judge.DryRun(ctx, l.tenant, p.before, p.after)
	if err != nil {
		return d, err
	}
	tell := func(packs []okr.Pack, tried okr.Decision) ([]audit.Message, error) {
		notices, err := cadence.Foretell(ctx, l.tenant.Trial(packs...), tried)
		var out []audit.Message
		for _, n := range notices {
			out = append(out, audit.Message{To: string(n.To), Name: cmp.Or(d.People[n.To], string(n.To)), Kind: n.Kind, Title: n.Title})
		}
		return out, err
	}
	sent, err := tell(p.after, d.Announced)
	if err != nil {
		return d, err
	}
	unsent, err := tell(p.before, d.Unannounced)
	d.Tell(sent, unsent)
	return d, err
}

// proposed is a pack in a file.
type proposed struct {
	pack okr.Pack
	text *rules.Pack
}

// proposals reads packs of files.
func (a *app) proposals(names []string) ([]proposed, error) {
	inputs, err := a.readPacks(names)
	if err != nil {
		return nil, err
	}
	var out []proposed
	for _, in := range inputs {
		p, err := rules.Parse(in.name, in.text)
		if err != nil {
			return nil, err
		}
		i := p.Info()
		out = append(out, proposed{okr.Pack{Name: i.Name, Version: i.Version, Digest: strings.TrimPrefix(i.Digest, "sha256:"), Text: string(in.text)}, p})
	}
	return out, nil
}

// proposal is packs as they are and as they would be.
type proposal struct {
	before, after []okr.Pack
	set           *rules.Set // of those after
}

// propose puts packs in the place of those of their names, or beside them, and takes
// others away. What is left must compile together.
func propose(before []okr.Pack, proposed []proposed, without []string) (proposal, error) {
	p := proposal{before: before, after: slices.Clone(before)}
	texts := map[string]*rules.Pack{}
	for _, n := range proposed {
		if texts[n.pack.Name] != nil {
			return p, fmt.Errorf("%s: another of the files is the pack %s as well: leave one out", n.text.Info().File, n.pack.Name)
		}
		texts[n.pack.Name] = n.text
		p.after = slices.DeleteFunc(p.after, func(o okr.Pack) bool { return o.Name == n.pack.Name })
		p.after = append(p.after, n.pack)
	}
	for _, name := range without {
		i := slices.IndexFunc(p.after, func(o okr.Pack) bool { return o.Name == name })
		if i < 0 {
			return p, notInForce(name, p.after)
		}
		p.after = slices.Delete(p.after, i, i+1)
	}
	if len(p.after) == 0 {
		return p, errors.New("no pack would be left: put another one in force first")
	}
	slices.SortFunc(p.after, func(a, b okr.Pack) int { return cmp.Compare(a.Name, b.Name) })
	var parsed []*rules.Pack
	for _, x := range p.after {
		text := texts[x.Name]
		if text == nil {
			var err error
			if text, err = rules.Parse(x.Name+" (in force)", []byte(x.Text)); err != nil {
				continue // it judges nothing, and says so
			}
		}
		for _, base := range text.Info().Extends {
			if slices.Contains(without, base.Pack) {
				return p, fmt.Errorf("the pack %s builds on %s: take %[1]s out of force as well", x.Name, base.Pack)
			}
		}
		parsed = append(parsed, text)
	}
	var err error
	p.set, err = rules.Compile(audit.Env(audit.Level), parsed...)
	return p, err
}

func notInForce(name string, packs []okr.Pack) error {
	names := make([]string, len(packs))
	for i, p := range packs {
		names[i] = p.Name
	}
	if near := rules.Nearest(name, names); near != "" {
		return fmt.Errorf("the pack %s is not in force: did you mean %s?", name, near)
	}
	return fmt.Errorf("the pack %s is not in force", name)
}
