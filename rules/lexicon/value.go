package lexicon

// Bound says on which side of a number a value may lie.
type Bound string

// The bounds.
const (
	Exactly Bound = ""
	AtLeast Bound = "at_least"
	AtMost  Bound = "at_most"
	Above   Bound = "above"
	Below   Bound = "below"
	About   Bound = "about"
)

// Role says what a value does in its sentence.
type Role string

// The roles.
const (
	RoleNone     Role = ""
	RoleTarget   Role = "target"
	RoleBaseline Role = "baseline"
	RoleWindow   Role = "window" // within 7 days, in the first week
	RolePer      Role = "per"    // per 1,000 transactions
	RoleScope    Role = "scope"  // in 10 countries, from 40 customers
	RoleOutput   Role = "output" // 5 posts
)

// Value is a number of the text, with its unit.
type Value struct {
	Span
	Text   string  `json:"text"`
	Number float64 `json:"number"` // 0 where Placeholder
	// Readings holds both readings of a number such as 1.000, Number first; nil
	// where there is one.
	Readings []float64 `json:"readings,omitempty"`
	// Upper is the other end of a range.
	Upper   float64 `json:"upper,omitempty"`
	IsRange bool    `json:"range,omitempty"`
	// Unit is canonical: %, pp, x, USD, days, ms, /5 (of five); the noun that is
	// counted, in lower case; or "".
	Unit    string `json:"unit,omitempty"`
	Counted bool   `json:"counted,omitempty"` // Unit is a noun of the text
	Noun    Span   `json:"-"`                 // the whole phrase that is counted
	Bound   Bound  `json:"bound,omitempty"`
	Role    Role   `json:"role,omitempty"`
	// Relative: a change, not a level (by 20 %, twice as many).
	Relative    bool `json:"relative,omitempty"`
	Spelled     bool `json:"spelled,omitempty"`
	Placeholder bool `json:"placeholder,omitempty"` // X, [number], TBD
	Redacted    bool `json:"redacted,omitempty"`    // $M, ███: taken out by someone

	first, last int // tokens: [first, last)
	cue         set // what the word before it may say
	cueAt       int
	arrow       bool
	paren       bool
	per         bool // followed by a rate: 20 per week
	rank        bool // top 10
	zero        bool // "no" incidents
	weak        bool // "one"
	more, fewer bool // followed by such a word
}

var (
	cueClasses   = setOf(cFrom, cCurrent, cTo, cBy, cOf, cPer, cWithin, cBetween)
	boundClasses = setOf(cAtLeast, cAtMost, cAbove, cBelow, cAbout)
)

// unitClock is the unit of 3:45, be it hours and minutes or minutes and seconds:
// the number is 3.75.
const unitClock = "h:mm"

// maxValues bounds the values of one text: each is weighed against the words
// around it, and more than these are a list, not a sentence.
const maxValues = 64

// readValues finds the numbers that are values, and the digits that are names.
func (r *reader) readValues() {
	for i := 0; i < len(r.toks) && len(r.vals) < maxValues; {
		t := &r.toks[i]
		next := i + 1
		switch {
		case t.date:
		case t.Kind == Digits:
			next = r.digitsAt(i)
		case t.Kind == Word && t.cont:
		case t.Kind == Word && t.digits:
			r.nameAt(i, i+1)
		case t.Kind == Word:
			next = r.wordAt(i)
		case t.sign == sOpen && r.text[t.Start] != '(':
			next = r.bracketAt(i)
		case t.sign == sBlank:
			next = r.placeholderAt(i, i+1, r.text[t.Start] != '_')
		case t.sign == sLT && r.joined(i+1): // <number>
			next = r.bracketAt(i)
		case (t.sign == sCurrency || t.sign == sHash || t.sign == sQuestion || t.sign == sEllipsis) && r.sgn(i+1) == sPercent && r.joined(i+1):
			next = r.placeholderAt(i, i+1, false)
		}
		i = max(next, i+1)
	}
}

