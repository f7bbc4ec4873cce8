//go:build external

package embedded_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/nats"
)

// TestExternalServer runs the suite on a server of one's own, of another version
// or a cluster. It deletes and creates the stream OKRKIT_TEST on it, which takes
// the subjects okr.v1.>. It is built only on request:
//
//	OKRKIT_NATS_URL=nats://… go test -tags external -run TestExternalServer .
func TestExternalServer(t *testing.T) {
	url := os.Getenv("OKRKIT_NATS_URL")
	require.NotEmpty(t, url, "OKRKIT_NATS_URL names the server to test on")
	replicas := 1
	if n := os.Getenv("OKRKIT_NATS_REPLICAS"); n != "" {
		var err error
		replicas, err = strconv.Atoi(n)
		require.NoError(t, err)
	}
	adaptertest.TestBus(t, func(t testing.TB) adapters.Bus {
		conn, err := natsgo.Connect(url)
		require.NoError(t, err)
		t.Cleanup(conn.Close)
		js, err := jetstream.New(conn)
		require.NoError(t, err)
		// A name is not used twice: servers before 2.15 may find the deleted
		// stream's messages in a new one of the same name.
		name := "OKRKIT_TEST_" + nuid.Next()
		b, err := nats.New(t.Context(), conn, nats.StreamName(name), nats.Replicas(replicas), nats.AckWait(2*time.Second), nats.MaxAge(time.Hour))
		if err == nil {
			t.Cleanup(func() { require.NoError(t, js.DeleteStream(context.WithoutCancel(t.Context()), name)) })
		}
		require.NoError(t, err)
		return b
	}, adaptertest.BusCapabilities{TooLarge: int(9 << 20)})
}
