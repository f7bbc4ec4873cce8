package cadence

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// audience knows whom an event concerns, and puts together what one person is told.
type audience struct {
	tenant okr.TenantID
	lead   func(ctx context.Context, team, not okr.ID) (okr.ID, error) // or who leads the nearest team above it
	name   func(ctx context.Context, person okr.ID) (string, error)    // "" is not known
	zone   func(cycle okr.ID) *time.Location
	link   func(okr.TenantID, okr.Ref) string
}

// concern leaves each event waiting for whoever is to hear of it. Events that concern
// nobody, or that this version does not know, are passed over.
func (a *audience) concern(ctx context.Context, events []okr.Event, found []okr.Finding) ([]okr.Waiting, error) {
	var out []okr.Waiting
	var rules map[said]string
	for _, e := range events {
		payload, err := e.Payload()
		if err != nil {
			return nil, err
		}
		who, err := a.hears(ctx, e, payload)
		if err != nil {
			return nil, err
		}
		if len(who) == 0 {
			continue
		}
		x := okr.Waiting{Event: e}
		if p, ok := payload.(*okr.FindingFact); ok {
			if rules == nil {
				rules = words(found)
			}
			x.Words = cmp.Or(rules[said{p.Pack, p.Rule, p.Subject, p.Cycle}], rules[said{p.Pack, p.Rule, p.Subject, ""}])
		}
		for _, x.Person = range who {
			out = append(out, x)
		}
	}
	return out, nil
}

// hears are the people whom the event concerns.
func (a *audience) hears(ctx context.Context, e okr.Event, payload any) ([]okr.ID, error) {
	switch p := payload.(type) {
	case *okr.SessionDueFact:
		return p.To, nil
	case *okr.ResetFact:
		if e.Type == okr.EventResetWeekOpened {
			return p.Concerns, nil
		}
		return nil, nil
	case *okr.StatusChanged:
		return p.Concerns(), nil
	case news:
		return p.Hears(e.Actor), nil
	}
	who, err := a.hearer(ctx, e, payload)
	if who == "" || err != nil {
		return nil, err
	}
	return []okr.ID{who}, nil
}

// hearer is whom an event concerns because something is theirs, be it by now: they are
// told in the place of whoever it was before. It is "" if nobody is.
func (a *audience) hearer(ctx context.Context, e okr.Event, payload any) (okr.ID, error) {
	switch p := payload.(type) {
	case *okr.OccurrenceFact:
		// Who was excused, or need not be asked, hears nothing.
		if e.Type != okr.EventCheckInExcused && e.Type != okr.EventCheckInSkipped {
			return cmp.Or(p.To, p.Owner), nil
		}
	case *okr.AcknowledgedFact:
		return p.Author, nil
	case *okr.BlockerFact:
		if who := cmp.Or(p.BlockedBy, p.Owner); e.Type == okr.EventBlockerOpened && e.Actor != okr.Someone(who) {
			return who, nil
		}
	case *okr.StatusChanged:
		// Who owns it by now and owns the objective hears of it as they do.
		if who := p.Concerns(); slices.Contains(who, p.Owner) && (p.To == measure.AtRisk || p.Owner != p.ObjectiveOwner) {
			return p.Owner, nil
		}
	case *okr.ForecastMissed:
		return p.Owner, nil
	case *okr.FindingFact:
		// One that opened or returned, unless somebody answers for it or has put it off,
		// or it is only a hint.
		if e.Type != okr.EventFindingResolved && !p.Silent() && p.Severity != okr.SeverityInfo {
			return p.Owner, nil
		}
	case *okr.KeyResultFact:
		if e.Type == okr.EventOwnerLeft && p.Team != "" {
			return a.lead(ctx, p.Team, p.Owner)
		}
	case *okr.CommentFact:
		if p.Owner != p.Answers && e.Actor != okr.Someone(p.Owner) {
			return p.Owner, nil
		}
	case *okr.DecisionFact:
		if p.Whose != p.Owner && e.Actor != okr.Someone(p.Whose) {
			return p.Whose, nil
		}
	}
	return "", nil
}

