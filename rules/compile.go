package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Set is a set of compiled packs. It is immutable and safe for concurrent use.
type Set struct {
	env      *Env            // of the highest level among the packs
	given    *Env            // what they were to be compiled against
	packs    []*compiledPack // by name
	subjects subjectSets
	warnings Errors
}

// subjectSets are few, and found faster than in a map.
type subjectSets []*subjectSet

func (s subjectSets) on(name string) (*subjectSet, bool) {
	for _, sub := range s {
		if sub.subject.Name == name {
			return sub, true
		}
	}
	return nil, false
}

type compiledPack struct {
	pack  *Pack
	info  *PackInfo
	tests []*test
}

// subjectSet is all that stands on one subject.
type subjectSet struct {
	subject       *subject
	rules         []*rule // by pack, then in the order of the file
	scores        []*rule // in the order in which they are asked
	statuses      []*rule
	touches       map[string]int // of a list: how many of its newest entries
	figures       map[string]int // the same, of scores and statuses alone
	timeDependent bool
	mostVars      int       // of a rule
	uses          [3][]int  // by sort: the variables that are read
	runs          sync.Pool // of *run
}

// prepare is called when the rules, scores and statuses are all there.
func (s *subjectSet) prepare() {
	for of, rules := range [3][]*rule{isRule: s.rules, isScore: s.scores, isStatus: s.statuses} {
		read := make([]bool, len(s.subject.vars))
		for _, r := range rules {
			r.prepare()
			s.mostVars = max(s.mostVars, len(r.vars))
			for _, i := range r.uses {
				read[i] = true
			}
		}
		s.uses[of] = nil
		for i, v := range s.subject.vars {
			if read[i] && v.name != "now" {
				s.uses[of] = append(s.uses[of], i)
			}
		}
	}
}

// rule is a compiled rule, score or status.
type rule struct {
	text    *ruleText
	pack    *PackInfo
	vars    []ruleVar
	when    *program
	body    *program
	word    string // a status that is written out
	message *message
	base    Result   // what is the same in every result
	said    Verdict  // of a score or a status that gives a value: what is always the same
	uses    []int    // of the subject's variables
	reads   []string // facts, as Set.Touches names them

	applies, holds fn[bool] // closures of when and check; holds is nil where CEL decides
	keeps          bool     // it has vars or loops, which leave things in the frame
}

type ruleVar struct {
	name string
	prog *program
}

// program is one compiled expression.
type program struct {
	prog    cel.Program
	fast    *node // the same in closures, or nil
	loops   bool  // the closures have loops
	out     *types.Type
	fact    *field // whose value it gives, if it is one's
	bound   uint64 // worst cost, if it is not guarded
	guarded bool   // no bound is known at load: counted and timed as it runs
}

// Compile reads the expressions of packs and makes them ready to run. What is
// wrong comes back as [Errors], all at once. Packs must have different names.
// Their order only matters where several of them have a score or a status that
// applies: the pack given last is asked first.
func Compile(env *Env, packs ...*Pack) (*Set, error) {
	s, errs := compile(env, packs, nil)
	if err := errs.orNil(); err != nil {
		return nil, err
	}
	return s, nil
}

