package okr_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// stranger lets nobody called Mallory do anything but look, and notes what she tried.
type stranger struct{ tried *[]okr.Intent }

func (s stranger) Authorize(_ context.Context, _ okr.TenantID, who okr.Actor, in okr.Intent) error {
	if who.ID == "mallory" && in.Verb != okr.VerbView {
		*s.tried = append(*s.tried, in)
		return okr.ErrDenied
	}
	return nil
}

// literate is a judge that takes any pack.
type literate struct{ gossip }

func (literate) ReadPack(text string) (okr.Pack, error) {
	return okr.Pack{Name: "novel", Version: "1", Digest: text}, nil
}

func (literate) CheckPacks(_, _ []okr.Pack) error { return nil }

// verbs are all that the package declares.
func verbs(t *testing.T) map[okr.Verb]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "judge.go", nil, 0)
	require.NoError(t, err)
	out := map[okr.Verb]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Verb" {
			s, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			out[okr.Verb(s)] = true
		}
		return true
	})
	require.Greater(t, len(out), 15)
	return out
}

// Whoever is denied changes nothing, by no decision that there is; and the host is
// asked about what it would concern.
func TestADeniedActorChangesNothing(t *testing.T) {
	var tried []okr.Intent
	h := open(t, okr.Config{Authorize: stranger{&tried}})
	r := recorder{Store: h.store, entries: &[]okr.Entry{}, words: &[]okr.Word{}}
	var err error
	h.desk, err = okr.New(r, okr.Config{Clock: h.clock.Now, NewID: okrtest.SequentialIDs(), Calendar: fridays{}, Authorize: stranger{&tried}, Judge: literate{}})
	require.NoError(t, err)
	h.acme = h.desk.For("acme").As(ana)
	ctx := t.Context()
	_, err = h.acme.Propose(ctx, okrtest.Plan())
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Activate(ctx, okr.Activation{Cycle: h.cycle(t).ID})
	require.NoError(t, err)
	k := h.keyResult(t, "k1")

	pool := []okr.Ref{
		{Kind: okr.KindCycle, ID: k.Cycle}, {Kind: okr.KindTeam, ID: "sales"}, {Kind: okr.KindPerson, ID: "ana"},
		{Kind: okr.KindObjective, ID: k.Objective}, {Kind: okr.KindKeyResult, ID: k.ID},
	}
	mallory := h.desk.For("acme").As(okr.Someone("mallory"))
	before, seen := len(*r.entries), everyRead(ctx, t, h.acme.View(), pool)
	_, err = mallory.View().For(okr.ForCompensation).Tree(ctx, k.Cycle)
	require.ErrorIs(t, err, okr.ErrDenied)

	// Each decision is tried with what would be right, where somebody wrote it down
	// below, and with whatever can be made of the refs.
	ref := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
	right := map[string]any{
		"SyncPeople":      okr.Directory{People: []okr.Person{{ID: "eve", Name: "Eve"}}},
		"Propose":         okrtest.Plan(),
		"Activate":        okr.Activation{Cycle: k.Cycle},
		"Change":          okr.KeyResultChange{KeyResult: k.ID, Reason: "x"},
		"ChangeObjective": okr.ObjectiveChange{Objective: k.Objective, Reason: "x"},
		"CheckIn":         okr.CheckIn{KeyResult: k.ID, Value: measure.N(80)},
		"Record":          okr.Collected{KeyResult: k.ID, Source: "x", Error: "x"},
		"Settle":          ref,
		"Notify":          okr.Notice{To: "ana", Kind: "x", Title: "x"},
		"Await":           okr.Waiting{Person: "ana", Event: okr.Event{ID: "x"}},
		"Dismiss":         okr.Waiting{Person: "ana", Event: okr.Event{ID: "x"}},
		"Close":           okr.Closing{Cycle: k.Cycle},
		"Align":           okr.Alignment{Objective: k.Objective},
		"Comment":         okr.NewComment{Subject: ref, Text: "x"},
		"EditComment":     okr.CommentEdit{Comment: "x", Text: "x"},
		"RecordDecision":  okr.NewDecision{Subject: ref, Text: "x"},
		"Hold":            okr.NewSession{Kind: okr.CheckInSession, Cycle: k.Cycle, Held: october(1), People: []okr.ID{"ana"}},
		"GrantPurpose":    okr.NewGrant{Cycle: k.Cycle, Purpose: okr.ForCompensation, Reason: "x"},
		"Depend":          okr.NewDependency{From: ref, To: okr.Ref{Kind: okr.KindTeam, ID: "sales"}, Text: "x"},
		"Answer":          okr.DependencyAnswer{Dependency: "x", State: okr.DependencyDone},
		"CarryOver":       okr.CarryingOver{Subject: ref, To: "x"},
		"Review":          okr.Reviewing{Cycle: k.Cycle, Entries: []okr.ReviewEntry{{Subject: ref, Learned: "x"}}},
		"Defer":           okr.NewDeferral{Objective: k.Objective, Reason: "x"},
		"TakeUp":          okr.TakingUp{Deferral: "x"},
		"ScheduleReport":  okr.Scheduling{Name: "x", Spec: okr.ReportSpec{Kind: okr.ReportTree, Cycle: k.Cycle}, Schedule: *okrtest.Weekly()},
		"Waive":           okr.Waiving{Rule: "x", Subject: ref, Owner: "ana", Reason: "x", Until: h.clock.Now().AddDate(0, 0, 7)},
		"Snooze":          okr.Snoozing{Rule: "x", Subject: ref, Until: h.clock.Now().AddDate(0, 0, 7)},
		"Acknowledge":     okr.Acknowledging{KeyResult: k.ID, Until: h.clock.Now().AddDate(0, 0, 7)},
		"SetPolicy":       okr.SettingPolicy{Policy: okr.Policy{AskLive: true}},
		"EndWaiver":       okr.WaiverEnd{Waiver: "x"},
		"DefineKPI":       okr.NewKPI{Name: "x"},
		"ChangeKPI":       okr.KPIChange{KPI: "x", Name: ptr("y")},
		"RevokeGrant":     okr.GrantRevocation{Grant: "x"},
		"DeactivatePack":  okr.PackEnd{Name: "gossip"},
		"StartReset":      okr.NewReset{Cycle: k.Cycle},
		"AdvanceReset":    okr.ResetAdvance{Reset: "x"},
		"Vouch":           okr.Vouching{Reset: "x", KeyResult: k.ID, For: okr.VouchSource},
		"AbandonReset":    okr.ResetEnd{Reset: "x", Reason: "x"},
		"HandOver":        okr.HandOver{From: "ana", To: "ben", Reason: "x"},
	}
	_, err = mallory.Record(ctx, okr.Collected{KPI: "x", Source: "x", Error: "x"})
	require.ErrorIs(t, err, okr.ErrDenied, "a KPI is recorded like a key result, and is something else")
	door := reflect.ValueOf(mallory)
	for i := range door.NumMethod() {
		name, typ := door.Type().Method(i).Name, door.Method(i).Type()
		if typ.NumOut() != 2 || typ.Out(0) != reflect.TypeFor[okr.Decision]() {
			continue
		}
		in := typ.In(typ.NumIn() - 1)
		if typ.IsVariadic() {
			in = in.Elem()
		}
		values := arguments(ctx, in, "", pool)
		if x, ok := right[name]; ok {
			values = append(values, reflect.ValueOf(x))
		}
		asked := len(tried)
		for _, x := range values {
			out := door.Method(i).Call([]reflect.Value{reflect.ValueOf(ctx), x})
			err, _ := out[1].Interface().(error)
			require.Error(t, err, "%s(%+v)", name, x)
		}
		require.Greater(t, len(tried), asked, "%s asks the host: write down above how it is called rightly", name)
	}
	asked := map[okr.Verb]bool{okr.VerbView: true, okr.VerbAppraise: true} // these are no decisions
	concerned := map[okr.Verb]bool{}
	for _, in := range tried {
		asked[in.Verb] = true
		concerned[in.Verb] = concerned[in.Verb] || len(in.Subjects) > 0
	}
	require.Equal(t, verbs(t), asked, "every verb of a decision was tried")
	for verb, ok := range concerned {
		if verb != okr.VerbNotify && verb != okr.VerbPropose {
			require.True(t, ok, "%s says what it concerns", verb)
		}
	}
	require.Len(t, *r.entries, before, "nothing was written")
	require.Equal(t, seen, everyRead(ctx, t, h.acme.View(), pool))
}
