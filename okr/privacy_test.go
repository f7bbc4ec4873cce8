package okr_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// recorder is a store that keeps every ledger row written through it.
type recorder struct {
	okr.Store
	entries *[]okr.Entry
	words   *[]okr.Word
}

type recordingUnit struct {
	okr.Unit
	r recorder
}

func (r recorder) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := r.Store.Begin(ctx, write)
	return recordingUnit{u, r}, err
}

func (u recordingUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	*u.r.entries = append(*u.r.entries, c.Entries...)
	*u.r.words = append(*u.r.words, c.Words...)
	return u.Unit.Write(ctx, t, c)
}

const secret = "zanzibar"

// busy lives through everything that leaves an event, with a secret in every text
// that is somebody's own.
func busy(t *testing.T) ([]okr.Entry, []okr.Word) {
	t.Helper()
	h := open(t, okr.Config{})
	r := recorder{Store: h.store, entries: &[]okr.Entry{}, words: &[]okr.Word{}}
	var err error
	h.desk, err = okr.New(r, okr.Config{Clock: h.clock.Now, Calendar: fridays{}, Judge: nagging{scorer{}}})
	require.NoError(t, err)
	h.acme = h.desk.For("acme").As(ana)
	ctx := t.Context()
	ok := func(_ okr.Decision, err error) { t.Helper(); require.NoError(t, err) }

	p := okrtest.Plan()
	p.People[0].Name, p.People[0].Email = "Ana "+secret, secret+"@example.org"
	k := &p.Objectives[0].KeyResults[0]
	k.Definition, k.Rationale = "as "+secret+" counts", "because of "+secret
	k.Source.Where, k.Source.Access = "ask "+secret, []string{"ana", secret}
	p.Objectives[0].KeyResults[1].Owner = "Mx " + secret
	p.Objectives[0].KeyResults[1].Current = measure.N(12)
	k.CheckIns = []okr.PlanCheckIn{{At: planning.Add(-time.Hour), Value: measure.N(71), Author: "Mx " + secret, Note: secret}}
	k.Outcome = "=> 81 %, says " + secret
	p.Objectives = append(p.Objectives, okr.PlanObjective{Key: "o2", Title: "Two", Owner: "Team " + secret, Team: secret, Description: "why " + secret, Outcome: secret})
	ok(h.acme.Propose(ctx, p))
	p.Objectives[0].Title, p.Objectives[0].KeyResults[0].Title = "Customers stay", "Raise renewals"
	p.Objectives[0].KeyResults[1].Owner = "ben"
	p.Cycle.Name = "Quarter four"
	ok(h.acme.Propose(ctx, p))
	granted, err := h.acme.GrantPurpose(ctx, okr.NewGrant{Cycle: h.cycle(t).ID, Purpose: okr.ForCompensation, Reason: secret})
	grant := made(t, granted, err, okr.KindGrant)
	_, err = h.acme.View().For(okr.ForCompensation).Tree(ctx, h.cycle(t).ID)
	require.NoError(t, err)
	ok(h.acme.RevokeGrant(ctx, okr.GrantRevocation{Grant: grant}))
	_, err = h.acme.View().For(okr.ForCompensation).Tree(ctx, h.cycle(t).ID)
	require.ErrorIs(t, err, okr.ErrDenied)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	ok(h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID}))
	k1, k3 := h.keyResult(t, "k1"), h.keyResult(t, "k3")
	settle(t, h)
	talk(t, h, ref(okr.KindKeyResult, k1.ID))
	ok(h.acme.CheckIn(ctx, okr.CheckIn{
		KeyResult: k1.ID, Value: measure.N(80), Confidence: measure.N(8), Note: secret,
		Blockers: []okr.NewBlocker{{Text: secret}}, Adjust: []okr.Adjustment{{Do: "add", Title: "Call ten customers", Reason: secret}},
	}))
	ok(h.acme.ActivatePack(ctx, okr.NewPack{Text: "strict"}))
	ok(h.acme.DeactivatePack(ctx, okr.PackEnd{Name: "strict"}))
	wrong := h.keyResult(t, "k1").Reading
	for _, at := range []time.Time{time.Date(2026, time.October, 1, 17, 0, 0, 0, time.UTC), time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC)} {
		h.clock.Set(at)
		settle(t, h)
	}
	ok(h.acme.CheckIn(ctx, okr.CheckIn{
		KeyResult: k1.ID, Value: measure.N(71), Confidence: measure.N(3), Note: secret,
		Resolved: []okr.Resolution{{Blocker: h.keyResult(t, "k1").Blocked[0].ID, How: secret}},
	}))
	ok(h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k3.ID, Note: secret}))
	ok(h.acme.Record(ctx, okr.Collected{KeyResult: k1.ID, Source: "feed", Error: secret}))
	ok(h.acme.Record(ctx, okr.Collected{KeyResult: k1.ID, Source: "feed", Readings: []okr.Measurement{{Value: measure.N(79), Corrects: wrong}}}))
	lower := k1.Metric
	lower.Target = measure.N(85)
	ok(h.acme.Change(ctx, okr.KeyResultChange{KeyResult: k1.ID, Metric: &lower, Reason: secret, Override: &okr.StatusOverride{Status: measure.AtRisk, Reason: secret, Until: planning.AddDate(0, 3, 0)}}))
	ok(h.acme.SyncPeople(ctx, okr.Directory{
		People: []okr.Person{{ID: "ben", Name: secret, Left: true}}, Teams: []okr.Team{{ID: "sales", Name: "Sales and more", Lead: "ana"}},
	}))
	settle(t, h)
	ok(h.acme.Snooze(ctx, okr.Snoozing{Rule: "confident", Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k1.ID}, Until: h.clock.Now().AddDate(0, 0, 3)}))
	ok(h.acme.Notify(ctx, okr.Notice{To: "ana", Kind: "x", Title: secret, Body: secret}))
	for _, at := range []int{6, 10, 25} {
		h.clock.Set(time.Date(2026, time.October, at, 17, 0, 0, 0, time.UTC))
		settle(t, h)
	}
	ok(h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: k1.ID, Confidence: measure.N(7)}))
	settle(t, h)
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	cycle, next := h.cycle(t).ID, h.nextQuarter(t)
	ok(h.acme.CarryOver(ctx, okr.CarryingOver{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k1.ID}, To: next, Reason: secret}))
	ok(h.acme.Review(ctx, okr.Reviewing{Cycle: cycle, Entries: []okr.ReviewEntry{
		{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k1.ID}, Learned: secret, Why: secret, Final: measure.N(0.1), Reason: secret},
	}}))
	ok(h.acme.Close(ctx, okr.Closing{Cycle: cycle, Waive: &okr.Unreviewed{Owner: "ana", Reason: secret}}))
	return *r.entries, *r.words
}

