package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
)

// revision is a plan of one objective, or of several: objective, then its key results.
type revision [][]string

func (r revision) text() []byte {
	var b strings.Builder
	for _, o := range r {
		fmt.Fprintf(&b, "\n## %s\n", o[0])
		for _, k := range o[1:] {
			fmt.Fprintf(&b, "- %s\n", k)
		}
	}
	return []byte("# Q4 2026\n" + b.String())
}

// A key result is found again in an edited plan, or it is asked for: it is never lost,
// and none is taken for two.
func TestKeyResultsAreFoundAgain(t *testing.T) {
	before := revision{
		{"Happy guests", "Improve satisfaction", "Fewer late check-ins", "Sell breakfast"},
		{"Full house", "Raise occupancy", "A new website"},
	}
	for _, c := range []struct {
		name  string
		after revision
		found map[string]string // title before: title after
		gone  []string
	}{
		{"the same", before, nil, nil},
		{"another order, under another objective", revision{{"Full house", "A new website", "Sell breakfast", "Raise occupancy"}, {"Happy guests", "Fewer late check-ins", "Improve satisfaction"}}, nil, nil},
		{
			"rebuilt", revision{{"Happy guests", "Cut late check-ins from 40 to 10 a month", "Raise satisfaction in the survey from 7 to 9", "Sell breakfast"}, {"Full house", "Raise occupancy from 60 % to 80 %", "A new website"}},
			map[string]string{"Fewer late check-ins": "Cut late check-ins from 40 to 10 a month", "Improve satisfaction": "Raise satisfaction in the survey from 7 to 9", "Raise occupancy": "Raise occupancy from 60 % to 80 %"}, nil,
		},
		{
			"the only one left, with a word in common", revision{{"Happy guests", "Improve satisfaction", "Fewer late check-ins", "Earn 4 EUR a guest with breakfast before noon"}, {"Full house", "Raise occupancy", "A new website"}},
			map[string]string{"Sell breakfast": "Earn 4 EUR a guest with breakfast before noon"}, nil,
		},
		{
			"the only one left, of other words", revision{{"Happy guests", "Improve satisfaction", "Fewer late check-ins", "Earn 4 EUR a guest before noon"}, {"Full house", "Raise occupancy", "A new website"}},
			nil, []string{"Sell breakfast"},
		},
		{
			"two of which nobody can tell", revision{{"Happy guests", "Improve satisfaction", "Answer in an hour", "Earn 4 EUR a guest"}, {"Full house", "Raise occupancy", "A new website"}},
			nil, []string{"Fewer late check-ins", "Sell breakfast"},
		},
		{
			"alike twice", revision{{"Happy guests", "Satisfaction of families from 7 to 9", "Satisfaction of couples from 7 to 9", "Sell breakfast"}, {"Full house", "Raise occupancy", "A new website"}},
			nil, []string{"Improve satisfaction", "Fewer late check-ins"},
		},
		{"left out", revision{{"Happy guests", "Improve satisfaction"}}, nil, []string{"Fewer late check-ins", "Sell breakfast", "Raise occupancy", "A new website"}},
	} {
		dir := t.TempDir()
		file, state := filepath.Join(dir, "plan.md"), filepath.Join(dir, "reset.yaml")
		require.NoError(t, os.WriteFile(file, before.text(), 0o600))
		ran := func(args ...string) {
			t.Helper()
			var out, problems bytes.Buffer
			a := &app{in: strings.NewReader(""), out: new(bytes.Buffer), err: &problems, clock: func() time.Time { return time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC) }}
			require.Zero(t, a.run(t.Context(), append([]string{"reset"}, append(args, "--state", state)...), &out), problems.String())
		}
		ran("start", file)
		ran("next")
		require.NoError(t, os.WriteFile(file, c.after.text(), 0o600))
		a := &app{in: strings.NewReader(""), out: new(bytes.Buffer), err: new(bytes.Buffer), clock: func() time.Time { return time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC) }}
		f, p, v, _, err := resetting{State: state, From: "auto", By: "mara", judging: judging{Starter: true}}.load(t.Context(), a, "")
		require.NoError(t, err, c.name)

		is := map[okr.ID]string{}
		for _, x := range p.all {
			require.Empty(t, is[x.id], "%s: %s is taken for two", c.name, x.id)
			is[x.id] = x.title
		}
		var gone []string
		for _, m := range v.Missing {
			if m.What == audit.LacksReason {
				gone = append(gone, m.Title)
			}
		}
		require.ElementsMatch(t, c.gone, gone, c.name)
		for _, r := range f.Reset.Worksheet {
			title := r.Before.Title
			want, rebuilt := c.found[title]
			switch {
			case p.gone[r.KeyResult]:
				require.Contains(t, c.gone, title, c.name)
			case rebuilt:
				require.Equal(t, want, is[r.KeyResult], c.name)
			default:
				require.Equal(t, title, is[r.KeyResult], c.name)
			}
		}
		require.Len(t, v.Rows, len(p.all)+len(p.gone), "%s: nothing is lost", c.name)
	}
}
