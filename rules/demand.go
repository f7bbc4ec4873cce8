package rules

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Demand is what the tests of packs have to show. The zero value asks that none of them
// fails.
type Demand struct {
	// Examples asks for a test that passes and one that fails for every rule, for one
	// that gives a value for every score and status, and that no test contradicts
	// itself.
	Examples bool
	// Coverage is the share of the branches of each pack that its tests have to take,
	// within 0 and 1.
	Coverage float64
}

// Lack is one thing that tests do not show.
type Lack struct {
	Pack string `json:"pack"`
	ID   string `json:"id,omitempty"` // of a rule, a score or a status
	File string `json:"file"`
	Line int    `json:"line"`
	What string `json:"what"`
	kind lackKind
}

type lackKind int

const (
	lacksExample lackKind = iota
	lacksAgreement
	lacksCoverage
)

// IsExample says whether an example of a rule is missing, IsCoverage whether branches
// are; otherwise a test contradicts itself.
func (l Lack) IsExample() bool { return l.kind == lacksExample }

// IsCoverage says whether tests take too few branches.
func (l Lack) IsCoverage() bool { return l.kind == lacksCoverage }

// Lacks is what is demanded and not shown, beside tests that fail.
func (r TestReport) Lacks(d Demand) []Lack {
	var out []Lack
	if d.Examples {
		for _, u := range r.Untested {
			words := make([]string, len(u.Missing))
			for i, m := range u.Missing {
				words[i] = string(m)
			}
			out = append(out, Lack{u.Pack, u.ID, u.File, u.Line, "no test expects " + strings.Join(words, " or "), lacksExample})
		}
		for _, c := range r.Cases {
			for _, x := range c.Contradictions {
				out = append(out, Lack{c.Pack, "", c.File, x.Line, c.Name + ": " + x.String(), lacksAgreement})
			}
		}
	}
	for _, c := range r.Coverage {
		if c.Share() < d.Coverage {
			out = append(out, Lack{c.Pack, "", c.File, 1, fmt.Sprintf("the tests take %s of the branches, %s are asked for", percent(c.Share()), percent(d.Coverage)), lacksCoverage})
		}
	}
	return out
}

// percent is a share for people. What falls short never looks as if it did not.
func percent(share float64) string { return formatNumber(math.Floor(share*1000+1e-9)/10) + " %" }

// String says what is stated and what follows.
func (x Contradiction) String() string {
	return fmt.Sprintf("%s is stated as %s, and what else is stated makes it %s", x.Path, x.Stated, x.Computed)
}

// ErrUntested says that the tests of packs do not show what is demanded.
var ErrUntested = errors.New("rules: the tests do not show what is asked of them")

// UntestedError is an [ErrUntested].
type UntestedError struct {
	Report TestReport
	Lacks  []Lack
}

// Error lists the tests that fail and all that is not shown, a line each.
func (e *UntestedError) Error() string {
	lines := []string{ErrUntested.Error()}
	for _, c := range e.Report.Cases {
		for _, m := range c.Mismatches {
			lines = append(lines, fmt.Sprintf("%s:%d: %s: %s is %s, expected %s", c.File, m.Line, c.Name, m.ID, m.Got, m.Want))
		}
	}
	for _, l := range e.Lacks {
		what := l.What
		if l.ID != "" {
			what = l.ID + ": " + what
		}
		lines = append(lines, fmt.Sprintf("%s:%d: %s", l.File, l.Line, what))
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes it an [ErrUntested].
func (e *UntestedError) Unwrap() error { return ErrUntested }

// Check says whether every test passed and all is shown that is demanded; otherwise
// the error is an [UntestedError].
func (r TestReport) Check(d Demand) error {
	lacks := r.Lacks(d)
	if r.OK() && len(lacks) == 0 {
		return nil
	}
	return &UntestedError{r, lacks}
}

// wants says whether tests of the pack are wanted.
func (o TestOptions) wants(pack string) bool {
	return o.Packs == nil || slices.Contains(o.Packs, pack)
}
