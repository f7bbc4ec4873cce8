package rules

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
)

// Bound gives the static bound of the first rule's check on a subject, and
// whether it is guarded at run time instead.
func Bound(s *Set, subject string) (bound uint64, guarded bool) {
	sub, _ := s.subjects.on(subject)
	p := sub.rules[0].body
	return p.bound, p.guarded
}

// HasClosures says whether the first rule's check is compiled to closures.
func HasClosures(s *Set, subject string) bool {
	sub, _ := s.subjects.on(subject)
	return sub.rules[0].body.fast != nil
}

// OnlyCEL is the same set without closures.
func OnlyCEL(s *Set) *Set {
	strip := func(p *program) *program {
		if p == nil {
			return nil
		}
		c := *p
		c.fast, c.loops = nil, false
		return &c
	}
	all := func(rules []*rule) []*rule {
		out := make([]*rule, len(rules))
		for i, r := range rules {
			c := *r
			c.when, c.body = strip(r.when), strip(r.body)
			c.vars = nil
			for _, v := range r.vars {
				c.vars = append(c.vars, ruleVar{v.name, strip(v.prog)})
			}
			if r.message != nil {
				c.message = &message{}
				for _, p := range r.message.parts {
					c.message.parts = append(c.message.parts, part{p.text, strip(p.prog)})
				}
			}
			out[i] = &c
		}
		return out
	}
	c := &Set{env: s.env, packs: s.packs}
	for _, sub := range s.subjects {
		own := &subjectSet{subject: sub.subject, rules: all(sub.rules), scores: all(sub.scores), statuses: all(sub.statuses)}
		own.prepare()
		c.subjects = append(c.subjects, own)
	}
	return c
}

// Cost counts what the first rule's check costs on a subject.
func Cost(s *Set, subject string, vars map[string]any, now time.Time) uint64 {
	sub, _ := s.subjects.on(subject)
	p := s.packs[0].pack
	c := &compiler{env: s.env, set: s, pack: p, envs: map[string]*cel.Env{}}
	sc := &scope{cel: c.subjectEnv(sub.subject), sub: sub.subject}
	a, iss := c.check(sc, sub.rules[0].text.body.text)
	if iss != nil {
		panic(iss.Err())
	}
	opts := append(c.programOptions(a.NativeRep(), false), cel.CostTracking(tracker{s.env.costs}))
	prog, err := sc.cel.Program(a, opts...)
	if err != nil {
		panic(err)
	}
	r, err := s.start(context.Background(), subject, isRule, vars, Options{Now: now})
	if err != nil {
		panic(err)
	}
	defer r.close()
	_, det, _ := prog.Eval(r)
	return *det.ActualCost()
}

// The short ways, and the long ways that they stand for.
var (
	OneLine    = oneLine
	CleanLine  = cleanLine
	Characters = characters
)

// HasNumber answers by a scanned text, and by reading it rune for rune.
func HasNumber(text string) (scanned, read bool) {
	var t scannedText
	return t.scan(text).hasNumber(), hasNumber(text)
}

// HasWord is the same for words of a set.
func HasWord(text string, words []string, atStart bool) (scanned, read bool) {
	var t scannedText
	t.scan("another text before")
	s := newWordSet(words)
	return s.inScanned(t.scan(text), atStart), s.in(text, atStart)
}

// Overloads are all that an expression can call, a line each.
func Overloads(e *Env) []string {
	var out []string
	for name, f := range e.base.Functions() {
		for _, o := range f.OverloadDecls() {
			args := make([]string, len(o.ArgTypes()))
			for i, a := range o.ArgTypes() {
				args[i] = a.String()
			}
			how := ""
			if o.IsMemberFunction() {
				how = "."
			}
			out = append(out, how+name+"("+strings.Join(args, ", ")+") "+o.ResultType().String())
		}
	}
	for _, m := range e.base.Macros() {
		out = append(out, "macro "+m.MacroKey())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// FunctionNames are what can be called, as an author writes it.
func FunctionNames(e *Env) []string {
	names := map[string]bool{"has": true}
	for name := range e.base.Functions() {
		switch {
		case strings.HasPrefix(name, "math.@min"):
			name = "math.least"
		case strings.HasPrefix(name, "math.@max"):
			name = "math.greatest"
		case !identLike(name) || name == "in":
			continue
		}
		names[name] = true
	}
	for _, m := range e.base.Macros() {
		if n := m.Function(); n != "least" && n != "greatest" {
			names[n] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
