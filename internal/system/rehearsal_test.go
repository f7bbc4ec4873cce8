package system_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence/simulate"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

// rehearsals is how many random cycles a test run rehearses; OKRKIT_REHEARSALS asks for
// more.
func rehearsals(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("OKRKIT_REHEARSALS"), "40"))
	require.NoError(t, err, "OKRKIT_REHEARSALS")
	if testing.Short() {
		return min(n, 5)
	}
	return n
}

// tally is what some rehearsals came to.
type tally struct {
	Runs, Deaths, Unheard, Pauses, Redelivered int
	Events, Notices, Concerns, Moot            int
	Dropped, Rows, Waiting                     int // rows of the ledger that say what was dropped
	Duplicates, Lost, Unbudgeted, Twice        int
	Held, Early                                int
}

func (a *tally) add(b tally) {
	a.Runs += b.Runs
	a.Deaths += b.Deaths
	a.Unheard += b.Unheard
	a.Pauses += b.Pauses
	a.Redelivered += b.Redelivered
	a.Events += b.Events
	a.Notices += b.Notices
	a.Concerns += b.Concerns
	a.Moot += b.Moot
	a.Dropped += b.Dropped
	a.Rows += b.Rows
	a.Waiting += b.Waiting
	a.Duplicates += b.Duplicates
	a.Lost += b.Lost
	a.Unbudgeted += b.Unbudgeted
	a.Twice += b.Twice
	a.Held += b.Held
	a.Early += b.Early
}

// A random company lives through a random cycle while the process that looks after it
// dies between any two calls of its store, is held up while another one works, and what
// it has published is delivered by processes that die as well. Nobody is told of
// anything twice, of nothing too little, and never more or at another time than their
// budget allows; each change of an occurrence is announced once; and in the end every
// occurrence has come to what it comes to where nothing ever dies.
func TestRehearsedWithDeaths(t *testing.T) {
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	judge := audit.New(live)
	var (
		mu    sync.Mutex
		total tally
	)
	seeds := make(chan uint64)
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for seed := range seeds {
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					x := rehearsed(t, seed, judge)
					mu.Lock()
					defer mu.Unlock()
					total.add(x)
				})
			}
		})
	}
	for i := range rehearsals(t) {
		seeds <- uint64(i) + 1
	}
	close(seeds)
	running.Wait()
	t.Logf("%+v", total)
	if !t.Failed() {
		require.Positive(t, total.Deaths)
		require.Positive(t, total.Unheard)
		require.Positive(t, total.Pauses)
		require.Positive(t, total.Redelivered)
		require.Positive(t, total.Concerns)
		require.Positive(t, total.Dropped)
		require.Positive(t, total.Held)
	}
}

// rehearsed is one random cycle.
func rehearsed(t *testing.T, seed uint64, judge okr.Judge) tally {
	r := rand.New(rand.NewPCG(seed, 7))
	s := anyScenario(r, seed)
	calm := memory.New()
	if r.IntN(4) > 0 {
		judge = nil
	}
	_, err := simulate.Run(t.Context(), s, simulate.Stage{Store: calm, Judge: judge, Tenant: "acme"})
	require.NoError(t, err)

	rough := memory.New()
	m := &mortal{chance: rand.New(rand.NewPCG(seed, 8)), risk: []float64{0.001, 0.01, 0.05}[r.IntN(3)], pause: []float64{0, 0.02, 0.1}[r.IntN(3)]}
	_, err = simulate.Run(t.Context(), s, simulate.Stage{
		Store: rough, Judge: judge, Tenant: "acme", Died: m.born,
		Wrap: func(s okr.Store, c *simulate.Control) okr.Store { m.Store, m.control = s, c; return m },
	})
	require.NoError(t, err)

	out := tally{Runs: 1, Deaths: m.deaths, Unheard: m.unheard, Pauses: m.pauses}
	want := delivered(t, calm, nil, new(tally))
	got := delivered(t, rough, rand.New(rand.NewPCG(seed, 9)), &out)
	check(t, s, want, new(tally))
	check(t, s, got, &out)
	accounted(t, s, want, waits(t, s, calm), new(tally))
	accounted(t, s, got, waits(t, s, rough), &out)
	require.Equal(t, outcomes(t, want, namesOf(t, calm)), outcomes(t, got, namesOf(t, rough)), "what became of the occurrences")
	return out
}

