package cadence_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// doubtful is a judge that finds fault with what nobody is confident of: with the
// key result twice, as a hint a third time, and with the team.
type doubtful struct{}

func (doubtful) Starter() []okr.Pack {
	return []okr.Pack{{Name: "doubts", Version: "1", Digest: "d1", Text: "text"}}
}

func (doubtful) Needs([]okr.Pack, okr.Intent) okr.Collections { return okr.Collections{} }

func (doubtful) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	var v okr.Verdict
	find := func(rule, severity string, subject okr.Ref, cycle okr.ID, title string) {
		v.Findings = append(v.Findings, okr.Finding{
			Rule: rule, Pack: "doubts", Digest: "d1", Severity: severity, Outcome: okr.OutcomeFail, Subject: subject, Cycle: cycle,
			Title: title, Message: fmt.Sprintf("the rule %s\nsays  no", rule),
		})
	}
	for _, k := range p.After.KeyResults {
		if c, known := k.Confidence.Value(); !known || c > 3 {
			continue
		}
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		find("confident", okr.SeverityWarning, r, "", k.Title)
		find("sourced", okr.SeverityError, okr.Ref{Kind: okr.KindSource, ID: k.ID}, "", k.Title)
		find("polite", okr.SeverityInfo, r, "", k.Title)
		find("calm", okr.SeverityWarning, okr.Ref{Kind: okr.KindTeam, ID: "sales"}, k.Cycle, "Sales")
	}
	return v, nil
}

func doubt(t *testing.T, h *house, key string, confidence float64) {
	t.Helper()
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Confidence: measure.N(confidence)})
	require.NoError(t, err)
}

// What rules find is told to the owner, all of it in one notice, once; what somebody
// answers for, or has put off, on its day.
func TestFindingsAreToldToTheOwner(t *testing.T) {
	ctx := t.Context()
	h := newHouseJudged(t, doubtful{}, func(p *okr.Plan) { p.Cycle.Cadence = nil })
	h.anyDay(t)
	r := cadence.NewRunner(h.desk)
	drain(t, r)
	h.at(2, 14)
	drain(t, r)
	h.events(t)
	doubt(t, h, "k2", 2)
	doubt(t, h, "k3", 2)
	drain(t, r)
	ns := h.notices(t)
	require.Equal(t, []string{"ben: 4 findings"}, titles(ns))
	require.Equal(t, cadence.KindFinding, ns[0].Kind)
	require.Len(t, ns[0].About, 4, "hints are for who asks")
	require.Equal(t, `Cut first response time from 12 to 4 hours
The audit has found:
– The rule confident says no
– The rule sourced says no

The ten largest customers sign for another year
The audit has found:
– The rule confident says no
– The rule sourced says no`, ns[0].Body)
	drain(t, r)
	require.Empty(t, h.notices(t), "once")

	h.at(2, 22)
	drain(t, r)
	require.Empty(t, h.notices(t), "it is midnight in Zurich")
	h.at(3, 6)
	drain(t, r)
	require.Equal(t, []string{"ana: Finding: Sales"}, titles(h.notices(t)), "the team's is told to its lead, in the morning")

	k1 := okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, "k1").ID}
	until := time.Date(2026, time.October, 12, 8, 0, 0, 0, time.UTC)
	_, err := h.acme.Snooze(ctx, okr.Snoozing{Rule: "confident", Subject: k1, Until: until})
	require.NoError(t, err)
	_, err = h.acme.Waive(ctx, okr.Waiving{Rule: "sourced", Subject: k1, Owner: "ana", Reason: "it comes", Until: until.AddDate(0, 0, 1)})
	require.NoError(t, err)
	doubt(t, h, "k1", 1)
	for h.clock.Now().Before(until.Add(-24 * time.Hour)) {
		drain(t, r)
		require.Empty(t, titles(h.notices(t)), h.clock.Now())
		h.clock.Advance(12 * time.Hour)
	}
	h.clock.Set(until)
	drain(t, r)
	require.Equal(t, []string{"ana: Finding: Raise renewals from 70 % to 90 %"}, titles(h.notices(t)))
	h.clock.Set(until.AddDate(0, 0, 1))
	drain(t, r)
	require.Equal(t, []string{"ana: Finding: Raise renewals from 70 % to 90 %"}, titles(h.notices(t)))
	doubt(t, h, "k1", 8)
	drain(t, r)
	require.Empty(t, h.notices(t), "that it is mended is no news for who mended it")
}
