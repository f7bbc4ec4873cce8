package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Score asks the scores on a subject, in order, until one applies, and returns
// its number. False means that none applies. One whose `when` is unknown or
// broken ends the search: what it would have said is not known.
func (s *Set) Score(ctx context.Context, subject string, vars map[string]any, o Options) (out Scored, applies bool, err error) {
	r, err := s.start(ctx, subject, isScore, vars, o)
	if err != nil {
		return out, false, err
	}
	a, rule, decided := r.quickAnswer(r.sub.scores)
	switch applies = rule != nil; {
	case !decided:
		a, applies = r.ask(r.sub.scores, &out.Verdict)
	case applies:
		out.Verdict = rule.said
		out.Evidence = r.seen(rule)
	}
	if applies && out.Outcome == OutcomePass {
		if out.Score = a.number; !isFinite(a.number) {
			out.Score, out.Outcome, out.Err = 0, OutcomeError, errors.New("the score is not a finite number")
		}
	}
	r.close()
	return out, applies, ctx.Err()
}

// Status asks the statuses on a subject, in order, until one applies, and
// returns its word; otherwise it is like [Set.Score].
func (s *Set) Status(ctx context.Context, subject string, vars map[string]any, o Options) (out Stated, applies bool, err error) {
	r, err := s.start(ctx, subject, isStatus, vars, o)
	if err != nil {
		return out, false, err
	}
	a, rule, decided := r.quickAnswer(r.sub.statuses)
	switch applies = rule != nil; {
	case !decided:
		a, applies = r.ask(r.sub.statuses, &out.Verdict)
	case applies:
		out.Verdict = rule.said
		out.Evidence = r.seen(rule)
	}
	if applies && out.Outcome == OutcomePass {
		out.Status = a.word
		if words := s.env.schema.Statuses; len(words) > 0 && !slices.Contains(words, a.word) {
			out.Err = fmt.Errorf("%q is not one of %s", oneLine(a.word, 80), strings.Join(words, ", "))
			out.Status, out.Outcome = "", OutcomeError
		}
	}
	r.close()
	return out, applies, ctx.Err()
}

// answer is the number of a score, or the word of a status.
type answer struct {
	number float64
	word   string
}

// ask finds the score or status that applies where closures alone could not: each
// is tried by closures, and then by CEL.
func (r *run) ask(rules []*rule, out *Verdict) (a answer, applies bool) {
	for i := range rules {
		a, rule, decided := r.quickAnswer(rules[i : i+1])
		switch {
		case !decided:
			a, applies = r.slowAnswer(rules[i], out)
		case rule != nil:
			*out, applies = rule.said, true
			out.Evidence = r.seen(rule)
		}
		if applies {
			return a, true
		}
	}
	return answer{}, false
}

// slowAnswer has CEL decide one score or status. What panics is an error.
func (r *run) slowAnswer(rule *rule, out *Verdict) (a answer, applies bool) {
	e := r.begin(rule)
	e.slow = true
	defer func() {
		if p := recover(); p != nil {
			*out = rule.said
			out.Outcome, out.Err, applies = OutcomeError, fmt.Errorf("internal error: %v", p), true
		}
	}()
	v := ref.Val(types.True)
	if rule.when != nil {
		v = r.eval(e, rule.when)
	}
	if v == types.False {
		return answer{}, false
	}
	a.word = rule.word
	if v == types.True && rule.body != nil {
		v = r.eval(e, rule.body)
	}
	*out = rule.said
	out.Evidence = e.evidence(r.explain)
	switch v := v.(type) {
	case types.Bool:
	case types.Double:
		a.number = float64(v)
	case types.Int:
		a.number = float64(v)
	case types.String:
		a.word = string(v)
	default:
		out.Outcome, out.Unknown, out.Err = outcomeOf(v)
	}
	return a, true
}

// seen is the evidence of a score or a status that closures decided.
func (r *run) seen(rule *rule) []Evidence {
	if len(rule.vars) == 0 {
		return nil
	}
	return r.evaluation(rule).evidence(r.explain)
}

// quickAnswer finds by closures the score or status that applies, nil if none
// does. It is not decided where one of them has to be asked of CEL, or panics.
func (r *run) quickAnswer(rules []*rule) (a answer, found *rule, decided bool) {
	defer func() {
		if recover() != nil {
			a, found, decided = answer{}, nil, false
		}
	}()
	f := &r.plain
	for _, rule := range rules {
		if rule.keeps {
			f.enter(rule)
		}
		if w := rule.when; w != nil {
			if w.fast == nil {
				return answer{}, nil, false
			}
			applies, ok := w.fast.b(f)
			if !ok {
				return answer{}, nil, false
			}
			if !applies {
				continue
			}
		}
		ok := true
		switch n := rule.body; {
		case n == nil:
			a.word = rule.word
		case n.fast == nil:
			ok = false
		case n.fast.d != nil:
			a.number, ok = n.fast.d(f)
		case n.fast.i != nil:
			var v int64
			v, ok = n.fast.i(f)
			a.number = float64(v)
		case n.fast.s != nil:
			a.word, ok = n.fast.s(f)
		default:
			ok = false
		}
		if !ok {
			return answer{}, nil, false
		}
		return a, rule, true
	}
	return answer{}, nil, true
}
