package okr

import (
	"slices"

	"github.com/okrkit/okrkit/okr/measure"
)

// StatedScore is how far something came in the end, as people said it: in a plan
// that was graded, in a review. It is shown beside what is computed, and is never
// part of progress, of a rollup or of a status.
type StatedScore struct {
	Value measure.Number `json:"value,omitzero"` // share of the way done: [0,1], above 1 where more was reached
	Text  string         `json:"text,omitempty"` // the words that it was read from
}

// statedScore is what a plan says, nil if it says nothing.
func statedScore(score measure.Number, outcome string) *StatedScore {
	if !score.Known() && outcome == "" {
		return nil
	}
	return &StatedScore{Value: score, Text: outcome}
}

// promises are the changed fields that say what was promised. A stated score says
// what came of it: people write it into a plan that has long begun.
func promises(changed []string) []string {
	return slices.DeleteFunc(slices.Clone(changed), func(f string) bool { return f == "stated_score" })
}

// maxScore bounds a stated score: what is beyond it is no share of the way.
const maxScore = 1000

func checkScore(field string, n measure.Number) error {
	v, ok := n.Value()
	if ok && (!n.Finite() || v < 0 || v > maxScore) {
		return invalid(field, n.String(), "a score is the share of the way done: 0 for nothing, 1 for all of it, above 1 where more was reached")
	}
	return nil
}

// scoreWords keeps the words of a stated score apart.
func scoreWords(s **StatedScore, word func(string, *string)) {
	if *s == nil {
		return
	}
	c := **s
	word("stated_score.text", &c.Text)
	*s = &c
}
