package okr

import "context"

// Setting reads a cycle without its figures: its objectives and key results, and the
// people, teams and policy around them, and the people and teams named as well. It is
// what is needed to know what is due when, and of whom. A cycle "" is none.
func (v View) Setting(ctx context.Context, cycle ID, also []Ref) (*Snapshot, error) {
	need := Need{Cycle: cycle}
	if cycle != "" {
		need.Refs = append(need.Refs, Ref{KindCycle, cycle})
	}
	for _, r := range also {
		if err := checkRef("also", r, KindPerson, KindTeam); err != nil {
			return nil, err
		}
		need.Refs = append(need.Refs, r)
	}
	s, _, err := v.read(ctx, need)
	return s, err
}
