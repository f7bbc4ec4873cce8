package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/sqlite"
)

// crashEnv names the database that a child of TestKill writes to until it is
// killed.
const crashEnv = "OKRKIT_CRASH_DATABASE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		if err := writeUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled checks in for ever and says so after each commit.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	desk, err := okr.New(s, okr.Config{})
	if err != nil {
		return err
	}
	acme := desk.For("acme").As(okr.Someone("ana"))
	page, err := acme.View().KeyResults(ctx, okr.Query{})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		k := page.Items[n%2]
		c := okr.CheckIn{KeyResult: k.ID, Value: measure.N(float64(n)), Note: "n " + strconv.Itoa(n)}
		if n%5 == 0 {
			c.Blockers = []okr.NewBlocker{{Text: "blocked " + strconv.Itoa(n)}}
		}
		if _, err := acme.CheckIn(ctx, c); err != nil {
			return err
		}
		fmt.Println(k.ID)
	}
}

// TestKill kills a writing process with SIGKILL at random points. What it had
// been told is committed must be there, whole: state, ledger and outbox agree.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okr.db")
	prepare(t, path)
	written := map[okr.ID]int{}
	for range 8 {
		for id, n := range killed(t, path) {
			written[id] += n
		}
		inspect(t, path, written)
	}
}

func prepare(t *testing.T, path string) {
	s, err := sqlite.Open(t.Context(), path)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	desk, err := okr.New(s, okr.Config{})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	p := okrtest.Plan()
	// The cycle must run on the day of the test, whichever that is.
	today := measure.DateOf(time.Now())
	p.Cycle.Start, p.Cycle.End = today.AddDays(-10), today.AddDays(80)
	_, err = acme.Propose(t.Context(), p)
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	_, err = acme.Activate(t.Context(), okr.Activation{Cycle: cycles[0].ID})
	require.NoError(t, err)
}

// killed runs a writer, kills it, and counts what it acknowledged by key result.
func killed(t *testing.T, path string) map[okr.ID]int {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), crashEnv+"="+path)
	var stderr strings.Builder
	child.Stderr = &stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	acked := map[okr.ID]int{}
	lines := bufio.NewScanner(out)
	most := 1 + rand.IntN(40)
	for n := 0; n < most && lines.Scan(); n++ {
		acked[okr.ID(lines.Text())]++
	}
	// Somewhere within the next few commits.
	time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
	require.NoError(t, child.Process.Kill())
	for lines.Scan() {
		acked[okr.ID(lines.Text())]++
	}
	require.Error(t, child.Wait(), "it was killed")
	require.NotEmpty(t, acked, stderr.String())
	return acked
}

func inspect(t *testing.T, path string, acked map[okr.ID]int) {
	s, err := sqlite.Open(t.Context(), path)
	require.NoError(t, err, "a killed process leaves no lock behind")
	defer func() { require.NoError(t, s.Close()) }()
	desk, err := okr.New(s, okr.Config{})
	require.NoError(t, err)
	v := desk.For("acme").View()
	cycles, err := v.Cycles(t.Context())
	require.NoError(t, err)
	snap, err := v.Snapshot(t.Context(), cycles[0].ID)
	require.NoError(t, err)
	var events int
	count := func(kind okr.Kind, id okr.ID, version int64) []okr.Event {
		es, err := v.Events(t.Context(), okr.Ref{Kind: kind, ID: id}, 0)
		require.NoError(t, err)
		for i, e := range es {
			require.Equal(t, int64(i+1), e.Seq, "the ledger has no gap")
		}
		require.Len(t, es, int(version), "state and ledger have come equally far")
		events += len(es)
		return es
	}
	for _, c := range snap.Cycles {
		count(okr.KindCycle, c.ID, c.Version)
	}
	for _, p := range snap.People {
		count(okr.KindPerson, p.ID, p.Version)
	}
	for _, x := range snap.Teams {
		count(okr.KindTeam, x.ID, x.Version)
	}
	for _, o := range snap.Objectives {
		count(okr.KindObjective, o.ID, o.Version)
	}
	for _, k := range snap.KeyResults {
		n, last := 0, measure.Number{}
		for _, e := range count(okr.KindKeyResult, k.ID, k.Version) {
			if e.Type == okr.EventCheckInRecorded {
				p, err := e.Payload()
				require.NoError(t, err)
				n++
				last = p.(*okr.CheckInRecorded).Value
			}
		}
		require.GreaterOrEqual(t, n, acked[k.ID], "what was acknowledged is there")
		require.Equal(t, last, k.Current, "the row has what the ledger says")
		acked[k.ID] = n // what was committed and not acknowledged any more counts from now on
	}
	unpublished, _, err := s.OutgoingState(t.Context())
	require.NoError(t, err)
	require.Equal(t, events, unpublished, "every event is in the outbox, once")
}
