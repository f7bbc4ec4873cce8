package planfile

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/okrkit/okrkit/okr"
)

// objective reads a block that says it is an objective.
func (m *mdReader) objective(b *block, after []*block, sc *scope) {
	kids := b.kids
	switch {
	case sc.aside != "" && b.mark.rest == "" && !hasMarks(b.kids):
		m.leaveAll(b, sc.aside)
		return
	case b.mark.rest != "":
		was := sc.objective
		o := m.newObjective(b, b.mark.rest, b.mark.code, sc)
		if b.promoted {
			m.besideTitle(o, b, sc)
		}
		m.within(o, b, kids, sc)
		if b.kind == bItem && len(kids) > 0 && was != nil && was == sc.above {
			sc.objective = was // what follows stands below the same objective as this one
		}
		return
	case struckText(b.spans) != "":
		m.leaveAll(b, "struck out: it was dropped")
		return
	}
	// "Objectives:" above a list; "Objective:" above its title.
	items := 0
	for _, k := range kids {
		if k.kind == bItem {
			items++
		}
	}
	if first := m.firstText(kids); items > 0 && (b.mark.many || items > 1 && first != nil && first.kind == bItem) {
		m.claim(b, Labels)
		in := sc.below()
		in.objective, in.open, in.krs, in.aside = nil, true, false, ""
		for _, k := range kids {
			if k.kind != bItem || k.mark.kind != mNone || len(k.lines) == 0 {
				m.visit(k, nil, in)
				continue
			}
			o := m.newObjective(k, k.text(), "", in)
			m.within(o, k, k.kids, in)
			in.objective = o
		}
		sc.objective = in.objective
		return
	}
	if b.mark.many && len(kids) > 0 && kids[0].kind == bHeading {
		m.leave(b, "a heading: it names no objective itself")
		m.walk(kids, sc.below())
		return
	}
	title := m.firstText(kids)
	if title == nil && len(kids) == 0 && len(after) > 0 {
		title = m.firstText(after[:1])
	}
	if title == nil {
		m.leave(b, "it names no objective")
		m.walk(kids, sc.below())
		return
	}
	m.claim(b, Labels)
	m.consumed[title] = true
	o := m.newObjective(title, title.text(), b.mark.code, sc)
	in := sc.below()
	in.objective, in.above = o, o
	m.setOpen(in, b)
	m.walk(title.kids, in)
	m.within(o, b, kids, sc)
}

// besideTitle reads what stands behind the bold title of an objective.
func (m *mdReader) besideTitle(o *draftObjective, b *block, sc *scope) {
	rest := strings.TrimSpace(strings.TrimPrefix(b.text(), b.mark.rest))
	if rest == "" {
		return
	}
	in := sc.below()
	in.objective = o
	if f, _, value, ok := m.voc.fieldOf(strings.TrimLeft(rest, " .–—|·(-"), ""); ok && (f == fOwner || f == fTeam || f == fDue) {
		m.setScope(f, strings.Trim(value, " )."), rest, b.line(), in)
		return
	}
	if outcome := outcomeSign.FindStringIndex(rest); outcome != nil && outcome[0] == 0 {
		m.outcome(o.scored(), rest[outcome[1]:], o.Title, b.line())
		return
	}
	m.l.part(b.line(), rest, "it stands behind the title of an objective")
}

// firstText is the first block that says something without being marked.
func (m *mdReader) firstText(blocks []*block) *block {
	for _, b := range blocks {
		if (b.kind == bText || b.kind == bItem) && b.mark.kind == mNone && b.text() != "" && !m.consumed[b] {
			return b
		}
		if b.kind == bQuote {
			if t := m.firstText(b.kids); t != nil {
				return t
			}
		}
		if b.mark.kind == mKeyResult || b.mark.kind == mKeyResults || b.kind == bHeading || b.kind == bTable {
			return nil
		}
	}
	return nil
}

