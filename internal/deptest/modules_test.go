package deptest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The root module stays usable by a host on Go 1.25; the modules that carry a
// driver, a server or a command ask for what those ask for.
const (
	rootGo   = "1.25.0"
	nestedGo = "1.26.0"
)

// direct are the modules that the root may require. Each new one reaches every
// host, so it is added here by hand, with its reason.
var direct = map[string]string{
	"cel.dev/cel-go":              "rules are written in CEL",
	"go.yaml.in/yaml/v3":          "packs and plans are YAML, read with positions",
	"github.com/yuin/goldmark":    "plans are Markdown",
	"golang.org/x/text":           "encodings and case folding of plans; numbers, plurals and languages of papers",
	"github.com/stretchr/testify": "the exported conformance suites",
	"pgregory.net/rapid":          "the exported conformance suites",
}

// indirect are what those bring along.
var indirect = []string{
	"cel.dev/expr",
	"github.com/antlr4-go/antlr/v4",
	"golang.org/x/exp",
	"google.golang.org/genproto/googleapis/api",
	"google.golang.org/genproto/googleapis/rpc",
	"google.golang.org/protobuf",
}

// isApart says whether go.work leaves a module out: developer tools, comparisons
// with peers, and hosts that see okrkit from outside.
func isApart(folder string) bool {
	return folder == "tools" || folder == "bench" || within(folder, "internal/hosts")
}

type modfile struct {
	Module  struct{ Path string }
	Go      string
	Require []struct {
		Path, Version string
		Indirect      bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

// mod is the go.mod of a folder, as the go command reads it.
func mod(t *testing.T, folder string) modfile {
	t.Helper()
	name := path.Join(folder, "go.mod")
	_ = read(t, name) // so that go test runs this again when the file changes
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", filepath.Join(root, filepath.FromSlash(name)))
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	require.NoError(t, err, name)
	var m modfile
	require.NoError(t, json.Unmarshal(out, &m), name)
	return m
}

func isOurs(p string) bool { return p == ours || strings.HasPrefix(p, ours+"/") }

func TestRootModuleIsLight(t *testing.T) {
	m := mod(t, ".")
	require.Equal(t, ours, m.Module.Path)
	require.Equal(t, rootGo, m.Go, "a host on Go 1.25 could no longer import okrkit; `go work sync` and newer dependencies raise this line")
	require.Empty(t, m.Replace, "replace lines do not reach hosts and break go install")
	for _, r := range m.Require {
		if r.Indirect {
			require.Contains(t, indirect, r.Path, "a new indirect dependency reaches every host")
			continue
		}
		require.Contains(t, direct, r.Path, "a new dependency of the root reaches every host: put it into a module of its own, or add it here with its reason")
	}
}

func TestWorkspaceListsEveryModule(t *testing.T) {
	_ = read(t, "go.work")
	cmd := exec.CommandContext(t.Context(), "go", "work", "edit", "-json", filepath.Join(root, "go.work"))
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	out, err := cmd.Output()
	require.NoError(t, err)
	var work struct {
		Go  string
		Use []struct{ DiskPath string }
	}
	require.NoError(t, json.Unmarshal(out, &work))
	require.Equal(t, nestedGo, work.Go)
	var used []string
	for _, u := range work.Use {
		used = append(used, path.Clean(u.DiskPath))
	}
	want := slices.DeleteFunc(modules(t), isApart)
	require.ElementsMatch(t, want, used)
}

func TestNestedModulesFindTheirNeighbours(t *testing.T) {
	folders := map[string]string{} // by module path
	mods := map[string]modfile{}
	for _, f := range modules(t) {
		m := mod(t, f)
		folders[m.Module.Path] = f
		mods[m.Module.Path] = m
	}
	for p, m := range mods {
		f := folders[p]
		if p == ours || isApart(f) {
			continue
		}
		require.Equal(t, path.Join(ours, f), p, "a module is named after its folder")
		require.Equal(t, nestedGo, m.Go, f)
		replaced := map[string]string{}
		for _, r := range m.Replace {
			replaced[r.Old.Path] = path.Join(f, r.New.Path)
		}
		if f == "cmd/okrkit" {
			require.Empty(t, replaced, "go install refuses a module with replace lines; run: make tidy")
			continue
		}
		for _, r := range m.Require {
			if !isOurs(r.Path) {
				continue
			}
			require.Contains(t, folders, r.Path, "%s requires a module that is not in this checkout", f)
			require.Equal(t, folders[r.Path], replaced[r.Path], "%s/go.mod must replace %s by its folder, since v0.0.0 is nowhere to be fetched", f, r.Path)
		}
		for old, to := range replaced {
			require.True(t, isOurs(old), "%s/go.mod replaces %s, and a replace of somebody else's module does not reach hosts", f, old)
			require.Equal(t, folders[old], to, f)
		}
	}
}

// What a host links is smaller than what go.mod lists; this is asked of the go
// command, package by package.
func TestWhatAHostLinks(t *testing.T) {
	_ = files(t)
	for _, c := range []struct {
		pkg  string
		only []string
	}{
		{"./okr", nil},
		{"./rules", []string{
			"cel.dev/cel-go", "cel.dev/expr", "github.com/antlr4-go/antlr/v4", "go.yaml.in/yaml/v3", "golang.org/x/exp", "golang.org/x/text",
			"google.golang.org/genproto/googleapis/api", "google.golang.org/genproto/googleapis/rpc", "google.golang.org/protobuf",
		}},
	} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", c.pkg)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		out, err := cmd.Output()
		require.NoError(t, err, c.pkg)
		for p := range strings.FieldsSeq(string(out)) {
			if p != ours {
				require.Contains(t, c.only, p, "%s links a module that it should not", c.pkg)
			}
		}
	}
}
