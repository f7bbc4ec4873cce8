package cadence

import (
	"context"

	"github.com/okrkit/okrkit/okr"
)

// Foretell says what a [Runner] would write to whom of events, such as those of a
// decision that was only tried ([okr.Tenant.Trial]): the same people, in the same
// words, without whom the desk does not know or who has left; only findings are told
// by the names of their rules. Nothing is written.
// The options are those of the runner that is spoken for.
func Foretell(ctx context.Context, t okr.Tenant, events []okr.Event, opts ...RunnerOption) ([]okr.Notice, error) {
	r := NewRunner(nil, opts...)
	t = t.As(okr.Automation(ActorName)).Trial()
	ms, err := r.messages(ctx, t, events, nil)
	if err != nil {
		return nil, err
	}
	d, err := r.notify(ctx, t, ms)
	if err != nil {
		return nil, err
	}
	var out []okr.Notice
	for _, e := range d.Events {
		payload, err := e.Payload()
		if err != nil {
			return nil, err
		}
		if n, ok := payload.(*okr.NoticeFact); ok {
			out = append(out, okr.Notice(*n))
		}
	}
	return out, nil
}
