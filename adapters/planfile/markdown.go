package planfile

import (
	"regexp"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"go.yaml.in/yaml/v3"
)

// mdReader reads a Markdown file. A file either marks its objectives and key
// results with words, and then only those count; or it does not, and then the
// shape of the outline says what is what: a heading that holds a list is an
// objective, and the items of the list are its key results.
type mdReader struct {
	*draft
	strong     bool            // the file marks key results with words
	prefixes   map[string]int  // how often "Sales:" begins an item
	cascade    bool            // most items begin with whose they are
	led        int             // how many objectives begin with whose they are
	everything bool            // examples count, because there is nothing else
	never      bool            // there are sections that do not count
	title      string          // of the document
	titled     bool            // the title is the only heading of its level
	levels     map[int]int     // how many headings of a level hold lists
	front      draftDefaults   // what the front matter says
	fromRows   *draftObjective // the last objective that a row of a table gave
	finals     *draftObjective // whose final scores the next table holds
	inCode     bool            // a block of code is being looked into
	codes      int             // how many have been
	consumed   map[*block]bool // blocks that another one has used
	priorities map[int]bool
}

func readMarkdown(l *ledger, s *source, w words) (okr.Plan, error) {
	plan, never := tryMarkdown(l, w, false)
	if never && len(plan.Objectives) == 0 {
		// A file of examples is read as what it is.
		again := newLedger(s)
		if p, _ := tryMarkdown(again, w, true); len(p.Objectives) > 0 {
			plan = p
			*l = *again
		}
	}
	if len(plan.Objectives) == 0 {
		return okr.Plan{}, s.whole("no objective and no key result was found", `mark them: a heading or a line "Objective: …", and below it a list of lines "KR: …"`)
	}
	return plan, nil
}

// tryMarkdown reads the file, and says whether there are sections whose key
// results do not count.
func tryMarkdown(l *ledger, w words, everything bool) (p okr.Plan, never bool) {
	m := &mdReader{
		draft: &draft{l: l, words: w, voc: lineVocabulary}, prefixes: map[string]int{}, everything: everything, consumed: map[*block]bool{},
	}
	body := m.frontMatter()
	lines := markdownLines(l)
	for i := range body {
		lines[i] = ""
	}
	tree := m.outline(parseBlocks(lines))
	m.strong = m.survey(tree).keyResults > 0
	if m.strong && m.objectivesAmong(tree, false) {
		m.survey(tree)
	}
	m.countPrefixes(tree)
	m.countOutcomes(tree)
	m.findTitle(tree)
	root := &scope{open: !m.strong, defaults: m.front}
	m.walk(tree, root)
	m.sweep()
	return m.plan("it names no objective and no key result"), m.never
}

// sweep gives the lines that Markdown itself uses their role.
func (m *mdReader) sweep() {
	for i, line := range m.l.src.lines {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || m.l.claimed(i+1) {
			continue
		}
		switch {
		case thematic.MatchString(trimmed), anyFence.MatchString(trimmed), tableDashes.MatchString(trimmed), strings.Trim(trimmed, "#>|*_ -+") == "":
			m.l.claim(i+1, Markup)
		case referenceDef.MatchString(trimmed):
			m.l.leave(i+1, "a link")
		}
	}
}

