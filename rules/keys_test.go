package rules_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

// Every key is told of, and its example could stand in a pack.
func TestEveryKeyIsTold(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range rules.Keys() {
		at := k.In + "." + k.Name
		require.False(t, seen[at], at)
		seen[at] = true
		require.NotEmpty(t, k.Takes, at)
		require.Regexp(t, `^(\S.*[.;:!]|[a-z].*[^ ]\.)$`, k.Doc, at)
		require.True(t, strings.HasPrefix(k.Example, k.Name+":"), at)
		if k.Default != "" {
			require.Contains(t, k.Values, k.Default, at)
		}
	}
}

// A key that is not told of is not known, one that is told of is: the messages
// about an unknown key list them.
func TestUnknownKeysNameTheKnownOnes(t *testing.T) {
	entry := func(in, body string) string {
		return pack("one", map[string]string{
			"pack":    body + ": 1",
			"base":    "extends:\n  - {pack: two, " + body + ": 1}",
			"overlay": "extends:\n  - {pack: two, rules: {a: {" + body + ": 1}}}",
			"rule":    "rules:\n  - {id: a, on: order, message: no, check: 'true', " + body + ": 1}",
			"score":   "scores:\n  - {id: a, on: order, score: 1, " + body + ": 1}",
			"status":  "statuses:\n  - {id: a, on: order, status: late, " + body + ": 1}",
			"test":    "rules:\n  - {id: a, on: order, message: no, check: 'true'}\ntests:\n  - {name: a, expect: {a: pass}, " + body + ": 1}",
			"step":    "rules:\n  - {id: a, on: order, message: no, check: 'true'}\ntests:\n  - {name: a, steps: [{at: now, expect: {a: pass}, " + body + ": 1}]}",
		}[in])
	}
	for _, k := range rules.Keys() {
		if k.In == "expectation" {
			continue
		}
		_, err := rules.Parse("pack.yaml", []byte(entry(k.In, "quite_another_thing_altogether")))
		var wrong *rules.Error
		require.ErrorAs(t, err, &wrong)
		require.Regexp(t, `\b`+regexp.QuoteMeta(k.Name)+`\b`, err.Error(), k.In)
	}
}
