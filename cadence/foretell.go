package cadence

import (
	"context"
	"slices"

	"github.com/okrkit/okrkit/okr"
)

// Foretell says what a [Runner] would write to whom of a decision that was only tried
// ([okr.Tenant.Trial]): the same people, in the same words, without whom the desk does
// not know or who has left. What concerns whole cycles comes in notices of its own,
// since a runner looks at a cycle first and then at what has changed in it. Nothing is
// written. The options are those of the runner that is spoken for.
func Foretell(ctx context.Context, t okr.Tenant, tried okr.Decision, opts ...RunnerOption) ([]okr.Notice, error) {
	r := NewRunner(nil, opts...)
	t = t.As(okr.Automation(ActorName)).Trial()
	var cycles, rest []okr.Event
	for _, e := range slices.Concat(tried.Audience, tried.Events) {
		if e.Aggregate.Kind == okr.KindCycle {
			cycles = append(cycles, e)
		} else {
			rest = append(rest, e)
		}
	}
	var out []okr.Notice
	for _, events := range [][]okr.Event{cycles, rest} {
		ms, err := r.messages(ctx, t, events, tried.Findings)
		if err != nil {
			return nil, err
		}
		d, err := r.notify(ctx, t, ms)
		if err != nil {
			return nil, err
		}
		for _, e := range d.Events {
			payload, err := e.Payload()
			if err != nil {
				return nil, err
			}
			if n, ok := payload.(*okr.NoticeFact); ok {
				out = append(out, okr.Notice(*n))
			}
		}
	}
	return out, nil
}
