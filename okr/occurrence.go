package okr

import (
	"context"
	"slices"
	"time"
)

// The events of occurrences, beside those of check-ins.
const (
	EventCheckInExcused      = EventPrefix + "checkin.excused"
	EventCheckInSkipped      = EventPrefix + "checkin.skipped"
	EventCheckInEscalated    = EventPrefix + "checkin.escalated"
	EventCheckInAcknowledged = EventPrefix + "checkin.acknowledged"
)

// What an occurrence came to, as a standing says it. From due and overdue it becomes one
// of the others, once; missed becomes excused where it turns out later that the owner
// was away.
const (
	occurrenceDue      = "due"      // the reminder is out
	occurrenceOverdue  = "overdue"  // grace is over
	occurrenceMissed   = "missed"   // the next one is due
	occurrenceAnswered = "answered" // in time
	occurrenceLate     = "late"     // after due, before the next one's reminder
	occurrenceExcused  = "excused"  // the owner was away, and nobody stood in
	skippedLive        = "live"     // nobody needed to be asked: a source keeps the value up to date
	skippedRecent      = "recent"   // nor here: somebody checked in shortly before
)

// skipped says whether nobody needed to be asked.
func skipped(came string) bool { return came == skippedLive || came == skippedRecent }

func answered(came string) bool { return came == occurrenceAnswered || came == occurrenceLate }

// concluded says whether an occurrence waits for nothing any more.
func concluded(came string) bool {
	return answered(came) || came == occurrenceMissed || came == occurrenceExcused || skipped(came)
}

// occurrences lists those of a key result that fall due since it follows its
// schedule, up to and including the first one after now.
func (w *work) occurrences(k KeyResult) ([]Occurrence, error) {
	s := w.after.CadenceOf(k)
	c := w.after.Cycle(k.Cycle)
	if w.desk.calendar == nil || s == nil || c == nil || k.ActivatedAt == nil {
		return nil, nil
	}
	since, err := w.followed(k, *s)
	if err != nil {
		return nil, err
	}
	return w.desk.following(*s, *c, since, w.now)
}

// following lists the occurrences since an instant, up to and including the first one
// after another, however long a pause lies between.
func (d *Desk) following(s Schedule, c Cycle, since, now time.Time) ([]Occurrence, error) {
	for _, ahead := range []time.Duration{2*s.Interval().Duration() + 72*time.Hour, longestPause} {
		all, err := d.calendar.Occurrences(s, c, since, now.Add(ahead))
		if err != nil {
			return nil, err
		}
		for i, o := range all {
			if o.Due.After(now) {
				return all[:i+1], nil
			}
		}
		if len(s.Pauses) == 0 || ahead == longestPause {
			return all, nil
		}
	}
	return nil, nil
}

// longestPause is how far ahead the next occurrence is looked for.
const longestPause = 2 * 366 * 24 * time.Hour

func (w *work) came(k KeyResult) map[string]string {
	return came(w.standingsOf(Ref{KindKeyResult, k.ID}))
}

func came(stood []Standing) map[string]string {
	out := map[string]string{}
	for _, st := range stood {
		if st.Kind == standingOccurrence {
			out[st.Key] = st.Value
		}
	}
	return out
}

// missedAt is the instant from which an unanswered occurrence is missed: when the
// next one is due, or, after the last of a cycle, one interval later.
func missedAt(all []Occurrence, i int, s Schedule) time.Time {
	if i+1 < len(all) {
		return all[i+1].Due
	}
	return all[i].Due.Add(s.Interval().Duration())
}

// passing is a change of what an occurrence came to.
type passing struct {
	value string
	event string
	at    time.Time // when it came to pass, whoever noticed it how much later
	why   string
	to    ID // who is asked, where it is not the owner
}

