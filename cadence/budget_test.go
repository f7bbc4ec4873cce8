package cadence_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// firm is a house of people in several zones, one of whom may see what is private.
type firm struct {
	*house
	policies []okr.Budget // by when they came
	since    []time.Time
	owners   map[okr.ID][]owning // of key results
	quartz   okr.ID              // the private key result, which is Dan's
}

type owning struct {
	who  okr.ID
	from time.Time
}

var firmPeople = []okr.Person{
	{ID: "ana", Name: "Ana", Team: "sales"}, // in the cycle's zone, Zurich
	{ID: "ben", Name: "Ben", Team: "sales", Zone: "America/New_York"},
	{ID: "cleo", Name: "Cleo", Team: "sales", Zone: "Australia/Lord_Howe"},
	{ID: "dan", Name: "Dan", Team: "board", Zone: "Asia/Kolkata"},
}

func newFirm(t require.TestingT) *firm {
	c := &firm{owners: map[okr.ID][]owning{}}
	c.house = newHouse(t, func(p *okr.Plan) {
		p.People = slices.Clone(firmPeople)
		p.Teams = []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana"}, {ID: "board", Name: "Board", Lead: "dan"}}
		one := p.Objectives[0].KeyResults[0]
		one.Source = nil
		p.Objectives[0].KeyResults = nil
		secret := p.Objectives[0]
		secret.Key, secret.Title, secret.Team, secret.Owner, secret.Private, secret.Rank = "o2", "We are ready for quartz", "board", "dan", true, 2
		for i, who := range []string{"ana", "ben", "cleo", "dan", "ben"} {
			k := one
			k.Key, k.Title, k.Owner = fmt.Sprint("k", i), fmt.Sprintf("Raise renewals in region %d from 70 %% to 90 %%", i), who
			p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, k)
		}
		one.Key, one.Title, one.Owner = "quartz", "Raise quartz from 70 % to 90 %", "dan"
		secret.KeyResults = []okr.PlanKeyResult{one}
		p.Objectives = append(p.Objectives, secret)
	})
	cycles, err := c.acme.View().Cycles(context.Background())
	require.NoError(t, err)
	_, err = c.acme.As(okr.Automation("host")).Activate(context.Background(), okr.Activation{Cycle: cycles[0].ID}) // what is private as well
	require.NoError(t, err)
	for k, err := range c.acme.As(okr.Automation("test")).View().All(context.Background(), okr.Query{}) {
		require.NoError(t, err)
		c.owners[k.ID] = []owning{{k.Owner, time.Time{}}}
		if k.Key == "quartz" {
			c.quartz = k.ID
		}
	}
	c.policies, c.since = []okr.Budget{okr.DefaultBudget()}, []time.Time{{}}
	return c
}

func (c *firm) runner(batch int) *cadence.Runner {
	return cadence.NewRunner(c.desk, cadence.Batch(batch))
}

func (c *firm) setBudget(t require.TestingT, b okr.Budget) {
	_, err := c.acme.SetPolicy(context.Background(), okr.SettingPolicy{Policy: okr.Policy{Budget: b}})
	require.NoError(t, err)
	c.policies, c.since = append(c.policies, b.OrDefault()), append(c.since, c.clock.Now())
}

// budget is what was in force when a notice came. Of a policy that came at the same
// instant the notice may be either side.
func (c *firm) budgets(at time.Time) (out []okr.Budget) {
	for i, b := range c.policies {
		if !c.since[i].After(at) && (i+1 == len(c.policies) || !c.since[i+1].Before(at)) {
			out = append(out, b)
		}
	}
	return out
}

func anyBudget(t *rapid.T) okr.Budget {
	return okr.Budget{
		PerDay: rapid.SampledFrom([]int{-1, 0, 1, 1, 2, 3}).Draw(t, "per day"), PerWeek: rapid.SampledFrom([]int{-1, 0, 1, 2, 5}).Draw(t, "per week"),
		Quiet: rapid.SampledFrom([][]okr.QuietHours{
			nil, {}, {{From: "22:00", To: "02:30"}}, {{From: "12:00", To: "13:30"}, {From: "18:30", To: "08:00"}}, {{From: "02:15", To: "02:45"}},
			{{From: "01:30", To: "01:29"}},
		}).Draw(t, "quiet"),
		OffDays: rapid.Bool().Draw(t, "on days off"),
		Digest:  rapid.SampledFrom([]string{"", "", "09:00", "02:30", "23:15"}).Draw(t, "digest"),
	}
}

