package nodetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	noSkip = "OKRKIT_NO_SKIP"
	// patience bounds how long npm may take to fetch what is pinned.
	patience = 5 * time.Minute
)

// Command is node with a script of the folder and its arguments, in the folder,
// whose pinned packages are installed. The test's context ends it.
func Command(t testing.TB, folder, script string, args ...string) *exec.Cmd {
	t.Helper()
	node := find(t, "node")
	install(t, folder)
	cmd := exec.CommandContext(t.Context(), node, append([]string{script}, args...)...)
	cmd.Dir = folder
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func find(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		missing(t, fmt.Sprintf("no %s is installed: apt-get install nodejs npm", program))
	}
	return path
}

// missing skips the test, or fails it where that is forbidden.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv(noSkip) == "1" {
		t.Fatal("nodetest: " + what)
	}
	t.Skip("nodetest: " + what)
}

// install has npm install what the folder's package-lock.json pins, unless it did.
func install(t testing.TB, folder string) {
	t.Helper()
	lock, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		t.Fatalf("nodetest: %v", err)
	}
	sum := sha256.Sum256(lock)
	want := []byte(hex.EncodeToString(sum[:]))
	stamp := filepath.Join(folder, "node_modules", ".okrkit-lock")
	if got, err := os.ReadFile(stamp); err == nil && bytes.Equal(got, want) {
		return
	}
	npm := find(t, "npm")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		missing(t, fmt.Sprintf("npm ci in %s: %v\n%s", folder, err, out))
	}
	if err := os.WriteFile(stamp, want, 0o600); err != nil {
		t.Fatalf("nodetest: %v", err)
	}
}
