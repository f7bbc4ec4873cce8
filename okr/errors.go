package okr

import (
	"errors"
	"fmt"
	"strings"
)

// What went wrong, for errors.Is. Typed errors of this package match one of
// these as well.
var (
	ErrNotFound  = errors.New("okr: not found")                                 // no such row in this tenant
	ErrConflict  = errors.New("okr: conflict")                                  // somebody else wrote first, or a key was used again with other content
	ErrInvalid   = errors.New("okr: invalid")                                   // the input cannot be taken; see InvalidError
	ErrRefused   = errors.New("okr: refused")                                   // rules refused the decision; see RefusedError
	ErrTenant    = errors.New("okr: invalid tenant")                            //
	ErrNoActor   = errors.New("okr: a write needs an actor: use Tenant.As")     //
	ErrDenied    = errors.New("okr: denied")                                    // the Authorizer said no
	ErrForeignTx = errors.New("okr: the transaction is of another database")    //
	ErrTxDone    = errors.New("okr: the transaction is no longer usable")       //
	ErrBusy      = errors.New("okr: the database is locked by another process") // trying again later may work
	ErrSchema    = errors.New("okr: the database's tables do not fit this version")
)

// InvalidError says which field holds which value, and what would be right.
type InvalidError struct {
	Field  string // path of the field, as JSON names it
	Value  string // the value as given, shortened
	Remedy string // what to do about it
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("okr: %s: %q: %s", e.Field, e.Value, e.Remedy)
}

// Is makes every InvalidError match [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

func invalid(field, value, remedy string, args ...any) error {
	return &InvalidError{Field: field, Value: clip(value), Remedy: fmt.Sprintf(remedy, args...)}
}

// InvalidErrors is all that is wrong with an input, in the order of its fields, where
// that is more than one thing. It matches [ErrInvalid]; errors.As finds the first as an
// *[InvalidError], and all of them as InvalidErrors.
type InvalidErrors []*InvalidError

// mostTold bounds how many of many are told in words.
const mostTold = 20

func (es InvalidErrors) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "okr: %d things cannot be taken", len(es))
	for i, e := range es[:min(len(es), mostTold)] {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s: %q: %s", sep, e.Field, e.Value, e.Remedy)
	}
	if more := len(es) - mostTold; more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

// Unwrap gives each of them.
func (es InvalidErrors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// together is all that is wrong: nil, the one thing, or all of them. An error of
// another kind goes before.
func together(errs ...error) error {
	var all InvalidErrors
	for _, err := range errs {
		switch e := err.(type) { //nolint:errorlint // checks return these themselves
		case nil:
		case *InvalidError:
			all = append(all, e)
		case InvalidErrors:
			all = append(all, e...)
		default:
			return err
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

// under is what is wrong with an input that is part of another: its fields begin with
// the prefix.
func under(prefix string, err error) error {
	var all InvalidErrors
	var one *InvalidError
	switch {
	case errors.As(err, &all):
		out := make(InvalidErrors, len(all))
		for i, e := range all {
			out[i] = &InvalidError{prefix + e.Field, e.Value, e.Remedy}
		}
		return out
	case errors.As(err, &one):
		return &InvalidError{prefix + one.Field, one.Value, one.Remedy}
	}
	return err
}

// RefusedError carries every finding for which a decision was refused, not only
// the first.
type RefusedError struct{ Findings []Finding }

func (e *RefusedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "okr: refused for %d reasons", len(e.Findings))
	if len(e.Findings) == 1 {
		b.Reset()
		b.WriteString("okr: refused")
	}
	for i, f := range e.Findings {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s: %s", sep, f.Title, f.Message)
	}
	return b.String()
}

// Is makes every RefusedError match [ErrRefused].
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// NotFoundError names what was not found. Another tenant's row is not found
// either.
type NotFoundError struct{ Ref Ref }

func (e *NotFoundError) Error() string { return fmt.Sprintf("okr: %s not found", e.Ref) }

// Is makes every NotFoundError match [ErrNotFound].
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// ConflictError says what stood in the way.
type ConflictError struct {
	Ref    Ref
	Reason string
}

func (e *ConflictError) Error() string { return fmt.Sprintf("okr: %s: %s", e.Ref, e.Reason) }

// Is makes every ConflictError match [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }
