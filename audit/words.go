package audit

import (
	"fmt"
	"sync"

	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// reader reads sentences, and remembers the last few thousand: the same titles
// are judged again and again. It is asked by several goroutines.
type reader struct {
	lex *lexicon.Lexicon

	mu         sync.RWMutex
	seen, last map[string]*lexicon.Sentence // last is what seen was when it was full
}

// mostSentences bounds how many a reader remembers twice over; a sentence takes
// about a kilobyte.
const mostSentences = 2048

func newReader(opts []Option) *reader {
	o := optionsOf(opts)
	if o.lex == nil {
		var err error
		if o.lex, err = lexicon.New(); err != nil {
			panic(fmt.Sprintf("audit: the word lists: %v", err)) //nolint:forbidigo // the lists are part of the program, and every test reads them
		}
	}
	return &reader{lex: o.lex, seen: map[string]*lexicon.Sentence{}}
}

// read takes a text apart. The result belongs to the reader and is not changed.
func (r *reader) read(text string) *lexicon.Sentence {
	r.mu.RLock()
	s := r.seen[text]
	if s == nil {
		s = r.last[text]
	}
	r.mu.RUnlock()
	if s != nil {
		return s
	}
	read := r.lex.Read(text)
	read.Tokens = nil // half of its size, and no rule reads them
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) >= mostSentences {
		r.last, r.seen = r.seen, make(map[string]*lexicon.Sentence, mostSentences)
	}
	r.seen[text] = &read
	return &read
}

// What a text in the place of an owner reads as.
const (
	readsAsNobody  = "nobody"
	readsAsPerson  = "person"
	readsAsSeveral = "several"
	readsAsGroup   = "group"
)

func (r *reader) owner(text string) string {
	switch r.lex.Owner(text).Kind {
	case lexicon.OwnerPerson:
		return readsAsPerson
	case lexicon.OwnerSeveral:
		return readsAsSeveral
	case lexicon.OwnerGroup:
		return readsAsGroup
	}
	return readsAsNobody
}

// readCost is what reading a title costs, in the units of rules: about one for
// each ten nanoseconds.
const readCost = 300

