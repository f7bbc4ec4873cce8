package planfile

import (
	"path"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// read reads the rows in the layout that the columns give away.
func (c *csvReader) read() {
	c.named = map[string][]*draftObjective{}
	objective, kr, title := c.column(fObjective), c.column(fKeyResult), c.column(fTitle)
	typed := c.column(fType)
	if typed >= 0 && c.rowTypes(typed)*2 < len(c.rows) {
		typed = -1
	}
	name := firstColumn(title, objective, kr)
	switch {
	case levelColumns(c.header) > 1 && kr < 0 && objective < 0 && title < 0:
		c.levelRows(levelColumns(c.header))
	case c.groups > 0:
		c.wideRows(firstColumn(objective, title))
	case typed >= 0 && name >= 0:
		c.treeRows(name, typed)
	case kr >= 0:
		c.keyResultRows(firstColumn(objective, title), kr)
	case name >= 0 && (c.outlines(c.column(fOrder)) || c.column(fParent) >= 0 && c.column(fID) >= 0):
		c.treeRows(name, -1)
	case objective >= 0 && c.column(fMetric) >= 0:
		c.keyResultRows(objective, c.column(fMetric))
	case objective >= 0 && c.measured():
		c.keyResultRows(objective, objective)
	case objective >= 0 && title >= 0:
		c.keyResultRows(objective, title)
	case objective >= 0:
		c.keyResultRows(objective, -1)
	default:
		c.keyResultRows(-1, title)
	}
	c.linkParents()
}

// totals are what a spreadsheet writes below its rows.
var totals = set("total", "totals", "grandtotal", "sum", "average", "summe", "gesamt", "durchschnitt", "moyenne", "somme", "suma", "promedio", "soma", "media")

// isTotal says whether a row sums up the others.
func isTotal(r record, title int) bool { return totals[plainLabel(r.cell(title))] }

func firstColumn(columns ...int) int {
	for _, i := range columns {
		if i >= 0 {
			return i
		}
	}
	return -1
}

// measured says whether the table has columns that measure.
func (c *csvReader) measured() bool {
	return c.column(fTarget) >= 0 || c.column(fBaseline) >= 0 || c.column(fCurrent) >= 0
}

// rowType says what a type cell makes of its row.
func rowType(text string) field {
	switch plainLabel(text) {
	case "objective", "goal", "ziel", "objectif", "objetivo", "o", "okr":
		return fObjective
	case "keyresult", "kr", "milestone", "metric", "schlusselergebnis", "resultatcle", "resultadoclave", "resultadochave", "target":
		return fKeyResult
	case "initiative", "task", "workitem", "project", "action", "epic", "story", "issue", "aufgabe", "initiativ", "tache", "tarea", "tarefa":
		return fInitiative
	}
	return fNone
}

func (c *csvReader) rowTypes(column int) int {
	n := 0
	for _, r := range c.rows {
		if rowType(r.cell(column)) != fNone {
			n++
		}
	}
	return n
}

// outlines says whether a column numbers the rows of an outline: 1, 1.1, 1.1.2.
func (c *csvReader) outlines(column int) bool {
	nested := false
	for _, r := range c.rows {
		text := strings.TrimRight(r.cell(column), ".")
		if text == "" {
			continue
		}
		if strings.Trim(text, "0123456789.") != "" {
			return false
		}
		nested = nested || strings.Contains(text, ".")
	}
	return nested
}

// implied is the objective of rows that name none.
func (c *csvReader) implied(line int) *draftObjective {
	base := path.Base(strings.ReplaceAll(c.l.src.name, `\`, "/"))
	title := strings.TrimSpace(strings.NewReplacer("_", " ", "-", " ").Replace(strings.TrimSuffix(base, path.Ext(base))))
	if title == "" || title == "." || title == "/" {
		title = "Objectives"
	}
	return c.addObjective(title, "", line, nil)
}

// objectiveNamed is the objective with a title, and whether it is new. Objectives
// of different teams are different.
func (c *csvReader) objectiveNamed(title, team, key string, line int) (*draftObjective, bool) {
	folded := strings.ToLower(title)
	for _, o := range c.named[folded] {
		if (team == "" || o.Team == "" || o.Team == team) && (key == "" || o.Key == key) {
			return o, false
		}
	}
	o := c.addObjective(title, "", line, nil)
	o.Team, o.Key = team, key
	c.named[folded] = append(c.named[folded], o)
	return o, true
}

// keyResultRows reads rows that hold an objective and a key result each. An
// objective that is left out is that of the row above.
func (c *csvReader) keyResultRows(objective, kr int) {
	var now *draftObjective
	for _, r := range c.rows {
		if r.empty() {
			c.claim(r, Markup)
			continue
		}
		if isTotal(r, firstColumn(objective, kr)) {
			c.leave(r, "a total")
			continue
		}
		name, text := r.cell(objective), r.cell(kr)
		if empty(name) {
			name = ""
		}
		if empty(text) {
			text = ""
		}
		line := r.first
		isNew := false
		if name != "" {
			now, isNew = c.objectiveNamed(name, c.teamOf(r), r.cell(c.column(fObjectiveKey)), line)
			c.take(r, objective)
		}
		if text == "" {
			if name == "" || !isNew {
				c.leave(r, "the row names no key result")
				continue
			}
			c.claim(r, Objectives)
			c.objectiveCells(now, r, true, objective)
			continue
		}
		if now == nil {
			now = c.implied(line)
		}
		c.claim(r, KeyResults)
		c.take(r, kr)
		k := now.addKeyResult(c.draft, text, "", line)
		c.objectiveCells(now, r, false, objective, kr)
		c.keyResultCells(k, r, objective, kr)
		c.surplus(r)
	}
}

// teamOf is the team of a row: the first one that it names.
func (c *csvReader) teamOf(r record) string {
	i := c.column(fTeam)
	if i < 0 || empty(r.cell(i)) {
		return ""
	}
	c.take(r, i)
	team, rest, several := strings.Cut(r.cell(i), ",")
	if several && !empty(rest) {
		c.lose("team", "further teams: one team owns an objective", strings.TrimSpace(rest), r.first)
	}
	return strings.TrimSpace(team)
}

// objectiveCells gives an objective what a row says of it. The row is the
// objective's own, or that of one of its key results.
func (c *csvReader) objectiveCells(o *draftObjective, r record, own bool, except ...int) {
	for i, f := range c.fields {
		value := r.cell(i)
		if empty(value) || contains(except, i) {
			continue
		}
		switch {
		case f == fCycle:
			if c.setCycle(value, r.first) {
				c.take(r, i)
			} else if c.cycle.Name == "" {
				c.cycle.Name, c.cycleLine = value, r.first
				c.take(r, i)
			} else if c.cycle.Name == value {
				c.take(r, i)
			}
		case f == fTeam && o.Team == "":
			o.Team = c.teamOf(r)
		case f == fObjectiveOwner || f == fOwner && own:
			o.Owner = joinedOnce(o.Owner, value)
			c.take(r, i)
		case f == fObjectiveKey:
			c.take(r, i)
		case f == fCommitted:
			switch plain := strings.ToLower(value); {
			case saysCommitted(value), plain == "true", plain == "yes", plain == "x":
				o.Committed = true
				c.take(r, i)
			case aspirational.MatchString(value), plain == "false", plain == "no":
				c.take(r, i)
			}
		case f == fAboutObjective || f == fDefinition && own:
			c.take(r, i)
			if o.Description == "" || strings.Contains(o.Description, value) {
				o.Description = firstOf(o.Description, value)
				continue
			}
			c.l.part(r.first, value, "another description of the objective")
		case f == fObjectiveScore || f == fScore && own:
			c.take(r, i)
			c.csvScore(o.scored(), value, r, fObjectiveSaid)
		case f == fObjectiveSaid || f == fSaid && own:
			c.take(r, i)
			c.csvSaid(o.scored(), value, r, fObjectiveScore)
		case f == fParent && c.column(fID) < 0:
			c.take(r, i)
			c.parents = append(c.parents, wantedParent{o, value, r.first})
		case f == fDue && own:
			if due, ok := c.date(value); ok {
				o.defaults.due = due
				c.take(r, i)
			}
		case f == fCadence && own:
			if s, ok := scheduleOf(value); ok {
				o.defaults.cadence = &s
				c.take(r, i)
			}
		}
	}
}

// csvScore takes a score from its cell; its words may have a column of their own.
func (c *csvReader) csvScore(to scored, value string, r record, words field) {
	before := to.score.Known()
	c.outcome(to, value, "", r.first)
	if before || !to.score.Known() {
		return
	}
	if i := c.column(words); i >= 0 && !empty(r.cell(i)) {
		*to.outcome = c.short(r.cell(i), maxNote, r.first)
	} else if value == csvScore(*to.score, "") {
		*to.outcome = "" // the number is all that is said
	}
}

// csvSaid takes the words of a score: they are one themselves, or stand beside it.
func (c *csvReader) csvSaid(to scored, value string, r record, score field) {
	switch i := c.column(score); {
	case i < 0:
		c.outcome(to, value, "", r.first)
	case !empty(r.cell(i)): // read with the score
	case *to.outcome == "" || *to.outcome == value:
		*to.outcome = c.short(value, maxNote, r.first) // words, and no score
	default:
		c.l.part(r.first, value, "another outcome")
	}
}

// wantedParent is a parent that a row names by its title.
type wantedParent struct {
	of    *draftObjective
	title string
	line  int
}

// linkParents finds the parents that rows name.
func (c *csvReader) linkParents() {
	for _, w := range c.parents {
		if parent := c.objectiveByTitle(w.title, w.of); parent != nil {
			w.of.parent = parent
			continue
		}
		c.lose("parent", "its parent is no objective of this file", w.title, w.line)
	}
}

func contains(list []int, i int) bool {
	for _, x := range list {
		if x == i {
			return true
		}
	}
	return false
}

func joinedOnce(a, b string) string {
	if a != "" && strings.Contains(", "+a+", ", ", "+b+", ") {
		return a
	}
	return joined(a, b)
}

// objectiveByTitle is another objective of the file.
func (c *csvReader) objectiveByTitle(title string, not *draftObjective) *draftObjective {
	for _, o := range c.named[strings.ToLower(title)] {
		if o != not && !o.below(not) {
			return o
		}
	}
	return nil
}

// keyResultCells gives a key result what its row says.
func (c *csvReader) keyResultCells(k *draftKeyResult, r record, except ...int) {
	for i, f := range c.fields {
		if contains(except, i) || f == fTeam || f == fCycle || f == fCommitted {
			continue
		}
		c.keyResultCell(k, f, i, r)
	}
	if id := c.column(fID); id >= 0 && namesSomething(r.cell(id)) && !empty(r.cell(id)) {
		k.code = r.cell(id)
		c.take(r, id)
	}
}

func (c *csvReader) keyResultCell(k *draftKeyResult, f field, i int, r record) {
	value := r.cell(i)
	if f == fOwner {
		k.alone = true
	}
	if empty(value) && f != fOwner || value == "" {
		return
	}
	switch f {
	case fBaseline, fTarget, fCurrent:
		c.take(r, i)
		q, ok := c.quantity(value)
		if !ok {
			c.l.part(r.first, value, "this is no "+string(f)+" that can be read in only one way")
			return
		}
		c.setNumber(k, f, q)
	case fDue:
		c.take(r, i)
		if due, ok := c.date(value); ok {
			k.Due = due
		} else {
			c.l.part(r.first, value, "this is no date that can be read in only one way")
		}
	case fConfidence:
		c.take(r, i)
		q, ok := c.quantity(value)
		if !ok || !c.scaledConfidence(k, q) {
			c.l.part(r.first, value, "a confidence goes from 0 to 10")
		}
	case fWeight:
		c.take(r, i)
		if q, ok := c.quantity(value); ok {
			c.set(k, fWeight, q.number.String(), r.first)
		} else {
			c.l.part(r.first, value, "this is no weight that can be read in only one way")
		}
	case fInitiative:
		c.take(r, i)
		for _, one := range strings.FieldsFunc(withoutGuard(r.cells[i]), func(x rune) bool { return x == ';' || x == '\n' }) {
			if one = oneLine(one); one != "" {
				k.Initiatives = append(k.Initiatives, okr.Initiative{Title: c.short(one, maxTitle, r.first)})
			}
		}
	case fScore:
		c.take(r, i)
		c.csvScore(k.scored(), value, r, fSaid)
	case fSaid:
		c.take(r, i)
		c.csvSaid(k.scored(), value, r, fScore)
	case fOwner, fSource, fUnit, fKind, fMetric, fCadence, fDefinition, fRationale:
		c.take(r, i)
		c.set(k, f, value, r.first)
	}
}

// wideRows reads rows that hold an objective and several key results.
func (c *csvReader) wideRows(title int) {
	for _, r := range c.rows {
		if r.empty() {
			c.claim(r, Markup)
			continue
		}
		line := r.first
		name := r.cell(title)
		measured := false
		for i, w := range c.wide {
			measured = measured || w.field == fKeyResult && !empty(r.cell(i))
		}
		if empty(name) && !measured {
			c.leave(r, "the row names no objective and no key result")
			continue
		}
		var o *draftObjective
		if empty(name) {
			o = c.implied(line)
		} else {
			o, _ = c.objectiveNamed(name, c.teamOf(r), r.cell(c.column(fObjectiveKey)), line)
			c.take(r, title)
		}
		c.claim(r, KeyResults)
		c.objectiveCells(o, r, true, title)
		for n := 0; n <= c.groups; n++ {
			c.wideGroup(o, r, n)
		}
		c.surplus(r)
	}
}

// wideGroup reads the n-th key result of a row.
func (c *csvReader) wideGroup(o *draftObjective, r record, n int) {
	var k *draftKeyResult
	for i := range c.header.cells {
		if w, ok := c.wide[i]; ok && w.number == n && w.field == fKeyResult && !empty(r.cell(i)) && k == nil {
			k = o.addKeyResult(c.draft, r.cell(i), "", r.first)
			c.take(r, i)
		}
	}
	for i := range c.header.cells {
		w, ok := c.wide[i]
		if !ok || w.number != n || w.field == fKeyResult || empty(r.cell(i)) {
			continue
		}
		if k == nil {
			c.l.part(r.first, r.cell(i), "a value of a key result that has no title")
			c.take(r, i)
			continue
		}
		c.keyResultCell(k, w.field, i, r)
	}
}

// node is a row of a table that holds a tree.
type node struct {
	record
	kind      field // objective, key result, initiative; none is to be found out
	parent    *node
	kids      int
	title     int // the column of the title, where each row has its own
	objective *draftObjective
	result    *draftKeyResult
}

// treeRows reads rows that are objectives and key results, told apart by their
// type or by their place in the tree. The tree is given by outline numbers, by
// parent ids, or by the order of the rows.
func (c *csvReader) treeRows(title, typed int) {
	nodes := make([]*node, 0, len(c.rows))
	for _, r := range c.rows {
		n := &node{record: r}
		if typed >= 0 {
			n.kind = rowType(r.cell(typed))
		}
		nodes = append(nodes, n)
	}
	c.linkTree(nodes, typed)
	for _, n := range nodes {
		if n.parent != nil {
			n.parent.kids++
		}
	}
	c.used[title] = true
	if typed >= 0 {
		c.used[typed] = true
	}
	for _, n := range nodes {
		c.treeRow(n, title)
	}
}

// levelRows reads rows whose title stands in the column of its level. What has
// rows below it is an objective, what has none is a key result.
func (c *csvReader) levelRows(levels int) {
	var nodes []*node
	above := make([]*node, levels)
	for _, r := range c.rows {
		n := &node{record: r, kind: fObjective, title: -1}
		for i := range levels {
			if !empty(r.cell(i)) {
				n.title = i
				break
			}
		}
		if n.title >= 0 {
			for up := n.title - 1; up >= 0 && n.parent == nil; up-- {
				n.parent = above[up]
			}
			above[n.title] = n
			clear(above[n.title+1:])
		}
		if n.parent != nil {
			n.parent.kids++
		}
		nodes = append(nodes, n)
	}
	for i := range levels {
		c.used[i] = true
	}
	for _, n := range nodes {
		if n.parent != nil && n.kids == 0 {
			n.kind = fKeyResult
		}
		c.treeRow(n, n.title)
	}
}

// linkTree finds each row's parent.
func (c *csvReader) linkTree(nodes []*node, typed int) {
	order, id, parent := c.column(fOrder), c.column(fID), c.column(fParent)
	byKey := map[string]*node{}
	switch {
	case c.outlines(order):
		c.used[order] = true
		for _, n := range nodes {
			key := strings.TrimRight(n.cell(order), ".")
			for up := key; n.parent == nil && strings.Contains(up, "."); {
				up = up[:strings.LastIndexByte(up, '.')]
				n.parent = byKey[up]
			}
			if key != "" {
				byKey[key] = n
			}
		}
	case id >= 0 && parent >= 0:
		c.used[id], c.used[parent] = true, true
		for _, n := range nodes {
			if key := n.cell(id); key != "" {
				byKey[key] = n
			}
		}
		for _, n := range nodes {
			keys := strings.FieldsFunc(n.cell(parent), func(r rune) bool { return r == ',' || r == ';' })
			for i, key := range keys {
				p := byKey[strings.TrimSpace(key)]
				switch {
				case p == nil:
					c.l.part(n.first, strings.TrimSpace(key), "no row of this file has this id")
				case i > 0 || p.below(n):
					c.l.part(n.first, strings.TrimSpace(key), "a further parent: a plan gives an objective one")
				default:
					n.parent = p
				}
			}
		}
	default:
		var objective, result *node
		for _, n := range nodes {
			switch n.kind {
			case fObjective:
				objective, result = n, nil
			case fKeyResult:
				n.parent, result = objective, n
			case fInitiative:
				if n.parent = result; result == nil {
					n.parent = objective
				}
			}
		}
	}
	if typed >= 0 {
		return
	}
	kids := map[*node]bool{}
	for _, n := range nodes {
		kids[n.parent] = true
	}
	for _, n := range nodes {
		// A leaf below something is a key result, everything else an objective.
		if n.kind = fObjective; n.parent != nil && !kids[n] {
			n.kind = fKeyResult
		}
	}
}

// below says whether a node is n, or stands below it.
func (p *node) below(n *node) bool {
	for steps := 0; p != nil && steps < maxDepth; steps++ {
		if p == n {
			return true
		}
		p = p.parent
	}
	return p != nil
}

func (c *csvReader) treeRow(n *node, title int) {
	text := n.cell(title)
	switch {
	case n.record.empty():
		c.claim(n.record, Markup)
		return
	case empty(text):
		c.leave(n.record, "the row has no title")
		return
	case c.deleted(n.record):
		c.leave(n.record, "it is to be deleted")
		return
	}
	above := n.parent
	for above != nil && above.objective == nil {
		above = above.parent
	}
	line := n.first
	switch n.kind {
	case fObjective:
		var parent *draftObjective
		if above != nil {
			parent = above.objective
		}
		n.objective = c.addObjective(text, "", line, parent)
		if id := c.column(fID); id >= 0 && namesSomething(n.cell(id)) {
			n.objective.code = n.cell(id)
		}
		c.claim(n.record, Objectives)
		c.objectiveCells(n.objective, n.record, true, title)
		if c.hasNumbers(n.record) && n.kids == 0 {
			// It is measured itself.
			n.result = n.objective.addKeyResult(c.draft, text, "", line)
			c.keyResultCells(n.result, n.record, title)
		}
	case fKeyResult:
		o := c.lastObjective()
		if above != nil {
			o = above.objective
		}
		if o == nil {
			o = c.implied(line)
		}
		c.claim(n.record, KeyResults)
		n.result = o.addKeyResult(c.draft, text, "", line)
		c.objectiveCells(o, n.record, false, title)
		c.keyResultCells(n.result, n.record, title)
	case fInitiative:
		up := n.parent
		for up != nil && up.result == nil {
			up = up.parent
		}
		if up == nil {
			c.leave(n.record, "work that belongs to no key result")
			return
		}
		c.claim(n.record, Initiatives)
		up.result.Initiatives = append(up.result.Initiatives, okr.Initiative{Title: c.short(text, maxTitle, line)})
	default:
		c.leave(n.record, "a row that is neither objective nor key result")
		return
	}
	c.surplus(n.record)
}

func (c *csvReader) lastObjective() *draftObjective {
	if len(c.objectives) == 0 {
		return nil
	}
	return c.objectives[len(c.objectives)-1]
}

// deleted says whether an import is told to delete the row.
func (c *csvReader) deleted(r record) bool {
	for i, label := range c.header.cells {
		if plain := plainLabel(label); (plain == "action" || plain == "objectiveaction") && oneOf(strings.ToLower(r.cell(i)), []string{"delete", "remove"}) {
			return true
		}
	}
	return false
}

func (c *csvReader) hasNumbers(r record) bool {
	for i, f := range c.fields {
		if (f == fTarget || f == fBaseline) && !empty(r.cell(i)) {
			return true
		}
	}
	return false
}