// talk leaves what people record of each other's words.
func talk(t *testing.T, h house, about okr.Ref) {
	t.Helper()
	ctx := t.Context()
	said, err := h.acme.Comment(ctx, okr.NewComment{Subject: about, Text: secret})
	comment := made(t, said, err, okr.KindComment)
	_, err = h.acme.EditComment(ctx, okr.CommentEdit{Comment: comment, Text: "not " + secret})
	require.NoError(t, err)
	_, err = h.acme.RemoveComment(ctx, okr.CommentRemoval{Comment: comment})
	require.NoError(t, err)
	_, err = h.acme.Hold(ctx, okr.NewSession{
		Kind: okr.PlanningSession, Cycle: h.cycle(t).ID, Held: october(1), People: []okr.ID{"ana", "ben"}, Notes: secret,
		Decisions: []okr.NewDecision{{Subject: about, Text: secret, Reason: secret}},
	})
	require.NoError(t, err)
	_, err = h.acme.DefineKPI(ctx, okr.NewKPI{ID: "kpi", Name: "Churn", Definition: secret, Source: &okr.Source{Where: secret}})
	require.NoError(t, err)
	for _, c := range []okr.Collected{
		{Readings: []okr.Measurement{{Value: measure.N(1), OccurredAt: h.clock.Now()}}}, {Error: secret}, {Readings: []okr.Measurement{{Value: measure.N(2), OccurredAt: h.clock.Now().Add(-time.Hour)}}},
	} {
		c.KPI, c.Source = "kpi", "feed"
		_, err = h.acme.Record(ctx, c)
		require.NoError(t, err)
	}
	x, err := h.acme.View().KPI(ctx, "kpi", 5)
	require.NoError(t, err)
	_, err = h.acme.Record(ctx, okr.Collected{KPI: "kpi", Source: "feed", Readings: []okr.Measurement{{Value: measure.N(3), Corrects: x.Reading}}})
	require.NoError(t, err)
	_, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "kpi", Name: ptr("Customers lost")})
	require.NoError(t, err)
	_, err = h.acme.ChangeKPI(ctx, okr.KPIChange{KPI: "kpi", Retired: ptr(true)})
	require.NoError(t, err)
	waive := okr.Waiving{Rule: "defined", Subject: about, Owner: "ana", Reason: secret, Until: h.clock.Now().Add(time.Hour)}
	waived, err := h.acme.Waive(ctx, waive)
	_, err = h.acme.EndWaiver(ctx, okr.WaiverEnd{Waiver: made(t, waived, err, okr.KindWaiver)})
	require.NoError(t, err)
	_, err = h.acme.Waive(ctx, waive)
	require.NoError(t, err)
	lent, err := h.acme.Depend(ctx, okr.NewDependency{From: about, To: okr.Ref{Kind: okr.KindTeam, ID: "sales"}, Text: secret})
	dependency := made(t, lent, err, okr.KindDependency)
	for _, st := range []okr.DependencyState{okr.DependencyPromised, okr.DependencyDeclined, okr.DependencyDone} {
		_, err = h.acme.Answer(ctx, okr.DependencyAnswer{Dependency: dependency, State: st, Reason: "because of " + secret})
		require.NoError(t, err)
	}
	said, err = h.acme.RecordDecision(ctx, okr.NewDecision{Subject: about, Text: secret, Owner: "ben"})
	decision := okr.Ref{Kind: okr.KindDecision, ID: made(t, said, err, okr.KindDecision)}
	_, err = h.acme.HandOver(ctx, okr.HandOver{From: "ben", To: "ana", Subjects: []okr.Ref{decision}, Reason: secret})
	require.NoError(t, err)
	two := h.objective(t, "o2").ID
	for _, as := range []okr.State{okr.Postponed, okr.Abandoned, okr.Active} {
		_, err = h.acme.ChangeObjective(ctx, okr.ObjectiveChange{Objective: two, State: &as, Reason: secret})
		require.NoError(t, err)
	}
}