// newObjective makes an objective out of a block, and claims it.
func (m *mdReader) newObjective(b *block, text, code string, sc *scope) *draftObjective {
	m.claim(b, Objectives)
	if s := struckText(b.spans); s != "" {
		m.l.part(b.line(), s, "struck out")
	}
	t := m.clean(text, b.line())
	if prefix, rest := prefixOf(t.title); b.promoted && m.led > 0 && prefix != "" && t.owner == "" {
		t.owner, t.title = prefix, rest
	}
	o := m.addObjective(withoutSigns(firstOf(t.title, text)), code, b.line(), sc.above)
	o.Owner = t.owner
	m.leader(o, b)
	o.defaults = sc.defaults
	in := sc.below()
	in.objective = o
	for _, f := range t.fields {
		m.setScope(f.field, f.value, f.value, b.line(), in)
	}
	o.Committed = saysCommitted(t.aside)
	m.said(o.scored(), t, b.line())
	return o
}

// within reads what stands below an objective, and lets it hold for what
// follows.
func (m *mdReader) within(o *draftObjective, b *block, kids []*block, sc *scope) {
	sc.objective = o
	in := sc.below()
	in.krs, in.aside, in.heading, in.above, in.describes = false, "", o.Title, o, o
	m.setOpen(in, b)
	m.walk(kids, in)
}

// leader reads the words before a marker: "CEO Objective 1", "Sales Objective".
func (m *mdReader) leader(o *draftObjective, b *block) {
	who := strings.TrimSpace(b.mark.who)
	switch {
	case who == "":
	case departments[strings.ToLower(who)] || teamWord.MatchString(who):
		o.Team = who
	case roleName(who) && o.Owner == "":
		o.Owner = who
	default:
		m.lose("marker", "a word before a marker", who, b.line())
	}
}

// setOpen says whether lists below an objective are its key results: not if the
// objective marks its key results otherwise.
func (m *mdReader) setOpen(in *scope, b *block) {
	in.open = b.count.keyResults == 0
}

// keyResultsLabel reads "Key Results:" and what stands below it.
func (m *mdReader) keyResultsLabel(b *block, sc *scope) {
	in := sc.below()
	in.krs, in.open, in.aside = true, true, ""
	kids := b.count.items > 0 || b.count.keyResults > 1 || len(b.kids) > 0
	switch {
	case b.mark.rest == "" && struckText(b.spans) != "":
		m.leave(b, "struck out: it was dropped")
	case b.mark.rest == "":
		m.claim(b, Labels)
	case !kids:
		m.keyResult(b, b.mark.rest, sc)
		return
	case len(strings.Fields(b.mark.rest)) <= 6 && !m.measurable(b.mark.rest):
		// "Key Results: Ada and Ben equally"
		in.defaults.owner = b.mark.rest
		m.claim(b, Owners)
	default:
		m.claim(b, Labels)
		m.l.part(b.line(), b.mark.rest, "it introduces the key results")
	}
	if b.mark.who != "" && in.objective == nil {
		in.heading = firstOf(in.heading, b.text())
	}
	m.walk(b.kids, in)
	sc.objective = in.objective
}

// target is the objective that a key result goes to. Without one, the heading
// above it becomes an objective.
func (m *mdReader) target(sc *scope, line int) *draftObjective {
	if sc.objective == nil {
		title := firstOf(sc.heading, m.title, "Objectives")
		sc.objective = m.addObjective(title, "", line, nil)
		sc.objective.defaults = sc.defaults
	}
	return sc.objective
}

