package adaptertest

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// NoLeak fails the test if goroutines that it started are left when it ends,
// after everything else that its Cleanup ends. Tests that use it do not run in
// parallel.
func NoLeak(t testing.TB) {
	t.Helper()
	check := leaked(t)
	t.Cleanup(func() {
		if left := check(); len(left) > 0 {
			t.Errorf("%d goroutines are left:\n\n%s", len(left), strings.Join(left, "\n\n"))
		}
	})
}

// leaked returns a function that says, patiently, which goroutines are there
// that were not there before.
func leaked(t testing.TB) func() []string {
	before := stacks()
	return func() (left []string) {
		end := time.Now().Add(patience(t) / 4)
		// A machine that stood still for all that time let nobody end: so it also takes
		// some looks.
		for looks := 0; ; looks++ {
			left = left[:0]
			for id, stack := range stacks() {
				if _, old := before[id]; !old {
					left = append(left, stack)
				}
			}
			if len(left) == 0 || looks > 20 && time.Now().After(end) {
				return left
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// stacks are those of all goroutines but this one, by the goroutine's name.
func stacks() map[string]string {
	buf := make([]byte, 1<<20)
	n := runtime.Stack(buf, true)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	all := map[string]string{}
	for i, stack := range strings.Split(string(buf[:n]), "\n\n") {
		name, _, _ := strings.Cut(stack, " [")
		if i > 0 && !strings.Contains(stack, "testing.(*T).Run(") && !strings.Contains(stack, "testing.(*M).") {
			all[name] = stack
		}
	}
	return all
}
