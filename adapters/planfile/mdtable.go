package planfile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// columns that a table of key results has, and other tables seldom.
var keyResultColumns = map[field]bool{
	fOwner: true, fBaseline: true, fTarget: true, fCurrent: true, fConfidence: true, fPriority: true, fScore: true, fProgress: true, fStatus: true, fWeight: true, fDue: true, fSource: true,
}

var (
	numberedKR = regexp.MustCompile(`(?i)^(?:KR|RC|key result)[ #.-]*\d+$`)
	codeCell   = regexp.MustCompile(`(?i)^(?:(?:KR|RC|O|key result)[ #.-]*)?[A-Z]{0,3}\d+(?:\.\d+)*[.):]?$`)
	rowNumber  = regexp.MustCompile(`^(\d+)[.):]?[ \t]+(\S.*)$`)
)

// saysKeyResults says whether a table has a column of key results.
func (m *mdReader) saysKeyResults(b *block) bool {
	if len(b.rows) < 2 {
		return false
	}
	if len(m.wideColumns(b)) > 0 {
		return true
	}
	numbered := 0
	for _, c := range b.rows[0].cells {
		if numberedKR.MatchString(c.text()) {
			numbered++
		}
	}
	if numbered > 1 {
		return false // a table of scores, one column for each key result
	}
	for _, c := range b.rows[0].cells {
		if m.voc.field(c.text()) == fKeyResult {
			return true
		}
	}
	return false
}

// couldBeKeyResults says whether a table without such a column may hold key
// results: others of its columns say so.
func (m *mdReader) couldBeKeyResults(b *block) bool {
	if m.saysKeyResults(b) {
		return true
	}
	if len(b.rows) < 2 || m.isScores(b) || m.isKeyValue(b) {
		return false
	}
	for i, c := range b.rows[0].cells {
		if i > 0 && keyResultColumns[m.voc.field(c.text())] {
			return true
		}
		if m.voc.field(c.text()) == fObjective {
			return true
		}
	}
	return false
}

// wideColumns are the columns "KR 1", "KR 2" of a table whose rows are
// objectives: they hold sentences, where a table of scores holds numbers.
func (m *mdReader) wideColumns(b *block) []int {
	var out []int
	for i, c := range b.rows[0].cells {
		if !numberedKR.MatchString(c.text()) {
			continue
		}
		sentences, values := 0, 0
		for _, r := range b.rows[1:] {
			if i < len(r.cells) && !empty(r.cells[i].text()) {
				values++
				if len(letters.FindAllString(r.cells[i].text(), -1)) > 1 {
					sentences++
				}
			}
		}
		if sentences*2 > values {
			out = append(out, i)
		}
	}
	return out
}

var letters = regexp.MustCompile(`\p{L}{2,}`)

// wideTable reads a table whose rows are objectives with their key results.
func (m *mdReader) wideTable(b *block, columns []int, sc *scope) {
	title := 0
	for i, c := range b.rows[0].cells {
		if f := m.voc.field(c.text()); f == fObjective || f == fTitle && title == 0 {
			title = i
		}
	}
	m.l.claim(b.rows[0].line, Headers)
	for _, r := range b.rows[1:] {
		text := ""
		if title < len(r.cells) {
			text = r.cells[title].text()
		}
		if text == "" {
			m.leaveRow(r, "the row names no objective")
			continue
		}
		was := m.voc.markOf(text, "")
		m.l.claim(r.line, Objectives)
		o := m.addObjective(firstOf(was.rest, text), was.code, r.line, sc.above)
		o.defaults = sc.defaults
		for i, c := range r.cells {
			switch value := c.text(); {
			case i == title || empty(value):
			case slices.Contains(columns, i):
				if t := m.clean(value, r.line); t.title != "" && !placeholder(t.title) {
					m.apply(o.addKeyResult(m.draft, t.title, "", r.line), t, &block{lines: []int{r.line}}, sc)
				} else {
					m.l.part(r.line, value, "a placeholder: no key result is named yet")
				}
			case m.voc.field(b.rows[0].cells[i].text()) == fOwner:
				o.Owner = value
			case m.voc.field(b.rows[0].cells[i].text()) == fTeam:
				o.Team = value
			default:
				name := "column " + quoteOr(b.rows[0].cells[i].text(), i)
				m.lose(name, "a plan has no place for this at an objective", name, b.rows[0].line)
			}
		}
		m.surplus(r, b.rows[0])
	}
}

