package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
)

// patience is how long the suite waits for what must come. Its own tests, which
// wait for what does not, have less.
func patience(t testing.TB) time.Duration {
	if p, ok := t.(interface{ patience() time.Duration }); ok {
		return p.patience()
	}
	return 20 * time.Second
}

// BusCapabilities says what a bus can do beyond being one.
type BusCapabilities struct {
	// Restart ends the bus as its process would, and opens what it kept. Nil: it
	// keeps nothing.
	Restart func(t testing.TB, b adapters.Bus) adapters.Bus
	// TooLarge is the size in bytes of a body that the bus refuses; 0: it takes any.
	TooLarge int
}

// TestBus runs the conformance suite. The factory returns an empty bus, closed by
// the test's Cleanup.
func TestBus(t *testing.T, factory func(testing.TB) adapters.Bus, caps BusCapabilities) {
	t.Helper()
	for _, c := range busCases(caps) {
		t.Run(c.name, func(t *testing.T) { c.run(t, factory(t)) })
	}
}

type busCase struct {
	name string
	run  func(t testing.TB, b adapters.Bus)
}

func busCases(caps BusCapabilities) []busCase {
	all := []busCase{
		{"hands over what was published", handsOver},
		{"an event published again is published once", publishesOnce},
		{"order of an aggregate is kept", keepsOrder},
		{"types are filtered", filtersTypes},
		{"a filter that cannot be read is refused", refusesFilters},
		{"tenants are kept apart", keepsTenantsApart},
		{"a new durable starts from now", startsFromNow},
		{"a durable name goes on where it stopped", goesOn},
		{"a durable's filter can change", changesFilter},
		{"durables are independent, whatever their names", keepsDurablesApart},
		{"a message comes again after its time", comesAgain},
		{"a permanent failure is the end", endsPermanently},
		{"a message is settled once", settlesOnce},
		{"what is in flight is bounded", boundsInFlight},
		{"consumers of one durable share", shares},
		{"pending counts what is not settled", countsPending},
		{"consuming ends with its context", endsWithContext},
		{"what was under way comes again to the next", givesBack},
		{"a durable in order belongs to one at a time", oneAtATime},
		{"a refused event holds back only its aggregate", reportsRefused},
		{"publishing ends with its context", publishEndsWithContext},
		{"many publish and consume at once", manyAtOnce},
	}
	if caps.TooLarge > 0 {
		all = append(all, busCase{"a body that is too large is refused", func(t testing.TB, b adapters.Bus) { refusesLarge(t, b, caps.TooLarge) }})
	}
	if caps.Restart != nil {
		all = append(all, busCase{"a restart loses nothing", func(t testing.TB, b adapters.Bus) { outlivesRestart(t, b, caps) }})
	}
	return all
}

// tap is somebody who consumes.
type tap struct {
	t     testing.TB
	bus   adapters.Bus
	name  string
	stop  context.CancelFunc
	ended chan error

	mu     sync.Mutex
	answer func(m *adapters.Message) // nil settles it
	got    []*adapters.Message
}

// consume starts to consume and returns when the durable's position stands.
func consume(t testing.TB, b adapters.Bus, durable string, types []string, answer func(*adapters.Message), opts ...adapters.ConsumeOption) *tap {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	c := &tap{t: t, bus: b, name: durable, stop: stop, ended: make(chan error, 1), answer: answer}
	ready := make(chan struct{})
	go func() {
		c.ended <- b.Consume(ctx, durable, types, c.take, append(opts, adapters.Ready(func() { close(ready) }))...)
	}()
	t.Cleanup(stop)
	select {
	case <-ready:
	case err := <-c.ended:
		require.FailNow(t, "Consume ended", "%v", err)
	case <-time.After(patience(t)):
		require.FailNow(t, "the durable's position does not stand")
	}
	return c
}

func (c *tap) take(_ context.Context, m *adapters.Message) {
	c.mu.Lock()
	c.got = append(c.got, m)
	c.mu.Unlock()
	if c.answer != nil {
		c.answer(m)
		return
	}
	m.Settle(nil)
}

