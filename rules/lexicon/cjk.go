package lexicon

import (
	"strings"
	"unicode/utf8"
)

// Chinese and Japanese write the words around a number without spaces. The few
// that say from, to, at least or below are read, so that two numbers are not
// taken for one another; the sentence's other words are not judged.
var cjkCues = []struct {
	suffix string
	cue    class
	bound  Bound
}{
	{"不低于", 0, AtLeast}, {"不少于", 0, AtLeast}, {"至少", 0, AtLeast}, {"以上", 0, AtLeast},
	{"不超过", 0, AtMost}, {"不高于", 0, AtMost}, {"最多", 0, AtMost}, {"至多", 0, AtMost},
	{"超过", 0, Above}, {"高于", 0, Above}, {"大于", 0, Above}, {"多于", 0, Above}, {"突破", 0, Above},
	{"低于", 0, Below}, {"少于", 0, Below}, {"小于", 0, Below}, {"不到", 0, Below},
	{"到", cTo, ""}, {"至", cTo, ""}, {"为", cTo, ""}, {"達", cTo, ""}, {"达", cTo, ""},
	{"从", cFrom, ""}, {"由", cFrom, ""}, {"從", cFrom, ""}, {"自", cFrom, ""},
}

// cjkCue reads what the run of characters before a value says of it.
func (r *reader) cjkCue(v *Value, i int) {
	w := r.str(i)
	for _, c := range cjkCues {
		if !strings.HasSuffix(w, c.suffix) {
			continue
		}
		v.cueAt = i
		if c.bound != "" {
			v.Bound = c.bound
		} else {
			v.cue = setOf(c.cue)
		}
		return
	}
}

// cjkMetric takes the words that lead to the number off the metric's name.
func cjkMetric(s string) string {
	for again := true; again; {
		again = false
		for _, c := range cjkCues {
			s, again = cutSuffix(s, c.suffix, again)
		}
		for _, verb := range []string{"提升", "提高", "降低", "增长", "减少", "下降", "增加", "を", "は"} {
			s, again = cutSuffix(s, verb, again)
		}
	}
	return s
}

func cutSuffix(s, suffix string, was bool) (string, bool) {
	if t, ok := strings.CutSuffix(s, suffix); ok && t != "" {
		return t, true
	}
	return s, was
}

// cjkUnit is the measure word after a number: its characters up to what
// introduces the next number.
func (r *reader) cjkUnit(v *Value, i int) {
	w := r.str(i)
	if c, n := utf8.DecodeRuneInString(w); cjkMagnitudes[c] != 0 {
		w = w[n:]
	}
	for _, c := range cjkCues {
		if at := strings.Index(w, c.suffix); at >= 0 {
			w = w[:at]
		}
	}
	for _, more := range []string{"以上", "以下", "提升", "提高", "增", "降"} {
		if at := strings.Index(w, more); at >= 0 {
			w = w[:at]
		}
	}
	if n := utf8.RuneCountInString(w); n >= 1 && n <= 2 {
		v.Unit = w
	}
	if strings.HasPrefix(r.str(i), "以上") && v.Bound == Exactly {
		v.Bound = AtLeast
	}
	if strings.HasPrefix(r.str(i), "以下") && v.Bound == Exactly {
		v.Bound = AtMost
	}
}
