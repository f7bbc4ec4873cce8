package audit

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// Part is a part of a company that is judged at once, such as a cycle.
type Part struct {
	// Snapshot holds all that rules may read of the part, as [okr.View.Snapshot]
	// gives it.
	Snapshot *okr.Snapshot
	// Cycle is what is compared of it, without what surrounds it; "" is everything.
	Cycle okr.ID
	// At says where rows stand in the files that they come from. It is nil for rows
	// that come from a desk; of those, the words of private objectives are withheld.
	At map[okr.Ref]okr.Position
}

// Parts lists parts for [Judge.Diff].
func Parts(all ...Part) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Difference is what one collection of packs judges otherwise than another. Its
// JSON names are a contract. Lists are by place, and of one subject by rule.
type Difference struct {
	Summary  DifferenceSummary `json:"summary"`
	Rules    []RuleChange      `json:"rules"`    // what is written otherwise
	Findings []FindingChange   `json:"findings"` // what appears, vanishes or changes
	Verdicts []VerdictChange   `json:"verdicts"` // key results that are ready, weak or not ready otherwise
	Statuses []StatusChange    `json:"statuses"` // what moves
	Scores   []ScoreChange     `json:"scores"`   // what moves
	Gates    []GateChange      `json:"gates"`    // what would be refused now, and what no longer; see [Judge.DryRun]
	Messages []Message         `json:"messages"` // what people would be told because of it
	Unsent   []Message         `json:"unsent"`   // what they would not be told any more
	Before   []PackRef         `json:"before"`   // packs
	After    []PackRef         `json:"after"`    // packs
	At       time.Time         `json:"at"`       // UTC instant

	// What would be announced because of it, and what would not be any more: see
	// [Judge.DryRun]. Whom that is told to is not for this package to say: who knows
	// puts it into Messages and Unsent with [Difference.Tell].
	// Their findings are what the events tell of.
	Announced, Unannounced okr.Decision `json:"-"`

	People map[okr.ID]string `json:"-"` // names, of a dry run
}

// Message is what one person would be told.
type Message struct {
	To    string `json:"to"`   // the person's id
	Name  string `json:"name"` // the person's
	Kind  string `json:"kind"`
	Title string `json:"title"`
}

// Tell sets what people would be told because of it, and what they would not be told
// any more.
func (d *Difference) Tell(messages, unsent []Message) {
	d.Messages, d.Unsent = messages, unsent
	d.Summary.Messages, d.Summary.Unsent = len(messages), len(unsent)
}

