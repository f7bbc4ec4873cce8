package planfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// outcomesUnread are the outcomes that stand among the unread.
func outcomesUnread(p okr.Plan) []okr.Unread {
	var out []okr.Unread
	for _, u := range p.Unread {
		if strings.HasPrefix(u.Reason, "an outcome: ") || strings.HasPrefix(u.Reason, "another score: ") {
			out = append(out, u)
		}
	}
	return out
}

// A file that says what came of its key results: those lines are the first ones.
const gradedHead = "# Objective: Sail far\n\n- KR: Win 3 races => 66%\n- KR: Train 8 sailors => 100%\n"

// What a line says came of its key result is its score, and no part of its title.
// What could be something else is left, and the reason says why.
func TestOutcomes(t *testing.T) {
	for line, want := range map[string]struct {
		title  string
		score  measure.Number
		reason string
	}{
		"KR: Paint 12 boats => 81%":                                            {"Paint 12 boats", number(0.81), ""},
		"KR: Paint 12 boats. **=> 81%**":                                       {"Paint 12 boats.", number(0.81), ""},
		"KR: Paint 12 boats ⇒ 105 %":                                           {"Paint 12 boats", number(1.05), ""},
		"KR: Paint 12 boats => 9/12 (75%)":                                     {"Paint 12 boats", number(0.75), ""},
		"KR: Paint 12 boats => 9 of 12":                                        {"Paint 12 boats", number(0.75), ""},
		"KR: Paint 12 boats => 7 (0.6)":                                        {"Paint 12 boats", number(0.6), ""},
		"KR: Paint 12 boats: 9/12 (75%)":                                       {"Paint 12 boats", number(0.75), ""},
		"KR: Paint 12 boats: 14/12 (100%)":                                     {"Paint 12 boats", number(1), ""},
		"KR: Paint 12 boats: 60%, the rain came":                               {"Paint 12 boats", number(0.6), ""},
		"KR: Paint 12 boats - 100%":                                            {"Paint 12 boats", number(1), ""},
		"KR: Paint 12 boats - 70% (the red ones are to come)":                  {"Paint 12 boats", number(0.7), ""},
		"KR: Paint 12 boats (Score: 0.7)":                                      {"Paint 12 boats", number(0.7), ""},
		"KR: Paint 12 boats [Score: 70 %]":                                     {"Paint 12 boats", number(0.7), ""},
		"KR: Paint 12 boats\n  - Score: 0.7":                                   {"Paint 12 boats", number(0.7), ""},
		"KR: Paint 12 boats\n  - Final grade: 7/10":                            {"Paint 12 boats", number(0.7), ""},
		"KR: Paint 12 boats\n  - Ergebnis: 0,7":                                {"Paint 12 boats", number(0.7), ""},
		"KR: [0.6] Paint 12 boats":                                             {"Paint 12 boats", number(0.6), ""},
		"KR: [60%] Paint 12 boats":                                             {"Paint 12 boats", number(0.6), ""},
		"KR: Paint 12 boats => 0%, nobody had paint":                           {"Paint 12 boats", number(0), ""},
		"KR: Haul out the old pier => 40%":                                     {"Haul out the old pier", number(0.4), ""},
		"KR: Haul out the old pier (40%)":                                      {"Haul out the old pier", number(0.4), ""},
		"KR: Raise the share of locals from 20% to 40% => 81% attainment":      {"Raise the share of locals from 20% to 40%", number(0.81), ""},
		"KR: Raise the share of locals from 20% to 40% => 31% = 55% of target": {"Raise the share of locals from 20% to 40%", number(0.55), ""},
		"KR: 100% of the crew can swim => 90%":                                 {"100% of the crew can swim", number(0.9), ""},

		"KR: Raise the share of locals from 20% to 40% => 31%": {"Raise the share of locals from 20% to 40%", measure.Number{}, "counts in %"},
		"KR: 100% of the crew can swim, from 80% => 90%":       {"100% of the crew can swim, from 80%", measure.Number{}, "counts in %"},
		"KR: Paint 12 boats => 9":                              {"Paint 12 boats", measure.Number{}, "the value that was reached"},
		"KR: Paint 12 boats => 40%, 60%":                       {"Paint 12 boats", measure.Number{}, "more than one figure"},
		"KR: Paint 12 boats: 9 painted (75%), 3 sold (25%)":    {"Paint 12 boats", measure.Number{}, "more than one figure"},
		"KR: Paint 12 boats => 40% painted, and more to come":  {"Paint 12 boats", measure.Number{}, "does not say of the way"},
		"KR: Paint 12 boats => 9/12 (60%)":                     {"Paint 12 boats", measure.Number{}, "do not agree"},
		"KR: Paint 12 boats => the red ones are done":          {"Paint 12 boats", measure.Number{}, "no score that can be read"},
		"KR: Paint 12 boats => ???":                            {"Paint 12 boats", measure.Number{}, "no score is filled in"},
		"KR: Paint 12 boats: X/12 (X%)":                        {"Paint 12 boats", measure.Number{}, "no score is filled in"},
		"KR: Paint 12 boats X/12 (X%)":                         {"Paint 12 boats", measure.Number{}, "no score is filled in"},
		"KR: Paint 12 boats: -17%":                             {"Paint 12 boats", measure.Number{}, "not below 0"},
		"KR: Paint 12 boats\n  - Score: 70":                    {"Paint 12 boats", measure.Number{}, "on which scale"},
	} {
		p := readMarkdown(t, gradedHead+"- "+line+"\n")
		k := p.Objectives[0].KeyResults[2]
		require.Equal(t, want.title, k.Title, line)
		require.Equal(t, want.score, k.Score, line)
		require.Equal(t, want.score.Known(), k.Outcome != "", line)
		left := outcomesUnread(p)
		if want.reason == "" {
			require.Empty(t, left, line)
			continue
		}
		require.Len(t, left, 1, line)
		require.Contains(t, left[0].Reason, want.reason, line)
	}
}

