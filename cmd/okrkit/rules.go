package main

import (
	"encoding/json"
)

type rulesCommands struct {
	Lint    rulesLint    `cmd:"" help:"Say what is wrong with the text of rule packs."`
	Test    rulesTest    `cmd:"" help:"Run the tests of rule packs."`
	Diff    rulesDiff    `cmd:"" help:"Say what packs would change, in plans or in a live database, before they are put in force."`
	Explain rulesExplain `cmd:"" help:"Say what facts, functions, keys, rules and statuses mean."`
	Schema  rulesSchema  `cmd:"" help:"Print the JSON Schema of packs, for editors."`

	List     rulesList     `cmd:"" help:"List the packs in force in a live database."`
	Activate rulesActivate `cmd:"" help:"Put packs in force in a live database."`

	Deactivate rulesDeactivate `cmd:"" help:"Take packs out of force in a live database."`
}

// json prints v for machines.
func (a *app) json(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