// compile makes a set. With a probe its branches are under watch.
func compile(env *Env, packs []*Pack, watch *probe) (*Set, Errors) {
	s := &Set{env: env.forPacks(packs), given: env}
	env = s.env
	for _, sub := range env.subjects {
		s.subjects = append(s.subjects, &subjectSet{subject: sub, touches: map[string]int{}, figures: map[string]int{}})
	}
	packs, errs, idle := resolve(packs)
	errs = append(errs, idle...)
	byName := map[string]*Pack{}
	for _, p := range packs {
		if other := byName[p.info.Name]; other != nil && p.info.Name != "" {
			if p.nameNode != nil {
				errs = append(errs, p.src.errorAt(p.nameNode.Line, p.nameNode.Column,
					fmt.Sprintf("the pack %s is there already, in %s", p.info.Name, other.info.File), "give each pack a name of its own"))
			}
			continue
		}
		byName[p.info.Name] = p
	}
	compiled := map[string][3][]*rule{}
	for _, p := range packs {
		if byName[p.info.Name] != p && p.info.Name != "" {
			continue
		}
		c := &compiler{env: env, set: s, pack: p, src: p.src, sees: sees(p, packs), probe: watch, read: map[string]bool{}}
		cp := &compiledPack{pack: p, info: &p.info}
		compiled[p.info.Name] = c.all()
		if watch == nil {
			cp.tests = c.tests(p.tests)
		}
		errs = append(errs, c.errs...)
		s.warnings = append(s.warnings, c.warnings...)
		s.packs = append(s.packs, cp)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	s.warnings = s.warnings.inOrder()
	for _, cp := range slices.Backward(s.aboveBases()) { // the last is asked first
		for _, r := range judging(compiled[cp.info.Name][isScore]) {
			sub, _ := s.subjects.on(r.text.on)
			sub.scores = append(sub.scores, r)
		}
		for _, r := range judging(compiled[cp.info.Name][isStatus]) {
			sub, _ := s.subjects.on(r.text.on)
			sub.statuses = append(sub.statuses, r)
		}
	}
	slices.SortFunc(s.packs, func(a, b *compiledPack) int { return strings.Compare(a.info.Name, b.info.Name) })
	for _, cp := range s.packs {
		for _, r := range judging(compiled[cp.info.Name][isRule]) {
			sub, _ := s.subjects.on(r.text.on)
			sub.rules = append(sub.rules, r)
		}
	}
	for _, sub := range s.subjects {
		sub.prepare()
	}
	return s, nil
}

// judging are those that are not switched off.
func judging(rules []*rule) []*rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r *rule) bool { return r.text.disabled })
}

// aboveBases are the packs in the order in which they were given, except that each
// comes after those that it extends.
func (s *Set) aboveBases() []*compiledPack {
	var out []*compiledPack
	var add func(*compiledPack)
	add = func(p *compiledPack) {
		if slices.Contains(out, p) {
			return
		}
		for _, x := range p.pack.extends {
			for _, base := range s.packs {
				if base.info.Name == x.name {
					add(base)
				}
			}
		}
		out = append(out, p)
	}
	for _, p := range s.packs {
		add(p)
	}
	return out
}

// Env returns the environment that the set was compiled against.
func (s *Set) Env() *Env { return s.given }

// Packs describes the packs, by name.
func (s *Set) Packs() []PackInfo {
	out := make([]PackInfo, len(s.packs))
	for i, p := range s.packs {
		out[i] = *p.info
	}
	return out
}

// Touches names the facts that any expression on the subject reads, as
// "type.field", sorted. A collection that is not among them need not be
// loaded. It is nil for a subject that is not known.
func (s *Set) Touches(subject string) []string {
	sub, ok := s.subjects.on(subject)
	if !ok {
		return nil
	}
	return slices.Sorted(maps.Keys(sub.touches))
}

// Reads names the facts that decide one rule of a pack, as [Set.Touches] does: what it
// asks about its subject. What only its message reads is not among them. It is nil for
// a rule that is not there, or is disabled.
func (s *Set) Reads(pack, rule string) []string {
	for _, sub := range s.subjects {
		for _, r := range sub.rules {
			if r.pack.Name == pack && r.text.id == rule {
				return slices.Clone(r.reads)
			}
		}
	}
	return nil
}

// Depth says how many of the newest entries of a list any expression on the
// subject reads: n where each of them asks for last(n) at most, otherwise what the
// list is declared to hold. It is 0 for a fact that none of them reads.
func (s *Set) Depth(subject, fact string) int {
	sub, ok := s.subjects.on(subject)
	if !ok {
		return 0
	}
	return sub.touches[fact]
}

