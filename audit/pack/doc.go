// Package pack holds the packs that a new tenant starts with: what makes a key
// result ready, how it is worded, how much a team takes on, the rhythm of its
// check-ins, and how progress becomes a score and a status.
//
// Each rule shows in its pack's tests what passes and what fails.
package pack
