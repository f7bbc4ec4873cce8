package okr

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

const (
	defaultPage = 100
	maxPage     = 1000
)

// View reads one tenant, as it is now or as it was at a cut. It has no method that
// writes; it measures and judges when read.
type View struct {
	t       Tenant
	cut     *Cut // nil: as it is now
	purpose Purpose
}

// View is the tenant as it is now.
func (t Tenant) View() View { return View{t: t} }

// KeyResultView is a key result with what was measured and judged of it now.
type KeyResultView struct {
	KeyResult
	ObjectiveTitle string        `json:"objective_title"`
	OwnerName      string        `json:"owner_name,omitempty"`
	TeamName       string        `json:"team_name,omitempty"`
	Measured       Appraisal     `json:"measured"`
	Age            time.Duration `json:"age,omitempty"` // of the current reading
	Blocked        []Blocker     `json:"blockers,omitempty"`
	Promised       *Goalpost     `json:"promised,omitempty"` // where it is held to something else now: what the value is worth under the metric and due date that it was activated with

	Need     *measure.Need  `json:"need,omitempty"`     // what it takes to be on track at the next check-in; nil: it is not under way, or nothing can be said
	Computed measure.Status `json:"computed,omitempty"` // while an override holds: the status that it stands in the place of
}

// ObjectiveView is an objective with its rollup and its key results.
type ObjectiveView struct {
	Objective
	OwnerName  string          `json:"owner_name,omitempty"`
	TeamName   string          `json:"team_name,omitempty"`
	Measured   Appraisal       `json:"measured"`
	KeyResults []KeyResultView `json:"key_results"`
}

// Tree is a whole cycle.
type Tree struct {
	Cycle      Cycle           `json:"cycle"`
	At         time.Time       `json:"at"` // UTC instant
	Objectives []ObjectiveView `json:"objectives"`
	Hidden     int             `json:"hidden,omitempty"` // objectives of the cycle that one may not see
	Findings   []Finding       `json:"findings,omitempty"`
	Grants     []Grant         `json:"grants,omitempty"` // what its scores may be read for, beside alignment
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor of the next page; "" is the end
}

// Cycles lists the tenant's cycles, oldest first, and of those that begin on the
// same day the longest first: a year stands before its quarters.
func (v View) Cycles(ctx context.Context) ([]Cycle, error) {
	s, _, err := v.read(ctx, Need{Cycles: true})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(s.Cycles, func(a, b Cycle) int {
		return cmp.Or(b.Start.DaysUntil(a.Start), a.End.DaysUntil(b.End), cmp.Compare(a.ID, b.ID))
	})
	return s.Cycles, nil
}

// Snapshot is everything of one cycle, as the judge reads it. Of its standings it
// shows what was announced, and not when somebody looks again.
func (v View) Snapshot(ctx context.Context, cycle ID) (*Snapshot, error) {
	s, _, err := v.read(ctx, Need{
		Refs: []Ref{{KindCycle, cycle}}, Cycle: cycle,
		Collections: Collections{Readings: collect, CheckIns: collect, Blockers: true, Standings: true, Items: ItemKinds()},
	})
	if err != nil {
		return nil, err
	}
	s.Standings = announcements(s.Standings)
	return s, nil
}

// Events lists an aggregate's events after a sequence number, ascending. Of what the
// actor may not see there are none; a notice says what it says to the one it is
// addressed to, and to programs.
func (v View) Events(ctx context.Context, aggregate Ref, afterSeq int64) ([]Event, error) {
	var out []Event
	err := v.transact(ctx, func(u Unit, _ time.Time) error {
		if err := v.t.allow(ctx, Intent{VerbView, []Ref{aggregate}}); err != nil {
			return err
		}
		var err error
		out, err = u.Events(ctx, v.t.id, aggregate, afterSeq)
		return err
	})
	return out, err
}

