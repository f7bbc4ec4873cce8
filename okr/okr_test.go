package okr_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func TestIntervalText(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"daily": 24 * time.Hour, "Weekly": 7 * 24 * time.Hour, "6h": 6 * time.Hour, "14d": 14 * 24 * time.Hour,
		"3w": 21 * 24 * time.Hour, "15m": 15 * time.Minute, "": 0, "quarterly": 91 * 24 * time.Hour,
	} {
		i, err := okr.ParseInterval(text)
		require.NoError(t, err, text)
		require.Equal(t, want, i.Duration(), text)
		back, err := okr.ParseInterval(i.String())
		require.NoError(t, err)
		require.Equal(t, i, back)
	}
	for _, text := range []string{"often", "0d", "-1d", "1.5d", "d", "99999999999999w", "7 days"} {
		_, err := okr.ParseInterval(text)
		require.ErrorIs(t, err, okr.ErrInvalid, text)
	}
}

func FuzzParseInterval(f *testing.F) {
	f.Add("6h")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := okr.ParseInterval(s)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, i.Duration(), time.Duration(0))
		back, err := okr.ParseInterval(i.String())
		require.NoError(t, err)
		require.Equal(t, i, back)
	})
}

func TestPhases(t *testing.T) {
	c := okr.Cycle{Zone: "America/New_York", Start: okr.Date{Year: 2026, Month: 10, Day: 1}, End: okr.Date{Year: 2026, Month: 12, Day: 31}}
	utc := func(m time.Month, d, h int) time.Time { return time.Date(2026, m, d, h, 0, 0, 0, time.UTC) }
	require.Equal(t, okr.Planning, c.Phase(utc(10, 1, 3)), "it is still September in New York")
	require.Equal(t, okr.Running, c.Phase(utc(10, 1, 4)))
	require.Equal(t, okr.Running, c.Phase(time.Date(2027, 1, 1, 4, 59, 0, 0, time.UTC)))
	require.Equal(t, okr.Review, c.Phase(time.Date(2027, 1, 1, 5, 0, 0, 0, time.UTC)))
	at := time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC)
	c.ClosedAt = &at
	require.Equal(t, okr.Closed, c.Phase(at))
}

func TestNewIDsAscend(t *testing.T) {
	now := time.UnixMilli(1_790_000_000_000)
	next := okr.NewIDs(func() time.Time { now = now.Add(-time.Millisecond); return now }, nil)
	last := ""
	for range 10_000 {
		id := next()
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)
		require.Greater(t, id, last, "also when the clock goes back")
		last = id
	}
}

func TestCloudEventIsWhatEncodingJSONReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, err := json.Marshal(rapid.MapOf(rapid.String(), rapid.Float64Range(-1e300, 1e300)).Draw(t, "data"))
		require.NoError(t, err)
		e := okr.Event{
			ID: rapid.StringN(1, 40, -1).Draw(t, "id"), Type: okr.EventPrefix + "checkin.recorded",
			Tenant:    okr.TenantID(rapid.StringN(1, 40, -1).Draw(t, "tenant")),
			Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: okr.ID(rapid.StringN(1, 40, -1).Draw(t, "aggregate"))},
			Seq:       rapid.Int64Min(1).Draw(t, "seq"), Time: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "time")).UTC(),
			Actor: okr.Someone(okr.ID(rapid.String().Draw(t, "actor"))), Data: data,
		}
		wire, err := e.AppendCloudEvent(nil)
		require.NoError(t, err)
		back, err := okr.ParseCloudEvent(wire)
		require.NoError(t, err)
		require.Equal(t, e, back)
		var plain map[string]any
		require.NoError(t, json.Unmarshal(wire, &plain))
		// Strings are escaped as encoding/json does it.
		id, err := json.Marshal(e.ID)
		require.NoError(t, err)
		require.Contains(t, string(wire), `"id":`+string(id))
	})
}

