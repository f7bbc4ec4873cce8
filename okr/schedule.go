package okr

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Frequency is the unit of a schedule.
type Frequency string

// The frequencies.
const (
	Weekly  Frequency = "weekly"
	Monthly Frequency = "monthly"
)

// ZoneOwner as the zone of a schedule is the zone of whoever is asked: of the key
// result's owner, or the cycle's where nobody is known or lives in a zone of his own.
const ZoneOwner = "owner"

// OffDay says what becomes of a due date that is no working day.
type OffDay string

// What may become of it.
const (
	OffDayKeep   OffDay = "keep"   // it is due all the same
	OffDayBefore OffDay = "before" // it is due on the working day before
	OffDayAfter  OffDay = "after"  // it is due on the working day after
)

// Span is a range of civil dates, both included.
type Span struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Has says whether the date lies in the span.
func (s Span) Has(d Date) bool { return !d.Before(s.From) && !d.After(s.To) }

// Check says whether the span is one.
func (s Span) Check(field string) error {
	for _, end := range []struct {
		field string
		date  Date
	}{{field + ".from", s.From}, {field + ".to", s.To}} {
		if end.date.IsZero() {
			return invalid(end.field, "", "give a day of the calendar such as 2026-10-01")
		}
		if err := checkDate(end.field, end.date); err != nil {
			return err
		}
	}
	if s.To.Before(s.From) {
		return invalid(field+".to", s.To.String(), "the last day cannot be before the first, %s", s.From)
	}
	return nil
}

func compareSpans(a, b Span) int {
	return cmp.Or(b.From.DaysUntil(a.From), b.To.DaysUntil(a.To))
}

func checkSpans(field string, spans []Span) error {
	if len(spans) > maxList {
		return invalid(field, fmt.Sprint(len(spans)), "keep at most %d", maxList)
	}
	for i, s := range spans {
		if err := s.Check(fmt.Sprintf("%s[%d]", field, i)); err != nil {
			return err
		}
	}
	return nil
}

// Schedule is the rhythm of check-ins as data; [Calendar] turns it into
// occurrences. It is counted from its anchor, never from the last check-in. One that
// stands at a level, such as a team's, may leave open what the level above it says:
// see [Schedule.Under].
type Schedule struct {
	Frequency Frequency    `json:"frequency,omitempty"` // "" takes the frequency, every, weekday, week, day and anchor together from above
	Every     int          `json:"every,omitempty"`     // every n weeks or months; 0 is 1
	Weekday   time.Weekday `json:"weekday,omitempty"`   // of weekly schedules, and of monthly ones with a week; 0 is Sunday
	Week      int          `json:"week,omitempty"`      // of monthly schedules: 1-4 is the n-th weekday of the month, -1 its last; 0 goes by day
	Day       int          `json:"day,omitempty"`       // of monthly schedules without a week: 1-31, beyond the month's end is its last day; 0 is the last day, of every n months that of the n-th: a quarter is due when it ends
	At        string       `json:"at,omitempty"`        // local time of day when it is due, "15:04"; "" is from above, and in the end 17:00
	Zone      string       `json:"zone,omitempty"`      // IANA name, or ZoneOwner; "" is from above, and in the end the cycle's
	Anchor    Date         `json:"anchor,omitzero"`     // counting of weeks or months starts here; zero is the cycle's first day
	Lead      Interval     `json:"lead,omitempty"`      // how long before due the reminder opens; 0 is from above, and in the end 1 day
	Grace     Interval     `json:"grace,omitempty"`     // how long after due it becomes overdue; 0 is from above, and in the end 1 day

	OffDay     OffDay         `json:"off_day,omitempty"`     // what becomes of a due date that is no working day; "" is from above, and in the end keep
	Holidays   string         `json:"holidays,omitempty"`    // region of the holiday calendar, such as CH-ZH; "" is from above, and in the end none
	WorkDays   []time.Weekday `json:"work_days,omitempty"`   // 0 is Sunday; none is from above, and in the end Monday to Friday
	SkipWithin Interval       `json:"skip_within,omitempty"` // an occurrence is not asked for where somebody checked in within that long before it is due, though too early to answer it, or to answer the one before; 0 is from above, and in the end never
	Pauses     []Span         `json:"pauses,omitempty"`      // no occurrence is due in them; those of all levels add up
	Lock       bool           `json:"lock,omitempty"`        // what lies below cannot differ
}

