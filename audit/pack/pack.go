package pack

import (
	"embed"
	"io/fs"
	"strings"
)

// Starter are the packs, as a folder for rules.Open.
//
//go:embed *.yaml
var Starter embed.FS

//go:embed presets/*.yaml
var presets embed.FS

// Presets are the names of packs that are ready to be put in force beside those of
// [Starter] and are not unless somebody does: how other programs compute a status,
// and how others score.
func Presets() []string {
	entries, err := fs.ReadDir(presets, "presets")
	if err != nil {
		return nil // an embedded folder is always there
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Preset is the text of a preset, and whether there is one of that name.
func Preset(name string) ([]byte, bool) {
	if strings.ContainsAny(name, `/\`) {
		return nil, false
	}
	text, err := fs.ReadFile(presets, "presets/"+name+".yaml")
	return text, err == nil
}
