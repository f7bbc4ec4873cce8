package main

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

// rulesWith are the rules of the starter packs, of the presets, and of the packs named,
// each with what the others set in it.
func (a *app) rulesWith(names []string) ([]explainRule, error) {
	var packs []*rules.Pack
	preset := map[string]bool{}
	add := func(name string, text []byte, shipped bool) error {
		p, err := rules.Parse(name, text)
		if err == nil {
			packs = slices.DeleteFunc(packs, func(o *rules.Pack) bool { return o.Info().Name == p.Info().Name })
			packs = append(packs, p)
			preset[p.Info().Name] = shipped
		}
		return err
	}
	files, err := fs.Glob(pack.Starter, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
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
	inputs, err := a.readPacks(names)
	if err != nil {
		return nil, err
	}
	for _, in := range inputs {
		if strings.HasSuffix(in.name, rules.TestFileSuffix) {
			continue
		}
		if err := add(in.name, in.text, false); err != nil {
			return nil, err
		}
	}
	if packs, _, err = rules.Resolve(packs...); err != nil {
		return nil, err
	}
	var out []explainRule
	for _, p := range packs {
		info := p.Info()
		for _, r := range info.Rules {
			x := explainRule{
				ID: r.ID, Pack: info.Name, Preset: preset[info.Name], On: r.On, Severity: string(r.Severity), Mode: string(r.Mode), When: r.When,
				Check: r.Check, Fix: r.Fix, Why: r.Why, Source: r.Source, Weak: r.Weak, Strong: r.Strong,
				Version: info.Judged(), Disabled: r.Disabled, Origins: r.Origins,
			}
			for _, v := range info.Params {
				if !reads(r, v.Name) {
					continue
				}
				for _, o := range v.Origins {
					o.Field = "params." + v.Name
					x.Origins = append(x.Origins, o)
				}
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// reads says whether a rule names a parameter.
func reads(r rules.RuleInfo, param string) bool {
	named := regexp.MustCompile(`\bparams\s*\.\s*` + regexp.QuoteMeta(param) + `\b`)
	texts := []string{r.When, r.Check, r.Message}
	for _, v := range r.Vars {
		texts = append(texts, v.Expr)
	}
	return slices.ContainsFunc(texts, named.MatchString)
}

// printOrigins tells of each value that a layer sets where it is written, and what it
// lies over.
func printOrigins(w io.Writer, origins []rules.Origin) {
	for i, o := range origins {
		if i+1 < len(origins) && origins[i+1].Field == o.Field {
			continue // another one counts
		}
		var over []string
		for _, b := range slices.Backward(origins[:i]) {
			if b.Field == o.Field {
				over = append(over, fmt.Sprintf("%s in %s", cmp.Or(shorten(oneLine(b.Value), 60), "nothing"), b.Place()))
			}
		}
		fmt.Fprintf(w, "  set: %s is %s in %s, over %s\n", o.Field, shorten(oneLine(o.Value), 60), o.Place(), strings.Join(over, ", "))
	}
}
