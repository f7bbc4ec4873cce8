package storetest

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// gossip is a judge whose findings name people.
type gossip struct{}

func (gossip) Starter() []okr.Pack {
	return []okr.Pack{{Name: "gossip", Version: "1", Digest: "d1", Text: "text"}}
}
func (gossip) Needs([]okr.Pack, okr.Intent) okr.Collections { return okr.Collections{} }
func (gossip) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	var v okr.Verdict
	for _, k := range p.After.KeyResults {
		if x := p.After.Person(k.Owner); x != nil {
			v.Findings = append(v.Findings, okr.Finding{Rule: "gossip", Pack: "gossip", Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, Title: k.Title, Message: x.Name + " owns it"})
		}
	}
	return v, nil
}

func testErase(t *testing.T, s suite) { EraseWords(t, s.open(t)) }

// EraseWords lets people write, erases what one of them wrote and one field of a row,
// and holds the store to it that nothing of it is left, and all else is. It returns the
// texts that are gone, for whoever can look into the database from behind.
func EraseWords(t testing.TB, st Store) (gone []string) {
	t.Helper()
	ctx := context.Background()
	const secret, counted = "Zanzibar", "xylophones"
	clock := okrtest.NewClock(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
	desk, err := okr.New(st, okr.Config{Clock: clock.Now, Judge: gossip{}})
	require.NoError(t, err)
	acme := desk.For(acme)
	ana, ben, host := acme.As(okr.Someone("ana")), acme.As(okr.Someone("ben")), acme.As(okr.Service("host"))
	ok := func(d okr.Decision, err error) okr.Decision { t.Helper(); require.NoError(t, err); return d }
	plan := okrtest.Plan()
	plan.People[0].Name, plan.People[0].Email = "Ana "+secret, secret+"@example.org"
	plan.Objectives[0].KeyResults[0].Definition, plan.Objectives[0].KeyResults[0].Rationale = counted+" that are sold", "why it stays"
	plan.Objectives[0].KeyResults[0].CheckIns = []okr.PlanCheckIn{{At: clock.Now().Add(-time.Hour), Value: measure.N(70), Author: "ana", Note: secret + " elsewhere"}}
	plan.Key = "plan-1"
	require.NotEmpty(t, ok(host.Propose(ctx, plan)).Findings)
	other := okrtest.Plan()
	ok(desk.For("globex").As(okr.Someone("ana")).Propose(ctx, other))
	cycles, err := acme.View().Cycles(ctx)
	require.NoError(t, err)
	cycle := cycles[0].ID
	ok(host.Activate(ctx, okr.Activation{Cycle: cycle}))
	page, err := acme.View().KeyResults(ctx, okr.Query{Cycle: cycle})
	require.NoError(t, err)
	k := page.Items[slices.IndexFunc(page.Items, func(k okr.KeyResultView) bool { return k.Key == "k1" })]
	about := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
	checkIn := okr.CheckIn{
		KeyResult: k.ID, Value: measure.N(72), Confidence: measure.N(7), Note: strings.Repeat(secret+" says ", 250), Key: "c1",
		Blockers: []okr.NewBlocker{{Kind: "data", Text: secret + " is in the way"}},
	}
	clock.Advance(time.Hour)
	ok(ana.CheckIn(ctx, checkIn))
	clock.Advance(time.Hour)
	ok(ben.CheckIn(ctx, okr.CheckIn{KeyResult: k.ID, Note: "a note of Ben's"}))
	said := ok(ana.Comment(ctx, okr.NewComment{Subject: about, Text: secret + " thinks"})).Events[0].Aggregate
	ok(ana.EditComment(ctx, okr.CommentEdit{Comment: said.ID, Text: secret + " thinks again"}))
	ok(ben.Comment(ctx, okr.NewComment{Subject: about, Text: "a comment of Ben's"}))
	ok(ana.RecordDecision(ctx, okr.NewDecision{Subject: about, Text: secret + " decides", Reason: secret + " knows why"}))
	weight := measure.N(2)
	ok(ana.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, Weight: &weight, Reason: secret + " prefers it"}))
	ok(acme.As(okr.Automation("cadence")).Notify(ctx,
		okr.Notice{To: "ana", Kind: "due", Title: "Dear " + secret}, okr.Notice{To: "ben", Kind: "late", Title: "Late", Body: "Ana " + secret + " is late"},
		okr.Notice{To: "ben", Kind: "due", Title: "Something of Ben's"}, okr.Notice{To: "ben", Urgent: true, Kind: "finding", Title: "Quoted: " + secret + " thinks again"},
		okr.Notice{To: "ben", Urgent: true, Kind: "finding", Title: "A definition", Body: counted + " that are sold"}))
	// What a rule says quotes people, too, and waits to be told.
	cadence := acme.As(okr.Automation("cadence"))
	for i, words := range []string{"See: " + secret + " elsewhere", "About Ana " + secret, counted + " that are sold", "It falls"} {
		ok(cadence.Await(ctx, okr.Waiting{Person: "ben", Words: words, Event: okr.Event{ID: "said" + strconv.Itoa(i), Type: okr.EventFindingOpened, Time: clock.Now(), Aggregate: about}}))
	}
	ok(cadence.Await(ctx, okr.Waiting{Person: "ana", Words: "You are late", Event: okr.Event{ID: "hers", Type: okr.EventFindingOpened, Time: clock.Now(), Aggregate: about}}))
	require.Len(t, waits(t, st), 5)
	out, err := st.ClaimOutgoing(ctx, clock.Now(), time.Minute, 1000)
	require.NoError(t, err)
	var sent []string
	for _, o := range out {
		sent = append(sent, o.ID)
		if o.Type == okr.EventNoticeReady {
			require.NoError(t, st.PutDeadLetter(ctx, okr.DeadLetter{Adapter: "mail", Event: o.ID, Tenant: o.Tenant, Type: o.Type, Wire: o.Wire, Attempts: 3, Error: "no such mailbox: " + plan.People[0].Email, At: clock.Now()}))
		}
	}
	require.NoError(t, st.ReleaseOutgoing(ctx, sent, clock.Now(), "the bus is down"))
	cut, err := acme.Cut(ctx)
	require.NoError(t, err)
	read := func(v okr.View) string {
		t.Helper()
		s, err := v.Snapshot(ctx, cycle)
		require.NoError(t, err)
		s.Standings = nil
		tree, err := v.Tree(ctx, cycle)
		require.NoError(t, err)
		definitions, err := v.Definitions(ctx, k.ID)
		require.NoError(t, err)
		raw, err := json.Marshal([]any{s.People, s.CheckIns, s.Blockers, s.Comments, s.Decisions, s.KeyResults, tree.Objectives, tree.Findings, definitions})
		require.NoError(t, err)
		return string(raw)
	}
	was := read(acme.View())
	require.Equal(t, was, read(acme.AsOf(cut)))
	require.Greater(t, strings.Count(was, secret), 250)

	d := ok(acme.As(okr.Someone("officer")).Erase(ctx, okr.Erasing{Person: "ana"}))
	require.Len(t, d.Events, 1)
	require.Equal(t, okr.EventWordsErased, d.Events[0].Type)
	require.JSONEq(t, `{"person":"ana"}`, string(d.Events[0].Data))
	is := read(acme.View())
	require.NotContains(t, is, secret)
	require.Equal(t, map[string]string{"said0": "", "said1": "", "said2": counted + " that are sold", "said3": "It falls", "hers": ""}, waits(t, st))
	require.Greater(t, strings.Count(is, okr.Erased), 8)
	for _, kept := range []string{"a note of Ben's", "a comment of Ben's", counted, "why it stays", "Ben Okafor"} {
		require.Contains(t, is, kept)
	}
	require.Equal(t, is, read(acme.AsOf(cut)), "the past reads the same")

	d = ok(host.Erase(ctx, okr.Erasing{Subject: about, Field: "definition"}))
	require.NotContains(t, string(d.Events[0].Data), counted)
	ok(host.Erase(ctx, okr.Erasing{Subject: about, Field: "original.definition"}))
	is = read(acme.View())
	require.NotContains(t, is, counted)
	require.Equal(t, map[string]string{"said0": "", "said1": "", "said2": "", "said3": "It falls", "hers": ""}, waits(t, st))
	require.Contains(t, is, "why it stays")
	require.Equal(t, is, read(acme.AsOf(cut)))
	now, err := acme.Cut(ctx)
	require.NoError(t, err)
	require.Equal(t, is, read(acme.AsOf(now)))
	v, err := st.Verify(ctx, acme.ID())
	require.NoError(t, err)
	require.Nil(t, v.Fault)

	out, err = st.ClaimOutgoing(ctx, clock.Now(), time.Minute, 1000)
	require.NoError(t, err)
	wires := ""
	for _, o := range out {
		wires += string(o.Wire)
	}
	dead, err := st.DeadLetters(ctx, "mail", 100)
	require.NoError(t, err)
	require.Len(t, dead, 5)
	for _, l := range dead {
		wires += string(l.Wire)
		require.NotContains(t, l.Error, secret)
	}
	require.NotContains(t, wires, secret)
	require.NotContains(t, wires, counted)
	require.Equal(t, 8, strings.Count(wires, `"title":"[erased]"`))
	require.Equal(t, 2, strings.Count(wires, "Something of Ben's"))

	again := ok(host.Propose(ctx, plan))
	require.True(t, again.Repeated)
	raw, err := json.Marshal(again)
	require.NoError(t, err)
	require.NotContains(t, string(raw), secret)
	require.NotEmpty(t, again.Findings, "what is said of Ben stays")
	_, err = ana.CheckIn(ctx, checkIn)
	require.ErrorIs(t, err, okr.ErrConflict, "its key stays taken")

	_, err = host.Erase(ctx, okr.Erasing{Subject: okr.Ref{Kind: okr.KindCheckIn, ID: "nobody"}})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = desk.For("globex").As(okr.Someone("eve")).Erase(ctx, okr.Erasing{Subject: said})
	require.ErrorIs(t, err, okr.ErrNotFound, "another tenant's")
	people, err := desk.For("globex").View().Cycles(ctx)
	require.NoError(t, err)
	theirs, err := desk.For("globex").View().Snapshot(ctx, people[0].ID)
	require.NoError(t, err)
	require.Equal(t, other.People[0].Name, theirs.Person("ana").Name)
	return []string{secret, counted}
}

// waits is what rules say in what waits for Ana and Ben, by event, and holds all of it
// to be due to be told still.
func waits(t testing.TB, st Store) map[string]string {
	t.Helper()
	ctx := context.Background()
	u, err := st.Begin(ctx, false)
	require.NoError(t, err)
	defer func() { require.NoError(t, u.Rollback(ctx)) }()
	s, err := u.Load(ctx, acme, okr.Need{
		Refs:        []okr.Ref{{Kind: okr.KindPerson, ID: "ana"}, {Kind: okr.KindPerson, ID: "ben"}},
		Collections: okr.Collections{Standings: true, StandingKinds: []string{"waiting"}},
	})
	require.NoError(t, err)
	out := map[string]string{}
	for _, x := range s.Standings {
		var n struct {
			Words string `json:"words"`
		}
		require.NoError(t, json.Unmarshal([]byte(x.Value), &n))
		require.NotNil(t, x.NextLook)
		out[x.Key] = n.Words
	}
	return out
}
