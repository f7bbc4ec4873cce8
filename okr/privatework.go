package okr

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr/measure"
)

// machinery says of a decision that it is taken whoever may see its subjects: time
// passes and people come and go.
func (v Verb) machinery() bool {
	switch v {
	case VerbSettle, VerbNotify, VerbSyncPeople:
		return true
	}
	return false
}

// hide finds what of a decision's rows its actor may not see. A row that was asked
// for by id and is hidden is not found.
func (w *work) hide(ctx context.Context, s *Snapshot, need Need) error {
	w.by = newSight()
	if w.intent.Verb.machinery() || !s.maybePrivate() {
		return nil
	}
	private, err := w.privateIn(ctx, s)
	if err != nil {
		return err
	}
	if err := w.ask(ctx, w.unit, w.by, private); err != nil || w.by.clear() {
		return err
	}
	if err := w.by.resolve(ctx, w.unit, w.id, s); err != nil {
		return err
	}
	left := *s
	left.hideItems(w.by)
	if w.intent.Verb == VerbMeasure {
		return nil // a KPI's readings reach whatever it measures; what is not for the actor to see is not told
	}
	for _, r := range need.Refs {
		if w.by.hides(r) || r.Kind.IsItem() && s.hasItem(r) && !left.hasItem(r) {
			return &NotFoundError{r}
		}
	}
	return nil
}

// privateIn are the private objectives that the snapshot holds or is concerned with.
func (w *work) privateIn(ctx context.Context, s *Snapshot) ([]ID, error) {
	if !s.maybePrivate() {
		return nil, nil
	}
	var private []ID
	consider := func(o *Objective) {
		if o != nil && o.Private && !slices.Contains(private, o.ID) {
			private = append(private, o.ID)
		}
	}
	for i := range s.Objectives {
		consider(&s.Objectives[i])
	}
	subjects := s.subjects()
	for _, x := range s.Comments {
		if x.Subject.Kind != KindDecision {
			continue
		}
		found, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{x.Subject}})
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, found.subjects()...)
	}
	for _, r := range subjects {
		o, err := w.objectiveOf(ctx, s, r)
		if err != nil {
			return nil, err
		}
		consider(o)
	}
	return private, nil
}

// objectiveOf is the objective that a row is, or belongs to, nil for other rows and
// for those that are gone.
func (w *work) objectiveOf(ctx context.Context, s *Snapshot, r Ref) (*Objective, error) {
	find := func(s *Snapshot) *Objective {
		switch r.Kind {
		case KindObjective:
			return s.Objective(r.ID)
		case KindKeyResult:
			if k := s.KeyResult(r.ID); k != nil {
				return s.Objective(k.Objective)
			}
		}
		return nil
	}
	if r.ID == "" || r.Kind != KindObjective && r.Kind != KindKeyResult {
		return nil, nil
	}
	if o := find(s); o != nil {
		return o, nil
	}
	found, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{r}})
	if asNotFound(err, new(*NotFoundError)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return find(found), nil
}

// conceal takes out of what a decision answers what its actor may not see.
func (d *Decision) conceal(by *sight, s *Snapshot) {
	if by.clear() {
		return
	}
	d.Subjects = without(d.Subjects, func(o Outcome) bool { return by.hides(o.Ref) })
	d.Events = without(d.Events, func(e Event) bool { return by.hides(e.Aggregate) })
	d.Audience = without(d.Audience, func(e Event) bool { return by.hides(e.Aggregate) })
	d.Findings = by.findings(d.Findings, s)
}

