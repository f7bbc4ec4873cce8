package audit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// One reset at a time covers a key result; teams apart may have one each.
func TestResetsDoNotOverlap(t *testing.T) {
	w := newWard(t, t.Context(), wretched(12), okr.Config{})
	begin := func(team okr.ID) error {
		_, err := w.acme.StartReset(w.ctx, okr.NewReset{Cycle: w.cycle, Team: team})
		return err
	}
	require.NoError(t, begin("sales"))
	require.ErrorIs(t, begin("sales"), okr.ErrConflict)
	require.ErrorIs(t, begin("north"), okr.ErrConflict, "it lies below")
	require.ErrorIs(t, begin(""), okr.ErrConflict)
	require.NoError(t, begin("plant"))
	page, err := w.acme.View().Resets(w.ctx, okr.ResetQuery{Cycle: w.cycle}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	sales := page.Items[0]
	v, err := w.acme.View().Reset(w.ctx, sales.ID)
	require.NoError(t, err)
	require.Equal(t, "Sales", v.TeamName)
	require.Equal(t, 8, v.Counts.KeyResults, "its own, and those of the team below")

	_, err = w.acme.AbandonReset(w.ctx, okr.ResetEnd{Reset: sales.ID})
	require.ErrorIs(t, err, okr.ErrInvalid, "not without a reason")
	_, err = w.acme.AbandonReset(w.ctx, okr.ResetEnd{Reset: sales.ID, Reason: "we merge with another company"})
	require.NoError(t, err)
	require.NoError(t, begin("north"))
	_, err = w.acme.AdvanceReset(w.ctx, okr.ResetAdvance{Reset: sales.ID})
	require.ErrorIs(t, err, okr.ErrConflict)
	page, err = w.acme.View().Resets(w.ctx, okr.ResetQuery{State: okr.ResetAbandoned}, okr.Paging{})
	require.NoError(t, err)
	require.Equal(t, "we merge with another company", page.Items[0].Reason)

	_, err = w.acme.StartReset(w.ctx, okr.NewReset{Cycle: w.cycle, Team: "nobody"})
	var invalid *okr.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "team", invalid.Field)
	_, err = w.acme.StartReset(w.ctx, okr.NewReset{Cycle: "no-cycle"})
	require.ErrorIs(t, err, okr.ErrNotFound)
}

// Two who begin at once do not both begin.
func TestTwoResetsBegunAtOnceAreOne(t *testing.T) {
	w := newWard(t, t.Context(), wretched(4), okr.Config{})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.acme.StartReset(w.ctx, okr.NewReset{Cycle: w.cycle}) })
	}
	wg.Wait()
	began := 0
	for _, err := range errs {
		if err == nil {
			began++
			continue
		}
		require.ErrorIs(t, err, okr.ErrConflict)
	}
	require.Equal(t, 1, began)
}