func TestNobodysWordsTravelOrStayForEver(t *testing.T) {
	entries, words := busy(t)
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.Type] = true
		if e.Type == okr.EventNoticeReady {
			require.Contains(t, string(e.Wire), secret, "a notice is a message")
		} else {
			require.NotContains(t, string(e.Wire), secret, "%s travels", e.Type)
		}
		if e.Type == okr.EventHandedOver {
			require.Contains(t, string(e.State), `"because":"okr:word:`, "the ledger knows why")
		}
		require.NotContains(t, string(e.Data), secret, "%s stays in the ledger", e.Type)
		require.NotContains(t, string(e.State), secret, "the state of %s stays in the ledger", e.Type)
		require.NotContains(t, string(e.State), "example.org")
	}
	for _, typ := range eventTypes {
		require.True(t, seen[typ], "the history has no %s: nothing is said of it", typ)
	}
	fields := map[string]bool{}
	for _, w := range words {
		if strings.Contains(w.Text, secret) {
			fields[w.Field] = true
		}
		require.Len(t, w.Salt, 16)
	}
	for _, f := range []string{"name", "email", "note", "text", "resolution", "reason", "error", "definition", "rationale", "source.where", "source.access.1", "owner_text", "title", "body", "adjusted.0", "team_text", "description", "stated_score.text", "author_text", "notes", "learned", "why", "override.reason"} {
		require.True(t, fields[f], "no word for %s", f)
	}
}

