// Package ical serves calendars: an iCalendar feed (RFC 5545) per person and per
// team, with their check-ins, the sessions of their cycles and the ends of them, for
// whatever calendar program subscribes to an address.
//
//	feeds, err := ical.New(desk, ical.Config{Memory: ical.Dir("feeds"), Secrets: [][]byte{secret}})
//	mux.Handle("GET /calendar/{token}", feeds)
//	token, err := feeds.Token(ctx, "acme", ical.PersonFeed("ana"))
//	link := "https://okr.example.com/calendar/" + token + ".ics"
//
// # Rendered when asked
//
// A feed is made from live data when a program asks for it, with the eyes of the
// person whose feed it is; that of a team holds nothing private. It does not hang on
// events: what lies ahead is arithmetic over schedules, which no event tells, and a
// feed that nobody reads costs nothing.
//
// What was told before is kept, in a [Memory]: sequence, stamp, times and a digest of
// every entry that is not long past. SEQUENCE is raised when an entry reads otherwise
// than it was told last, and an entry that was told and no longer takes place is told
// once more, as cancelled, until its time is over; it says nothing then but when it
// would have been. Neither could be computed from versions of rows alone: an entry
// merges what is due at one instant, so that its versions would fall when a key result
// goes to somebody else; and of a schedule that was changed nothing says any more when
// it would have been due.
//
// What is past stays when it was told, for 30 days, in the words of today: a title that
// became private, or a name that was erased, is gone from it with the next reading, and
// what names nothing any more that the reader may see is told as cancelled. What a
// calendar program has read before is not within reach.
//
// # Links
//
// A link is secret: whoever has it reads the feed. Its token names tenant, person or
// team and carries an HMAC over them, so there is no list to look up, and whatever is
// not right is the same 404. [Config.Secrets] rotates the keys of all links,
// [Config.Revision] ends the links of one person.
//
// # Why a writer of its own
//
// The lines are written here, because github.com/arran4/golang-ical v0.3.4, the
// library that would be taken, lets carriage returns and control characters from
// people's words into content lines, ends lines with a line feed alone unless told
// otherwise, and leaves time zones to its caller.
package ical
