package planfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules/lexicon"
)

// A year within a cycle: 2026, or 26 where Q or FY stands beside it.
const yearPattern = `((?:19|20)\d\d)`

var (
	quarterFirst = regexp.MustCompile(`(?i)\b(?:q|quarter |quartal |trimestre |t)([1-4])(?:[-/. ']{0,2}|,? (?:of|de|do|del|des) )(?:cy ?|y ?)?` + yearPattern + `\b`)
	yearFirst    = regexp.MustCompile(`(?i)\b(?:cy|calendar year)? ?` + yearPattern + `[-/. ]{0,3}(?:q|quarter |quartal |trimestre |t)([1-4])\b`)
	shortYear    = regexp.MustCompile(`(?i)\bcy ?'?(\d\d)[-/. ]{0,3}q([1-4])\b`)
	quarterShort = regexp.MustCompile(`(?i)\bq([1-4])[-/'’]{1,2}(\d\d)\b`)
	fiscal       = regexp.MustCompile(`(?i)\b(?:fy|gj|ex) ?'?((?:\d\d)?\d\d(?:/\d\d)?)(?:[-/. ]{0,3}(?:(q|h)([1-4])))?\b`)
	fiscalLast   = regexp.MustCompile(`(?i)\b(q|h)([1-4])[-/. ]{0,3}(?:fy|gj) ?'?((?:\d\d)?\d\d(?:/\d\d)?)\b`)
	halfYear     = regexp.MustCompile(`(?i)\b(?:h([12])[-/. ]{0,2}` + yearPattern + `|` + yearPattern + `[-/. ]{0,2}h([12]))\b`)
	onlyYear     = regexp.MustCompile(`(?i)\b(?:cy|y)?` + yearPattern + `\b`)
	// "2. Quartal 2026", "2º trimestre de 2026", "3T2026", "first quarter of 2027"
	ordinalQuarter = regexp.MustCompile(`(?i)(?:^|[^\p{L}\d])(?:([1-4])(?:[.ºª°]|st|nd|rd|th|er|ère|e|ème|o)?|` + ordinalWords + `)[ -]?(?:quarter|quartals?|trimestre|trim\.?|t|q)[-/., ]{0,2}(?:(?:of|de|do|del|des) )?` + yearPattern + `\b`)
	halfFirst      = regexp.MustCompile(`(?i)(?:^|[^\p{L}\d])(?:(?:([12])(?:[.ºª°]|st|nd|er|e|ème|o)?|` + ordinalWords + `)[ -]?(?:half|halbjahr(?:es)?|semestre|semester)|(?:halbjahr |semestre |half |s)([12]))[-/., ]{0,2}(?:(?:of|de|do|del|des) )?` + yearPattern + `\b`)
	onlyQuarter    = regexp.MustCompile(`(?i)\b(?:(q)([1-4])|([1-4])(?:st|nd|rd|th) quarter|(?:quarter|quartal|trimestre) ([1-4])|([1-4])(?:\.|º|°|er|e|ème|o)? ?(?:quartal|trimestre))\b`)
)

// ordinalWords are first to fourth, as they stand before a quarter or a half.
const ordinalWords = `(first|erstes|premier|primer|primeiro|second|zweites|deuxième|segundo|third|drittes|troisième|tercer|terceiro|fourth|viertes|quatrième|cuarto|quarto)`

var ordinals = map[string]int{
	"first": 1, "erstes": 1, "premier": 1, "primer": 1, "primeiro": 1,
	"second": 2, "zweites": 2, "deuxième": 2, "segundo": 2,
	"third": 3, "drittes": 3, "troisième": 3, "tercer": 3, "terceiro": 3,
	"fourth": 4, "viertes": 4, "quatrième": 4, "cuarto": 4, "quarto": 4,
}

