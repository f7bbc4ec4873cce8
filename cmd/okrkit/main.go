package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence/papers"
	"github.com/okrkit/okrkit/cadence/simulate"
)

type commands struct {
	Audit    auditCommand    `cmd:"" help:"Judge the OKRs of plan files."`
	Draft    draftCommand    `cmd:"" help:"Judge the wording of key results."`
	Convert  convertCommand  `cmd:"" help:"Write a plan in another format."`
	Reset    resetCommands   `cmd:"" help:"Take a plan that does not work to its first check-in, week by week."`
	Rules    rulesCommands   `cmd:"" help:"Check rule packs before they are put in force."`
	Simulate simulateCommand `cmd:"" help:"Rehearse a cycle: who would be told what on which day."`
	Template templateCommand `cmd:"" help:"Write a paper to plan, meet or review by, filled or blank."`
	Version  versionCommand  `cmd:"" help:"Print the version of okrkit."`
}

// Exit codes, the same for every command.
const (
	exitFine     = 0 // nothing at error level
	exitFindings = 1
	exitUnusable = 2 // the command line or a file cannot be used
)

// errFindings ends a command that did its work and found something: its output
// says what.
var errFindings = errors.New("findings")

// inPartError ends a command that did a part of its work: what it printed is
// printed, and then what was wrong with the rest.
type inPartError struct{ error }

// app is what a command may touch of the world.
type app struct {
	in    io.Reader
	out   *bytes.Buffer // printed only if the command could do its work
	err   io.Writer
	color bool // standard output is a terminal that wants colours
	clock func() time.Time
}

func main() {
	os.Exit(okrkit())
}

// okrkit is the whole command; it returns the exit code.
func okrkit() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	a := &app{in: os.Stdin, out: new(bytes.Buffer), err: os.Stderr, color: wantsColor(os.Stdout), clock: time.Now}
	return a.run(ctx, os.Args[1:], os.Stdout)
}

func (a *app) run(ctx context.Context, args []string, stdout io.Writer) int {
	parser, err := kong.New(new(commands),
		kong.Name("okrkit"),
		kong.Description("Judge objectives and key results, in files or in a live database. Exit codes: 0 nothing at error level, 1 findings, 2 unusable input."),
		kong.Writers(stdout, a.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"auditFormats": join(audit.Formats(), ","), "resetFormats": join(audit.ResetFormats(), ","), "diffFormats": join(audit.DifferenceFormats(), ","), "testFormats": join(audit.TestFormats(), ","), "problemFormats": join(audit.ProblemFormats(), ","), "planFormats": join(planfile.Formats(), ","), "habits": join(simulate.Habits(), ", "), "presets": join(pack.Presets(), ", "),
			"paperKinds": join(papers.Kinds(), ", "), "paperFormats": join(papers.Formats(), ","), "paperSizes": join(papers.Sizes(), ","), "paperLanguages": join(papers.Languages(), ", ")},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(a),
	)
	if err != nil {
		fmt.Fprintln(a.err, "okrkit:", err)
		return exitUnusable
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args) // prints help and ends the program, if asked to
	if err != nil {
		fmt.Fprintf(a.err, "okrkit: %v\nSee okrkit %s--help for what can be given.\n", err, commandPath(err))
		return exitUnusable
	}

	var part inPartError
	switch err := parsed.Run(); {
	case err == nil, errors.Is(err, errFindings), errors.As(err, &part):
		if _, werr := stdout.Write(a.out.Bytes()); werr != nil {
			fmt.Fprintln(a.err, "okrkit: standard output:", werr)
			return exitUnusable
		}
		if part.error != nil {
			fmt.Fprintln(a.err, "okrkit:", clean(part.Error()))
			return exitUnusable
		}
		if err != nil {
			return exitFindings
		}
		return exitFine
	default:
		fmt.Fprintln(a.err, "okrkit:", clean(err.Error()))
		return exitUnusable
	}
}

// commandPath is the command that could not be parsed, as far as it was
// understood, with a space behind it.
func commandPath(err error) string {
	var pe *kong.ParseError
	if !errors.As(err, &pe) || pe.Context == nil {
		return ""
	}
	var words []string
	for _, p := range pe.Context.Path {
		if p.Command != nil {
			words = append(words, p.Command.Name)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, " ") + " "
}

// wantsColor follows https://no-color.org.
func wantsColor(f *os.File) bool {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
