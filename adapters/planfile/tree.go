package planfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"go.yaml.in/yaml/v3"
)

// treeReader reads the YAML and JSON of other tools. It knows no tool: it looks
// for mappings that hold key results, and reads the keys by what they are called.
type treeReader struct {
	*draft
	legend
	visited     int
	lost        []lostKey
	read        map[*yaml.Node]bool // keys that were read before the walk
	confidences []quantity
}

// lostKey is a value that a plan has no place for.
type lostKey struct {
	line       int
	key, value string
}

// branch is what holds for a part of a tree.
type branch struct {
	team   string
	above  *draftObjective
	inside field // what the list is called that holds this
}

// isTree says whether key results can be found in a tree.
func isTree(root *yaml.Node) bool {
	visited := 0
	var walk func(n *yaml.Node, depth int) bool
	walk = func(n *yaml.Node, depth int) bool {
		if visited++; visited > maxValues || depth > maxDepth {
			return false
		}
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if f := treeField(n.Content[i].Value); f == fKeyResult || f == fObjective {
				return true
			}
		}
		for _, c := range n.Content {
			if walk(c, depth+1) {
				return true
			}
		}
		return false
	}
	return walk(root, 0)
}

// treeField is what a key of another tool holds.
func treeField(key string) field {
	if f := lineVocabulary.field(splitCamel(key)); f != fNone {
		return f
	}
	return treeKeys[plainLabel(key)]
}

// treeKeys are keys that programs use and people do not.
var treeKeys = map[string]field{
	"desc": fDefinition, "startvalue": fBaseline, "targetvalue": fTarget, "currentvalue": fCurrent, "initialnumbervalue": fBaseline, "targetnumbervalue": fTarget, "currentnumbervalue": fCurrent,
	"stretchgoal": fStretch, "stretchvalue": fStretch, "stretch": fStretch, "commitvalue": fCommit, "commit": fCommit, "commitgoal": fCommit, "unitid": fUnit,
	"commitzone": fCommitZone, "targetzone": fTargetZone, "stretchzone": fStretchZone, "readings": fCheckIns, "updates": fCheckIns, "progressupdates": fCheckIns, "history": fCheckIns,
	"dueon": fDue, "dueat": fDue, "enddate": fDue, "startdate": fStart, "starton": fStart, "ownername": fOwner, "owneremail": fOwner, "mention": fOwner, "children": fObjective, "subobjectives": fObjective, "childobjectives": fObjective,
}

