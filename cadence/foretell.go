package cadence

import (
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
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
	overtaken(d.Deliveries, tried.Events)
	var out []Foretold
	for i := range d.Deliveries {
		notices, _, err := r.notices(ctx, a, d.Deliveries[i:i+1])
		if err != nil {
			return nil, err
		}
		for _, n := range notices {
			out = append(out, Foretold{n, d.Deliveries[i].At})
		}
	}
	return out, nil
}

// overtaken takes out what waits already and what was tried would make moot.
func overtaken(ds []okr.Delivery, tried []okr.Event) {
	statuses, findings := map[okr.Ref]bool{}, map[okr.FindingFact]bool{}
	finding := func(f *okr.FindingFact) okr.FindingFact {
		return okr.FindingFact{Pack: f.Pack, Rule: f.Rule, Subject: f.Subject, Cycle: f.Cycle}
	}
	isNew := map[string]bool{}
	for _, e := range tried {
		isNew[e.ID] = true
		switch p, _ := e.Payload(); p := p.(type) {
		case *okr.StatusChanged:
			statuses[e.Aggregate] = p.To != measure.AtRisk && p.To != measure.OffTrack
		case *okr.FindingFact:
			if e.Type == okr.EventFindingResolved || p.Silent() {
				findings[finding(p)] = true
			}
		}
	}
	for i := range ds {
		ds[i].Waiting = slices.DeleteFunc(ds[i].Waiting, func(x okr.Waiting) bool {
			switch p, _ := x.Event.Payload(); p := p.(type) {
			case *okr.StatusChanged:
				return !isNew[x.Event.ID] && statuses[x.Event.Aggregate]
			case *okr.FindingFact:
				return !isNew[x.Event.ID] && findings[finding(p)]
			}
			return false
		})
	}
}
