package embedded_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/outbox"
)

// list is an outbox of which nothing but the relay costs anything.
type list struct {
	events []okr.Outgoing
	next   int
}

func (l *list) ClaimOutgoing(_ context.Context, _ time.Time, _ time.Duration, limit int) ([]okr.Outgoing, error) {
	n := min(limit, len(l.events)-l.next)
	l.next += n
	return l.events[l.next-n : l.next], nil
}

func (l *list) MarkPublished(context.Context, []string) error { return nil }

func (l *list) ReleaseOutgoing(_ context.Context, ids []string, _ time.Time, cause string) error {
	return fmt.Errorf("%d events were not published: %s", len(ids), cause)
}

// BenchmarkRelay takes events from an outbox to a bus that syncs each write, in
// batches and, as its peer, one at a time.
func BenchmarkRelay(b *testing.B) {
	for _, batch := range []int{500, 1} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			s := start(b, b.TempDir())
			relay := outbox.NewRelay(&list{events: checkIns(b.N)}, s, outbox.Batch(batch))
			report := rate(b)
			n, err := relay.Drain(b.Context())
			report()
			require.NoError(b, err)
			require.Equal(b, b.N, n)
		})
	}
}
