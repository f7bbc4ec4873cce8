package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// layers are packs in force some of which extend others: each compiled as it judges,
// in the order in which they are asked for scores and statuses.
type layers struct {
	first, last []*unit
	broken      []okr.Finding
}

// layered lays the packs in force over each other. Every pack is compiled by itself
// with what lies over it, so that tenants who set the same share what is compiled. A
// layer that cannot be read over what is in force now is left out: what it would set
// stays as it is below, and it is reported. c.mu is held.
func (c *cache) layered(host *rules.Set, packs []okr.Pack) (*layers, error) {
	var key strings.Builder
	for _, p := range packs {
		key.WriteString(bareDigest(p.Digest))
	}
	if l, ok := c.laid.get(key.String()); ok {
		return l, nil
	}
	l := &layers{}
	var written []*rules.Pack
	byFile := map[string]okr.Pack{}
	for _, p := range packs {
		u, err := c.unit(host, p)
		if err != nil {
			return nil, err
		}
		if u.pack == nil {
			l.broken = append(l.broken, brokenPack(p, u.err, u.reject))
			continue
		}
		written = append(written, u.pack)
		byFile[u.pack.Info().File] = p
	}
	for {
		units, wrong := c.stack(host, written)
		if len(wrong) == 0 {
			l.place(units)
			c.laid.put(key.String(), l)
			return l, nil
		}
		for _, w := range wrong {
			i := max(0, slices.IndexFunc(written, func(p *rules.Pack) bool { return p.Info().File == w.file }))
			l.broken = append(l.broken, brokenPack(byFile[w.file], w.err, written[i].Info().OnError == rules.Reject))
			written = slices.Delete(written, i, i+1)
		}
	}
}

// wrongPack is a pack that cannot judge among those in force.
type wrongPack struct {
	file string
	err  error
}

// stack compiles packs over each other, or says which of them cannot be.
func (c *cache) stack(host *rules.Set, written []*rules.Pack) ([]*unit, []wrongPack) {
	resolved, _, err := rules.Resolve(written...)
	if err != nil {
		return nil, wrongPacks(err, written[0].Info().File)
	}
	var units []*unit
	for _, p := range resolved {
		info := p.Info()
		key := bareDigest(info.Judges)
		if len(info.Extends) > 0 && len(info.Layers) == 0 {
			key += "+" // without, it is the text alone
		}
		u, ok := c.packs.get(key)
		if !ok || u.set == nil {
			set, err := rules.Compile(host.Env(), p)
			if err != nil {
				return nil, wrongPacks(err, info.File)
			}
			u = newUnit(set)
			u.info = okr.Pack{Name: info.Name, Version: info.Version, Digest: bareDigest(info.Digest)}
			c.packs.put(key, u)
		}
		units = append(units, u)
	}
	return units, nil
}

// wrongPacks says which files an error is about: one of them at least, the given one
// if it names none.
func wrongPacks(err error, file string) []wrongPack {
	var list rules.Errors
	if !errors.As(err, &list) || len(list) == 0 {
		return []wrongPack{{file, err}}
	}
	byFile := map[string]rules.Errors{}
	for _, e := range list {
		byFile[e.File] = append(byFile[e.File], e)
	}
	var out []wrongPack
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		out = append(out, wrongPack{file, byFile[file]})
	}
	return out
}

// place puts the units into the order in which they are asked for scores and
// statuses: those that are asked last behind the others, and none before a pack that extends it.
func (l *layers) place(units []*unit) {
	var order []*unit
	var add func(*unit)
	add = func(u *unit) {
		if slices.Contains(order, u) {
			return
		}
		for _, base := range u.set.Packs()[0].Extends {
			for _, b := range units {
				if b.info.Name == base.Pack {
					add(b)
				}
			}
		}
		order = append(order, u)
	}
	for _, u := range slices.Backward(units) {
		add(u)
	}
	for _, u := range slices.Backward(order) {
		if strings.HasSuffix(u.info.Name, lastSuffix) {
			l.last = append(l.last, u)
		} else {
			l.first = append(l.first, u)
		}
	}
}

// brokenPack reports a pack in force that can judge nothing. It holds back what is to
// be activated if its text says that a gate of its does so when its rule breaks.
func brokenPack(p okr.Pack, err error, reject bool) okr.Finding {
	return okr.Finding{
		Rule: "pack-compiles", Pack: p.Name, Version: p.Version, Digest: p.Digest, Severity: okr.SeverityError,
		Outcome: okr.OutcomeError, Gate: reject, Title: p.Name, Message: fmt.Sprint(err),
		Fix: "Put a mended version of the pack in force.",
	}
}

// CheckPacks implements [okr.PackReader]: whether packs can judge together after those
// before. What comes new must not set what is so already, and its tests must show what
// [Demand] asks for. A pack that could not judge before does not keep others from coming
// into force.
func (j *Judge) CheckPacks(before, after []okr.Pack) error {
	written, fresh, err := j.together(before, after)
	if err != nil || j.demand == nil || len(fresh) == 0 {
		return err
	}
	set, err := rules.Compile(j.packs.Set().Env(), under(fresh, written)...)
	if err != nil {
		return err
	}
	report, err := set.Test(context.Background(), rules.TestOptions{Packs: fresh})
	if err != nil {
		return err
	}
	return report.Check(*j.demand)
}

// under are the named packs and those that they build on.
func under(names []string, packs []*rules.Pack) []*rules.Pack {
	names = slices.Clone(names)
	for i := 0; i < len(names); i++ {
		for _, p := range packs {
			if p.Info().Name != names[i] {
				continue
			}
			for _, base := range p.Info().Extends {
				if !slices.Contains(names, base.Pack) {
					names = append(names, base.Pack)
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(packs), func(p *rules.Pack) bool { return !slices.Contains(names, p.Info().Name) })
}

// together says which packs can judge after those before, as they are written, and the
// names of those that come new.
func (j *Judge) together(before, after []okr.Pack) (written []*rules.Pack, names []string, err error) {
	c, host := j.cache, j.packs.Set()
	c.mu.Lock()
	defer c.mu.Unlock()
	wasBroken := map[string]bool{}
	if l, err := c.layered(host, before); err == nil {
		for _, f := range l.broken {
			wasBroken[f.Pack] = true
		}
	}
	fresh := map[string]bool{} // files
	for _, p := range after {
		u, err := c.unit(host, p)
		if err != nil {
			return nil, nil, err
		}
		isNew := !slices.ContainsFunc(before, func(o okr.Pack) bool { return o.Name == p.Name && bareDigest(o.Digest) == bareDigest(p.Digest) })
		if u.err != nil && isNew {
			return nil, nil, u.err
		}
		if u.pack == nil || wasBroken[p.Name] && !isNew {
			continue
		}
		written = append(written, u.pack)
		if fresh[u.pack.Info().File] = isNew; isNew {
			names = append(names, p.Name)
		}
	}
	_, idle, err := rules.Resolve(written...)
	if err != nil {
		return nil, nil, err
	}
	if idle = slices.DeleteFunc(idle, func(e *rules.Error) bool { return !fresh[e.File] }); len(idle) > 0 {
		return nil, nil, idle
	}
	_, wrong := c.stack(host, written)
	var errs []error
	for _, w := range wrong {
		errs = append(errs, w.err)
	}
	return written, names, errors.Join(errs...)
}