// Tree reads a cycle: its objectives by rank, their key results, and
// what the rules find. It costs one load of the cycle.
func (v View) Tree(ctx context.Context, cycle ID) (Tree, error) {
	in := Intent{Verb: VerbView}
	var goalposts map[ID]Goalpost
	s, now, err := v.readWith(ctx, Need{
		Refs: []Ref{{KindCycle, cycle}}, Cycle: cycle, Collections: Collections{Blockers: true, Items: []Kind{KindGrant}},
	}, func(u Unit, s *Snapshot, now time.Time) (err error) {
		for _, o := range s.Objectives {
			in.Subjects = append(in.Subjects, Ref{KindObjective, o.ID})
		}
		for _, k := range s.KeyResults {
			in.Subjects = append(in.Subjects, Ref{KindKeyResult, k.ID})
		}
		goalposts, err = v.goalposts(ctx, u, s, in, now)
		return err
	})
	if err != nil {
		return Tree{}, err
	}
	measured, verdict, err := v.judge(ctx, s, in, now)
	if err != nil {
		return Tree{}, err
	}
	t := Tree{Cycle: *s.Cycle(cycle), At: now, Hidden: s.Hidden, Findings: verdict.Findings}
	for _, g := range s.Grants {
		if g.Cycle == cycle && g.Revoked == nil {
			t.Grants = append(t.Grants, g)
		}
	}
	needs := v.needs(s, now)
	within := map[ID][]KeyResult{}
	for _, k := range s.KeyResults {
		within[k.Objective] = append(within[k.Objective], k)
	}
	for _, o := range s.Objectives {
		ov := ObjectiveView{Objective: o, OwnerName: personName(s, o.Owner, o.OwnerText), TeamName: teamName(s, o.Team)}
		ov.Measured = appraisal(measured[o.ID], o.State, verdict.Scores, o.ID).ended(o.Ending)
		for _, k := range within[o.ID] {
			kv := viewKeyResult(s, k, measured, verdict, now).promising(goalposts)
			if kv.Need, err = needs.of(&k); err != nil {
				return Tree{}, err
			}
			ov.KeyResults = append(ov.KeyResults, kv)
		}
		t.Objectives = append(t.Objectives, ov)
	}
	slices.SortStableFunc(t.Objectives, func(a, b ObjectiveView) int {
		return compareRanks(a.Rank, b.Rank)
	})
	return t, nil
}

// compareRanks puts the unranked last.
func compareRanks(a, b int) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0:
		return -1
	}
	return a - b
}

// KeyResults reads one page of the key results that match.
func (v View) KeyResults(ctx context.Context, q Query) (Page[KeyResultView], error) {
	switch {
	case q.Limit < 0:
		return Page[KeyResultView]{}, invalid("limit", "", "it cannot be negative")
	case q.Limit == 0:
		q.Limit = defaultPage
	}
	q.Limit = min(q.Limit, maxPage)
	var page Page[KeyResultView]
	err := v.transact(ctx, func(u Unit, now time.Time) error {
		in := Intent{Verb: VerbView}
		if err := v.t.allow(ctx, Intent{VerbView, q.about()}); err != nil {
			return err
		}
		ids, err := u.List(ctx, v.t.id, q)
		if err != nil || len(ids) == 0 {
			return err
		}
		need := Need{Collections: Collections{Blockers: true}}
		for _, id := range ids {
			need.Refs = append(need.Refs, Ref{KindKeyResult, id})
		}
		in.Subjects = need.Refs
		s, err := v.t.desk.read(ctx, u, v.t.id, in, need)
		if err != nil {
			return err
		}
		measured, verdict, err := v.judge(ctx, s, in, now)
		if err != nil {
			return err
		}
		goalposts, err := v.goalposts(ctx, u, s, in, now)
		if err != nil {
			return err
		}
		needs := v.needs(s, now)
		for _, id := range ids {
			k := s.KeyResult(id)
			if k == nil {
				continue
			}
			kv := viewKeyResult(s, *k, measured, verdict, now).promising(goalposts)
			if kv.Need, err = needs.of(k); err != nil {
				return err
			}
			page.Items = append(page.Items, kv)
		}
		if len(ids) == q.Limit {
			page.Next = string(ids[len(ids)-1])
		}
		return nil
	})
	return page, err
}

