package system_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// writers check in at the same time, two of them on the same key result.
var writers = []struct {
	tenant okr.TenantID
	key    string
}{{"acme", "k1"}, {"acme", "k2"}, {"acme", "k1"}, {"globex", "k1"}}

// atOnce is how many deliveries of one adapter are under way at most.
const atOnce = 4

var scribes = []struct {
	name    string
	ordered bool
	opts    []adapters.AddOption
	wants   func(fact) bool
}{
	{"everything", false, nil, func(fact) bool { return true }},
	{"in order", true, nil, func(fact) bool { return true }},
	{"people", false, []adapters.AddOption{adapters.Notices()}, func(f fact) bool { return f.Type == okr.EventNoticeReady }},
}

func effects(dir, name string) string { return filepath.Join(dir, name+".jsonl") }

// withScribes is a house whose adapters write down what they get.
func withScribes(ctx context.Context, dir string) (*house, error) {
	h, err := open(ctx, dir, adapters.Config{Concurrency: atOnce})
	if err != nil {
		return nil, err
	}
	for _, x := range scribes {
		s, err := newScribe(effects(dir, x.name), x.name, x.ordered)
		if err != nil {
			return nil, errors.Join(err, h.close())
		}
		h.router.Add(s, append(x.opts, adapters.FromStart())...)
	}
	return h, nil
}

// writeUntilKilled is the house of a busy company. It says of each check-in when
// it is committed: the writer, the number of the check-in, its events.
func writeUntilKilled(ctx context.Context, o order) error {
	h, err := withScribes(ctx, o.Dir)
	if err != nil {
		return err
	}
	// The plan comes while the house runs, so that a kill may hit it too.
	started := make(chan error, 1)
	go func() { started <- h.run(ctx) }()
	tenants, keys := make([]okr.Tenant, len(writers)), make([]okr.ID, len(writers))
	for w, x := range writers {
		if tenants[w], err = tenant(ctx, h.desk, x.tenant); err != nil {
			return err
		}
		if keys[w], err = keyResult(ctx, tenants[w], x.key); err != nil {
			return err
		}
	}
	ended := make(chan error)
	for w := range writers {
		go func() { ended <- write(ctx, tenants[w], keys[w], w, o.From[w]) }()
	}
	if err := <-started; err != nil {
		return err
	}
	return <-ended
}

func write(ctx context.Context, acme okr.Tenant, id okr.ID, writer, from int) error {
	for n := from; ; n++ {
		c := okr.CheckIn{
			KeyResult: id, Value: measure.N(float64(number(writer, n))),
			Key: fmt.Sprintf("writer %d, check-in %d", writer, n), // the same after a kill
		}
		if n%10 == 0 {
			c.Blockers = []okr.NewBlocker{{Text: "the contract is with the lawyers", Owner: "ben"}} // who gets a notice
		}
		d, err := acme.CheckIn(ctx, c)
		if errors.Is(err, okr.ErrConflict) {
			n--
			continue
		}
		if err != nil {
			return err
		}
		var b strings.Builder
		fmt.Fprint(&b, writer, " ", n)
		for _, e := range d.Events {
			b.WriteString(" " + e.ID)
		}
		fmt.Println(b.String())
	}
}

// number is the value of a check-in, by which it is known in the ledger.
func number(writer, n int) int { return n*len(writers) + writer }

