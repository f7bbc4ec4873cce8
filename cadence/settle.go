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

// settle settles the subjects of one tenant in one transaction. Where that fails
// it finds those that can be settled together, and leaves the others.
func (r *Runner) settle(ctx context.Context, tenant okr.TenantID, refs []okr.Ref) (int, error) {
	err := r.tell(ctx, tenant, refs, false)
	if err == nil {
		return len(refs), nil
	}
	s := &sieve{
		try: func(refs []okr.Ref) error { return r.tell(ctx, tenant, refs, true) },
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
		if err := r.tell(ctx, tenant, good, false); err != nil {
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

// tell asks the desk what time has changed of the subjects and writes the
// notices, all or nothing. A trial does the same and keeps nothing.
func (r *Runner) tell(ctx context.Context, tenant okr.TenantID, refs []okr.Ref, trial bool) error {
	var err error
	for range races {
		err = r.tenant(tenant).Do(ctx, func(t okr.Tenant) error {
			d, err := t.Settle(ctx, refs...)
			if err != nil {
				return err
			}
			ms, err := r.messages(ctx, t, append(d.Audience, d.Events...), d.Findings)
			if err != nil {
				return err
			}
			if _, err := r.notify(ctx, t, ms); err != nil {
				return err
			}
			if trial {
				return errTrial
			}
			return nil
		})
		if !errors.Is(err, okr.ErrConflict) {
			break
		}
	}
	if trial && errors.Is(err, errTrial) {
		return nil
	}
	return err
}

// messages says who is to be told what.
func (r *Runner) messages(ctx context.Context, t okr.Tenant, events []okr.Event, found []okr.Finding) ([]Message, error) {
	if len(events) == 0 {
		return nil, nil
	}
	zones, err := cycleZones(ctx, t)
	if err != nil {
		return nil, err
	}
	leads := map[okr.ID]okr.ID{}
	a := audience{
		tenant: t.ID(),
		found:  found,
		link:   r.link,
		zone:   zones,
		lead: func(ctx context.Context, team okr.ID) (okr.ID, error) {
			who, known := leads[team]
			if known {
				return who, nil
			}
			who, err := teamLead(ctx, t, team)
			leads[team] = who
			return who, err
		},
	}
	return a.messages(ctx, events)
}

// notify renders the messages and writes them. A message to somebody whom the
// desk does not know is left out.
func (r *Runner) notify(ctx context.Context, t okr.Tenant, ms []Message) (okr.Decision, error) {
	notices := make([]okr.Notice, 0, len(ms))
	for _, m := range ms {
		text, err := r.text(ctx, m)
		if err != nil {
			return okr.Decision{}, err
		}
		notices = append(notices, m.notice(text))
	}
	for len(notices) > 0 {
		d, err := t.Notify(ctx, notices...)
		var unknown *okr.NotFoundError
		if !errors.As(err, &unknown) || unknown.Ref.Kind != okr.KindPerson {
			return d, err
		}
		known := slices.DeleteFunc(slices.Clone(notices), func(n okr.Notice) bool { return n.To == unknown.Ref.ID })
		if len(known) == len(notices) {
			return okr.Decision{}, err
		}
		r.log.WarnContext(ctx, "cadence: nobody to tell: the desk does not know the person", "tenant", t.ID(), "person", unknown.Ref.ID)
		notices = known
	}
	return okr.Decision{}, nil
}

// text is the message in the host's words, or in English where those fail.
func (r *Runner) text(ctx context.Context, m Message) (Text, error) {
	text, err := r.texts.Text(m)
	if err == nil {
		text, err = tidy(text)
	}
	if err == nil {
		return text, nil
	}
	r.log.ErrorContext(ctx, "cadence: the host's words failed, using English", "tenant", m.Tenant, "kind", m.Kind, "error", err)
	return English().Text(m)
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

// teamLead is who leads the team as its last event says, "" if nobody does.
func teamLead(ctx context.Context, t okr.Tenant, team okr.ID) (okr.ID, error) {
	events, err := t.View().Events(ctx, okr.Ref{Kind: okr.KindTeam, ID: team}, 0)
	if err != nil || len(events) == 0 {
		return "", err
	}
	payload, err := events[len(events)-1].Payload()
	if err != nil {
		return "", err
	}
	if f, ok := payload.(*okr.TeamFact); ok {
		return f.Lead, nil
	}
	return "", nil
}
