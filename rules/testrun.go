package rules

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Test runs the packs' own tests, and those of the options. Each test's `given` is
// laid over the examples of the schema, and what follows from it is computed by
// [Schema.Derive]; a test that names no `now` runs at [Schema.Now].
//
// Every expectation is evaluated twice: as rules are evaluated in a judgement, and
// by CEL alone with every branch under watch. That both say the same is a part of
// the test.
//
// The error is the context's, or [Errors] about the options' files.
func (s *Set) Test(ctx context.Context, o TestOptions) (TestReport, error) {
	apart, err := s.compileFiles(o.Files)
	if err != nil {
		return TestReport{}, err
	}
	data, err := s.env.data()
	if err != nil {
		return TestReport{}, err
	}
	t := &tester{set: s, data: data, probe: newProbe(), variants: map[string]*variant{}, shown: map[ruleKey]map[Outcome]bool{}}
	out := TestReport{Cases: []TestCase{}, Untested: []Untested{}, Coverage: []Coverage{}}
	for _, p := range s.packs {
		if o.wants(p.info.Name) {
			written, err := s.asWritten(p)
			if err != nil {
				return TestReport{}, err
			}
			for _, x := range p.tests {
				if err := t.run(ctx, &out, o, view{p, written}, x); err != nil {
					return TestReport{}, err
				}
			}
		}
		for _, x := range apart[p.info.Name] {
			if err := t.run(ctx, &out, o, view{p, nil}, x); err != nil {
				return TestReport{}, err
			}
		}
	}
	if o.Run != nil {
		return out, nil
	}
	if _, err := t.variant(view{}, nil); err != nil { // a pack without tests has branches too
		return TestReport{}, err
	}
	for _, p := range s.packs {
		if o.wants(p.info.Name) {
			out.Untested = append(out.Untested, t.untested(p)...)
			out.Coverage = append(out.Coverage, t.probe.coverage(p.info))
		}
	}
	return out, nil
}

// tester runs tests.
type tester struct {
	set      *Set
	data     *Env // whose facts are read from what tests give, as from Go values
	probe    *probe
	variants map[string]*variant // by the packs that are seen, and their parameters
	shown    map[ruleKey]map[Outcome]bool
}

type ruleKey struct{ pack, id string }

// view is what the tests of a pack are run against.
type view struct {
	of    *compiledPack
	packs []*Pack // nil: those of the set
}

// variant is a view with some parameters of its pack changed.
type variant struct {
	plain  *Set // by CEL, on what tests give
	fast   *Set // as in a judgement
	probed *Set // by CEL, with branches under watch
}

func (t *tester) variant(w view, params map[string]any) (*variant, error) {
	key := ""
	if w.packs != nil {
		key = "as " + w.of.info.Name
	}
	if len(params) > 0 {
		key += "\x00" + w.of.info.Name
		for _, name := range slices.Sorted(maps.Keys(params)) {
			key += fmt.Sprintf("\x00%s=%#v", name, params[name])
		}
	}
	if v := t.variants[key]; v != nil {
		return v, nil
	}
	packs := slices.Clone(w.packs)
	if packs == nil {
		for _, p := range t.set.packs {
			packs = append(packs, p.pack)
		}
	}
	for i, p := range packs {
		bare := *p
		bare.tests = nil
		if packs[i] = &bare; w.of != nil && p.info.Name == w.of.info.Name {
			packs[i] = bare.with(params)
		}
	}
	v := &variant{}
	for _, c := range []struct {
		into  **Set
		env   *Env
		watch *probe
	}{{&v.plain, t.set.env, nil}, {&v.fast, t.data, nil}, {&v.probed, t.set.env, t.probe}} {
		set, errs := compile(c.env, packs, c.watch)
		if err := errs.orNil(); err != nil {
			return nil, err
		}
		*c.into = set
	}
	t.variants[key] = v
	return v, nil
}

// run runs a test, unless it is not wanted.
func (t *tester) run(ctx context.Context, out *TestReport, o TestOptions, seen view, x *test) error {
	if o.Run != nil && !o.Run(seen.of.info.Name, x.text.name) {
		return nil
	}
	c := TestCase{Pack: seen.of.info.Name, Name: x.text.name, File: x.file, Line: x.text.node.Line, Mismatches: []Mismatch{}}
	defer func() { out.Cases = append(out.Cases, c) }()
	v, err := t.variant(seen, x.params)
	if err != nil {
		var many Errors
		if !errors.As(err, &many) {
			return err
		}
		c.Mismatches = append(c.Mismatches, Mismatch{ID: c.Pack, Line: c.Line, Now: t.set.env.schema.Now, Want: "a pack that compiles", Got: string(OutcomeError), Detail: many[0].Message})
		return nil
	}
	for i := range x.moments {
		m := &x.moments[i]
		w := t.world(m)
		for _, k := range w.contradictions {
			k.Line = m.line
			if !slices.Contains(c.Contradictions, k) {
				c.Contradictions = append(c.Contradictions, k)
			}
		}
		for j := range m.expect {
			e := &m.expect[j]
			t.show(e)
			bad, err := t.try(ctx, v, w, e)
			if err != nil {
				return err
			}
			if bad != nil {
				bad.Now = m.now
				c.Mismatches = append(c.Mismatches, *bad)
			}
		}
	}
	return nil
}

