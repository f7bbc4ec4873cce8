package adaptertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// prompt is how soon a Deliver returns whose context has ended. The router gives
// it less; a loaded machine gets the benefit of the doubt.
func prompt(t testing.TB) time.Duration { return patience(t) / 10 }

// AdapterFixture is an adapter, and what its test can see of the far side.
type AdapterFixture struct {
	Adapter adapters.Adapter

	// Effects lists the ids of the events that have had their effect, once for
	// each effect, in order. Nil: nobody can tell.
	Effects func() []string
	// Event makes the n-th event that has an effect. Nil: check-ins of one key
	// result, for an adapter that takes those.
	Event func(n int) okr.Event
	// Break makes the far side fail until mend is called. Nil: it cannot fail.
	Break func() (mend func())
	// Hang makes the far side not answer until release is called. Nil: it cannot
	// be made to.
	Hang func() (release func())
	// Idempotent says that an event which comes again has no second effect.
	Idempotent bool
	// Close ends what the adapter keeps open, such as idle connections. Nil:
	// nothing.
	Close func()
}

// TestAdapter runs the conformance suite. The factory returns an adapter with an
// untouched far side.
func TestAdapter(t *testing.T, factory func(testing.TB) AdapterFixture) {
	t.Helper()
	for _, c := range adapterCases() {
		t.Run(c.name, func(t *testing.T) { c.run(t, factory) })
	}
}

type adapterCase struct {
	name string
	run  func(t testing.TB, factory func(testing.TB) AdapterFixture)
}

func adapterCases() []adapterCase {
	with := func(run func(testing.TB, AdapterFixture)) func(testing.TB, func(testing.TB) AdapterFixture) {
		return func(t testing.TB, factory func(testing.TB) AdapterFixture) {
			f := factory(t)
			if f.Event == nil {
				f.Event = func(n int) okr.Event {
					return Event("acme", okr.EventCheckInRecorded, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, int64(n))
				}
			}
			run(t, f)
		}
	}
	return []adapterCase{
		{"its name is valid and stable", hasAName},
		{"an effect is done when it says so", with(isDone)},
		{"it does not lose order", with(keepsSequence)},
		{"it does not repeat an effect", with(isIdempotent)},
		{"a far side that fails is an error", with(reportsFailure)},
		{"it does not block", with(returnsInTime)},
		{"every type of event is taken", with(takesEveryType)},
		{"it does not panic", with(survivesStrangeEvents)},
		{"the event is not changed", with(leavesEventAlone)},
		{"deliveries at once do not disturb each other", with(deliversAtOnce)},
		{"it does not leak", leavesNoGoroutine},
	}
}

// answer is what comes of a call to Deliver.
type answer struct {
	err   error
	panic string
}

// begin calls the adapter, and says what came of it, panics included.
func begin(ctx context.Context, a adapters.Adapter, d adapters.Delivery) <-chan answer {
	answers := make(chan answer, 1)
	go func() {
		ans := answer{panic: "it ended its goroutine"}
		defer func() {
			if p := recover(); p != nil {
				ans.panic = fmt.Sprintf("%v\n%s", p, debug.Stack())
			}
			answers <- ans
		}()
		ans.err = a.Deliver(ctx, d)
		ans.panic = ""
	}()
	return answers
}

// deliver calls the adapter as a router does, and fails on a panic and on a call
// that does not return.
func deliver(t testing.TB, ctx context.Context, a adapters.Adapter, d adapters.Delivery) error {
	t.Helper()
	answers := begin(ctx, a, d)
	limit := patience(t)
	if ctx.Err() != nil {
		limit = prompt(t)
	}
	over := time.NewTimer(limit)
	defer over.Stop()
	ended := ctx.Done()
	for {
		select {
		case ans := <-answers:
			if ans.panic != "" {
				require.FailNow(t, "Deliver panicked", "%s", ans.panic)
			}
			return ans.err
		case <-ended:
			ended = nil
			over.Reset(prompt(t))
		case <-over.C:
			require.FailNow(t, "Deliver does not return", "event %s of type %s, context: %v", d.Event.ID, d.Event.Type, ctx.Err())
		}
	}
}

