package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

var (
	idPattern      = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	namePattern    = regexp.MustCompile(`^[a-z][a-z0-9]*([-.][a-z0-9]+)*$`)
	versionPattern = regexp.MustCompile(`^[0-9][0-9A-Za-z.+-]*$`)
)

const maxName = 80

// Parse reads the text of one pack. File is only used in messages. What is
// wrong comes back as [Errors], all at once, except that a text which is not
// YAML at all is one error. Expressions are read by [Compile].
func Parse(file string, text []byte) (*Pack, error) {
	p, errs := parse(file, text)
	if err := errs.orNil(); err != nil {
		return nil, err
	}
	return p, nil
}

// parse reads what can be read, so that the expressions of a pack with a
// mistake in its shape can be looked at as well. The pack is nil if there is
// nothing to look at.
func parse(file string, text []byte) (*Pack, Errors) {
	p, errs := newParser(file, text)
	if p == nil {
		return nil, errs
	}
	root := p.document(text)
	if root == nil {
		return nil, p.errs
	}
	p.root(root)
	sum := sha256.Sum256(text)
	info := &p.pack.info
	info.File, info.Text, info.Digest = file, string(text), "sha256:"+hex.EncodeToString(sum[:])
	info.Judges = info.Digest
	p.pack.describe()
	return p.pack, p.errs
}

// describe puts what the pack holds into its info.
func (p *Pack) describe() {
	list := func(texts []*ruleText) (out []RuleInfo) {
		for _, r := range texts {
			out = append(out, r.info())
		}
		return out
	}
	p.info.Rules, p.info.Scores, p.info.Statuses = list(p.rules), list(p.scores), list(p.statuses)
	p.info.Params = nil
	for _, v := range p.params {
		p.info.Params = append(p.info.Params, ParamInfo{v.name, v.val, v.origins})
	}
}

func (r *ruleText) info() RuleInfo {
	i := RuleInfo{
		ID: r.id, On: r.on, Severity: r.severity, Mode: r.mode, Disabled: r.disabled, Fix: r.fix, Help: r.help,
		Why: r.why, Source: r.source, Weak: r.weak, Strong: r.strong, Line: r.node.Line, Origins: r.origins,
	}
	if r.sort == isRule && r.mode == Gate {
		i.OnError = r.onError
	}
	for _, v := range r.vars {
		i.Vars = append(i.Vars, VarInfo{v.name, v.expr.text})
	}
	if r.when != nil {
		i.When = r.when.text
	}
	if r.message != nil {
		i.Message = r.message.text
	}
	if r.body != nil {
		*map[sort]*string{isRule: &i.Check, isScore: &i.Score, isStatus: &i.Status}[r.sort] = r.body.text
	}
	return i
}

// newParser begins to read a file; nil if its bytes are no text.
func newParser(file string, text []byte) (*parser, Errors) {
	if limit := DefaultLimits().FileBytes; len(text) > limit {
		return nil, Errors{{File: file, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(text), limit),
			Hint: "split it into several packs"}}
	}
	if !utf8.Valid(text) {
		return nil, Errors{{File: file, Message: "the file is not UTF-8", Hint: "save it as UTF-8"}}
	}
	src := newSource(file, text)
	return &parser{src: src, pack: &Pack{src: src}}, nil
}

type parser struct {
	src  *source
	pack *Pack
	errs Errors
	rule string // the id we are inside of
}

func (p *parser) bad(n *yaml.Node, hint, format string, args ...any) {
	line, col := 1, 1
	if n != nil {
		line, col = n.Line, n.Column
	}
	if len(p.errs) > mostErrors {
		return
	}
	if len(p.errs) == mostErrors {
		format, hint, args = "there are more mistakes from here on", "mend those before", nil
	}
	e := p.src.errorAt(line, col, fmt.Sprintf(format, args...), hint)
	e.Rule = p.rule
	p.errs = append(p.errs, e)
}

// mostErrors that are told of one pack. A person reads fewer, and a million of
// them would be larger than the pack.
const mostErrors = 200

