package adapters

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
)

// SplitType takes an event type apart into entity and verb. A type of another
// form is an error that matches [okr.ErrInvalid].
func SplitType(t string) (entity, verb string, err error) {
	rest, ok := strings.CutPrefix(t, okr.EventPrefix)
	if ok {
		entity, verb, ok = strings.Cut(rest, ".")
	}
	if !ok || !typeToken(entity) || !typeToken(verb) {
		return "", "", &okr.InvalidError{Field: "type", Value: t, Remedy: "an event type has the form okr.v1.<entity>.<verb>"}
	}
	return entity, verb, nil
}

// typeToken says whether s can be one token of a subject.
func typeToken(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r == '.' || r == '*' || r == '>' || r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// Pattern is what a [Filter] lets through: one entity, and one verb or all.
type Pattern struct {
	Entity string
	Verb   string // "*" is every verb
}

// Filter chooses events by type. The zero value lets every event through.
type Filter struct{ patterns []Pattern }

// NewFilter reads the types given to [Bus.Consume]. No two of its patterns
// overlap.
func NewFilter(types []string) (Filter, error) {
	var f Filter
	for _, t := range types {
		entity, verb, err := SplitType(strings.TrimSuffix(t, ".*") + starAs(t))
		if err != nil {
			return Filter{}, &okr.InvalidError{Field: "types", Value: t, Remedy: "use an event type such as okr.v1.checkin.recorded, or okr.v1.checkin.* for all of an entity"}
		}
		if strings.HasSuffix(t, ".*") {
			verb = "*"
		}
		f.patterns = append(f.patterns, Pattern{entity, verb})
	}
	whole := map[string]bool{}
	for _, p := range f.patterns {
		whole[p.Entity] = whole[p.Entity] || p.Verb == "*"
	}
	f.patterns = slices.DeleteFunc(f.patterns, func(p Pattern) bool { return p.Verb != "*" && whole[p.Entity] })
	slices.SortFunc(f.patterns, func(a, b Pattern) int {
		if c := strings.Compare(a.Entity, b.Entity); c != 0 {
			return c
		}
		return strings.Compare(a.Verb, b.Verb)
	})
	f.patterns = slices.Compact(f.patterns)
	return f, nil
}

// starAs lets a wildcard pass through [SplitType], which takes none.
func starAs(t string) string {
	if strings.HasSuffix(t, ".*") {
		return ".any"
	}
	return ""
}

// Patterns lists what is let through, sorted; none is everything.
func (f Filter) Patterns() []Pattern { return f.patterns }

// Match says whether an event of this type is let through.
func (f Filter) Match(eventType string) bool {
	if len(f.patterns) == 0 {
		return true
	}
	entity, verb, ok := strings.Cut(strings.TrimPrefix(eventType, okr.EventPrefix), ".")
	return ok && slices.ContainsFunc(f.patterns, func(p Pattern) bool {
		return p.Entity == entity && (p.Verb == "*" || p.Verb == verb)
	})
}
