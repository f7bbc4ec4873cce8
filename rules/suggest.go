package rules

import (
	"regexp"
	"slices"
	"strings"
)

// nearest finds the candidate that a person most likely meant, or "".
func nearest(name string, candidates []string) string {
	best, bestDist := "", max(len(name)/3, 1)+1
	lower := strings.ToLower(name)
	for _, c := range candidates {
		other := strings.ToLower(c)
		d := distance(lower, other)
		if short := min(len(lower), len(other)); short >= minStem && lower[:short] == other[:short] {
			d = min(d, max(len(name)/3, 1)) // the beginning of the other
		}
		if sameWords(name, c) {
			d = min(d, max(len(name)/3, 1))
		}
		if d < bestDist && d < max(len(name), len(c)) {
			best, bestDist = c, d
		}
	}
	return best
}

// otherWords are what people call a state or a status in other programs.
var otherWords = map[string]string{
	"green": "on_track", "ok": "on_track", "good": "on_track", "healthy": "on_track",
	"amber": "at_risk", "yellow": "at_risk", "orange": "at_risk", "red": "off_track", "critical": "off_track",
	"done": "hit", "achieved": "hit", "completed": "hit", "complete": "hit", "reached": "hit", "met": "hit", "failed": "missed",
	"not_started": "pending", "outdated": "stale", "on_hold": "paused", "halted": "paused",
	"cancelled": "abandoned", "canceled": "abandoned", "dropped": "abandoned", "deferred": "postponed",
	"open": "active", "finished": "closed",
}

// meant is the candidate that other programs call by the name, or "".
func meant(name string, candidates []string) string {
	if w := otherWords[strings.ToLower(name)]; slices.Contains(candidates, w) {
		return w
	}
	return ""
}

// distance is the number of edits (insert, delete, replace, swap neighbours)
// from a to b.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 1 << 10
	}
	x, y := []rune(a), []rune(b)
	before, row, next := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		next[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(y)]
}

// minStem is how long a word is at least that is taken for the beginning of another.
const minStem = 4

func didYouMean(name string, candidates []string) string {
	if n := nearest(name, candidates); n != "" {
		return "did you mean " + n + "?"
	}
	return ""
}

var wordInName = regexp.MustCompile(`[A-Z]?[a-z0-9]+`)

// sameWords says whether all words of a name are in another: hasWord, hasAnyWord.
func sameWords(a, b string) bool {
	of := func(s string) []string {
		words := wordInName.FindAllString(s, -1)
		for i := range words {
			words[i] = strings.ToLower(words[i])
		}
		return words
	}
	x, y := of(a), of(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	return len(x) > 1 && !slices.ContainsFunc(x, func(w string) bool { return !slices.Contains(y, w) })
}

// Nearest is the candidate that a person most likely meant, or "".
func Nearest(name string, candidates []string) string { return nearest(name, candidates) }