// Asking twice opens one week; asking for another week than the open one is a conflict.
func TestAWeekIsOpenedOnce(t *testing.T) {
	w := newWard(t, t.Context(), wretched(2), okr.Config{})
	w.start(t)
	first, err := w.acme.AdvanceReset(w.ctx, okr.ResetAdvance{Reset: w.reset, From: 1, Key: "go"})
	require.NoError(t, err)
	again, err := w.acme.AdvanceReset(w.ctx, okr.ResetAdvance{Reset: w.reset, From: 1, Key: "go"})
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.Equal(t, first.Events, again.Events)
	_, err = w.acme.AdvanceReset(w.ctx, okr.ResetAdvance{Reset: w.reset, From: 1})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = w.acme.AdvanceReset(w.ctx, okr.ResetAdvance{Reset: w.reset, From: 5})
	require.ErrorIs(t, err, okr.ErrInvalid)
	_, err = w.acme.AdvanceReset(w.ctx, okr.ResetAdvance{Reset: "none"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = w.desk.For("other").As(okr.Someone("ana")).AdvanceReset(w.ctx, okr.ResetAdvance{Reset: w.reset})
	require.ErrorIs(t, err, okr.ErrNotFound, "another tenant's")
}

// A reset is late without being stopped, and goes on after months; the days are those
// of the cycle's zone.
func TestALateResetSaysSoAndGoesOn(t *testing.T) {
	w := newWard(t, t.Context(), wretched(3), okr.Config{})
	w.clock.Set(time.Date(2026, time.October, 4, 22, 30, 0, 0, time.UTC)) // the 5th in Zurich
	w.start(t)
	v := w.view(t)
	require.Equal(t, measure.NewDate(2026, time.October, 5), v.Start)
	require.Equal(t, measure.NewDate(2026, time.October, 11), v.Weeks[0].To)
	require.Equal(t, measure.NewDate(2026, time.November, 3), v.Weeks[3].To, "thirty days in all")
	w.clock.Set(time.Date(2026, time.October, 11, 21, 59, 0, 0, time.UTC))
	require.Zero(t, w.view(t).Behind)
	w.clock.Set(time.Date(2026, time.October, 11, 22, 0, 0, 0, time.UTC))
	require.Equal(t, 1, w.view(t).Behind)
	w.clock.Set(time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC))
	require.Equal(t, 51, w.view(t).Behind)
	_, err := w.advance()
	require.NoError(t, err, "late is said, and stops nobody")
	_, err = w.acme.StartReset(w.ctx, okr.NewReset{Cycle: w.cycle, Start: measure.NewDate(2026, time.November, 2)})
	require.ErrorIs(t, err, okr.ErrConflict)
}

// A judge that fills in no worksheet resets nothing, and says what to do.
func TestAResetNeedsAWorksheet(t *testing.T) {
	desk, err := okr.New(memory.New(), okr.Config{Clock: func() time.Time { return friday }})
	require.NoError(t, err)
	acme := desk.For("acme").As(okr.Someone("ana"))
	_, err = acme.Propose(t.Context(), wretched(1))
	require.NoError(t, err)
	cycles, err := acme.View().Cycles(t.Context())
	require.NoError(t, err)
	_, err = acme.StartReset(t.Context(), okr.NewReset{Cycle: cycles[0].ID})
	var invalid *okr.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, "judge", invalid.Field)
}

// Where a rule breaks nobody knows how a key result is: the worksheet is not filled in.
func TestABrokenRuleKeepsWeekOneOpen(t *testing.T) {
	broken := `
apiVersion: okr.rules/v1
env: 1
name: brittle
version: 1.0.0
rules:
  - {id: snaps, on: key_result, check: '[kr.title][1] == ""', message: m}
tests: []
`
	w := newWard(t, t.Context(), wretched(2), okr.Config{Judge: with(t, broken)})
	w.start(t)
	_, err := w.advance()
	var e *okr.ResetError
	require.ErrorAs(t, err, &e)
	require.Equal(t, okr.WeekAudit, e.Week)
	require.Len(t, e.Missing, 1)
	require.Equal(t, audit.LacksJudgement, e.Missing[0].What)
	require.Equal(t, []string{"brittle/snaps"}, e.Missing[0].Rules)
}