// cycleOf reads a cycle out of words such as "2026-Q4", "Q4 2026", "H1 2026" or
// "FY27-Q2". Its name is the text. It has dates where the words give them: a
// fiscal year begins when its company says.
func cycleOf(text string) okr.PlanCycle {
	text = oneLine(text)
	c := okr.PlanCycle{Name: text}
	digits := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0
		}
		return n
	}
	quarter := func(year, q int) okr.PlanCycle {
		c.Key = fmt.Sprintf("%04d-Q%d", year, q)
		c.Start, c.End = quarterDates(year, q)
		return c
	}
	if m := fiscal.FindStringSubmatch(text); m != nil {
		c.Key = "FY" + m[1]
		if m[3] != "" {
			c.Key += "-" + strings.ToUpper(m[2]) + m[3]
		}
		c.Key = strings.ReplaceAll(c.Key, "/", "-")
		if last := fiscalLast.FindStringSubmatch(text); last != nil && m[3] == "" {
			c.Key += "-" + strings.ToUpper(last[1]) + last[2]
		}
		return c
	}
	if m := quarterFirst.FindStringSubmatch(text); m != nil {
		return quarter(digits(m[2]), digits(m[1]))
	}
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		return quarter(digits(m[1]), digits(m[2]))
	}
	if m := shortYear.FindStringSubmatch(text); m != nil {
		return quarter(2000+digits(m[1]), digits(m[2]))
	}
	if m := quarterShort.FindStringSubmatch(text); m != nil {
		return quarter(2000+digits(m[2]), digits(m[1]))
	}
	if m := ordinalQuarter.FindStringSubmatch(text); m != nil {
		return quarter(digits(m[3]), max(digits(m[1]), ordinals[strings.ToLower(m[2])]))
	}
	half := func(year, h int) okr.PlanCycle {
		c.Key = fmt.Sprintf("%04d-H%d", year, h)
		c.Start = measure.NewDate(year, time.Month(6*h-5), 1)
		c.End = measure.NewDate(year, time.Month(6*h+1), 0)
		return c
	}
	if m := halfYear.FindStringSubmatch(text); m != nil {
		return half(digits(m[2]+m[3]), digits(m[1]+m[4]))
	}
	if m := halfFirst.FindStringSubmatch(text); m != nil {
		if h := max(digits(m[1]+m[3]), ordinals[strings.ToLower(m[2])]); h <= 2 {
			return half(digits(m[4]), h)
		}
	}
	if m := monthRange.FindStringSubmatch(text); m != nil {
		first, last, year := months[foldMonth(m[1])], months[foldMonth(m[2])], digits(m[3])
		switch {
		case first == 0 || last < first:
		case first%3 == 1 && last == first+2:
			return quarter(year, (first+2)/3)
		case first%6 == 1 && last == first+5:
			return half(year, (first+5)/6)
		default:
			c.Key = fmt.Sprintf("%04d-%02d", year, first)
			c.Start = measure.NewDate(year, time.Month(first), 1)
			c.End = measure.NewDate(year, time.Month(last+1), 0)
		}
	}
	return c
}

// monthRange is "April - June 2027", "Apr–Jun 2027", "abril a junio de 2027".
var monthRange = regexp.MustCompile(`(?i)(?:^|[^\p{L}\d])(` + monthWord + `)\.?[ \t]*(?:[-–—/]|to|through|bis|à|a|al|até)[ \t]*(` + monthWord + `)\.?,?[ \t]+(?:de |del )?` + yearPattern + `\b`)

const monthWord = `jan\p{L}*|f[eé][bv]\p{L}*|m[aä]r\p{L}*|apr\p{L}*|a[bv]r\p{L}*|ma[iyo]\p{L}*|ju[nl]\p{L}*|jui\p{L}*|aug\p{L}*|ago\p{L}*|ao[uû]\p{L}*|se[pt]\p{L}*|o[ckut]{2}\p{L}*|nov\p{L}*|de[czs]\p{L}*|dé[cz]\p{L}*|ene\p{L}*|dic\p{L}*`

// months are the beginnings of the months' names in five languages.
var months = map[string]int{
	"jan": 1, "ene": 1, "feb": 2, "fev": 2, "mar": 3, "mär": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5, "mai": 5, "jun": 6, "juin": 6, "jul": 7, "juil": 7,
	"aug": 8, "ago": 8, "aou": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "out": 10, "nov": 11, "dec": 12, "dez": 12, "dic": 12,
}

// foldMonth is the part of a month's name that tells it from the others.
func foldMonth(name string) string {
	r := []rune(strings.NewReplacer("é", "e", "û", "u").Replace(strings.ToLower(name)))
	if len(r) > 3 && string(r[:3]) == "jui" {
		return string(r[:4])
	}
	return string(r[:min(3, len(r))])
}

// quarterDates are the first and the last day of a calendar quarter.
func quarterDates(year, quarter int) (first, last okr.Date) {
	first = measure.NewDate(year, time.Month(3*quarter-2), 1)
	return first, measure.NewDate(year, time.Month(3*quarter+1), 0)
}

// cycle finds the cycle that a heading or a label names. A year alone counts
// only in a text that is short, or speaks of OKRs.
func (w words) cycle(text string) (okr.PlanCycle, bool) {
	c := cycleOf(text)
	if c.Key != "" {
		c.Name = cycleWords(text)
		return c, true
	}
	if found := onlyYear.FindStringSubmatch(text); found != nil && (len(strings.Fields(text)) <= 4 || aboutOKRs.MatchString(text)) {
		m := found[1]
		year, err := strconv.Atoi(m)
		if err != nil {
			return c, false
		}
		if strings.ContainsAny(strings.Replace(text, m, "", 1), "0123456789") {
			name := strings.Trim(aboutOKRs.ReplaceAllString(text, ""), " :()[],-–—")
			return okr.PlanCycle{Key: m, Name: oneLine(name)}, true // a part of the year, which one is not said
		}
		return okr.PlanCycle{Key: m, Name: m, Start: measure.NewDate(year, time.January, 1), End: measure.NewDate(year, time.December, 31)}, true
	}
	if m := onlyQuarter.FindStringSubmatch(text); m != nil && (len(strings.Fields(text)) <= 3 || aboutOKRs.MatchString(text)) {
		q := "Q" + m[2] + m[3] + m[4] + m[5]
		return okr.PlanCycle{Key: q, Name: q}, true
	}
	return okr.PlanCycle{}, false
}

