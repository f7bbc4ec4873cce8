package planfile

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/okrkit/okrkit/okr/measure"
)

// stated is what a text says came of something: a share of the way done, or the
// reason why no score can be read from it.
type stated struct {
	score  measure.Number
	bare   bool // a number without its scale: the other scores of the file say whether it is a share
	share  bool // a bare share such as 81 %, which may be the value that was reached
	reason string
}

// Figures of an outcome. A mark such as * behind a number points to a footnote.
const (
	percentFigure  = `[~≈]?\s?([-−]?\d+(?:[.,]\d+)?)\s?\*?\s?%\*?`
	fractionFigure = `(\d+(?:[.,]\d+)?)\s?(?:/|of|out of|von|sur|de)\s?(\d+(?:[.,]\d+)?)`
)

var (
	somePercent  = regexp.MustCompile(percentFigure)
	someFraction = regexp.MustCompile(`(?i)(?:^|[^\d.,/])` + fractionFigure + `(?:$|[^\d/%])`)
	// "65% attainment", "79.13% of target", "80 % erreicht"
	attained = regexp.MustCompile(`(?i)` + percentFigure + `\s+(?:of (?:the |our )?(?:targets?|goals?|plan|key results?|way)\b|attain(?:ment|ed)\b|achiev(?:ed|ement)\b|complet(?:e|ed|ion)\b|done\b|erreicht|erledigt|fertig|erfüllt|atteint|réalisé|alcanzado|completado|alcançado|concluído)`)
	// "8/10 (80%)", "50/50 sourced (100%)", "7 (0.7)"
	inBracketsOf = regexp.MustCompile(`^([^()%]*)\((?:` + percentFigure + `|(0(?:[.,]\d+)?|1(?:[.,]0+)?))\)(.*)$`)
	percentFirst = regexp.MustCompile(`^` + percentFigure + `(.*)$`)
	countFirst   = regexp.MustCompile(`(?i)^` + fractionFigure + `(.*)$`)
	numberFirst  = regexp.MustCompile(`^([-−]?(?:\d+(?:[.,]\d+)?|[.,]\d+))(.*)$`)
	// What may follow a score is a comment, and not the thing that was counted.
	setApart   = regexp.MustCompile(`^\s*(?:$|[,;:.(\[–—|]|[-=]+>?\s)`)
	notYet     = regexp.MustCompile(`(?i)^[\s(\[]*(?:[?…xX*_-]+|tb[dac]|n/?a|none|pending|open|offen)\b?[\s)\]?.]*$|(?:^|[\s(])X+\s?(?:%|/\s?\d)`)
	manyThings = regexp.MustCompile(`(?:,|;|\band\b|\bund\b|\bet\b|\by\b|\be\b|&)\s*[~≈]?\d`)
)

// statedIn reads what an outcome says. Where it gives more than one figure, or a
// figure of something else, no score is read.
func statedIn(text string) stated {
	text = strings.TrimSpace(strings.Trim(oneLine(text), "*_` "))
	if text == "" || notYet.MatchString(text) {
		return stated{reason: "no score is filled in"}
	}
	if all := attained.FindAllStringSubmatch(text, -1); len(all) == 1 {
		return share(all[0][1], false)
	} else if len(all) > 1 {
		return several()
	}
	if m := inBracketsOf.FindStringSubmatch(text); m != nil {
		return countedIn(m[1], firstOf(m[2], m[3]), m[2] != "", m[4])
	}
	figures := len(somePercent.FindAllString(withoutBrackets(text), -1))
	if m := percentFirst.FindStringSubmatch(text); m != nil {
		switch {
		case figures > 1 || someFraction.MatchString(withoutBrackets(m[2])):
			return several()
		case !setApart.MatchString(m[2]):
			return stated{reason: "a share of something, and it does not say of the way"}
		}
		return share(m[1], true)
	}
	if m := countFirst.FindStringSubmatch(text); m != nil {
		switch {
		case figures > 0 || someFraction.MatchString(withoutBrackets(m[3])):
			return several()
		case !setApart.MatchString(m[3]):
			return stated{reason: "a count of something, and it does not say that all of it was to be reached"}
		}
		return counted(m[1], m[2])
	}
	if m := numberFirst.FindStringSubmatch(text); m != nil && setApart.MatchString(m[2]) && figures == 0 && !numberFirst.MatchString(strings.TrimLeft(m[2], " ,;:.(-")) {
		v, ok := decimal(m[1])
		switch {
		case !ok:
		case v < 0:
			return stated{reason: "a score is not below 0"}
		default:
			return stated{score: measure.N(v), bare: true}
		}
	}
	if figures > 1 {
		return several()
	}
	return stated{reason: "it states no score that can be read in only one way"}
}

func several() stated {
	return stated{reason: "it gives more than one figure, and does not say which is the score"}
}

