package embedded_test

import (
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/adaptertest"
	"github.com/okrkit/okrkit/adapters/nats"
)

// The permissions that the documentation of package nats names are enough.
func TestPermissions(t *testing.T) {
	allowed := &natsserver.Permissions{
		Publish: &natsserver.SubjectPermission{Allow: []string{
			"okr.v1.>", "$JS.API.STREAM.INFO.OKR", "$JS.API.STREAM.CREATE.OKR", "$JS.API.STREAM.MSG.GET.OKR", "$JS.API.DIRECT.GET.OKR",
			"$JS.API.CONSUMER.*.OKR.>", "$JS.API.CONSUMER.MSG.NEXT.OKR.>", "$JS.ACK.OKR.>",
		}},
		Subscribe: &natsserver.SubjectPermission{Allow: []string{"_INBOX.>"}},
	}
	adaptertest.TestBus(t, func(t testing.TB) adapters.Bus {
		s, err := natsserver.NewServer(&natsserver.Options{
			DontListen: true, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
			Users: []*natsserver.User{{Username: "okrkit", Password: "secret", Permissions: allowed}},
		})
		require.NoError(t, err)
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		require.True(t, s.ReadyForConnections(10*time.Second))
		conn, err := natsgo.Connect("", natsgo.InProcessServer(s), natsgo.UserInfo("okrkit", "secret"), natsgo.ErrorHandler(func(_ *natsgo.Conn, _ *natsgo.Subscription, err error) {
			t.Errorf("the server says: %v", err)
		}))
		require.NoError(t, err)
		t.Cleanup(conn.Close)
		b, err := nats.New(t.Context(), conn, nats.AckWait(2*time.Second))
		require.NoError(t, err)
		return b
	}, adaptertest.BusCapabilities{})
}
