package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Resolve lays packs over those that they extend. Each comes back as it judges, in
// the order given, with what was set in it and by whom ([RuleInfo.Origins],
// [ParamInfo.Origins], [PackInfo.Layers]); it can be compiled by itself. A pack that
// extends another lies above it, and of several layers over a pack the highest counts.
//
// The error is [Errors]: a base that is not there or in another version, packs that
// extend each other in a circle, a rule or a parameter that a base does not have, a
// value of another type, and two layers of which none lies above the other that say
// different things. Idle are the settings that change nothing: for [Compile] they are
// mistakes as well.
func Resolve(packs ...*Pack) (resolved []*Pack, idle Errors, err error) {
	resolved, errs, idle := resolve(packs)
	if err := errs.orNil(); err != nil {
		return nil, nil, err
	}
	return resolved, idle, nil
}

func resolve(packs []*Pack) (resolved []*Pack, errs, idle Errors) {
	if !slices.ContainsFunc(packs, func(p *Pack) bool { return len(p.extends) > 0 && !p.resolved }) {
		return packs, nil, nil
	}
	r := &resolution{byName: map[string]*Pack{}, below: map[*Pack]map[*Pack]bool{}}
	for _, p := range packs {
		if p.written != nil {
			p = p.written
		}
		r.packs = append(r.packs, p)
		if r.byName[p.info.Name] == nil {
			r.byName[p.info.Name] = p
		}
	}
	for _, p := range r.packs {
		r.bases(p)
	}
	resolved = r.packs
	if len(r.errs) == 0 {
		resolved = make([]*Pack, len(r.packs))
		for i, p := range r.packs {
			resolved[i] = r.lay(p)
		}
	}
	return resolved, r.sorted(r.errs), r.sorted(r.idle)
}

// resolution lays packs over each other.
type resolution struct {
	packs  []*Pack
	byName map[string]*Pack
	below  map[*Pack]map[*Pack]bool // all that a pack extends, directly or not
	errs   Errors
	idle   Errors
}

func wrongAt(p *Pack, n *yaml.Node, rule, hint, format string, args ...any) *Error {
	e := p.src.errorAt(n.Line, n.Column, fmt.Sprintf(format, args...), hint)
	e.Rule = rule
	return e
}

