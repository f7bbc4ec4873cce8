package okr_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

func pointCodes(a okr.Agenda) map[string][]okr.ReasonCode {
	out := map[string][]okr.ReasonCode{}
	for _, p := range a.Points {
		out[p.Key] = codes(p.Concern)
	}
	for _, d := range a.Deferred {
		out[d.Key] = codes(d.Concern)
	}
	return out
}

func pointKeys(a okr.Agenda) (points, deferred, quiet []string) {
	for _, p := range a.Points {
		points = append(points, p.Key)
	}
	for _, p := range a.Deferred {
		deferred = append(deferred, p.Key)
	}
	for _, p := range a.Quiet {
		quiet = append(quiet, p.Key)
	}
	return points, deferred, quiet
}

// whole checks what holds of every agenda.
func whole(t require.TestingT, a okr.Agenda) {
	require.Equal(t, a.KeyResults, len(a.Points)+len(a.Deferred)+len(a.Quiet))
	seen, sum := map[okr.ID]bool{}, 0.0
	each := func(c okr.Concern) {
		require.False(t, seen[c.ID], "each stands once")
		seen[c.ID] = true
	}
	for _, p := range a.Points {
		each(p.Concern)
		require.NotEmpty(t, p.Reasons)
		require.Positive(t, p.Minutes)
		require.Zero(t, math.Mod(p.Minutes, 0.5))
		sum += p.Minutes
	}
	for _, d := range a.Deferred {
		each(d.Concern)
		require.NotEmpty(t, d.Reasons)
		require.NotEmpty(t, a.Points, "nothing is put off for an empty meeting")
		require.Greater(t, sum+d.Minutes, float64(a.Budget)-longest(a), "what would fit is not put off")
	}
	for _, q := range a.Quiet {
		each(q.Concern)
	}
	require.EqualValues(t, a.Expected, math.Ceil(sum))
	if len(a.Points) > 1 {
		require.LessOrEqual(t, sum, float64(a.Budget))
	}
}

func longest(a okr.Agenda) float64 {
	m := 0.0
	for _, p := range a.Points {
		m = max(m, p.Minutes)
	}
	return m
}

func TestAnAgendaBeginsWithWhatNobodyKnows(t *testing.T) {
	h, c := middle(t)
	a, err := h.acme.View().Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "sales"})
	require.NoError(t, err)
	whole(t, a)
	require.Equal(t, "Sales", a.Team.Name)
	require.Equal(t, c.ID, a.Cycle.ID)
	points, deferred, quiet := pointKeys(a)
	require.Equal(t, []string{"renewals", "deals", "leads"}, points)
	require.Empty(t, deferred)
	require.Empty(t, quiet)
	require.Equal(t, map[string][]okr.ReasonCode{
		"renewals": {okr.ReasonUnknown, okr.ReasonDue},
		"deals":    {okr.ReasonOffTrack, okr.ReasonAdjust, okr.ReasonStated},
		"leads":    {okr.ReasonConfidence},
	}, pointCodes(a))
	require.Equal(t, []float64{2, 3, 2}, []float64{a.Points[0].Minutes, a.Points[1].Minutes, a.Points[2].Minutes})
	require.Equal(t, 7, a.Expected)
	require.Equal(t, okr.DefaultMeeting, a.Budget)
	require.Equal(t, okr.Pace{Minutes: okr.DefaultPace}, a.Pace)
	require.Equal(t, []okr.ID{"ana"}, a.Points[1].With)

	ops, err := h.acme.View().Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "ops"})
	require.NoError(t, err)
	whole(t, ops)
	require.Equal(t, []okr.ID{"cy", "bo"}, ops.Points[0].With, "whoever shall remove the blocker is needed")
	require.Equal(t, []string{"Cy", "Bo"}, ops.Points[0].WithNames)
	idle, err := h.acme.View().Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "idle"})
	require.NoError(t, err)
	whole(t, idle)
	require.Zero(t, idle.Expected)
}

