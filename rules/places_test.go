package rules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/rules"
)

// TestPlaces: whatever way an expression is written in YAML, an error points at
// the character that is wrong. The misspelt fact is the only "totl" of the file.
func TestPlaces(t *testing.T) {
	env := shopEnv(t)
	head := "apiVersion: okr.rules/v1\nenv: 1\nname: p\nversion: 1.0.0\nrules:\n"
	for name, text := range map[string]string{
		"flow, after other scripts":     head + "  - {id: r, on: order, message: \"日本 é {order.title}\", check: order.totl > 1}\n",
		"plain":                         head + "  - id: r\n    on: order\n    message: no\n    check: order.items > 1 && order.totl > 1\n",
		"plain over lines":              head + "  - id: r\n    on: order\n    message: no\n    check: order.items > 1\n      &&\n\n      order.totl > 1\n",
		"double quotes over lines":      head + "  - id: r\n    on: order\n    message: no\n    check: \"order.title == \\\"\\u00e9\\x41\\t\\\" \\\n      && \\\n      order.totl > 1\"\n",
		"single quotes":                 head + "  - id: r\n    on: order\n    message: no\n    check: 'order.title == ''é'' && order.totl > 1'\n",
		"literal with indentation":      head + "  - id: r\n    on: order\n    message: no\n    check: |\n      order.items > 1 &&\n\n          order.totl > 1\n",
		"literal with explicit indent":  head + "  - id: r\n    on: order\n    message: no\n    check: |2\n        order.items > 1 &&\n        order.totl > 1\n",
		"folded":                        head + "  - id: r\n    on: order\n    message: no\n    check: >\n      order.items > 1 &&\n      order.totl > 1\n",
		"folded and stripped":           head + "  - id: r\n    on: order\n    message: no\n    check: >-\n\n      order.items > 1\n\n      && order.totl > 1\n",
		"message in a literal":          head + "  - id: r\n    on: order\n    check: 'true'\n    message: |\n      Look: {order.title}\n      costs {order.totl}\n",
		"vars":                          head + "  - id: r\n    on: order\n    message: no\n    vars: {x: '1 + order.totl'}\n    check: x > 1\n",
		"lines that end in CR LF":       strings.ReplaceAll(head+"  - id: r\n    on: order\n    message: no\n    check: |\n      order.items > 1 &&\n      order.totl > 1\n", "\n", "\r\n"),
		"a byte order mark":             "\ufeff" + head + "  - id: r\n    on: order\n    message: no\n    check: order.totl > 1\n",
		"after characters of two units": head + "  - {id: r, on: order, message: \"🎉\", check: order.totl > 1}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rules.Load(env, rules.File{Name: "p.yaml", Text: []byte(text)})
			var e *rules.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, e.Message, `no "totl"`)
			lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
			line := []rune(lines[e.Line-1])
			require.True(t, strings.HasPrefix(string(line[e.Col-1:]), "totl"), "%d:%d is %q", e.Line, e.Col, string(line[min(e.Col-1, len(line)):]))
			excerpt := strings.Split(e.Excerpt, "\n")
			caret := len([]rune(excerpt[1])) - 1
			require.True(t, strings.HasPrefix(string([]rune(excerpt[0])[caret:]), "totl"), e.Excerpt)
		})
	}
}

// TestPlacesOfAnything: the same for any text around it, in any style.
func TestPlacesOfAnything(t *testing.T) {
	env := shopEnv(t)
	rapid.Check(t, func(t *rapid.T) {
		filler := rapid.StringOfN(rapid.RuneFrom([]rune(`ab "'\é日🎉:#{}[],&*!|>%@-? `)), 0, 20, -1).Draw(t, "filler")
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(filler) + `"`
		gap := rapid.SampledFrom([]string{" ", "  ", "\n", "\n\n", " \n  "})
		expr := "order.title ==" + gap.Draw(t, "gap") + quoted + gap.Draw(t, "gap") + "&& order.totl > 1"
		var check string
		switch rapid.IntRange(0, 3).Draw(t, "style") {
		case 0:
			check = "'" + strings.ReplaceAll(strings.ReplaceAll(expr, "'", "''"), "\n", "\n      ") + "'"
		case 1:
			check = `"` + strings.ReplaceAll(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(expr), "\n", "\n      ") + `"`
		case 2:
			check = "|\n      " + strings.ReplaceAll(expr, "\n", "\n      ")
		default:
			check = ">-\n      " + strings.ReplaceAll(expr, "\n", "\n      ")
		}
		text := pack("p", "rules:\n  - id: r\n    on: order\n    message: no\n    check: "+check+"\n")
		_, err := rules.Load(env, rules.File{Name: "p.yaml", Text: []byte(text)})
		var e *rules.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Message, `no "totl"`)
		line := []rune(strings.Split(text, "\n")[e.Line-1])
		require.True(t, strings.HasPrefix(string(line[e.Col-1:]), "totl"), "%d:%d in\n%s", e.Line, e.Col, text)
	})
}
