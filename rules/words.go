package rules

import (
	"unicode"
	"unicode/utf8"
)

// wordSet matches words and phrases whole: "increase" does not match
// "increased", and "work on" matches "Work on". Case does not count, and
// what is neither letter, mark nor digit separates words.
type wordSet struct {
	single  map[string]struct{}
	phrases [][]string // two words and more

	// Most words of a text are not in the set, and most of those can be told by
	// their shape alone: a bit for each.
	shapes [shapes / 64]uint64
}

const shapes = 2048

// shapeOf is a number below shapes that words of one first byte, last byte and
// length share.
func shapeOf(first, last byte, length int) uint16 {
	return uint16((int(first)*67 + int(last)*13 + length*29) % shapes)
}

func (s *wordSet) mayHold(shape uint16) bool {
	return s.shapes[shape/64%(shapes/64)]&(1<<(shape%64)) != 0
}

func newWordSet(entries []string) *wordSet {
	s := &wordSet{single: make(map[string]struct{}, len(entries))}
	for _, entry := range entries {
		var words []string
		sc := wordScanner{text: entry}
		for sc.next() {
			words = append(words, string(sc.word()))
		}
		switch len(words) {
		case 0:
			continue
		case 1:
			s.single[words[0]] = struct{}{}
		default:
			s.phrases = append(s.phrases, words)
		}
		first := words[0]
		shape := shapeOf(first[0], first[len(first)-1], len(first))
		s.shapes[shape/64] |= 1 << (shape % 64)
	}
	return s
}

// in says whether any entry is in the text; with atStart, whether the text
// starts with one.
func (s *wordSet) in(text string, atStart bool) bool {
	sc := wordScanner{text: text}
	for sc.next() {
		if s.at(&sc) {
			return true
		}
		if atStart {
			return false
		}
	}
	return false
}

// inScanned is in for a text that was scanned.
func (s *wordSet) inScanned(t *scannedText, atStart bool) bool {
	if !t.ascii {
		return s.in(t.text, atStart)
	}
	for i := range t.words {
		if w := &t.words[i]; s.mayHold(w.shape) {
			sc := wordScanner{text: t.text, pos: int(w.from)}
			if sc.next(); s.at(&sc) {
				return true
			}
		}
		if atStart {
			return false
		}
	}
	return false
}

// scannedText is where the words of a text are. Several rules ask of the same
// text, so a run scans it once. Of a text that is not ASCII nothing is kept.
type scannedText struct {
	text   string
	done   bool
	ascii  bool
	number bool // see hasNumber
	words  []wordPlace
}

type wordPlace struct {
	from  int32
	shape uint16
}

func (t *scannedText) scan(text string) *scannedText {
	if t.done && t.text == text {
		return t
	}
	t.text, t.done, t.ascii, t.number, t.words = text, true, false, false, t.words[:0]
	for i := 0; i < len(text); i++ {
		first := lowerOf[text[i]]
		if first == notWord {
			continue
		}
		if first == notASCII {
			return t
		}
		from, last := i, first
		for i++; i < len(text); i++ {
			c := lowerOf[text[i]]
			if c <= notASCII {
				if c == notASCII {
					return t
				}
				break
			}
			last = c
		}
		t.number = t.number || first <= '9'
		t.words = append(t.words, wordPlace{int32(from), shapeOf(first, last, i-from)})
	}
	t.ascii = true
	return t
}

// lowerOf is the lower case of each ASCII letter and digit, and what other bytes
// are.
var lowerOf = func() (table [256]byte) {
	for c := range table {
		switch {
		case c >= utf8.RuneSelf:
			table[c] = notASCII
		default:
			table[c] = asciiWord[c]
		}
	}
	return table
}()

const notWord, notASCII byte = 0, 1

// at says whether an entry begins with the word that was scanned.
func (s *wordSet) at(sc *wordScanner) bool {
	word := sc.word()
	if !s.mayHold(shapeOf(word[0], word[len(word)-1], len(word))) {
		return false
	}
	if _, ok := s.single[string(word)]; ok {
		return true
	}
	for _, p := range s.phrases {
		if string(word) == p[0] && sc.follows(p[1:]) {
			return true
		}
	}
	return false
}

// wordScanner walks the words of a text, in lower case, without allocating for
// words of ordinary length.
type wordScanner struct {
	text string
	pos  int
	buf  [48]byte
	long []byte
	n    int
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func (s *wordScanner) next() bool {
	s.n, s.long = 0, nil
	in := false
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c < utf8.RuneSelf { // most text is; the rest of the loop is for the rest
			s.pos++
			switch lower := asciiWord[c]; {
			case lower == 0 && in:
				return true
			case lower == 0:
			case s.n < len(s.buf) && s.long == nil:
				in = true
				s.buf[s.n] = lower
				s.n++
			default:
				s.put(rune(lower))
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s.text[s.pos:])
		s.pos += size
		if !wordRune(r) {
			if in {
				return true
			}
			continue
		}
		in = true
		s.put(unicode.ToLower(r))
	}
	return in
}

// asciiWord is the lower case of each ASCII letter and digit, 0 for the others.
var asciiWord = func() (table [utf8.RuneSelf]byte) {
	for c := range table {
		if wordRune(rune(c)) {
			table[c] = byte(unicode.ToLower(rune(c)))
		}
	}
	return table
}()

func (s *wordScanner) put(r rune) {
	if s.long == nil && s.n+utf8.UTFMax <= len(s.buf) {
		s.n += utf8.EncodeRune(s.buf[s.n:], r)
		return
	}
	if s.long == nil {
		s.long = append(s.long, s.buf[:s.n]...)
	}
	s.long = utf8.AppendRune(s.long, r)
}

func (s *wordScanner) word() []byte {
	if s.long != nil {
		return s.long
	}
	return s.buf[:s.n]
}

func (s *wordScanner) follows(words []string) bool {
	ahead := wordScanner{text: s.text, pos: s.pos}
	for _, w := range words {
		if !ahead.next() || string(ahead.word()) != w {
			return false
		}
	}
	return true
}

// characters counts the runes of a text, as utf8.RuneCountInString does: eight
// bytes at a time as long as they are ASCII.
func characters(s string) int {
	i := 0
	for ; i+8 <= len(s) && eightASCII(s[i:i+8]); i += 8 {
	}
	if len(s)-i < 8 && len(s) >= 8 && eightASCII(s[len(s)-8:]) {
		return len(s)
	}
	return i + utf8.RuneCountInString(s[i:])
}

func eightASCII(w string) bool {
	_ = w[7]
	return (uint64(w[0])|uint64(w[1])<<8|uint64(w[2])<<16|uint64(w[3])<<24|
		uint64(w[4])<<32|uint64(w[5])<<40|uint64(w[6])<<48|uint64(w[7])<<56)&0x8080808080808080 == 0
}

// hasNumber says whether the text holds a number: digits at the beginning of a
// word. "20%", "€5m" and "3.5" are numbers, "Q3" and "B2B" are not.
func hasNumber(text string) bool {
	in := false
	for _, r := range text {
		if !in && unicode.IsDigit(r) {
			return true
		}
		in = wordRune(r)
	}
	return false
}

func (t *scannedText) hasNumber() bool {
	if !t.ascii {
		return hasNumber(t.text)
	}
	return t.number
}
