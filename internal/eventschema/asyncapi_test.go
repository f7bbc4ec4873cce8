package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/internal/nodetest"
	"github.com/okrkit/okrkit/okr"
)

// AsyncAPI's own parser reads the document without an error or a warning, and
// follows it to the schema of every event type.
func TestTheDocumentIsAsyncAPI(t *testing.T) {
	doc, err := filepath.Abs(filepath.Join(docs, "asyncapi.yaml"))
	require.NoError(t, err)
	cmd := nodetest.Command(t, "parser", "validate.mjs", doc)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), errs.String())
	require.Empty(t, errs.String())

	s, err := readSource()
	require.NoError(t, err)
	var want []string
	for _, e := range s.events {
		want = append(want, strings.Join([]string{okr.EventPrefix + "{tenant}." + short(e.name), e.name, e.name}, " "))
	}
	require.ElementsMatch(t, want, strings.Split(strings.TrimSpace(out.String()), "\n"))
}
