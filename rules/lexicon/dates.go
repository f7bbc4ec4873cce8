package lexicon

import (
	"strconv"
	"strings"
)

// readDates marks the tokens of dates, so that their digits are no values.
func (r *reader) readDates() {
	for i := 0; i < len(r.toks); i++ {
		d, end, ok := r.dateAt(i)
		if !ok || !d.valid() {
			continue
		}
		d.Span = Span{r.toks[i].Start, r.toks[end-1].End}
		d.Text = r.text[d.Start:d.End]
		if p := r.before(i, cDeterminer); p >= 0 && r.toks[p].set.has(cUntil) {
			d.Deadline = true
		}
		if i > 0 && r.toks[i-1].date && len(r.dates) > 0 && r.dates[len(r.dates)-1].Deadline { // EOD Q2
			d.Deadline = true
		}
		for j := i; j < end; j++ {
			r.toks[j].date = true
		}
		r.dates = append(r.dates, d)
		i = end - 1
	}
}

// before is the token before i, read over those of a class; -1 if none.
func (r *reader) before(i int, over ...class) int {
	o := setOf(over...)
	for n := 0; i > 0 && n < 12; n++ {
		i--
		t := &r.toks[i]
		if t.cont || t.sign == sNoise || (t.set.any(o) && !t.set.any(setOf(cUntil, cDuring)) && !t.set.any(cueClasses)) {
			continue
		}
		return i
	}
	return -1
}

func (r *reader) has(i int, c class) bool {
	return i >= 0 && i < len(r.toks) && r.toks[i].set.has(c)
}

func (r *reader) str(i int) string { return r.text[r.toks[i].Start:r.toks[i].End] }

func (r *reader) kind(i int) TokenKind {
	if i < 0 || i >= len(r.toks) {
		return 0
	}
	return r.toks[i].Kind
}

func (r *reader) sgn(i int) sign {
	if i < 0 || i >= len(r.toks) {
		return sNone
	}
	return r.toks[i].sign
}

func (r *reader) joined(i int) bool { return i > 0 && i < len(r.toks) && r.toks[i].joined }

// dateAt reads a date that begins at token i; end is the token after it.
func (r *reader) dateAt(i int) (d Date, end int, ok bool) {
	t := &r.toks[i]
	switch {
	case t.cont:
		return d, 0, false
	case t.set.has(cRelativeDate):
		if p, has := t.sense.pay(cRelativeDate); has {
			return Date{Relative: p.text, Deadline: true}, i + t.span, true
		}
	case t.set.has(cEndOf):
		j := i + t.span
		for n := 0; n < 3 && j < len(r.toks) && (r.toks[j].set.has(cThis) || r.toks[j].set.has(cDeterminer) || r.toks[j].set.has(cOf) || r.sgn(j) == sApostrophe || r.sgn(j) == sDash); n++ {
			if _, _, core := r.coreDate(j); core {
				break
			}
			j += r.toks[j].span
		}
		if d, end, ok = r.coreDate(j); ok {
			d.Deadline = true
			return d, end, true
		}
		if p, is := r.period(j); is {
			return Date{Relative: p, Deadline: true}, j + 1, true
		}
		if m := r.month(j); m != 0 {
			return Date{Month: m, Deadline: true}, j + 1, true
		}
		return d, 0, false
	case t.set.has(cThis):
		j := i + t.span
		if r.sgn(j) == sApostrophe || r.has(j, cThis) {
			j++
		}
		if p, is := r.period(j); is && !r.has(i-1, cPer) {
			return Date{Relative: p}, j + 1, true
		}
	}
	if d, end, ok = r.coreDate(i); ok {
		return d, end, ok
	}
	return r.looseDate(i)
}

func (r *reader) period(i int) (string, bool) {
	if i >= len(r.toks) || !r.toks[i].set.has(cPeriod) {
		return "", false
	}
	p, ok := r.toks[i].sense.pay(cPeriod)
	return p.text, ok
}

