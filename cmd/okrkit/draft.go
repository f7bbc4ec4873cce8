package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/okrkit/okrkit/audit"
)

type draftCommand struct {
	Format string   `help:"How to print: ${enum}." enum:"text,jsonl" default:"text" placeholder:"FORMAT"`
	Strict bool     `help:"End with exit code 1 if any text is weak."`
	Texts  []string `arg:"" optional:"" name:"text" help:"Key results; if none or - is given, one on each line of standard input."`
	judging
}

func (draftCommand) Help() string {
	return `Judges the wording of key results, and says what their measure is. Wording alone: what lives in fields of its own, such as owner, source, date and baseline, is asked for and not held against the text. Empty lines of standard input are passed over.

Examples:
  okrkit draft "Reduce churn from 5% to 3% by 30 June"
  okrkit draft --format jsonl <key-results.txt

Exit codes: 0 every text was judged, strong or weak; 1 with --strict, if one is weak; 2 there is nothing to judge, or a pack or the command line cannot be used.`
}

func (c draftCommand) Run(ctx context.Context, a *app) error {
	judge, err := c.judge(a)
	if err != nil {
		return err
	}
	texts := c.Texts
	if len(texts) == 0 || len(texts) == 1 && texts[0] == standardInput {
		if texts, err = a.lines(); err != nil {
			return err
		}
	}
	var kept []string
	for i, text := range texts {
		if !utf8.ValidString(text) {
			return fmt.Errorf("text %d, %q: it is not UTF-8: save it in that encoding", i+1, shorten(text, 40))
		}
		if strings.TrimSpace(text) != "" {
			kept = append(kept, text)
		}
	}
	if len(kept) == 0 {
		return errors.New("there is nothing to judge: give a key result as an argument, or one on each line of standard input")
	}

	weak := false
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	for _, text := range kept {
		d, err := judge.Draft(ctx, text)
		if err != nil {
			return err
		}
		weak = weak || d.Verdict == audit.DraftWeak
		if c.Format == "jsonl" {
			err = enc.Encode(d)
		} else {
			err = d.Render(a.out)
		}
		if err != nil {
			return err
		}
	}
	if c.Strict && weak {
		return errFindings
	}
	return nil
}

// lines are the lines of standard input. A mark of byte order at its start, as
// Windows writes it, is no part of the first.
func (a *app) lines() ([]string, error) {
	in, err := a.read(standardInput)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(strings.TrimPrefix(string(in.text), "\ufeff"), func(r rune) bool { return r == '\n' || r == '\r' }), nil
}