// These are targets, and stay in the title.
func TestTargetsAreNoOutcomes(t *testing.T) {
	for _, title := range []string{
		"Occupied berths: 90%", "Raise occupied berths (90%)", "Occupied berths - 90%", "Rate us 9/10", "Legal: 90% of contracts signed",
		"Keep the harbour open 99.5% of the time", "Satisfaction of 8/10", "Increase the share of locals - 40%",
	} {
		p := readMarkdown(t, "# Objective: Sail\n\n- KR: "+title+"\n- KR: Win 3 races\n")
		require.Equal(t, title, p.Objectives[0].KeyResults[0].Title)
		require.False(t, p.Objectives[0].KeyResults[0].Score.Known(), title)
		require.Empty(t, outcomesUnread(p), title)
	}
	// A file that is graded makes no score of what asks for a number.
	for _, title := range []string{"Raise the share of locals (40%)", "Keep our berths occupied - 90%"} {
		p := readMarkdown(t, gradedHead+"- KR: "+title+"\n")
		require.Equal(t, title, p.Objectives[0].KeyResults[2].Title)
		require.False(t, p.Objectives[0].KeyResults[2].Score.Known(), title)
	}
}

// A score without its scale is a share only if all of the file's may be.
func TestBareScores(t *testing.T) {
	p := readMarkdown(t, "# Objective: Sail\n\n| Key Result | Final Score |\n|---|---|\n| Win 3 races | 0.7 |\n| Train 8 sailors | 1 |\n| Paint 12 boats | 1.2 |\n| Row | |\n")
	var scores []string
	for _, k := range p.Objectives[0].KeyResults {
		scores = append(scores, k.Score.String())
	}
	require.Equal(t, []string{"0.7", "1", "1.2", "unknown"}, scores)
	require.Empty(t, outcomesUnread(p))

	p = readMarkdown(t, "# Objective: Sail\n\n| Key Result | Final Score |\n|---|---|\n| Win 3 races | 0.7 |\n| Train 8 sailors | 1 |\n| Paint 12 boats | 4 |\n")
	for _, k := range p.Objectives[0].KeyResults {
		require.False(t, k.Score.Known())
		require.Empty(t, k.Outcome)
	}
	require.Len(t, outcomesUnread(p), 3)
}

// A table with a column for each key result scores them if it says that it does,
// and if it knows as many as were read.
func TestTableOfFinalScores(t *testing.T) {
	plan := "# Objective: Sail\n\n- Key Results:\n  1. Win 3 races\n  2. Train 8 sailors\n\n"
	table := "| Date | KR #1 | KR #2 | Total |\n|--|--|--|--|\n| 1.2.27 | 0.3 | 0.4 | **0.35** |\n"
	p := readMarkdown(t, plan+"- **Final Score**\n\n"+table)
	o := p.Objectives[0]
	require.Equal(t, []measure.Number{number(0.35), number(0.3), number(0.4)}, []measure.Number{o.Score, o.KeyResults[0].Score, o.KeyResults[1].Score})

	for name, src := range map[string]string{
		"no label":          plan + table,
		"another label":     plan + "- **Tracking**\n\n" + table,
		"text between":      plan + "- **Final Score**\n\nof March\n\n" + table,
		"two rows":          plan + "- **Final Score**\n\n" + table + "| 1.3.27 | 0.5 | 0.5 | 0.5 |\n",
		"a column too many": plan + "- **Final Score**\n\n| KR #1 | KR #2 | KR #3 |\n|--|--|--|\n| 0.1 | 0.2 | 0.3 |\n",
	} {
		p := readMarkdown(t, src)
		require.False(t, p.Objectives[0].Score.Known(), name)
		for _, k := range p.Objectives[0].KeyResults {
			require.False(t, k.Score.Known(), name)
		}
	}
}

