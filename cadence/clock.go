package cadence

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// timeOfDay is a checked "15:04" in seconds after midnight; "" is 17:00.
func timeOfDay(s string) int64 {
	hours, minutes, ok := strings.Cut(s, ":")
	h, badHour := strconv.Atoi(hours)
	m, badMinute := strconv.Atoi(minutes)
	if !ok || badHour != nil || badMinute != nil {
		return 17 * 60 * 60
	}
	return int64(h*60+m) * 60
}

// reach is further than the clocks of any zone are from UTC: RFC 8536, section
// 3.2, bounds the offset by 25:59:59.
const reach = 26 * 60 * 60

// wall finds instants of one zone by what its clocks on the wall show. It keeps
// the span between two clock changes that it used last, because neighbouring
// occurrences mostly share one.
type wall struct {
	loc        *time.Location
	start, end int64 // unix seconds, [start, end)
	offset     int64 // seconds east of UTC in the span
}

// instant is the first instant at which the clocks show local or later; local is
// seconds since 1 January 1970, 00:00 as they show it. So a time that a clock
// change leaves out becomes the first instant after the gap, and a time that is
// shown twice is the first of both.
func (w *wall) instant(local int64) int64 {
	t := local - reach
	if t < w.start || t >= w.end {
		w.look(t)
	}
	for {
		at := max(local-w.offset, t)
		if at < w.end {
			return at
		}
		t = w.end
		w.look(t)
	}
}

// shows is the day and the seconds after midnight that the clocks show.
func (w *wall) shows(t int64) (day int, clock int64) {
	if t < w.start || t >= w.end {
		w.look(t)
	}
	local := t + w.offset
	d := floorDiv(local, daySeconds)
	return int(d), local - d*daySeconds
}

func (w *wall) look(t int64) {
	at := time.Unix(t, 0).In(w.loc)
	_, offset := at.Zone()
	start, end := at.ZoneBounds()
	w.offset, w.start, w.end = int64(offset), math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		w.start = start.Unix()
	}
	if !end.IsZero() {
		w.end = end.Unix()
	}
	if w.end <= t {
		// Beyond the last change that a zone lists, package time computes each
		// year's bounds by the zone's rule and counts 365 days for the last of
		// them, so that on 31 December of a leap year it answers with an end that
		// has passed. The offset is right, and holds to the end of the year.
		w.start, w.end = t, time.Date(at.UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
}
