package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// Evaluate runs every rule on a subject. Vars give its variables by name: Go
// values of the schema's types (what their [Field.Get] expects), plain scalars,
// or [Unknown]; one that is left out is unknown.
//
// The results come in the order of the packs' names and then of their files,
// whatever order the packs were given in. The error is the context's, or
// [ErrSubject], or [ErrNow]; a rule that breaks is a result with the outcome
// error.
func (s *Set) Evaluate(ctx context.Context, subject string, vars map[string]any, o Options) ([]Result, error) {
	r, err := s.start(ctx, subject, isRule, vars, o)
	if err != nil {
		return nil, err
	}
	if !o.Brief {
		r.out = make([]Result, 0, len(r.sub.rules))
	}
	for i := 0; i < len(r.sub.rules); {
		i = r.sweep(i)
	}
	out := r.out
	r.close()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// Outcomes is [Set.Evaluate] for who asks no more than what became of each rule:
// it writes no messages and gathers no evidence. It appends to into the outcome of
// every rule, in the order of Evaluate's results, and allocates nothing where
// there is room and the facts are declared by [Fact] and its like.
func (s *Set) Outcomes(ctx context.Context, subject string, vars map[string]any, o Options, into []Outcome) ([]Outcome, error) {
	r, err := s.start(ctx, subject, isRule, vars, o)
	if err != nil {
		return into, err
	}
	n := len(into)
	r.outcomes = slices.Grow(into, len(r.sub.rules))
	for i := 0; i < len(r.sub.rules); {
		i = r.tally(i)
	}
	out := r.outcomes
	r.close()
	if err := ctx.Err(); err != nil {
		return out[:n], err
	}
	return out, nil
}

// Rules names the rules on a subject, in the order of Evaluate's results.
func (s *Set) Rules(subject string) []RuleRef {
	sub, ok := s.subjects.on(subject)
	if !ok {
		return nil
	}
	out := make([]RuleRef, len(sub.rules))
	for i, r := range sub.rules {
		out[i] = RuleRef{Pack: r.pack.Name, Rule: r.text.id, Mode: r.text.mode}
	}
	return out
}

// run is one call for one subject.
type run struct {
	ctx      context.Context
	set      *Set
	sub      *subjectSet
	of       sort
	vals     []any // of sub.subject.vars, as CEL reads them; nil until it asks
	explain  bool
	brief    bool
	budget   uint64
	deadline time.Time // set when the first guarded expression runs
	plain    frame     // the same variables, as closures read them
	cel      *interpreter.ExecutionFrame
	asked    bool        // CEL was
	cur      *evaluation // whose vars CEL sees
	ev       evaluation
	out      []Result
	outcomes []Outcome
	line     []byte // of a message that is being written
}

// evaluation is one rule in a run. The run has one, and uses it again and again.
type evaluation struct {
	run  *run
	rule *rule
	memo []ref.Val // of the vars, as CEL made them
	slow bool      // closures have been given up
}

// begin makes the run ready for a rule.
func (r *run) begin(rule *rule) *evaluation {
	r.plain.enter(rule)
	return r.evaluation(rule)
}

// evaluation is begin for what the closures have begun already.
func (r *run) evaluation(rule *rule) *evaluation {
	e := &r.ev
	e.run, e.rule, e.slow = r, rule, false
	clear(e.memo)
	e.memo = e.memo[:0]
	return e
}

func (s *Set) start(ctx context.Context, subject string, of sort, vars map[string]any, o Options) (*run, error) {
	sub, ok := s.subjects.on(subject)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrSubject, subject)
	}
	if o.Now.IsZero() {
		return nil, ErrNow
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, ok := sub.runs.Get().(*run)
	if !ok {
		n := len(sub.subject.vars)
		r = &run{set: s, sub: sub, vals: make([]any, n)}
		r.plain.vals, r.plain.vars = make([]any, n), make([]memo, sub.mostVars)
	}
	r.ctx, r.of, r.explain, r.brief = ctx, of, o.Explain, o.Brief
	r.budget, r.deadline = s.env.limits.RunCost, time.Time{}
	r.plain.now = o.Now.UTC()
	for _, i := range sub.uses[of] {
		v := &sub.subject.vars[i]
		r.plain.vals[i] = v.given(vars[v.name])
	}
	return r, nil
}

// close gives the run back, holding on to nothing of the host's.
func (r *run) close() {
	if r.asked {
		if r.cel != nil {
			r.cel.Close()
			r.cel = nil
		}
		clear(r.vals)
		clear(r.ev.memo)
		r.asked = false
	}
	for _, i := range r.sub.uses[r.of] {
		r.plain.vals[i] = nil
	}
	r.plain.text.text, r.plain.text.done = "", false
	if r.plain.rule != nil { // what its vars and loops were
		for i := range r.plain.vars {
			if r.plain.vars[i].state != notAsked {
				r.plain.vars[i] = memo{}
			}
		}
		clear(r.plain.arena)
		r.plain.locals = [maxLocals]any{}
		r.plain.rule = nil
	}
	r.ev.rule, r.cur, r.ctx, r.out, r.outcomes = nil, nil, nil, nil, nil
	r.sub.runs.Put(r)
}

