package rules

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"
)

var (
	signedSpan = regexp.MustCompile(`^([+-])([0-9]{1,6})\s?([a-z]+)$`)
	spokenSpan = regexp.MustCompile(`^(?:in ([0-9]{1,6}) ([a-z]+)|([0-9]{1,6}) ([a-z]+) ago)$`)
	timeUnits  = map[string]time.Duration{
		"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
		"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
		"w": 7 * 24 * time.Hour, "week": 7 * 24 * time.Hour, "weeks": 7 * 24 * time.Hour,
	}
)

// relativeTime reads an instant that is told from another one: -3d, +2w, 36 hours
// ago, in 2 weeks, now. Days are of 24 hours. Ok is false if the text does not look
// like one at all.
func relativeTime(s string, from time.Time) (at time.Time, ok bool, err error) {
	if s == "now" {
		return from, true, nil
	}
	var sign, number, unit string
	if m := signedSpan.FindStringSubmatch(s); m != nil {
		sign, number, unit = m[1], m[2], m[3]
	} else if m := spokenSpan.FindStringSubmatch(s); m != nil {
		sign, number, unit = "+", m[1], m[2]
		if m[1] == "" {
			sign, number, unit = "-", m[3], m[4]
		}
	} else {
		return time.Time{}, false, nil
	}
	n, _ := strconv.Atoi(number)
	span, known := timeUnits[unit]
	if !known {
		return time.Time{}, true, fmt.Errorf("%q does not always mean the same span of time", unit)
	}
	if sign == "-" {
		span = -span
	}
	return from.Add(time.Duration(n) * span), true, nil
}

const relativeHint = "write hours, days or weeks: -36h, +7d, 2 weeks ago"

// lay puts more facts over those that are given; neither is changed.
func lay(given, more map[string]any) map[string]any {
	out := maps.Clone(given)
	if out == nil {
		out = map[string]any{}
	}
	for k, v := range more {
		m, isMap := v.(map[string]any)
		below, hasMap := out[k].(map[string]any)
		if isMap && hasMap {
			v = lay(below, m)
		}
		out[k] = v
	}
	return out
}

// visible is what is there at an instant of what a test gives: entries of lists
// that appear later are left out, and the others come newest first.
func (t *objType) visible(given map[string]any, at time.Time) map[string]any {
	out := maps.Clone(given)
	for k, v := range given {
		f := t.fields[k]
		if f == nil || f.of == nil {
			continue
		}
		switch v := v.(type) {
		case map[string]any:
			out[k] = f.of.visible(v, at)
		case []any:
			out[k] = f.of.visibleOf(v, at)
		}
	}
	return out
}

func (t *objType) visibleOf(list []any, at time.Time) []any {
	type entry struct {
		row  map[string]any
		when time.Time
	}
	var entries []entry
	for _, it := range list {
		m, _ := it.(map[string]any)
		when, from := t.appears(m)
		if from.After(at) {
			continue
		}
		entries = append(entries, entry{t.visible(m, at), when})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(b.when.UnixNano(), a.when.UnixNano()) })
	out := make([]any, len(entries))
	for i, e := range entries {
		out[i] = e.row
	}
	return out
}

// appears says when an entry happened, and from when on it is there: both zero for
// a type whose entries have no time.
func (t *objType) appears(row map[string]any) (when, from time.Time) {
	for i, name := range t.Appears {
		v, stated := row[name].(time.Time)
		if i == 0 {
			if when = v; !stated {
				when, _ = t.Example[name].(time.Time)
			}
			from = when
		}
		if stated && v.After(from) {
			from = v
		}
	}
	return when, from
}