// show remembers that a test shows an outcome.
func (t *tester) show(e *expectation) {
	key := ruleKey{e.pack, e.id}
	if t.shown[key] == nil {
		t.shown[key] = map[Outcome]bool{}
	}
	t.shown[key][e.outcome] = true
	if e.sort == isStatus && e.outcome == OutcomeUnknown && e.unknown == nil {
		t.shown[key][OutcomePass] = true // the word, which is a status of its own
	}
}

func (t *tester) untested(p *compiledPack) []Untested {
	var out []Untested
	for _, r := range slices.Concat(p.pack.rules, p.pack.scores, p.pack.statuses) {
		want := []Outcome{OutcomePass, OutcomeFail}
		if r.sort != isRule {
			want = want[:1]
		}
		missing := slices.DeleteFunc(want, func(o Outcome) bool { return t.shown[ruleKey{p.info.Name, r.id}][o] })
		if len(missing) > 0 {
			out = append(out, Untested{p.info.Name, r.id, p.info.File, r.node.Line, missing})
		}
	}
	return out
}

// try evaluates what one expectation is about, and compares.
func (t *tester) try(ctx context.Context, v *variant, w *givenWorld, x *expectation) (*Mismatch, error) {
	bad := &Mismatch{ID: x.id, Line: x.line, Want: x.String()}
	if x.of != nil {
		bad.Of = x.of.text
	}
	vars, missing := w.vars(x)
	if missing != "" {
		bad.Got, bad.Detail = string(OutcomeError), missing
		return bad, nil
	}
	o := Options{Now: w.now, Explain: len(x.evidence) > 0}
	fast, err := v.fast.alone(x).ask(ctx, x, rowsOf(vars), o)
	if err != nil {
		return nil, err
	}
	slow, err := v.probed.alone(x).ask(ctx, x, vars, o)
	if err != nil {
		return nil, err
	}
	ok, got, detail := x.compare(fast)
	if otherOK, otherGot, _ := x.compare(slow); fast.word(x.sort) != slow.word(x.sort) || fast.message != slow.message || !slices.Equal(fast.Unknown, slow.Unknown) {
		ok = false
		got += fmt.Sprintf(" and by CEL alone %s", otherGot)
		if otherOK {
			got = fast.word(x.sort) + " and by CEL alone " + slow.word(x.sort)
		}
		detail = "this is a fault of the engine, or of a function of the host that is not pure"
	}
	if ok {
		return nil, nil
	}
	bad.Got, bad.Detail = got, detail
	trace, err := v.plain.alone(x).trace(ctx, x, vars, o)
	if errors.Is(err, ErrTrace) { // it is switched off
		return bad, nil
	}
	if err != nil {
		return nil, err
	}
	bad.Evidence = trace.Evidence
	for _, r := range trace.Reads {
		if f, ok := w.fact(x, r); ok {
			bad.Facts = append(bad.Facts, f)
		}
	}
	bad.Facts = append(bad.Facts, w.unread(x, bad.Facts)...)
	return bad, nil
}

// alone is a set of the one rule, score or status that is expected.
func (s *Set) alone(x *expectation) *Set {
	sub, _ := s.subjects.on(x.on)
	only := func(rules []*rule) []*rule {
		var out []*rule
		for _, r := range rules {
			if r.pack.Name == x.pack && r.text.id == x.id {
				out = append(out, r)
			}
		}
		return out
	}
	return &Set{env: s.env, subjects: subjectSets{{
		subject: sub.subject, mostVars: sub.mostVars, uses: sub.uses,
		rules: only(sub.rules), scores: only(sub.scores), statuses: only(sub.statuses),
	}}}
}

// ask evaluates the only rule, score or status of the set.
func (s *Set) ask(ctx context.Context, x *expectation, vars map[string]any, o Options) (*said, error) {
	switch x.sort {
	case isScore:
		v, applies, err := s.Score(ctx, x.on, vars, o)
		return &said{Verdict: v.Verdict, applies: applies, score: v.Score}, err
	case isStatus:
		v, applies, err := s.Status(ctx, x.on, vars, o)
		return &said{Verdict: v.Verdict, applies: applies, status: v.Status}, err
	}
	rs, err := s.Evaluate(ctx, x.on, vars, o)
	if err != nil {
		return nil, err
	}
	if len(rs) == 0 { // it is switched off
		return &said{Verdict: Verdict{Outcome: OutcomeSkip}, applies: true}, nil
	}
	r := rs[0]
	return &said{
		Verdict: Verdict{ID: r.Rule, Outcome: r.Outcome, Unknown: r.Unknown, Err: r.Err, Evidence: r.Evidence},
		applies: true, message: r.Message, severity: r.Severity, mode: r.Mode,
	}, nil
}

func (s *Set) trace(ctx context.Context, x *expectation, vars map[string]any, o Options) (Trace, error) {
	o.Explain = true
	switch x.sort {
	case isScore:
		return s.TraceScore(ctx, x.on, vars, o)
	case isStatus:
		return s.TraceStatus(ctx, x.on, vars, o)
	}
	return s.TraceRule(ctx, x.on, x.pack, x.id, vars, o)
}