// RuleChange is one part of a pack that is written otherwise.
type RuleChange struct {
	Pack   string `json:"pack"`
	What   string `json:"what"` // pack, param, rule, score, status
	ID     string `json:"id,omitempty"`
	Kind   string `json:"kind"` // added, removed, changed
	Field  string `json:"field,omitempty"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	line   string
}

// Line says it in one line: "acme: rule owner-present: check: a → b".
func (c RuleChange) Line() string { return c.line }

// What becomes of a finding.
const (
	Appears  = "appears"
	Vanishes = "vanishes"
	Changes  = "changes" // its severity, its outcome, what it says, whether it holds back, whether it is waived
)

// FindingChange is a finding that appears, vanishes or changes.
type FindingChange struct {
	Kind    string  `json:"kind"` // appears, vanishes, changes
	Rule    string  `json:"rule"`
	Pack    string  `json:"pack"`
	Subject Subject `json:"subject"`
	Cycle   string  `json:"cycle,omitempty"` // of a team or a person: the cycle's id
	Before  *Found  `json:"before"`          // nil: it appears
	After   *Found  `json:"after"`           // nil: it vanishes
}

// Found is what a finding said.
type Found struct {
	Severity string  `json:"severity"`
	Outcome  string  `json:"outcome"`
	Gate     bool    `json:"gate,omitempty"`
	Message  string  `json:"message"`
	Waived   *Waived `json:"waived,omitempty"`
}

// VerdictChange is a key result of which a worksheet would say something else.
type VerdictChange struct {
	Subject Subject `json:"subject"`
	Before  string  `json:"before"` // ready, weak, not_ready
	After   string  `json:"after"`
}

// StatusChange is a key result or an objective whose status moves.
type StatusChange struct {
	Subject Subject        `json:"subject"`
	Before  measure.Status `json:"before"`
	After   measure.Status `json:"after"`
}

// ScoreChange is a key result or an objective whose score moves. A score that is
// unknown, or that no rule gives, is null.
type ScoreChange struct {
	Subject Subject        `json:"subject"`
	Before  measure.Number `json:"before"`
	After   measure.Number `json:"after"`
	By      measure.Number `json:"by"`             // After less Before, unknown if either is
	Rule    string         `json:"rule,omitempty"` // that gives the score after, with its pack: "acme/capped"
}

// DifferenceSummary counts.
type DifferenceSummary struct {
	Rules       int           `json:"rules"`
	Appear      int           `json:"appear"` // findings
	Vanish      int           `json:"vanish"` // findings
	Change      int           `json:"change"` // findings
	Verdicts    int           `json:"verdicts"`
	Statuses    int           `json:"statuses"`
	Scores      int           `json:"scores"`
	Refused     int           `json:"refused"`  // decisions that would be refused now
	Let         int           `json:"let"`      // decisions that would be refused no longer
	Messages    int           `json:"messages"` // that would be sent
	Unsent      int           `json:"unsent"`   // messages that would not be sent any more
	StatusMoves []StatusMoves `json:"status_moves"`
	ScoreMoves  []ScoreChange `json:"score_moves"` // the largest, at most five
	KeyResults  int           `json:"key_results"` // judged by both
	Objectives  int           `json:"objectives"`  // judged by both
	Withheld    int           `json:"withheld"`    // of what is listed, that it is about something private: what it says is not told
}

// StatusMoves counts those that move from one status to another.
type StatusMoves struct {
	Before measure.Status `json:"before"`
	After  measure.Status `json:"after"`
	N      int            `json:"n"`
}

// Same says that nothing would change at all.
func (d *Difference) Same() bool {
	return len(d.Rules)+len(d.Findings)+len(d.Statuses)+len(d.Scores)+len(d.Gates)+len(d.Announced.Events)+len(d.Unannounced.Events) == 0
}

// Diff judges each part at the instant by the packs before and by those after, each
// of them all that would be in force, with their texts, and says what comes out
// otherwise. It costs two judgements of each part and keeps one part at a time. The
// error is the first of the parts', or one of [Judge.Judge].
func (j *Judge) Diff(ctx context.Context, before, after []okr.Pack, now time.Time, parts iter.Seq2[Part, error]) (Difference, error) {
	before, after = byName(before), byName(after)
	d := Difference{Before: packRefs(before), After: packRefs(after), At: now.UTC()}
	for _, c := range rules.Diff(infos(before), infos(after)) {
		d.Rules = append(d.Rules, RuleChange{c.Pack, c.What, c.ID, string(c.Kind), c.Field, c.Before, c.After, c.String()})
	}
	seen := map[foundKey]bool{}
	for p, err := range parts {
		if err != nil {
			return Difference{}, err
		}
		if err := j.compare(ctx, &d, before, after, p, seen); err != nil {
			return Difference{}, err
		}
	}
	d.finish()
	return d, nil
}

func packRefs(packs []okr.Pack) []PackRef {
	out := []PackRef{}
	for _, p := range packs {
		out = append(out, PackRef{p.Name, p.Version, bareDigest(p.Digest)})
	}
	return out
}

// byName are packs in the order in which they are in force.
func byName(packs []okr.Pack) []okr.Pack {
	return slices.SortedFunc(slices.Values(packs), func(a, b okr.Pack) int { return cmp.Compare(a.Name, b.Name) })
}

// infos is what is written in the packs, with what they set in one another, as far as
// it can be read.
func infos(packs []okr.Pack) []rules.PackInfo {
	var parsed []*rules.Pack
	for _, p := range packs {
		if x, err := rules.Parse(p.Name+".yaml", []byte(p.Text)); err == nil {
			parsed = append(parsed, x)
		}
	}
	if laid, _, err := rules.Resolve(parsed...); err == nil {
		parsed = laid
	}
	var out []rules.PackInfo
	for _, p := range parsed {
		out = append(out, p.Info())
	}
	return out
}

// finish brings the lists in order and counts.
func (d *Difference) finish() {
	slices.SortFunc(d.Findings, func(a, b FindingChange) int {
		return cmp.Or(comparePlaces(a.Subject, b.Subject), cmp.Compare(a.Pack, b.Pack), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Cycle, b.Cycle))
	})
	slices.SortFunc(d.Verdicts, func(a, b VerdictChange) int { return comparePlaces(a.Subject, b.Subject) })
	slices.SortFunc(d.Statuses, func(a, b StatusChange) int { return comparePlaces(a.Subject, b.Subject) })
	slices.SortFunc(d.Scores, func(a, b ScoreChange) int { return comparePlaces(a.Subject, b.Subject) })
	s := &d.Summary
	s.Rules, s.Verdicts, s.Statuses, s.Scores = len(d.Rules), len(d.Verdicts), len(d.Statuses), len(d.Scores)
	s.Appear, s.Vanish, s.Change, s.Refused, s.Let = 0, 0, 0, 0, 0
	for _, f := range d.Findings {
		switch f.Kind {
		case Appears:
			s.Appear++
		case Vanishes:
			s.Vanish++
		default:
			s.Change++
		}
	}
	for _, g := range d.Gates {
		switch {
		case len(g.Before) == 0:
			s.Refused++
		case len(g.After) == 0:
			s.Let++
		}
	}
	s.Withheld = d.withheld()
	type move struct{ before, after measure.Status }
	moves := map[move]int{}
	for _, m := range d.Statuses {
		moves[move{m.Before, m.After}]++
	}
	s.StatusMoves = []StatusMoves{}
	for m, n := range moves {
		s.StatusMoves = append(s.StatusMoves, StatusMoves{m.before, m.after, n})
	}
	slices.SortFunc(s.StatusMoves, func(a, b StatusMoves) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After))
	})
	s.ScoreMoves = []ScoreChange{}
	for _, m := range d.Scores {
		if m.By.Known() {
			s.ScoreMoves = append(s.ScoreMoves, m)
		}
	}
	size := func(m ScoreChange) float64 { return max(m.By.Or(0), -m.By.Or(0)) }
	slices.SortStableFunc(s.ScoreMoves, func(a, b ScoreChange) int { return cmp.Compare(size(b), size(a)) })
	s.ScoreMoves = s.ScoreMoves[:min(len(s.ScoreMoves), mostMoves)]
}

// withheld counts the rows that are about something private.
func (d *Difference) withheld() int {
	n := 0
	count := func(s Subject) {
		if s.Private {
			n++
		}
	}
	for _, f := range d.Findings {
		count(f.Subject)
	}
	for _, v := range d.Verdicts {
		count(v.Subject)
	}
	for _, m := range d.Statuses {
		count(m.Subject)
	}
	for _, m := range d.Scores {
		count(m.Subject)
	}
	for _, g := range d.Gates {
		count(g.Subject)
	}
	return n
}

// mostMoves is how many of the largest moves a summary tells.
const mostMoves = 5

// judged is a part as some packs judge it.
type judged struct {
	okr.Verdict
	measured map[okr.ID]measure.Result
}

func (j *Judge) by(ctx context.Context, packs []okr.Pack, s *okr.Snapshot, measured map[okr.ID]measure.Result, now time.Time) (judged, error) {
	of := *s
	of.Packs = packs
	measured = maps.Clone(measured)
	v, err := j.Judge(ctx, okr.Proposal{Intent: okr.Intent{Verb: okr.VerbView}, Before: &of, After: &of, Measured: measured, Now: now})
	if err != nil {
		return judged{}, err
	}
	v.Decide(measured, &of, now)
	v.Waive(&of, now)
	return judged{v, measured}, nil
}

func (j *Judge) compare(ctx context.Context, d *Difference, before, after []okr.Pack, of Part, seen map[foundKey]bool) error {
	s := of.Snapshot.Clone()
	s.Sort()
	if of.At != nil {
		j.people(s)
	}
	measured := s.Measure(d.At)
	old, err := j.by(ctx, before, s, measured, d.At)
	if err != nil {
		return err
	}
	is, err := j.by(ctx, after, s, measured, d.At)
	if err != nil {
		return err
	}
	p := newPart(of, s, &places{at: of.At, w: see(s, measured, d.At, &j.zones)})
	if of.At == nil {
		// People who may not see everything read it.
		if open := s.Open(d.At); open != s {
			measured := open.Measure(d.At)
			for _, side := range []struct {
				packs []okr.Pack
				into  *judged
			}{{before, &old}, {after, &is}} {
				said, err := j.by(ctx, side.packs, open, measured, d.At)
				if err != nil {
					return err
				}
				secret := slices.DeleteFunc(side.into.Findings, func(f okr.Finding) bool { return !p.private(f.Subject) })
				side.into.Findings = append(said.Findings, secret...)
			}
		}
	}
	p.findings(d, old.Findings, is.Findings, seen)
	p.figures(d, old, is)
	p.verdicts(d, old.Findings, is.Findings)
	return nil
}

// part is a part that is compared.
type part struct {
	Part
	snapshot *okr.Snapshot
	places   *places
	told     map[okr.ID]okr.ID // key result by check-in
}

func newPart(of Part, s *okr.Snapshot, at *places) *part {
	p := &part{Part: of, snapshot: s, places: at, told: make(map[okr.ID]okr.ID, len(s.CheckIns))}
	for i := range s.CheckIns {
		p.told[s.CheckIns[i].ID] = s.CheckIns[i].KeyResult
	}
	return p
}

// keyResult is the key result that a finding is about, or "".
func (p *part) keyResult(r okr.Ref) okr.ID {
	switch r.Kind {
	case okr.KindKeyResult, okr.KindSource:
		return r.ID
	case okr.KindCheckIn:
		return p.told[r.ID]
	}
	return ""
}

// holds says whether a finding is about the part itself, and not its surroundings.
func (p *part) holds(f okr.Finding) bool {
	if p.Cycle == "" {
		return true
	}
	if id := p.keyResult(f.Subject); id != "" {
		k := p.snapshot.KeyResult(id)
		return k != nil && k.Cycle == p.Cycle
	}
	switch f.Subject.Kind {
	case okr.KindObjective:
		o := p.snapshot.Objective(f.Subject.ID)
		return o != nil && o.Cycle == p.Cycle
	case okr.KindCycle:
		return f.Subject.ID == p.Cycle
	case okr.KindTenant:
		return true
	}
	return f.Cycle == p.Cycle
}

// private says whether the words of a subject are not for everybody.
func (p *part) private(r okr.Ref) bool {
	if p.At != nil {
		return false
	}
	of := r.ID
	if id := p.keyResult(r); id != "" {
		k := p.snapshot.KeyResult(id)
		if k == nil {
			return true
		}
		of = k.Objective
	} else if r.Kind != okr.KindObjective {
		return false
	}
	o := p.snapshot.Objective(of)
	return o == nil || o.Private
}

func (p *part) subject(r okr.Ref, title string) Subject {
	if p.private(r) {
		return Subject{Kind: string(r.Kind), ID: string(r.ID), Private: true}
	}
	s := Subject{Kind: string(r.Kind), ID: string(r.ID), Title: title}
	if len(p.At) > 0 {
		at := p.places.of(r)
		s.File, s.Line = at.File, at.Line
	}
	return s
}

// foundKey is what makes a finding the same before and after.
type foundKey struct {
	pack, rule string
	subject    okr.Ref
	cycle      okr.ID
	nth        int // of those of one rule about one subject: a rule speaks once, a broken score may too
}

func keyed(fs []okr.Finding) ([]foundKey, map[foundKey]okr.Finding) {
	keys := make([]foundKey, 0, len(fs))
	by := make(map[foundKey]okr.Finding, len(fs))
	for _, f := range fs {
		k := foundKey{pack: f.Pack, rule: f.Rule, subject: f.Subject, cycle: f.Cycle}
		for {
			if _, taken := by[k]; !taken {
				break
			}
			k.nth++
		}
		by[k] = f
		keys = append(keys, k)
	}
	return keys, by
}

func (p *part) findings(d *Difference, before, after []okr.Finding, seen map[foundKey]bool) {
	wasKeys, was := keyed(before)
	isKeys, is := keyed(after)
	add := func(k foundKey, kind string, f okr.Finding, before, after *Found) {
		if seen[k] {
			return
		}
		seen[k] = true
		d.Findings = append(d.Findings, FindingChange{
			Kind: kind, Rule: k.rule, Pack: k.pack, Subject: p.subject(f.Subject, f.Title), Cycle: string(k.cycle), Before: before, After: after,
		})
	}
	for _, k := range isKeys {
		f := is[k]
		if !p.holds(f) {
			continue
		}
		now := p.found(f)
		old, had := was[k]
		if !had {
			add(k, Appears, f, nil, &now)
			continue
		}
		if then := p.found(old); !then.same(now) {
			add(k, Changes, f, &then, &now)
		}
	}
	for _, k := range wasKeys {
		f := was[k]
		if _, still := is[k]; still || !p.holds(f) {
			continue
		}
		then := p.found(f)
		add(k, Vanishes, f, &then, nil)
	}
}

func (p *part) found(f okr.Finding) Found {
	out := Found{Severity: f.Severity, Outcome: f.Outcome, Gate: f.Gate, Message: f.Message}
	if by := f.Waived; by != nil {
		out.Waived = &Waived{By: string(by.Owner), Until: by.Until}
		if who := p.snapshot.Person(by.Owner); who != nil {
			out.Waived.By = who.Name
		}
	}
	if p.private(f.Subject) {
		out.Message = ""
	}
	return out
}

func (f Found) same(o Found) bool {
	waived := func(w *Waived) string {
		if w == nil {
			return ""
		}
		until := ""
		if w.Until != nil {
			until = w.Until.UTC().Format(time.RFC3339Nano)
		}
		return w.By + "\x00" + until
	}
	return f.Severity == o.Severity && f.Outcome == o.Outcome && f.Gate == o.Gate && f.Message == o.Message &&
		(f.Waived == nil) == (o.Waived == nil) && waived(f.Waived) == waived(o.Waived)
}

// figures compares what is computed of each key result and objective. What is closed
// is as it was closed, whoever judges.
func (p *part) figures(d *Difference, was, is judged) {
	one := func(r okr.Ref, title string, cycle okr.ID, ended bool) {
		if p.Cycle != "" && cycle != p.Cycle {
			return
		}
		if r.Kind == okr.KindKeyResult {
			d.Summary.KeyResults++
		} else {
			d.Summary.Objectives++
		}
		if b, a := was.measured[r.ID].Status, is.measured[r.ID].Status; b != a {
			d.Statuses = append(d.Statuses, StatusChange{p.subject(r, title), b, a})
		}
		if ended {
			return
		}
		b, a := was.Scores[r.ID], is.Scores[r.ID]
		if b.Score.Equal(a.Score) {
			return
		}
		c := ScoreChange{Subject: p.subject(r, title), Before: b.Score, After: a.Score}
		if from, ok := b.Score.Value(); ok {
			if to, ok := a.Score.Value(); ok {
				c.By = measure.N(to - from)
			}
		}
		if a.Rule != "" {
			c.Rule = a.Pack + "/" + a.Rule
		}
		d.Scores = append(d.Scores, c)
	}
	for i := range p.snapshot.Objectives {
		o := &p.snapshot.Objectives[i]
		one(okr.Ref{Kind: okr.KindObjective, ID: o.ID}, o.Title, o.Cycle, o.Ending != nil)
	}
	for i := range p.snapshot.KeyResults {
		k := &p.snapshot.KeyResults[i]
		one(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, k.Title, k.Cycle, k.Ending != nil)
	}
}

// verdicts compares the verdicts on key results, as a worksheet has them.
func (p *part) verdicts(d *Difference, before, after []okr.Finding) {
	by := func(fs []okr.Finding) map[okr.ID]string {
		out := map[okr.ID]string{}
		for _, f := range fs {
			if id := p.keyResult(f.Subject); id != "" && f.Waived == nil {
				out[id] = worseVerdict(cmp.Or(out[id], VerdictReady), f.Severity, f.Outcome, f.Gate)
			}
		}
		return out
	}
	was, is := by(before), by(after)
	for i := range p.snapshot.KeyResults {
		k := &p.snapshot.KeyResults[i]
		b, a := cmp.Or(was[k.ID], VerdictReady), cmp.Or(is[k.ID], VerdictReady)
		if b == a || k.State == okr.Abandoned || p.Cycle != "" && k.Cycle != p.Cycle {
			continue
		}
		d.Verdicts = append(d.Verdicts, VerdictChange{p.subject(okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, k.Title), b, a})
	}
}
