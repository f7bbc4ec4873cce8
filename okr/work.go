package okr

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// work is one decision in the making.
type work struct {
	Tenant
	unit    Unit
	now     time.Time
	intent  Intent
	before  *Snapshot
	after   *Snapshot
	changes Changes
	events  []Event
	told    []any         // what each of changes.Entries was told of
	next    map[Ref]int64 // sequence number that each aggregate has reached
	extra   []Finding     // what the desk itself has to say
	verdict Verdict       // what the rules said, for what is written after
	reason  string        // given for a change of packs
	out     Decision
	along   []Decision // decisions taken within this one
	places  map[Ref]place

	by        *sight      // what its actor may not see
	concerned map[Ref]Ref // what items concern

	stood  map[Ref][]Standing  // of the subjects touched, as they now are
	moved  map[standingKey]int // where each changed one stands in changes.Standings
	others map[ID]*Person      // beside those of the snapshot, who were looked up
	looks  map[Ref]bool        // what changes.Look names
	then   []func(map[ID]measure.Result) error
}

type place struct {
	key string
	at  Position
}

// run authorises the decision, and recalls it by its key, or makes, judges and
// writes it.
func (w *work) run(ctx context.Context, key string, content any, f func(context.Context, *work) error) (Decision, error) {
	if err := w.allow(ctx, w.intent); err != nil {
		return Decision{}, err
	}
	var hash string
	if key != "" {
		b, err := canonical(struct {
			Verb    Verb `json:"verb"`
			Content any  `json:"content"`
		}{w.intent.Verb, content})
		if err != nil {
			return Decision{}, invalid("content", err.Error(), "it cannot be written as JSON, so no key can stand for it: give it without, or mend it")
		}
		sum := sha256.Sum256(b)
		hash = hex.EncodeToString(sum[:])
		old, err := w.unit.Recall(ctx, w.id, key)
		if err != nil {
			return Decision{}, err
		}
		if old != nil {
			d, err := repeated(old, key, hash)
			if err != nil {
				return Decision{}, err
			}
			return w.seen(ctx, d)
		}
	}
	if err := f(ctx, w); err != nil {
		return Decision{}, err
	}
	if err := w.judgedAnew(ctx); err != nil {
		return Decision{}, err
	}
	if err := w.finish(ctx); err != nil {
		return Decision{}, err
	}
	w.out.include(w.along)
	if key != "" {
		b, err := canonical(w.out)
		if err != nil {
			return Decision{}, err
		}
		w.changes.Remember = &Remembered{Key: key, Content: hash, Decision: b, At: w.now}
	}
	if w.idle() {
		return w.out, nil
	}
	w.changes.Now = w.now
	if err := w.unit.Write(ctx, w.id, w.changes); err != nil {
		return Decision{}, err
	}
	return w.out, nil
}

func repeated(old *Remembered, key, hash string) (Decision, error) {
	if old.Content != hash {
		return Decision{}, &ConflictError{Ref{"idempotency_key", ID(key)}, "was used before with other content: use a new key for a new decision"}
	}
	var d Decision
	if err := json.Unmarshal(old.Decision, &d); err != nil {
		return Decision{}, fmt.Errorf("okr: the decision kept under key %q cannot be read: %w", key, err)
	}
	d.Repeated = true
	return d, nil
}

func (w *work) idle() bool {
	c := w.changes
	return len(c.Entries) == 0 && len(c.Standings) == 0 && len(c.Settled) == 0 && len(c.Drop) == 0 && len(c.Look) == 0 && c.Remember == nil
}

// allow asks the authorizer.
func (t Tenant) allow(ctx context.Context, in Intent) error {
	if t.desk.authorize == nil {
		return nil
	}
	return t.desk.authorize.Authorize(ctx, t.id, t.actor, in)
}

