package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/okrkit/okrkit/audit"
)

// text prints what was asked for, for a terminal.
func (e explained) text(w io.Writer) {
	for _, s := range e.Subjects {
		fmt.Fprintf(w, "on: %s\n  %s\n  reads %s, now, params\n\n", s.Name, s.Doc, strings.Join(variables(s), ", "))
	}
	for _, t := range e.Types {
		fmt.Fprintf(w, "%s: %s\n", t.Name, t.Doc)
		rows := [][]string{}
		for _, f := range t.Facts {
			rows = append(rows, []string{mark(f), kind(f), f.Doc})
			if e.only && len(t.Facts) <= 3 {
				rows = append(rows, []string{"", "", "example: " + f.Example + " gives " + f.Result})
			}
		}
		columns(w, "  ", rows)
		fmt.Fprintln(w)
	}
	for _, f := range e.Functions {
		fmt.Fprintf(w, "%s\n  %s\n", f.Signature, f.Doc)
		if e.only {
			fmt.Fprintf(w, "  example: %s gives %s\n", f.Example, f.Result)
		}
	}
	for _, k := range e.Keys {
		fmt.Fprintf(w, "\n%s, in %s: %s\n  %s\n  example: %s\n", k.Name, inWords[k.In], takes(k), k.Doc, k.Example)
	}
	for _, o := range e.Outcomes {
		fmt.Fprintf(w, "\n%s, an outcome\n  %s\n", o.Word, o.Doc)
	}
	for _, s := range e.Statuses {
		if e.only {
			fmt.Fprintf(w, "\n%s, a status\n  statuses: may give it; kr.status and objective.status are one of these.\n", s)
		}
	}
	for _, r := range e.Rules {
		off := ""
		if r.Disabled {
			off = ", switched off"
		}
		fmt.Fprintf(w, "\n%s (%s, on %s, %s%s)\n", r.ID, r.Pack, r.On, r.Severity, off)
		columns(w, "  ", [][]string{{"why", r.Why}, {"source", r.Source}, {"weak", r.Weak}, {"strong", r.Strong}, {"fix", r.Fix}, {"when", r.When}, {"check", r.Check}})
		printOrigins(w, r.Origins)
	}
}

var inWords = map[string]string{
	"pack": "a pack", "base": "an entry of extends", "overlay": "what a rule of a base is set to", "rule": "a rule", "score": "a score",
	"status": "a status", "test": "a test", "step": "a step of a test", "expectation": "an expectation of a test",
}

func variables(s audit.SubjectReference) []string {
	var out []string
	for _, v := range slices.Sorted(maps.Keys(s.Vars)) {
		out = append(out, v+" ("+s.Vars[v]+")")
	}
	return out
}

func mark(f audit.FactReference) string {
	if f.MayBeUnknown {
		return f.Name + "?"
	}
	return f.Name
}

// kind says of what kind a fact is, in what unit, and within which bounds.
func kind(f audit.FactReference) string {
	out := f.Kind
	if f.Unit != "" {
		out += ", " + f.Unit
	}
	if f.Least != nil && f.Most != nil {
		out += " " + bound(*f.Least) + " to " + bound(*f.Most)
	}
	return out
}

