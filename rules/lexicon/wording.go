package lexicon

import "strings"

// Signal is one thing seen in the wording, with the words that show it.
type Signal struct {
	Name string `json:"name"` // task, output_count, outcome, vague, placeholder, …
	Span
	Text string `json:"text"`
}

// The names of signals.
const (
	SignalTask        = "task"
	SignalOutcome     = "outcome"
	SignalOutputCount = "output_count"
	SignalVague       = "vague"
	SignalPlaceholder = "placeholder"
	SignalRedacted    = "redacted"
	SignalQuestion    = "question"
	SignalTarget      = "target"
	SignalBaseline    = "baseline"
	SignalState       = "state"
	SignalBareMetric  = "bare_metric"
)

// Wording says what a sentence is: facts for rules, no verdict.
type Wording struct {
	// Task: the sentence says what will be done.
	Task     bool   `json:"task"`
	TaskVerb string `json:"task_verb,omitempty"`
	// Outcome: a task that also says, with a number or a condition, what comes
	// of it.
	Outcome       bool   `json:"outcome"`
	OutcomeClause string `json:"outcome_clause,omitempty"`
	// OutputCount: what is counted is work turned out (5 posts), not its effect.
	OutputCount bool     `json:"output_count"`
	Vague       []string `json:"vague,omitempty"`

	HasTarget   bool `json:"has_target"`
	HasBaseline bool `json:"has_baseline"`
	// Measurable: there is a target, as a number, a number in words or a
	// placeholder for one.
	Measurable bool `json:"measurable"`
	// Decidable: at the end somebody can answer yes or no.
	Decidable bool `json:"decidable"`

	BareMetric  bool `json:"bare_metric"` // names a metric and no more
	Question    bool `json:"question"`
	State       bool `json:"state"` // says how things are at the end
	Placeholder bool `json:"placeholder"`
	Redacted    bool `json:"redacted"`
	// Goals counts the goals in one sentence; 0 only for an empty text.
	Goals int `json:"goals"`

	Lang string `json:"lang"`
	// LangJudged is false where the lexicon has no words of the language: then
	// numbers and shape alone were judged.
	LangJudged bool     `json:"lang_judged"`
	Why        string   `json:"why"`
	Signals    []Signal `json:"signals,omitempty"`
}

// wording is the part of a reading that looks at the words.
type wording struct {
	*reader
	start    int // first token after labels and lead-ins
	head     int // the main verb's token, -1 if none
	class    set // the main verb's classes
	dir      Direction
	perfect  bool // "have closed"
	passive  bool // "is launched", "launched" at the end
	noun     bool // a noun of work at the head: "Launch of …"
	target   int
	baseline bool
	// The tokens of the metric's words.
	metricFrom, metricTo int
	out                  Wording
}

// judge finds the main verb, the measure, and what the sentence is.
func (w *wording) judge() (Wording, *Measure) {
	w.head, w.target = -1, -1
	w.out.Lang = w.code()
	w.out.LangJudged = w.lang > 0
	w.skipLead()
	w.findHead()
	m := w.measure()
	w.marks()
	if m != nil {
		w.out.HasTarget = m.HasTarget()
		w.out.HasBaseline = w.baseline
		if w.out.HasTarget && w.target >= 0 {
			w.signalValue(SignalTarget, &w.vals[w.target])
		}
	}
	w.out.Measurable = w.out.HasTarget && w.anyPlainWord()
	w.judgeTask()
	w.judgeState()
	w.out.Goals = w.goals()
	if m == nil && w.out.Decidable {
		m = &Measure{Kind: YesNo, Metric: w.words(w.start, len(w.toks)), Due: w.due()}
	}
	w.out.Why = w.why()
	return w.out, m
}

// anyPlainWord: something besides numbers and dates is said.
func (w *wording) anyPlainWord() bool {
	for i := range w.toks {
		if t := &w.toks[i]; t.Kind == Word && t.val == 0 && !t.date {
			return true
		}
	}
	for i := range w.vals {
		if w.vals[i].Counted {
			return true
		}
	}
	return false
}