func (c *tap) messages() []*adapters.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*adapters.Message(nil), c.got...)
}

func (c *tap) ids() []string {
	ids := []string{}
	for _, m := range c.messages() {
		ids = append(ids, m.ID)
	}
	return ids
}

// settled waits until nothing is pending, and returns the ids in order.
func (c *tap) settled() []string {
	c.t.Helper()
	eventually(c.t, "nothing is pending for "+c.name, func() bool {
		n, err := c.bus.Pending(c.t.Context(), c.name)
		require.NoError(c.t, err)
		return n == 0
	})
	return c.ids()
}

// wait waits for n messages.
func (c *tap) wait(n int) []*adapters.Message {
	c.t.Helper()
	eventually(c.t, fmt.Sprintf("%d messages for %s", n, c.name), func() bool { return len(c.messages()) >= n })
	return c.messages()
}

// end ends the consuming.
func (c *tap) end() {
	c.t.Helper()
	c.stop()
	select {
	case err := <-c.ended:
		require.NoError(c.t, err)
	case <-time.After(patience(c.t)):
		require.FailNow(c.t, "Consume does not end with its context")
	}
}

func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience(t)); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			require.FailNow(t, "it does not happen", "%s", what)
		}
	}
}

func publish(t testing.TB, b adapters.Bus, events ...okr.Outgoing) {
	t.Helper()
	require.NoError(t, b.Publish(t.Context(), events...))
}

func handsOver(t testing.TB, b adapters.Bus) {
	c := consume(t, b, "log", nil, nil)
	e := checkIn("acme", "kr1", 1)
	publish(t, b)
	publish(t, b, e)
	c.settled()
	m := c.wait(1)[0]
	require.Equal(t, e.ID, m.ID)
	require.Equal(t, e.Type, m.Type)
	require.Equal(t, e.Tenant, m.Tenant)
	require.Equal(t, string(e.Wire), string(m.Wire), "the body is not touched")
	require.Equal(t, 1, m.Attempt)
	c.end()
}

func publishesOnce(t testing.TB, b adapters.Bus) {
	c := consume(t, b, "log", nil, nil)
	one, two, three := checkIn("acme", "kr1", 1), checkIn("acme", "kr1", 2), checkIn("acme", "kr2", 1)
	publish(t, b, one)
	publish(t, b, one)
	publish(t, b, one, two, three)
	publish(t, b, two, two)
	require.ElementsMatch(t, idsOf([]okr.Outgoing{one, two, three}), c.settled())
	c.end()
}

func keepsOrder(t testing.TB, b adapters.Bus) {
	c := consume(t, b, "log", nil, nil)
	const publishers, each = 4, 60
	var running sync.WaitGroup
	for p := range publishers {
		running.Add(1)
		go func() {
			defer running.Done()
			kr := fmt.Sprint("kr", p)
			for seq := int64(1); seq <= each; {
				var batch []okr.Outgoing
				for range 1 + seq%7 {
					if seq <= each {
						batch = append(batch, checkIn("acme", kr, seq))
						seq++
					}
				}
				if err := b.Publish(t.Context(), batch...); err != nil {
					t.Errorf("publish: %v", err)
				}
			}
		}()
	}
	running.Wait()
	c.settled()
	last, seen := map[okr.Ref]int64{}, map[string]bool{}
	for _, m := range c.messages() {
		if seen[m.ID] {
			// A slow machine answers later than the bus waits.
			require.Greater(t, m.Attempt, 1, "what comes again says so")
			continue
		}
		seen[m.ID] = true
		e, err := okr.ParseCloudEvent(m.Wire)
		require.NoError(t, err)
		require.Equal(t, last[e.Aggregate]+1, e.Seq, "of %s", e.Aggregate)
		last[e.Aggregate] = e.Seq
	}
	require.Len(t, last, publishers)
	require.Len(t, seen, publishers*each)
	c.end()
}