// Under is the schedule as it holds below its parent's: what it leaves open is what
// the parent says, and everything is where the parent locks. Pauses add up, even below
// a lock: a team that is away cannot be asked. A lock above any frequency takes hold at
// the first level that names one. Lead, grace and skipping are at most one interval
// of the rhythm that comes of it.
//
// Either may be nil, which says nothing. What is returned may be one of the two, and
// is not to be changed.
func (s *Schedule) Under(parent *Schedule) *Schedule {
	switch {
	case s == nil:
		return parent
	case parent == nil:
		return s
	}
	out := *parent
	out.Pauses = slices.Concat(parent.Pauses, s.Pauses)
	slices.SortFunc(out.Pauses, compareSpans)
	out.Pauses = slices.Compact(out.Pauses)
	if parent.Lock && parent.Frequency != "" {
		return &out
	}
	if s.Frequency != "" {
		out.Frequency, out.Every, out.Weekday, out.Week, out.Day, out.Anchor = s.Frequency, s.Every, s.Weekday, s.Week, s.Day, s.Anchor
	}
	out.At, out.Zone = cmp.Or(s.At, parent.At), cmp.Or(s.Zone, parent.Zone)
	out.Lead, out.Grace = cmp.Or(s.Lead, parent.Lead), cmp.Or(s.Grace, parent.Grace)
	out.OffDay, out.Holidays = cmp.Or(s.OffDay, parent.OffDay), cmp.Or(s.Holidays, parent.Holidays)
	out.SkipWithin = cmp.Or(s.SkipWithin, parent.SkipWithin)
	if len(s.WorkDays) > 0 {
		out.WorkDays = s.WorkDays
	}
	out.Lock = parent.Lock || s.Lock
	if out.Frequency != "" {
		most := out.Interval()
		out.Lead, out.Grace, out.SkipWithin = min(out.Lead, most), min(out.Grace, most), min(out.SkipWithin, most)
	}
	return &out
}

// IsZero says whether the schedule leaves everything open.
func (s Schedule) IsZero() bool {
	return s.Frequency == "" && s.Every == 0 && s.Weekday == 0 && s.Week == 0 && s.Day == 0 && s.At == "" && s.Zone == "" && s.Anchor.IsZero() &&
		s.Lead == 0 && s.Grace == 0 && s.OffDay == "" && s.Holidays == "" && len(s.WorkDays) == 0 && s.SkipWithin == 0 && len(s.Pauses) == 0 && !s.Lock
}

// Equal says whether the two say the same.
func (s Schedule) Equal(t Schedule) bool {
	return s.sign() == t.sign() && slices.Equal(s.WorkDays, t.WorkDays) && slices.Equal(s.Pauses, t.Pauses)
}

// Clone shares nothing with the schedule. Empty lists become none.
func (s *Schedule) Clone() *Schedule {
	if s == nil {
		return nil
	}
	out := *s
	out.WorkDays = append([]time.Weekday(nil), s.WorkDays...)
	out.Pauses = append([]Span(nil), s.Pauses...)
	return &out
}

func equalSchedules(a, b *Schedule) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}

// scheduleSign is a schedule as a map can hold it: two that are equal have one.
type scheduleSign struct {
	frequency           Frequency
	every, week, day    int
	weekday             time.Weekday
	at, zone            string
	anchor              Date
	lead, grace, within Interval
	offDay              OffDay
	holidays            string
	lock                bool
	workDays, pauses    string
}

