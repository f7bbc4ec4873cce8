package simulate

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Run rehearses the scenario. What the scenario gets wrong is an [*okr.InvalidError],
// and so is what the desk refuses to take of its plan; an error of the desk or of the
// runner ends it, see [Stage.Died].
func Run(ctx context.Context, s Scenario, on Stage) (*Transcript, error) {
	r, err := newRehearsal(s, on)
	if err != nil {
		return nil, err
	}
	if err := r.begin(ctx); err != nil {
		return nil, fmt.Errorf("simulate: putting the plan in force: %w", err)
	}
	if err := r.live(ctx); err != nil {
		return nil, fmt.Errorf("simulate: at %s: %w", r.now.Format(time.RFC3339), err)
	}
	return r.close(), nil
}

// rehearsal is one run.
type rehearsal struct {
	Scenario
	stage  Stage
	chance chance
	watch  *watch
	desk   *okr.Desk
	runner *cadence.Runner

	now        time.Time
	from, to   time.Time // [from, to)
	zone       *time.Location
	free       *freeDays
	cadence    *okr.Schedule // that of the cycle, below the policy's
	cycle      okr.ID
	people     map[okr.ID]*person
	names      map[string]*measured
	ids        map[okr.ID]*measured
	objectives map[okr.ID]string // keys
	acts       acts
	order      int
	transcript Transcript
	told       map[string]okr.Event // events by id
}

// measured is a key result that is rehearsed.
type measured struct {
	name      string
	id        okr.ID
	objective okr.ID
	owner     okr.ID
	metric    measure.Metric
	source    *okr.Source
	path      Path
	active    bool
	answering bool // its owner is about to check in
}

type person struct {
	okr.Person
	zone  *time.Location
	habit Habit
	named string
}

// now is what all clocks show.
func (r *rehearsal) clock() time.Time { return r.now }

func newRehearsal(s Scenario, on Stage) (*rehearsal, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if on.Store == nil {
		return nil, invalid("stage.store", "nil", "give a store with nothing in it, such as memory.New")
	}
	r := &rehearsal{
		Scenario: s, stage: on, chance: chance{s.Seed}, people: map[okr.ID]*person{},
		names: map[string]*measured{}, ids: map[okr.ID]*measured{}, objectives: map[okr.ID]string{}, told: map[string]okr.Event{},
	}
	r.free = newFreeDays(s.Holidays, on.Holidays)
	r.Every = cmp.Or(r.Every, defaultEvery)
	r.stage.Tenant = cmp.Or(on.Tenant, "rehearsal")
	r.Plan = keyed(s.Plan)
	r.cadence = r.Plan.Cycle.Cadence.Under(s.policy().Cadence)
	r.Plan.Cycle.Zone = cmp.Or(r.Plan.Cycle.Zone, "UTC")
	var err error
	if r.zone, err = s.zone(); err != nil {
		return nil, err
	}
	r.from, r.to = s.Plan.Cycle.Start.In(r.zone).UTC(), s.last().AddDays(1).In(r.zone).UTC()
	r.now = r.from
	r.Plan = from(r.Plan, r.from)
	for _, p := range s.Plan.People {
		zone := r.zone
		if p.Zone != "" {
			if zone, err = time.LoadLocation(p.Zone); err != nil {
				return nil, invalid("people."+string(p.ID)+".zone", p.Zone, "use a name of the IANA time zone database, such as Europe/Zurich")
			}
		}
		x := &person{Person: p, zone: zone}
		x.named, x.habit = r.habitOf(r.chance, p.ID)
		r.people[p.ID] = x
	}
	return r, r.open()
}

// open makes the desk and the runner.
func (r *rehearsal) open() error {
	calendar := r.stage.Calendar
	if calendar == nil {
		calendar = cadence.New(cadence.Holidays(r.free, cadence.HolidayPatience(patience)))
	}
	r.watch = newWatch(r.stage.Store)
	var store okr.Store = r.watch
	if r.stage.Wrap != nil {
		store = r.stage.Wrap(store, &Control{r})
	}
	chances := endless{r.chance.about("ids")}
	var err error
	r.desk, err = okr.New(store, okr.Config{
		Judge: r.stage.Judge, Calendar: calendar, Clock: r.clock, NewID: okr.NewIDs(r.clock, chances), Random: endless{r.chance.about("salts")},
		TellManagers: r.TellManagers,
	})
	if err != nil {
		return err
	}
	// A runner keeps nothing between two looks, so that it is as good as another one that
	// takes over.
	r.runner = cadence.NewRunner(r.desk, r.stage.Runner...)
	return nil
}

func (r *rehearsal) as(who okr.Actor) okr.Tenant { return r.desk.For(r.stage.Tenant).As(who) }

// coordinator is who puts the plan in force.
var coordinator = okr.Service("simulate")

// again does something until it is done, as somebody does who gets no answer.
func (r *rehearsal) again(do func() error) error {
	const most = 1000
	for range most {
		err := do()
		if err == nil || r.stage.Died == nil || !r.stage.Died(err) {
			return err
		}
		r.transcript.Restarts++
	}
	return errors.New("every attempt ended with the end of the process")
}

