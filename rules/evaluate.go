package rules

import (
	"context"
	"errors"
	"fmt"
	"math"
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
	r, err := s.start(ctx, subject, vars, o)
	if err != nil {
		return nil, err
	}
	defer r.close()
	out := make([]Result, 0, len(r.sub.rules))
	for _, rule := range r.sub.rules {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, r.judge(rule))
	}
	return out, nil
}

// Score asks the scores on a subject, in order, until one applies, and returns
// its number. False means that none applies. One whose `when` is unknown or
// broken ends the search: what it would have said is not known.
func (s *Set) Score(ctx context.Context, subject string, vars map[string]any, o Options) (Scored, bool, error) {
	r, err := s.start(ctx, subject, vars, o)
	if err != nil {
		return Scored{}, false, err
	}
	defer r.close()
	e, v, verdict, ok := r.first(r.sub.scores)
	if !ok {
		return Scored{}, false, ctx.Err()
	}
	out := Scored{Verdict: verdict}
	if e != nil {
		switch n := v.(type) {
		case types.Double:
			out.Score = float64(n)
		case types.Int:
			out.Score = float64(n)
		}
		if math.IsNaN(out.Score) || math.IsInf(out.Score, 0) {
			out.Score, out.Outcome, out.Err = 0, OutcomeError, errors.New("the score is not a finite number")
		}
	}
	return out, true, ctx.Err()
}

// Status asks the statuses on a subject, in order, until one applies, and
// returns its word; otherwise it is like [Set.Score].
func (s *Set) Status(ctx context.Context, subject string, vars map[string]any, o Options) (Stated, bool, error) {
	r, err := s.start(ctx, subject, vars, o)
	if err != nil {
		return Stated{}, false, err
	}
	defer r.close()
	e, v, verdict, ok := r.first(r.sub.statuses)
	if !ok {
		return Stated{}, false, ctx.Err()
	}
	out := Stated{Verdict: verdict}
	if e != nil {
		if word, isText := v.(types.String); isText {
			out.Status = string(word)
		} else {
			out.Status = e.rule.word
		}
		if words := s.env.schema.Statuses; len(words) > 0 && !slices.Contains(words, out.Status) {
			out.Err = fmt.Errorf("%q is not one of %s", oneLine(out.Status, 80), strings.Join(words, ", "))
			out.Status, out.Outcome = "", OutcomeError
		}
	}
	return out, true, ctx.Err()
}

// run is one call for one subject.
type run struct {
	ctx      context.Context
	set      *Set
	sub      *subjectSet
	vals     []any // of sub.subject.vars
	explain  bool
	budget   uint64
	deadline time.Time // set when the first guarded expression runs
	frame    *interpreter.ExecutionFrame
	cur      *evaluation
}

// evaluation is one rule in a run.
type evaluation struct {
	run  *run
	rule *rule
	memo []ref.Val
}

func (s *Set) start(ctx context.Context, subject string, vars map[string]any, o Options) (*run, error) {
	sub, ok := s.subjects[subject]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrSubject, subject)
	}
	if o.Now.IsZero() {
		return nil, ErrNow
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &run{ctx: ctx, set: s, sub: sub, explain: o.Explain, budget: s.env.limits.RunCost}
	r.vals = make([]any, len(sub.subject.vars))
	for i, v := range sub.subject.vars {
		if v.name == "now" {
			r.vals[i] = types.Timestamp{Time: o.Now.UTC()}
			continue
		}
		r.vals[i] = v.adapt(vars[v.name])
	}
	frame, err := interpreter.NewExecutionFrame(r)
	if err != nil {
		return nil, err
	}
	r.frame = frame
	return r, nil
}

func (r *run) close() { r.frame.Close() }

func (v *variable) adapt(val any) any {
	f := field{Field: Field{Kind: v.kind}, path: v.name, max: math.MaxInt, unknown: v.unknown}
	return f.adapt(val)
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
		if r.sub.subject.vars[i].name == name {
			return r.vals[i], true
		}
	}
	return nil, false
}

// Parent implements interpreter.Activation.
func (r *run) Parent() interpreter.Activation { return nil }

// varAt evaluates a var when it is first needed.
func (e *evaluation) varAt(i int) ref.Val {
	if e.memo == nil {
		e.memo = make([]ref.Val, len(e.rule.vars))
	}
	if e.memo[i] == nil {
		e.memo[i] = e.run.eval(e, e.rule.vars[i].prog)
	}
	return e.memo[i]
}

