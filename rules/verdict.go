package rules

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Score asks the scores on a subject, in order, until one applies, and returns
// its number. False means that none applies. One whose `when` is unknown or
// broken ends the search: what it would have said is not known.
func (s *Set) Score(ctx context.Context, subject string, vars map[string]any, o Options) (Scored, bool, error) {
	r, err := s.start(ctx, subject, vars, o)
	if err != nil {
		return Scored{}, false, err
	}
	defer r.close()
	var out Scored
	applies := false
	for i := 0; i < len(r.sub.scores) && !applies; i++ {
		var a answer
		a, applies = r.ask(r.sub.scores[i], &out.Verdict)
		if !applies || out.Outcome != OutcomePass {
			continue
		}
		if out.Score = a.number; math.IsNaN(a.number) || math.IsInf(a.number, 0) {
			out.Score, out.Outcome, out.Err = 0, OutcomeError, errors.New("the score is not a finite number")
		}
	}
	return out, applies, ctx.Err()
}

// Status asks the statuses on a subject, in order, until one applies, and
// returns its word; otherwise it is like [Set.Score].
func (s *Set) Status(ctx context.Context, subject string, vars map[string]any, o Options) (Stated, bool, error) {
	r, err := s.start(ctx, subject, vars, o)
	if err != nil {
		return Stated{}, false, err
	}
	defer r.close()
	var out Stated
	applies := false
	for i := 0; i < len(r.sub.statuses) && !applies; i++ {
		var a answer
		a, applies = r.ask(r.sub.statuses[i], &out.Verdict)
		if !applies || out.Outcome != OutcomePass {
			continue
		}
		out.Status = a.word
		if words := s.env.schema.Statuses; len(words) > 0 && !slices.Contains(words, a.word) {
			out.Err = fmt.Errorf("%q is not one of %s", oneLine(a.word, 80), strings.Join(words, ", "))
			out.Status, out.Outcome = "", OutcomeError
		}
	}
	return out, applies, ctx.Err()
}

// answer is the number of a score, or the word of a status.
type answer struct {
	number float64
	word   string
}

// ask tries one score or status. What panics in a closure is left to CEL, what
// panics beyond is an error.
func (r *run) ask(rule *rule, out *Verdict) (a answer, applies bool) {
	e := r.begin(rule)
	if a, applies, decided := r.quickAnswer(rule); decided {
		if applies {
			*out = rule.verdict()
			out.Evidence = e.evidence(r.explain)
		}
		return a, applies
	}
	e = r.begin(rule)
	e.slow = true
	defer func() {
		if p := recover(); p != nil {
			*out = rule.verdict()
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
	*out = rule.verdict()
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

func (r *rule) verdict() Verdict {
	return Verdict{ID: r.text.id, Pack: r.pack.Name, Version: r.pack.Version, Digest: r.pack.Digest, Outcome: OutcomePass}
}

// quickAnswer decides a score or a status by closures, or not at all.
func (r *run) quickAnswer(rule *rule) (a answer, applies, decided bool) {
	defer func() {
		if recover() != nil {
			a, applies, decided = answer{}, false, false
		}
	}()
	f := &r.plain
	if w := rule.when; w != nil {
		if w.fast == nil {
			return answer{}, false, false
		}
		applies, ok := w.fast.b(f)
		if !ok || !applies {
			return answer{}, false, ok
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
	return a, ok, ok
}
