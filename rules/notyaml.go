package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

	// a quoted text, a list or a mapping, and something behind it
	partQuoted = regexp.MustCompile(`^\s*(?:- )*(?:[\w-]+:\s+)?("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[[^\]]*\]|\{[^}]*\})\s*([^\s#,\]}:].*)$`)
	keyLine    = regexp.MustCompile(`^(\s*)((?:- +)*)([\w-]+):(?:\s+(.*))?$`)
	blockHead  = regexp.MustCompile(`:\s+[|>][-+0-9]*\s*(?:#.*)?$`)
	noKeyValue = regexp.MustCompile(`^\s*(?:- )?([A-Za-z]\w*)(:\S|\s+\S)`)
	oddStart   = regexp.MustCompile("^\\s*(?:- )*(?:[\\w-]+:\\s+)?([@`%*&])")
	flowValue  = regexp.MustCompile(`^\s*(?:- )*(?:[\w-]+:\s+)?\{.*?[\w-]+:\s+[^"'\s{\[,][^,]*?\s(\?)\s`)
)

// notYAML explains a text that YAML does not take, and finds the place, of which the
// library knows at best the line, and often one long before.
func (s *source) notYAML(err error) *Error {
	m := yamlLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, _ := strconv.Atoi(m[1])
	line = max(line, 1)
	problem := m[2]
	at := func(line, col int, hint, format string, args ...any) *Error {
		return s.errorAt(line, col, fmt.Sprintf(format, args...), hint)
	}
	quote := "put the whole value between single quotes, or write | behind the key and the value on the line below"
	if i, col := s.find(s.tab); i > 0 {
		return at(i, col, "indent with blanks, two for each step", "a tab stands where YAML wants blanks")
	}
	switch {
	case strings.Contains(problem, "unknown escape"):
		col := strings.IndexByte(s.line(line), '\\') + 1
		return at(line, max(col, 1), "put the text between single quotes, in which a backslash is only a backslash", "this backslash means nothing between double quotes")
	case strings.Contains(problem, "unexpected end of stream") || strings.Contains(problem, "found unexpected document indicator"):
		if i, col := s.find(s.open); i > 0 {
			return at(i, col, "end the text with the quote that it begins with", "the text that begins here has no end")
		}
	case strings.Contains(problem, "block sequence entries are not allowed"):
		return at(line, strings.Index(s.line(line), "- ")+1, "begin the list on a line of its own", "a list cannot begin behind a key")
	case strings.Contains(problem, "mapping values are not allowed"):
		if col := s.second(line); col > 0 {
			return at(line, col, quote, "YAML takes this for another key: a colon and a blank within a text without quotes")
		}
		return at(line, len(s.line(line))-len(strings.TrimLeft(s.line(line), " "))+1, "begin the keys of one entry in the same column", "this line is indented further than the one above")
	}
	if i, col := s.find(s.partly); i > 0 {
		return at(i, col, quote, "YAML ends the value before this")
	}
	if i, col := s.find(s.odd); i > 0 {
		return at(i, col, quote, "no value can begin with %s", string([]rune(s.line(i))[col-1]))
	}
	if i, col := s.find(s.flow); i > 0 {
		return at(i, col, "put the whole value between single quotes, or write the entry with one key a line", "between braces YAML takes this ? for its own")
	}
	if i, col := s.find(s.unclosed); i > 0 {
		return at(i, col, "each bracket that opens needs one that closes", "the %s that opens here is never closed", string([]rune(s.line(i))[col-1]))
	}
	if i, col := s.find(s.extra); i > 0 {
		return at(i, col, "each bracket that closes needs one of its kind that opens", "this %s closes nothing", string([]rune(s.line(i))[col-1]))
	}
	if i, col := s.outdented(); i > 0 {
		return at(i, col, "begin the keys of one entry in the same column", "this line begins in a column in which nothing above it does")
	}
	if i, col := s.find(s.keyless); i > 0 {
		return at(i, col, "write key: value, with a blank behind the colon", "here a key should stand, and a colon behind it")
	}
	return at(line, 1, "check the indentation; an expression with ': ', '#' or a leading quote or bracket goes between quotes, or below a |", "this is not YAML: %s", problem)
}

