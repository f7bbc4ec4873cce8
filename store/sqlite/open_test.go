package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/sqldb"
	"github.com/okrkit/okrkit/store/sqlite"
)

var bg = context.Background()

// planned is a desk over the store, and the active key results of its plan.
func planned(t testing.TB, s okr.Store, clock *okrtest.Clock) (okr.Tenant, []okr.ID) {
	t.Helper()
	desk, err := okr.New(s, okr.Config{Clock: clock.Now})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	d, err := acme.Propose(bg, okrtest.Plan())
	require.NoError(t, err)
	var ids []okr.ID
	var cycle okr.ID
	for _, o := range d.Subjects {
		switch o.Kind {
		case okr.KindKeyResult:
			ids = append(ids, o.ID)
		case okr.KindCycle:
			cycle = o.ID
		}
	}
	if cycle == "" {
		cycles, err := acme.View().Cycles(bg)
		require.NoError(t, err)
		cycle = cycles[0].ID
	}
	_, err = acme.Activate(bg, okr.Activation{Cycle: cycle})
	require.NoError(t, err)
	return acme, ids
}

func october() *okrtest.Clock {
	return okrtest.NewClock(time.Date(2026, time.October, 9, 9, 0, 0, 0, time.UTC))
}

func TestOpenAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okr.db")
	s, err := sqlite.Open(bg, path)
	require.NoError(t, err)
	first, err := s.Identity(bg)
	require.NoError(t, err)
	acme, ids := planned(t, s, october())
	_, err = acme.CheckIn(bg, okr.CheckIn{KeyResult: ids[0], Value: measure.N(74), Note: "well"})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	s, err = sqlite.Open(bg, path)
	require.NoError(t, err)
	second, err := s.Identity(bg)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.NoError(t, s.Validate(bg))
	require.NoError(t, s.Migrate(bg), "there is nothing to migrate")
	tenants, err := s.Tenants(bg)
	require.NoError(t, err)
	require.Equal(t, []okr.TenantID{"acme"}, tenants)
	v, err := s.Verify(bg, "acme")
	require.NoError(t, err)
	require.Nil(t, v.Fault)
	require.NoError(t, s.Close())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	for _, e := range entries {
		require.Contains(t, []string{"okr.db", "okr.db.lock"}, e.Name(), "the log is folded into the file")
	}
}

func TestOpenInMemory(t *testing.T) {
	s, err := sqlite.Open(bg, sqlite.Memory)
	require.NoError(t, err)
	planned(t, s, october())
	other, err := sqlite.Open(bg, sqlite.Memory)
	require.NoError(t, err)
	tenants, err := other.Tenants(bg)
	require.NoError(t, err)
	require.Empty(t, tenants)
	require.NoError(t, other.Close())
	var file string
	require.NoError(t, s.DB().QueryRow("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file))
	require.FileExists(t, file)
	require.NoError(t, s.Close())
	require.NoDirExists(t, filepath.Dir(file))
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("not a database, but long enough for a header\n", 50)), 0o600))
	foreign := filepath.Join(dir, "foreign.db")
	raw(t, foreign, "CREATE TABLE customer (id TEXT PRIMARY KEY)")
	later := empty(t)
	raw(t, later, "INSERT INTO okr_migration (name, digest, at) VALUES ('9999_later', 'x', 0)")
	changed := empty(t)
	raw(t, changed, "UPDATE okr_migration SET digest = 'x'")
	for name, test := range map[string]struct {
		path  string
		is    error
		holds []string
	}{
		"no folder":              {filepath.Join(dir, "none", "okr.db"), os.ErrNotExist, []string{filepath.Join(dir, "none"), "create it"}},
		"a file as folder":       {filepath.Join(text, "okr.db"), nil, []string{text, "not a folder"}},
		"a folder as file":       {dir, nil, []string{dir, "is a folder"}},
		"a folder that is fixed": {"/proc/okr.db", nil, []string{"/proc", "cannot be written to"}},
		"no database":            {text, nil, []string{text, "not a database"}},
		"somebody else's":        {foreign, okr.ErrSchema, []string{foreign, "sqlite.WithMigration"}},
		"of a later version":     {later, okr.ErrSchema, []string{later, "9999_later", "newer"}},
		"made by something else": {changed, okr.ErrSchema, []string{changed, "0001_tables"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sqlite.Open(bg, test.path)
			require.Error(t, err)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
			for _, s := range test.holds {
				require.ErrorContains(t, err, s)
			}
			_, again := sqlite.Open(bg, test.path)
			require.NotErrorIs(t, again, sqlite.ErrInUse, "what failed holds no lock")
		})
	}
	// What is only missing can be added, next to what is there.
	s, err := sqlite.Open(bg, foreign, sqlite.WithMigration())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	s, err = sqlite.Open(bg, foreign)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = sqlite.Open(bg, later, sqlite.WithMigration())
	require.ErrorIs(t, err, okr.ErrSchema)
}