func (w *wording) signal(name string, from, to int) {
	if from < 0 || to > len(w.toks) || from >= to {
		return
	}
	s := Span{w.toks[from].Start, w.toks[to-1].End}
	w.out.Signals = append(w.out.Signals, Signal{Name: name, Span: s, Text: w.text[s.Start:s.End]})
}

func (w *wording) signalValue(name string, v *Value) {
	w.out.Signals = append(w.out.Signals, Signal{Name: name, Span: v.Span, Text: v.Text})
}

// skipLead reads over list marks, labels (KR 1:), a date and words such as "we
// will".
func (w *wording) skipLead() {
	i := 0
	if c := w.labelEnd(); c > 0 {
		i = c
	}
	for i < len(w.toks) {
		t := &w.toks[i]
		switch {
		case t.date, t.cont, t.sign != sNone && t.val == 0 && t.sign != sCurrency && !isCompare(t.sign):
		case t.val > 0:
			w.start = i
			return
		case t.set.any(setOf(cUntil, cDuring, cEndOf, cThis, cDeterminer)) && w.dateFollows(i) && !t.set.any(verbClasses):
		case t.name && t.Kind == Digits && i == 0 && !w.joined(i+2):
		case t.name && i < 3 && i+1 < len(w.toks) && (w.sgn(i+1) == sClose || w.sgn(i+1) == sDash && !w.joined(i+1)): // [P0]
		case t.set.has(cLeadIn) && !t.set.any(setOf(cTask, cUp, cDown, cAchieve, cKeep)):
			if t.set.has(cGeneric) || t.set.has(cBe) {
				if !w.verbAfter(i + 1) {
					w.start = i
					return
				}
				w.perfect = true
			}
			if w.str(i) == "ve" {
				w.perfect = true
			}
		default:
			w.start = i
			return
		}
		i++
	}
	w.start = i
}

func isCompare(s sign) bool { return s == sGE || s == sLE || s == sGT || s == sLT || s == sAbout }

// verbAfter: a participle or verb follows, so the word before it is an auxiliary.
func (w *wording) verbAfter(i int) bool {
	for n := 0; i < len(w.toks) && n < 2; i, n = i+1, n+1 {
		t := &w.toks[i]
		if t.set.any(verbClasses) {
			return true
		}
		if !t.set.has(cLeadIn) && !t.set.has(cAdverb) {
			return false
		}
	}
	return false
}

// labelEnd is the token after a label such as "KR 1.2:" or "Marketing:".
func (w *wording) labelEnd() int {
	words, label, verb := 0, false, false
	for i := 0; i < len(w.toks) && words < 5; i++ {
		t := &w.toks[i]
		switch {
		case t.sign == sColon && i > 0 && (!w.joined(i+1) || w.sgn(i+1) == sNoise):
			if label || (!verb || words == 1) && i+1 < len(w.toks) && w.startsVerb(i+1) {
				return i + 1
			}
			return 0
		case t.Kind == Word && !t.cont:
			words++
			label = label || words == 1 && (t.set.has(cLabel) || t.digits && w.numberedLabel(i))
			verb = verb || t.set.any(verbClasses) && !t.set.any(setOf(cOutputNoun, cMetric))
		case t.val > 0 && !label, isCompare(t.sign):
			return 0
		}
	}
	return 0
}

// numberedLabel: KR2, KR1.3.
func (w *wording) numberedLabel(i int) bool {
	var buf [64]byte
	k := lower(strings.TrimRight(w.str(i), "0123456789."), &buf)
	e := w.l.words[string(k)]
	return e != nil && e.at(w.lang) != nil && e.at(w.lang).set.has(cLabel)
}

func (w *wording) startsVerb(i int) bool {
	for ; i < len(w.toks) && (w.toks[i].sign == sNoise || w.toks[i].set.has(cLeadIn)); i++ {
	}
	return i < len(w.toks) && w.toks[i].set.any(verbClasses)
}

