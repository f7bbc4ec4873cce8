package rules

import (
	"fmt"
	"unicode"
)

// invisible are characters that come along from word processors and chats, by name.
var invisible = map[rune]string{
	'\u00a0': "a no-break space", '\u202f': "a narrow no-break space", '\u2007': "a figure space", '\u3000': "an ideographic space",
	'\u200b': "a zero-width space", '\u200c': "a zero-width non-joiner", '\u200d': "a zero-width joiner", '\u2060': "a word joiner",
	'\ufeff': "a byte order mark", '\u00ad': "a soft hyphen", '\u200e': "a left-to-right mark", '\u200f': "a right-to-left mark",
}

// unseen names the first character of an expression that cannot be seen, or that
// looks like a plain letter and is none. Texts are blanked out.
func unseen(text []rune) (msg, hint string, at int, ok bool) {
	for i, r := range text {
		name, named := invisible[r]
		switch {
		case r <= ' ' && r != 0:
			continue
		case unicode.Is(unicode.Zs, r) && r != ' ':
			if !named {
				name = "a space of another width"
			}
			return fmt.Sprintf("%s (U+%04X) stands here, and looks like a blank", name, r), "type a plain blank in its place", i, true
		case named, unicode.In(r, unicode.Cf, unicode.Cc):
			if !named {
				name = "a character that cannot be seen"
			}
			return fmt.Sprintf("%s (U+%04X) stands here", name, r), "delete it, with what is beside it if need be, and type that again", i, true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek):
			return fmt.Sprintf("%c is the letter U+%04X, and none of the plain letters a to z", r, r), "type it again; a text goes between quotes", i, true
		}
	}
	return "", "", 0, false
}