// coreDate reads what is a date by itself, wherever it stands.
func (r *reader) coreDate(i int) (d Date, end int, ok bool) {
	if i >= len(r.toks) {
		return d, 0, false
	}
	switch r.kind(i) {
	case Digits:
		if d, end, ok = r.numericDate(i); ok {
			return d, end, true
		}
		if d, end, ok = r.dayMonth(i); ok {
			return d, end, true
		}
		if y := r.year(i); y != 0 { // 2026 Q2, 2026-Q2
			j := i + 1
			if r.sgn(j) == sDash || r.sgn(j) == sSlash {
				j++
			}
			if q, e, is := r.quarter(j); is && q.Year == 0 {
				q.Year = y
				return q, e, true
			}
		}
		if n := r.str(i); n >= "1" && n <= "4" && len(n) == 1 { // 2nd quarter, 1. Quartal
			j := i + 1
			if r.joined(j) && (r.kind(j) == Word || r.sgn(j) == sStop) {
				j++
				if p, is := r.period(j); is && (p == "quarter" || p == "half") {
					return r.withYear(nth(p, int(n[0]-'0')), j+1)
				}
			}
		}
	case Word:
		if d, end, ok = r.quarter(i); ok {
			return d, end, true
		}
		if d, end, ok = r.monthDay(i); ok {
			return d, end, true
		}
		if p, is := r.toks[i].sense.pay(cOrdinal); is {
			if w, per := r.period(i + 1); per && (w == "quarter" || w == "half") {
				return r.withYear(nth(w, int(p.num)), i+2)
			}
		}
	}
	return d, 0, false
}

func nth(period string, n int) Date {
	if period == "half" {
		return Date{Half: n}
	}
	return Date{Quarter: n}
}

// withYear takes a year along that follows, if one does.
func (r *reader) withYear(d Date, j int) (Date, int, bool) {
	k := j
	for n := 0; n < 2 && (r.sgn(k) == sSlash || r.sgn(k) == sComma || r.sgn(k) == sDash || r.sgn(k) == sApostrophe || r.has(k, cOf)); n++ {
		k++
	}
	if y := r.year(k); y != 0 && r.sgn(k+1) != sPercent {
		d.Year = y
		return d, k + 1, true
	}
	if y, fy := r.fiscal(k); fy {
		d.Year, d.Fiscal = y, true
		return d, k + 1, true
	}
	if (r.sgn(j) == sApostrophe || r.sgn(j) == sSlash) && r.kind(j+1) == Digits && r.joined(j+1) && len(r.str(j+1)) == 2 && plainDigits(r.str(j+1)) {
		n, _ := strconv.Atoi(r.str(j + 1))
		d.Year = 2000 + n
		return d, j + 2, true
	}
	return d, j, true
}

// year reads a bare year of this century.
func (r *reader) year(i int) int {
	if r.kind(i) != Digits {
		return 0
	}
	s := r.str(i)
	if len(s) != 4 || !plainDigits(s) {
		return 0
	}
	n, _ := strconv.Atoi(s)
	if n < 2000 || n > 2099 {
		return 0
	}
	if r.joined(i+1) && (r.kind(i+1) == Word || r.sgn(i+1) == sPercent || r.sgn(i+1) == sPlus) {
		return 0
	}
	return n
}

// fiscal reads FY23, FY2023, CY26.
func (r *reader) fiscal(i int) (int, bool) {
	if r.kind(i) != Word || !r.toks[i].digits {
		return 0, false
	}
	s := r.str(i)
	if len(s) < 4 || !(strings.EqualFold(s[:2], "fy") || strings.EqualFold(s[:2], "cy") || strings.EqualFold(s[:2], "gj")) {
		return 0, false
	}
	n, err := strconv.Atoi(s[2:])
	switch {
	case err != nil:
		return 0, false
	case len(s) == 4 && n >= 0:
		return 2000 + n, true
	case len(s) == 6 && n >= 2000 && n < 2100:
		return n, true
	}
	return 0, false
}

