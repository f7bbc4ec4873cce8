package cadence

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/okrkit/okrkit/okr"
)

// sieve finds out which of several subjects can be settled together, by trials
// that keep nothing. So the good ones still share one transaction, and a person
// still gets one notice.
type sieve struct {
	try   func([]okr.Ref) error
	alive func() error // whether the desk answers at all

	errs  []error // of subjects that cannot be settled
	lost  int     // subjects that lost a race
	fatal error   // it is not about any one subject
}

// sift returns those that can be settled, given the error of trying all of them.
func (s *sieve) sift(refs []okr.Ref, err error) []okr.Ref {
	switch {
	case s.fatal != nil || len(refs) == 0:
		return nil
	case general(err):
		s.fatal = err
		return nil
	}
	if culprit, ok := named(err, refs); ok {
		s.fail([]okr.Ref{culprit}, err)
		return s.sieved(slices.DeleteFunc(slices.Clone(refs), func(r okr.Ref) bool { return r == culprit }))
	}
	if len(refs) == 1 {
		if dead := s.alive(); dead != nil {
			s.fatal = errors.Join(err, dead)
			return nil
		}
		s.fail(refs, err)
		return nil
	}
	half := len(refs) / 2
	return append(s.sieved(refs[:half:half]), s.sieved(refs[half:])...)
}

func (s *sieve) sieved(refs []okr.Ref) []okr.Ref {
	if s.fatal != nil || len(refs) == 0 {
		return nil
	}
	if err := s.try(refs); err != nil {
		return s.sift(refs, err)
	}
	return refs
}

func (s *sieve) fail(refs []okr.Ref, err error) {
	switch {
	case errors.Is(err, okr.ErrConflict):
		s.lost += len(refs)
	case len(refs) == 1:
		s.errs = append(s.errs, fmt.Errorf("%s: %w", refs[0], err))
	default:
		s.errs = append(s.errs, fmt.Errorf("%d subjects: %w", len(refs), err))
	}
}

// general says whether the error would meet every subject alike.
func general(err error) bool {
	for _, e := range []error{
		context.Canceled, context.DeadlineExceeded, okr.ErrBusy, okr.ErrSchema, okr.ErrTxDone, okr.ErrTenant,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// named is the subject that the error itself blames.
func named(err error, refs []okr.Ref) (okr.Ref, bool) {
	var (
		conflict *okr.ConflictError
		missing  *okr.NotFoundError
		ref      okr.Ref
	)
	switch {
	case errors.As(err, &conflict):
		ref = conflict.Ref
	case errors.As(err, &missing):
		ref = missing.Ref
	}
	return ref, slices.Contains(refs, ref)
}
