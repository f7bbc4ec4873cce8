package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// Histories lets two desks live through the same random histories, one over the
// reference store and one over the store that open returns, and fails where they
// differ: in an error, a decision, a view or an event. Two tenants take part, so
// that a row that leaks from one to the other shows.
func Histories(t *testing.T, open func(t *testing.T) okr.Store) {
	t.Helper()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		t.Run(fmt.Sprint("history ", n), func(t *testing.T) {
			h := &histories{want: newTeller(t, memory.New()), got: newTeller(t, open(t))}
			for range rapid.IntRange(5, 25).Draw(rt, "length") {
				h.step(t, rt)
			}
			h.compare(t)
		})
	})
}

// teller is one of the two desks.
type teller struct {
	desk  *okr.Desk
	clock *okrtest.Clock
}

func newTeller(t *testing.T, s okr.Store) *teller {
	t.Helper()
	c := okrtest.NewClock(time.Date(2026, time.September, 28, 9, 0, 0, 0, time.UTC))
	d, err := okr.New(s, okr.Config{Clock: c.Now, NewID: okrtest.SequentialIDs(), Calendar: daily{}})
	require.NoError(t, err)
	return &teller{d, c}
}

// daily has one occurrence a day: histories are short, and shall meet many.
type daily struct{}

func (daily) Occurrences(_ okr.Schedule, c okr.Cycle, from, to time.Time) ([]okr.Occurrence, error) {
	var out []okr.Occurrence
	for d := c.Start; !d.After(c.End); d = d.AddDays(1) {
		due := d.In(time.UTC).Add(16 * time.Hour)
		if due.After(from) && !due.After(to) {
			out = append(out, okr.Occurrence{Key: d.String(), Opens: due.Add(-4 * time.Hour), Due: due, GraceEnds: due.Add(4 * time.Hour)})
		}
	}
	return out, nil
}

func (daily) Later(_ okr.Schedule, _ okr.Cycle, from time.Time, workingDays int) (time.Time, error) {
	return from.AddDate(0, 0, workingDays), nil
}

type histories struct{ want, got *teller }

// both does the same to both desks and compares what comes back.
func (h *histories) both(t *testing.T, what string, f func(x *teller) (any, error)) {
	t.Helper()
	want, wantErr := f(h.want)
	got, gotErr := f(h.got)
	require.Equal(t, kind(wantErr), kind(gotErr), "%s: reference says %v, store says %v", what, wantErr, gotErr)
	if wantErr != nil {
		return
	}
	a, err := json.MarshalIndent(want, "", " ")
	require.NoError(t, err)
	b, err := json.MarshalIndent(got, "", " ")
	require.NoError(t, err)
	require.Equal(t, string(a), string(b), what)
}

// kind is what a caller can tell of an error.
func kind(err error) string {
	for _, e := range []error{okr.ErrNotFound, okr.ErrConflict, okr.ErrInvalid, okr.ErrRefused, okr.ErrForeignTx, okr.ErrBusy} {
		if errors.Is(err, e) {
			return e.Error()
		}
	}
	if err != nil {
		return "other"
	}
	return ""
}

