package adapters

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// Inbox remembers which event an adapter has dealt with. A store implements it.
type Inbox interface {
	// Seen says whether the adapter is done with the event.
	Seen(ctx context.Context, adapter, event string) (bool, error)
	// MarkDone writes that it is. Done twice is no error.
	MarkDone(ctx context.Context, adapter, event string, at time.Time) error
}

// DeadLetters keeps what could not be delivered. A store implements it.
type DeadLetters interface {
	// PutDeadLetter keeps one; of an adapter and an event there is one, the last.
	PutDeadLetter(ctx context.Context, d okr.DeadLetter) error
	// DeadLetters lists an adapter's, oldest first, at most limit.
	DeadLetters(ctx context.Context, adapter string, limit int) ([]okr.DeadLetter, error)
	// TakeDeadLetter removes one and returns it; okr.ErrNotFound if there is none.
	TakeDeadLetter(ctx context.Context, adapter, event string) (okr.DeadLetter, error)
}

// Channel is a way to reach a person, such as email or slack. Kinds are open:
// an adapter names its own.
type Channel string

// Channels that adapters of this project ask for.
const (
	ChannelEmail Channel = "email"
	ChannelSlack Channel = "slack"
	ChannelTeams Channel = "teams"
)

// AddressBook knows where people are reached. The host implements it: addresses
// are neither in the store's events nor on the bus.
type AddressBook interface {
	// Addresses lists where the person is reached, by channel. A person without
	// an address on a channel is missing from the map, which is no error: the
	// adapter of that channel then has nothing to do. Somebody it does not know is
	// okr.ErrNotFound.
	Addresses(ctx context.Context, tenant okr.TenantID, person okr.ID) (map[Channel]string, error)
}

// Query asks a source for the numbers of one key result.
type Query struct {
	Tenant    okr.TenantID
	KeyResult okr.ID
	Where     string    // okr.Source.Where of the key result: a query, a cell, a metric
	Unit      string    // of the key result, to be converted to; "" if it has none
	From, To  time.Time // UTC instants: measurements with From < OccurredAt <= To; a zero From is only the newest
}

// Source reads numbers on their way in.
type Source interface {
	// Read returns what was true in the query's span, oldest first. No measurement
	// is an empty list. A source that cannot be read, or answers with something
	// that is no finite number, is an error: an error never becomes a zero.
	Read(ctx context.Context, q Query) ([]okr.Measurement, error)
}
