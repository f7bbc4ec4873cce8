// Package lexicon reads a sentence: the numbers in it and their units, the
// dates, the words that say what kind of sentence it is, and the measure that
// it promises. It knows words of English, German, French, Spanish and
// Portuguese; a sentence of another language is read by numbers and shape
// alone, and says so (Wording.LangJudged).
//
// It gives facts, not verdicts: rules over the facts decide. Wording.Weak is a
// small reference decision that such rules can mirror.
//
// What cannot be told is never guessed. A number that can be read in two ways
// (1.000) keeps both readings, an ambiguous date (06/07/2026) its candidates,
// and Measure.Candidates spells every reading out.
//
// The words are data: files under words/, extended by WithWords.
package lexicon
