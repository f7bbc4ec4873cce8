// Package simulate rehearses a cycle before anything is switched on: the real desk
// and the real runner live through it on a clock of their own, among people with
// habits, sources that deliver or die, and key results that move or stall. What comes
// out is a [Transcript], which says day by day what happened and who would have been
// told what, and its [Figures].
//
// The same scenario gives the same transcript, to the byte: time, ids and chance are
// all injected. Every chance is drawn from the seed and from what it is about, such as
// a person and an occurrence, and from nothing else. So two scenarios that differ in
// one thing, such as the cadence, differ in what follows from it and in nothing else,
// and can be compared.
//
// Time does not tick: it goes from one instant at which something is due, or somebody
// acts, to the next.
//
// A [Scenario] is data; package planfile or a scenario file ([Read]) give one to the
// command line. The rehearsal takes place in a store that the caller makes, see
// [Stage].
package simulate