// A source is vouched for as it is named: another one is not. What is left as it is has
// a reason, and an owner; what is set aside says why.
func TestWhatIsVouchedFor(t *testing.T) {
	w := newWard(t, t.Context(), wretched(3), okr.Config{})
	w.start(t)
	_, err := w.advance()
	require.NoError(t, err)
	vouch := func(key string, kind okr.VouchKind, reason string) error {
		_, err := w.acme.Vouch(w.ctx, okr.Vouching{Reset: w.reset, KeyResult: w.keyResult(t, key).ID, For: kind, Reason: reason})
		return err
	}
	of := func(key string) (out []string) {
		id := w.keyResult(t, key).ID
		for _, m := range w.view(t).Missing {
			if m.Subject.ID == id {
				out = append(out, m.What)
			}
		}
		return out
	}
	require.Equal(t, []string{audit.LacksSource, audit.LacksRebuilding}, of("k0"))
	require.ErrorIs(t, vouch("k0", okr.VouchSource, ""), okr.ErrInvalid, "it names none")
	_, err = w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: w.keyResult(t, "k0").ID, Source: manual("Ledger")})
	require.NoError(t, err)
	require.Equal(t, []string{audit.LacksRebuilding, audit.LacksConfirming}, of("k0"))
	require.NoError(t, vouch("k0", okr.VouchSource, ""))
	require.Equal(t, []string{audit.LacksRebuilding}, of("k0"))
	_, err = w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: w.keyResult(t, "k0").ID, Source: manual("Another ledger")})
	require.NoError(t, err)
	require.Equal(t, []string{audit.LacksRebuilding, audit.LacksConfirming}, of("k0"), "it was the other one that somebody saw")

	require.ErrorIs(t, vouch("k1", okr.VouchAsIs, " "), okr.ErrInvalid, "not without a reason")
	require.ErrorIs(t, vouch("k1", "luck", "x"), okr.ErrInvalid)
	require.ErrorIs(t, vouch("k1", okr.VouchAside, "x"), okr.ErrInvalid, "it is not set aside")
	require.NoError(t, vouch("k1", okr.VouchAsIs, "it ends with the year"))
	require.Empty(t, of("k1"))

	gone := okr.Abandoned
	_, err = w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: w.keyResult(t, "k2").ID, State: &gone})
	require.NoError(t, err)
	require.Equal(t, []string{audit.LacksReason}, of("k2"))
	require.NoError(t, vouch("k2", okr.VouchAside, "nobody would miss it"))
	require.Empty(t, of("k2"))
	v := w.view(t)
	require.Equal(t, 1, v.Counts.Aside)
	require.Equal(t, 1, v.Counts.AsIs)

	w.mendAll(t)
	_, err = w.advance()
	require.NoError(t, err)
	require.Equal(t, []string{audit.LacksOwner}, of("k1"), "somebody keeps an eye on it")

	// The reasons are words that can be erased.
	_, err = w.acme.Erase(w.ctx, okr.Erasing{Subject: okr.Ref{Kind: okr.KindReset, ID: w.reset}})
	require.NoError(t, err)
	for _, x := range w.view(t).Vouched {
		require.Contains(t, []string{"", okr.Erased}, x.Reason)
	}
}

// Only a person vouches. What was left as it is and is rebuilt after all is as any other
// again. A finding that is waived is asked for in no other words.
func TestAWordIsAPersonsAndHoldsWhileItIsNeeded(t *testing.T) {
	w := newWard(t, t.Context(), wretched(3), okr.Config{})
	w.start(t)
	_, err := w.advance()
	require.NoError(t, err)
	k := w.keyResult(t, "k0").ID
	word := okr.Vouching{Reset: w.reset, KeyResult: k, For: okr.VouchAsIs, Reason: "it ends with the year"}
	_, err = w.desk.For("acme").As(okr.Automation("bot")).Vouch(w.ctx, word)
	require.ErrorIs(t, err, okr.ErrInvalid)
	_, err = w.acme.Vouch(w.ctx, word)
	require.NoError(t, err)
	require.Equal(t, 1, w.view(t).Counts.AsIs)
	title := "Raise thing a from 1 to 2"
	_, err = w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: k, Title: &title, Source: manual("Book"), Metric: &measure.Metric{Kind: measure.Increase, Baseline: measure.N(1), Target: measure.N(2)}})
	require.NoError(t, err)
	require.Equal(t, 1, w.view(t).Counts.AsIs, "its source is not confirmed yet")
	_, err = w.acme.Vouch(w.ctx, okr.Vouching{Reset: w.reset, KeyResult: k, For: okr.VouchSource})
	require.NoError(t, err)
	c := w.view(t).Counts
	require.Zero(t, c.AsIs)
	require.Equal(t, 1, c.Mended)

	other := w.keyResult(t, "k1").ID
	lacks := func() (out []string) {
		for _, m := range w.view(t).Missing {
			if m.Subject.ID == other {
				out = append(out, m.What)
			}
		}
		return out
	}
	require.Equal(t, []string{audit.LacksSource, audit.LacksRebuilding}, lacks())
	for _, rule := range []string{"measurable", "source-declared"} {
		_, err = w.acme.Waive(w.ctx, okr.Waiving{Rule: rule, Subject: okr.Ref{Kind: okr.KindKeyResult, ID: other}, Owner: "ana", Reason: "agreed with the board"})
		require.NoError(t, err)
	}
	require.Empty(t, lacks())
}

