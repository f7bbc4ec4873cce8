package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/rules"
)

type rulesExplain struct {
	Format string   `help:"How to print: ${enum}." enum:"text,json,markdown" default:"text" placeholder:"FORMAT"`
	Rules  []string `help:"Further rule packs to tell of: files, or folders of *.yaml. What they set in others is told with where it is written." placeholder:"PACK" sep:","`
	Names  []string `arg:"" optional:"" name:"name" help:"Facts (kr.progress), functions, subjects, types, rules, packs, keys of a pack (severity), statuses and outcomes; everything if none is given."`
}

func (rulesExplain) Help() string {
	return `Says of each name what it means, with an example and what that comes to: the facts that an expression can read (a ? marks one that may be unknown), the functions that it can call, the subjects that a rule can stand on, the keys of a pack, the outcomes, the statuses, and the rules of the starter packs and presets with their reasons and a weak and a strong example of each. In markdown it is docs/rules-reference.md.

Examples:
  okrkit rules explain
  okrkit rules explain kr.progress isTask severity
  okrkit rules explain watermelon
  okrkit rules explain --rules rules/ objectives-per-team

Exit codes: 0 it was told, 2 there is no such name, or a pack cannot be read.`
}

// explained is all that can be told.
type explained struct {
	audit.Reference
	Outcomes []word        `json:"outcomes"`
	Keys     []keyRow      `json:"keys"`
	Rules    []explainRule `json:"rules"`
	only     bool          // some names were asked for
}

type word struct {
	Word string `json:"word"`
	Doc  string `json:"doc"`
}

type keyRow struct {
	In       string   `json:"in"`
	Name     string   `json:"name"`
	Takes    string   `json:"takes"`
	Required bool     `json:"required"`
	Values   []string `json:"values,omitempty"`
	Default  string   `json:"default,omitempty"`
	Doc      string   `json:"doc"`
	Example  string   `json:"example"`
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
	Version  string `json:"version"`            // of the pack, and of what is laid over it
	Disabled bool   `json:"disabled,omitempty"` // it judges nobody
	// Origins are what gives a value to what a layer sets: the pack itself first, then
	// the layers; the last one of a field counts. A parameter is the field params.name.
	Origins []rules.Origin `json:"origins,omitempty"`
}

func (c rulesExplain) Run(ctx context.Context, a *app) error {
	all, err := explain(ctx, a, c.Rules)
	if err != nil {
		return err
	}
	shown := all
	var unknown error
	if len(c.Names) > 0 {
		var told int
		if shown, told, unknown = all.named(c.Names); told == 0 {
			return unknown
		}
	}
	switch c.Format {
	case "json":
		err = a.json(shown)
	case "markdown":
		shown.markdown(a.out)
	default:
		shown.text(a.out)
	}
	if err == nil && unknown != nil {
		err = inPartError{unknown}
	}
	return err
}

func explain(ctx context.Context, a *app, packs []string) (explained, error) {
	r, err := audit.References(ctx, audit.Env(audit.Level))
	if err != nil {
		return explained{}, err
	}
	all := explained{Reference: r}
	for _, w := range rules.OutcomeWords() {
		all.Outcomes = append(all.Outcomes, word(w))
	}
	for _, k := range rules.Keys() {
		all.Keys = append(all.Keys, keyRow(k))
	}
	all.Rules, err = a.rulesWith(packs)
	return all, err
}

// named is what the names stand for, how many of them stand for something, and what is
// wrong with the others. A subject brings the types of its variables.
func (e explained) named(names []string) (out explained, told int, unknown error) {
	out = explained{Reference: audit.Reference{
		Level: e.Level, Subjects: []audit.SubjectReference{}, Types: []audit.TypeReference{}, Functions: []audit.FunctionReference{}, Statuses: []string{},
	}, Outcomes: []word{}, Keys: []keyRow{}, Rules: []explainRule{}, only: true}
	facts := map[string]map[string]bool{} // by type; nil is all of them
	for _, name := range names {
		found, before := false, len(out.Keys)
		for _, s := range e.Subjects {
			if s.Name == name {
				found = true
				out.Subjects = append(out.Subjects, s)
				for _, t := range s.Vars {
					facts[t] = nil
				}
			}
		}
		owner, fact := "", name
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			owner, fact = name[:i], name[i+1:]
		}
		for _, t := range e.Types {
			if t.Name == name || t.Path == name {
				found = true
				facts[t.Name] = nil
				continue
			}
			if owner != "" && owner != t.Name && owner != t.Path {
				continue
			}
			if slices.ContainsFunc(t.Facts, func(f audit.FactReference) bool { return f.Name == fact }) {
				found = true
				if some, there := facts[t.Name]; !there {
					facts[t.Name] = map[string]bool{fact: true}
				} else if some != nil {
					some[fact] = true
				}
			}
		}
		for _, f := range e.Functions {
			if bare := strings.TrimSuffix(name, "()"); f.Name == bare || strings.TrimPrefix(f.Name, "math.") == bare {
				found = true
				out.Functions = append(out.Functions, f)
			}
		}
		for _, k := range e.Keys {
			if k.Name == name || k.In+"."+k.Name == name {
				found = true
				out.Keys = append(out.Keys, k)
			}
		}
		for _, w := range e.Outcomes {
			if w.Word == name {
				found = true
				out.Outcomes = append(out.Outcomes, w)
			}
		}
		if slices.Contains(e.Statuses, name) {
			found = true
			out.Statuses = append(out.Statuses, name)
		}
		for _, r := range e.Rules {
			if r.ID == name || r.Pack == name {
				found = true
				out.Rules = append(out.Rules, r)
			}
		}
		for _, k := range e.Keys { // what a key can be set to, such as gate
			if !found && slices.Contains(k.Values, name) {
				out.Keys = append(out.Keys, k)
			}
		}
		if found = found || len(out.Keys) > before; !found {
			hint := "okrkit rules explain lists them all"
			if n := rules.Nearest(name, e.names()); n != "" {
				hint = "did you mean " + n + "?"
			}
			unknown = errors.Join(unknown, fmt.Errorf("%q is no fact, function, subject, rule, pack, key, status or outcome: %s", name, hint))
			continue
		}
		told++
	}
	for _, t := range e.Types {
		some, there := facts[t.Name]
		if !there {
			continue
		}
		if some != nil {
			t.Facts = slices.DeleteFunc(slices.Clone(t.Facts), func(f audit.FactReference) bool { return !some[f.Name] })
		}
		out.Types = append(out.Types, t)
	}
	return out, told, unknown
}

// names are all that can be asked for.
func (e explained) names() []string {
	var out []string
	for _, s := range e.Subjects {
		out = append(out, s.Name)
	}
	for _, t := range e.Types {
		out = append(out, t.Name)
		for _, f := range t.Facts {
			out = append(out, f.Name, t.Path+"."+f.Name)
		}
	}
	for _, f := range e.Functions {
		out = append(out, f.Name)
	}
	for _, k := range e.Keys {
		out = append(append(out, k.Name), k.Values...)
	}
	for _, w := range e.Outcomes {
		out = append(out, w.Word)
	}
	for _, r := range e.Rules {
		out = append(out, r.ID, r.Pack)
	}
	return append(out, e.Statuses...)
}
