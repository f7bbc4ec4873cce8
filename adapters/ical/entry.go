package ical

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Entry is what a feed says of one event.
type Entry struct {
	Starts  time.Time `json:"starts,omitzero"` // UTC instant
	Ends    time.Time `json:"ends,omitzero"`   // UTC instant
	Day     okr.Date  `json:"day,omitzero"`    // of one that lasts the day, in the place of both
	Zone    string    `json:"zone"`            // IANA name, in which it is shown
	Title   string    `json:"title,omitempty"`
	Text    string    `json:"text,omitempty"`
	Link    string    `json:"link,omitempty"`
	Private bool      `json:"private,omitempty"` // it names what not everybody may see
	Busy    bool      `json:"busy,omitempty"`    // people meet: the time is taken
	Over    time.Time `json:"over"`              // UTC instant after which it is past
	Of      []okr.ID  `json:"of,omitempty"`      // key results of a check-in: whose words it has
}

// said is a digest of all that a reader sees of it.
func (e Entry) said() string {
	h := sha256.New()
	for _, s := range []string{
		e.Starts.UTC().Format(time.RFC3339Nano), e.Ends.UTC().Format(time.RFC3339Nano), e.Day.String(), e.Zone, e.Title, e.Text, e.Link,
		strconv.FormatBool(e.Private), strconv.FormatBool(e.Busy),
	} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// begun says whether it lies no longer ahead.
func (e Entry) begun(now time.Time) bool {
	return !e.Over.After(now) || e.Day.IsZero() && !e.Starts.After(now)
}

// off is what is left of it when it is called off: when it would have been.
func (e Entry) off(w words) Entry {
	return Entry{Starts: e.Starts, Ends: e.Ends, Day: e.Day, Zone: e.Zone, Over: e.Over, Title: w.off}
}

// Told is an entry as it was told last.
type Told struct {
	UID       string    `json:"uid"`
	Sequence  int       `json:"sequence"`
	Stamp     time.Time `json:"stamp"` // UTC instant at which it was told so first
	Cancelled bool      `json:"cancelled,omitempty"`
	Said      string    `json:"said"` // digest of what it said
	Entry
}

// tell makes it the next version of itself.
func (t *Told) tell(now time.Time) { t.Sequence, t.Stamp, t.Said = t.Sequence+1, now, t.said() }

// uid is the same whenever the feed tells of the same thing, and no other feed's.
func uid(tenant okr.TenantID, feed Feed, kind string, of ...string) string {
	h := sha256.New()
	for _, s := range append([]string{"okrkit ical", string(tenant), feed.String(), kind}, of...) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16]) + "@okrkit"
}

// put writes the entry; alarm is how long before it a program reminds, 0 is not.
func (t Told) put(l *lines, zone *time.Location, alarm time.Duration) {
	l.put("BEGIN", "VEVENT")
	l.put("UID", t.UID)
	l.utc("DTSTAMP", t.Stamp)
	l.utc("LAST-MODIFIED", t.Stamp)
	l.put("SEQUENCE", itoa(t.Sequence))
	if t.Day.IsZero() {
		l.span(zone, t.Starts, t.Ends)
	} else {
		l.put("DTSTART;VALUE=DATE", t.Day.In(time.UTC).Format(dayForm))
		l.put("DTEND;VALUE=DATE", t.Day.AddDays(1).In(time.UTC).Format(dayForm))
	}
	l.text("SUMMARY", t.Title)
	l.text("DESCRIPTION", t.Text)
	if t.Link != "" {
		l.put("URL", t.Link)
	}
	status, class, transparent := "CONFIRMED", "PUBLIC", "TRANSPARENT"
	if t.Cancelled {
		status = "CANCELLED"
	}
	if t.Private {
		class = "PRIVATE"
	}
	if t.Busy && !t.Cancelled {
		transparent = "OPAQUE"
	}
	l.put("STATUS", status)
	l.put("CLASS", class)
	l.put("TRANSP", transparent)
	if alarm > 0 && !t.Cancelled && t.Day.IsZero() {
		l.put("BEGIN", "VALARM")
		l.put("ACTION", "DISPLAY")
		l.text("DESCRIPTION", t.Title)
		l.put("TRIGGER", "-"+duration(alarm))
		l.put("END", "VALARM")
	}
	l.put("END", "VEVENT")
}
