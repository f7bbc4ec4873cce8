package okr_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

var errPower = errors.New("the power is gone")

// brittle is a store of which the nth call of a decision fails; 0 is none.
type brittle struct {
	okr.Store
	left int
}

func (b *brittle) fails() error {
	if b.left == 0 {
		return nil
	}
	if b.left--; b.left == 0 {
		return errPower
	}
	return nil
}

func (b *brittle) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := b.Store.Begin(ctx, write)
	if err != nil || !write {
		return u, err
	}
	if err := b.fails(); err != nil {
		return nil, errors.Join(err, u.Rollback(ctx))
	}
	return &brittleUnit{u, b}, nil
}

type brittleUnit struct {
	okr.Unit
	of *brittle
}

func (u *brittleUnit) Nested(ctx context.Context) (okr.Unit, error) {
	if err := u.of.fails(); err != nil {
		return nil, err
	}
	in, err := u.Unit.Nested(ctx)
	return &brittleUnit{in, u.of}, err
}

func (u *brittleUnit) Load(ctx context.Context, t okr.TenantID, need okr.Need) (*okr.Snapshot, error) {
	if err := u.of.fails(); err != nil {
		return nil, err
	}
	return u.Unit.Load(ctx, t, need)
}

func (u *brittleUnit) List(ctx context.Context, t okr.TenantID, q okr.Query) ([]okr.ID, error) {
	if err := u.of.fails(); err != nil {
		return nil, err
	}
	return u.Unit.List(ctx, t, q)
}

func (u *brittleUnit) Recall(ctx context.Context, t okr.TenantID, key string) (*okr.Remembered, error) {
	if err := u.of.fails(); err != nil {
		return nil, err
	}
	return u.Unit.Recall(ctx, t, key)
}

// Write fails after it has written, which is the worse of the two.
func (u *brittleUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	if err := u.Unit.Write(ctx, t, c); err != nil {
		return err
	}
	return u.of.fails()
}

func (u *brittleUnit) Commit(ctx context.Context) error {
	if err := u.of.fails(); err != nil {
		return err
	}
	return u.Unit.Commit(ctx)
}

// Whichever call of the store fails while a meeting is recorded: nothing of it is there,
// and the same meeting with the same key is recorded when the store is back.
func TestAMeetingSurvivesWhateverFails(t *testing.T) {
	h, c := middle(t)
	ctx := t.Context()
	b := &brittle{Store: h.store}
	desk, err := okr.New(b, okr.Config{Clock: h.clock.Now, Calendar: fridays{}})
	require.NoError(t, err)
	acme := desk.For("acme").As(ana)
	h.clock.Set(time.Date(2026, time.November, 13, 9, 30, 0, 0, time.UTC))
	meeting := okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: "sales", Held: measure.NewDate(2026, 11, 13), People: []okr.ID{"ana", "bo"}, Key: "k", Minutes: 9,
		CheckIns: []okr.CheckIn{
			{KeyResult: h.keyResult(t, "deals").ID, Value: measure.N(20), Blockers: []okr.NewBlocker{{Text: "x"}}},
			{KeyResult: h.keyResult(t, "leads").ID, Value: measure.N(50), Confidence: measure.N(2)},
		},
		Decisions: []okr.NewDecision{{Text: "Go on"}},
	}
	before, err := acme.View().Snapshot(ctx, c.ID)
	require.NoError(t, err)
	for nth := 1; ; nth++ {
		b.left = nth
		d, err := acme.Hold(ctx, meeting)
		if err == nil {
			require.Positive(t, b.left, "it was recorded without that call")
			require.Greater(t, nth, 10)
			require.False(t, d.Repeated, "none of those that failed is remembered")
			break
		}
		require.ErrorIs(t, err, errPower)
		after, err := acme.View().Snapshot(ctx, c.ID)
		require.NoError(t, err)
		require.Equal(t, before, after, "call %d", nth)
	}
	b.left = 0
	again, err := acme.Hold(ctx, meeting)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	held, err := acme.View().Sessions(ctx, okr.SessionQuery{Cycle: c.ID}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, held.Items, 1)
}

