package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

// A block of a walkthrough: ```yaml FILE writes a file, ```yaml >>FILE adds to one,
// and ```console shows commands, each behind a $, with what they print. A line … stands
// for any lines, … within one for a part of it.
var block = regexp.MustCompile("(?ms)^```(yaml|markdown|console)(?: (>>)?(\\S+))?\n(.*?)^```\n")

type shownCommand struct{ command, want, got string }

// TestRulesWalkthrough does what docs/rules.md says, from its empty folder on, beside a
// database that lives. With -update it writes what the commands print into the file.
func TestRulesWalkthrough(t *testing.T) {
	const doc = "../../docs/rules.md"
	text, err := os.ReadFile(doc)
	require.NoError(t, err)

	var commands []*shownCommand
	byBlock := map[int][]*shownCommand{} // by the number of the block
	script := txtar.Archive{}
	lines := []string{"exec host okr.db"}
	for i, m := range block.FindAllStringSubmatch(string(text), -1) {
		kind, add, file, body := m[1], m[2] != "", m[3], m[4]
		switch {
		case kind == "console":
			for _, one := range strings.Split("\n"+body, "\n$ ")[1:] {
				command, want, _ := strings.Cut(strings.ReplaceAll(one, "\\\n", ""), "\n")
				name := fmt.Sprintf("command-%d.sh", len(commands))
				script.Files = append(script.Files, txtar.File{Name: name, Data: []byte(command + "\n")})
				lines = append(lines, "show "+strconv.Itoa(len(commands)))
				c := &shownCommand{command: strings.SplitN(one, "\n", 2)[0], want: strings.TrimRight(want, "\n")}
				if raw, rest, cut := strings.Cut(one, "\\\n"); cut {
					next, _, _ := strings.Cut(rest, "\n")
					c.command = raw + "\\\n" + next
				}
				commands = append(commands, c)
				byBlock[i] = append(byBlock[i], c)
			}
		case file != "":
			name := fmt.Sprintf("block-%d", i)
			script.Files = append(script.Files, txtar.File{Name: name, Data: []byte(body)})
			lines = append(lines, fmt.Sprintf("write %s %s %t", name, file, add))
		}
	}
	require.NotEmpty(t, commands)
	script.Comment = []byte(strings.Join(lines, "\n") + "\n")
	path := filepath.Join(t.TempDir(), "walkthrough.txtar")
	require.NoError(t, os.WriteFile(path, txtar.Format(&script), 0o600))

	t.Run("script", func(t *testing.T) {
		testscript.Run(t, testscript.Params{Files: []string{path}, Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"write": func(ts *testscript.TestScript, _ bool, args []string) {
				to := ts.MkAbs(args[1])
				ts.Check(os.MkdirAll(filepath.Dir(to), 0o700))
				body := ts.ReadFile(args[0])
				if args[2] == "true" {
					body = ts.ReadFile(args[1]) + body
				}
				ts.Check(os.WriteFile(to, []byte(body), 0o600))
			},
			"show": func(ts *testscript.TestScript, _ bool, args []string) {
				i, err := strconv.Atoi(args[0])
				ts.Check(err)
				c := commands[i]
				_ = ts.Exec("sh", "-c", "sh command-"+args[0]+".sh >printed 2>&1") // that it can fail is a part of the story
				c.got = strings.TrimRight(ts.ReadFile("printed"), "\n")
				if !*update && !matches(c.want, c.got) {
					ts.Fatalf("$ %s\nprints\n%s\nand the document says\n%s", c.command, c.got, c.want)
				}
			},
		}})
	})
	if *update && !t.Failed() {
		n := -1
		out := block.ReplaceAllStringFunc(string(text), func(b string) string {
			n++
			if len(byBlock[n]) == 0 {
				return b
			}
			var s strings.Builder
			s.WriteString("```console\n")
			for _, c := range byBlock[n] {
				said := c.want
				if !matches(c.want, c.got) {
					said = c.got
				}
				s.WriteString("$ " + c.command + "\n")
				if said != "" {
					s.WriteString(said + "\n")
				}
			}
			return s.String() + "```\n"
		})
		require.NoError(t, os.WriteFile(doc, []byte(out), 0o644))
	}
}

// matches compares what is printed with what is shown, in which a line … stands for
// any lines, and … within a line for any part of it.
func matches(want, got string) bool {
	parts := strings.Split("\n"+want+"\n", "\n…\n")
	for i := range parts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(parts[i]), "…", `[^\n]*`)
	}
	return regexp.MustCompile(`^` + strings.Join(parts, `\n(?s:.*\n)?`) + `$`).MatchString("\n" + got + "\n")
}
