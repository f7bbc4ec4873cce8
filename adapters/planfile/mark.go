package planfile

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markKind is what a piece of text says that it is.
type markKind int

const (
	mNone       markKind = iota
	mObjective           // "Objective 1: …"; without a title it names what follows
	mKeyResult           // "KR 1.2: …"
	mKeyResults          // "Key Results:" names what follows
	mField               // "Owner: …"
	mAside               // a section that speaks of something else: a glossary, a schedule
	mNever               // a section whose key results are none of this plan: examples, a retrospective
)

// mark is what a text says that it is, and what it says besides.
type mark struct {
	kind  markKind
	who   string // the words before the marker, such as CEO in "CEO KR:"
	code  string // P1.2
	rest  string // what follows the marker
	many  bool   // the marker is a plural
	field field
	label string // the words of a field
}

var (
	objectiveWord = regexp.MustCompile(`(?i)^((?:[\p{L}\d&/’'.-]+ ){0,3}?)(objectives?|objectifs?|objetivos?|objektive?|ziele?|okrs?|goals?|obj\.?)(.*)$`)
	keyResultWord = regexp.MustCompile(`(?i)^((?:[\p{L}\d&/’'.-]+ ){0,3}?)(key[ -]?results?|krs?|schl(?:ü|ue)ssel(?:ergebnis(?:se)?|resultate?)|kernergebnis(?:se)?|r[ée]sultats?[ -]cl[ée]s?|resultados?[ -](?:claves?|chaves?)|rcs?)(.*)$`)
	shortMark     = regexp.MustCompile(`^O[- ]?(\d+(?:\.\d+)*)(?:[ \t]*[:.)–—-])?(?:[ \t]+(\S.*))?$`)
	bareMark      = regexp.MustCompile(`^O:[ \t]+(\S.*)$`)
	joinedMark    = regexp.MustCompile(`(?i)^((?:O[- ]?)?\d+)[ .:/-]{0,2}KR[ -]?(\d+(?:\.\d+)*)[ \t]*[:.)–—-]?[ \t]+(\S.*)$`)
	codePart      = regexp.MustCompile(`^[ \t]*(?:#|no\.?|nr\.?|n[°º])?[ \t]*-?([A-Za-z]{0,5}-?\d+(?:\.\d+)*[a-z]?)`)
	inBrackets    = regexp.MustCompile(`^[ \t]*(\([^()]*\)|\[[^\[\]]*\])[ \t]*`)
	secondMark    = regexp.MustCompile(`(?i)^[ \t]*[/|][ \t]*(?:objectives?|objectifs?|objetivos?|ziele?|key[ -]?results?|krs?|schl(?:ü|ue)ssel(?:ergebnis(?:se)?|resultate?)|r[ée]sultats?[ -]cl[ée]s?|resultados?[ -](?:claves?|chaves?))[ \t]*[A-Z]{0,3}\d*(?:\.\d+)*\b`)
	fieldLabel    = regexp.MustCompile(`^([\p{L}#%][\p{L}\d&/’'. _%#-]{0,40}?)[ \t]*(?:\([^()]{0,40}\))?[ \t]*[:：=][ \t]*(.*)$`)
	outlineNumber = regexp.MustCompile(`^(?:\d+[.)]|\d+(?:\.\d+)+[.)]?)[ \t]+`)
)

// markOf reads what a text says that it is. bold is the part of it at the
// beginning that stands out.
func (v vocabulary) markOf(text, bold string) mark {
	text = withoutSigns(text)
	bare := outlineNumber.ReplaceAllString(text, "")
	if m := joinedMark.FindStringSubmatch(bare); m != nil {
		return mark{kind: mKeyResult, code: m[1] + "." + m[2], rest: m[3]}
	}
	if m := bareMark.FindStringSubmatch(bare); m != nil {
		return mark{kind: mObjective, rest: m[1]}
	}
	if m := shortMark.FindStringSubmatch(bare); m != nil {
		return mark{kind: mObjective, code: "O" + m[1], rest: m[2]}
	}
	bold = withoutSigns(bold)
	if m, ok := wordMark(bare, bold, keyResultWord); ok {
		m.kind = mKeyResult
		if m.rest == "" && m.code == "" || m.many {
			m.kind = mKeyResults
		}
		return m
	}
	if m, ok := wordMark(bare, bold, objectiveWord); ok {
		m.kind = mObjective
		return m
	}
	if f, label, value, ok := v.fieldOf(bare, bold); ok {
		return mark{kind: mField, field: f, label: label, rest: value}
	}
	return mark{rest: text}
}

