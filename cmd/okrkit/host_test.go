package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/sqlite"
)

// quarter is an instant five weeks into the quarter of the company.
var quarter = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)

// host is what a host has: a desk that is judged by the starter packs.
func host(s okr.Store, clock *okrtest.Clock) (*okr.Desk, error) {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	if err != nil {
		return nil, err
	}
	return okr.New(s, okr.Config{Judge: audit.New(live), Calendar: cadence.New(), Clock: clock.Now, NewID: okrtest.SequentialIDs()})
}

// company writes the quarter of an invented company: an objective that is active, of
// which one key result does well and one badly, and a draft.
func company(ctx context.Context, desk *okr.Desk, clock *okrtest.Clock) error {
	acme := desk.For("acme").As(okr.Someone("ines"))
	source := &okr.Source{Kind: "sql", Where: "Billing", Interval: okr.EveryWeek, Access: []string{"ines", "tom"}}
	rising := func(key, title string, from, to float64) okr.PlanKeyResult {
		return okr.PlanKeyResult{Key: key, Title: title, Owner: "tom", Source: source,
			Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(from), Target: measure.N(to)}}
	}
	clock.Set(time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC))
	if _, err := acme.Propose(ctx, okr.Plan{
		Cycle:  okrtest.Quarter(),
		People: []okr.Person{{ID: "ines", Name: "Ines Duarte", Team: "sales"}, {ID: "tom", Name: "Tom Abel", Team: "sales"}},
		Teams:  []okr.Team{{ID: "sales", Name: "Sales", Lead: "ines"}},
		Objectives: []okr.PlanObjective{
			{Key: "stay", Title: "Companies that try us stay", Team: "sales", Owner: "ines", Rank: 1, KeyResults: []okr.PlanKeyResult{
				rising("paying", "Raise the share of trials that pay from 12 % to 18 %", 12, 18),
				rising("renewals", "Raise renewals from 70 % to 85 % by 31 December", 70, 85),
			}},
			{Key: "help", Title: "Answers come fast", Team: "sales", Owner: "ines", Rank: 2, KeyResults: []okr.PlanKeyResult{
				rising("first", "Raise the share of replies within an hour from 40 % to 90 %", 40, 90),
			}},
		},
	}); err != nil {
		return err
	}
	ids := map[string]okr.ID{}
	var objective okr.ID
	for k, err := range acme.View().All(ctx, okr.Query{}) {
		if err != nil {
			return err
		}
		if ids[k.Key] = k.ID; k.Key == "paying" {
			objective = k.Objective
		}
	}
	clock.Set(time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC))
	if _, err := acme.Activate(ctx, okr.Activation{Subjects: []okr.Ref{
		{Kind: okr.KindObjective, ID: objective}, {Kind: okr.KindKeyResult, ID: ids["paying"]}, {Kind: okr.KindKeyResult, ID: ids["renewals"]},
	}}); err != nil {
		return err
	}
	clock.Set(quarter.Add(-24 * time.Hour))
	for key, value := range map[string]float64{"paying": 15, "renewals": 75} {
		if _, err := acme.As(okr.Someone("tom")).CheckIn(ctx, okr.CheckIn{KeyResult: ids[key], Value: measure.N(value), Confidence: measure.N(6), Stated: measure.OnTrack, Note: "As planned."}); err != nil {
			return err
		}
	}
	clock.Set(quarter)
	_, err := settled(ctx, desk)
	return err
}

// settled looks at all that is due, and says how much that was.
func settled(ctx context.Context, desk *okr.Desk) (int, error) {
	r := cadence.NewRunner(desk)
	for total := 0; ; {
		n, err := r.Once(ctx)
		if total += n; err != nil || n == 0 {
			return total, err
		}
	}
}

// hosting is a program for scripts: it makes a database with the company in it.
func hosting() int {
	if err := makeDatabase(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func makeDatabase(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: %w", path, err)
	}
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	clock := okrtest.NewClock(quarter)
	desk, err := host(s, clock)
	if err != nil {
		return err
	}
	return company(ctx, desk, clock)
}
