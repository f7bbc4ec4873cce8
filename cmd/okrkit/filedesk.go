package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/memory"
)

// filedesk reads plan files as a desk reads its database, so that papers are filled
// from files by the code that fills them from live data.
type filedesk struct {
	snapshot *okr.Snapshot
	judge    *audit.Judge
	calendar okr.Calendar
	now      time.Time
}

// everybody is the team of all key results, where no team was asked for.
const everybody okr.ID = "everybody"

// together makes one team of everybody. Each key result keeps the rhythm that it
// has.
func (d *filedesk) together() okr.ID {
	s := d.snapshot
	for i := range s.KeyResults {
		s.KeyResults[i].Cadence = s.CadenceOf(s.KeyResults[i])
	}
	for i := range s.Objectives {
		s.Objectives[i].Team = everybody
	}
	s.Teams = append(s.Teams, okr.Team{ID: everybody})
	s.Sort()
	return everybody
}

// begin has everything in a cycle be active since its first day, or since now if
// that is earlier: a file does not say when it was activated.
func (d *filedesk) begin(cycle okr.ID) {
	s := d.snapshot
	since := d.now
	if c := s.Cycle(cycle); c.Start.IsZero() || c.End.IsZero() {
		d.restless()
	} else {
		if loc, err := c.Location(); err == nil && c.Start.In(loc).Before(since) {
			since = c.Start.In(loc).UTC()
		}
	}
	for i := range s.Objectives {
		if o := &s.Objectives[i]; o.Cycle == cycle && o.State == okr.Draft {
			o.State = okr.Active
		}
	}
	for i := range s.KeyResults {
		if k := &s.KeyResults[i]; k.Cycle == cycle && k.State == okr.Draft {
			k.State, k.ActivatedAt = okr.Active, &since
		}
	}
}

// restless takes their rhythm from key results whose cycle has no dates: nothing falls
// due there.
func (d *filedesk) restless() {
	s := d.snapshot
	for i := range s.Cycles {
		s.Cycles[i].Cadence = nil
	}
	for i := range s.Teams {
		s.Teams[i].Cadence = nil
	}
	for i := range s.KeyResults {
		s.KeyResults[i].Cadence = nil
	}
}

// view is what a desk over the files would show at the instant.
func (d *filedesk) view(ctx context.Context) (okr.View, error) {
	s := d.snapshot
	store := memory.New()
	u, err := store.Begin(ctx, true)
	if err != nil {
		return okr.View{}, err
	}
	w := filewriting{now: d.now.Truncate(time.Microsecond), tenant: s.Tenant, changes: okr.Changes{
		Expect: map[okr.Ref]int64{}, Readings: s.Readings, CheckIns: s.CheckIns, Now: d.now,
	}}
	for _, x := range s.Cycles {
		x.Version = w.row(okr.Ref{Kind: okr.KindCycle, ID: x.ID}, okr.EventCycleCreated)
		w.changes.Cycles = append(w.changes.Cycles, x)
	}
	for _, x := range s.People {
		x.Version = w.row(okr.Ref{Kind: okr.KindPerson, ID: x.ID}, okr.EventPersonChanged)
		w.changes.People = append(w.changes.People, x)
	}
	for _, x := range s.Teams {
		x.Version = w.row(okr.Ref{Kind: okr.KindTeam, ID: x.ID}, okr.EventTeamChanged)
		w.changes.Teams = append(w.changes.Teams, x)
	}
	for _, x := range s.Objectives {
		x.Version = w.row(okr.Ref{Kind: okr.KindObjective, ID: x.ID}, okr.EventObjectiveCreated)
		w.changes.Objectives = append(w.changes.Objectives, x)
	}
	for _, x := range s.KeyResults {
		x.Version = w.row(okr.Ref{Kind: okr.KindKeyResult, ID: x.ID}, okr.EventKeyResultCreated)
		w.changes.KeyResults = append(w.changes.KeyResults, x)
	}
	if w.changes.Standings, err = d.answered(); err != nil {
		return okr.View{}, err
	}
	if err := u.Write(ctx, s.Tenant, w.changes); err != nil {
		return okr.View{}, err
	}
	if err := u.Commit(ctx); err != nil {
		return okr.View{}, err
	}
	desk, err := okr.New(store, okr.Config{Judge: d.judge, Calendar: d.calendar, Clock: func() time.Time { return d.now }})
	if err != nil {
		return okr.View{}, err
	}
	return desk.For(s.Tenant).As(okr.Automation(command)).View(), nil
}

// answered are the occurrences that the check-ins of the files answer: each the one
// whose reminder was out, as long as the next one's was not.
func (d *filedesk) answered() ([]okr.Standing, error) {
	s := d.snapshot
	var out []okr.Standing
	for _, k := range s.KeyResults {
		schedule, cycle, taken := s.CadenceOf(k), s.Cycle(k.Cycle), s.CheckInsOf(k.ID)
		if schedule == nil || schedule.Frequency == "" || cycle == nil || k.ActivatedAt == nil || len(taken) == 0 {
			continue
		}
		all, err := d.calendar.Occurrences(*schedule, *cycle, *k.ActivatedAt, d.now.Add(2*schedule.Interval().Duration()))
		if err != nil {
			return nil, err
		}
		for i, o := range all {
			for _, c := range taken {
				if !c.OccurredAt.Before(o.Opens) && (i+1 == len(all) || c.OccurredAt.Before(all[i+1].Opens)) {
					out = append(out, okr.Standing{
						Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, Kind: "occurrence", Key: o.Key, Value: "answered", Since: c.OccurredAt,
					})
					break
				}
			}
		}
	}
	return out, nil
}

// filewriting gives each row the first event that a store wants of it.
type filewriting struct {
	now     time.Time
	tenant  okr.TenantID
	changes okr.Changes
}

// row is the version of the row with its event.
func (w *filewriting) row(r okr.Ref, event string) int64 {
	e := okr.Entry{Entity: r, State: json.RawMessage("{}"), Event: okr.Event{
		ID: fmt.Sprint(len(w.changes.Entries) + 1), Type: event, Tenant: w.tenant, Aggregate: r, Seq: 1, Time: w.now,
		Actor: okr.Automation(command), Data: json.RawMessage("{}"),
	}}
	e.Hash = e.Sum()
	w.changes.Expect[r] = 0
	w.changes.Entries = append(w.changes.Entries, e)
	return e.Seq
}