// TestKillTheHouse kills the whole house with SIGKILL at random points, those of
// its very first start among them. In the end everything that it had
// acknowledged is there, once; it is on the bus, in order; and each adapter has
// done its work at least once, and more than once only where a kill kept it from
// saying so.
func TestKillTheHouse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from := make([]int, len(writers))
	acked := map[string]bool{}
	for round := range 5 {
		after := 0 // while it starts
		if round > 1 {
			after = 1 + rand.IntN(20)
		}
		for _, line := range killed(t, dir, from, after) {
			var writer, n int
			_, err := fmt.Sscan(line, &writer, &n)
			require.NoError(t, err, line)
			from[writer] = n + 1
			for _, id := range strings.Fields(line)[2:] {
				acked[id] = true
			}
		}
	}
	require.NotEmpty(t, acked)

	h, err := withScribes(t.Context(), dir)
	require.NoError(t, err, "a killed house leaves nothing locked")
	t.Cleanup(func() { require.NoError(t, h.close()) })
	require.NoError(t, h.run(context.WithoutCancel(t.Context())))
	h.settle(t)
	committed := ledger(t, h.lite.DB())
	for id := range acked {
		require.Contains(t, committed, id, "what was acknowledged is there")
	}
	once(t, h.desk, from)
	_, err = h.sealer.Drain(t.Context())
	require.NoError(t, err)
	for _, id := range []okr.TenantID{"acme", "globex"} {
		v, err := h.lite.Verify(t.Context(), id)
		require.NoError(t, err)
		require.Nil(t, v.Fault, "the chain holds")
		require.Zero(t, v.Unsealed)
	}

	got := fresh(t, h.bus, "a newcomer")
	require.Equal(t, committed, byID(got), "what was committed is on the bus, and nothing else")
	inOrder(t, got)
	for _, x := range scribes {
		wanted := map[string]fact{}
		for id, f := range committed {
			if x.wants(f) {
				wanted[id] = f
			}
		}
		require.NotEmpty(t, wanted)
		lives := written(t, effects(dir, x.name))
		all := slices.Concat(lives...)
		require.Equal(t, wanted, byID(all), "%s: every event, and no other", x.name)
		if x.ordered {
			inOrder(t, all)
		}
		done := map[string]bool{}
		repeated := 0
		for kills, life := range lives {
			require.Len(t, byID(life), len(life), "%s: nothing is repeated while nobody is killed", x.name)
			for id := range byID(life) {
				if done[id] {
					repeated++
				}
				done[id] = true
			}
			require.LessOrEqual(t, repeated, kills*atOnce, "%s: only what was under way is repeated", x.name)
		}
		t.Logf("%s: %d events, %d of them repeated", x.name, len(wanted), repeated)
	}
}

// killed runs a house, kills it after so many check-ins and a moment, and returns
// what it acknowledged.
func killed(t *testing.T, dir string, from []int, after int) []string {
	t.Helper()
	cmd := child(t, order{Role: "writer", Dir: dir, From: from})
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var acked []string
	lines := bufio.NewScanner(out)
	moment := 30 * time.Millisecond
	if after == 0 {
		moment = 1500 * time.Millisecond
	}
	for len(acked) < after && lines.Scan() {
		acked = append(acked, lines.Text())
	}
	time.Sleep(rand.N(moment))
	require.NoError(t, cmd.Process.Kill())
	for lines.Scan() {
		acked = append(acked, lines.Text())
	}
	require.Error(t, cmd.Wait())
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.Equal(t, syscall.SIGKILL, status.Signal(), "it ended by itself: %s", stderr.String())
	require.Empty(t, stderr.String())
	return acked
}

// once wants each check-in in the ledger, once: those that were acknowledged, and
// at most the one that every writer had under way at each kill.
func once(t *testing.T, d *okr.Desk, from []int) {
	t.Helper()
	times := map[int]int{}
	for _, x := range slices.Compact(slices.Clone(writers)) {
		acme := d.For(x.tenant)
		events, err := acme.View().Events(t.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: theKeyResult(t, acme, x.key)}, 0)
		require.NoError(t, err)
		counted := map[int]int{}
		for _, e := range events {
			if e.Type != okr.EventCheckInRecorded {
				continue
			}
			payload, err := e.Payload()
			require.NoError(t, err)
			v, ok := payload.(*okr.CheckInRecorded).Value.Value()
			require.True(t, ok)
			counted[int(v)]++
		}
		for v, n := range counted {
			times[v] = n
		}
	}
	for w, next := range from {
		for n := range next {
			require.Equal(t, 1, times[number(w, n)], "check-in %d of writer %d", n, w)
			delete(times, number(w, n))
		}
		delete(times, number(w, next)) // committed, and killed before it could say so
	}
	require.Empty(t, times)
}
