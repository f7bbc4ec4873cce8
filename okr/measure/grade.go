package measure

// Grade is what a score is called at the end.
type Grade string

// The grades. An aspirational key result is red, yellow or green; a committed one
// passes or fails: "you either did it or you didn't".
const (
	GradeUnknown Grade = ""
	GradeRed     Grade = "red"    // [0, 0.4)
	GradeYellow  Grade = "yellow" // [0.4, 0.7)
	GradeGreen   Grade = "green"  // [0.7, 1]
	GradePassed  Grade = "passed" // committed, and 1.0
	GradeFailed  Grade = "failed" // committed, and less: it asks for an explanation
)

// The bands of grades are half open, so that no score falls between the 0.3 and
// the 0.4 of the printed ones (Doerr, Measure What Matters).
const (
	yellowFrom = 0.4
	greenFrom  = 0.7
)

// GradeOf is the grade of a score in [0,1]; GradeUnknown for an unknown score, and
// for one outside of its bounds. A committed key result passes at 1 and at nothing
// less.
func GradeOf(score Number, committed bool) Grade {
	s, ok := score.Value()
	switch {
	case !ok || !(s >= 0 && s <= 1):
		return GradeUnknown
	case committed && s == 1:
		return GradePassed
	case committed:
		return GradeFailed
	case s >= greenFrom-slack:
		return GradeGreen
	case s >= yellowFrom-slack:
		return GradeYellow
	}
	return GradeRed
}

// Suggested is the score that the result suggests: its progress. People may decide
// otherwise, with a reason; the suggestion is frozen when the cycle closes. What is
// pre-scored reaches its target at 0.7.
func (r Result) Suggested() Number { return r.Progress }