// keyResult reads a block that is a key result, and what belongs to it.
func (m *mdReader) keyResult(b *block, text string, sc *scope) *draftKeyResult {
	struck := struckText(b.spans)
	t := m.clean(text, b.line())
	switch {
	case t.title == "" && struck != "":
		m.leaveAll(b, "struck out: it was dropped")
		return nil
	case t.title == "" && b.mark.kind == mKeyResult && len(b.kids) > 0:
		// "KR 1" above its title.
		if title := m.firstText(b.kids); title != nil {
			m.claim(b, Labels)
			m.consumed[title] = true
			title.mark.code = b.mark.code
			k := m.keyResult(title, title.text(), sc)
			m.belowKeyResult(k, b.kids, sc)
			return k
		}
		fallthrough
	case t.title == "" || placeholder(t.title):
		m.leaveAll(b, "a placeholder: no key result is named yet")
		return nil
	}
	o := m.target(sc, b.line())
	m.claim(b, KeyResults)
	if struck != "" {
		m.l.part(b.line(), struck, "struck out")
	}
	k := o.addKeyResult(m.draft, withoutSigns(t.title), b.mark.code, b.line())
	m.apply(k, t, b, sc)
	if b.box && b.done {
		m.lose("done", "a checked box: a plan holds what shall be reached, check-ins say what is", "[x]", b.line())
	}
	m.belowKeyResult(k, b.kids, sc)
	return k
}

// apply gives a key result what its title says beside the title.
func (m *mdReader) apply(k *draftKeyResult, t titleParts, b *block, sc *scope) {
	for _, p := range t.fields {
		m.set(k, p.field, p.value, b.line())
	}
	owner := t.owner
	if _, isCycle := m.words.cycle(b.mark.who); owner == "" && !isCycle {
		owner = strings.TrimSpace(b.mark.who)
	}
	if k.Owner == "" && owner != "" {
		k.Owner = owner
	}
	if k.Owner == "" && sc.defaults.owner != "" && !k.alone {
		k.Owner = sc.defaults.owner
	}
	if k.Source == nil && t.source != "" {
		k.Source = &okr.Source{Where: t.source}
	}
	m.said(k.scored(), t, b.line())
}

// belowKeyResult reads what stands below a key result: its fields, and what is
// done for it.
func (m *mdReader) belowKeyResult(k *draftKeyResult, kids []*block, sc *scope) {
	if k == nil {
		return
	}
	for i, b := range kids {
		if m.consumed[b] {
			continue
		}
		switch b.mark.kind {
		case mKeyResult, mKeyResults, mObjective:
			m.visit(b, kids[i+1:], sc)
			continue
		case mField:
			m.keyResultField(k, b, sc)
			continue
		case mNever, mAside:
			m.leaveAll(b, b.mark.rest)
			continue
		}
		switch {
		case b.kind == bItem:
			m.belowItem(k, b, sc)
		case b.kind == bTable:
			m.leaveAll(b, "a table below a key result")
		case b.kind == bQuote:
			m.leaveAll(b, "a quote")
		case b.kind == bCode:
			m.leaveAll(b, "a block of code")
		case b.kind == bHeading:
			m.visit(b, kids[i+1:], sc)
		case len(b.kids) > 0:
			m.leave(b, "it introduces what follows")
			m.belowKeyResult(k, b.kids, sc)
		case onlyLinks(b):
			m.leave(b, "a link")
		default:
			m.leave(b, "prose below a key result")
		}
	}
}

// ownerShare is "Ada: 0.5", "Ada+Ben: 1/3", "Ada: 50 %".
var ownerShare = regexp.MustCompile(`^([\p{Lu}@][\p{L}\d .@_+&/'’-]{0,60}?)[ \t]*[:=][ \t]*(\d+(?:[.,]\d+)?[ \t]*%?|\d+/\d+)$`)

// belowItem reads an item below a key result.
func (m *mdReader) belowItem(k *draftKeyResult, b *block, sc *scope) {
	text := b.text()
	switch share := ownerShare.FindStringSubmatch(text); {
	case share != nil:
		m.claim(b, Owners)
		if k.Owner == sc.defaults.owner {
			k.Owner = "" // the share is more exact
		}
		k.Owner = joined(k.Owner, share[1])
		m.lose("share", "shares of owners: one person owns a key result", share[2], b.line())
	case text == "":
		m.leave(b, "struck out: it was dropped")
	case placeholder(text):
		m.leave(b, "a placeholder")
	case isURL(text):
		m.leave(b, "a link")
	default:
		m.claim(b, Initiatives)
		i := okr.Initiative{Title: m.short(text, maxTitle, b.line()), Done: b.done}
		if onlyLinks(b) {
			i.Link = b.spans[0].link
		}
		if s := struckText(b.spans); s != "" {
			m.l.part(b.line(), s, "struck out")
		}
		k.Initiatives = append(k.Initiatives, i)
	}
	m.belowKeyResult(k, b.kids, sc)
}