func filtersTypes(t testing.TB, b adapters.Bus) {
	recorded, missed := typed(okr.EventCheckInRecorded, "kr1"), typed(okr.EventCheckInMissed, "kr2")
	status, notice := typed(okr.EventStatusChanged, "kr3"), typed(okr.EventNoticeReady, "n1")
	unknown := typed("okr.v1.weather.changed", "w1")
	all := []okr.Outgoing{recorded, missed, status, notice, unknown}
	taps := map[*tap][]string{}
	for name, tt := range map[string]struct {
		types []string
		want  []okr.Outgoing
	}{
		"all":         {nil, all},
		"exact":       {[]string{okr.EventCheckInMissed}, []okr.Outgoing{missed}},
		"entity":      {[]string{"okr.v1.checkin.*"}, []okr.Outgoing{recorded, missed}},
		"overlapping": {[]string{okr.EventCheckInRecorded, "okr.v1.checkin.*", okr.EventCheckInRecorded}, []okr.Outgoing{recorded, missed}},
		"several":     {[]string{okr.EventNoticeReady, okr.EventStatusChanged}, []okr.Outgoing{status, notice}},
		"to-come":     {[]string{"okr.v1.weather.*"}, []okr.Outgoing{unknown}},
		"none":        {[]string{"okr.v1.check.*", "okr.v1.checkin.record"}, nil},
	} {
		taps[consume(t, b, name, tt.types, nil)] = idsOf(tt.want)
	}
	publish(t, b, all...)
	for c, want := range taps {
		require.Equal(t, want, c.settled(), "filter %s", c.name)
	}
	for c := range taps {
		c.end()
	}
}

func refusesFilters(t testing.TB, b adapters.Bus) {
	for _, bad := range []string{"", "*", ">", "okr.v1.>", "okr.v1.*", "okr.v1.*.recorded", "okr.v1.checkin.recorded.late", "okr.v1.check in.x", "com.example.x", "okr.v1.check*.x", "okr.v1.checkin.r*"} {
		ctx, stop := context.WithTimeout(t.Context(), patience(t))
		err := b.Consume(ctx, "log", []string{bad}, func(_ context.Context, m *adapters.Message) { m.Settle(nil) })
		stop()
		require.ErrorIs(t, err, okr.ErrInvalid, "%q", bad)
	}
	require.ErrorIs(t, b.Consume(t.Context(), "", nil, func(_ context.Context, m *adapters.Message) { m.Settle(nil) }), okr.ErrInvalid, "no name")
}

// HostileTenants are ids that mean something to somebody on the way.
var HostileTenants = []okr.TenantID{
	"*", ">", "a.b", "a", "b", "a.*", "a.>", " ", "%", "%2A", "acme", "ACME", "Zoë", "Zoe\u0308", "株式会社", "a/b", "..", "$JS", "okr.v1", "a\tb", "a\nb", "\x00", "", "🎯", "\u202e",
	okr.TenantID(strings.Repeat("x", 200)),
}

func keepsTenantsApart(t testing.TB, b adapters.Bus) {
	taps := map[okr.TenantID]*tap{}
	for i, tenant := range HostileTenants {
		taps[tenant] = consume(t, b, fmt.Sprint("of-", i), []string{"okr.v1.checkin.*"}, nil, adapters.Tenant(tenant))
	}
	two := consume(t, b, "of-two", nil, nil, adapters.Tenant("*", "a.b"))
	var all []okr.Outgoing
	for _, tenant := range HostileTenants {
		all = append(all, outgoing(Event(tenant, okr.EventCheckInRecorded, okr.Ref{Kind: okr.KindKeyResult, ID: "kr1"}, 1)))
	}
	publish(t, b, all...)
	for i, tenant := range HostileTenants {
		require.Equal(t, []string{all[i].ID}, taps[tenant].settled(), "tenant %q", tenant)
		require.Equal(t, tenant, taps[tenant].messages()[0].Tenant)
	}
	require.Equal(t, []string{all[0].ID, all[2].ID}, two.settled())
	for _, c := range taps {
		c.end()
	}
	two.end()
}