func hasAName(t testing.TB, factory func(testing.TB) AdapterFixture) {
	a, b := factory(t), factory(t)
	name := a.Adapter.Name()
	require.Equal(t, name, b.Adapter.Name(), "a restart must find the same durable consumer")
	require.Equal(t, name, a.Adapter.Name())
	require.NotEmpty(t, name)
	require.LessOrEqual(t, len(name), 100)
	require.True(t, utf8.ValidString(name))
	require.False(t, strings.ContainsFunc(name, unicode.IsControl), "%q", name)
}

func isDone(t testing.TB, f AdapterFixture) {
	for n := range 5 {
		e := f.Event(n + 1)
		require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1}))
		if f.Effects != nil {
			require.Len(t, f.Effects(), n+1, "Deliver said that it is done")
			require.Equal(t, e.ID, f.Effects()[n])
		}
	}
}

func keepsSequence(t testing.TB, f AdapterFixture) {
	var want []string
	for n := range 40 {
		e := f.Event(n + 1)
		want = append(want, e.ID)
		require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1}))
	}
	if f.Effects != nil {
		require.Equal(t, want, f.Effects())
	}
}

// isIdempotent holds that one delivery has one effect, and that one which comes again
// has none where the adapter says so.
func isIdempotent(t testing.TB, f AdapterFixture) {
	if f.Effects == nil {
		return
	}
	e := f.Event(1)
	if !f.Idempotent {
		require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1}))
		require.Equal(t, []string{e.ID}, f.Effects())
		return
	}
	for attempt := range 3 {
		require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: attempt + 1, Redriven: attempt == 2}))
	}
	require.Equal(t, []string{e.ID}, f.Effects())
}

func reportsFailure(t testing.TB, f AdapterFixture) {
	if f.Break == nil {
		return
	}
	mend := f.Break()
	e := f.Event(1)
	err := deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1})
	mend()
	require.Error(t, err, "the far side was down")
	require.False(t, adapters.IsPermanent(err), "a far side that is down comes back: %v", err)
	if f.Effects != nil {
		require.Empty(t, f.Effects())
	}
	require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 2}))
	if f.Effects != nil {
		require.Equal(t, []string{e.ID}, f.Effects())
	}
}

func returnsInTime(t testing.TB, f AdapterFixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = deliver(t, ctx, f.Adapter, adapters.Delivery{Event: f.Event(1), Attempt: 1})
	if f.Hang == nil {
		return
	}
	release := f.Hang()
	defer release()
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.Error(t, deliver(t, ctx, f.Adapter, adapters.Delivery{Event: f.Event(2), Attempt: 1}), "the far side has not answered")
}

// Types are the event types of this version.
func Types() []string {
	return []string{
		okr.EventCycleCreated, okr.EventCycleChanged, okr.EventCycleClosed, okr.EventPersonChanged, okr.EventTeamChanged,
		okr.EventObjectiveCreated, okr.EventObjectiveChanged, okr.EventObjectiveActive, okr.EventObjectiveStatus,
		okr.EventKeyResultCreated, okr.EventKeyResultChanged, okr.EventKeyResultActive, okr.EventStatusChanged,
		okr.EventConfidenceDropped, okr.EventTargetMoved, okr.EventOwnerLeft, okr.EventReadingRecorded, okr.EventReadingCorrected,
		okr.EventCheckInDue, okr.EventCheckInRecorded, okr.EventCheckInLate, okr.EventCheckInOverdue, okr.EventCheckInMissed,
		okr.EventBlockerOpened, okr.EventBlockerClosed, okr.EventSourceFailed, okr.EventSourceRecovered, okr.EventPackActivated, okr.EventPackDeactivated, okr.EventWordsErased,
		okr.EventNoticeReady, okr.EventNoticeDropped,
		okr.EventCommentAdded, okr.EventCommentEdited, okr.EventCommentRemoved, okr.EventDecisionRecorded, okr.EventSessionHeld, okr.EventSessionDue,
		okr.EventGrantGiven, okr.EventGrantRevoked,
		okr.EventReviewRecorded, okr.EventFindingWaived, okr.EventKeyResultEnded, okr.EventObjectiveEnded,
		okr.EventKeyResultCarried, okr.EventObjectiveCarried,
		okr.EventWaiverEnded, okr.EventWaiverExpired,
		okr.EventFindingOpened, okr.EventFindingReturned, okr.EventFindingResolved, okr.EventFindingSnoozed,
		okr.EventKPIDefined, okr.EventKPIChanged, okr.EventKPIRetired, okr.EventKPIRecorded, okr.EventKPICorrected,
		okr.EventKPISourceFailed, okr.EventKPISourceRecovered,
		okr.EventForecastMiss,
		okr.EventDeferralAdded, okr.EventDeferralChanged, okr.EventDeferralTakenUp,
		okr.EventReportScheduled, okr.EventReportDue,
		okr.EventResetStarted, okr.EventResetWeekOpened, okr.EventResetVouched, okr.EventResetFinished, okr.EventResetAbandoned,
		okr.EventPurposeUsed, okr.EventPurposeRefused, okr.EventHandedOver,
		okr.EventDependencyAsked, okr.EventDependencyPromised, okr.EventDependencyDeclined, okr.EventDependencyDone,
		okr.EventPolicyChanged,
		okr.EventCheckInExcused, okr.EventCheckInSkipped, okr.EventCheckInEscalated, okr.EventCheckInAcknowledged,
	}
}

