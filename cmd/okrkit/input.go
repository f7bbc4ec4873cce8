package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/rules"
)

// maxInput bounds a file, so that a wrong path does not fill the memory.
const maxInput = 16 << 20

// standardInput stands for standard input among file names.
const standardInput = "-"

// input is a file that was read, under the name that messages give it.
type input struct {
	name string
	text []byte
}

// read takes one file, or standard input for "-".
func (a *app) read(name string) (input, error) {
	if name == standardInput {
		b, err := readAll(a.in)
		if err != nil {
			return input{}, fmt.Errorf("standard input: %w", err)
		}
		return input{"stdin", b}, nil
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return input{}, fmt.Errorf("%s: there is no such file: check the path, or give - to read standard input", name)
	case err != nil:
		return input{}, err
	case info.IsDir():
		return input{}, fmt.Errorf("%s: this is a folder: name the files in it", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return input{}, err
	}
	defer f.Close()
	b, err := readAll(f)
	if err != nil {
		return input{}, fmt.Errorf("%s: %w", name, err)
	}
	return input{filepath.ToSlash(name), b}, nil
}

func readAll(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxInput {
		return nil, fmt.Errorf("longer than %d MiB: split it", maxInput>>20)
	}
	return b, nil
}

// readPacks takes files, folders and names of presets; of a folder, every *.yaml and *.yml below
// it whose path has no name that begins with a dot, in the order of their paths. Files of tests
// that lie in a folder are left out.
func (a *app) readPacks(names []string) ([]input, error) {
	packs, _, err := a.readRules(names, false)
	return packs, err
}

// readRules is readPacks, with the files of tests apart if they are wanted.
func (a *app) readRules(names []string, tests bool) (packs, apart []input, err error) {
	keep := func(in input) {
		if tests && strings.HasSuffix(in.name, rules.TestFileSuffix) {
			apart = append(apart, in)
		} else {
			packs = append(packs, in)
		}
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if text, ok := pack.Preset(name); ok && errors.Is(err, fs.ErrNotExist) {
			keep(input{name + ".yaml", text})
			continue
		}
		if err != nil || !info.IsDir() {
			in, err := a.read(name)
			if err != nil {
				return nil, nil, err
			}
			keep(in)
			continue
		}
		var found []string
		err = filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case p != name && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return filepath.SkipDir
				}
			case !d.IsDir() && slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(p)) && (tests || !strings.HasSuffix(p, rules.TestFileSuffix)):
				found = append(found, p)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		if len(found) == 0 {
			return nil, nil, fmt.Errorf("%s: no *.yaml or *.yml in this folder: a rule pack is one YAML file", name)
		}
		for _, p := range found {
			in, err := a.read(p)
			if err != nil {
				return nil, nil, err
			}
			keep(in)
		}
	}
	return packs, apart, nil
}
