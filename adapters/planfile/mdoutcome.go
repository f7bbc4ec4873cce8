package planfile

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/okrkit/okrkit/rules/lexicon"
)

// People write what came of a key result behind it, in as many ways as they have.
var (
	// "[0.6] Ship it", "Ship it [0.6]"
	scoreBefore = regexp.MustCompile(`^\[(0?[.,]\d{1,2}|[01][.,]0{1,2}|\d{1,3}[ \t]?%)\][ \t]+(\S.*)$`)
	scoreBehind = regexp.MustCompile(`^(.*\S)[ \t]+(\[(?:0?[.,]\d{1,2}|1[.,]0{1,2})\]|\((?:0[.,]\d{1,2}|1[.,]0{1,2})\))[ \t.]*$`)
	// "Publish 6 stories 5/6 (83%)": a count and the share that it is
	countAndShare = regexp.MustCompile(`^(.*\S)[ \t]+(\d+(?:[.,]\d+)?[ \t]?/[ \t]?\d+[ \t]*\([ \t]*\d+(?:[.,]\d+)?[ \t]?%[ \t]*\))[ \t.]*$`)
	// "X/10 (X%)", "X%": the form was not filled in
	notFilledIn = regexp.MustCompile(`^(.*\S)[ \t]+(X(?:/\d+)?[ \t]*\(X[ \t]?%\)|X[ \t]?%)[ \t.]*$`)
	// ": 94%", ": 8/10 (80%)", ": 20 sourced (100%), hired 1 (50%)"
	outcomeAtEnd = regexp.MustCompile(`^(?:[~≈]?[-−]?(?:\d[\d.,]*|X)\*?(?:[ \t]*%|/\d+)\*?[ \t]*(?:$|[,;:.(\[–—-])|.*\((?:~?\d[\d.,]*|X)\*?%\*?\))`)
	dashOutcome  = regexp.MustCompile(`^(.*\S)[ \t]+[-–—][ \t]+([~≈]?\d+(?:[.,]\d+)?[ \t]?%(?:[ \t]*\(.*\))?)[ \t.]*$`)
	bracketShare = regexp.MustCompile(`^(.*\S)[ \t]*(\([~≈]?\d+(?:[.,]\d+)?[ \t]?%\))[ \t.]*$`)
	// "Hire two directors. 0/2"
	countOfAll = regexp.MustCompile(`^(.*[.!?])[ \t]+(\d+(?:[.,]\d+)?[ \t]?/[ \t]?(\d+))[ \t.]*$`)
)

// takeOutcome takes from a title what came of it: behind a sign or a colon, in
// brackets, before it.
func (m *mdReader) takeOutcome(t *titleParts) {
	take := func(head, outcome string, graded bool) bool {
		if !strings.ContainsFunc(head, unicode.IsLetter) {
			return false
		}
		t.title, t.outcome, t.graded = strings.TrimSpace(strings.TrimRight(head, " \t*")), strings.TrimSpace(outcome), graded
		return true
	}
	if at := outcomeSign.FindStringIndex(t.title); at != nil && at[0] > 0 && t.title[at[1]:] != "" && take(t.title[:at[0]], t.title[at[1]:], false) {
		// "hired 1 (50%) => our first one": the sign stands before a comment.
		if m.outcomeAfterColon(t.title, func(head, outcome string) bool { return take(head, outcome+" => "+t.outcome, true) }) {
			return
		}
		return
	}
	if g := scoreBefore.FindStringSubmatch(t.title); g != nil && take(g[2], g[1], true) {
		t.scored = true
		return
	}
	if m.outcomeAfterColon(t.title, func(head, outcome string) bool { return take(head, outcome, true) }) {
		return
	}
	if g := notFilledIn.FindStringSubmatch(t.title); g != nil && take(g[1], g[2], true) {
		return
	}
	if g := countAndShare.FindStringSubmatch(t.title); g != nil && take(g[1], g[2], true) {
		return
	}
	if g := dashOutcome.FindStringSubmatch(t.title); g != nil && m.grades(g[1]) && take(g[1], g[2], true) {
		return
	}
	if !m.graded {
		return
	}
	if g := scoreBehind.FindStringSubmatch(t.title); g != nil && take(g[1], strings.Trim(g[2], "[]()"), true) {
		t.scored = true
		return
	}
	if g := bracketShare.FindStringSubmatch(t.title); g != nil && m.grades(g[1]) && take(g[1], g[2], true) {
		return
	}
	if g := countOfAll.FindStringSubmatch(t.title); g != nil && m.counts(g[1], g[3]) {
		take(g[1], g[2], true)
	}
}

// grades says whether a share behind these words is what came of them: they name
// their target themselves, or they are done or not, in a file that says what came
// of the others.
func (m *mdReader) grades(head string) bool {
	read := m.words.Read(head)
	if read.Measure.HasTarget() || read.Wording.HasTarget {
		return true
	}
	words := strings.Fields(head)
	if !m.graded || len(words) < 3 || read.Measure != nil && read.Measure.Kind != lexicon.YesNo {
		return false
	}
	first := strings.ToLower(words[0])
	return !wantsNumber[first] && (!read.Wording.BareMetric || goalVerbs[first] || len(words) > 5)
}

// wantsNumber are verbs that ask how far: a share behind them may be their target.
var wantsNumber = set(
	"achieve", "boost", "cut", "decrease", "expand", "grow", "hold", "improve", "increase", "keep", "lift", "lower", "maintain", "maximize", "minimize", "raise", "reach", "reduce", "retain",
	"erhöhen", "erhöhe", "erreichen", "halten", "senken", "steigern", "verbessern", "améliorer", "atteindre", "augmenter", "maintenir", "réduire", "alcanzar", "aumentar", "mantener", "mejorar", "reducir", "alcançar", "manter", "melhorar", "reduzir",
)