// namesOf are the key results' names by id.
func namesOf(t *testing.T, s okr.Store) map[okr.ID]string {
	desk, err := okr.New(s, okr.Config{})
	require.NoError(t, err)
	view := desk.For("acme").As(okr.Automation("test")).View()
	cycles, err := view.Cycles(t.Context())
	require.NoError(t, err)
	tree, err := view.Tree(t.Context(), cycles[0].ID)
	require.NoError(t, err)
	out := map[okr.ID]string{}
	for _, o := range tree.Objectives {
		for _, k := range o.KeyResults {
			out[k.ID] = simulate.Name(o.Key, k.Key)
		}
	}
	return out
}

// anyScenario is a small company through a short cycle. What people do is scripted, so
// that it does not depend on when they are told what.
func anyScenario(r *rand.Rand, seed uint64) simulate.Scenario {
	zones := []string{"Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC"}
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	start := measure.NewDate(2026, time.Month(1+r.IntN(12)), 1+r.IntN(28))
	weeks := 2 + r.IntN(5)
	rhythm := okr.Schedule{
		Frequency: okr.Weekly, Every: 1 + r.IntN(2), Weekday: time.Weekday(r.IntN(7)), At: pick("", "09:00", "16:30", "02:30"),
		Zone: pick("", "", okr.ZoneOwner, "Asia/Kolkata"), OffDay: okr.OffDay(pick("", "before", "after")),
		Lead: []okr.Interval{0, 2 * okr.Daily, 6 * okr.Hourly}[r.IntN(3)], Grace: []okr.Interval{0, 3 * okr.Daily, 4 * okr.Hourly}[r.IntN(3)],
		SkipWithin: []okr.Interval{0, 0, 2 * okr.Daily}[r.IntN(3)],
	}
	if r.IntN(4) == 0 {
		rhythm.Frequency, rhythm.Every, rhythm.Day = okr.Monthly, 1, 1+r.IntN(28)
	}
	if r.IntN(4) == 0 {
		from := start.AddDays(r.IntN(7 * weeks))
		rhythm.Pauses = []okr.Span{{From: from, To: from.AddDays(r.IntN(10))}}
	}
	s := simulate.Scenario{
		Seed: seed, Habit: "scripted", Own: map[string]simulate.Habit{"scripted": {}}, After: 25,
		Policy: &okr.Policy{Budget: okr.Budget{
			PerDay: []int{0, 1, 3, -1}[r.IntN(4)], PerWeek: []int{0, 2, 5, -1}[r.IntN(4)], OffDays: r.IntN(2) == 0, Digest: pick("", "", "08:30", "21:15"),
		}},
	}
	if r.IntN(3) == 0 {
		s.Policy.Budget.Quiet = []okr.QuietHours{{From: "12:00", To: "13:00"}, {From: "18:00", To: "08:00"}}
	}
	s.Plan.Cycle = okr.PlanCycle{Key: "short", Zone: pick(zones...), Start: start, End: start.AddDays(7*weeks - 1), Cadence: &rhythm}
	company := simulate.Company{
		People: 5 + r.IntN(21), Team: 3 + r.IntN(4), Objectives: 1, KeyResults: 1 + r.IntN(3), Zones: []string{pick(zones...), pick(zones...)},
		Away: 0.4, Chances: simulate.Chances{Stalled: 0.3, Live: 0.3, Dying: 0.5},
	}
	if err := company.Fill(&s); err != nil {
		panic(err) // the numbers above are in range
	}
	first := start.In(time.UTC).Add(40 * time.Hour)
	at := func(day int) time.Time {
		return first.Add(time.Duration(day)*24*time.Hour + time.Duration(r.IntN(24*60))*time.Minute)
	}
	for _, o := range s.Plan.Objectives {
		for _, k := range o.KeyResults {
			name := simulate.Name(o.Key, k.Key)
			for day := 0; day < 7*weeks-3; day += 1 + r.IntN(10) {
				x := simulate.Step{At: at(day), KeyResult: name, CheckIn: okr.ID(k.Owner)}
				switch r.IntN(8) {
				case 0:
					x.Blocker = "Waiting for another team"
				case 1:
					x.CheckIn = okr.ID(o.Owner)
				}
				s.Script = append(s.Script, x)
			}
		}
	}
	if r.IntN(3) == 0 {
		s.Script = append(s.Script, simulate.Step{At: at(r.IntN(7 * weeks)), Leaves: s.Plan.People[r.IntN(len(s.Plan.People))].ID})
	}
	for range r.IntN(3) {
		from := at(r.IntN(7 * weeks))
		s.Down = append(s.Down, simulate.Outage{From: from, To: from.Add(time.Duration(1+r.IntN(60)) * time.Hour)})
	}
	return s
}