// load reads what the decision needs; the rules in force say what they need beside
// it. A tenant's first judged write puts the starter packs in force.
func (w *work) load(ctx context.Context, need Need) error {
	need.Lock = need.Lock || w.tx != nil
	s, err := w.desk.read(ctx, w.unit, w.id, w.intent, need)
	if err != nil {
		return err
	}
	s.MinGroup = w.desk.minGroup
	if err := w.hide(ctx, s, need); err != nil {
		return err
	}
	w.before = s
	w.after = s.Clone()
	if w.desk.judge != nil && len(s.Packs) == 0 {
		return w.activateStarter(ctx)
	}
	return nil
}

// read loads a snapshot with what the rules in force need for the intent.
func (d *Desk) read(ctx context.Context, u Unit, id TenantID, in Intent, need Need) (*Snapshot, error) {
	s, err := d.readAll(ctx, u, id, in, need)
	if err == nil && !slices.Contains(need.StandingKinds, standingWaiting) {
		// What waits for a person may be private: no rule reads it.
		s.Standings = without(s.Standings, func(st Standing) bool { return st.Kind == standingWaiting })
	}
	return s, err
}

func (d *Desk) readAll(ctx context.Context, u Unit, id TenantID, in Intent, need Need) (*Snapshot, error) {
	need.Collections = need.Union(Collections{Items: []Kind{KindWaiver}})
	if d.judge == nil {
		s, err := u.Load(ctx, id, need)
		if err != nil {
			return nil, err
		}
		s.Partial, s.asked = s.partial(need), need
		return s, nil
	}
	own := need.Collections
	var packs []Pack
	if guess, ok := d.inForce.Load(id); ok {
		packs = guess.([]Pack)
	} else {
		packs = d.judge.Starter()
	}
	for range 3 {
		want := own.Union(d.judge.Needs(packs, in))
		need.Collections = want
		s, err := u.Load(ctx, id, need)
		if err != nil {
			return nil, err
		}
		if need.Rhythm && !need.Whole && len(need.Refs) > 0 && s.unrhythmic() {
			need.Whole = true
			if s, err = u.Load(ctx, id, need); err != nil {
				return nil, err
			}
		}
		if len(s.Packs) == 0 || samePacks(packs, s.Packs) {
			s.Partial, s.asked = s.partial(need), need
			return s, nil
		}
		packs = s.Packs
		d.inForce.Store(id, withoutText(packs))
	}
	return nil, fmt.Errorf("okr: %w: the packs in force changed while they were read", ErrConflict)
}

func samePacks(a, b []Pack) bool {
	return slices.EqualFunc(a, b, func(x, y Pack) bool { return x.Name == y.Name && x.Digest == y.Digest })
}

func withoutText(packs []Pack) []Pack {
	out := slices.Clone(packs)
	for i := range out {
		out[i].Text = ""
	}
	return out
}

func (w *work) activateStarter(ctx context.Context) error {
	packs := w.desk.judge.Starter()
	if len(packs) == 0 {
		return nil
	}
	if err := w.putInForce(ctx, packs...); err != nil {
		return err
	}
	w.after.Packs = slices.Clone(packs)
	w.after.Sort()
	return nil
}

// expect notes the version that an aggregate has, once.
func (w *work) expect(r Ref, version int64) {
	if w.changes.Expect == nil {
		w.changes.Expect = map[Ref]int64{}
	}
	if _, ok := w.changes.Expect[r]; !ok {
		w.changes.Expect[r] = version
		w.next[r] = version
	}
}