// splitCamel turns keyResults into "key Results".
func splitCamel(key string) string {
	var b strings.Builder
	for i, r := range key {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func readTree(l *ledger, s *source, w words) ([]okr.Plan, error) {
	format := YAML
	if start := strings.TrimSpace(s.text); strings.HasPrefix(start, "{") || strings.HasPrefix(start, "[") {
		format = JSON
	}
	root, err := parseTree(format, s)
	if err != nil {
		return nil, err
	}
	if tooDeep(root, 0) {
		return nil, s.at(root.Line, 0, "the file nests too deep", fmt.Sprintf("a plan nests at most %d levels", maxDepth))
	}
	r := &treeReader{draft: &draft{l: l, words: w, voc: lineVocabulary}, read: map[*yaml.Node]bool{}}
	r.readLegend(root)
	r.walk(root, branch{})
	if len(r.objectives) == 0 {
		return nil, s.whole("no objective and no key result was found", "name the lists objectives and key_results, or write a plan in okrkit's own format")
	}
	r.leaveLost()
	for i, text := range l.src.lines {
		// Brackets and comments say nothing; what is left continues the line above.
		if t := strings.TrimSpace(text); t != "" && l.roles[i] == "" && (strings.Trim(t, "-[]{},.") == "" || strings.HasPrefix(t, "#")) {
			l.claim(i+1, map[bool]Role{true: Comments, false: Markup}[strings.HasPrefix(t, "#")])
		}
	}
	r.scaleConfidences()
	return r.plans("a plan has no place for this"), nil
}

// leaveLost accounts for the keys that were not read: a line of their own is
// unread, and what shares a line with something else is reported once for its key.
func (r *treeReader) leaveLost() {
	times := map[string]int{}
	for _, k := range r.lost {
		times[k.key]++
	}
	for _, k := range r.lost {
		text := k.key
		if k.value != "" {
			text += ": " + k.value
		}
		reason := "a plan has no place for the key " + quote(k.key)
		switch role := r.l.roles[k.line-1]; {
		case role == "" && times[k.key] >= often:
			r.l.mark(k.line, Fields) // what a program writes into each of its rows is told once
			r.lose("key "+k.key, reason, text, k.line)
		case role == "":
			r.l.leave(k.line, reason)
		case role == NotRead:
		default:
			r.lose("key "+k.key, reason, text, k.line)
		}
	}
}

// often is how many times a key stands in a file that is reported once, and not
// line by line.
const often = 20

func (r *treeReader) loseKey(key, value *yaml.Node) {
	text := ""
	if value.Kind == yaml.ScalarNode {
		if text = oneLine(value.Value); text == "" || value.ShortTag() == "!!null" {
			r.l.mark(key.Line, Markup)
			return
		}
	}
	r.lost = append(r.lost, lostKey{key.Line, key.Value, clip(text)})
	if value.Kind != yaml.ScalarNode {
		r.loseAll(value)
	}
}

// loseAll gives up everything below a node.
func (r *treeReader) loseAll(n *yaml.Node) {
	if r.visited++; r.visited > maxValues {
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.loseKey(n.Content[i], n.Content[i+1])
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			r.loseAll(c)
		}
	case yaml.ScalarNode:
		if text := oneLine(n.Value); text != "" {
			r.lost = append(r.lost, lostKey{n.Line, "item", clip(text)})
		}
	}
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// walk looks for objectives below a node.
func (r *treeReader) walk(n *yaml.Node, in branch) {
	n = resolve(n)
	if r.visited++; r.visited > maxValues {
		return
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if c = resolve(c); c.Kind == yaml.ScalarNode && in.inside == fObjective {
				r.l.mark(c.Line, Objectives)
				r.addObjective(oneLine(c.Value), "", c.Line, in.above)
				continue
			}
			r.walk(c, in)
		}
	case yaml.MappingNode:
		if r.isObjective(n, in) {
			r.objective(n, in)
			return
		}
		r.group(n, in)
	case yaml.ScalarNode:
		r.loseAll(n)
	}
}

// isObjective says whether a mapping is an objective: it has key results, or a
// title called objective, or it stands in a list of objectives.
func (r *treeReader) isObjective(n *yaml.Node, in branch) bool {
	title, nested := false, false
	for i := 0; i+1 < len(n.Content); i += 2 {
		value := resolve(n.Content[i+1])
		switch f := treeField(n.Content[i].Value); {
		case f == fKeyResult && value.Kind != yaml.ScalarNode:
			return true
		case f == fObjective && value.Kind == yaml.ScalarNode && !empty(value.Value):
			return true
		case f == fObjective && value.Kind != yaml.ScalarNode:
			nested = true
		case f == fTitle && value.Kind == yaml.ScalarNode:
			title = true
		}
	}
	return in.inside == fObjective && title && !nested
}

// group reads a mapping that holds objectives somewhere below, such as a team or
// a cycle.
func (r *treeReader) group(n *yaml.Node, in branch) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		f := treeField(key.Value)
		switch {
		case value.Kind != yaml.ScalarNode, r.read[key]:
		case (f == fTitle || f == fTeam) && r.holdsObjectives(n) && r.belowTop(n) && !empty(value.Value):
			in.team = oneLine(value.Value)
			r.l.mark(key.Line, Teams)
		case f == fCycle && r.setCycle(value.Value, key.Line):
			r.l.mark(key.Line, Cycles)
		case f == fTitle && r.setCycle(value.Value, key.Line):
			r.l.mark(key.Line, Cycles)
		default:
			r.loseKey(key, value)
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		if value.Kind == yaml.ScalarNode || r.read[key] {
			continue
		}
		if !isTree(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, value}}) && !r.isObjectiveBelow(value) {
			r.loseKey(key, value)
			continue
		}
		below := in
		below.inside = treeField(key.Value)
		if below.inside == fNone && r.setCycle(key.Value, key.Line) {
			r.l.mark(key.Line, Cycles)
			below.inside = in.inside
		} else if below.inside == fNone && value.Kind == yaml.MappingNode && !namesList(key.Value) {
			below.team = firstOf(below.team, key.Value)
		}
		r.l.mark(key.Line, Labels)
		r.walk(value, below)
	}
}

// namesList says whether a key only names the list below it.
func namesList(key string) bool { return strings.HasSuffix(strings.ToLower(key), "s") }

func (r *treeReader) isObjectiveBelow(n *yaml.Node) bool { return isTree(n) }

// holdsObjectives says whether a mapping has a child that holds objectives.
func (r *treeReader) holdsObjectives(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if c := resolve(n.Content[i+1]); c.Kind != yaml.ScalarNode && (treeField(n.Content[i].Value) == fObjective || isTree(c)) {
			return true
		}
	}
	return false
}

// belowTop says whether a mapping stands in a list: the name at the top is the
// document's.
func (r *treeReader) belowTop(n *yaml.Node) bool { return n.Line > 1 && n.Column > 3 }

