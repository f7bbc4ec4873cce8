package deptest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReleaseLeavesNoReplace makes a release in a clone and reads what its tags
// say: `go install` refuses a module with replace lines, and nobody could fetch
// v0.0.0.
func TestReleaseLeavesNoReplace(t *testing.T) {
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("this is no git checkout, and a release is made of commits")
	}
	from, err := filepath.Abs(root)
	require.NoError(t, err)
	_ = read(t, ".ci/release")
	clone := filepath.Join(t.TempDir(), "okrkit")
	run := func(dir, name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
			// The checkout may belong to another user than the one who tests it.
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	run(".", "git", "clone", "-q", from, clone)
	run(clone, "git", "switch", "-q", "-C", "main")
	// The script as it is here, committed or not, and a changelog that is ready.
	require.NoError(t, os.WriteFile(filepath.Join(clone, ".ci", "release"), []byte(read(t, ".ci/release")), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(clone, "CHANGELOG.md"), []byte("## [1.2.3]\n"), 0o644))
	run(clone, "git", "add", "-A")
	run(clone, "git", "commit", "-q", "--allow-empty", "-m", "Ready")

	out := run(clone, "bash", ".ci/release", "v1.2.3")
	require.Contains(t, out, "git push origin v1.2.3 ")
	tags := strings.Fields(run(clone, "git", "tag"))
	require.Contains(t, tags, "v1.2.3")
	require.Contains(t, tags, "cmd/okrkit/v1.2.3")
	require.Contains(t, tags, "store/sqlite/v1.2.3")
	for _, tag := range tags {
		folder := strings.TrimSuffix(strings.TrimSuffix(tag, "v1.2.3"), "/")
		require.NotRegexp(t, `^(examples|bench|tools|internal)`, folder)
		text := run(clone, "git", "show", tag+":"+filepath.ToSlash(filepath.Join(folder, "go.mod")))
		require.NotContains(t, text, "replace", tag)
		require.NotContains(t, text, "v0.0.0\n", tag)
		if folder != "" {
			require.Contains(t, text, ours+" v1.2.3", tag)
		}
	}
	require.Empty(t, run(clone, "git", "status", "--porcelain"), "the branch is as it was")
	require.Contains(t, run(clone, "git", "show", "main:adapters/nats/go.mod"), "replace")
}
