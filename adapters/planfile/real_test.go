package planfile_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
)

// TestPublishedPlans reads plans as organisations published them, and compares
// how many key results it finds with what a careful reader finds.
func TestPublishedPlans(t *testing.T) {
	data := os.Getenv("OKRKIT_REAL_DATA")
	if data == "" {
		t.Skip("OKRKIT_REAL_DATA is not set: it names a folder with plans/ and plans-expected.tsv")
	}
	list, err := os.Open(filepath.Join(data, "plans-expected.tsv"))
	require.NoError(t, err)
	defer list.Close()
	for lines := bufio.NewScanner(list); lines.Scan(); {
		f := strings.Split(lines.Text(), "\t")
		if len(f) < 3 || strings.HasPrefix(f[0], "#") {
			continue
		}
		least, err := strconv.Atoi(f[1])
		require.NoError(t, err)
		most, err := strconv.Atoi(f[2])
		require.NoError(t, err)
		t.Run(f[0], func(t *testing.T) {
			src, err := os.ReadFile(filepath.Join(data, "plans", f[0]))
			require.NoError(t, err)
			var trace planfile.Trace
			p, err := planfile.Read(f[0], src, planfile.WithTrace(&trace))
			require.NoError(t, err)
			requireAccount(t, src, p, trace)
			requireUsable(t, p)
			found := 0
			for _, o := range p.Objectives {
				found += len(o.KeyResults)
			}
			t.Logf("%d objectives, %d key results, %d unread", len(p.Objectives), found, len(p.Unread))
			require.GreaterOrEqual(t, found, least)
			require.LessOrEqual(t, found, most)
		})
	}
}

// requireAccount requires that nothing of a file disappeared: each line that is
// not blank has one role, and those that were not read stand among the unread.
func requireAccount(t require.TestingT, src []byte, p okr.Plan, trace planfile.Trace) {
	whole := map[int]bool{}
	for _, u := range p.Unread {
		require.NotEmpty(t, u.Reason, u.Text)
		require.NotEmpty(t, strings.TrimSpace(u.Text), "line %d", u.Line)
		require.Positive(t, u.Line)
		for _, l := range trace.Lines {
			if l.Number == u.Line && strings.TrimSpace(l.Text) == u.Text {
				whole[u.Line] = true
			}
		}
	}
	last := 0
	for _, l := range trace.Lines {
		require.Greater(t, l.Number, last)
		last = l.Number
		require.NotEmpty(t, l.Role, "line %d: %s", l.Number, l.Text)
		if l.Role == planfile.NotRead {
			require.True(t, whole[l.Number], "line %d is neither read nor unread: %s", l.Number, l.Text)
		}
	}
	roles := map[int]planfile.Role{}
	for _, l := range trace.Lines {
		roles[l.Number] = l.Role
	}
	for _, o := range p.Objectives {
		require.NotZero(t, o.At.Line, o.Title)
		for _, k := range o.KeyResults {
			require.NotEqual(t, planfile.NotRead, roles[k.At.Line], k.Title)
		}
	}
}

// requireUsable requires that a plan can become drafts.
func requireUsable(t require.TestingT, p okr.Plan) {
	n := 0
	_, _, err := p.Snapshot(func() string { n++; return "id" + strconv.Itoa(n) }, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
}
