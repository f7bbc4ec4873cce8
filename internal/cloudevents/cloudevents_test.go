package cloudevents_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// TestTheSDKReadsEveryEventOfAQuarter lives through the events that a plan, its
// activation, a check-in, a change and a notice write.
func TestTheSDKReadsEveryEventOfAQuarter(t *testing.T) {
	s := memory.New()
	clock := okrtest.NewClock(time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(s, okr.Config{Clock: clock.Now})
	require.NoError(t, err)
	acme := desk.For(`a<b>&"c"/ü`).As(okr.Someone("ana"))
	ctx := t.Context()
	proposed, err := acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	activated, err := acme.Activate(ctx, okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	require.NoError(t, err)
	checked, err := acme.CheckIn(ctx, okr.CheckIn{
		KeyResult: page.Items[0].ID, Value: measure.N(75.5), Confidence: measure.N(7), Blockers: []okr.NewBlocker{{Text: "x"}},
	})
	require.NoError(t, err)
	noticed, err := acme.Notify(ctx, okr.Notice{To: "ana", Kind: "news", Title: "News", Body: "line\nline \u2028 </script>"})
	require.NoError(t, err)

	var events []okr.Event
	for _, d := range []okr.Decision{proposed, activated, checked, noticed} {
		events = append(events, d.Events...)
	}
	require.Greater(t, len(events), 12)
	for _, e := range events {
		wire, err := e.AppendCloudEvent(nil)
		require.NoError(t, err)
		hold(t, e, wire)
	}
}

func TestTheSDKReadsAnyEvent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		data, err := json.Marshal(rapid.MapOf(rapid.String(), rapid.String()).Draw(rt, "data"))
		require.NoError(t, err)
		text := rapid.StringMatching(`[!-~äß✓][ -~äß✓]{0,29}[!-~äß✓]`)
		e := okr.Event{
			ID: text.Draw(rt, "id"), Type: okr.EventPrefix + rapid.StringMatching(`[a-z_]{1,10}\.[a-z-]{1,10}`).Draw(rt, "type"),
			Tenant: okr.TenantID(text.Draw(rt, "tenant")), Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(text.Draw(rt, "aggregate"))},
			Seq: int64(rapid.Int32Min(1).Draw(rt, "seq")), Time: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(rt, "time")).UTC(),
			Actor: okr.Someone(okr.ID(text.Draw(rt, "actor"))), Data: data,
		}
		wire, err := e.AppendCloudEvent(nil)
		require.NoError(t, err)
		hold(t, e, wire)
	})
}

// hold reads the event with the SDK, validates it, and compares every attribute.
func hold(t *testing.T, e okr.Event, wire []byte) {
	t.Helper()
	var got event.Event
	require.NoError(t, json.Unmarshal(wire, &got), string(wire))
	require.NoError(t, got.Validate(), string(wire))
	require.Equal(t, "1.0", got.SpecVersion())
	require.Equal(t, e.ID, got.ID())
	require.Equal(t, e.Type, got.Type())
	require.Equal(t, e.Aggregate.String(), got.Subject())
	require.True(t, e.Time.Equal(got.Time()))
	require.Equal(t, "application/json", got.DataContentType())
	require.Equal(t, string(e.Tenant), got.Extensions()["tenant"])
	require.Equal(t, string(e.Actor.ID), got.Extensions()["actor"])
	require.JSONEq(t, string(e.Data), string(got.Data()))
}

func BenchmarkEncode(b *testing.B) {
	e := okr.Event{
		ID: "0198c2f0-0000-7000-8000-000000000000", Type: okr.EventCheckInRecorded, Tenant: "acme",
		Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: "0198c2f0-0000-7000-8000-000000000001"}, Seq: 7,
		Time: time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC), Actor: okr.Someone("ana"),
		Data: []byte(`{"key_result":"0198c2f0-0000-7000-8000-000000000001","title":"Raise renewals from 70 % to 90 %","value":75.5,"confidence":7}`),
	}
	b.Run("okr", func(b *testing.B) {
		buf := make([]byte, 0, 1024)
		for b.Loop() {
			var err error
			if buf, err = e.AppendCloudEvent(buf[:0]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sdk", func(b *testing.B) {
		for b.Loop() {
			x := event.New()
			x.SetID(e.ID)
			x.SetType(e.Type)
			x.SetSource("/okr/acme")
			x.SetSubject(e.Aggregate.String())
			x.SetTime(e.Time)
			x.SetExtension("tenant", string(e.Tenant))
			if err := x.SetData("application/json", json.RawMessage(e.Data)); err != nil {
				b.Fatal(err)
			}
			if _, err := json.Marshal(x); err != nil {
				b.Fatal(err)
			}
		}
	})
}
