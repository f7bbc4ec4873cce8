package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

// asCommand makes the test binary the command itself.
const asCommand = "OKRKIT_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(okrkit())
	}
	testscript.Main(served{m}, map[string]func(){"okrkit": func() { os.Exit(okrkit()) }, "host": func() { os.Exit(hosting()) }})
}

// TestScripts runs the command as a person would, one script per story.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("OKRKIT_REAL_DATA", os.Getenv("OKRKIT_REAL_DATA"))
			return nil
		},
	})
}
