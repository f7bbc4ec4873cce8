package rules

import (
	"fmt"
	"slices"
)

// TestFileSuffix ends the names of files that hold tests and no pack. A folder of
// packs may hold them too.
const TestFileSuffix = "_test.yaml"

// TestFile holds tests of a pack that lie apart from it: what a company relies on of
// a pack that is not its own.
type TestFile struct {
	file   string
	pack   string
	node   entry // of the pack's name
	src    *source
	params []entry
	tests  []*testText
}

// Pack is the name of the pack that the tests are of.
func (f *TestFile) Pack() string { return f.pack }

// ParseTests reads a file of tests: apiVersion, the name of a pack, parameters that
// hold for all of them, and the tests as they stand in a pack. What is wrong comes
// back as [Errors].
func ParseTests(file string, text []byte) (*TestFile, error) {
	p, errs := newParser(file, text)
	if p == nil {
		return nil, errs.orNil()
	}
	root := p.document(text)
	if root == nil {
		return nil, p.errs.orNil()
	}
	f := &TestFile{file: file, src: p.src}
	m := p.mapping(root, "a file of tests", "apiVersion", "pack", "params", "tests")
	if e, ok := m["apiVersion"]; !ok {
		p.bad(root, "begin with apiVersion: "+APIVersion, "apiVersion is missing")
	} else if v, ok := p.word(e.val, "apiVersion"); ok && v != APIVersion {
		p.bad(e.val, "write "+APIVersion, "apiVersion %q is not known", v)
	}
	if e, ok := m["pack"]; !ok {
		p.bad(root, "write pack: and the name of the pack that is tested", "pack is missing")
	} else {
		f.pack, _ = p.word(e.val, "pack")
		f.node = e
	}
	if e, ok := m["params"]; ok {
		f.params = p.entries(e.val, "params")
	}
	if e, ok := m["tests"]; !ok {
		p.bad(root, "write tests: and one entry below it", "tests are missing")
	} else {
		for _, n := range p.items(e.val, "tests") {
			if t := p.test(n, nil); t != nil {
				t.params = append(slices.Clone(f.params), t.params...)
				f.tests = append(f.tests, t)
			}
		}
	}
	if err := p.errs.orNil(); err != nil {
		return nil, err
	}
	return f, nil
}

// CheckTests says what is wrong with tests that lie apart: a pack or a rule that is not
// there, a fact that it does not have. The error is [Errors].
func (s *Set) CheckTests(files ...*TestFile) error {
	_, err := s.compileFiles(files)
	return err
}

// compileFiles compiles the tests of files, by the names of their packs.
func (s *Set) compileFiles(files []*TestFile) (map[string][]*test, error) {
	out := map[string][]*test{}
	var errs Errors
	among := make([]*Pack, len(s.packs))
	for i, p := range s.packs {
		among[i] = p.pack
	}
	for _, f := range files {
		var of *compiledPack
		var names []string
		for _, p := range s.packs {
			names = append(names, p.info.Name)
			if p.info.Name == f.pack {
				of = p
			}
		}
		if of == nil {
			errs = append(errs, f.src.errorAt(f.node.val.Line, f.node.val.Column, fmt.Sprintf("the pack %s is not there", f.pack), didYouMean(f.pack, names)))
			continue
		}
		pack := *of.pack
		pack.src = f.src
		c := &compiler{env: s.env, set: s, pack: &pack, src: f.src, sees: sees(of.pack, among)}
		out[f.pack] = append(out[f.pack], c.tests(f.tests)...)
		errs = append(errs, c.errs...)
	}
	return out, errs.orNil()
}