// quarter reads Q2, T2 and S1 (French, Spanish, Portuguese), H1, FY23 Q2, FY24.
func (r *reader) quarter(i int) (d Date, end int, ok bool) {
	if r.kind(i) != Word || !r.toks[i].digits {
		return d, 0, false
	}
	if y, fy := r.fiscal(i); fy {
		j := i + 1
		if r.sgn(j) == sDash || r.sgn(j) == sSlash {
			j++
		}
		if len(r.textAt(j)) == 2 {
			if q, e, is := r.quarter(j); is && q.Year == 0 {
				q.Year, q.Fiscal = y, true
				return q, e, true
			}
		}
		return Date{Year: y, Fiscal: true}, i + 1, true
	}
	s := r.str(i)
	if len(s) == 6 && (s[0] == 'Q' || s[0] == 'q') && strings.EqualFold(s[2:4], "FY") { // Q2FY24
		if y, err := strconv.Atoi(s[4:]); err == nil && s[1] >= '1' && s[1] <= '4' {
			return Date{Quarter: int(s[1] - '0'), Year: 2000 + y, Fiscal: true}, i + 1, true
		}
	}
	if len(s) != 2 {
		return d, 0, false
	}
	n := int(s[1]) - '0'
	romance := r.lang > 0 && r.l.langs[r.lang].Code != "en" && r.l.langs[r.lang].Code != "de"
	switch c := s[0] &^ 0x20; {
	case n < 1 || n > 4:
		return d, 0, false
	case c == 'Q' || (c == 'T' && romance):
		d.Quarter = n
	case n <= 2 && (s[0] == 'H' || (c == 'S' && romance)):
		d.Half = n
	default:
		return d, 0, false
	}
	j := i + 1
	if r.sgn(j) == sDash && r.joined(j) || r.sgn(j) == sSlash && r.joined(j) {
		if q, e, is := r.quarter(j + 1); is && q.Year == 0 { // Q2-Q3: the later ends it
			return r.withYear(q, e)
		}
	}
	return r.withYear(d, j)
}

// numericDate reads 2026-06-30, 30.06.2026, 06/30/2026.
func (r *reader) numericDate(i int) (d Date, end int, ok bool) {
	s := r.str(i)
	var a, b, c string
	var sep sign
	switch {
	case strings.Count(s, ".") == 2:
		p := strings.Split(s, ".")
		a, b, c, sep, end = p[0], p[1], p[2], sStop, i+1
	case strings.Count(s, ".") == 1 && r.sgn(i+1) == sStop && r.joined(i+1) && r.has(i-1, cUntil): // bis 30.06.
		p := strings.Split(s, ".")
		a, b, sep, end = p[0], p[1], sStop, i+2
	case plainDigits(s) && (r.sgn(i+1) == sDash || r.sgn(i+1) == sSlash) && r.joined(i+1) && r.kind(i+2) == Digits && r.joined(i+2):
		sep = r.sgn(i + 1)
		a, b, end = s, r.str(i+2), i+3
		if r.sgn(i+3) == sep && r.joined(i+3) && r.kind(i+4) == Digits && r.joined(i+4) {
			c, end = r.str(i+4), i+5
		} else if sep != sSlash || !(r.has(i-1, cUntil) || r.has(i-2, cUntil)) || !plainDigits(b) || len(b) > 2 {
			return d, 0, false
		}
	default:
		return d, 0, false
	}
	if !plainDigits(a) || !plainDigits(b) || (c != "" && !plainDigits(c)) || len(a) > 4 || len(b) > 2 || len(c) > 4 {
		return d, 0, false
	}
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	z, _ := strconv.Atoi(c)
	switch {
	case len(a) == 4 && c != "" && len(c) <= 2:
		d = Date{Year: x, Month: y, Day: z}
		return d, end, x >= 1900 && x < 2200 && y >= 1 && z >= 1 && d.valid()
	case len(a) > 2 || (c != "" && len(c) != 4 && len(c) != 2):
		return d, 0, false
	}
	if len(c) == 2 {
		z += 2000
	}
	if c != "" && (z < 1900 || z > 2199) {
		return d, 0, false
	}
	dm, md := Date{Year: z, Month: y, Day: x}, Date{Year: z, Month: x, Day: y}
	okDM, okMD := x > 0 && y > 0 && dm.valid(), x > 0 && y > 0 && md.valid()
	code := r.code()
	switch {
	case okDM && (sep == sStop || !okMD || x == y || (code != "" && code != "en")):
		return dm, end, true
	case okMD && sep != sStop && !okDM:
		return md, end, true
	case okDM && okMD:
		return Date{Year: z, Candidates: []Date{md, dm}}, end, true
	}
	return d, 0, false
}