func (p *parser) document(text []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && (doc.Kind != yaml.DocumentNode || len(doc.Content) == 0) {
		p.bad(nil, "begin with apiVersion: "+APIVersion, "the file is empty")
		return nil
	}
	if err != nil {
		p.syntax(err)
		return nil
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		p.bad(&second, "one pack is one file", "the file holds a second document")
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err)
		return nil
	}
	root := doc.Content[0]
	if !p.plain(root, 0) {
		return nil
	}
	return root
}

func (p *parser) syntax(err error) { p.errs = append(p.errs, p.src.notYAML(err)) }

const maxDepth = 32

// plain refuses what would let a small file become a large one, or one text
// mean two things: anchors, aliases, tags.
func (p *parser) plain(n *yaml.Node, depth int) bool {
	ok := true
	if depth > maxDepth {
		p.bad(n, "", "the file is nested more than %d deep", maxDepth)
		return false
	}
	if n.Kind == yaml.AliasNode {
		p.bad(n, "write the value out again", "aliases (*%s) are not allowed", n.Value)
		return false
	}
	if n.Anchor != "" {
		p.bad(n, "write the value out again where it is needed", "anchors (&%s) are not allowed", n.Anchor)
		ok = false
	}
	if n.Style&yaml.TaggedStyle != 0 {
		if strings.HasPrefix(n.Tag, "!!") {
			p.bad(n, "leave the tag out", "tags (%s) are not allowed", n.Tag)
		} else {
			p.bad(n, "put the whole value between single quotes", "YAML takes a ! at the beginning for its own")
		}
		ok = false
	}
	for _, c := range n.Content {
		if !p.plain(c, depth+1) {
			ok = false
		}
	}
	return ok
}

// entry is one key of a mapping.
type entry struct{ key, val *yaml.Node }

// mapping reads a mapping whose keys are known; it reports others and
// repetitions.
func (p *parser) mapping(n *yaml.Node, what string, known ...string) map[string]entry {
	out := map[string]entry{}
	for _, e := range p.entries(n, what) {
		if !slices.Contains(known, e.key.Value) {
			hint := didYouMean(e.key.Value, known)
			if strings.ContainsAny(e.key.Value, "()[]!<>=\"'") && n.Style&yaml.FlowStyle != 0 {
				hint = "between braces a comma begins the next key: put the value before it between single quotes"
			}
			if hint == "" {
				hint = what + " knows " + strings.Join(known, ", ")
			}
			p.bad(e.key, hint, "%s has no %q", what, e.key.Value)
			continue
		}
		out[e.key.Value] = e
	}
	return out
}

func (p *parser) entries(n *yaml.Node, what string) []entry {
	if n.Kind != yaml.MappingNode {
		p.bad(n, entryHint(what), "%s is %s, it has to be a mapping", what, describe(n))
		return nil
	}
	var out []entry
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode {
			p.bad(k, "", "a key has to be a word")
			continue
		}
		if at, dup := seen[k.Value]; dup {
			p.bad(k, "", "%q is there already, in line %d", k.Value, at)
			continue
		}
		seen[k.Value] = k.Line
		out = append(out, entry{k, n.Content[i+1]})
	}
	return out
}

// entryHint says how a mapping is written.
func entryHint(what string) string {
	switch what {
	case "a rule", "a score", "a status":
		return "begin it with - id: and a short name"
	case "a test":
		return "begin it with - name: and what it shows"
	case "expect":
		return "write {rule-id: pass}"
	case "params":
		return "write {name: default}, without dashes"
	case "vars":
		return "write {name: expression}, without dashes"
	}
	return "write it as key: value"
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "empty"
	case "!!bool":
		return "a yes or no"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	}
	return "a text"
}

// word reads a text. Numbers and dates pass as they are written.
func (p *parser) word(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		hint := ""
		switch n.Kind {
		case yaml.SequenceNode:
			hint = "write one, without the brackets"
		case yaml.MappingNode:
			hint = `put the whole text between quotes: "{…} …"`
		default:
			if line := p.src.line(n.Line); strings.Contains(line, "#") {
				hint = "what follows a # is a comment, unless it stands between quotes"
			}
		}
		p.bad(n, hint, "%s is %s, it has to be a text", what, describe(n))
		return "", false
	}
	return n.Value, true
}

