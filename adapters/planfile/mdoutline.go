package planfile

import (
	"slices"
	"strings"
)

// census counts what a block and everything below it hold.
type census struct {
	objectives int // marked as such
	keyResults int // marked as such, or in a table that says so
	items      int // of lists, not marked
	depth      int // of nested items: 1 is a list without sublists
}

// levels of blocks that are no headings.
const (
	levelBold      = 7
	levelObjective = 8
	levelLabel     = 9
	levelGroup     = 10 // a bold line among key results
	levelKeyResult = 11
	levelLeadIn    = 12
	levelLeaf      = 13
)

// outline nests a flat sequence of blocks by what they introduce.
func (m *mdReader) outline(flat []*block) []*block {
	root := &block{}
	stack := []*block{root}
	levels := []int{0}
	pop := func(level int) {
		for len(stack) > 1 && levels[len(levels)-1] >= level {
			stack, levels = stack[:len(stack)-1], levels[:len(levels)-1]
		}
	}
	for _, b := range m.upright(flat) {
		if b.kind == bRule {
			pop(levelBold)
			continue
		}
		if b.kind == bCode {
			m.planInCode(b)
		} else {
			b.kids = m.outline(b.kids)
		}
		b.mark = m.markOf(b)
		level := b.levelWithin(levels)
		if level != levelLeaf {
			pop(level)
		}
		for len(stack) > 1 && !stack[len(stack)-1].takes(b, levels[len(levels)-1]) {
			stack, levels = stack[:len(stack)-1], levels[:len(levels)-1]
		}
		top := stack[len(stack)-1]
		top.kids = append(top.kids, b)
		if level != levelLeaf {
			b.flat = level == levelKeyResult
			stack, levels = append(stack, b), append(levels, level)
		}
	}
	lookBack(root)
	m.fieldsOfAll(root)
	return root.kids
}

// upright turns tables of an objective, whose rows are "KR 1 | …", into lines.
func (m *mdReader) upright(blocks []*block) []*block {
	if !slices.ContainsFunc(blocks, m.isUpright) {
		return blocks
	}
	var out []*block
	for _, b := range blocks {
		if !m.isUpright(b) {
			out = append(out, b)
			continue
		}
		for _, r := range b.rows {
			line := &block{kind: bText, lines: []int{r.line}}
			line.spans = append(append(append(line.spans, r.cells[0]...), span{text: ": ", line: r.line}), r.cells[1]...)
			out = append(out, line)
		}
	}
	return out
}

// isUpright says whether a table is one objective: its name, its key results and
// its fields, each in a row of its own.
func (m *mdReader) isUpright(b *block) bool {
	if b.kind != bTable || len(b.rows) < 2 {
		return false
	}
	results := 0
	for i, r := range b.rows {
		if len(r.cells) != 2 || r.cells[0].text() == "" || r.cells[1].text() == "" || m.voc.field(r.cells[1].text()) != fNone {
			return false
		}
		switch got := m.voc.markOf(r.cells[0].text()+": "+r.cells[1].text(), ""); {
		case got.kind == mObjective && i == 0:
		case got.kind == mKeyResult && got.rest != "" && i > 0:
			results++
		case got.kind == mField && i > 0:
		default:
			return false
		}
	}
	return results > 0
}

// fieldsOfAll gives what stands behind the last of several key results, and
// behind none of the others, to what is above them: "Owner: Ada" at the end of a
// flat list belongs to the objective.
func (m *mdReader) fieldsOfAll(b *block) {
	for _, k := range b.kids {
		if k.kind != bItem || k.level == 0 {
			m.fieldsOfAll(k)
		}
	}
	var last *block
	results := 0
	for _, k := range b.kids {
		if k.mark.kind != mKeyResult || !k.flat {
			continue
		}
		if last != nil && slices.ContainsFunc(last.kids, ofAll) {
			return
		}
		last = k
		results++
	}
	if results < 2 || !slices.ContainsFunc(last.kids, ofAll) {
		return
	}
	at := slices.Index(b.kids, last) + 1
	up := last.kids[slices.IndexFunc(last.kids, ofAll):]
	last.kids = last.kids[:len(last.kids)-len(up)]
	b.kids = slices.Insert(b.kids, at, up...)
}

// ofAll says whether a field may be an objective's as well as a key result's.
func ofAll(b *block) bool {
	if b.mark.kind != mField {
		return false
	}
	switch b.mark.field {
	case fOwner, fTeam, fDue, fCadence:
		return true
	}
	return false
}

func lookBack(b *block) {
	markRetrospective(b.kids)
	for _, k := range b.kids {
		if k.kind == bText || k.kind == bHeading {
			lookBack(k)
		}
	}
}

