package okr

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// The ladder. A silence begins with an occurrence that was not answered by the end of
// its grace, and lasts until somebody checks in, or one of the next is excused or need
// not be answered. While it lasts each rung of the policy's ladder is told of it once,
// so many working days after that grace ended; of several rungs that were reached while
// nobody looked, only the highest that names somebody.

// silence is the occurrence with which the present silence began, nil if there is none.
func silence(all []Occurrence, came map[string]string) *Occurrence {
	var first *Occurrence
	for i := range slices.Backward(all) {
		switch came[all[i].Key] {
		case occurrenceOverdue, occurrenceMissed:
			first = &all[i]
		case occurrenceDue, "":
		default:
			return first
		}
	}
	return first
}

// silent are those who are asked to end the silence of a key result by now, whoever has
// looked: its owner, and whoever stands in. It is nil if there is no silence.
func (w *work) silent(ctx context.Context, k KeyResult) (map[ID]bool, error) {
	all, err := w.occurrences(k)
	if err != nil {
		return nil, err
	}
	came, asked := w.came(k), map[ID]bool{k.Owner: true}
	for i, o := range all {
		t, err := w.passed(ctx, k, all, i, came[o.Key])
		if err == nil && t.value == "" && !concluded(came[o.Key]) {
			t, err = w.asking(ctx, k, o)
			asked[t.to] = true
		}
		if err != nil {
			return nil, err
		}
		if t.value != "" {
			came[o.Key] = t.value
		}
	}
	if silence(all, came) == nil {
		return nil, nil
	}
	return asked, nil
}

// rungs are the steps of the ladder with the instants at which they are reached.
func (w *work) rungs(k KeyResult, o *Occurrence) ([]Rung, []time.Time, error) {
	ladder := w.after.PolicyOrDefault().LadderOrDefault()
	ladder = slices.DeleteFunc(slices.Clone(ladder), func(r Rung) bool {
		// The owner hears that it is overdue in any case.
		return r.To == ToOwner && r.After == 0 || r.To == ToManager && !w.desk.tellManagers
	})
	at := make([]time.Time, len(ladder))
	s, c := w.after.CadenceOf(k), w.after.Cycle(k.Cycle)
	var err error
	for i, r := range ladder {
		if at[i], err = w.desk.calendar.Later(*s, *c, o.GraceEnds, r.After); err != nil {
			return nil, nil, err
		}
	}
	return ladder, at, nil
}

// rungKey is the key of the standing that says who was told of a silence as what.
func rungKey(o *Occurrence, r RungRole) string { return o.Key + "/" + string(r) }

// escalate tells the highest rung that a silence has reached.
func (w *work) escalate(ctx context.Context, k KeyResult, all []Occurrence) error {
	first := silence(all, w.came(k))
	if first == nil || w.cared(k, first).After(w.now) || w.resting(k) {
		return nil
	}
	ladder, at, err := w.rungs(k, first)
	if err != nil {
		return err
	}
	ref := Ref{KindKeyResult, k.ID}
	told := map[ID]bool{"": true}
	if asked, _, err := w.asked(ctx, k, *first); err != nil {
		return err
	} else if asked != k.Owner {
		told[asked] = true
	}
	for _, st := range w.standingsOf(ref) {
		if st.Kind == standingRung && strings.HasPrefix(st.Key, first.Key+"/") {
			told[ID(st.Value)] = true
		}
	}
	for i, r := range slices.Backward(ladder) {
		if w.now.Before(at[i]) {
			continue
		}
		if _, done := w.standing(ref, standingRung, rungKey(first, r.To)); done {
			return nil
		}
		who, err := w.named(ctx, k, r.To, told)
		if err != nil {
			return err
		}
		if who == "" {
			continue
		}
		w.expect(ref, k.Version)
		w.setStanding(Standing{Subject: ref, Kind: standingRung, Key: rungKey(first, r.To), Value: string(who), Since: w.now})
		f := w.occurrence(k, *first)
		f.To, f.Rung = who, r.To
		return w.emit(ref, Ref{KindStanding, k.ID}, EventCheckInEscalated, f, f)
	}
	return nil
}

// expectRungs considers when the next rung is reached.
func (w *work) expectRungs(_ context.Context, k KeyResult, all []Occurrence, at *earliest) error {
	first := silence(all, w.came(k))
	if first == nil {
		return nil
	}
	at.consider(w.cared(k, first))
	_, reached, err := w.rungs(k, first)
	if err != nil {
		return err
	}
	for _, t := range reached {
		at.consider(t)
	}
	return nil
}

// cared is the instant up to which somebody takes care of the silence that began with an
// occurrence. Care of an earlier silence ended with that.
func (w *work) cared(k KeyResult, first *Occurrence) time.Time {
	st, ok := w.standing(Ref{KindKeyResult, k.ID}, standingCare, "")
	if !ok || st.Since.Before(first.Due) {
		return time.Time{}
	}
	until, err := time.Parse(time.RFC3339Nano, st.Value)
	if err != nil {
		return time.Time{}
	}
	return until
}

// resting says whether today is in a pause of the key result's rhythm.
func (w *work) resting(k KeyResult) bool {
	s, c := w.after.CadenceOf(k), *w.after.Cycle(k.Cycle)
	if s.Zone != "" {
		c.Zone = s.Zone
	}
	today := c.Today(w.now)
	return slices.ContainsFunc(s.Pauses, func(p Span) bool { return p.Has(today) })
}

// named is whom a rung names: somebody who is here today, is not the owner, was not told
// before and may see the key result; "" if it names nobody. Who has left or is away, and
// the owner, is passed over for whoever stands behind them: their own backup, the lead of
// the team above, their own manager; behind a reviewer stand the leads. A ring of people
// or teams ends where it began.
func (w *work) named(ctx context.Context, k KeyResult, role RungRole, told map[ID]bool) (ID, error) {
	owner, err := w.person(ctx, k.Owner)
	if err != nil {
		return "", err
	}
	var first []ID
	behind := func(*Person) ID { return "" }
	objective := w.after.Objective(k.Objective)
	switch {
	case role == ToOwner:
		first = []ID{k.Owner}
	case role == ToBackup && owner != nil:
		first, behind = []ID{owner.Backup}, func(p *Person) ID { return p.Backup }
	case role == ToManager && owner != nil:
		first, behind = []ID{owner.Manager}, func(p *Person) ID { return p.Manager }
	case objective != nil && (role == ToReviewer || role == ToLead):
		if role == ToReviewer {
			first = []ID{objective.Owner}
		}
		for t := range w.after.upward(objective.Team) {
			first = append(first, t.Lead)
		}
	}
	seen := map[ID]bool{"": true}
	for _, id := range first {
		for !seen[id] {
			seen[id] = true
			p, err := w.person(ctx, id)
			if err != nil {
				return "", err
			}
			if p == nil {
				break
			}
			here := false
			if id != k.Owner || role == ToOwner {
				if here, err = w.here(ctx, p, k); err != nil {
					return "", err
				}
			}
			switch {
			case here && told[id]:
				return "", nil
			case here:
				return id, nil
			}
			id = behind(p)
		}
	}
	return "", nil
}

// here says whether somebody can be told today.
func (w *work) here(ctx context.Context, p *Person, k KeyResult) (bool, error) {
	if p == nil || p.Left {
		return false, nil
	}
	s, c := *w.after.CadenceOf(k), *w.after.Cycle(k.Cycle)
	loc, err := w.zoneOf(p, &s, c)
	if err != nil || p.away(measure.DateOf(w.now.In(loc))) {
		return false, err
	}
	return w.sees(ctx, p.ID, k)
}
