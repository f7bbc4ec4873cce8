package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
)

// variants are what is rehearsed, the first first: each of the others differs from it in
// one thing, a cadence or a policy.
func (c simulateCommand) variants(a *app, s simulate.Scenario) ([]simulate.Variant, error) {
	cadences, err := c.cadences(s.Plan.Cycle.Cadence)
	if err != nil {
		return nil, err
	}
	first, err := c.policy(a, s)
	if err != nil {
		return nil, err
	}
	out := make([]simulate.Variant, 0, len(cadences)+len(c.AgainstPolicy))
	for i := range cadences {
		v := first
		v.Cadence = &cadences[i]
		out = append(out, v)
	}
	for _, name := range c.AgainstPolicy {
		v, err := readPolicy(a, "--against-policy", name)
		if err != nil {
			return nil, err
		}
		v.Cadence = &cadences[0]
		if slices.ContainsFunc(out, func(other simulate.Variant) bool { return other.Cadence == v.Cadence && samePolicy(other, v) }) {
			return nil, fmt.Errorf("--against-policy %s: what it says is rehearsed already: change something in it, or leave it out", name)
		}
		out = append(out, v)
	}
	if len(c.AgainstPolicy) == 0 && c.Policy == "" {
		for i := range out {
			out[i].PolicyName = ""
		}
	}
	return out, nil
}

// policy is the one that comes first.
func (c simulateCommand) policy(a *app, s simulate.Scenario) (simulate.Variant, error) {
	switch {
	case c.Policy != "":
		return readPolicy(a, "--policy", c.Policy)
	case s.Policy != nil:
		return simulate.Variant{Policy: s.Policy, TellManagers: s.TellManagers, PolicyName: filepath.Base(c.File)}, nil
	}
	return simulate.Variant{Policy: &okr.Policy{}, TellManagers: s.TellManagers, PolicyName: "what is usual"}, nil
}

func readPolicy(a *app, flag, name string) (simulate.Variant, error) {
	in, err := a.read(name)
	if err != nil {
		return simulate.Variant{}, fmt.Errorf("%s: %w", flag, err)
	}
	f, err := simulate.ReadPolicy(in.name, in.text)
	return simulate.Variant{Policy: &f.Policy, TellManagers: f.TellManagers, PolicyName: filepath.Base(in.name)}, err
}

// samePolicy says whether the two come to the same.
func samePolicy(a, b simulate.Variant) bool {
	plainly := func(p okr.Policy) okr.Policy {
		p.Budget, p.Ladder = p.Budget.OrDefault(), p.LadderOrDefault()
		p.Budget.PerDay, p.Budget.PerWeek = max(p.Budget.PerDay, -1), max(p.Budget.PerWeek, -1)
		return p
	}
	return reflect.DeepEqual(plainly(*a.Policy), plainly(*b.Policy))
}

// cadences are those that are rehearsed, the first first.
func (c simulateCommand) cadences(own *okr.Schedule) ([]okr.Schedule, error) {
	var out []okr.Schedule
	switch {
	case c.Cadence != "":
		s, err := planfile.ParseCadence("--cadence", c.Cadence)
		if err != nil {
			return nil, err
		}
		out = append(out, below(s, own))
	case own != nil && own.Frequency != "":
		out = append(out, *own)
	default:
		s, err := planfile.ParseCadence("--cadence", "weekly")
		if err != nil {
			return nil, err
		}
		out = append(out, below(s, own))
	}
	for _, words := range c.Against {
		s, err := planfile.ParseCadence("--against", words)
		if err != nil {
			return nil, err
		}
		s = below(s, own)
		if slices.ContainsFunc(out, func(other okr.Schedule) bool { return reflect.DeepEqual(plainly(s), plainly(other)) }) {
			return nil, fmt.Errorf("--against: %q is rehearsed already: name another cadence, or leave it out", words)
		}
		out = append(out, s)
	}
	return out, nil
}

// below is a cadence in words, with what these leave open as the file's has it: the time
// of day, days off, holidays, pauses and the like.
func below(words okr.Schedule, own *okr.Schedule) okr.Schedule {
	if own == nil {
		return words
	}
	open := *own
	open.Lock = false
	out := *words.Under(&open)
	out.Lock = own.Lock
	return out
}

// plainly is a cadence with what it does not say.
func plainly(s okr.Schedule) okr.Schedule {
	s.Every, s.At = max(s.Every, 1), cmp.Or(s.At, "17:00")
	return s
}