// findHead finds the main verb: the first word, or in German the last verb of
// the first clause; else a verb inside that says where a number goes.
func (w *wording) findHead() {
	if w.start < len(w.toks) {
		t := &w.toks[w.start]
		switch {
		case t.val > 0 && !t.set.any(setOf(cMultiple, cDivide, cMultiply)), t.date:
		case t.set.any(setOf(cTaskNoun)) && !t.set.has(cBase) && w.start+t.span < len(w.toks) && w.nounOfWork(w.start+t.span):
			w.setHead(w.start, setOf(cTask))
			w.noun = true
		case t.set.any(verbClasses) && !w.isNounHere(w.start):
			w.setHead(w.start, t.set)
		}
	}
	if w.head < 0 && w.code() == "de" {
		w.germanHead()
	}
	if w.head < 0 {
		w.passiveHead()
	}
	w.direction()
}

func (w *wording) setHead(i int, s set) {
	w.head, w.class = i, s.and(verbClasses.or(setOf(cDone, cBase)))
}

// nounOfWork: "Launch of …", "Einführung eines …", "Implementation of …"; not
// "Development time", "Launch day".
func (w *wording) nounOfWork(i int) bool {
	t := &w.toks[i]
	return t.set.any(setOf(cOf, cDeterminer, cPreposition)) || w.val(i) != nil
}

func (w *wording) val(i int) *Value {
	if i < 0 || i >= len(w.toks) || w.toks[i].val == 0 {
		return nil
	}
	return &w.vals[w.toks[i].val-1]
}

// isNounHere: a word that is verb and noun is a noun where a metric follows
// (test coverage, release frequency, review time).
func (w *wording) isNounHere(i int) bool {
	t := &w.toks[i]
	n := i + t.span
	if n >= len(w.toks) {
		return false
	}
	if w.sgn(n) == sDash && w.joined(n) && w.joined(n+1) { // sign-up rate, run-rate
		return true
	}
	if isCompare(w.sgn(n)) || w.sgn(n) == sColon || w.toks[n].set.has(cBe) || w.sgn(n) == sArrow {
		return true
	}
	if t.set.has(cMetric) || t.set.any(nounKnown) {
		if t.set.has(cBase) && (w.has(n, cOf) || w.val(n) != nil && w.vals[w.toks[n].val-1].cue.has(cOf)) {
			return true
		}
	}
	if !t.set.has(cTask) || !t.set.has(cBase) {
		return false
	}
	return w.toks[n].set.any(setOf(cMetric, cLower)) && !w.toks[n].set.has(cOutputNoun) && w.hasMeasuringValue()
}

func (w *wording) hasMeasuringValue() bool {
	for i := range w.vals {
		if !w.vals[i].cue.has(cPer) {
			return true
		}
	}
	return false
}

// germanHead takes the last verb of the first clause that has one.
func (w *wording) germanHead() {
	for i := w.start; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.sign == sSemi || (t.sign == sComma || t.set.has(cLink) && t.set.has(cBy)) && w.head >= 0 && !w.joined(i+1) {
			return
		}
		if t.paren || t.date || t.cont || t.Kind != Word || !t.set.any(verbClasses) || t.set.has(cGeneric) && w.head >= 0 {
			continue
		}
		if !t.set.has(cDone) && t.set.has(cTask) && w.finite(i) {
			continue
		}
		w.setHead(i, t.set)
		w.passive = t.set.has(cDone)
	}
}

// finite: "5 Pilotkunden nutzen das Modul" says what they do; an infinitive
// would stand at the end.
func (w *wording) finite(i int) bool {
	v := w.val(w.start)
	if v == nil || i+1 >= len(w.toks) || v.Noun.End != w.toks[i-1].End && v.Unit != "%" {
		return false
	}
	n := &w.toks[i+1]
	return n.Kind == Word && !n.date && !n.set.has(cAnd) && !n.set.any(setOf(cUntil, cPer))
}

