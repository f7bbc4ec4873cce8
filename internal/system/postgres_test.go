package system_test

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	client "github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/internal/pgtest"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/postgres"
)

// server is the one PostgreSQL that these tests share.
var server pgtest.Server

// shared is where a database and a bus are that several processes share.
type shared struct {
	DSN, Database string
	Bus           string // address
}

func (s shared) pool(ctx context.Context) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(s.DSN)
	if err != nil {
		return nil, err
	}
	c.ConnConfig.Database = s.Database
	c.MaxConns = 8
	return pgxpool.NewWithConfig(ctx, c)
}

// newDatabase makes one for the test.
func newDatabase(t *testing.T, name string) shared {
	t.Helper()
	s := shared{DSN: server.DSN(t), Database: fmt.Sprintf("okrkit_system_%d_%s", os.Getpid(), name)}
	ctx := context.WithoutCancel(t.Context())
	admin, err := pgx.Connect(ctx, s.DSN)
	require.NoError(t, err)
	_, err = admin.Exec(ctx, "CREATE DATABASE "+s.Database)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(ctx, "DROP DATABASE "+s.Database+" WITH (FORCE)")
		require.NoError(t, errors.Join(err, admin.Close(ctx)))
	})
	return s
}

// openShared wires a house up on a database and a bus that others use too.
func openShared(ctx context.Context, s shared, clock func() time.Time, c adapters.Config) (_ *house, _ *pgxpool.Pool, err error) {
	h := &house{stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	pool, err := s.pool(ctx)
	if err != nil {
		return nil, nil, err
	}
	h.closers = append(h.closers, func() error { pool.Close(); return nil })
	db, err := postgres.New(pool)
	if err != nil {
		return nil, nil, err
	}
	conn, err := client.Connect(s.Bus, client.MaxReconnects(-1))
	if err != nil {
		return nil, nil, err
	}
	h.closers = append(h.closers, func() error { conn.Close(); return nil })
	bus, err := nats.New(ctx, conn, nats.AckWait(ackWait))
	if err != nil {
		return nil, nil, err
	}
	h.store, h.bus = db, bus
	if h.desk, err = desk(db, clock); err != nil {
		return nil, nil, err
	}
	h.parts(c)
	return h, pool, nil
}

// company is a plan of many key results that are due at once: quiet ones of which
// nobody reports anything, and busy ones. The first leads have somebody who stands in
// for them, and the last one is away. People work every day, so that it does not matter
// which one it is.
func company() okr.Plan {
	p := plan()
	for d := range time.Saturday + 1 {
		p.Cycle.Cadence.WorkDays = append(p.Cycle.Cadence.WorkDays, d)
	}
	one := p.Objectives[0]
	p.People, p.Teams, p.Objectives = nil, nil, nil
	for i := range 5 {
		lead := okr.ID(fmt.Sprintf("lead-%d", i))
		team := okr.ID(fmt.Sprintf("team-%d", i))
		person := okr.Person{ID: lead, Name: fmt.Sprintf("Lead %d", i), Team: team}
		switch {
		case i < backups:
			person.Backup = okr.ID(fmt.Sprintf("backup-%d", i))
			p.People = append(p.People, okr.Person{ID: person.Backup, Name: fmt.Sprintf("Backup %d", i), Team: team})
		case i == away:
			today := measure.DateOf(time.Now().UTC())
			person.Away = []okr.Span{{From: today.AddDays(-1), To: today.AddDays(30)}}
		}
		p.People = append(p.People, person)
		p.Teams = append(p.Teams, okr.Team{ID: team, Name: fmt.Sprintf("Team %d", i), Lead: lead})
		for _, kind := range []string{"quiet", "busy"} {
			o := one
			o.Key, o.Title, o.Team, o.Owner = fmt.Sprintf("%s-%d", kind, i), fmt.Sprintf("Customers of team %d choose to stay, %s", i, kind), string(team), string(lead)
			o.KeyResults = slices.Clone(one.KeyResults[:2])
			for k := range o.KeyResults {
				o.KeyResults[k].Key = fmt.Sprintf("%s-%d-%d", kind, i, k)
				o.KeyResults[k].Owner = string(lead)
				source := *o.KeyResults[k].Source
				source.Access = []string{string(lead)}
				o.KeyResults[k].Source = &source
			}
			p.Objectives = append(p.Objectives, o)
		}
	}
	return p
}

const (
	backups = 3 // so many leads have one
	away    = 4 // the lead who is
)

// reports is how many check-ins each of a process's reporters makes at each stage.
const (
	reporters = 2
	reports   = 12
)

// work is one of several processes on one database. It reads what time it is from
// its input, and says when it has reported.
func work(ctx context.Context, o order) error {
	var offset atomic.Int64
	h, _, err := openShared(ctx, o.Shared, func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }, adapters.Config{Concurrency: atOnce})
	if err != nil {
		return err
	}
	for _, name := range []string{"everything", "in order"} {
		s, err := newScribe(effects(o.Dir, name+" "+o.Name), name, name == "in order")
		if err != nil {
			return errors.Join(err, h.close())
		}
		h.router.Add(s, adapters.FromStart())
	}
	acme := h.desk.For("acme").As(okr.Someone("lead-0"))
	var busy []okr.ID
	for k, err := range acme.View().All(ctx, okr.Query{}) {
		if err != nil {
			return errors.Join(err, h.close())
		}
		if strings.HasPrefix(k.Key, "busy") {
			busy = append(busy, k.ID)
		}
	}
	running := false
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var what string
		var seconds int64
		if _, err := fmt.Sscan(lines.Text(), &what, &seconds); err != nil {
			return errors.Join(err, h.close())
		}
		offset.Store(seconds * int64(time.Second))
		if !running {
			go func() { _ = h.run(ctx) }() // what goes wrong comes from close
			running = true
		}
		if what != "stage" {
			continue
		}
		var all sync.WaitGroup
		errs := make([]error, reporters)
		for r := range errs {
			all.Go(func() {
				for n := 0; n < reports && errs[r] == nil; n++ {
					time.Sleep(rand.N(20 * time.Millisecond)) // so that the runner is faster at times
					_, err := acme.CheckIn(ctx, okr.CheckIn{KeyResult: busy[(n+r)%len(busy)], Value: measure.N(float64(n))})
					if !errors.Is(err, okr.ErrConflict) { // somebody was faster, four times
						errs[r] = err
					}
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return errors.Join(err, h.close())
		}
		fmt.Println("reported")
	}
	return h.close()
}

// worker is such a process, seen from outside.
type worker struct {
	name  string
	in    io.WriteCloser
	said  chan string
	wait  func() error
	kill  func() error
	error *strings.Builder
}

func hire(t *testing.T, name, dir string, s shared) *worker {
	t.Helper()
	cmd := child(t, order{Role: "worker", Name: name, Dir: dir, Shared: s})
	w := &worker{name: name, said: make(chan string, 100), wait: cmd.Wait, error: &strings.Builder{}}
	cmd.Stderr = w.error
	var err error
	w.in, err = cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	w.kill = cmd.Process.Kill
	go func() {
		defer close(w.said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.said <- lines.Text()
		}
	}()
	w.hear(t, "ready")
	return w
}

func (w *worker) hear(t *testing.T, what string) {
	t.Helper()
	select {
	case said, open := <-w.said:
		if !open {
			_ = w.wait()
		}
		require.Equal(t, what, said, "%s: %s", w.name, w.error)
	case <-time.After(patience):
		require.FailNow(t, w.name+" does not say "+what)
	}
}

func (w *worker) tell(t *testing.T, what string, offset time.Duration) {
	t.Helper()
	_, err := fmt.Fprintln(w.in, what, int64(offset/time.Second))
	require.NoError(t, err, "%s: %s", w.name, w.error)
}

// Two processes with a runner, a relay and a router each work on one database and
// one bus, while many key results are due at once, people report, and one of the
// processes is killed and comes back. Each occurrence is announced once; each
// announcement is in one notice; each event reaches each adapter.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newDatabase(t, "processes")
	pool, err := s.pool(t.Context())
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	db := stdlib.OpenDBFromPool(pool)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	pg, err := postgres.New(pool)
	require.NoError(t, err)
	require.NoError(t, pg.Migrate(t.Context()))
	bus, err := embedded.Start(t.Context(), events(dir), embedded.Listen("127.0.0.1:0"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	s.Bus = bus.URL()
	d, err := desk(pg, time.Now)
	require.NoError(t, err)
	acme := d.For("acme").As(okr.Someone("lead-0"))
	_, err = acme.Propose(t.Context(), company())
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	_, err = acme.Activate(t.Context(), okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	_, err = acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: okr.Policy{Budget: okr.Budget{PerDay: -1, PerWeek: -1, Quiet: []okr.QuietHours{}, OffDays: true}}})
	require.NoError(t, err) // whatever the time of day is
	quiet := map[okr.ID]okr.ID{}
	for k, err := range acme.View().All(t.Context(), okr.Query{}) {
		require.NoError(t, err)
		if strings.HasPrefix(k.Key, "quiet") {
			quiet[k.ID] = k.Owner
		}
	}
	require.Len(t, quiet, 10)

	one, two := hire(t, "one", dir, s), hire(t, "two", dir, s)
	for _, stage := range []time.Duration{
		0,                       // reminders are open
		37 * time.Hour,          // grace is over
		61 * time.Hour,          // a working day later
		(7*24 + 13) * time.Hour, // missed, and the next reminder is open
	} {
		all := []*worker{one, two}
		for _, w := range all {
			w.tell(t, "stage", stage)
		}
		if stage == 37*time.Hour {
			time.Sleep(rand.N(400 * time.Millisecond))
			require.NoError(t, two.kill())
			require.Error(t, two.wait())
			two = hire(t, "two again", dir, s)
			two.tell(t, "clock", stage)
			all = []*worker{one}
		}
		for _, w := range all {
			w.hear(t, "reported")
		}
		// Whoever loses a race tries again when its lease is over: that is a minute.
		for clock, tick := stage, 0; ; tick++ {
			var left int
			require.NoError(t, pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM okr_standing WHERE next_look <= $1) + (SELECT count(*) FROM okr_look)`,
				time.Now().Add(clock).UnixMicro()).Scan(&left))
			if left == 0 {
				break
			}
			require.Less(t, tick, int(patience/(100*time.Millisecond)), "%d standings are not looked at", left)
			time.Sleep(100 * time.Millisecond)
			if tick%10 == 9 {
				clock += 2 * time.Minute
				one.tell(t, "clock", clock)
				two.tell(t, "clock", clock)
			}
		}
	}

	names := []string{"one", "two", "two again"}
	eventually(t, func() bool {
		n := len(ledger(t, db))
		return len(byID(wrote(t, dir, "everything", names))) == n && len(byID(wrote(t, dir, "in order", names))) == n
	}, "an event does not reach an adapter")
	for _, w := range []*worker{one, two} {
		require.NoError(t, w.in.Close())
		for said := range w.said {
			require.Fail(t, "unexpected", said)
		}
		require.NoError(t, w.wait(), w.error.String())
	}

	committed := ledger(t, db)
	got := fresh(t, bus, "a newcomer")
	require.Equal(t, committed, byID(got))
	inOrder(t, got)
	for _, name := range []string{"everything", "in order"} {
		all := wrote(t, dir, name, names)
		require.Equal(t, committed, byID(all), name)
		require.LessOrEqual(t, len(all)-len(committed), atOnce, "%s: only what the killed process had under way is repeated", name)
	}
	v, err := pg.Verify(t.Context(), "acme")
	require.NoError(t, err)
	require.Nil(t, v.Fault)
	announcedOnce(t, db, quiet)
	foundOnce(t, db)
}

// foundOnce wants each finding opened, and resolved, once at a time.
func foundOnce(t *testing.T, db *sql.DB) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT type, data FROM okr_ledger WHERE type LIKE 'okr.v1.finding.%' ORDER BY tenant, kind, id, seq")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	type finding struct {
		rule    string
		subject okr.Ref
	}
	open := map[finding]bool{}
	for rows.Next() {
		var e okr.Event
		var data string
		require.NoError(t, rows.Scan(&e.Type, &data))
		e.Data = []byte(data)
		payload, err := e.Payload()
		require.NoError(t, err)
		p := payload.(*okr.FindingFact)
		f := finding{p.Rule, p.Subject}
		require.Equal(t, e.Type == okr.EventFindingResolved, open[f], "%s of %s about %s", e.Type, p.Rule, p.Subject)
		open[f] = e.Type == okr.EventFindingOpened
	}
	require.NoError(t, rows.Err())
	require.NotEmpty(t, open)
}

// wrote is what the scribes of one name wrote in several processes.
func wrote(t *testing.T, dir, name string, processes []string) []fact {
	t.Helper()
	var out []fact
	for _, p := range processes {
		if _, err := os.Stat(effects(dir, name+" "+p)); err == nil {
			out = append(out, slices.Concat(written(t, effects(dir, name+" "+p))...)...)
		}
	}
	return out
}

// announcedOnce wants each occurrence announced once, whatever came of it, and
// each announcement in one notice to the key result's owner, or to who stands in; of
// what is excused nobody is told.
func announcedOnce(t *testing.T, db *sql.DB, quiet map[okr.ID]okr.ID) {
	t.Helper()
	type announcement struct {
		keyResult  okr.ID
		occurrence string
		what       string
	}
	times := map[announcement]int{}
	answers := map[announcement]int{}
	owner := map[string]okr.ID{} // by event
	about := map[string]announcement{}
	told := map[string][]okr.ID{}
	var excused []string
	notices := 0
	rows, err := db.QueryContext(t.Context(), "SELECT event, type, data FROM okr_ledger")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var e okr.Event
		var data string
		require.NoError(t, rows.Scan(&e.ID, &e.Type, &data))
		e.Data = []byte(data)
		payload, err := e.Payload()
		require.NoError(t, err)
		switch p := payload.(type) {
		case *okr.OccurrenceFact:
			times[announcement{p.KeyResult, p.Occurrence, e.Type}]++
			if e.Type == okr.EventCheckInExcused {
				excused = append(excused, e.ID)
			} else {
				owner[e.ID], about[e.ID] = cmp.Or(p.To, p.Owner), announcement{p.KeyResult, p.Occurrence, "answered"}
			}
		case *okr.CheckInRecorded:
			if e.Type == okr.EventCheckInRecorded && p.Occurrence != "" {
				answers[announcement{p.KeyResult, p.Occurrence, "answered"}]++
			}
		case *okr.NoticeFact:
			notices++
			for _, id := range p.About {
				told[id] = append(told[id], p.To)
			}
		}
	}
	require.NoError(t, rows.Err())
	of := map[okr.ID]map[string]int{}
	for a, n := range times {
		require.Equal(t, 1, n, "%s of %s is announced once", a.what, a.occurrence)
		if quiet[a.keyResult] != "" {
			if of[a.keyResult] == nil {
				of[a.keyResult] = map[string]int{}
			}
			of[a.keyResult][a.what]++
		}
		if a.what == okr.EventCheckInMissed {
			require.Zero(t, answers[announcement{a.keyResult, a.occurrence, "answered"}], "what was answered is not missed")
		}
	}
	for a, n := range answers {
		require.Equal(t, 1, n, "%s is answered once", a.occurrence)
	}
	require.Len(t, of, len(quiet))
	for k, what := range of {
		want := map[string]int{okr.EventCheckInDue: 2, okr.EventCheckInOverdue: 1, okr.EventCheckInMissed: 1}
		for i := range backups {
			if quiet[k] == okr.ID(fmt.Sprintf("lead-%d", i)) {
				want[okr.EventCheckInEscalated] = 1
			}
		}
		if quiet[k] == okr.ID(fmt.Sprintf("lead-%d", away)) {
			want = map[string]int{okr.EventCheckInExcused: 2}
		}
		require.Equal(t, want, what, quiet[k])
	}
	for _, id := range excused {
		require.Empty(t, told[id])
	}
	for id, who := range owner {
		if len(told[id]) == 0 {
			require.Equal(t, 1, answers[about[id]], "nobody is told only where the check-in came before the notice")
			continue
		}
		require.Equal(t, []okr.ID{who}, told[id], "whom it concerns is told once")
	}
	t.Logf("%d announcements in %d notices", len(owner), notices)
}

// What the quickstart wires up, on PostgreSQL: the host's pool, its transaction,
// its clock, and a second run on the same database.
func TestQuickstartOnPostgres(t *testing.T) {
	t.Parallel()
	s := newDatabase(t, "quickstart")
	bus, err := embedded.Start(t.Context(), events(t.TempDir()), embedded.Listen("127.0.0.1:0"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	s.Bus = bus.URL()
	clock := okrtest.NewClock(time.Date(2026, time.September, 21, 9, 0, 0, 0, time.UTC))
	wallboard, people := &collector{name: "wallboard"}, &collector{name: "people"}
	start := func() (*house, *pgxpool.Pool) {
		h, pool, err := openShared(t.Context(), s, clock.Now, adapters.Config{})
		require.NoError(t, err)
		h.router.Add(people, adapters.Notices())
		h.router.Add(wallboard, adapters.Only(okr.EventCheckInMissed, okr.EventBlockerOpened))
		return h, pool
	}

	pool, err := s.pool(t.Context())
	require.NoError(t, err)
	defer pool.Close()
	db, err := postgres.New(pool)
	require.NoError(t, err)
	d, err := desk(db, clock.Now)
	require.NoError(t, err)
	_, err = d.For("acme").As(okr.Someone("ana")).Propose(t.Context(), okrtest.Plan())
	require.ErrorIs(t, err, okr.ErrSchema, "opening a host's database changes nothing in it")
	require.NoError(t, db.Migrate(t.Context()))

	h, hosts := start()
	require.NoError(t, h.run(context.WithoutCancel(t.Context())))
	acme := h.desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.Propose(t.Context(), okrtest.Plan())
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	_, err = acme.Activate(t.Context(), okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	k1 := theKeyResult(t, acme, "k1")

	clock.Set(time.Date(2026, time.October, 1, 15, 0, 0, 0, time.UTC)) // a day before the first check-in is due
	eventually(t, func() bool { return len(people.facts()) == 2 }, "Ana and Ben are reminded")
	_, err = hosts.Exec(t.Context(), "CREATE TABLE invoice (number integer PRIMARY KEY)")
	require.NoError(t, err)
	for number, end := range []func(pgx.Tx) error{
		func(tx pgx.Tx) error { return tx.Rollback(t.Context()) },
		func(tx pgx.Tx) error { return tx.Commit(t.Context()) },
	} {
		tx, err := hosts.Begin(t.Context())
		require.NoError(t, err)
		_, err = acme.In(db.Wrap(tx)).CheckIn(t.Context(), okr.CheckIn{
			KeyResult: k1, Value: measure.N(71), Blockers: []okr.NewBlocker{{Kind: "decision", Text: "the price list", Owner: "ben"}},
		})
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "INSERT INTO invoice (number) VALUES ($1)", number)
		require.NoError(t, err)
		require.NoError(t, end(tx))
	}
	eventually(t, func() bool { return len(wallboard.facts()) == 1 && len(people.facts()) == 3 }, "one blocker, and Ben hears of it")
	h.settle(t)
	require.NoError(t, h.close())

	// Three weeks later, in another process.
	clock.Set(time.Date(2026, time.October, 21, 15, 0, 0, 0, time.UTC))
	h, _ = start()
	require.NoError(t, h.run(context.WithoutCancel(t.Context())))
	t.Cleanup(func() { require.NoError(t, h.close()) })
	missed := func() (n int) {
		for _, f := range wallboard.facts() {
			if f.Type == okr.EventCheckInMissed {
				n++
			}
		}
		return n
	}
	eventually(t, func() bool { return missed() == 5 }, "two weeks of three key results, of which Ana answered one")
	h.settle(t)
	require.Len(t, byID(people.facts()), len(people.facts()), "nobody is told twice")
	v, err := db.Verify(t.Context(), "acme")
	require.NoError(t, err)
	require.Nil(t, v.Fault)
}
