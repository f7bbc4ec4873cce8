package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// Input is what a report is made of.
type Input struct {
	Snapshot *okr.Snapshot
	// Now is the UTC instant of the report.
	Now time.Time
	// At says where each objective and key result stands in its file; it may be
	// nil.
	At map[okr.Ref]okr.Position
	// Unread is what a reader of files could not use.
	Unread []okr.Unread
	// Explain asks for how every figure came about.
	Explain bool
}

// Report is what an audit finds. Its JSON names are a contract.
type Report struct {
	Summary   Summary   `json:"summary"`
	Findings  []Finding `json:"findings"`  // by place in the file, then gravest first
	Worksheet []Row     `json:"worksheet"` // a row for each key result
	Unread    []Unread  `json:"unread"`
	Packs     []PackRef `json:"packs"` // the rules that judged
	At        time.Time `json:"at"`    // UTC instant

	Explanations []Explained `json:"explanations,omitempty"` // how the figures came about, if that was asked for
}

// Summary counts.
type Summary struct {
	Objectives int `json:"objectives"`
	KeyResults int `json:"key_results"`
	Ready      int `json:"ready"`            // key results with nothing to mend
	Weak       int `json:"weak"`             // key results with warnings
	NotReady   int `json:"not_ready"`        // key results with errors, or with a gate that could not be decided
	Errors     int `json:"errors"`           // findings
	Warnings   int `json:"warnings"`         // findings
	Infos      int `json:"infos"`            // findings
	Unknown    int `json:"unknown"`          // findings of rules that could not decide
	Broken     int `json:"broken"`           // findings of rules that are broken themselves
	Waived     int `json:"waived,omitempty"` // findings that somebody answers for, counted nowhere else
	Unread     int `json:"unread"`           // lines of the files
}

// Finding is a finding with its place.
type Finding struct {
	Rule     string         `json:"rule"`
	Pack     string         `json:"pack"`
	Version  string         `json:"version"`
	Severity string         `json:"severity"` // error, warning, info
	Outcome  string         `json:"outcome"`  // fail, unknown, error
	Gate     bool           `json:"gate,omitempty"`
	Subject  Subject        `json:"subject"`
	Cycle    string         `json:"cycle,omitempty"` // of a team or a person: the cycle's id
	Message  string         `json:"message"`
	Fix      string         `json:"fix"`
	Help     string         `json:"help,omitempty"`
	Evidence []okr.Evidence `json:"evidence"`
	Unknown  []string       `json:"unknown,omitempty"`
	Trace    *rules.Trace   `json:"trace,omitempty"`  // what the rule read, if that was asked for
	Waived   *Waived        `json:"waived,omitempty"` // nil: it counts
}

// Waived says who answers for a finding that is let be.
type Waived struct {
	By    string     `json:"by"`              // a person's name, or id where the name is not known
	Until *time.Time `json:"until,omitempty"` // UTC instant from which it counts again; nil is until its cycle is closed
}

// Subject is what a finding is about.
type Subject struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Title string `json:"title"`
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"` // from 1

	Private bool `json:"private,omitempty"` // of a private objective: its words are withheld
}

// Unread is a line that nothing could be made of.
type Unread struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// PackRef names a pack and its very text.
type PackRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"` // hex SHA-256 of the text
}

// Failed says whether anything was found at error level.
func (r Report) Failed() bool { return r.Summary.Errors > 0 }