func FuzzParseCloudEvent(f *testing.F) {
	e := okr.Event{ID: "1", Type: "okr.v1.x.y", Tenant: "acme", Aggregate: okr.Ref{Kind: "key_result", ID: "k"}, Seq: 1, Data: []byte(`{}`)}
	b, err := e.AppendCloudEvent(nil)
	require.NoError(f, err)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := okr.ParseCloudEvent(b)
		if err != nil {
			return
		}
		if _, err := e.Payload(); err == nil {
			_, err = e.AppendCloudEvent(nil)
			require.NoError(t, err)
		}
	})
}

func TestUnknownEventTypesAreKept(t *testing.T) {
	e := okr.Event{ID: "1", Type: "okr.v1.moon.landed", Data: []byte(`{"a":1}`)}
	p, err := e.Payload()
	require.NoError(t, err)
	require.JSONEq(t, `{"a":1}`, string(p.(json.RawMessage)))
}

func TestEntrySumCoversEveryField(t *testing.T) {
	base := okr.Entry{
		Event: okr.Event{
			ID: "e", Type: "t", Tenant: "acme", Aggregate: okr.Ref{Kind: "key_result", ID: "k"}, Seq: 1,
			Time: time.Unix(0, 0), Actor: okr.Someone("a"), Data: []byte(`{}`),
		},
		Entity: okr.Ref{Kind: "checkin", ID: "c"}, State: []byte(`{}`),
	}
	seen := map[string]bool{base.Sum(): true}
	for _, change := range []func(*okr.Entry){
		func(e *okr.Entry) { e.ID = "f" }, func(e *okr.Entry) { e.Type = "u" }, func(e *okr.Entry) { e.Tenant = "globex" },
		func(e *okr.Entry) { e.Aggregate.ID = "l" }, func(e *okr.Entry) { e.Seq = 2 }, func(e *okr.Entry) { e.Time = time.Unix(1, 0) },
		func(e *okr.Entry) { e.Actor.ID = "b" }, func(e *okr.Entry) { e.Actor.Kind = okr.ActorService }, func(e *okr.Entry) { e.Data = []byte(`{ }`) },
		func(e *okr.Entry) { e.Entity.ID = "d" }, func(e *okr.Entry) { e.State = []byte(`[]`) },
	} {
		e := base
		change(&e)
		require.False(t, seen[e.Sum()])
		seen[e.Sum()] = true
	}
	e := base
	e.Wire = []byte("x")
	require.Equal(t, base.Sum(), e.Sum(), "the wire form is no part of the record")
}

func TestPlanSnapshotNeedsNoDesk(t *testing.T) {
	p := okrtest.Plan()
	p.Cycle = okr.PlanCycle{}
	p.Objectives[0].KeyResults[0].At = okr.Position{File: "plan.md", Line: 7}
	p.Objectives[0].KeyResults[1].Key = ""
	p.Objectives[0].KeyResults[2].Key = ""
	p.Objectives[0].KeyResults[2].Title = p.Objectives[0].KeyResults[1].Title
	s, at, err := p.Snapshot(okrtest.SequentialIDs(), planning)
	require.NoError(t, err)
	require.Len(t, s.KeyResults, 3)
	require.Equal(t, 7, at[okr.Ref{Kind: okr.KindKeyResult, ID: s.KeyResults[0].ID}].Line)
	require.Equal(t, "cut-first-response-time-from-12-to-4-hours-2", s.KeyResults[2].Key, "two rows with one title stay two")
	r := s.Measure(planning)[s.KeyResults[0].ID]
	require.False(t, r.Expected.Known(), "without dates nothing is expected")

	p.Objectives[0].KeyResults[0].Key, p.Objectives[0].KeyResults[1].Key = "same", "same"
	_, _, err = p.Snapshot(okrtest.SequentialIDs(), planning)
	require.Equal(t, "objectives[0].key_results[1].key", invalidField(t, err))
}