// isQuiet reads the clock on the wall.
func isQuiet(b okr.Budget, at time.Time) bool {
	clock := at.Format("15:04")
	for _, q := range b.Quiet {
		if q.From < q.To && q.From <= clock && clock < q.To || q.From > q.To && (q.From <= clock || clock < q.To) {
			return true
		}
	}
	return !b.OffDays && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday)
}

func withinBudget(b okr.Budget, before []time.Time, at time.Time) bool {
	today, week := 1, 1
	year, w := at.ISOWeek()
	for _, x := range before {
		if x.Format(time.DateOnly) == at.Format(time.DateOnly) {
			today++
		}
		if xy, xw := x.ISOWeek(); xy == year && xw == w {
			week++
		}
	}
	return !isQuiet(b, at) && (b.PerDay < 0 || today <= b.PerDay) && (b.PerWeek < 0 || week <= b.PerWeek)
}

// check holds everything that was published against what was promised.
func (c *firm) check(t require.TestingT, settled bool) {
	ctx := context.Background()
	c.events(t)
	concern := map[string]okr.Event{}
	for _, e := range c.told {
		switch e.Type {
		case okr.EventCheckInDue, okr.EventCheckInOverdue, okr.EventCheckInMissed, okr.EventCheckInEscalated, okr.EventBlockerOpened, okr.EventForecastMiss:
			concern[e.ID] = e
		case okr.EventStatusChanged:
			p, err := e.Payload()
			require.NoError(t, err)
			f := p.(*okr.StatusChanged)
			if f.To == measure.OffTrack && f.ObjectiveOwner != "" && e.Actor != okr.Someone(f.ObjectiveOwner) {
				concern[e.ID+" for "+string(f.ObjectiveOwner)] = e
			}
			if e.Actor == okr.Someone(f.Owner) {
				continue // who brought it about knows
			}
			if f.Private || f.To == measure.AtRisk || f.To == measure.OffTrack {
				concern[e.ID] = e
			}
		case okr.EventKeyResultChanged:
			p, err := e.Payload()
			require.NoError(t, err)
			for _, who := range p.(*okr.KeyResultDefined).Hears(e.Actor) {
				concern[e.ID+" for "+string(who)] = e
			}
		case okr.EventCommentAdded: // of whoever owns it by now
			p, err := e.Payload()
			require.NoError(t, err)
			if len(p.(*okr.CommentFact).Hears(e.Actor)) > 0 {
				concern[e.ID] = e
			}
		}
	}
	// end is what is concerned: an event, or what others have done, each for somebody.
	end := func(event string, who okr.ID) string {
		named := event + " for " + string(who)
		if _, ok := concern[named]; !ok && concern[event].ID != "" {
			return event
		}
		return named
	}
	ends := map[string][]string{}
	zones := map[okr.ID]*time.Location{}
	for _, p := range firmPeople {
		zones[p.ID] = location2(t, cmpOr(p.Zone, "Europe/Zurich"))
	}
	got := map[okr.ID][]time.Time{}
	reached := map[okr.ID]map[okr.Ref]int64{}
	for _, e := range c.told {
		if e.Type != okr.EventNoticeReady {
			continue
		}
		p, err := e.Payload()
		require.NoError(t, err)
		n := p.(*okr.NoticeFact)
		at := e.Time.In(zones[n.To])
		require.True(t, slices.ContainsFunc(c.budgets(e.Time), func(b okr.Budget) bool { return withinBudget(b, got[n.To], at) }),
			"%s at %s after %v, with %+v", n.To, at, got[n.To], c.budgets(e.Time))
		got[n.To] = append(got[n.To], at)
		if n.To != "dan" {
			require.NotContains(t, n.Title+n.Body, "quartz")
		}
		require.NotEmpty(t, n.About)
		if reached[n.To] == nil {
			reached[n.To] = map[okr.Ref]int64{}
		}
		before := map[okr.Ref]int64{}
		for r, seq := range reached[n.To] {
			before[r] = seq
		}
		for _, id := range n.About {
			id = end(id, n.To)
			about, ok := concern[id]
			require.True(t, ok, "%s is told of %s, which concerns nobody", n.To, id)
			ends[id] = append(ends[id], "told "+string(n.To))
			if strings.Contains(id, " for ") || about.Type == okr.EventCommentAdded {
				continue // for them by name, or not numbered with what is done to a key result
			}
			if len(c.owners[about.Aggregate.ID]) == 1 { // else it may have waited for somebody else before
				require.Greater(t, about.Seq, before[about.Aggregate], "%s is told of what came first after what came later", n.To)
			}
			reached[n.To][about.Aggregate] = max(reached[n.To][about.Aggregate], about.Seq)
			p, err := about.Payload()
			require.NoError(t, err)
			if b, ok := p.(*okr.BlockerFact); ok && b.BlockedBy != "" {
				require.Equal(t, b.BlockedBy, n.To)
				continue
			}
			if o, ok := p.(*okr.OccurrenceFact); ok && o.To != "" {
				require.Equal(t, o.To, n.To)
				continue
			}
			require.True(t, c.owned(about.Aggregate.ID, n.To, e.Time), "%s is told of what is not theirs: %s", n.To, about.Type)
		}
	}
	for _, e := range c.told {
		if e.Type != okr.EventNoticeDropped {
			continue
		}
		p, err := e.Payload()
		require.NoError(t, err)
		n := p.(*okr.NoticeDropped)
		for _, x := range n.Untold {
			if len(x.Instead) == 0 {
				id := end(x.Event, n.To)
				ends[id] = append(ends[id], "dropped "+x.Reason)
			}
		}
	}
	for _, p := range firmPeople {
		xs, err := c.acme.As(okr.Automation("test")).View().Waiting(ctx, p.ID)
		require.NoError(t, err)
		for _, x := range xs {
			id := end(x.Event.ID, p.ID)
			ends[id] = append(ends[id], "waits for "+string(p.ID))
			require.False(t, x.At.IsZero(), "it is looked at again")
		}
	}
	for id, e := range concern {
		p, _ := e.Payload()
		if b, ok := p.(*okr.BlockerFact); ok && e.Actor == okr.Someone(okr.ID(cmpOr(string(b.BlockedBy), string(b.Owner)))) {
			continue // who raised it need not be told
		} else if ok && e.Aggregate.ID == c.quartz && b.BlockedBy != "" && b.BlockedBy != "dan" && len(ends[id]) == 0 {
			continue // it waits for somebody who may not see that it does
		}
		if !settled && len(ends[id]) == 0 && e.Actor != okr.Automation(cadence.ActorName) {
			continue // whoever settles the key result next leaves it waiting
		}
		if s, ok := p.(*okr.StatusChanged); ok && s.Private && len(ends[id]) == 0 {
			continue // what it came to stays at home
		} else if ok && len(ends[id]) == 0 && len(ends[id+" for "+string(s.ObjectiveOwner)]) == 1 && len(c.owners[e.Aggregate.ID]) > 1 {
			continue // it is theirs by now who hear of it in any case
		}
		require.Len(t, ends[id], 1, "%s of %s at %s", e.Type, e.Aggregate, e.Time)
	}
	for id := range ends {
		_, ok := concern[id]
		require.True(t, ok, "%s: %v concerns nobody", id, ends[id])
	}
}

