package planfile

import (
	"regexp"
	"strings"
)

// scope is what holds for a part of a Markdown file.
type scope struct {
	objective *draftObjective // to which key results go; nil is none
	above     *draftObjective // below which the part stands; nil is none
	open      bool            // lists without markers are key results, or objectives where there is none
	krs       bool            // below "Key Results:"
	aside     string          // why lists without markers are not read; "" is: they may be
	describes *draftObjective // which prose explains; nil is none
	heading   string          // the nearest heading, for key results without an objective
	group     string          // the nearest heading that groups objectives
	defaults  draftDefaults   // what the section says for all its objectives
	list      listShape       // how the list is read that the walk is in
}

// listShape says what the items of a list without markers are.
type listShape int

const (
	flatList       listShape = iota // key results, and below them what is done for them
	treeList                        // leaves are key results, everything above them objectives
	objectiveLists                  // the items are objectives, the items below them key results
)

// below is a copy of the scope for what stands below.
func (s *scope) below() *scope {
	c := *s
	return &c
}

// walk reads blocks in order.
func (m *mdReader) walk(blocks []*block, sc *scope) {
	if list := m.shapeOf(blocks, sc); list >= 0 {
		outer := sc
		sc = sc.below()
		sc.list = list
		defer func() { outer.objective = sc.objective }() // what a block declares holds for those after it
	}
	for i, b := range blocks {
		if m.consumed[b] {
			continue
		}
		m.visit(b, blocks[i+1:], sc)
	}
}

// shapeOf decides how the unmarked items among the blocks are read.
func (m *mdReader) shapeOf(blocks []*block, sc *scope) listShape {
	depth, items, inner, tagged := 0, 0, 0, false
	for _, b := range blocks {
		if b.kind != bItem || b.mark.kind != mNone {
			continue
		}
		items++
		if b.count.depth > 1 {
			inner++
		}
		depth = max(depth, b.count.depth)
		for _, k := range b.kids {
			tagged = tagged || k.kind == bItem && (tagsAtStart.MatchString(k.text()) || tagsAtEnd.MatchString(k.text()))
		}
	}
	switch {
	case items == 0:
		return -1
	case sc.krs:
		return flatList
	case sc.list == treeList:
		return treeList
	case depth >= 2 && (m.cascade || tagged), depth > 3:
		return treeList
	case sc.objective == nil && inner*2 >= items && depth > 1:
		return objectiveLists
	case depth == 3:
		return treeList
	}
	return flatList
}

// visit reads one block.
func (m *mdReader) visit(b *block, after []*block, sc *scope) {
	if len(b.lines) == 0 && b.kind != bQuote {
		m.walk(b.kids, sc) // an empty item
		return
	}
	if b.kind != bTable {
		m.finals = nil
	}
	switch b.mark.kind {
	case mNever:
		if !m.everything {
			m.leaveAll(b, b.mark.rest)
			return
		}
		m.section(b, sc)
		return
	case mAside:
		if sc.aside != "" {
			b.mark.rest = sc.aside
		}
		m.leave(b, b.mark.rest)
		in := sc.below()
		in.aside, in.open, in.krs = b.mark.rest, false, false
		for i, k := range b.kids {
			switch {
			case m.consumed[k]:
			case readInAside(k) && sc.aside == "":
				m.visit(k, b.kids[i+1:], sc)
			default:
				m.visit(k, b.kids[i+1:], in)
			}
		}
		return
	case mObjective:
		m.objective(b, after, sc)
		return
	case mKeyResult, mKeyResults:
		switch {
		case sc.aside != "" && sc.objective == nil:
			m.leaveAll(b, sc.aside) // it is only spoken of
		case b.mark.kind == mKeyResult:
			m.keyResult(b, b.mark.rest, sc)
		default:
			m.keyResultsLabel(b, sc)
		}
		return
	case mField:
		m.fieldBlock(b, sc)
		return
	}
	switch b.kind {
	case bHeading:
		m.section(b, sc)
	case bItem:
		m.item(b, sc)
	case bTable:
		m.table(b, sc)
	case bQuote:
		if m.survey(b.kids); hasMarks(b.kids) {
			m.walk(b.kids, sc)
			return
		}
		m.leaveAll(b, "a quote")
	case bCode:
		if len(b.kids) > 0 {
			m.walk(b.kids, sc)
			return
		}
		m.leaveAll(b, "a block of code")
	default:
		m.text(b, sc)
	}
}

