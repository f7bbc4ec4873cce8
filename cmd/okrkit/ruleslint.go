package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

type rulesLint struct {
	Format string `help:"How to print: ${enum}." enum:"text,json,${problemFormats}" default:"text" placeholder:"FORMAT"`
	Strict bool   `help:"A warning is a finding as well."`
	wordLists
	Packs []string `arg:"" name:"pack" help:"Files, folders of *.yaml, or - for standard input."`
}

func (rulesLint) Help() string {
	return `Reads each pack and each *_test.yaml, checks its shape, types and cost, and says of everything that is wrong where it stands and what to do about it. A warning is about what works and is likely not meant. The starter packs and presets that a pack extends need not be named.

Example: okrkit rules lint rules/

Exit codes: 0 nothing is wrong, 1 something is (with --strict, or there is a warning), 2 a file cannot be read.`
}

// problem is one thing that is wrong with the text of a pack.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	Rule    string `json:"rule,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// packRow says what is in a pack.
type packRow struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Env      int    `json:"env"`
	File     string `json:"file"`
	Digest   string `json:"digest"`
	Rules    int    `json:"rules"`
	Scores   int    `json:"scores"`
	Statuses int    `json:"statuses"`
}

func (c rulesLint) Run(a *app) error {
	words, err := c.words()
	if err != nil {
		return err
	}
	inputs, apart, err := a.readRules(c.Packs, true)
	if err != nil {
		return err
	}
	var problems, warnings rules.Errors
	var named []string
	var tests []*rules.TestFile
	for _, in := range apart {
		f, err := rules.ParseTests(in.name, in.text)
		if err != nil {
			if problems, err = addErrors(problems, err); err != nil {
				return err
			}
			continue
		}
		named, tests = append(named, f.Pack()), append(tests, f)
	}
	rows, ruleCount := []packRow{}, 0
	files := make([]rules.File, 0, len(inputs))
	for _, in := range inputs {
		files = append(files, rules.File{Name: in.name, Text: in.text})
		if p, err := rules.Parse(in.name, in.text); err == nil { // what is wrong is told by Load
			i := p.Info()
			rows = append(rows, packRow{i.Name, i.Version, i.Env, i.File, i.Digest, len(i.Rules), len(i.Scores), len(i.Statuses)})
			ruleCount += len(i.Rules) + len(i.Scores) + len(i.Statuses)
		}
	}
	set, err := rules.Load(audit.Env(audit.Level, words...), append(bases(inputs, named...), files...)...)
	if err == nil {
		warnings = slices.DeleteFunc(set.Warnings(), func(e *rules.Error) bool {
			return !slices.ContainsFunc(inputs, func(in input) bool { return in.name == e.File })
		})
		err = set.CheckTests(tests...)
	}
	if err != nil {
		if problems, err = addErrors(problems, err); err != nil {
			return err
		}
	}

	switch c.Format {
	case "json":
		if err := a.json(map[string]any{"packs": rows, "problems": orEmpty(problemsIn(problems)), "warnings": orEmpty(problemsIn(warnings))}); err != nil {
			return err
		}
	case "text":
		for _, p := range slices.Concat(problems, warnings) {
			fmt.Fprintf(a.out, "%s\n\n", clean(p.Error()))
		}
		verdict := a.paint(green, "nothing is wrong")
		if len(problems) > 0 {
			verdict = a.paint(red, count(len(problems), "problem", "problems"))
		}
		if len(warnings) > 0 {
			verdict += ", " + count(len(warnings), "warning", "warnings")
		}
		fmt.Fprintf(a.out, "%s, %s: %s\n", count(len(inputs), "pack", "packs"), count(ruleCount, "rule", "rules"), verdict)
	default:
		all := audit.PackProblems{Errors: problems, Warnings: warnings}
		for _, in := range slices.Concat(inputs, apart) {
			all.Files = append(all.Files, in.name)
		}
		if err := all.Render(a.out, audit.Format(c.Format)); err != nil {
			return err
		}
	}
	if len(problems) > 0 || c.Strict && len(warnings) > 0 {
		return errFindings
	}
	return nil
}

func orEmpty(p []problem) []problem {
	if p == nil {
		return []problem{}
	}
	return p
}

// bases are the starter packs and presets that the inputs extend, those that these
// extend, and those that are named, if no input is of their name.
func bases(inputs []input, names ...string) []rules.File {
	shipped := map[string]rules.File{}
	add := func(name string, text []byte) {
		if p, err := rules.Parse(name, text); err == nil {
			shipped[p.Info().Name] = rules.File{Name: name, Text: text}
		}
	}
	files, _ := fs.Glob(pack.Starter, "*.yaml") // the pattern is well formed
	for _, name := range files {
		text, err := fs.ReadFile(pack.Starter, name)
		if err == nil {
			add(name, text)
		}
	}
	for _, name := range pack.Presets() {
		text, _ := pack.Preset(name)
		add(name+".yaml", text)
	}
	var out []rules.File
	var follow func(name string, text []byte)
	var take func(name string)
	follow = func(name string, text []byte) {
		p, err := rules.Parse(name, text)
		if err != nil {
			return
		}
		delete(shipped, p.Info().Name)
		for _, base := range p.Info().Extends {
			take(base.Pack)
		}
	}
	take = func(name string) {
		if f, ok := shipped[name]; ok {
			delete(shipped, name)
			out = append(out, f)
			follow(f.Name, f.Text)
		}
	}
	for _, in := range inputs { // their own names first
		if p, err := rules.Parse(in.name, in.text); err == nil {
			delete(shipped, p.Info().Name)
		}
	}
	for _, in := range inputs {
		follow(in.name, in.text)
	}
	for _, name := range names {
		take(name)
	}
	return out
}

// addErrors adds what is wrong with the text of packs; any other error comes back as
// it is.
func addErrors(to rules.Errors, err error) (rules.Errors, error) {
	var many rules.Errors
	var single *rules.Error
	switch {
	case errors.As(err, &many):
		return append(to, many...), nil
	case errors.As(err, &single):
		return append(to, single), nil
	}
	return to, err
}

func problemsIn(errs rules.Errors) []problem {
	var out []problem
	for _, e := range errs {
		out = append(out, problem{e.File, e.Line, e.Col, e.Rule, e.Message, e.Hint})
	}
	return out
}