// FigureTouches are the facts that scores and statuses on the subject read, as
// [Set.Touches] names them, with the depth of each. Who wants figures and no
// findings need load no more.
func (s *Set) FigureTouches(subject string) map[string]int {
	sub, ok := s.subjects.on(subject)
	if !ok {
		return nil
	}
	return maps.Clone(sub.figures)
}

// TimeDependent says whether an expression on the subject reads `now`, or a
// fact that the passing of time changes.
func (s *Set) TimeDependent(subject string) bool {
	sub, ok := s.subjects.on(subject)
	return ok && sub.timeDependent
}

// Judges says whether anything stands on the subject.
func (s *Set) Judges(subject string) bool {
	sub, ok := s.subjects.on(subject)
	return ok && len(sub.rules)+len(sub.scores)+len(sub.statuses) > 0
}

// compiler compiles one pack.
type compiler struct {
	env   *Env
	set   *Set
	pack  *Pack
	sees  []*Pack // what its tests can expect something of: itself, and what it extends
	src   *source // of the expression that is compiled: a layer's, if it is its message
	errs  Errors
	rule  string
	off   bool                // what is compiled now judges nobody
	sort  sort                // of what is compiled now
	uses  []int               // the variables that it reads
	reads []string            // and the facts
	envs  map[string]*cel.Env // by subject, with params
	now   time.Time           // of the test that is compiled now
	probe *probe              // nil: nothing is watched

	warnings Errors
	read     map[string]bool // parameters and vars
	comment  bool            // what is compiled now stands before a comment
}

// scope is what an expression can see.
type scope struct {
	cel   *cel.Env
	sub   *subject
	vars  []ruleVar
	later []varText // vars that come after
	when  bool      // it applies to some, and not to all
	sizes map[string]cost.SizeEstimate
}

func (c *compiler) all() [3][]*rule {
	var out [3][]*rule
	if c.pack.info.Env > c.env.schema.Level {
		n := c.pack.envNode
		c.bad(c.pack.src.errorAt(n.Line, n.Column,
			fmt.Sprintf("the pack asks for env %d, this program knows up to %d", c.pack.info.Env, c.env.schema.Level),
			"use a newer version of the program, or facts and functions of the lower level"))
		return out
	}
	texts := slices.Concat(c.pack.rules, c.pack.scores, c.pack.statuses)
	if n, limit := len(texts), c.env.limits.Rules; n > limit {
		c.bad(c.pack.src.errorAt(1, 1, fmt.Sprintf("the pack has %d rules, scores and statuses, the limit is %d", n, limit),
			"split it into several packs"))
		return out
	}
	c.envs = map[string]*cel.Env{}
	spent := map[string]uint64{} // by subject: what the bounds come to
	for _, t := range texts {
		c.rule, c.sort, c.off = t.id, t.sort, t.disabled
		before := len(c.errs)
		if before >= mostErrors {
			break
		}
		c.uses, c.reads = nil, nil
		r := c.one(t)
		if r == nil || len(c.errs) > before {
			continue
		}
		r.uses = c.uses
		out[t.sort] = append(out[t.sort], r)
		limit, already := c.env.limits.RunCost, spent[t.on]
		if spent[t.on] += r.bound(); already <= limit && spent[t.on] > limit {
			c.bad(c.src.errorAt(t.node.Line, t.node.Column,
				fmt.Sprintf("with this rule, what stands on %s may cost up to %d together, the limit is %d", t.on, spent[t.on], limit),
				"give fewer rules, or let the costliest look at fewer entries with last(n)"))
		}
	}
	c.rule = ""
	c.unreadParams()
	return out
}

func (c *compiler) bad(e *Error) {
	if len(c.errs) >= mostErrors {
		return
	}
	e.Rule = c.rule
	c.errs = append(c.errs, e)
}

