package planfile

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// draft collects what a reader finds in a file that was written for people.
type draft struct {
	l          *ledger
	words      words
	voc        vocabulary
	cycle      okr.PlanCycle
	cycleLine  int
	objectives []*draftObjective
	losses     []*loss
	byWhat     map[string]*loss
	scoped     []scopedText
	bare       []bareScore
	graded     bool // the file says what came of its key results
}

// scopedText is an owner, a team or a source that a file gives for all that
// stands below it.
type scopedText struct {
	value, text string
	line        int
}

// draftObjective is an objective as it is being read.
type draftObjective struct {
	okr.PlanObjective
	line     int
	code     string // as the file numbers it
	parent   *draftObjective
	krs      []*draftKeyResult
	defaults draftDefaults
	cycle    *okr.PlanCycle // its own, in a file of several cycles
	keyed    bool           // its code is a key
}

// draftDefaults is what an objective, or a section, says for all its key
// results.
type draftDefaults struct {
	owner, team string
	source      string
	due         okr.Date
	cadence     *okr.Schedule
	committed   bool
}

// draftKeyResult is a key result as it is being read.
type draftKeyResult struct {
	okr.PlanKeyResult
	line   int
	code   string
	alone  bool // it has a field for its owner, be it empty: its objective's owner is not its own
	metric bool // its metric was given in fields
	keyed  bool // its code is a key

	history []draftCheckIn
}

// loss is something that a file says in many places and that a plan has no place
// for; it is reported once.
type loss struct {
	reason      string
	line, count int
	texts       []string
}

// lose reports a text that a plan has no place for, together with others of its
// kind.
func (d *draft) lose(what, reason, text string, line int) {
	if text = oneLine(text); text == "" {
		return
	}
	l := d.byWhat[what]
	if l == nil {
		l = &loss{reason: reason, line: line}
		if d.byWhat == nil {
			d.byWhat = map[string]*loss{}
		}
		d.byWhat[what] = l
		d.losses = append(d.losses, l)
	}
	l.count++
	l.line = min(l.line, line)
	if len(l.texts) < 6 && !slices.Contains(l.texts, text) {
		l.texts = append(l.texts, text)
	}
}

// addObjective begins an objective.
func (d *draft) addObjective(title, code string, line int, parent *draftObjective) *draftObjective {
	o := &draftObjective{line: line, code: code, parent: parent}
	o.Title = title
	o.At = d.l.position(line)
	d.objectives = append(d.objectives, o)
	return o
}

// addKeyResult begins a key result.
func (o *draftObjective) addKeyResult(d *draft, title, code string, line int) *draftKeyResult {
	k := &draftKeyResult{line: line, code: code}
	k.Title = title
	k.At = d.l.position(line)
	o.krs = append(o.krs, k)
	return k
}

// Bounds of a plan's texts, as the desk has them.
const (
	maxTitle       = 2000
	maxNote        = 4000
	maxName        = 200
	maxInitiatives = 200
)

// below says whether an objective stands below another, at any depth.
func (o *draftObjective) below(other *draftObjective) bool {
	for steps := 0; o != nil && steps < maxDepth; steps++ {
		if o = o.parent; o == other {
			return o != nil
		}
	}
	return o != nil
}

// plan turns the draft into a plan that can be proposed, and gives everything
// that has no place in it to the unread.
func (d *draft) plan(reason string) okr.Plan { return d.plans(reason)[0] }

// plans are a plan for each cycle of the file, in the order in which objectives
// name them. What is unread stands in the first.
func (d *draft) plans(reason string) []okr.Plan {
	if d.cycle.Key == "" && d.cycle.Name == "" && d.cycle.Start.IsZero() {
		// A name such as okrs-2027-q1.md says it, too.
		if c := cycleOf(path.Base(d.l.src.name)); c.Key != "" {
			c.Name = c.Key
			d.cycle = c
		}
	}
	d.scaleScores()
	d.tidyCycle(&d.cycle)
	var cycles []okr.PlanCycle
	of := map[string][]*draftObjective{}
	for _, o := range d.objectives {
		c := d.cycle
		if o.cycle != nil {
			c = *o.cycle
		}
		if of[c.Key] == nil {
			cycles = append(cycles, c)
		}
		of[c.Key] = append(of[c.Key], o)
	}
	var out []okr.Plan
	for _, c := range cycles {
		out = append(out, d.planOf(c, of[c.Key]))
	}
	if len(out) == 0 {
		out = append(out, okr.Plan{Cycle: d.cycle})
	}
	d.leaveUnusedScopes(out)
	for _, l := range d.losses {
		text := strings.Join(l.texts, ", ")
		if l.count > 1 {
			text = fmt.Sprintf("%s (%d times)", text, l.count)
		}
		d.l.part(l.line, text, l.reason)
	}
	out[0].Unread = d.l.finish(reason)
	return out
}

