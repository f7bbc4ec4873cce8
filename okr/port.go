package okr

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Store keeps what was decided. Implementations live below store; storetest is
// the conformance suite that says what a store is.
type Store interface {
	// Identity is the database's own, written when it was migrated: two stores
	// over one database have the same.
	Identity(ctx context.Context) (string, error)
	// Begin starts a transaction. A write unit takes the write lock at once where
	// the database has only one.
	Begin(ctx context.Context, write bool) (Unit, error)
	// Tenants lists the tenants that have written anything, ascending.
	Tenants(ctx context.Context) ([]TenantID, error)
	// ClaimDue leases up to limit subjects that are due to be looked at: those
	// with a standing whose NextLook is not after now, and those in the look
	// table. A leased subject is not claimed again before the lease ends; a
	// subject that keeps failing is claimed at growing distances. Settling it ends
	// the lease.
	ClaimDue(ctx context.Context, now time.Time, limit int) ([]Due, error)
	// Cut seals what the tenant has committed when it is called, no more and no
	// less, and marks the end of its chain with the instant, or with the last mark's
	// if that is later. Where there is nothing new the mark stays.
	Cut(ctx context.Context, t TenantID, now time.Time) (Cut, error)
	// CutAt is the last mark at or before the instant, a *NotFoundError if there is
	// none.
	CutAt(ctx context.Context, t TenantID, at time.Time) (Cut, error)
}

// Due is a subject that is due to be looked at.
type Due struct {
	Tenant  TenantID
	Subject Ref
	Attempt int // 1 at first
}

// Unit is a transaction. It belongs to one goroutine at a time. The tenant stands
// on every call, and no call reaches another tenant's rows.
type Unit interface {
	// Load reads what need names. A row named in Need.Refs that the tenant does
	// not have is a *NotFoundError.
	Load(ctx context.Context, t TenantID, need Need) (*Snapshot, error)
	// Write applies the changes, all or none: state, ledger, outbox, standings,
	// words. A version that is not the expected one is ErrConflict.
	Write(ctx context.Context, t TenantID, c Changes) error
	// Recall answers what was decided under an idempotency key, nil if nothing.
	Recall(ctx context.Context, t TenantID, key string) (*Remembered, error)
	// Events lists the ledger's events of an aggregate after a sequence number,
	// ascending.
	Events(ctx context.Context, t TenantID, aggregate Ref, afterSeq int64) ([]Event, error)
	// Items lists rows that are kept as items, by id.
	Items(ctx context.Context, t TenantID, q ItemQuery) ([]Item, error)
	// Versions lists the ledger rows that hold the state of an aggregate itself,
	// ascending, their words resolved.
	Versions(ctx context.Context, t TenantID, aggregate Ref) ([]Entry, error)
	// Reached is the number that the aggregate's events had reached at the cut, 0 for
	// none.
	Reached(ctx context.Context, t TenantID, aggregate Ref, at Cut) (int64, error)
	// List returns the ids of the key results that match the query, in the
	// query's order, after its cursor, up to its limit.
	List(ctx context.Context, t TenantID, q Query) ([]ID, error)
	// Objectives returns the ids of the objectives that match the query, where Owner
	// is the objective's, in the query's order, after its cursor, which is an
	// objective's id, up to its limit. KPI, Link and Helper say nothing of objectives;
	// Private speaks of nothing else.
	Objectives(ctx context.Context, t TenantID, q Query) ([]ID, error)
	// Nested starts a savepoint. While it is open the outer unit is not used.
	Nested(ctx context.Context) (Unit, error)
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error // after Commit it does nothing
}

// Tx is the host's own transaction, wrapped by a store. Its zero value is
// [ErrForeignTx] from every call.
type Tx struct {
	identity string
	unit     Unit
}

// NewTx is for stores: the database's identity, and a unit over the host's
// transaction whose Commit and Rollback leave the host's transaction open.
//
// A store that could not read the identity gives "" and a unit of which every
// call returns why.
func NewTx(identity string, u Unit) Tx { return Tx{identity: identity, unit: u} }

