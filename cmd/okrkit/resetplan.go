package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
)

// resetPlan is a revision of the plan with the key results under the ids that they
// have on the worksheet.
type resetPlan struct {
	file     string
	snapshot *okr.Snapshot
	all      []planned // in the order of the file
	matches  []resetMatched
	gone     map[okr.ID]bool   // on the worksheet, and in the plan no more
	perhaps  map[okr.ID]okr.ID // of what has gone: the one that may have taken its place
}

// planned is a key result as this revision of the plan has it.
type planned struct {
	key       okr.ID // objective/key_result
	objective okr.ID
	title     string
	id        okr.ID // on the worksheet, or else the key
}

// How a key result was found again.
const (
	matchedByHand  = "by hand"
	matchedByTitle = "by its title"
	matchedByWords = "by its words"
	matchedAlone   = "the only one left of its objective"
	matchedNone    = "said to be gone" // the plan has it no more
	matchedApart   = "under a key that another one had"
)

// open reads a revision of the plan. What is on the worksheet and cannot be found in
// it again has not gone: it is there as abandoned, for somebody to say why.
func (c resetting) open(a *app, f *resetFile, name string, now time.Time) (*resetPlan, error) {
	in, err := a.read(name)
	if err != nil {
		return nil, err
	}
	plan, err := readPlan(in, c.From)
	if err != nil {
		return nil, err
	}
	n := 0
	s, _, err := plan.Snapshot(func() string { n++; return fmt.Sprintf("%06d", n) }, now)
	if err != nil {
		return nil, placed(in.name, plan, err)
	}
	if len(plan.Unread) > 0 {
		fmt.Fprintf(a.err, "%s: of the plan was not read (%d):\n", in.name, len(plan.Unread))
		for _, u := range plan.Unread {
			fmt.Fprintf(a.err, "  %s:%d: %s (%s)\n", cmp.Or(u.File, in.name), u.Line, shorten(oneLine(u.Text), 60), u.Reason)
		}
	}
	if len(s.Cycles) > 1 {
		return nil, fmt.Errorf("%s: it holds %d cycles: a reset is of one: keep the key results of one cycle in the file", in.name, len(s.Cycles))
	}
	p := &resetPlan{file: in.name, snapshot: s, gone: map[okr.ID]bool{}, perhaps: map[okr.ID]okr.ID{}}
	objectives := map[okr.ID]okr.ID{}
	for _, o := range s.Objectives {
		objectives[o.ID] = okr.ID(o.Key)
	}
	for _, k := range s.KeyResults {
		of := objectives[k.Objective]
		p.all = append(p.all, planned{key: of + "/" + okr.ID(k.Key), objective: of, title: k.Title})
	}
	p.match(f)
	for _, m := range p.matches {
		if !slices.Contains(f.Matched, m) && (m.How == matchedByWords || m.How == matchedAlone) {
			fmt.Fprintf(a.err, "%s is taken to be “%s” now (%s); if it is not, say what is with okrkit reset match %q NEW, or --none\n", m.Was, oneLine(m.Title), m.How, m.Was)
		}
	}
	p.rekey(objectives, f.Reset.Cycle)
	p.setAside(f)
	return p, nil
}

