// Package okr defines objectives, key results, check-ins and readings, and takes
// decisions about them.
//
// A [Desk] takes a decision, measures it, lets a [Judge] judge it, and writes the
// new state and its events in one transaction, the host's or its own. Everything
// else hangs on the events. Only the desk writes:
//
//	desk, err := okr.New(store, okr.Config{Judge: judge, Calendar: calendar})
//	acme := desk.For("acme").As(okr.Someone("u-17"))
//	_, err = acme.CheckIn(ctx, okr.CheckIn{KeyResult: id, Value: measure.N(54)})
//
// [Tenant] is the door to one customer of the host; no call through it reaches
// another's rows. [Tenant.In] puts a decision into the host's own transaction,
// [Tenant.Do] puts several into one. [View] reads.
//
// # What holds
//
//   - State, ledger and outbox are written together or not at all.
//   - Unknown is its own value: it is never 0 and never a good status.
//   - A key result is owned by one human being.
//   - Definitions, readings and check-ins are never overwritten: the ledger keeps
//     every version, with who decided it and when.
//   - A write under an idempotency key happens once; the same key with other
//     content is [ErrConflict].
//
// # Errors
//
// Input that cannot be taken is an [*InvalidError] naming field, value and
// remedy. A decision that rules refuse is a [*RefusedError] with every reason.
// A row that the tenant does not have is [ErrNotFound], also when another tenant
// has it. A lost race is [ErrConflict].
//
// The package imports the standard library only. Stores, judges, calendars and
// adapters are ports that it declares; packages store, audit, cadence and
// adapters implement them.
package okr