// A reason that was given with the change is a reason.
func TestAReasonGivenWithTheChangeCounts(t *testing.T) {
	w := newWard(t, t.Context(), wretched(2), okr.Config{})
	w.start(t)
	_, err := w.advance()
	require.NoError(t, err)
	later := okr.Postponed
	_, err = w.acme.Change(w.ctx, okr.KeyResultChange{KeyResult: w.keyResult(t, "k0").ID, State: &later, Reason: "after the move"})
	require.NoError(t, err)
	id := w.keyResult(t, "k0").ID
	require.False(t, slices.ContainsFunc(w.view(t).Missing, func(m okr.Missing) bool { return m.Subject.ID == id }))
}

// What is private stays out of a reset, and what becomes private later leaves it for
// those who may not see it.
func TestPrivateObjectivesStayOutOfAReset(t *testing.T) {
	plan := wretched(8)
	plan.Objectives[0].Private, plan.Objectives[0].Owner = true, "ana"
	w := newWard(t, t.Context(), plan, okr.Config{})
	w.start(t)
	v := w.view(t)
	require.Equal(t, 4, v.Counts.KeyResults, "nobody's, not even of whoever may see it")
	require.Len(t, v.Worksheet, 4)
	require.NotContains(t, string(must(json.Marshal(v))), "Improve thing a")

	var secret okr.ID
	for _, o := range w.snapshot(t).Objectives {
		if o.Key == "o1" {
			secret = o.ID
		}
	}
	yes, ana := true, okr.ID("ana")
	_, err := w.acme.ChangeObjective(w.ctx, okr.ObjectiveChange{Objective: secret, Private: &yes, Owner: &ana, Reason: "it is delicate"})
	require.NoError(t, err)
	ben := w.desk.For("acme").As(okr.Someone("ben"))
	seen, err := ben.View().Reset(w.ctx, w.reset)
	require.NoError(t, err)
	require.Empty(t, seen.Worksheet)
	require.Empty(t, seen.Rows)
	page, err := ben.View().Resets(w.ctx, okr.ResetQuery{Cycle: w.cycle}, okr.Paging{})
	require.NoError(t, err)
	require.NotContains(t, string(must(json.Marshal(page))), "Improve thing")
	snap, err := ben.View().Snapshot(w.ctx, w.cycle)
	require.NoError(t, err)
	require.Empty(t, snap.Resets[0].Worksheet)
	require.Len(t, w.snapshot(t).Resets[0].Worksheet, 4, "whoever may see it sees it on the worksheet")
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// The number of every key result is followed in one way or is a gap of one kind.
func TestEveryNumberIsFollowedOrAGap(t *testing.T) {
	now := friday
	day := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	metric := measure.Metric{Kind: measure.Increase, Baseline: measure.N(1), Target: measure.N(9)}
	sql := &okr.Source{Kind: "sql", Where: "Warehouse", Interval: okr.Daily, Access: []string{"ana"}}
	byHand := &okr.Source{Kind: "manual", Where: "Book", Interval: okr.EveryWeek}
	for _, c := range []struct {
		name    string
		k       okr.KeyResult
		reading string // its source; "" is none
		age     int    // of the reading, in days
		failed  bool
		want    okr.TrackedAs
	}{
		{"delivered yesterday", okr.KeyResult{Owner: "ana", Metric: metric, Source: sql}, "sql", 1, false, okr.RealTime},
		{"delivered last month", okr.KeyResult{Owner: "ana", Metric: metric, Source: sql}, "sql", 30, false, okr.Stale},
		{"never delivered", okr.KeyResult{Owner: "ana", Metric: metric, Source: sql}, "", 0, false, okr.Stale},
		{"fails today", okr.KeyResult{Owner: "ana", Metric: metric, Source: sql}, "sql", 0, true, okr.Stale},
		{"fails, and is entered by hand", okr.KeyResult{Owner: "ana", Metric: metric, Source: sql}, "checkin", 0, true, okr.ByHand},
		{"read off on Monday", okr.KeyResult{Owner: "ana", Metric: metric, Source: byHand}, "checkin", 4, false, okr.ByHand},
		{"read off in summer", okr.KeyResult{Owner: "ana", Metric: metric, Source: byHand}, "checkin", 90, false, okr.Stale},
		{"no source", okr.KeyResult{Owner: "ana", Metric: metric}, "checkin", 1, false, okr.NoSource},
		{"a source that is nowhere", okr.KeyResult{Owner: "ana", Metric: metric, Source: &okr.Source{Kind: "sql"}}, "", 0, false, okr.NoSource},
		{"whose owner may not read it", okr.KeyResult{Owner: "ben", Metric: metric, Source: sql}, "sql", 0, false, okr.NoAccess},
		{"by hand, and nobody's", okr.KeyResult{Metric: metric, Source: byHand}, "checkin", 1, false, okr.NoAccess},
		{"no number", okr.KeyResult{Owner: "ana", Source: sql}, "", 0, false, okr.NotMeasurable},
	} {
		s := &okr.Snapshot{
			Cycles:     []okr.Cycle{{ID: "q", Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31), Cadence: okrtest.Weekly()}},
			People:     []okr.Person{{ID: "ana", Name: "Ana", Kind: okr.Human}, {ID: "ben", Name: "Ben", Kind: okr.Human}},
			Objectives: []okr.Objective{{ID: "o", Cycle: "q", Title: "O", State: okr.Active}},
		}
		k := c.k
		k.ID, k.Objective, k.Cycle, k.State = "k", "o", "q", okr.Active
		if c.reading != "" {
			at := day(c.age)
			k.Current, k.CurrentAt, k.Reading = measure.N(2), &at, "r"
			s.Readings = []okr.Reading{{ID: "r", KeyResult: "k", Value: measure.N(2), OccurredAt: at, RecordedAt: at, Source: c.reading}}
		}
		if c.failed {
			s.Standings = []okr.Standing{{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: "k"}, Kind: "source", Value: "failed"}}
		}
		s.KeyResults = []okr.KeyResult{k}
		got := audit.Trackable(s, now)["k"]
		require.Equal(t, c.want, got.As, "%s: %+v", c.name, got)
		require.NotEmpty(t, got.Why, c.name)
		require.Equal(t, c.want.Gap(), got.Next != "", "%s: a gap, and no other, has a next step", c.name)
	}
}