func TestScoresOfObjectives(t *testing.T) {
	for _, src := range []string{
		"# Objective: Sail\n\nScore: 0.7\n\n- KR: Win 3 races\n",
		"# Objective: Sail\n- **Final score:** 70%\n- KR: Win 3 races\n",
	} {
		p := readMarkdown(t, src)
		require.Equal(t, number(0.7), p.Objectives[0].Score, src)
		require.Empty(t, outcomesUnread(p))
	}
	p, err := planfile.Read("p.csv", []byte("objective,objective_score,objective_outcome,key_result,score,outcome\nSail,0.7,well done,Win 3 races,66%,two of three\nSail,0.7,well done,Row,?,nobody rowed\n"))
	require.NoError(t, err)
	o := p.Objectives[0]
	require.Equal(t, number(0.7), o.Score)
	require.Equal(t, "well done", o.Outcome)
	require.Equal(t, number(0.66), o.KeyResults[0].Score)
	require.Equal(t, "two of three", o.KeyResults[0].Outcome)
	require.False(t, o.KeyResults[1].Score.Known())
	require.Equal(t, "nobody rowed", o.KeyResults[1].Outcome)
	require.Empty(t, p.Unread)
	var table bytes.Buffer
	p.Objectives[0].KeyResults[0].Outcome = "0.66" // the words may be the number itself
	lost, err := planfile.Write(&table, planfile.CSV, p)
	require.NoError(t, err)
	require.Empty(t, lost)

	p, err = planfile.Read("p.json", []byte(`[{"objective": "Sail", "final_score": "0.7", "krs": [{"text": "Win 3 races", "score": 0.66, "progress": "50%"}]}]`))
	require.NoError(t, err)
	require.Equal(t, number(0.7), p.Objectives[0].Score)
	require.Equal(t, number(0.66), p.Objectives[0].KeyResults[0].Score)
	require.Len(t, p.Unread, 1, "progress is no final score")
}

func TestAScoreOfTheOwnFormatIsChecked(t *testing.T) {
	for src, want := range map[string]string{
		"score: -1":     "does not fit",
		"score: 70%":    "does not fit",
		"score: .inf":   "not finite",
		"score: [1]":    "no number",
		"outcome: [ok]": "text belongs",
		"scores: 0.7":   "did you mean score?",
	} {
		_, err := planfile.Read("p.yaml", []byte("objectives:\n- title: Sail\n  key_results:\n  - title: Win\n    "+src+"\n"))
		require.ErrorIs(t, err, okr.ErrInvalid, src)
		require.Contains(t, err.Error(), want, src)
	}
}

// What explains an objective before its first key result is its description.
func TestDescriptions(t *testing.T) {
	p := readMarkdown(t, "# Objective: Sail\n\nThe sea is near.\nWe never use it.\n\nThat is a pity.\n\n- KR: Win 3 races\n\nThis is prose.\n\n# Objective: Row\n\nDescription: With oars.\n\n- KR: Row 9 miles\n")
	require.Equal(t, "The sea is near. We never use it. That is a pity.", p.Objectives[0].Description)
	require.Equal(t, "With oars.", p.Objectives[1].Description)
	require.Len(t, p.Unread, 1)

	// An objective that a heading about something else stands below keeps its own.
	p = readMarkdown(t, "# Objective: Sail\n\n## Background\n\nThe sea is near.\n\n## Key Results\n\n- Win 3 races\n")
	require.Empty(t, p.Objectives[0].Description)
}

// Whatever stands behind a key result, a score is a finite share, it has words,
// and the line is accounted for.
func TestOutcomesOfAnyText(t *testing.T) {
	piece := rapid.SampledFrom([]string{"=>", "⇒", ":", "-", "(", ")", "[", "]", "%", "81%", "0.7", "7/10", "(70%)", "X%", "of", "target", "done", ",", "and", "100", "-3%", "1e9%", "Score:", "score", "9 boats", "**", "??", "."})
	rapid.Check(t, func(t *rapid.T) {
		line := "Paint 12 boats " + strings.Join(rapid.SliceOfN(piece, 1, 7).Draw(t, "pieces"), rapid.SampledFrom([]string{" ", ""}).Draw(t, "between"))
		src := gradedHead + "- KR: " + line + "\n"
		var trace planfile.Trace
		p, err := planfile.ReadAs(planfile.Markdown, "p.md", []byte(src), planfile.WithTrace(&trace))
		require.NoError(t, err)
		requireAccount(t, []byte(src), p, trace)
		requireUsable(t, p)
		for _, o := range p.Objectives {
			for _, k := range o.KeyResults {
				if v, ok := k.Score.Value(); ok {
					require.True(t, k.Score.Finite() && v >= 0 && v <= 1000, src)
					require.NotEmpty(t, k.Outcome, src)
				}
			}
		}
		var out bytes.Buffer
		_, err = planfile.Write(&out, planfile.YAML, p)
		require.NoError(t, err, src)
	})
}

