package okr

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// OpenFinding is a finding that stands.
type OpenFinding struct {
	Finding
	Owner ID        `json:"owner,omitempty"` // whom it concerns: who owns the subject, or leads the team
	Since time.Time `json:"since,omitzero"`  // UTC instant at which it opened; zero: nobody has been told yet
}

// FindingQuery selects findings of a cycle. Empty fields do not restrict.
type FindingQuery struct {
	Cycle   ID
	Subject Ref
	Rule    string
	Owner   ID   // whom they concern
	Silent  bool // those that are waived or snoozed as well
}

// Findings reads one page of the findings that stand open in a cycle, the gravest
// first: what rules say of it now, and since when it is so. Of drafts, and of what is
// given up or done, nothing is open. It costs one load and one judgement of the
// cycle, however long the page is.
func (v View) Findings(ctx context.Context, q FindingQuery, p Paging) (Page[OpenFinding], error) {
	if err := checkID("cycle", q.Cycle, true); err != nil {
		return Page[OpenFinding]{}, err
	}
	if q.Subject != (Ref{}) {
		if err := checkRef("subject", q.Subject, KindKeyResult, KindObjective, KindTeam, KindCycle, KindOwner, KindTenant); err != nil {
			return Page[OpenFinding]{}, err
		}
	}
	limit, err := p.limit()
	if err != nil {
		return Page[OpenFinding]{}, err
	}
	s, now, err := v.read(ctx, Need{
		Refs: []Ref{{KindCycle, q.Cycle}}, Cycle: q.Cycle,
		Collections: Collections{Standings: true, StandingKinds: []string{standingFinding}},
	})
	if err != nil {
		return Page[OpenFinding]{}, err
	}
	_, verdict, err := v.judge(ctx, s, Intent{Verb: VerbView}, now)
	if err != nil {
		return Page[OpenFinding]{}, err
	}
	var rows []OpenFinding
	for at, keyed := range s.sift(verdict.Findings, q.Cycle) {
		if !s.held(at, q.Cycle) {
			continue
		}
		for key, f := range keyed {
			row := OpenFinding{Finding: f}
			for _, st := range s.StandingsOf(at) {
				if st.Kind == standingFinding && st.Key == key {
					row.Since = st.Since
				}
			}
			fact := FindingFact{Subject: f.Subject}
			s.concerning(&fact, at)
			row.Owner = fact.Owner
			if q.takes(&row) {
				rows = append(rows, row)
			}
		}
	}
	slices.SortFunc(rows, func(a, b OpenFinding) int { return cmp.Compare(a.place(), b.place()) })
	from, found := slices.BinarySearchFunc(rows, p.After, func(f OpenFinding, after string) int { return cmp.Compare(f.place(), after) })
	if found {
		from++
	}
	page := Page[OpenFinding]{Items: rows[from:min(from+limit, len(rows))]}
	if from+limit < len(rows) {
		page.Next = rows[from+limit-1].place()
	}
	return page, nil
}

// place is where the finding stands in lists: after what is graver.
func (f *OpenFinding) place() string {
	gravity := slices.Index([]string{SeverityError, SeverityWarning, SeverityInfo, f.Severity}, f.Severity)
	return fmt.Sprintf("%d %s %s %s", gravity, f.Subject, f.Rule, f.Pack)
}

// takes says whether the finding is open, and asked for.
func (q FindingQuery) takes(f *OpenFinding) bool {
	return (f.Outcome == OutcomeFail || !f.Since.IsZero()) && (q.Silent || !f.silent()) &&
		(q.Subject == (Ref{}) || q.Subject == f.Subject) && (q.Rule == "" || q.Rule == f.Rule || q.Rule == f.Pack+"/"+f.Rule) && (q.Owner == "" || q.Owner == f.Owner)
}

// held says whether an aggregate of the cycle is held to rules.
func (s *Snapshot) held(r Ref, cycle ID) bool {
	switch r.Kind {
	case KindKeyResult:
		k := s.KeyResult(r.ID)
		return k != nil && k.State == Active && k.Cycle == cycle
	case KindObjective:
		o := s.Objective(r.ID)
		return o != nil && o.State == Active && o.Cycle == cycle
	}
	return r.ID == cycle
}
