package okr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// A change of day is settled once for a whole cycle: pace is counted in days, and
// so are many facts that rules read, but of a company's key results few change
// their status on any one night. The cycle has a standing that is due at its next
// civil midnight. Whoever settles it measures everything in it, compares that with
// what was announced, and has those looked at that differ. A subject's own
// instants, such as an occurrence or the end of an override, stay with the subject.

// midnight is the first civil midnight in the cycle's zone after the instant.
func (c *Cycle) midnight(after time.Time) time.Time {
	return c.Today(after).AddDays(1).In(c.zone()).UTC()
}

// zone is the cycle's, UTC where it is unknown.
func (c *Cycle) zone() *time.Location {
	if loc, err := c.Location(); err == nil {
		return loc
	}
	return time.UTC
}

// settleDay has those of a cycle looked at whom a change of day has changed, and
// says when the next one is.
func (w *work) settleDay(ctx context.Context, ref Ref) error {
	t, err := w.today(ctx, ref)
	if err != nil || t == nil {
		return err
	}
	if t.cycle.closed(w.now) {
		if t.known {
			w.changes.Drop = append(w.changes.Drop, t.stood)
		}
		return nil
	}
	if t.settled() {
		return nil // it was asked for by something that began
	}
	d, surveyed := w.surveyed[ref]
	if !surveyed || d.mark != t.mark {
		if d, err = w.day(ctx, t); err != nil {
			return err
		}
	}
	settling := map[Ref]bool{}
	for _, r := range w.changes.Settled {
		settling[r] = true
	}
	for _, r := range d.changed {
		if !settling[r] {
			w.look(r)
		}
	}
	if err := w.foundAround(ref, d); err != nil {
		return err
	}
	w.setStanding(Standing{Subject: ref, Kind: standingDay, Value: t.mark, Since: w.now, NextLook: &t.next})
	return nil
}

// aToday is what is known of the day of a cycle before it is settled.
type aToday struct {
	cycle Cycle
	stood Standing // the day up to which it is settled
	known bool     // that it ever was
	mark  string   // today's, as it will stand when it is settled
	next  time.Time
}

// today reads it; nil where there is no such cycle.
func (w *work) today(ctx context.Context, ref Ref) (*aToday, error) {
	s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true, StandingKinds: []string{standingDay}}})
	if asNotFound(err, new(*NotFoundError)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := *s.Cycle(ref.ID)
	t := &aToday{cycle: c, mark: c.Today(w.now).String() + " " + packMark(s.Packs), next: c.midnight(w.now)}
	t.stood, t.known = standingOf(s.StandingsOf(ref), standingDay)
	return t, nil
}

func (t *aToday) settled() bool {
	return t.known && t.stood.NextLook != nil && t.stood.NextLook.Equal(t.next) && t.stood.Value == t.mark
}

// judgedAnew has every cycle that is not closed looked at, where the decision changes
// the packs in force: it does not wait for midnight.
func (w *work) judgedAnew(ctx context.Context) error {
	if w.intent.Verb != VerbPack || len(w.changes.Entries) == 0 {
		return nil
	}
	s, err := w.unit.Load(ctx, w.id, Need{Cycles: true})
	if err != nil {
		return err
	}
	for _, c := range s.Cycles {
		if !c.closed(w.now) {
			w.look(Ref{KindCycle, c.ID})
		}
	}
	return nil
}