// planOf is the plan of the objectives of one cycle.
func (d *draft) planOf(cycle okr.PlanCycle, objectives []*draftObjective) okr.Plan {
	p := okr.Plan{Cycle: cycle}
	keys := keysOf(objectives)
	var teams []string
	known := map[string]bool{}
	numbers := make(map[*draftObjective]int, len(objectives))
	for i, o := range objectives {
		numbers[o] = i
	}
	for i, o := range objectives {
		out := o.PlanObjective
		out.Title = d.titled(out.Title, o.line)
		out.Description = d.note(out.Description, o.line)
		out.Owner = d.short(firstOf(out.Owner, o.defaults.owner), maxName, o.line)
		out.Team = d.short(firstOf(out.Team, o.defaults.team), maxName, o.line)
		out.Committed = out.Committed || o.defaults.committed
		out.Key = keys[i]
		if at, ok := numbers[o.parent]; ok && o.parent != nil && o.parent != o {
			out.Parent = keys[at]
		}
		if folded := strings.ToLower(out.Team); out.Team != "" && !known[folded] {
			known[folded] = true
			teams = append(teams, out.Team)
		}
		codes := map[string]int{}
		for _, k := range o.krs {
			k.code = keyResultWords.ReplaceAllString(k.code, "")
			codes[k.code]++
		}
		for _, k := range o.krs {
			if codes[k.code] == 1 && (namesSomething(k.code) || k.keyed && k.code != "" && len(k.code) <= maxName) {
				k.Key = k.code
			}
			out.KeyResults = append(out.KeyResults, d.keyResult(k, o, p.Cycle))
		}
		p.Objectives = append(p.Objectives, out)
	}
	for _, t := range teams {
		p.Teams = append(p.Teams, okr.Team{ID: okr.ID(cut(t, maxName)), Name: t})
	}
	return p
}

// leaveUnusedScopes gives to the unread what was said for objectives that did not
// follow.
func (d *draft) leaveUnusedScopes(plans []okr.Plan) {
	used := map[string]bool{}
	for _, p := range plans {
		for _, o := range p.Objectives {
			used[o.Owner], used[o.Team] = true, true
			for _, k := range o.KeyResults {
				used[k.Owner] = true
				if k.Source != nil {
					used[k.Source.Where] = true
				}
			}
		}
	}
	for _, s := range d.scoped {
		if !used[s.value] {
			d.l.part(s.line, s.text, "it is said for objectives, and none of them took it")
		}
	}
}

// keyResultWords stand before the number of a key result and say nothing more.
var keyResultWords = regexp.MustCompile(`(?i)^(?:KR|RC|key result)[ #.-]*`)

// namesSomething says whether a code is more than a number that counts.
func namesSomething(code string) bool {
	return strings.ContainsFunc(code, func(r rune) bool { return r > '9' }) && utf8.RuneCountInString(code) <= maxName
}

// keysOf gives objectives keys where the file needs them: because it gives them
// codes of their own, or because one objective is the parent of another. A key
// made from the title is stable when lines move.
func keysOf(objectives []*draftObjective) []string {
	out := make([]string, len(objectives))
	codes, parents := map[string]int{}, false
	for _, o := range objectives {
		codes[o.code]++
		parents = parents || o.parent != nil
	}
	taken := map[string]bool{}
	for i, o := range objectives {
		if o.Key != "" && !taken[o.Key] {
			out[i] = o.Key
		} else if codes[o.code] == 1 && (namesSomething(o.code) || o.keyed && o.code != "" && len(o.code) <= maxName) && !taken[o.code] {
			out[i] = o.code
		}
		taken[out[i]] = true
	}
	if !parents {
		return out
	}
	for i, o := range objectives {
		if out[i] != "" {
			continue
		}
		base := firstOf(slug(o.Title), "objective")
		key := base
		for n := 2; taken[key]; n++ {
			key = fmt.Sprintf("%s-%d", base, n)
		}
		out[i], taken[key] = key, true
	}
	return out
}

var notInSlug = regexp.MustCompile(`[^\p{L}\p{Nd}]+`)

// slug is the letters and digits of a title, joined by hyphens.
func slug(s string) string {
	s = notInSlug.ReplaceAllString(strings.ToLower(s), "-")
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80])
	}
	return strings.Trim(s, "-")
}

