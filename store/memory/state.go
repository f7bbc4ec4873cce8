package memory

import (
	"cmp"
	"strings"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// state is everything that the store holds, as one value. A transaction changes
// a copy.
type state struct {
	tenants table[okr.TenantID, *tenant]
	events  table[string, eventKey] // ledger rows by event id
	outbox  table[eventKey, outgoing]
	open    table[string, eventKey] // outbox rows by event id
	due     table[dueKey, okr.Standing]
	looks   table[subjectKey, time.Time]
	leases  table[subjectKey, lease]
	unseal  table[eventKey, struct{}]
	inbox   table[inboxKey, time.Time]
	dead    table[inboxKey, okr.DeadLetter]
}

// tenant is everything of one tenant. A transaction changes a copy.
type tenant struct {
	cycles     table[okr.ID, okr.Cycle]
	people     table[okr.ID, okr.Person]
	teams      table[okr.ID, okr.Team]
	objectives table[okr.ID, okr.Objective]
	keyResults table[okr.ID, okr.KeyResult]
	readings   table[okr.ID, okr.Reading]
	series     table[readingKey, okr.Reading]
	checkIns   table[okr.ID, okr.CheckInRecord]
	reports    table[readingKey, okr.CheckInRecord]
	blockers   table[withinKey, okr.Blocker]
	standings  table[okr.Standing, okr.Standing]
	packs      table[string, okr.Pack]
	texts      table[string, string] // of packs, by digest
	ledger     table[okr.Entry, okr.Entry]
	words      table[string, okr.Word]
	remembered table[string, okr.Remembered]
	seals      table[int64, seal]
	reached    table[sealKey, int64]   // sequence number by aggregate and position
	marks      table[int64, time.Time] // instants of the cuts by position
	plan       table[planKey, okr.ID]  // ids by plan key
	items      table[okr.Ref, okr.Item]

	objectivesOf table[withinKey, struct{}] // by cycle
	keyResultsOf table[withinKey, struct{}] // by objective
	teamsWork    table[withinKey, struct{}] // objectives by team
	ownersWork   table[withinKey, struct{}] // key results by owner
	children     table[withinKey, struct{}] // objectives by parent
}

type (
	eventKey struct {
		tenant    okr.TenantID
		aggregate okr.Ref
		seq       int64
	}
	outgoing struct {
		okr.Outgoing
		due   time.Time // by the clock of those who claim; zero: at once
		at    time.Time // of the event
		cause string
	}
	dueKey struct {
		at       time.Time
		tenant   okr.TenantID
		standing okr.Standing
	}
	subjectKey struct {
		tenant  okr.TenantID
		subject okr.Ref
	}
	lease struct {
		attempt int
		until   time.Time
	}
	inboxKey struct{ adapter, event string }
	seal     struct{ event, hash string }
	sealKey  struct {
		aggregate okr.Ref
		position  int64
	}
	// readingKey orders readings and check-ins of a key result, newest first.
	readingKey struct {
		keyResult          okr.ID
		occurred, recorded time.Time
		id                 okr.ID
	}
	withinKey struct{ outer, id okr.ID }
	planKey   struct {
		kind  okr.Kind
		outer okr.ID
		key   string
	}
)

func compareEvents(a, b eventKey) int {
	return cmp.Or(cmp.Compare(a.tenant, b.tenant), okr.CompareRefs(a.aggregate, b.aggregate), cmp.Compare(a.seq, b.seq))
}

func compareDue(a, b dueKey) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.tenant, b.tenant), okr.CompareStandings(a.standing, b.standing))
}

func compareSubjects(a, b subjectKey) int {
	return cmp.Or(cmp.Compare(a.tenant, b.tenant), okr.CompareRefs(a.subject, b.subject))
}

func compareInbox(a, b inboxKey) int {
	return cmp.Or(strings.Compare(a.adapter, b.adapter), strings.Compare(a.event, b.event))
}

func compareReadings(a, b readingKey) int {
	return cmp.Or(cmp.Compare(a.keyResult, b.keyResult), b.occurred.Compare(a.occurred),
		b.recorded.Compare(a.recorded), cmp.Compare(b.id, a.id))
}

func compareSeals(a, b sealKey) int {
	return cmp.Or(okr.CompareRefs(a.aggregate, b.aggregate), cmp.Compare(a.position, b.position))
}

func compareWithin(a, b withinKey) int {
	return cmp.Or(cmp.Compare(a.outer, b.outer), cmp.Compare(a.id, b.id))
}

func comparePlan(a, b planKey) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.outer, b.outer), strings.Compare(a.key, b.key))
}

func compareEntries(a, b okr.Entry) int {
	return cmp.Or(okr.CompareRefs(a.Aggregate, b.Aggregate), cmp.Compare(a.Seq, b.Seq))
}

