package cadence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// races bounds how often a batch that lost a race is tried again at once.
const races = 3

// errTrial rolls a trial back.
var errTrial = errors.New("cadence: only a trial")

// step is what is done with subjects of one tenant, in one transaction. It answers with
// what waited for somebody and was dropped untold.
type step func(ctx context.Context, t okr.Tenant, refs []okr.Ref) ([]okr.Waiting, error)

// take takes a step with the subjects of one tenant in one transaction. Where that fails
// it finds those that it can be taken with together, and leaves the others.
func (r *Runner) take(ctx context.Context, tenant okr.TenantID, refs []okr.Ref, do step) (int, error) {
	if len(refs) == 0 {
		return 0, nil
	}
	err := r.together(ctx, tenant, refs, do, false)
	if err == nil {
		return len(refs), nil
	}
	s := &sieve{
		try: func(refs []okr.Ref) error { return r.together(ctx, tenant, refs, do, true) },
		alive: func() error {
			_, err := r.tenant(tenant).View().Cycles(ctx)
			return err
		},
	}
	good := s.sift(refs, err)
	if s.fatal != nil {
		return 0, fmt.Errorf("cadence: tenant %q: %w", tenant, s.fatal)
	}
	if len(good) > 0 {
		if err := r.together(ctx, tenant, good, do, false); err != nil {
			s.fail(good, err)
			good = nil
		}
	}
	if s.lost > 0 {
		r.log.DebugContext(ctx, "cadence: lost a race; it is claimed again", "tenant", tenant, "subjects", s.lost)
	}
	if len(s.errs) > 0 {
		return len(good), fmt.Errorf("cadence: tenant %q: %w", tenant, errors.Join(s.errs...))
	}
	return len(good), nil
}

// together takes a step, all or nothing. A trial does the same and keeps nothing.
func (r *Runner) together(ctx context.Context, tenant okr.TenantID, refs []okr.Ref, do step, trial bool) error {
	var (
		dropped []okr.Waiting
		err     error
	)
	for range races {
		// Outside of the transaction: nobody who writes waits for a company to be measured.
		var surveyed okr.Tenant
		if surveyed, err = r.tenant(tenant).Survey(ctx, refs...); err != nil {
			if errors.Is(err, okr.ErrConflict) {
				continue
			}
			return err
		}
		err = surveyed.Do(ctx, func(t okr.Tenant) (err error) {
			if dropped, err = do(ctx, t, refs); err == nil && trial {
				err = errTrial
			}
			return err
		})
		if !errors.Is(err, okr.ErrConflict) {
			break
		}
	}
	switch {
	case trial && errors.Is(err, errTrial):
		return nil
	case err == nil:
		for _, x := range dropped {
			r.log.DebugContext(ctx, "cadence: dropped untold", "tenant", tenant, "person", x.Person, "event", x.Event.ID, "type", x.Event.Type, "why", x.Moot)
			if r.dropped != nil {
				r.dropped(tenant, x)
			}
		}
	}
	return err
}

// settle asks the desk what time has changed of the subjects, and leaves it waiting for
// whomever it concerns.
func (r *Runner) settle(ctx context.Context, t okr.Tenant, refs []okr.Ref) ([]okr.Waiting, error) {
	d, err := t.Settle(ctx, refs...)
	if err != nil || len(d.Audience)+len(d.Events) == 0 {
		return nil, err
	}
	a, err := r.audience(ctx, t)
	if err != nil {
		return nil, err
	}
	xs, err := a.concern(ctx, append(d.Audience, d.Events...), d.Findings)
	if err != nil {
		return nil, err
	}
	left, err := r.await(ctx, t, xs)
	return moot(left), err
}

// moot is what a decision dropped.
func moot(d okr.Decision) []okr.Waiting {
	var out []okr.Waiting
	for _, d := range d.Deliveries {
		out = append(out, d.Moot...)
	}
	return out
}

// await leaves the events waiting, without those for somebody whom the desk does not
// know.
func (r *Runner) await(ctx context.Context, t okr.Tenant, xs []okr.Waiting) (okr.Decision, error) {
	for len(xs) > 0 {
		d, err := t.Await(ctx, xs...)
		var unknown *okr.NotFoundError
		if !errors.As(err, &unknown) || unknown.Ref.Kind != okr.KindPerson {
			return d, err
		}
		known := slices.DeleteFunc(slices.Clone(xs), func(x okr.Waiting) bool { return x.Person == unknown.Ref.ID })
		if len(known) == len(xs) {
			return okr.Decision{}, err
		}
		r.log.WarnContext(ctx, "cadence: nobody to tell: the desk does not know the person", "tenant", t.ID(), "person", unknown.Ref.ID)
		xs = known
	}
	return okr.Decision{}, nil
}

