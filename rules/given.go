package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// normal turns a plain value, as YAML or an example gives it, into what the
// field's kind asks for. Path names it in messages.
func (f *field) normal(v any, path string) (any, error) {
	if v == nil {
		if f.MayBeUnknown {
			return nil, nil
		}
		return nil, fmt.Errorf("%s is always known, it cannot be empty", path)
	}
	switch f.Kind {
	case Object:
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s is %T, it has to be a mapping", path, v)
		}
		return f.of.normal(m, path)
	case List:
		items, ok := v.([]any)
		if !ok {
			if texts, isTexts := v.([]string); isTexts {
				for _, t := range texts {
					items = append(items, t)
				}
			} else if maps, isMaps := v.([]map[string]any); isMaps {
				for _, m := range maps {
					items = append(items, m)
				}
			} else {
				return nil, fmt.Errorf("%s is %T, it has to be a list", path, v)
			}
		}
		out := make([]any, len(items))
		for i, it := range items {
			at := fmt.Sprintf("%s[%d]", path, i)
			var err error
			if f.of != nil {
				m, isMap := it.(map[string]any)
				if !isMap {
					return nil, fmt.Errorf("%s is %T, it has to be a mapping", at, it)
				}
				out[i], err = f.of.normal(m, at)
			} else {
				out[i], err = f.item.normal(it, at)
			}
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return normalScalar(f.Kind, v, path)
}

func (t *objType) normal(m map[string]any, path string) (map[string]any, error) {
	out := make(map[string]any, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		f := t.fields[k]
		if t.left[t.Name+"."+k] {
			continue
		}
		if f == nil {
			return nil, fmt.Errorf("%s has no fact %q", path, k)
		}
		v, err := f.normal(m[k], path+"."+k)
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

func normalScalar(k FieldKind, v any, path string) (any, error) {
	switch k {
	case Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case Int:
		switch n := v.(type) {
		case int64:
			return n, nil
		case int:
			return int64(n), nil
		}
	case Double:
		switch n := v.(type) {
		case float64:
			return n, nil
		case int64:
			return float64(n), nil
		case int:
			return float64(n), nil
		}
	case String:
		if s, ok := v.(string); ok {
			return s, nil
		}
	case Timestamp:
		switch t := v.(type) {
		case time.Time:
			return t.UTC(), nil
		case string:
			for _, layout := range []string{time.RFC3339, time.DateOnly} {
				if at, err := time.Parse(layout, t); err == nil {
					return at.UTC(), nil
				}
			}
			return nil, fmt.Errorf("%s is %q, which is not an instant", path, t)
		}
	case Duration:
		switch d := v.(type) {
		case time.Duration:
			return d, nil
		case string:
			if span, err := parseSpan(d); err == nil {
				return span, nil
			}
			return nil, fmt.Errorf("%s is %q, which is not a span of time", path, d)
		}
	}
	return nil, fmt.Errorf("%s is %v, it has to be %s", path, v, kindWords(k.String()))
}

// instantHint says how an instant is written: the one that was meant, if there can
// be no doubt.
func instantHint(text string) string {
	for _, layout := range []string{"2.1.2006", "2006-1-2", "2006/1/2", "2006-1-2 15:04", "2006-1-2 15:04:05", "2 January 2006", "January 2, 2006", "2 Jan 2006", "Jan 2, 2006"} {
		if at, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return "write it like " + at.Format(time.RFC3339)
		}
	}
	if at, err := time.Parse("2/1/2006", text); err == nil && at.Day() > 12 {
		return "write it like " + at.Format(time.RFC3339)
	}
	return "write it like 2026-01-31T09:00:00Z"
}

// parseSpan reads Go's notation, and days and weeks as 7d and 2w.
func parseSpan(s string) (time.Duration, error) {
	unit := time.Duration(0)
	switch {
	case strings.HasSuffix(s, "d"):
		unit = 24 * time.Hour
	case strings.HasSuffix(s, "w"):
		unit = 7 * 24 * time.Hour
	}
	if unit == 0 {
		return time.ParseDuration(s)
	}
	n, err := time.ParseDuration(s[:len(s)-1] + "h")
	return n * (unit / time.Hour), err
}

// checkExamples makes sure that an object can be laid over the example of each
// type.
func (e *Env) checkExamples(bad func(string, ...any)) {
	for _, t := range e.schema.Types {
		ot := e.types[t.Name]
		m, err := ot.normal(t.Example, t.Name)
		if err != nil {
			bad("the example of %s: %v", t.Name, err)
			continue
		}
		for _, f := range t.Fields {
			if _, there := m[f.Name]; !there && !f.MayBeUnknown && f.Kind != List {
				bad("the example of %s has no %s", t.Name, f.Name)
			}
		}
		ot.Example = m
	}
}

// given reads a YAML value for a field, reporting what does not fit where it
// stands.
func (c *compiler) given(f *field, n *yaml.Node, path string) any {
	bad := func(at *yaml.Node, hint, format string, args ...any) any {
		c.bad(c.pack.src.errorAt(at.Line, at.Column, fmt.Sprintf(format, args...), hint))
		return nil
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		if !f.MayBeUnknown {
			return bad(n, "give it a value, or leave it out to keep the example's", "%s is always known, it cannot be empty", path)
		}
		return nil
	}
	switch f.Kind {
	case Object:
		return c.givenObject(f.of, n, path)
	case List:
		if n.Kind != yaml.SequenceNode {
			return bad(n, "write it as [ … ]", "%s is %s, it has to be a list", path, describe(n))
		}
		out := make([]any, len(n.Content))
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			if f.of != nil {
				out[i] = c.givenObject(f.of, item, at)
			} else {
				out[i] = c.given(f.item, item, at)
			}
		}
		if len(out) > f.max {
			return bad(n, "", "%s has %d entries, more than the %d that are declared", path, len(out), f.max)
		}
		return out
	}
	v, _, ok := scalarOf(n)
	if !ok {
		return bad(n, "", "%s is %s, it has to be %s", path, describe(n), kindWords(f.Kind.String()))
	}
	if f.Kind == String && n.Kind == yaml.ScalarNode {
		if _, isText := v.(string); !isText {
			return bad(n, "put it between quotes", "%s is %s, it has to be a text", path, describe(n))
		}
	}
	if text, isText := v.(string); isText && f.Kind == Timestamp {
		if at, ok, err := relativeTime(text, c.now); ok {
			if err != nil {
				return bad(n, relativeHint, "%s: %v", path, err)
			}
			return at
		}
	}
	out, err := normalScalar(f.Kind, v, path)
	if err != nil {
		hint := map[FieldKind]string{Duration: "write it like 36h, 7d or 2w", Bool: "write true or false", Double: "leave the quotes off a number", Int: "write it without decimals and quotes"}[f.Kind]
		if f.Kind == Timestamp {
			hint = instantHint(n.Value)
		}
		return bad(n, hint, "%v", err)
	}
	return out
}

func (c *compiler) givenObject(t *objType, n *yaml.Node, path string) map[string]any {
	if n.Kind != yaml.MappingNode {
		c.bad(c.pack.src.errorAt(n.Line, n.Column, fmt.Sprintf("%s is %s, it has to be a mapping", path, describe(n)), "write it as {fact: value}"))
		return nil
	}
	out := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		f := t.fields[k.Value]
		if f == nil {
			fields := slices.Sorted(maps.Keys(t.fields))
			hint := didYouMean(k.Value, fields)
			if hint == "" {
				hint = t.Name + " has " + strings.Join(fields, ", ")
			}
			c.bad(c.pack.src.errorAt(k.Line, k.Column, fmt.Sprintf("%s has no %q", path, k.Value), hint))
			continue
		}
		if _, dup := out[k.Value]; dup {
			c.bad(c.pack.src.errorAt(k.Line, k.Column, fmt.Sprintf("%q is there already", k.Value), ""))
			continue
		}
		out[k.Value] = c.given(f, v, path+"."+k.Value)
	}
	return out
}
