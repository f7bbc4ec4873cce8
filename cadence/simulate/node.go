package simulate

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// reader reads the nodes of a scenario file and gathers what is wrong with them.
type reader struct {
	file    string
	section string         // under which everything stands
	zone    *time.Location // of instants that name none: the cycle's
	bad     []error

	lines map[string]int // of values, by field
}

// mostWrong is how much of what is wrong is told at once.
const mostWrong = 20

// fields says what reads each key of an object.
type fields map[string]func(n *yaml.Node, at string)

func (r *reader) whole(problem, hint string) error {
	return &FileError{File: r.file, Problem: problem, Hint: hint}
}

func (r *reader) at(n *yaml.Node, problem, hint string) error {
	return &FileError{File: r.file, Line: n.Line, Problem: problem, Hint: hint}
}

func (r *reader) fail(n *yaml.Node, at, problem, hint string) {
	if len(r.bad) < mostWrong {
		r.bad = append(r.bad, r.at(n, at+": "+problem, hint))
	}
}

// blame notes what a check found, at the value that it speaks of.
func (r *reader) blame(err error) {
	var bad *okr.InvalidError
	if errors.As(err, &bad) && len(r.bad) < mostWrong {
		e, ok := placed(r.file, r.section, r.lines, bad)
		if ok && !slices.ContainsFunc(r.bad, func(other error) bool { return other.Error() == e.Error() }) {
			r.bad = append(r.bad, e)
		}
	}
}

// placed is what a check found, with the line of the value that it speaks of, or of what
// holds that value; false if the section holds neither.
func placed(file, section string, lines map[string]int, bad *okr.InvalidError) (*FileError, bool) {
	field := bad.Field
	if field != section && !strings.HasPrefix(field, section+".") {
		field = section + "." + field
	}
	at, ok := lines[field]
	for above := field; !ok && above != ""; {
		above = above[:max(strings.LastIndexAny(above, ".["), 0)]
		at, ok = lines[above]
	}
	value := ""
	if bad.Value != "" {
		value = fmt.Sprintf(" %q", bad.Value)
	}
	return &FileError{File: file, Line: at, Problem: field + ": this cannot be used" + value, Hint: bad.Remedy}, ok
}

func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// object reads a mapping. Nothing at all is an empty one.
func (r *reader) object(n *yaml.Node, at string, known fields) {
	n = follow(n)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, at, show(n)+" stands where fields are needed", "write them as "+strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		read, ok := known[key.Value]
		switch {
		case !ok:
			r.fail(key, at, fmt.Sprintf("%s is not known", show(key)), "use "+strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case seen[key.Value]:
			r.fail(key, at, key.Value+" stands here a second time", "keep one")
		default:
			seen[key.Value] = true
			r.lines[at+"."+key.Value] = n.Content[i+1].Line
			read(n.Content[i+1], at+"."+key.Value)
		}
	}
}

// each reads a mapping from names of the user's own.
func each[V any](r *reader, n *yaml.Node, at string, read func(*yaml.Node, string) V) map[string]V {
	n = follow(n)
	if n.Kind != yaml.MappingNode {
		r.fail(n, at, show(n)+" stands where names are needed", "write a name, a colon and what it stands for")
		return nil
	}
	out := map[string]V{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if _, twice := out[key]; twice {
			r.fail(n.Content[i], at, show(n.Content[i])+" stands here a second time", "keep one")
			continue
		}
		r.lines[at+"."+key] = n.Content[i+1].Line
		out[key] = read(n.Content[i+1], at+"."+key)
	}
	return out
}

func (r *reader) list(n *yaml.Node, at string, read func(*yaml.Node, string)) {
	n = follow(n)
	if n.Kind != yaml.SequenceNode {
		r.fail(n, at, show(n)+" stands where a list is needed", "write each item behind a dash")
		return
	}
	for i, item := range n.Content {
		r.lines[fmt.Sprintf("%s[%d]", at, i)] = item.Line
		read(item, fmt.Sprintf("%s[%d]", at, i))
	}
}