func startsFromNow(t testing.TB, b adapters.Bus) {
	before, after := checkIn("acme", "kr1", 1), checkIn("acme", "kr1", 2)
	publish(t, b, before)
	now := consume(t, b, "now", nil, nil)
	all := consume(t, b, "all", nil, nil, adapters.FromStart())
	publish(t, b, after)
	require.Equal(t, []string{after.ID}, now.settled())
	require.Equal(t, []string{before.ID, after.ID}, all.settled())
	now.end()
	all.end()
	again := consume(t, b, "now", nil, nil, adapters.FromStart())
	require.Equal(t, []string{}, again.settled(), "FromStart changes nothing of a durable that exists")
	again.end()
}

func goesOn(t testing.TB, b adapters.Bus) {
	one, two, three := checkIn("acme", "kr1", 1), checkIn("acme", "kr1", 2), checkIn("acme", "kr1", 3)
	first := consume(t, b, "log", nil, nil)
	publish(t, b, one)
	first.settled()
	first.end()
	publish(t, b, two)
	second := consume(t, b, "log", nil, nil)
	publish(t, b, three)
	require.Equal(t, []string{two.ID, three.ID}, second.settled())
	second.end()
}

func changesFilter(t testing.TB, b adapters.Bus) {
	first := consume(t, b, "log", []string{okr.EventCheckInRecorded}, nil)
	publish(t, b, typed(okr.EventCheckInRecorded, "kr1"))
	first.settled()
	first.end()
	second := consume(t, b, "log", []string{okr.EventStatusChanged}, nil)
	recorded, changed := typed(okr.EventCheckInRecorded, "kr2"), typed(okr.EventStatusChanged, "kr3")
	publish(t, b, recorded, changed)
	require.Equal(t, []string{changed.ID}, second.settled())
	second.end()
	third := consume(t, b, "log", nil, nil, adapters.InFlight(3))
	more := typed(okr.EventCheckInMissed, "kr4")
	publish(t, b, more)
	require.Equal(t, []string{more.ID}, third.settled())
	third.end()
}

func keepsDurablesApart(t testing.TB, b adapters.Bus) {
	names := []string{"a", "A", "a.b", "a b", "a/b", `a\b`, "*", ">", "..", ".", "Zoë", "a%2Eb", strings.Repeat("long ", 20), "$G"}
	var taps []*tap
	for _, name := range names {
		taps = append(taps, consume(t, b, name, nil, nil))
	}
	e := checkIn("acme", "kr1", 1)
	publish(t, b, e)
	for _, c := range taps {
		require.Equal(t, []string{e.ID}, c.settled(), "durable %q", c.name)
	}
	for _, c := range taps {
		c.end()
	}
}

func comesAgain(t testing.TB, b adapters.Bus) {
	const wait = 150 * time.Millisecond
	var mu sync.Mutex
	var at []time.Time
	c := consume(t, b, "log", nil, func(m *adapters.Message) {
		mu.Lock()
		defer mu.Unlock()
		at = append(at, time.Now())
		switch len(at) {
		case 1:
			m.Settle(adapters.RetryAfter(wait, errors.New("not now")))
		case 2:
			m.Settle(adapters.RetryAfter(0, errors.New("at once")))
		case 3:
			m.Settle(errors.New("whenever"))
		default:
			m.Settle(nil)
		}
	})
	publish(t, b, checkIn("acme", "kr1", 1))
	c.settled()
	got := c.messages()
	require.Len(t, got, 4)
	for i, m := range got {
		require.Equal(t, i+1, m.Attempt)
		require.Equal(t, got[0].Wire, m.Wire)
	}
	require.GreaterOrEqual(t, at[1].Sub(at[0]), wait, "not before its time")
	require.Less(t, at[2].Sub(at[1]), 2*time.Second, "at once")
	require.GreaterOrEqual(t, at[3].Sub(at[2]), 50*time.Millisecond, "never in a hot loop")
	c.end()
}