// countedIn reads a count with the share that it is in brackets behind it. The
// two must agree.
func countedIn(before, figure string, percent bool, after string) stated {
	if strings.Contains(after, "%") || manyThings.MatchString(after) || manyThings.MatchString(before) {
		return several()
	}
	if !setApart.MatchString(after) && strings.ContainsFunc(after, unicode.IsDigit) {
		return stated{reason: "it states no score that can be read in only one way"}
	}
	out := stated{}
	if percent {
		out = share(figure, strings.TrimSpace(before) == "")
	} else if v, ok := decimal(figure); ok {
		out.score = measure.N(v)
	}
	f := countFirst.FindStringSubmatch(strings.TrimSpace(before))
	v, known := out.score.Value()
	if f == nil || !known {
		return out
	}
	count, ok := counted(f[1], f[2]).score.Value()
	if ok && math.Abs(count-v) > 0.0101 && (count < 1 || v != 1) {
		return stated{reason: fmt.Sprintf("%s/%s and %s%s do not agree", f[1], f[2], figure, map[bool]string{true: " %"}[percent])}
	}
	return out
}

// share is a percentage as a share of the way; bare says that nothing but its
// place tells what it is a share of.
func share(figure string, bare bool) stated {
	v, ok := decimal(figure)
	switch {
	case !ok:
		return stated{reason: "it states no score that can be read in only one way"}
	case v < 0:
		return stated{reason: "a score is not below 0"}
	}
	return stated{score: hundredth(v), share: bare}
}

// hundredth is a hundredth, as a person would write it.
func hundredth(v float64) measure.Number {
	if f, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', -1, 64)+"e-2", 64); err == nil {
		return measure.N(f)
	}
	return measure.N(v / 100)
}

// counted is a count of a whole.
func counted(part, whole string) stated {
	p, ok1 := decimal(part)
	w, ok2 := decimal(whole)
	if !ok1 || !ok2 || w <= 0 {
		return stated{reason: "it states no score that can be read in only one way"}
	}
	return stated{score: measure.N(math.Round(p/w*1e6) / 1e6)}
}

func decimal(text string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.NewReplacer(",", ".", "−", "-").Replace(text), 64)
	return f, err == nil && !math.IsInf(f, 0) && f <= maxFigure
}

// maxFigure bounds the figures of an outcome.
const maxFigure = 1e5

var bracketed = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]`)

// withoutBrackets is a text without its asides.
func withoutBrackets(text string) string { return bracketed.ReplaceAllString(text, " ") }

// against says why an outcome behind a key result's own words is no score: where
// those speak of the same unit, it may be the value that was reached.
func (d *draft) against(title string, s stated) string {
	if s.reason != "" || !s.share && !s.bare {
		return ""
	}
	read := d.words.Read(title)
	if s.bare && read.Measure != nil && (read.Measure.Baseline.Known() || read.Measure.Target.Known()) {
		return "it may be the value that was reached, or a score"
	}
	if !s.share {
		return ""
	}
	if !d.graded && len(read.Values) == 0 && len(strings.Fields(title)) < 4 {
		return "it may be a target, or what came of it"
	}
	for _, m := range somePercent.FindAllStringSubmatch(title, -1) {
		if v, ok := decimal(m[1]); !ok || v != 100 {
			return "the key result itself counts in %: it may be the value that was reached, or a score"
		}
	}
	if m := read.Measure; m != nil && m.Unit == "%" && m.Baseline.Known() {
		return "the key result itself counts in %: it may be the value that was reached, or a score"
	}
	return ""
}

// scored is where a score and its words are kept.
type scored struct {
	score   *measure.Number
	outcome *string
}

func (k *draftKeyResult) scored() scored { return scored{&k.Score, &k.Outcome} }
func (o *draftObjective) scored() scored { return scored{&o.Score, &o.Outcome} }

// bareScore is a score without its scale.
type bareScore struct {
	scored
	text string
	line int
}

// outcome gives a key result or an objective what a text says came of it. What is
// no score, or no certain one, is unread. title is the words that the outcome
// stands behind, "" where a label says that it is a score.
func (d *draft) outcome(to scored, text, title string, line int) {
	text = oneLine(text)
	if text == "" {
		return
	}
	s := statedIn(text)
	if s.reason == "" && title != "" {
		s.reason = d.against(title, s)
	}
	switch {
	case s.reason != "":
		d.l.part(line, text, "an outcome: "+s.reason)
	case to.score.Known() && !to.score.Equal(s.score):
		d.l.part(line, text, "another score: "+to.score.String()+" was read before")
	case to.score.Known():
	default:
		*to.score, *to.outcome = s.score, d.short(text, maxNote, line)
		if s.bare {
			d.bare = append(d.bare, bareScore{to, text, line})
		}
	}
}

// scaleScores takes bare scores back where the file as a whole shows that they
// are no shares: a 3 says that 1 is not all of it.
func (d *draft) scaleScores() {
	beyond := slices.ContainsFunc(d.bare, func(b bareScore) bool { return b.score.Or(0) > mostBare })
	if !beyond {
		return
	}
	for _, b := range d.bare {
		*b.score, *b.outcome = measure.Number{}, ""
		d.l.part(b.line, b.text, "an outcome: the file does not say on which scale its scores are: write them as shares such as 0.7 or 70 %")
	}
}

// mostScore is the highest score that a plan takes.
const mostScore = 1000

// mostBare is the highest number that still passes for a share of the way.
const mostBare = 1.5