// eval runs an expression. Whatever goes wrong is an error value.
func (r *run) eval(e *evaluation, p *program) ref.Val {
	outer := r.cur
	r.cur = e
	defer func() { r.cur = outer }()
	if !p.guarded {
		v, _, err := p.prog.Eval(r.frame)
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

// judge runs one rule. CEL catches what its functions and our accessors throw;
// what is thrown while a message or evidence is gathered is caught here.
func (r *run) judge(rule *rule) (out Result) {
	e := &evaluation{run: r, rule: rule}
	t := rule.text
	out = Result{
		Rule: t.id, Pack: rule.pack.Name, Version: rule.pack.Version, Digest: rule.pack.Digest,
		Severity: t.severity, Mode: t.mode, Fix: t.fix, Help: t.help,
	}
	defer func() {
		if p := recover(); p != nil {
			out.Outcome, out.Err = OutcomeError, fmt.Errorf("internal error: %v", p)
			out.Message, out.Evidence, out.Unknown = oneLine(out.Err.Error(), r.set.env.limits.MessageChars), nil, nil
		}
	}()
	v := ref.Val(types.True)
	if rule.when != nil {
		v = r.eval(e, rule.when)
	}
	if v == types.False {
		out.Outcome = OutcomeSkip
	} else {
		if v == types.True {
			v = r.eval(e, rule.body)
		}
		out.Outcome, out.Unknown, out.Err = outcomeOf(v)
	}
	limit := r.set.env.limits.MessageChars
	switch out.Outcome {
	case OutcomeFail:
		out.Message = rule.message.render(e)
		out.Evidence = e.evidence(true)
	case OutcomeUnknown:
		out.Message = oneLine("not known: "+strings.Join(out.Unknown, ", "), limit)
	case OutcomeError:
		out.Message = oneLine(out.Err.Error(), limit)
	}
	if r.explain && out.Evidence == nil {
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

// first finds the score or status that applies. Without a value the evaluation
// is nil.
func (r *run) first(rules []*rule) (*evaluation, ref.Val, Verdict, bool) {
	for _, rule := range rules {
		if r.ctx.Err() != nil {
			break
		}
		e := &evaluation{run: r, rule: rule}
		if v, verdict, applies := e.ask(); applies {
			if verdict.Outcome != OutcomePass {
				e = nil
			}
			return e, v, verdict, true
		}
	}
	return nil, nil, Verdict{}, false
}

// ask tries one score or status.
func (e *evaluation) ask() (v ref.Val, out Verdict, applies bool) {
	out = Verdict{
		ID: e.rule.text.id, Pack: e.rule.pack.Name, Version: e.rule.pack.Version, Digest: e.rule.pack.Digest,
		Outcome: OutcomePass,
	}
	defer func() {
		if p := recover(); p != nil {
			out.Outcome, out.Err = OutcomeError, fmt.Errorf("internal error: %v", p)
			out.Evidence, applies = nil, true
		}
	}()
	v = types.True
	if e.rule.when != nil {
		v = e.run.eval(e, e.rule.when)
	}
	if v == types.False {
		return nil, Verdict{}, false
	}
	if v == types.True && e.rule.body != nil {
		v = e.run.eval(e, e.rule.body)
	}
	out.Evidence = e.evidence(e.run.explain)
	if types.IsUnknownOrError(v) {
		out.Outcome, out.Unknown, out.Err = outcomeOf(v)
	}
	return v, out, true
}

// evidence gives the vars: all of them, or those that were needed so far.
func (e *evaluation) evidence(all bool) []Evidence {
	var out []Evidence
	for i, v := range e.rule.vars {
		if !all && (e.memo == nil || e.memo[i] == nil) {
			continue
		}
		out = append(out, Evidence{v.name, e.run.plain(e.varAt(i), v.prog.out)})
	}
	return out
}

// plain gives a value as a host reads it: objects by their label, errors as
// Unknown.
func (r *run) plain(v ref.Val, t *types.Type) any {
	switch v := v.(type) {
	case *types.Err:
		return Unknown
	case object:
		return r.label(v.v, t)
	}
	if t.Kind() != types.ListKind {
		return native(v)
	}
	items, ok := native(v).([]any)
	if !ok {
		return native(v)
	}
	if t.Parameters()[0].Kind() == types.StructKind {
		for i, it := range items {
			items[i] = r.label(it, t.Parameters()[0])
		}
	}
	return items
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
