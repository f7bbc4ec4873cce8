package planfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// SyntaxError says where a file cannot be used, why, and what to do about it.
// It matches [okr.ErrInvalid].
type SyntaxError struct {
	File    string
	Line    int    // from 1; 0 is the file as a whole
	Col     int    // in characters, from 1; 0 is the line as a whole
	Problem string // what is wrong, naming field and value
	Excerpt string // the line, shortened
	Hint    string // what to do about it
	at      int    // where the column stands in the excerpt, from 1; 0 is nowhere
}

// Error is one line: file:line:col: problem: hint.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		b.WriteByte(':')
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:", e.Line)
		if e.Col > 0 {
			fmt.Fprintf(&b, "%d:", e.Col)
		}
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(e.Problem)
	if e.Hint != "" {
		b.WriteString(": ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// Detail is the message, and below it the line with a mark under the column.
func (e *SyntaxError) Detail() string {
	if e.Excerpt == "" {
		return e.Error()
	}
	mark := ""
	if e.at > 0 {
		mark = "\n    " + strings.Repeat(" ", e.at-1) + "^"
	}
	return e.Error() + "\n    " + e.Excerpt + mark
}

// Is makes every SyntaxError match [okr.ErrInvalid].
func (e *SyntaxError) Is(target error) bool { return target == okr.ErrInvalid }

// mostProblems bounds how many problems of one file are reported at once.
const mostProblems = 20

// problems collects what is wrong with a file, so that a person can mend it in
// one go.
type problems struct {
	list []*SyntaxError
	more int
}

func (p *problems) add(e *SyntaxError) {
	if len(p.list) < mostProblems {
		p.list = append(p.list, e)
		return
	}
	p.more++
}

// err is what is wrong, in the order of the file; nil if nothing is.
func (p *problems) err() error {
	if len(p.list) == 1 {
		return p.list[0]
	}
	slices.SortStableFunc(p.list, func(a, b *SyntaxError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	var all []error
	for _, e := range p.list {
		all = append(all, e)
	}
	if p.more > 0 {
		all = append(all, fmt.Errorf("planfile: and %d more problems", p.more))
	}
	return errors.Join(all...)
}