// eventTypes are all that a busy history leaves.
var eventTypes = []string{
	okr.EventCycleCreated, okr.EventCycleChanged, okr.EventCycleClosed, okr.EventPersonChanged, okr.EventTeamChanged,
	okr.EventObjectiveCreated, okr.EventObjectiveChanged, okr.EventObjectiveActive, okr.EventKeyResultCreated, okr.EventKeyResultChanged,
	okr.EventKeyResultActive, okr.EventStatusChanged, okr.EventConfidenceDropped, okr.EventTargetMoved, okr.EventOwnerLeft,
	okr.EventObjectiveStatus, okr.EventReadingRecorded, okr.EventReadingCorrected, okr.EventCheckInDue, okr.EventCheckInRecorded,
	okr.EventCheckInLate, okr.EventCheckInOverdue, okr.EventCheckInMissed, okr.EventBlockerOpened, okr.EventBlockerClosed,
	okr.EventSourceFailed, okr.EventSourceRecovered, okr.EventPackActivated, okr.EventPackDeactivated, okr.EventNoticeReady,
	okr.EventCommentAdded, okr.EventCommentEdited, okr.EventCommentRemoved, okr.EventDecisionRecorded, okr.EventSessionHeld,
	okr.EventGrantGiven, okr.EventGrantRevoked,
	okr.EventReviewRecorded, okr.EventFindingWaived, okr.EventKeyResultEnded, okr.EventObjectiveEnded, okr.EventKeyResultCarried, okr.EventObjectiveCarried,
	okr.EventWaiverEnded, okr.EventWaiverExpired,
	okr.EventFindingOpened, okr.EventFindingReturned, okr.EventFindingResolved, okr.EventFindingSnoozed,
	okr.EventKPIDefined, okr.EventKPIChanged, okr.EventKPIRetired, okr.EventKPIRecorded, okr.EventKPICorrected, okr.EventKPISourceFailed, okr.EventKPISourceRecovered,
	okr.EventDeferralAdded, okr.EventDeferralChanged, okr.EventDeferralTakenUp,
	okr.EventPurposeUsed, okr.EventPurposeRefused, okr.EventHandedOver,
	okr.EventDependencyAsked, okr.EventDependencyPromised, okr.EventDependencyDeclined, okr.EventDependencyDone,
}

// Every event is what its payload type says: no field that the type lacks, none
// that goes missing on the way.
func TestEveryEventIsItsPayload(t *testing.T) {
	entries, _ := busy(t)
	for _, e := range entries {
		p, err := e.Payload()
		require.NoError(t, err, e.Type)
		require.Equal(t, reflect.Pointer, reflect.TypeOf(p).Kind(), "%s has a payload type", e.Type)
		back, err := json.Marshal(p)
		require.NoError(t, err)
		require.JSONEq(t, string(e.Data), string(back), e.Type)
		sent, err := okr.ParseCloudEvent(e.Wire)
		require.NoError(t, err)
		require.Equal(t, e.Seq, sent.Seq)
		require.Equal(t, e.Hash, e.Sum())
	}
}

// The same history under the same ids is written in the same order.
func TestEntriesComeInOneOrder(t *testing.T) {
	order := func() []string {
		entries, _ := busy(t)
		var out []string
		for _, e := range entries {
			out = append(out, e.Type+" "+string(e.Aggregate.Kind))
		}
		return out
	}
	first := order()
	for range 3 {
		require.Equal(t, first, order())
	}
}