func (c *compiler) subjectEnv(sub *subject) *cel.Env {
	if e, ok := c.envs[sub.Name]; ok {
		return e
	}
	var opts []cel.EnvOption
	for _, v := range sub.vars {
		opts = append(opts, cel.Variable(v.name, v.celType))
	}
	for _, p := range c.pack.params {
		opts = append(opts, cel.Constant("params."+p.name, p.celType(), p.celValue()))
	}
	if c.probe != nil {
		opts = append(opts, cel.EnableMacroCallTracking()) // to show what an author wrote
	}
	e, err := c.env.base.Extend(opts...)
	if err != nil {
		c.bad(&Error{File: c.pack.info.File, Line: 1, Col: 1, Message: err.Error()})
	}
	c.envs[sub.Name] = e
	return e
}

func (p *param) celType() *types.Type {
	if p.kind == List {
		return types.NewListType(celKind(p.item))
	}
	return celKind(p.kind)
}

func (p *param) celValue() ref.Val {
	list, ok := p.val.([]any)
	if !ok {
		return adapter{}.NativeToValue(p.val)
	}
	vals := make([]ref.Val, len(list))
	for i, v := range list {
		vals[i] = adapter{}.NativeToValue(v)
	}
	return types.NewRefValList(adapter{}, vals)
}

func (p *param) size() cost.SizeEstimate {
	switch v := p.val.(type) {
	case string:
		return cost.FixedSizeEstimate(uint64(utf8.RuneCountInString(v)))
	case []any:
		s := cost.FixedSizeEstimate(uint64(len(v)))
		item := cost.FixedSizeEstimate(1)
		for _, x := range v {
			if t, ok := x.(string); ok {
				item.Max = max(item.Max, uint64(utf8.RuneCountInString(t)))
			}
		}
		s.Elem = &item
		return s
	}
	return cost.FixedSizeEstimate(1)
}

func (c *compiler) one(t *ruleText) *rule {
	sub := c.env.subjects[t.on]
	if sub == nil {
		if t.onNode == nil {
			return nil
		}
		names := slices.Sorted(maps.Keys(c.env.subjects))
		hint := didYouMean(t.on, names)
		for _, other := range names { // by the name of its variable
			for _, v := range c.env.subjects[other].vars {
				if v.of != nil && v.of.Name == other && v.name == strings.ToLower(t.on) {
					hint = "did you mean " + other + "?"
				}
			}
		}
		if hint == "" {
			hint = "write one of " + strings.Join(names, ", ")
		}
		c.bad(c.pack.src.errorAt(t.onNode.Line, t.onNode.Column, fmt.Sprintf("a rule cannot be on %q", t.on), hint))
		return nil
	}
	sc := &scope{cel: c.subjectEnv(sub), sub: sub, sizes: map[string]cost.SizeEstimate{}, when: t.when != nil}
	if sc.cel == nil {
		return nil
	}
	for i := range c.pack.params {
		p := &c.pack.params[i]
		sc.sizes["params."+p.name] = p.size()
	}
	r := &rule{text: t, pack: &c.pack.info, base: Result{
		Rule: t.id, Pack: c.pack.info.Name, Version: c.pack.info.Judged(), Digest: c.pack.info.Judges,
		Severity: t.severity, Mode: t.mode, OnError: t.onError, Fix: t.fix, Help: t.help,
	}}
	r.said = Verdict{ID: t.id, Pack: r.base.Pack, Version: r.base.Version, Digest: r.base.Digest, Outcome: OutcomePass}
	if n, limit := len(t.vars), c.env.limits.Vars; n > limit {
		v := t.vars[limit]
		c.bad(c.src.errorAt(v.key.Line, v.key.Column, fmt.Sprintf("the rule has %d vars, the limit is %d", n, limit), "split it into several rules"))
		return nil
	}
	for i, v := range t.vars {
		delete(c.read, v.name)
		sc.later = t.vars[i:]
		if !c.declare(sc, v) {
			return nil
		}
	}
	sc.later = nil
	r.vars = sc.vars
	if t.when != nil {
		r.when = c.expr(sc, t.when, "when", types.BoolType)
	}
	switch t.sort {
	case isRule:
		r.body = c.expr(sc, t.body, "check", types.BoolType)
		r.reads = slices.Compact(slices.Sorted(slices.Values(c.reads)))
		r.message = c.message(sc, t.message)
	case isScore:
		r.body = c.expr(sc, t.body, "score", types.DoubleType, types.IntType)
	case isStatus:
		r.word, r.body = c.status(sc, t.body)
	}
	c.unreadVars(t)
	return r
}