// frontMatter reads the YAML at the head of a file, and returns how many lines it
// takes.
func (m *mdReader) frontMatter() int {
	lines := m.l.src.lines
	if strings.TrimRight(lines[0], " \t") != "---" {
		return 0
	}
	end := 0
	for i := 1; i < len(lines) && end == 0; i++ {
		if t := strings.TrimRight(lines[i], " \t"); t == "---" || t == "..." {
			end = i
		}
	}
	if end == 0 {
		return 0
	}
	s := &source{name: m.l.src.name, text: strings.Join(lines[1:end], "\n"), lines: lines[1:end]}
	root, err := parseYAML(s)
	if err != nil || root.Kind != yaml.MappingNode {
		return 0
	}
	m.l.claim(1, Markup)
	m.l.claim(end+1, Markup)
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		line := key.Line + 1
		if value.Kind != yaml.ScalarNode || empty(value.Value) {
			continue
		}
		switch f := m.voc.field(key.Value); {
		case f == fCycle && m.setCycle(value.Value, line):
			m.l.mark(line, Cycles)
		case f == fCycle && m.cycle.Name == "":
			m.cycle.Name, m.cycleLine = oneLine(value.Value), line
			m.l.mark(line, Cycles)
		case f == fTitle && m.setCycle(value.Value, line):
			m.l.mark(line, Cycles)
		case f == fOwner:
			m.front.owner = oneLine(value.Value)
			m.scoped = append(m.scoped, scopedText{m.front.owner, key.Value + ": " + value.Value, line})
			m.l.mark(line, Owners)
		case f == fTeam:
			m.front.team = oneLine(value.Value)
			m.scoped = append(m.scoped, scopedText{m.front.team, key.Value + ": " + value.Value, line})
			m.l.mark(line, Teams)
		case f == fStart, f == fDue:
			if day, ok := m.words.date(value.Value); ok {
				if f == fStart {
					m.cycle.Start = day
				} else {
					m.cycle.End = day
				}
				m.cycleLine = line
				m.l.mark(line, Cycles)
			}
		}
	}
	for i := range end {
		if !m.l.claimed(i + 1) {
			m.l.leave(i+1, "front matter that a plan has no place for")
		}
	}
	return end + 1
}

// findTitle takes the first heading of the highest level as the document's, and
// counts the headings that hold lists.
func (m *mdReader) findTitle(tree []*block) {
	tops := 0
	m.levels = map[int]int{}
	var walk func(blocks []*block)
	walk = func(blocks []*block) {
		for _, b := range blocks {
			if b.kind != bHeading || b.mark.kind == mNever && !m.everything || b.mark.kind == mAside {
				continue
			}
			if b.level == 1 {
				if tops++; m.title == "" {
					m.title = outlineNumber.ReplaceAllString(withoutSigns(b.text()), "")
				}
			}
			if direct, _ := m.holds(b); direct > 0 {
				m.levels[b.level]++
			}
			walk(b.kids)
		}
	}
	walk(tree)
	m.titled = tops == 1
}

var itemPrefix = regexp.MustCompile(`^([\p{L}][\p{L}\d .,&/()'’-]{0,40}?)(?:\[[A-Z]{1,4}\])?:[ \t]+(\S.*)$`)

// prefixOf is the words before the colon of "Field marketing: …".
func prefixOf(text string) (prefix, rest string) {
	m := itemPrefix.FindStringSubmatch(withoutSigns(tagsAtStart.ReplaceAllString(text, "")))
	if m == nil || len(strings.Fields(m[1])) > 5 {
		return "", ""
	}
	return strings.TrimSpace(m[1]), m[2]
}

// countPrefixes finds out whether the items of the file begin with whose they
// are, as in "Sales: reach …".
func (m *mdReader) countPrefixes(tree []*block) {
	items, with := 0, 0
	var walk func(blocks []*block)
	walk = func(blocks []*block) {
		for _, b := range blocks {
			if b.mark.kind == mNever && !m.everything || b.mark.kind == mAside {
				continue
			}
			if b.kind == bItem && b.mark.kind == mNone {
				items++
				if prefix, _ := prefixOf(b.text()); prefix != "" {
					with++
					m.prefixes[strings.ToLower(prefix)]++
				}
			}
			walk(b.kids)
		}
	}
	walk(tree)
	again, known := 0, 0
	for prefix, n := range m.prefixes {
		if n > 1 {
			again += n
		}
		if departments[prefix] || roleName(strings.ToUpper(prefix[:1])+prefix[1:]) {
			known += n
		}
	}
	m.cascade = items >= 6 && with*2 >= items && (again*3 >= items || with*4 >= items*3 && known*3 >= items)
}
