package planfile

import (
	"fmt"

	"github.com/okrkit/okrkit/okr"
)

// Option changes how a file is read.
type Option func(*options)

type options struct {
	trace *Trace
}

// WithTrace fills t with what became of each line.
func WithTrace(t *Trace) Option { return func(o *options) { o.trace = t } }

// Read reads a plan and finds out its format from the name and the content. The
// name is what errors and positions say; it need not be a path, and "" is none.
//
// The error is a [SyntaxError], or several of them joined; it matches
// [okr.ErrInvalid].
func Read(name string, src []byte, opts ...Option) (okr.Plan, error) {
	s, err := newSource(name, src)
	if err != nil {
		return okr.Plan{}, err
	}
	return read(detect(s), s, opts)
}

// ReadAs reads a plan in the format.
func ReadAs(format Format, name string, src []byte, opts ...Option) (okr.Plan, error) {
	s, err := newSource(name, src)
	if err != nil {
		return okr.Plan{}, err
	}
	return read(format, s, opts)
}

func read(format Format, s *source, opts []Option) (okr.Plan, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	l := newLedger(s)
	plan, err := readInto(l, format, s)
	if err != nil {
		return okr.Plan{}, err
	}
	if o.trace != nil {
		*o.trace = l.trace(format)
	}
	return plan, nil
}

func readInto(l *ledger, format Format, s *source) (okr.Plan, error) {
	switch format {
	case YAML, JSON:
		return readOwn(l, format, s)
	}
	return okr.Plan{}, s.whole(fmt.Sprintf("format %q is not known", string(format)), fmt.Sprintf("use one of %s", formatNames()))
}