// sorted puts errors into the order of the files and of their texts.
func (r *resolution) sorted(errs Errors) Errors {
	at := map[string]int{}
	for i, p := range r.packs {
		if _, ok := at[p.src.file]; !ok {
			at[p.src.file] = i
		}
	}
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(at[a.File], at[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	told := map[string]int{}
	return slices.DeleteFunc(errs, func(e *Error) bool {
		if told[e.File]++; told[e.File] == mostErrors+1 {
			e.Message, e.Hint = "there are more mistakes from here on", "mend those before"
		}
		return told[e.File] > mostErrors+1
	})
}

// bases looks for what a pack extends.
func (r *resolution) bases(p *Pack) {
	for _, x := range p.extends {
		base := r.byName[x.name]
		switch {
		case base == nil:
			hint := didYouMean(x.name, slices.Sorted(maps.Keys(r.byName)))
			if hint == "" {
				hint = "put the pack beside this one"
			}
			r.errs = append(r.errs, wrongAt(p, x.node, "", hint, "there is no pack %q to build on", x.name))
		case x.version != "" && x.version != base.info.Version:
			r.errs = append(r.errs, wrongAt(p, x.versionNode, "", fmt.Sprintf("read what is new in it and write version: %s, or leave the version out", base.info.Version),
				"the pack %s is here in version %s, not %s", x.name, base.info.Version, x.version))
		case r.under(base)[p]:
			r.errs = append(r.errs, wrongAt(p, x.node, "", "let one of them do without the other", "%s extends %s in its turn", x.name, p.info.Name))
		}
	}
}

// under is all that a pack extends, directly or not.
func (r *resolution) under(p *Pack) map[*Pack]bool {
	if found, ok := r.below[p]; ok {
		return found
	}
	out := map[*Pack]bool{}
	var add func(*Pack)
	add = func(p *Pack) {
		for _, x := range p.extends {
			if base := r.byName[x.name]; base != nil && !out[base] {
				out[base] = true
				add(base)
			}
		}
	}
	add(p)
	r.below[p] = out
	return out
}

// layers are the packs that set something in one, the lowest first.
func (r *resolution) layers(base *Pack) []*Pack {
	var out []*Pack
	for _, p := range r.packs {
		if x := p.base(base); x != nil && r.byName[p.info.Name] == p && len(x.params)+len(x.sets) > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *Pack) int {
		return cmp.Or(cmp.Compare(len(r.under(a)), len(r.under(b))), cmp.Compare(a.info.Name, b.info.Name))
	})
	return out
}

// base is what the pack says of one that it extends, nil if it does not.
func (p *Pack) base(b *Pack) *extendText {
	i := slices.IndexFunc(p.extends, func(x *extendText) bool { return x.name == b.info.Name })
	if i < 0 {
		return nil
	}
	return p.extends[i]
}

// claim is a value that a pack gives to something.
type claim struct {
	by    *Pack
	node  *yaml.Node
	text  string
	value any
	apply func()
}

func (c claim) place() string { return fmt.Sprintf("%s:%d", c.by.info.File, c.node.Line) }

func (c claim) origin(field string) Origin {
	return Origin{field, c.text, c.by.info.Name, c.by.info.File, c.node.Line}
}

// lay is the pack with everything that is laid over it.
func (r *resolution) lay(base *Pack) *Pack {
	layers := r.layers(base)
	out := *base
	out.resolved = true
	if len(layers) == 0 || r.byName[base.info.Name] != base {
		return &out
	}
	out.written, out.layers = base, layers
	out.params = slices.Clone(base.params)
	for _, texts := range []*[]*ruleText{&out.rules, &out.scores, &out.statuses} {
		*texts = slices.Clone(*texts)
		for i, t := range *texts {
			text := *t
			(*texts)[i] = &text
		}
	}
	for i := range out.params {
		r.layParam(base, &out.params[i], layers)
	}
	for _, texts := range [][]*ruleText{out.rules, out.scores, out.statuses} {
		for _, t := range texts {
			r.layRule(base, t, layers)
		}
	}
	r.strangers(base, layers)
	out.describe()
	out.info.Layers = nil
	sum := sha256.New()
	fmt.Fprintln(sum, base.info.Digest)
	for _, l := range layers {
		fmt.Fprintln(sum, l.info.Digest)
		out.info.Layers = append(out.info.Layers, LayerInfo{l.info.Name, l.info.Version, l.info.Digest})
	}
	out.info.Judges = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return &out
}

// strangers reports what layers set and the pack does not have.
func (r *resolution) strangers(base *Pack, layers []*Pack) {
	ids := map[sort][]string{}
	for s, texts := range map[sort][]*ruleText{isRule: base.rules, isScore: base.scores, isStatus: base.statuses} {
		for _, t := range texts {
			ids[s] = append(ids[s], t.id)
		}
	}
	params := make([]string, len(base.params))
	for i, v := range base.params {
		params[i] = v.name
	}
	known := func(name string, names []string, what string) string {
		if hint := didYouMean(name, names); hint != "" || len(names) == 0 {
			return hint
		}
		return "its " + what + " are " + strings.Join(names, ", ")
	}
	for _, p := range layers {
		x := p.base(base)
		for _, v := range x.params {
			if !slices.Contains(params, v.name) {
				r.errs = append(r.errs, wrongAt(p, v.key, "", known(v.name, params, "parameters"), "the pack %s has no parameter %q", x.name, v.name))
			}
		}
		for _, o := range x.sets {
			if slices.Contains(ids[o.sort], o.id) {
				continue
			}
			hint := known(o.id, ids[o.sort], plurals[o.sort])
			for s, names := range ids {
				if slices.Contains(names, o.id) {
					hint = fmt.Sprintf("it is a %s: write it below %s:", sortNames[s], plurals[s])
				}
			}
			r.errs = append(r.errs, wrongAt(p, o.key, o.id, hint, "the pack %s has no %s %q", x.name, sortNames[o.sort], o.id))
		}
	}
}

func (r *resolution) layParam(base *Pack, v *param, layers []*Pack) {
	own := claim{by: base, node: v.node, text: Format(v.val), value: v.val}
	var claims []claim
	for _, p := range layers {
		for _, set := range p.base(base).params {
			if set.name != v.name {
				continue
			}
			val, ok := v.take(set)
			if !ok {
				r.errs = append(r.errs, wrongAt(p, set.node, "", v.like(), "params.%s of %s is %s, not %s", v.name, base.info.Name, v.kindWords(), set.kindWords()))
				continue
			}
			claims = append(claims, claim{p, set.node, Format(val), val, func() { v.val, v.node = val, set.node }})
		}
	}
	v.origins = r.settle(own, claims, "", "params."+v.name, "")
}

// take is the value that a layer gives, as the type that the parameter has.
func (v *param) take(set param) (any, bool) {
	list, isList := set.val.([]any)
	switch {
	case isList && len(list) == 0:
		return set.val, v.kind == List
	case v.kind == set.kind && v.item == set.item:
		return set.val, true
	case v.kind == Double && set.kind == Int:
		return float64(set.val.(int64)), true
	case v.kind == List && v.item == Double && set.item == Int:
		list = slices.Clone(list)
		asDoubles(list)
		return list, true
	}
	return nil, false
}

func (v *param) kindWords() string {
	if v.kind == List {
		return "a list of " + v.item.String()
	}
	return typeWords(v.celType())
}

func (v *param) like() string {
	if v.kind == List {
		return "write it like [" + Format(v.val) + "]"
	}
	return "write it like " + Format(v.val)
}

// layRule applies what layers set in a rule.
func (r *resolution) layRule(base *Pack, t *ruleText, layers []*Pack) {
	for _, f := range settable {
		at := t.written[f.key]
		if at == nil {
			at = t.node
		}
		own := claim{by: base, node: at, text: f.get(t)}
		own.value = own.text
		var claims []claim
		for _, p := range layers {
			for _, o := range p.base(base).sets {
				e, says := o.settings[f.key]
				if !says || o.sort != t.sort || o.id != t.id {
					continue
				}
				text := f.get(&o.to)
				claims = append(claims, claim{p, e.val, text, text, func() { f.set(t, &o.to) }})
			}
		}
		t.origins = append(t.origins, r.settle(own, claims, f.key, f.key, t.id)...)
	}
}

// settable are the parts of a rule that a layer can set.
var settable = []struct {
	key string
	get func(*ruleText) string
	set func(to, from *ruleText)
}{
	{"enabled", func(t *ruleText) string { return fmt.Sprint(!t.disabled) }, func(to, from *ruleText) { to.disabled = from.disabled }},
	{"severity", func(t *ruleText) string { return string(t.severity) }, func(to, from *ruleText) { to.severity = from.severity }},
	{"mode", func(t *ruleText) string { return string(t.mode) }, func(to, from *ruleText) { to.mode = from.mode }},
	{"on_error", func(t *ruleText) string { return string(t.onError) }, func(to, from *ruleText) { to.onError = from.onError }},
	{"message", func(t *ruleText) string {
		if t.message == nil {
			return ""
		}
		return t.message.text
	}, func(to, from *ruleText) { to.message = from.message }},
	{"fix", func(t *ruleText) string { return t.fix }, func(to, from *ruleText) { to.fix = from.fix }},
	{"help", func(t *ruleText) string { return t.help }, func(to, from *ruleText) { to.help = from.help }},
}

// settle applies the claim that counts, and answers with all of them, that one last.
// The claims come lowest first.
func (r *resolution) settle(own claim, claims []claim, field, what, rule string) []Origin {
	if len(claims) == 0 {
		return nil
	}
	origins := []Origin{own.origin(field)}
	for i, c := range claims {
		origins = append(origins, c.origin(field))
		below := []claim{own}
		if under := r.highest(claims[:i], r.under(c.by)); len(under) > 0 {
			below = under
		}
		if same := agreed(below); same && reflect.DeepEqual(below[0].value, c.value) {
			r.idle = append(r.idle, wrongAt(c.by, c.node, rule, "leave it out", "this changes nothing: %s is %s already, in %s", what, c.shown(), below[0].place()))
		}
	}
	top := r.highest(claims, nil)
	last := top[len(top)-1]
	if !agreed(top) {
		i := slices.IndexFunc(top, func(c claim) bool { return !reflect.DeepEqual(c.value, last.value) })
		r.errs = append(r.errs, wrongAt(last.by, last.node, rule,
			fmt.Sprintf("let one of %s and %s extend the other, or set it in a pack that extends both", top[i].by.info.Name, last.by.info.Name),
			"%s is %s here and %s in %s, and neither pack lies above the other", what, last.shown(), top[i].shown(), top[i].place()))
	}
	last.apply()
	return origins
}

// highest are the claims that no other lies above: of all, or of the packs among.
func (r *resolution) highest(claims []claim, among map[*Pack]bool) []claim {
	var out []claim
	for _, c := range claims {
		if among != nil && !among[c.by] {
			continue
		}
		out = slices.DeleteFunc(out, func(lower claim) bool { return r.under(c.by)[lower.by] })
		out = append(out, c)
	}
	return out
}

func agreed(claims []claim) bool {
	return !slices.ContainsFunc(claims, func(c claim) bool { return !reflect.DeepEqual(c.value, claims[0].value) })
}

// shown is the value, in quotes if it is a text.
func (c claim) shown() string {
	s := oneLine(c.text, 60)
	if _, isText := c.value.(string); isText {
		return strconv.Quote(s)
	}
	return s
}