// frame is CEL's view of the run. It is made when it is first needed.
func (r *run) frame() *interpreter.ExecutionFrame {
	if r.cel == nil {
		f, err := interpreter.NewExecutionFrame(r)
		if err != nil { // a run is an activation without functions of its own
			panic(err) //nolint:forbidigo // cannot happen
		}
		r.cel = f
	}
	return r.cel
}

// given is what closures see of a variable: nil stands for everything that CEL
// has to look at itself.
func (v *variable) given(val any) any {
	if v.kind == Object && !plainObject(val) {
		return nil
	}
	return val
}

// ResolveName lets CEL see the variables of the subject and the vars of the
// rule that is being evaluated.
func (r *run) ResolveName(name string) (any, bool) {
	if e := r.cur; e != nil {
		for i := range e.rule.vars {
			if e.rule.vars[i].name == name {
				return e.varAt(i), true
			}
		}
	}
	for i := range r.sub.subject.vars {
		v := &r.sub.subject.vars[i]
		if v.name != name {
			continue
		}
		if r.vals[i] == nil {
			if name == "now" {
				r.vals[i] = types.Timestamp{Time: r.plain.now}
			} else {
				r.vals[i] = v.field.adapt(r.plain.vals[i])
			}
		}
		return r.vals[i], true
	}
	return nil, false
}

// Parent implements interpreter.Activation.
func (r *run) Parent() interpreter.Activation { return nil }

// varAt evaluates a var when it is first needed.
func (e *evaluation) varAt(i int) ref.Val {
	if len(e.memo) != len(e.rule.vars) {
		e.memo = slices.Grow(e.memo[:0], len(e.rule.vars))[:len(e.rule.vars)]
		clear(e.memo)
	}
	if e.memo[i] == nil {
		e.memo[i] = e.run.eval(e, e.rule.vars[i].prog)
	}
	return e.memo[i]
}

// eval runs an expression. Whatever goes wrong is an error value.
func (r *run) eval(e *evaluation, p *program) ref.Val {
	outer := r.cur
	r.cur, r.asked = e, true
	defer func() { r.cur = outer }()
	if !p.guarded {
		v, _, err := p.prog.Eval(r.frame())
		return settled(v, err)
	}
	if r.deadline.IsZero() {
		r.deadline = time.Now().Add(r.set.env.limits.RunTime)
	}
	ctx, cancel := context.WithDeadline(r.ctx, r.deadline)
	defer cancel()
	if r.budget == 0 || ctx.Err() != nil {
		return types.WrapErr(fmt.Errorf("%w: the run has used up what it may spend", ErrBudget))
	}
	v, det, err := p.prog.ContextEval(ctx, r)
	if det != nil && det.ActualCost() != nil {
		r.budget -= min(r.budget, *det.ActualCost())
	}
	var cancelled interpreter.EvalCancelledError
	if errors.As(err, &cancelled) || errors.Is(err, interpreter.InterruptError{}) {
		return types.WrapErr(fmt.Errorf("%w: %w", ErrBudget, err))
	}
	return settled(v, err)
}

func settled(v ref.Val, err error) ref.Val {
	if err == nil {
		return v
	}
	if e, ok := v.(*types.Err); ok {
		return e
	}
	return types.WrapErr(err)
}

// sweep judges rules from i on, and says where to go on. Something that panics
// in a closure sends its rule to CEL, which catches what functions and accessors
// throw.
func (r *run) sweep(i int) (next int) {
	rules := r.sub.rules
	defer func() {
		if recover() != nil {
			r.add(r.slow(rules[i]))
			next = i + 1
		}
	}()
	for ; i < len(rules); i++ {
		rule := rules[i]
		switch decided := rule.quick(&r.plain); {
		case decided == undecided:
			if err := r.ctx.Err(); err != nil {
				return len(rules)
			}
			r.add(r.slow(rule))
		case decided == fails || r.explain:
			r.add(r.details(r.evaluation(rule), decided.outcome()))
		case !r.brief:
			r.out = append(r.out, rule.base)
			r.out[len(r.out)-1].Outcome = decided.outcome()
		}
	}
	return i
}

// tally is sweep for outcomes alone.
func (r *run) tally(i int) (next int) {
	rules := r.sub.rules
	defer func() {
		if recover() != nil {
			r.outcomes = append(r.outcomes, r.slow(rules[i]).Outcome)
			next = i + 1
		}
	}()
	for ; i < len(rules); i++ {
		decided := rules[i].quick(&r.plain)
		if decided != undecided {
			r.outcomes = append(r.outcomes, decided.outcome())
			continue
		}
		if err := r.ctx.Err(); err != nil {
			return len(rules)
		}
		r.outcomes = append(r.outcomes, r.slow(rules[i]).Outcome)
	}
	return i
}