// instead is who is to hear what somebody who has left can be told no more, "" if it is
// nobody.
func (a *audience) instead(ctx context.Context, x okr.Waiting) (okr.ID, error) {
	if x.Moot != okr.MootLeft {
		return "", nil
	}
	payload, err := x.Event.Payload()
	if err != nil {
		return "", err
	}
	if p, ok := payload.(*okr.StatusChanged); ok && x.Person == p.ObjectiveOwner {
		return "", nil // its owner hears of it as it is
	}
	who, err := a.hearer(ctx, x.Event, payload)
	if who == x.Person {
		who = ""
	}
	return who, err
}

// said is what a rule of a pack says of something, as a cycle sees it.
type said struct {
	pack, rule string
	about      okr.Ref
	cycle      okr.ID
}

// words are what the rules say of what they are about: what they say of a check-in or a
// source they say of the key result.
func words(found []okr.Finding) map[said]string {
	out := make(map[said]string, len(found))
	for i := range found {
		f := &found[i]
		about := said{f.Pack, f.Rule, f.About(), f.Cycle}
		if _, first := out[about]; !first && f.Message != "" {
			out[about] = f.Message
		}
	}
	return out
}

// telling is one message in the making.
type telling struct {
	*audience
	ctx   context.Context
	who   okr.ID // the person
	at    time.Time
	to    *time.Location // the person's; nil is the cycle's
	items map[itemKey]*Item
	order []itemKey
	came  map[okr.ID]map[string]string // what was last announced of each occurrence of a key result
}

// itemKey is what belongs into one item.
type itemKey struct {
	about      string
	keyResult  okr.ID
	occurrence string
}