func bound(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func takes(k keyRow) string {
	out := k.Takes
	if len(k.Values) > 0 {
		out = strings.Join(k.Values, ", ")
	}
	if k.Required {
		return out + "; required"
	}
	if k.Default != "" {
		return out + "; " + k.Default + " if left out"
	}
	return out
}

// markdown writes the reference.
func (e explained) markdown(w io.Writer) {
	fmt.Fprintf(w, "# Reference of rules, level %d\n\nMade by `okrkit rules explain --format markdown`; do not edit. [rules.md](rules.md) is the way in.\n\n", e.Level)
	fmt.Fprintf(w, "The results are those of the examples that the tests of packs begin with: a key result five weeks into a quarter, on %s.\n\n", "6 November 2026")
	fmt.Fprint(w, "## Subjects\n\nWhat a rule can be `on:`, and the variables that its expressions read, beside `now` and `params`.\n\n| on | what it is | variables |\n| --- | --- | --- |\n")
	for _, s := range e.Subjects {
		var vars []string
		for _, v := range slices.Sorted(maps.Keys(s.Vars)) {
			vars = append(vars, "`"+v+"` ("+s.Vars[v]+")")
		}
		row(w, "`"+s.Name+"`", s.Doc, strings.Join(vars, ", "))
	}
	fmt.Fprint(w, "\n## Facts\n\nA `?` marks a fact that may be unknown; `has(…)` asks. *By time* is a fact that changes although nothing is written. Lists are newest first.\n")
	for _, t := range e.Types {
		fmt.Fprintf(w, "\n### %s\n\n%s ", t.Name, t.Doc)
		if len(t.On) > 0 {
			fmt.Fprintf(w, "`%s` in rules on %s.\n\n", t.Path, strings.Join(t.On, ", "))
		} else {
			fmt.Fprintf(w, "By way of `%s`.\n\n", t.Path)
		}
		fmt.Fprint(w, "| fact | kind | level | what it is | example | gives |\n| --- | --- | --- | --- | --- | --- |\n")
		for _, f := range t.Facts {
			doc := f.Doc
			if f.ByTime {
				doc += " *By time.*"
			}
			if len(f.Values) > 0 {
				doc += " One of " + values(f.Values) + "."
			}
			row(w, "`"+mark(f)+"`", kind(f), strconv.Itoa(f.Since), doc, "`"+f.Example+"`", f.Result)
		}
	}
	fmt.Fprint(w, "\n## Functions\n")
	for _, g := range [][2]string{{"operators", "Operators"}, {"facts", "Known or not"}, {"host", "Wording"}, {"texts", "Texts"}, {"lists", "Lists"}, {"numbers", "Numbers"}, {"time", "Time"}} {
		fmt.Fprintf(w, "\n### %s\n\n| function | level | what it does | example | gives |\n| --- | --- | --- | --- | --- |\n", g[1])
		for _, f := range e.Functions {
			if f.Group == g[0] {
				row(w, "`"+f.Signature+"`", strconv.Itoa(f.Since), f.Doc, "`"+f.Example+"`", f.Result)
			}
		}
	}
	fmt.Fprint(w, "\n## Outcomes\n\n| outcome | what it means |\n| --- | --- |\n")
	for _, o := range e.Outcomes {
		row(w, "`"+o.Word+"`", o.Doc)
	}
	fmt.Fprintf(w, "\n## Statuses\n\nWhat a `status:` can give: %s.\n", values(e.Statuses))
	fmt.Fprint(w, "\n## Keys of a pack\n")
	in := ""
	for _, k := range e.Keys {
		if k.In != in {
			in = k.In
			fmt.Fprintf(w, "\n### In %s\n\n| key | takes | what it says | example |\n| --- | --- | --- | --- |\n", inWords[k.In])
		}
		row(w, "`"+k.Name+"`", takes(k), k.Doc, "`"+k.Example+"`")
	}
	fmt.Fprint(w, "\n## Rules that come along\n\nThe starter packs are in force from the first day; presets are there for the taking.\n\n| rule | pack | on | severity | why |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range e.Rules {
		name := r.Pack
		if r.Preset {
			name += " (preset)"
		}
		row(w, "`"+r.ID+"`", name, r.On, r.Severity, r.Why)
	}
}

func values(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "`" + w + "`"
		if w == "" {
			out[i] = "`\"\"`"
		}
	}
	return strings.Join(out, ", ")
}

// row writes a row of a table, in which a bar is escaped, also within code.
func row(w io.Writer, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.Join(strings.Fields(c), " "), "|", "\\|")
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}