// passiveHead finds "… launched", "… is implemented": a participle that no noun
// follows.
func (w *wording) passiveHead() {
	if w.code() == "de" {
		return
	}
	for i := w.start + 1; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.paren || t.date || t.cont || t.Kind != Word {
			continue
		}
		if t.set.has(cLink) || t.set.has(cWith) {
			return
		}
		if !t.set.any(setOf(cTask)) || !t.set.has(cDone) {
			continue
		}
		n := i + t.span
		for n < len(w.toks) && (w.toks[n].set.has(cAdverb) || w.sgn(n) == sNoise) {
			n++
		}
		end := n >= len(w.toks) || w.toks[n].date || w.toks[n].sign != sNone || w.toks[n].set.any(setOf(cAnd, cUntil, cDuring, cPreposition, cPer))
		if end && !w.has(n, cBy) || end && w.dateFollows(n) {
			w.setHead(i, setOf(cTask, cDone))
			w.passive = true
			return
		}
	}
}

// direction reads where the number should go from the main verb, or from a verb
// of change inside a sentence that has none.
func (w *wording) direction() {
	read := func(s set) Direction {
		switch {
		case s.has(cKeep):
			return Keep
		case s.has(cUp) && !s.has(cDown):
			return Up
		case s.has(cDown) && !s.has(cUp):
			return Down
		}
		return NoDirection
	}
	if w.head >= 0 {
		w.dir = read(w.class)
		return
	}
	for i := w.start; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.paren || t.date || t.cont || t.name || w.val(i) != nil {
			continue
		}
		if t.set.any(setOf(cUp, cDown)) && (t.span > 1 || len(w.str(i)) > 4) && i > w.start {
			w.dir = read(t.set)
			return
		}
	}
}

// marks files placeholders, redactions, questions and vague words.
func (w *wording) marks() {
	for i := range w.vals {
		v := &w.vals[i]
		if v.Redacted {
			w.out.Redacted = true
			w.signalValue(SignalRedacted, v)
		} else if v.Placeholder {
			w.out.Placeholder = true
			w.signalValue(SignalPlaceholder, v)
		}
		if v.Role == RoleBaseline && w.target >= 0 {
			w.signalValue(SignalBaseline, v)
		}
	}
	for _, d := range w.dates {
		if !d.Known() && len(d.Candidates) == 0 {
			w.out.Placeholder = true
			w.out.Signals = append(w.out.Signals, Signal{Name: SignalPlaceholder, Span: d.Span, Text: d.Text})
		}
	}
	last := -1
	for i := range w.toks {
		t := &w.toks[i]
		if t.sign != sNoise && t.sign != sClose {
			last = i
		}
		if t.set.has(cVague) && !t.cont && !t.date && t.val == 0 && !t.set.has(cMagnitude) && !t.name {
			w.out.Vague = append(w.out.Vague, w.text[t.Start:w.toks[i+t.span-1].End])
			w.signal(SignalVague, i, i+t.span)
		}
	}
	if last > 0 && w.sgn(last) == sQuestion {
		w.out.Question = true
		w.signal(SignalQuestion, last, last+1)
	}
}

// judgeTask decides whether the sentence is work, and whether it also says what
// comes of it.
func (w *wording) judgeTask() {
	if w.head < 0 {
		w.countedOutput()
		return
	}
	c := w.class
	task := c.has(cTask) || c.has(cTouch)
	switch {
	case task && !(c.has(cAchieve) && !w.passive):
	case c.has(cSoft) && !c.has(cAchieve):
		task = !w.anyMeasuring() && !w.universalObject() || w.outputObject()
	case c.has(cGeneric) && !c.has(cAchieve):
		task = w.outputObject()
	default:
		task = false
	}
	if !task {
		return
	}
	w.out.Task = true
	t := &w.toks[w.head]
	w.out.TaskVerb = w.text[t.Start:w.toks[w.head+t.span-1].End]
	w.signal(SignalTask, w.head, w.head+t.span)
	if from, to, ok := w.outcome(); ok {
		w.out.Outcome = true
		w.out.OutcomeClause = w.words(from, to)
		w.signal(SignalOutcome, from, to)
		return
	}
	for i := range w.vals {
		v := &w.vals[i]
		if v.Counted && v.Role == RoleTarget && !v.paren {
			v.Role = RoleOutput
			w.out.OutputCount = true
			w.signalValue(SignalOutputCount, v)
			break
		}
	}
}

