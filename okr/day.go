package okr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
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
	loc, err := c.Location()
	if err != nil {
		loc = time.UTC
	}
	return c.Today(after).AddDays(1).In(loc).UTC()
}

// settleDay has those of a cycle looked at whom a change of day has changed, and
// says when the next one is.
func (w *work) settleDay(ctx context.Context, ref Ref) error {
	s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true, StandingKinds: []string{standingDay}}})
	if asNotFound(err, new(*NotFoundError)) {
		return nil
	}
	if err != nil {
		return err
	}
	c := s.Cycle(ref.ID)
	st, known := standingOf(s.StandingsOf(ref), standingDay)
	if c.closed(w.now) {
		if known {
			w.changes.Drop = append(w.changes.Drop, st)
		}
		return nil
	}
	next, mark := c.midnight(w.now), c.Today(w.now).String()+" "+packMark(s.Packs)
	if known && st.NextLook != nil && st.NextLook.Equal(next) && st.Value == mark {
		return nil // it was asked for by something that began, and today is settled
	}
	changed, err := w.unsettled(ctx, ref.ID)
	if err != nil {
		return err
	}
	settling := map[Ref]bool{}
	for _, r := range w.changes.Settled {
		settling[r] = true
	}
	for _, r := range changed {
		if !settling[r] {
			w.look(r)
		}
	}
	w.setStanding(Standing{Subject: ref, Kind: standingDay, Value: mark, Since: w.now, NextLook: &next})
	return nil
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

// unsettled loads a cycle, measures it, and compares it with what was announced.
// Packs that decide statuses are asked.
func (w *work) unsettled(ctx context.Context, cycle ID) ([]Ref, error) {
	in := Intent{Verb: VerbAppraise}
	need := Need{Cycle: cycle, Collections: Collections{Standings: true, StandingKinds: []string{standingStatus, standingForecast}}}
	s, err := w.desk.read(ctx, w.unit, w.id, in, need)
	if err != nil {
		return nil, err
	}
	s.MinGroup = w.desk.minGroup
	m := s.MeasureAll(w.now)
	if w.desk.judge == nil {
		return s.Unsettled(cycle, m, w.now), nil
	}
	for i := range s.KeyResults {
		if k := &s.KeyResults[i]; k.State == Active && k.Cycle == cycle {
			in.Subjects = append(in.Subjects, Ref{KindKeyResult, k.ID})
		}
	}
	for i := range s.Objectives {
		if o := &s.Objectives[i]; o.State == Active && o.Cycle == cycle {
			in.Subjects = append(in.Subjects, Ref{KindObjective, o.ID})
		}
	}
	measured := m.byID(s)
	v, err := w.desk.judge.Judge(ctx, Proposal{Intent: in, Before: s, After: s, Measured: measured, Now: w.now})
	if err != nil {
		return nil, errors.Join(errors.New("okr: judging a change of day"), err)
	}
	m.decide(v, s, w.now)
	return s.Unsettled(cycle, m, w.now), nil
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
