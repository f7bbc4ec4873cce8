package okr

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Cut is a place in a tenant's ledger: what was committed by then, and the instant
// at which that was. It lies between transactions: one that had recorded something
// before it and committed afterwards is not seen by it.
//
// Its text form is the position, @, and the instant: 1204@2026-10-01T09:00:00Z.
type Cut struct {
	Position int64     // of the last seal; 0 is before everything
	At       time.Time // UTC instant at which a report on it is measured
}

// String is the cut's text form.
func (c Cut) String() string {
	return strconv.FormatInt(c.Position, 10) + "@" + c.At.UTC().Format(time.RFC3339Nano)
}

// MarshalText is [Cut.String].
func (c Cut) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is [ParseCut].
func (c *Cut) UnmarshalText(b []byte) error {
	x, err := ParseCut(string(b))
	if err == nil {
		*c = x
	}
	return err
}

// ParseCut reads what [Cut.String] wrote.
func ParseCut(s string) (Cut, error) {
	const remedy = "a cut is a position, @, and an instant to the microsecond, such as 1204@2026-10-01T09:00:00Z"
	position, at, _ := strings.Cut(s, "@")
	n, err := strconv.ParseInt(position, 10, 64)
	if err != nil || n < 0 {
		return Cut{}, invalid("cut", s, remedy)
	}
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil || !t.Equal(t.Truncate(time.Microsecond)) {
		return Cut{}, invalid("cut", s, remedy)
	}
	return Cut{n, t.UTC()}, nil
}

// Cut marks what is known now, so that [Tenant.AsOf] can show it again later. It
// sees every transaction that has committed, and only those, so it is taken outside
// [Tenant.In] and [Tenant.Do]. Its instant is the desk's clock, or the last mark's
// if that is later.
//
// It extends the tenant's chain of seals as the sealer does, and waits for a sealer
// that is at work. Where nothing was written since the last cut it writes nothing.
func (t Tenant) Cut(ctx context.Context) (Cut, error) {
	if err := t.cuts(ctx); err != nil {
		return Cut{}, err
	}
	if t.session != nil || t.tx != nil {
		return Cut{}, invalid("cut", "", "it lies between transactions: take it before or after In and Do")
	}
	return t.desk.store.Cut(ctx, t.id, t.desk.now())
}

// CutAt is what was known at a past instant: the last cut at or before it, measured
// at the instant itself. Cuts are taken by [Tenant.Cut] and, all the time, by the
// sealer; what was committed between the last of them and the instant is not seen.
// It is [ErrNotFound] if there is no cut that early.
func (t Tenant) CutAt(ctx context.Context, instant time.Time) (Cut, error) {
	if err := t.cuts(ctx); err != nil {
		return Cut{}, err
	}
	instant = instant.UTC().Truncate(time.Microsecond)
	if instant.After(t.desk.now()) {
		return Cut{}, invalid("instant", instant.Format(time.RFC3339Nano), "it is in the future: nobody knows yet")
	}
	c, err := t.desk.store.CutAt(ctx, t.id, instant)
	if err != nil {
		return Cut{}, err
	}
	c.At = instant
	return c, nil
}

// cuts checks that the tenant may be read at all.
func (t Tenant) cuts(ctx context.Context) error {
	if err := t.id.check(); err != nil {
		return err
	}
	if t.desk == nil {
		return invalid("desk", "nil", "get the tenant from Desk.For")
	}
	return t.allow(ctx, Intent{Verb: VerbView})
}