// isScores says whether a table scores key results by number.
func (m *mdReader) isScores(b *block) bool {
	n := 0
	for _, c := range b.rows[0].cells {
		if numberedKR.MatchString(c.text()) {
			n++
		}
	}
	return n > 0 && !m.saysKeyResults(b)
}

// isKeyValue says whether each row of a table is a field and its value.
func (m *mdReader) isKeyValue(b *block) bool {
	known := 0
	for _, r := range b.rows {
		if len(r.cells) != 2 {
			return false
		}
		if attributes[m.voc.field(r.cells[0].text())] {
			known++
		}
	}
	return known > 1 || known == 1 && len(b.rows) <= 3 && m.voc.field(b.rows[0].cells[0].text()) == fNone
}

// table reads a table.
func (m *mdReader) table(b *block, sc *scope) {
	says := m.saysKeyResults(b)
	switch wide := m.wideColumns(b); {
	case len(wide) > 0 && sc.aside == "":
		m.wideTable(b, wide, sc)
	case m.isScores(b) && m.finals != nil && len(b.rows) == 2:
		m.finalScores(m.finals, b)
	case m.isScores(b):
		m.leaveAll(b, "scores over time: check-ins carry them")
	case m.isKeyValue(b) && !says && (sc.aside == "" || !m.couldBeKeyResults(b)):
		m.keyValues(b, sc)
	case says && (sc.krs || sc.open || sc.aside == "" || sc.objective != nil):
		m.keyResultTable(b, sc)
	case sc.aside != "":
		m.leaveAll(b, sc.aside)
	case (sc.krs || sc.open) && (m.couldBeKeyResults(b) || sc.krs):
		m.keyResultTable(b, sc)
	default:
		m.leaveAll(b, "a table that names no key results")
	}
}

// keyValues reads a table of fields and values.
func (m *mdReader) keyValues(b *block, sc *scope) {
	for i, r := range b.rows {
		label, value := r.cells[0].text(), r.cells[1].text()
		f := m.voc.field(label)
		switch {
		case rowIsEmpty(r):
			m.l.claim(r.line, Markup)
		case i == 0 && f == fNone:
			m.l.claim(r.line, Headers)
		case sc.aside != "" && f != fCycle:
			m.leaveRow(r, sc.aside)
		case f == fOwner || f == fTeam || f == fCycle || f == fCadence || f == fDue:
			m.l.claim(r.line, roleOf(f))
			m.setScope(f, value, label+": "+value, r.line, sc)
		default:
			m.leaveRow(r, "a plan has no place for this")
		}
	}
}

// keyResultTable reads a table whose rows are key results, and now and then an
// objective.
func (m *mdReader) keyResultTable(b *block, sc *scope) {
	header := b.rows[0]
	fields := make([]field, len(header.cells))
	for i, c := range header.cells {
		fields[i] = m.voc.field(c.text())
	}
	m.goalsAreTargets(b, fields)
	title := m.titleColumn(b, fields)
	objective, code := -1, -1
	for i, f := range fields {
		switch {
		case f == fObjective && i != title && objective < 0:
			objective = i
		case (f == fKeyResult || f == fOrder || f == fID || f == fNone) && i != title && code < 0 && m.isCodes(b, i):
			code = i
		}
	}
	m.l.claim(header.line, Headers)
	if len(b.rows) == 1 {
		return
	}
	in := sc
	if sc.objective == nil && objective < 0 {
		in = sc.below()
		if fields[title] == fNone && in.heading == "" {
			in.heading = header.cells[title].text()
		}
		defer func() { sc.objective = in.objective }()
	}
	if was := m.voc.markOf(header.cells[title].text(), ""); was.kind == mObjective && was.rest != "" && !sc.krs {
		in.objective = m.addObjective(was.rest, was.code, header.line, in.above) // "| Objective: Be found | Owner |"
		in.objective.defaults = in.defaults
	}
	numbered := m.numberedObjectives(b, title)
	for _, r := range b.rows[1:] {
		m.tableRow(r, header, fields, title, objective, code, numbered, in)
	}
	for i, f := range fields {
		if i != title && i != objective && i != code && !usedColumn(f) && !m.emptyColumn(b, i) {
			name := "column " + quoteOr(header.cells[i].text(), i)
			m.lose(name, "a plan has no place for "+lossName(f), name, header.line)
		}
	}
}

func quoteOr(name string, i int) string {
	if name == "" {
		return "number " + string(rune('1'+min(i, 8)))
	}
	return quote(name)
}

