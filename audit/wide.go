package audit

// A key result and an objective are judged as part of their cycle at its midnights,
// and by themselves in between, and must be found the same. Of their own surroundings
// everything is loaded either way. From there a rule can go on: to the team's other
// objectives, to whatever else their owners own, and so on through the company. One
// step is loaded as one collection; for a rule that may go further, or counts what the
// cycle has, the whole cycle is.

// wide says whether rules on the kind of subject, reading these facts, may see more of
// the cycle than the surroundings of a row and one step from there.
func wide(on string, touched []string) bool {
	if on != onKeyResult && on != onSource && on != onCheckIn && on != onObjective {
		return false // a team, a person or a cycle is judged with its cycle
	}
	read := make(map[string]bool, len(touched))
	for _, f := range touched {
		read[f] = true
	}
	either := func(facts ...string) bool {
		for _, f := range facts {
			if read[f] {
				return true
			}
		}
		return false
	}
	figures := either("objective.progress", "objective.expected", "objective.gap", "objective.ratio", "objective.coverage",
		"objective.vouched", "objective.vote", "objective.spoken", "objective.status")
	team := either("team.objectives", "team.key_results", "team.checkins", "objective.tied")
	owned := either("owner.key_results")
	switch {
	case either("cycle.open", "cycle.without_rhythm", "objective.parents"):
		return true
	case team && (figures || either("owner.team", "team.people")):
		return true // whose parts or members are not all there
	case owned && (team || figures || either("owner.team", "team.people", "objective.owner", "blocker.owner",
		"key_result.siblings", "objective.key_results", "objective.checkins")):
		return true
	}
	// Whether a rhythm is missing is asked of the cycle only where one is.
	return either("key_result.rhythm_missing") && (team || owned)
}