func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// find gives the first line, outside of block texts, for which look gives a column.
func (s *source) find(look func(line string) int) (line, col int) {
	inBlock := -1
	for i, l := range s.lines {
		indent := len(l) - len(strings.TrimLeft(l, " "))
		if trimmed := strings.TrimSpace(l); trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		if inBlock >= 0 && indent > inBlock && l[0] == ' ' {
			continue
		}
		inBlock = -1
		if col := look(l); col > 0 {
			return i + 1, col
		}
		if blockHead.MatchString(l) {
			inBlock = indent
		}
	}
	return 0, 0
}

// column counts characters, from 1.
func column(line string, byteAt int) int { return utf8.RuneCountInString(line[:byteAt]) + 1 }

func (*source) tab(line string) int {
	lead := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return strings.IndexByte(lead, '\t') + 1
}

func (*source) partly(line string) int {
	if m := partQuoted.FindStringSubmatchIndex(line); m != nil {
		return column(line, m[4])
	}
	return 0
}

func (*source) odd(line string) int {
	if m := oddStart.FindStringSubmatchIndex(line); m != nil {
		return column(line, m[2])
	}
	return 0
}

// value is where the value of a line begins, -1 without one.
func value(line string) int {
	if m := keyLine.FindStringSubmatchIndex(line); m != nil && m[8] >= 0 {
		return m[8]
	}
	return -1
}

func (*source) open(line string) int {
	i := value(line)
	if i < 0 || i >= len(line) || line[i] != '"' && line[i] != '\'' {
		return 0
	}
	if openQuote([]rune(line[i:])) == 0 {
		return column(line, i)
	}
	return 0
}

// inLine looks at the brackets of a value that begins with one.
func inLine(line string) (open, extra int) {
	i := value(line)
	if trimmed := strings.TrimLeft(line, " -"); i < 0 {
		i = len(line) - len(trimmed)
	}
	if i >= len(line) || line[i] != '[' && line[i] != '{' {
		return 0, 0
	}
	bare := stringText.ReplaceAllStringFunc(line[i:], func(s string) string { return strings.Repeat("_", utf8.RuneCountInString(s)) })
	open, extra = brackets([]rune(bare))
	if open >= 0 {
		open += column(line, i)
	}
	if extra >= 0 {
		extra += column(line, i)
	}
	return max(open, 0), max(extra, 0)
}

func (*source) unclosed(line string) int { open, _ := inLine(line); return open }

func (*source) extra(line string) int { _, extra := inLine(line); return extra }

func (*source) flow(line string) int {
	if m := flowValue.FindStringSubmatchIndex(line); m != nil {
		return column(line, m[2])
	}
	return 0
}

func (*source) keyless(line string) int {
	if keyLine.MatchString(line) || value(line) >= 0 {
		return 0
	}
	if m := noKeyValue.FindStringSubmatchIndex(line); m != nil {
		return column(line, m[2])
	}
	return 0
}

// second is where a line has a colon and a blank once more, 0 if it has not.
func (s *source) second(n int) int {
	line := s.line(n)
	i := value(line)
	if i < 0 {
		return 0
	}
	if j := strings.Index(line[i:], ": "); j >= 0 {
		return column(line, i+j)
	}
	return 0
}

// outdented finds a key that begins further left than the one above it, and in a
// column in which no entry does.
func (s *source) outdented() (line, col int) {
	var columns []int
	return s.find(func(l string) int {
		m := keyLine.FindStringSubmatch(l)
		if m == nil {
			return 0
		}
		dash, key := len(m[1]), len(m[1])+len(m[2])
		from := len(columns)
		for from > 0 && columns[from-1] > dash {
			from--
		}
		fell := from < len(columns)
		columns = columns[:from]
		if fell && (from == 0 || columns[from-1] != dash) {
			return dash + 1
		}
		if from == 0 || columns[from-1] != dash {
			columns = append(columns, dash)
		}
		if key > dash {
			columns = append(columns, key)
		}
		return 0
	})
}
