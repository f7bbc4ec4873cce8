package papers

// Part is a part of a session: a word of the catalogues, and how long it may take.
type Part struct {
	What    string
	Minutes int
}

// The parts of the long sessions, with their minutes where the session takes as long
// as is usual.
var (
	planningParts = []Part{{"look_back", 10}, {"priorities", 20}, {"objectives", 25}, {"key_results", 35}, {"not_doing", 10}, {"dependencies", 10}, {"commit", 10}}
	reviewParts   = []Part{{"facts", 10}, {"hit", 15}, {"missed", 25}, {"learned", 20}, {"next", 15}, {"thanks", 5}}
)

// Planned is how many minutes the session may take.
func (p Planning) Planned() int { return orElse(p.Minutes, sum(planningParts)) }

// Parts are the agenda of the session. Their minutes add up to Planned.
func (p Planning) Parts() []Part { return scaled(planningParts, p.Planned()) }

// AtMost is how many objectives there shall be at most.
func (p Planning) AtMost() int { return orElse(p.Most, 3) }

// Planned is how many minutes the session may take.
func (r Review) Planned() int { return orElse(r.Minutes, sum(reviewParts)) }

// Parts are the agenda of the session. Their minutes add up to Planned.
func (r Review) Parts() []Part { return scaled(reviewParts, r.Planned()) }

func sum(parts []Part) int {
	n := 0
	for _, p := range parts {
		n += p.Minutes
	}
	return n
}

// scaled are the parts of a session that takes so many minutes: each ends at the
// rounded share of those before it, so that nothing is lost.
func scaled(parts []Part, total int) []Part {
	out := make([]Part, len(parts))
	all, before, ended := sum(parts), 0, 0
	for i, p := range parts {
		before += p.Minutes
		end := (before*total + all/2) / all
		out[i] = Part{p.What, end - ended}
		ended = end
	}
	return out
}
