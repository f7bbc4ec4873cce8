package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func TestAPolicyIsSetReadAndTold(t *testing.T) {
	h := open(t, okr.Config{})
	ctx := t.Context()
	got, err := h.acme.View().Policy(ctx)
	require.NoError(t, err)
	require.Equal(t, okr.Policy{}, got)
	require.Equal(t, okr.DefaultLadder(), got.LadderOrDefault())
	require.Equal(t, okr.DefaultBudget(), got.Budget.OrDefault())

	p := okr.Policy{
		Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, Lock: true},
		Ladder:  []okr.Rung{{To: okr.ToOwner}, {To: okr.ToLead, After: 2}, {To: okr.ToReviewer, After: 2}},
		Budget:  okr.Budget{PerDay: -1, Quiet: []okr.QuietHours{}, Digest: "08:30"}, AskLive: true,
	}
	d, err := h.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: p})
	require.NoError(t, err)
	require.Equal(t, okr.EventPolicyChanged, d.Events[0].Type)
	told, err := d.Events[0].Payload()
	require.NoError(t, err)
	p.Version = 1
	require.Equal(t, &okr.PolicyFact{Version: 1, Changed: []string{"cadence", "ladder", "budget", "ask_live"}}, told, "the event says what changed, the view how it is")
	got, err = h.acme.View().Policy(ctx)
	require.NoError(t, err)
	require.Equal(t, p, got)
	require.Empty(t, got.Budget.OrDefault().Quiet, "none is not the default")
	require.Equal(t, 10, got.Budget.OrDefault().PerWeek)

	d, err = h.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: p})
	require.NoError(t, err)
	require.Empty(t, d.Events, "the same again is no change")
	_, err = h.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: okr.Policy{Version: 7}})
	require.ErrorIs(t, err, okr.ErrConflict)

	cut, err := h.acme.Cut(ctx)
	require.NoError(t, err)
	_, err = h.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: okr.Policy{}})
	require.NoError(t, err)
	then, err := h.acme.AsOf(cut).Policy(ctx)
	require.NoError(t, err)
	require.Equal(t, p, then)
	got, err = h.acme.View().Policy(ctx)
	require.NoError(t, err)
	require.Equal(t, okr.Policy{Version: 2}, got)

	other, err := h.desk.For("globex").View().Policy(ctx)
	require.NoError(t, err)
	require.Equal(t, okr.Policy{}, other, "nobody else's")
}

func TestAPolicyThatMakesNoSenseIsRefused(t *testing.T) {
	h := open(t, okr.Config{})
	for field, p := range map[string]okr.Policy{
		"cadence.frequency":    {Cadence: &okr.Schedule{}},
		"ladder[0].to":         {Ladder: []okr.Rung{{To: "boss"}}},
		"ladder[1].to":         {Ladder: []okr.Rung{{To: okr.ToLead}, {To: okr.ToLead, After: 1}}},
		"ladder[1].after":      {Ladder: []okr.Rung{{To: okr.ToBackup, After: 2}, {To: okr.ToLead, After: 1}}},
		"ladder[0].after":      {Ladder: []okr.Rung{{To: okr.ToLead, After: -1}}},
		"ladder":               {Ladder: make([]okr.Rung, 11)},
		"budget.per_day":       {Budget: okr.Budget{PerDay: 1001}},
		"budget.quiet[0].from": {Budget: okr.Budget{Quiet: []okr.QuietHours{{From: "7", To: "08:00"}}}},
		"budget.quiet[1].to":   {Budget: okr.Budget{Quiet: []okr.QuietHours{{From: "19:00", To: "07:00"}, {From: "12:00", To: "12:00"}}}},
		"budget.digest":        {Budget: okr.Budget{Digest: "noon"}},
		"cadence.grace":        {Cadence: &okr.Schedule{Frequency: okr.Weekly, Grace: okr.EachMonth}},
		"budget.per_week":      {Budget: okr.Budget{PerWeek: 5000}},
		"cadence.pauses[0].to": {Cadence: &okr.Schedule{Pauses: []okr.Span{{From: october(5), To: october(1)}}}},
		"budget.quiet":         {Budget: okr.Budget{Quiet: make([]okr.QuietHours, 11)}},
		"budget.quiet[0].to":   {Budget: okr.Budget{Quiet: []okr.QuietHours{{From: "19:00", To: "24:00"}}}},
	} {
		_, err := h.acme.SetPolicy(t.Context(), okr.SettingPolicy{Policy: p})
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid, field)
		require.Equal(t, field, invalid.Field)
	}
}

// A manager hears of a person's silence only where the host and the policy both say so.
func TestAManagerIsNamedOnlyWhereTheHostAllows(t *testing.T) {
	named := okr.SettingPolicy{Policy: okr.Policy{Ladder: []okr.Rung{{To: okr.ToManager, After: 5}}}}
	h := open(t, okr.Config{})
	_, err := h.acme.SetPolicy(t.Context(), named)
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.ErrorContains(t, err, "Config.TellManagers")

	h.desk, err = okr.New(h.store, okr.Config{Clock: h.clock.Now, NewID: okrtest.SequentialIDs(), TellManagers: true})
	require.NoError(t, err)
	_, err = h.desk.For("acme").As(ana).SetPolicy(t.Context(), named)
	require.NoError(t, err)
}