// readInAside says whether a heading stands only by its level below one that is
// about something else: it has key results that say so.
func readInAside(b *block) bool {
	return b.kind == bHeading && b.mark.kind == mNone && b.count.keyResults > 1
}

func hasMarks(blocks []*block) bool {
	for _, b := range blocks {
		if b.mark.kind == mObjective || b.mark.kind == mKeyResult || b.mark.kind == mKeyResults || hasMarks(b.kids) {
			return true
		}
	}
	return false
}

// claim says what the lines of a block were read as.
func (m *mdReader) claim(b *block, role Role) {
	for i, line := range b.lines {
		if i > 0 && m.l.claimed(line) {
			continue
		}
		m.l.claim(line, role)
	}
}

// leave puts the lines of a block among the unread.
func (m *mdReader) leave(b *block, reason string) {
	for _, line := range b.lines {
		m.l.leave(line, reason)
	}
}

// leaveAll puts a block and everything below it among the unread.
func (m *mdReader) leaveAll(b *block, reason string) {
	if m.consumed[b] {
		return
	}
	if b.kind == bTable {
		for _, r := range b.rows {
			m.leaveRow(r, reason)
		}
		return
	}
	m.leave(b, reason)
	if b.kind == bCode {
		return // what stands in it are the same lines
	}
	for _, k := range b.kids {
		m.leaveAll(k, reason)
	}
}

func (m *mdReader) leaveRow(r row, reason string) {
	if rowIsEmpty(r) {
		m.l.claim(r.line, Markup)
		return
	}
	m.l.leave(r.line, reason)
}

func rowIsEmpty(r row) bool {
	for _, c := range r.cells {
		if c.text() != "" || struckText(c) != "" {
			return false
		}
	}
	return true
}

// text reads a paragraph without a marker.
func (m *mdReader) text(b *block, sc *scope) {
	text := b.text()
	switch {
	case b.boldLine() && len(b.kids) > 0:
		m.section(b, sc)
		return
	case m.metaLine(b, sc):
	case m.cycleProse(b):
	case m.cycle.Key == "" && len(strings.Fields(text)) <= 8 && !strings.HasSuffix(text, ".") && aboutOKRs.MatchString(text) && m.setCycle(text, b.line()):
		m.claim(b, Cycles)
	case text == "":
		m.leave(b, "struck out")
	case strings.HasSuffix(text, ":") && len(b.kids) > 0:
		m.leave(b, "it introduces what follows")
	case onlyLinks(b):
		m.leave(b, "a link")
	case sc.describes != nil && sc.aside == "" && len(sc.describes.krs) == 0:
		m.claim(b, Fields)
		m.describe(sc.describes, text, b.line())
		if s := struckText(b.spans); s != "" {
			m.l.part(b.line(), s, "struck out")
		}
	default:
		m.leave(b, "prose: it names no objective and no key result")
	}
	m.walk(b.kids, sc)
}

func onlyLinks(b *block) bool { return all(b.spans, isLink) }

var metaSeparator = regexp.MustCompile(`\s*(?:[·|•;]|\s[–—]\s)\s*`)

// metaLine reads a line such as "Owner: Ada · Updated 3 July" that stands above a
// section.
func (m *mdReader) metaLine(b *block, sc *scope) bool {
	parts := metaSeparator.Split(b.text(), -1)
	if len(parts) < 2 {
		return false
	}
	known := false
	for _, p := range parts {
		_, _, _, ok := m.voc.fieldOf(p, "")
		known = known || ok
	}
	if !known {
		return false
	}
	m.claim(b, Fields)
	for _, p := range parts {
		m.metaPart(b, p, sc)
	}
	return true
}

