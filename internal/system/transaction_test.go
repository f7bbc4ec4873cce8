package system_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var errPaper = errors.New("out of paper")

// A host keeps a table of its own in the same file. Its row and the check-in are
// there together or not at all, and so is whatever follows from the check-in.
func TestTheHostsTransaction(t *testing.T) {
	t.Parallel()
	got := &collector{name: "wallboard"}
	h, _ := start(t, t.TempDir(), adapters.Config{}, func(r *adapters.Router) {
		r.Add(got, adapters.FromStart(), adapters.Only(okr.EventCheckInRecorded))
	})
	db := h.lite.DB()
	_, err := db.ExecContext(t.Context(), "CREATE TABLE invoice (number INTEGER PRIMARY KEY, event TEXT NOT NULL)")
	require.NoError(t, err)
	acme := newTenant(t, h.desk, "acme")
	k1 := theKeyResult(t, acme, "k1")

	type told struct {
		name  string
		stays bool
	}
	decided := map[string]told{} // by the event of the check-in
	for number, c := range []struct {
		told
		end func(context.Context, *sql.Tx) error // with the invoice and its check-in in the transaction
	}{
		{told{"it commits", true}, func(_ context.Context, tx *sql.Tx) error {
			err := tx.Commit()
			h.relay.Wake()
			return err
		}},
		{told{"it rolls back", false}, func(_ context.Context, tx *sql.Tx) error { return tx.Rollback() }},
		{told{"it panics", false}, func(_ context.Context, tx *sql.Tx) (err error) {
			defer func() {
				_ = recover()
				err = tx.Rollback()
			}()
			panic("out of paper")
		}},
		{told{"a statement of its own fails, and it commits the rest", true}, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO invoice (number, event) VALUES (NULL, NULL)")
			require.Error(t, err)
			return tx.Commit()
		}},
		{told{"a second check-in is refused, and it commits the rest", true}, func(ctx context.Context, tx *sql.Tx) error {
			_, err := acme.In(h.lite.Wrap(tx)).CheckIn(ctx, okr.CheckIn{KeyResult: "nothing of the kind", Note: "as expected"})
			require.ErrorIs(t, err, okr.ErrNotFound)
			return tx.Commit()
		}},
		{told{"a second check-in comes about and is taken back, and it commits the rest", true}, func(ctx context.Context, tx *sql.Tx) error {
			err := acme.In(h.lite.Wrap(tx)).Do(ctx, func(acme okr.Tenant) error {
				d, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: k1, Value: measure.N(99)})
				require.NoError(t, err)
				decided[checkInOf(t, d)] = told{"the one taken back", false}
				return errPaper
			})
			require.ErrorIs(t, err, errPaper)
			return tx.Commit()
		}},
	} {
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		d, err := acme.In(h.lite.Wrap(tx)).CheckIn(t.Context(), okr.CheckIn{KeyResult: k1, Value: measure.N(float64(number))})
		require.NoError(t, err)
		event := checkInOf(t, d)
		_, err = tx.ExecContext(t.Context(), "INSERT INTO invoice (number, event) VALUES (?, ?)", number, event)
		require.NoError(t, err)
		require.NoError(t, c.end(t.Context(), tx), c.name)
		decided[event] = c.told
	}
	h.settle(t)
	committed, delivered, invoices := ledger(t, db), byID(got.facts()), column(t, db, "SELECT event FROM invoice")
	for event, c := range decided {
		_, there := committed[event]
		require.Equal(t, c.stays, there, "in the ledger when %s", c.name)
		_, there = delivered[event]
		require.Equal(t, c.stays, there, "with the adapter when %s", c.name)
		if c.name != "the one taken back" {
			require.Equal(t, c.stays, slices.Contains(invoices, event), "in the host's table when %s", c.name)
		}
	}
}

// A context that ends takes the host's whole transaction with it.
func TestTheHostsContextEnds(t *testing.T) {
	t.Parallel()
	h, _ := start(t, t.TempDir(), adapters.Config{}, nil)
	db := h.lite.DB()
	acme := newTenant(t, h.desk, "acme")
	k1 := theKeyResult(t, acme, "k1")
	ctx, cancel := context.WithCancel(t.Context())
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	d, err := acme.In(h.lite.Wrap(tx)).CheckIn(ctx, okr.CheckIn{KeyResult: k1, Value: measure.N(1)})
	require.NoError(t, err)
	cancel()
	require.Error(t, tx.Commit())
	require.NotContains(t, ledger(t, db), checkInOf(t, d))
	checkIn(t, acme, "k1", 2) // and the next one finds nothing locked
}

func checkInOf(t *testing.T, d okr.Decision) string {
	t.Helper()
	for _, e := range d.Events {
		if e.Type == okr.EventCheckInRecorded {
			return e.ID
		}
	}
	require.FailNow(t, "a check-in without its event")
	return ""
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var out []string
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}
