package pack

import "embed"

// Starter are the packs, as a folder for rules.Open.
//
//go:embed *.yaml
var Starter embed.FS