// tell writes one notice of everything that waits for each of the people and concerns
// them still. What is another's concern by now waits for them instead.
func (r *Runner) tell(ctx context.Context, t okr.Tenant, people []okr.Ref) ([]okr.Waiting, error) {
	d, err := t.Settle(ctx, people...)
	if err != nil || len(d.Deliveries) == 0 {
		return nil, err
	}
	a, err := r.audience(ctx, t)
	if err != nil {
		return nil, err
	}
	var dropped, gone, moved, elsewhere []okr.Waiting
	for i := range d.Deliveries {
		d := &d.Deliveries[i]
		for _, x := range d.Moot {
			who, err := a.instead(ctx, x)
			switch {
			case err != nil:
				return nil, err
			case x.Moot != okr.MootLeft:
				dropped = append(dropped, x)
				continue
			case who == "":
				gone = append(gone, x)
				continue
			}
			moved = append(moved, handed(x, okr.MootLeft, who))
			x.Person, x.Moot = who, ""
			elsewhere = append(elsewhere, x)
		}
		theirs := d.Waiting[:0:0]
		for _, x := range d.Waiting {
			payload, err := x.Event.Payload()
			if err != nil {
				return nil, err
			}
			who, err := a.hears(ctx, x.Event, payload)
			if err != nil {
				return nil, err
			}
			if slices.Contains(who, d.To) {
				theirs = append(theirs, x)
				continue
			}
			switch who, err := a.hearer(ctx, x.Event, payload); {
			case err != nil:
				return nil, err
			case who != "":
				moved = append(moved, handed(x, okr.MootMoved, who))
				x.Person = who
				elsewhere = append(elsewhere, x)
			default:
				x.Moot = okr.MootNobody
				gone = append(gone, x)
			}
		}
		d.Waiting = theirs
	}
	notices, untold, err := r.notices(ctx, a, d.Deliveries)
	if err != nil {
		return nil, err
	}
	for _, x := range untold {
		x.Moot = okr.MootNobody
		gone = append(gone, x)
	}
	left, err := r.await(ctx, t, elsewhere)
	if err != nil {
		return nil, err
	}
	dropped = append(dropped, moot(left)...)
	if _, err := t.Dismiss(ctx, slices.Concat(gone, moved)...); err != nil {
		return nil, err
	}
	_, err = t.Notify(ctx, notices...)
	return append(dropped, gone...), err
}

// handed is what waits for others from now on.
func handed(x okr.Waiting, why string, to ...okr.ID) okr.Waiting {
	x.Moot, x.Instead = why, to
	return x
}

// notices renders what is to be told. What this version cannot tell is left over.
func (r *Runner) notices(ctx context.Context, a *audience, ds []okr.Delivery) ([]okr.Notice, []okr.Waiting, error) {
	var (
		out    []okr.Notice
		untold []okr.Waiting
	)
	for _, d := range ds {
		m, err := a.message(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		told := map[string]bool{}
		if len(m.Items) > 0 {
			text, err := r.text(ctx, m)
			if err != nil {
				return nil, nil, err
			}
			n := m.notice(text)
			for _, id := range n.About {
				told[id] = true
			}
			out = append(out, n)
		}
		for _, x := range d.Waiting {
			if !told[x.Event.ID] {
				untold = append(untold, x)
			}
		}
	}
	return out, untold, nil
}

// audience knows the tenant's teams and cycles.
func (r *Runner) audience(ctx context.Context, t okr.Tenant) (*audience, error) {
	zones, err := cycleZones(ctx, t)
	if err != nil {
		return nil, err
	}
	leads, names := map[[2]okr.ID]okr.ID{}, map[okr.ID]string{}
	return &audience{
		tenant: t.ID(),
		link:   r.link,
		zone:   zones,
		lead: func(ctx context.Context, team, not okr.ID) (okr.ID, error) {
			who, known := leads[[2]okr.ID{team, not}]
			if known {
				return who, nil
			}
			who, err := t.View().Heir(ctx, team, not)
			leads[[2]okr.ID{team, not}] = who
			if who == "" && err == nil {
				r.log.WarnContext(ctx, "cadence: nobody to tell: nobody who is here leads the team or one above it", "tenant", t.ID(), "team", team)
			}
			return who, err
		},
		name: func(ctx context.Context, person okr.ID) (string, error) {
			if name, known := names[person]; known || person == "" {
				return name, nil
			}
			name, err := t.View().Name(ctx, person)
			if name == okr.Erased {
				name = ""
			}
			if err == nil {
				names[person] = name
			}
			return name, err
		},
	}, nil
}

// text is the message in the host's words, or in okrkit's where those fail.
func (r *Runner) text(ctx context.Context, m Message) (Text, error) {
	text, err := r.texts.Text(m)
	if err == nil {
		text, err = tidy(text)
	}
	if err == nil {
		return text, nil
	}
	r.log.ErrorContext(ctx, "cadence: the host's words failed, using okrkit's", "tenant", m.Tenant, "kind", m.Kind, "error", err)
	return Tongues{}.Text(m)
}

// cycleZones finds a cycle's zone; UTC where it has none that is known.
func cycleZones(ctx context.Context, t okr.Tenant) (func(okr.ID) *time.Location, error) {
	cycles, err := t.View().Cycles(ctx)
	if err != nil {
		return nil, err
	}
	zones := make(map[okr.ID]*time.Location, len(cycles))
	return func(id okr.ID) *time.Location {
		if loc, ok := zones[id]; ok {
			return loc
		}
		loc := time.UTC
		if i := slices.IndexFunc(cycles, func(c okr.Cycle) bool { return c.ID == id }); i >= 0 {
			if l, err := cycles[i].Location(); err == nil {
				loc = l
			}
		}
		zones[id] = loc
		return loc
	}, nil
}