func endsPermanently(t testing.TB, b adapters.Bus) {
	c := consume(t, b, "log", nil, func(m *adapters.Message) { m.Settle(adapters.Permanent(errors.New("never"))) })
	e := checkIn("acme", "kr1", 1)
	publish(t, b, e)
	c.wait(1)
	require.Equal(t, []string{e.ID}, c.settled())
	c.end()
}

func settlesOnce(t testing.TB, b adapters.Bus) {
	c := consume(t, b, "log", nil, func(m *adapters.Message) {
		m.Settle(nil)
		m.Settle(adapters.RetryAfter(0, errors.New("too late")))
		m.Settle(nil)
	})
	one, two := checkIn("acme", "kr1", 1), checkIn("acme", "kr1", 2)
	publish(t, b, one, two)
	require.Equal(t, []string{one.ID, two.ID}, c.settled())
	c.end()
}

func boundsInFlight(t testing.TB, b adapters.Bus) {
	const most, n = 5, 40
	c := consume(t, b, "log", nil, func(*adapters.Message) {}, adapters.InFlight(most))
	var events []okr.Outgoing
	for i := range n {
		events = append(events, checkIn("acme", fmt.Sprint("kr", i), 1))
	}
	publish(t, b, events...)
	for done := 0; done < n; {
		got := c.wait(min(done+most, n))
		time.Sleep(10 * time.Millisecond)
		require.LessOrEqual(t, len(c.messages())-done, most)
		for _, m := range got[done:] {
			m.Settle(nil)
		}
		done = len(got)
	}
	require.Len(t, c.settled(), n)
	c.end()
}

func shares(t testing.TB, b adapters.Bus) {
	one := consume(t, b, "log", nil, nil, adapters.InFlight(8))
	two := consume(t, b, "log", nil, nil, adapters.InFlight(8))
	want := map[string]bool{}
	for i := range 100 {
		e := checkIn("acme", fmt.Sprint("kr", i), 1)
		want[e.ID] = true
		publish(t, b, e)
	}
	one.settled()
	got := map[string]bool{}
	for _, id := range append(one.ids(), two.ids()...) {
		require.False(t, got[id], "%s came twice", id)
		got[id] = true
	}
	require.Equal(t, want, got)
	one.end()
	rest := checkIn("acme", "rest", 1)
	publish(t, b, rest)
	two.settled()
	require.Contains(t, two.ids(), rest.ID)
	two.end()
}

func countsPending(t testing.TB, b adapters.Bus) {
	_, err := b.Pending(t.Context(), "nobody")
	require.ErrorIs(t, err, adapters.ErrUnknownDurable)
	c := consume(t, b, "log", []string{"okr.v1.checkin.*"}, func(*adapters.Message) {}, adapters.InFlight(2))
	pending := func(want int) {
		t.Helper()
		eventually(t, fmt.Sprintf("%d are pending", want), func() bool {
			n, err := b.Pending(t.Context(), "log")
			require.NoError(t, err)
			return n == want
		})
	}
	pending(0)
	for i := range 5 {
		publish(t, b, checkIn("acme", fmt.Sprint("kr", i), 1), typed(okr.EventNoticeReady, fmt.Sprint("n", i)))
	}
	pending(5)
	got := c.wait(2)
	got[0].Settle(nil)
	got[1].Settle(adapters.RetryAfter(time.Hour, errors.New("later")))
	pending(4)
	c.wait(3)[2].Settle(nil)
	pending(3)
	c.wait(4)[3].Settle(nil)
	c.wait(5)[4].Settle(nil)
	pending(1)
	c.end()
	pending(1)
}

func endsWithContext(t testing.TB, b adapters.Bus) {
	held := make(chan *adapters.Message, 1)
	c := consume(t, b, "log", nil, func(m *adapters.Message) { held <- m })
	publish(t, b, checkIn("acme", "kr1", 1))
	m := <-held
	c.stop()
	select {
	case err := <-c.ended:
		require.FailNow(t, "Consume returned before its message was settled", "%v", err)
	case <-time.After(100 * time.Millisecond):
	}
	m.Settle(nil)
	c.end()
	n, err := b.Pending(t.Context(), "log")
	require.NoError(t, err)
	require.Zero(t, n, "what is settled after the end of the context counts")
}

