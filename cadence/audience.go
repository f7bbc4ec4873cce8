package cadence

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// audience turns what happened into what each person is to be told.
type audience struct {
	tenant okr.TenantID
	lead   func(ctx context.Context, team okr.ID) (okr.ID, error)
	zone   func(cycle okr.ID) *time.Location
	link   func(okr.TenantID, okr.Ref) string
	people map[okr.ID]map[itemKey]*Item
	found  []okr.Finding // what rules say now, for the words of findings
	said   map[said]string
}

// itemKey is what belongs into one item.
type itemKey struct {
	about      string
	keyResult  okr.ID
	occurrence string
}

// messages are in the order of the people's ids.
func (a *audience) messages(ctx context.Context, events []okr.Event) ([]Message, error) {
	a.people = map[okr.ID]map[itemKey]*Item{}
	for _, e := range events {
		if err := a.hear(ctx, e); err != nil {
			return nil, err
		}
	}
	var out []Message
	for who, items := range a.people {
		m := Message{Tenant: a.tenant, To: who}
		for _, key := range slices.SortedFunc(maps.Keys(items), func(x, y itemKey) int {
			return cmp.Or(cmp.Compare(x.about, y.about), cmp.Compare(x.keyResult, y.keyResult), cmp.Compare(x.occurrence, y.occurrence))
		}) {
			i := items[key]
			slices.SortFunc(i.Missed, time.Time.Compare)
			m.Items = append(m.Items, *i)
		}
		slices.SortStableFunc(m.Items, func(x, y Item) int {
			return cmp.Or(
				cmp.Compare(pressing[x.Kind], pressing[y.Kind]),
				cmp.Compare(x.KeyResult.Objective, y.KeyResult.Objective),
				cmp.Compare(x.KeyResult.KeyResult, y.KeyResult.KeyResult),
				x.Due.Compare(y.Due),
			)
		})
		m.Kind = m.Items[0].Kind
		out = append(out, m)
	}
	slices.SortFunc(out, func(x, y Message) int { return cmp.Compare(x.To, y.To) })
	return out, nil
}

// hear notes who is to hear of the event. Events that concern nobody, or that
// this version does not know, are passed over.
func (a *audience) hear(ctx context.Context, e okr.Event) error {
	payload, err := e.Payload()
	if err != nil {
		return err
	}
	switch p := payload.(type) {
	case *okr.OccurrenceFact:
		a.occurrence(e, p)
	case *okr.BlockerFact:
		who := cmp.Or(p.BlockedBy, p.Owner)
		if e.Type == okr.EventBlockerOpened && e.Actor != okr.Someone(who) {
			i := a.item(who, KindBlocker, p.KeyResultFact, "", e)
			i.Blockers = append(i.Blockers, p.BlockerKind)
		}
	case *okr.StatusChanged:
		if p.To == measure.AtRisk || p.To == measure.OffTrack {
			i := a.item(p.Owner, KindStatus, p.KeyResultFact, "", e)
			i.Was, i.Status, i.Progress, i.Expected = p.From, p.To, p.Progress, p.Expected
		}
	case *okr.ForecastMissed:
		i := a.item(p.Owner, KindForecast, p.KeyResultFact, "", e)
		i.On, i.Unit, i.Low, i.High = p.On, p.Unit, p.Low, p.High
	case *okr.FindingFact:
		a.finding(e, p)
	case *okr.KeyResultFact:
		if e.Type != okr.EventOwnerLeft || p.Team == "" {
			return nil
		}
		who, err := a.lead(ctx, p.Team)
		if err != nil {
			return err
		}
		a.item(who, KindOwnerLeft, *p, "", e)
	}
	return nil
}

// occurrence gathers the unanswered ones of a key result in one item, so that a
// person hears once of a long silence.
func (a *audience) occurrence(e okr.Event, p *okr.OccurrenceFact) {
	due := p.Due.In(a.zone(p.Cycle))
	if e.Type == okr.EventCheckInDue {
		a.item(p.Owner, KindDue, p.KeyResultFact, p.Occurrence, e).Due = due
		return
	}
	i := a.item(p.Owner, KindMissed, p.KeyResultFact, "", e)
	if e.Type == okr.EventCheckInOverdue {
		i.Kind, i.Due = KindOverdue, due
	} else {
		i.Missed = append(i.Missed, due)
	}
	i.Days = max(i.Days, p.OverdueDays)
}

// finding tells of one that opened or returned, unless somebody answers for it or
// has put it off, or it is only a hint.
func (a *audience) finding(e okr.Event, p *okr.FindingFact) {
	if e.Type == okr.EventFindingResolved || p.Silent() || p.Severity == okr.SeverityInfo {
		return
	}
	about := okr.KeyResultFact{Title: p.Title, Cycle: p.Cycle, Team: p.Team, Owner: p.Owner, Private: p.Private}
	switch p.Subject.Kind {
	case okr.KindKeyResult:
		about.KeyResult = p.Subject.ID
	case okr.KindObjective:
		about.Objective = p.Subject.ID
	}
	i := a.item(p.Owner, KindFinding, about, string(p.Subject.Kind)+" "+string(p.Subject.ID), e)
	i.Findings = append(i.Findings, a.words(p))
}

// said is what a rule of a pack says, by the subject's id; of a check-in, by the title
// of its key result.
type said struct{ pack, rule, about string }

// words are what the rule says of the subject, or else the rule's name. What it says
// of a check-in or a source it says of the key result.
func (a *audience) words(p *okr.FindingFact) string {
	if a.said == nil {
		a.said = make(map[said]string, len(a.found))
		for _, f := range a.found {
			about := said{f.Pack, f.Rule, string(f.Subject.ID)}
			if f.Subject.Kind == okr.KindCheckIn {
				about.about = f.Title
			}
			if _, first := a.said[about]; !first && f.Message != "" {
				a.said[about] = f.Message
			}
		}
	}
	return cmp.Or(a.said[said{p.Pack, p.Rule, string(p.Subject.ID)}], a.said[said{p.Pack, p.Rule, p.Title}], p.Rule)
}

// item is the person's item about the key result, begun if there is none. Where
// there is nobody to tell, it belongs to nobody.
func (a *audience) item(who okr.ID, kind string, k okr.KeyResultFact, occurrence string, e okr.Event) *Item {
	key := itemKey{kind, k.KeyResult, occurrence}
	i := a.people[who][key]
	if i == nil {
		i = &Item{Kind: kind, KeyResult: k}
		if a.link != nil && k.KeyResult != "" {
			i.Link = a.link(a.tenant, okr.Ref{Kind: okr.KindKeyResult, ID: k.KeyResult})
		}
		if who != "" {
			if a.people[who] == nil {
				a.people[who] = map[itemKey]*Item{}
			}
			a.people[who][key] = i
		}
	}
	i.KeyResult = k
	i.Events = append(i.Events, e)
	return i
}