func usedColumn(f field) bool {
	switch f {
	case fOwner, fTeam, fUnit, fBaseline, fTarget, fCurrent, fConfidence, fWeight, fDue, fSource, fCadence, fInitiative, fDefinition, fRationale, fKind, fMetric, fScore:
		return true
	}
	return false
}

func (m *mdReader) emptyColumn(b *block, i int) bool {
	for _, r := range b.rows[1:] {
		if i < len(r.cells) && r.cells[i].text() != "" {
			return false
		}
	}
	return true
}

// titleColumn is the column that holds the key results' titles.
func (m *mdReader) titleColumn(b *block, fields []field) int {
	for i, f := range fields {
		if f == fKeyResult && !m.isCodes(b, i) {
			return i
		}
	}
	best, longest := 0, -1
	for i, f := range fields {
		switch f {
		case fNone, fTitle, fTarget, fDefinition, fMetric, fKeyResult:
		default:
			continue
		}
		if m.isCodes(b, i) {
			continue
		}
		sum := 0
		for _, r := range b.rows[1:] {
			if i < len(r.cells) {
				sum += len(r.cells[i].text())
			}
		}
		if f == fTitle || f == fMetric {
			sum *= 2
		}
		if sum > longest {
			best, longest = i, sum
		}
	}
	return best
}

// isCodes says whether a column only numbers the rows.
func (m *mdReader) isCodes(b *block, i int) bool {
	codes := 0
	for _, r := range b.rows[1:] {
		if i >= len(r.cells) || r.cells[i].text() == "" {
			continue
		}
		if !codeCell.MatchString(r.cells[i].text()) {
			return false
		}
		codes++
	}
	return codes > 0
}

// numberedObjectives says whether the rows that have only a title count on: 1, 2,
// 3, or 4, 5 in a second table.
func (m *mdReader) numberedObjectives(b *block, title int) bool {
	last := 0
	for _, r := range b.rows[1:] {
		if !onlyTitle(r, title) || !all(r.cells[title], isBold) {
			continue
		}
		g := rowNumber.FindStringSubmatch(r.cells[title].text())
		if g == nil {
			return false
		}
		n, err := strconv.Atoi(g[1])
		if err != nil || n < 1 || last > 0 && n != last+1 {
			return false
		}
		last = n
	}
	return last > 0
}

// goalsAreTargets corrects a column "Goal" beside key results whose cells are
// numbers: it holds targets.
func (m *mdReader) goalsAreTargets(b *block, fields []field) {
	if !slices.Contains(fields, fKeyResult) {
		return
	}
	for i, f := range fields {
		if f != fObjective {
			continue
		}
		numbers, others := 0, 0
		for _, r := range b.rows[1:] {
			if i >= len(r.cells) || empty(r.cells[i].text()) {
				continue
			}
			if _, ok := m.words.quantity(r.cells[i].text()); ok {
				numbers++
			} else {
				others++
			}
		}
		if numbers > others {
			fields[i] = fTarget
		}
	}
}

// holdsObjectives says whether a table gives its objectives itself: in rows of
// their own, which stand out and are numbered, or in a column of them.
func (m *mdReader) holdsObjectives(b *block) bool {
	if b.kind != bTable || !m.couldBeKeyResults(b) {
		return false
	}
	fields := make([]field, len(b.rows[0].cells))
	for i, c := range b.rows[0].cells {
		fields[i] = m.voc.field(c.text())
	}
	m.goalsAreTargets(b, fields)
	title := m.titleColumn(b, fields)
	for i, f := range fields {
		if f == fObjective && i != title {
			return true
		}
	}
	return m.numberedObjectives(b, title)
}

// onlyTitle says whether nothing but the title stands in a row.
func onlyTitle(r row, title int) bool {
	for i, c := range r.cells {
		if (i == title) != (c.text() != "") {
			return false
		}
	}
	return len(r.cells) > 1
}

// onlyTitleAndScores says whether nothing but the title stands in a row, and how
// far it came.
func onlyTitleAndScores(r row, title int, fields []field) bool {
	for i, c := range r.cells {
		if i < len(fields) && i != title && (fields[i] == fScore || fields[i] == fProgress) {
			continue
		}
		if (i == title) != (c.text() != "") {
			return false
		}
	}
	return len(r.cells) > 1
}

