package planfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"go.yaml.in/yaml/v3"
)

var scheduleKeys = []string{
	"frequency", "every", "weekday", "week", "day", "at", "zone", "anchor", "lead", "grace",
	"off_day", "holidays", "work_days", "skip_within", "pauses", "lock",
}

// rhythmKeys belong to the frequency: they come from the level above together.
var rhythmKeys = []string{"every", "weekday", "week", "day", "anchor"}

// usualWeekday is when a weekly check-in is due that names no day: at the end of
// the working week.
const usualWeekday = time.Friday

// schedule reads the cadence of an object, under a key: a mapping, or words such as "weekly",
// "monthly", "every friday at 16:00".
func (r *ownReader) schedule(owner object, key string) *okr.Schedule {
	n := r.follow(owner.values[key])
	if n == nil {
		return nil
	}
	path := owner.child(key)
	if n.Kind == yaml.ScalarNode {
		s, ok := scheduleOf(n.Value)
		if !ok {
			r.fail(n, path, fmt.Sprintf("%s is no cadence", show(n)), scheduleRemedy+`, or fields such as {frequency: weekly, weekday: friday, at: "16:00"}`)
			return nil
		}
		return &s
	}
	o := r.object(n, path, scheduleKeys...)
	r.markAll(o, Fields)
	s := okr.Schedule{
		Frequency: okr.Frequency(r.choice(o, "frequency", string(okr.Weekly), string(okr.Monthly))),
		Every:     int(o.integer("every", 0, 1000)), Weekday: r.weekday(o), Week: r.week(o), Day: int(o.integer("day", 0, 31)),
		At: r.timeOfDay(o), Zone: r.scheduleZone(o), Anchor: o.date("anchor"), Lead: o.interval("lead"), Grace: o.interval("grace"),
		OffDay:   okr.OffDay(r.choice(o, "off_day", string(okr.OffDayKeep), string(okr.OffDayBefore), string(okr.OffDayAfter))),
		Holidays: o.text("holidays"), WorkDays: r.workDays(o), SkipWithin: o.interval("skip_within"), Lock: o.truth("lock"),
	}
	s.Pauses = r.spans(o, "pauses")
	if (s.Frequency == okr.Weekly || s.Frequency == okr.Monthly && s.Week != 0) && !o.has("weekday") {
		s.Weekday = usualWeekday
	}
	if s.Frequency == "" && o.text("frequency") == "" && (len(o.values) == 0 || slices.ContainsFunc(rhythmKeys, o.has)) {
		r.fail(n, path+".frequency", "is missing", "write weekly or monthly")
		return &s
	}
	return &s
}

// week is which of the month's weekdays: 1 to 4, or the last.
func (r *ownReader) week(o object) int {
	n := r.follow(o.values["week"])
	if n == nil {
		return 0
	}
	if n.Kind == yaml.ScalarNode {
		switch v := strings.ToLower(strings.TrimSpace(n.Value)); v {
		case "last", "-1":
			return -1
		case "0", "1", "2", "3", "4":
			return int(v[0] - '0')
		}
	}
	r.fail(n, o.child("week"), fmt.Sprintf("%s is no week of a month", show(n)), "write 1 to 4, or last")
	return 0
}

func (r *ownReader) workDays(o object) []time.Weekday {
	var out []time.Weekday
	for i, n := range o.list("work_days") {
		n = r.follow(n)
		if n != nil && n.Kind == yaml.ScalarNode {
			if d, ok := weekdayOf(n.Value); ok {
				out = append(out, d)
				continue
			}
		}
		if n == nil {
			n = o.at
		}
		r.fail(n, o.item("work_days", i), fmt.Sprintf("%s is no weekday", show(n)), "write monday to sunday")
	}
	return out
}

func (r *ownReader) spans(o object, key string) (out []okr.Span) {
	for i, n := range o.list(key) {
		out = append(out, r.span(n, o.item(key, i)))
	}
	return out
}

func (r *ownReader) span(n *yaml.Node, path string) okr.Span {
	if n = r.item(n, path); n == nil {
		return okr.Span{}
	}
	o := r.object(n, path, "from", "to")
	r.markAll(o, Fields)
	return okr.Span{From: o.date("from"), To: o.date("to")}
}

// scheduleZone is a zone, or that of whoever is asked.
func (r *ownReader) scheduleZone(o object) string {
	if n := r.follow(o.values["zone"]); n != nil && n.Kind == yaml.ScalarNode && strings.EqualFold(n.Value, okr.ZoneOwner) {
		return okr.ZoneOwner
	}
	return r.zone(o)
}

var timeOfDay = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)

func (r *ownReader) timeOfDay(o object) string {
	n := r.follow(o.values["at"])
	if n == nil || n.Kind == yaml.ScalarNode && n.Value == "" {
		return ""
	}
	if n.Kind == yaml.ScalarNode {
		if at, ok := timeOf(n.Value); ok {
			return at
		}
	}
	r.fail(n, o.child("at"), fmt.Sprintf("%s is no time of day", show(n)), `write it in quotes, like "16:00"`)
	return ""
}

// timeOf is the form 15:04 of a time of day.
func timeOf(s string) (string, bool) {
	m := timeOfDay.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	return fmt.Sprintf("%02s:%s", m[1], m[2]), true
}

func (r *ownReader) weekday(o object) time.Weekday {
	n := r.follow(o.values["weekday"])
	if n == nil {
		return 0
	}
	if n.Kind == yaml.ScalarNode {
		if d, ok := weekdayOf(n.Value); ok {
			return d
		}
	}
	r.fail(n, o.child("weekday"), fmt.Sprintf("%s is no weekday", show(n)), "write monday to sunday, or 0 for Sunday to 6 for Saturday")
	return 0
}

func weekdayOf(s string) (time.Weekday, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if s == name || s == name[:3] || s == fmt.Sprint(int(d)) {
			return d, true
		}
	}
	return 0, false
}

func (r *ownReader) zone(o object) string {
	n := r.follow(o.values["zone"])
	if n == nil {
		return ""
	}
	zone := r.text(n, o.child("zone"))
	if zone == "" {
		return ""
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		r.fail(n, o.child("zone"), fmt.Sprintf("%s is no time zone", show(n)), "use a name of the IANA time zone database, such as Europe/Zurich or UTC")
		return ""
	}
	return zone
}
