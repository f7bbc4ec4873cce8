package main

import (
	"io/fs"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

// judging is which rules judge.
type judging struct {
	Rules   []string `help:"Further rule packs: files, folders of *.yaml, or presets (${presets}). One with the name of a starter pack takes its place. May be given several times." placeholder:"PACK" sep:","`
	Starter bool     `help:"Judge by the starter packs as well." default:"true" negatable:""`
}

// judge is a judge by the packs.
func (j judging) judge(a *app) (*audit.Judge, error) {
	set, err := j.set(a)
	if err != nil {
		return nil, err
	}
	return audit.New(audit.Fixed(set)), nil
}

// set compiles the packs. Packs of the command line are asked for scores and
// statuses before the starter packs.
func (j judging) set(a *app) (*rules.Set, error) {
	var own []*rules.Pack
	named := map[string]bool{}
	inputs, err := a.readPacks(j.Rules)
	if err != nil {
		return nil, err
	}
	for _, in := range inputs {
		p, err := rules.Parse(in.name, in.text)
		if err != nil {
			return nil, err
		}
		own = append(own, p)
		named[p.Info().Name] = true
	}
	var packs []*rules.Pack
	if j.Starter {
		names, err := fs.Glob(pack.Starter, "*.yaml")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := fs.ReadFile(pack.Starter, name)
			if err != nil {
				return nil, err
			}
			p, err := rules.Parse(name, text)
			if err != nil {
				return nil, err
			}
			if !named[p.Info().Name] {
				packs = append(packs, p)
			}
		}
	}
	return rules.Compile(audit.Env(audit.Level), append(packs, own...)...)
}
