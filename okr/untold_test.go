package okr_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// untold are the lists of what people were not told, in the order of the decision.
func untold(t *testing.T, d okr.Decision) (out []okr.NoticeDropped) {
	t.Helper()
	for _, e := range ofType(d, okr.EventNoticeDropped) {
		p, err := e.Payload()
		require.NoError(t, err)
		require.Equal(t, okr.KindNotice, e.Aggregate.Kind)
		require.EqualValues(t, 1, e.Seq)
		out = append(out, *p.(*okr.NoticeDropped))
	}
	return out
}

func ofType(d okr.Decision, typ string) []okr.Event {
	return slices.DeleteFunc(slices.Clone(d.Events), func(e okr.Event) bool { return e.Type != typ })
}

var ben = okr.Ref{Kind: okr.KindPerson, ID: "ben"}

// news is something of no kind that okrkit knows.
func news(id string) okr.Event {
	return okr.Event{ID: id, Type: "com.example.news", Aggregate: okr.Ref{Kind: okr.KindTenant, ID: "acme"}, Data: []byte("{}")}
}

func TestWhatIsDroppedIsRecorded(t *testing.T) {
	h := running(t, okr.Config{})
	ctx := t.Context()
	h.clock.Set(time.Date(2026, time.October, 6, 9, 0, 0, 0, time.UTC))
	host := h.acme.As(okr.Automation("host"))
	k := h.keyResult(t, "k2")
	d, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Blockers: []okr.NewBlocker{{Text: secret, Owner: "ben"}}})
	require.NoError(t, err)
	blocked := ofType(d, okr.EventBlockerOpened)[0]
	_, err = host.Await(ctx, okr.Waiting{Person: "ben", Event: blocked, Words: secret}, okr.Waiting{Person: "ben", Event: news("e1")}, okr.Waiting{Person: "ben", Event: news("e2")})
	require.NoError(t, err)

	d, err = host.Dismiss(ctx, okr.Waiting{Person: "ben", Event: news("e1")}, okr.Waiting{Person: "ben", Event: news("e9")}, okr.Waiting{Person: "nobody", Event: news("e1")},
		okr.Waiting{Person: "ben", Event: okr.Event{ID: "e2", Type: secret}, Moot: okr.MootMoved, Instead: []okr.ID{"ana"}})
	require.NoError(t, err)
	require.Equal(t, []okr.NoticeDropped{{To: "ben", Untold: []okr.Untold{
		{Event: "e1", Type: "com.example.news", Reason: okr.MootDismissed},
		{Event: "e2", Type: "com.example.news", Reason: okr.MootMoved, Instead: []okr.ID{"ana"}},
	}}}, untold(t, d), "what did not wait is passed over, and what is recorded is what waited")
	d, err = host.Dismiss(ctx, okr.Waiting{Person: "ben", Event: news("e1")})
	require.NoError(t, err)
	require.Empty(t, d.Events, "once")
	for _, reason := range []string{"since Ben is ill", "LEFT", "nobody-at-all", "reasonsreasonsreasonsreasonsreasons"} {
		_, err = host.Dismiss(ctx, okr.Waiting{Person: "ben", Event: blocked, Moot: reason})
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid, "nobody's words go into the ledger by way of a reason")
		require.Equal(t, "waiting[0].moot", invalid.Field)
	}

	var blocker okr.BlockerFact
	require.NoError(t, json.Unmarshal(blocked.Data, &blocker))
	_, err = h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Resolved: []okr.Resolution{{Blocker: blocker.Blocker}}})
	require.NoError(t, err)
	d, err = host.Settle(ctx, ben)
	require.NoError(t, err)
	require.Equal(t, []okr.NoticeDropped{{To: "ben", Untold: []okr.Untold{{Event: blocked.ID, Type: okr.EventBlockerOpened, Reason: okr.MootRemoved}}}}, untold(t, d))
	e := ofType(d, okr.EventNoticeDropped)[0]
	for who, sees := range map[okr.Actor]int{okr.Someone("ben"): 1, okr.Someone("ana"): 0, okr.Service("host"): 1} {
		all, err := h.acme.As(who).View().Events(ctx, e.Aggregate, 0)
		require.NoError(t, err)
		var p okr.NoticeDropped
		require.NoError(t, json.Unmarshal(all[0].Data, &p))
		require.Len(t, p.Untold, sees, "%s reads it", who.ID)
	}
	_, err = host.Notify(ctx, okr.Notice{To: "ben", Kind: "news", Title: "News"})
	require.NoError(t, err, "the notices are numbered on")
}