func (r *reader) month(i int) int {
	if r.kind(i) != Word || r.toks[i].cont {
		return 0
	}
	p, ok := r.toks[i].sense.pay(cMonth)
	if !ok {
		return 0
	}
	return int(p.num)
}

// dayMonth reads 30 Jun, 30. Juni 2026, 1st of July, 7 de marzo.
func (r *reader) dayMonth(i int) (d Date, end int, ok bool) {
	day := r.day(i)
	if day == 0 {
		return d, 0, false
	}
	j := i + 1
	if r.joined(j) && (r.kind(j) == Word || r.sgn(j) == sStop) && r.month(j) == 0 {
		j++
	}
	if r.has(j, cOf) || r.sgn(j) == sDash && r.joined(j) || r.sgn(j) == sSlash && r.joined(j) {
		j++
	}
	m := r.month(j)
	if m == 0 {
		return d, 0, false
	}
	j++
	if r.sgn(j) == sStop && r.joined(j) && r.year(j+1) != 0 {
		j++
	}
	return r.withYear(Date{Month: m, Day: day}, j)
}

func (r *reader) day(i int) int {
	if r.kind(i) != Digits {
		return 0
	}
	s := r.str(i)
	if len(s) > 2 || !plainDigits(s) {
		return 0
	}
	n, _ := strconv.Atoi(s)
	if n > 31 {
		return 0
	}
	return n
}

// monthDay reads Jun 30, Sep. 30, 2026, March 2024, set/2026.
func (r *reader) monthDay(i int) (d Date, end int, ok bool) {
	m := r.month(i)
	if m == 0 {
		return d, 0, false
	}
	j := i + 1
	if r.sgn(j) == sStop && r.joined(j) {
		j++
	}
	leads := r.lang == 0 || r.is(monthFirst)
	if day := r.day(j); day != 0 && !r.joined(j) && leads && !r.has(i-1, cEndOf) {
		k := j + 1
		if r.joined(k) && r.kind(k) == Word && len(r.str(k)) == 2 {
			k++
		}
		if r.sgn(k) == sPercent || r.joined(k) && r.kind(k) == Word || r.has(k, cUnit) {
			return d, 0, false
		}
		return r.withYear(Date{Month: m, Day: day}, k)
	}
	d, end, ok = r.withYear(Date{Month: m}, j)
	return d, end, ok && d.Year != 0
}

// looseDate reads what is a date only after a word that leads to one: in June,
// by 2026, until March.
func (r *reader) looseDate(i int) (d Date, end int, ok bool) {
	p := r.before(i, cDeterminer)
	lead := p >= 0 && r.toks[p].set.any(setOf(cUntil, cDuring, cEndOf))
	alone := r.sgn(i-1) == sOpen && r.sgn(i+1) == sClose
	if m := r.month(i); m != 0 && lead {
		return Date{Month: m}, i + 1, true
	}
	if y := r.year(i); y >= 2015 && y < 2060 && (lead || alone || p >= 0 && r.toks[p].date || r.named(i)) && !r.has(p, cFrom) {
		if n := i + 1; n < len(r.toks) && r.toks[n].set.any(nounClasses) {
			return d, 0, false
		}
		return Date{Year: y}, i + 1, true
	}
	return d, 0, false
}

// named: a year that ends the phrase of a noun names it: "marketing plan 2027".
func (r *reader) named(i int) bool {
	if r.kind(i-1) != Word || r.toks[i-1].set.any(cueClasses.or(boundClasses).or(setOf(cMetric, cOutcomeNoun, cAnd, cBe))) || r.toks[i-1].set.any(verbClasses) && !r.toks[i-1].set.has(cOutputNoun) || r.toks[i-1].cont {
		return false
	}
	if s := r.sgn(i + 1); s == sOpen || s == sClose || s == sNoise {
		return true
	}
	return i+1 >= len(r.toks) || r.has(i+1, cAnd) || i+2 == len(r.toks) && r.has(i+1, cBase) || r.sgn(i+1) == sComma || r.sgn(i+1) == sStop && !r.joined(i+2)
}

var nounClasses = setOf(cOutcomeNoun, cOutputNoun, cUnit, cMagnitude)