// tableRow reads a row.
func (m *mdReader) tableRow(r, header row, fields []field, title, objective, code int, numbered bool, sc *scope) {
	if rowIsEmpty(r) {
		m.l.claim(r.line, Markup)
		return
	}
	if objective >= 0 && objective < len(r.cells) {
		if text := r.cells[objective].text(); text != "" && (sc.objective == nil || sc.objective.Title != text) {
			was := m.voc.markOf(text, "")
			o := m.addObjective(firstOf(was.rest, text), was.code, r.line, nil)
			o.defaults = sc.defaults
			sc.objective = o
		}
	}
	if title >= len(r.cells) {
		m.leaveRow(r, "the row has no cell for the key result")
		return
	}
	cell := r.cells[title]
	text := cell.text()
	struck := struckText(cell)
	mark := m.voc.markOf(text, "")
	switch {
	case mark.kind == mKeyResult || mark.kind == mObjective && mark.rest != "":
		text = mark.rest
	default:
		mark.code = ""
	}
	switch {
	case text == "" && struck != "":
		m.leaveRow(r, "struck out: it was dropped")
		return
	case text == "":
		if objective >= 0 && objective < len(r.cells) && r.cells[objective].text() != "" {
			m.l.claim(r.line, Objectives)
			return
		}
		m.leaveRow(r, "the row names no key result")
		return
	case onlyTitle(r, title) && strings.HasSuffix(text, ":") && !all(cell, isBold) && all(cell, isItalic):
		m.leaveRow(r, "a note")
		return
	case mark.kind == mObjective, onlyTitleAndScores(r, title, fields) && all(cell, isBold) && objective < 0:
		if numbered {
			text = rowNumber.ReplaceAllString(text, "$2")
		}
		if sc.krs || sc.objective != nil && sc.objective.line > 0 && m.fixed(sc) {
			m.leaveRow(r, "it groups the key results below it")
			return
		}
		m.l.claim(r.line, Objectives)
		sc.objective = m.addObjective(text, mark.code, r.line, nil)
		sc.objective.defaults = sc.defaults
		m.fromRows = sc.objective
		for i, c := range r.cells {
			if i < len(fields) && i != title && fields[i] == fScore && !empty(c.text()) {
				m.outcome(sc.objective.scored(), c.text(), "", r.line)
			}
		}
		return
	}
	was := m.clean(outlineNumber.ReplaceAllString(text, ""), r.line)
	if was.title == "" || placeholder(was.title) {
		m.leaveRow(r, "a placeholder: no key result is named yet")
		return
	}
	o := m.target(sc, r.line)
	m.l.claim(r.line, KeyResults)
	if struck != "" {
		m.l.part(r.line, struck, "struck out")
	}
	k := o.addKeyResult(m.draft, was.title, mark.code, r.line)
	if code >= 0 && code < len(r.cells) {
		k.code = firstOf(k.code, r.cells[code].text())
	}
	for i, c := range r.cells {
		if i != title && i != objective && i != code && i < len(fields) && usedColumn(fields[i]) {
			m.cellField(k, o, fields[i], c, r.line)
		}
	}
	m.apply(k, was, &block{lines: []int{r.line}}, sc)
	m.surplus(r, header)
}

// cellField gives a key result the value of a cell.
func (m *mdReader) cellField(k *draftKeyResult, o *draftObjective, f field, c cell, line int) {
	value := c.text()
	switch {
	case f == fTeam:
		if value != "" && o.Team == "" {
			o.Team = value
		} else if value != "" && o.Team != value {
			m.l.part(line, value, "a team owns an objective, not one of its key results")
		}
	case f == fTarget || f == fBaseline || f == fCurrent:
		if empty(value) {
			return
		}
		if q, ok := m.words.quantity(value); ok {
			m.setNumber(k, f, q)
			return
		}
		if said, ok := m.words.metricOf(value); ok && f == fTarget && !k.metric {
			k.Metric, k.metric = said, true
			k.Definition = joined(k.Definition, value)
			return
		}
		k.Definition = joined(k.Definition, value)
	default:
		m.set(k, f, value, line)
	}
}

// fixed says whether the objective of a scope was given outside of the table.
func (m *mdReader) fixed(sc *scope) bool { return sc.objective != m.fromRows }

// surplus reports the cells of a row that stand beyond the header: Markdown
// drops them.
func (m *mdReader) surplus(r, header row) {
	raw := strings.TrimSpace(m.l.src.lines[r.line-1])
	raw = strings.TrimSuffix(strings.TrimPrefix(raw, "|"), "|")
	cells := strings.Split(strings.ReplaceAll(raw, `\|`, "\x01"), "|")
	if len(cells) <= len(header.cells) {
		return
	}
	if rest := oneLine(strings.Join(cells[len(header.cells):], " ")); rest != "" {
		m.l.part(r.line, strings.ReplaceAll(rest, "\x01", "|"), "it stands beyond the columns of the table")
	}
}