func newState() *state {
	return &state{
		tenants: newTable[okr.TenantID, *tenant](cmp.Compare),
		events:  newTable[string, eventKey](cmp.Compare),
		outbox:  newTable[eventKey, outgoing](compareEvents),
		open:    newTable[string, eventKey](cmp.Compare),
		due:     newTable[dueKey, okr.Standing](compareDue),
		looks:   newTable[subjectKey, time.Time](compareSubjects),
		leases:  newTable[subjectKey, lease](compareSubjects),
		unseal:  newTable[eventKey, struct{}](compareEvents),
		inbox:   newTable[inboxKey, time.Time](compareInbox),
		dead:    newTable[inboxKey, okr.DeadLetter](compareInbox),
	}
}

func newTenant() *tenant {
	return &tenant{
		cycles:     newTable[okr.ID, okr.Cycle](cmp.Compare),
		people:     newTable[okr.ID, okr.Person](cmp.Compare),
		teams:      newTable[okr.ID, okr.Team](cmp.Compare),
		objectives: newTable[okr.ID, okr.Objective](cmp.Compare),
		keyResults: newTable[okr.ID, okr.KeyResult](cmp.Compare),
		readings:   newTable[okr.ID, okr.Reading](cmp.Compare),
		series:     newTable[readingKey, okr.Reading](compareReadings),
		checkIns:   newTable[okr.ID, okr.CheckInRecord](cmp.Compare),
		reports:    newTable[readingKey, okr.CheckInRecord](compareReadings),
		blockers:   newTable[withinKey, okr.Blocker](compareWithin),
		standings:  newTable[okr.Standing, okr.Standing](okr.CompareStandings),
		packs:      newTable[string, okr.Pack](cmp.Compare),
		texts:      newTable[string, string](cmp.Compare),
		ledger:     newTable[okr.Entry, okr.Entry](compareEntries),
		words:      newTable[string, okr.Word](cmp.Compare),
		remembered: newTable[string, okr.Remembered](cmp.Compare),
		seals:      newTable[int64, seal](cmp.Compare),
		reached:    newTable[sealKey, int64](compareSeals),
		marks:      newTable[int64, time.Time](cmp.Compare),
		plan:       newTable[planKey, okr.ID](comparePlan),
		items:      newTable[okr.Ref, okr.Item](okr.CompareRefs),

		objectivesOf: newTable[withinKey, struct{}](compareWithin),
		keyResultsOf: newTable[withinKey, struct{}](compareWithin),
		teamsWork:    newTable[withinKey, struct{}](compareWithin),
		ownersWork:   newTable[withinKey, struct{}](compareWithin),
		children:     newTable[withinKey, struct{}](compareWithin),
	}
}

// tenant is the tenant's part, empty if it has written nothing.
func (s *state) tenant(t okr.TenantID) *tenant {
	if x, ok := s.tenants.get(t); ok {
		return x
	}
	return newTenant()
}

// version is the version that an aggregate has now, 0 if there is none. The
// tenant and notices have no row; theirs is the last sequence number.
func (t *tenant) version(r okr.Ref) int64 {
	switch r.Kind {
	case okr.KindCycle:
		x, _ := t.cycles.get(r.ID)
		return x.Version
	case okr.KindPerson:
		x, _ := t.people.get(r.ID)
		return x.Version
	case okr.KindTeam:
		x, _ := t.teams.get(r.ID)
		return x.Version
	case okr.KindObjective:
		x, _ := t.objectives.get(r.ID)
		return x.Version
	case okr.KindKeyResult:
		x, _ := t.keyResults.get(r.ID)
		return x.Version
	}
	if r.Kind.IsItem() {
		x, _ := t.items.get(r)
		return x.Version
	}
	return t.lastSeq(r)
}

func (t *tenant) lastSeq(r okr.Ref) (last int64) {
	t.ledger.descend(entryKey(r, 1<<62), func(e, _ okr.Entry) bool {
		if e.Aggregate == r {
			last = e.Seq
		}
		return false
	})
	return last
}

// entryKey is the key of a ledger row.
func entryKey(r okr.Ref, seq int64) okr.Entry {
	return okr.Entry{Event: okr.Event{Aggregate: r, Seq: seq}}
}

// members calls f for every id that a table of pairs holds under outer.
func members(t table[withinKey, struct{}], outer okr.ID, f func(okr.ID)) {
	t.ascend(withinKey{outer: outer}, func(k withinKey, _ struct{}) bool {
		if k.outer != outer {
			return false
		}
		f(k.id)
		return true
	})
}

// newestOf is the key before the newest reading or check-in of a key result.
func newestOf(keyResult okr.ID) readingKey {
	return readingKey{keyResult: keyResult, occurred: endOfTime, recorded: endOfTime}
}

// endOfTime is after every instant that a row can hold.
var endOfTime = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).AddDate(1, 0, 0)