// raw runs SQL on a file without okrkit.
func raw(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	for _, s := range statements {
		_, err = db.Exec(s)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
}

// An Open that was killed between creating the file and its tables is made good
// by the next.
func TestOpenAfterAKillWhileCreating(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okr.db")
	raw(t, path, "PRAGMA journal_mode = WAL", "CREATE TABLE x (y)", "DROP TABLE x")
	s, err := sqlite.Open(bg, path)
	require.NoError(t, err)
	require.NoError(t, s.Validate(bg))
	require.NoError(t, s.Close())
}

func TestASecondProcessIsKeptOut(t *testing.T) {
	if path := os.Getenv("OKRKIT_TEST_OPEN"); path != "" {
		_, err := sqlite.Open(bg, path)
		fmt.Println(err)
		return
	}
	path := empty(t)
	s, err := sqlite.Open(bg, path)
	require.NoError(t, err)
	other := func() string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestASecondProcessIsKeptOut$", "-test.count=1")
		cmd.Env = append(os.Environ(), "OKRKIT_TEST_OPEN="+path)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	said := other()
	require.Contains(t, said, sqlite.ErrInUse.Error())
	require.Contains(t, said, path+".lock")
	require.Contains(t, said, "stop the other process")
	_, err = sqlite.Open(bg, path)
	require.ErrorIs(t, err, sqlite.ErrInUse, "nor twice in one process")
	require.NoError(t, s.Close())
	require.Contains(t, other(), "<nil>")
}

// Hosts begin deferred transactions, since database/sql knows no others. All of
// them go through, because the first statement in them is a write.
func TestDeferredTransactionsOfManyHosts(t *testing.T) {
	h := host(t, empty(t), "&_pragma=busy_timeout(10000)")
	acme, ids := planned(t, h.Store, october())
	_, err := h.db.Exec("CREATE TABLE visit (n INTEGER)")
	require.NoError(t, err)
	const hosts, times = 4, 10
	var wg sync.WaitGroup
	errs := make(chan error, hosts*times)
	for i := range hosts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range times {
				errs <- func() error {
					tx, err := h.db.BeginTx(bg, nil)
					if err != nil {
						return err
					}
					defer tx.Rollback() //nolint:errcheck // after the commit it does nothing
					if _, err := acme.In(h.Wrap(tx)).CheckIn(bg, okr.CheckIn{KeyResult: ids[i%len(ids)], Confidence: measure.N(float64(n % 10))}); err != nil {
						return err
					}
					if _, err := tx.Exec("INSERT INTO visit (n) VALUES (?)", n); err != nil {
						return err
					}
					return tx.Commit()
				}()
			}
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	var visits, checkIns int
	require.NoError(t, h.db.QueryRow("SELECT (SELECT COUNT(*) FROM visit), (SELECT COUNT(*) FROM okr_checkin)").Scan(&visits, &checkIns))
	require.Equal(t, hosts*times, visits)
	require.Equal(t, visits, checkIns)
}

func TestWrapSaysWhyItCannot(t *testing.T) {
	good := open(t)
	desk, err := okr.New(good, okr.Config{})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))

	t.Run("no tables", func(t *testing.T) {
		h := host(t, filepath.Join(t.TempDir(), "host.db"), "")
		tx, err := h.db.BeginTx(bg, nil)
		require.NoError(t, err)
		defer tx.Rollback() //nolint:errcheck // the test's own
		_, err = acme.In(h.Wrap(tx)).Propose(bg, okrtest.Plan())
		require.ErrorIs(t, err, okr.ErrSchema)
	})
	t.Run("locked by another", func(t *testing.T) {
		path := empty(t)
		h := host(t, path, "&_pragma=busy_timeout(1)")
		other := host(t, path, "&_pragma=busy_timeout(1)")
		holder, err := other.Begin(bg, true)
		require.NoError(t, err)
		tx, err := h.db.BeginTx(bg, nil)
		require.NoError(t, err)
		_, err = acme.In(h.Wrap(tx)).Propose(bg, okrtest.Plan())
		require.ErrorIs(t, err, okr.ErrBusy)
		require.NoError(t, tx.Rollback())
		_, err = h.Begin(bg, true)
		require.ErrorIs(t, err, okr.ErrBusy)
		require.NoError(t, holder.Rollback(bg))
		u, err := h.Begin(bg, true)
		require.NoError(t, err)
		require.NoError(t, u.Rollback(bg))
	})
	t.Run("ended", func(t *testing.T) {
		tx, err := good.DB().BeginTx(bg, nil)
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
		_, err = acme.In(good.Wrap(tx)).Propose(bg, okrtest.Plan())
		require.ErrorIs(t, err, okr.ErrTxDone)
	})
	t.Run("none", func(t *testing.T) {
		_, err = acme.In(good.Wrap(nil)).Propose(bg, okrtest.Plan())
		require.ErrorIs(t, err, okr.ErrForeignTx)
	})
}

