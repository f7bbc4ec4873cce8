package lexicon_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules/lexicon"
)

type labelled struct {
	ID, Text, Label, Lang, Source, Note string
	Defects                             []string
}

type share struct{ good, spared, bad, caught int }

func (s *share) add(o share) {
	s.good, s.spared, s.bad, s.caught = s.good+o.good, s.spared+o.spared, s.bad+o.bad, s.caught+o.caught
}

func (s share) String() string {
	return fmt.Sprintf("spared %3d/%3d  caught %3d/%3d", s.spared, s.good, s.caught, s.bad)
}

// TestRealWording measures the reference decision over key results that their
// sources call good or bad. The per-source shares show over-fitting.
func TestRealWording(t *testing.T) {
	dir := os.Getenv("OKRKIT_REAL_DATA")
	if dir == "" {
		t.Skip("OKRKIT_REAL_DATA is not set: no labelled key results to measure on")
	}
	l, err := lexicon.New()
	require.NoError(t, err)
	f, err := os.Open(filepath.Join(dir, "labelled-krs.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	byLang, bySource := map[string]share{}, map[string]share{}
	var total share
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var k labelled
		require.NoError(t, json.Unmarshal(sc.Bytes(), &k))
		if strings.HasPrefix(k.Note, "CONFLICT:") {
			continue
		}
		counted := k.Label == "good" || slices.ContainsFunc(k.Defects, func(d string) bool {
			return d == "task-not-outcome" || d == "not-measurable" || d == "vague" || d == "no-target"
		})
		if !counted {
			continue
		}
		w := l.Read(k.Text).Wording
		weak, reason := w.Weak()
		var s share
		switch k.Label {
		case "good":
			s.good = 1
			if weak {
				t.Logf("accused  %s %s %q: %s", k.ID, k.Lang, k.Text, reason)
			} else {
				s.spared = 1
			}
		default:
			s.bad = 1
			if !weak {
				t.Logf("missed   %s %s %q (%s): %s", k.ID, k.Lang, k.Text, strings.Join(k.Defects, ","), w.Why)
			} else {
				s.caught = 1
			}
		}
		for m, key := range map[*map[string]share]string{&byLang: k.Lang, &bySource: k.Source} {
			x := (*m)[key]
			x.add(s)
			(*m)[key] = x
		}
		total.add(s)
	}
	require.NoError(t, sc.Err())
	for _, m := range []map[string]share{byLang, bySource} {
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(a, b) })
		for _, k := range keys {
			t.Logf("%s  %.70s", m[k], k)
		}
	}
	spared := float64(total.spared) / float64(total.good)
	caught := float64(total.caught) / float64(total.bad)
	t.Logf("all: %s; spared %.3f caught %.3f mean %.3f", total, spared, caught, (spared+caught)/2)
	require.GreaterOrEqual(t, spared, 0.96)
	require.GreaterOrEqual(t, (spared+caught)/2, 0.95)
}