// countedOutput finds "5 blog posts" without a verb.
func (w *wording) countedOutput() {
	v := w.val(w.start)
	if v == nil || !v.Counted || v.Placeholder || v.zero || v.Bound != Exactly || v.Number >= 1000 || len(w.vals) > 1 && w.others() {
		return
	}
	i := w.tokenAt(v.Noun.End) - 1
	for i >= 0 && w.toks[i].cont {
		i--
	}
	if i < 0 || !w.toks[i].set.has(cOutputNoun) || w.toks[i].set.any(setOf(cOutcomeNoun, cMetric)) {
		return
	}
	// A clause that follows may say what came of it: "3 posts rank in the top 10".
	for j := i + w.toks[i].span; j < len(w.toks); j++ {
		if w.toks[j].set.any(verbClasses) && !w.toks[j].set.any(setOf(cTask, cGeneric)) || w.toks[j].set.any(setOf(cLink, cWith, cBe)) {
			return
		}
	}
	v.Role = RoleOutput
	w.out.OutputCount = true
	w.signalValue(SignalOutputCount, v)
}

func (w *wording) others() bool {
	for i := 1; i < len(w.vals); i++ {
		if v := &w.vals[i]; v.Role != RoleWindow && v.Role != RolePer && v.Role != RoleScope {
			return true
		}
	}
	return false
}

func (w *wording) tokenAt(end int) int {
	for i := range w.toks {
		if w.toks[i].Start >= end {
			return i
		}
	}
	return len(w.toks)
}

// anyMeasuring: some value is more than a window or a denominator.
func (w *wording) anyMeasuring() bool {
	for i := range w.vals {
		if v := &w.vals[i]; v.Role != RolePer && !v.weak && (v.Role != RoleWindow || !v.cue.has(cOf)) {
			return true
		}
	}
	return false
}

// universalObject: "resolve all P1 tickets".
func (w *wording) universalObject() bool {
	n := w.head + w.toks[w.head].span
	return w.has(n, cUniversal)
}

// outputObject: the object of the verb is a thing that work turns out.
func (w *wording) outputObject() bool {
	from := w.head + w.toks[w.head].span
	if w.code() == "de" && w.head > w.start {
		from = w.start
	}
	for i, n := from, 0; i < len(w.toks) && n < 8; i, n = i+1, n+1 {
		t := &w.toks[i]
		if v := w.val(i); v != nil {
			if v.Unit != "" && !v.Counted || v.Placeholder && !v.Counted {
				return false
			}
			continue
		}
		if t.name {
			return false // the SOC 2 report
		}
		if t.cont || t.Kind != Word {
			if t.sign == sComma || t.sign == sSemi || t.sign == sStop {
				return false
			}
			continue
		}
		if t.set.has(cOutputNoun) && !t.set.any(setOf(cOutcomeNoun, cMetric)) {
			n := i + t.span
			if n < len(w.toks) && (w.toks[n].set.has(cDone) || w.unknownParticiple(n)) && !w.toks[n].set.has(cTask) {
				return false // approved by customers
			}
			if n < len(w.toks) && w.toks[n].set.has(cOutputNoun) { // podcast episodes
				continue
			}
			return n >= len(w.toks) || !w.toks[n].set.any(setOf(cOutcomeNoun, cMetric)) || w.toks[n].set.any(setOf(cPreposition))
		}
		if t.set.any(setOf(cPreposition, cLink, cWith)) && !t.set.has(cDeterminer) {
			return false
		}
	}
	return false
}

var goalVerbs = setOf(cUp, cDown, cChange, cAchieve, cKeep)

