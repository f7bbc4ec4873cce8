package ical

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Config is how feeds are made.
type Config struct {
	// Memory keeps what feeds told last; nil is [NewMemory].
	Memory Memory
	// Secrets seal links: at least one, of 32 bytes or more from a random source. The
	// first seals new ones, all open.
	Secrets [][]byte
	// Revision is of a feed, and ends its links when it changes; nil is the same for
	// ever.
	Revision func(ctx context.Context, tenant okr.TenantID, feed Feed) (string, error)
	// Link is where a program opens what an entry is about, an absolute URL; nil, or
	// "", is nowhere.
	Link func(tenant okr.TenantID, about okr.Ref) string
	// Lasts is how long a check-in takes in a calendar; 0 is 15 minutes.
	Lasts time.Duration
	// Alarm is how long before a check-in or session a program reminds; 0 is not.
	Alarm time.Duration
	// Language is that of people who have none, a BCP 47 tag; "" is English.
	Language string
	// Log is where is said why a feed could not be made; nil is nowhere.
	Log *slog.Logger
}

// Feeds makes calendars.
type Feeds struct {
	desk   *okr.Desk
	config Config
}

// Calendar is a feed as a file.
type Calendar struct {
	Body    []byte    // RFC 5545, UTF-8
	Changed time.Time // UTC instant at which it last became another; zero: it has no entries
}

const (
	minSecret = 32
	lasts     = 15 * time.Minute
	refresh   = 6 * time.Hour // how often programs are asked to look again
	// tries is how often a feed is made anew that another process made meanwhile.
	tries = 5
)

// New makes feeds from what the desk knows. What the config lacks is an
// [*okr.InvalidError].
func New(desk *okr.Desk, c Config) (*Feeds, error) {
	bad := func(field, value, remedy string) error {
		return &okr.InvalidError{Field: "ical." + field, Value: value, Remedy: remedy}
	}
	switch {
	case desk == nil:
		return nil, bad("desk", "", "give the desk that knows what is due")
	case len(c.Secrets) == 0:
		return nil, bad("secrets", "", "give at least one, of 32 random bytes")
	case c.Lasts < 0 || c.Lasts > 24*time.Hour:
		return nil, bad("lasts", c.Lasts.String(), "use at most a day")
	case c.Alarm < 0 || c.Alarm > 7*24*time.Hour:
		return nil, bad("alarm", c.Alarm.String(), "use at most a week")
	}
	for i, s := range c.Secrets {
		if len(s) < minSecret {
			return nil, bad("secrets["+strconv.Itoa(i)+"]", "", "use at least 32 random bytes")
		}
	}
	if c.Memory == nil {
		c.Memory = NewMemory()
	}
	if c.Lasts == 0 {
		c.Lasts = lasts
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Feeds{desk: desk, config: c}, nil
}

// Calendar makes a feed: of the person as they see it, of the team as everybody does.
// Nobody of that name, or who has left, is okr.ErrNotFound. It costs two loads of each
// cycle that is not closed, and one of each that was closed within the last 30 days. A desk without a calendar knows only the ends of cycles.
func (f *Feeds) Calendar(ctx context.Context, tenant okr.TenantID, feed Feed) (Calendar, error) {
	for try := 1; ; try++ {
		c, err := f.calendar(ctx, tenant, feed)
		if !errors.Is(err, okr.ErrConflict) || try == tries {
			return c, err
		}
	}
}

func (f *Feeds) calendar(ctx context.Context, tenant okr.TenantID, feed Feed) (Calendar, error) {
	told, version, err := f.config.Memory.Recall(ctx, tenant, feed)
	if err != nil {
		return Calendar{}, err
	}
	g, err := f.gather(ctx, tenant, feed, told)
	if err != nil {
		return Calendar{}, err
	}
	told, changed := merge(told, g)
	if changed {
		if err := f.config.Memory.Keep(ctx, tenant, feed, version, mute(told)); err != nil {
			return Calendar{}, err
		}
	}
	return f.render(g, told)
}

// render writes the calendar.
func (f *Feeds) render(g *gathering, told []Told) (Calendar, error) {
	var l lines
	l.put("BEGIN", "VCALENDAR")
	l.put("VERSION", "2.0")
	l.put("PRODID", "-//okrkit//ical//EN")
	l.put("CALSCALE", "GREGORIAN")
	l.put("METHOD", "PUBLISH")
	// Each program has its own word for the name, and for when to look again.
	l.text("NAME", g.name)
	l.text("X-WR-CALNAME", g.name)
	l.put("X-WR-TIMEZONE", g.zone.String())
	l.put("REFRESH-INTERVAL;VALUE=DURATION", duration(refresh))
	l.put("X-PUBLISHED-TTL", duration(refresh))

	zones, spans := map[string]*time.Location{}, map[string][2]time.Time{}
	var changed time.Time
	for _, t := range told {
		zone, err := time.LoadLocation(t.Zone)
		if err != nil {
			return Calendar{}, fmt.Errorf("ical: %w", err)
		}
		if t.Stamp.After(changed) {
			changed = t.Stamp
		}
		zones[t.Zone] = zone
		if t.Day.IsZero() {
			span, ok := spans[t.Zone]
			if !ok || t.Starts.Before(span[0]) {
				span[0] = t.Starts
			}
			if t.Ends.After(span[1]) {
				span[1] = t.Ends
			}
			spans[t.Zone] = span
		}
	}
	names := make([]string, 0, len(spans))
	for name := range spans {
		if zones[name] != time.UTC {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		l.timezone(zones[name], spans[name][0], spans[name][1])
	}
	if len(told) == 0 && len(names) == 0 {
		l.timezone(g.zone, g.now, g.now) // a calendar of nothing is not allowed
	}
	for _, t := range told {
		t.put(&l, zones[t.Zone], f.config.Alarm)
	}
	l.put("END", "VCALENDAR")
	return Calendar{Body: bytes.Clone(l.b.Bytes()), Changed: changed}, nil
}

// inOrder is by when it is, and by uid at one time.
func inOrder(told []Told) {
	begins := func(t Told) time.Time {
		if t.Day.IsZero() {
			return t.Starts
		}
		return t.Day.In(time.UTC)
	}
	slices.SortFunc(told, func(a, b Told) int {
		if c := begins(a).Compare(begins(b)); c != 0 {
			return c
		}
		return strings.Compare(a.UID, b.UID)
	})
}

// duration is RFC 5545 section 3.3.6, in whole minutes at least.
func duration(d time.Duration) string {
	minutes := int(math.Ceil(d.Minutes()))
	switch {
	case minutes%(24*60) == 0:
		return "P" + itoa(minutes/(24*60)) + "D"
	case minutes%60 == 0:
		return "PT" + itoa(minutes/60) + "H"
	}
	return "PT" + itoa(minutes) + "M"
}

func itoa(n int) string { return strconv.Itoa(n) }
