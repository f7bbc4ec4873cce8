// Package measure is the arithmetic of key results: what stays true on paper.
//
// It knows numbers, metrics, curves, days and weights, and nothing of tenants,
// databases or clocks.
//
//	a value     Metric      what is counted, from where to where; thirteen kinds, five reading modes
//	many        Tally       what the modes need to know of all readings, kept as they come
//	by when     Curve       how much of the way is expected on which day
//	how it is   Bands       where a status ends and the next begins
//	so far      KeyResult   progress, pace, hit and status
//	to come     Forecasted  where the readings lead; Needed, what it takes
//	in the end  Input.Hit   yes, no, or unknown with a reason; GradeOf, what the score is called
//	why         Explain     how each figure came about; Recompute follows it
//
// # Unknown
//
// [Number] is opaque and its zero value is unknown. Arithmetic on an unknown
// number is unknown: it never becomes 0, NaN or a good status. Whatever else is
// not finite is treated as unknown too.
//
// # Formulas
//
// Both directions of travel use one formula, raw = (current-baseline) /
// (target-baseline); [Metric.Raw] lists those of the other kinds. Progress is raw
// clamped to [0,1], what exceeds the target is kept apart as over, and what went
// the wrong way stays in raw. Expected progress follows a [Curve] over calendar
// days, 0 on the first day and 1 on the last, times the share at which the target
// lies ([Metric.Aim]). Pace is given twice: as gap (expected minus progress) and
// as ratio (progress over expected). Nothing is rounded between levels; [Unit] and
// [Metric.Format] round once, for display.
//
// # Status
//
// The first of these that applies decides: closed (hit or missed), paused, nothing
// known, stale, override (with a reason and an end), a rule, level or pace, pending.
// What a person states in a check-in is no part of it.
//
// # Why
//
// A [Derivation] lists what went into a figure, with the ids of the readings, and
// names the formula. [Recompute] computes the figure again from that list and from
// nothing else, so whoever has a derivation can check it without trusting whoever
// made it.
package measure
