package ical

import (
	"fmt"
	"time"
)

// span writes from when to when. Where the clock shows one of them twice, or is changed
// between them, both are in UTC: programs differ in which time they take it for, and
// reckon with the hands of the clock.
func (l *lines) span(zone *time.Location, from, to time.Time) {
	a, b := from.In(zone), to.In(zone)
	_, before := a.Zone()
	_, after := b.Zone()
	if zone == time.UTC || before != after || shownTwice(a) || shownTwice(b) {
		l.utc("DTSTART", from)
		l.utc("DTEND", to)
		return
	}
	l.put("DTSTART;TZID="+zone.String(), a.Format(localForm))
	l.put("DTEND;TZID="+zone.String(), b.Format(localForm))
}

// shownTwice says whether the clock shows this time once more, before or after.
func shownTwice(t time.Time) bool {
	begin, end := t.ZoneBounds()
	back := func(change time.Time) time.Duration {
		if change.IsZero() {
			return 0
		}
		_, before := change.Add(-time.Second).In(t.Location()).Zone()
		_, after := change.In(t.Location()).Zone()
		return time.Duration(before-after) * time.Second
	}
	return t.Sub(begin) < back(begin) || !end.IsZero() && end.Sub(t) <= back(end)
}

// timezone writes the definition of a zone: what its clock shows from the one instant
// to the other, change by change as they are.
func (l *lines) timezone(zone *time.Location, from, to time.Time) {
	l.put("BEGIN", "VTIMEZONE")
	l.put("TZID", zone.String())
	for t := from.In(zone); ; {
		begin, end := t.ZoneBounds()
		l.observance(t, begin)
		if end.IsZero() || end.After(to) {
			break
		}
		t = end.In(zone)
	}
	l.put("END", "VTIMEZONE")
}

// observance is a span without a change, which begins at an instant, or long ago.
func (l *lines) observance(t, begin time.Time) {
	name, offset := t.Zone()
	before, onset := offset, "19700101T000000"
	if !begin.IsZero() {
		_, before = begin.Add(-time.Second).In(t.Location()).Zone()
		onset = begin.In(time.FixedZone("", before)).Format(localForm)
	}
	kind := "STANDARD"
	if t.IsDST() {
		kind = "DAYLIGHT"
	}
	l.put("BEGIN", kind)
	l.put("DTSTART", onset)
	l.put("TZOFFSETFROM", hours(before))
	l.put("TZOFFSETTO", hours(offset))
	l.put("TZNAME", name)
	l.put("END", kind)
}

// hours is an offset from UTC, RFC 5545 section 3.3.14.
func hours(offset int) string {
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	out := fmt.Sprintf("%c%02d%02d", sign, offset/3600, offset/60%60)
	if s := offset % 60; s != 0 {
		out += fmt.Sprintf("%02d", s)
	}
	return out
}
