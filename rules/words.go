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
	shapes  [256]uint64
}

// Most words of a text are not in the set, and most of those can be told by
// their first byte and length alone: shapes has a bit for each length (63 and
// more share one), by first byte.
func (s *wordSet) shape(word []byte) (first byte, bit uint64) {
	return word[0], 1 << min(len(word), 63)
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
		first, bit := s.shape([]byte(words[0]))
		s.shapes[first] |= bit
	}
	return s
}

// in says whether any entry is in the text; with atStart, whether the text
// starts with one. As long as the text is ASCII, words that are none of the
// entries by their shape are passed over where they lie.
func (s *wordSet) in(text string, atStart bool) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= utf8.RuneSelf {
			return s.inAny(text[i:], atStart)
		}
		first := asciiWord[c]
		if first == 0 {
			continue
		}
		from := i
		for i++; i < len(text) && text[i] < utf8.RuneSelf && asciiWord[text[i]] != 0; i++ {
		}
		if i < len(text) && text[i] >= utf8.RuneSelf {
			return s.inAny(text[from:], atStart)
		}
		if s.shapes[first]&(1<<min(i-from, 63)) != 0 {
			sc := wordScanner{text: text, pos: from}
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

// inAny is in for any text.
func (s *wordSet) inAny(text string, atStart bool) bool {
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

// at says whether an entry begins with the word that was scanned.
func (s *wordSet) at(sc *wordScanner) bool {
	word := sc.word()
	if first, bit := s.shape(word); s.shapes[first]&bit == 0 {
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
	for ; i+8 <= len(s); i += 8 {
		w := s[i : i+8]
		if (uint64(w[0])|uint64(w[1])<<8|uint64(w[2])<<16|uint64(w[3])<<24|
			uint64(w[4])<<32|uint64(w[5])<<40|uint64(w[6])<<48|uint64(w[7])<<56)&0x8080808080808080 != 0 {
			break
		}
	}
	return i + utf8.RuneCountInString(s[i:])
}

// hasNumber says whether the text holds a number: digits at the beginning of a
// word. "20%", "€5m" and "3.5" are numbers, "Q3" and "B2B" are not.
func hasNumber(text string) bool {
	in := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= utf8.RuneSelf {
			return hasNumberAfter(text[i:], in)
		}
		if !in && '0' <= c && c <= '9' {
			return true
		}
		in = asciiWord[c] != 0
	}
	return false
}

func hasNumberAfter(text string, in bool) bool {
	for _, r := range text {
		if !in && unicode.IsDigit(r) {
			return true
		}
		in = wordRune(r)
	}
	return false
}
