package slack

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain takes out of a text what cannot be seen and what turns the direction of
// writing, makes every line break one of \n and every other control character a
// space, and trims it. It is for texts of the type plain_text, in which Slack
// reads no mentions, links or formatting.
//
// Joiners within words of scripts that need them, and within emoji, stay.
func Plain(s string) string {
	in := []rune(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n"))
	out := make([]rune, 0, len(in))
	for i, r := range in {
		switch {
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			out = append(out, '\n')
		case unicode.IsControl(r):
			out = append(out, ' ')
		case r == '\u200c', r == '\u200d':
			if len(out) > 0 && i+1 < len(in) && joins(out[len(out)-1]) && joins(in[i+1]) {
				out = append(out, r)
			}
		case unseen(r):
		default:
			out = append(out, r)
		}
	}
	return strings.TrimSpace(string(out))
}

// joins says whether a joiner beside the rune can mean something.
func joins(r rune) bool {
	return r > unicode.MaxLatin1 && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsSymbol(r)) || unicode.Is(unicode.Variation_Selector, r)
}

// unseen says whether the rune shows nothing: formatting characters, among them
// those of direction, zero-width ones and tags, and letters without a glyph.
func unseen(r rune) bool {
	return unicode.Is(unicode.Cf, r) || slices.Contains([]rune{'\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0'}, r)
}

// Mrkdwn makes people's words safe in texts of the type mrkdwn: [Plain], and then
// nothing is left that Slack reads as a mention, a link, formatting or an emoji.
// &, < and > become entities, so that no <!channel>, <@U…> or <https://…|text>
// is one. Where *, _, ~ or ` could begin or end formatting, and : an emoji, a
// character of the same look stands instead; within words, as in key_result,
// they stay. A > at the beginning of a line, which would make a quotation, is
// replaced in the same way.
func Mrkdwn(s string) string {
	in := []rune(emoji.ReplaceAllStringFunc(Plain(s), func(m string) string {
		return strings.ReplaceAll(m, ":", "\ua789")
	}))
	var b strings.Builder
	begins := true // nothing but space since the line began
	for i, r := range in {
		switch alike := lookalikes[r]; {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>' && begins:
			b.WriteRune('›')
		case r == '>':
			b.WriteString("&gt;")
		case alike != 0 && !within(in, i):
			b.WriteRune(alike)
		default:
			b.WriteRune(r)
		}
		begins = r == '\n' || begins && (unicode.IsSpace(r) || r == '>')
	}
	return b.String()
}

// emoji is what Slack reads as one: a name with a letter between colons, or a
// number that is not part of a time of day.
var emoji = regexp.MustCompile(`:[\pL\pN_+'\-]*[\pL_+'\-][\pL\pN_+'\-]*:|(?:^|[^\pN]):\pN+:`)

var lookalikes = map[rune]rune{'*': '∗', '_': '＿', '~': '∼', '`': 'ˋ'}

// within says whether the i-th rune stands between letters or digits, where it
// neither begins nor ends formatting. A backtick always does.
func within(in []rune, i int) bool {
	word := func(j int) bool {
		return j >= 0 && j < len(in) && (unicode.IsLetter(in[j]) || unicode.IsDigit(in[j]))
	}
	return in[i] != '`' && word(i-1) && word(i+1)
}

// Cut shortens a text to at most limit characters, counted as Slack does, in
// UTF-16. It ends with … where something was cut, after a word if there is one
// near, and never within an entity or a character with its marks.
func Cut(s string, limit int) string {
	head, rest := split(s, limit)
	if rest == "" {
		return head
	}
	head, _ = split(s, limit-1)
	return strings.TrimRightFunc(head, unicode.IsSpace) + "…"
}

// split takes as much from the beginning of s as limit characters hold.
func split(s string, limit int) (head, rest string) {
	size, word, line, whole := 0, 0, 0, 0 // whole: the last end of a character with its marks
	joined := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		for _, entity := range []string{"&amp;", "&lt;", "&gt;"} {
			if strings.HasPrefix(s[i:], entity) {
				n = len(entity)
			}
		}
		if !joined && !continues(r) {
			whole = i
		}
		joined = r == '\u200d'
		switch {
		case r == '\n':
			line, word = i, i
		case unicode.IsSpace(r):
			word = i
		}
		size += width(r, n)
		if size > limit {
			end := whole
			switch {
			case line > end/2:
				end = line
			case word > end/2:
				end = word
			case end == 0:
				end = i // one character with more marks than fit
			}
			return s[:end], s[end:]
		}
		i += n
	}
	return s, ""
}

// continues says whether the rune belongs to the character before it.
func continues(r rune) bool {
	return unicode.IsMark(r) || r == '\u200d' || r >= 0x1F3FB && r <= 0x1F3FF
}

// width is how many characters Slack counts for a rune, or for an entity of n bytes.
func width(r rune, n int) int {
	switch {
	case r == '&':
		return n
	case r > 0xFFFF:
		return 2
	}
	return 1
}
