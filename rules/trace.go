package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Trace is how an answer came about: the texts that were evaluated, all that they
// read of the subject, and what came of it. It holds no Go value of the host, so it
// can be kept as JSON; [Set.Replay] comes to the same answer from it alone.
type Trace struct {
	// Subject is the kind of subject, Now the instant that `now` stood for.
	Subject string    `json:"subject"`
	Now     time.Time `json:"now"`
	// Of says what was asked for.
	Of TraceOf `json:"of"`
	// Pack, Version, Digest and Rule name what answered: its expressions as its
	// author wrote them, and the pack's parameters.
	Pack    string      `json:"pack"`
	Version string      `json:"version"`
	Digest  string      `json:"digest"`
	Rule    RuleInfo    `json:"rule"`
	Params  []ParamInfo `json:"params,omitempty"`
	// Before are the scores or statuses that were asked before the one that
	// answered, and did not apply: their ids.
	Before []string `json:"before,omitempty"`
	// Reads are the facts that were read, in the order in which they were.
	Reads []Read `json:"reads"`
	// Outcome and what goes with it, as in [Result] and [Verdict]. It is skip where
	// no score or no status applies; Digest and Rule are empty then.
	Outcome  Outcome  `json:"outcome"`
	Score    *float64 `json:"score,omitempty"`
	Status   string   `json:"status,omitempty"`
	Message  string   `json:"message,omitempty"`
	Unknown  []string `json:"unknown,omitempty"`
	Evidence []Shown  `json:"evidence,omitempty"`
}

// Shown is one named value as a person reads it: see [Format].
type Shown struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// TraceOf says what a [Trace] is of.
type TraceOf string

// What can be traced.
const (
	TraceOfRule   TraceOf = "rule"
	TraceOfScore  TraceOf = "score"
	TraceOfStatus TraceOf = "status"
)

// Read is one fact that was read.
type Read struct {
	// Path says where, from a variable of the subject on:
	// "order.items[2].price".
	Path string `json:"path"`
	// Fact is its name in the schema, "item.price"; "" for a variable.
	Fact string    `json:"fact,omitempty"`
	Kind FieldKind `json:"kind"`
	// Known says whether there was a value.
	Known bool `json:"known"`
	// Value is a bool, int64, float64, string, time.Time or time.Duration; for a
	// list of objects their number; for an object nil; for a list of scalars a
	// []any.
	Value any `json:"value,omitempty"`
	// Source names the record that the fact rests on, where [Field.Source] says so.
	Source string `json:"source,omitempty"`
	// Broken says why the value could not be used: it broke its declaration.
	Broken string `json:"broken,omitempty"`
}