// passed is what an occurrence has come to for good by now, as far as nobody needs to
// say anything: it was missed, or nobody needed to answer it. What nobody can tell any
// more once something else has changed is written before that changes.
func (w *work) passed(ctx context.Context, k KeyResult, all []Occurrence, i int, was string) (passing, error) {
	o, s := all[i], w.after.CadenceOf(k)
	if o.Due.After(w.now) || concluded(was) && was != occurrenceMissed {
		return passing{}, nil
	}
	if was != occurrenceMissed && w.quiet(k, o.Due) {
		return passing{value: skippedLive, event: EventCheckInSkipped, at: o.Due, why: skippedLive}, nil
	}
	if was == occurrenceMissed && !w.noted(standingAsked, k, o, k.Owner) {
		return passing{}, nil // by somebody else: where the owner was does not matter
	}
	asked, excused, err := w.asked(ctx, k, o)
	switch at := missedAt(all, i, *s); {
	case err != nil:
		return passing{}, err
	case excused:
		return passing{value: occurrenceExcused, event: EventCheckInExcused, at: o.Due}, nil
	case was != occurrenceMissed && !w.now.Before(at):
		return passing{value: occurrenceMissed, event: EventCheckInMissed, at: at, to: asked}, nil
	}
	return passing{}, nil
}

// quiet says whether something else than people keeps a key result up to date at an
// instant, so that nobody is asked. A reading that came later says that it did, and an
// override by hand that people have to look.
func (w *work) quiet(k KeyResult, at time.Time) bool {
	return w.fed(k) && w.after.SparedUntil(k, at).After(at)
}

// SparedUntil is until when the value that a source or a KPI brought still speaks, so that
// nobody need be asked for a check-in. It is zero where none did, where the policy or an
// override by hand that holds at the instant has people asked all the same. Whether the
// source has failed since is for [Snapshot.SourceFailed] to say.
func (s *Snapshot) SparedUntil(k KeyResult, at time.Time) time.Time {
	if k.FedAt == nil || !k.feedable() || s.PolicyOrDefault().AskLive || k.Override.Holds(at) {
		return time.Time{}
	}
	return k.FedAt.Add(s.FreshFor(k))
}

// fed says whether a source that has not failed brings the values of a key result.
func (w *work) fed(k KeyResult) bool {
	if k.FedAt == nil || !k.feedable() {
		return false
	}
	st, _ := w.standing(Ref{KindKeyResult, k.ID}, standingSource, "")
	return st.Value != "failed"
}

// feedable says whether something else than people is to bring the values.
func (k *KeyResult) feedable() bool {
	return k.KPI != "" || k.Source != nil && k.Source.Kind != "" && k.Source.Kind != manualSource
}

// manualSource is the kind of a source that is a person.
const manualSource = "manual"

// elapse writes what the occurrences of a key result have come to for good by now. It
// comes before any change of what decides that, so that it does not matter who settled
// when. What somebody is to hear of is left for the runner.
func (w *work) elapse(ctx context.Context, k KeyResult) error {
	if k.State != Active || w.over(k.Cycle) {
		return nil
	}
	all, err := w.occurrences(k)
	if err != nil || len(all) == 0 {
		return err
	}
	came := w.came(k)
	for i, o := range all {
		t, err := w.passed(ctx, k, all, i, came[o.Key])
		if err != nil {
			return err
		}
		if t.value == "" {
			if err := w.noteAsked(ctx, k, o, came[o.Key]); err != nil {
				return err
			}
			continue
		}
		if err := w.turned(k, all[:i+1], t); err != nil {
			return err
		}
		if t.value == occurrenceMissed {
			w.await(Ref{KindKeyResult, k.ID})
		}
	}
	return nil
}

// overrun writes which occurrences are overdue by now. What is so stays so, though the
// schedule gives it longer from now on.
func (w *work) overrun(ctx context.Context, k KeyResult) error {
	all, err := w.occurrences(k)
	if err != nil {
		return err
	}
	came := w.came(k)
	for i, o := range all {
		if was := came[o.Key]; concluded(was) || was == occurrenceOverdue {
			continue
		}
		t, err := w.asking(ctx, k, o)
		if err != nil {
			return err
		}
		if t.value != occurrenceOverdue {
			continue
		}
		if err := w.turned(k, all[:i+1], t); err != nil {
			return err
		}
		w.await(Ref{KindKeyResult, k.ID})
	}
	return nil
}

// lookIfAsked has a key result looked at soon where somebody is asked for a check-in: a
// reading that a source delivers may be all that was wanted.
func (w *work) lookIfAsked(r Ref) {
	for _, was := range w.standingsOf(r) {
		if was.Kind == standingOccurrence && !concluded(was.Value) {
			w.look(r)
			return
		}
	}
}