func (p *parser) items(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		p.bad(n, "begin each entry with a dash", "%s is %s, it has to be a list", what, describe(n))
		return nil
	}
	return n.Content
}

func (p *parser) root(n *yaml.Node) {
	m := p.mapping(n, "a pack", keysIn("pack")...)
	if n.Kind != yaml.MappingNode {
		return
	}
	info := &p.pack.info
	if e, ok := m["apiVersion"]; !ok {
		p.bad(n, "begin with apiVersion: "+APIVersion, "apiVersion is missing")
	} else if v, ok := p.word(e.val, "apiVersion"); ok && v != APIVersion {
		p.bad(e.val, "write "+APIVersion, "apiVersion %q is not known", v)
	}
	if e, ok := m["env"]; !ok {
		p.bad(n, "write env: 1", "env is missing: the level of facts and functions that the pack is written against")
	} else if v, err := strconv.Atoi(e.val.Value); e.val.ShortTag() != "!!int" || err != nil || v < 1 {
		p.bad(e.val, "write env: 1", "env is %s, it has to be a level: 1 or more", describe(e.val))
	} else {
		info.Env, p.pack.envNode = v, e.val
	}
	if e, ok := m["name"]; !ok {
		p.bad(n, "write name: and a short name, such as acme-sales", "name is missing")
	} else if v, ok := p.word(e.val, "name"); ok {
		if !namePattern.MatchString(v) || len(v) > maxName {
			p.bad(e.val, nameHint(v, namePattern, "acme or acme-sales"), "name %q will not do", v)
		}
		info.Name, p.pack.nameNode = v, e.val
	}
	if e, ok := m["version"]; !ok {
		p.bad(n, "write version: 1.0.0", "version is missing")
	} else if v, ok := p.word(e.val, "version"); ok {
		if !versionPattern.MatchString(v) || len(v) > maxName {
			p.bad(e.val, "write it like 1.0.0", "version %q will not do", v)
		}
		info.Version = v
	}
	p.pack.onError = Allow
	if e, ok := m["on_error"]; ok {
		if v, ok := p.choice(e.val, "on_error", string(Allow), string(Reject)); ok {
			p.pack.onError = ErrorPolicy(v)
		}
	}
	info.OnError = p.pack.onError
	if e, ok := m["extends"]; ok {
		p.extends(e.val)
	}
	if e, ok := m["params"]; ok {
		p.params(e.val)
	}
	ids := map[string]int{}
	read := func(key, one string, s sort) []*ruleText {
		e, ok := m[key]
		if !ok {
			return nil
		}
		var out []*ruleText
		for _, n := range p.items(e.val, key) {
			if p.rule = ""; len(p.errs) > mostErrors {
				break
			}
			r := p.ruleText(n, one, s)
			if r == nil {
				continue
			}
			if at, dup := ids[r.id]; dup && r.id != "" {
				p.bad(n, "give each one an id of its own", "the id %q is there already, in line %d", r.id, at)
			}
			ids[r.id] = n.Line
			out = append(out, r)
		}
		p.rule = ""
		return out
	}
	p.pack.rules = read("rules", "a rule", isRule)
	p.pack.scores = read("scores", "a score", isScore)
	p.pack.statuses = read("statuses", "a status", isStatus)
	if total := len(p.pack.rules) + len(p.pack.scores) + len(p.pack.statuses); total == 0 && len(p.errs) == 0 && !p.pack.overlays() {
		if len(p.pack.extends) > 0 {
			p.bad(n, "write rules: with one entry below it, or what it sets in a pack below extends:", "the pack has no rules, scores or statuses, and sets nothing")
			return
		}
		p.bad(n, "write rules: and one entry below it", "the pack has no rules, scores or statuses")
	}
	if e, ok := m["tests"]; ok {
		for _, n := range p.items(e.val, "tests") {
			p.rule = ""
			if t := p.test(n, ids); t != nil {
				p.pack.tests = append(p.pack.tests, t)
			}
		}
		p.rule = ""
	}
}

func (p *parser) params(n *yaml.Node) {
	for _, e := range p.entries(n, "params") {
		if pr, ok := p.param(e, false); ok {
			p.pack.params = append(p.pack.params, pr)
		}
	}
}

