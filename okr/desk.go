package okr

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// Config says what a desk works with. Every field may be left at its zero value.
type Config struct {
	Judge     Judge            // nil: built-in arithmetic, nothing is refused
	Authorize Authorizer       // nil: every named actor may
	Calendar  Calendar         // occurrences of a schedule; nil: nothing is ever due
	Clock     func() time.Time // nil: the wall clock
	NewID     func() string    // nil: UUIDv7 by Clock
	Random    io.Reader        // salts of erasable words; nil: crypto/rand
	Log       *slog.Logger     // nil: silent

	// MinGroup is how many private parts at least must stand behind a figure that
	// those see who may not see the parts, and how many people behind a figure about
	// people. 0 is [measure.DefaultMinGroup]; below 0 no figure contains a part that
	// is hidden from its reader, and people are as many as for 0.
	MinGroup int

	// TellManagers allows a policy to name the owner's manager on its ladder. A
	// reminder about a person is appraisal data: unless it is set no manager hears of
	// silence, whatever a policy says.
	TellManagers bool
}

// Desk takes decisions about OKRs. It is safe for concurrent use, starts nothing
// and holds nothing open: closing the store is all there is to close.
type Desk struct {
	store     Store
	judge     Judge
	authorize Authorizer
	calendar  Calendar
	clock     func() time.Time
	newID     func() string
	random    io.Reader
	log       *slog.Logger
	minGroup  int

	tellManagers bool

	// inForce remembers which packs a tenant had at its last load, so that the
	// next load asks for what they need at once. It is only a guess: what was
	// loaded decides.
	inForce sync.Map // TenantID → []Pack
}

// smallestGroup is how many people at least must stand behind a figure about people.
func (d *Desk) smallestGroup() int {
	if d.minGroup < 0 {
		return measure.DefaultMinGroup
	}
	return d.minGroup
}

