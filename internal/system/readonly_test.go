//go:build linux

package system_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A directory that this user may only read is an error that names it, and it
// stays as it was.
func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, string){
		"empty": nothing,
		"of a house that was": func(t *testing.T, dir string) {
			require.NoError(t, openDatabase(t.Context(), dir))
			require.NoError(t, openBus(t.Context(), dir))
			require.NoError(t, os.Chmod(database(dir), 0o444))
			require.NoError(t, os.Chmod(database(dir)+".lock", 0o444))
			require.NoError(t, os.Chmod(events(dir), 0o555))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755)) // so that nobody gets this far
			prepare(t, dir)
			require.NoError(t, os.Chmod(dir, 0o555))
			t.Cleanup(func() { require.NoError(t, os.Chmod(dir, 0o700)) })
			before := tree(t, dir)
			cmd := child(t, order{Role: "second", Dir: dir})
			cmd.Path = "/proc/self/exe" // who is nobody may not look into the folder of the test's binary
			if os.Geteuid() == 0 {      // whom no mode binds
				const nobody = 65534
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			}
			lines := strings.Split(strings.TrimSpace(said(t, cmd)), "\n")
			t.Log(strings.Join(lines, "\n"))
			require.Len(t, lines, 2)
			require.Contains(t, lines[0], dir)
			require.Contains(t, lines[0], "permission denied")
			require.Regexp(t, remedies, lines[0])
			require.Contains(t, lines[1], events(dir))
			require.Contains(t, lines[1], "permission denied")
			require.Equal(t, before, tree(t, dir))
		})
	}
}
