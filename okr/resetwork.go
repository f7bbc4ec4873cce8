package okr

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The events of a reset. That a week does not open is told to whoever asked, and
// changes nothing.
const (
	EventResetStarted    = EventPrefix + "reset.started"
	EventResetWeekOpened = EventPrefix + "reset.week-opened"
	EventResetVouched    = EventPrefix + "reset.vouched"
	EventResetFinished   = EventPrefix + "reset.finished"
	EventResetAbandoned  = EventPrefix + "reset.abandoned"
)

// ResetFact is the payload of reset events.
type ResetFact struct {
	Reset     ID          `json:"reset"`
	Cycle     ID          `json:"cycle"`
	Team      ID          `json:"team,omitempty"`
	Week      int         `json:"week"` // that is open, or was last
	From      Date        `json:"from"` // of the week, as planned
	To        Date        `json:"to"`
	Counts    ResetCounts `json:"counts"`
	Missing   int         `json:"missing"`              // things to be done in the week
	Concerns  []ID        `json:"concerns,omitempty"`   // people who own something of which something is missing
	KeyResult ID          `json:"key_result,omitempty"` // of which something was vouched for
	For       VouchKind   `json:"for,omitempty"`
}

// NewReset begins a reset.
type NewReset struct {
	Cycle ID     `json:"cycle"`
	Team  ID     `json:"team,omitempty"` // with the teams below it; "" is everybody
	Start Date   `json:"start,omitzero"` // the first of the thirty days, in the cycle's zone; zero is today
	Key   string `json:"-"`              // idempotency key; "" is none
}

// ResetAdvance opens the next week of a reset, or finishes it after the last.
type ResetAdvance struct {
	Reset ID     `json:"reset"`
	From  int    `json:"from,omitempty"` // the week that is done; 0 is the one that is open. Give it, so that asking twice does not skip a week
	Key   string `json:"-"`              // idempotency key; "" is none
}

// Vouching is the word of a person for what no data shows.
type Vouching struct {
	Reset     ID        `json:"reset"`
	KeyResult ID        `json:"key_result"`
	For       VouchKind `json:"for"`
	Reason    string    `json:"reason,omitempty"` // needed but for a source
	Key       string    `json:"-"`                // idempotency key; "" is none
}

// ResetEnd gives a reset up.
type ResetEnd struct {
	Reset  ID     `json:"reset"`
	Reason string `json:"reason"`
	Key    string `json:"-"` // idempotency key; "" is none
}

// mostReset bounds the key results of one reset.
const mostReset = 2000