// outcome finds what a task is said to bring about: a share, a sum, a span, a
// bound, a from-to, or a number or condition in a clause that a link opens.
func (w *wording) outcome() (from, to int, ok bool) {
	for i := range w.vals {
		v := &w.vals[i]
		if v.Role == RolePer || v.Role == RoleWindow && !(v.Bound != Exactly) || v.weak {
			continue
		}
		if v.Placeholder && v.Unit == "" && v.first < w.head {
			continue
		}
		link, has := w.linkBefore(v)
		switch {
		case has:
			return link, w.clauseEnd(v.last), true
		case v.Relative, v.Role == RoleBaseline, v.arrow, v.zero:
			return w.phraseStart(v), w.clauseEnd(v.last), true
		case v.Unit != "" && !v.Counted && !(v.Role == RoleWindow) && v.Unit != "times":
			return w.phraseStart(v), w.clauseEnd(v.last), true
		case v.Bound != Exactly && v.Bound != About && !w.direct(v):
			return w.phraseStart(v), w.clauseEnd(v.last), true
		case v.Counted && w.countsOutcome(v):
			return v.first, w.clauseEnd(v.last), true
		}
	}
	// "with all indicators normal", "with no open findings".
	for i := w.start; i+1 < len(w.toks); i++ {
		t := &w.toks[i]
		if t.set.has(cWith) && !t.cont && (w.has(i+t.span, cUniversal) || w.has(i+t.span, cZero)) {
			return i, w.clauseEnd(i + 1), true
		}
	}
	return 0, 0, false
}

// linkBefore finds a link, or a second verb that is no task, between the main
// verb and the value.
func (w *wording) linkBefore(v *Value) (int, bool) {
	from := w.head + w.toks[w.head].span
	if w.head > v.first {
		from = w.start
	}
	for i := v.first - 1; i >= from; i-- {
		t := &w.toks[i]
		if t.cont || t.date || t.paren != w.toks[v.first].paren {
			continue
		}
		if w.toks[i].val > 0 && t.Kind == Digits && v.Counted && i < v.first-3 && !t.set.any(setOf(cLink)) {
			continue
		}
		if t.set.any(setOf(cTask, cTouch)) && t.set.has(cBase) && !t.set.any(goalVerbs) && !t.set.any(nounKnown) && !t.set.has(cMetric) {
			return 0, false
		}
		if t.set.any(goalVerbs) && (t.set.has(cBase) || t.set.has(cDone)) && !(i > from && w.val(i) == nil && w.has(i-1, cDeterminer)) && (w.code() != "de" || i > w.head) {
			return i, true
		}
		if t.set.has(cLink) && !(t.set.any(cueClasses) && i == v.cueAt) && !(t.set.has(cUntil)) && !t.set.has(cDeterminer) && (t.span > 1 || w.val(i) == nil) {
			return i, true
		}
		if t.set.has(cWith) && v.Counted && w.talks(v, from, i) {
			return 0, false
		}
		if t.set.has(cWith) && v.Unit != "" && (v.cueAt == i || i < v.first) && !w.outputNoun(v) {
			return i, true
		}
	}
	return 0, false
}

// talks: "interviews with 15 customers" are held with them, not won by it;
// "a webinar with 500 attendees" is.
func (w *wording) talks(v *Value, from, to int) bool {
	for i := v.last; i < len(w.toks) && w.toks[i].End <= v.Noun.End; i++ {
		if w.toks[i].set.has(cAttendance) {
			return false
		}
	}
	for i := from; i < to; i++ {
		if w.toks[i].set.has(cOutputNoun) && !w.toks[i].set.any(setOf(cOutcomeNoun, cMetric)) {
			return true
		}
	}
	return false
}

func (w *wording) outputNoun(v *Value) bool {
	if !v.Counted {
		return false
	}
	for i := v.last; i < len(w.toks) && w.toks[i].End <= v.Noun.End; i++ {
		if w.toks[i].set.has(cOutputNoun) && !w.toks[i].set.has(cOutcomeNoun) {
			return true
		}
	}
	return false
}

// direct: the value is the verb's own object (publish at least 5 posts).
func (w *wording) direct(v *Value) bool {
	if w.head > v.first {
		return v.cue.empty()
	}
	for i := w.head + w.toks[w.head].span; i < v.first; i++ {
		t := &w.toks[i]
		if t.cont || t.Kind == Symbol || t.set.any(boundClasses) || t.set.any(setOf(cDeterminer, cAdverb, cAbout)) {
			continue
		}
		return false
	}
	return true
}