// digitsAt reads the value or name that the digits at i begin.
func (r *reader) digitsAt(i int) int {
	if first, last, ok := r.nameOf(i); ok {
		r.nameAt(first, last)
		return last
	}
	n, ok := readRun(r.str(i), r.decimal())
	if !ok {
		r.nameAt(i, i+1)
		return i + 1
	}
	v := Value{first: i, last: i + 1}
	r.prefix(&v)
	numbers := n.vals
	j := i + 1
	scale := 1.0
	// Magnitude and unit.
	if m, end := r.magnitude(j, v.Unit != ""); end > 0 {
		scale = m
		j = end
	}
	upper, end := r.rangeEnd(j, n, &scale, v.Unit != "")
	hasUpper := end > 0
	if hasUpper {
		j = end
	}
	if end := r.unit(&v, j); end > 0 {
		j = end
	}
	// 4.5/5, 8/10, 1/3, 4 out of 5.
	if v.Unit == "" && scale == 1 && !hasUpper {
		if den, end := r.outOf(j, n.vals[0]); end > 0 {
			switch {
			case den > 0:
				v.Unit = "/" + formatNumber(den)
			case den == 0:
			default:
				numbers[0] /= -den
				v.Unit = ""
			}
			n.both = false
			j = end
		}
	}
	if r.sgn(j) == sColon && r.joined(j) && r.kind(j+1) == Digits && r.joined(j+1) && v.Unit == "" { // a ratio of 1:4
		switch d, ok := readRun(r.str(j+1), r.decimal()); {
		case ok && len(r.str(j+1)) == 2 && d.vals[0] < 60 && n.vals[0] > 1: // in 3:45
			numbers[0] += d.vals[0] / 60
			v.Unit = unitClock
			j += 2
		case ok && d.vals[0] != 0:
			numbers[0] /= d.vals[0]
			j += 2
		}
	}
	if r.sgn(j) == sPlus && r.joined(j) && !(r.joined(j+1) && r.kind(j+1) == Digits) {
		v.Bound = AtLeast
		j++
		if v.Unit == "" {
			if end := r.unit(&v, j); end > 0 {
				j = end
			}
		}
	}
	v.last = j
	v.Number = numbers[0] * scale
	if hasUpper {
		v.IsRange, v.Upper = true, upper
	}
	r.finish(&v)
	if n.both {
		r.settleReadings(&v, n, scale)
	}
	if v.Unit == "x" && v.per {
		v.Unit = "times"
	}
	if r.joinTime(&v) {
		return v.last
	}
	r.vals = append(r.vals, v)
	return v.last
}

func (r *reader) senseOf(i int) *sense {
	if i < 0 || i >= len(r.toks) || r.toks[i].date {
		return noSense
	}
	return r.toks[i].sense
}

func (r *reader) textAt(i int) string {
	if i < 0 || i >= len(r.toks) {
		return ""
	}
	return r.str(i)
}

var (
	nounStop  = setOf(cPreposition, cAnd, cLink, cBe, cUntil, cWith, cWithout, cFrom, cTo, cPer, cWithin, cAtLeast, cAtMost, cQuestion, cOrMore, cOrLess, cFewer, cBase)
	hardStop  = setOf(cPreposition, cAnd, cLink, cBe, cUntil, cWith, cWithout, cFrom, cTo, cPer, cWithin, cAtLeast, cAtMost, cQuestion, cOrMore, cOrLess, cFewer)
	nounKnown = setOf(cOutcomeNoun, cOutputNoun)
)

// rangeEnd reads the other end of 2–4, 10-20k, $50k - $80k; end is 0 if there
// is none. A magnitude that only the second number has belongs to both.
func (r *reader) rangeEnd(j int, n run, scale *float64, money bool) (upper float64, end int) {
	k := j + 1
	spaced := !r.joined(j) || !r.joined(k)
	if r.sgn(j) != sDash || n.both {
		return 0, 0
	}
	both := r.sgn(k) == sCurrency && money
	if both {
		k++
	}
	if r.kind(k) != Digits || r.toks[k].date || spaced && !both && r.text[r.toks[j].Start] == '-' || *scale != 1 && !both {
		return 0, 0
	}
	u, ok := readRun(r.str(k), r.decimal())
	if !ok {
		return 0, 0
	}
	end, m := k+1, 1.0
	if f, e := r.magnitude(end, money); e > 0 {
		m, end = f, e
	}
	if *scale == 1 {
		*scale = m
	}
	if upper = u.vals[0] * m; upper <= n.vals[0]**scale {
		return 0, 0
	}
	return upper, end
}

// joinTime adds "30 min" to the "1 h" before it.
func (r *reader) joinTime(v *Value) bool {
	if len(r.vals) == 0 {
		return false
	}
	p := &r.vals[len(r.vals)-1]
	big, ok1 := seconds[p.Unit]
	small, ok2 := seconds[v.Unit]
	if !ok1 || !ok2 || p.last != v.first || big <= small || v.Number*small >= big {
		return false
	}
	p.Number, p.Unit, p.last = p.Number*big/small+v.Number, v.Unit, v.last
	p.End = v.End
	p.Text = r.text[p.Start:p.End]
	for j := v.first; j < v.last; j++ {
		r.toks[j].val = len(r.vals)
	}
	return true
}
