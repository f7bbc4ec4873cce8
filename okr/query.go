package okr

// Query selects key results, or objectives. Empty fields do not restrict. The order
// is by objective rank, those without one last, objective id, key result id.
type Query struct {
	Cycle     ID
	Team      ID // of the objective
	Owner     ID // of the key result
	Objective ID
	State     State
	KPI       ID     // that measures the key result
	Link      string // of one of its initiatives
	Helper    ID     // the person of one of its initiatives
	Private   bool   // of objectives: only those that not everybody may see
	Limit     int    // at most this many; 0 is 100, the most is 1,000
	After     string // cursor of the page before; "" is the beginning
}

// about are the rows that the query names: what the host is asked about when
// somebody reads it.
func (q Query) about() []Ref {
	var out []Ref
	for _, r := range []Ref{{KindCycle, q.Cycle}, {KindTeam, q.Team}, {KindPerson, q.Owner}, {KindPerson, q.Helper}, {KindObjective, q.Objective}, {KindKPI, q.KPI}} {
		if r.ID != "" {
			out = append(out, r)
		}
	}
	return out
}