// occur announces what has become of each occurrence.
func (w *work) occur(ctx context.Context, k KeyResult) error {
	all, err := w.occurrences(k)
	if err != nil {
		return err
	}
	came, unowned := w.came(k), false
	for i, o := range all {
		was := came[o.Key]
		t, err := w.passed(ctx, k, all, i, was)
		if err != nil {
			return err
		}
		if t.value == "" && !concluded(was) {
			if t, err = w.asking(ctx, k, o); err != nil {
				return err
			}
		}
		// What was overdue is not due again where the schedule has since given it longer.
		// Whoever is asked in somebody's place since hears of it as it stands.
		if t.value == "" || t.value == was && w.noted(standingReminded, k, o, t.to) || t.value == occurrenceDue && was == occurrenceOverdue {
			continue
		}
		if err := w.turned(k, all[:i+1], t); err != nil {
			return err
		}
		unowned = unowned || t.value == occurrenceMissed && t.to == k.Owner
	}
	if unowned {
		if err := w.stillUnowned(k); err != nil {
			return err
		}
	}
	return w.escalate(ctx, k, all)
}

// turned writes a change of what the last of some occurrences came to.
func (w *work) turned(k KeyResult, all []Occurrence, t passing) error {
	ref, o := Ref{KindKeyResult, k.ID}, all[len(all)-1]
	w.expect(ref, k.Version)
	w.setStanding(Standing{Subject: ref, Kind: standingOccurrence, Key: o.Key, Value: t.value, Since: t.at})
	f := w.occurrence(k, o)
	f.To, f.Why = t.to, t.why
	if t.to != "" {
		w.note(standingReminded, k, o, t.to)
	}
	if t.value == occurrenceMissed {
		w.note(standingAsked, k, o, t.to)
	}
	if t.to == k.Owner {
		f.To = ""
	}
	if first := silence(all, w.came(k)); first != nil && first.Key != o.Key && (t.value == occurrenceOverdue || t.value == occurrenceMissed) {
		f.SilentSince = &first.Due
	}
	return w.emit(ref, Ref{KindStanding, k.ID}, t.event, f, f)
}

func (w *work) occurrence(k KeyResult, o Occurrence) OccurrenceFact {
	f := OccurrenceFact{KeyResultFact: w.fact(k), Occurrence: o.Key, Due: o.Due}
	if d := w.now.Sub(o.Due); d > 0 {
		f.OverdueDays = int(d.Hours() / 24)
	}
	return f
}

// asking is what an occurrence that waits for an answer has come to by now: due or
// overdue, and nothing where nobody is asked.
func (w *work) asking(ctx context.Context, k KeyResult, o Occurrence) (passing, error) {
	t := passing{value: occurrenceDue, event: EventCheckInDue, at: o.Opens}
	switch {
	case w.now.Before(o.Opens):
		return passing{}, nil
	case !w.now.Before(o.GraceEnds):
		t = passing{value: occurrenceOverdue, event: EventCheckInOverdue, at: o.GraceEnds}
	case w.now.Before(o.Due) && w.quiet(k, w.now):
		return passing{}, nil
	}
	var excused bool
	var err error
	if t.to, excused, err = w.asked(ctx, k, o); err != nil || excused {
		return passing{}, err
	}
	return t, nil
}

// early is how long before an occurrence is due a check-in answers it, or from its
// reminder on where that comes sooner.
const early = EveryWeek

func (o Occurrence) answerable(at time.Time) bool {
	return !at.Before(o.Opens) || !at.Before(o.Due.Add(-early.Duration()))
}

