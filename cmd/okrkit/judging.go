package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// judging is which rules judge.
type judging struct {
	Rules   []string `help:"Further rule packs: files, folders of *.yaml, or presets (${presets}). One with the name of a starter pack takes its place. May be given several times." placeholder:"PACK" sep:","`
	Starter bool     `help:"Judge by the starter packs as well." default:"true" negatable:""`
	wordLists
}

// wordLists are what sentences are read by beside the languages that are known.
type wordLists struct {
	Words []string `help:"Folders of word lists (*.txt): a further language to read, or more words of one that is known. May be given several times." placeholder:"FOLDER" sep:","`
}

// words are the word lists of the command line, beside those that are known.
func (j wordLists) words() ([]audit.Option, error) {
	if len(j.Words) == 0 {
		return nil, nil
	}
	opts := make([]lexicon.Option, len(j.Words))
	for i, folder := range j.Words {
		opts[i] = lexicon.WithWords(os.DirFS(folder))
	}
	l, err := lexicon.New(opts...)
	if err != nil {
		return nil, fmt.Errorf("--words %s: %w", strings.Join(j.Words, ","), err)
	}
	return []audit.Option{audit.Words(l)}, nil
}

// judge is a judge by the packs.
func (j judging) judge(a *app) (*audit.Judge, error) {
	set, err := j.set(a)
	if err != nil {
		return nil, err
	}
	words, err := j.words()
	if err != nil {
		return nil, err
	}
	return audit.New(audit.Fixed(set), words...), nil
}

// set compiles the packs. Packs of the command line are asked for scores and
// statuses before the starter packs.
func (j judging) set(a *app) (*rules.Set, error) {
	var own []*rules.Pack
	named := map[string]bool{}
	inputs, err := a.readPacks(j.Rules)
	if err != nil {
		return nil, err
	}
	for _, in := range inputs {
		p, err := rules.Parse(in.name, in.text)
		if err != nil {
			return nil, err
		}
		own = append(own, p)
		named[p.Info().Name] = true
	}
	var packs []*rules.Pack
	if j.Starter {
		names, err := fs.Glob(pack.Starter, "*.yaml")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := fs.ReadFile(pack.Starter, name)
			if err != nil {
				return nil, err
			}
			p, err := rules.Parse(name, text)
			if err != nil {
				return nil, err
			}
			if !named[p.Info().Name] {
				packs = append(packs, p)
			}
		}
	}
	words, err := j.words()
	if err != nil {
		return nil, err
	}
	return rules.Compile(audit.Env(audit.Level, words...), append(packs, own...)...)
}
