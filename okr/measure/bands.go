package measure

import (
	"fmt"
	"strconv"
	"strings"
)

// Compare says which figure bands are laid over.
type Compare string

// What bands compare.
const (
	CompareGap      Compare = "gap"      // expected minus progress: small is good
	CompareRatio    Compare = "ratio"    // progress over expected: large is good
	CompareProgress Compare = "progress" // progress alone, whatever the time: large is good
)

// Bands separate the statuses. Over a gap, up to AtRisk is on track, up to
// OffTrack is at risk, beyond is off track; over a ratio or progress, down to
// AtRisk is on track, down to OffTrack is at risk, below is off track. The limits
// themselves belong to the better status, but with Strict AtRisk itself is at
// risk. All are shares: 0.1 is ten percentage points.
//
// The zero value stands for [DefaultBands]. As text, and in JSON, bands are the
// name of a preset or their numbers: "viva", "gap 0.1 0.25", "ratio 0.95 0.75",
// "gap <0.165 0.33" where strict.
type Bands struct {
	Compare  Compare // "" is CompareGap
	AtRisk   float64
	OffTrack float64
	Strict   bool
}

type preset struct {
	name  string
	bands Bands
}

// presets are what other programs do, as far as they say. Sources: semantics of
// the programs' own documentation.
func presets() []preset {
	return []preset{
		{"default", Bands{CompareGap, 0.10, 0.25, false}},
		{"viva", Bands{CompareGap, 0, 0.25, false}},               // Viva Goals: 0 and 25 points behind
		{"engagedly", Bands{CompareGap, 0.165, 0.33, true}},       // Engagedly: on track below 16.5, behind up to 33
		{"ratio_95_75", Bands{CompareRatio, 0.95, 0.75, false}},   // UpRaise
		{"ratio_90_70", Bands{CompareRatio, 0.90, 0.70, false}},   // Mooncamp
		{"tability", Bands{CompareRatio, 0.70, 0.50, true}},       // Tability: green above 70, yellow from 50
		{"target_only", Bands{CompareProgress, 0.9, 0.75, false}}, // ServiceNow: green from 90, yellow from 75, whatever the time
		{"qulture", Bands{CompareProgress, 2.0 / 3, 1.0 / 3, false}},
	}
}

// DefaultBands are 10 and 25 percentage points behind: 0 points would turn half
// of every honest board amber.
func DefaultBands() Bands { return Bands{CompareGap, 0.10, 0.25, false} }

// Preset is the bands of the name, and whether there are any.
func Preset(name string) (Bands, bool) {
	for _, p := range presets() {
		if p.name == name {
			return p.bands, true
		}
	}
	return Bands{}, false
}

// Presets are the names that [Preset] knows.
func Presets() []string {
	var out []string
	for _, p := range presets() {
		out = append(out, p.name)
	}
	return out
}

// IsZero says whether nothing is said of the bands; it serves encoders that leave
// out zero values.
func (b Bands) IsZero() bool {
	return b.AtRisk == 0 && b.OffTrack == 0 && b.Compare == "" && !b.Strict
}

// or is the bands, or the default ones.
func (b Bands) or() Bands {
	if b.IsZero() {
		return DefaultBands()
	}
	if b.Compare == "" {
		b.Compare = CompareGap
	}
	return b
}

// slack absorbs the last bits of a subtraction, so that ten points behind is ten
// points behind, whichever way the two numbers were computed.
const slack = 1e-9

// Of is the status for the figure that the bands compare, a share; [Unknown] for
// an unknown one.
func (b Bands) Of(figure Number) Status {
	b = b.or()
	return b.of(figure)
}

// of is Of for bands of which nothing is left to default.
func (b *Bands) of(figure Number) Status {
	if !figure.Finite() {
		return Unknown
	}
	worse, middle, bad := figure.value, b.AtRisk, b.OffTrack
	if b.Compare != CompareGap {
		worse, middle, bad = -worse, -middle, -bad
	}
	switch {
	case b.Strict && worse < middle-slack, !b.Strict && worse <= middle+slack:
		return OnTrack
	case worse <= bad+slack:
		return AtRisk
	}
	return OffTrack
}