func (h *histories) step(t *testing.T, rt *rapid.T) {
	t.Helper()
	ctx := context.Background()
	tenant := rapid.SampledFrom([]okr.TenantID{"acme", "ACME"}).Draw(rt, "tenant")
	of := func(x *teller) okr.Tenant { return x.desk.For(tenant).As(okr.Someone("ana")) }
	pick := rapid.IntRange(0, 2).Draw(rt, "key result")
	// The nth key result of the tenant, as the store lists them.
	id := func(x *teller) okr.ID {
		page, err := of(x).View().KeyResults(ctx, okr.Query{Limit: 3})
		if err != nil || pick >= len(page.Items) {
			return "none"
		}
		return page.Items[pick].ID
	}
	switch op := rapid.SampledFrom([]string{
		"propose", "propose", "activate", "check in", "check in", "check in", "check in again", "record", "fail", "change",
		"review", "carry over", "override", "move on",
		"move clock", "move clock", "settle", "comment", "waive", "kpi", "measure", "measure", "measure by", "drop", "hold", "meet", "meet", "settle", "leave", "policy", "notify", "do", "broken do", "close",
	}).Draw(rt, "op"); op {
	case "propose":
		p := okrtest.Plan()
		p.Objectives[0].KeyResults[0].Metric.Target = measure.N(float64(rapid.IntRange(71, 99).Draw(rt, "target")))
		p.Objectives[0].KeyResults[pick].Title += rapid.SampledFrom([]string{"", " Ω ≠ 𝛀", " '; drop table okr_ledger; --"}).Draw(rt, "title")
		h.both(t, op, func(x *teller) (any, error) { return of(x).Propose(ctx, p) })
	case "activate":
		h.both(t, op, func(x *teller) (any, error) {
			cs, err := of(x).View().Cycles(ctx)
			if err != nil || len(cs) == 0 {
				return nil, err
			}
			return of(x).Activate(ctx, okr.Activation{Cycle: cs[0].ID})
		})
	case "check in", "check in again":
		c := okr.CheckIn{
			Value:      measure.N(float64(rapid.IntRange(0, 100).Draw(rt, "value"))),
			Confidence: measure.N(float64(rapid.IntRange(0, 10).Draw(rt, "confidence"))),
			Note:       rapid.SampledFrom([]string{"", "steady", "a\nb\t\"c\" — é"}).Draw(rt, "note"),
		}
		if op == "check in again" {
			c.Key = rapid.SampledFrom([]string{"k1", "K1"}).Draw(rt, "idempotency key")
		}
		if rapid.IntRange(0, 4).Draw(rt, "blocker") == 0 {
			c.Blockers = []okr.NewBlocker{{Kind: "data", Text: "the feed is down", Owner: "ben"}}
		}
		ago := time.Duration(rapid.IntRange(0, 72).Draw(rt, "hours ago")) * time.Hour
		h.both(t, op, func(x *teller) (any, error) {
			c := c
			c.KeyResult, c.OccurredAt = id(x), x.clock.Now().Add(-ago)
			return of(x).CheckIn(ctx, c)
		})
	case "record":
		correct := rapid.Bool().Draw(rt, "correct")
		v := measure.N(rapid.Float64Range(-1e12, 1e12).Draw(rt, "reading"))
		h.both(t, op, func(x *teller) (any, error) {
			k, err := of(x).View().KeyResults(ctx, okr.Query{Limit: 3})
			if err != nil || pick >= len(k.Items) {
				return nil, err
			}
			m := okr.Measurement{Value: v, OccurredAt: x.clock.Now()}
			if correct {
				m.Corrects = k.Items[pick].Reading
			}
			return of(x).Record(ctx, okr.Collected{KeyResult: k.Items[pick].ID, Source: "sql", Readings: []okr.Measurement{m}})
		})
	case "fail":
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).Record(ctx, okr.Collected{KeyResult: id(x), Source: "sql", Error: "time-out"})
		})
	case "change":
		w := measure.N(float64(rapid.IntRange(0, 3).Draw(rt, "weight")))
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).Change(ctx, okr.KeyResultChange{KeyResult: id(x), Weight: &w, Reason: "it matters more"})
		})
	case "comment":
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).Comment(ctx, okr.NewComment{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: id(x)}, Text: "é — \"so\""})
		})
	case "waive":
		who := rapid.SampledFrom([]okr.Kind{okr.KindKeyResult, okr.KindOwner}).Draw(rt, "waived")
		h.both(t, op, func(x *teller) (any, error) {
			subject := okr.Ref{Kind: who, ID: id(x)}
			if who == okr.KindOwner {
				subject.ID = "ben"
			}
			return of(x).Waive(ctx, okr.Waiving{Rule: "r", Subject: subject, Owner: "ana", Reason: "for now", Until: x.clock.Now().Add(30 * time.Hour)})
		})
	case "kpi":
		name := rapid.SampledFrom([]string{"Churn", "Lost customers"}).Draw(rt, "name")
		h.both(t, op, func(x *teller) (any, error) {
			if d, err := of(x).DefineKPI(ctx, okr.NewKPI{ID: "churn", Name: name, Team: "sales"}); err == nil {
				return d, nil
			}
			return of(x).ChangeKPI(ctx, okr.KPIChange{KPI: "churn", Name: &name})
		})
	case "measure":
		correct, fail := rapid.Bool().Draw(rt, "correct"), rapid.IntRange(0, 3).Draw(rt, "fail") == 0
		v := measure.N(float64(rapid.IntRange(0, 100).Draw(rt, "value")))
		h.both(t, op, func(x *teller) (any, error) {
			kpi, err := of(x).View().KPI(ctx, "churn", 5)
			if err != nil {
				return nil, err
			}
			c := okr.Collected{KPI: "churn", Source: "sql", Readings: []okr.Measurement{{Value: v, OccurredAt: x.clock.Now()}}}
			switch {
			case fail:
				c.Readings, c.Error = nil, "time-out"
			case correct:
				c.Readings[0].Corrects = kpi.Reading
			}
			return of(x).Record(ctx, c)
		})
	case "measure by":
		kpi := rapid.SampledFrom([]okr.ID{"churn", "churn", ""}).Draw(rt, "kpi")
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).Change(ctx, okr.KeyResultChange{KeyResult: id(x), KPI: &kpi, Reason: "known better"})
		})
	case "drop":
		state := rapid.SampledFrom([]okr.State{okr.Postponed, okr.Abandoned, okr.Active, okr.Draft}).Draw(rt, "state")
		h.both(t, op, func(x *teller) (any, error) {
			page, err := of(x).View().KeyResults(ctx, okr.Query{Limit: 1})
			if err != nil || len(page.Items) == 0 {
				return nil, err
			}
			return of(x).ChangeObjective(ctx, okr.ObjectiveChange{Objective: page.Items[0].Objective, State: &state, Reason: "no time"})
		})
	case "hold":
		h.both(t, op, func(x *teller) (any, error) {
			cs, err := of(x).View().Cycles(ctx)
			if err != nil || len(cs) == 0 {
				return nil, err
			}
			return of(x).Hold(ctx, okr.NewSession{
				Kind: okr.PlanningSession, Cycle: cs[0].ID, Held: cs[0].Today(x.clock.Now()), People: []okr.ID{"ana"}, Notes: "short",
				Decisions: []okr.NewDecision{{Text: "Go on", Owner: "ana"}},
			})
		})
	case "meet":
		value, other := rapid.IntRange(0, 100).Draw(rt, "value"), rapid.IntRange(0, 2).Draw(rt, "other")
		h.both(t, op, func(x *teller) (any, error) { return holdMeeting(ctx, of(x), x.clock.Now(), id(x), value, other) })
	case "move clock":
		d := time.Duration(rapid.IntRange(1, 50).Draw(rt, "hours")) * time.Hour
		h.want.clock.Advance(d)
		h.got.clock.Advance(d)
	case "review":
		learned := rapid.SampledFrom([]string{"less is more", "ask earlier"}).Draw(rt, "learned")
		h.both(t, op, func(x *teller) (any, error) {
			cs, err := of(x).View().Cycles(ctx)
			if err != nil || len(cs) == 0 {
				return nil, err
			}
			_, err = of(x).Review(ctx, okr.Reviewing{Cycle: cs[0].ID, Entries: []okr.ReviewEntry{
				{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: id(x)}, Learned: learned, Next: okr.NextRethink},
			}})
			if err != nil {
				return nil, err
			}
			return of(x).View().Review(ctx, cs[0].ID)
		})
	case "carry over":
		h.both(t, op, func(x *teller) (any, error) {
			p := okr.Plan{Cycle: okrtest.Quarter()}
			p.Cycle.Key, p.Cycle.Start, p.Cycle.End = "next", p.Cycle.End.AddDays(1), p.Cycle.End.AddDays(90)
			if _, err := of(x).Propose(ctx, p); err != nil {
				return nil, err
			}
			cs, err := of(x).View().Cycles(ctx)
			if err != nil {
				return nil, err
			}
			return of(x).CarryOver(ctx, okr.CarryingOver{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: id(x)}, To: cs[len(cs)-1].ID, Reason: "not done yet"})
		})
	case "override":
		hours := rapid.IntRange(1, 100).Draw(rt, "hours")
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).Change(ctx, okr.KeyResultChange{KeyResult: id(x), Override: &okr.StatusOverride{
				Status: measure.AtRisk, Reason: "so", Until: x.clock.Now().Add(time.Duration(hours) * time.Hour),
			}})
		})
	case "move on": // now and then to the end of the quarter
		if rapid.IntRange(0, 3).Draw(rt, "whether") == 0 {
			for _, c := range []*okrtest.Clock{h.want.clock, h.got.clock} {
				if end := time.Date(2027, time.January, 2, 9, 0, 0, 0, time.UTC); c.Now().Before(end) {
					c.Set(end)
				}
			}
		}
	case "settle":
		h.both(t, op, func(x *teller) (any, error) {
			due, err := x.desk.System().ClaimDue(ctx, 100)
			if err != nil {
				return nil, err
			}
			var all []okr.Decision
			for _, d := range due {
				got, err := x.desk.For(d.Tenant).As(okr.Automation("cadence")).Settle(ctx, d.Subject)
				if err != nil {
					return nil, err
				}
				all = append(all, got)
			}
			return all, nil
		})
	case "leave":
		gone, away := rapid.Bool().Draw(rt, "gone"), absence(rt)
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben Okafor", Team: "sales", Left: gone, Away: away}}})
		})
	case "policy":
		n := rapid.IntRange(1, 3).Draw(rt, "working days")
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).SetPolicy(ctx, okr.SettingPolicy{Policy: okr.Policy{Ladder: []okr.Rung{{To: okr.ToLead, After: n}}}})
		})
	case "notify":
		h.both(t, op, func(x *teller) (any, error) {
			return of(x).Notify(ctx, okr.Notice{To: "ana", Kind: "news", Title: "News", Body: "<b>&</b>"})
		})
	case "do", "broken do":
		h.both(t, op, func(x *teller) (any, error) {
			return nil, of(x).Do(ctx, func(in okr.Tenant) error {
				if _, err := in.CheckIn(ctx, okr.CheckIn{KeyResult: id(x), Note: "within"}); err != nil && op == "do" {
					return err
				}
				if _, err := in.CheckIn(ctx, okr.CheckIn{KeyResult: "nowhere", Note: "as expected"}); err == nil {
					return errors.New("a key result that does not exist took a check-in")
				}
				if op == "broken do" {
					return okr.ErrInvalid
				}
				_, err := in.Notify(ctx, okr.Notice{To: "ana", Kind: "news", Title: "Done"})
				return err
			})
		})
	case "close":
		h.both(t, op, func(x *teller) (any, error) {
			cs, err := of(x).View().Cycles(ctx)
			if err != nil || len(cs) == 0 {
				return nil, err
			}
			return of(x).Close(ctx, okr.Closing{Cycle: cs[0].ID, Waive: &okr.Unreviewed{Owner: "ana", Reason: "enough"}})
		})
	}
}