// New makes a desk over a store whose tables exist already: it never migrates.
func New(s Store, c Config) (*Desk, error) {
	if s == nil {
		return nil, invalid("store", "nil", "give a store, such as sqlite.Open or memory.New")
	}
	d := &Desk{
		store: s, judge: c.Judge, authorize: c.Authorize, calendar: c.Calendar,
		clock: c.Clock, newID: c.NewID, random: c.Random, log: c.Log, minGroup: c.MinGroup, tellManagers: c.TellManagers,
	}
	if d.minGroup == 0 {
		d.minGroup = measure.DefaultMinGroup
	}
	if d.clock == nil {
		d.clock = time.Now //nolint:forbidigo // this is where the clock is injected
	}
	if d.newID == nil {
		d.newID = NewIDs(d.clock, nil)
	}
	if d.random == nil {
		d.random = rand.Reader
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	return d, nil
}

// now is the instant of a decision: UTC, to the microsecond, which every store
// keeps.
func (d *Desk) now() time.Time { return d.clock().UTC().Truncate(time.Microsecond) }

// For is the door to one tenant. It is a value and costs nothing; an invalid
// tenant is [ErrTenant] from every call.
func (d *Desk) For(t TenantID) Tenant { return Tenant{desk: d, id: t} }

// System is the only door across tenants.
func (d *Desk) System() System { return System{desk: d} }

// System serves what runs beside the host's calls.
type System struct{ desk *Desk }

// Tenants lists the tenants that have written anything, ascending.
func (s System) Tenants(ctx context.Context) ([]TenantID, error) { return s.desk.store.Tenants(ctx) }

// ClaimDue leases up to limit subjects that are due to be looked at by the desk's
// clock; [Tenant.Settle] ends each lease.
func (s System) ClaimDue(ctx context.Context, limit int) ([]Due, error) {
	return s.desk.store.ClaimDue(ctx, s.desk.now(), limit)
}

// Now is the desk's clock.
func (s System) Now() time.Time { return s.desk.now() }

// Tenant is a handle on one tenant: no call through it can reach another's rows.
// It is a value; [Tenant.As] and [Tenant.In] return others.
type Tenant struct {
	desk    *Desk
	id      TenantID
	actor   Actor
	tx      *Tx
	session *session
	trial   *trial // nil: what is decided counts

	surveyed map[Ref]aDay // cycles of which is known what a day has changed
}

// session is what the decisions of one Do share.
type session struct {
	using sync.Mutex // held while a decision, or an inner Do, is under way
	unit  Unit
	now   time.Time
	over  bool
}

// end waits for what is under way and lets nothing follow.
func (s *session) end() {
	s.using.Lock()
	defer s.using.Unlock()
	s.over = true
}

// ID is the tenant's.
func (t Tenant) ID() TenantID { return t.id }

// As is the handle for an actor. A write without one is [ErrNoActor].
func (t Tenant) As(a Actor) Tenant {
	t.actor = a
	return t
}

// In is the handle within the host's own transaction: what is decided commits or
// rolls back with the host's rows.
//
// Each call takes a savepoint. A decision locks the rows it changes until the
// host ends its transaction, so keep that short. When the host has committed,
// call the relay's Wake, or its next poll publishes. A transaction of another
// database is [ErrForeignTx] from every call; so is any transaction within a Do,
// which has its own.
func (t Tenant) In(tx Tx) Tenant {
	if t.session != nil {
		tx = Tx{}
	}
	t.tx = &tx
	t.session = nil
	return t
}

// Do takes several decisions in one transaction and at one instant. When f
// returns an error, none of them happened. A decision that is refused inside
// leaves the others standing if f goes on. The handle given to f, and no other,
// belongs to the transaction: it serves one decision at a time, and after f has
// returned it is [ErrTxDone] from every call.
func (t Tenant) Do(ctx context.Context, f func(Tenant) error) error {
	return t.transact(ctx, true, func(u Unit, now time.Time) error {
		s := &session{unit: u, now: now}
		defer s.end()
		in := t
		in.tx, in.session = nil, s
		return f(in)
	})
}

// transact runs f in a unit: a savepoint of the enclosing Do or of the host's
// transaction, or a transaction of the desk's own.
func (t Tenant) transact(ctx context.Context, write bool, f func(Unit, time.Time) error) (err error) {
	if err := t.id.check(); err != nil {
		return err
	}
	if t.desk == nil {
		return invalid("desk", "nil", "get the tenant from Desk.For")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.session != nil {
		if !t.session.using.TryLock() {
			return invalid("tenant", string(t.id), "a decision of this Do is under way: take one at a time, with the handle that the innermost Do gave")
		}
		defer t.session.using.Unlock()
		if t.session.over {
			return ErrTxDone
		}
	}
	unit, now, err := t.begin(ctx, write)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		// The context may be what ended the work; the transaction must end all
		// the same.
		if e := unit.Rollback(context.WithoutCancel(ctx)); e != nil && err != nil {
			err = fmt.Errorf("%w (and rolling back: %w)", err, e)
		}
	}()
	in := unit
	if !write {
		in = &seeing{unit: unit, tenant: t, now: now}
	}
	if err := f(in, now); err != nil {
		return err
	}
	if err := unit.Commit(ctx); err != nil {
		return raced(err)
	}
	done = true
	return nil
}

// own checks that the host's transaction is of the desk's database.
func (d *Desk) own(ctx context.Context, tx Tx) error {
	if tx.unit == nil {
		return ErrForeignTx
	}
	if tx.identity == "" {
		// A store that could not even read the identity says why from every call.
		u, err := tx.unit.Nested(ctx)
		if err != nil {
			return err
		}
		return errors.Join(ErrForeignTx, u.Rollback(ctx))
	}
	id, err := d.store.Identity(ctx)
	if err != nil {
		return err
	}
	if id != tx.identity {
		return ErrForeignTx
	}
	return nil
}

// attempts bounds how often the desk repeats a decision of its own transaction
// that lost a race.
const attempts = 4

// decide takes one decision: it opens a unit, lets f fill a work, judges, and
// writes. In its own transaction it tries again when another writer was faster.
func (t Tenant) decide(ctx context.Context, in Intent, key string, content any, f func(context.Context, *work) error) (Decision, error) {
	if err := t.id.check(); err != nil {
		return Decision{}, err
	}
	if err := t.actor.check(); err != nil {
		return Decision{}, err
	}
	if key != "" {
		if p := badID(key); p != "" {
			return Decision{}, invalid("key", key, "an idempotency key that %s cannot be kept", p)
		}
	}
	for attempt := 1; ; attempt++ {
		var d Decision
		err := t.transact(ctx, true, func(u Unit, now time.Time) error {
			w := &work{Tenant: t, unit: racing{u}, now: now, intent: in, next: map[Ref]int64{}}
			var err error
			d, err = w.run(ctx, key, content, f)
			return err
		})
		if err == nil {
			return d, nil
		}
		var lost *lostRace
		if t.session != nil || t.tx != nil || attempt == attempts || !(errors.As(err, &lost)) {
			return Decision{}, err
		}
		t.desk.log.DebugContext(ctx, "okr: decision repeated after a conflict", "verb", in.Verb, "attempt", attempt)
	}
}

// lostRace marks a conflict that came from the store, which the same decision may
// survive when it is taken again.
type lostRace struct{ error }

func (l *lostRace) Unwrap() error { return l.error }

func raced(err error) error {
	if errors.Is(err, ErrConflict) {
		return &lostRace{err}
	}
	return err
}

// racing is a unit whose conflicts are lost races. Where a database finds out is
// its own affair: at a read, at the write, at the commit.
type racing struct{ Unit }

func (r racing) Load(ctx context.Context, t TenantID, need Need) (*Snapshot, error) {
	s, err := r.Unit.Load(ctx, t, need)
	return s, raced(err)
}

func (r racing) Write(ctx context.Context, t TenantID, c Changes) error {
	return raced(r.Unit.Write(ctx, t, c))
}

func (r racing) Recall(ctx context.Context, t TenantID, key string) (*Remembered, error) {
	m, err := r.Unit.Recall(ctx, t, key)
	return m, raced(err)
}

func (r racing) Events(ctx context.Context, t TenantID, aggregate Ref, afterSeq int64) ([]Event, error) {
	es, err := r.Unit.Events(ctx, t, aggregate, afterSeq)
	return es, raced(err)
}

func (r racing) Objectives(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	ids, err := r.Unit.Objectives(ctx, t, q)
	return ids, raced(err)
}

func (r racing) Items(ctx context.Context, t TenantID, q ItemQuery) ([]Item, error) {
	items, err := r.Unit.Items(ctx, t, q)
	return items, raced(err)
}

func (r racing) List(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	ids, err := r.Unit.List(ctx, t, q)
	return ids, raced(err)
}
