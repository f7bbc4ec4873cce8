package lexicon

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// TokenKind says what a token is made of.
type TokenKind uint8

// The kinds of token.
const (
	Word   TokenKind = iota + 1 // letters, perhaps with digits after the first
	Digits                      // a run of digits with its separators
	Symbol                      // one sign, or an arrow, comparison or blank of several
)

// Span is a piece of the text, in bytes.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Token is one word, number or sign of the text.
type Token struct {
	Span
	Kind TokenKind `json:"kind"`
}

// sign is what a symbol token stands for.
type sign uint8

const (
	sNone sign = iota
	sArrow
	sGE
	sLE
	sGT
	sLT
	sEQ
	sAbout
	sPercent
	sCurrency
	sPlus
	sDash
	sSlash
	sOpen
	sClose
	sComma
	sSemi
	sColon
	sStop
	sQuestion
	sApostrophe
	sNoise // quotes and mark-up: read over
	sBlank // ___, ███: something to be filled in, or blacked out
	sHash
	sPlusMinus
	sEllipsis
	sOther
)

// tok is a token while it is being read.
type tok struct {
	Token
	sign   sign
	joined bool // no space before
	digits bool // a word that holds digits
	cjk    bool
	cont   bool // covered by a phrase that began earlier
	of     int  // where that phrase began
	paren  bool
	date   bool
	name   bool
	span   int // tokens covered, 1 but for phrases
	val    int // index of its value, plus one
	entry  *entry
	sense  *sense
	set    set
}

var noSense = &sense{}

func isCJK(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// tokenise splits the text; it looks every word up once.
func (l *Lexicon) tokenise(text string, into []tok) []tok {
	var buf [64]byte
	depth := 0
	spaced, link := true, false
	for i := 0; i < len(text); {
		r, w := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRuneInString(text[i:])
		}
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			i += w
			spaced = true
			continue
		}
		t := tok{Token: Token{Span: Span{Start: i}}, joined: !spaced, span: 1, sense: noSense, paren: depth > 0}
		spaced = false
		switch {
		case r == 'h' && isURL(text[i:]), r == '(' && i > 0 && text[i-1] == ']':
			t.Kind, t.sign = Symbol, sNoise // an address, or a link's target
			i = addressEnd(text, i)
		case r == '[' && isLink(text[i:]):
			t.Kind, t.sign = Symbol, sNoise
			link = true
			i++
		case r == ']' && link:
			t.Kind, t.sign = Symbol, sNoise
			link = false
			i++
		case r >= '0' && r <= '9':
			t.Kind = Digits
			i = digitsEnd(text, i)
		case unicode.IsLetter(r):
			t.Kind = Word
			t.cjk = isCJK(r)
			i, t.digits = wordEnd(text, i, t.cjk)
			if k := lower(text[t.Start:i], &buf); k != nil {
				t.entry = l.words[string(k)]
			}
		default:
			t.Kind = Symbol
			i, t.sign = symbol(text, i, r, w)
			switch t.sign {
			case sOpen:
				depth++
				t.paren = true
			case sClose:
				if depth > 0 {
					depth--
				}
				t.paren = true
			}
		}
		t.End = i
		into = append(into, t)
	}
	return into
}

func isURL(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") }

// isLink: [words](address), as Markdown writes it.
func isLink(s string) bool {
	if len(s) > 256 {
		s = s[:256]
	}
	end := strings.IndexByte(s, ']')
	return end > 0 && end+1 < len(s) && s[end+1] == '(' && strings.IndexByte(s[1:end], '[') < 0
}

func addressEnd(text string, i int) int {
	bracket := text[i] == '('
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == ')':
			if bracket {
				return i + 1
			}
			return i
		case c == ' ' || c == '\n' || c == '\t' || c == '>' || c == '|':
			return i
		}
	}
	return i
}