// In the host's transaction a meeting that is refused leaves the host's other decisions,
// and one that the host takes back leaves nothing.
func TestAMeetingInTheHostsTransaction(t *testing.T) {
	h, c := middle(t)
	ctx := t.Context()
	deals := h.keyResult(t, "deals").ID
	n := okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: "sales", Held: measure.NewDate(2026, 11, 13), People: []okr.ID{"ana"},
		CheckIns: []okr.CheckIn{{KeyResult: deals, Value: measure.N(30)}, {KeyResult: "nope", Note: "x"}},
	}
	tx, err := h.store.BeginTx(ctx)
	require.NoError(t, err)
	acme := h.acme.In(h.store.Wrap(tx))
	_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: h.keyResult(t, "leads").ID, Value: measure.N(77)})
	require.NoError(t, err)
	_, err = acme.Hold(ctx, n)
	require.Equal(t, "checkins[1].key_result", invalidField(t, err))
	require.NoError(t, tx.Commit(ctx))
	require.Equal(t, measure.N(77), h.keyResult(t, "leads").Current)
	require.Equal(t, measure.N(5), h.keyResult(t, "deals").Current)

	n.CheckIns = n.CheckIns[:1]
	require.ErrorIs(t, h.acme.Do(ctx, func(in okr.Tenant) error {
		_, err := in.Hold(ctx, n)
		require.NoError(t, err)
		k, err := in.View().KeyResults(ctx, okr.Query{Owner: "ana", Limit: 1})
		require.NoError(t, err)
		require.Equal(t, measure.N(30), k.Items[0].Current)
		return errPower
	}), errPower)
	require.Equal(t, measure.N(5), h.keyResult(t, "deals").Current)
	held, err := h.acme.View().Sessions(ctx, okr.SessionQuery{Cycle: c.ID}, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, held.Items)
}

// doubting refuses check-ins in which nobody says where the key result stands, and denies
// some altogether.
type doubting struct{ scorer }

func (d doubting) Judge(ctx context.Context, p okr.Proposal) (okr.Verdict, error) {
	v, err := d.scorer.Judge(ctx, p)
	for _, r := range p.Subjects {
		if k := p.After.KeyResult(r.ID); p.Verb == okr.VerbCheckIn && k != nil && k.Stated == "" {
			v.Refused = true
			v.Findings = append(v.Findings, okr.Finding{Rule: "stated", Gate: true, Subject: r, Title: k.Title, Message: "say where it stands"})
		}
	}
	return v, err
}

// Authorize is asked about each check-in by itself.
func (doubting) Authorize(_ context.Context, _ okr.TenantID, _ okr.Actor, in okr.Intent) error {
	if in.Verb == okr.VerbCheckIn && in.Subjects[0].ID == "secret" {
		return okr.ErrDenied
	}
	return nil
}

// What rules refuse of a meeting, and what the host denies, is told together.
func TestAMeetingIsJudgedCheckInByCheckIn(t *testing.T) {
	h := running(t, okr.Config{Judge: doubting{}, Authorize: doubting{}})
	c, ctx := h.cycle(t), t.Context()
	n := okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: "sales", Held: october(1), People: []okr.ID{"ana"},
		CheckIns: []okr.CheckIn{
			{KeyResult: h.keyResult(t, "k1").ID, Note: "x"}, {KeyResult: h.keyResult(t, "k2").ID, Stated: measure.AtRisk},
			{KeyResult: h.keyResult(t, "k3").ID, Note: "x"}, {KeyResult: "secret", Note: "x"},
		},
	}
	_, err := h.acme.Hold(ctx, n)
	require.ErrorIs(t, err, okr.ErrRefused)
	require.ErrorIs(t, err, okr.ErrDenied)
	for _, at := range []string{"checkins[0]", "checkins[2]", "checkins[3]"} {
		require.ErrorContains(t, err, at)
	}
	require.NotContains(t, err.Error(), "checkins[1]")
	var refused *okr.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "say where it stands", refused.Findings[0].Message)
	require.Nil(t, h.keyResult(t, "k2").LastCheckIn)

	n.CheckIns = n.CheckIns[1:2]
	d, err := h.acme.Trial().Hold(ctx, n)
	require.NoError(t, err)
	require.Contains(t, types(d.Events), okr.EventCheckInRecorded)
	require.Nil(t, h.keyResult(t, "k2").LastCheckIn, "it was only tried")
	_, err = h.acme.Hold(ctx, n)
	require.NoError(t, err)
	require.NotNil(t, h.keyResult(t, "k2").LastCheckIn)
}