// cut is the beginning of a text, at most so many bytes.
func cut(s string, most int) string {
	for len(s) > most {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimSpace(s)
}

// titled is a title that a plan takes. Where nothing is left of it but signs, it
// is the line as it stands.
func (d *draft) titled(title string, line int) string {
	if oneLine(title) == "" && line >= 1 && line <= len(d.l.src.lines) {
		title = d.l.src.lines[line-1]
	}
	return d.short(title, maxTitle, line)
}

// short cuts a text that is longer than a plan holds; the rest is unread.
func (d *draft) short(s string, most, line int) string {
	s = oneLine(s)
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	d.l.part(line, string(r[most-1:]), fmt.Sprintf("the end of a text with more than %d characters", most))
	return string(r[:most-1]) + "…"
}

// keyResult brings a key result into the form that a plan takes.
func (d *draft) keyResult(k *draftKeyResult, o *draftObjective, cycle okr.PlanCycle) okr.PlanKeyResult {
	out := k.PlanKeyResult
	out.Title = d.titled(out.Title, k.line)
	out.Definition = d.short(out.Definition, maxNote, k.line)
	out.Rationale = d.short(out.Rationale, maxNote, k.line)
	if out.Owner == "" && !k.alone {
		out.Owner = firstOf(o.defaults.owner, o.Owner)
	}
	out.Owner = d.short(out.Owner, maxName, k.line)
	if out.Source == nil && o.defaults.source != "" {
		out.Source = &okr.Source{Where: o.defaults.source}
	}
	if out.Source != nil {
		where := d.short(out.Source.Where, maxTitle, k.line)
		out.Source = &okr.Source{Kind: out.Source.Kind, Where: where, Interval: out.Source.Interval, Access: out.Source.Access}
	}
	if out.Due.IsZero() {
		out.Due = o.defaults.due
	}
	if out.Cadence == nil {
		out.Cadence = o.defaults.cadence
	}
	if len(out.Initiatives) > maxInitiatives {
		d.l.part(k.line, fmt.Sprintf("%d initiatives", len(out.Initiatives)-maxInitiatives), fmt.Sprintf("a key result keeps at most %d", maxInitiatives))
		out.Initiatives = out.Initiatives[:maxInitiatives]
	}
	d.measure(&out, k, cycle)
	d.settleHistory(&out, k)
	return out
}

// measure completes the metric: fields lead, and where the title agrees with
// them it says what they leave open.
func (d *draft) measure(out *okr.PlanKeyResult, k *draftKeyResult, cycle okr.PlanCycle) {
	m := &out.Metric
	if said, ok := d.words.metricOf(out.Title); ok && simple(m.Kind) && agree(said.Baseline, m.Baseline) && agree(said.Target, m.Target) && (said.Kind != measure.YesNo || !k.metric) {
		if !m.Baseline.Known() {
			m.Baseline = said.Baseline
		}
		if !m.Target.Known() {
			m.Target = said.Target
		}
		m.Unit = firstOf(m.Unit, said.Unit)
		if m.Kind == "" {
			m.Kind = said.Kind
		}
	}
	d.words.fill(out, cycle, false, true)
	if m.Kind == "" {
		m.Kind = kindOfEnds(*m)
	}
	if ps := m.Problems(); len(ps) > 0 && !simple(m.Kind) {
		d.l.part(k.line, ps[0].Value, ps[0].Remedy)
		*m = measure.Metric{Unit: m.Unit}
	} else if len(ps) > 0 && !m.Standstill() {
		d.l.part(k.line, string(m.Kind), "the direction contradicts the way from the baseline "+m.Baseline.String()+" to the target "+m.Target.String())
		m.Kind = ""
	}
	if v, ok := out.Current.Value(); ok && m.Kind == measure.YesNo && v != 0 && v != 1 {
		d.l.part(k.line, out.Current.String(), "a yes/no key result stands at 1 for yes or 0 for no, and not in between")
		out.Current = measure.Number{}
	}
}

// simple says whether a kind is one that a sentence can complete.
func simple(k measure.Kind) bool {
	switch k {
	case "", measure.Increase, measure.Decrease, measure.AtLeast, measure.AtMost, measure.Above, measure.Below, measure.YesNo:
		return true
	}
	return false
}

// agree says whether two numbers can both be true.
func agree(a, b measure.Number) bool { return !a.Known() || !b.Known() || a.Equal(b) }

// tidyCycle leaves out dates that cannot be a cycle's.
func (d *draft) tidyCycle(c *okr.PlanCycle) {
	c.Name = d.short(c.Name, maxName, max(d.cycleLine, 1))
	c.Key = d.short(c.Key, maxName, max(d.cycleLine, 1))
	if c.Start.IsZero() != c.End.IsZero() || c.End.Before(c.Start) {
		d.l.part(max(d.cycleLine, 1), strings.Trim(c.Start.String()+" – "+c.End.String(), " –"), "dates of a cycle need a first and a last day, in this order")
		c.Start, c.End = okr.Date{}, okr.Date{}
	}
}

// setCycle takes a text as the plan's cycle. It says false if the text names no
// cycle; of another cycle than the first it keeps account.
func (d *draft) setCycle(text string, line int) bool {
	c, ok := d.words.cycle(text)
	if !ok {
		return false
	}
	switch {
	case d.cycle.Key == "" && d.cycle.Name == "":
		start, end := d.cycle.Start, d.cycle.End
		if d.cycle = c; c.Start.IsZero() {
			d.cycle.Start, d.cycle.End = start, end
		}
		d.cycleLine = line
	case d.cycle.Start.IsZero() && len(d.cycle.Key) == 2 && strings.HasSuffix(c.Key, "-"+d.cycle.Key):
		d.cycle, d.cycleLine = c, line // the same quarter, with its year
	case c.Key != d.cycle.Key && !strings.HasSuffix(d.cycle.Key, "-"+c.Key):
		d.l.part(line, oneLine(text), fmt.Sprintf("another cycle: the file is read as a plan for %s, line %d", firstOf(d.cycle.Key, d.cycle.Name), d.cycleLine))
	}
	return true
}