// withoutSigns takes emoji and other signs from the beginning of a text.
func withoutSigns(text string) string {
	return strings.TrimSpace(strings.TrimLeftFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("([{<>=≥≤±+-$€£¥#@\"'“‘«„~", r)
	}))
}

// wordMark finds a marker word near the beginning of a text. What follows it must
// show that it is a marker and not a word of a sentence.
func wordMark(text, bold string, word *regexp.Regexp) (mark, bool) {
	if !mayMark(text, word == keyResultWord) {
		return mark{}, false
	}
	m := word.FindStringSubmatch(text)
	if m == nil {
		return mark{}, false
	}
	who, name, tail := strings.TrimSpace(m[1]), strings.ToLower(m[2]), m[3]
	out := mark{who: who, many: strings.HasSuffix(name, "s") || strings.HasSuffix(name, "se") || name == "ziele" || strings.HasSuffix(name, "resultate")}
	if next, _ := utf8.DecodeRuneInString(tail); unicode.IsLetter(next) {
		return mark{}, false
	}
	if beginsWithCycle(tail, out.many || strings.HasPrefix(name, "okr")) {
		return mark{}, false // "Goals Q2 2027 – Sales" is a title
	}
	if c := codePart.FindStringSubmatchIndex(tail); c != nil && !strings.HasPrefix(tail[c[1]:], "%") && !letterAt(tail, c[1]) {
		out.code, tail = tail[c[2]:c[3]], tail[c[1]:]
		counts := word == objectiveWord && !out.many && name != "okr" && strings.HasPrefix(strings.TrimSpace(tail), ":") // "Objective 1984: …" is the one of that number
		if onlyYear.MatchString(out.code) && !counts {
			if word != keyResultWord || strings.TrimSpace(tail) != "" {
				return mark{}, false // "Goals 2027"
			}
			out.code = "" // "Key Results 2027"
		}
	}
	plural := out.many
	out.many = plural && out.code == ""
	if t := secondMark.FindString(tail); t != "" {
		tail = tail[len(t):] // "Objective 1 / Ziel 1:"
	}
	aside := ""
	if b := inBrackets.FindStringSubmatch(tail); b != nil {
		aside, tail = b[1], tail[len(b[0]):]
	}
	tail = strings.TrimSpace(tail)
	separated, colon := true, false
	switch {
	case who != "" && out.code != "" && utf8.RuneCountInString(aside) > 40:
		return mark{}, false // a sentence that mentions another key result
	case tail == "":
	case strings.ContainsAny(tail[:1], ":|"), strings.HasPrefix(tail, "："):
		colon = tail[0] != '|'
		_, size := utf8.DecodeRuneInString(tail)
		tail = tail[size:]
	case strings.HasPrefix(tail, "- "), strings.HasPrefix(tail, "– "), strings.HasPrefix(tail, "— "), strings.HasPrefix(tail, "—"), strings.HasPrefix(tail, "–"):
		_, size := utf8.DecodeRuneInString(tail)
		tail = tail[size:]
	case out.code != "" && strings.ContainsAny(tail[:1], ".)"):
		tail = tail[1:]
	default:
		separated = false
	}
	rest := strings.TrimSpace(strings.TrimSpace(tail) + " " + aside)
	if tail == "" && aside != "" {
		rest = aside
	}
	length := len(text) - len(strings.TrimLeft(tail, " \t"))
	switch {
	case separated:
	case bold != "" && len(bold) <= length && strings.HasPrefix(text, bold) && len(bold) >= len(who)+len(name): // "**Objective** Grow"
	case out.code != "" && who == "" && !plural:
	default:
		return mark{}, false
	}
	out.rest = rest
	switch {
	case name == "okrs", name == "rc" && out.code == "", name == "rcs" && rest != "":
		return mark{}, false // a heading that names the subject
	case name == "okr" && out.code == "" && !colon:
		return mark{}, false
	case rest == aside && strings.TrimSpace(tail) == "" && aside != "":
		out.rest = "" // "Key Results (Q3)" names what follows
	}
	if who != "" && !canLead(who) {
		return mark{}, false
	}
	return out, true
}

