package xslog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"path/filepath"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/require"
	expslog "golang.org/x/exp/slog"

	"github.com/okrkit/okrkit/adapters/xslog"
)

func TestHandlerKeepsTheContractOfHandlers(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t,
		func(*testing.T) slog.Handler {
			out.Reset()
			return xslog.NewHandler(expslog.NewJSONHandler(&out, nil))
		},
		func(t *testing.T) map[string]any { return line(t, out.Bytes()) })
}

func line(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal(b, &m), string(b))
	return m
}

// kept is a handler of x/exp/slog that keeps what reaches it.
type kept struct {
	level   expslog.Level
	records *[]expslog.Record
	err     error
}

func (k kept) Enabled(_ context.Context, l expslog.Level) bool { return l >= k.level }
func (k kept) Handle(_ context.Context, r expslog.Record) error {
	*k.records = append(*k.records, r)
	return k.err
}
func (k kept) WithAttrs([]expslog.Attr) expslog.Handler { return k }
func (k kept) WithGroup(string) expslog.Handler         { return k }

type secret struct{ asked *int }

func (s secret) LogValue() slog.Value {
	*s.asked++
	return slog.GroupValue(slog.String("token", "***"), slog.Any("deep", lazy{}))
}

type lazy struct{}

func (lazy) LogValue() slog.Value { return slog.IntValue(7) }

type broken struct{}

func (broken) LogValue() slog.Value { panic("no value today") }

func TestEveryKindOfValueArrivesAsItsKind(t *testing.T) {
	at := time.Date(2026, 10, 1, 9, 30, 0, 123456789, time.FixedZone("+02", 7200))
	asked := 0
	for _, c := range []struct {
		name string
		in   slog.Value
		kind expslog.Kind
		want any
	}{
		{"bool", slog.BoolValue(true), expslog.KindBool, true},
		{"duration", slog.DurationValue(90 * time.Second), expslog.KindDuration, 90 * time.Second},
		{"float", slog.Float64Value(0.1), expslog.KindFloat64, 0.1},
		{"infinity", slog.Float64Value(math.Inf(-1)), expslog.KindFloat64, math.Inf(-1)},
		{"int", slog.Int64Value(math.MinInt64), expslog.KindInt64, int64(math.MinInt64)},
		{"uint", slog.Uint64Value(math.MaxUint64), expslog.KindUint64, uint64(math.MaxUint64)},
		{"string", slog.StringValue("Zürich\x00\n"), expslog.KindString, "Zürich\x00\n"},
		{"empty string", slog.StringValue(""), expslog.KindString, ""},
		{"time", slog.TimeValue(at), expslog.KindTime, at.Round(0)},
		{"zero time", slog.TimeValue(time.Time{}), expslog.KindTime, time.Time{}},
		{"nil", slog.AnyValue(nil), expslog.KindAny, nil},
		{"error", slog.AnyValue(io.EOF), expslog.KindAny, io.EOF},
		{"standard level", slog.AnyValue(slog.LevelWarn), expslog.KindAny, slog.LevelWarn},
		{"valuer", slog.AnyValue(secret{&asked}), expslog.KindLogValuer, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var records []expslog.Record
			slog.New(xslog.NewHandler(kept{records: &records})).Info("m", slog.Attr{Key: "k", Value: c.in})
			require.Len(t, records, 1)
			var got expslog.Value
			records[0].Attrs(func(a expslog.Attr) bool {
				require.Equal(t, "k", a.Key)
				got = a.Value
				return true
			})
			require.Equal(t, c.kind, got.Kind())
			if c.kind != expslog.KindLogValuer {
				require.Equal(t, c.want, got.Any())
				return
			}
			require.Zero(t, asked, "a value is not asked for before the handler behind wants it")
			require.Equal(t, "[token=*** deep=7]", resolved(got).String())
			require.Equal(t, 1, asked)
		})
	}
}

// resolved is what a handler makes of a value: resolved, inside groups too.
func resolved(v expslog.Value) expslog.Value {
	v = v.Resolve()
	if v.Kind() != expslog.KindGroup {
		return v
	}
	var out []expslog.Attr
	for _, a := range v.Group() {
		out = append(out, expslog.Attr{Key: a.Key, Value: resolved(a.Value)})
	}
	return expslog.GroupValue(out...)
}

func TestValueThatPanicsDoesNotStopTheHost(t *testing.T) {
	var out bytes.Buffer
	slog.New(xslog.NewHandler(expslog.NewJSONHandler(&out, nil))).Info("m", "k", broken{}, "after", 1)
	m := line(t, out.Bytes())
	require.Contains(t, m["k"], "panic")
	require.EqualValues(t, 1, m["after"])
}

func TestLevelsAreAskedOfTheHandlerBehind(t *testing.T) {
	var records []expslog.Record
	l := slog.New(xslog.NewHandler(kept{level: expslog.LevelWarn + 1, records: &records}))
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelWarn + 1, slog.LevelError, slog.Level(12)} {
		l.Log(t.Context(), level, "m")
	}
	var got []expslog.Level
	for _, r := range records {
		got = append(got, r.Level)
	}
	require.Equal(t, []expslog.Level{expslog.LevelWarn + 1, expslog.LevelError, expslog.Level(12)}, got)
}

func TestSourceIsTheCaller(t *testing.T) {
	var out bytes.Buffer
	l := xslog.NewLogger(expslog.New(expslog.NewJSONHandler(&out, &expslog.HandlerOptions{AddSource: true})))
	l.Info("m")
	src, ok := line(t, out.Bytes())["source"].(map[string]any)
	require.True(t, ok, out.String())
	require.Equal(t, "handler_test.go", filepath.Base(src["file"].(string)))
	require.Contains(t, src["function"], "TestSourceIsTheCaller")
}

func TestErrorOfTheHandlerBehindComesBack(t *testing.T) {
	full := errors.New("disk full")
	h := xslog.NewHandler(kept{records: new([]expslog.Record), err: full})
	require.ErrorIs(t, h.Handle(t.Context(), slog.Record{Message: "m"}), full)
}

func TestBranchesOfALoggerDoNotShareTheirGroups(t *testing.T) {
	var out bytes.Buffer
	base := slog.New(xslog.NewHandler(expslog.NewJSONHandler(&out, nil))).WithGroup("a").WithGroup("b")
	left, right := base.WithGroup("left"), base.WithGroup("right").With("n", 2)
	for _, c := range []struct {
		l    *slog.Logger
		want string
	}{
		{left, `{"a":{"b":{"left":{"k":"v"}}}}`},
		{right, `{"a":{"b":{"right":{"n":2,"k":"v"}}}}`},
		{base, `{"a":{"b":{"k":"v"}}}`},
		{base.WithGroup(""), `{"a":{"b":{"k":"v"}}}`},
	} {
		out.Reset()
		c.l.Info("m", "k", "v")
		m := line(t, out.Bytes())
		delete(m, "time")
		delete(m, "level")
		delete(m, "msg")
		got, err := json.Marshal(m)
		require.NoError(t, err)
		require.JSONEq(t, c.want, string(got))
	}
}

func TestNothingToSayOpensNoGroup(t *testing.T) {
	var out bytes.Buffer
	l := slog.New(xslog.NewHandler(expslog.NewJSONHandler(&out, nil))).WithGroup("g")
	l.With().Info("m", slog.Group("empty", slog.Group("deeper")), slog.Attr{})
	m := line(t, out.Bytes())
	require.Len(t, m, 3, "time, level and message alone: %s", out.String())
}