// emit writes an event and its ledger row. state is the entity as it now is; of an
// aggregate itself the ledger keeps the row that the whole decision leaves.
func (w *work) emit(aggregate, entity Ref, eventType string, payload, state any) error {
	data, err := canonical(payload)
	if err != nil {
		return fmt.Errorf("okr: %s: %w", eventType, err)
	}
	w.next[aggregate]++
	e := Event{
		ID: w.desk.newID(), Type: eventType, Tenant: w.id, Aggregate: aggregate, Seq: w.next[aggregate],
		Time: w.now, Actor: w.actor, Data: data,
	}
	kept := e
	if w.private(aggregate) {
		// Who decided may know; everybody hears the bus, and reads the ledger's events.
		if kept.Data, err = canonical(anonymous(payload)); err != nil {
			return fmt.Errorf("okr: %s: %w", eventType, err)
		}
	}
	wire, err := kept.AppendCloudEvent(nil)
	if err != nil {
		return err
	}
	if n, ok := payload.(NoticeFact); ok {
		// The wire carries the message, the ledger a reference that can be erased.
		if n.Title, err = w.word(entity, "title", n.Title); err != nil {
			return err
		}
		if n.Body, err = w.word(entity, "body", n.Body); err != nil {
			return err
		}
		if kept.Data, err = canonical(n); err != nil {
			return err
		}
		state = n
	}
	entry := Entry{Event: kept, Entity: entity, Wire: wire}
	if aggregate != entity {
		if entry.State, err = w.state(entity, state); err != nil {
			return err
		}
	}
	w.changes.Entries = append(w.changes.Entries, entry)
	w.events = append(w.events, e)
	w.told = append(w.told, state)
	if n, ok := payload.(news); ok && len(n.Hears(w.actor)) > 0 {
		w.await(aggregate)
	}
	return nil
}

// state is the entity's canonical JSON with its words by reference.
func (w *work) state(entity Ref, v any) (json.RawMessage, error) {
	v, err := w.spoken(entity, v)
	if err != nil {
		return nil, err
	}
	return canonical(v)
}

// spoken is the entity with its words by reference.
func (w *work) spoken(entity Ref, v any) (any, error) {
	var err error
	v = words(v, func(field string, s *string) {
		if err == nil {
			*s, err = w.word(entity, field, *s)
		}
	})
	return v, err
}

// words is a copy of the entity after word has seen, and may have changed, each
// text in it that is a person's own; what a pointer points to is changed itself. A
// field has the same name every time.
func words(v any, word func(field string, s *string)) any {
	switch x := v.(type) {
	case *Person:
		*x = words(*x, word).(Person)
	case *Objective:
		objectiveWords(x, word)
	case *KeyResult:
		keyResultWords(x, word)
	case *CheckInRecord:
		*x = words(*x, word).(CheckInRecord)
	case *Blocker:
		*x = words(*x, word).(Blocker)
	case Person:
		word("name", &x.Name)
		word("email", &x.Email)
		x.absences(word)
		v = x
	case KeyResult:
		keyResultWords(&x, word)
		v = x
	case changedObjective:
		objectiveWords(&x.Objective, word)
		word("reason", &x.Reason)
		v = x
	case changedPack:
		word("reason", &x.Reason)
		v = x
	case sourceHealth:
		word("error", &x.Error)
		v = x
	case Objective:
		objectiveWords(&x, word)
		v = x
	case CheckInRecord:
		word("note", &x.Note)
		word("author_text", &x.AuthorText)
		x.Adjusted = slices.Clone(x.Adjusted)
		for i := range x.Adjusted {
			word("adjusted."+strconv.Itoa(i), &x.Adjusted[i])
		}
		v = x
	case handedBlocker:
		x.Blocker = words(x.Blocker, word).(Blocker)
		word("reason", &x.Because)
		return x
	case Blocker:
		word("text", &x.Text)
		word("resolution", &x.Resolution)
		v = x
	case item:
		v = x.at(x.reached(), word)
	}
	return v
}

func objectiveWords(o *Objective, word func(string, *string)) {
	word("owner_text", &o.OwnerText)
	word("team_text", &o.TeamText)
	word("description", &o.Description)
	scoreWords(&o.StatedScore, word)
}

// keyResultWords keeps apart what people wrote in their own words, and whom they
// named. Titles are what an OKR is, and travel.
func keyResultWords(k *KeyResult, word func(string, *string)) {
	word("owner_text", &k.OwnerText)
	word("definition", &k.Definition)
	word("rationale", &k.Rationale)
	word("override.reason", &k.Override.Reason)
	scoreWords(&k.StatedScore, word)
	if k.Original != nil {
		o := *k.Original
		word("original.definition", &o.Definition)
		k.Original = &o
	}
	if k.Source == nil {
		return
	}
	s := k.Source.words(word)
	k.Source = &s
}

