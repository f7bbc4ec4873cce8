package planfile

import (
	"fmt"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// Option changes how a file is read.
type Option func(*options)

type options struct {
	trace   *Trace
	lexicon *lexicon.Lexicon
}

// WithTrace fills t with what became of each line.
func WithTrace(t *Trace) Option { return func(o *options) { o.trace = t } }

// WithLexicon reads titles with a lexicon of the host's, which may know more
// languages and words than the embedded one.
func WithLexicon(l *lexicon.Lexicon) Option { return func(o *options) { o.lexicon = l } }

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
	if o.lexicon == nil {
		var err error
		if o.lexicon, err = embeddedLexicon(); err != nil {
			return okr.Plan{}, fmt.Errorf("planfile: %w", err)
		}
	}
	l := newLedger(s)
	plan, err := readInto(l, format, s, words{o.lexicon})
	if err != nil {
		return okr.Plan{}, err
	}
	if o.trace != nil {
		*o.trace = l.trace(format)
	}
	return plan, nil
}

func readInto(l *ledger, format Format, s *source, w words) (okr.Plan, error) {
	switch format {
	case YAML, JSON:
		return readOwn(l, format, s, w)
	case CSV:
		return readCSV(l, s, w)
	case Tree:
		return readTree(l, s, w)
	case Markdown:
		return readMarkdown(l, s, w)
	}
	return okr.Plan{}, s.whole(fmt.Sprintf("format %q is not known", string(format)), fmt.Sprintf("use one of %s", formatNames()))
}
