package system_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// childEnv makes the test binary another process of the house: it holds an
// [order] as JSON.
const childEnv = "OKRKIT_SYSTEM_CHILD"

// order is what another process is to do.
type order struct {
	Role   string
	Dir    string
	From   []int // by writer: the number of its first check-in
	Name   string
	Shared shared
}

// roles are what the test binary can be.
var roles = map[string]func(context.Context, order) error{
	"writer": writeUntilKilled,
	"second": openBoth,
	"worker": work,
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		os.Exit(obey(text))
	}
	os.Exit(server.Run(m))
}

func obey(text string) int {
	var o order
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		be, known := roles[o.Role]
		if !known {
			be = ofThisSystem[o.Role]
		}
		err = be(context.Background(), o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// child is the test binary as another process. It ends with the test.
func child(t *testing.T, o order) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(slices.Clone(os.Environ()), childEnv+"="+string(text))
	return cmd
}

// said is what a process said when it ended, on both of its outputs.
func said(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if _, ended := err.(*exec.ExitError); !ended { //nolint:errorlint // exec returns it as it is
		require.NoError(t, err)
	}
	return out.String()
}
