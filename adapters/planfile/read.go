package planfile

import (
	"cmp"
	"fmt"
	"slices"

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
// Of a file that holds several cycles it is the plan with the most key results,
// and the objectives of the others are unread; [ReadAll] gives them all.
//
// The error is a [SyntaxError], or several of them joined; it matches
// [okr.ErrInvalid].
func Read(name string, src []byte, opts ...Option) (okr.Plan, error) {
	plans, err := ReadAll(name, src, opts...)
	if err != nil {
		return okr.Plan{}, err
	}
	return fullest(plans), nil
}

// ReadAs reads a plan in the format.
func ReadAs(format Format, name string, src []byte, opts ...Option) (okr.Plan, error) {
	plans, err := ReadAllAs(format, name, src, opts...)
	if err != nil {
		return okr.Plan{}, err
	}
	return fullest(plans), nil
}

// ReadAll reads a plan for each cycle that the file holds; most hold one. What was
// not read stands in the first plan.
func ReadAll(name string, src []byte, opts ...Option) ([]okr.Plan, error) {
	s, err := newSource(name, src)
	if err != nil {
		return nil, err
	}
	return read(detect(s), s, opts)
}

// ReadAllAs reads the plans of a file in the format.
func ReadAllAs(format Format, name string, src []byte, opts ...Option) ([]okr.Plan, error) {
	s, err := newSource(name, src)
	if err != nil {
		return nil, err
	}
	return read(format, s, opts)
}

// fullest is the plan with the most key results. What the others hold is unread.
func fullest(plans []okr.Plan) okr.Plan {
	best, most := 0, -1
	for i, p := range plans {
		n := 0
		for _, o := range p.Objectives {
			n += len(o.KeyResults)
		}
		if n > most {
			best, most = i, n
		}
	}
	out := plans[best]
	out.Unread = plans[0].Unread
	for i, p := range plans {
		if i == best {
			continue
		}
		for _, o := range p.Objectives {
			out.Unread = append(out.Unread, okr.Unread{
				Position: o.At, Text: o.Title,
				Reason: fmt.Sprintf("of another cycle, %s: the file is read as a plan for %s", firstOf(p.Cycle.Name, p.Cycle.Key), firstOf(out.Cycle.Name, out.Cycle.Key)),
			})
		}
	}
	slices.SortStableFunc(out.Unread, func(a, b okr.Unread) int { return cmp.Compare(a.Line, b.Line) })
	return out
}

func read(format Format, s *source, opts []Option) ([]okr.Plan, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	if o.lexicon == nil {
		var err error
		if o.lexicon, err = embeddedLexicon(); err != nil {
			return nil, fmt.Errorf("planfile: %w", err)
		}
	}
	l := newLedger(s)
	plans, err := readInto(l, format, s, words{o.lexicon})
	if err != nil {
		return nil, err
	}
	if o.trace != nil {
		*o.trace = l.trace(format)
	}
	return plans, nil
}

func readInto(l *ledger, format Format, s *source, w words) ([]okr.Plan, error) {
	one := func(p okr.Plan, err error) ([]okr.Plan, error) {
		if err != nil {
			return nil, err
		}
		return []okr.Plan{p}, nil
	}
	switch format {
	case YAML, JSON:
		return one(readOwn(l, format, s, w))
	case CSV:
		return one(readCSV(l, s, w))
	case Tree:
		return readTree(l, s, w)
	case Markdown:
		return one(readMarkdown(l, s, w))
	}
	return nil, s.whole(fmt.Sprintf("format %q is not known", string(format)), fmt.Sprintf("use one of %s", formatNames()))
}