// match finds the key results of the worksheet in this revision: by what somebody
// said, by key, by title, by words they share within their objective, and where only
// one is left on either side. What is left is not guessed.
func (p *resetPlan) match(f *resetFile) {
	taken := map[okr.ID]int{} // by id on the worksheet: index in all
	used := map[int]bool{}
	titles := map[okr.ID]string{}
	take := func(was okr.ID, i int, how string) {
		taken[was], used[i] = i, true
		p.all[i].id = was
		if how != "" {
			p.matches = append(p.matches, resetMatched{Was: was, Is: p.all[i].key, Title: p.all[i].title, How: how})
		}
	}
	for _, r := range f.Reset.Worksheet {
		titles[r.KeyResult] = r.Before.Title
	}
	none := map[okr.ID]bool{}
	for _, m := range f.Matched {
		if m.How == matchedNone {
			none[m.Was] = true
			p.matches = append(p.matches, m)
			continue
		}
		titles[m.Was] = m.Title
		for i, x := range p.all {
			if x.key == m.Is && !used[i] {
				take(m.Was, i, m.How)
			}
		}
	}
	each := func(fits func(r okr.ResetRow, x planned) bool, how string) {
		for _, r := range f.Reset.Worksheet {
			if _, ok := taken[r.KeyResult]; ok || none[r.KeyResult] {
				continue
			}
			for i, x := range p.all {
				if !used[i] && fits(r, x) {
					take(r.KeyResult, i, how)
					break
				}
			}
		}
	}
	each(func(r okr.ResetRow, x planned) bool { return r.KeyResult == x.key }, "")
	each(func(r okr.ResetRow, x planned) bool { return sameTitle(titles[r.KeyResult], x.title) }, matchedByTitle)

	type pair struct {
		was   okr.ID
		i     int
		alike float64
	}
	var pairs []pair
	for _, r := range f.Reset.Worksheet {
		if _, ok := taken[r.KeyResult]; ok || none[r.KeyResult] {
			continue
		}
		for i, x := range p.all {
			if a := alike(titles[r.KeyResult], x.title); !used[i] && x.objective == r.Objective && a >= alikeEnough {
				pairs = append(pairs, pair{r.KeyResult, i, a})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.alike, a.alike) })
	for _, x := range pairs {
		rival := slices.ContainsFunc(pairs, func(y pair) bool {
			_, had := taken[y.was]
			return !had && !used[y.i] && (y.was == x.was) != (y.i == x.i) && math.Abs(y.alike-x.alike) < 1e-9
		})
		if _, ok := taken[x.was]; !ok && !used[x.i] && !rival {
			take(x.was, x.i, matchedByWords)
		}
	}
	// Where one is missing and one is new, it is that one if a word says so.
	missing, fresh := map[okr.ID][]okr.ID{}, map[okr.ID][]int{}
	for _, r := range f.Reset.Worksheet {
		if _, ok := taken[r.KeyResult]; !ok && !none[r.KeyResult] && f.Reset.Aside(r.KeyResult) == nil {
			missing[r.Objective] = append(missing[r.Objective], r.KeyResult)
		}
	}
	for i, x := range p.all {
		if !used[i] {
			fresh[x.objective] = append(fresh[x.objective], i)
		}
	}
	for of, was := range missing {
		if len(was) != 1 || len(fresh[of]) != 1 {
			continue
		}
		if i := fresh[of][0]; alike(titles[was[0]], p.all[i].title) > 0 {
			take(was[0], i, matchedAlone)
		} else {
			p.perhaps[was[0]] = p.all[i].key
		}
	}
	p.apart(f)
	slices.SortFunc(p.matches, func(a, b resetMatched) int { return cmp.Compare(a.Was, b.Was) })
}

// apart gives what is not on the worksheet an id: its key, or one beside it where the
// key is that of another one on the worksheet, or stands there for one that has gone.
func (p *resetPlan) apart(f *resetFile) {
	had := map[okr.ID]bool{}
	for _, r := range f.Reset.Worksheet {
		had[r.KeyResult] = true
	}
	for _, x := range p.all {
		had[x.key] = had[x.key] || x.id == ""
	}
	for i := range p.all {
		x := &p.all[i]
		if x.id != "" {
			continue
		}
		x.id = x.key
		for n := 2; f.Reset.Row(x.id) != nil || x.id != x.key && had[x.id]; n++ {
			x.id = okr.ID(fmt.Sprintf("%s-%d", x.key, n))
		}
		had[x.id] = true
	}
}

