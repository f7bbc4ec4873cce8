package bench

import (
	"regexp"
	"time"
	"unicode/utf8"
)

// byHand is the limit: what a Go programmer would write for these twelve rules
// alone, with the words in sets.
func byHand(krs []*keyResult, how spelling) engine {
	number, vague, task := hasNumber, func(s string) bool { return hasWord(s, vagueSet, false) }, func(s string) bool { return hasWord(s, taskSet, true) }
	if how == byRegex {
		number = regexp.MustCompile(numberPattern).MatchString
		vague = regexp.MustCompile(vaguePattern).MatchString
		task = regexp.MustCompile(taskPattern).MatchString
	}
	return engine{"hand", func(i int) (mask uint16) {
		k := krs[i]
		if k.Owner != nil && k.Owner.Kind == "human" {
			mask |= 1 << 0
		}
		if k.Source != nil && now.Sub(k.Source.Last) <= 168*time.Hour {
			mask |= 1 << 1
		}
		if k.Target != k.Baseline {
			mask |= 1 << 2
		}
		if number(k.Title) {
			mask |= 1 << 3
		}
		if !vague(k.Title) {
			mask |= 1 << 4
		}
		if !task(k.Title) {
			mask |= 1 << 5
		}
		if !k.Due.Before(quarter.Start) && !k.Due.After(quarter.End) {
			mask |= 1 << 6
		}
		if n := len(k.Objective.KeyResults); n >= 1 && n <= 5 {
			mask |= 1 << 7
		}
		if len(k.Objective.Team.Objectives) <= 3 {
			mask |= 1 << 8
		}
		if k.Confidence >= 0 && k.Confidence <= 1 {
			mask |= 1 << 9
		}
		if now.Sub(k.LastCheckIn) <= k.Cadence {
			mask |= 1 << 10
		}
		if n := utf8.RuneCountInString(k.Title); n >= 10 && n <= 140 {
			mask |= 1 << 11
		}
		return mask
	}}
}

func set(words []string) map[string]bool {
	m := map[string]bool{}
	for _, w := range words {
		m[w] = true
	}
	return m
}

var vagueSet, taskSet = set(vagueVerbs), set(taskVerbs)

func inWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// hasWord says whether a word of the text is in the set; with first, whether the
// first one is.
func hasWord(text string, words map[string]bool, first bool) bool {
	var buf [32]byte
	for i := 0; i < len(text); {
		for i < len(text) && !inWord(text[i]) {
			i++
		}
		n := 0
		for ; i < len(text) && inWord(text[i]); i++ {
			c := text[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if n < len(buf) {
				buf[n] = c
				n++
			}
		}
		if words[string(buf[:n])] {
			return true
		}
		if first {
			return false
		}
	}
	return false
}

func hasNumber(text string) bool {
	in := false
	for i := range len(text) {
		if !in && '0' <= text[i] && text[i] <= '9' {
			return true
		}
		in = inWord(text[i])
	}
	return false
}

// scoreByHand is the custom score.
func scoreByHand(k *keyResult) float64 { return (k.Current - k.Baseline) / (k.Target - k.Baseline) }
