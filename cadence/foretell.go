package cadence

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Foretold is a notice that would be written, and when.
type Foretold struct {
	okr.Notice
	At time.Time `json:"at"` // UTC instant
}

// Foretell says what a [Runner] would write to whom of a decision that was only tried
// ([okr.Tenant.Trial]), and when: the same people, in the same words, together with what
// waits for them already, without whom the desk does not know or who has left. Nothing is
// written. The options are those of the runner that is spoken for.
func Foretell(ctx context.Context, t okr.Tenant, tried okr.Decision, opts ...RunnerOption) ([]Foretold, error) {
	r := NewRunner(nil, opts...)
	t = t.As(okr.Automation(ActorName)).Trial()
	a, err := r.audience(ctx, t)
	if err != nil {
		return nil, err
	}
	xs, err := a.concern(ctx, slices.Concat(tried.Audience, tried.Events), tried.Findings)
	if err != nil {
		return nil, err
	}
	d, err := r.await(ctx, t, xs)
	if err != nil {
		return nil, err
	}
	notices, _, err := r.notices(ctx, t, d.Deliveries)
	if err != nil {
		return nil, err
	}
	at := map[okr.ID]time.Time{}
	for _, d := range d.Deliveries {
		at[d.To] = d.At
	}
	var out []Foretold
	for _, n := range notices {
		out = append(out, Foretold{n, at[n.To]})
	}
	return out, nil
}
