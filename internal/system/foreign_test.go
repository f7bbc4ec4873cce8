package system_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
)

// Somebody else publishes on the subjects of the house: nonsense, half an event,
// one tenant's event under another's name. No adapter gets it; it is a dead letter
// that says what is wrong with it, and everything else goes on.
func TestForeignMessages(t *testing.T) {
	t.Parallel()
	everything, acmes := &collector{name: "everything"}, &collector{name: "of acme"}
	h, _ := start(t, t.TempDir(), adapters.Config{}, func(r *adapters.Router) {
		r.Add(everything, adapters.FromStart())
		r.Add(acmes, adapters.FromStart(), adapters.Tenant("acme"))
	})
	newTenant(t, h.desk, "globex")
	js, err := jetstream.New(h.bus.(*embedded.Server).Conn())
	require.NoError(t, err)
	wire := func(e okr.Event) string {
		e.Aggregate, e.Seq, e.Time, e.Actor = okr.Ref{Kind: okr.KindKeyResult, ID: "k1"}, 1, time.Now(), okr.Someone("mallory")
		b, err := e.AppendCloudEvent(nil)
		require.NoError(t, err)
		return string(b)
	}
	token := nats.TenantToken("acme")
	for id, m := range map[string]struct{ subject, data, reason string }{
		"nothing":  {"okr.v1." + token + ".checkin.recorded", "", "not a CloudEvents"},
		"nonsense": {"okr.v1." + token + ".checkin.recorded", "\x00\xff{", "not a CloudEvents"},
		"half":     {"okr.v1." + token + ".checkin.recorded", `{"specversion":"1.0"}`, "an event needs an id"},
		"deep":     {"okr.v1." + token + ".checkin.recorded", strings.Repeat("[", 100_000), "not a CloudEvents"},
		"a lie": {"okr.v1." + token + ".checkin.recorded",
			wire(okr.Event{ID: "a lie", Type: okr.EventCheckInRecorded, Tenant: "globex"}), `tenant "globex" within`},
		"another type": {"okr.v1." + token + ".checkin.recorded",
			wire(okr.Event{ID: "another type", Type: okr.EventNoticeReady, Tenant: "acme"}), "notice.ready"},
		"another name": {"okr.v1." + token + ".checkin.recorded",
			wire(okr.Event{ID: "one name", Type: okr.EventCheckInRecorded, Tenant: "acme"}), "one name"},
		"bad escape": {"okr.v1.%zz.checkin.recorded", "{}", "only CloudEvents 1.0"},
	} {
		at, err := js.Publish(t.Context(), m.subject, []byte(m.data), jetstream.WithMsgID(id))
		require.NoError(t, err, id)
		ids := []string{id, fmt.Sprintf("%s-%d", at.Stream, at.Sequence)} // the second where the subject is no subject of ours
		eventually(t, func() bool {
			letters, err := h.router.DeadLetters(t.Context(), everything.name, 100)
			require.NoError(t, err)
			i := slices.IndexFunc(letters, func(l okr.DeadLetter) bool { return slices.Contains(ids, l.Event) })
			if i >= 0 {
				require.Contains(t, letters[i].Error, m.reason, id)
			}
			return i >= 0
		}, id)
	}
	checkIn(t, newTenant(t, h.desk, "acme"), "k1", 75)
	h.settle(t)
	committed := ledger(t, h.lite.DB())
	require.Equal(t, committed, byID(everything.facts()))
	for _, f := range acmes.facts() {
		require.Equal(t, okr.TenantID("acme"), f.Tenant)
		require.Contains(t, committed, f.ID)
	}
}