// packMark tells one collection of packs from another.
func packMark(packs []Pack) string {
	h := sha256.New()
	for _, p := range packs {
		_, _ = io.WriteString(h, p.Name+" "+p.Digest+"\n") // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func standingOf(all []Standing, kind string) (Standing, bool) {
	for _, st := range all {
		if st.Kind == kind {
			return st, true
		}
	}
	return Standing{}, false
}

// aDay is a cycle as a day finds it.
type aDay struct {
	mark    string // of the day, and of the packs in force
	of      *Snapshot
	changed []Ref // objectives and key results of which there is something to say
	found   found
}

// day loads a cycle, measures and judges it, and compares it with what was
// announced.
func (w *work) day(ctx context.Context, t *aToday) (aDay, error) {
	c := t.cycle
	in := Intent{Verb: VerbView}
	need := Need{Cycle: c.ID, Collections: Collections{
		Standings: true, StandingKinds: []string{standingStatus, standingForecast, standingFinding, standingSilenced},
	}}
	s, err := w.desk.read(ctx, w.unit, w.id, in, need)
	if err != nil {
		return aDay{}, err
	}
	s.MinGroup = w.desk.minGroup
	m := s.MeasureAll(w.now)
	d := aDay{mark: t.mark, of: s}
	if w.desk.judge != nil {
		measured := m.byID(s)
		v, err := w.judge(ctx, Proposal{Intent: in, Before: s, After: s, Measured: measured, Now: w.now})
		if err != nil {
			return aDay{}, fmt.Errorf("okr: judging a day of %s: %w", c.Name, err)
		}
		m.decide(v, s, w.now)
		v.Waive(s, w.now)
		d.found = s.sift(v.Findings, c.ID)
	}
	d.changed = s.Unsettled(c.ID, m, w.now)
	if w.desk.judge != nil {
		d.changed = append(d.changed, s.unfound(c.ID, d.found)...)
	}
	return d, nil
}

// unfound are the objectives and key results of a cycle of which rules say something
// else than what stands announced.
func (s *Snapshot) unfound(cycle ID, all found) []Ref {
	var out []Ref
	compare := func(r Ref, in ID, state State, at *walk) {
		now := all[r]
		if state != Active {
			now = nil
		}
		if stood := at.of(r); in == cycle && len(turns(stood, now)) > 0 {
			out = append(out, r)
		}
	}
	at := s.walk(KindKeyResult)
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		compare(Ref{KindKeyResult, k.ID}, k.Cycle, k.State, &at)
	}
	at = s.walk(KindObjective)
	for i := range s.Objectives {
		o := &s.Objectives[i]
		compare(Ref{KindObjective, o.ID}, o.Cycle, o.State, &at)
	}
	return out
}

// foundAround announces what has become of the findings about the cycle, its teams
// and its people.
func (w *work) foundAround(ref Ref, d aDay) error {
	if w.desk.judge == nil {
		return nil
	}
	c := d.of.Cycle(ref.ID)
	w.around(*c)
	if w.stood == nil {
		w.stood = map[Ref][]Standing{}
	}
	w.stood[ref] = slices.Clone(d.of.StandingsOf(ref))
	for _, key := range slices.Sorted(maps.Keys(d.found[ref])) {
		w.extra = append(w.extra, d.found[ref][key])
	}
	return w.find(d.of, ref, c.Version, d.found[ref])
}

// around adds a cycle to what was loaded, so that something can be said of it.
func (w *work) around(c Cycle) {
	for _, own := range []*Snapshot{w.before, w.after} {
		if own.Cycle(c.ID) == nil {
			own.Cycles = append(own.Cycles, c)
			own.Sort()
		}
	}
}

// byID is what was measured of the snapshot, by id.
func (m Measured) byID(s *Snapshot) map[ID]measure.Result {
	out := make(map[ID]measure.Result, len(m.KeyResults)+len(m.Objectives))
	for i := range m.KeyResults {
		out[s.KeyResults[i].ID] = m.KeyResults[i]
	}
	for i := range m.Objectives {
		out[s.Objectives[i].ID] = m.Objectives[i]
	}
	return out
}

// decide is [Verdict.Decide] row by row.
func (m Measured) decide(v Verdict, s *Snapshot, now time.Time) {
	if len(v.Statuses) == 0 {
		return
	}
	decide := func(id ID, r *measure.Result) {
		if ruling := v.ruling(id, s, now); ruling.Replaces(r.Status) {
			r.Status = ruling.Status
		}
	}
	for i := range m.KeyResults {
		decide(s.KeyResults[i].ID, &m.KeyResults[i])
	}
	for i := range m.Objectives {
		decide(s.Objectives[i].ID, &m.Objectives[i])
	}
}