// Unit is the unit that [NewTx] was given, for the conformance suite of stores. A
// host decides through [Tenant.In].
func (t Tx) Unit() Unit { return t.unit }

// Need says what to load.
//
// Each row in Refs comes with its surroundings: a key result brings its
// objective with all its key results, its cycle, the teams of both, and the
// people they name, among them those whose ids stand in the access to a source; an objective brings its key results and the same, with its
// direct parents and children; a cycle, a team or a person comes alone, a team
// with its people; an item, such as a KPI, comes alone. Cycle brings everything of one cycle, with all teams and
// people that it names. Everyone brings all people and teams, Cycles all cycles.
// Every team comes with those above it. The packs in force and the policy always come.
//
// Of an objective that is asked for in Refs, that a key result in Refs belongs to,
// or that lies in Cycle, all parts come: where its rollup counts its children,
// these come with their key results, whatever their cycle, and so on down.
type Need struct {
	Refs     []Ref
	Cycle    ID
	Everyone bool
	Cycles   bool
	Lock     bool // within the host's transaction: lock the rows in Refs against other writers
	AsOf     *Cut // everything as it was at the cut, standings as far as they were announced; what did not exist then is absent, or not found. nil is now
	Collections
}

// ItemQuery selects items of one kind. Empty fields do not restrict. The order is
// by id, which is that of their making.
type ItemQuery struct {
	AsOf    *Cut // as they were at the cut; nil is now
	Kind    Kind
	Subject Ref
	Cycle   ID
	After   ID  // id of the last item of the page before; "" is the beginning
	Limit   int // at most this many; 0 is 100, the most is 1,000
}

// Collections says what to load beyond rows and their surroundings.
type Collections struct {
	Readings        int      // newest per key result, and per KPI in Refs; 0 none
	CheckIns        int      // newest per key result, 0 none
	Blockers        bool     // open ones, and those closed with the newest check-ins
	Standings       bool     // of the rows in Refs, or of all loaded rows when Cycle is given
	StandingKinds   []string // where any are named, of the standings only these kinds
	TeamObjectives  bool     // the other objectives of the teams loaded, in the same cycle, with their key results
	OwnerKeyResults bool     // the other key results of the owners loaded, in the same cycle, with their objectives
	Homes           bool     // the home teams of the people loaded
	TeamPeople      bool     // the people whose home is a team that is loaded
	Parents         bool     // the objectives that those loaded contribute to, and so on up, with their key results
	Whole           bool     // everything of the cycles in which the objectives and key results in Refs lie
	EveryCycle      bool     // all cycles, as Need.Cycles
	Rhythm          bool     // Whole, where a key result that is loaded has no rhythm of check-ins; it is the desk that sees to it
	PackTexts       []string // digests of packs whose text is wanted

	// Items of these kinds: those whose subject is a cycle, team, objective or key
	// result that is loaded, the owner of such a key result, or stands in Refs, those of the cycle when Cycle is given, and the KPIs that measure a key result
	// that is loaded.
	Items []Kind
}

// Union needs what either needs.
func (c Collections) Union(o Collections) Collections {
	return Collections{
		Readings:        max(c.Readings, o.Readings),
		CheckIns:        max(c.CheckIns, o.CheckIns),
		Blockers:        c.Blockers || o.Blockers,
		Standings:       c.Standings || o.Standings,
		StandingKinds:   eitherKinds(c, o),
		TeamObjectives:  c.TeamObjectives || o.TeamObjectives,
		OwnerKeyResults: c.OwnerKeyResults || o.OwnerKeyResults,
		Homes:           c.Homes || o.Homes,
		TeamPeople:      c.TeamPeople || o.TeamPeople,
		Parents:         c.Parents || o.Parents,
		Whole:           c.Whole || o.Whole,
		EveryCycle:      c.EveryCycle || o.EveryCycle,
		Rhythm:          c.Rhythm || o.Rhythm,
		PackTexts:       append(append([]string(nil), c.PackTexts...), o.PackTexts...),
		Items:           slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.Items, o.Items)))),
	}
}

