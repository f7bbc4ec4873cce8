package rules

import (
	"fmt"
	"slices"
	"strings"
)

// sees are the pack itself and all that it extends, the nearest first.
func sees(p *Pack, among []*Pack) []*Pack {
	out := []*Pack{p}
	for i := 0; i < len(out); i++ {
		for _, x := range out[i].extends {
			for _, base := range among {
				if base.info.Name == x.name && !slices.ContainsFunc(out, func(q *Pack) bool { return q.info.Name == x.name }) {
					out = append(out, base)
				}
			}
		}
	}
	return out
}

// expected is what a test expects something of: a rule of the pack itself, or of one
// that it extends, where pack/rule says which if several have it.
func (c *compiler) expected(x expectText) (*ruleText, string) {
	var found []*ruleText
	var packs, all []string
	own, id, qualified := strings.Cut(x.id, "/")
	for i, p := range c.sees {
		for _, r := range slices.Concat(p.rules, p.scores, p.statuses) {
			all = append(all, r.id)
			if qualified && p.info.Name == own && r.id == id || !qualified && r.id == x.id {
				found, packs = append(found, r), append(packs, p.info.Name)
			}
		}
		if i == 0 && len(found) > 0 {
			break
		}
	}
	switch len(found) {
	case 1:
		return found[0], packs[0]
	case 0:
		if !c.complete() { // compiled by itself: its tests are run elsewhere
			return nil, ""
		}
		hint := didYouMean(x.id, all)
		c.bad(c.pack.src.errorAt(x.key.Line, x.key.Column, fmt.Sprintf("neither the pack nor what it extends has a rule, score or status %q", x.id), hint))
	default:
		c.bad(c.pack.src.errorAt(x.key.Line, x.key.Column, fmt.Sprintf("%s have a rule %q", strings.Join(packs, " and "), x.id), "write "+packs[0]+"/"+x.id))
	}
	return nil, ""
}

// complete says whether all that the pack extends is there.
func (c *compiler) complete() bool {
	for _, p := range c.sees {
		for _, x := range p.extends {
			if !slices.ContainsFunc(c.sees, func(q *Pack) bool { return q.info.Name == x.name }) {
				return false
			}
		}
	}
	return true
}

// asWritten is what the tests of a pack are run against: the pack as its author sees
// it, over what it extends and under nothing. What it has switched off itself is on,
// so that it can be shown. Nil: the packs of the set are just that.
func (s *Set) asWritten(p *compiledPack) ([]*Pack, error) {
	own := p.pack
	if own.written != nil {
		own = own.written
	}
	off := func(r *ruleText) bool { return r.disabled }
	if own == p.pack && len(own.extends) == 0 && !slices.ContainsFunc(slices.Concat(own.rules, own.scores, own.statuses), off) {
		return nil, nil
	}
	among := make([]*Pack, len(s.packs))
	for i, q := range s.packs {
		if among[i] = q.pack; q.pack.written != nil {
			among[i] = q.pack.written
		}
	}
	on := *own
	for _, texts := range []*[]*ruleText{&on.rules, &on.scores, &on.statuses} {
		*texts = slices.Clone(*texts)
		for i, t := range *texts {
			text := *t
			text.disabled = false
			(*texts)[i] = &text
		}
	}
	view := []*Pack{&on}
	for _, base := range sees(own, among)[1:] {
		bare := *base
		view = append(view, &bare)
	}
	for _, q := range view {
		q.resolved = false
	}
	resolved, errs, _ := resolve(view)
	return resolved, errs.orNil()
}
