// Package planfile turns a file that somebody hands over into an [okr.Plan], and
// writes a plan back into a file.
//
// It reads okrkit's own plan in YAML and JSON, CSV with a header row, Markdown
// outlines and tables, and the YAML and JSON of other tools. [Read] tells them
// apart by name and content; [ReadAs] takes the format from the caller.
//
// The own format is strict: an unknown key, a wrong type or a number that is not
// finite is a [SyntaxError] with file, line, column and remedy. Everything else
// was written for people, so it is read by what it means, and nothing of it
// disappears: each line that is not blank is read into the plan, or stands in
// okr.Plan.Unread with its text and the reason. A [Trace] says of each line what
// it was read as.
//
// What a file says came of a key result in the end, such as "=> 81%", is its score
// where it can be read in only one way, and unread otherwise. Check-ins that another
// tool kept come along as history, each with the instant at which it was taken; a
// file that holds several cycles gives a plan for each ([ReadAll]).
//
// Nothing is guessed. Where a file does not give a key result's baseline, target,
// unit or direction in fields of their own, they are read from its title, if the
// title says them in only one way.
package planfile
