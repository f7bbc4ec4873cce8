// Package audit turns a snapshot of objectives and key results into a report:
// what is missing, what will not work, and what would make it right.
//
// [Env] says what rules may speak of: the subjects, facts and functions of a
// level. [Judge] runs the packs in force over them, and is what a desk asks
// before it writes. [Judge.Report] audits a whole plan that needs no desk, as a
// file; [Judge.Draft] judges one sentence. The packs of package
// [github.com/okrkit/okrkit/audit/pack] are what a new tenant starts with.
//
// [Judge.Explain] says how a finding, a score or a status came about, down to the
// readings, and [Judge.Recompute] comes to the same from that alone. [Calibrate]
// compares what groups said of their key results with what came of them.
//
// Nothing here does I/O. The same snapshot, instant and packs give the same
// report, byte for byte.
//
// # Unknown
//
// A fact that is not known is neither zero nor false. A rule that needs it has
// the outcome unknown and names it, a score is unknown, and so is a status:
// silence is never green. What is known to be absent is something else: a key
// result without an owner fails the rule that asks for one.
package audit