func givesBack(t testing.TB, b adapters.Bus) {
	for _, tt := range []struct {
		name string
		opts []adapters.ConsumeOption
	}{{"plain", nil}, {"ordered", []adapters.ConsumeOption{adapters.Ordered()}}} {
		events := []okr.Outgoing{}
		for i := range int64(6) {
			events = append(events, checkIn("acme", tt.name, i+1))
		}
		var mu sync.Mutex
		var open []*adapters.Message
		first := consume(t, b, tt.name, nil, func(m *adapters.Message) {
			mu.Lock()
			defer mu.Unlock()
			open = append(open, m)
		}, tt.opts...)
		publish(t, b, events[:4]...)
		first.wait(4)
		mu.Lock()
		open[1].Settle(nil)
		open[3].Settle(nil)
		open[0].Settle(adapters.RetryAfter(0, context.Canceled))
		open[2].Settle(adapters.RetryAfter(0, context.Canceled))
		mu.Unlock()
		first.stop()
		// What came again before the end is given back as well.
		eventually(t, "the first has ended", func() bool {
			mu.Lock()
			defer mu.Unlock()
			for _, m := range open[4:] {
				m.Settle(adapters.RetryAfter(0, context.Canceled))
			}
			open = open[:4]
			select {
			case err := <-first.ended:
				first.ended <- err
				return true
			default:
				return false
			}
		})
		first.end()
		publish(t, b, events[4:]...)
		second := consume(t, b, tt.name, nil, nil, tt.opts...)
		second.settled()
		got := map[string]bool{}
		var order []string
		for _, id := range second.ids() {
			if !got[id] {
				order = append(order, id)
			}
			got[id] = true
		}
		for _, i := range []int{0, 2, 4, 5} {
			require.True(t, got[events[i].ID], "%s: event %d is lost", tt.name, i+1)
		}
		if len(tt.opts) > 0 {
			var want []string
			for _, e := range events {
				if got[e.ID] {
					want = append(want, e.ID)
				}
			}
			require.Equal(t, want, order, "what was not settled comes before what is new")
		}
		second.end()
	}
}

func oneAtATime(t testing.TB, b adapters.Bus) {
	// It takes its time over each, so that another one would get some.
	first := consume(t, b, "log", nil, func(m *adapters.Message) {
		time.Sleep(2 * time.Millisecond)
		m.Settle(nil)
	}, adapters.Ordered())
	publish(t, b, checkIn("acme", "kr1", 1))
	first.settled()
	second := consume(t, b, "log", nil, nil, adapters.Ordered())
	var want []string
	for seq := int64(2); seq <= 40; seq++ {
		e := checkIn("acme", "kr1", seq)
		publish(t, b, e)
		want = append(want, e.ID)
	}
	first.settled()
	require.Empty(t, second.ids(), "it stands by")
	require.Equal(t, want, first.ids()[1:])
	first.end()
	last := checkIn("acme", "kr1", 41)
	publish(t, b, last)
	eventually(t, "the second takes over", func() bool { return len(second.ids()) > 0 })
	second.settled()
	require.Contains(t, second.ids(), last.ID)
	second.end()
}