var aboutOKRs = regexp.MustCompile(`(?i)\bOKRs?\b|\bobjectives? (?:and|&|\+) key results?\b|\bobjectives?\b|\bgoals\b|\bziele\b|\bobjectifs\b|\bobjetivos\b`)

// cyclePatterns are the ways to name a cycle, the most exact ones first.
var cyclePatterns = []*regexp.Regexp{fiscalLast, fiscal, quarterFirst, yearFirst, shortYear, quarterShort, ordinalQuarter, halfYear, halfFirst, monthRange}

// cycleBeginnings are those ways at the beginning of a text.
var cycleBeginnings = func() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, re := range cyclePatterns {
		out = append(out, regexp.MustCompile(`^(?:`+re.String()+`)`))
	}
	return out
}()

var (
	beforeCycle = regexp.MustCompile(`(?i)^[ \t:(\[|/,–—-]*(?:(?:for|für|pour|para|of|de|do|del|du|im|in|the|das|le|el|o|au)[ \t]+)*`)
	afterCycle  = regexp.MustCompile(`^[ \t]*(?:$|[])–—|/,:(-])`)
)

// beginning is the first bytes of a text, up to a whole character.
func beginning(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// beginsWithCycle says whether what follows a word for goals is a cycle, and
// behind it comes nothing more, or (open) something set apart from it.
func beginsWithCycle(tail string, open bool) bool {
	tail = tail[len(beforeCycle.FindString(tail)):]
	head := beginning(tail, 80)
	if !strings.ContainsAny(head, "0123456789") {
		return false // every cycle has a number
	}
	for _, re := range cycleBeginnings {
		at := re.FindStringIndex(head)
		if at == nil {
			continue
		}
		rest := tail[at[1]:]
		if open && afterCycle.MatchString(rest) || strings.Trim(rest, " \t)]*_:") == "" {
			return true
		}
	}
	return false
}

var (
	fiscalKey  = regexp.MustCompile(`^FY(\d{2,4})-(Q|H)([1-4])$`)
	fiscalName = regexp.MustCompile(`(?i)\bFY ?'?(\d{2,4})\b`)
)

// fiscalDates are the first and the last day of a quarter or half of a fiscal
// year, where the text says the day on which that year begins, or that it begins
// in January.
func (w words) fiscalDates(key, text string) (first, last okr.Date, ok bool) {
	g := fiscalKey.FindStringSubmatch(key)
	if g == nil {
		return okr.Date{}, okr.Date{}, false
	}
	part, err := strconv.Atoi(g[3])
	length := map[string]int{"Q": 3, "H": 6}[g[2]]
	if err != nil || part*length > 12 {
		return okr.Date{}, okr.Date{}, false
	}
	names := fiscalName.FindAllStringSubmatch(text, -1)
	dates := slices.DeleteFunc(slices.Clone(w.Read(text).Dates), func(d lexicon.Date) bool { return d.Fiscal })
	for _, d := range dates {
		if begin, known := fullDate(d); known && len(names) == 1 && strings.TrimPrefix(names[0][1], "20") == strings.TrimPrefix(g[1], "20") && begin.Day == 1 && len(dates) == 1 {
			at := begin.Month + time.Month((part-1)*length)
			return measure.NewDate(begin.Year, at, 1), measure.NewDate(begin.Year, at+time.Month(length), 0), true
		}
		if d.Year == 0 && d.Month == 1 && d.Day <= 1 && len(dates) == 1 {
			year, err := strconv.Atoi(g[1])
			if err != nil {
				return okr.Date{}, okr.Date{}, false
			}
			if year < 100 {
				year += 2000
			}
			at := time.Month((part-1)*length + 1)
			return measure.NewDate(year, at, 1), measure.NewDate(year, at+time.Month(length), 0), true
		}
	}
	return okr.Date{}, okr.Date{}, false
}

// cycleWords is the part of a text that names a cycle: "Q3 2026" of "Payments,
// Q3 2026".
func cycleWords(text string) string {
	for _, re := range cyclePatterns {
		if m := re.FindString(text); m != "" {
			return strings.Trim(m, " :(–—|/-")
		}
	}
	return oneLine(text)
}

// dateRange reads "from 1 May 2026 to 31 July 2026".
func (w words) dateRange(text string) (first, last okr.Date, ok bool) {
	var days []okr.Date
	for _, d := range w.Read(text).Dates {
		if day, ok := fullDate(d); ok {
			days = append(days, day)
		}
	}
	if len(days) != 2 || !days[0].Before(days[1]) {
		return okr.Date{}, okr.Date{}, false
	}
	return days[0], days[1], true
}
