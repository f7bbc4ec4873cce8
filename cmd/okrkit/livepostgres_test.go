package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/internal/pgtest"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/postgres"
)

// server is the PostgreSQL that these tests share.
var server pgtest.Server

// served ends the server after the tests.
type served struct{ *testing.M }

func (s served) Run() int { return server.Run(s.M) }

// newPostgres is the address of a new database on the server, as one types it.
func newPostgres(t *testing.T) string {
	t.Helper()
	dsn := server.DSN(t)
	name := fmt.Sprintf("okrkit_command_%d", os.Getpid())
	ctx := context.WithoutCancel(t.Context())
	admin, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	_, err = admin.Exec(ctx, "CREATE DATABASE "+name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		require.NoError(t, errors.Join(err, admin.Close(ctx)))
	})
	c := admin.Config()
	q := url.Values{"host": {c.Host}, "port": {fmt.Sprint(c.Port)}, "user": {c.User}, "password": {c.Password}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", Path: "/" + name, RawQuery: q.Encode()}).String()
}

// The same is done with a database on a server as with a file.
func TestPacksAreTriedAndPutInForceOnPostgres(t *testing.T) {
	ctx, address := t.Context(), newPostgres(t)
	code, _, stderr := runFor(t, "rules", "list", "--store", address)
	require.Equal(t, exitUnusable, code)
	require.Contains(t, stderr, "--store: ", "its tables are not made here")

	pool, err := pgxpool.New(ctx, address)
	require.NoError(t, err)
	defer pool.Close()
	s, err := postgres.New(pool)
	require.NoError(t, err)
	require.NoError(t, s.Migrate(ctx))
	clock := okrtest.NewClock(quarter)
	desk, err := host(s, clock)
	require.NoError(t, err)
	require.NoError(t, company(ctx, desk, clock))

	file := t.TempDir() + "/acme.yaml"
	require.NoError(t, os.WriteFile(file, []byte(`apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
statuses:
  - {id: high, on: key_result, when: 'kr.state == "active" && has(kr.progress) && kr.progress < 0.9', status: off_track}
`), 0o600))
	code, stdout, stderr := runFor(t, "rules", "diff", "--store", address, "--new", file, "--now", "2026-11-06T09:00:00Z")
	require.Equal(t, exitFindings, code, stderr)
	require.Contains(t, stdout, "2 statuses move (on track → off track: 2); 2 messages would be sent.")
	code, stdout, stderr = runFor(t, "rules", "list", "--store", address, "--tenant", "acme")
	require.Equal(t, exitFine, code, stderr)
	require.NotContains(t, stdout, "\nacme ")

	out := beside(t, "rules", "activate", "--store", address, "--as", "ines", file)
	require.Contains(t, out, "acme 1.0.0 is in force now.")
	_, stdout, _ = runFor(t, "rules", "list", "--store", address)
	require.Contains(t, stdout, "\nacme ")
}