// delivered is everything that reached an adapter, by relays, a bus and routers that
// die now and then where there is chance, each event once, in the order of the ids.
func delivered(t *testing.T, s *memory.Store, chance *rand.Rand, out *tally) (all []okr.Event) {
	total, _, err := s.OutgoingState(t.Context())
	require.NoError(t, err)
	got := &recorder{chance: own(chance), events: map[string]okr.Event{}}
	synctest.Test(t, func(t *testing.T) {
		bus := membus.New()
		for round := 0; ; round++ {
			ctx, stop := context.WithCancel(t.Context())
			over := &postOffice{Outbox: s, bus: bus, chance: own(chance)}
			if round > 3 {
				over.chance, got.chance = nil, nil
			}
			relay := outbox.NewRelay(over, over, outbox.Lease(time.Minute), outbox.Batch(64))
			router := adapters.NewRouter(bus, adapters.Config{Inbox: s, DeadLetters: s, MaxAttempts: 1000})
			router.Add(got, adapters.FromStart())
			var running sync.WaitGroup
			running.Go(func() { _ = router.Run(ctx) })
			running.Go(func() { _ = relay.Run(ctx) })
			if over.chance != nil {
				time.Sleep(time.Duration(chance.IntN(100)) * time.Millisecond)
			} else {
				for n := 1; n > 0; n, _, err = s.OutgoingState(ctx) {
					require.NoError(t, err)
					time.Sleep(time.Second)
				}
				require.NoError(t, router.Idle(ctx))
			}
			stop()
			running.Wait()
			if over.chance == nil {
				return
			}
		}
	})
	require.Len(t, got.events, total, "every event of the ledger is delivered")
	out.Redelivered += got.again
	for _, e := range got.events {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b okr.Event) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// own is chance for one that takes it beside others, nil where there is none.
func own(chance *rand.Rand) *rand.Rand {
	if chance == nil {
		return nil
	}
	return rand.New(rand.NewPCG(chance.Uint64(), chance.Uint64()))
}

// postOffice is an outbox and a bus over which a relay loses its hold now and then:
// what was published is not marked, or not heard of.
type postOffice struct {
	outbox.Outbox
	bus    *membus.Bus
	mu     sync.Mutex
	chance *rand.Rand
}

func (p *postOffice) dies() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chance != nil && p.chance.IntN(4) == 0 {
		return errDied
	}
	return nil
}

func (p *postOffice) Publish(ctx context.Context, es ...okr.Outgoing) error {
	return errors.Join(p.bus.Publish(ctx, es...), p.dies())
}

