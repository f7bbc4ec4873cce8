package adapters

import (
	"errors"
	"fmt"
	"time"
)

// What went wrong, for errors.Is.
var (
	// ErrUnknownDurable says that nobody has consumed under that durable name yet.
	ErrUnknownDurable = errors.New("adapters: the bus has no such durable consumer")
	// ErrUnknownAdapter says that no adapter of that name was added.
	ErrUnknownAdapter = errors.New("adapters: no adapter of that name was added")
	// ErrNotRunning says that the router has stopped, or that it was started twice.
	ErrNotRunning = errors.New("adapters: the router is not running")
	// ErrTimeout says that an adapter did not answer in time. What it was doing may
	// have happened or may still happen.
	ErrTimeout = errors.New("adapters: no answer in time")
	// ErrPanic says that an adapter panicked.
	ErrPanic = errors.New("adapters: the adapter panicked")
	// ErrMalformed says that a message on the bus is not an event.
	ErrMalformed = errors.New("adapters: not an event")
	// ErrRefused says that a bus will not take an event as it is, however often it
	// is tried: it is too large, or its type or tenant cannot be a subject.
	ErrRefused = errors.New("adapters: the bus refuses the event")
)

// Permanent marks an error that no retry will cure: the event becomes a dead
// letter. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

// IsPermanent says whether err was marked by [Permanent].
func IsPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// RetryAfter asks for the event again, no sooner than after d; it counts as an
// attempt. RetryAfter(d, nil) is an error all the same: the event is not done.
func RetryAfter(d time.Duration, err error) error {
	return &retryError{max(d, 0), err}
}

// RetryDelay is the distance that [RetryAfter] asked for, if err asks for one.
func RetryDelay(err error) (time.Duration, bool) {
	var r *retryError
	if errors.As(err, &r) {
		return r.after, true
	}
	return 0, false
}

type retryError struct {
	after time.Duration
	err   error
}

func (e *retryError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("adapters: retry after %s", e.after)
	}
	return e.err.Error()
}

func (e *retryError) Unwrap() error { return e.err }

// PublishError says how far a Publish came. What stands in Published is on the
// bus; of everything else it is not known to be, and no event of an aggregate
// was published after one that was not.
type PublishError struct {
	Published []string         // ids of the events that the bus has, in the order given
	Refused   map[string]error // by id: events that the bus will never take as they are; each matches ErrRefused
	Err       error            // the first thing that went wrong
}

func (e *PublishError) Error() string {
	return fmt.Sprintf("adapters: publish stopped after %d events: %v", len(e.Published), e.Err)
}

func (e *PublishError) Unwrap() error { return e.Err }

// PublishedIDs is Published, for those who look at it through an interface.
func (e *PublishError) PublishedIDs() []string { return e.Published }

// RefusedEvents is Refused, for those who look at it through an interface.
func (e *PublishError) RefusedEvents() map[string]error { return e.Refused }
