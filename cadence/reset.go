package cadence

import (
	"cmp"
	"slices"

	"github.com/okrkit/okrkit/okr"
)

// KindReset tells that a week of a reset has opened, and that something of the
// person's is missing in it.
const KindReset = "reset"

// resetConcerns leaves the opening of a week for everybody of whom something is missing
// in it.
func resetConcerns(e okr.Event, p *okr.ResetFact) []okr.Waiting {
	var out []okr.Waiting
	if e.Type != okr.EventResetWeekOpened {
		return nil
	}
	for _, who := range p.Concerns {
		out = append(out, okr.Waiting{Person: who, Event: e})
	}
	return out
}

// resetOf says whether the opening of a week concerns the person.
func resetOf(payload any, who okr.ID) bool {
	p, ok := payload.(*okr.ResetFact)
	return ok && slices.Contains(p.Concerns, who)
}

// reset gathers what is to be told of one reset: its newest week.
func (t *telling) reset(e okr.Event, p *okr.ResetFact) {
	i := t.item(KindReset, okr.KeyResultFact{Cycle: p.Cycle, Team: p.Team}, string(p.Reset), e)
	if i.Week = max(i.Week, p.Week); i.Week == p.Week {
		i.On = p.To
	}
	if t.link != nil {
		i.Link = cmp.Or(i.Link, t.link(t.tenant, e.Aggregate))
	}
}