func (r *run) add(out Result) {
	if r.brief && (out.Outcome == OutcomePass || out.Outcome == OutcomeSkip) {
		return
	}
	if r.out == nil {
		r.out = make([]Result, 0, min(4, len(r.sub.rules)))
	}
	r.out = append(r.out, out)
}

// slow decides a rule by CEL.
func (r *run) slow(rule *rule) (out Result) {
	e := r.begin(rule)
	e.slow = true
	defer func() {
		if p := recover(); p != nil {
			out = rule.base
			out.Outcome, out.Err = OutcomeError, fmt.Errorf("internal error: %v", p)
			out.Message = oneLine(out.Err.Error(), r.set.env.limits.MessageChars)
		}
	}()
	v := ref.Val(types.True)
	if rule.when != nil {
		v = r.eval(e, rule.when)
	}
	if v == types.False {
		return r.details(e, OutcomeSkip)
	}
	if v == types.True {
		v = r.eval(e, rule.body)
	}
	outcome, unknown, err := outcomeOf(v)
	out = r.details(e, outcome)
	out.Unknown, out.Err = unknown, err
	switch outcome {
	case OutcomeUnknown:
		out.Message = oneLine("not known: "+strings.Join(unknown, ", "), r.set.env.limits.MessageChars)
	case OutcomeError:
		out.Message = oneLine(err.Error(), r.set.env.limits.MessageChars)
	}
	return out
}

// details fills in a result.
func (r *run) details(e *evaluation, outcome Outcome) Result {
	out := e.rule.base
	out.Outcome = outcome
	if outcome == OutcomeFail {
		out.Message = e.rule.message.render(e)
	}
	if outcome == OutcomeFail || r.explain {
		out.Evidence = e.evidence(true)
	}
	return out
}

func outcomeOf(v ref.Val) (Outcome, []string, error) {
	switch v := v.(type) {
	case types.Bool:
		if v {
			return OutcomePass, nil, nil
		}
		return OutcomeFail, nil, nil
	case *types.Unknown:
		return OutcomeUnknown, unknownNames(v), nil
	case *types.Err:
		return OutcomeError, nil, causeOf(v)
	}
	return OutcomeError, nil, fmt.Errorf("the expression gave a %s", v.Type().TypeName())
}

func causeOf(e *types.Err) error {
	if inner := errors.Unwrap(e); inner != nil {
		return inner
	}
	return e
}

func unknownNames(u *types.Unknown) []string {
	var out []string
	for _, id := range u.IDs() {
		trails, _ := u.GetAttributeTrails(id)
		for _, t := range trails {
			out = append(out, t.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// evidence gives the vars: all of them, or those that were needed so far.
func (e *evaluation) evidence(all bool) []Evidence {
	var out []Evidence
	for i := range e.rule.vars {
		if !all && !e.asked(i) {
			continue
		}
		if out == nil {
			out = make([]Evidence, 0, len(e.rule.vars))
		}
		v := &e.rule.vars[i]
		out = append(out, Evidence{v.name, e.plainVar(i, v.prog)})
	}
	return out
}

func (e *evaluation) asked(i int) bool {
	if i < len(e.memo) && e.memo[i] != nil {
		return true
	}
	return !e.slow && e.run.plain.vars[i].state != notAsked
}

// plainVar gives a var as a host reads it: objects by their label, errors as
// Unknown.
func (e *evaluation) plainVar(i int, p *program) any {
	if !e.slow && p.fast != nil {
		if m := e.run.plain.varAt(i); m.state == isKnown {
			return e.run.labelled(m.plain(p.fast), p.out)
		}
	}
	v := e.varAt(i)
	if types.IsError(v) {
		return Unknown
	}
	return e.run.labelled(native(v), p.out)
}

func (r *run) labelled(v any, t *types.Type) any {
	switch items, isList := v.([]any); {
	case v == nil, v == Unknown:
		return Unknown
	case t.Kind() == types.StructKind:
		return r.label(v, t)
	case isList && t.Kind() == types.ListKind && t.Parameters()[0].Kind() == types.StructKind:
		for i, it := range items {
			items[i] = r.label(it, t.Parameters()[0])
		}
	}
	return v
}

func (r *run) label(v any, t *types.Type) any {
	ot, ok := (provider{r.set.env}).typ(t.TypeName())
	if !ok {
		return t.TypeName()
	}
	if ot.label == nil {
		return ot.Name
	}
	if s, ok := ot.label.read(v).(types.String); ok {
		return string(s)
	}
	return ot.Name
}