// declare compiles a var and lets what follows see it.
func (c *compiler) declare(sc *scope, v varText) bool {
	taken := slices.Contains(reservedVars, v.name)
	for _, sv := range sc.sub.vars {
		taken = taken || sv.name == v.name
	}
	if taken {
		c.bad(c.pack.src.errorAt(v.key.Line, v.key.Column, fmt.Sprintf("the name %s is taken: it is a variable already", v.name),
			"choose another name"))
		return false
	}
	p := c.expr(sc, &v.expr, v.name)
	if p == nil {
		return false
	}
	if p.out.Kind() == types.DynKind || p.out.Kind() == types.NullTypeKind {
		c.bad(c.pack.src.errorAt(v.expr.node.Line, v.expr.node.Column, fmt.Sprintf("the type of %s is not clear", v.name),
			"let both branches give the same type"))
		return false
	}
	inner, err := sc.cel.Extend(cel.Variable(v.name, p.out))
	if err != nil {
		c.bad(c.pack.src.errorAt(v.key.Line, v.key.Column, err.Error(), ""))
		return false
	}
	size := c.sizeOf(sc, &v.expr, p)
	if entries, ok := entriesOf(p.out, size); !ok || entries > mostEntries {
		many := "any number of entries"
		if ok {
			many = fmt.Sprintf("%d entries", entries)
		}
		c.bad(c.src.errorAt(v.expr.node.Line, v.expr.node.Column, fmt.Sprintf("%s may have %s, the limit is %d", v.name, many, mostEntries),
			"name a number or a text of it, or look at fewer entries with last(n)"))
		return false
	}
	sc.sizes[v.name] = size
	sc.cel = inner
	sc.vars = append(sc.vars, ruleVar{v.name, p})
	return true
}

// mostEntries bounds a var that is a list, with the lists in it. CEL adds lists up
// without copying them, so that their cost says nothing of what they come to.
const mostEntries = 100_000

// entriesOf counts the entries of a list and of the lists in it, at most. It is not
// ok where that is not known; of a map it never is.
func entriesOf(t *types.Type, size cost.SizeEstimate) (uint64, bool) {
	switch t.Kind() {
	case types.MapKind:
		return 0, false
	case types.ListKind:
	default:
		return 1, true
	}
	inner, elem := uint64(1), t.Parameters()[0]
	if k := elem.Kind(); k == types.ListKind || k == types.MapKind {
		if size.Elem == nil {
			return 0, size.Max == 0
		}
		var ok bool
		if inner, ok = entriesOf(elem, *size.Elem); !ok {
			return 0, false
		}
	}
	n := times(size.Max, max(inner, 1), 0)
	return n, n < math.MaxUint32
}

// sizeOf bounds the size of a var, by asking what adding nothing to it costs.
func (c *compiler) sizeOf(sc *scope, x *exprText, p *program) cost.SizeEstimate {
	nothing := ""
	switch p.out.Kind() {
	case types.ListKind:
		nothing = "[]"
	case types.StringKind:
		nothing = `""`
	default:
		return cost.FixedSizeEstimate(1)
	}
	a, iss := c.check(sc, "("+x.text+"\n) + "+nothing)
	if iss != nil {
		return cost.UnknownSizeEstimate()
	}
	s := &sizes{env: c.env, ast: a.NativeRep(), vars: sc.sizes}
	if _, err := sc.cel.EstimateCost(a, s); err != nil {
		return cost.UnknownSizeEstimate()
	}
	s.left.Min = 0
	return s.left
}