// Figure picks the one that the bands compare.
func (b Bands) Figure(gap, ratio, progress Number) Number {
	b = b.or()
	return b.figure(gap, ratio, progress)
}

func (b *Bands) figure(gap, ratio, progress Number) Number {
	switch b.Compare {
	case CompareGap:
		return gap
	case CompareRatio:
		return ratio
	case CompareProgress:
		return progress
	}
	return Number{}
}

// String is the name of the preset, or the numbers.
func (b Bands) String() string {
	b = b.or()
	for _, p := range presets() {
		if p.bands == b {
			return p.name
		}
	}
	strict := ""
	if b.Strict {
		strict = "<"
	}
	return fmt.Sprintf("%s %s%s %s", b.Compare, strict, N(b.AtRisk), N(b.OffTrack))
}

// ParseBands reads the text of bands, strictly; "" is the default ones.
func ParseBands(text string) (Bands, error) {
	if text == "" {
		return Bands{}, nil
	}
	if b, ok := Preset(text); ok {
		return b, nil
	}
	compare, rest, _ := strings.Cut(text, " ")
	middle, bad, ok := strings.Cut(rest, " ")
	if !ok {
		return Bands{}, fmt.Errorf("measure: %q are no bands: use one of %s, or numbers such as \"gap 0.1 0.25\" or \"ratio 0.95 0.75\"", text, strings.Join(Presets(), ", "))
	}
	b := Bands{Compare: Compare(compare)}
	middle, b.Strict = strings.CutPrefix(middle, "<")
	var err error
	if b.AtRisk, err = plainNumber(middle); err == nil {
		b.OffTrack, err = plainNumber(bad)
	}
	if err != nil {
		return Bands{}, fmt.Errorf("measure: bands %q: %w", text, err)
	}
	if ps := b.Problems(); len(ps) > 0 {
		return Bands{}, fmt.Errorf("measure: bands %q: %s %s: %s", text, ps[0].Field, ps[0].Value, ps[0].Remedy)
	}
	return b, nil
}

// plainNumber reads 0.25, and neither 1e3, hexadecimals nor infinities.
func plainNumber(s string) (float64, error) {
	if strings.Trim(s, "-.0123456789") != "" {
		return 0, fmt.Errorf("%q is no number of the form 0.25", s)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of the form 0.25", s)
	}
	return v, nil
}

// Problems says what is contradictory in the bands.
func (b Bands) Problems() []Problem {
	var ps problems
	if b.IsZero() {
		return nil
	}
	b = b.or()
	for _, f := range []struct {
		name  string
		value float64
	}{{"bands.at_risk", b.AtRisk}, {"bands.off_track", b.OffTrack}} {
		if !isFinite(f.value) || f.value < -10 || f.value > 10 {
			ps.add(f.name, N(f.value).String(), "give a share, such as 0.25 for 25 percentage points")
		}
	}
	switch b.Compare {
	case CompareGap:
		if b.OffTrack < b.AtRisk {
			ps.add("bands.off_track", N(b.OffTrack).String(), "off track lies further behind than at risk, %s: swap the two", N(b.AtRisk))
		}
	case CompareRatio, CompareProgress:
		if b.OffTrack > b.AtRisk {
			ps.add("bands.off_track", N(b.OffTrack).String(), "off track lies below at risk, %s: swap the two", N(b.AtRisk))
		}
	default:
		ps.add("bands.compare", string(b.Compare), "use gap, ratio or progress")
	}
	return ps
}

// MarshalText writes the bands as [Bands.String] does, and nothing for none.
func (b Bands) MarshalText() ([]byte, error) {
	if b.IsZero() {
		return nil, nil
	}
	if ps := b.Problems(); len(ps) > 0 {
		return nil, fmt.Errorf("measure: %s %s: %s", ps[0].Field, ps[0].Value, ps[0].Remedy)
	}
	return []byte(b.String()), nil
}

// UnmarshalText reads what [Bands.MarshalText] writes.
func (b *Bands) UnmarshalText(text []byte) error {
	v, err := ParseBands(string(text))
	if err != nil {
		return err
	}
	*b = v
	return nil
}