// StartReset audits the key results of a cycle, or of a team in it with the teams
// below, and opens week 1 of their reset. Where there is nothing to audit it is a
// [*ResetError]; where a reset of some of them is open already, an [ErrConflict].
// Private objectives stay out of it: they are their owners' affair. It needs a judge
// that is a [Resetter].
func (t Tenant) StartReset(ctx context.Context, n NewReset) (Decision, error) {
	for _, err := range []error{
		checkID("cycle", n.Cycle, true), checkID("team", n.Team, false), checkDate("start", n.Start),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	about := Ref{KindCycle, n.Cycle}
	if n.Team != "" {
		about = Ref{KindTeam, n.Team}
	}
	return t.decide(ctx, Intent{VerbReset, []Ref{about}}, n.Key, n, func(ctx context.Context, w *work) error {
		return w.startReset(ctx, n)
	})
}

func (w *work) startReset(ctx context.Context, n NewReset) error {
	if err := w.bringReset(ctx, n.Cycle, n.Team); err != nil {
		return misnamed(err, map[Ref]string{{KindTeam, n.Team}: "team"})
	}
	c := w.after.Cycle(n.Cycle)
	if err := w.open(n.Cycle); err != nil {
		return err
	}
	if n.Start.IsZero() {
		n.Start = c.Today(w.now)
	}
	x := Reset{
		ID: ID(w.desk.newID()), Cycle: n.Cycle, Team: n.Team, Start: n.Start, State: ResetOpen, Week: WeekAudit, By: w.actor, At: w.now,
	}
	for _, o := range w.after.Resets {
		if o.State == ResetOpen && o.Cycle == x.Cycle && (o.Team == "" || x.Team == "" || w.after.inTeam(o.Team, x.Team) || w.after.inTeam(x.Team, o.Team)) {
			return &ConflictError{o.ref(), "it is open and covers some of the same key results: finish or abandon it first"}
		}
	}
	a, err := w.assess(ctx, x)
	if err != nil {
		return err
	}
	if len(a.Rows) == 0 {
		return &ResetError{Missing: []Missing{nothingToReset(*c, w.after.Team(n.Team))}}
	}
	if len(a.Rows) > mostReset {
		return invalid("team", string(n.Team), "there are %d key results: reset at most %d at once, team by team", len(a.Rows), mostReset)
	}
	// Two that begin at once meet here, and the later one sees the earlier.
	w.meet(n.Cycle)
	x.take(a)
	x.step(w, a, "")
	return w.made(x, EventResetStarted, x.fact(a))
}

func nothingToReset(c Cycle, team *Team) Missing {
	m := Missing{
		Subject: Ref{KindCycle, c.ID}, Title: c.Name, What: "key_results",
		Message: "there is no objective with a key result in it", Remedy: "Import the plan first: every objective and key result, as bad as they are.",
	}
	if team != nil {
		m.Subject, m.Title = Ref{KindTeam, team.ID}, team.Name
	}
	return m
}

// bringReset reads everything of a cycle that a reset is judged by, as everybody may
// see it.
func (w *work) bringReset(ctx context.Context, cycle, team ID) error {
	need := resetNeed(cycle)
	if team != "" {
		need.Refs = append(need.Refs, Ref{KindTeam, team})
	}
	need.Lock = w.tx != nil
	s, err := w.desk.read(ctx, w.unit, w.id, Intent{Verb: VerbView}, need)
	if err != nil {
		return err
	}
	s.MinGroup = w.desk.minGroup
	if err := w.hide(ctx, s, need); err != nil {
		return err
	}
	w.before, w.after = s, s.Clone()
	if len(s.Packs) == 0 && w.desk.judge != nil {
		return w.activateStarter(ctx)
	}
	return nil
}

func resetNeed(cycle ID) Need {
	return Need{
		Refs: []Ref{{KindCycle, cycle}}, Cycle: cycle, Everyone: true,
		Collections: Collections{Readings: collect, CheckIns: collect, Standings: true, StandingKinds: []string{standingSource}, Items: []Kind{KindReset, KindKPI}},
	}
}

// assess asks how a reset stands.
func (w *work) assess(ctx context.Context, x Reset) (Assessment, error) {
	s := w.after.Open(w.now)
	because, err := w.Tenant.because(ctx, w.unit, s, x)
	if err != nil {
		return Assessment{}, err
	}
	return w.desk.assess(ctx, ResetInquiry{Reset: x, Snapshot: s, Calendar: w.desk.calendar, Now: w.now, Because: because})
}

func (d *Desk) assess(ctx context.Context, q ResetInquiry) (Assessment, error) {
	r, ok := d.judge.(Resetter)
	if !ok {
		return Assessment{}, invalid("judge", fmt.Sprintf("%T", d.judge), "a reset needs a judge that fills in its worksheet: give audit.New in Config.Judge")
	}
	a, err := r.Assess(ctx, q)
	if err != nil {
		return Assessment{}, fmt.Errorf("okr: assessing the reset: %w", err)
	}
	return a, nil
}

// because are the reasons for which key results of a reset were set aside, where
// somebody gave one.
func (t Tenant) because(ctx context.Context, u Unit, s *Snapshot, x Reset) (map[ID]string, error) {
	out := map[ID]string{}
	for _, k := range s.KeyResults {
		if k.State != Postponed && k.State != Abandoned || x.Row(k.ID) == nil {
			continue
		}
		rows, err := u.Versions(ctx, t.id, Ref{KindKeyResult, k.ID})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			var is changedKeyResult
			if err := json.Unmarshal(r.State, &is); err != nil {
				return nil, fmt.Errorf("okr: the ledger's row %d of %s cannot be read: %w", r.Seq, r.Aggregate, err)
			}
			if is.State == k.State && is.Reason != "" {
				out[k.ID] = is.Reason
			}
		}
	}
	return out, nil
}

