package lexicon

import (
	"strings"
	"unicode"
)

// OwnerKind says what the text of an owner field is.
type OwnerKind string

// The kinds of owner.
const (
	OwnerEmpty   OwnerKind = "empty"   // nothing, or a word for it: TBD, n/a
	OwnerPerson  OwnerKind = "person"  // a name, a handle, a person's address
	OwnerGroup   OwnerKind = "group"   // a team, a department, a role, everyone, a shared address
	OwnerSeveral OwnerKind = "several" // more than one person
)

// OwnerText is what an owner field says.
type OwnerText struct {
	Kind   OwnerKind `json:"kind"`
	People []string  `json:"people,omitempty"` // as written, trimmed
	Why    string    `json:"why"`
}

// maxOwner bounds what is read of an owner field, in bytes.
const maxOwner = 1 << 10

// Owner tells one person from several, from a team or a role, and from nobody.
// Words of every language count. It reads text only: whether such a person
// exists is not known here.
func (l *Lexicon) Owner(text string) OwnerText {
	if len(text) > maxOwner {
		text = text[:maxOwner]
	}
	s := strings.TrimSpace(strings.ToValidUTF8(text, ""))
	if l.nobody(s) {
		return OwnerText{Kind: OwnerEmpty, Why: "No owner is named."}
	}
	parts := splitOwners(s)
	var people []string
	for _, p := range parts {
		if l.nobody(p) {
			continue
		}
		if why := l.group(p); why != "" {
			return OwnerText{Kind: OwnerGroup, Why: why}
		}
		people = append(people, p)
	}
	switch len(people) {
	case 0:
		return OwnerText{Kind: OwnerEmpty, Why: "No owner is named."}
	case 1:
		return OwnerText{Kind: OwnerPerson, People: people, Why: "One person is named."}
	}
	return OwnerText{Kind: OwnerSeveral, People: people, Why: "Several people are named: none of them is the one to ask."}
}

// splitOwners splits at the signs that join people. "Doe, Jane" stays one: a
// comma parts people only where both sides have a first and a last name, or
// there are more than two.
func splitOwners(s string) []string {
	if i := strings.IndexByte(s, '<'); i > 0 && strings.Count(s, "@") == 1 && strings.HasSuffix(s, ">") { // Ana Lima <ana@…>
		s = strings.TrimSpace(s[:i])
	}
	s = strings.ReplaceAll(s, " @", ";@")
	f := func(r rune) bool {
		return r == '/' || r == ';' || r == '&' || r == '+' || r == '|' || r == '、' || r == '\n'
	}
	var out []string
	for _, p := range strings.FieldsFunc(s, f) {
		for _, w := range []string{" and ", " und ", " et ", " y ", " e ", " with ", " mit "} {
			p = strings.ReplaceAll(p, w, "\x00")
		}
		for _, q := range strings.Split(p, "\x00") {
			c := strings.Split(q, ",")
			if len(c) == 2 && !strings.Contains(strings.TrimSpace(c[0]), " ") && !strings.HasPrefix(strings.TrimSpace(c[1]), "@") && !strings.Contains(q, "@") {
				c = []string{q}
			}
			for _, n := range c {
				if n = strings.TrimSpace(n); n != "" {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// nobody: empty, or made of words and signs that stand for no one.
func (l *Lexicon) nobody(s string) bool {
	s = strings.Trim(s, " \t\n-–—?._*()[]<>{}")
	if s == "" {
		return true
	}
	var space [16]tok
	toks := l.tokenise(s, space[:0])
	r := reader{l: l, text: s, toks: toks}
	for i := 0; i < len(toks); {
		if toks[i].Kind == Symbol {
			i++
			continue
		}
		n := r.anySense(i, cNobody)
		if n == 0 {
			return false
		}
		i += n
	}
	return true
}

// anySense: some language gives the word, or the phrase that it begins, the
// class; the answer is the number of tokens covered.
func (r *reader) anySense(i int, c class) int {
	e := r.toks[i].entry
	if e == nil {
		return 0
	}
	for _, p := range e.phrases {
		if end, ok := r.follows(i+1, p.rest); ok && p.sense.set.has(c) {
			return end - i
		}
	}
	for _, s := range e.senses {
		if s != nil && s.set.has(c) {
			return 1
		}
	}
	return 0
}

// group says why an owner is not one person, "" if it may be one.
func (l *Lexicon) group(s string) string {
	if at := strings.LastIndexByte(s, '@'); at > 0 {
		local := s[:at]
		if l.all(local, cGroup, cRole) {
			return "“" + s + "” is a shared address."
		}
		return ""
	}
	if strings.HasPrefix(s, "#") {
		return "“" + s + "” is a channel."
	}
	handle := strings.HasPrefix(s, "@")
	s = strings.TrimPrefix(s, "@")
	if l.all(s, cGroup, cRole, cDeterminer, cPreposition, cAnd, cOf, cUniversal) {
		if l.any(s, cRole) && !l.any(s, cGroup) {
			return "“" + s + "” is a role; name who holds it."
		}
		return "“" + s + "” is a group; name one person of it."
	}
	// "Team Phoenix", "Platform team", "Abteilung Einkauf".
	f := strings.Fields(strings.ToLower(s))
	for _, w := range []int{0, len(f) - 1} {
		if teamWords[f[w]] && len(f) > 1 || handle && strings.HasSuffix(f[len(f)-1], "team") {
			return "“" + s + "” is a group; name one person of it."
		}
	}
	if !handle && strings.HasPrefix(f[0], "the") && f[0] == "the" {
		return "“" + s + "” is a group; name one person of it."
	}
	return ""
}

var teamWords = map[string]bool{
	"team": true, "teams": true, "squad": true, "tribe": true, "chapter": true, "guild": true, "group": true, "department": true, "dept": true,
	"abteilung": true, "bereich": true, "équipe": true, "equipo": true, "equipe": true, "equipa": true, "service": true, "departamento": true, "área": true, "direction": true,
}

// all: every word of the text has one of the classes in some language.
func (l *Lexicon) all(s string, cs ...class) bool {
	var space [16]tok
	r := reader{l: l, text: s, toks: l.tokenise(s, space[:0])}
	seen := false
	for i := 0; i < len(r.toks); {
		if r.toks[i].Kind == Symbol {
			i++
			continue
		}
		n := 0
		for _, c := range cs {
			n = max(n, r.anySense(i, c))
		}
		if n == 0 {
			return false
		}
		seen = true
		i += n
	}
	return seen
}

func (l *Lexicon) any(s string, c class) bool {
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if l.all(w, c) {
			return true
		}
	}
	return false
}
