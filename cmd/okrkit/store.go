package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/postgres"
	"github.com/okrkit/okrkit/store/sqlite"
)

// database is a tenant of a database that an okrkit is at work on.
type database struct {
	Store  string `help:"The database: a SQLite file, or postgres://…, whose password may stand in PGPASSWORD." env:"OKRKIT_STORE" placeholder:"DATABASE"`
	Tenant string `help:"Whose rules. Need not be given where the database has one tenant." env:"OKRKIT_TENANT" placeholder:"TENANT"`
}

// place is where the rules of a tenant are in force.
type live struct {
	judge  *audit.Judge
	tenant okr.Tenant
	close  func() error
}

// command is what this program is called where it acts on its own account.
const command = "okrkit"

// open opens the database beside whatever process serves it, to read or to write.
// Its tables must be there.
func (d database) open(ctx context.Context, a *app, write bool, clock func() time.Time) (_ *live, err error) {
	if d.Store == "" {
		return nil, errors.New("--store: name the database: a SQLite file, or postgres://…")
	}
	set, err := (judging{Starter: true}).set(a)
	if err != nil {
		return nil, err
	}
	l := &live{judge: audit.New(audit.Fixed(set)), close: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	var store okr.Store
	if strings.HasPrefix(d.Store, "postgres://") || strings.HasPrefix(d.Store, "postgresql://") {
		pool, err := pgxpool.New(ctx, d.Store)
		if err != nil {
			return nil, fmt.Errorf("--store: %w", err)
		}
		l.close = func() error { pool.Close(); return nil }
		s, err := postgres.New(pool) //nolint:contextcheck // it bounds its one query itself
		if err == nil {
			err = s.Validate(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("--store: %w", err)
		}
		store = s
	} else {
		beside := sqlite.ReadOnly()
		if write {
			beside = sqlite.Beside()
		}
		s, err := sqlite.Open(ctx, d.Store, beside)
		if err != nil {
			return nil, fmt.Errorf("--store: %w", err)
		}
		l.close, store = s.Close, s
	}
	desk, err := okr.New(store, okr.Config{Judge: l.judge, Calendar: newCalendar(), Clock: clock})
	if err != nil {
		return nil, err
	}
	id, err := d.tenant(ctx, desk)
	l.tenant = desk.For(id).As(okr.Automation(command))
	return l, err
}

// tenant is the one that was named, if the database has it, or the only one.
func (d database) tenant(ctx context.Context, desk *okr.Desk) (okr.TenantID, error) {
	all, err := desk.System().Tenants(ctx)
	if err != nil {
		return "", err
	}
	id := okr.TenantID(d.Tenant)
	switch {
	case slices.Contains(all, id):
		return id, nil
	case len(all) == 0:
		return "", errors.New("--store: nothing was decided in this database yet, so there is no tenant whose rules could be looked at")
	case id == "" && len(all) == 1:
		return all[0], nil
	case id == "":
		return "", fmt.Errorf("--tenant: say whose rules: the database has %s", listed(all))
	}
	return "", fmt.Errorf("--tenant: the database has no %q: it has %s", id, listed(all))
}

// listed names some.
func listed[T ~string](all []T) string {
	const most = 10
	if len(all) <= most {
		return join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", join(all[:most], ", "), len(all)-most)
}
