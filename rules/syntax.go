package rules

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	stringText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	syntaxAt   = regexp.MustCompile(`^Syntax error: (?:mismatched|extraneous) input '([^']*)'`)
	symbolAt   = regexp.MustCompile(`^Syntax error: token recognition error at: '([^\s'])`)
	reserved   = regexp.MustCompile(`^reserved identifier: (\w+)`)
	commaAt    = regexp.MustCompile(`(\d+),(\d+)`)
)

// idiom is what people bring along from other languages. The group "at" of its
// pattern is what does not belong; message and hint name the groups.
type idiom struct {
	pattern *regexp.Regexp
	message string // "": ${at} does not belong here
	hint    string
}

func say(pattern, message, hint string) idiom {
	return idiom{regexp.MustCompile(pattern), message, hint}
}

// idioms are looked for in an expression that cannot be read, texts blanked out, the
// first that is there being it. Each is wrong wherever it stands.
var idioms = []idiom{
	say(`(?P<at>[“”„‘’«»])`, "", `write plain quotes: "…"`),
	say("(?P<at>`)", "", `write plain quotes: "…"`),
	say(`(?P<at>[$#]?\{+)\s*(?P<x>[\w.]+)\s*\}+`, "a fact stands in an expression without braces", "write ${x}; braces are for the text of a message"),
	say(`(?P<at>#)`, "", "a comment goes outside the expression, or begins with //"),
	say(`\(\s*(?P<x>\w+)\s*(?P<at>=>|->)`, "", "a comma follows the name of the entry: exists(${x}, …)"),
	say(`(?i)(?:^|[\s(:?])(?P<at>if|then|else|elif|elsif|elseif|unless|case|switch)\b`, `"${at}" is not a word of the language`,
		"write condition ? this : that; for more than two, condition ? this : other ? that : rest"),
	say(`(?i)(?P<x>[\w.]+)\s+(?P<at>between)\s+(?P<low>[\w.]+)\s+and\s+(?P<high>[\w.]+)`, `"${at}" is not a word of the language`, "write ${x} >= ${low} && ${x} <= ${high}"),
	say(`(?i)(?P<x>[\w.]+)\s+(?P<at>not\s+in)\b`, `"${at}" is not a word of the language`, "write !(${x} in […])"),
	say(`(?i)(?P<x>[\w.]+)\s+(?P<at>like)\b`, `"${at}" is not a word of the language`, `write ${x}.contains("…"), or hasAnyWord(${x}, ["…"]) for whole words`),
	say(`(?i)(?P<x>[\w.]+)\s+(?P<at>is(?:\s+not)?)\s+(?:null|none|nil|unknown|empty|missing|known|set)\b`, `"${at}" is not a word of the language`, "write has(${x}) for what is known, !has(${x}) for what is not"),
	say(`(?i)(?P<x>[\w.]+)\s+(?P<at>is(?:\s+not)?)\s`, `"${at}" is not a word of the language`, "write == to compare, != for what differs"),
	say(`(?P<x>[\w.]+)\s+(?P<at>contains|startsWith|endsWith|matches)\s`, "${at} is asked of a text with a point and brackets", `write ${x}.${at}("…")`),
	say(`(?P<at>\d{1,2}\.\d{1,2}\.\d{4})\b`, "a date is not written like this", `write the instant as timestamp("2026-01-31T00:00:00Z")`),
	say(`(?i)\b(?P<at>(?P<n>\d+)\s*d(?:ays?)?)\b`, "a span of time is not written like this", "write days(${n})"),
	say(`(?i)\b(?P<at>(?P<n>\d+)\s*w(?:eeks?)?)\b`, "a span of time is not written like this", "write weeks(${n})"),
	say(`(?i)\b(?P<at>(?P<n>\d+)\s*h(?:ours?)?)\b`, "a span of time is not written like this", `write duration("${n}h")`),
	say(`(?i)\b(?P<at>(?P<n>\d+)\s*months?)\b`, "a span of time is not written like this", "months differ: write days(30) for each of them"),
	say(`\bin\s+_+\s*(?P<at>,)`, "", `write the texts as a list: in ["…", "…"]`),
	say(`\d\s*(?P<at>%)\s*(?:$|[^\w\s(.-])`, "% does not belong behind a number", "a share has 1 as the whole, so 70 % is 0.7; a number whose unit is % stands alone: 70"),
	say(`(?P<at><>)`, "", "write != for what differs"),
	say(`(?P<at>!==)`, "", "write != for what differs"),
	say(`(?P<at>===|:=)`, "", "write == to compare"),
	say(`(?P<at>=>)`, "", "write >= to compare"),
	say(`(?P<at>=<)`, "", "write <= to compare"),
	say(`(?P<at>[€$£¥])`, "", "write the number alone; what it counts is its unit"),
	say(`(?:^|[^=!<>])(?P<at>=)(?:[^=]|$)`, "", "write == to compare"),
	say(`(?i)(?:^|[\s)])(?P<at>and)\b`, "", "write && in place of ${at}"),
	say(`(?i)(?:^|[\s)])(?P<at>or)\b`, "", "write || in place of ${at}"),
	say(`(?i)(?:^|[\s(])(?P<at>not)\b`, "", "write ! in place of ${at}"),
	say(`(?:^|[^&])(?P<at>&)(?:[^&]|$)`, "", "write && for and"),
	say(`(?:^|[^|])(?P<at>\|)(?:[^|]|$)`, "", "write || for or"),
}