// counts says whether words name a number themselves.
func (m *mdReader) counts(head, number string) bool {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return false
	}
	for _, v := range m.words.Read(head).Values {
		if v.Number == n && v.Unit != "/"+number {
			return true
		}
	}
	return false
}

// outcomeAfterColon finds an outcome at the end, where the file has it behind a
// second colon and the key result stands before.
func (m *mdReader) outcomeAfterColon(title string, take func(head, outcome string) bool) bool {
	at := strings.LastIndex(title, ": ")
	if at < 0 {
		return false
	}
	head, tail := strings.TrimSpace(title[:at]), strings.TrimSpace(title[at+2:])
	if !outcomeAtEnd.MatchString(tail) {
		return false
	}
	what := head
	if m.cascade {
		if _, what = prefixOf(head); what == "" && !strings.Contains(head, "  ") && len(strings.Fields(head)) > 4 {
			what = head
		}
	}
	if what == "" || !m.cascade && !m.graded || !m.grades(what) {
		return false
	}
	return take(head, tail)
}

// said gives a key result or an objective what its line says came of it.
func (m *mdReader) said(to scored, t titleParts, line int) {
	if t.outcome == "" {
		return
	}
	title := t.title
	if t.scored {
		title = ""
	}
	m.outcome(to, t.outcome, title, line)
}

// surelyGraded are outcomes that nothing else can be taken for.
var surelyGraded = regexp.MustCompile(`(?:=>|⇒)[ \t]*[~≈]?\d+(?:[.,]\d+)?[ \t]?%|\d[ \t]?/[ \t]?\d+[ \t]*\(\d+(?:[.,]\d+)?[ \t]?%\)|^\[0?[.,]\d{1,2}\][ \t]`)

// countOutcomes finds out whether the file says what came of its key results.
func (m *mdReader) countOutcomes(tree []*block) {
	sure, behind := 0, 0
	var walk func(blocks []*block)
	walk = func(blocks []*block) {
		for _, b := range blocks {
			if b.mark.kind == mNever && !m.everything || b.mark.kind == mAside {
				continue
			}
			if b.kind == bItem || b.mark.kind == mKeyResult {
				text := b.text()
				switch {
				case !strings.ContainsAny(text, "%[("):
				case surelyGraded.MatchString(text), surelyGraded.MatchString(b.mark.rest):
					sure++
				case scoreBehind.MatchString(text):
					behind++
				}
			}
			walk(b.kids)
		}
	}
	walk(tree)
	m.graded = sure >= 2 || behind >= 2
}

// scoreField reads "Score: 0.7" below a key result or an objective. It says false
// if the lines were left.
func (m *mdReader) scoreField(to scored, b *block) bool {
	value := b.mark.rest
	if value == "" {
		m.leaveAll(b, "it has no value")
		return false
	}
	m.claim(b, Fields)
	m.outcome(to, value, "", b.line())
	return true
}

// scoreLabel reads "Final score: 0.7" of an objective, or the label of a table of
// final scores.
func (m *mdReader) scoreLabel(b *block, sc *scope) {
	switch {
	case sc.objective == nil:
		m.leaveAll(b, "no objective claims this score")
	case b.mark.rest != "":
		m.scoreField(sc.objective.scored(), b)
		m.walk(b.kids, sc)
	case len(b.kids) == 1 && b.kids[0].mark.kind == mNone && b.kids[0].kind != bTable && statedIn(b.kids[0].text()).reason == "":
		m.claim(b, Labels)
		m.claim(b.kids[0], Fields)
		m.outcome(sc.objective.scored(), b.kids[0].text(), "", b.kids[0].line())
	default:
		m.claim(b, Labels)
		m.finals = sc.objective
		for _, k := range b.kids {
			if k.kind == bTable {
				m.table(k, sc)
				continue
			}
			m.leaveAll(k, "it stands under a label for scores")
		}
	}
}

// finalScores reads a table with one row of scores, a column for each key result.
func (m *mdReader) finalScores(o *draftObjective, b *block) {
	m.finals = nil
	header, scores := b.rows[0], b.rows[1]
	columns := 0
	for _, c := range header.cells {
		if numberedKR.MatchString(c.text()) {
			columns++
		}
	}
	if columns != len(o.krs) {
		m.leaveAll(b, "it scores "+strconv.Itoa(columns)+" key results, and "+strconv.Itoa(len(o.krs))+" were read")
		return
	}
	m.l.claim(header.line, Headers)
	m.l.claim(scores.line, Fields)
	next := 0
	for i, c := range header.cells {
		text := ""
		if i < len(scores.cells) {
			text = scores.cells[i].text()
		}
		switch {
		case numberedKR.MatchString(c.text()):
			if text != "" {
				m.outcome(o.krs[next].scored(), text, "", scores.line)
			}
			next++
		case totals[plainLabel(c.text())]:
			m.outcome(o.scored(), text, "", scores.line)
		default:
			m.l.part(scores.line, text, "it stands beside scores: "+firstOf(c.text(), "a column without a name"))
		}
	}
	m.surplus(scores, header)
}

// describe gives an objective prose that explains it.
func (m *mdReader) describe(o *draftObjective, text string, line int) {
	o.Description = m.short(strings.TrimSpace(o.Description+" "+text), maxNote, line)
}
