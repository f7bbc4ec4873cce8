package ical_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// part is a component as it was read.
type part struct {
	name  string
	lines []string
	parts []part
}

type calendar struct {
	part
	t *testing.T
}

var contentLine = regexp.MustCompile(`^([A-Z-]+)((?:;[A-Z-]+=[^";:,\x00-\x1f]+)*):(.*)$`)

// parse reads a calendar and holds it to what RFC 5545 asks of any.
func parse(t *testing.T, b []byte) calendar {
	t.Helper()
	text := string(b)
	require.True(t, strings.HasSuffix(text, "\r\n"))
	for i, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75, "line %d is not folded", i+1)
		require.True(t, utf8.ValidString(line), "line %d ends within a character", i+1)
		require.NotRegexp(t, `[\x00-\x08\x0a-\x1f\x7f]`, line, "line %d", i+1)
	}
	stack := []*part{{}}
	for _, line := range strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n") {
		m := contentLine.FindStringSubmatch(line)
		require.NotNil(t, m, line)
		top := stack[len(stack)-1]
		switch m[1] {
		case "BEGIN":
			stack = append(stack, &part{name: m[3]})
		case "END":
			require.Equal(t, top.name, m[3])
			stack = stack[:len(stack)-1]
			into := stack[len(stack)-1]
			into.parts = append(into.parts, *top)
		default:
			top.lines = append(top.lines, line)
		}
	}
	require.Len(t, stack, 1)
	require.Len(t, stack[0].parts, 1)
	c := calendar{stack[0].parts[0], t}
	require.Equal(t, "VCALENDAR", c.name)
	require.NotEmpty(t, c.parts, "a calendar has a component")
	c.holds(t, c.part)
	return c
}

// once are the properties that a component has exactly once.
var once = map[string][]string{
	"VCALENDAR": {"VERSION", "PRODID", "CALSCALE", "METHOD"},
	"VTIMEZONE": {"TZID"},
	"STANDARD":  {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
	"DAYLIGHT":  {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
	"VEVENT":    {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS"},
	"VALARM":    {"ACTION", "TRIGGER", "DESCRIPTION"},
}

func (c calendar) holds(t *testing.T, p part) {
	t.Helper()
	require.Contains(t, once, p.name)
	for _, name := range once[p.name] {
		require.Len(t, p.all(name), 1, "%s of %s", name, p.name)
	}
	names := map[string]bool{}
	for _, line := range p.lines {
		name, _, _ := strings.Cut(line, ":")
		name, _, _ = strings.Cut(name, ";")
		require.False(t, names[name], "%s twice in %s", name, p.name)
		names[name] = true
		if _, zone, ok := strings.Cut(line, ";TZID="); ok {
			zone, _, _ = strings.Cut(zone, ":")
			require.Contains(t, c.zones(), zone, "every zone is defined")
		}
	}
	if p.name == "VTIMEZONE" {
		require.NotEmpty(t, p.parts)
	}
	for _, child := range p.parts {
		c.holds(t, child)
	}
	if p.name == "VCALENDAR" {
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(c.uids()))), len(c.uids()), "no uid twice")
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(c.zones()))), len(c.zones()))
	}
}

func (p part) all(name string) []string {
	var out []string
	for _, line := range p.lines {
		if strings.HasPrefix(line, name+":") || strings.HasPrefix(line, name+";") {
			out = append(out, line)
		}
	}
	return out
}

// line is the one line of the property, one its value.
func (p part) line(name string) string {
	if all := p.all(name); len(all) == 1 {
		return all[0]
	}
	return ""
}

func (p part) one(name string) string {
	_, value, _ := strings.Cut(p.line(name), ":")
	return value
}

func (p part) within(name string) []part {
	var out []part
	for _, c := range p.parts {
		if c.name == name {
			out = append(out, c)
		}
	}
	return out
}

func (c calendar) events() []part { return c.within("VEVENT") }

func (c calendar) with(name, value string) []part {
	var out []part
	for _, e := range c.events() {
		if e.one(name) == value {
			out = append(out, e)
		}
	}
	return out
}

func (c calendar) titled(title string) []part { return c.with("SUMMARY", title) }

func (c calendar) event(uid string) part {
	found := c.with("UID", uid)
	require.Len(c.t, found, 1)
	return found[0]
}

func (c calendar) uids() []string {
	var out []string
	for _, e := range c.events() {
		out = append(out, e.one("UID"))
	}
	return out
}

func (c calendar) zones() []string {
	var out []string
	for _, z := range c.within("VTIMEZONE") {
		out = append(out, z.one("TZID"))
	}
	return out
}

// instant is what a program takes the property for: the zone as the calendar defines
// it, and not as this machine knows it.
func (c calendar) instant(e part, name string) time.Time {
	c.t.Helper()
	line, value := e.line(name), e.one(name)
	if strings.HasSuffix(value, "Z") {
		at, err := time.Parse("20060102T150405Z", value)
		require.NoError(c.t, err)
		return at
	}
	_, zone, _ := strings.Cut(line, ";TZID=")
	zone, _, _ = strings.Cut(zone, ":")
	local, err := time.Parse("20060102T150405", value)
	require.NoError(c.t, err)
	for _, z := range c.within("VTIMEZONE") {
		if z.one("TZID") != zone {
			continue
		}
		// The last change whose onset is not after it, RFC 5545 section 3.6.5; of a
		// time that is shown twice the first is meant, so that a change back counts
		// only behind the hour that it repeats.
		offset, found := 0, time.Time{}
		for _, o := range z.parts {
			onset, err := time.Parse("20060102T150405", o.one("DTSTART"))
			require.NoError(c.t, err)
			if !local.Before(onset) && onset.After(found) {
				found, offset = onset, seconds(c.t, o.one("TZOFFSETTO"))
			}
		}
		require.False(c.t, found.IsZero(), "%s of %s lies before all that its zone defines", value, zone)
		return local.Add(-time.Duration(offset) * time.Second)
	}
	require.FailNow(c.t, "no such zone", zone)
	return time.Time{}
}

func seconds(t *testing.T, offset string) int {
	t.Helper()
	n, err := strconv.Atoi(offset[1:])
	require.NoError(t, err)
	if len(offset) == 5 {
		n *= 100
	}
	s := n/10000*3600 + n/100%100*60 + n%100
	if offset[0] == '-' {
		return -s
	}
	return s
}

func unescaped(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\;`, `;`, `\,`, `,`, `\n`, "\n").Replace(s)
}