// check parses and checks. Where no overload takes a whole number beside a
// double, the number is read as a double and the check repeated.
func (c *compiler) check(sc *scope, text string) (*cel.Ast, *cel.Issues) {
	promoted := map[int64]bool{}
	for {
		parsed, iss := sc.cel.Parse(text)
		if iss.Err() != nil {
			return nil, iss
		}
		promote(parsed.NativeRep(), promoted)
		before := len(promoted)
		checked, iss := sc.cel.Check(parsed)
		if iss.Err() != nil {
			mixedCalls(sc.cel, parsed.NativeRep(), iss, promoted)
			if len(promoted) == before {
				return nil, iss
			}
			continue
		}
		mixedLists(checked.NativeRep(), promoted)
		if len(promoted) == before {
			return checked, nil
		}
	}
}

// expr compiles one expression. Problems are reported, and nil comes back.
func (c *compiler) expr(sc *scope, x *exprText, what string, want ...*types.Type) *program {
	if x == nil {
		return nil
	}
	c.comment = x.node.LineComment != ""
	defer func() { c.comment = false }()
	return c.exprAt(sc, x.text, c.src.places(x.node), what, want...)
}

func (c *compiler) exprAt(sc *scope, text string, at []place, what string, want ...*types.Type) *program {
	fail := func(i int, msg, hint string) {
		p := at[min(max(i, 0), len(at)-1)]
		c.bad(c.src.errorAt(p.line, p.col, msg, hint))
	}
	if n, limit := utf8.RuneCountInString(text), c.env.limits.ExpressionChars; n > limit {
		fail(0, fmt.Sprintf("the expression has %d characters, the limit is %d", n, limit), "name parts of it under vars")
		return nil
	}
	checked, iss := c.check(sc, text)
	if iss != nil {
		c.report(sc, text, at, iss)
		return nil
	}
	a := checked.NativeRep()
	if !c.lint(a, text, fail) {
		return nil
	}
	doubt := func(e celast.Expr, msg, hint string) {
		p := at[min(max(offsetOf(a, e.ID(), text), 0), len(at)-1)]
		c.warn(c.src.errorAt(p.line, p.col, msg, hint))
	}
	if facts := (&compared{c, sc, a, fail, text, doubt}); !facts.all() {
		return nil
	}
	c.doubts(sc, a, what, doubt)
	out := checked.OutputType()
	if len(want) > 0 && !slices.ContainsFunc(want, func(t *types.Type) bool { return out.IsExactType(t) }) {
		fail(0, fmt.Sprintf("%s gives %s, it has to be %s", what, typeWords(out), typeWords(want[0])), resultHint(out, want[0]))
		return nil
	}
	bound, err := c.env.estimate(sc.cel, checked, sc.sizes)
	if err != nil {
		fail(0, err.Error(), "")
		return nil
	}
	p := &program{out: out, fact: (&compared{c: c, sc: sc, a: a}).fact(a.Expr()), bound: bound, guarded: bound == math.MaxUint64}
	if limit := c.env.limits.ExpressionCost; !p.guarded && bound > limit {
		if bound > mostOverBound*limit {
			fail(0, fmt.Sprintf("the expression may cost up to %d, the limit is %d", bound, limit),
				"avoid loops inside loops, use hasAnyWord in place of a regular expression, or look at fewer entries with last(n)")
			return nil
		}
		p.guarded = true
	}
	opts := c.programOptions(a, p.guarded)
	if c.probe != nil {
		opts = append(opts, c.watch(a, text, at, what))
	}
	if e := multiplying(a); p.guarded && e != nil {
		fail(offsetOf(a, e.ID(), text), fmt.Sprintf("how much %s may make here is not known before it is done", e.AsCall().FunctionName()),
			"take a part of a known size first: substring(0, 100), last(10)")
		return nil
	}
	if p.prog, err = sc.cel.Program(checked, opts...); err != nil {
		fail(0, err.Error(), "")
		return nil
	}
	if !p.guarded && c.probe == nil {
		p.fast, p.loops = c.fast(sc, a)
	}
	if !c.note(sc, a, text, fail) {
		return nil
	}
	return p
}

