package papers

import (
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// Kind is which paper it is.
type Kind string

// The kinds.
const (
	KindPlanning     Kind = "planning"     // the session in which a quarter is planned
	KindCheckIn      Kind = "checkin"      // the weekly meeting of a team
	KindWorksheet    Kind = "worksheet"    // the audit of key results, a row for each
	KindAnnouncement Kind = "announcement" // what everybody is told before a cycle
	KindReview       Kind = "review"       // the session at the end of a cycle
)

// Kinds are the kinds of paper, in the order in which a cycle needs them.
func Kinds() []Kind {
	return []Kind{KindAnnouncement, KindPlanning, KindWorksheet, KindCheckIn, KindReview}
}

// Format is how a paper is written.
type Format string

// The formats.
const (
	Markdown Format = "markdown"
	HTML     Format = "html"  // a page for a screen
	Print    Format = "print" // a page to print, with room to write by hand
)

// Formats are the formats in which papers are written.
func Formats() []Format { return []Format{Markdown, HTML, Print} }

// Size is the sheet that a paper is printed on.
type Size string

// The sizes.
const (
	A4     Size = "a4"
	Letter Size = "letter"
)

// Sizes are the sheets that pages are laid out for.
func Sizes() []Size { return []Size{A4, Letter} }

// Data is what a paper says. [Planning], [CheckIn], [Worksheet], [Announcement]
// and [Review] are the kinds of it; the zero value of each is a blank form.
type Data interface{ Kind() Kind }

// Blank is the form of a kind with nothing filled in, nil if there is no such kind.
func Blank(k Kind) Data {
	switch k {
	case KindPlanning:
		return Planning{}
	case KindCheckIn:
		return CheckIn{}
	case KindWorksheet:
		return Worksheet{}
	case KindAnnouncement:
		return Announcement{}
	case KindReview:
		return Review{}
	}
	return nil
}

// Options are how a paper is written.
type Options struct {
	Language string // BCP 47, such as de or pt-BR; "" is English. One that nobody has words for is said in English
	Format   Format // "" is Markdown
	Size     Size   // of a page; "" is A4
}

func (o Options) check() error {
	if o.Format != "" && !slices.Contains(Formats(), o.Format) {
		return invalid("format", string(o.Format), "use "+oneOf(Formats()))
	}
	if o.Size != "" && !slices.Contains(Sizes(), o.Size) {
		return invalid("size", string(o.Size), "use "+oneOf(Sizes()))
	}
	return nil
}

func invalid(field, value, remedy string) error {
	return &okr.InvalidError{Field: field, Value: value, Remedy: remedy}
}

func oneOf[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, x := range all {
		words[i] = string(x)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
