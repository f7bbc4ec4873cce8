package embedded_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
)

func TestBus(t *testing.T) {
	for name, opts := range map[string][]nats.Option{
		"atomic batches": {nats.AckWait(2 * time.Second)},
		"singly":         {nats.AckWait(2 * time.Second), nats.Singly(), nats.AckAsync()},
	} {
		t.Run(name, func(t *testing.T) {
			dirs := map[adapters.Bus]string{}
			open := func(t testing.TB, dir string) adapters.Bus {
				s, err := embedded.Start(t.Context(), dir, embedded.WithBus(opts...))
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, s.Close()) })
				dirs[s] = dir
				return s
			}
			adaptertest.TestBus(t, func(t testing.TB) adapters.Bus { return open(t, t.TempDir()) }, adaptertest.BusCapabilities{
				TooLarge: 9 << 20,
				Restart: func(t testing.TB, b adapters.Bus) adapters.Bus {
					require.NoError(t, b.(*embedded.Server).Close())
					return open(t, dirs[b])
				},
			})
		})
	}
}