// MarshalJSON writes empty lists as [], which is easier on readers than null.
func (r Report) MarshalJSON() ([]byte, error) {
	type plain Report
	p := plain(r)
	p.Findings = orEmpty(p.Findings)
	p.Worksheet = orEmpty(p.Worksheet)
	p.Unread = orEmpty(p.Unread)
	p.Packs = orEmpty(p.Packs)
	return json.Marshal(p)
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Report audits a whole snapshot by the packs in force in it, or by the host's
// own where none is. The same input gives the same report, whatever the order of
// its rows. Errors are those of [Judge.Judge].
func (j *Judge) Report(ctx context.Context, in Input) (Report, error) {
	s := in.Snapshot.Clone()
	s.Sort()
	j.people(s)
	r, _, err := j.report(ctx, in, s)
	return r, err
}

// reported is what a report was made of.
type reported struct {
	at       *places
	findings map[okr.ID][]Finding // by key result
}

// report audits a snapshot that is the report's own.
func (j *Judge) report(ctx context.Context, in Input, s *okr.Snapshot) (Report, reported, error) {
	if len(s.Packs) == 0 {
		s.Packs = j.Starter()
	}
	measured := s.Measure(in.Now)
	v, err := j.Judge(ctx, okr.Proposal{
		Intent: okr.Intent{Verb: okr.VerbView}, Before: s, After: s, Measured: measured, Now: in.Now,
	})
	if err != nil {
		return Report{}, reported{}, err
	}
	v.Decide(measured, s, in.Now)
	v.Waive(s, in.Now)
	p := &places{at: in.At, w: see(s, measured, in.Now, &j.zones)}
	r := Report{At: in.Now.UTC()}
	byKeyResult := map[okr.ID][]Finding{}
	for _, f := range v.Findings {
		found := Finding{
			Rule: f.Rule, Pack: f.Pack, Version: f.Version, Severity: f.Severity, Outcome: f.Outcome, Gate: f.Gate,
			Subject: p.subject(f), Cycle: string(f.Cycle), Message: f.Message, Fix: f.Fix, Help: f.Help, Evidence: orEmpty(f.Evidence), Unknown: f.Unknown,
		}
		if by := f.Waived; by != nil {
			found.Waived = &Waived{By: string(by.Owner), Until: by.Until}
			if who := s.Person(by.Owner); who != nil {
				found.Waived.By = who.Name
			}
		}
		r.Findings = append(r.Findings, found)
		if id, ok := p.keyResult(f.Subject); ok {
			byKeyResult[id] = append(byKeyResult[id], found)
		}
	}
	slices.SortFunc(r.Findings, compareFound)
	for _, k := range p.w.keyResults {
		if k.row.State == okr.Abandoned {
			continue
		}
		own := byKeyResult[k.row.ID]
		slices.SortFunc(own, compareFound)
		row := j.row(k, own, p)
		row.Figures = figuresOf(k, len(s.CheckInsOf(k.row.ID)))
		if score, ok := v.Scores[k.row.ID]; ok {
			row.Figures.Score = score.Score
		}
		r.Worksheet = append(r.Worksheet, row)
	}
	if in.Explain {
		if err := j.explainAll(ctx, &r, in, s, measured, p); err != nil {
			return Report{}, reported{}, err
		}
	}
	slices.SortFunc(r.Worksheet, compareRows)
	for _, u := range in.Unread {
		r.Unread = append(r.Unread, Unread{File: u.File, Line: u.Line, Text: u.Text, Reason: u.Reason})
	}
	slices.SortFunc(r.Unread, func(a, b Unread) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text), cmp.Compare(a.Reason, b.Reason))
	})
	for _, pk := range s.Packs {
		r.Packs = append(r.Packs, PackRef{pk.Name, pk.Version, bareDigest(pk.Digest)})
	}
	r.Summary = summarize(r, len(s.Objectives))
	return r, reported{p, byKeyResult}, nil
}

// people gives a plan that comes without a directory one of its own: whoever it
// names in the place of an owner, if that reads as one person. So limits for each
// owner hold in a file as well.
func (j *Judge) people(s *okr.Snapshot) {
	if len(s.People) > 0 {
		return
	}
	named := map[okr.ID]bool{}
	for i := range s.KeyResults {
		k := &s.KeyResults[i]
		if k.Owner != "" || j.words.owner(k.OwnerText) != readsAsPerson {
			continue
		}
		k.Owner = okr.ID(k.OwnerText)
		if !named[k.Owner] {
			named[k.Owner] = true
			s.People = append(s.People, okr.Person{ID: k.Owner, Name: k.OwnerText, Kind: okr.Human})
		}
	}
	s.Sort()
}

