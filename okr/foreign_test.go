package okr_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

// What one tenant recorded is nothing that another can name, read or change.
func TestItemsOfAnotherTenantAreNotFound(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	cycle, k1 := h.cycle(t).ID, ref(okr.KindKeyResult, h.keyResult(t, "k1").ID)
	d, err := h.acme.Comment(ctx, okr.NewComment{Subject: k1, Text: "ours"})
	comment := made(t, d, err, okr.KindComment)
	d, err = h.acme.RecordDecision(ctx, okr.NewDecision{Subject: k1, Text: "ours"})
	decision := made(t, d, err, okr.KindDecision)
	d, err = h.acme.Hold(ctx, okr.NewSession{Kind: okr.CheckInSession, Cycle: cycle, Held: october(1), People: []okr.ID{"ana"}})
	session := made(t, d, err, okr.KindSession)

	d, err = h.acme.Defer(ctx, okr.NewDeferral{Cycle: cycle, Team: "sales", Title: "ours", Reason: "ours"})
	deferral := made(t, d, err, okr.KindDeferral)
	objective := h.objective(t, "o1").ID
	d, err = h.acme.Waive(ctx, okr.Waiving{Rule: "r", Subject: k1, Owner: "ana", Reason: "ours"})
	waiver := made(t, d, err, okr.KindWaiver)

	for _, other := range []okr.TenantID{"globex", "ACME", "acme.", "acm"} {
		evil := h.desk.For(other).As(ana)
		view := evil.View()
		for name, err := range map[string]error{
			"comments":          second(view.Comments(ctx, k1, okr.Paging{})),
			"decisions":         second(view.Decisions(ctx, okr.DecisionQuery{Subject: k1}, okr.Paging{})),
			"of a cycle":        second(view.Decisions(ctx, okr.DecisionQuery{Cycle: cycle}, okr.Paging{})),
			"sessions":          second(view.Sessions(ctx, okr.SessionQuery{Cycle: cycle}, okr.Paging{})),
			"waivers":           second(view.Waivers(ctx, okr.WaiverQuery{Subject: k1}, okr.Paging{})),
			"waive":             second(evil.Waive(ctx, okr.Waiving{Rule: "r", Subject: k1, Owner: "ana", Reason: "x"})),
			"end a waiver":      second(evil.EndWaiver(ctx, okr.WaiverEnd{Waiver: waiver})),
			"not doing":         second(view.NotDoing(ctx, cycle, "", okr.Paging{})),
			"defer":             second(evil.Defer(ctx, okr.NewDeferral{Objective: objective, Reason: "x"})),
			"defer an idea":     second(evil.Defer(ctx, okr.NewDeferral{Cycle: cycle, Title: "x", Reason: "x"})),
			"take up":           second(evil.TakeUp(ctx, okr.TakingUp{Deferral: deferral})),
			"change objective":  second(evil.ChangeObjective(ctx, okr.ObjectiveChange{Objective: objective, Rank: ptr(2)})),
			"grants":            second(view.Grants(ctx, cycle, okr.Paging{})),
			"comment":           second(evil.Comment(ctx, okr.NewComment{Subject: k1, Text: "x"})),
			"edit":              second(evil.EditComment(ctx, okr.CommentEdit{Comment: comment, Text: "x"})),
			"remove":            second(evil.RemoveComment(ctx, okr.CommentRemoval{Comment: comment})),
			"of decision":       second(evil.Comment(ctx, okr.NewComment{Subject: ref(okr.KindDecision, decision), Text: "x"})),
			"decide":            second(evil.RecordDecision(ctx, okr.NewDecision{Subject: k1, Text: "x"})),
			"decide in session": second(evil.RecordDecision(ctx, okr.NewDecision{Subject: k1, Session: session, Text: "x"})),
			"hold":              second(evil.Hold(ctx, okr.NewSession{Kind: okr.CheckInSession, Cycle: cycle, Held: october(1), People: []okr.ID{"ana"}})),
			"grant":             second(evil.GrantPurpose(ctx, okr.NewGrant{Cycle: cycle, Purpose: okr.ForCompensation, Reason: "x"})),
		} {
			require.ErrorIs(t, err, okr.ErrNotFound, "%s: %s", other, name)
		}
		all, err := view.Decisions(ctx, okr.DecisionQuery{}, okr.Paging{})
		require.NoError(t, err)
		require.Empty(t, all.Items)
		held, err := view.Sessions(ctx, okr.SessionQuery{}, okr.Paging{})
		require.NoError(t, err)
		require.Empty(t, held.Items)
	}
	_, err = h.desk.For(" ").View().Comments(ctx, k1, okr.Paging{})
	require.ErrorIs(t, err, okr.ErrTenant)
}

func second[T any](_ T, err error) error { return err }