func TestWhatDoesNotFitIsHandledOutside(t *testing.T) {
	h, c := middle(t)
	view := h.acme.View()
	a, err := view.Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "sales", Minutes: 4})
	require.NoError(t, err)
	whole(t, a)
	points, deferred, _ := pointKeys(a)
	require.Equal(t, []string{"renewals", "leads"}, points, "what comes after it may still fit")
	require.Equal(t, []string{"deals"}, deferred)
	require.Equal(t, okr.OwnTalk, a.Deferred[0].How)
	require.Equal(t, 4, a.Expected)

	a, err = view.Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "sales", Minutes: 1})
	require.NoError(t, err)
	whole(t, a)
	points, _, _ = pointKeys(a)
	require.Equal(t, []string{"renewals"}, points, "the first stands whatever it takes")
	require.Equal(t, 2, a.Expected)

	a, err = view.Agenda(t.Context(), okr.AgendaQuery{
		Cycle: c.ID, Team: "sales", Pace: 1, Minutes: 3, Needs: map[okr.ReasonCode]float64{okr.ReasonConfidence: 0, okr.ReasonUnknown: 10},
	})
	require.NoError(t, err)
	whole(t, a)
	points, deferred, quiet := pointKeys(a)
	require.Equal(t, []string{"renewals"}, points)
	require.Equal(t, 5.0, a.Points[0].Minutes)
	require.Equal(t, []string{"deals"}, deferred)
	require.Equal(t, []string{"leads"}, quiet, "what the host gives no minutes needs no words")
	require.Equal(t, okr.Pace{Minutes: 1}, a.Pace)
}

