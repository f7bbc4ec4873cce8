package audit

import "github.com/okrkit/okrkit/rules/lexicon"

// Option changes how sentences are read.
type Option func(*options)

type options struct{ lex *lexicon.Lexicon }

// Words has sentences read by the words of a lexicon, one with a further language,
// say, instead of those that come with the library. Give it to [Env] and to [New].
func Words(l *lexicon.Lexicon) Option { return func(o *options) { o.lex = l } }
