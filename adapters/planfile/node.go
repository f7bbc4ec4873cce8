package planfile

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"go.yaml.in/yaml/v3"
)

// Bounds of one file: how deep it may nest, and how many values it may hold
// once its aliases are followed. A plan of a thousand key results has about
// twenty thousand.
const (
	maxDepth  = 100
	maxValues = 1_000_000
)

// nodes reads values out of a tree of nodes, and collects what is wrong with
// them.
type nodes struct {
	src     *source
	words   words
	bad     problems
	visited int
}

// fail reports a problem at a node.
func (r *nodes) fail(n *yaml.Node, path, problem, hint string, args ...any) {
	if path != "" {
		problem = path + ": " + problem
	}
	r.bad.add(r.src.at(n.Line, n.Column, problem, fmt.Sprintf(hint, args...)))
}

// follow is the node itself, or what its alias stands for; nil for null, for
// nothing, and beyond the bounds.
func (r *nodes) follow(n *yaml.Node) *yaml.Node {
	if n == nil {
		return nil
	}
	if r.visited++; r.visited == maxValues {
		r.fail(n, "", "the file holds too many values", "a plan has at most %d, aliases followed", maxValues)
	}
	if r.visited >= maxValues {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil
	}
	return n
}

// object is a mapping with its path.
type object struct {
	*nodes
	at     *yaml.Node
	path   string
	values map[string]*yaml.Node
	faulty bool // it holds a key that is not known
}

func (o object) child(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

func (o object) has(key string) bool { _, ok := o.values[key]; return ok }

// object reads a mapping whose keys are known. A nil node gives an object
// without values.
func (r *nodes) object(n *yaml.Node, path string, known ...string) object {
	o := object{nodes: r, at: n, path: path, values: map[string]*yaml.Node{}}
	if n == nil {
		return o
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, path, fmt.Sprintf("%s where a mapping belongs", shape(n)), "write fields such as %s: …", known[0])
		return o
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key := k.Value
		switch {
		case k.Kind != yaml.ScalarNode:
			r.fail(k, path, "a key that is no text", "use one of %s", strings.Join(known, ", "))
		case k.ShortTag() == "!!merge":
			r.fail(k, path, "merge keys (<<) are not read", "write the fields out")
		case o.has(key):
			r.fail(k, o.child(key), "stands here twice", "keep one of the two")
		case !oneOf(key, known):
			o.faulty = true
			r.fail(k, path, fmt.Sprintf("unknown key %q", clip(key)), "%s", nearestHint(key, known))
		default:
			o.values[key] = v
		}
	}
	return o
}

// list is the items of a sequence.
func (o object) list(key string) []*yaml.Node {
	n := o.follow(o.values[key])
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		o.fail(n, o.child(key), fmt.Sprintf("%s where a list belongs", shape(n)), "put each item on a line of its own that begins with -")
		return nil
	}
	return n.Content
}

func (o object) item(key string, i int) string { return fmt.Sprintf("%s[%d]", o.child(key), i) }

// text is a scalar as it was written; "" for null.
func (r *nodes) text(n *yaml.Node, path string) string {
	n = r.follow(n)
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.fail(n, path, fmt.Sprintf("%s where text belongs", shape(n)), "write it in quotes if it holds : or begins with - or [")
		return ""
	}
	return n.Value
}

func (o object) text(key string) string { return o.nodes.text(o.values[key], o.child(key)) }

// texts is a list of texts, or a single one.
func (o object) texts(key string) []string {
	n := o.follow(o.values[key])
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var out []string
	for i, item := range o.list(key) {
		out = append(out, o.nodes.text(item, o.item(key, i)))
	}
	return out
}

func (o object) truth(key string) bool {
	n := o.follow(o.values[key])
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode {
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on", "y":
			return true
		case "false", "no", "off", "n":
			return false
		}
	}
	o.fail(n, o.child(key), fmt.Sprintf("%s is neither true nor false", show(n)), "write true or false")
	return false
}

