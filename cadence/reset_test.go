package cadence_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/rules"
)

// Whoever owns something that is missing in a week of a reset hears of its opening, once
// and in one item, and nobody else does.
func TestOwnersHearOfAWeekOfAReset(t *testing.T) {
	ctx := t.Context()
	live, err := rules.Open(audit.Env(1), pack.Starter)
	require.NoError(t, err)
	h := newHouseJudged(t, audit.New(live), func(p *okr.Plan) {
		p.People = append(p.People, okr.Person{ID: "carla", Name: "Carla Roth", Team: "sales"})
	})
	h.at(5, 9)
	carla := h.desk.For("acme").As(okr.Someone("carla"))
	d, err := carla.StartReset(ctx, okr.NewReset{Cycle: h.keyResult(t, "k1").Cycle})
	require.NoError(t, err)
	_, err = carla.AdvanceReset(ctx, okr.ResetAdvance{Reset: d.Subjects[0].ID})
	require.NoError(t, err)

	runner := cadence.NewRunner(h.desk)
	told := map[okr.ID]int{}
	for hour := range 3 {
		h.at(5, 9+3*hour)
		drain(t, runner)
		for _, n := range h.notices(t) {
			if strings.Contains(n.Body, "Week 2 of the OKR reset is open until Sunday, 18 October") {
				told[n.To]++
			}
		}
	}
	require.Equal(t, map[okr.ID]int{"ana": 1, "ben": 1}, told)

	text, err := cadence.English().Text(cadence.Message{To: "ana", Kind: cadence.KindReset, Items: []cadence.Item{{Kind: cadence.KindReset, Week: 4, On: measure.NewDate(2026, 11, 3)}}})
	require.NoError(t, err)
	require.Equal(t, "OKR reset, week 4: something of yours is missing", text.Title)
	require.Contains(t, text.Body, "first check-in")
}
