package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Change is one difference between two collections of packs.
type Change struct {
	Pack string
	// What has changed: "pack", "param", "rule", "score" or "status".
	What string
	// ID of the rule, score or status, or the name of the parameter.
	ID string
	// Kind of the change.
	Kind ChangeKind
	// Field says which part of it, if it was changed: "check", "severity", …
	Field string
	// Before and After are how it was written.
	Before, After string
}

// ChangeKind says what happened to something.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// String is one line: "acme: rule owner-present: check: a → b".
func (c Change) String() string {
	s := c.Pack + ": " + c.What
	if c.ID != "" {
		s += " " + c.ID
	}
	if c.Kind != Changed {
		return s + " " + string(c.Kind)
	}
	return fmt.Sprintf("%s: %s: %s → %s", s, c.Field, oneLine(c.Before, 200), oneLine(c.After, 200))
}

// Diff says what has changed from some packs to others, as far as it bears on
// what they judge or say. Packs are matched by name, what they hold by id. The
// order of the changes is that of the packs' names, then of the files after,
// then of the files before.
func Diff(before, after []PackInfo) []Change {
	byName := func(packs []PackInfo) []PackInfo {
		packs = slices.Clone(packs)
		slices.SortStableFunc(packs, func(a, b PackInfo) int { return strings.Compare(a.Name, b.Name) })
		return packs
	}
	var out []Change
	match(byName(before), byName(after), func(p PackInfo) string { return p.Name },
		func(name string, kind ChangeKind, b, a *PackInfo) {
			if kind != Changed {
				out = append(out, Change{Pack: name, What: "pack", Kind: kind})
				return
			}
			out = append(out, diffPack(b, a)...)
		})
	return out
}

// match walks two lists side by side by key: first those that are after, in
// their order, then those that are gone.
func match[T any](before, after []T, key func(T) string, found func(string, ChangeKind, *T, *T)) {
	old := map[string]*T{}
	for i := range before {
		old[key(before[i])] = &before[i]
	}
	seen := map[string]bool{}
	for i := range after {
		k := key(after[i])
		seen[k] = true
		if b := old[k]; b != nil {
			found(k, Changed, b, &after[i])
		} else {
			found(k, Added, nil, &after[i])
		}
	}
	for i := range before {
		if k := key(before[i]); !seen[k] {
			found(k, Removed, &before[i], nil)
		}
	}
}

func diffPack(b, a *PackInfo) []Change {
	var out []Change
	field := func(what, id, name, before, after string) {
		if before != after {
			out = append(out, Change{Pack: a.Name, What: what, ID: id, Kind: Changed, Field: name, Before: before, After: after})
		}
	}
	field("pack", "", "version", b.Version, a.Version)
	field("pack", "", "env", fmt.Sprint(b.Env), fmt.Sprint(a.Env))
	match(b.Params, a.Params, func(p ParamInfo) string { return p.Name }, func(name string, kind ChangeKind, x, y *ParamInfo) {
		if kind != Changed {
			out = append(out, Change{Pack: a.Name, What: "param", ID: name, Kind: kind})
		} else if !reflect.DeepEqual(x.Value, y.Value) {
			field("param", name, "default", fmt.Sprintf("%v", x.Value), fmt.Sprintf("%v", y.Value))
		}
	})
	texts := func(what string, before, after []RuleInfo) {
		match(before, after, func(r RuleInfo) string { return r.ID }, func(id string, kind ChangeKind, x, y *RuleInfo) {
			if kind != Changed {
				out = append(out, Change{Pack: a.Name, What: what, ID: id, Kind: kind})
				return
			}
			field(what, id, "on", x.On, y.On)
			field(what, id, "enabled", fmt.Sprint(!x.Disabled), fmt.Sprint(!y.Disabled))
			field(what, id, "severity", string(x.Severity), string(y.Severity))
			field(what, id, "mode", string(x.Mode), string(y.Mode))
			if x.Mode == y.Mode {
				field(what, id, "on_error", string(x.OnError), string(y.OnError))
			}
			field(what, id, "vars", varsText(x.Vars), varsText(y.Vars))
			field(what, id, "when", x.When, y.When)
			field(what, id, "check", x.Check, y.Check)
			field(what, id, "score", x.Score, y.Score)
			field(what, id, "status", x.Status, y.Status)
			field(what, id, "message", x.Message, y.Message)
			field(what, id, "fix", x.Fix, y.Fix)
			field(what, id, "help", x.Help, y.Help)
		})
	}
	texts("rule", b.Rules, a.Rules)
	texts("score", b.Scores, a.Scores)
	texts("status", b.Statuses, a.Statuses)
	return out
}

func varsText(vars []VarInfo) string {
	parts := make([]string, len(vars))
	for i, v := range vars {
		parts[i] = v.Name + ": " + v.Expr
	}
	return strings.Join(parts, "; ")
}