func (r *reader) text(n *yaml.Node, at string) string {
	n = follow(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		r.fail(n, at, show(n)+" stands where text is needed", "write a word, or leave the key out")
		return ""
	}
	return n.Value
}

func (r *reader) float(n *yaml.Node) (float64, bool) {
	n = follow(n)
	v, err := strconv.ParseFloat(n.Value, 64)
	return v, n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float") && err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

func (r *reader) share(n *yaml.Node, at string, most float64) float64 {
	v, ok := r.float(n)
	if !ok || v < 0 || v > most {
		r.fail(follow(n), at, show(n)+" is no share", fmt.Sprintf("write a number from 0 to %g, such as 0.3", most))
		return 0
	}
	return v
}

func (r *reader) value(n *yaml.Node, at string) measure.Number {
	v, ok := r.float(n)
	if !ok {
		r.fail(follow(n), at, show(n)+" is no number", "write a number such as 72.5")
		return measure.Number{}
	}
	return measure.N(v)
}

func (r *reader) whole64(n *yaml.Node, at string) int64 {
	n = follow(n)
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 {
		r.fail(n, at, show(n)+" is no whole number", "write one such as 1")
		return 0
	}
	return v
}

func (r *reader) number(n *yaml.Node, at string, least, most int) int {
	n = follow(n)
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
		r.fail(n, at, show(n)+" cannot be used", fmt.Sprintf("write a whole number from %d to %d", least, most))
		return 0
	}
	return v
}

func (r *reader) truth(n *yaml.Node, at string) bool {
	n = follow(n)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		r.fail(n, at, show(n)+" is neither true nor false", "write true or false")
		return false
	}
	return n.Value == "true"
}

func (r *reader) interval(n *yaml.Node, at string) time.Duration {
	n = follow(n)
	v, err := okr.ParseInterval(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v == 0 {
		r.fail(n, at, show(n)+" is no length of time", "write a number with m, h, d or w, such as 6h or 3d")
		return 0
	}
	return v.Duration()
}

func (r *reader) date(n *yaml.Node, at string) okr.Date {
	n = follow(n)
	var d okr.Date
	if err := d.UnmarshalText([]byte(n.Value)); n.Kind != yaml.ScalarNode || err != nil || d.IsZero() {
		r.fail(n, at, show(n)+" is no day", "write one such as 2026-11-02")
		return okr.Date{}
	}
	return d
}

func (r *reader) instant(n *yaml.Node, at string) time.Time {
	n = follow(n)
	if n.Kind == yaml.ScalarNode {
		if t, err := time.Parse(time.RFC3339, n.Value); err == nil {
			return t.UTC()
		}
		for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
			if t, err := time.ParseInLocation(layout, n.Value, r.zone); err == nil {
				return t.UTC()
			}
		}
	}
	r.fail(n, at, show(n)+" is no instant", "write one such as 2026-11-02T14:30, in the cycle's zone, or 2026-11-02T14:30:00Z")
	return time.Time{}
}

// zoneOf takes the cycle's zone, if the file says one; what is wrong with it is for
// the plan to tell.
func (r *reader) zoneOf(cycle *yaml.Node) {
	if cycle = follow(cycle); cycle.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(cycle.Content); i += 2 {
		if cycle.Content[i].Value == "zone" {
			if loc, err := (okr.Cycle{Zone: cycle.Content[i+1].Value}).Location(); err == nil {
				r.zone = loc
			}
		}
	}
}

// show is what stands there, shortened.
func show(n *yaml.Node) string {
	switch n = follow(n); n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	const most = 40
	if v := []rune(n.Value); len(v) > most {
		return strconv.Quote(string(v[:most]) + "…")
	}
	return strconv.Quote(n.Value)
}
