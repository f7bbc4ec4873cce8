package email

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// address reads one address, with or without a name, into a form that is safe in
// a header and in an SMTP command: no control characters, no quoted local part,
// the domain in ASCII. Errors match [ErrAddress].
func address(s string) (*netmail.Address, error) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
	}) {
		return nil, fmt.Errorf("%w: it holds control characters", ErrAddress)
	}
	p, err := netmail.ParseAddress(s)
	// net/mail takes a group of one as well. Its words may repeat the address.
	if s = strings.TrimSpace(s); err != nil || s != p.Address && !strings.HasSuffix(s, ">") {
		return nil, fmt.Errorf("%w: it is not one address in the form name@domain", ErrAddress)
	}
	at := strings.LastIndexByte(p.Address, '@')
	local, domain := p.Address[:at], p.Address[at+1:]
	if !dotAtom(local) {
		return nil, fmt.Errorf("%w: what stands before the @ needs quotes", ErrAddress)
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || ascii == "" {
		return nil, fmt.Errorf("%w: what stands behind the @ is no domain name", ErrAddress)
	}
	if len(local) > 64 || len(ascii) > 253 || len(local)+1+len(ascii) > 254 {
		return nil, fmt.Errorf("%w: it is longer than 254 bytes, or than 64 before the @", ErrAddress)
	}
	return &netmail.Address{Name: line(p.Name), Address: local + "@" + ascii}, nil
}

// dotAtom says whether a local part needs no quotes (RFC 5322 3.2.3, with the
// letters of RFC 6531).
func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool {
			return r < utf8.RuneSelf && (r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>[]:;@\,"`, r)) || unicode.IsSpace(r)
		}) {
			return false
		}
	}
	return true
}

// ascii says whether an address needs no SMTPUTF8.
func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// line is text that fits into one header: no control characters, no line breaks
// of any kind, no marks that turn the direction of writing, single spaces.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(clean(s, ""), breaks), " ")
}

// breaks says whether a line may end at the rune: not at the spaces that keep words
// together, such as the one that French has before a colon.
func breaks(r rune) bool {
	return unicode.IsSpace(r) && !strings.ContainsRune("\u00a0\u2007\u202f", r)
}

// clean replaces control characters, except those to be kept, by spaces.
func clean(s, keep string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(keep, r):
			return r
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
