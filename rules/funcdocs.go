package rules

import "strings"

// FuncInfo describes a function or an operator for an author of packs.
type FuncInfo struct {
	// Name as it is written: "last", "math.least", "==".
	Name string
	// Group is what it works with: "operators", "facts", "texts", "lists",
	// "numbers", "time", or "host" for one of [Schema.Funcs].
	Group string
	// Signature as it is written: "list.last(n int) list".
	Signature string
	Doc       string
	// Example is an expression that calls it. Those of the engine read no facts,
	// but for has and since, which need one.
	Example string
	// Since is the level that introduced it.
	Since int
}

// Functions describes all that an expression can call at the level of the
// environment: operators, CEL's functions and those of its libraries, the
// engine's own and the host's.
func (e *Env) Functions() []FuncInfo {
	var out []FuncInfo
	for _, f := range functionDocs {
		if f.Since <= e.schema.Level {
			out = append(out, f)
		}
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
		out = append(out, FuncInfo{
			Name: f.Name, Group: "host", Doc: f.Doc, Example: f.Example, Since: max(f.Since, 1),
			Signature: sig + "(" + strings.Join(params, ", ") + ") " + f.Result.String(),
		})
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

// functionDocs are the functions of the engine, in the order in which they are
// told.
var functionDocs = []FuncInfo{
	{"==", "operators", "a == b bool, a != b bool", "Whether both are the same. Objects cannot be compared: compare a fact of each.", `"on_track" == "at_risk"`, 1},
	{"<", "operators", "a < b bool, a <= b bool, a > b bool, a >= b bool", "Which is less, for numbers, texts, instants and spans of time.", `3 <= 3.5`, 1},
	{"&&", "operators", "a && b bool", "Both hold. False if one of them is false, even if the other is not known.", `2 > 1 && 3 > 2`, 1},
	{"||", "operators", "a || b bool", "One of them holds, or both. True if one is true, even if the other is not known.", `2 > 1 || 3 > 4`, 1},
	{"!", "operators", "!a bool", "It does not hold.", `!(1 > 2)`, 1},
	{"? :", "operators", "condition ? a : b", "a where the condition holds, otherwise b.", `2 > 1 ? "more" : "less"`, 1},
	{"+", "operators", "a + b", "The sum of numbers or spans of time, an instant later by a span, one text or list behind another.", `"on" + "_track"`, 1},
	{"-", "operators", "a - b", "The difference of numbers or spans of time, the span between two instants, an instant earlier by a span.", `timestamp("2026-11-06T00:00:00Z") - timestamp("2026-11-01T00:00:00Z")`, 1},
	{"*", "operators", "a * b", "The product of numbers.", `0.5 * 3`, 1},
	{"/", "operators", "a / b", "The quotient; of whole numbers it is whole: 7 / 2 is 3. Dividing by zero is an error.", `7.0 / 2.0`, 1},
	{"%", "operators", "a % b int", "What is left of a division of whole numbers.", `7 % 2`, 1},
	{"in", "operators", "a in list bool", "Whether the list has the entry.", `"EUR" in ["EUR", "USD"]`, 1},
	{"[ ]", "operators", "list[n]", "The entry at n, counted from 0. An error where there is none.", `[3, 5][0]`, 1},

	{"has", "facts", "has(x.fact) bool", "Whether a fact is known; never unknown itself.", `has(x.fact)`, 1},

	{"size", "lists", "list.size() int, text.size() int", "How many entries a list has, or characters a text.", `["a", "b"].size()`, 1},
	{"all", "lists", "list.all(x, condition) bool", "Whether the condition holds for each entry x. True of an empty list.", `[1, 2].all(x, x > 0)`, 1},
	{"exists", "lists", "list.exists(x, condition) bool", "Whether the condition holds for one entry x at least.", `[1, 2].exists(x, x > 1)`, 1},
	{"exists_one", "lists", "list.exists_one(x, condition) bool", "Whether it holds for exactly one.", `[1, 2].exists_one(x, x > 1)`, 1},
	{"filter", "lists", "list.filter(x, condition) list", "The entries for which the condition holds.", `[1, 2, 3].filter(x, x > 1)`, 1},
	{"map", "lists", "list.map(x, value) list", "The value for each entry.", `[1, 2].map(x, x * 10)`, 1},
	{"last", "lists", "list.last(n int) list", "The newest n entries. Lists are newest first.", `[9, 8, 7].last(2)`, 1},
	{"since", "lists", "list.since(t timestamp) list", "The entries whose fact `at` is t or later.", `x.list.since(now - days(14))`, 1},
	{"min", "lists", "list.min()", "The least of the numbers; unknown if there are none.", `[3, 5, 4].min()`, 1},
	{"max", "lists", "list.max()", "The greatest of the numbers; unknown if there are none.", `[3, 5, 4].max()`, 1},
	{"mean", "lists", "list.mean() double", "The mean of the numbers; unknown if there are none.", `[3, 5, 4].mean()`, 1},
	{"falling", "lists", "list.falling(n int) bool", "Whether the newest n moves of the numbers, or of the fact `value`, all went down. Takes n+1 values; false with fewer.", `[3, 4, 5].falling(2)`, 1},
	{"rising", "lists", "list.rising(n int) bool", "Whether the newest n moves of the numbers, or of the fact `value`, all went up. Takes n+1 values; false with fewer.", `[5, 4, 3].rising(2)`, 1},
	{"sort", "lists", "list.sort() list", "The entries in order, the least first.", `[3, 1, 2].sort()`, 1},
	{"sortBy", "lists", "list.sortBy(x, key) list", "The entries in the order of their keys, the least first.", `["ccc", "a", "bb"].sortBy(x, x.size())`, 1},
	{"distinct", "lists", "list.distinct() list", "Each entry once.", `["a", "b", "a"].distinct()`, 1},
	{"reverse", "lists", "list.reverse() list, text.reverse() string", "The other way round.", `[1, 2, 3].reverse()`, 1},
	{"slice", "lists", "list.slice(from int, to int) list", "The entries from one place up to, and without, the other, counted from 0.", `[1, 2, 3].slice(0, 2)`, 1},
	{"flatten", "lists", "list.flatten() list", "The entries of the lists in the list.", `[[1], [2, 3]].flatten()`, 1},
	{"join", "lists", "list.join(between string) string", "The texts one behind the other, with what goes between.", `["a", "b"].join(", ")`, 1},
	{"lists.range", "lists", "lists.range(n int) list", "The whole numbers from 0 up to, and without, n.", `lists.range(3)`, 1},

	{"contains", "texts", "text.contains(part string) bool", "Whether the part is in the text, as it is written.", `"on track".contains("track")`, 1},
	{"startsWith", "texts", "text.startsWith(part string) bool", "Whether the text begins with it.", `"on track".startsWith("on")`, 1},
	{"endsWith", "texts", "text.endsWith(part string) bool", "Whether the text ends with it.", `"on track".endsWith("track")`, 1},
	{"hasAnyWord", "texts", "hasAnyWord(text string, words list) bool", "Whether one of the words or phrases is in the text, whole, whatever its case.", `hasAnyWord("Launch the Portal", ["portal", "site"])`, 1},
	{"startsWithAnyWord", "texts", "startsWithAnyWord(text string, words list) bool", "Whether the text begins with one of the words or phrases.", `startsWithAnyWord("Launch the Portal", ["launch"])`, 1},
	{"hasNumber", "texts", "hasNumber(text string) bool", `Whether a word of the text begins with a digit: "20%" does, "Q3" does not.`, `hasNumber("From 12 % to 18 %")`, 1},
	{"matches", "texts", "text.matches(pattern string) bool", "Whether a part of the text fits the regular expression (RE2). The pattern is written out.", `"Q4 2026".matches("^Q[1-4] ")`, 1},
	{"lowerAscii", "texts", "text.lowerAscii() string", "The text with A to Z in lower case.", `"EUR".lowerAscii()`, 1},
	{"upperAscii", "texts", "text.upperAscii() string", "The text with a to z in upper case.", `"eur".upperAscii()`, 1},
	{"trim", "texts", "text.trim() string", "The text without blanks at both ends.", `" a ".trim()`, 1},
	{"replace", "texts", "text.replace(old string, new string) string", "The text with another in the place of each old.", `"a-b".replace("-", " ")`, 1},
	{"split", "texts", "text.split(at string) list", "What stands between.", `"a, b".split(", ")`, 1},
	{"substring", "texts", "text.substring(from int, to int) string", "The characters from one place up to, and without, the other, counted from 0.", `"2026-11".substring(0, 4)`, 1},
	{"charAt", "texts", "text.charAt(n int) string", "The character at n, counted from 0.", `"abc".charAt(1)`, 1},
	{"indexOf", "texts", "text.indexOf(part string) int", "Where the part begins for the first time, -1 where it does not.", `"abcabc".indexOf("c")`, 1},
	{"lastIndexOf", "texts", "text.lastIndexOf(part string) int", "Where the part begins for the last time, -1 where it does not.", `"abcabc".lastIndexOf("c")`, 1},
	{"format", "texts", "text.format(values list) string", "The values in the places of %s (any), %d (whole) and %.1f (a number with one decimal).", `"%s of %d".format(["one", 3])`, 1},
	{"strings.quote", "texts", "strings.quote(text string) string", "The text between quotes.", `strings.quote("a")`, 1},
	{"string", "texts", "string(x) string", "A number, yes or no, an instant or a span as a text.", `"about " + string(3)`, 1},

	{"clamp", "numbers", "clamp(x, low, high)", "x, not less than low and not more than high.", `clamp(1.4, 0.0, 1.2)`, 1},
	{"math.least", "numbers", "math.least(x, y, …)", "The least of them.", `math.least(3, 5, 4)`, 1},
	{"math.greatest", "numbers", "math.greatest(x, y, …)", "The greatest of them.", `math.greatest(3, 5, 4)`, 1},
	{"math.round", "numbers", "math.round(x double) double", "The nearest whole; half goes away from zero.", `math.round(2.5)`, 1},
	{"math.floor", "numbers", "math.floor(x double) double", "The whole below.", `math.floor(2.5)`, 1},
	{"math.ceil", "numbers", "math.ceil(x double) double", "The whole above.", `math.ceil(2.5)`, 1},
	{"math.trunc", "numbers", "math.trunc(x double) double", "Without its decimals.", `math.trunc(-2.5)`, 1},
	{"math.abs", "numbers", "math.abs(x)", "Without its sign.", `math.abs(-3)`, 1},
	{"math.sign", "numbers", "math.sign(x)", "-1, 0 or 1.", `math.sign(-3)`, 1},
	{"math.sqrt", "numbers", "math.sqrt(x) double", "The square root.", `math.sqrt(9)`, 1},
	{"math.isFinite", "numbers", "math.isFinite(x double) bool", "It is a number, and not beyond all.", `math.isFinite(2.5)`, 1},
	{"math.isInf", "numbers", "math.isInf(x double) bool", "It is beyond all numbers. No fact is.", `math.isInf(2.5)`, 1},
	{"math.isNaN", "numbers", "math.isNaN(x double) bool", "It is no number. No fact is that.", `math.isNaN(2.5)`, 1},
	{"math.bitAnd", "numbers", "math.bitAnd(a int, b int) int", "The bits that both have.", `math.bitAnd(6, 3)`, 1},
	{"math.bitOr", "numbers", "math.bitOr(a int, b int) int", "The bits that one of them has.", `math.bitOr(6, 3)`, 1},
	{"math.bitXor", "numbers", "math.bitXor(a int, b int) int", "The bits that only one of them has.", `math.bitXor(6, 3)`, 1},
	{"math.bitNot", "numbers", "math.bitNot(a int) int", "The other bits.", `math.bitNot(6)`, 1},
	{"math.bitShiftLeft", "numbers", "math.bitShiftLeft(a int, n int) int", "The bits, n places up.", `math.bitShiftLeft(3, 2)`, 1},
	{"math.bitShiftRight", "numbers", "math.bitShiftRight(a int, n int) int", "The bits, n places down.", `math.bitShiftRight(12, 2)`, 1},
	{"int", "numbers", "int(x) int", "A number without its decimals, or a text of digits as a whole number.", `int(2.9)`, 1},
	{"double", "numbers", "double(x) double", "A whole number or a text as a number with decimals.", `double(3) / 2.0`, 1},
	{"bool", "numbers", "bool(text string) bool", `yes or no of the text "true" or "false".`, `bool("true")`, 1},

	{"days", "time", "days(n) duration", "A span of n days, each of 24 hours.", `days(7)`, 1},
	{"weeks", "time", "weeks(n) duration", "A span of n weeks.", `weeks(2) == days(14)`, 1},
	{"duration", "time", "duration(text string) duration", `A span in hours, minutes and seconds, such as "36h" or "1h30m".`, `duration("36h")`, 1},
	{"timestamp", "time", "timestamp(text string) timestamp", "An instant.", `timestamp("2026-01-31T09:00:00Z")`, 1},
	{"getFullYear", "time", "t.getFullYear() int", "The year of an instant, in UTC.", `timestamp("2026-01-31T09:00:00Z").getFullYear()`, 1},
	{"getMonth", "time", "t.getMonth() int", "The month, 0 for January.", `timestamp("2026-01-31T09:00:00Z").getMonth()`, 1},
	{"getDate", "time", "t.getDate() int", "The day of the month, from 1.", `timestamp("2026-01-31T09:00:00Z").getDate()`, 1},
	{"getDayOfMonth", "time", "t.getDayOfMonth() int", "The day of the month, from 0.", `timestamp("2026-01-31T09:00:00Z").getDayOfMonth()`, 1},
	{"getDayOfYear", "time", "t.getDayOfYear() int", "The day of the year, from 0.", `timestamp("2026-01-31T09:00:00Z").getDayOfYear()`, 1},
	{"getDayOfWeek", "time", "t.getDayOfWeek() int", "The day of the week, 0 for Sunday.", `timestamp("2026-01-31T09:00:00Z").getDayOfWeek()`, 1},
	{"getHours", "time", "t.getHours() int, span.getHours() int", "The hour of an instant; of a span, all its hours.", `duration("36h").getHours()`, 1},
	{"getMinutes", "time", "t.getMinutes() int, span.getMinutes() int", "The minute of an instant; of a span, all its minutes.", `duration("2h").getMinutes()`, 1},
	{"getSeconds", "time", "t.getSeconds() int, span.getSeconds() int", "The second of an instant; of a span, all its seconds.", `duration("2m").getSeconds()`, 1},
	{"getMilliseconds", "time", "t.getMilliseconds() int, span.getMilliseconds() int", "The thousandths of the second.", `timestamp("2026-01-31T09:00:00.250Z").getMilliseconds()`, 1},
}