// The documentation lists the conditions that hold.
func TestTheDocumentationListsTheConditions(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "reset.md"))
	require.NoError(t, err)
	for _, c := range audit.Conditions() {
		require.Contains(t, string(text), fmt.Sprintf("| `%s` | %d | %s |\n", c.What, c.Week, c.Asks))
	}
}

// The worksheet of a coordinator, in every format, in every week.
func TestWhatACoordinatorSees(t *testing.T) {
	w := newWard(t, t.Context(), wretched(5), okr.Config{})
	w.start(t)
	show := func(name string) {
		for _, f := range audit.ResetFormats() {
			var out bytes.Buffer
			require.NoError(t, audit.RenderReset(&out, w.view(t), f))
			golden := filepath.Join("testdata", fmt.Sprintf("reset.%s.%s", name, f))
			if *update {
				require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), out.String(), golden)
		}
	}
	show("audit")
	_, err := w.advance()
	require.NoError(t, err)
	w.clock.Advance(12 * 24 * time.Hour)
	show("rebuild")
	w.mendAll(t)
	_, err = w.advance()
	require.NoError(t, err)
	w.mendAll(t)
	_, err = w.advance()
	require.NoError(t, err)
	w.mendAll(t)
	_, err = w.advance()
	require.NoError(t, err)
	show("finished")
	require.ErrorIs(t, audit.RenderReset(new(bytes.Buffer), w.view(t), audit.FormatSARIF), okr.ErrInvalid)
}
