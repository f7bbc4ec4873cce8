package xslog_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	expslog "golang.org/x/exp/slog"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/log"
	"github.com/okrkit/okrkit/adapters/membus"
	"github.com/okrkit/okrkit/adapters/xslog"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

func TestEventsOfADeskReachTheHostsLogger(t *testing.T) {
	var out bytes.Buffer
	host := expslog.New(expslog.NewJSONHandler(&out, nil))

	store, bus := memory.New(), membus.New()
	clock := okrtest.NewClock(time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(store, okr.Config{Clock: clock.Now, Log: xslog.NewLogger(host)})
	require.NoError(t, err)
	router := adapters.NewRouter(bus, adapters.Config{Inbox: store, DeadLetters: store})
	router.Add(log.New(xslog.NewLogger(host.WithGroup("okr"))), adapters.Only(okr.EventObjectiveCreated), adapters.FromStart())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- router.Run(ctx) }()
	require.NoError(t, router.Idle(ctx))

	_, err = desk.For("acme").As(okr.Someone("ana")).Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	_, err = outbox.NewRelay(store, bus).Drain(ctx)
	require.NoError(t, err)
	require.NoError(t, router.Idle(ctx))
	stop()
	require.NoError(t, <-done)

	require.Equal(t, 1, strings.Count(out.String(), "\n"), out.String())
	m := line(t, out.Bytes())
	require.Equal(t, okr.EventObjectiveCreated, m["msg"])
	got, ok := m["okr"].(map[string]any)
	require.True(t, ok, out.String())
	require.Equal(t, "acme", got["tenant"])
	require.Equal(t, "ana", got["actor"])
	data, ok := got["data"].(map[string]any)
	require.True(t, ok, out.String())
	require.Equal(t, "Customers choose to stay with us", data["title"])
}
