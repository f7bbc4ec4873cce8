package rules

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// testText is a test as its author wrote it.
type testText struct {
	node   *yaml.Node
	name   string
	now    *yaml.Node
	params []entry
	moment momentText   // the test itself
	steps  []momentText // later
}

// momentText is what a test states and expects at one instant.
type momentText struct {
	node    *yaml.Node
	at      *yaml.Node // of a step
	given   *yaml.Node
	unknown *yaml.Node
	expect  []expectText
}

type expectText struct {
	id   string
	key  *yaml.Node
	node *yaml.Node
}

// test reads one test. Ids are those of the pack; nil: they are not known yet.
func (p *parser) test(n *yaml.Node, ids map[string]int) *testText {
	m := p.mapping(n, "a test", keysIn("test")...)
	if n.Kind != yaml.MappingNode {
		return nil
	}
	t := &testText{node: n}
	if e, ok := m["name"]; !ok {
		p.bad(n, "write name: and what the test shows", "a test has no name")
	} else {
		t.name, _ = p.word(e.val, "name")
	}
	if e, ok := m["now"]; ok {
		t.now = e.val
	}
	if e, ok := m["params"]; ok {
		t.params = p.entries(e.val, "params")
	}
	t.moment = p.moment(n, m, ids)
	if e, ok := m["steps"]; ok {
		for _, n := range p.items(e.val, "steps") {
			m := p.mapping(n, "a step", keysIn("step")...)
			if n.Kind != yaml.MappingNode {
				continue
			}
			s := p.moment(n, m, ids)
			at, hasAt := m["at"]
			if !hasAt {
				p.bad(n, "write at: +7d, or an instant", "a step has no at")
				continue
			}
			if _, ok := m["expect"]; !ok {
				p.bad(n, "write expect: {rule-id: pass}", "a step has no expect")
			}
			s.at = at.val
			t.steps = append(t.steps, s)
		}
	} else if _, ok := m["expect"]; !ok {
		p.bad(n, "write expect: {rule-id: pass}", "a test has no expect")
	}
	return t
}

func (p *parser) moment(n *yaml.Node, m map[string]entry, ids map[string]int) momentText {
	out := momentText{node: n}
	if e, ok := m["given"]; ok {
		out.given = e.val
	}
	if e, ok := m["unknown"]; ok {
		out.unknown = e.val
	}
	e, ok := m["expect"]
	if !ok {
		return out
	}
	for _, x := range p.entries(e.val, "expect") {
		id := x.key.Value
		if _, known := ids[id]; !known && ids != nil && len(p.pack.extends) == 0 {
			all := make([]string, 0, len(ids))
			for k := range ids {
				all = append(all, k)
			}
			slices.Sort(all)
			p.bad(x.key, didYouMean(id, all), "the pack has no rule, score or status %q", id)
			continue
		}
		out.expect = append(out.expect, expectText{id, x.key, x.val})
	}
	return out
}