// countsOutcome: what is counted is an effect (50 leads), unless the work is to
// talk to them.
func (w *wording) countsOutcome(v *Value) bool {
	if w.class.has(cTouch) || !v.cue.empty() && !v.cue.has(cTo) && !v.cue.has(cOf) {
		return false
	}
	if p := v.first - 1; p >= 0 && w.toks[p].set.has(cPreposition) && !w.toks[p].set.any(setOf(cTo, cOf)) && !w.toks[p].set.any(boundClasses) {
		return false
	}
	// The head noun decides: customer interviews are interviews.
	head := -1
	for i := v.last; i < len(w.toks) && w.toks[i].Start < v.Noun.End; i++ {
		if w.toks[i].End <= v.Noun.End && !w.toks[i].cont && w.text[w.toks[i].Start:w.toks[i+w.toks[i].span-1].End] != "" {
			t := &w.toks[i]
			if equalLower(w.text[t.Start:w.toks[i+t.span-1].End], v.Unit) {
				head = i
			}
		}
	}
	return head >= 0 && w.toks[head].set.has(cOutcomeNoun)
}

func equalLower(s, lower string) bool {
	return len(s) == len(lower) && (s == lower || equalFold(s, lower))
}

func (w *wording) phraseStart(v *Value) int {
	if v.cueAt >= 0 {
		return v.cueAt
	}
	return v.first
}

// clauseEnd is the token at which the clause around i ends.
func (w *wording) clauseEnd(i int) int {
	for ; i < len(w.toks); i++ {
		if s := w.toks[i].sign; s == sSemi || s == sStop && !w.joined(i+1) {
			return i
		}
	}
	return len(w.toks)
}

// judgeState decides what a sentence without a number is: a state, an outcome
// that is there or not, a metric's bare name.
func (w *wording) judgeState() {
	o := &w.out
	o.Decidable = o.Measurable
	if o.Task || o.Question {
		o.Decidable = o.Measurable || len(o.Vague) == 0
		return
	}
	if o.Measurable || w.start >= len(w.toks) {
		if w.head < 0 && w.hasBe() {
			o.State = true
		}
		return
	}
	clear := len(o.Vague) == 0 && !w.anyWord(cTargetWord) && (w.dir == NoDirection || w.dir == Keep)
	switch {
	case w.head >= 0 && w.class.has(cAchieve) && w.lang > 0:
		if clear && w.specificObject() {
			o.Decidable = true
		}
	case w.head >= 0 && w.class.has(cBecome) && w.lang > 0:
		o.Decidable = clear && w.head+w.toks[w.head].span < len(w.toks)
	case w.head >= 0 && w.class.has(cEnsure):
		n := w.head + w.toks[w.head].span
		o.Decidable = clear && (w.has(n, cUniversal) || w.has(n, cZero) || w.has(n+1, cUniversal))
	case w.head >= 0 && w.class.has(cSoft):
		o.Decidable = clear && w.universalObject()
	case w.head >= 0 && w.class.has(cGeneric) && w.lang > 0:
		n := w.head + w.toks[w.head].span
		o.Decidable = clear && n < len(w.toks) && (w.toks[n].set.has(cDone) && w.hasName() || w.has(n, cDeterminer) && !w.has(n, cNew) && w.nameInObject())
		if w.class.has(cGeneric) && n < len(w.toks) && w.unknownParticiple(n) {
			o.Decidable = clear
		}
	case w.head < 0 && w.hasBe():
		o.State = true
		o.Decidable = clear
		w.signal(SignalState, w.start, w.clauseEnd(w.start))
	case w.head < 0 && w.anyWord(cUniversal) && w.lang > 0:
		o.State = true
		o.Decidable = clear
		w.signal(SignalState, w.start, w.clauseEnd(w.start))
	case w.head < 0 && w.lang > 0:
		if w.anyWord(cMetric) || w.anyWord(cLower) {
			o.BareMetric = true
			w.signal(SignalBareMetric, w.start, w.clauseEnd(w.start))
		}
	}
}