// maxCodes bounds how many blocks of code are looked into: each costs a walk over
// the file.
const maxCodes = 20

// planInCode looks into a block of code that is in no language: people keep the
// look of a plain text by it.
func (m *mdReader) planInCode(b *block) {
	if !oneOf(strings.ToLower(b.language), []string{"", "text", "txt", "md", "markdown", "okr", "okrs"}) || m.inCode {
		return
	}
	if !slices.ContainsFunc(b.spans, func(s span) bool { return saysSomethingOfItsOwn(strings.TrimSpace(s.text)) }) {
		return
	}
	if m.codes++; m.codes > maxCodes {
		return
	}
	lines := make([]string, len(m.l.src.lines))
	for _, s := range b.spans {
		lines[s.line-1] = strings.TrimRight(s.text, "\n")
	}
	indent(lines)
	m.inCode = true
	b.kids = m.outline(parseBlocks(lines))
	m.inCode = false
	if !hasMarks(b.kids) {
		b.kids = nil
	}
}

// levelWithin is the level of a block below blocks of the levels.
func (b *block) levelWithin(levels []int) int {
	switch {
	case b.kind == bHeading && b.mark.kind == mAside && contents[plainHeading(b.text())]:
		return levelBold // headings do not stand below a table of contents
	case b.kind == bHeading:
		return b.level
	case b.kind != bText && b.kind != bItem:
		return levelLeaf
	}
	childless := b.kind == bText || len(b.kids) == 0
	switch b.mark.kind {
	case mObjective:
		if childless {
			return levelObjective
		}
		return levelLeaf
	case mKeyResults, mAside, mNever:
		if childless {
			return levelLabel
		}
		return levelLeaf
	case mField:
		if childless && b.mark.rest == "" {
			return levelLabel
		}
		return levelLeaf
	case mKeyResult:
		if childless {
			return levelKeyResult
		}
		return levelLeaf
	}
	switch {
	case b.kind == bItem:
		return levelLeaf
	case b.boldLine():
		for _, l := range levels {
			if l == levelObjective || l == levelLabel {
				return levelGroup
			}
		}
		return levelBold
	case strings.HasSuffix(b.text(), ":"):
		return levelLeadIn
	}
	return levelLeaf
}

var contents = set("table of contents", "contents", "on this page", "toc", "index", "inhalt", "inhaltsverzeichnis", "sommaire", "índice")

// retrospectives are the words under which a team looks back.
var retrospectives = []map[string]bool{
	set("good", "bad", "try", "ugly"), set("start", "stop", "continue"), set("keep", "drop", "try"), set("liked", "learned", "lacked", "longed for"), set("mad", "sad", "glad"),
	set("what went well", "what did not go well", "what didnt go well", "what went wrong", "what can we improve", "what to improve"), set("gut", "schlecht", "versuchen"),
}

// markRetrospective marks siblings that look back, such as GOOD, BAD and TRY.
func markRetrospective(siblings []*block) {
	names := make([]string, len(siblings))
	for i, b := range siblings {
		if b.kind == bTable || b.kind == bCode {
			continue
		}
		if text := b.text(); len(text) <= 60 {
			names[i] = plainHeading(text)
		}
	}
	for _, words := range retrospectives {
		found, first := 0, -1
		for i := range siblings {
			if words[names[i]] {
				if found++; first < 0 {
					first = i
				}
			}
		}
		if found < 2 {
			continue
		}
		for _, b := range siblings[first:] {
			if b.kind == siblings[first].kind || b.mark.kind == mNone {
				b.mark = mark{kind: mNever, rest: "a retrospective"}
			}
		}
	}
}

// boldLine says whether a paragraph is one bold line, which people use as a
// heading.
func (b *block) boldLine() bool {
	return b.kind == bText && b.mark.kind == mNone && all(b.spans, isBold) && len(b.text()) <= 200
}

// takes says whether a block may stand below another that is open at a level.
func (b *block) takes(kid *block, level int) bool {
	switch {
	case level == levelLeadIn:
		return kid.kind == bItem || kid.kind == bTable || kid.kind == bCode
	case b.kind == bItem && level == levelKeyResult:
		return kid.kind == bItem && kid.mark.kind == mField
	case b.kind == bItem && level == levelLabel && b.mark.kind == mField:
		return false
	case b.kind == bItem && kid.kind != bItem:
		return false
	case level == levelKeyResult:
		return kid.kind != bText || kid.mark.kind == mField || kid.mark.kind == mNone && !kid.boldLine()
	}
	return true
}

