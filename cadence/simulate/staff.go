package simulate

import (
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// Staff adds a person for each owner whom the plan names and does not list, so that a
// plan of an import, which has names and no directory, has somebody to be told.
func Staff(p okr.Plan) okr.Plan {
	p.People = slices.Clone(p.People)
	known := map[string]bool{}
	for _, x := range p.People {
		for _, name := range []string{string(x.ID), x.Name, x.Email} {
			known[plain(name)] = true
		}
	}
	add := func(owner string) {
		if name := plain(owner); name != "" && !known[name] {
			known[name] = true
			p.People = append(p.People, okr.Person{ID: okr.ID(strings.ReplaceAll(name, " ", "-")), Name: strings.TrimSpace(owner)})
		}
	}
	for _, o := range p.Objectives {
		add(o.Owner)
		for _, k := range o.KeyResults {
			add(k.Owner)
		}
	}
	return p
}

func plain(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }
