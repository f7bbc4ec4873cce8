package cadence

import (
	"cmp"

	"github.com/okrkit/okrkit/okr"
)

// KindReset tells that a week of a reset has opened, and that something of the
// person's is missing in it.
const KindReset = "reset"

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
