// Package icalendar has no code: its tests hold the calendars of adapters/ical against
// two parsers that others wrote, one in Go and one in JavaScript. It is a module of
// its own, so that they enter nobody's build.
package icalendar