// compare reads everything that both tenants have.
func (h *histories) compare(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	h.both(t, "tenants", func(x *teller) (any, error) { return x.desk.System().Tenants(ctx) })
	for _, tenant := range []okr.TenantID{"acme", "ACME", "nobody"} {
		h.both(t, "cycles", func(x *teller) (any, error) { return x.desk.For(tenant).View().Cycles(ctx) })
		h.both(t, "KPIs", func(x *teller) (any, error) { return x.desk.For(tenant).View().KPIs(ctx, okr.KPIQuery{}, okr.Paging{}) })
		h.both(t, "a KPI", func(x *teller) (any, error) { return x.desk.For(tenant).View().KPI(ctx, "churn", 20) })
		h.both(t, "waivers", func(x *teller) (any, error) {
			return x.desk.For(tenant).View().Waivers(ctx, okr.WaiverQuery{Holding: true}, okr.Paging{})
		})
		h.both(t, "trees", func(x *teller) (any, error) {
			v := x.desk.For(tenant).View()
			cs, err := v.Cycles(ctx)
			if err != nil {
				return nil, err
			}
			var out []any
			for _, c := range cs {
				tree, err := v.Tree(ctx, c.ID)
				if err != nil {
					return nil, err
				}
				s, err := v.Snapshot(ctx, c.ID)
				if err != nil {
					return nil, err
				}
				out = append(out, tree, s)
				for _, o := range tree.Objectives {
					for _, k := range o.KeyResults {
						es, err := v.Events(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, 0)
						if err != nil {
							return nil, err
						}
						out = append(out, es)
					}
				}
			}
			return out, nil
		})
	}
}
