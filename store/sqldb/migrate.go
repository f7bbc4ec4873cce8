package sqldb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

//go:embed migrations
var embedded embed.FS

// Migrations are the plain SQL files that make the tables, in the order of their
// names, for hosts that migrate with a tool of their own. After the last of them
// the host calls [Store.Adopt] once.
func Migrations(d Dialect) fs.FS {
	sub, err := fs.Sub(embedded, "migrations/"+string(d))
	if err != nil {
		panic(err) //nolint:forbidigo // the folder is part of the binary
	}
	return sub
}

type migration struct{ name, text, digest string }

func migrations(d Dialect) ([]migration, error) {
	dir := Migrations(d)
	names, err := fs.Glob(dir, "*.sql")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, &okr.InvalidError{Field: "dialect", Value: string(d), Remedy: "use sqldb.SQLite or sqldb.Postgres"}
	}
	slices.Sort(names)
	out := make([]migration, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		out[i] = migration{strings.TrimSuffix(name, ".sql"), string(text), hex.EncodeToString(sum[:])}
	}
	return out, nil
}

// migrationLock keeps two processes from migrating one PostgreSQL database at
// once. It is the first seven bytes of SHA-256("okrkit migrations").
const migrationLock = int64(0xd1d71b582e197d)

const createVersions = `CREATE TABLE IF NOT EXISTS okr_migration (
    name   %[1]s NOT NULL,
    digest %[1]s NOT NULL,
    at     bigint NOT NULL,
    PRIMARY KEY (name)
)`

// Migrate brings the tables to this version, in one transaction: either all of it
// happened or nothing. Processes that migrate at the same time wait for one
// another. Migrating what is up to date changes nothing; a database that a later
// version has migrated is [okr.ErrSchema].
func (s *Store) Migrate(ctx context.Context) error {
	return s.migrate(ctx, true)
}

// Adopt notes that the host has run the [Migrations] itself, and gives the
// database its identity.
func (s *Store) Adopt(ctx context.Context) error {
	return s.migrate(ctx, false)
}

func (s *Store) migrate(ctx context.Context, run bool) error {
	all, err := migrations(s.dialect)
	if err != nil {
		return err
	}
	var identity string
	err = s.transact(ctx, Claim, func(c Conn) error {
		if s.dialect == Postgres {
			if _, err := c.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
				return err
			}
		}
		text := map[Dialect]string{SQLite: "TEXT", Postgres: `text COLLATE "C"`}[s.dialect]
		if _, err := c.Exec(ctx, fmt.Sprintf(createVersions, text)); err != nil {
			return err
		}
		applied, err := versions(ctx, c)
		if err != nil {
			return err
		}
		if err := fits(all, applied, true); err != nil {
			return err
		}
		for _, m := range all[len(applied):] {
			if run {
				for _, stmt := range split(m.text) {
					if _, err := c.Exec(ctx, stmt); err != nil {
						return fmt.Errorf("sqldb: migration %s: %w", m.name, err)
					}
				}
			}
			if _, err := c.Exec(ctx, s.dialect.sql("INSERT INTO okr_migration (name, digest, at) VALUES ($1, $2, $3)"),
				m.name, m.digest, store.Instant(s.clock()).UnixMicro()); err != nil {
				return err
			}
		}
		var fresh [16]byte
		if _, err := rand.Read(fresh[:]); err != nil {
			return fmt.Errorf("sqldb: no randomness for an identity: %w", err)
		}
		if _, err := c.Exec(ctx, s.dialect.sql("INSERT INTO okr_meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
			"identity", hex.EncodeToString(fresh[:])); err != nil {
			return err
		}
		identity, err = s.readIdentity(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	s.identity.Store(&identity)
	return nil
}

// Validate says whether the tables fit this version: [okr.ErrSchema] with the
// remedy if not. It changes nothing.
func (s *Store) Validate(ctx context.Context) error {
	all, err := migrations(s.dialect)
	if err != nil {
		return err
	}
	var identity string
	err = s.transact(ctx, Read, func(c Conn) error {
		applied, err := versions(ctx, c)
		if err = s.dialect.mapped(ctx, err); errors.Is(err, okr.ErrSchema) {
			return fmt.Errorf("%w: there are none: call Migrate, or run the files of sqldb.Migrations and call Adopt", okr.ErrSchema)
		}
		if err != nil {
			return err
		}
		if err := fits(all, applied, false); err != nil {
			return err
		}
		identity, err = s.readIdentity(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	s.identity.Store(&identity)
	return nil
}

func versions(ctx context.Context, c Conn) ([]migration, error) {
	rows, err := c.Query(ctx, "SELECT name, digest FROM okr_migration ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []migration
	for rows.Next() {
		var m migration
		if err := rows.Scan(&m.name, &m.digest); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// fits compares what was applied with what this version knows.
func fits(all, applied []migration, willMigrate bool) error {
	for i, m := range applied {
		switch {
		case i >= len(all):
			return fmt.Errorf("%w: migration %s is of a later version of okrkit: run that version, or a newer one", okr.ErrSchema, m.name)
		case all[i].name != m.name || all[i].digest != m.digest:
			return fmt.Errorf("%w: migration %s is not the one that this version knows as %s: the tables were made by something else", okr.ErrSchema, m.name, all[i].name)
		}
	}
	if !willMigrate && len(applied) < len(all) {
		return fmt.Errorf("%w: migration %s has not run: call Migrate, or run the files of sqldb.Migrations and call Adopt", okr.ErrSchema, all[len(applied)].name)
	}
	return nil
}

// split cuts a file at the semicolons that end a line, since some drivers take
// one statement at a time.
func split(text string) []string {
	var out []string
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "--") {
			continue
		}
		b.WriteString(line)
		if strings.HasSuffix(strings.TrimRight(line, " \r\n"), ";") {
			out = append(out, strings.TrimSpace(b.String()))
			b.Reset()
		}
	}
	if rest := strings.TrimSpace(b.String()); rest != "" {
		out = append(out, rest)
	}
	return out
}