// markOf reads what a block says that it is.
func (m *mdReader) markOf(b *block) mark {
	if b.kind != bHeading && b.kind != bText && b.kind != bItem {
		return mark{}
	}
	text := b.text()
	out := m.voc.markOf(text, leading(b.spans, isBold))
	heading := b.kind == bHeading || all(b.spans, isBold) || strings.HasSuffix(text, ":")
	if out.kind == mNone && heading {
		if b.kind == bHeading {
			if f := m.voc.field(text); f == fOwner || f == fCycle || f == fSource || f == fDue || f == fCadence {
				return mark{kind: mField, field: f, label: text}
			}
		}
		if kind, reason := sectionMark(strings.TrimSuffix(text, ":")); kind != mNone {
			return mark{kind: kind, rest: reason}
		}
	}
	if out.kind == mField && heading && b.kind == bHeading && out.rest == "" {
		if kind, reason := sectionMark(text); kind != mNone {
			return mark{kind: kind, rest: reason}
		}
	}
	return out
}

// objectivesAmong marks the items as objectives that key results stand below
// which say so: "1. **Sales: Win the north.**" above "1. KR: …". It says whether
// it found one. inside is: within an objective that says so itself, where only
// what stands out can be another.
func (m *mdReader) objectivesAmong(blocks []*block, inside bool) bool {
	found, bold, prefixed, items := false, false, 0, 0
	for _, b := range blocks {
		if b.mark.kind == mAside {
			for _, k := range b.kids {
				if readInAside(k) {
					found = m.objectivesAmong([]*block{k}, inside) || found
				}
			}
			continue
		}
		if b.mark.kind == mNever && !m.everything {
			continue
		}
		below := m.objectivesAmong(b.kids, inside || b.mark.kind == mObjective)
		found = found || below
		stands := leading(b.spans, isBold) != "" && all(b.spans[:1], isBold)
		if b.kind != bItem || b.mark.kind != mNone || b.text() == "" || inside && !stands {
			continue
		}
		if !below && !slices.ContainsFunc(b.kids, func(k *block) bool { return k.mark.kind == mKeyResult || k.mark.kind == mKeyResults }) {
			continue
		}
		m.promote(b)
		found, bold = true, bold || stands
	}
	for _, b := range blocks {
		// One that has no key results yet looks like those that have.
		if bold && b.kind == bItem && b.mark.kind == mNone && all(b.spans, isBold) {
			m.promote(b)
		}
		if b.promoted {
			items++
			if prefix, _ := prefixOf(b.mark.rest); prefix != "" {
				prefixed++
			}
		}
	}
	if prefixed*3 >= items*2 {
		m.led += prefixed
	}
	return found
}

// promote marks an item as an objective. What stands behind a bold title is not
// part of it.
func (m *mdReader) promote(b *block) {
	title := leading(b.spans, isBold)
	if rest := strings.TrimSpace(strings.TrimPrefix(b.text(), title)); title == "" || rest != "" && !m.setsApart(title, rest) {
		title = b.text()
	}
	b.mark, b.promoted = mark{kind: mObjective, rest: title}, true
}

// setsApart says whether a bold beginning is a title by itself, and not the first
// words of one.
func (m *mdReader) setsApart(title, rest string) bool {
	if strings.HasSuffix(title, ":") {
		return false
	}
	_, _, _, isField := m.voc.fieldOf(strings.TrimLeft(rest, " .–—|·(-"), "")
	return isField || strings.HasPrefix(rest, "=>") || strings.ContainsAny(title[len(title)-1:], ".!?") && len(strings.Fields(title)) > 2
}

// survey counts what stands in the blocks.
func (m *mdReader) survey(blocks []*block) census {
	var sum census
	for _, b := range blocks {
		below := m.survey(b.kids)
		own := below
		switch {
		case b.mark.kind == mNever && !m.everything:
			m.never = true
			own, below = census{}, census{}
		case b.mark.kind == mObjective:
			own.objectives++
		case b.mark.kind == mKeyResult:
			own.keyResults++
			own.objectives, own.items, own.depth = 0, 0, 0 // an objective below a key result carries it further down
		case b.mark.kind == mKeyResults:
			own.keyResults += max(below.items, 1)
			own.items = 0
		case b.mark.kind == mField, b.mark.kind == mAside:
			own.items, own.depth = 0, 0
		case b.kind == bItem:
			own.items++
			own.depth = below.depth + 1
		case b.kind == bTable && m.saysKeyResults(b):
			own.keyResults += len(b.rows) - 1
		}
		b.count = own
		sum.objectives += own.objectives
		sum.keyResults += own.keyResults
		sum.items += own.items
		if b.kind == bItem {
			sum.depth = max(sum.depth, own.depth)
		}
	}
	return sum
}