// rekey gives the rows of the snapshot the ids of the worksheet. A plan has one cycle,
// whatever a revision calls it.
func (p *resetPlan) rekey(objectives map[okr.ID]okr.ID, cycle okr.ID) {
	s, ids := p.snapshot, map[okr.ID]okr.ID{}
	for i := range s.KeyResults {
		ids[s.KeyResults[i].ID] = p.all[i].id
	}
	cycles := map[okr.ID]okr.ID{}
	for i := range s.Cycles {
		cycles[s.Cycles[i].ID] = cycle
		s.Cycles[i].ID = cycle
	}
	for i := range s.Objectives {
		o := &s.Objectives[i]
		o.ID, o.Cycle = objectives[o.ID], cycles[o.Cycle]
		o.Parents = slices.Clone(o.Parents)
		for j := range o.Parents {
			if id, ok := objectives[o.Parents[j].Objective]; ok {
				o.Parents[j].Objective = id
			}
		}
	}
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		k.ID, k.Objective, k.Cycle = ids[k.ID], objectives[k.Objective], cycles[k.Cycle]
	}
	for i := range s.Readings {
		s.Readings[i].KeyResult = ids[s.Readings[i].KeyResult]
	}
	for i := range s.CheckIns {
		s.CheckIns[i].KeyResult = ids[s.CheckIns[i].KeyResult]
	}
	s.Sort()
}

// setAside marks what was set aside, and brings back what the plan has no more.
func (p *resetPlan) setAside(f *resetFile) {
	s := p.snapshot
	for i := range s.KeyResults {
		if k := &s.KeyResults[i]; f.Reset.Aside(k.ID) != nil {
			k.State = okr.Postponed
		}
	}
	for _, r := range f.Reset.Worksheet {
		if s.KeyResult(r.KeyResult) != nil {
			continue
		}
		p.gone[r.KeyResult] = true
		if s.Objective(r.Objective) == nil {
			s.Objectives = append(s.Objectives, okr.Objective{ID: r.Objective, Key: string(r.Objective), Cycle: s.Cycles[0].ID, Title: string(r.Objective), State: okr.Abandoned})
		}
		s.KeyResults = append(s.KeyResults, okr.KeyResult{
			ID: r.KeyResult, Key: string(r.KeyResult), Objective: r.Objective, Cycle: s.Cycles[0].ID, Title: r.Before.Title, Metric: r.Before.Metric, State: okr.Abandoned,
		})
		s.Sort()
	}
}

// arrange puts an assessment into the order of the file, and says in its words what
// is missing of what has gone.
func (p *resetPlan) arrange(a *okr.Assessment) {
	order := map[okr.ID]int{}
	for i, x := range p.all {
		order[x.id] = i
	}
	place := func(id okr.ID) int {
		if i, ok := order[id]; ok {
			return i
		}
		return len(p.all)
	}
	slices.SortStableFunc(a.Rows, func(x, y okr.ResetStanding) int { return place(x.KeyResult) - place(y.KeyResult) })
	slices.SortStableFunc(a.Missing, func(x, y okr.Missing) int {
		return cmp.Or(cmp.Compare(x.Week, y.Week), place(x.Subject.ID)-place(y.Subject.ID))
	})
	for i := range a.Missing {
		m := &a.Missing[i]
		if p.gone[m.Subject.ID] && m.What == audit.LacksReason {
			m.Message = "it is no longer in the plan, and leaving it out does not mend it"
			m.Remedy = fmt.Sprintf("Say what took its place (okrkit reset match %q %s), or why it was set aside (okrkit reset vouch %q --for aside --reason …).",
				m.Subject.ID, cmp.Or(string(p.perhaps[m.Subject.ID]), "NEW"), m.Subject.ID)
		}
	}
}

// find is the key result of this revision with the key or title.
func (p *resetPlan) find(name string) (planned, error) {
	var found []planned
	for _, x := range p.all {
		if string(x.key) == name || sameTitle(x.title, name) {
			found = append(found, x)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return planned{}, fmt.Errorf("%q: no key result of the plan has that key or title", name)
	}
	return planned{}, fmt.Errorf("%q: %d key results of the plan have that title: use the key, such as %s", name, len(found), found[0].key)
}

func sameTitle(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// alikeEnough is the share of words that two titles must have in common to be of the
// same key result.
const alikeEnough = 0.5

// alike is the share of words that two titles have in common, without numbers and
// short words, of those of the shorter one (overlap coefficient): what is rebuilt
// keeps its subject and gets longer.
func alike(a, b string) float64 {
	x, y := titleWords(a), titleWords(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	common := 0
	for w := range x {
		if y[w] {
			common++
		}
	}
	return float64(common) / float64(min(len(x), len(y)))
}

func titleWords(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len([]rune(w)) > 3 {
			out[w] = true
		}
	}
	return out
}