// digitsEnd takes separators along where digits follow; a space or an
// apostrophe only between groups of three.
func digitsEnd(text string, i int) int {
	group := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
		group++
	}
	for i < len(text) {
		r, w := utf8.DecodeRuneInString(text[i:])
		n := 0
		for i+w+n < len(text) && text[i+w+n] >= '0' && text[i+w+n] <= '9' {
			n++
		}
		switch {
		case (r == '.' || r == ',') && n > 0:
		case isGroupSpace(r) && n == 3 && group <= 3 && group > 0:
		default:
			return i
		}
		i += w + n
		group = n
	}
	return i
}

func isGroupSpace(r rune) bool {
	return r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009' || r == '\'' || r == '’'
}

func wordEnd(text string, i int, cjk bool) (end int, digits bool) {
	for i < len(text) {
		r, w := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case r >= '0' && r <= '9':
			if cjk {
				return i, digits
			}
			digits = true
		case unicode.IsLetter(r):
			if isCJK(r) != cjk {
				return i, digits
			}
		case unicode.Is(unicode.Mn, r):
		case r == '.' && digits && !cjk && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9': // v2.0
		default:
			return i, digits
		}
		i += w
	}
	return i, digits
}

// lower writes the lower case of a word into the buffer; nil if it is too long
// to be in any list.
func lower(w string, buf *[64]byte) []byte {
	if len(w) > len(buf)-utf8.UTFMax {
		return nil
	}
	b := buf[:0]
	for _, r := range w {
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b = append(b, byte(r))
			continue
		}
		if len(b) > len(buf)-utf8.UTFMax {
			return nil
		}
		b = utf8.AppendRune(b, unicode.ToLower(r))
	}
	return b
}

// longSigns are the signs of several characters, longest first.
var longSigns = [...]struct {
	text string
	sign sign
}{{"-->", sArrow}, {"==>", sArrow}, {"...", sEllipsis}, {"+/-", sPlusMinus}, {"->", sArrow}, {"=>", sArrow}, {">=", sGE}, {"<=", sLE}, {"=<", sLE}}

func symbol(text string, i int, r rune, w int) (int, sign) {
	rest := text[i:]
	if len(rest) > 1 && strings.IndexByte("-=><.+", rest[0]) >= 0 && strings.IndexByte("-=></.", rest[1]) >= 0 {
		for _, a := range longSigns {
			if strings.HasPrefix(rest, a.text) {
				return i + len(a.text), a.sign
			}
		}
	}
	end := i + w
	switch r {
	case '→', '➔', '➜', '⟶', '⇒', '▶', '↗', '↘':
		return end, sArrow
	case '≥', '⩾':
		return end, sGE
	case '≤', '⩽':
		return end, sLE
	case '>', '＞':
		return end, sGT
	case '<', '＜':
		return end, sLT
	case '=':
		return end, sEQ
	case '~', '≈', '∼':
		return end, sAbout
	case '%', '％':
		return end, sPercent
	case '+', '＋':
		return end, sPlus
	case '-', '–', '—', '−', '‑', '‐':
		return end, sDash
	case '/', '∕':
		return end, sSlash
	case '(', '[', '{', '（', '【':
		return end, sOpen
	case ')', ']', '}', '）', '】':
		return end, sClose
	case ',', '，', '、':
		return end, sComma
	case ';', '；', '|', '•', '·':
		return end, sSemi
	case ':', '：':
		return end, sColon
	case '.', '!', '。', '！':
		return end, sStop
	case '?', '？':
		return end, sQuestion
	case '\'', '’', '‘':
		return end, sApostrophe
	case '…':
		return end, sEllipsis
	case '±':
		return end, sPlusMinus
	case '#':
		return end, sHash
	case '_', '█', '▇', '■':
		n := 0
		for end-i < len(rest) && strings.HasPrefix(text[end:], string(r)) {
			end += w
			n++
		}
		if n > 0 || r != '_' {
			return end, sBlank
		}
		return end, sNoise
	case '*', '`', '"', '“', '”', '„', '«', '»', '\\', '‹', '›':
		return end, sNoise
	}
	if unicode.Is(unicode.Sc, r) {
		return end, sCurrency
	}
	return end, sOther
}
