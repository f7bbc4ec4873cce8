package rules

import (
	"go.yaml.in/yaml/v3"
)

// extendText is one entry of a pack's extends: a pack that it builds on, and what it
// sets in it.
type extendText struct {
	node        *yaml.Node // where the name stands
	name        string
	version     string // "" is any
	versionNode *yaml.Node
	params      []param
	sets        []*overlayText
}

// overlayText is what a pack sets in a rule, a score or a status of another one.
type overlayText struct {
	sort     sort
	id       string
	key      *yaml.Node
	settings map[string]entry
	to       ruleText // the values
}

var (
	sortNames = map[sort]string{isRule: "rule", isScore: "score", isStatus: "status"}
	plurals   = map[sort]string{isRule: "rules", isScore: "scores", isStatus: "statuses"}
)

// overlays says whether the pack sets anything in another one.
func (p *Pack) overlays() bool {
	for _, x := range p.extends {
		if len(x.params)+len(x.sets) > 0 {
			return true
		}
	}
	return false
}

// extends reads the packs that this one builds on.
func (p *parser) extends(n *yaml.Node) {
	seen := map[string]int{}
	for _, n := range p.items(n, "extends") {
		x := p.base(n)
		if x == nil {
			continue
		}
		if at, dup := seen[x.name]; dup {
			p.bad(x.node, "say all that is set in it in one place", "the pack %s is extended already, in line %d", x.name, at)
			continue
		}
		seen[x.name] = x.node.Line
		if x.name == p.pack.info.Name && x.name != "" {
			p.bad(x.node, "leave it out", "a pack cannot extend itself")
			continue
		}
		p.pack.extends = append(p.pack.extends, x)
		p.pack.info.Extends = append(p.pack.info.Extends, BaseInfo{x.name, x.version, x.node.Line})
	}
}

func (p *parser) base(n *yaml.Node) *extendText {
	x := &extendText{node: n}
	if n.Kind == yaml.ScalarNode {
		name, ok := p.word(n, "a base")
		x.name = name
		return orNil(x, ok)
	}
	m := p.mapping(n, "a base", keysIn("base")...)
	if n.Kind != yaml.MappingNode {
		return nil
	}
	e, ok := m["pack"]
	if !ok {
		p.bad(n, "write pack: and its name", "a base has no pack")
		return nil
	}
	x.node = e.val
	if x.name, ok = p.word(e.val, "pack"); !ok {
		return nil
	}
	if e, ok := m["version"]; ok {
		x.version, _ = p.word(e.val, "version")
		x.versionNode = e.val
	}
	if e, ok := m["params"]; ok {
		for _, e := range p.entries(e.val, "params") {
			if v, ok := p.param(e, true); ok {
				x.params = append(x.params, v)
			}
		}
	}
	for _, s := range []sort{isRule, isScore, isStatus} {
		plural := plurals[s]
		e, ok := m[plural]
		if !ok {
			continue
		}
		for _, e := range p.entries(e.val, plural) {
			if o := p.overlay(s, e); o != nil {
				x.sets = append(x.sets, o)
			}
		}
	}
	p.rule = ""
	return x
}

func orNil[T any](x *T, ok bool) *T {
	if !ok {
		return nil
	}
	return x
}

// overlay reads what is set in one rule.
func (p *parser) overlay(s sort, e entry) *overlayText {
	p.rule = e.key.Value
	known := keysIn("overlay")
	if s != isRule {
		known = []string{"enabled"}
	}
	m := p.mapping(e.val, "an overlay", known...)
	if e.val.Kind != yaml.MappingNode {
		return nil
	}
	if len(m) == 0 && len(e.val.Content) == 0 {
		p.bad(e.key, "write what is to be other: enabled: false, severity: error, …", "nothing is set in %s", e.key.Value)
		return nil
	}
	o := &overlayText{sort: s, id: e.key.Value, key: e.key, settings: m}
	before := len(p.errs)
	p.settings(m, &o.to)
	if e, ok := m["message"]; ok {
		o.to.message = p.expr(e.val, "message")
	}
	if len(p.errs) > before {
		return nil
	}
	return o
}
