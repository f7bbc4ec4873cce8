package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrInvalid is what every error about the text of a pack is, for errors.Is.
var ErrInvalid = errors.New("rules: invalid pack")

// Error is one thing that is wrong with the text of a pack, or, as a Warning, one
// that does work and is likely not meant.
type Error struct {
	// Warning says that the pack can be used as it is; see [Set.Warnings].
	Warning bool
	// File as it was given to [Parse]; Line and Col count from 1, Col in
	// characters.
	File      string
	Line, Col int
	// Rule is the id of the rule, score, status or test, if it is inside one.
	Rule string
	// Message says what is wrong.
	Message string
	// Hint says what to do about it; it may be empty.
	Hint string
	// Excerpt is the line of the file, with a caret under the place.
	Excerpt string
}

// Error gives file:line:col, the message, the excerpt and the hint, on several
// lines.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Position())
	b.WriteString(": ")
	if e.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(e.Message)
	if e.Excerpt != "" {
		b.WriteString("\n")
		b.WriteString(e.Excerpt)
	}
	if e.Hint != "" {
		b.WriteString("\n  hint: ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// Position is file:line:col, as editors understand it.
func (e *Error) Position() string {
	if e.Line == 0 {
		return e.File
	}
	return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Col)
}

// Unwrap makes the error an [ErrInvalid].
func (e *Error) Unwrap() error { return ErrInvalid }

// Errors are all the things that are wrong, in the order of the text.
type Errors []*Error

// Error lists them all.
func (es Errors) Error() string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "\n\n")
}

// Unwrap lets errors.As find each *Error.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// orNil sorts by place and drops repetitions.
func (es Errors) orNil() error {
	if len(es) == 0 {
		return nil
	}
	return es.inOrder()
}

// inOrder sorts by place and drops repetitions.
func (es Errors) inOrder() Errors {
	slices.SortStableFunc(es, func(a, b *Error) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return slices.CompactFunc(es, func(a, b *Error) bool { return *a == *b })
}
