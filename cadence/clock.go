package cadence

import (
	"math"
	"sort"
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

// The clock changes of these years are looked up once for each zone; those of others
// whenever they are needed.
const (
	firstKnown = 2000
	lastKnown  = 2049
)

// zone is a time zone with the spans between its clock changes in the known years.
type zone struct {
	loc   *time.Location
	spans []span // ascending; each begins where the one before it ends
}

// span is a time without a clock change, or part of one.
type span struct {
	start, end int64 // unix seconds, [start, end)
	offset     int64 // seconds east of UTC
}

func newZone(loc *time.Location) *zone {
	z := &zone{loc: loc}
	t, end := int64(monthStart((firstKnown-1970)*12))*daySeconds, int64(monthStart((lastKnown+1-1970)*12))*daySeconds
	for t < end {
		s := z.find(t)
		if len(z.spans) > 0 {
			s.start = t
		}
		z.spans = append(z.spans, s)
		t = s.end
	}
	return z
}

// at is the span that holds t, and its place among those that are known; where it is
// not known, that is before the first.
func (z *zone) at(t int64, likely int) (span, int) {
	if n := len(z.spans); t < z.spans[0].start || t >= z.spans[n-1].end {
		return z.find(t), -1
	}
	if likely < 0 || likely >= len(z.spans) || t < z.spans[likely].start || t >= z.spans[likely].end {
		likely = sort.Search(len(z.spans), func(i int) bool { return t < z.spans[i].end })
	}
	return z.spans[likely], likely
}

// find looks the span up in the zone itself.
func (z *zone) find(t int64) span {
	at := time.Unix(t, 0).In(z.loc)
	_, offset := at.Zone()
	start, end := at.ZoneBounds()
	s := span{offset: int64(offset), start: math.MinInt64, end: math.MaxInt64}
	if !start.IsZero() {
		s.start = start.Unix()
	}
	if !end.IsZero() {
		s.end = end.Unix()
	}
	if s.end <= t {
		// Beyond the last change that a zone lists, package time computes each
		// year's bounds by the zone's rule and counts 365 days for the last of
		// them, so that on 31 December of a leap year it answers with an end that
		// has passed. The offset is right, and holds to the end of the year.
		s.start, s.end = t, time.Date(at.UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	return s
}

// wall finds instants of one zone by what its clocks on the wall show. It keeps
// the span that it used last, because neighbouring occurrences mostly share one.
type wall struct {
	zone *zone
	span
	place int // of the span among those that are known
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

// constant says whether the clocks show the same offset all the time from a reach
// before one instant to the other, so that whole days apart they show the same time,
// and for the first time.
func (w *wall) constant(from, to int64) bool {
	return from+w.offset-reach >= w.start && to < w.end
}

func (w *wall) look(t int64) { w.span, w.place = w.zone.at(t, w.place+1) }