func takesEveryType(t testing.TB, f AdapterFixture) {
	for i, kind := range append(Types(), "okr.v1.weather.changed") {
		e := Event("acme", kind, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, int64(i+1))
		require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1}), "%s: what it has no use for is done", kind)
	}
}

func survivesStrangeEvents(t testing.TB, f AdapterFixture) {
	for _, kind := range []string{okr.EventNoticeReady, okr.EventCheckInRecorded, okr.EventStatusChanged, "okr.v1.weather.changed"} {
		for name, data := range map[string]string{
			"null": "null", "nothing": "", "a list": "[]", "a number": "7", "numbers for names": `{"title":7,"to":{},"value":"x"}`,
			"markup": `{"to":"kim","kind":"x","title":"<!channel> <script>alert(1)</script> =cmd() \u001b[31m \r\nBcc: all","body":"\u202e\u2028"}`,
			"long":   `{"to":"kim","kind":"x","title":` + string(must(json.Marshal(strings.Repeat("long ", 20_000)))) + `}`,
		} {
			e := Event("acme", kind, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, 1)
			e.Data = json.RawMessage(data)
			e.ID += "/" + name
			// Whether it is taken or an error is the adapter's choice.
			_ = deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1})
		}
	}
	e := f.Event(1)
	require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1}), "and it still works")
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err) // a string always marshals
	}
	return b
}

func leavesEventAlone(t testing.TB, f AdapterFixture) {
	e := f.Event(1)
	before, data := e, bytes.Clone(e.Data)
	require.NoError(t, deliver(t, t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1}))
	require.Equal(t, before, e)
	require.Equal(t, string(data), string(e.Data))
}

func deliversAtOnce(t testing.TB, f AdapterFixture) {
	const n = 32
	var (
		all  []<-chan answer
		want []string
	)
	for i := range n {
		e := f.Event(i + 1)
		want = append(want, e.ID)
		all = append(all, begin(t.Context(), f.Adapter, adapters.Delivery{Event: e, Attempt: 1}))
	}
	over := time.After(patience(t))
	for _, answers := range all {
		select {
		case ans := <-answers:
			require.Empty(t, ans.panic, "Deliver panicked")
			require.NoError(t, ans.err)
		case <-over:
			require.FailNow(t, "Deliver does not return")
		}
	}
	if f.Effects != nil {
		got := f.Effects()
		slices.Sort(got)
		slices.Sort(want)
		require.Equal(t, want, got)
	}
}

func leavesNoGoroutine(t testing.TB, factory func(testing.TB) AdapterFixture) {
	f := factory(t)
	check := leaked(t)
	for n := range 10 {
		kind := Types()[n%len(Types())]
		e := Event("acme", kind, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, int64(n+1))
		if f.Event != nil {
			e = f.Event(n + 1)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if n%2 == 1 {
			cancel()
		}
		_ = deliver(t, ctx, f.Adapter, adapters.Delivery{Event: e, Attempt: 1})
		cancel()
	}
	if f.Close != nil {
		f.Close()
	}
	left := check()
	require.Empty(t, left, "%s", strings.Join(left, "\n\n"))
}