func (p *postOffice) MarkPublished(ctx context.Context, ids []string) error {
	if err := p.dies(); err != nil {
		return err
	}
	return p.Outbox.MarkPublished(ctx, ids)
}

// recorder is an adapter whose effect goes by the event's id, as that of a mail with a
// Message-ID does. Now and then it cannot tell that it is done.
type recorder struct {
	mu     sync.Mutex
	chance *rand.Rand
	events map[string]okr.Event
	again  int
}

func (*recorder) Name() string { return "recorder" }

func (a *recorder) Deliver(_ context.Context, d adapters.Delivery) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.events[d.Event.ID]; known {
		a.again++
	}
	a.events[d.Event.ID] = d.Event
	if a.chance != nil && a.chance.IntN(10) == 0 {
		return errDied
	}
	return nil
}

// hearing is an event and whoever heard of it.
type hearing struct {
	who   okr.ID
	event string
}

// check holds what was delivered against what is promised.
func check(t *testing.T, s simulate.Scenario, all []okr.Event, out *tally) {
	zones, left := map[okr.ID]*time.Location{}, map[okr.ID]bool{}
	for _, p := range s.Plan.People {
		loc, err := time.LoadLocation(p.Zone)
		require.NoError(t, err)
		zones[p.ID] = loc
	}
	leads := map[okr.ID]okr.ID{}
	for _, x := range s.Plan.Teams {
		leads[x.ID] = x.Lead
	}
	for _, x := range s.Script {
		if x.Leaves != "" {
			left[x.Leaves] = true
		}
	}
	heard, announced, at := map[hearing]int{}, map[string]int{}, map[okr.ID][]time.Time{}
	first := map[string]time.Time{} // when anybody heard
	facts := map[string]okr.Event{}
	for _, e := range all {
		facts[e.ID] = e
		p := payload(t, e)
		if n, ok := p.(*okr.NoticeFact); ok {
			out.Notices++
			for _, about := range n.About {
				heard[hearing{n.To, about}]++
				if first[about].IsZero() || e.Time.Before(first[about]) {
					first[about] = e.Time
				}
			}
			at[n.To] = append(at[n.To], e.Time)
			continue
		}
		if e.Type == okr.EventNoticeDropped {
			continue
		}
		out.Events++
		if o, ok := p.(*okr.OccurrenceFact); ok {
			announced[fmt.Sprint(e.Type, " ", o.KeyResult, " ", o.Occurrence, " ", o.Rung, " ", cmp.Or(o.To, o.Owner))]++
		}
	}
	zone, err := time.LoadLocation(s.Plan.Cycle.Zone)
	require.NoError(t, err)
	end := s.Plan.Cycle.End.AddDays(s.After + 1).In(zone)
	for key, n := range heard {
		require.Contains(t, facts, key.event, "a notice tells of something that never happened")
		if n > 1 {
			out.Duplicates += n - 1
			t.Errorf("%s is told %d times of %s", key.who, n, describe(t, facts[key.event]))
		}
	}
	for what, n := range announced {
		if n > 1 {
			out.Twice += n - 1
			t.Errorf("%s is announced %d times", what, n)
		}
	}
	out.Unbudgeted += unbudgeted(t, s.Policy.Budget, at, zones)
	for _, e := range all {
		from, told := held(t, e, all)
		if from.After(e.Time) {
			out.Held++
		}
		if at := first[e.ID]; !at.IsZero() && at.Before(from) {
			out.Early++
			t.Errorf("told at %s, before %s, of %s", at, from, describe(t, e))
		}
		for _, who := range concerned(t, e, leads) {
			out.Concerns++
			if heard[hearing{who, e.ID}] > 0 || left[who] {
				continue
			}
			// What concerns somebody may have come to nothing before they were to be told: not
			// later than the next notice that they got, a day for who died set aside.
			until := end
			for _, n := range at[who] {
				if n.After(told.AddDate(0, 0, 1)) {
					until = n
					break
				}
			}
			if moot(t, e, all, until) || known(t, who, e, all, heard) {
				out.Moot++
				continue
			}
			// What happens in the last days may still wait when the rehearsal ends.
			if told.Before(end.AddDate(0, 0, -11)) || until.Before(end) {
				out.Lost++
				t.Errorf("%s never hears of %s", who, describe(t, e))
			}
		}
	}
}