func isURL(text string) bool {
	return !strings.Contains(text, " ") && (strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "www."))
}

// document is the address of a file that somebody reads elsewhere.
var document = regexp.MustCompile(`(?i)\.(?:pdf|docx?|xlsx?|pptx?|ods|odt|csv)$`)

// keyResultField reads "Owner: Ada" below a key result.
func (m *mdReader) keyResultField(k *draftKeyResult, b *block, sc *scope) {
	f, value := b.mark.field, b.mark.rest
	switch f {
	case fPriority, fProgress, fStatus, fNotes, fStart, fCycle, fTeam, fCommitted:
		m.leaveAll(b, "a plan has no place for "+lossName(f))
		return
	case fScore:
		if m.scoreField(k.scored(), b) {
			m.belowKeyResult(k, b.kids, sc)
		}
		return
	}
	if empty(value) && len(b.kids) == 0 && f != fOwner {
		m.leave(b, "it has no value")
		return
	}
	role := Fields
	if f == fOwner {
		role = Owners
	}
	if value == "" {
		role = Labels
	}
	m.claim(b, role)
	if value != "" {
		m.set(k, f, value, b.line())
	} else if f == fOwner {
		k.alone = true
	}
	for _, kid := range b.kids {
		if kid.kind != bItem && kid.kind != bText || kid.mark.kind != mNone || f != fInitiative && value != "" {
			m.belowKeyResult(k, []*block{kid}, sc)
			continue
		}
		if f == fInitiative {
			m.belowItem(k, kid, sc)
			continue
		}
		m.claim(kid, Fields)
		m.set(k, f, kid.text(), kid.line())
		m.belowKeyResult(k, kid.kids, sc)
	}
}

// fieldBlock reads "Owner: Ada" that belongs to an objective or a section.
func (m *mdReader) fieldBlock(b *block, sc *scope) {
	f, value := b.mark.field, b.mark.rest
	if sc.aside != "" {
		m.leaveAll(b, sc.aside)
		return
	}
	if f == fNotes && m.cycleProse(b) { // "Note: FY27-Q1 runs from … to …"
		m.walk(b.kids, sc)
		return
	}
	switch f {
	case fPriority, fProgress, fStatus, fNotes:
		m.leaveAll(b, "a plan has no place for "+lossName(f))
		return
	case fScore:
		m.scoreLabel(b, sc)
		return
	case fDefinition, fRationale:
		if sc.objective != nil && value != "" {
			m.claim(b, Fields)
			m.describe(sc.objective, value, b.line())
			m.walk(b.kids, sc)
			return
		}
		m.leaveAll(b, "a plan has no place for this at an objective")
		return
	case fOwner, fTeam, fCycle, fSource, fDue, fStart, fCadence, fCommitted:
	default:
		m.leaveAll(b, "a plan has no place for this at an objective")
		return
	}
	if value == "" {
		if t := m.firstText(b.kids); t != nil {
			m.claim(b, Labels)
			m.consumed[t] = true
			m.claim(t, roleOf(f))
			m.setScope(f, t.text(), t.text(), t.line(), sc)
			m.walk(append(append([]*block{}, t.kids...), b.kids...), sc)
			return
		}
		m.leave(b, "it has no value")
		m.walk(b.kids, sc)
		return
	}
	if parts := metaSeparator.Split(value, -1); len(parts) > 1 && m.metaLine(b, sc) {
		m.walk(b.kids, sc)
		return
	}
	m.claim(b, roleOf(f))
	m.setScope(f, value, b.text(), b.line(), sc)
	m.walk(b.kids, sc)
}

func roleOf(f field) Role {
	switch f {
	case fOwner:
		return Owners
	case fTeam:
		return Teams
	case fCycle, fStart:
		return Cycles
	}
	return Fields
}