// All reads every key result that matches, page by page; it holds no transaction
// between pages. The first error ends it.
func (v View) All(ctx context.Context, q Query) iter.Seq2[KeyResultView, error] {
	return func(yield func(KeyResultView, error) bool) {
		for {
			page, err := v.KeyResults(ctx, q)
			if err != nil {
				yield(KeyResultView{}, err)
				return
			}
			for _, k := range page.Items {
				if !yield(k, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.After = page.Next
		}
	}
}

func (v View) read(ctx context.Context, need Need) (*Snapshot, time.Time, error) {
	return v.readWith(ctx, need, func(Unit, *Snapshot, time.Time) error { return nil })
}

// readWith reads a snapshot, and what more belongs to it from the same state.
func (v View) readWith(ctx context.Context, need Need, more func(Unit, *Snapshot, time.Time) error) (*Snapshot, time.Time, error) {
	var (
		s   *Snapshot
		now time.Time
	)
	err := v.transact(ctx, func(u Unit, at time.Time) error {
		now = at
		in := Intent{Verb: VerbView, Subjects: need.Refs}
		if err := v.t.allow(ctx, in); err != nil {
			return err
		}
		var err error
		if s, err = v.t.desk.read(ctx, u, v.t.id, in, need); err != nil {
			return err
		}
		return more(u, s, at)
	})
	return s, now, err
}

// judge measures and judges a snapshot for reading. A tenant that has written
// nothing yet is judged by the starter packs.
func (v View) judge(ctx context.Context, s *Snapshot, in Intent, now time.Time) (map[ID]measure.Result, Verdict, error) {
	measured := s.Measure(now)
	d := v.t.desk
	if d.judge == nil {
		return measured, Verdict{}, nil
	}
	if len(s.Packs) == 0 {
		s.Packs = d.judge.Starter()
	}
	verdict, err := d.judge.Judge(ctx, Proposal{Intent: in, Before: s, After: s, Measured: measured, Now: now})
	if err != nil {
		return nil, Verdict{}, err
	}
	for id, score := range verdict.Scores {
		score.Purpose = v.purpose
		verdict.Scores[id] = score
	}
	verdict.Decide(measured, s, now)
	verdict.Waive(s, now)
	return measured, verdict, nil
}

func appraisal(r measure.Result, state State, scores map[ID]Judged, id ID) Appraisal {
	a := Appraisal{Result: r, State: state}
	if j, ok := scores[id]; ok {
		a.Score = &j
	}
	return a
}

func viewKeyResult(s *Snapshot, k KeyResult, measured map[ID]measure.Result, verdict Verdict, now time.Time) KeyResultView {
	v := KeyResultView{KeyResult: k, OwnerName: personName(s, k.Owner, k.OwnerText)}
	if o := s.Objective(k.Objective); o != nil {
		v.ObjectiveTitle = o.Title
		v.TeamName = teamName(s, o.Team)
	}
	v.Measured = appraisal(measured[k.ID], k.State, verdict.Scores, k.ID).ended(k.Ending)
	if k.CurrentAt != nil {
		v.Age = now.Sub(*k.CurrentAt)
	}
	v.Computed = s.computed(&k, now)
	for _, b := range s.BlockersOf(k.ID) {
		if b.ClosedAt == nil {
			v.Blocked = append(v.Blocked, b)
		}
	}
	return v
}

func personName(s *Snapshot, id ID, text string) string {
	if p := s.Person(id); p != nil {
		return p.Name
	}
	return text
}

func teamName(s *Snapshot, id ID) string {
	if t := s.Team(id); t != nil {
		return t.Name
	}
	return ""
}