func (m *mdReader) metaPart(b *block, part string, sc *scope) {
	f, _, value, ok := m.voc.fieldOf(part, "")
	if !ok {
		m.l.part(b.line(), part, "a plan has no place for this")
		return
	}
	if f == fSource {
		m.l.part(b.line(), part, "where the page comes from, not where a number comes from")
		return
	}
	m.setScope(f, value, part, b.line(), sc)
}

// setScope gives a section the value of a field.
func (m *mdReader) setScope(f field, value, whole string, line int, sc *scope) {
	value = oneLine(value)
	o := sc.objective
	defaults := &sc.defaults
	if o != nil {
		defaults = &o.defaults
	}
	if (f == fOwner || f == fTeam || f == fSource) && !empty(value) {
		m.scoped = append(m.scoped, scopedText{value, whole, line})
	}
	switch {
	case f == fOwner && !empty(value):
		defaults.owner = value
	case f == fTeam && !empty(value):
		defaults.team = value
	case f == fCycle && (m.setCycle(value, line) || m.cycle.Name == ""):
		if m.cycle.Name == "" {
			m.cycle.Name, m.cycleLine = value, line
		}
	case f == fSource && !empty(value):
		defaults.source = value
	case f == fDue:
		due, ok := m.due(value)
		if !ok {
			m.l.part(line, whole, "this is no date that can be read in only one way")
			return
		}
		defaults.due = due
	case f == fStart && o == nil:
		if first, last, ok := m.words.dateRange(value); ok {
			m.cycle.Start, m.cycle.End, m.cycleLine = first, last, line
			return
		}
		m.l.part(line, whole, "a plan has no place for "+lossName(f))
	case f == fCadence:
		s, ok := scheduleOf(value)
		if !ok {
			m.l.part(line, whole, "this is no cadence: write weekly, biweekly, monthly, a weekday, or last friday of the month")
			return
		}
		defaults.cadence = &s
	case f == fCommitted:
		defaults.committed = saysCommitted(value)
	case empty(value):
		m.l.part(line, whole, "it has no value")
	default:
		m.l.part(line, whole, "a plan has no place for this at an objective")
	}
}

var aspirational = regexp.MustCompile(`(?i)\b(?:aspirational|stretch|moonshot|ambitious|ehrgeizig|aspirationnel|aspiracional)\b`)
var committedWord = regexp.MustCompile(`(?i)\b(?:commit(?:ted|ment)?|roofshot|verbindlich|engagé|comprometido)\b`)

func saysCommitted(text string) bool {
	c := committedWord.FindStringIndex(text)
	a := aspirational.FindStringIndex(text)
	return c != nil && (a == nil || c[0] < a[0])
}

// cycleProse reads "This quarter runs from 1 May 2026 to 31 July 2026."
func (m *mdReader) cycleProse(b *block) bool {
	text := b.text()
	if m.cycle.Start.IsZero() && cycleSentence.MatchString(text) {
		if first, last, ok := m.words.dateRange(text); ok {
			m.cycle.Start, m.cycle.End = first, last
			if m.cycleLine == 0 {
				m.cycleLine = b.line()
			}
			m.claim(b, Cycles)
			return true
		}
	}
	if g := fiscalStart.FindStringSubmatch(text); g != nil && m.cycle.Start.IsZero() && m.cycle.Key != "" {
		if first, last, ok := m.words.fiscalDates(m.cycle.Key, text); ok {
			m.cycle.Start, m.cycle.End = first, last
			m.claim(b, Cycles)
			return true
		}
	}
	return false
}

// fiscalStart is a sentence that says when a fiscal year begins.
var fiscalStart = regexp.MustCompile(`(?i)(?:\b(?:fiscal|financial) year|\bFY ?'?\d|geschäftsjahr|exercice|a[ñn]o fiscal|ano fiscal).*(?:\b(?:starts?|begins?|started|began|runs from|beginnt|startet|begann|commence|débute|empieza|comienza|começa|inicia))`)

var cycleSentence = regexp.MustCompile(`(?i)\b(?:quarter|cycle|fiscal|q[1-4]|half|period|runs?|quartal|zyklus|trimestre|ciclo|période|periodo|período)\b`)
