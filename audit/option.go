package audit

import (
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// Option changes how sentences are read, and what is asked of packs.
type Option func(*options)

type options struct {
	lex    *lexicon.Lexicon
	demand *rules.Demand // nil: tests are not run
}

func optionsOf(opts []Option) options {
	var o options
	for _, set := range opts {
		set(&o)
	}
	return o
}

// Words has sentences read by the words of a lexicon, one with a further language,
// say, instead of those that come with the library. Give it to [Env] and to [New].
func Words(l *lexicon.Lexicon) Option { return func(o *options) { o.lex = l } }

// Demand asks the tests that packs carry to show something before the packs come into
// force: strict mode. A pack whose tests fall short is not activated, whoever asks for
// it and by whatever way; the error is a [rules.UntestedError]. Give it to [New]. The
// packs that the host opens itself are asked by [rules.Live.Demand].
func Demand(d rules.Demand) Option { return func(o *options) { o.demand = &d } }