func (s Schedule) sign() scheduleSign {
	out := scheduleSign{
		frequency: s.Frequency, every: s.Every, week: s.Week, day: s.Day, weekday: s.Weekday, at: s.At, zone: s.Zone, anchor: s.Anchor,
		lead: s.Lead, grace: s.Grace, within: s.SkipWithin, offDay: s.OffDay, holidays: s.Holidays, lock: s.Lock,
	}
	if len(s.WorkDays) > 0 {
		out.workDays = fmt.Sprint(s.WorkDays)
	}
	if len(s.Pauses) > 0 {
		out.pauses = fmt.Sprint(s.Pauses)
	}
	return out
}

// Interval is the distance between two occurrences of the schedule.
func (s Schedule) Interval() Interval {
	every := Interval(max(s.Every, 1))
	if s.Frequency == Monthly {
		return every * EachMonth
	}
	return every * EveryWeek
}

// GraceOrDefault is the declared grace, or one day.
func (s Schedule) GraceOrDefault() Interval {
	if s.Grace > 0 {
		return s.Grace
	}
	return Daily
}

// Check says whether the schedule is one that a calendar can follow by itself.
func (s Schedule) Check(field string) error {
	if s.Frequency == "" {
		return invalid(field+".frequency", "", "use weekly or monthly")
	}
	return s.CheckPart(field)
}

// CheckPart says whether the schedule can stand at a level that has another above
// it, so that it may leave open how often.
func (s Schedule) CheckPart(field string) error {
	if err := s.check(); err != nil {
		return under(field+".", err)
	}
	return nil
}

// check names fields without what holds them: most schedules are right, and asked of
// often.
func (s *Schedule) check() error {
	if s.IsZero() {
		return invalid("frequency", "", "it says nothing: use weekly or monthly")
	}
	if err := s.checkRhythm(); err != nil {
		return err
	}
	if s.At != "" {
		if !timeOfDay(s.At) {
			return invalid("at", s.At, "use a time of day such as 16:00")
		}
	}
	if s.Zone != ZoneOwner {
		if err := checkZone("zone", s.Zone); err != nil {
			return err
		}
	}
	for _, err := range []error{
		checkDate("anchor", s.Anchor), checkInterval("lead", s.Lead), checkInterval("grace", s.Grace),
		checkInterval("skip_within", s.SkipWithin), s.checkDays(), checkSpans("pauses", s.Pauses),
	} {
		if err != nil {
			return err
		}
	}
	longest, remedy := s.Interval(), "use at most one interval, %s"
	if s.Frequency == "" {
		longest, remedy = EachMonth, "use at most %s where the frequency comes from above"
	}
	for _, x := range []struct {
		field string
		is    Interval
	}{{"lead", s.Lead}, {"grace", s.Grace}, {"skip_within", s.SkipWithin}} {
		if x.is < 0 || x.is > longest {
			return invalid(x.field, x.is.String(), remedy, longest)
		}
	}
	return nil
}

// timeOfDay says whether the text is a time of day such as 16:00 or 9:30.
func timeOfDay(s string) bool {
	hours, minutes, ok := strings.Cut(s, ":")
	if !ok || len(hours) < 1 || len(hours) > 2 || len(minutes) != 2 {
		return false
	}
	for _, digits := range []string{hours, minutes} {
		for i := range len(digits) {
			if digits[i] < '0' || digits[i] > '9' {
				return false
			}
		}
	}
	return (len(hours) == 1 || hours < "24") && minutes < "60"
}

// checkZone refuses a zone that is not known. None is fine.
func checkZone(field, zone string) error {
	if zone == "" {
		return nil
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return invalid(field, zone, "use a name of the IANA time zone database, such as Europe/Zurich or UTC")
	}
	return nil
}

