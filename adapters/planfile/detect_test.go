package planfile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
)

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      planfile.Format
	}{
		{"a.yaml", "objectives:\n- title: a", planfile.YAML},
		{"a.yml", "objectives:\n- titel: a", planfile.YAML}, // a slip of the finger stays ours, and is refused by name
		{"a.yaml", "objectives: [", planfile.YAML},
		{"a.yaml", "OKR: {Q1: {Objective: a, KeyResults: [b]}}", planfile.Tree},
		{"a.yaml", "objectives:\n- objective: a\n  krs: [b]", planfile.Tree},
		{"a.json", `{"objectives": [{"title": "a"}]}`, planfile.JSON},
		{"a.json", `[{"text": "a", "krs": [{"text": "b"}]}]`, planfile.Tree},
		{"a.json", `{"source": "x", "units": 1, "quarters": [], "objectives": [{"title": "a", "key_results": []}]}`, planfile.Tree},
		{"a.json", `{"quarters": [], "objectives": [{"title": "a", "key_results": [{"title": "b", "stretch_goal": 1}]}]}`, planfile.Tree},
		{"a.json", `{"objectives": [{"title": "a", "key_results": [{"title": "b", "check_ins": [{"at": 1}]}]}]}`, planfile.Tree},
		{"a.yaml", "cycle: 2027-Q1\nobjectives:\n- title: a\n  key_results:\n  - title: b\n    stretch: 5", planfile.YAML}, // a slip stays ours, and is refused by name
		{"", "objectives:\n- title: a", planfile.YAML},
		{"", "cycle: Q1 2027\nobjectives: []", planfile.YAML},
		{"", `{"objectives": []}`, planfile.JSON},
		{"", "Objective;Key Result;Owner\na;b;c", planfile.CSV},
		{"plan.txt", "objective\tkr\na\tb", planfile.CSV},
		{"", "Objective: a\nKR: b, c, d", planfile.Markdown},
		{"", "| Objective | Key Result |\n|---|---|\n| a | b |", planfile.Markdown},
		{"", "[Objective](x)\n- KR: a", planfile.Markdown},
		{"", "---\ntitle: x\n---\n# Objective: a\n- KR: b", planfile.Markdown},
		{"PLAN.MD", "objective,key result\na,b", planfile.Markdown},
		{`C:\plans\a.csv`, "Objective: a", planfile.CSV},
		{"plan.tsv", "kr\towner", planfile.CSV},
	} {
		got, err := planfile.Detect(c.name, []byte(c.src))
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%s: %s", c.name, c.src)
	}
	_, err := planfile.Detect("a", nil)
	require.ErrorIs(t, err, okr.ErrInvalid)
	_, err = planfile.ReadAs("papyrus", "a", []byte("x"))
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.Len(t, planfile.Formats(), 5)
}

func TestFilesThatAreNoText(t *testing.T) {
	for src, hint := range map[string]string{
		"PK\x03\x04": "spreadsheet", "%PDF-1.7": "PDF", "\x1f\x8b\x08": "unpack", "\xd0\xcf\x11\xe0": "Excel",
		"a\x00b\x00\x01": "NUL", strings.Repeat("x", 17<<20): "split it",
	} {
		_, err := planfile.Read("plan", []byte(src))
		require.ErrorIs(t, err, okr.ErrInvalid)
		require.Contains(t, err.Error(), hint)
	}
}

func TestMalformedCSV(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"no header":      {"a,b\nc,d\n", "plan.csv:1: no header row was found: name the columns"},
		"no rows":        {"objective,key_result\n", "plan.csv:1: below the header row stands no objective"},
		"only separator": {"sep=;\n", "no header row was found"},
		"open quote":     {"objective,key_result\na,\"b\nc,d\ne,f\n", "plan.csv:2: a quote that opens here is never closed"},
		"empty rows":     {"objective,key_result\n,\n,\n", "below the header row stands no objective"},
	} {
		_, err := planfile.Read("plan.csv", []byte(c.src))
		require.ErrorIs(t, err, okr.ErrInvalid, name)
		require.Contains(t, err.Error(), c.want, name)
	}
	for name, src := range map[string]string{
		"ragged rows":       "objective,key_result,owner\nSail,Win 3 races\n,Lose none,Ada,Ben\n",
		"quotes in a field": "objective,key_result\nSail,Win 3 races\n,\"Lose none\"\n",
		"line ends of DOS":  "objective,key_result\r\nSail,Win 3 races\r\n,Lose none\r\n",
		"byte order mark":   "\uFEFFobjective,key_result\nSail,Win 3 races\n,Lose none\n",
		"a title above":     "My plan\n\nobjective,key_result\nSail,Win 3 races\n,Lose none\n",
		"empty lines":       "objective,key_result\n\nSail,Win 3 races\n\n,Lose none\n\n",
		"signs in labels":   "OBJECTIVE *,Key-Result (what)\nSail,Win 3 races\n,Lose none\n",
		"excel separator":   "sep=|\nobjective|key_result\nSail|Win 3 races\n|Lose none\n",
		"guarded formula":   "objective,key_result\nSail,Win 3 races\nSail,Lose none\n",
	} {
		var trace planfile.Trace
		p, err := planfile.Read("plan.csv", []byte(src), planfile.WithTrace(&trace))
		require.NoError(t, err, name)
		requireAccount(t, []byte(src), p, trace)
		require.Equal(t, "Sail\n  Win 3 races\n  Lose none\n", shape(p), name)
	}
	p, err := planfile.Read("plan.csv", []byte("objective,key_result\nA 5\" pipe,lay 9\" of it\n\"a \"\"b\"\"\",\"two\nlines\"\n"))
	require.NoError(t, err)
	require.Equal(t, "A 5\" pipe\n  lay 9\" of it\na \"b\"\n  two lines\n", shape(p))
}
