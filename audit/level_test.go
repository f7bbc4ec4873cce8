package audit_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// TestLevelOneIsFrozen judges what is frozen in testdata/level1: packs that read every
// fact, call every function and come to every outcome, and the company that they
// judge. What they say and what they cost is a promise to whoever wrote a pack for
// level 1. So the flag -update does not write these files anew; one that is missing
// is written.
func TestLevelOneIsFrozen(t *testing.T) {
	var s okr.Snapshot
	text, err := os.ReadFile("testdata/level1/snapshot.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &s))
	for _, e := range []*rules.Env{audit.Env(1), audit.Env(audit.Level)} {
		live, err := rules.Open(e, os.DirFS("testdata/level1/packs"))
		require.NoError(t, err)

		judge := audit.New(live)
		s.Packs = judge.Starter()
		r, err := judge.Report(t.Context(), audit.Input{Snapshot: &s, Now: friday})
		require.NoError(t, err)
		var lines []string
		for _, f := range r.Findings {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s: %s %q %q %v", f.Rule, f.Subject.Kind, f.Subject.ID, f.Severity, f.Outcome, f.Message, f.Evidence, f.Unknown, f.Gate))
		}
		subjects := []okr.Ref{}
		for _, k := range s.KeyResults {
			subjects = append(subjects, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
		}
		v, err := judge.Judge(t.Context(), okr.Proposal{Intent: okr.Intent{Verb: okr.VerbCheckIn, Subjects: subjects}, After: &s, Now: friday, Measured: s.Measure(friday)})
		require.NoError(t, err)
		for id, x := range v.Scores {
			lines = append(lines, fmt.Sprintf("score of %s: %s by %s", id, x.Score, x.Rule))
		}
		for id, x := range v.Statuses {
			lines = append(lines, fmt.Sprintf("status of %s: %s by %s", id, x, v.Rulings[id].Rule))
		}
		slices.Sort(lines)
		frozen(t, "testdata/level1/outcomes.golden", lines)

		lines = nil
		for _, c := range live.Set().Costs() {
			lines = append(lines, fmt.Sprintf("%s/%s %d %d", c.Pack, c.ID, c.Cost, c.Guarded))
		}
		frozen(t, "testdata/level1/costs.golden", lines)
	}
}

func frozen(t *testing.T, file string, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	if _, err := os.Stat(file); os.IsNotExist(err) {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "level 1 is frozen")
}