// answer finds the occurrence that a check-in made now answers, which tells of an
// instant, and notes it. One that comes earlier than an answer may, or tells of a time
// before the previous occurrence was due, answers none. What is said within the grace
// after a check-in that answered the last one adds to that one: an afterthought must not
// silence the next reminder, unless the schedule says that so recent a check-in does.
func (w *work) answer(ctx context.Context, k KeyResult, of time.Time) (key string, late bool, err error) {
	all, err := w.occurrences(k)
	if err != nil || len(all) == 0 {
		return "", false, err
	}
	came, next := w.came(k), slices.IndexFunc(all, func(o Occurrence) bool { return !o.Due.Before(w.now) })
	if next < 0 {
		next = len(all)
	}
	if next > 0 {
		last := all[next-1]
		// Whoever settles may not have come by yet.
		t, err := w.passed(ctx, k, all, next-1, came[last.Key])
		if err != nil {
			return "", false, err
		}
		if t.value != "" {
			if err := w.turned(k, all[:next], t); err != nil {
				return "", false, err
			}
			if t.value == occurrenceMissed {
				w.await(Ref{KindKeyResult, k.ID})
			}
			came[last.Key] = t.value
		}
	}
	s := w.after.CadenceOf(k)
	news := func(i int) bool { return !of.Before(askedSince(all, i, *s)) }
	key, late = w.answers(k, all, next, came, news)
	if next == len(all) || !news(next) || all[next].Key == key || concluded(came[all[next].Key]) || all[next].Due.Sub(w.now) > s.SkipWithin.Duration() {
		return key, late, nil
	}
	return key, late, w.turned(k, all[next:next+1], passing{value: skippedRecent, event: EventCheckInSkipped, at: w.now, why: skippedRecent})
}

// askedSince is the instant from which an occurrence asks for news: when the one before
// it was due, or, before the first, one interval earlier. What is told of a time before
// that is none.
func askedSince(all []Occurrence, i int, s Schedule) time.Time {
	if i > 0 {
		return all[i-1].Due
	}
	return all[i].Due.Add(-s.Interval().Duration())
}

func (w *work) answers(k KeyResult, all []Occurrence, next int, came map[string]string, news func(i int) bool) (key string, late bool) {
	ref := Ref{KindKeyResult, k.ID}
	note := func(o Occurrence, value string) {
		w.setStanding(Standing{Subject: ref, Kind: standingOccurrence, Key: o.Key, Value: value, Since: w.now})
	}
	if next > 0 && news(next-1) {
		last := all[next-1]
		if !concluded(came[last.Key]) && (next == len(all) || w.now.Before(all[next].Opens)) {
			note(last, occurrenceLate)
			return last.Key, true
		}
		if answered(came[last.Key]) {
			st, _ := w.standing(ref, standingOccurrence, last.Key)
			if w.now.Sub(st.Since) < w.after.CadenceOf(k).GraceOrDefault().Duration() {
				return last.Key, false
			}
		}
	}
	if next == len(all) || !all[next].answerable(w.now) || !news(next) {
		return "", false
	}
	// Somebody who settled may have been faster to write what came to pass after this was
	// said: what was said before it was due answers it.
	if was := came[all[next].Key]; concluded(was) && was != skippedLive {
		return "", false
	}
	note(all[next], occurrenceAnswered)
	return all[next].Key, false
}

// expectOccurrences considers when something is to be said of an occurrence. Where
// the next one is out of sight, or decided already, it is when the one after it
// comes into sight.
func (w *work) expectOccurrences(ctx context.Context, k KeyResult, at *earliest) error {
	all, err := w.occurrences(k)
	if err != nil {
		return err
	}
	came := w.came(k)
	s := w.after.CadenceOf(k)
	p := w.after.Person(k.Owner)
	for i, o := range all {
		if concluded(came[o.Key]) {
			at.consider(o.Due)
			continue
		}
		if k.FedAt != nil || p != nil && len(p.Away) > 0 {
			at.consider(o.Due)
		}
		at.consider(o.Opens)
		at.consider(o.GraceEnds)
		at.consider(missedAt(all, i, *s))
	}
	if err := w.expectRungs(ctx, k, all, at); err != nil {
		return err
	}
	if k.FedAt != nil && len(all) > 0 {
		at.consider(k.FedAt.Add(w.after.FreshFor(k)))
	}
	c := w.after.Cycle(k.Cycle)
	if w.desk.calendar == nil || s == nil || c == nil || k.ActivatedAt == nil || c.Today(w.now).After(c.End) {
		return nil
	}
	if len(all) == 0 || !all[len(all)-1].Due.After(w.now) {
		at.consider(w.now.Add(s.Interval().Duration()))
	}
	return nil
}