// take puts key results on the worksheet that are not on it yet.
func (x *Reset) take(a Assessment) {
	x.Worksheet = slices.Clone(x.Worksheet)
	for _, r := range a.Rows {
		if x.Row(r.KeyResult) == nil && !r.Aside {
			x.Worksheet = append(x.Worksheet, ResetRow{KeyResult: r.KeyResult, Objective: r.In, Work: r.Work, Before: r.Now})
		}
	}
}

// step notes what a step was decided on.
func (x *Reset) step(w *work, a Assessment, end ResetState) {
	x.Steps = append(slices.Clone(x.Steps), ResetStep{
		Week: x.Week, State: end, At: w.now, On: w.after.Cycle(x.Cycle).Today(w.now), By: w.actor, Counts: a.Counts, Packs: a.Packs,
	})
}

func (x *Reset) fact(a Assessment) ResetFact {
	from, to := x.Days(x.Week)
	f := ResetFact{Reset: x.ID, Cycle: x.Cycle, Team: x.Team, Week: x.Week, From: from, To: to, Counts: a.Counts, Missing: len(a.Missing)}
	for _, m := range a.Missing {
		if m.Owner != "" && !slices.Contains(f.Concerns, m.Owner) {
			f.Concerns = append(f.Concerns, m.Owner)
		}
	}
	slices.Sort(f.Concerns)
	return f
}

// AdvanceReset opens the next week of a reset, and after the fourth finishes it. What
// the exit of the open week asks for is computed from what is there: while anything
// is missing it is a [*ResetError] that lists all of it, and nothing is written.
func (t Tenant) AdvanceReset(ctx context.Context, n ResetAdvance) (Decision, error) {
	if err := checkID("reset", n.Reset, true); err != nil {
		return Decision{}, err
	}
	if n.From < 0 || n.From > WeekCheckIn {
		return Decision{}, invalid("from", fmt.Sprint(n.From), "name the week that is done, 1 to 4, or 0 for the one that is open")
	}
	return t.decide(ctx, Intent{VerbReset, []Ref{{KindReset, n.Reset}}}, n.Key, n, func(ctx context.Context, w *work) error {
		x, err := w.resetOpen(ctx, n.Reset)
		if err != nil {
			return err
		}
		if n.From != 0 && n.From != x.Week {
			return &ConflictError{x.ref(), fmt.Sprintf("week %d is open: week %d is not the one to be done", x.Week, n.From)}
		}
		a, err := w.assess(ctx, x)
		if err != nil {
			return err
		}
		if len(a.Missing) > 0 {
			return &ResetError{Reset: x.ID, Week: x.Week, Missing: a.Missing}
		}
		// What a condition rests on is not changed meanwhile.
		w.meet(x.Cycle)
		x.take(a)
		if x.Week == WeekCheckIn {
			return w.finishReset(x, a)
		}
		x.Week++
		next, err := w.assess(ctx, x) // what the week asks for
		if err != nil {
			return err
		}
		x.step(w, next, "")
		f := x.fact(next)
		if err := w.made(x, EventResetWeekOpened, f); err != nil {
			return err
		}
		if len(f.Concerns) > 0 {
			w.await(x.ref())
		}
		return nil
	})
}

