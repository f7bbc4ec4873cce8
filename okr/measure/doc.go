// Package measure is the arithmetic of key results: what stays true on paper.
//
// It knows numbers, metrics, curves, days and weights, and nothing of tenants,
// databases or clocks. Every figure comes with its [Derivation], so that a
// reader can follow it and compute it again.
//
// # Unknown
//
// [Number] is opaque and its zero value is unknown. Arithmetic on an unknown
// number is unknown: it never becomes 0, NaN or a good status.
//
// # Formulas
//
// Both directions of travel use one formula, raw = (current-baseline) /
// (target-baseline). Progress is raw clamped to [0,1], and what exceeds the
// target is kept apart as over. Expected progress follows a [Curve] over
// calendar days, 0 on the first day and 1 on the last. Pace is given twice: as
// gap (expected minus progress) and as ratio (progress over expected). Nothing
// is rounded between levels.
package measure