// words is the source with its words given to a function that may replace them.
func (s Source) words(word func(string, *string)) Source {
	s.Access = slices.Clone(s.Access)
	word("source.where", &s.Where)
	for i := range s.Access {
		word("source.access."+strconv.Itoa(i), &s.Access[i])
	}
	return s
}

// changedKeyResult is a key result as a change left it, with the reason given.
type changedKeyResult struct {
	KeyResult
	Reason string `json:"reason,omitempty"`
}

// changedObjective is an objective as a change left it, with the reason given.
type changedObjective struct {
	Objective
	Reason string `json:"reason,omitempty"`
}

// wordPrefix begins the reference that stands in the ledger for a word.
const wordPrefix = "okr:word:"

// word keeps a text apart and returns the reference that commits to it.
func (w *work) word(entity Ref, field, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	salt := make([]byte, 16)
	if _, err := io.ReadFull(w.desk.random, salt); err != nil {
		return "", fmt.Errorf("okr: no randomness for a salt: %w", err)
	}
	word := Word{ID: w.desk.newID(), Entity: entity, Field: field, Salt: salt, Text: text}
	w.changes.Words = append(w.changes.Words, word)
	return wordPrefix + word.ID + ":" + word.MAC(), nil
}

// MAC is hex HMAC-SHA-256(Salt, Text), what the ledger commits to.
func (w Word) MAC() string {
	mac := hmac.New(sha256.New, w.Salt)
	mac.Write([]byte(w.Text))
	return hex.EncodeToString(mac.Sum(nil))
}

// finish measures, judges, compares with what was announced, and completes the
// changes.
func (w *work) finish(ctx context.Context) error {
	w.foldStandings()
	w.after.Sort()
	before := w.before.Measure(w.now)
	after := w.after.Measure(w.now)
	var v Verdict
	if w.desk.judge != nil && w.judged() {
		var err error
		v, err = w.judge(ctx, Proposal{Intent: w.intent, Before: w.before, After: w.after, Measured: after, Now: w.now})
		if err != nil {
			return fmt.Errorf("okr: judging %s: %w", w.intent.Verb, err)
		}
	}
	byJudge := len(v.Findings)
	extra, err := w.sayable(ctx, w.extra)
	if err != nil {
		return err
	}
	v.Findings = append(v.Findings, extra...)
	v.Decide(after, w.after, w.now)
	v.Waive(w.after, w.now)
	w.verdict = v
	if v.Refused || slices.ContainsFunc(v.Findings[byJudge:], func(f Finding) bool { return f.Gate }) {
		if refusable(w.intent.Verb) {
			return &RefusedError{Findings: w.by.findings(gating(v.Findings), w.after)}
		}
	}
	for _, f := range w.then {
		if err := f(after); err != nil {
			return err
		}
	}
	for _, r := range w.intent.Subjects {
		if err := w.announce(r, after[r.ID]); err != nil {
			return err
		}
	}
	switch w.intent.Verb {
	case VerbSettle:
		if err := w.schedule(ctx, v.Look); err != nil {
			return err
		}
		w.leave()
	case VerbCheckIn, VerbRecord, VerbChange, VerbMeasure:
		w.hasten(v.Look)
		w.foundAnew()
	}
	w.stamp()
	if err := w.complete(); err != nil {
		return err
	}
	about := w.after.abouts()
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Subject.Kind == KindCheckIn || f.Subject.Kind == KindSource {
			f.about = about(f.Subject)
		}
	}
	w.out.Findings = v.Findings
	w.out.Events = w.events
	for _, r := range w.intent.Subjects {
		o := Outcome{Ref: r, Key: w.places[r].key, At: w.places[r].at}
		o.Before = w.appraise(w.before, r, before, nil)
		if st := announced(w.before, r); st != "" {
			o.Before.Status = measure.Status(st)
		}
		o.After = w.appraise(w.after, r, after, v.Scores)
		w.out.Subjects = append(w.out.Subjects, o)
	}
	by, err := w.answerable(ctx)
	if err != nil {
		return err
	}
	w.out.conceal(by, w.after)
	return nil
}