func (o object) integer(key string, least, most int64) int64 { //nolint:unparam // both ends say what is read
	n := o.follow(o.values[key])
	if n == nil {
		return 0
	}
	if n.Kind == yaml.ScalarNode {
		if v, err := strconv.ParseInt(n.Value, 10, 64); err == nil && v >= least && v <= most {
			return v
		}
	}
	o.fail(n, o.child(key), fmt.Sprintf("%s is no whole number from %d to %d", show(n), least, most), "write it in digits, without unit")
	return 0
}

// number is a finite number; a text such as "≥ 45 %" gives unit and kind too.
func (o object) number(key string) quantity {
	n := o.follow(o.values[key])
	if n == nil || n.Kind == yaml.ScalarNode && n.Value == "" {
		return quantity{}
	}
	if n.Kind == yaml.ScalarNode {
		if q, ok := o.quantityOf(n); ok {
			return q
		}
		if f, err := strconv.ParseFloat(strings.Replace(n.Value, ".", "", 1), 64); math.IsInf(f, 0) || math.IsNaN(f) && err == nil {
			o.fail(n, o.child(key), fmt.Sprintf("%s is not finite", show(n)), "give a finite number, or leave it out if it is not known")
			return quantity{}
		}
	}
	if n.Kind == yaml.ScalarNode && thousandOrOne.MatchString(n.Value) {
		o.fail(n, o.child(key), fmt.Sprintf("%s can be read in two ways", show(n)), "write a thousand as 1000, and one as 1.0")
		return quantity{}
	}
	o.fail(n, o.child(key), fmt.Sprintf("%s is no number", show(n)), "write it like 45, 4.5 or \"45 %%\"; leave it out if it is not known")
	return quantity{}
}

// quantityOf reads a scalar. A bare number is what YAML says it is; in quotes it
// is text.
func (r *nodes) quantityOf(n *yaml.Node) (quantity, bool) {
	if tag := n.ShortTag(); tag == "!!int" || tag == "!!float" {
		q, ok := plainQuantity(n.Value)
		return q, ok && q.unit == ""
	}
	return r.words.quantity(n.Value)
}

// upTo is a number of a scale that begins at 0; it has no unit.
func (o object) upTo(key string, most float64) measure.Number {
	q := o.number(key)
	f, known := q.number.Value()
	if known && (q.unit != "" || q.kind != "" || f < 0 || f > most) {
		remedy := fmt.Sprintf("from 0 to %g", most)
		if math.IsInf(most, 1) {
			remedy = "of at least 0"
		}
		o.fail(o.values[key], o.child(key), fmt.Sprintf("%s does not fit", show(o.follow(o.values[key]))), "write a number %s, without unit", remedy)
		return measure.Number{}
	}
	return q.number
}

func (o object) date(key string) okr.Date {
	n := o.follow(o.values[key])
	if n == nil || n.Value == "" && n.Kind == yaml.ScalarNode {
		return okr.Date{}
	}
	if n.Kind == yaml.ScalarNode {
		if d, ok := o.words.date(n.Value); ok {
			return d
		}
	}
	o.fail(n, o.child(key), fmt.Sprintf("%s is no date", show(n)), "write it like 2026-10-01")
	return okr.Date{}
}

func (o object) interval(key string) okr.Interval {
	n := o.follow(o.values[key])
	if n == nil {
		return 0
	}
	if n.Kind == yaml.ScalarNode {
		if v, err := okr.ParseInterval(n.Value); err == nil {
			return v
		}
	}
	o.fail(n, o.child(key), fmt.Sprintf("%s is no interval", show(n)), "write hourly, daily, weekly, biweekly, monthly, quarterly, or a number with m, h, d or w such as 6h or 14d")
	return 0
}

// shape names what stands in a place.
func shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return show(n)
}

// show is a value as a message quotes it.
func show(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return strconv.Quote(clip(n.Value))
}

func oneOf(s string, names []string) bool {
	for _, n := range names {
		if s == n {
			return true
		}
	}
	return false
}