func TestAdoptAfterAToolOfTheHostsOwn(t *testing.T) {
	h := host(t, filepath.Join(t.TempDir(), "host.db"), "")
	require.ErrorIs(t, h.Validate(bg), okr.ErrSchema)
	_, err := h.Begin(bg, false)
	require.NoError(t, err)
	_, err = h.Identity(bg)
	require.ErrorIs(t, err, okr.ErrSchema)
	_, err = h.Tenants(bg)
	require.ErrorIs(t, err, okr.ErrSchema)
	text, err := os.ReadFile("../sqldb/migrations/sqlite/0001_tables.sql")
	require.NoError(t, err)
	published, err := sqldb.Migrations(sqldb.SQLite).Open("0001_tables.sql")
	require.NoError(t, err)
	require.NoError(t, published.Close())
	_, err = h.db.Exec(string(text))
	require.NoError(t, err)
	require.ErrorIs(t, h.Validate(bg), okr.ErrSchema, "nobody has said so yet")
	require.NoError(t, h.Adopt(bg))
	require.NoError(t, h.Validate(bg))
	planned(t, h.Store, october())
}

// Someone changes the ledger behind okrkit's back. Verify names what and where.
func TestVerifyNamesWhatWasChanged(t *testing.T) {
	for name, test := range map[string]struct {
		sql  string
		says string
	}{
		"state":             {"UPDATE okr_ledger SET state = state || ' ' WHERE kind = 'objective' AND seq = 1", "not what was hashed"},
		"data":              {"UPDATE okr_ledger SET data = '{}' WHERE kind = 'key_result' AND seq = 2", "not what was hashed"},
		"actor":             {"UPDATE okr_ledger SET actor = 'ben' WHERE kind = 'cycle'", "not what was hashed"},
		"time":              {"UPDATE okr_ledger SET at = at + 1 WHERE kind = 'cycle'", "not what was hashed"},
		"a row in between":  {"DELETE FROM okr_ledger WHERE kind = 'key_result' AND seq = 1", "is missing: number 2 follows number 0"},
		"the last row":      {"DELETE FROM okr_ledger WHERE rowid = (SELECT MAX(rowid) FROM okr_ledger)", "the row that it sealed is gone"},
		"a row and its sum": {"UPDATE okr_ledger SET hash = zeroblob(32), state = '{}' WHERE kind = 'cycle'", "not what was hashed"},
		"a seal":            {"UPDATE okr_seal SET hash = zeroblob(32) WHERE pos = 3", "seal 3"},
		"a seal's row":      {"UPDATE okr_seal SET event = (SELECT event FROM okr_seal WHERE pos = 1) || 'x' WHERE pos = 2", "seal 2"},
		"a seal is gone":    {"DELETE FROM okr_seal WHERE pos = 2", "seal 2"},
		"all seals":         {"DELETE FROM okr_seal", "are sealed or wait for it"},
		"a word":            {"UPDATE okr_word SET content = CAST('Ann Else' AS BLOB) WHERE field = 'name'", "is not what the row committed to"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			planned(t, s, october())
			for {
				n, err := s.Seal(bg, october().Now(), 100)
				require.NoError(t, err)
				if n == 0 {
					break
				}
			}
			v, err := s.Verify(bg, "acme")
			require.NoError(t, err)
			require.Nil(t, v.Fault)
			r, err := s.DB().Exec(test.sql)
			require.NoError(t, err)
			n, err := r.RowsAffected()
			require.NoError(t, err)
			require.NotZero(t, n, "nothing was changed")
			v, err = s.Verify(bg, "acme")
			require.NoError(t, err)
			require.NotNil(t, v.Fault)
			require.Contains(t, v.String(), test.says)
		})
	}
	t.Run("the ledger hashed anew", func(t *testing.T) {
		// Who changes a row and its own hash is caught by the seal.
		s := open(t)
		planned(t, s, october())
		_, err := s.Seal(bg, october().Now(), 1000)
		require.NoError(t, err)
		before, err := s.Verify(bg, "acme")
		require.NoError(t, err)
		_, err = s.DB().Exec("UPDATE okr_ledger SET hash = zeroblob(32) WHERE kind = 'cycle'")
		require.NoError(t, err)
		v, err := s.Verify(bg, "acme")
		require.NoError(t, err)
		require.NotNil(t, v.Fault)
		require.Equal(t, before.Head, v.Head)
	})
}