// unbudgeted counts the notices that nobody's budget has room for.
func unbudgeted(t *testing.T, b okr.Budget, at map[okr.ID][]time.Time, zones map[okr.ID]*time.Location) (n int) {
	ceiling := func(given, otherwise int) int {
		switch {
		case given == 0:
			return otherwise
		case given < 0:
			return 1 << 30
		}
		return given
	}
	quiet := b.Quiet
	if quiet == nil {
		quiet = []okr.QuietHours{{From: "19:00", To: "07:30"}}
	}
	for who, all := range at {
		days, weeks := map[string]int{}, map[string]int{}
		for _, x := range all {
			local := x.In(zones[who])
			year, week := local.ISOWeek()
			day, clock := local.Format(time.DateOnly), local.Format("15:04")
			days[day]++
			weeks[fmt.Sprint(year, " ", week)]++
			wrong := days[day] > ceiling(b.PerDay, 2) || weeks[fmt.Sprint(year, " ", week)] > ceiling(b.PerWeek, 10)
			for _, q := range quiet {
				wrong = wrong || q.From < q.To && clock >= q.From && clock < q.To || q.From > q.To && (clock >= q.From || clock < q.To)
			}
			wrong = wrong || !b.OffDays && (local.Weekday() == time.Saturday || local.Weekday() == time.Sunday)
			if wrong {
				n++
				t.Errorf("%s is told something at %s, which the budget %+v has no room for", who, local, b)
			}
		}
	}
	return n
}

// known says whether the event only says that a status is what the person was told of it
// last, or brought about.
func known(t *testing.T, who okr.ID, e okr.Event, all []okr.Event, heard map[hearing]int) bool {
	now, ok := payload(t, e).(*okr.StatusChanged)
	if !ok {
		return false
	}
	var last measure.Status
	for _, x := range all {
		if x.ID < e.ID && x.Aggregate == e.Aggregate && (heard[hearing{who, x.ID}] > 0 || x.Actor == okr.Someone(who)) {
			if p, ok := payload(t, x).(*okr.StatusChanged); ok {
				last = p.To
			}
		}
	}
	return last == now.To
}

// moot says whether something that happened up to until takes away what the event tells
// of. It says again, in its own words, what may be dropped.
func moot(t *testing.T, e okr.Event, all []okr.Event, until time.Time) bool {
	about := payload(t, e)
	for _, x := range all {
		if p, ok := about.(*okr.OccurrenceFact); ok && e.Type == okr.EventCheckInMissed && x.Type == okr.EventCheckInRecorded &&
			x.Aggregate == e.Aggregate && x.Time.After(p.Due) && !x.Time.After(until) {
			return true // they have spoken since
		}
		if x.ID <= e.ID || x.Time.After(until) || x.Aggregate != e.Aggregate {
			continue
		}
		switch then := payload(t, x).(type) {
		case *okr.CheckInRecorded:
			switch p := about.(type) {
			case *okr.OccurrenceFact:
				if then.Occurrence == p.Occurrence || e.Type == okr.EventCheckInMissed || e.Type == okr.EventCheckInEscalated {
					return true
				}
			case *okr.ForecastMissed:
				return true
			}
		case *okr.OccurrenceFact:
			p, ok := about.(*okr.OccurrenceFact)
			switch ok = ok && p.Occurrence == then.Occurrence; {
			case ok && (x.Type == okr.EventCheckInSkipped || x.Type == okr.EventCheckInExcused):
				return true
			case ok && e.Type != okr.EventCheckInEscalated && x.Type != okr.EventCheckInEscalated && cmp.Or(p.To, p.Owner) != cmp.Or(then.To, then.Owner):
				return true // somebody else is asked since
			}
		case *okr.ReadingRecorded:
			if _, ok := about.(*okr.ForecastMissed); ok {
				return true
			}
		case *okr.StatusChanged:
			switch p := about.(type) {
			case *okr.StatusChanged:
				if then.To == p.From || then.To != measure.AtRisk && then.To != measure.OffTrack {
					return true
				}
			case *okr.ForecastMissed:
				return true
			}
		case *okr.BlockerFact:
			if p, ok := about.(*okr.BlockerFact); ok && x.Type == okr.EventBlockerClosed && p.Blocker == then.Blocker {
				return true
			}
		case *okr.FindingFact:
			if p, ok := about.(*okr.FindingFact); ok && p.Pack == then.Pack && p.Rule == then.Rule && p.Subject == then.Subject {
				return true
			}
		}
	}
	return false
}

