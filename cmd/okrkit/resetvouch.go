package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

type resetVouch struct {
	Plan      string `help:"The plan as it is now; the one of the step before if not given." placeholder:"FILE"`
	KeyResult string `arg:"" name:"key-result" help:"Its key on the worksheet, such as win/renewals, or its title."`
	For       string `help:"What is vouched for: ${enum}." enum:"source,as_is,aside" required:"" placeholder:"WHAT"`
	Reason    string `help:"Why; needed but for a source." placeholder:"TEXT"`
	Undo      bool   `help:"Take back what was vouched for; the reason says why."`
	resetting
}

type resetMatch struct {
	Plan string `help:"The plan as it is now; the one of the step before if not given." placeholder:"FILE"`
	Was  string `arg:"" help:"Key or title on the worksheet."`
	Is   string `arg:"" optional:"" help:"Key or title in the plan."`
	None bool   `help:"Nothing in the plan took its place."`
	resetting
}

func (c resetVouch) Run(ctx context.Context, a *app) error {
	if c.For != string(okr.VouchSource) && strings.TrimSpace(c.Reason) == "" {
		return errNoReason
	}
	f, in, v, _, err := c.load(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	if c.Undo {
		return c.undo(a, f, in, v)
	}
	row, err := oneRow(f, v, in, c.KeyResult)
	if err != nil {
		return err
	}
	said := okr.Vouched{KeyResult: row.KeyResult, For: okr.VouchKind(c.For), Reason: c.Reason, By: okr.Someone(okr.ID(c.By)), At: v.Now}
	k := in.snapshot.KeyResult(row.KeyResult)
	switch {
	case said.For == okr.VouchSource && (k.Source == nil || k.Source.Named() == ""):
		return fmt.Errorf("%s: it names no source yet: name it in the plan first", row.KeyResult)
	case said.For == okr.VouchSource:
		said.Source = k.Source.Named()
	case said.For == okr.VouchAside:
		if err := in.meant(f, row, c.KeyResult); err != nil {
			return err
		}
	}
	f.Reset.Vouched = append(slices.DeleteFunc(f.Reset.Vouched, func(o okr.Vouched) bool {
		same := o.KeyResult == said.KeyResult && o.For == said.For
		if same {
			f.TakenBack = append(f.TakenBack, resetUndone{Vouched: o, Reason: "vouched for again", By: said.By, At: v.Now})
		}
		return same
	}), said)
	f.Matched = in.matches
	if err := f.write(c.State); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %s\n", row.KeyResult, vouchedText[said.For])
	return nil
}

var vouchedText = map[okr.VouchKind]string{
	okr.VouchSource: "its source is vouched for", okr.VouchAsIs: "it stays as it is", okr.VouchAside: "it is set aside",
}

// meant refuses to set aside what is in the plan where what was on the worksheet was
// named, and nobody said that the one is the other.
func (p *resetPlan) meant(f *resetFile, row okr.ResetStanding, name string) error {
	was := f.Reset.Row(row.KeyResult)
	if was == nil || p.gone[row.KeyResult] {
		return nil
	}
	i := slices.IndexFunc(p.all, func(x planned) bool { return x.id == row.KeyResult })
	is := p.all[i]
	byHand := slices.ContainsFunc(p.matches, func(m resetMatched) bool { return m.Was == row.KeyResult && m.How == matchedByHand })
	if byHand || string(is.key) == name || sameTitle(is.title, name) || sameTitle(is.title, was.Before.Title) {
		return nil
	}
	return fmt.Errorf("%q: in the plan it is taken to be %q: to set that aside, say %s; if it is not in the plan any more, say okrkit reset match %q --none first",
		name, oneLine(is.title), is.key, row.KeyResult)
}

// undo takes back what was vouched for.
func (c resetVouch) undo(a *app, f *resetFile, p *resetPlan, v okr.ResetView) error {
	var ids []okr.ID // what was set aside, and was on no worksheet, has no row
	for _, x := range p.all {
		if string(x.key) == c.KeyResult || sameTitle(x.title, c.KeyResult) {
			ids = append(ids, x.id)
		}
	}
	for _, r := range f.Reset.Worksheet {
		if sameTitle(r.Before.Title, c.KeyResult) {
			ids = append(ids, r.KeyResult)
		}
	}
	var found []int
	for i, x := range f.Reset.Vouched {
		if string(x.For) == c.For && (string(x.KeyResult) == c.KeyResult || slices.Contains(ids, x.KeyResult)) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 0:
		return fmt.Errorf("%q: nobody has vouched for it (%s): there is nothing to take back", c.KeyResult, c.For)
	case 1:
	default:
		return fmt.Errorf("%q: %d key results were vouched for under that name: use the key, such as %s", c.KeyResult, len(found), f.Reset.Vouched[found[0]].KeyResult)
	}
	was := f.Reset.Vouched[found[0]]
	f.Reset.Vouched = slices.Delete(f.Reset.Vouched, found[0], found[0]+1)
	f.TakenBack = append(f.TakenBack, resetUndone{Vouched: was, Reason: c.Reason, By: okr.Someone(okr.ID(c.By)), At: v.Now})
	if err := f.write(c.State); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: taken back (%s)\n", was.KeyResult, was.For)
	return nil
}

func (c resetMatch) Run(ctx context.Context, a *app) error {
	if c.None != (c.Is == "") {
		return errors.New("match: name what took its place in the plan, or say --none")
	}
	f, in, _, _, err := c.load(ctx, a, c.Plan)
	if err != nil {
		return err
	}
	was, err := onWorksheet(f, c.Was)
	if err != nil {
		return err
	}
	is := planned{}
	if !c.None {
		if is, err = in.find(c.Is); err != nil {
			return err
		}
	}
	// What stands there as it did is no other.
	for _, x := range in.all {
		if x.id == was.KeyResult && x.key != is.key && x.key == was.KeyResult && sameTitle(x.title, was.Before.Title) {
			return fmt.Errorf("%s: it is in the plan as it was: take it out first, or set it aside with okrkit reset vouch %q --for aside", was.KeyResult, was.KeyResult)
		}
	}
	to := resetMatched{Was: was.KeyResult, Is: is.key, Title: is.title, How: matchedByHand}
	if c.None {
		to.How = matchedNone
	}
	f.Matched = append(slices.DeleteFunc(in.matches, func(m resetMatched) bool { return m.Was == to.Was || to.Is != "" && m.Is == to.Is }), to)
	if err := f.write(c.State); err != nil {
		return err
	}
	if c.None {
		fmt.Fprintf(a.out, "%s is not in the plan any more\n", to.Was)
		return nil
	}
	fmt.Fprintf(a.out, "%s is now %s\n", to.Was, to.Is)
	if is.id != to.Was && f.Reset.Row(is.id) != nil {
		fmt.Fprintf(a.out, "%s was taken to be that: if it is another one in the plan, say so with okrkit reset match %q NEW\n", is.id, is.id)
	}
	return nil
}

// onWorksheet is the row of the worksheet with the key or title.
func onWorksheet(f *resetFile, name string) (okr.ResetRow, error) {
	var found []okr.ResetRow
	for _, r := range f.Reset.Worksheet {
		if string(r.KeyResult) == name {
			return r, nil
		}
		if sameTitle(r.Before.Title, name) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return okr.ResetRow{}, fmt.Errorf("%q: it is not on the worksheet: only what was there can have been replaced", name)
	case 1:
		return found[0], nil
	}
	return okr.ResetRow{}, fmt.Errorf("%q: %d key results of the worksheet have that title: use the key, such as %s", name, len(found), found[0].KeyResult)
}

// oneRow finds a key result by its key on the worksheet or in the plan, or by title
// there or here.
func oneRow(f *resetFile, v okr.ResetView, p *resetPlan, name string) (okr.ResetStanding, error) {
	var found []okr.ResetStanding
	for _, r := range v.Rows {
		called := slices.ContainsFunc(p.all, func(x planned) bool { return x.id == r.KeyResult && string(x.key) == name })
		if was := f.Reset.Row(r.KeyResult); was != nil {
			called = called || sameTitle(was.Before.Title, name)
		}
		if called || string(r.KeyResult) == name || sameTitle(r.Now.Title, name) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return okr.ResetStanding{}, fmt.Errorf("%q: no key result of the reset has that key or title: see okrkit reset status --format json for the keys", name)
	}
	var each []string
	for _, r := range found {
		each = append(each, fmt.Sprintf("%s (%s)", r.KeyResult, oneLine(r.Now.Title)))
	}
	return okr.ResetStanding{}, fmt.Errorf("%q: it can be one of %s: use a key or a title that only one of them has", name, strings.Join(each, ", "))
}
