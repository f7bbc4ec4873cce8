package lexicon

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds what is read of one text, in bytes: a title is far shorter.
const maxText = 16 << 10

// Sentence is a text taken apart.
type Sentence struct {
	// Text is what was read: the input, cut at 16 KiB.
	Text string `json:"text"`
	// Lang is the BCP 47 code of the language, "" if it cannot be told.
	Lang string `json:"lang"`

	Tokens  []Token  `json:"tokens,omitempty"`
	Values  []Value  `json:"values,omitempty"`
	Names   []Span   `json:"names,omitempty"` // digits that name something: P0, SOC 2, 7-day
	Dates   []Date   `json:"dates,omitempty"`
	Measure *Measure `json:"measure,omitempty"` // nil: nothing is measured
	Wording Wording  `json:"wording"`
}

// reader is one reading of one text.
type reader struct {
	l      *Lexicon
	text   string
	lang   int    // index; 0 if unknown
	script string // code of a language told by its script alone
	toks   []tok
	vals   []Value
	names  []Span
	dates  []Date
}

// code is the language's code, "" if unknown.
func (r *reader) code() string {
	if r.lang == 0 {
		return r.script
	}
	return r.l.langs[r.lang].Code
}

// is reports a shape of the language; of one that is not known, none.
func (r *reader) is(s shape) bool { return r.l.langs[r.lang].shape&s != 0 }

func (r *reader) decimal() byte { return r.l.langs[r.lang].Decimal }

// Read takes a text apart. It never fails: what cannot be told is left out.
// The same text is always read the same way, in time linear in its length.
func (l *Lexicon) Read(text string) Sentence {
	if len(text) > maxText {
		cut := maxText
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	space, ok := l.space.Get().(*[]tok)
	if !ok {
		s := make([]tok, 0, 64)
		space = &s
	}
	r := reader{l: l, text: text}
	r.toks = l.tokenise(text, (*space)[:0])
	defer func() {
		*space = r.toks[:0]
		l.space.Put(space)
	}()
	r.detect()
	r.resolve()
	r.readDates()
	r.readValues()
	s := Sentence{Text: text, Lang: r.code(), Values: r.vals, Names: r.names, Dates: r.dates}
	w := wording{reader: &r}
	s.Wording, s.Measure = w.judge()
	s.Values = r.vals
	if len(r.toks) > 0 {
		s.Tokens = make([]Token, len(r.toks))
		for i := range r.toks {
			s.Tokens[i] = r.toks[i].Token
		}
	}
	return s
}

// detect finds the language by the words that the text has of each. Function
// words weigh three times: names and loan words travel, articles do not.
func (r *reader) detect() {
	var score [maxLanguages]int
	words, cjk, kana, hangul, other, foreign := 0, 0, 0, 0, 0, 0
	for i := range r.toks {
		t := &r.toks[i]
		if t.Kind != Word {
			continue
		}
		if t.cjk {
			cjk++
			for _, c := range r.text[t.Start:t.End] {
				switch {
				case c >= 0xAC00 && c <= 0xD7AF:
					hangul++
				case c >= 0x3040 && c <= 0x30FF:
					kana++
				}
			}
			continue
		}
		words++
		if t.entry == nil {
			if c, _ := utf8.DecodeRuneInString(r.text[t.Start:]); c >= 0x370 && c < 0x1E00 {
				other++
			}
			if r.letters(t, &score) {
				foreign++
			}
			continue
		}
		first := words == 1 || words <= 3 && (r.sgn(i-1) == sColon || r.sgn(i-1) == sNoise && r.sgn(i-2) == sColon)
		for k := 1; k < len(t.entry.senses); k++ {
			if s := t.entry.senses[k]; s != nil {
				if s.set.has(cTo) && r.kind(i-1) == Digits && r.kind(i+1) == Digits {
					score[k] += 2 // "de 45 para 60": between two numbers stands the language's own "to"
				}
				switch {
				case s.set.has(cBase) && first:
					score[k] += 5
				case s.set.has(cStop), s.set.has(cBase):
					score[k] += 3
				case s.set.has(cTask) || s.set.has(cChange) || s.set.has(cUp) || s.set.has(cDown) || s.set.has(cAchieve):
					score[k] += 2
				default:
					score[k]++
				}
			}
		}
		r.letters(t, &score)
	}
	best := 0
	for k := 1; k < len(r.l.langs); k++ {
		if score[k] > score[best] || best == 0 && score[k] > 0 {
			best = k
		}
	}
	for i := range r.toks {
		e := r.toks[i].entry
		if e == nil || e.senses[0] == nil || !e.senses[0].set.has(cForeign) {
			continue
		}
		if best == 0 || best >= len(e.senses) || e.senses[best] == nil {
			foreign += 3
		}
	}
	if foreign > 0 && foreign*2 >= score[best] {
		best = 0
	}
	// Words of another script outweigh a loan word, not a whole sentence.
	if cjk > 0 && score[best] < 3*cjk {
		best = 0
		switch {
		case kana > 0:
			r.script = "ja"
		case hangul > 0:
			r.script = "ko"
		default:
			r.script = "zh"
		}
	}
	if other > 0 && score[best] < 3*other {
		best = 0
		r.script = "und"
	}
	r.lang = best
}

// letters that only some languages write, and whether there is a Latin one that none
// of them does.
func (r *reader) letters(t *tok, score *[maxLanguages]int) (foreign bool) {
	w := r.text[t.Start:t.End]
	ascii := true
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return false
	}
	for k := 1; k < len(r.l.langs); k++ {
		if own := r.l.langs[k].letters; own != "" && strings.ContainsAny(w, own) {
			score[k]++
		}
	}
	for _, c := range w {
		if c = unicode.ToLower(c); c >= utf8.RuneSelf && unicode.Is(unicode.Latin, c) && !r.l.writes(c) {
			return true
		}
	}
	return false
}