// param reads the name of a parameter and a value for it. One whose type is known
// elsewhere may be an empty list.
func (p *parser) param(e entry, typed bool) (param, bool) {
	name := e.key.Value
	if !identPattern.MatchString(name) || len(name) > maxName {
		hint := "use lower case letters, digits and _"
		if _, err := strconv.Atoi(name); err == nil {
			hint = "decimals have a point, like 0.7; a comma begins the next parameter"
		}
		p.bad(e.key, hint, "the parameter name %q will not do", name)
		return param{}, false
	}
	pr := param{name: name, key: e.key, node: e.val}
	var ok bool
	switch e.val.Kind {
	case yaml.ScalarNode:
		pr.val, pr.kind, ok = scalarOf(e.val)
	case yaml.SequenceNode:
		pr.kind = List
		list := make([]any, 0, len(e.val.Content))
		mixed := false
		ok = true
		for _, c := range e.val.Content {
			v, k, isScalar := scalarOf(c)
			switch {
			case !isScalar:
				ok = false
			case pr.item == 0 || pr.item == k:
				pr.item = k
			case pr.item == Int && k == Double || pr.item == Double && k == Int:
				pr.item = Double
			default:
				p.bad(c, "give all entries one type", "params.%s mixes %ss and %ss", name, pr.item, k)
				mixed = true
			}
			list = append(list, v)
		}
		if mixed {
			return param{}, false
		}
		if pr.item == Double {
			asDoubles(list)
		}
		if len(list) == 0 && !typed {
			p.bad(e.val, "give it one entry at least, so that its type is known", "params.%s is an empty list", name)
			return param{}, false
		}
		pr.val = list
	}
	if !ok {
		p.bad(e.val, "give it a default, which also says what type it is: 3, 0.7, \"EUR\", true or a list of these",
			"params.%s is %s", name, describe(e.val))
		return param{}, false
	}
	return pr, true
}

// asDoubles turns the whole numbers among them into doubles.
func asDoubles(list []any) {
	for i, v := range list {
		if n, isInt := v.(int64); isInt {
			list[i] = float64(n)
		}
	}
}

// scalarOf reads a YAML scalar as a plain Go value.
func scalarOf(n *yaml.Node) (any, FieldKind, bool) {
	if n.Kind != yaml.ScalarNode {
		return nil, 0, false
	}
	switch n.ShortTag() {
	case "!!str":
		return n.Value, String, true
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b, Bool, true
		}
	case "!!int":
		var i int64
		if n.Decode(&i) == nil {
			return i, Int, true
		}
	case "!!float":
		var f float64
		if n.Decode(&f) == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f, Double, true
		}
	case "!!timestamp":
		var t time.Time
		if n.Decode(&t) == nil {
			return t.UTC(), Timestamp, true
		}
	}
	return nil, 0, false
}

func (p *parser) expr(n *yaml.Node, what string) *exprText {
	v, ok := p.word(n, what)
	if !ok {
		return nil
	}
	if strings.TrimSpace(v) == "" {
		p.bad(n, "", "%s is empty", what)
		return nil
	}
	return &exprText{v, n, p.src}
}

var bodyKey = map[sort]string{isRule: "check", isScore: "score", isStatus: "status"}