// unknownParticiple: "get featured by …".
func (w *wording) unknownParticiple(i int) bool {
	t := w.str(i)
	return w.code() == "en" && len(t) > 4 && t[len(t)-2:] == "ed" && i+1 < len(w.toks) && w.toks[i+1].set.any(setOf(cPreposition))
}

// hasBe: a finite "is", "are", "has" after a subject.
func (w *wording) hasBe() bool {
	for i := w.start + 1; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.set.has(cBe) && !t.paren && !t.cont && !t.set.has(cDeterminer) {
			if i+1 < len(w.toks) && w.toks[i+1].set.any(setOf(cUp, cDown, cChange)) {
				return false // sales are up: by how much?
			}
			return !w.has(w.start, cBe)
		}
		if t.set.has(cLink) {
			return false
		}
	}
	return false
}

// specificObject: the verb's object is one definite thing: "a Series A round",
// "ISO certification", "featured by …"; not a bare plural or a metric.
func (w *wording) specificObject() bool {
	n := w.head + w.toks[w.head].span
	if n >= len(w.toks) && w.code() != "de" || w.anyWord(cMetric) || w.anyWord(cLower) {
		return false
	}
	if w.nameInObject() || w.code() == "de" && w.has(w.start, cDeterminer) && !w.has(w.start, cNew) {
		return true
	}
	return w.has(n, cDeterminer) && !w.has(n, cNew) || w.hasName()
}

// nameInObject: what the verb is about is a name with digits: ISO 27001.
func (w *wording) nameInObject() bool {
	for i := w.start; i < len(w.toks); i++ {
		if w.toks[i].name && !w.toks[i].paren {
			return true
		}
	}
	return false
}

// hasName: a capital inside the sentence.
func (w *wording) hasName() bool {
	for i := w.head + 1; i < len(w.toks); i++ {
		t := &w.toks[i]
		if t.Kind == Word && !t.date && w.text[t.Start] >= 'A' && w.text[t.Start] <= 'Z' && w.code() != "de" {
			return true
		}
	}
	return false
}

// goals counts goals: verbs that open a clause after "and", a comma or a
// semicolon, and numbers that stand side by side with units of their own.
func (w *wording) goals() int {
	if w.start >= len(w.toks) {
		return 0
	}
	n := 1
	for i := w.start + 1; i+1 < len(w.toks); i++ {
		t := &w.toks[i]
		sep := t.set.has(cAnd) && !t.cont || t.sign == sSemi || t.sign == sComma || t.sign == sPlus && !w.joined(i)
		if !sep || t.paren {
			continue
		}
		j := i + t.span
		for j < len(w.toks) && j < i+8 && (w.toks[j].sign == sNoise || w.has(j, cAnd) || w.toks[j].set.has(cLeadIn) && !w.toks[j].set.any(verbClasses)) {
			j++
		}
		if j >= len(w.toks) || w.toks[j].date || w.toks[j].paren {
			continue
		}
		u := &w.toks[j]
		v := w.val(j)
		switch {
		case u.set.any(verbClasses) && u.set.has(cBase) && !u.set.any(nounKnown) && !w.isNounHere(j):
			n++
		case v != nil && v.Role != RoleBaseline && v.Role != RoleTarget && v.Role != RoleWindow && v.Role != RolePer && !v.cue.has(cBetween) && w.betweenRange(j):
			n++
		case t.sign == sSemi && w.valueAfter(j):
			n++
		}
	}
	return n
}

func (w *wording) betweenRange(j int) bool {
	for i := range w.vals {
		if w.vals[i].IsRange && w.vals[i].cue.has(cBetween) && w.vals[i].last < j {
			return false
		}
	}
	return true
}

func (w *wording) valueAfter(j int) bool {
	for ; j < len(w.toks) && w.toks[j].sign != sSemi; j++ {
		if w.toks[j].val > 0 {
			return true
		}
	}
	return false
}