func eitherKinds(a, b Collections) []string {
	switch {
	case !a.Standings:
		return b.StandingKinds
	case !b.Standings:
		return a.StandingKinds
	case len(a.StandingKinds) == 0 || len(b.StandingKinds) == 0:
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.StandingKinds, b.StandingKinds))))
}

// Stands says whether standings of the kind are asked for.
func (c Collections) Stands(kind string) bool {
	return c.Standings && (len(c.StandingKinds) == 0 || slices.Contains(c.StandingKinds, kind))
}

// Changes is what one decision writes.
type Changes struct {
	// Expect is the version that each aggregate written to must have now; 0: it
	// must not exist. Every aggregate with an entry or a changed row stands here,
	// except notices and the tenant itself, whose entries are appended.
	Expect map[Ref]int64

	// Meet are cycles at which decisions meet that together could pass a limit which
	// neither passes alone: the turn that each must have now. It has another one
	// after, as after every change of its row.
	Meet map[ID]int64

	// Rows as they shall be, upserted.
	Cycles     []Cycle
	People     []Person
	Teams      []Team
	Objectives []Objective
	KeyResults []KeyResult
	Blockers   []Blocker
	Links      []ID // key results in KeyResults whose initiatives are others than before
	Items      []Item

	// Rows that are only ever added. One that exists with the same content is
	// left alone; with other content it is ErrConflict.
	Readings []Reading
	CheckIns []CheckInRecord

	// Activate puts packs in force, by name; each carries its text. Deactivate takes
	// packs out of force, by name, before that.
	Activate   []Pack
	Deactivate []string

	Standings []Standing // upserted by (subject, kind, key)
	Settled   []Ref      // subjects that were looked at: their leases and look rows end, and standings of theirs not in Standings keep their value but lose a NextLook that is not after Now
	Drop      []Standing // deleted by (subject, kind, key)
	Look      []Ref      // subjects to be looked at soon

	Entries []Entry // ledger rows, in order; each goes to the outbox as well
	Words   []Word

	Erase *Erasure // words to be removed, after all else is written; nil: none

	Remember *Remembered // under its idempotency key
	Now      time.Time   // UTC instant of the decision
}

// Remembered is a decision kept under its idempotency key.
type Remembered struct {
	Key      string
	Content  string // hash of the intent's content: a key used again with other content is a conflict
	Decision json.RawMessage
	At       time.Time
}

// Entry is a row of the ledger: an event, the state that it left behind, and
// the hash over both. In State and Data words stand by reference.
//
// The last row of a decision about an aggregate answers what the whole aggregate
// was: by its State if it is about the aggregate itself, by its Whole if it is about
// something within. The words in Whole are left out: they are those of the last
// State of the aggregate itself, which comes anew whenever one of them changes.
type Entry struct {
	Event
	Entity Ref             // whose state it is: the aggregate itself, or something within it
	State  json.RawMessage // canonical JSON after the decision
	Whole  json.RawMessage // canonical JSON of the aggregate's row after the decision, or nil
	Stood  json.RawMessage // canonical JSON of what was announced of the aggregate with the decision, or nil: a list of standings, see [ReadStood]
	Wire   []byte          // the event as CloudEvents JSON, for the outbox; not part of the hash
	Hash   string          // hex SHA-256, see Entry.Sum
}

// Word is a text of a person's own: a note, a name. The ledger commits to
// HMAC-SHA-256(Salt, Text); erasing removes text and salt.
type Word struct {
	ID     string
	Entity Ref
	Field  string
	Salt   []byte
	Text   string
}

// Outgoing is an event that the outbox has not published yet.
type Outgoing struct {
	ID        string // the event's
	Tenant    TenantID
	Type      string
	Aggregate Ref
	Seq       int64
	Wire      []byte // CloudEvents JSON
	Attempt   int    // 1 at first
}

// DeadLetter is an event that an adapter could not be given.
type DeadLetter struct {
	Adapter  string
	Event    string // id
	Tenant   TenantID
	Type     string
	Wire     []byte
	Attempts int
	Error    string
	At       time.Time // UTC instant
}