func reportsRefused(t testing.TB, b adapters.Bus) {
	c := consume(t, b, "log", nil, nil)
	events := []okr.Outgoing{
		checkIn("acme", "bad", 1), checkIn("acme", "bad", 2), checkIn("acme", "bad", 3),
		checkIn("acme", "good", 1), checkIn("globex", "bad", 1), checkIn("acme", "good", 2),
	}
	events[1].Type = "okr.v1.*.>"
	err := b.Publish(t.Context(), events...)
	var failed *adapters.PublishError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, adapters.ErrRefused)
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.Equal(t, []string{events[0].ID, events[3].ID, events[4].ID, events[5].ID}, failed.Published)
	require.Len(t, failed.Refused, 1)
	require.ErrorIs(t, failed.Refused[events[1].ID], adapters.ErrRefused)
	require.ElementsMatch(t, failed.Published, c.settled())
	for _, kind := range []string{"", "okr.v1.checkin", "okr.v1..x", "okr.v1.a.b.c", "okr.v1.a b.c", "com.example.a.b"} {
		e := checkIn("acme", "kr"+kind, 1)
		e.Type = kind
		require.ErrorIs(t, b.Publish(t.Context(), e), adapters.ErrRefused, "type %q", kind)
	}
	nameless := checkIn("acme", "nameless", 1)
	nameless.ID = ""
	require.ErrorIs(t, b.Publish(t.Context(), nameless), adapters.ErrRefused)
	c.end()
}

func refusesLarge(t testing.TB, b adapters.Bus, size int) {
	c := consume(t, b, "log", nil, nil)
	large, after, other := checkIn("acme", "large", 1), checkIn("acme", "large", 2), checkIn("acme", "kr1", 1)
	large.Wire = append(large.Wire, strings.Repeat(" ", size)...)
	err := b.Publish(t.Context(), large, after, other)
	var failed *adapters.PublishError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, failed.Refused[large.ID], adapters.ErrRefused)
	require.Equal(t, []string{other.ID}, failed.Published)
	require.Equal(t, []string{other.ID}, c.settled())
	c.end()
}

func publishEndsWithContext(t testing.TB, b adapters.Bus) {
	c := consume(t, b, "log", nil, nil)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	e := checkIn("acme", "kr1", 1)
	err := b.Publish(ctx, e)
	require.ErrorIs(t, err, context.Canceled)
	var failed *adapters.PublishError
	require.ErrorAs(t, err, &failed)
	require.Empty(t, failed.Published)
	require.Empty(t, failed.Refused, "a context says nothing about the event")
	publish(t, b, e)
	require.Equal(t, []string{e.ID}, c.settled())
	c.end()
}

func manyAtOnce(t testing.TB, b adapters.Bus) {
	const publishers, each = 4, 100
	var taps []*tap
	for i := range 3 {
		taps = append(taps, consume(t, b, fmt.Sprint("d", i), nil, func(m *adapters.Message) {
			go func() {
				if m.Attempt == 1 && len(m.ID)%3 == 0 {
					m.Settle(adapters.RetryAfter(time.Millisecond, errors.New("again")))
					return
				}
				m.Settle(nil)
			}()
		}))
	}
	var running sync.WaitGroup
	for p := range publishers {
		running.Add(1)
		go func() {
			defer running.Done()
			for i := range each {
				if err := b.Publish(t.Context(), checkIn("acme", fmt.Sprintf("kr%d-%d", p, i%10), int64(i/10+1))); err != nil {
					t.Errorf("publish: %v", err)
				}
			}
		}()
	}
	running.Wait()
	for _, c := range taps {
		got := map[string]bool{}
		for _, id := range c.settled() {
			got[id] = true
		}
		require.Len(t, got, publishers*each)
		c.end()
	}
}

func outlivesRestart(t testing.TB, b adapters.Bus, caps BusCapabilities) {
	done := consume(t, b, "log", nil, nil)
	one, two, three := checkIn("acme", "kr1", 1), checkIn("acme", "kr1", 2), checkIn("acme", "kr1", 3)
	publish(t, b, one)
	done.settled()
	done.end()
	publish(t, b, two)
	b = caps.Restart(t, b)
	publish(t, b, one, two, three)
	again := consume(t, b, "log", nil, nil)
	require.Equal(t, []string{two.ID, three.ID}, again.settled())
	again.end()
	all := consume(t, b, "all", nil, nil, adapters.FromStart())
	require.Equal(t, []string{one.ID, two.ID, three.ID}, all.settled())
	all.end()
}