func (p *parser) ruleText(n *yaml.Node, one string, s sort) *ruleText {
	if n.Kind == yaml.MappingNode { // name the rule in its own errors
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "id" {
				p.rule = n.Content[i+1].Value
			}
		}
	}
	m := p.mapping(n, one, keysIn(strings.TrimPrefix(one, "a "))...)
	if n.Kind != yaml.MappingNode {
		return nil
	}
	r := &ruleText{sort: s, node: n, severity: Warning, mode: Report, onError: p.pack.onError, written: map[string]*yaml.Node{}}
	for _, key := range keysIn("overlay") {
		if e, ok := m[key]; ok {
			r.written[key] = e.val
		}
	}
	if e, ok := m["id"]; !ok {
		p.bad(n, "write id: and a short name with dashes", "%s has no id", one)
	} else if v, ok := p.word(e.val, "id"); ok {
		r.id = v
		if !idPattern.MatchString(v) || len(v) > maxName {
			p.bad(e.val, nameHint(v, idPattern, "owner-present"), "the id %q will not do", v)
		}
	}
	if e, ok := m["on"]; !ok {
		p.bad(n, "write on: and what the rule judges", "%s has no on", one)
	} else if v, ok := p.word(e.val, "on"); ok {
		r.on, r.onNode = v, e.val
	}
	p.settings(m, r)
	if e, ok := m["vars"]; ok {
		for _, v := range p.entries(e.val, "vars") {
			if !identPattern.MatchString(v.key.Value) || len(v.key.Value) > maxName {
				p.bad(v.key, "use lower case letters, digits and _", "the name %q will not do", v.key.Value)
				continue
			}
			if x := p.expr(v.val, v.key.Value); x != nil {
				r.vars = append(r.vars, varText{v.key.Value, v.key, *x})
			}
		}
	}
	if e, ok := m["when"]; ok {
		r.when = p.expr(e.val, "when")
	}
	if e, ok := m[bodyKey[s]]; !ok {
		p.bad(n, "write "+bodyKey[s]+": and an expression", "%s has no %s", one, bodyKey[s])
	} else {
		r.body = p.expr(e.val, bodyKey[s])
	}
	if s != isRule {
		return r
	}
	if e, ok := m["message"]; !ok {
		p.bad(n, "write message: and one sentence that says what is wrong", "a rule has no message")
	} else {
		r.message = p.expr(e.val, "message")
	}
	for _, w := range []struct {
		key  string
		into *string
	}{{"why", &r.why}, {"source", &r.source}, {"weak", &r.weak}, {"strong", &r.strong}} {
		if e, ok := m[w.key]; ok {
			*w.into, _ = p.word(e.val, w.key)
		}
	}
	return r
}

// settings reads what both a rule and a layer over it can say, beside the message.
func (p *parser) settings(m map[string]entry, r *ruleText) {
	if e, ok := m["enabled"]; ok {
		if v, ok := p.choice(e.val, "enabled", "true", "false"); ok {
			r.disabled = v == "false"
		}
	}
	if e, ok := m["severity"]; ok {
		if v, ok := p.choice(e.val, "severity", string(Info), string(Warning), string(Failure)); ok {
			r.severity = Severity(v)
		}
	}
	if e, ok := m["mode"]; ok {
		if v, ok := p.choice(e.val, "mode", string(Report), string(Gate)); ok {
			r.mode = Mode(v)
		}
	}
	if e, ok := m["on_error"]; ok {
		if v, ok := p.choice(e.val, "on_error", string(Allow), string(Reject)); ok {
			r.onError = ErrorPolicy(v)
		}
	}
	if e, ok := m["fix"]; ok {
		r.fix, _ = p.word(e.val, "fix")
	}
	if e, ok := m["help"]; ok {
		if v, ok := p.word(e.val, "help"); ok {
			r.help = v
			if u, err := url.Parse(v); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
				p.bad(e.val, "write a whole address, https://…", "help %q is not a link", v)
			}
		}
	}
}

// nameHint makes a name of a text that is none.
func nameHint(v string, pattern *regexp.Regexp, like string) string {
	hint := "use lower case letters, digits and dashes"
	plain := accents.ReplaceAllString(norm.NFD.String(strings.ToLower(v)), "")
	made := strings.Trim(notInName.ReplaceAllString(plain, "-"), "-")
	if pattern.MatchString(made) && len(made) <= maxName {
		like = made
	}
	return hint + ", like " + like
}

var (
	accents   = regexp.MustCompile(`\p{Mn}+`)
	notInName = regexp.MustCompile(`[^a-z0-9]+`)
)

func (p *parser) choice(n *yaml.Node, what string, words ...string) (string, bool) {
	v, ok := p.word(n, what)
	if !ok {
		return "", false
	}
	if slices.Contains(words, v) {
		return v, true
	}
	hint := didYouMean(v, words)
	if hint == "" {
		hint = "write " + strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
	}
	p.bad(n, hint, "%s %q is not known", what, v)
	return "", false
}
