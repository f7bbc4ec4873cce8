package pack

import (
	"embed"
	"io/fs"
	"slices"
)

// Starter are the packs, as a folder for rules.Open.
//
//go:embed *.yaml
var Starter embed.FS

//go:embed presets
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
		names[i] = e.Name()
	}
	return names
}

// Preset is the text of a preset, and whether there is one of that name.
func Preset(name string) ([]byte, bool) {
	folder, ok := PresetFolder(name)
	if !ok {
		return nil, false
	}
	text, err := fs.ReadFile(folder, name+".yaml")
	return text, err == nil
}

// PresetFolder is a preset as a folder for rules.Open, beside [Starter] and the
// host's own, and whether there is one of that name.
func PresetFolder(name string) (fs.FS, bool) {
	if !slices.Contains(Presets(), name) {
		return nil, false
	}
	folder, err := fs.Sub(presets, "presets/"+name)
	return folder, err == nil
}
