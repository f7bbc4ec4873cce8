package planfile

import (
	"fmt"
	"strings"
)

// otherNames are what people and other tools call the fields of the own format.
var otherNames = map[string]string{
	"kr": "key_results", "krs": "key_results", "keyresults": "key_results", "keyresult": "key_results", "results": "key_results",
	"objective": "title", "name": "title", "text": "title", "description": "definition", "desc": "definition",
	"start": "baseline", "from": "baseline", "initial": "baseline", "startvalue": "baseline",
	"goal": "target", "to": "target", "end": "end", "targetvalue": "target",
	"value": "current", "actual": "current", "currentvalue": "current",
	"lead": "owner", "assignee": "owner", "responsible": "owner", "dri": "owner",
	"deadline": "due", "duedate": "due", "date": "due",
	"datasource": "source", "tasks": "initiatives", "actions": "initiatives", "todos": "initiatives",
	"type": "kind", "quarter": "cycle", "period": "cycle", "okrs": "objectives", "goals": "objectives",
	"checkin": "checkins", "check_ins": "checkins", "updates": "checkins", "history": "checkins", "schedule": "cadence", "why": "rationale", "day": "weekday", "time": "at", "timezone": "zone", "mail": "email",
}

// nearestHint says which of the names was probably meant.
func nearestHint(got string, names []string) string {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(got))
	if meant := otherNames[plain]; meant != "" && oneOf(meant, names) {
		return fmt.Sprintf("did you mean %s?", meant)
	}
	if best := nearest(got, names); best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return "use one of " + strings.Join(names, ", ")
}

// nearest is the name that needs the fewest edits, "" if none is near.
func nearest(got string, names []string) string {
	got = strings.ToLower(clip(got))
	best, least := "", max(1, len(got)/3)+1
	for _, n := range names {
		if d := edits(got, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// edits counts insertions, deletions, substitutions and swaps of neighbours
// that turn a into b (optimal string alignment).
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range y {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
