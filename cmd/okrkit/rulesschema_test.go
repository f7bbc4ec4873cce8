package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

func schemaOf(t *testing.T, env *rules.Env) *jsonschema.Schema {
	t.Helper()
	text, err := env.JSONSchema()
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("pack.json", doc))
	s, err := c.Compile("pack.json")
	require.NoError(t, err)
	return s
}

// plain reads a pack as an editor does: instants are texts to JSON.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		l := []any{}
		for _, c := range n.Content {
			l = append(l, plain(c))
		}
		return l
	}
	if n.ShortTag() == "!!timestamp" {
		return n.Value
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return n.Value
	}
	return v
}

// errNotYAML says that there is nothing to validate.
var errNotYAML = errors.New("not YAML")

func validate(s *jsonschema.Schema, text []byte) error {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return errNotYAML
	}
	return s.Validate(plain(&doc))
}

// What is shipped is valid, and so is what the engine takes elsewhere.
func TestShippedPacksAreValid(t *testing.T) {
	s := schemaOf(t, audit.Env(audit.Level))
	check := func(name string, text []byte) {
		require.NoError(t, validate(s, text), name)
	}
	require.NoError(t, fs.WalkDir(pack.Starter, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(pack.Starter, p)
		check(p, text)
		return err
	}))
	for _, name := range pack.Presets() {
		text, _ := pack.Preset(name)
		check(name, text)
	}
	for _, folder := range []string{"level1/packs", "doubtful"} {
		files, err := filepath.Glob("../../audit/testdata/" + folder + "/*.yaml")
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, f := range files {
			text, err := os.ReadFile(f)
			require.NoError(t, err)
			check(f, text)
		}
	}
}

// beyondShape are mistakes that a shape cannot tell: what stands twice, how YAML was
// written, what a name refers to.
var beyondShape = []string{"alias", "bang-first", "duplicate-id", "duplicate-key", "second-document"}

// A pack whose shape the engine refuses is refused by the schema.
func TestWrongShapesAreInvalid(t *testing.T) {
	get := func(any) any { return nil }
	f := func(name string, kind rules.FieldKind, of string) rules.Field {
		return rules.Field{Name: name, Kind: kind, Of: of, Get: get, MayBeUnknown: true}
	}
	shop, err := rules.NewEnv(rules.Schema{Level: 1, Statuses: []string{"good", "late", "unknown"},
		Types: []rules.Type{
			{Name: "order", Fields: []rules.Field{
				f("title", rules.String, ""), f("total", rules.Double, ""), f("items", rules.Int, ""), f("placed", rules.Timestamp, ""),
				f("state", rules.String, ""), f("discount", rules.Double, ""), f("wait", rules.Duration, ""), f("shop", rules.Object, "shop"), f("prices", rules.List, "price"), f("buyer", rules.Object, "person"), f("notes", rules.List, "string"), f("filled", rules.Double, ""),
			}},
			{Name: "person", Fields: []rules.Field{f("name", rules.String, ""), f("active", rules.Bool, "")}},
			{Name: "price", Fields: []rules.Field{f("at", rules.Timestamp, ""), f("value", rules.Double, ""), f("note", rules.String, "")}},
			{Name: "shop", Fields: []rules.Field{f("name", rules.String, ""), f("tier", rules.String, ""), f("orders", rules.List, "order"), f("tags", rules.List, "string")}},
		},
		Subjects: []rules.Subject{{Name: "order", Vars: map[string]string{"order": "order", "shop": "shop", "limit": "double"}}, {Name: "shop", Vars: map[string]string{"shop": "shop"}}},
	})
	require.NoError(t, err)
	s := schemaOf(t, shop)
	for _, good := range []string{"shop", "twelve"} {
		text, err := os.ReadFile("../../rules/testdata/" + good + ".yaml")
		require.NoError(t, err)
		require.NoError(t, validate(s, text), good)
	}
	files, err := filepath.Glob("../../rules/testdata/wrong/*.yaml")
	require.NoError(t, err)
	refused := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		name := file[len("../../rules/testdata/wrong/") : len(file)-len(".yaml")]
		if _, err := rules.Parse(name, text); err == nil || slices.Contains(beyondShape, name) {
			continue // its expressions are wrong, or what it refers to
		}
		err = validate(s, text)
		require.Error(t, err, name)
		if !errors.Is(err, errNotYAML) {
			refused++
		}
	}
	require.GreaterOrEqual(t, refused, 10)
	for _, name := range []string{"unknown-on", "two-subjects"} { // known to the engine only when it compiles
		text, err := os.ReadFile(fmt.Sprintf("../../rules/testdata/wrong/%s.yaml", name))
		require.NoError(t, err)
		require.Error(t, validate(s, text), name)
	}
}

// The documents that are made from the program are those of today.
func TestMadeDocumentsAreCurrent(t *testing.T) {
	for file, args := range map[string][]string{
		"../../docs/rules-reference.md":         {"rules", "explain", "--format", "markdown"},
		"../../docs/schema/pack.v1.schema.json": {"rules", "schema"},
	} {
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		code, got, _ := runFor(t, args...)
		require.Equal(t, exitFine, code)
		if string(want) != got {
			t.Errorf("%s is not what the program makes; run: go generate ./...", file)
		}
	}
}

// What a finding mentions is a part of it, or a list of parts; to an editor as well.
func TestMentionsIsATextOrAList(t *testing.T) {
	s := schemaOf(t, audit.Env(audit.Level))
	for mentions, good := range map[string]bool{"Sales": true, "4": true, "[Sales, 4]": true, "{a: b}": false} {
		text := []byte("apiVersion: okr.rules/v1\nenv: 1\nname: acme\nversion: 1.0.0\nrules:\n  - {id: few, on: team, message: '{team.name} 4', check: 'false'}\n" +
			"tests:\n  - {name: t, given: {team: {name: Sales}}, expect: {few: {outcome: fail, mentions: " + mentions + "}}}\n")
		_, err := rules.Load(audit.Env(audit.Level), rules.File{Name: "p.yaml", Text: text})
		require.Equal(t, good, err == nil, "%s: %v", mentions, err)
		require.Equal(t, good, validate(s, text) == nil, "%s: %v", mentions, validate(s, text))
	}
}