// What waits for somebody who left goes on waiting until whoever tells people says who
// hears it instead; what comes to wait for them afterwards is dropped at once.
func TestWhatWaitsForSomebodyWhoLeftIsHandedOnOnce(t *testing.T) {
	h := running(t, okr.Config{})
	ctx := t.Context()
	h.clock.Set(time.Date(2026, time.October, 6, 9, 0, 0, 0, time.UTC))
	host := h.acme.As(okr.Automation("host"))
	_, err := host.Await(ctx, okr.Waiting{Person: "ben", Event: news("e1")})
	require.NoError(t, err)
	_, err = h.acme.SyncPeople(ctx, okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben", Team: "sales", Left: true}}})
	require.NoError(t, err)
	_, err = host.Notify(ctx, okr.Notice{To: "ben", About: []string{"e1"}, Kind: "news", Title: "News"})
	require.NoError(t, err)
	for range 2 {
		d, err := host.Settle(ctx, ben)
		require.NoError(t, err)
		require.Len(t, d.Deliveries, 1)
		require.Equal(t, okr.MootLeft, d.Deliveries[0].Moot[0].Moot)
		require.Empty(t, d.Events, "a notice that reached nobody took nothing away")
	}
	x := okr.Waiting{Person: "ben", Event: news("e1"), Moot: okr.MootLeft, Instead: []okr.ID{"ana"}}
	d, err := host.Dismiss(ctx, x)
	require.NoError(t, err)
	require.Equal(t, []okr.NoticeDropped{{To: "ben", Untold: []okr.Untold{{Event: "e1", Type: "com.example.news", Reason: okr.MootLeft, Instead: []okr.ID{"ana"}}}}}, untold(t, d))
	d, err = host.Await(ctx, okr.Waiting{Person: "ben", Event: news("e2")}, okr.Waiting{Person: "ben", Event: news("e3")})
	require.NoError(t, err)
	require.Len(t, untold(t, d), 1)
	require.Len(t, untold(t, d)[0].Untold, 2)
	require.Equal(t, okr.MootLeft, untold(t, d)[0].Untold[0].Reason)
}

// Why nobody is told of what is private would say how it stands.
func TestWhatIsDroppedOfAPrivateObjectiveSaysNothing(t *testing.T) {
	h := open(t, okr.Config{})
	ctx := t.Context()
	plan := okrtest.Plan()
	plan.Objectives[0].Private = true
	_, err := h.acme.Propose(ctx, plan)
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 6, 9, 0, 0, 0, time.UTC))
	host := h.acme.As(okr.Automation("host"))
	k := h.keyResult(t, "k2")
	fact := okr.KeyResultFact{KeyResult: k.ID, Title: k.Title, Objective: k.Objective, Cycle: k.Cycle, Owner: "ben"}
	of := func(id, typ string, payload any) okr.Waiting {
		data, err := json.Marshal(payload)
		require.NoError(t, err)
		return okr.Waiting{Person: "ben", Event: okr.Event{ID: id, Type: typ, Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, Time: h.clock.Now(), Data: data}}
	}
	_, err = host.Await(ctx,
		of("e1", okr.EventStatusChanged, okr.StatusChanged{KeyResultFact: fact, From: measure.OnTrack, To: measure.OnTrack}),
		of("e2", okr.EventForecastMiss, okr.ForecastMissed{KeyResultFact: fact}),
	)
	require.NoError(t, err)
	d, err := host.Settle(ctx, ben)
	require.NoError(t, err)
	require.Len(t, d.Deliveries[0].Moot, 2)
	require.Equal(t, []okr.NoticeDropped{{To: "ben", Untold: []okr.Untold{{Event: "e2", Type: okr.EventForecastMiss, Private: true}}}}, untold(t, d))
	xs, err := host.View().Waiting(ctx, "ben")
	require.NoError(t, err)
	require.Empty(t, xs)
	require.False(t, slices.ContainsFunc(d.Events, func(e okr.Event) bool { return e.Type != okr.EventNoticeDropped }))
}