// Beginnings of the marker words, without which a text needs no closer look.
var (
	objectiveStems = []string{"obj", "ziel", "okr", "goal"}
	keyResultStems = []string{"key", "kr", "schl", "kern", "result", "résult", "rc"}
)

// mayMark says whether one of a text's first four words may be a marker.
func mayMark(text string, keyResult bool) bool {
	stems := objectiveStems
	if keyResult {
		stems = keyResultStems
	}
	for range 4 {
		for _, stem := range stems {
			if len(text) >= len(stem) && strings.EqualFold(text[:len(stem)], stem) {
				return true
			}
		}
		_, rest, more := strings.Cut(text, " ")
		if !more {
			return false
		}
		text = rest
	}
	return false
}

func letterAt(s string, at int) bool {
	r, _ := utf8.DecodeRuneInString(s[at:])
	return unicode.IsLetter(r)
}

// notBefore are words that make a sentence or a chapter of what follows.
var notBefore = map[string]bool{
	"how": true, "what": true, "why": true, "when": true, "where": true, "which": true, "these": true, "this": true, "those": true, "each": true, "every": true,
	"make": true, "making": true, "write": true, "writing": true, "set": true, "setting": true, "define": true, "defining": true, "use": true, "using": true,
	"no": true, "not": true, "of": true, "about": true, "with": true, "for": true, "from": true, "to": true, "and": true, "or": true, "in": true, "on": true, "by": true, "is": true, "are": true, "was": true,
	"good": true, "bad": true, "poor": true, "best": true, "better": true, "great": true, "example": true, "examples": true, "sample": true,
	"wie": true, "was_": true, "warum": true, "diese": true, "mit": true, "für": true, "von": true, "comment": true, "pourquoi": true, "avec": true, "pour": true, "como": true, "por": true, "con": true, "com": true, "para": true,
}

// canLead says whether words may stand before a marker, as in "CEO KR:".
func canLead(who string) bool {
	words := strings.Fields(strings.ToLower(who))
	for i, w := range words {
		if notBefore[strings.Trim(w, ".,:'’")] || strings.HasSuffix(w, ".") && i == len(words)-1 {
			return false
		}
	}
	return true
}

// attributes are the fields that a label in an outline may give.
var attributes = map[field]bool{
	fOwner: true, fTeam: true, fCycle: true, fStart: true, fUnit: true, fBaseline: true, fTarget: true, fCurrent: true, fConfidence: true, fWeight: true,
	fDue: true, fSource: true, fCadence: true, fInitiative: true, fDefinition: true, fRationale: true, fCommitted: true, fKind: true, fMetric: true,
	fPriority: true, fScore: true, fProgress: true, fStatus: true, fNotes: true,
}

// fieldOf reads "Owner: Ada", or "**Owner** Ada".
func (v vocabulary) fieldOf(text, bold string) (f field, label, value string, ok bool) {
	if m := fieldLabel.FindStringSubmatch(text); m != nil {
		if f := v.field(m[1]); attributes[f] {
			return f, strings.TrimSpace(m[1]), m[2], true
		}
	}
	if bold != "" && strings.HasPrefix(text, bold) {
		label := strings.TrimRight(bold, ":= ")
		if f := v.field(label); attributes[f] {
			return f, label, strings.TrimSpace(strings.TrimLeft(text[len(bold):], " :=–—-")), true
		}
	}
	return fNone, "", "", false
}

// saysSomethingOfItsOwn says whether a line within a paragraph begins something
// new: a marker or a label.
func saysSomethingOfItsOwn(line string) bool {
	return lineVocabulary.markOf(line, "").kind != mNone
}

// lineVocabulary is the vocabulary that never changes.
var lineVocabulary = newVocabulary()
