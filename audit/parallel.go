package audit

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/okrkit/okrkit/okr"
)

// fewest subjects that are worth a goroutine of their own: a fraction of a
// millisecond's work.
const fewest = 256

// all judges subjects and appraises them: many of them in as many goroutines as
// there are processors, which all have ended when it returns. What comes of it
// does not depend on how many there were.
func (r *run) all(ctx context.Context, subjects []subject) error {
	workers := min(runtime.GOMAXPROCS(0), len(subjects)/fewest)
	if workers <= 1 {
		return r.some(ctx, subjects)
	}
	parts := make([]*run, workers)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for i := range parts {
		parts[i] = &run{units: r.units, opt: r.opt, w: r.w, verb: r.verb}
		own := subjects[len(subjects)*i/workers : len(subjects)*(i+1)/workers]
		wg.Go(func() { errs[i] = parts[i].some(ctx, own) })
	}
	wg.Wait()
	for i, part := range parts {
		if errs[i] != nil {
			return errs[i]
		}
		r.v = joined(r.v, part.v)
	}
	return nil
}

// some judges and appraises one after the other.
func (r *run) some(ctx context.Context, subjects []subject) error {
	for _, s := range subjects {
		if r.verb != okr.VerbAppraise {
			if err := r.judge(ctx, s); err != nil {
				return err
			}
		}
		if err := r.appraise(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// joined is what two parts of one judgement say together.
func joined(a, b okr.Verdict) okr.Verdict {
	a.Findings = append(a.Findings, b.Findings...)
	a.Look = append(a.Look, b.Look...)
	a.Refused = a.Refused || b.Refused
	a.Scores = both(a.Scores, b.Scores)
	a.Statuses = both(a.Statuses, b.Statuses)
	a.Rulings = both(a.Rulings, b.Rulings)
	return a
}

func both[K comparable, V any](a, b map[K]V) map[K]V {
	if a == nil {
		return b
	}
	maps.Copy(a, b)
	return a
}

// sorted puts findings in order. They are large, so their places are sorted, and
// each is moved once.
func sorted(found []okr.Finding) []okr.Finding {
	at := make([]*okr.Finding, len(found))
	for i := range found {
		at[i] = &found[i]
	}
	if slices.IsSortedFunc(at, compareFindings) {
		return found
	}
	slices.SortFunc(at, compareFindings)
	out := make([]okr.Finding, len(at))
	for i, f := range at {
		out[i] = *f
	}
	return out
}