// section reads a heading without a marker, or a bold line used as one.
func (m *mdReader) section(b *block, sc *scope) {
	text := outlineNumber.ReplaceAllString(withoutSigns(b.text()), "")
	in := sc.below()
	in.heading, in.describes = text, nil
	switch {
	case text == "":
		m.leaveAll(b, "struck out: it was dropped")
		return
	case sc.aside != "":
		m.leave(b, sc.aside)
		m.walk(b.kids, in)
		return
	case sc.krs:
		m.leave(b, "a heading among key results")
		m.walk(b.kids, in)
		sc.objective = in.objective
		return
	}
	direct, inner := m.holds(b)
	group := m.isGroup(b, text)
	switch {
	case b.count.objectives > 0, group, slices.ContainsFunc(b.kids, m.holdsObjectives):
		// It stands above objectives.
		m.groupHeading(b, text, in)
		in.objective = nil
		m.walk(b.kids, in)
	case m.strong && direct == 0, !sc.open && direct == 0 && inner == 0:
		m.groupHeading(b, text, in)
		in.open = in.open && !m.strong
		m.walk(b.kids, in)
		if inner > 0 && b.kind != bHeading {
			sc.objective = in.objective
		}
	case direct == 0 && inner > 0 && !saysGoal(text):
		m.groupHeading(b, text, in)
		m.walk(b.kids, in)
	case direct == 0 && inner == 0 && !m.siblingOfObjectives(b, sc):
		m.leave(b, "a heading with nothing below it that could be a key result")
		m.walk(b.kids, in)
	default:
		o := m.newObjective(b, text, "", sc)
		in.objective, in.above, in.describes = o, o, o
		m.setOpen(in, b)
		m.walk(b.kids, in)
	}
}

// holds counts the key results directly below a heading, and those below the
// headings in it.
func (m *mdReader) holds(b *block) (direct, inner int) {
	for _, k := range b.kids {
		n := k.count.keyResults
		if !m.strong {
			n += k.count.items
			if k.kind == bTable && m.couldBeKeyResults(k) {
				n += len(k.rows) - 1
			}
		}
		switch {
		case k.mark.kind == mAside, k.mark.kind == mNever && !m.everything, k.mark.kind == mField:
		case k.mark.kind == mNone && (k.kind == bHeading || k.boldLine()):
			d, i := m.holds(k)
			inner += d + i
		case k.kind == bText && k.mark.kind == mNone && len(k.kids) > 0, k.kind == bQuote:
			d, i := m.holds(k)
			direct, inner = direct+d, inner+i
		default:
			direct += n
		}
	}
	return direct, inner
}

// siblingOfObjectives says whether a heading that holds nothing stands among
// headings that are objectives: then it is one that has no key results yet.
func (m *mdReader) siblingOfObjectives(b *block, sc *scope) bool {
	return !m.strong && sc.open && b.kind == bHeading && b.level > 1 && m.levels[b.level] > 0 && !onlyLinks(b) && m.onlyHeading(b)
}

// onlyHeading says whether nothing stands below a heading, or only other such
// headings.
func (m *mdReader) onlyHeading(b *block) bool {
	return len(b.kids) == 0
}

var (
	teamWord  = regexp.MustCompile(`(?i)^(?:the )?(?:team|squad|department|dept\.?|tribe|chapter|guild|abteilung|bereich|équipe|département|equipo|departamento|equipe|área)\b|\b(?:team|squad|department|dept\.?|tribe|chapter|guild|abteilung|bereich)$`)
	handle    = regexp.MustCompile(`^(?:[\p{Lu}][\p{L}.'’-]*(?: [\p{Lu}][\p{L}.'’-]*){0,2} )?\(?@[\w.-]+\)?$`)
	groupWord = regexp.MustCompile(`(?i)^(?:(?:quarterly|annual|yearly|personal|individual|company|corporate|team|department|shared|our|all|strategic|organi[sz]ational|active|current|new) )*(?:okrs?|objectives? (?:and|&|\+) key results?|objectives|goals|priorities|ziele|objectifs|objetivos)\b`)
)