// settleResets hands over the openings of weeks of which somebody is to be told.
func (w *work) settleResets(ctx context.Context, refs []Ref) error {
	for _, ref := range refs {
		if ref.Kind != KindReset {
			continue
		}
		s, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}, Collections: Collections{Standings: true}})
		if asNotFound(err, new(*NotFoundError)) {
			continue
		}
		if err != nil {
			return err
		}
		for _, st := range s.StandingsOf(ref) {
			if st.Kind != standingAudience {
				continue
			}
			if !w.actor.program() {
				now := w.now
				st.NextLook = &now
				w.changes.Standings = append(w.changes.Standings, st)
				continue
			}
			seq, err := strconv.ParseInt(st.Value, 10, 64)
			if err != nil {
				return err
			}
			events, err := w.unit.Events(ctx, w.id, ref, seq-1)
			if err != nil {
				return err
			}
			for _, e := range events {
				if e.ID == st.Key {
					w.out.Audience = append(w.out.Audience, e)
				}
			}
			w.changes.Drop = append(w.changes.Drop, st)
		}
	}
	return nil
}

func (w *work) finishReset(x Reset, a Assessment) error {
	x.State = ResetFinished
	x.Conclude(a.Rows)
	x.step(w, a, ResetFinished)
	return w.made(x, EventResetFinished, x.fact(a))
}

// resetOpen reads a reset that is under way, with all that it is judged by.
func (w *work) resetOpen(ctx context.Context, id ID) (Reset, error) {
	ref := Ref{KindReset, id}
	found, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{ref}})
	if err != nil {
		return Reset{}, err
	}
	if err := w.bringReset(ctx, found.Resets[0].Cycle, ""); err != nil {
		return Reset{}, err
	}
	x := w.after.Reset(id)
	if x == nil {
		return Reset{}, &NotFoundError{ref}
	}
	if err := w.open(x.Cycle); err != nil {
		return Reset{}, err
	}
	if x.State != ResetOpen {
		return Reset{}, &ConflictError{ref, fmt.Sprintf("it is %s: start another one", x.State)}
	}
	return *x, nil
}

