package log_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/log"
	"github.com/okrkit/okrkit/okr"
)

func delivery(kind, data string) adapters.Delivery {
	return adapters.Delivery{Attempt: 1, Event: okr.Event{
		ID: "e1", Type: kind, Tenant: "acme", Aggregate: okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, Seq: 7,
		Time: time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC), Actor: okr.Someone("kim"), Data: json.RawMessage(data),
	}}
}

// plain writes without the time of writing.
func plain(b *bytes.Buffer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

const notice = `{"to":"kim","about":["e0"],"kind":"checkin-due","title":"2 check-ins are due","body":"Trial conversion: 54 %","link":"https://okr.example/me"}`

func TestDeliver(t *testing.T) {
	for name, tt := range map[string]struct {
		d    adapters.Delivery
		opts []log.Option
		want string
	}{
		"a notice": {
			d:    delivery(okr.EventNoticeReady, notice),
			want: `level=INFO msg="checkin-due for kim: 2 check-ins are due | https://okr.example/me" event=e1 tenant=acme` + "\n",
		},
		"a notice with its body": {
			d: delivery(okr.EventNoticeReady, notice), opts: []log.Option{log.Bodies(), log.Level(slog.LevelWarn)},
			want: `level=WARN msg="checkin-due for kim: 2 check-ins are due | Trial conversion: 54 % | https://okr.example/me" event=e1 tenant=acme` + "\n",
		},
		"a fact": {
			d:    delivery(okr.EventReadingRecorded, `{"key_result":"kr1","value":54.5,"count":3,"big":1e3,"expected":null,"late":true,"tags":["a","b"],"of":{"x":1}}`),
			want: `level=INFO msg=okr.v1.reading.recorded event=e1 tenant=acme subject=key_result/kr1 sequence=7 decided=2026-10-05T08:00:00.000Z actor=kim data.key_result=kr1 data.value=54.5 data.count=3 data.big=1000 data.expected=<nil> data.late=true data.tags="[\"a\",\"b\"]" data.of.x=1` + "\n",
		},
		"an unknown type": {
			d:    delivery("okr.v1.weather.changed", `{"sky":"blue"}`),
			want: `level=INFO msg=okr.v1.weather.changed event=e1 tenant=acme subject=key_result/kr1 sequence=7 decided=2026-10-05T08:00:00.000Z actor=kim data.sky=blue` + "\n",
		},
		"no data": {
			d:    delivery("okr.v1.weather.changed", `null`),
			want: `level=INFO msg=okr.v1.weather.changed event=e1 tenant=acme subject=key_result/kr1 sequence=7 decided=2026-10-05T08:00:00.000Z actor=kim` + "\n",
		},
		"a second attempt": {
			d:    adapters.Delivery{Event: delivery(okr.EventNoticeReady, notice).Event, Attempt: 2, Redriven: true},
			want: `level=INFO msg="checkin-due for kim: 2 check-ins are due | https://okr.example/me" event=e1 tenant=acme attempt=2 redriven=true` + "\n",
		},
		"a level that nobody reads": {
			d: delivery(okr.EventNoticeReady, notice), opts: []log.Option{log.Level(slog.LevelDebug)}, want: "",
		},
		"a forged line": {
			d:    delivery(okr.EventNoticeReady, `{"to":"kim","kind":"x","title":"a\nlevel=ERROR msg=b\u001b[31m\u202e\u2028c"}`),
			want: `level=INFO msg="x for kim: a level=ERROR msg=b [31m  c" event=e1 tenant=acme` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			a := log.New(plain(&b, slog.LevelInfo), tt.opts...)
			require.NoError(t, a.Deliver(t.Context(), tt.d))
			require.Equal(t, tt.want, b.String())
		})
	}
}

func TestDeliverRefusesWhatIsNoPayload(t *testing.T) {
	a := log.New(slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)))
	for _, d := range []adapters.Delivery{
		delivery(okr.EventNoticeReady, `[]`),
		delivery(okr.EventCheckInRecorded, `{"value":"many"}`),
		delivery("okr.v1.weather.changed", `"blue"`),
	} {
		require.True(t, adapters.IsPermanent(a.Deliver(t.Context(), d)), "%s", d.Event.Data)
	}
}

func TestName(t *testing.T) {
	require.Equal(t, "log", log.New(nil).Name())
	require.Equal(t, "audit-log", log.New(nil, log.Name("audit-log")).Name())
}

func TestDefaultLogger(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	a := log.New(nil)
	var b bytes.Buffer
	slog.SetDefault(plain(&b, slog.LevelInfo))
	require.NoError(t, a.Deliver(context.Background(), delivery(okr.EventNoticeReady, notice)))
	require.Contains(t, b.String(), "2 check-ins are due")
}

func Example() {
	l := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	a := log.New(l)
	_ = a.Deliver(context.Background(), adapters.Delivery{Event: okr.Event{
		ID: "e1", Type: okr.EventNoticeReady, Tenant: "acme",
		Data: json.RawMessage(`{"to":"kim","kind":"checkin-due","title":"Trial conversion is due on Monday"}`),
	}, Attempt: 1})
	// Output:
	// level=INFO msg="checkin-due for kim: Trial conversion is due on Monday" event=e1 tenant=acme
}