// begin puts the plan in force at nine on the first day.
func (r *rehearsal) begin(ctx context.Context) error {
	t := r.as(coordinator)
	plan := r.Plan
	plan.Key = "plan"
	if r.Policy != nil {
		p := okr.SettingPolicy{Policy: *r.Policy, Key: "policy"}
		if err := r.again(func() error { _, err := t.SetPolicy(ctx, p); return err }); err != nil {
			return err
		}
	}
	if err := r.again(func() error { _, err := t.Propose(ctx, plan); return err }); err != nil {
		return err
	}
	if err := r.again(func() error { return r.find(ctx, t) }); err != nil {
		return err
	}
	r.now = r.now.Add(nine)
	if err := r.activate(ctx, t); err != nil {
		return err
	}
	r.hear(true)
	if err := r.know(ctx, t); err != nil {
		return err
	}
	r.schedule()
	return nil
}

// find finds the cycle.
func (r *rehearsal) find(ctx context.Context, t okr.Tenant) error {
	cycles, err := t.View().Cycles(ctx)
	if err != nil {
		return err
	}
	for _, c := range cycles {
		if c.Start == r.Plan.Cycle.Start && c.End == r.Plan.Cycle.End {
			r.cycle = c.ID
		}
	}
	return nil
}

// tree is everything in the cycle.
func (r *rehearsal) tree(ctx context.Context, t okr.Tenant) (tree okr.Tree, err error) {
	err = r.again(func() (err error) { tree, err = t.View().Tree(ctx, r.cycle); return err })
	return tree, err
}

const nine = 9 * time.Hour

// activate makes the whole cycle active, or as much of it as rules let pass.
func (r *rehearsal) activate(ctx context.Context, t okr.Tenant) error {
	try := func(key string, refs ...okr.Ref) (bool, error) {
		a := okr.Activation{Cycle: r.cycle, Key: "activate " + key}
		if len(refs) > 0 {
			a.Cycle, a.Subjects = "", refs
		}
		err := r.again(func() error { _, err := t.Activate(ctx, a); return err })
		if errors.Is(err, okr.ErrRefused) || errors.Is(err, okr.ErrInvalid) {
			return false, nil
		}
		return err == nil, err
	}
	if ok, err := try("all"); ok || err != nil {
		return err
	}
	tree, err := r.tree(ctx, t)
	if err != nil {
		return err
	}
	for _, o := range tree.Objectives {
		refs := []okr.Ref{{Kind: okr.KindObjective, ID: o.ID}}
		for _, k := range o.KeyResults {
			refs = append(refs, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
		}
		ok, err := try(string(o.ID), refs...)
		if err != nil {
			return err
		}
		for i := 1; !ok && i < len(refs); i++ {
			if _, err := try(string(refs[i].ID), refs[0], refs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// know learns which key results there are.
func (r *rehearsal) know(ctx context.Context, t okr.Tenant) error {
	tree, err := r.tree(ctx, t)
	if err != nil {
		return err
	}
	for _, o := range tree.Objectives {
		r.objectives[o.ID] = o.Key
		for _, k := range o.KeyResults {
			name := Name(o.Key, k.Key)
			m := &measured{
				name: name, id: k.ID, objective: o.ID, owner: k.Owner, metric: k.Metric, source: k.Source,
				path: r.Path, active: k.State == okr.Active,
			}
			if p, own := r.Paths[name]; own {
				m.path = p
			}
			r.names[name], r.ids[k.ID] = m, m
			if !m.active {
				r.transcript.Drafts = append(r.transcript.Drafts, name)
			}
		}
	}
	slices.Sort(r.transcript.Drafts)
	return nil
}

// live goes from one instant to the next until the rehearsal is over.
func (r *rehearsal) live(ctx context.Context) error {
	r.transcript.begin(r)
	days := r.transcript.From.DaysUntil(r.transcript.Until) + 1
	shown := 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		at, ok := r.next()
		if !ok || !at.Before(r.to) {
			return nil
		}
		if at.After(r.now) {
			r.now = at
		}
		if d := r.transcript.From.DaysUntil(measure.DateOf(at.In(r.zone))) + 1; r.stage.Day != nil && d > shown {
			shown = d
			r.stage.Day(d, days)
		}
		for len(r.acts) > 0 && !r.acts[0].at.After(r.now) {
			a := heap.Pop(&r.acts).(act)
			if err := a.do(ctx); err != nil {
				return err
			}
			r.hear(false)
		}
		if err := r.settle(ctx); err != nil {
			return err
		}
	}
}

// next is the next instant at which somebody acts or the runner finds something.
func (r *rehearsal) next() (time.Time, bool) {
	at, ok := r.watch.next(r.now)
	if ok {
		// What is due already is leased by a runner that died.
		if !at.After(r.now) {
			at = r.now.Add(r.Every)
		}
		at = r.up(r.from.Add((at.Sub(r.from) + r.Every - 1).Truncate(r.Every)))
	}
	if len(r.acts) > 0 && (!ok || r.acts[0].at.Before(at)) {
		return r.acts[0].at, true
	}
	return at, ok
}

// settle has the runner do all that is due, if it runs.
func (r *rehearsal) settle(ctx context.Context) error {
	if at, ok := r.watch.next(r.now); !ok || at.After(r.now) || !r.up(r.now).Equal(r.now) {
		return nil
	}
	for {
		n, err := r.runner.Once(ctx)
		r.hear(false)
		switch {
		case err == nil && n == 0:
			return nil
		case err != nil && (r.stage.Died == nil || !r.stage.Died(err)):
			return err
		case err != nil:
			r.transcript.Restarts++
		}
	}
}