// wordFuncs are the functions by which rules look at wording. They take any
// text, so that rules and their tests need no more than the words.
func wordFuncs(r *reader) []rules.Func {
	yes := func(name, doc, example string, get func(*lexicon.Sentence) any) rules.Func {
		return wordFunc(r, name, doc, example, rules.Param{Kind: rules.Bool}, get)
	}
	judged := func(get func(lexicon.Wording) bool) func(*lexicon.Sentence) any {
		return func(s *lexicon.Sentence) any {
			if !s.Wording.LangJudged {
				return rules.Unknown
			}
			return get(s.Wording)
		}
	}
	return []rules.Func{
		yes("isJudged", "The language is one whose words are known; otherwise only numbers and shape can be judged.", `"Réduire le délai de réponse".isJudged()`,
			func(s *lexicon.Sentence) any { return s.Wording.LangJudged }),
		yes("isTask", "It says what will be done. Unknown in a language whose words are not known.", `"Launch the new portal".isTask()`,
			judged(func(w lexicon.Wording) bool { return w.Task })),
		yes("isOutcome", "A task that also says, with a number or a condition, what comes of it.", `"Launch the portal so that 500 companies sign up".isOutcome()`,
			judged(func(w lexicon.Wording) bool { return w.Outcome })),
		yes("countsOutput", "What it counts is work turned out, such as 5 posts, and not its effect.", `"Publish 5 posts".countsOutput()`,
			judged(func(w lexicon.Wording) bool { return w.OutputCount })),
		yes("hasTarget", "It names a number to reach, a number in words, or a placeholder for one.", `"Raise sign-ups to 500".hasTarget()`,
			func(s *lexicon.Sentence) any { return s.Wording.HasTarget }),
		yes("hasBaseline", "It says where the number starts.", `"Raise sign-ups from 200 to 500".hasBaseline()`,
			func(s *lexicon.Sentence) any { return s.Wording.HasBaseline }),
		yes("hasDate", "It names a date or a period.", `"Raise sign-ups to 500 by 30 June".hasDate()`,
			func(s *lexicon.Sentence) any { return len(s.Dates) > 0 }),
		yes("isMeasurable", "There is a number to reach, or a state that is clearly there or not. Unknown without a number in a language whose words are not known.", `"Customers are happier".isMeasurable()`,
			func(s *lexicon.Sentence) any { return measurable(s) }),
		yes("isQuestion", "It asks.", `"Do we sell more?".isQuestion()`,
			func(s *lexicon.Sentence) any { return s.Wording.Question }),
		yes("hasPlaceholder", "A number is left to be filled in, or blacked out.", `"Raise sign-ups from X to Y".hasPlaceholder()`,
			func(s *lexicon.Sentence) any { return s.Wording.Placeholder || s.Wording.Redacted }),
		yes("isBareMetric", "It names a metric and no more.", `"Net promoter score".isBareMetric()`,
			func(s *lexicon.Sentence) any { return s.Wording.BareMetric }),
		yes("isGuardrail", "It keeps a number where it is.", `"Keep churn below 2 %".isGuardrail()`,
			func(s *lexicon.Sentence) any { return isGuardrail(s) }),
		yes("isRelative", "Its target is a change, such as 20 % more, and needs a start to be counted from.", `"Sell 20 % more".isRelative()`,
			func(s *lexicon.Sentence) any { return s.Measure != nil && s.Measure.Relative }),
		wordFunc(r, "goals", "How many goals it names; 0 for an empty text.", `"Raise sign-ups to 500 and cut churn to 2 %".goals()`, rules.Param{Kind: rules.Int},
			func(s *lexicon.Sentence) any { return int64(s.Wording.Goals) }),
		wordFunc(r, "vagueWords", "Words in it that can mean anything.", `"Significantly improve quality".vagueWords()`, rules.Param{Kind: rules.List, Of: "string"},
			func(s *lexicon.Sentence) any {
				if s.Wording.Vague == nil {
					return []string{}
				}
				return s.Wording.Vague
			}),
		wordFunc(r, "taskVerb", "The verb that makes it a task, or \"\".", `"Launch the new portal".taskVerb()`, rules.Param{Kind: rules.String},
			func(s *lexicon.Sentence) any { return clip(s.Wording.TaskVerb, longTitle) }),
		wordFunc(r, "metricName", "The words that name what is measured, or \"\".", `"Raise sign-ups from 200 to 500".metricName()`, rules.Param{Kind: rules.String},
			func(s *lexicon.Sentence) any {
				if s.Measure == nil {
					return ""
				}
				return clip(s.Measure.Metric, longTitle)
			}),
		wordFunc(r, "why", "What the wording is, in one sentence.", `"Launch the new portal".why()`, rules.Param{Kind: rules.String},
			func(s *lexicon.Sentence) any { return clip(s.Wording.Why, longTitle) }),
	}
}

func wordFunc(r *reader, name, doc, example string, result rules.Param, get func(*lexicon.Sentence) any) rules.Func {
	return rules.Func{Name: name, Member: true, Result: result, Cost: readCost, Since: 1, Doc: doc, Example: example}.
		OnText(func(text string) (any, error) { return get(r.read(text)), nil })
}

// measurable says whether the words alone tell what must be reached: a bool, or
// unknown.
func measurable(s *lexicon.Sentence) any {
	switch w := s.Wording; {
	case w.Measurable || w.Decidable:
		return true
	case !w.LangJudged && w.Goals > 0:
		return rules.Unknown
	}
	return false
}

func isGuardrail(s *lexicon.Sentence) bool {
	return s.Measure != nil && s.Measure.Direction == lexicon.Keep
}
