package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/rules"
)

type rulesExplain struct {
	Format string   `help:"How to print: ${enum}." enum:"text,json" default:"text" placeholder:"FORMAT"`
	Names  []string `arg:"" optional:"" name:"name" help:"Subjects, types or functions; everything if none is given."`
}

func (rulesExplain) Help() string {
	return `Lists the subjects that a rule can stand on and their variables, the facts of each type (a ? marks one that may be unknown), and the functions that OKRs add to CEL's own.

Examples:
  okrkit rules explain
  okrkit rules explain key_result isTask

Exit codes: 0 it was listed, 2 there is no such name.`
}

type explained struct {
	Level     int               `json:"level"`
	Subjects  []explainSubject  `json:"subjects"`
	Types     []explainType     `json:"types"`
	Functions []explainFunction `json:"functions"`
	Statuses  []string          `json:"statuses"`
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
	shown := all
	if len(c.Names) > 0 {
		var err error
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
	return nil
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
	out := explained{Level: e.Level, Statuses: []string{}, Subjects: []explainSubject{}, Types: []explainType{}, Functions: []explainFunction{}}
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
		for _, t := range e.Types {
			if t.Name == name {
				found = true
				wanted[name] = true
			}
		}
		if !found {
			return out, fmt.Errorf("%q is no subject, type or function: okrkit rules explain lists them all", name)
		}
	}
	for _, t := range e.Types {
		if wanted[t.Name] {
			out.Types = append(out.Types, t)
		}
	}
	return out, nil
}