// owned says whether somebody owned the key result at the instant; of a change at the
// same instant either side.
func (c *firm) owned(keyResult, who okr.ID, at time.Time) bool {
	all := c.owners[keyResult]
	for i, o := range all {
		if o.who == who && !o.from.After(at) && (i+1 == len(all) || !all[i+1].from.Before(at)) {
			return true
		}
	}
	return false
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func location2(t require.TestingT, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

var errCrash = errors.New("the process died")

// Whatever happens, in whatever order, and wherever a runner dies: nobody gets more
// notices in a day or a week of theirs than the budget in force allows, nor any in their
// quiet hours; what concerns somebody is told to them once, in order, or is dropped for a
// reason; and nobody is told what is not theirs.
func TestNoticesKeepTheirBudget(t *testing.T) {
	notices, droppedAll := 0, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		c := newFirm(t)
		var ids []okr.ID
		for id := range c.owners {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		person := func(what string) okr.ID { return rapid.SampledFrom(firmPeople).Draw(t, what).ID }
		host := c.acme.As(okr.Automation("host"))
		// so that the changes of the clocks in all zones come within reach
		c.clock.Set(time.Date(2026, time.October, rapid.SampledFrom([]int{1, 2, 22, 29}).Draw(t, "day"), 9, 0, 0, 0, time.UTC))
		c.setBudget(t, anyBudget(t))
		for range rapid.IntRange(5, 30).Draw(t, "steps") {
			var err error
			switch rapid.IntRange(0, 11).Draw(t, "what") {
			case 0, 1, 2:
				c.clock.Advance(time.Duration(rapid.IntRange(1, 60*40).Draw(t, "minutes")) * time.Minute)
			case 3, 4:
				who := okr.Someone(person("who"))
				in := okr.CheckIn{KeyResult: rapid.SampledFrom(ids).Draw(t, "key result"), Note: "as expected"}
				if rapid.Bool().Draw(t, "value") {
					in.Value = measure.N(float64(rapid.SampledFrom([]int{70, 72, 80, 90}).Draw(t, "is")))
				}
				if rapid.IntRange(0, 2).Draw(t, "blocked") == 0 {
					in.Blockers = []okr.NewBlocker{{Kind: "people", Text: "x", Owner: rapid.SampledFrom([]okr.ID{"", "ana", "dan"}).Draw(t, "by")}}
				}
				_, err = c.acme.As(who).CheckIn(ctx, in)
				if errors.Is(err, okr.ErrNotFound) || errors.Is(err, okr.ErrInvalid) {
					err = nil // it is private
				}
			case 5:
				id, to := rapid.SampledFrom(ids).Draw(t, "key result"), person("to")
				if id == c.quartz || c.owned(id, to, c.clock.Now()) {
					continue
				}
				if _, err = host.Change(ctx, okr.KeyResultChange{KeyResult: id, Owner: &to, Reason: "they asked for it"}); err == nil {
					c.owners[id] = append(c.owners[id], owning{to, c.clock.Now()})
				}
				if rapid.Bool().Draw(t, "said") {
					_, err = c.acme.As(okr.Someone(person("by"))).Comment(ctx, okr.NewComment{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: id}, Text: "x"})
				}
			case 6:
				if rapid.IntRange(0, 3).Draw(t, "policy") == 0 {
					c.setBudget(t, anyBudget(t))
				}
			case 7: // a runner claims what is due and dies
				_, err = c.desk.System().ClaimDue(ctx, rapid.IntRange(1, 20).Draw(t, "claimed"))
			case 8: // a runner dies at some commit, before it or right after it
				c.store.set(func() {
					c.store.dies = rapid.IntRange(1, 3).Draw(t, "at commit")
					c.store.after = rapid.Bool().Draw(t, "after it")
				})
				_, _ = c.runner(rapid.IntRange(1, 20).Draw(t, "batch")).Once(ctx)
				c.store.set(func() { c.store.dies = 0 })
			default:
				r := c.runner(rapid.IntRange(1, 20).Draw(t, "batch"))
				for range rapid.IntRange(1, 6).Draw(t, "rounds") {
					_, err := r.Once(ctx)
					require.NoError(t, err)
				}
			}
			require.NoError(t, err)
		}
		c.check(t, false)
		// Leases end, quiet hours pass, a new week begins.
		for range rapid.IntRange(1, 30).Draw(t, "more") {
			c.clock.Advance(7 * time.Hour)
			drain(t, c.runner(50))
		}
		c.check(t, true)
		for _, e := range c.told {
			if e.Type == okr.EventNoticeReady {
				notices++
			}
		}
		for _, xs := range untold(t, c.told) {
			droppedAll[xs[0].Reason]++
		}
	})
	t.Logf("%d notices, dropped: %v", notices, droppedAll)
	require.Positive(t, notices)
	require.Positive(t, droppedAll[okr.MootAnswered])
}
