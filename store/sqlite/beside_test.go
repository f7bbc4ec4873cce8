package sqlite_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/store/sqlite"
)

// An admin looks into a database, and decides something in it, while a process
// serves it.
func TestBesideAProcess(t *testing.T) {
	clock := october()
	path := empty(t)
	host, err := sqlite.Open(bg, path)
	require.NoError(t, err)
	acme, ids := planned(t, host, clock)
	log, err := os.Stat(path + "-wal")
	require.NoError(t, err)

	checkIn := func(t okr.Tenant) error {
		_, err := t.CheckIn(bg, okr.CheckIn{KeyResult: ids[0], Value: measure.N(70)})
		return err
	}
	at := func(s okr.Store) okr.Tenant {
		desk, err := okr.New(s, okr.Config{Clock: clock.Now})
		require.NoError(t, err)
		return desk.For("acme").As(okr.Someone("admin"))
	}
	recorded := func(of okr.Tenant) (n int) {
		events, err := of.View().Events(bg, okr.Ref{Kind: okr.KindKeyResult, ID: ids[0]}, 0)
		require.NoError(t, err)
		for _, e := range events {
			if e.Type == okr.EventCheckInRecorded {
				n++
			}
		}
		return n
	}

	reader, err := sqlite.Open(bg, path, sqlite.ReadOnly())
	require.NoError(t, err)
	require.NoError(t, checkIn(acme))
	require.Equal(t, 1, recorded(at(reader)))
	require.ErrorContains(t, checkIn(at(reader)), "readonly")
	_, err = reader.DB().Exec("CREATE TABLE x (y)")
	require.ErrorContains(t, err, "readonly")
	require.NoError(t, at(reader).Trial().Do(bg, checkIn), "to try is not to write")
	require.NoError(t, reader.Close())
	require.Equal(t, 1, recorded(acme))

	writer, err := sqlite.Open(bg, path, sqlite.Beside())
	require.NoError(t, err)
	var both sync.WaitGroup
	for _, t := range []okr.Tenant{acme, at(writer)} {
		both.Go(func() {
			for range 20 {
				if err := checkIn(t); err != nil {
					panic(err)
				}
			}
		})
	}
	both.Wait()
	require.Equal(t, 41, recorded(acme))
	require.Equal(t, 41, recorded(at(writer)))
	require.NoError(t, writer.Close())
	same, err := os.Stat(path + "-wal")
	require.NoError(t, err)
	require.True(t, os.SameFile(log, same), "the log that the host syncs is still the log")
	require.NoError(t, checkIn(acme))
	require.NoError(t, host.Close())

	// Nobody else has it open.
	for _, o := range []sqlite.Option{sqlite.ReadOnly(), sqlite.Beside()} {
		s, err := sqlite.Open(bg, path, o)
		require.NoError(t, err)
		require.Equal(t, 42, recorded(at(s)))
		require.NoError(t, s.Close())
	}
	host, err = sqlite.Open(bg, path)
	require.NoError(t, err)
	require.NoError(t, host.Close())
}

// What is to be opened beside somebody else must be there already.
func TestBesideMakesNothing(t *testing.T) {
	dir := t.TempDir()
	none, void, foreign := filepath.Join(dir, "okr.db"), filepath.Join(dir, "void.db"), filepath.Join(dir, "foreign.db")
	require.NoError(t, os.WriteFile(void, nil, 0o600))
	raw(t, foreign, "CREATE TABLE customer (id TEXT PRIMARY KEY)")
	for _, o := range []sqlite.Option{sqlite.ReadOnly(), sqlite.Beside()} {
		_, err := sqlite.Open(bg, none, o)
		require.ErrorIs(t, err, os.ErrNotExist)
		require.ErrorContains(t, err, none)
		require.NoFileExists(t, none)
		_, err = sqlite.Open(bg, void, o)
		require.ErrorIs(t, err, okr.ErrSchema)
		_, err = sqlite.Open(bg, foreign, o)
		require.ErrorIs(t, err, okr.ErrSchema)
		_, err = sqlite.Open(bg, dir, o)
		require.ErrorContains(t, err, "folder")
	}
}
