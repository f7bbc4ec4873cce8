package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/okr"
)

const docs = "../../docs"

func TestTheFilesAreWhatTheTypesSay(t *testing.T) {
	files, err := contracts()
	require.NoError(t, err)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(docs, name))
		require.NoError(t, err, "run: go generate ./internal/eventschema")
		if !bytes.Equal(want, got) {
			require.Fail(t, name+" is not what the types say", "run: go generate ./internal/eventschema")
		}
	}
	old, err := stale(docs, files)
	require.NoError(t, err)
	require.Empty(t, old, "there are no such events: run: go generate ./internal/eventschema")
}

// Whatever event type the package declares has a payload type, and so a schema; and
// adapters are tried with it.
func TestEveryEventTypeHasAPayload(t *testing.T) {
	s, err := readSource()
	require.NoError(t, err)
	var names []string
	for _, e := range s.events {
		names = append(names, e.name)
		require.Regexp(t, `^okr\.v1\.[a-z_]+\.[a-z-]+$`, e.name)
		typ, err := payload(e.name)
		require.NoError(t, err)
		require.NotEmpty(t, s.docs[typ.PkgPath()+"."+typ.Name()], "%s says what it is", typ)
	}
	require.Greater(t, len(names), 60)
	tried := adaptertest.Types()
	for _, name := range names {
		require.Contains(t, strings.Join(append(tried, ""), " "), name+" ", "adaptertest.Types tries adapters with it")
	}
	require.Len(t, tried, len(names))
	require.ErrorContains(t, second(payload("okr.v1.weather.changed")), "does not know its payload")
}

func second[T any](_ T, err error) error { return err }

// compiled are the schemas as they lie among the documents.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(docs, schemas, "*.schema.json"))
	require.NoError(t, err)
	out := map[string]*jsonschema.Schema{}
	for _, p := range found {
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		c.DefaultDraft(jsonschema.Draft7)
		s, err := c.Compile(p)
		require.NoError(t, err, p)
		out[strings.TrimSuffix(filepath.Base(p), ".schema.json")] = s
	}
	return out
}

func TestEveryEventOfAYearIsWhatItsSchemaSays(t *testing.T) {
	all := compiled(t)
	told := year(t)
	seen := map[string]int{}
	for _, o := range told {
		doc := decode(t, o.Wire)
		require.NotNil(t, all[o.Type], "%s has no schema", o.Type)
		require.NoError(t, all[o.Type].Validate(doc), "%s\n%s", o.Type, o.Wire)
		seen[o.Type]++
		for name := range doc.(map[string]any) {
			require.Contains(t, all[o.Type].Properties, name, "an attribute that no schema tells of")
		}
		within(t, o.Type, all[o.Type].Properties["data"], doc.(map[string]any)["data"])
	}
	var missing []string
	for name := range all {
		if seen[name] == 0 {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	require.Empty(t, missing, "let them happen in the year of story_test.go, so that they are held against their schema")
}

// within holds that the schema tells of every field that there is.
func within(t *testing.T, path string, s *jsonschema.Schema, v any) {
	t.Helper()
	fields, ok := v.(map[string]any)
	if !ok || s.AdditionalProperties != nil {
		return
	}
	for name, x := range fields {
		require.Contains(t, s.Properties, name, "%s: a field that its schema does not tell of", path)
		within(t, path+"."+name, s.Properties[name], x)
	}
}

func decode(t *testing.T, wire []byte) any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(wire))
	require.NoError(t, err)
	return doc
}

// A schema that lets everything through would pass the other tests.
func TestWhatIsNoSuchEventIsRefused(t *testing.T) {
	all := compiled(t)
	e := adaptertest.Event("acme", okr.EventStatusChanged, okr.Ref{Kind: okr.KindKeyResult, ID: "k1"}, 3)
	wire, err := e.AppendCloudEvent(nil)
	require.NoError(t, err)
	s := all[okr.EventStatusChanged]
	whole := func() map[string]any {
		var doc map[string]any
		require.NoError(t, json.Unmarshal(wire, &doc))
		return doc
	}
	require.NoError(t, s.Validate(whole()))

	for _, name := range s.Required {
		doc := whole()
		delete(doc, name)
		require.Error(t, s.Validate(doc), "without %s", name)
	}
	for _, name := range s.Properties["data"].Required {
		doc := whole()
		delete(doc["data"].(map[string]any), name)
		require.Error(t, s.Validate(doc), "without data.%s", name)
	}
	require.ElementsMatch(t, []string{"key_result", "title", "objective", "cycle", "to", "progress", "expected", "gap"}, s.Properties["data"].Required)

	for name, wrong := range map[string]any{
		"specversion": "0.3", "id": "", "type": okr.EventCheckInDue, "subject": "k1", "time": "yesterday", "datacontenttype": "text/plain",
		"tenant": "", "actorkind": "cat", "sequence": "0", "sequencetype": "Text", "source": 7, "data": nil,
	} {
		doc := whole()
		doc[name] = wrong
		require.Error(t, s.Validate(doc), "%s: %v", name, wrong)
	}
	for name, wrong := range map[string]any{"key_result": "", "title": nil, "progress": "0.4", "owner": "", "private": "no"} {
		doc := whole()
		doc["data"].(map[string]any)[name] = wrong
		require.Error(t, s.Validate(doc), "data.%s: %v", name, wrong)
	}

	later := whole()
	later["data"].(map[string]any)["mood"] = "sunny"
	later["data"].(map[string]any)["to"] = "excellent"
	later["data"].(map[string]any)["gap"] = nil
	require.NoError(t, s.Validate(later), "what a later version says as well is let through; unknown is null")

	ended := decode(t, []byte(strings.Replace(string(wire), okr.EventStatusChanged, okr.EventKeyResultEnded, 1))).(map[string]any)
	ended["data"] = map[string]any{"key_result": "k1", "title": "x", "objective": "o1", "cycle": "c1", "outcome": "missed"}
	require.NoError(t, all[okr.EventKeyResultEnded].Validate(ended))
	ended["data"].(map[string]any)["score"] = nil
	require.Error(t, all[okr.EventKeyResultEnded].Validate(ended), "it is left out when nobody knows it")
}

// Closed is what no later version adds to, and only that.
func TestKindsAreOpenAtTheEnd(t *testing.T) {
	files, err := contracts()
	require.NoError(t, err)
	enums := map[string]bool{}
	for name, b := range files {
		if strings.HasSuffix(name, ".json") {
			var doc any
			require.NoError(t, json.Unmarshal(b, &doc))
			enumerated(doc, enums)
		}
	}
	require.ElementsMatch(t, []string{
		"draft active postponed abandoned done", "person automation service", "asked promised done declined",
	}, slices.Collect(maps.Keys(enums)))
}

func enumerated(v any, into map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			enumerated(x, into)
		}
	case map[string]any:
		if list, ok := v["enum"].([]any); ok {
			var words []string
			for _, w := range list {
				words = append(words, w.(string))
			}
			into[strings.Join(words, " ")] = true
		}
		for _, x := range v {
			enumerated(x, into)
		}
	}
}
