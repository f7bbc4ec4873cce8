package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters"
	"github.com/okrkit/okrkit/adapters/nats"
	"github.com/okrkit/okrkit/adapters/nats/embedded"
	"github.com/okrkit/okrkit/okr"
)

const (
	crashDir    = "OKRKIT_TEST_CRASH_DIR"
	crashEvents = 600
)

// TestMain also runs the process that the crash test kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := doomed(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// file is an append-only list of lines that outlives a killed process.
type file struct {
	mu   sync.Mutex
	f    *os.File
	seen map[string]bool
}

func openFile(path string) (*file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	all := &file{f: f, seen: map[string]bool{}}
	for s := bufio.NewScanner(f); s.Scan(); {
		all.seen[s.Text()] = true
	}
	return all, nil
}

func (f *file) add(line string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen[line] = true
	_, err := f.f.WriteString(line + "\n")
	return err
}

func (f *file) has(line string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[line]
}

func (f *file) Seen(_ context.Context, adapter, event string) (bool, error) {
	return f.has(adapter + " " + event), nil
}

func (f *file) MarkDone(_ context.Context, adapter, event string, _ time.Time) error {
	return f.add(adapter + " " + event)
}

// doomed publishes and delivers until everything is done or it is killed. What
// it has published it knows from a file, as a relay knows it from its outbox.
func doomed(dir string) error {
	ctx := context.Background()
	s, err := embedded.Start(ctx, filepath.Join(dir, "events"), embedded.WithBus(nats.AckWait(2*time.Second)))
	if err != nil {
		return err
	}
	published, err := openFile(filepath.Join(dir, "published"))
	if err != nil {
		return err
	}
	inbox, err := openFile(filepath.Join(dir, "inbox"))
	if err != nil {
		return err
	}
	r := adapters.NewRouter(s, adapters.Config{Inbox: inbox, Backoff: func(int) time.Duration { return 20 * time.Millisecond }, MaxAttempts: 1 << 20})
	for _, name := range []string{"plain", "ordered"} {
		effects, err := openFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		opts := []adapters.AddOption{adapters.FromStart()}
		if name == "ordered" {
			opts = append(opts, adapters.Ordered())
		}
		r.Add(adapters.Func(name, func(_ context.Context, d adapters.Delivery) error {
			if rand.N(5) == 0 {
				return errors.New("down")
			}
			err := effects.add(d.Event.ID)
			time.Sleep(rand.N(4 * time.Millisecond)) // for a kill to find it here
			return err
		}), opts...)
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- r.Run(run) }()
	var batch []okr.Outgoing
	for i := range crashEvents {
		e := event("acme", fmt.Sprint("kr", i%7), int64(i/7+1), okr.EventCheckInRecorded)
		if published.has(e.ID) {
			continue
		}
		if batch = append(batch, e); len(batch) < 9 && i < crashEvents-1 {
			continue
		}
		if err := s.Publish(ctx, batch...); err != nil {
			return err
		}
		for _, e := range batch {
			if err := published.add(e.ID); err != nil {
				return err
			}
		}
		batch = batch[:0]
		time.Sleep(2 * time.Millisecond)
	}
	idle, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := r.Idle(idle); err != nil {
		return err
	}
	stop()
	return errors.Join(<-ended, s.Close())
}

func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	kills := 0
	for done := false; !done; {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		var out strings.Builder
		cmd.Stderr = &out
		require.NoError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		life := time.Duration(50+rand.N(400)) * time.Millisecond
		if kills == 12 {
			life = 2 * time.Minute // the last one may finish
		}
		select {
		case err := <-ended:
			require.NoError(t, err, "%s", out.String())
			done = true
		case <-time.After(life):
			_ = cmd.Process.Kill() // it may just have ended by itself
			err := <-ended
			if done = err == nil; done {
				break
			}
			status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
			require.True(t, ok)
			require.Equal(t, syscall.SIGKILL, status.Signal(), "%v: %s", err, out.String())
			kills++
			require.LessOrEqual(t, kills, 12, "it does not come to an end")
		}
	}
	for _, name := range []string{"plain", "ordered"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		times := map[string]int{}
		first := map[string]int64{}
		for _, id := range strings.Fields(string(b)) {
			times[id]++
			if times[id] > 1 || name == "plain" {
				continue
			}
			parts := strings.Split(id, "-")
			seq, err := strconv.ParseInt(parts[2], 10, 64)
			require.NoError(t, err)
			require.Equal(t, first[parts[1]]+1, seq, "%s: in order, also across the kills", parts[1])
			first[parts[1]] = seq
		}
		require.Len(t, times, crashEvents, "%s: every event arrived", name)
		repeated := 0
		for id, n := range times {
			repeated += n - 1
			require.LessOrEqual(t, n, 1+kills, "%s", id)
		}
		// A kill can catch no more than the deliveries that are under way.
		require.LessOrEqual(t, repeated, kills*8, "%s: repeated after %d kills", name, kills)
		t.Logf("%s: %d effects repeated after %d kills", name, repeated, kills)
	}
}