// objective reads a mapping that is an objective.
func (r *treeReader) objective(n *yaml.Node, in branch) {
	o := r.addObjective("", "", n.Line, in.above)
	o.Team = in.team
	r.l.mark(n.Line, Objectives)
	best := fNone
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		f := treeField(key.Value)
		if value.Kind != yaml.ScalarNode {
			continue
		}
		text := oneLine(value.Value)
		switch {
		case value.ShortTag() == "!!null", text == "":
			r.l.mark(key.Line, Markup)
		case f == fObjective || f == fTitle && best != fObjective || f == fDefinition && best == fNone && r.titleless(n):
			if o.Title != "" {
				r.loseKey(key, value)
				continue
			}
			o.Title, best = text, f
			r.l.mark(key.Line, Objectives)
			o.line = key.Line
			o.At = r.l.position(key.Line)
		case f == fOwner:
			o.Owner = joined(o.Owner, text)
			r.l.mark(key.Line, Owners)
		case f == fTeam:
			o.Team = text
			r.l.mark(key.Line, Teams)
		case f == fScore:
			r.l.mark(key.Line, Fields)
			r.outcome(o.scored(), text, "", key.Line)
		case f == fDefinition && o.Description == "":
			r.l.mark(key.Line, Fields)
			o.Description = value.Value
		case f == fCycle && r.cycleOfObjective(o, text):
			r.l.mark(key.Line, Cycles)
		case f == fCycle && r.setCycle(text, key.Line):
			r.l.mark(key.Line, Cycles)
		case f == fID && (namesSomething(text) || len(r.cycles) > 0):
			o.code, o.keyed = text, true
			r.l.mark(key.Line, Fields)
		case f == fCommitted:
			o.Committed = saysCommitted(text) || value.ShortTag() == "!!bool" && value.Value == "true"
			r.l.mark(key.Line, Fields)
		case f == fDue:
			if due, ok := r.due(text); ok {
				o.defaults.due = due
				r.l.mark(key.Line, Fields)
				continue
			}
			r.loseKey(key, value)
		default:
			r.loseKey(key, value)
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		if value.Kind == yaml.ScalarNode {
			continue
		}
		switch f := treeField(key.Value); {
		case f == fKeyResult:
			r.l.mark(key.Line, Labels)
			r.keyResults(o, value)
		case f == fOwner || f == fTeam:
			r.people(o, f, key, value)
		case f == fObjective:
			r.l.mark(key.Line, Labels)
			r.walk(value, branch{team: in.team, above: o, inside: fObjective})
		default:
			r.loseKey(key, value)
		}
	}
	if o.Title == "" {
		o.Title = firstOf(in.team, "Objective")
	}
}

func (r *treeReader) titleless(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if f := treeField(n.Content[i].Value); (f == fTitle || f == fObjective || f == fKeyResult) && resolve(n.Content[i+1]).Kind == yaml.ScalarNode {
			return false
		}
	}
	return true
}

// people reads owners that are a list, or a mapping with a name.
func (r *treeReader) people(o *draftObjective, f field, key, value *yaml.Node) {
	if text := namesOf(value); text != "" {
		if f == fTeam {
			o.Team = text
			r.l.mark(key.Line, Teams)
		} else {
			o.Owner = joined(o.Owner, text)
			r.l.mark(key.Line, Owners)
		}
		return
	}
	r.loseKey(key, value)
}

// namesOf is the names in a list of texts, or in mappings that have a name.
func namesOf(n *yaml.Node) string {
	out := ""
	switch n = resolve(n); n.Kind {
	case yaml.ScalarNode:
		return oneLine(n.Value)
	case yaml.SequenceNode:
		for _, c := range n.Content {
			out = joined(out, namesOf(c))
		}
	case yaml.MappingNode:
		for _, name := range []string{"name", "email", "Name"} {
			if v := valueOf(n, name); v != nil && out == "" {
				out = namesOf(v)
			}
		}
	}
	return out
}

// keyResults reads a list of key results, or a mapping from their names.
func (r *treeReader) keyResults(o *draftObjective, n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], resolve(n.Content[i+1])
			if value.Kind == yaml.MappingNode {
				r.keyResult(o, value, key.Value, key.Line)
				continue
			}
			title := key.Value
			if value.Kind == yaml.ScalarNode && !empty(value.Value) {
				if title = oneLine(value.Value); !codeCell.MatchString(key.Value) {
					title = key.Value + ": " + title
				}
			}
			r.l.mark(key.Line, KeyResults)
			o.addKeyResult(r.draft, oneLine(title), "", key.Line)
		}
		return
	}
	for _, c := range n.Content {
		switch c = resolve(c); c.Kind {
		case yaml.ScalarNode:
			if empty(c.Value) {
				r.l.mark(c.Line, Markup)
				continue
			}
			r.l.mark(c.Line, KeyResults)
			o.addKeyResult(r.draft, oneLine(c.Value), "", c.Line)
		case yaml.MappingNode:
			r.keyResult(o, c, "", c.Line)
		default:
			r.loseAll(c)
		}
	}
}

