package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

type rulesExplain struct {
	Format string   `help:"How to print: ${enum}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	Names  []string `arg:"" optional:"" name:"name" help:"Subjects, types, functions, rules or packs; everything if none is given."`
}

func (rulesExplain) Help() string {
	return `Lists the subjects that a rule can stand on and their variables, the facts of each type (a ? marks one that may be unknown), the functions that OKRs add to CEL's own, and the rules of the starter packs and presets with their reasons and a weak and a strong example of each.

Examples:
  okrkit rules explain
  okrkit rules explain key_result isTask
  okrkit rules explain watermelon

Exit codes: 0 it was listed, 2 there is no such name.`
}

type explained struct {
	Level     int               `json:"level"`
	Subjects  []explainSubject  `json:"subjects"`
	Types     []explainType     `json:"types"`
	Functions []explainFunction `json:"functions"`
	Statuses  []string          `json:"statuses"`
	Rules     []explainRule     `json:"rules"`
}

type explainRule struct {
	ID       string `json:"id"`
	Pack     string `json:"pack"`
	Preset   bool   `json:"preset"`
	On       string `json:"on"`
	Severity string `json:"severity"`
	Mode     string `json:"mode"`
	When     string `json:"when,omitempty"`
	Check    string `json:"check"`
	Fix      string `json:"fix"`
	Why      string `json:"why"`
	Source   string `json:"source"`
	Weak     string `json:"weak"`
	Strong   string `json:"strong"`
}

type explainSubject struct {
	Name string            `json:"name"`
	Doc  string            `json:"doc"`
	Vars map[string]string `json:"vars"`
}

type explainType struct {
	Name  string        `json:"name"`
	Doc   string        `json:"doc"`
	Facts []explainFact `json:"facts"`
}

type explainFact struct {
	Name         string `json:"name"`
	Kind         string `json:"kind"`
	MayBeUnknown bool   `json:"may_be_unknown"`
	Since        int    `json:"since"`
	Doc          string `json:"doc"`
}

type explainFunction struct {
	Name      string `json:"name"`
	Signature string `json:"signature"`
	Since     int    `json:"since"`
	Doc       string `json:"doc"`
}

func (c rulesExplain) Run(a *app) error {
	all := explain(audit.Schema(audit.Level))
	var err error
	if all.Rules, err = shippedRules(); err != nil {
		return err
	}
	shown := all
	if len(c.Names) > 0 {
		if shown, err = all.only(c.Names); err != nil {
			return err
		}
	}
	if c.Format == "json" {
		return a.json(shown)
	}
	for _, s := range shown.Subjects {
		var vars []string
		for v, t := range s.Vars {
			vars = append(vars, v+" ("+t+")")
		}
		slices.Sort(vars)
		fmt.Fprintf(a.out, "on: %s\n  %s\n  reads %s, now, params\n\n", s.Name, s.Doc, strings.Join(vars, ", "))
	}
	for _, t := range shown.Types {
		fmt.Fprintf(a.out, "%s: %s\n", t.Name, t.Doc)
		rows := [][]string{}
		for _, f := range t.Facts {
			name := f.Name
			if f.MayBeUnknown {
				name += "?"
			}
			rows = append(rows, []string{name, f.Kind, f.Doc})
		}
		columns(a.out, "  ", rows)
		fmt.Fprintln(a.out)
	}
	for _, f := range shown.Functions {
		fmt.Fprintf(a.out, "%s\n  %s\n", f.Signature, f.Doc)
	}
	for _, r := range shown.Rules {
		fmt.Fprintf(a.out, "\n%s (%s, on %s, %s)\n", r.ID, r.Pack, r.On, r.Severity)
		columns(a.out, "  ", [][]string{{"why", r.Why}, {"source", r.Source}, {"weak", r.Weak}, {"strong", r.Strong}, {"fix", r.Fix}, {"when", r.When}, {"check", r.Check}})
	}
	return nil
}

// shippedRules are the rules of the starter packs and of the presets.
func shippedRules() ([]explainRule, error) {
	var out []explainRule
	add := func(name string, text []byte, preset bool) error {
		p, err := rules.Parse(name, text)
		if err != nil {
			return err
		}
		info := p.Info()
		for _, r := range info.Rules {
			out = append(out, explainRule{
				ID: r.ID, Pack: info.Name, Preset: preset, On: r.On, Severity: string(r.Severity), Mode: string(r.Mode), When: r.When,
				Check: r.Check, Fix: r.Fix, Why: r.Why, Source: r.Source, Weak: r.Weak, Strong: r.Strong,
			})
		}
		return nil
	}
	names, err := fs.Glob(pack.Starter, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(pack.Starter, name)
		if err != nil {
			return nil, err
		}
		if err := add(name, text, false); err != nil {
			return nil, err
		}
	}
	for _, name := range pack.Presets() {
		text, _ := pack.Preset(name)
		if err := add(name+".yaml", text, true); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func explain(s rules.Schema) explained {
	out := explained{Level: s.Level, Statuses: s.Statuses}
	for _, x := range s.Subjects {
		out.Subjects = append(out.Subjects, explainSubject{x.Name, x.Doc, x.Vars})
	}
	for _, t := range s.Types {
		row := explainType{Name: t.Name, Doc: t.Doc}
		for _, f := range t.Fields {
			row.Facts = append(row.Facts, explainFact{f.Name, kindName(f.Kind, f.Of), f.MayBeUnknown, f.Since, f.Doc})
		}
		out.Types = append(out.Types, row)
	}
	for _, f := range s.Funcs {
		out.Functions = append(out.Functions, explainFunction{f.Name, signature(f), f.Since, f.Doc})
	}
	return out
}

func kindName(k rules.FieldKind, of string) string {
	switch k {
	case rules.Object:
		return of
	case rules.List:
		return of + "[]"
	}
	return k.String()
}

func signature(f rules.Func) string {
	var params []string
	for _, p := range f.Params {
		params = append(params, kindName(p.Kind, p.Of))
	}
	if f.Member && len(params) > 0 {
		return fmt.Sprintf("%s.%s(%s) %s", params[0], f.Name, strings.Join(params[1:], ", "), kindName(f.Result.Kind, f.Result.Of))
	}
	return fmt.Sprintf("%s(%s) %s", f.Name, strings.Join(params, ", "), kindName(f.Result.Kind, f.Result.Of))
}

// only is what the names stand for. A subject brings the types of its variables.
func (e explained) only(names []string) (explained, error) {
	out := explained{Level: e.Level, Statuses: []string{}, Subjects: []explainSubject{}, Types: []explainType{}, Functions: []explainFunction{}, Rules: []explainRule{}}
	wanted := map[string]bool{}
	for _, name := range names {
		found := false
		for _, s := range e.Subjects {
			if s.Name == name {
				found = true
				out.Subjects = append(out.Subjects, s)
				for _, t := range s.Vars {
					wanted[t] = true
				}
			}
		}
		for _, f := range e.Functions {
			if f.Name == name {
				found = true
				out.Functions = append(out.Functions, f)
			}
		}
		for _, r := range e.Rules {
			if r.ID == name || r.Pack == name {
				found = true
				out.Rules = append(out.Rules, r)
			}
		}
		for _, t := range e.Types {
			if t.Name == name {
				found = true
				wanted[name] = true
			}
		}
		if !found {
			return out, fmt.Errorf("%q is no subject, type, function, rule or pack: okrkit rules explain lists them all", name)
		}
	}
	for _, t := range e.Types {
		if wanted[t.Name] {
			out.Types = append(out.Types, t)
		}
	}
	return out, nil
}