// Vouch records the word of a person for what no data shows: that a source exists,
// why a key result stays as it is, or why it was set aside. A source is vouched for as
// it is named now; another one is not. What is said again takes the place of what was
// said before.
func (t Tenant) Vouch(ctx context.Context, n Vouching) (Decision, error) {
	for _, err := range []error{
		checkID("reset", n.Reset, true), checkID("key_result", n.KeyResult, true),
		checkText("reason", n.Reason, maxNote, n.For == VouchAsIs || n.For == VouchAside),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	if !slices.Contains(VouchKinds(), n.For) {
		return Decision{}, invalid("for", string(n.For), "use source, as_is or aside")
	}
	return t.decide(ctx, Intent{VerbReset, []Ref{{KindReset, n.Reset}, {KindKeyResult, n.KeyResult}}}, n.Key, n, func(ctx context.Context, w *work) error {
		return w.vouch(ctx, n)
	})
}

func (w *work) vouch(ctx context.Context, n Vouching) error {
	x, err := w.resetOpen(ctx, n.Reset)
	if err != nil {
		return err
	}
	ref := Ref{KindKeyResult, n.KeyResult}
	k := w.after.Open(w.now).KeyResult(n.KeyResult)
	if k == nil || w.by.hides(ref) {
		return &NotFoundError{ref}
	}
	if o := w.after.Objective(k.Objective); o == nil || !x.Covers(w.after, *o) {
		return invalid("key_result", string(k.ID), "%q is not in the scope of this reset", k.Title)
	}
	if w.actor.program() {
		return invalid("actor", string(w.actor.ID), "a person vouches, who has looked: act as one, with okr.Someone")
	}
	v := Vouched{KeyResult: k.ID, For: n.For, Reason: n.Reason, By: w.actor, At: w.now}
	aside := k.State == Postponed || k.State == Abandoned
	switch {
	case n.For == VouchSource && k.Source.Named() == "":
		return invalid("for", string(n.For), "%q names no source yet: name it first", k.Title)
	case n.For == VouchSource:
		v.Source = k.Source.Named()
	case n.For == VouchAside && !aside:
		return invalid("for", string(n.For), "%q is %s: postpone or abandon it first", k.Title, k.State)
	case n.For == VouchAsIs && aside:
		return invalid("for", string(n.For), "%q is %s: say why it was set aside", k.Title, k.State)
	}
	x.Vouched = append(slices.DeleteFunc(slices.Clone(x.Vouched), func(o Vouched) bool { return o.KeyResult == v.KeyResult && o.For == v.For }), v)
	a, err := w.assess(ctx, x)
	if err != nil {
		return err
	}
	f := x.fact(a)
	f.KeyResult, f.For, f.Concerns = k.ID, n.For, nil
	return w.made(x, EventResetVouched, f)
}

// AbandonReset gives a reset up. What was done in it stays.
func (t Tenant) AbandonReset(ctx context.Context, n ResetEnd) (Decision, error) {
	for _, err := range []error{checkID("reset", n.Reset, true), checkText("reason", n.Reason, maxNote, true)} {
		if err != nil {
			return Decision{}, err
		}
	}
	return t.decide(ctx, Intent{VerbReset, []Ref{{KindReset, n.Reset}}}, n.Key, n, func(ctx context.Context, w *work) error {
		x, err := w.resetOpen(ctx, n.Reset)
		if err != nil {
			return err
		}
		a, err := w.assess(ctx, x)
		if err != nil {
			return err
		}
		x.State, x.Reason = ResetAbandoned, n.Reason
		x.step(w, a, ResetAbandoned)
		f := x.fact(a)
		f.Concerns = nil
		return w.made(x, EventResetAbandoned, f)
	})
}

// Reset is the reset with the id, nil if the snapshot has none.
func (s *Snapshot) Reset(id ID) *Reset {
	return find(s.Resets, id, func(x Reset) ID { return x.ID })
}

// without is the reset as those see it who may not see all key results.
func (x Reset) without(by *sight) Reset {
	x.Worksheet = without(x.Worksheet, func(r ResetRow) bool { return by.keyResults[r.KeyResult] })
	x.Vouched = without(x.Vouched, func(v Vouched) bool { return by.keyResults[v.KeyResult] })
	return x
}

// Reset reads how a reset stands: what is done, what is missing, and who is to do it.
// As of a cut it says what it said then.
func (v View) Reset(ctx context.Context, id ID) (ResetView, error) {
	if err := checkID("reset", id, true); err != nil {
		return ResetView{}, err
	}
	var out ResetView
	err := v.transact(ctx, func(u Unit, now time.Time) error {
		ref := Ref{KindReset, id}
		if err := v.t.allow(ctx, Intent{VerbView, []Ref{ref}}); err != nil {
			return err
		}
		found, err := u.Load(ctx, v.t.id, Need{Refs: []Ref{ref}})
		if err != nil {
			return err
		}
		x := found.Resets[0]
		s, err := v.t.desk.read(ctx, u, v.t.id, Intent{Verb: VerbView}, resetNeed(x.Cycle))
		if err != nil {
			return err
		}
		s = s.Open(now)
		because, err := v.t.because(ctx, u, s, x)
		if err != nil {
			return err
		}
		q := ResetInquiry{Reset: x, Snapshot: s, Calendar: v.t.desk.calendar, Now: now, Because: because}
		a, err := v.t.desk.assess(ctx, q)
		if err != nil {
			return err
		}
		out = NewResetView(q, a)
		return nil
	})
	return out, err
}

// ResetQuery selects resets. Empty fields do not restrict.
type ResetQuery struct {
	Cycle ID
	Team  ID // the one it was started for, without those of everybody
	State ResetState
}

// Resets reads one page of the resets, in the order in which they were started.
func (v View) Resets(ctx context.Context, q ResetQuery, p Paging) (Page[Reset], error) {
	return listItems(ctx, v, ItemQuery{Kind: KindReset, Subject: teamOr(q.Team, ""), Cycle: q.Cycle}, p,
		func(s *Snapshot) []Reset { return s.Resets },
		func(x Reset) bool { return q.State == "" || x.State == q.State })
}

// SourceFailed says whether the source of a key result was last heard of with an
// error. The snapshot must hold its standings.
func (s *Snapshot) SourceFailed(keyResult ID) bool {
	return slices.ContainsFunc(s.StandingsOf(Ref{KindKeyResult, keyResult}), func(st Standing) bool {
		return st.Kind == standingSource && st.Value == "failed"
	})
}