func TestAgendasAreRefusedByName(t *testing.T) {
	h, c := company(t)
	view := h.acme.View()
	for name, x := range map[string]struct {
		q     okr.AgendaQuery
		field string
	}{
		"no cycle":     {okr.AgendaQuery{Team: "sales"}, "cycle"},
		"no team":      {okr.AgendaQuery{Cycle: c.ID}, "team"},
		"before zero":  {okr.AgendaQuery{Cycle: c.ID, Team: "sales", Minutes: -1}, "minutes"},
		"two days":     {okr.AgendaQuery{Cycle: c.ID, Team: "sales", Minutes: 2881}, "minutes"},
		"no pace":      {okr.AgendaQuery{Cycle: c.ID, Team: "sales", Pace: math.NaN()}, "pace"},
		"slow pace":    {okr.AgendaQuery{Cycle: c.ID, Team: "sales", Pace: math.Inf(1)}, "pace"},
		"other reason": {okr.AgendaQuery{Cycle: c.ID, Team: "sales", Needs: map[okr.ReasonCode]float64{"gut": 1}}, "needs"},
		"bad minutes":  {okr.AgendaQuery{Cycle: c.ID, Team: "sales", Needs: map[okr.ReasonCode]float64{okr.ReasonStale: -1}}, "needs.stale"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := view.Agenda(t.Context(), x.q)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err := view.Agenda(t.Context(), okr.AgendaQuery{Cycle: c.ID, Team: "nobody"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = view.Agenda(t.Context(), okr.AgendaQuery{Minutes: -1, Pace: -1})
	require.Equal(t, []string{"cycle", "team", "minutes", "pace"}, invalidFields(t, err))
}

// The agenda is held: one transaction records what was said of each, and the next one
// is shorter.
func TestAMeetingRecordsSeveralKeyResultsAtOnce(t *testing.T) {
	h, c := middle(t)
	ctx, view := t.Context(), h.acme.View()
	before, err := view.Agenda(ctx, okr.AgendaQuery{Cycle: c.ID, Team: "sales"})
	require.NoError(t, err)
	h.clock.Set(time.Date(2026, time.November, 13, 9, 12, 30, 0, time.UTC))
	meeting := okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, Team: "sales", People: []okr.ID{"ana", "bo"}, Expected: before.Expected,
		Started: time.Date(2026, time.November, 13, 9, 0, 0, 0, time.UTC), Ended: time.Date(2026, time.November, 13, 9, 8, 30, 0, time.UTC),
		CheckIns: []okr.CheckIn{
			{KeyResult: h.keyResult(t, "renewals").ID, Value: measure.N(50), Confidence: measure.N(8)},
			{KeyResult: h.keyResult(t, "deals").ID, Value: measure.N(6), Stated: measure.OffTrack,
				Adjust:   []okr.Adjustment{{Do: "drop", Title: "Fair", Reason: "Nobody came"}, {Do: "add", Title: "Call lost customers"}},
				Blockers: []okr.NewBlocker{{Kind: "people", Text: "Two posts are open", Owner: "cy"}}},
		},
		Decisions: []okr.NewDecision{{Text: "No more fairs this quarter", Owner: "bo"}},
		Key:       "meeting-1",
	}
	d, err := h.acme.Hold(ctx, meeting)
	require.NoError(t, err)
	require.Equal(t, []string{
		okr.EventSessionHeld, okr.EventDecisionRecorded,
		okr.EventReadingRecorded, okr.EventCheckInRecorded, okr.EventStatusChanged,
		okr.EventReadingRecorded, okr.EventKeyResultChanged, okr.EventBlockerOpened, okr.EventCheckInRecorded,
	}, types(d.Events))
	p, err := d.Events[0].Payload()
	require.NoError(t, err)
	fact := p.(*okr.SessionFact)
	require.Equal(t, okr.SessionFact{
		Session: fact.Session, SessionKind: okr.CheckInSession, Cycle: c.ID, Team: "sales", Held: measure.NewDate(2026, 11, 13), People: 2,
		Minutes: 9, Decisions: 1, Expected: 7, KeyResults: 2, Active: 3,
	}, *fact)
	for _, e := range d.Events {
		require.Equal(t, h.clock.Now(), e.Time, "one instant")
	}
	again, err := h.acme.Hold(ctx, meeting)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.Equal(t, d.Events, again.Events)
	other := meeting
	other.CheckIns = meeting.CheckIns[:1]
	_, err = h.acme.Hold(ctx, other)
	require.ErrorIs(t, err, okr.ErrConflict)

	held, err := view.Sessions(ctx, okr.SessionQuery{Cycle: c.ID, Team: "sales"}, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, held.Items, 1)
	require.Equal(t, []int{9, 7, 2, 3}, []int{held.Items[0].Minutes, held.Items[0].Expected, held.Items[0].KeyResults, held.Items[0].Active})
	s, err := view.Snapshot(ctx, c.ID)
	require.NoError(t, err)
	said := 0
	for _, r := range s.CheckIns {
		if r.Session == fact.Session {
			said++
			require.Equal(t, ana, r.Author)
		}
	}
	require.Equal(t, 2, said)

	after, err := view.Agenda(ctx, okr.AgendaQuery{Cycle: c.ID, Team: "sales"})
	require.NoError(t, err)
	whole(t, after)
	require.Equal(t, map[string][]okr.ReasonCode{
		"deals": {okr.ReasonOffTrack, okr.ReasonBlocked},
		"leads": {okr.ReasonConfidence},
	}, pointCodes(after), "what was adjusted is not to be adjusted, and what is known needs no words")
	require.Less(t, after.Expected, before.Expected)
	_, _, quiet := pointKeys(after)
	require.Equal(t, []string{"renewals"}, quiet)
}

func TestAMeetingIsRecordedWholeOrNotAtAll(t *testing.T) {
	h, c := middle(t)
	ctx, view := t.Context(), h.acme.View()
	before, err := view.Snapshot(ctx, c.ID)
	require.NoError(t, err)
	id := func(key string) okr.ID { return h.keyResult(t, key).ID }
	good := []okr.CheckIn{{KeyResult: id("deals"), Value: measure.N(9)}, {KeyResult: id("leads"), Value: measure.N(60)}, {KeyResult: id("renewals"), Note: "as expected"}}
	hold := func(change func(cs []okr.CheckIn) []okr.CheckIn) error {
		_, err := h.acme.Hold(ctx, okr.NewSession{
			Kind: okr.CheckInSession, Cycle: c.ID, Team: "sales", Held: measure.NewDate(2026, 11, 13), People: []okr.ID{"ana"}, Minutes: 9,
			CheckIns: change(append([]okr.CheckIn(nil), good...)), Key: "once",
		})
		return err
	}
	for name, x := range map[string]struct {
		change func(cs []okr.CheckIn) []okr.CheckIn
		fields []string
	}{
		"another unit":   {func(cs []okr.CheckIn) []okr.CheckIn { cs[1].Unit = "EUR"; return cs }, []string{"checkins[1].unit"}},
		"not there":      {func(cs []okr.CheckIn) []okr.CheckIn { cs[2].KeyResult = "nope"; return cs }, []string{"checkins[2].key_result"}},
		"a key":          {func(cs []okr.CheckIn) []okr.CheckIn { cs[0].Key = "k"; return cs }, []string{"checkins[0].key"}},
		"tomorrow":       {func(cs []okr.CheckIn) []okr.CheckIn { cs[2].OccurredAt = h.clock.Now().Add(time.Hour); return cs }, []string{"checkins[2].occurred_at"}},
		"no such block":  {func(cs []okr.CheckIn) []okr.CheckIn { cs[0].Resolved = []okr.Resolution{{Blocker: "b"}}; return cs }, []string{"checkins[0].resolved[0].blocker"}},
		"twice the same": {func(cs []okr.CheckIn) []okr.CheckIn { return append(cs, cs[1]) }, []string{"checkins[3].key_result"}},
		"all at once": {func(cs []okr.CheckIn) []okr.CheckIn {
			cs[0].Blockers = []okr.NewBlocker{{Text: "x", Owner: "zoe"}}
			cs[1].Adjust = []okr.Adjustment{{Do: "finish", Title: "Nothing of the kind"}}
			cs[2].Unit = "EUR"
			return cs
		}, []string{"checkins[0].blockers[0].owner", "checkins[1].adjust[0].title", "checkins[2].unit"}},
		"before it is asked": {func(cs []okr.CheckIn) []okr.CheckIn {
			cs[0].Confidence, cs[2].Confidence = measure.N(11), measure.N(-1)
			return cs
		}, []string{"checkins[0].confidence", "checkins[2].confidence"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := hold(x.change)
			if len(x.fields) == 1 {
				require.Equal(t, x.fields[0], invalidField(t, err))
			} else {
				require.Equal(t, x.fields, invalidFields(t, err))
			}
			after, err := view.Snapshot(ctx, c.ID)
			require.NoError(t, err)
			require.Equal(t, before, after, "nothing half-written")
		})
	}
	_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: id("leads"), State: ptr(okr.Abandoned), Reason: "no more"})
	require.NoError(t, err)
	err = hold(func(cs []okr.CheckIn) []okr.CheckIn { cs[2].Unit = "EUR"; return cs })
	require.ErrorIs(t, err, okr.ErrConflict)
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.ErrorContains(t, err, "checkins[1]: ")
	require.ErrorContains(t, err, "checkins[2].unit")
	require.NoError(t, hold(func(cs []okr.CheckIn) []okr.CheckIn { return []okr.CheckIn{cs[0], cs[2]} }), "what failed left no trace of its key either")
}

func TestHowLongAMeetingTook(t *testing.T) {
	h, c := company(t)
	nine := time.Date(2026, time.October, 1, 7, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		change func(*okr.NewSession)
		field  string
	}{
		"no end":       {func(n *okr.NewSession) { n.Ended = time.Time{} }, "ended"},
		"no start":     {func(n *okr.NewSession) { n.Started, n.Held = time.Time{}, october(1) }, "started"},
		"backwards":    {func(n *okr.NewSession) { n.Ended = nine.Add(-time.Minute) }, "ended"},
		"still on":     {func(n *okr.NewSession) { n.Ended = nine.Add(3 * time.Hour) }, "ended"},
		"two days":     {func(n *okr.NewSession) { n.Started = nine.AddDate(0, 0, -2) }, "ended"},
		"other length": {func(n *okr.NewSession) { n.Minutes = 20 }, "minutes"},
		"other day":    {func(n *okr.NewSession) { n.Held = measure.NewDate(2026, 9, 30) }, "held"},
		"expected":     {func(n *okr.NewSession) { n.Expected = -1 }, "expected"},
	} {
		t.Run(name, func(t *testing.T) {
			n := okr.NewSession{Kind: okr.CheckInSession, Cycle: c.ID, People: []okr.ID{"ana"}, Started: nine, Ended: nine.Add(14*time.Minute + time.Second)}
			x.change(&n)
			_, err := h.acme.Hold(t.Context(), n)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err := h.acme.Hold(t.Context(), okr.NewSession{
		Kind: okr.CheckInSession, Cycle: c.ID, People: []okr.ID{"ana"}, Started: nine, Ended: nine.Add(14*time.Minute + time.Second), Minutes: 15,
	})
	require.NoError(t, err)
}