// checkRhythm looks at the fields that belong to the frequency.
func (s *Schedule) checkRhythm() error {
	if s.Weekday < time.Sunday || s.Weekday > time.Saturday {
		return invalid("weekday", fmt.Sprint(int(s.Weekday)), "0 is Sunday, 6 is Saturday")
	}
	if s.Day < 0 || s.Day > 31 {
		return invalid("day", fmt.Sprint(s.Day), "use 1 to 31, or 0 for the month's last day")
	}
	if s.Week < -1 || s.Week > 4 {
		return invalid("week", fmt.Sprint(s.Week), "use 1 to 4, or -1 for the last in the month; 0 goes by day")
	}
	if s.Every < 0 || s.Every > 52 {
		return invalid("every", fmt.Sprint(s.Every), "use 1 to 52")
	}
	switch s.Frequency {
	case Monthly:
		if s.Week != 0 && s.Day != 0 {
			return invalid("day", fmt.Sprint(s.Day), "a month's date is named by day, or by week and weekday: leave one of them out")
		}
	case Weekly:
		if s.Week != 0 {
			return invalid("week", fmt.Sprint(s.Week), "only monthly schedules name a week: leave it out, or write monthly")
		}
		if s.Day != 0 {
			return invalid("day", fmt.Sprint(s.Day), "only monthly schedules name a day of the month: name a weekday, or write monthly")
		}
	case "":
		if s.Every != 0 || s.Weekday != 0 || s.Week != 0 || s.Day != 0 || !s.Anchor.IsZero() {
			return invalid("frequency", "", "every, weekday, week, day and anchor come from above together with the frequency: name weekly or monthly, or leave them out")
		}
	default:
		return invalid("frequency", string(s.Frequency), "use weekly or monthly")
	}
	return nil
}

// maxRegion is more than any name of a region needs.
const maxRegion = 40

func (s *Schedule) checkDays() error {
	switch s.OffDay {
	case "", OffDayKeep, OffDayBefore, OffDayAfter:
	default:
		return invalid("off_day", string(s.OffDay), "use keep, before or after")
	}
	for i, d := range s.WorkDays {
		at := func() string { return fmt.Sprintf("work_days[%d]", i) }
		if d < time.Sunday || d > time.Saturday {
			return invalid(at(), fmt.Sprint(int(d)), "0 is Sunday, 6 is Saturday")
		}
		if slices.Contains(s.WorkDays[:i], d) {
			return invalid(at(), d.String(), "it is named twice: name each once")
		}
	}
	return checkText("holidays", s.Holidays, maxRegion, false)
}

// checkSchedule is for one that has others above it.
func checkSchedule(field string, s *Schedule) error {
	if s == nil {
		return nil
	}
	return s.CheckPart(field)
}

// checkWholeSchedule is for one that stands alone.
func checkWholeSchedule(field string, s *Schedule) error {
	if s == nil {
		return nil
	}
	return s.Check(field)
}

// knows says whether the calendar knows what the schedule names, where it can tell.
func (d *Desk) knows(field string, s *Schedule) error {
	if d == nil || s == nil {
		return nil
	}
	if checker, ok := d.calendar.(ScheduleChecker); ok {
		return checker.CheckSchedule(field, *s)
	}
	return nil
}

func (d *Desk) knowsPlan(p Plan) error {
	errs := []error{d.knows("cycle.cadence", p.Cycle.Cadence), d.knowsTeams(p.Teams)}
	for i, s := range p.Cycle.Sessions {
		errs = append(errs, d.knows(fmt.Sprintf("cycle.sessions[%d].schedule", i), s.Schedule))
	}
	for i, o := range p.Objectives {
		for j, k := range o.KeyResults {
			errs = append(errs, d.knows(fmt.Sprintf("objectives[%d].key_results[%d].cadence", i, j), k.Cadence))
		}
	}
	return together(errs...)
}

// knowsRegions says whether the calendar knows where people live, where it can tell.
func (d *Desk) knowsRegions(people []Person) error {
	var errs []error
	for i, p := range people {
		if p.Region == "" {
			continue
		}
		err := d.knows("", &Schedule{Holidays: p.Region})
		var unknown *InvalidError
		if errors.As(err, &unknown) {
			err = invalid(fmt.Sprintf("people[%d].region", i), p.Region, "%s", unknown.Remedy)
		}
		errs = append(errs, err)
	}
	return together(errs...)
}

func (d *Desk) knowsTeams(teams []Team) error {
	errs := make([]error, len(teams))
	for i, x := range teams {
		errs[i] = d.knows(fmt.Sprintf("teams[%d].cadence", i), x.Cadence)
	}
	return together(errs...)
}
