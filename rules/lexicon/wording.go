package lexicon

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
	// LangJudged is false where there are words that the lexicon does not know the
	// language of: then numbers and shape alone were judged.
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
	yesNo    bool // the canonical form of a yes or no
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
	w.out.LangJudged = w.lang > 0 || len(w.toks) > 0 && !w.foreignWords()
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
	if w.yesNo && !w.out.Question && w.start < len(w.toks) {
		w.out.Decidable = true
		m = nil
	}
	if m == nil && w.out.Decidable {
		m = &Measure{Kind: YesNo, Metric: w.words(w.start, len(w.toks)), Due: w.due()}
	}
	w.out.Why = w.why()
	return w.out, m
}

// foreignWords: some word is of no list, so that the sentence may say more than its
// numbers do.
func (w *wording) foreignWords() bool {
	for i := range w.toks {
		t := &w.toks[i]
		if t.Kind == Word && t.val == 0 && !t.date && !t.name && !t.cont && (t.entry == nil || t.entry.at(0) == nil || t.set.has(cForeign)) {
			return true
		}
	}
	return false
}

// anyPlainWord: something besides numbers and dates is said.
func (w *wording) anyPlainWord() bool {
	for i := w.start; i < len(w.toks); i++ {
		if t := &w.toks[i]; t.Kind == Word && t.val == 0 && !t.date && !t.paren && !t.set.any(setOf(cUntil, cDuring)) {
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

func (w *wording) val(i int) *Value {
	if i < 0 || i >= len(w.toks) || w.toks[i].val == 0 {
		return nil
	}
	return &w.vals[w.toks[i].val-1]
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
		if t.sign != sNoise && t.sign != sClose && !t.paren {
			last = i
		}
		// "Lower parts cost from 38 to 29 EUR": the number says what the verb
		// means.
		directed := i == w.head && w.target >= 0 && (t.set.has(cUp) || t.set.has(cDown))
		if t.set.has(cVague) && !directed && !t.cont && !t.date && t.val == 0 && !t.set.has(cMagnitude) && !t.name {
			w.out.Vague = append(w.out.Vague, w.text[t.Start:w.toks[i+t.span-1].End])
			w.signal(SignalVague, i, i+t.span)
		}
	}
	if last > 0 && w.sgn(last) == sQuestion {
		w.out.Question = true
		w.signal(SignalQuestion, last, last+1)
	}
}

func (w *wording) tokenAt(end int) int {
	for i := range w.toks {
		if w.toks[i].Start >= end {
			return i
		}
	}
	return len(w.toks)
}