// in looks for the idiom; at counts characters.
func (d idiom) in(text string) (msg, hint string, at int, ok bool) {
	loc := d.pattern.FindStringSubmatchIndex(text)
	if loc == nil {
		return "", "", 0, false
	}
	expand := func(template string) string {
		return string(d.pattern.ExpandString(nil, template, text, loc))
	}
	if d.message == "" {
		d.message = "${at} does not belong here"
	}
	i := d.pattern.SubexpIndex("at")
	return expand(d.message), expand(d.hint), utf8.RuneCountInString(text[:loc[2*i]]), true
}

// syntaxWords explains an expression that cannot be read, and says where that is.
// What people bring along from other languages is found in the whole text, for the
// parser stumbles later than a person would.
func syntaxWords(text string, off int, message string) (msg, hint string, at int) {
	runes := []rune(text)
	bare := stringText.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("_", utf8.RuneCountInString(s)) })
	if msg, hint, at, ok := unseen([]rune(bare)); ok {
		return msg, hint, at
	}
	for _, d := range idioms {
		if msg, hint, at, ok := d.in(bare); ok {
			return msg, hint, at
		}
	}
	if open := openQuote(runes); open >= 0 {
		return "the text that begins here has no end", "end it with the quote that it begins with", open
	}
	at = min(off, len(runes))
	rest := string(runes[at:])
	if strings.HasPrefix(rest, "'") || strings.HasPrefix(rest, `"`) {
		if strings.Contains(rest, `\`) {
			return "this text cannot be read", `a backslash is written twice between quotes: "\\d+"`, at
		}
	}
	if m := commaAt.FindStringSubmatch(bare); m != nil && strings.HasPrefix(rest, ",") {
		hint = fmt.Sprintf("write a point for decimals: %s.%s", m[1], m[2])
		if len(m[2]) == 3 {
			hint = fmt.Sprintf("write thousands without a comma: %s%s; decimals have a point: %s.%s", m[1], m[2], m[1], m[2])
		}
		return ", does not belong here", hint, at
	}
	if i := strings.Index(bare, "?"); i >= 0 && !strings.Contains(bare[i:], ":") {
		return "the ? has no :", "write condition ? this : that", utf8.RuneCountInString(bare[:i])
	}
	if open, extra := brackets([]rune(bare)); open >= 0 {
		return fmt.Sprintf("the %c that opens here is never closed", runes[open]), "each bracket that opens needs one that closes", open
	} else if extra >= 0 {
		return fmt.Sprintf("there is a %c too many", runes[extra]), "each bracket that closes needs one that opens", extra
	}
	switch m := reserved.FindStringSubmatch(message); {
	case m != nil:
		return m[1] + " is a word that the language keeps for itself", "take another name", at
	case strings.TrimSpace(rest) == "":
		return "the expression ends too early", "say what comes behind the last sign", at
	}
	for _, p := range []*regexp.Regexp{symbolAt, syntaxAt} {
		if m := p.FindStringSubmatch(message); m != nil && m[1] != "<EOF>" {
			return m[1] + " does not belong here", "is an operator missing before it, such as && or ==? A text goes between quotes", at
		}
	}
	return "the expression cannot be read from here on", "", at
}

// openQuote is where a text begins that has no end, or -1.
func openQuote(text []rune) int {
	open := -1
	for i := 0; i < len(text); i++ {
		switch r := text[i]; {
		case open >= 0 && r == '\\':
			i++
		case open >= 0 && r == text[open]:
			open = -1
		case open < 0 && (r == '"' || r == '\''):
			open = i
		}
	}
	return open
}

// brackets finds one that is never closed, or one that closes nothing; -1 where
// there is none. Texts are blanked out.
func brackets(text []rune) (open, extra int) {
	pairs := map[rune]rune{')': '(', ']': '[', '}': '{'}
	var stack []int
	for i, r := range text {
		switch r {
		case '(', '[', '{':
			stack = append(stack, i)
		case ')', ']', '}':
			if len(stack) == 0 || text[stack[len(stack)-1]] != pairs[r] {
				return -1, i
			}
			stack = stack[:len(stack)-1]
		}
	}
	if len(stack) > 0 {
		return stack[len(stack)-1], -1
	}
	return -1, -1
}
