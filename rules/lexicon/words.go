package lexicon

import (
	"embed"
	"errors"
)

//go:embed words/*.txt
var embedded embed.FS

// anyLanguage is the code of the list whose words mean the same everywhere.
const anyLanguage = "any"

// maxLanguages bounds the lists of one lexicon, the neutral one included.
const maxLanguages = 32

// ErrWords is wrapped by every error about a word list.
var ErrWords = errors.New("lexicon: bad word list")

// class is what a word may do in a sentence. A word may be of several.
type class uint8

const (
	cStop class = iota
	cTask
	cSoft
	cTouch
	cGeneric
	cTaskNoun
	cUp
	cDown
	cChange
	cAchieve
	cKeep
	cEnsure
	cDeterminer
	cPreposition
	cAnd
	cLink
	cWith
	cWithout
	cFrom
	cCurrent
	cTo
	cBy
	cOf
	cPer
	cWithin
	cAtLeast
	cAtMost
	cAbove
	cBelow
	cOrMore
	cOrLess
	cAbout
	cBetween
	cUntil
	cEndOf
	cPeriod
	cThis
	cRelativeDate
	cMonth
	cOrdinal
	cNumber
	cWeakNumber
	cFraction
	cMagnitude
	cMultiple
	cDivide
	cMultiply
	cMore
	cFewer
	cZero
	cUniversal
	cRank
	cUnit
	cVague
	cTargetWord
	cMetric
	cLower
	cOutcomeNoun
	cOutputNoun
	cSubject
	cLeadIn
	cAdverb
	cBe
	cQuestion
	cLabel
	cNameHead
	cGroup
	cRole
	cNobody
	cPlaceholder
	cPlaceholderNumber
	cPlaceholderDate
	cBecome
	cNew
	cFrequency
	cHigher
	cDuring
	cAttendance
	cMilestone
	cForeign // a function word of a language that has no list here
	cShare   // stands between the two numbers of a share: nine in ten
	cReady   // says of a thing that it is there: live, in place
	cDone    // a participle
	cBase    // the first form of a verb: imperative or infinitive
)

// sections names the sections of a word list.
var sections = map[string]class{
	"stop": cStop, "task": cTask, "soft": cSoft, "touch": cTouch, "generic": cGeneric, "task_noun": cTaskNoun,
	"up": cUp, "down": cDown, "change": cChange, "achieve": cAchieve, "keep": cKeep, "ensure": cEnsure,
	"determiner": cDeterminer, "preposition": cPreposition, "and": cAnd, "link": cLink, "with": cWith, "without": cWithout,
	"from": cFrom, "current": cCurrent, "to": cTo, "by": cBy, "of": cOf, "per": cPer, "within": cWithin,
	"at_least": cAtLeast, "at_most": cAtMost, "above": cAbove, "below": cBelow, "or_more": cOrMore, "or_less": cOrLess,
	"about": cAbout, "between": cBetween, "until": cUntil, "end_of": cEndOf, "period": cPeriod, "this": cThis,
	"relative_date": cRelativeDate, "month": cMonth, "ordinal": cOrdinal, "number": cNumber, "weak_number": cWeakNumber,
	"fraction": cFraction, "magnitude": cMagnitude, "multiple": cMultiple, "divide": cDivide, "multiply": cMultiply,
	"more": cMore, "fewer": cFewer, "zero": cZero, "universal": cUniversal, "rank": cRank, "unit": cUnit,
	"vague": cVague, "target_word": cTargetWord, "metric": cMetric, "lower": cLower, "outcome_noun": cOutcomeNoun,
	"output_noun": cOutputNoun, "subject": cSubject, "lead_in": cLeadIn, "adverb": cAdverb, "be": cBe,
	"question": cQuestion, "label": cLabel, "name_head": cNameHead, "group": cGroup, "role": cRole, "nobody": cNobody,
	"placeholder": cPlaceholder, "placeholder_number": cPlaceholderNumber, "placeholder_date": cPlaceholderDate,
	"become": cBecome, "new": cNew, "frequency": cFrequency, "foreign": cForeign, "higher": cHigher, "during": cDuring, "attendance": cAttendance, "milestone": cMilestone, "ready": cReady, "share": cShare,
}

// set is a set of classes.
type set [2]uint64

func setOf(cs ...class) set {
	var s set
	for _, c := range cs {
		s[c>>6] |= 1 << (c & 63)
	}
	return s
}

func (s set) has(c class) bool { return s[c>>6]>>(c&63)&1 == 1 }
func (s set) any(o set) bool   { return s[0]&o[0] != 0 || s[1]&o[1] != 0 }
func (s set) or(o set) set     { return set{s[0] | o[0], s[1] | o[1]} }
func (s set) and(o set) set    { return set{s[0] & o[0], s[1] & o[1]} }
func (s set) empty() bool      { return s[0] == 0 && s[1] == 0 }

// payload is what a word stands for in one class: twelve, a thousand, "days".
type payload struct {
	class class
	num   float64
	text  string
}

// sense is what a word means in one language, the neutral list mixed in.
type sense struct {
	set  set
	pays []payload
}

func (s *sense) pay(c class) (payload, bool) {
	for _, p := range s.pays {
		if p.class == c {
			return p, true
		}
	}
	return payload{}, false
}

func (s *sense) mix(o *sense) {
	s.set = s.set.or(o.set)
	for _, p := range o.pays {
		if _, ok := s.pay(p.class); !ok {
			s.pays = append(s.pays, p)
		}
	}
}

// entry holds the senses of one spelling.
type entry struct {
	senses  []*sense // by language index; nil where the language has none of its own
	phrases []phrase // that begin with this word, longest first
}

type phrase struct {
	lang  int
	rest  []string
	sense *sense
}

// at is the sense of the word in a language, or in the neutral list.
func (e *entry) at(lang int) *sense {
	if lang < len(e.senses) && e.senses[lang] != nil {
		return e.senses[lang]
	}
	return e.senses[0]
}
