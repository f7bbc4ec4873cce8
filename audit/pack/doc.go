// Package pack holds the packs that a new tenant starts with: what makes a key
// result ready, how it is worded, how much a team takes on, the rhythm of its
// check-ins, where word and number part ways, and how progress becomes a score and
// a status.
//
// Each rule says why it asks and where that comes from, gives a weak and a strong
// example, and shows in its pack's tests what passes and what fails.
//
// [Presets] are packs that nobody gets without asking: how other programs compute a
// status from pace, and how others score. They stand beside the starter packs, are
// asked before them, and leave to them what they do not judge.
package pack