// MarshalText writes the kind as [FieldKind.String] gives it.
func (k FieldKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (k *FieldKind) UnmarshalText(text []byte) error {
	for kind, name := range kindNames {
		if name == string(text) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("rules: %q is no kind of fact", text)
}

// MarshalJSON writes spans of time as text, since a JSON number would lose some.
func (r Read) MarshalJSON() ([]byte, error) {
	type plain Read
	if d, ok := r.Value.(time.Duration); ok {
		r.Value = d.String()
	}
	return json.Marshal(plain(r))
}

// UnmarshalJSON gives the value the type that its kind asks for.
func (r *Read) UnmarshalJSON(b []byte) error {
	type plain Read
	if err := json.Unmarshal(b, (*plain)(r)); err != nil {
		return err
	}
	if !r.Known || r.Broken != "" || r.Value == nil {
		return nil
	}
	v := r.Value
	whole := func(v any) any {
		if f, ok := v.(float64); ok && f == float64(int64(f)) {
			return int64(f)
		}
		return v
	}
	switch r.Kind {
	case Object:
		return fmt.Errorf("rules: %s is an object, and has a value", r.Path)
	case List:
		r.Value = whole(v)
		return nil
	case Int:
		v = whole(v)
	}
	var err error
	r.Value, err = normalScalar(r.Kind, v, r.Path)
	return err
}

// ErrTrace says that a trace cannot be replayed: its rule is not in the set, or its
// reads do not fit the schema.
var ErrTrace = errors.New("rules: the trace does not fit the set")

// TraceRule evaluates one rule of a pack on a subject, as [Set.Evaluate] does, and
// says how its result came about. The error is [ErrTrace] if there is no such rule.
func (s *Set) TraceRule(ctx context.Context, subject, pack, id string, vars map[string]any, o Options) (Trace, error) {
	alone, r, err := s.only(subject, pack, id)
	if err != nil {
		return Trace{}, err
	}
	log := &readLog{}
	o.Brief = false
	results, err := alone.Evaluate(ctx, subject, log.watch(r.sub.subject, vars), o)
	if err != nil {
		return Trace{}, err
	}
	got := results[0]
	t := Trace{Subject: subject, Now: o.Now.UTC(), Of: TraceOfRule, Outcome: got.Outcome, Message: got.Message, Unknown: got.Unknown, Evidence: shown(got.Evidence)}
	t.by(r.rule)
	t.Reads = log.reads
	return t, nil
}

type ruleOf struct {
	sub  *subjectSet
	rule *rule
}

// only is a set of one rule.
func (s *Set) only(subject, pack, id string) (*Set, ruleOf, error) {
	sub, ok := s.subjects.on(subject)
	if !ok {
		return nil, ruleOf{}, fmt.Errorf("%w: %q", ErrSubject, subject)
	}
	i := slices.IndexFunc(sub.rules, func(r *rule) bool { return r.pack.Name == pack && r.text.id == id })
	if i < 0 {
		return nil, ruleOf{}, fmt.Errorf("%w: pack %s has no rule %s on %s", ErrTrace, pack, id, subject)
	}
	own := &subjectSet{subject: sub.subject, mostVars: sub.mostVars, uses: sub.uses, rules: sub.rules[i : i+1]}
	return &Set{env: s.env, subjects: subjectSets{own}}, ruleOf{sub, sub.rules[i]}, nil
}

// TraceScore asks the scores on a subject, as [Set.Score] does, and says how the
// number came about.
func (s *Set) TraceScore(ctx context.Context, subject string, vars map[string]any, o Options) (Trace, error) {
	log := &readLog{}
	sub, ok := s.subjects.on(subject)
	if !ok {
		return Trace{}, fmt.Errorf("%w: %q", ErrSubject, subject)
	}
	got, applies, err := s.Score(ctx, subject, log.watch(sub.subject, vars), o)
	if err != nil {
		return Trace{}, err
	}
	t := s.verdictTrace(TraceOfScore, sub.scores, got.Verdict, applies)
	if applies && got.Outcome == OutcomePass {
		t.Score = &got.Score
	}
	t.Subject, t.Now, t.Reads = subject, o.Now.UTC(), log.reads
	return t, nil
}

// TraceStatus asks the statuses on a subject, as [Set.Status] does, and says how
// the word came about.
func (s *Set) TraceStatus(ctx context.Context, subject string, vars map[string]any, o Options) (Trace, error) {
	log := &readLog{}
	sub, ok := s.subjects.on(subject)
	if !ok {
		return Trace{}, fmt.Errorf("%w: %q", ErrSubject, subject)
	}
	got, applies, err := s.Status(ctx, subject, log.watch(sub.subject, vars), o)
	if err != nil {
		return Trace{}, err
	}
	t := s.verdictTrace(TraceOfStatus, sub.statuses, got.Verdict, applies)
	t.Status = got.Status
	t.Subject, t.Now, t.Reads = subject, o.Now.UTC(), log.reads
	return t, nil
}

func (s *Set) verdictTrace(of TraceOf, asked []*rule, v Verdict, applies bool) Trace {
	t := Trace{Of: of, Outcome: OutcomeSkip}
	for _, r := range asked {
		if applies && r.text.id == v.ID && r.pack.Name == v.Pack {
			t.by(r)
			t.Outcome, t.Unknown, t.Evidence = v.Outcome, v.Unknown, shown(v.Evidence)
			if v.Err != nil {
				t.Message = oneLine(v.Err.Error(), s.env.limits.MessageChars)
			}
			break
		}
		t.Before = append(t.Before, r.text.id)
	}
	return t
}

// by names the rule that answered.
func (t *Trace) by(r *rule) {
	t.Pack, t.Version, t.Digest = r.base.Pack, r.base.Version, r.base.Digest
	t.Rule, t.Params = r.text.info(), r.pack.Params
}

func shown(evidence []Evidence) []Shown {
	var out []Shown
	for _, e := range evidence {
		out = append(out, Shown{e.Name, Format(e.Value)})
	}
	return out
}

// Replay evaluates the same rule, scores or statuses again, on what the trace lists
// as read and on nothing else. A fact that is asked for and not listed breaks the
// expression. The set must hold the pack of the very digest, otherwise the error is
// [ErrTrace].
func (s *Set) Replay(ctx context.Context, t Trace) (Trace, error) {
	sub, ok := s.subjects.on(t.Subject)
	if !ok {
		return Trace{}, fmt.Errorf("%w: there is no subject %q", ErrTrace, t.Subject)
	}
	vars, err := s.env.rebuild(sub.subject, t.Reads)
	if err != nil {
		return Trace{}, err
	}
	o := Options{Now: t.Now}
	var again Trace
	switch t.Of {
	case TraceOfRule:
		again, err = s.TraceRule(ctx, t.Subject, t.Pack, t.Rule.ID, vars, o)
	case TraceOfScore:
		again, err = s.TraceScore(ctx, t.Subject, vars, o)
	case TraceOfStatus:
		again, err = s.TraceStatus(ctx, t.Subject, vars, o)
	default:
		err = fmt.Errorf("%w: it is of %q", ErrTrace, t.Of)
	}
	if err != nil {
		return Trace{}, err
	}
	if again.Digest != t.Digest {
		return Trace{}, fmt.Errorf("%w: it was judged by %s %s (%s), here is %s %s (%s)", ErrTrace, t.Pack, t.Version, t.Digest, again.Pack, again.Version, again.Digest)
	}
	for i := range again.Reads {
		again.Reads[i].Source = sourceOf(t.Reads, again.Reads[i].Path)
	}
	return again, nil
}

func sourceOf(reads []Read, path string) string {
	for _, r := range reads {
		if r.Path == path {
			return r.Source
		}
	}
	return ""
}

// readLog gathers what is read.
type readLog struct{ reads []Read }

// watched is an object whose reads are logged: a Go value of the host, data, or
// what a trace lists.
type watched struct {
	of   any
	path string
	log  *readLog
	seen map[string]any // by fact
}

// watch puts the objects among the variables under watch.
func (l *readLog) watch(sub *subject, vars map[string]any) map[string]any {
	out := make(map[string]any, len(vars))
	for _, v := range sub.vars {
		if v.name == "now" {
			continue
		}
		val, given := vars[v.name]
		r := Read{Path: v.name, Kind: v.kind, Known: given}
		switch {
		case v.kind == Object && plainObject(val):
			out[v.name] = &watched{of: val, path: v.name, log: l}
		case v.kind == Object:
			r.Known = false
			out[v.name] = Unknown
		default:
			out[v.name] = val
			r.set(v.field.adapt(val))
		}
		l.reads = append(l.reads, r)
	}
	return out
}

// set takes over what a scalar, or a list of scalars, was read as.
func (r *Read) set(v any) {
	switch v := v.(type) {
	case *types.Unknown:
		r.Known = false
	case *types.Err:
		r.Broken = v.Error()
	case ref.Val:
		r.Value = native(v)
		if t, ok := r.Value.(time.Time); ok {
			r.Value = t.UTC()
		}
	}
}

// read reads a fact as [field.read] does, and logs it the first time.
func (w *watched) read(f *field) any {
	if v, ok := w.seen[f.Name]; ok {
		return v
	}
	r := Read{Path: w.path + "." + f.Name, Fact: f.path, Kind: f.Kind, Known: true}
	v := f.read(w.of)
	list, isList := v.(traits.Lister)
	val, isVal := v.(ref.Val)
	switch {
	case isList && f.of != nil:
		n := int(list.Size().(types.Int))
		items := make([]ref.Val, n)
		for i := range items {
			items[i] = object{&watched{of: bare(list.Get(types.Int(i))), path: fmt.Sprintf("%s[%d]", r.Path, i), log: w.log}}
		}
		r.Value, v = int64(n), types.NewRefValList(adapter{}, items)
	case isVal:
		r.set(val)
	default:
		v = &watched{of: v, path: r.Path, log: w.log}
	}
	switch w.of.(type) {
	case *replayed, *record: // data rests on no record of the host
	default:
		if f.Source != nil && r.Known {
			r.Source = f.Source(w.of)
		}
	}
	if w.seen == nil {
		w.seen = map[string]any{}
	}
	w.seen[f.Name] = v
	w.log.reads = append(w.log.reads, r)
	return v
}