// seen is a decision that was taken before, perhaps by somebody else, as the actor
// may see it. What rules said of it names things as they were called then, so that
// nobody can tell any more which names are private: who may not see everything gets
// it only if they took the decision.
func (w *work) seen(ctx context.Context, d Decision) (Decision, error) {
	private, err := w.privates(ctx, w.unit)
	if err != nil {
		return Decision{}, err
	}
	by := newSight()
	if err := w.ask(ctx, w.unit, by, private); err != nil {
		return Decision{}, err
	}
	if by.clear() {
		return d, nil
	}
	if !slices.ContainsFunc(d.Events, func(e Event) bool { return e.Actor == w.actor }) {
		d.Findings = nil
	}
	hidden, need := &Snapshot{}, Need{}
	if slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.Subject.Kind == KindCheckIn }) {
		need.CheckIns = collect
	}
	for page := range slices.Chunk(slices.Sorted(maps.Keys(by.objectives)), maxPage) {
		need.Refs = nil
		for _, id := range page {
			need.Refs = append(need.Refs, Ref{KindObjective, id})
		}
		s, err := w.unit.Load(ctx, w.id, need)
		if err != nil {
			return Decision{}, err
		}
		hidden.Objectives = append(hidden.Objectives, s.Objectives...)
		hidden.KeyResults = append(hidden.KeyResults, s.KeyResults...)
		hidden.CheckIns = append(hidden.CheckIns, s.CheckIns...)
	}
	d.conceal(by, hidden)
	return d, nil
}

// redacted stands where a title was that one may not see.
const redacted = "(private)"

// findings are those about what the actor may see, without the titles of what they
// may not see.
func (by *sight) findings(fs []Finding, s *Snapshot) []Finding {
	if by.clear() {
		return fs
	}
	return by.untitled(without(fs, by.hidden(s)), s)
}

// untitled are the findings without the titles of what one may not see.
func (by *sight) untitled(fs []Finding, s *Snapshot) []Finding {
	var titles []string
	for _, o := range s.Objectives {
		if by.objectives[o.ID] {
			titles = append(titles, o.Title, redacted)
		}
	}
	for _, k := range s.KeyResults {
		if by.keyResults[k.ID] {
			titles = append(titles, k.Title, redacted)
		}
	}
	clean := strings.NewReplacer(titles...)
	var out []Finding
	for _, f := range fs {
		f.Message, f.Fix = clean.Replace(f.Message), clean.Replace(f.Fix)
		f.Evidence = slices.Clone(f.Evidence)
		for i := range f.Evidence {
			f.Evidence[i].Value = clean.Replace(f.Evidence[i].Value)
		}
		out = append(out, f)
	}
	return out
}

// private says whether an event of the aggregate tells of something private. What
// cannot be told is.
func (w *work) private(aggregate Ref) bool {
	if s, ok := w.concerned[aggregate]; ok {
		aggregate = s
	}
	switch aggregate.Kind {
	case KindObjective:
		o := w.after.Objective(aggregate.ID)
		return o == nil || o.Private
	case KindKeyResult:
		k := w.after.KeyResult(aggregate.ID)
		if k == nil {
			return true
		}
		o := w.after.Objective(k.Objective)
		return o == nil || o.Private
	}
	return false
}

// titled is an event that says nothing, with the title of what it is about.
func titled(e Event, title string) (Event, error) {
	var fields map[string]any
	if err := json.Unmarshal(e.Data, &fields); err != nil {
		return e, err
	}
	fields["title"] = title
	data, err := canonical(fields)
	e.Data = data
	return e, err
}

// anonymous is a payload as it may travel where everybody hears it: it says what
// happened to what, and not how it is called nor how it stands.
func anonymous(payload any) any {
	v := reflect.New(reflect.TypeOf(payload)).Elem()
	v.Set(reflect.ValueOf(payload))
	blank(v)
	return v.Interface()
}

func blank(v reflect.Value) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f, field := v.Field(i), v.Type().Field(i)
		switch {
		case field.Anonymous || field.Name == "Was":
			blank(f)
		case field.Name == "Private":
			f.SetBool(true)
		case field.Name == "Title" || field.Name == "Unit" || field.Name == "Name":
			f.SetString("")
		case field.Type == reflect.TypeFor[measure.Number]() || field.Type == reflect.TypeFor[measure.Status]() ||
			field.Type == reflect.TypeFor[measure.Grade]() || f.Kind() == reflect.Float64:
			f.SetZero()
		}
	}
}
