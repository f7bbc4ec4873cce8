package okr

import (
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr/measure"
)

// checkAround checks what a directory says of who and what is around a person.
func (p Person) checkAround(at string) error {
	for _, err := range []error{
		checkID(at+".manager", p.Manager, false), checkID(at+".backup", p.Backup, false),
		checkLanguage(at+".language", p.Language), checkText(at+".region", p.Region, maxName, false), checkSpans(at+".away", p.Away),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case p.Backup != "" && p.Backup == p.ID:
		return invalid(at+".backup", string(p.Backup), "nobody stands in for themselves: name somebody else, or nobody")
	case p.Manager != "" && p.Manager == p.ID:
		return invalid(at+".manager", string(p.Manager), "nobody is their own manager: name somebody else, or nobody")
	}
	return nil
}

// checkLanguage refuses what cannot be a BCP 47 tag: subtags of letters and digits, at
// most eight long, the first of them letters. Whether there is such a language it does
// not know.
func checkLanguage(field, tag string) error {
	if tag == "" {
		return nil
	}
	for i, part := range strings.Split(tag, "-") {
		letter := func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }
		odd := strings.ContainsFunc(part, func(r rune) bool { return !letter(r) && (i == 0 || r < '0' || r > '9') })
		if odd || len(part) == 0 || len(part) > 8 || i == 0 && len(part) == 1 {
			return invalid(field, tag, "use a language tag such as en, de-CH or pt-BR")
		}
	}
	return nil
}

// inDayOrder are the spans by their days, each once, nil for none.
func inDayOrder(spans []Span) []Span {
	if len(spans) == 0 {
		return nil
	}
	out := slices.Clone(spans)
	slices.SortFunc(out, compareSpans)
	return slices.Compact(out)
}

// Equal says whether a directory says the same of both, whatever their version.
func (p Person) Equal(b Person) bool {
	return p.ID == b.ID && p.Name == b.Name && p.Email == b.Email && p.Kind == b.Kind && p.Left == b.Left && p.Team == b.Team && p.Zone == b.Zone &&
		p.Manager == b.Manager && p.Backup == b.Backup && p.Language == b.Language && p.Region == b.Region && slices.Equal(p.Away, b.Away)
}

// absences gives word the days of absence as one text, and takes back what that has
// made of them.
func (p *Person) absences(word func(field string, s *string)) {
	text := p.AwayText
	if text == "" {
		text = spansText(p.Away)
	}
	word("away", &text)
	p.Away, p.AwayText = spansOf(text)
}

// spansText writes spans as 2026-10-01/2026-10-09, one after another.
func spansText(spans []Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, s.From.String()+"/"+s.To.String())
	}
	return strings.Join(out, " ")
}

// spansOf reads what spansText wrote, or leaves the text as it is.
func spansOf(text string) ([]Span, string) {
	var out []Span
	for _, field := range strings.Fields(text) {
		from, to, ok := strings.Cut(field, "/")
		a, err := measure.ParseDate(from)
		b, err2 := measure.ParseDate(to)
		if !ok || err != nil || err2 != nil {
			return nil, text
		}
		out = append(out, Span{a, b})
	}
	return out, ""
}

// away says whether the person is away on a day.
func (p *Person) away(on Date) bool {
	return slices.ContainsFunc(p.Away, func(s Span) bool { return s.Has(on) })
}
