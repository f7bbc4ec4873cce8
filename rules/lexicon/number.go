package lexicon

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// run is a run of digits and separators, read both ways where both are right.
type run struct {
	vals    [2]float64 // preferred reading first
	both    bool       // vals[1] is the other reading
	integer bool       // vals[0] is written without a decimal part
	frac    bool       // vals[0] is the decimal reading of an ambiguous run
}

// readRun reads digits with their separators. Two different separators: the
// last is the decimal mark. One, repeated: groups of three. One, once, before
// three digits: both are possible, and the language's own mark decides which
// comes first. ok is false for what is no number, such as a version 3.5.1.
func readRun(s string, decimal byte) (n run, ok bool) {
	if plainDigits(s) {
		f, err := strconv.ParseFloat(s, 64)
		return run{vals: [2]float64{f}, integer: true}, err == nil
	}
	var first, last rune
	lastAt, count, kinds := 0, 0, 0
	for i, r := range s {
		if r >= '0' && r <= '9' {
			continue
		}
		if isGroupSpace(r) {
			r = ' '
		}
		if count == 0 {
			first, kinds = r, 1
		} else if r != first {
			kinds = 2
		}
		last, lastAt = r, i
		count++
	}
	_, w := utf8.DecodeRuneInString(s[lastAt:])
	after := len(s) - lastAt - w
	switch {
	case kinds == 2:
		if last == ' ' || !grouped(s[:lastAt]) {
			return n, false
		}
		n.vals[0], ok = parse(s[:lastAt], s[lastAt+w:])
		return n, ok
	case count > 1 || first == ' ':
		if !grouped(s) {
			return n, false
		}
		n.integer = true
		n.vals[0], ok = parse(s, "")
		return n, ok
	case after != 3 || lastAt > 3 || s[0] == '0':
		n.vals[0], ok = parse(s[:lastAt], s[lastAt+w:])
		return n, ok
	}
	whole, ok1 := parse(s, "")
	part, ok2 := parse(s[:lastAt], s[lastAt+w:])
	n.both = true
	n.frac = decimal == byte(last) || decimal == 0 && last == '.'
	if n.frac {
		n.vals = [2]float64{part, whole}
	} else {
		n.vals = [2]float64{whole, part}
		n.integer = true
	}
	return n, ok1 && ok2
}

// grouped: every group after the first has three digits.
func grouped(s string) bool {
	n, groups := 0, 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
			continue
		}
		if n == 0 || n > 3 || (groups > 0 && n != 3) {
			return false
		}
		groups++
		n = 0
	}
	return groups == 0 || n == 3
}

func plainDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func parse(whole, part string) (float64, bool) {
	var b strings.Builder
	for _, r := range whole {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	if part != "" {
		b.WriteByte('.')
		b.WriteString(part)
	}
	f, err := strconv.ParseFloat(b.String(), 64)
	return f, err == nil
}