// mostOverBound is how far a static bound may lie above the limit: what would cost
// too much on the largest lists alone, as two loops over a team's objectives and
// their key results, is counted as it runs instead of being refused.
const mostOverBound = 10

// bound is what a rule may cost at most beside its message. What is guarded is
// counted as it runs.
func (r *rule) bound() (total uint64) {
	add := func(p *program) {
		if p != nil && !p.guarded {
			total += p.bound
		}
	}
	for _, v := range r.vars {
		add(v.prog)
	}
	add(r.when)
	add(r.body)
	return total
}

// multiplies are the functions that make, in one step, many times of what they are
// given, or take as long. Of these a guard that counts between steps would hear too
// late.
var multiplies = []string{"replace", "join", "format", "flatten", "distinct", "indexOf", "lastIndexOf", "matches"}

// multiplying finds a call of one of them.
func multiplying(a *celast.AST) (found celast.Expr) {
	visit(a.Expr(), func(e celast.Expr) {
		if e.Kind() == celast.CallKind && slices.Contains(multiplies, e.AsCall().FunctionName()) {
			found = e
		}
	})
	return found
}

// note remembers which facts the expression reads, and refuses those that came
// after the level of the pack.
func (c *compiler) note(sc *scope, a *celast.AST, text string, fail func(int, string, string)) bool {
	ss, _ := c.set.subjects.on(sc.sub.Name)
	s := &sizes{env: c.env, ast: a}
	ok := true
	level := c.pack.info.Env
	if level == 0 { // which is told already
		level = c.set.given.schema.Level
	}
	newest := newestOnly(a)
	late := func(e celast.Expr, what string, since int) {
		if since > level {
			ok = false
			msg, hint := c.late(what, since)
			fail(offsetOf(a, e.ID(), text), msg, hint)
		}
	}
	add := func(e celast.Expr, f *field) {
		if f == nil {
			return
		}
		late(e, f.path, f.Since)
		depth := f.max
		if n, ok := newest[e.ID()]; ok {
			depth = min(depth, n)
		}
		if c.off {
			return
		}
		ss.touches[f.path] = max(ss.touches[f.path], depth)
		c.reads = append(c.reads, f.path)
		if c.sort != isRule {
			ss.figures[f.path] = max(ss.figures[f.path], depth)
		}
		ss.timeDependent = ss.timeDependent || f.TimeDependent
	}
	visit(a.Expr(), func(e celast.Expr) {
		switch e.Kind() {
		case celast.SelectKind:
			add(e, s.field(e))
		case celast.IdentKind:
			ss.timeDependent = ss.timeDependent || e.AsIdent() == "now" && !c.off
			for i, v := range sc.sub.vars {
				if v.name == e.AsIdent() {
					c.uses = append(c.uses, i)
				}
			}
		case celast.CallKind:
			for _, id := range a.GetOverloadIDs(e.ID()) {
				add(e, c.env.implied(id))
				if h := c.env.funcs[id]; h != nil {
					late(e, h.Name, h.Since)
				}
			}
		}
	})
	return ok
}

// newestOnly are the expressions of which only the newest entries are read, with
// how many: x in x.last(n).
func newestOnly(a *celast.AST) map[int64]int {
	out := map[int64]int{}
	visit(a.Expr(), func(e celast.Expr) {
		if e.Kind() != celast.CallKind || e.AsCall().FunctionName() != "last" || !e.AsCall().IsMemberFunction() {
			return
		}
		if n, ok := constant(a, e.AsCall().Args()[0]); ok {
			if n, ok := n.(types.Int); ok && n >= 0 {
				out[e.AsCall().Target().ID()] = int(min(n, math.MaxInt32))
			}
		}
	})
	return out
}

func visit(e celast.Expr, f func(celast.Expr)) {
	celast.PostOrderVisit(e, celast.NewExprVisitor(f))
}