func summarize(r Report, objectives int) Summary {
	s := Summary{Objectives: objectives, KeyResults: len(r.Worksheet), Unread: len(r.Unread)}
	for _, f := range r.Findings {
		switch {
		case f.Waived != nil:
			s.Waived++
		case f.Outcome == okr.OutcomeError:
			s.Broken++
		case f.Outcome == okr.OutcomeUnknown:
			s.Unknown++
		case f.Severity == okr.SeverityError:
			s.Errors++
		case f.Severity == okr.SeverityWarning:
			s.Warnings++
		default:
			s.Infos++
		}
	}
	for _, row := range r.Worksheet {
		switch row.Verdict {
		case VerdictReady:
			s.Ready++
		case VerdictWeak:
			s.Weak++
		default:
			s.NotReady++
		}
	}
	return s
}

// compareFound orders by place, what has none last; then gravest first.
func compareFound(a, b Finding) int {
	return cmp.Or(comparePlaces(a.Subject, b.Subject), cmp.Compare(outcomeRank[a.Outcome], outcomeRank[b.Outcome]),
		cmp.Compare(severityRank[a.Severity], severityRank[b.Severity]),
		cmp.Compare(a.Pack, b.Pack), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Cycle, b.Cycle), cmp.Compare(a.Message, b.Message))
}

var outcomeRank = map[string]int{okr.OutcomeFail: 0, okr.OutcomeUnknown: 1, okr.OutcomeError: 2}

func comparePlaces(a, b Subject) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(lineOrLast(a.Line), lineOrLast(b.Line)),
		cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
}

func lineOrLast(line int) int {
	if line == 0 {
		return int(^uint(0) >> 1)
	}
	return line
}

// kindRank puts what stands higher first.
func kindRank(kind string) int {
	return slices.Index([]string{
		string(okr.KindTenant), string(okr.KindCycle), string(okr.KindTeam), string(okr.KindObjective), string(okr.KindKeyResult),
		string(okr.KindSource), string(okr.KindCheckIn), string(okr.KindOwner),
	}, kind)
}

// places knows where subjects stand.
type places struct {
	at map[okr.Ref]okr.Position
	w  *world
}

// keyResult is the key result that a subject belongs to.
func (p *places) keyResult(r okr.Ref) (okr.ID, bool) {
	switch r.Kind {
	case okr.KindKeyResult, okr.KindSource:
		return r.ID, true
	case okr.KindCheckIn:
		for i := range p.w.snap.CheckIns {
			if c := &p.w.snap.CheckIns[i]; c.ID == r.ID {
				return c.KeyResult, true
			}
		}
	}
	return "", false
}

func (p *places) subject(f okr.Finding) Subject {
	at := p.of(f.Subject)
	return Subject{Kind: string(f.Subject.Kind), ID: string(f.Subject.ID), Title: f.Title, File: at.File, Line: at.Line}
}

// of is where a subject stands: its own line, or the first line of what it has
// taken on.
func (p *places) of(r okr.Ref) okr.Position {
	if at, ok := p.at[r]; ok {
		return at
	}
	if id, ok := p.keyResult(r); ok {
		return p.at[okr.Ref{Kind: okr.KindKeyResult, ID: id}]
	}
	var best okr.Position
	first := func(ref okr.Ref) {
		at, ok := p.at[ref]
		if ok && (best == (okr.Position{}) || cmp.Or(cmp.Compare(at.File, best.File), cmp.Compare(at.Line, best.Line)) < 0) {
			best = at
		}
	}
	switch r.Kind {
	case okr.KindTeam:
		for _, o := range p.w.objectives {
			if o.row.Team == r.ID {
				first(okr.Ref{Kind: okr.KindObjective, ID: o.row.ID})
			}
		}
	case okr.KindOwner:
		for _, k := range p.w.keyResults {
			if k.row.Owner == r.ID {
				first(okr.Ref{Kind: okr.KindKeyResult, ID: k.row.ID})
			}
		}
	case okr.KindCycle:
		for _, o := range p.w.objectives {
			if o.row.Cycle == r.ID {
				first(okr.Ref{Kind: okr.KindObjective, ID: o.row.ID})
			}
		}
		best.Line = 0
	}
	return best
}
