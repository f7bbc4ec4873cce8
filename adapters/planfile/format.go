package planfile

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Format is how a plan is written down.
type Format string

// The formats.
const (
	YAML     Format = "yaml"     // okrkit's own plan
	JSON     Format = "json"     // okrkit's own plan, in JSON
	CSV      Format = "csv"      // a table with a header row
	Markdown Format = "markdown" // an outline, tables, or plain text
	Tree     Format = "tree"     // YAML or JSON of another tool
)

// Formats are the formats that can be read.
func Formats() []Format { return []Format{YAML, JSON, CSV, Markdown, Tree} }

func formatNames() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// Detect is the format that [Read] would take for the file.
func Detect(name string, src []byte) (Format, error) {
	s, err := newSource(name, src)
	if err != nil {
		return "", err
	}
	return detect(s), nil
}

func detect(s *source) Format {
	switch strings.ToLower(path.Ext(strings.ReplaceAll(s.name, `\`, "/"))) {
	case ".md", ".markdown", ".mdown", ".mkd":
		return Markdown
	case ".csv", ".tsv":
		return CSV
	case ".yaml", ".yml":
		return ownOrTree(YAML, s)
	case ".json":
		return ownOrTree(JSON, s)
	}
	start := strings.TrimSpace(s.text)
	if strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[") {
		if _, err := parseJSON(s); err == nil || strings.HasPrefix(start, `{"`) {
			return ownOrTree(JSON, s)
		}
	}
	if looksLikeCSV(s) {
		return CSV
	}
	if root, err := parseYAML(s); err == nil && (isOwn(root) || isTree(root) && nests(root)) {
		return ownOrTree(YAML, s)
	}
	return Markdown
}

// nests says whether a tree has branches: lines such as "Objective: …" are a
// mapping to YAML, and an outline to whoever wrote them.
func nests(root *yaml.Node) bool {
	return slices.ContainsFunc(root.Content, func(n *yaml.Node) bool { return n.Kind != yaml.ScalarNode })
}

// ownOrTree tells okrkit's own plan from another tool's. A file that cannot be
// parsed counts as our own, which says where the fault is.
func ownOrTree(f Format, s *source) Format {
	root, err := parseTree(f, s)
	if err != nil || isOwn(root) || !isTree(root) {
		return f
	}
	return Tree
}

// isOwn says whether a tree names its parts as the own format does.
func isOwn(root *yaml.Node) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	own, other, foreign := 0, 0, false
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		switch {
		case oneOf(key, planKeys):
			own++
		case nearest(key, planKeys) == "":
			other++
		}
		if key != "objectives" || value.Kind != yaml.SequenceNode {
			continue
		}
		for _, item := range value.Content {
			// An objective that is called something else is another tool's.
			if item.Kind == yaml.MappingNode && len(item.Content) > 0 && !hasNear(item, "title", "key_results") {
				return false
			}
			if krs := valueOf(item, "key_results"); item.Kind == yaml.MappingNode && krs != nil {
				foreign = foreign || slices.ContainsFunc(krs.Content, isForeign)
			}
		}
	}
	return own > 0 && own >= other && (own > 1 || !foreign)
}

// isForeign says whether a key result has fields that only another tool gives it.
func isForeign(keyResult *yaml.Node) bool {
	if keyResult.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(keyResult.Content); i += 2 {
		switch treeField(keyResult.Content[i].Value) {
		case fCommit, fStretch, fCommitZone, fTargetZone, fStretchZone:
			return true
		case fCadence, fCheckIns:
			if key := keyResult.Content[i].Value; key != "cadence" && key != "checkins" && holdsMappings(keyResult.Content[i+1]) {
				return true
			}
		}
	}
	return false
}

// hasNear says whether a mapping has one of the keys, or one that is a slip of
// the finger away.
func hasNear(n *yaml.Node, keys ...string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if nearest(n.Content[i].Value, keys) != "" {
			return true
		}
	}
	return false
}

// valueOf is the value of a key of a mapping, nil if it has none.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
