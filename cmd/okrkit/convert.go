package main

import (
	"fmt"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
)

type convertCommand struct {
	From string `help:"What the file is, if that cannot be told from name and content: ${enum}." enum:"auto,${planFormats}" default:"auto" placeholder:"FORMAT"`
	To   string `help:"What to write: ${enum}." enum:"yaml,json,csv,markdown" default:"yaml" placeholder:"FORMAT"`
	File string `arg:"" help:"A plan; - is standard input."`
}

func (convertCommand) Help() string {
	return `Reads a plan and writes it in another format to standard output. What could not be read, and what the new format cannot keep, is listed on standard error with its line and the reason.

Example: okrkit convert --to yaml plan.md >plan.yaml

Exit codes: 0 everything was kept, 1 something was not, 2 the file or the command line cannot be used.`
}

func (c convertCommand) Run(a *app) error {
	in, err := a.read(c.File)
	if err != nil {
		return err
	}
	plan, err := readPlan(in, c.From)
	if err != nil {
		return err
	}
	lost, err := planfile.Write(a.out, planfile.Format(c.To), plan)
	if err != nil {
		return placed(in.name, plan, err)
	}
	return a.tellLoss(append(append([]okr.Unread(nil), plan.Unread...), lost...))
}

// tellLoss lists what was not kept.
func (a *app) tellLoss(lost []okr.Unread) error {
	if len(lost) == 0 {
		return nil
	}
	rows := [][]string{{"NOT KEPT", "WHY", "WHERE"}}
	for _, u := range lost {
		where := u.File
		if u.Line > 0 {
			where = fmt.Sprintf("%s:%d", u.File, u.Line)
		}
		rows = append(rows, []string{shorten(oneLine(u.Text), 60), u.Reason, where})
	}
	table(a.err, rows)
	return errFindings
}
