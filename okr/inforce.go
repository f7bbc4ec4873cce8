package okr

import (
	"context"
	"slices"
	"time"
)

// PackInForce is a pack that a tenant is judged by, with its text.
type PackInForce struct {
	Pack
	Since time.Time // UTC instant of its activation; zero where nothing was judged yet: the host's starter packs, which come into force at the first write
	By    Actor     // who activated it
}

// Packs lists the packs in force, by name, with their texts. A tenant that has
// written nothing is judged by the starter packs of the desk's judge.
func (v View) Packs(ctx context.Context) ([]PackInForce, error) {
	var out []PackInForce
	err := v.transact(ctx, func(u Unit, _ time.Time) error {
		tenant := Ref{KindTenant, ID(v.t.id)}
		if err := v.t.allow(ctx, Intent{VerbView, []Ref{tenant}}); err != nil {
			return err
		}
		s, err := u.Load(ctx, v.t.id, Need{})
		if err != nil {
			return err
		}
		if len(s.Packs) == 0 {
			if j := v.t.desk.judge; j != nil {
				s.Packs = slices.Clone(j.Starter())
			}
		} else {
			var need Need
			for _, p := range s.Packs {
				need.PackTexts = append(need.PackTexts, p.Digest)
			}
			if s, err = u.Load(ctx, v.t.id, need); err != nil {
				return err
			}
		}
		events, err := u.Events(ctx, v.t.id, tenant, 0)
		if err != nil {
			return err
		}
		since := map[string]Event{} // by name and digest
		for _, e := range events {
			payload, err := e.Payload()
			if err != nil {
				return err
			}
			if f, ok := payload.(*PackFact); ok && e.Type == EventPackActivated {
				since[f.Pack+" "+f.Digest] = e
			}
		}
		for _, p := range s.Packs {
			e := since[p.Name+" "+p.Digest]
			out = append(out, PackInForce{Pack: p, Since: e.Time, By: e.Actor})
		}
		return nil
	})
	slices.SortFunc(out, func(a, b PackInForce) int { return comparePacks(a.Pack, b.Pack) })
	return out, err
}

// Now is the instant at which the handle decides and reads: the one of its Do, or
// else the desk's clock.
func (t Tenant) Now() time.Time {
	if t.session != nil {
		return t.session.now
	}
	return t.desk.now()
}
