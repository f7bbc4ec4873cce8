package main

import (
	"github.com/okrkit/okrkit/audit"
)

// What is made from the program and lies among the documents.
//
//go:generate sh -c "go run . rules explain --format markdown >../../docs/rules-reference.md"
//go:generate sh -c "go run . rules schema >../../docs/schema/pack.v1.schema.json"

type rulesSchema struct{}

func (rulesSchema) Help() string {
	return `Prints the JSON Schema of packs, by which an editor completes keys, explains them and underlines what cannot be. With the YAML extension of VS Code, begin a pack with this line, or name the file in the settings under yaml.schemas:

  # yaml-language-server: $schema=pack.v1.schema.json

Example: okrkit rules schema >pack.v1.schema.json

Exit code: 0.`
}

func (rulesSchema) Run(a *app) error {
	b, err := audit.Env(audit.Level).JSONSchema()
	if err != nil {
		return err
	}
	a.out.Write(b)
	return nil
}