func payload(t *testing.T, e okr.Event) any {
	t.Helper()
	p, err := e.Payload()
	require.NoError(t, err)
	return p
}

func describe(t *testing.T, e okr.Event) string {
	return fmt.Sprintf("%s of %s at %s: %+v", e.Type, e.Aggregate, e.Time.Format(time.RFC3339), payload(t, e))
}

// concerned are those who are to hear of the event. It says again, in its own words,
// what package cadence promises.
func concerned(t *testing.T, e okr.Event, leads map[okr.ID]okr.ID) []okr.ID {
	var who okr.ID
	switch p := payload(t, e).(type) {
	case *okr.OccurrenceFact:
		if e.Type != okr.EventCheckInExcused && e.Type != okr.EventCheckInSkipped {
			who = cmp.Or(p.To, p.Owner)
		}
	case *okr.AcknowledgedFact:
		who = p.Author
	case *okr.BlockerFact:
		if who = cmp.Or(p.BlockedBy, p.Owner); e.Type != okr.EventBlockerOpened || e.Actor == okr.Someone(who) {
			return nil
		}
	case *okr.StatusChanged:
		var both []okr.ID
		if (p.To == measure.AtRisk || p.To == measure.OffTrack) && p.Owner != "" && e.Actor != okr.Someone(p.Owner) {
			both = append(both, p.Owner)
		}
		if o := p.ObjectiveOwner; p.To == measure.OffTrack && o != "" && o != p.Owner && e.Actor != okr.Someone(o) {
			both = append(both, o)
		}
		return both
	case *okr.ForecastMissed:
		who = p.Owner
	case *okr.FindingFact:
		if e.Type != okr.EventFindingResolved && !p.Silent() && p.Severity != okr.SeverityInfo {
			who = p.Owner
		}
	case *okr.KeyResultFact:
		if e.Type == okr.EventOwnerLeft && leads[p.Team] != p.Owner {
			who = leads[p.Team]
		}
	}
	if who == "" {
		return nil
	}
	return []okr.ID{who}
}

// outcomes are what became of each occurrence that is decided, by key result and key.
func outcomes(t *testing.T, all []okr.Event, names map[okr.ID]string) map[string]string {
	out := map[string]string{}
	for _, e := range all {
		switch p := payload(t, e).(type) {
		case *okr.OccurrenceFact:
			switch e.Type {
			case okr.EventCheckInMissed, okr.EventCheckInExcused, okr.EventCheckInSkipped:
				out[names[p.KeyResult]+" "+p.Occurrence] = e.Type
			}
		case *okr.CheckInRecorded:
			if key := names[p.KeyResult] + " " + p.Occurrence; p.Occurrence != "" {
				if e.Type == okr.EventCheckInLate {
					out[key] = "late"
				} else if out[key] == "" || out[key] == okr.EventCheckInSkipped { // said before it was due, and written after
					out[key] = "on time"
				}
			}
		}
	}
	return out
}
