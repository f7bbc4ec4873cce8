package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// Packs are the packs that the host opened: a *rules.Live, or [Fixed].
type Packs interface {
	// Set is the newest good set.
	Set() *rules.Set
}

// Fixed is a set that never changes.
func Fixed(s *rules.Set) Packs { return fixed{s} }

type fixed struct{ set *rules.Set }

func (f fixed) Set() *rules.Set { return f.set }

// ErrNoText says that a pack is in force which the judge has never seen and
// whose text was not loaded.
var ErrNoText = errors.New("audit: the text of a pack in force is missing")

// Judge implements [okr.Judge] with rule packs. It is safe for concurrent use.
type Judge struct {
	packs Packs
	cache *cache
	words *reader
	zones zones

	demand *rules.Demand // of packs that come into force; nil: none
}

var (
	_ okr.Judge      = (*Judge)(nil)
	_ okr.PackReader = (*Judge)(nil)
)

// New makes a judge. What a tenant is judged by are the packs that are in force
// for it; the host's packs are what a new tenant starts with, and the ones that
// are compiled already.
func New(p Packs, opts ...Option) *Judge {
	return &Judge{packs: p, cache: newCache(), words: newReader(opts), demand: optionsOf(opts).demand}
}

// Starter lists the host's packs with their texts, by name.
func (j *Judge) Starter() []okr.Pack {
	infos := j.packs.Set().Packs()
	out := make([]okr.Pack, len(infos))
	for i, p := range infos {
		out[i] = okr.Pack{Name: p.Name, Version: p.Version, Digest: bareDigest(p.Digest), Text: p.Text}
	}
	slices.SortFunc(out, func(a, b okr.Pack) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// ReadPack implements [okr.PackReader]: a text is a pack if it compiles, by itself or,
// if it extends others, with them: that is for [Judge.CheckPacks] to say. The error
// lists all that is wrong, each with its line.
func (j *Judge) ReadPack(text string) (okr.Pack, error) {
	parsed, err := rules.Parse("pack.yaml", []byte(text))
	if err != nil {
		return okr.Pack{}, err
	}
	if len(parsed.Info().Extends) == 0 {
		if _, err := rules.Compile(j.packs.Set().Env(), parsed); err != nil {
			return okr.Pack{}, err
		}
	}
	info := parsed.Info()
	return okr.Pack{Name: info.Name, Version: info.Version, Digest: bareDigest(info.Digest), Text: text}, nil
}

// Needs says what must be loaded to judge the intent. For packs that are not
// compiled yet it asks for the text and, once, for everything that a rule can
// read.
func (j *Judge) Needs(packs []okr.Pack, in okr.Intent) okr.Collections {
	units, missing := j.cache.known(j.packs.Set(), packs)
	var c okr.Collections
	for _, on := range judgedKinds(in) {
		for _, u := range units {
			if in.Verb == okr.VerbAppraise {
				c = c.Union(u.figures[on])
			} else {
				c = c.Union(u.needs[on])
			}
		}
	}
	if len(missing) > 0 {
		c = c.Union(everything)
		c.PackTexts = missing
	}
	return c
}

// Judge runs the packs in force over the subjects of the intent and what
// surrounds them.
//
// What a rule in gate mode comes to decides whether it holds the decision back:
//
//	              fail     unknown  error
//	activate      refused  refused  on_error
//	change        refused  refused  on_error   of what is active, and only where it held before
//	check-in      refused  –        on_error   only by gates on check-ins
//	all others    –        –        –
//
// Activation is a promise, and whoever gives it can supply the fact that a gate asks
// for: were not knowing a pass, leaving the fact out would open the gate. A check-in
// tells what is; it is not turned away because something else is not known. A rule
// that breaks holds nothing back unless it says on_error: reject. Mending one thing
// is not held back by another. [okr.Verdict.Refused] and [okr.Finding.Gate] agree:
// a refusal lists all that holds back.
func (j *Judge) Judge(ctx context.Context, p okr.Proposal) (okr.Verdict, error) {
	if p.After == nil {
		return okr.Verdict{}, errors.New("audit: there is no snapshot to judge")
	}
	units, broken, err := j.cache.force(j.packs.Set(), p.After.Packs)
	if err != nil {
		return okr.Verdict{}, err
	}
	r := &run{units: units, opt: rules.Options{Now: p.Now, Brief: true}, w: see(p.After, p.Measured, p.Now, &j.zones), verb: p.Verb}
	if p.Before != p.After {
		r.w.before = p.Before
	}
	r.v.Findings = slices.Clone(broken)
	for i := range r.v.Findings {
		f := &r.v.Findings[i]
		f.Subject = okr.Ref{Kind: okr.KindTenant, ID: okr.ID(p.After.Tenant)}
		r.hold(subject{on: onTenant}, f)
	}
	if err := r.all(ctx, r.w.subjects(p.Intent)); err != nil {
		return okr.Verdict{}, err
	}
	if p.Verb == okr.VerbChange && r.v.Refused {
		if err := r.forgive(ctx, p, &j.zones); err != nil {
			return okr.Verdict{}, err
		}
	}
	r.v.Findings = sorted(r.v.Findings)
	slices.SortFunc(r.v.Look, func(a, b okr.Look) int {
		return cmp.Or(okr.CompareRefs(a.Subject, b.Subject), a.At.Compare(b.At))
	})
	r.v.Look = slices.Compact(r.v.Look) // a key result and its source ask for the same
	return r.v, nil
}

// run is one judgement.
type run struct {
	units []*unit
	opt   rules.Options
	w     *world
	verb  okr.Verb
	v     okr.Verdict
	vars  map[string]any // of the subject that is being judged
}

// load makes the variables of a subject ready. The engine keeps none of them.
func (r *run) load(s subject) {
	if r.vars == nil {
		r.vars = make(map[string]any, 4)
	}
	clear(r.vars)
	s.row.into(r.vars)
}

// judge runs the rules on a subject.
func (r *run) judge(ctx context.Context, s subject) error {
	timed := false
	r.load(s)
	for _, u := range r.units {
		timed = timed || u.timed[s.on]
		if !u.set.Judges(s.on) {
			continue
		}
		results, err := u.set.Evaluate(ctx, s.on, r.vars, r.opt)
		if err != nil {
			return fmt.Errorf("audit: %s: %w", s.ref, err)
		}
		for _, res := range results {
			if f, ok := finding(res, s); ok {
				r.hold(s, &f)
				r.v.Findings = append(r.v.Findings, f)
			}
		}
	}
	if timed {
		r.look(s)
	}
	return nil
}

// appraise asks for the score and the status of a key result or an objective.
// Where a pack cannot tell, they are unknown: silence is never green.
func (r *run) appraise(ctx context.Context, s subject) error {
	if s.on != onKeyResult && s.on != onObjective {
		return nil
	}
	scored, stated := false, false
	r.load(s)
	for _, u := range r.units {
		if !scored && u.scores[s.on] {
			got, ok, err := u.set.Score(ctx, s.on, r.vars, r.opt)
			if err != nil {
				return fmt.Errorf("audit: %s: %w", s.ref, err)
			}
			if scored = ok; ok {
				j := okr.Judged{Rule: got.ID, Pack: got.Pack, Digest: bareDigest(got.Digest)}
				if got.Outcome == rules.OutcomePass {
					j.Score = measure.N(got.Score)
				}
				r.broke(s, got.Verdict)
				if r.v.Scores == nil {
					r.v.Scores = map[okr.ID]okr.Judged{}
				}
				r.v.Scores[s.ref.ID] = j
			}
		}
		if !stated && u.statuses[s.on] {
			got, ok, err := u.set.Status(ctx, s.on, r.vars, r.opt)
			if err != nil {
				return fmt.Errorf("audit: %s: %w", s.ref, err)
			}
			if stated = ok; ok {
				st := measure.Unknown
				if got.Outcome == rules.OutcomePass {
					st = measure.Status(got.Status)
				}
				r.broke(s, got.Verdict)
				if r.v.Statuses == nil {
					r.v.Statuses, r.v.Rulings = map[okr.ID]measure.Status{}, map[okr.ID]measure.Ruling{}
				}
				r.v.Statuses[s.ref.ID] = st
				r.v.Rulings[s.ref.ID] = measure.Ruling{Status: st, Rule: got.ID, Pack: got.Pack + "@" + got.Version, Digest: bareDigest(got.Digest)}
			}
		}
	}
	return nil
}

// broke reports a score or a status that could not be computed because it is
// broken. That a fact is not known is no fault and shows as unknown.
func (r *run) broke(s subject, v rules.Verdict) {
	if v.Outcome != rules.OutcomeError {
		return
	}
	r.v.Findings = append(r.v.Findings, okr.Finding{
		Rule: v.ID, Pack: v.Pack, Version: v.Version, Digest: bareDigest(v.Digest), Severity: okr.SeverityError,
		Outcome: okr.OutcomeError, Subject: s.ref, Title: s.title, Message: fmt.Sprint(v.Err),
	})
}

// hold lets a gate's finding hold the decision back, or says that it does not. Where
// nothing can be refused the gate stays what it is.
func (r *run) hold(s subject, f *okr.Finding) {
	if !f.Gate {
		return
	}
	switch r.verb {
	case okr.VerbActivate:
	case okr.VerbChange:
		f.Gate = s.state == okr.Active
	case okr.VerbCheckIn:
		f.Gate = s.on == onCheckIn && f.Outcome != okr.OutcomeUnknown
	default:
		return
	}
	r.v.Refused = r.v.Refused || f.Gate
}

// forgive lets a change pass where a gate had failed before it already.
func (r *run) forgive(ctx context.Context, p okr.Proposal, z *zones) error {
	old := &run{units: r.units, opt: r.opt, w: see(p.Before, p.Before.Measure(p.Now), p.Now, z), verb: p.Verb}
	for _, s := range old.w.subjects(p.Intent) {
		if s.state != okr.Active {
			continue
		}
		if err := old.judge(ctx, s); err != nil {
			return err
		}
	}
	type failing struct {
		pack, rule string
		subject    okr.Ref
		cycle      okr.ID
	}
	before := map[failing]bool{}
	for _, f := range old.v.Findings {
		if f.Gate {
			before[failing{f.Pack, f.Rule, f.Subject, f.Cycle}] = true
		}
	}
	states := map[okr.Ref]okr.State{}
	for _, s := range r.w.subjects(p.Intent) {
		states[s.ref] = s.state
	}
	r.v.Refused = false
	for i := range r.v.Findings {
		f := &r.v.Findings[i]
		if !f.Gate {
			continue
		}
		if states[f.Subject] != okr.Active || before[failing{f.Pack, f.Rule, f.Subject, f.Cycle}] {
			f.Gate = false // it holds nothing back here
			continue
		}
		r.v.Refused = true
	}
	return nil
}

// ofWords says whether all that is not known is what a title says: in a language
// whose words are known, that is never so.
func ofWords(unknown []string) bool {
	for _, u := range unknown {
		if !strings.HasSuffix(u, "()") {
			return false
		}
	}
	return len(unknown) > 0
}

// finding is what a result has to say, if anything: passes and skips are silent.
func finding(res rules.Result, s subject) (okr.Finding, bool) {
	if res.Outcome == rules.OutcomePass || res.Outcome == rules.OutcomeSkip {
		return okr.Finding{}, false
	}
	f := okr.Finding{
		Rule: res.Rule, Pack: res.Pack, Version: res.Version, Digest: bareDigest(res.Digest),
		Severity: string(res.Severity), Outcome: string(res.Outcome),
		Gate:    res.Mode == rules.Gate && (res.Outcome != rules.OutcomeError || res.OnError == rules.Reject),
		Subject: s.ref, Cycle: s.within(), Title: s.title, Message: res.Message, Fix: res.Fix, Help: res.Help, Unknown: res.Unknown,
	}
	switch res.Outcome {
	case rules.OutcomeUnknown:
		f.Message = fmt.Sprintf("the rule %s cannot be decided: %s", res.Rule, notKnown(res.Unknown))
		if ofWords(res.Unknown) {
			f.Message = fmt.Sprintf("“%s” has no number, and words of a language that is not known here: the rule %s cannot be decided", s.title, res.Rule)
		}
	case rules.OutcomeError:
		f.Message = fmt.Sprintf("the rule %s is broken: %s", res.Rule, res.Message)
	}
	for _, e := range res.Evidence {
		f.Evidence = append(f.Evidence, okr.Evidence{Name: e.Name, Value: rules.Format(e.Value)})
	}
	return f, true
}

func notKnown(facts []string) string {
	switch len(facts) {
	case 0:
		return "a fact is not known"
	case 1:
		return facts[0] + " is not known"
	}
	return strings.Join(facts, ", ") + " are not known"
}

var severityRank = map[string]int{okr.SeverityError: 0, okr.SeverityWarning: 1, okr.SeverityInfo: 2}

// compareFindings orders by subject, then gravest first, then by pack and rule.
func compareFindings(a, b *okr.Finding) int {
	return cmp.Or(okr.CompareRefs(a.Subject, b.Subject), cmp.Compare(severityRank[a.Severity], severityRank[b.Severity]),
		cmp.Compare(a.Pack, b.Pack), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Cycle, b.Cycle), cmp.Compare(a.Message, b.Message))
}

// look says when a subject must be judged again because time alone changes a
// fact that a rule in force reads: when its reading grows stale, or its source late
// or dead. A source and a check-in are looked at with their key result. That a day
// begins needs no asking: the desk judges every cycle anew at its midnights.
func (r *run) look(s subject) {
	c, k := s.cycle, s.keyResult
	if s.state != okr.Active || c == nil || !c.isDated() || c.phase == okr.Closed || k == nil {
		return
	}
	var at time.Time
	sooner := func(t time.Time) {
		if t = t.Add(time.Microsecond); t.After(r.w.now) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	if k.row.CurrentAt != nil {
		sooner(k.row.CurrentAt.Add(k.freshFor()))
	}
	if live, dead, ok := k.source.limits(); ok {
		sooner(live)
		sooner(dead)
	}
	if !at.IsZero() {
		r.v.Look = append(r.v.Look, okr.Look{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.row.ID}, At: at.UTC()})
	}
}
