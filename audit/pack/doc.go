// Package pack holds the packs that a new tenant starts with, each named as its
// file: strong-key-results (how a key result is worded and measured),
// infrastructure (its owner, its source, and the rhythm of its check-ins), focus
// (how much a team takes on, and what comes first), honesty (where word and number
// part ways), and how progress becomes a score (scoring-default) and a status
// (status-default).
//
// Each rule says why it asks and where that comes from, gives a weak and a strong
// example, and shows in its pack's tests what passes and what fails.
//
// [Presets] are packs that nobody gets without asking: how other programs compute a
// status from pace, and how others score. They stand beside the starter packs, are
// asked before them, and leave to them what they do not judge.
package pack