// Decide puts the statuses that packs decide in the place of the measured ones. A
// pack may judge harder than the arithmetic, and name statuses of its own. What
// it cannot do is change the outcome of what is closed, overrule what a person put in
// the place of the status, or call on track what
// nobody has measured of late.
func (v Verdict) Decide(measured map[ID]measure.Result, of *Snapshot, now time.Time) {
	for id := range v.Statuses {
		r, ok := measured[id]
		if !ok {
			continue
		}
		if ruling := v.ruling(id, of, now); ruling.Replaces(r.Status) {
			r.Status = ruling.Status
			measured[id] = r
		}
	}
}

// ruling is what a pack says of a status, as far as packs have a say in it.
func (v Verdict) ruling(id ID, of *Snapshot, now time.Time) measure.Ruling {
	status, ok := v.Statuses[id]
	if !ok || of.settled(id, now) {
		return measure.Ruling{}
	}
	r := v.Rulings[id]
	r.Status = status
	return r
}

// judged says whether rules have a say in the decision at all.
func (w *work) judged() bool {
	switch w.intent.Verb {
	case VerbSyncPeople, VerbNotify, VerbComment, VerbDecision, VerbSession, VerbGrant, VerbDefer, VerbWaive, VerbSnooze, VerbReport, VerbPurpose, VerbDepend, VerbPack, VerbKPI, VerbErase, VerbPolicy, VerbReset, VerbAcknowledge:
		return false
	}
	return true
}

// refusable says whether rules may refuse: time passes and people come and go
// whatever a rule says.
func refusable(v Verb) bool {
	switch v {
	case VerbActivate, VerbChange, VerbCheckIn, VerbDefer:
		return true
	}
	return false
}

func gating(fs []Finding) []Finding {
	var out []Finding
	for _, f := range fs {
		if f.Gate {
			out = append(out, f)
		}
	}
	return out
}

func (w *work) appraise(s *Snapshot, r Ref, m map[ID]measure.Result, scores map[ID]Judged) Appraisal {
	a := Appraisal{Result: m[r.ID]}
	switch r.Kind {
	case KindKeyResult:
		if k := s.KeyResult(r.ID); k != nil {
			a.State = k.State
		}
	case KindObjective:
		if o := s.Objective(r.ID); o != nil {
			a.State = o.State
		}
	}
	if j, ok := scores[r.ID]; ok {
		a.Score = &j
	}
	return a
}

func announced(s *Snapshot, r Ref) string {
	for _, st := range s.StandingsOf(r) {
		if st.Kind == standingStatus {
			return st.Value
		}
	}
	return ""
}

