package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/internal/nodetest"
	"github.com/okrkit/okrkit/okr"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// subscriber runs subscriber.mjs until nothing is left to hear.
func subscriber(t *testing.T, h *house, args ...string) (out, errs string, err error) {
	t.Helper()
	cmd := nodetest.Command(t, ".", "subscriber.mjs", append([]string{"--server", h.bus.URL(), "--tenant", tenant, "--drain"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

func opened(t *testing.T) *house {
	t.Helper()
	h, err := open(t.Context(), t.TempDir(), "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.bus.Close()) })
	return h
}

// A program that knows nothing of Go hears everything once, wherever it stopped.
func TestAProgramInAnotherLanguageHearsEverything(t *testing.T) {
	h := opened(t)
	var story strings.Builder
	for _, chapter := range []struct {
		name string
		tell func() error
	}{
		{"the first week", func() error { return h.begin(t.Context()) }},
		{"two weeks later", func() error { return h.goOn(t.Context()) }},
		{"nothing new", func() error { return nil }},
	} {
		require.NoError(t, chapter.tell())
		out, errs, err := subscriber(t, h)
		require.NoError(t, err, errs)
		require.Empty(t, errs)
		story.WriteString("== " + chapter.name + "\n" + out)
	}
	golden := filepath.Join("testdata", "heard.golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(story.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), story.String())
}

// An event that breaks the contract ends the subscriber, and is not acknowledged.
func TestAnEventThatBreaksTheContractEndsIt(t *testing.T) {
	publish := func(h *house, e okr.Event, change func(map[string]any)) {
		wire, err := e.AppendCloudEvent(nil)
		require.NoError(t, err)
		var doc map[string]any
		require.NoError(t, json.Unmarshal(wire, &doc))
		change(doc)
		wire, err = json.Marshal(doc)
		require.NoError(t, err)
		require.NoError(t, h.bus.Publish(t.Context(), okr.Outgoing{ID: e.ID, Tenant: e.Tenant, Type: e.Type, Aggregate: e.Aggregate, Seq: e.Seq, Wire: wire, Attempt: 1}))
	}
	h := opened(t)
	e := okr.Event{
		ID: "e1", Type: okr.EventSourceFailed, Tenant: tenant, Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: "k1"}, Seq: 1,
		Time: h.clock.Now(), Actor: okr.Service("sql"), Data: []byte(`{"key_result":"k1","title":"T","objective":"o1","cycle":"c1","source":"sql"}`),
	}
	newer := e
	newer.ID, newer.Type = "e0", "okr.v1.weather.changed"
	publish(h, newer, func(map[string]any) {})
	out, errs, err := subscriber(t, h)
	require.NoError(t, err, errs)
	require.Equal(t, "1 events of 1 types, all as their schemas say; 1 newer than the schemas\n", out, "types are added within v1")

	publish(h, e, func(doc map[string]any) { delete(doc["data"].(map[string]any), "key_result") })
	for range 2 {
		out, errs, err = subscriber(t, h)
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		require.Equal(t, 1, exit.ExitCode())
		require.Empty(t, out)
		require.Equal(t, "okr.v1.acme%2Eexample.source.failed: not what its schema says:\nokr.v1.source.failed/data must have required property 'key_result'\n", errs)
	}
}

// Both sides name a tenant the same way.
func TestTenantsHaveTheSameTokens(t *testing.T) {
	ids := []string{"acme", "acme.example", "a b>*", "", "é-ü_9", "٣", "²", "%2E", "\u0000", "日本", "😀"}
	in, err := json.Marshal(ids)
	require.NoError(t, err)
	cmd := nodetest.Command(t, ".", "--input-type=module", "-e", `
		import { tenantToken } from './contract.mjs';
		console.log(JSON.stringify(JSON.parse(process.argv[1]).map(tenantToken)));`, string(in))
	out, err := cmd.Output()
	require.NoError(t, err)
	var got []string
	require.NoError(t, json.Unmarshal(out, &got))
	for i, id := range ids {
		require.Equal(t, nats.TenantToken(okr.TenantID(id)), got[i], "%q", id)
	}
}

// A reminder is for whoever is asked: the owner, or who stands in.
func TestAReminderIsForWhoeverIsAsked(t *testing.T) {
	script := `import { reminder } from './reminder.mjs';
for (const type of ['due', 'overdue', 'missed']) {
  const data = { owner: 'ana', title: 'x', due: 'y', occurrence: 'z' };
  console.log(reminder({ type: 'okr.v1.checkin.' + type, data }).split(':')[0]);
  console.log(reminder({ type: 'okr.v1.checkin.' + type, data: { ...data, to: 'ben' } }).split(':')[0]);
}`
	out, err := nodetest.Command(t, ".", "--input-type=module", "--eval", script).Output()
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("ana\nben\n", 3), string(out))
}
