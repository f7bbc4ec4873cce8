package okr_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// What people say came of it is kept beside what is computed, and changes nothing
// of it.
func TestStatedScores(t *testing.T) {
	h := running(t, okr.Config{})
	k1 := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k1.ID, Value: measure.N(80)})
	require.NoError(t, err)
	before := h.keyResult(t, "k1")

	p := okrtest.Plan()
	p.Objectives[0].Score, p.Objectives[0].Outcome = measure.N(0.7), "0.7"
	p.Objectives[0].KeyResults[0].Score, p.Objectives[0].KeyResults[0].Outcome = measure.N(1.05), "105 %, more than we hoped"
	d, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err, "a plan is graded when it has long begun")
	require.Len(t, d.Events, 2)
	require.Equal(t, okr.EventObjectiveChanged, d.Events[0].Type)
	require.Equal(t, okr.EventKeyResultChanged, d.Events[1].Type)
	require.Contains(t, string(d.Events[1].Data), `"changed":["stated_score"]`)
	require.NotContains(t, string(d.Events[1].Data), "hoped")

	after := h.keyResult(t, "k1")
	require.Equal(t, &okr.StatedScore{Value: measure.N(1.05), Text: "105 %, more than we hoped"}, after.StatedScore)
	require.Equal(t, before.Measured, after.Measured, "it is no part of progress")
	require.Equal(t, before.Current, after.Current)

	// The same again changes nothing, and silence takes nothing back.
	for _, p := range []okr.Plan{p, okrtest.Plan()} {
		d, err = h.acme.Propose(t.Context(), p)
		require.NoError(t, err)
		require.Empty(t, d.Events)
		require.NotNil(t, h.keyResult(t, "k1").StatedScore)
	}
	p.Objectives[0].KeyResults[0].Title = "Another promise"
	_, err = h.acme.Propose(t.Context(), p)
	require.ErrorIs(t, err, okr.ErrConflict)
}

func TestBadScoresAreRefusedByName(t *testing.T) {
	for _, v := range []float64{-0.1, math.NaN(), math.Inf(1), 1001} {
		p := okrtest.Plan()
		p.Objectives[0].KeyResults[1].Score = measure.N(v)
		_, _, err := p.Snapshot(okrtest.SequentialIDs(), planning)
		require.Equal(t, "objectives[0].key_results[1].score", invalidField(t, err))
		p = okrtest.Plan()
		p.Objectives[0].Score = measure.N(v)
		_, _, err = p.Snapshot(okrtest.SequentialIDs(), planning)
		require.Equal(t, "objectives[0].score", invalidField(t, err))
	}
}

// A team that nobody knows is no team, and its name is kept and told.
func TestAnUnknownTeamIsTold(t *testing.T) {
	h := open(t, okr.Config{})
	p := okrtest.Plan()
	p.Objectives[0].Team, p.Objectives[0].Description = "Salez", "They leave when prices rise."
	d, err := h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, d.Findings, 1)
	require.Equal(t, "team-known", d.Findings[0].Rule)
	require.Contains(t, d.Findings[0].Message, "Salez")
	o := objective(t, h)
	require.Empty(t, o.Team)
	require.Equal(t, "Salez", o.TeamText)
	require.Equal(t, "They leave when prices rise.", o.Description)

	h.clock.Advance(time.Hour)
	p.Objectives[0].Team = "Sales"
	d, err = h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	require.Empty(t, d.Findings)
	require.Equal(t, okr.ID("sales"), objective(t, h).Team)
	require.Empty(t, objective(t, h).TeamText)
}

func objective(t *testing.T, h house) okr.Objective {
	t.Helper()
	tree, err := h.acme.View().Tree(t.Context(), h.cycle(t).ID)
	require.NoError(t, err)
	return tree.Objectives[0].Objective
}