// departments are names that stand for a team wherever they stand alone.
var departments = set(
	"marketing", "sales", "engineering", "product", "finance", "hr", "people", "people ops", "human resources", "legal", "support", "customer support", "customer success", "operations", "ops", "design", "data", "security", "it", "research", "content", "growth", "platform", "infrastructure", "quality", "qa", "ux", "product management", "product marketing", "field marketing", "business development", "partnerships", "alliances", "procurement", "logistics", "manufacturing", "production", "r&d", "devrel", "talent", "recruiting", "communications", "pr", "analytics", "frontend", "backend", "mobile", "web", "company", "leadership",
	"vertrieb", "entwicklung", "finanzen", "personal", "einkauf", "produktion", "kundendienst", "ventes", "ingénierie", "produit", "finances", "ressources humaines", "ventas", "ingeniería", "producto", "finanzas", "vendas", "engenharia", "produto", "finanças",
)

func set(names ...string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

// isGroup says whether a heading names a cycle, a team, a person or the document
// itself, and no objective.
func (m *mdReader) isGroup(b *block, text string) bool {
	plain := plainHeading(text)
	switch {
	case b.kind == bHeading && b.level == 1 && text == m.title && m.titled:
		return true
	case groupWord.MatchString(plain), handle.MatchString(text), departments[plain]:
		return true
	case namesTeam(cutAtDash(text)):
		return true
	}
	if aboutOKRs.MatchString(text) && (strings.Contains(strings.ToLower(text), "okr") || b.level == 1) {
		return true
	}
	if c, ok := m.words.cycle(text); ok {
		rest := strings.TrimSpace(strings.Replace(text, firstOf(c.Name, c.Key), "", 1))
		return len(strings.Fields(rest)) <= 4
	}
	return false
}

// namesTeam says whether a heading is the name of a team, and does not say what
// to do with one.
func namesTeam(name string) bool {
	words := strings.Fields(name)
	return len(words) > 0 && len(words) <= 4 && teamWord.MatchString(name) && !goalVerbs[strings.ToLower(words[0])]
}

// goalVerbs begin headings that are objectives.
var goalVerbs = set(
	"accelerate", "achieve", "advance", "align", "attract", "be", "become", "boost", "bring", "build", "champion", "connect", "cut", "create", "deepen", "define", "delight", "deliver", "design", "develop", "double", "drive", "eliminate", "empower", "enable", "engage", "ensure", "establish", "excel", "execute", "expand", "finish", "foster", "fix", "form", "get", "grow", "have", "help", "hire", "implement", "improve", "increase", "invest", "keep", "know", "launch", "lead", "learn", "make", "maximize", "modernize", "move", "nurture", "offer", "optimize", "own", "prepare", "protect", "prove", "provide", "raise", "reach", "reduce", "reinvent", "release", "retain", "scale", "secure", "ship", "simplify", "speed", "stabilize", "staff", "start", "streamline", "strengthen", "support", "transform", "turn", "understand", "unify", "upgrade", "win",
	"aufbauen", "baue", "bauen", "entwickeln", "schaffen", "stärken", "steigern", "verbessern", "werden", "améliorer", "augmenter", "construire", "créer", "développer", "devenir", "réduire", "renforcer", "aumentar", "construir", "convertirse", "crear", "desarrollar", "fortalecer", "mejorar", "ser", "criar", "desenvolver", "fortalecer", "melhorar", "tornar",
)

// cutAtDash is the text before a dash, a comma or a bracket.
func cutAtDash(text string) string {
	for _, sign := range []string{" — ", " – ", " - ", ", ", " (", ": "} {
		if before, _, ok := strings.Cut(text, sign); ok {
			text = before
		}
	}
	return strings.TrimSpace(text)
}

var (
	personName = regexp.MustCompile(`^\p{Lu}\p{Ll}+(?:[ -](?:(?:de|da|van|von|la|le|del|dos) )?\p{Lu}[\p{Ll}.]*){1,3}$`)
	individual = regexp.MustCompile(`(?i)\b(?:individual|personal|per person|persönliche?|individuelle?|individuels?|individuais|individuales|people)\b`)
)

// groupHeading takes from a heading above objectives what it says of them.
func (m *mdReader) groupHeading(b *block, text string, in *scope) {
	line := b.line()
	before := len(m.l.unread)
	cycle := m.setCycle(text, line)
	name := cutAtDash(text)
	plain := plainHeading(name)
	switch {
	case strings.Contains(strings.ToLower(name), "okr"), groupWord.MatchString(plain):
	case departments[plain] || namesTeam(name) && plain != "team":
		in.defaults.team = name
		m.scoped = append(m.scoped, scopedText{name, text, line})
		m.claim(b, Teams)
		return
	case handle.MatchString(text), personName.MatchString(text) && individual.MatchString(m.title+" "+in.group):
		in.defaults.owner = text
		m.scoped = append(m.scoped, scopedText{text, text, line})
		m.claim(b, Owners)
		return
	}
	in.group = text
	switch {
	case cycle && len(m.l.unread) > before:
		// Another cycle than the plan's: the heading stands among the unread.
		m.l.unread = m.l.unread[:before]
		m.leave(b, "another cycle: the file is read as a plan for "+firstOf(m.cycle.Key, m.cycle.Name))
	case cycle:
		m.claim(b, Cycles)
		if rest := besideCycle(text); rest != "" {
			m.l.part(line, rest, "a title: a plan keeps its cycle")
		}
	default:
		m.leave(b, "a heading: it names no objective itself")
	}
}

// besideCycle is what a title says beside its cycle, words for OKRs left out.
func besideCycle(text string) string {
	rest := strings.Replace(oneLine(text), cycleWords(text), "", 1)
	rest = strings.Trim(oneLine(aboutOKRs.ReplaceAllString(rest, "")), " -–—:,;.()[]|·")
	if len(letters.FindAllString(rest, -1)) == 0 {
		return ""
	}
	return rest
}

// saysGoal says whether a heading could be the title of an objective: a phrase,
// and not only a name.
func saysGoal(text string) bool {
	words := strings.Fields(text)
	return len(words) >= 2 && !departments[plainHeading(text)] && (len(words) > 2 || goalVerbs[strings.ToLower(words[0])])
}

// item reads an item of a list that is not marked.
func (m *mdReader) item(b *block, sc *scope) {
	text := b.text()
	switch {
	case sc.aside != "":
		m.leaveItem(b, sc, sc.aside)
		return
	case !sc.open && !sc.krs:
		m.leaveItem(b, sc, "a list that no objective claims")
		return
	case text == "" && struckText(b.spans) != "":
		m.leaveAll(b, "struck out: it was dropped")
		return
	case placeholder(text):
		m.leaveAll(b, "a placeholder: no key result is named yet")
		return
	case isURL(text), onlyLinks(b) && (linkToPlan.MatchString(text) || strings.HasPrefix(b.spans[0].link, "#") || document.MatchString(b.spans[0].link)):
		m.leaveAll(b, "a link")
		return
	}
	if len(b.kids) == 1 && all(b.spans, isBold) && b.kids[0].mark.kind == mNone && b.kids[0].kind == bText && sc.list == flatList {
		// A bold line and a paragraph: a title and its explanation.
		m.keyResult(b, text, sc)
		return
	}
	switch sc.list {
	case objectiveLists:
		o := m.newObjective(b, text, "", sc)
		in := sc.below()
		in.objective, in.above, in.heading = o, o, o.Title
		m.walk(b.kids, in)
	case treeList:
		m.treeItem(b, text, sc)
	default:
		if m.groupItem(b, text) {
			m.leave(b, "it groups the key results below it")
			m.walk(b.kids, sc)
			return
		}
		m.keyResult(b, text, sc)
	}
}

// groupItem says whether an item among key results only groups those below it.
func (m *mdReader) groupItem(b *block, text string) bool {
	items, measurable := 0, 0
	for _, k := range b.kids {
		if k.kind == bItem && k.mark.kind == mNone {
			items++
			if m.measurable(k.text()) {
				measurable++
			}
		}
	}
	return items > 1 && measurable*2 > items && !m.measurable(text) && len(strings.Fields(text)) <= 4
}

// leaveItem leaves an item, but not what is marked below it.
func (m *mdReader) leaveItem(b *block, sc *scope, reason string) {
	m.leave(b, reason)
	m.walk(b.kids, sc)
}

var linkToPlan = regexp.MustCompile(`(?i)\bOKRs?\b|\bdocument\b|\bspreadsheet\b|\bplanning\b|\bsheet\b`)

// treeItem reads an item of a tree of objectives: what has items below it is an
// objective, what has none is a key result. What has both a measure and items
// below is both: a key result of one level is an objective of the next.
func (m *mdReader) treeItem(b *block, text string, sc *scope) {
	inner := false
	for _, k := range b.kids {
		inner = inner || k.kind == bItem && k.mark.kind == mNone && k.text() != "" && !isURL(k.text()) && ownerShare.FindString(k.text()) == ""
	}
	if !inner {
		m.keyResult(b, text, sc)
		return
	}
	in := sc.below()
	if m.cascade && m.namesOwner(text) {
		m.claim(b, Owners)
		in.defaults.owner = strings.TrimRight(text, ": ")
		m.walk(b.kids, in)
		if sc.objective == nil {
			sc.objective = in.objective
		}
		return
	}
	t := m.clean(text, b.line())
	if sc.objective != nil && m.measurable(t.title) || t.outcome != "" && !t.graded {
		kids := b.kids
		b.kids = nil
		m.keyResult(b, text, sc)
		b.kids = kids
		o := m.addObjective(firstOf(t.title, text), "", b.line(), sc.above)
		o.Owner, o.defaults = t.owner, sc.defaults
		in.objective, in.above = o, o
		m.walk(b.kids, in)
		return
	}
	in.objective = m.newObjective(b, text, "", sc)
	in.above, in.heading = in.objective, in.objective.Title
	m.walk(b.kids, in)
}

// namesOwner says whether an item is only the name of a role or a team.
func (m *mdReader) namesOwner(text string) bool {
	name := strings.TrimRight(text, ": ")
	words := strings.Fields(name)
	if len(words) == 0 || len(words) > 4 || m.measurable(name) {
		return false
	}
	return m.prefixes[strings.ToLower(name)] > 0 || departments[strings.ToLower(name)] || roleName(name) || strings.HasSuffix(text, ":")
}

var role = regexp.MustCompile(`^(?:C[A-Z]O|VP[A-Z]?|[A-Z]{2,4})$|(?i)\b(?:chief|head of|director|dir\.?|[es]?vp|vice president|manager|mgr\.?|lead|president|officer|fellow|leitung|leiter|leiterin|directeur|directrice|director|directora|gerente|diretor|diretora)\b`)

func roleName(name string) bool { return role.MatchString(name) && len(strings.Fields(name)) <= 5 }

// measurable says whether a text names something to reach that can be counted.
func (m *mdReader) measurable(text string) bool {
	s := m.words.Read(text)
	return s.Measure.HasTarget() || s.Wording.HasTarget
}

var placeholderText = regexp.MustCompile(`(?i)^(?:[.…?!*_\-–— ]*|(?:tbd|tba|tbc|todo|wip|n/?a|x{2,}|lorem ipsum)\b[ :.!?-]*.*|(?:key result|objective|kr|okr) ?[#x\d]?|…+|to be (?:defined|decided|determined|announced)\.?)$`)

// numberToCome is a key result whose number is still open: "TBD% of sessions".
var numberToCome = regexp.MustCompile(`(?i)^(?:tbd|tba|tbc|x{2,})[ \t]*%[ \t]+\p{L}`)

// placeholder says whether a text only holds the place of one to be written.
func placeholder(text string) bool {
	text = strings.TrimSpace(text)
	if !placeholderText.MatchString(text) || numberToCome.MatchString(text) {
		return false
	}
	return !strings.ContainsFunc(text, unicode.IsDigit) || len(strings.Fields(text)) <= 3
}