// An item of a list and the lines that continue it, as grep sees them.
var (
	anItem     = regexp.MustCompile(`^\s*(?:[-*+]|\d+\.)\s+`)
	grepSigns  = regexp.MustCompile(`=>|: \[?[~-]?(?:\d[\d.]*|X)(?:%|/\d+ \()|\([\dX]+\*?%\\?\*?\)|- \d+%|\. \d/\d$| X%$|\[\d+/\d+ \(`)
	grepScores = regexp.MustCompile(`(?i)^\s*- \*\*Final Score\*\*`)
	lastCell   = regexp.MustCompile(`\|\s*\**([0-9.]+|x+)\**\s*\|?\s*$`)
)

// grepOutcomes are the lines that state an outcome, by the looks of them alone.
func grepOutcomes(name string, src string) []int {
	lines := strings.Split(src, "\n")
	var out []int
	item, final, table := 0, false, false
	for i, line := range lines {
		if strings.HasPrefix(line, "## Retrospective") || strings.HasPrefix(line, "## Engineering (VPE)") {
			break
		}
		if anItem.MatchString(line) {
			item = i + 1
		} else if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			item = 0
		}
		switch {
		case grepScores.MatchString(line):
			final, table = true, false
		case strings.HasPrefix(line, "|") && final:
			if table && !strings.Contains(line, "--") {
				out, final = append(out, i+1), false
			}
			table = true
		case strings.HasPrefix(line, "|"):
			// The last column of the IPFS tables is the final score. Struck out rows
			// and rows that name nothing have none.
			dropped := strings.Contains(line, "~") || strings.Contains(line, "**** |") || strings.Contains(line, "TBD")
			if strings.HasPrefix(name, "ipfs-c") && lastCell.MatchString(line) && !dropped && !strings.Contains(line, "KR #") {
				out = append(out, i+1)
			}
		case item > 0 && grepSigns.MatchString(strings.TrimSpace(line)) && !slices.Contains(out, item):
			out = append(out, item)
		}
	}
	return out
}

// TestOutcomesOfPublishedPlans compares, for every plan that organisations
// published, the lines that were read as outcomes with those that a search for
// their signs finds.
func TestOutcomesOfPublishedPlans(t *testing.T) {
	data := os.Getenv("OKRKIT_REAL_DATA")
	if data == "" {
		t.Skip("OKRKIT_REAL_DATA is not set: it names a folder with plans/")
	}
	files, err := filepath.Glob(filepath.Join(data, "plans", "*.*"))
	require.NoError(t, err)
	// Lines that look like outcomes to a search: the figure behind the colon is a
	// target or a baseline, and before it stands whose it is.
	others := map[string][]int{
		"fixture-brightledger-2026-q3.md": {89}, "gitlab-2018-q3.md": {18, 19}, "gitlab-fy20-q1.md": {26, 122, 129, 166},
	}
	total := 0
	for _, file := range files {
		name := filepath.Base(file)
		if name == "INDEX.md" {
			continue
		}
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		p, err := planfile.Read(name, src)
		require.NoError(t, err)
		got := []int{}
		scored := 0
		for _, o := range p.Objectives {
			if o.Score.Known() {
				got, scored = append(got, o.At.Line), scored+1
			}
			for _, k := range o.KeyResults {
				require.NotContains(t, k.Title, "=>", name)
				if k.Score.Known() {
					got, scored = append(got, k.At.Line), scored+1
					require.NotEmpty(t, k.Outcome)
				}
			}
		}
		left := outcomesUnread(p)
		for _, u := range left {
			got = append(got, u.Line)
		}
		want := []int{}
		if filepath.Ext(name) == ".md" {
			want = append(want, slices.DeleteFunc(grepOutcomes(name, string(src)), func(line int) bool { return slices.Contains(others[name], line) })...)
		}
		t.Logf("%-32s outcomes by their signs %3d; read %3d as scores, %3d unread with the reason", name, len(want), scored, len(left))
		total += scored
		if strings.HasPrefix(name, "joystream") {
			// One row scores an objective and its key results, which stand elsewhere.
			rows := map[int]bool{}
			for _, u := range p.Unread {
				if strings.HasPrefix(u.Reason, "it stands beside scores") {
					rows[u.Line] = true
				}
			}
			require.Len(t, rows, len(want), name)
			continue
		}
		slices.Sort(got)
		require.Equal(t, want, slices.Compact(got), name)
	}
	t.Logf("%d scores in all", total)
}
