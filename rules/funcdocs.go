package rules

import "strings"

// FuncInfo describes a function for an author of packs.
type FuncInfo struct {
	// Signature as it is written: "list.last(n int) list".
	Signature string
	Doc       string
}

// Functions describes the engine's own functions and the host's, beside those
// of CEL and its extension libraries.
func (e *Env) Functions() []FuncInfo {
	out := []FuncInfo{
		{"days(n) duration", "A span of n days, each of 24 hours."},
		{"weeks(n) duration", "A span of n weeks."},
		{"clamp(x, low, high)", "x, not less than low and not more than high."},
		{"math.least(x, y, …), math.greatest(x, y, …)", "The least or the greatest."},
		{"hasAnyWord(text string, words list) bool", "Whether one of the words or phrases is in the text, whole, whatever its case."},
		{"startsWithAnyWord(text string, words list) bool", "Whether the text begins with one of the words or phrases."},
		{"hasNumber(text string) bool", `Whether a word of the text begins with a digit: "20%" does, "Q3" does not.`},
		{"has(x.fact) bool", "Whether a fact is known; never unknown itself."},
		{"list.last(n int) list", "The newest n entries. Lists are newest first."},
		{"list.since(t timestamp) list", "The entries whose fact `at` is t or later."},
		{"list.min(), list.max(), list.mean()", "Of numbers; unknown if the list is empty."},
		{"list.falling(n int) bool, list.rising(n int) bool", "Whether the newest n moves of the numbers, or of the fact `value`, all went down or up. Takes n+1 values; false with fewer."},
	}
	for _, f := range e.schema.Funcs {
		if f.Since > e.schema.Level {
			continue
		}
		params := make([]string, len(f.Params))
		for i, p := range f.Params {
			params[i] = p.String()
		}
		sig := f.Name
		if f.Member {
			sig, params = params[0]+"."+sig, params[1:]
		}
		out = append(out, FuncInfo{sig + "(" + strings.Join(params, ", ") + ") " + f.Result.String(), f.Doc})
	}
	return out
}

// String gives the kind: "double", "list(string)".
func (p Param) String() string {
	if p.Kind == List {
		return "list(" + p.Of + ")"
	}
	return p.Kind.String()
}
