package deptest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// host runs the go command in a module that imports okrkit as a host does.
func host(t *testing.T, folder string, args ...string) string {
	t.Helper()
	_ = files(t) // so that go test runs this again when any source changes
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join(root, "internal", "hosts", folder)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	var problem strings.Builder
	cmd.Stderr = &problem
	out, err := cmd.Output()
	require.NoError(t, err, problem.String())
	return string(out)
}

// A single module once moved such a host to Go 1.26 and to pgx 5.12.0.
func TestLightHostKeepsItsVersions(t *testing.T) {
	require.Contains(t, read(t, "internal/hosts/light/go.mod"), "\ngo 1.25.0\n")
	list := host(t, "light", "list", "-m", "all")
	require.Contains(t, list, "github.com/jackc/pgx/v5 v5.7.0\n")
	for _, heavy := range []string{"sqlite", "nats-io", "pgx/v5 v5.12", "prometheus", "opentelemetry", "slack", "kong"} {
		require.NotContains(t, list, heavy)
	}
	require.Equal(t, "enough fail 7 is not enough\nOnboard 40 teams 0.25 unknown\n", host(t, "light", "run", "."))
}