// titleRank says which key holds a key result's title, if several might.
var titleRank = map[field]int{fKeyResult: 5, fTitle: 4, fMetric: 3, fDefinition: 2, fObjective: 1}

// keyResult reads a mapping that is a key result.
func (r *treeReader) keyResult(o *draftObjective, n *yaml.Node, name string, line int) {
	title, rank := -1, 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		v := resolve(n.Content[i+1])
		if rk := titleRank[treeField(n.Content[i].Value)]; rk > rank && v.Kind == yaml.ScalarNode && !empty(v.Value) {
			title, rank = i, rk
		}
	}
	text := name
	if title >= 0 {
		line, text = n.Content[title].Line, oneLine(n.Content[title+1].Value)
		if v := resolve(n.Content[title+1]); v != n.Content[title+1] {
			text = oneLine(v.Value)
		}
	}
	if text == "" {
		r.loseAll(n)
		return
	}
	r.l.mark(line, KeyResults)
	k := o.addKeyResult(r.draft, text, "", line)
	var s scale
	var history *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolve(n.Content[i+1])
		switch f := treeField(key.Value); {
		case i == title:
		case (f == fCadence || f == fCheckIns) && holdsMappings(value):
			history = value
			r.l.mark(key.Line, Labels)
		case f == fUnit && value.Kind == yaml.ScalarNode && r.units[value.Value] != "":
			r.l.mark(key.Line, Fields)
			if unit := r.units[value.Value]; !empty(unit) {
				k.Metric.Unit = unitNamed(unit)
			}
		case r.scaleKey(k, &s, f, key, value):
		default:
			r.keyResultKey(k, key, value)
		}
	}
	r.scaled(k, s)
	if history != nil {
		r.checkIns(k, history)
	}
}

// holdsMappings says whether a node is a list of mappings, or an empty list.
func holdsMappings(n *yaml.Node) bool {
	return n.Kind == yaml.SequenceNode && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return resolve(c).Kind != yaml.MappingNode })
}

// unitNamed is the unit that a word for it means.
func unitNamed(text string) string {
	if unit, ok := unitTypes[strings.ToLower(text)]; ok {
		return unit
	}
	return unitOf(text)
}

// cycleOfObjective gives an objective the cycle that it names, of those that the
// file lists.
func (r *treeReader) cycleOfObjective(o *draftObjective, text string) bool {
	c, ok := r.cycles[strings.ToLower(text)]
	if ok {
		o.cycle = &c
	}
	return ok
}

func (r *treeReader) keyResultKey(k *draftKeyResult, key, value *yaml.Node) {
	f := treeField(key.Value)
	if value.Kind == yaml.ScalarNode && (value.ShortTag() == "!!null" || empty(value.Value)) {
		r.l.mark(key.Line, Markup)
		return
	}
	switch {
	case f == fID && value.Kind == yaml.ScalarNode:
		if namesSomething(value.Value) || len(r.cycles) > 0 {
			k.code, k.keyed = value.Value, true
			r.l.mark(key.Line, Fields)
			return
		}
		r.loseKey(key, value)
	case f == fOwner && value.Kind != yaml.ScalarNode:
		if text := namesOf(value); text != "" {
			r.set(k, fOwner, text, key.Line)
			r.l.mark(key.Line, Owners)
			return
		}
		r.loseKey(key, value)
	case f == fInitiative && value.Kind == yaml.SequenceNode:
		r.l.mark(key.Line, Labels)
		for _, c := range value.Content {
			if text := namesOf(titleOf(c)); text != "" {
				k.Initiatives = append(k.Initiatives, okr.Initiative{Title: r.short(text, maxTitle, c.Line)})
				r.l.mark(c.Line, Initiatives)
				continue
			}
			r.loseAll(c)
		}
	case value.Kind != yaml.ScalarNode, !usedColumn(f), f == fTeam:
		r.loseKey(key, value)
	default:
		r.l.mark(key.Line, Fields)
		r.set(k, f, value.Value, key.Line)
	}
}

// titleOf is the node that holds a mapping's title, or the node itself.
func titleOf(n *yaml.Node) *yaml.Node {
	if n = resolve(n); n.Kind != yaml.MappingNode {
		return n
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if treeField(n.Content[i].Value) == fTitle {
			return n.Content[i+1]
		}
	}
	return n
}