// announce compares a subject's status with what was last announced of it and
// writes the difference.
func (w *work) announce(r Ref, m measure.Result) error {
	last, _ := w.standing(r, standingStatus, "")
	was := measure.Status(last.Value)
	// Closing says the last word on a cycle.
	silent := func(cycle ID) bool { return w.intent.Verb != VerbClose && w.over(cycle) }
	switch r.Kind {
	case KindKeyResult:
		k := w.after.KeyResult(r.ID)
		if k == nil || k.State != Active || silent(k.Cycle) {
			return nil
		}
		w.release(*k, was != m.Status)
		if was == m.Status {
			return nil
		}
		w.setStatus(r, string(m.Status))
		w.look(Ref{KindObjective, k.Objective})
		if was == "" {
			w.look(Ref{KindCycle, k.Cycle})
			return nil // the first status is no change
		}
		w.expect(r, k.Version)
		f := StatusChanged{KeyResultFact: w.fact(*k), From: was, To: m.Status, Progress: m.Progress, Expected: m.Expected, Gap: m.Gap}
		if o := w.after.Objective(k.Objective); o != nil && o.Owner != k.Owner {
			f.ObjectiveOwner = o.Owner
		}
		if w.intent.Verb != VerbSettle && w.actor == Someone(w.actor.ID) {
			f.By = w.actor.ID
		}
		err := w.emit(r, Ref{KindStanding, r.ID}, EventStatusChanged, f, m)
		// Whoever settles tells people; what a source or a check-in has brought about is
		// left for them.
		if w.intent.Verb != VerbSettle && len(f.Concerns()) > 0 {
			w.await(r)
		}
		if err != nil {
			return err
		}
		return w.holdBack(*k, was, m.Status, last.Since)
	case KindObjective:
		o := w.after.Objective(r.ID)
		if o == nil || o.State != Active || was == m.Status || silent(o.Cycle) {
			return nil
		}
		w.setStatus(r, string(m.Status))
		for _, p := range o.Parents {
			w.look(Ref{KindObjective, p.Objective})
		}
		if was == "" {
			w.look(Ref{KindCycle, o.Cycle})
			return nil
		}
		w.expect(r, o.Version)
		f := objectiveFact(*o)
		f.From, f.To, f.Progress, f.Coverage = was, m.Status, m.Progress, m.Coverage
		return w.emit(r, Ref{KindStanding, r.ID}, EventObjectiveStatus, f, m)
	}
	return nil
}

// stamp gives every changed row the version that its aggregate has reached. A row
// whose aggregate only got an event is written too, since its version moved.
func (w *work) stamp() {
	refs := slices.SortedFunc(maps.Keys(w.changes.Expect), CompareRefs)
	w.changes.Cycles, w.changes.People, w.changes.Teams = nil, nil, nil
	w.changes.Objectives, w.changes.KeyResults = nil, nil
	for _, r := range refs {
		version := w.next[r]
		switch r.Kind {
		case KindCycle:
			c := w.after.Cycle(r.ID)
			c.Version = version
			w.changes.Cycles = append(w.changes.Cycles, *c)
		case KindPerson:
			p := w.after.Person(r.ID)
			p.Version = version
			w.changes.People = append(w.changes.People, *p)
		case KindTeam:
			t := w.after.Team(r.ID)
			t.Version = version
			w.changes.Teams = append(w.changes.Teams, *t)
		case KindObjective:
			o := w.after.Objective(r.ID)
			o.Version = version
			w.changes.Objectives = append(w.changes.Objectives, *o)
		case KindKeyResult:
			k := w.after.KeyResult(r.ID)
			k.Version = version
			w.changes.KeyResults = append(w.changes.KeyResults, *k)
			if old := w.before.KeyResult(r.ID); old == nil && len(k.Initiatives) > 0 || old != nil && !slices.Equal(old.Initiatives, k.Initiatives) {
				w.changes.Links = append(w.changes.Links, r.ID)
			}
		}
	}
}

// fact is the part that every event of a key result carries.
func (w *work) fact(k KeyResult) KeyResultFact {
	f := KeyResultFact{KeyResult: k.ID, Title: k.Title, Objective: k.Objective, Cycle: k.Cycle, Owner: k.Owner}
	if o := w.after.Objective(k.Objective); o != nil {
		f.Team = o.Team
	}
	return f
}

func (w *work) defined(k KeyResult, changed []string) KeyResultDefined {
	return KeyResultDefined{
		KeyResultFact: w.fact(k), State: k.State, Unit: k.Metric.Unit, Kind: k.Metric.Kind,
		Baseline: k.Metric.Baseline, Target: k.Metric.Target, Due: w.after.DueDate(k), Changed: changed,
	}
}

func objectiveFact(o Objective) ObjectiveFact {
	return ObjectiveFact{Objective: o.ID, Title: o.Title, Cycle: o.Cycle, Team: o.Team, Owner: o.Owner, State: o.State}
}

func cycleFact(c Cycle) CycleFact {
	return CycleFact{Cycle: c.ID, Key: c.Key, Name: c.Name, Zone: c.Zone, Start: c.Start, End: c.End, Parent: c.Parent}
}