// message is everything that waits for one person. It has no items if nothing of it can
// be told.
func (a *audience) message(ctx context.Context, d okr.Delivery) (Message, error) {
	t := telling{audience: a, ctx: ctx, who: d.To, at: d.At, items: map[itemKey]*Item{}, came: map[okr.ID]map[string]string{}}
	if d.Zone != "" {
		if loc, err := time.LoadLocation(d.Zone); err == nil {
			t.to = loc
		}
	}
	m := Message{Tenant: a.tenant, To: d.To, Language: d.Language}
	for _, x := range d.Waiting {
		if p, ok := payloadOf(x.Event).(*okr.OccurrenceFact); ok && x.Event.Type != okr.EventCheckInEscalated {
			if t.came[p.KeyResult] == nil {
				t.came[p.KeyResult] = map[string]string{}
			}
			t.came[p.KeyResult][p.Occurrence] = x.Event.Type
		}
	}
	for _, x := range d.Waiting {
		if err := t.hear(x); err != nil {
			return m, err
		}
	}
	slices.SortStableFunc(t.order, func(x, y itemKey) int {
		return cmp.Or(cmp.Compare(x.about, y.about), cmp.Compare(x.keyResult, y.keyResult), cmp.Compare(x.occurrence, y.occurrence))
	})
	for _, key := range t.order {
		i := t.items[key]
		if !i.told(d.To) {
			continue
		}
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
	if len(m.Items) > 0 {
		m.Kind = m.Items[0].Kind
	}
	return m, nil
}

// hear takes up an event.
func (t *telling) hear(x okr.Waiting) error {
	e := x.Event
	payload, err := e.Payload()
	if err != nil {
		return err
	}
	switch p := payload.(type) {
	case *okr.OccurrenceFact:
		return t.occurrence(e, p)
	case *okr.SessionDueFact:
		about := okr.KeyResultFact{Cycle: p.Cycle, Team: p.Team, Title: p.CycleName}
		i := t.item(KindSession, about, p.Session+" "+p.Occurrence, e)
		i.Session, i.Due, i.Minutes = p.Session, p.Starts.In(t.in(p.Cycle)), p.Minutes
	case *okr.AcknowledgedFact:
		return t.by(t.item(KindAcknowledged, p.KeyResultFact, "", e), okr.Someone(p.By))
	case *okr.BlockerFact:
		i := t.item(KindBlocker, p.KeyResultFact, "", e)
		i.Blockers = append(i.Blockers, p.BlockerKind)
	case *okr.StatusChanged:
		i := t.item(KindStatus, p.KeyResultFact, "", e) // all that it went through while it waited is one change
		if len(i.Events) == 1 {
			i.Was = p.From
		}
		i.Status, i.Progress, i.Expected = p.To, p.Progress, p.Expected
		if t.who != p.Owner {
			var err error
			i.Owner, err = t.name(t.ctx, p.Owner)
			return err
		}
	case *okr.ForecastMissed:
		i := t.item(KindForecast, p.KeyResultFact, "", e)
		i.On, i.Unit, i.Low, i.High = p.On, p.Unit, p.Low, p.High
	case *okr.FindingFact:
		t.finding(e, p, x.Words)
	case *okr.ResetFact:
		t.reset(e, p)
	case *okr.KeyResultFact:
		if e.Type == okr.EventOwnerLeft {
			t.item(KindOwnerLeft, *p, "", e)
		}
	case news:
		return t.news(e, p)
	}
	return nil
}

func payloadOf(e okr.Event) any {
	p, _ := e.Payload()
	return p
}

// occurrence gathers the unanswered ones of a key result in one item, so that a
// person hears once of a long silence. Of each it tells what it has come to by now.
func (t *telling) occurrence(e okr.Event, p *okr.OccurrenceFact) (err error) {
	due := p.Due.In(t.in(p.Cycle))
	if e.Type == okr.EventCheckInEscalated {
		i := t.item(KindEscalated, p.KeyResultFact, "", e)
		i.Due, i.Days = due, max(i.Days, int(t.at.Sub(p.Due).Hours()/24))
		i.Owner, err = t.name(t.ctx, p.Owner)
		return err
	}
	last := t.came[p.KeyResult][p.Occurrence]
	if last == okr.EventCheckInDue {
		i := t.item(KindDue, p.KeyResultFact, p.Occurrence, e)
		i.Due, i.Past = due, !t.at.Before(p.Due)
		return nil
	}
	i := t.item(KindMissed, p.KeyResultFact, "", e)
	first := p.Due
	if p.SilentSince != nil {
		first = *p.SilentSince
	}
	i.Days = max(i.Days, int(t.at.Sub(first).Hours()/24))
	switch {
	case e.Type != last:
	case last == okr.EventCheckInOverdue:
		i.Kind, i.Due = KindOverdue, due
	default:
		i.Missed = append(i.Missed, due)
	}
	return nil
}

// in is where the person lives, or else the cycle.
func (t *telling) in(cycle okr.ID) *time.Location {
	if t.to != nil {
		return t.to
	}
	return t.zone(cycle)
}

func (t *telling) finding(e okr.Event, p *okr.FindingFact, words string) {
	about := okr.KeyResultFact{Title: p.Title, Cycle: p.Cycle, Team: p.Team, Owner: p.Owner, Private: p.Private}
	switch p.Subject.Kind {
	case okr.KindKeyResult:
		about.KeyResult = p.Subject.ID
	case okr.KindObjective:
		about.Objective = p.Subject.ID
	}
	i := t.item(KindFinding, about, string(p.Subject.Kind)+" "+string(p.Subject.ID), e)
	if said := cmp.Or(oneLine(words), p.Rule); !slices.Contains(i.Findings, said) {
		i.Findings = append(i.Findings, said)
	}
}

// item is the item about the key result, begun if there is none.
func (t *telling) item(kind string, k okr.KeyResultFact, occurrence string, e okr.Event) *Item {
	key := itemKey{kind, k.KeyResult, occurrence}
	i := t.items[key]
	if i == nil {
		i = &Item{Kind: kind}
		if t.link != nil && k.KeyResult != "" {
			i.Link = t.link(t.tenant, okr.Ref{Kind: okr.KindKeyResult, ID: k.KeyResult})
		}
		t.items[key] = i
		t.order = append(t.order, key)
	}
	i.KeyResult = k
	i.Events = append(i.Events, e)
	return i
}