// writes says whether a language that is known has the letter.
func (l *Lexicon) writes(c rune) bool {
	return slices.ContainsFunc(l.langs, func(x Language) bool { return strings.ContainsRune(x.letters, c) })
}

// resolve gives every token its meaning in the language found; where that
// language does not know a word, the neutral list's.
func (r *reader) resolve() {
	for i := 0; i < len(r.toks); i++ {
		t := &r.toks[i]
		if t.entry == nil && r.is(compounds) && t.Kind == Word {
			r.compound(t)
		}
		if t.entry == nil || t.cont {
			continue
		}
		if s := t.entry.at(r.lang); s != nil {
			t.sense, t.set = s, s.set
		}
		for _, p := range t.entry.phrases {
			if p.lang != r.lang && p.lang != 0 {
				continue
			}
			if end, ok := r.follows(i+1, p.rest); ok {
				t.sense, t.set, t.span = p.sense, p.sense.set, end-i
				for j := i + 1; j < end; j++ {
					r.toks[j].cont, r.toks[j].of = true, i
				}
				break
			}
		}
	}
}

// compound gives a joined noun the nature of the noun that ends it:
// Pilotkunden are Kunden.
func (r *reader) compound(t *tok) {
	var buf [64]byte
	w := lower(r.text[t.Start:t.End], &buf)
	for cut := 3; cut+4 <= len(w); cut++ {
		if !utf8.RuneStart(w[cut]) {
			continue
		}
		if e := r.l.words[string(w[cut:])]; e != nil && r.lang < len(e.senses) && e.senses[r.lang] != nil {
			if s := e.senses[r.lang].set.and(setOf(cOutcomeNoun, cOutputNoun, cMetric, cLower)); !s.empty() {
				t.set = s
				return
			}
		}
	}
}

// follows reports whether the words come next, joined or spaced.
func (r *reader) follows(i int, words []string) (end int, ok bool) {
	for _, w := range words {
		if i < len(r.toks) && r.toks[i].joined && (r.toks[i].sign == sDash || r.toks[i].sign == sApostrophe || r.toks[i].sign == sSlash || r.toks[i].sign == sStop) {
			i++
		}
		if i >= len(r.toks) || r.toks[i].Kind == Symbol || !strings.EqualFold(r.str(i), w) {
			return 0, false
		}
		i++
	}
	return i, true
}
