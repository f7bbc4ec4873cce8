// Package cadence is a calendar that becomes occurrences, and a runner that
// becomes notices.
//
// # When a check-in is due
//
// [Calendar] turns an [okr.Schedule] into occurrences, each of them one due date:
//
//   - Counting starts at the schedule's anchor, or at the cycle's first day, and
//     never at the last check-in: a late check-in moves nothing. The first due
//     date is the first day at or after the anchor that the schedule names; the
//     others follow every n weeks or months from it. So every second Monday,
//     anchored on a Thursday, begins on the Monday after it, and a new year or a
//     week 53 changes nothing.
//   - A day of the month beyond the month's end is its last day. Where no day is named,
//     every n months is due on the last day of the n-th, counted from the anchor's: a
//     quarter when it ends.
//   - A date that is no working day stays, or moves to the working day before or
//     after, as the schedule says: within the cycle, and between the dates that it
//     names before and after, so that no two meet. Where no working day is so near, it
//     stays. Reminders and graces of such a schedule begin and end on working days.
//   - What is named in a pause does not exist; no date moves into one, no grace ends
//     in one, and a reminder that would open in one opens with the first day after it.
//   - The time of day is local to the schedule's zone, or to the cycle's where the
//     schedule names none. A time that a clock change leaves out becomes the first
//     instant after the gap; one that is shown twice is the first of both.
//   - Only instants within the cycle count, from the beginning of its first day to
//     the end of its last, in the cycle's own zone. A cycle that is shorter than
//     its cadence may have none.
//   - An occurrence opens its lead before it is due, and its grace ends after.
//     Both are absolute lengths of time and one day, 24 hours, by default: over a
//     clock change the clocks show another time of day.
//   - The key is the local date that the schedule names, such as 2026-10-09, wherever
//     that moves to. The same schedule gives the same keys, at any time, in any
//     process, and whatever a holiday calendar says.
//
// Holidays come from a [HolidayCalendar]; one that fails stops no reminder.
// [Calendar.Later] counts working days, [Calendar.Sessions] lists the meetings that a
// cycle provides for, and [Calendar.Watch] knows who is due among many.
//
// Time zones come from the host's IANA database. A host without one imports
// time/tzdata or gives the calendar a source of its own, see [Zones].
//
// # Who hears of it
//
// [Runner] claims what is due to be looked at, asks the desk what time alone has
// changed, and leaves what it announced waiting for the people whom it concerns, in the
// same transaction. A person for whom something waits is looked at in turn, and hears of
// all of it in one notice. Any number of runners may work on one database.
//
//   - A check-in that is due, overdue or missed concerns the owner of the key
//     result; so does a status that changes to at risk or off track.
//   - A blocker concerns whoever shall remove it, or the owner where nobody is
//     named, and never the one who raised it.
//   - An owner who left concerns the lead of the team, or of the nearest one above it.
//
// After downtime each missed check-in is a fact of its own, and one notice tells of
// them.
//
// A person hears within the budget of the tenant's policy: so many notices in a day and
// in a week of theirs, none in quiet hours, or one digest. What is moot by then is
// dropped, with why ([Dropped]). Notices speak the person's language ([Tongues]).
package cadence
