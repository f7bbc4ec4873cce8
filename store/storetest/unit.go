package storetest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

const acme okr.TenantID = "acme"

// unitTest is a test of one unit over a store that holds what prepare wrote.
type unitTest struct {
	name    string
	prepare func(b *book) []okr.Changes
	run     func(t *testing.T, u okr.Unit, b *book)
}

// testUnits runs every unit test through every door.
func testUnits(t *testing.T, s suite) {
	for _, d := range s.doors() {
		t.Run(d.name, func(t *testing.T) {
			st := s.open(t)
			for i, test := range unitTests() {
				t.Run(test.name, func(t *testing.T) {
					b := newBook(okr.TenantID(fmt.Sprintf("tenant %d", i))) // they share nothing
					if test.prepare != nil {
						for _, c := range test.prepare(b) {
							write(t, st, b.tenant, c)
						}
					}
					u, finish := d.enter(t, st)
					test.run(t, u, b)
					require.NoError(t, finish(false))
				})
			}
			t.Run("what commits is there, what rolls back is not", func(t *testing.T) { testEnds(t, s, d) })
		})
	}
}

func unitTests() []unitTest {
	one := func(c okr.Changes) []okr.Changes { return []okr.Changes{c} }
	small := func(b *book) []okr.Changes { return one(b.small()) }
	var tests []unitTest
	for _, group := range [][]unitTest{
		loadTests(),
		conflictTests(),
		refusalTests(),
		{
			{"every field comes back", nil, testRoundTrip},
			{"large text of many scripts comes back", small, testText},
			{"ids differ by every byte", nil, testIDs},
			{"rows that are only added", small, testOnlyAdded},
			{"newest first, whatever came first", small, testNewest},
			{"blockers", small, testBlockers},
			{"standings", small, testStandings},
			{"packs and their texts", small, testPacks},
			{"decisions by idempotency key", small, testRemembered},
			{"events after a number", small, testEvents},
			{"list", nil, testList},
			{"items", small, testItems},
			{"what initiatives name", small, testLinks},
			{"a savepoint that rolls back leaves the rest", small, testSavepoint},
			{"a failing write in a savepoint leaves the rest", small, testFailingWrite},
			{"a cancelled context", small, testCancelled},
		},
	} {
		tests = append(tests, group...)
	}
	return tests
}

// testEnds writes in several steps and ends the unit after each of them.
func testEnds(t *testing.T, s suite, d door) {
	steps := func(b *book) []okr.Changes {
		return []okr.Changes{
			b.small(),
			b.write(okr.Changes{
				KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "ann"), keyResult("k2", "o1", "q4", "ann")},
				Readings:   []okr.Reading{reading("r1", "k1", 5, at(0), at(0))},
				CheckIns:   []okr.CheckInRecord{checkIn("c1", "k1", at(0))},
				Blockers:   []okr.Blocker{{ID: "b1", KeyResult: "k1", Text: "no access", OpenedAt: at(0)}},
				Standings:  []okr.Standing{{Subject: ref(okr.KindKeyResult, "k1"), Kind: "status", Value: "on_track", Since: at(0), NextLook: ptr(at(1))}},
				Look:       []okr.Ref{ref(okr.KindObjective, "o1")},
				Activate:   []okr.Pack{{Name: "starter", Version: "1", Digest: "d1", Text: "rules"}},
				Words:      []okr.Word{{ID: "w1", Entity: ref(okr.KindCheckIn, "c1"), Field: "note", Salt: []byte("salt"), Text: "well"}},
				Remember:   &okr.Remembered{Key: "key", Content: "c", Decision: []byte(`{}`), At: at(0)},
			}),
		}
	}
	for after := range len(steps(newBook(acme))) + 1 {
		for _, commit := range []bool{false, true} {
			st := s.open(t)
			u, finish := d.enter(t, st)
			for _, c := range steps(newBook(acme))[:after] {
				require.NoError(t, u.Write(t.Context(), acme, c))
			}
			require.NoError(t, finish(commit))
			if !commit {
				requireEmpty(t, st)
				continue
			}
			tenants, err := st.Tenants(t.Context())
			require.NoError(t, err)
			waiting, _, err := st.OutgoingState(t.Context())
			require.NoError(t, err)
			switch after {
			case 0:
				require.Empty(t, tenants)
			case 1:
				require.Equal(t, []okr.TenantID{acme}, tenants)
				require.Equal(t, 5, waiting)
				require.Len(t, load(t, st, acme, everything("q4")).KeyResults, 1)
			case 2:
				require.Equal(t, 7, waiting)
				got := load(t, st, acme, everything("q4"))
				require.Len(t, got.KeyResults, 2)
				require.Len(t, got.Readings, 1)
				require.Len(t, got.CheckIns, 1)
				require.Len(t, got.Blockers, 1)
				require.Len(t, got.Standings, 1)
				require.Len(t, got.Packs, 1)
			}
		}
	}
}

// requireEmpty says that nothing at all was left behind.
func requireEmpty(t *testing.T, st Store) {
	t.Helper()
	ctx := t.Context()
	tenants, err := st.Tenants(ctx)
	require.NoError(t, err)
	require.Empty(t, tenants)
	waiting, _, err := st.OutgoingState(ctx)
	require.NoError(t, err)
	require.Zero(t, waiting)
	due, err := st.ClaimDue(ctx, at(1000), 100)
	require.NoError(t, err)
	require.Empty(t, due)
	n, err := st.Seal(ctx, start, 100)
	require.NoError(t, err)
	require.Zero(t, n)
	require.ErrorIs(t, erase(ctx, st, acme, ref(okr.KindCheckIn, "c1")), okr.ErrNotFound)
	in(t, st, false, func(u okr.Unit) {
		got, err := u.Load(ctx, acme, okr.Need{Everyone: true, Cycles: true})
		require.NoError(t, err)
		require.Equal(t, &okr.Snapshot{Tenant: acme}, got)
		for _, r := range []okr.Ref{ref(okr.KindObjective, "o1"), ref(okr.KindKeyResult, "k1"), ref(okr.KindKeyResult, "k2")} {
			_, err = u.Load(ctx, acme, okr.Need{Refs: []okr.Ref{r}})
			require.ErrorIs(t, err, okr.ErrNotFound)
			events, err := u.Events(ctx, acme, r, 0)
			require.NoError(t, err)
			require.Empty(t, events)
		}
		m, err := u.Recall(ctx, acme, "key")
		require.NoError(t, err)
		require.Nil(t, m)
	})
}

func testRoundTrip(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	zurich, err := time.LoadLocation("Europe/Zurich")
	require.NoError(t, err)
	odd := time.Date(2026, 11, 6, 10, 0, 0, 123_456_789, zurich) // kept in UTC, to the microsecond
	kept := time.Date(2026, 11, 6, 9, 0, 0, 123_456_000, time.UTC)
	schedule := &okr.Schedule{Frequency: okr.Monthly, Every: 2, Weekday: time.Friday, Day: 31, At: "16:30", Zone: "Asia/Tokyo",
		Anchor: measure.NewDate(2026, 10, 5), Lead: 2 * okr.Daily, Grace: 3 * okr.Daily,
		OffDay: okr.OffDayBefore, Holidays: "CH-ZH", WorkDays: []time.Weekday{time.Sunday, time.Monday}, SkipWithin: okr.Daily, Lock: true,
		Pauses: []okr.Span{{From: measure.NewDate(2026, 12, 24), To: measure.NewDate(2027, 1, 3)}}}

	full := func(instant time.Time, zero float64) okr.Changes {
		c := cycle("q4")
		c.Cadence, c.ClosedAt = schedule, &instant
		c.Phases = []okr.CyclePhase{{Name: "Rêve", From: measure.NewDate(2026, 12, 1), To: measure.NewDate(2026, 12, 31)}}
		c.Sessions = []okr.CycleSession{{Name: "日", Kind: okr.CustomSession, On: measure.NewDate(2026, 12, 1), At: "09:00", Zone: "Asia/Tokyo", Lead: okr.Daily, Minutes: 90, Team: "sales", For: okr.ForOwners}, {Kind: okr.CheckInSession, Schedule: schedule}}
		o := objective("o1", "q4", "sales", "ann")
		o.Committed, o.Rank, o.OwnerText = true, 3, "Ann of Sales"
		o.Description, o.TeamText, o.StatedScore = "why\nand how", "Sails", &okr.StatedScore{Value: measure.N(1.05), Text: "105 %"}
		o.Parents = []okr.Share{{Objective: "o0"}, {Objective: "oz", Weight: measure.N(0)}}
		k := okr.KeyResult{
			ID: "k1", Key: "kk", Cycle: "q4", Objective: "o1", Title: `Rêve "90 %" <b>&</b> 日本語 🎯`, Definition: "what is counted", Rationale: "why",
			Owner: "ann", OwnerText: "Ann", Metric: measure.Metric{Kind: measure.Decrease, Unit: "pp", Baseline: measure.N(-0.1), Target: measure.N(1e-300)},
			Curve: measure.Linear, Weight: measure.N(0), Due: measure.NewDate(2026, 12, 15),
			Source:  &okr.Source{Kind: "sql", Where: "warehouse", Interval: okr.Daily, Access: []string{"ann", "bob"}},
			Cadence: schedule, Initiatives: []okr.Initiative{{Title: "Call", Owner: "bob", Done: true, Link: "https://example.org"}}, StatedScore: &okr.StatedScore{Value: measure.N(0), Text: "=> 0 %"},
			State: okr.Postponed, ActivatedAt: &instant, Original: &okr.Definition{Title: "Before", Metric: measure.Metric{Kind: measure.AtLeast, Unit: "EUR", Target: measure.N(3)}, Due: measure.NewDate(2026, 12, 1)},
			Current: measure.N(math.MaxFloat64), CurrentAt: &instant, Reading: "r1", Confidence: measure.N(7.5), Stated: measure.AtRisk, LastCheckIn: &instant,
		}
		return okr.Changes{
			Cycles: []okr.Cycle{c},
			People: []okr.Person{{ID: "ann", Name: "Ann Ödegård", Email: "ann@example.org", Kind: okr.Human, Left: true, Team: "sales", Zone: "Europe/Oslo",
				Manager: "bob", Backup: "cid", Language: "nb-NO", Region: "NO", Away: []okr.Span{{From: measure.NewDate(2026, 12, 21), To: measure.NewDate(2027, 1, 3)}}}},
			Teams:      []okr.Team{{ID: "sales", Name: "Sales", Lead: "ann", Parent: "all", Cadence: schedule}},
			Objectives: []okr.Objective{o},
			KeyResults: []okr.KeyResult{k, keyResult("k2", "o1", "q4", "")},
			Readings: []okr.Reading{
				{ID: "r1", KeyResult: "k1", Value: measure.N(-1.5), OccurredAt: instant, RecordedAt: instant.Add(time.Second), Source: "sql", Corrects: "r0"},
				{ID: "r2", KeyResult: "k2", OccurredAt: instant, RecordedAt: instant, Source: "checkin"}, // unknown is not 0
				{ID: "r3", KeyResult: "k2", Value: measure.N(zero), OccurredAt: instant.Add(-time.Hour), RecordedAt: instant, Source: "checkin"},
			},
			CheckIns: []okr.CheckInRecord{
				{ID: "c1", KeyResult: "k1", Author: okr.Service("import"), AuthorText: "Åsa of Sales", OccurredAt: instant, RecordedAt: instant, Reading: "r1", Value: measure.N(0),
					Confidence: measure.N(10), Stated: measure.OffTrack, Note: "line one\nline two\t\\", Adjusted: []string{"Call", ""}},
				{ID: "c2", KeyResult: "k2", Author: okr.Someone("ann"), OccurredAt: instant, RecordedAt: instant},
			},
			Blockers: []okr.Blocker{
				{ID: "b1", KeyResult: "k1", Kind: "people", Text: "nobody", Owner: "bob", OpenedAt: instant, ClosedAt: ptr(instant.Add(time.Hour)), Resolution: "hired"},
				{ID: "b2", KeyResult: "k2", Text: "", OpenedAt: instant},
			},
			Standings: []okr.Standing{{Subject: ref(okr.KindKeyResult, "k1"), Kind: "occurrence", Key: "2026-W45", Value: "due", Since: instant, NextLook: ptr(instant.Add(time.Hour))}},
			Activate:  []okr.Pack{{Name: "starter", Version: "1.2.3", Digest: "abc", Text: "text: \x01 日本"}},
		}
	}
	require.NoError(t, u.Write(ctx, b.tenant, b.write(full(odd, math.Copysign(0, -1)))))

	need := everything("q4")
	need.PackTexts = []string{"abc", "nowhere"}
	got, err := u.Load(ctx, b.tenant, need)
	require.NoError(t, err)
	want := newBook(b.tenant).write(full(kept, 0))
	require.False(t, math.Signbit(got.Readings[2].Value.Or(-1)), "there is one zero")
	require.Equal(t, &okr.Snapshot{
		Tenant: b.tenant, Cycles: want.Cycles, People: want.People, Teams: want.Teams, Objectives: want.Objectives, KeyResults: want.KeyResults,
		Readings: want.Readings, CheckIns: want.CheckIns, Blockers: want.Blockers, Standings: want.Standings, Packs: want.Activate,
	}, got)

	// Written again with nothing in it, nothing of it stays.
	bare := b.write(okr.Changes{
		Cycles: []okr.Cycle{{ID: "q4"}}, People: []okr.Person{{ID: "ann"}}, Teams: []okr.Team{{ID: "sales"}},
		Objectives: []okr.Objective{{ID: "o1", Cycle: "q4"}}, KeyResults: []okr.KeyResult{{ID: "k1", Objective: "o1", Cycle: "q4"}},
		Blockers: []okr.Blocker{{ID: "b1", KeyResult: "k1", OpenedAt: kept}},
	})
	require.NoError(t, u.Write(ctx, b.tenant, bare))
	got, err = u.Load(ctx, b.tenant, okr.Need{Cycle: "q4", Everyone: true, Collections: okr.Collections{Blockers: true}})
	require.NoError(t, err)
	bare.Cycles[0].Turn = 1
	require.Equal(t, bare.Cycles, got.Cycles)
	require.Equal(t, bare.People, got.People)
	require.Equal(t, bare.Teams, got.Teams)
	require.Equal(t, bare.Objectives, got.Objectives)
	require.Equal(t, bare.KeyResults[0], got.KeyResults[0])
	require.Equal(t, bare.Blockers[0], got.Blockers[0])
	children, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindObjective, "o1")}})
	require.NoError(t, err)
	require.Len(t, children.Objectives, 1)
}

func testText(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	text := strings.Repeat("Größe, 大きさ, размер, מידה, 🧮 \u2028 \u0301e \u00e9 e\u0301 ' \" \\ % _ ; -- \n", 4000)
	k := keyResult("k1", "o1", "q4", "ann")
	k.Definition = text
	record := checkIn("c1", "k1", at(0))
	record.Note = text
	require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{k}, CheckIns: []okr.CheckInRecord{record}})))
	got, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k1")}, Collections: okr.Collections{CheckIns: 1}})
	require.NoError(t, err)
	require.Equal(t, text, got.KeyResults[0].Definition)
	require.Equal(t, text, got.CheckIns[0].Note)
	events, err := u.Events(ctx, b.tenant, ref(okr.KindKeyResult, "k1"), 0)
	require.NoError(t, err)
	require.Len(t, events, 2)
}

// testIDs holds ids apart that a database might think the same, and orders them
// by their bytes.
func testIDs(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	ids := []okr.ID{"A", "AB", "Z", "a", "a%", "a'", "a_", "aa", "b", "e\u0301", "ß", "é", "日", "\U0001f3af"} // ascending by bytes
	var c okr.Changes
	for _, id := range ids {
		c.Cycles = append(c.Cycles, okr.Cycle{ID: id, Key: string(id), Name: string(id)})
	}
	require.NoError(t, u.Write(ctx, b.tenant, b.write(c)))
	got, err := u.Load(ctx, b.tenant, okr.Need{Cycles: true})
	require.NoError(t, err)
	var order []okr.ID
	for _, c := range got.Cycles {
		order = append(order, c.ID)
	}
	require.Equal(t, ids, order)
	one, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindCycle, "a")}})
	require.NoError(t, err)
	require.Len(t, one.Cycles, 1)
	require.Equal(t, okr.ID("a"), one.Cycles[0].ID)
	for _, id := range []okr.ID{"ab", "z", "B", "a\x00", "%", "", "\xff"} {
		_, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindCycle, id)}})
		require.ErrorIs(t, err, okr.ErrNotFound, "%q", id)
	}
}

func testOnlyAdded(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	again := func() okr.Changes {
		return b.write(okr.Changes{
			KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "ann")},
			Readings:   []okr.Reading{reading("r1", "k1", 5, at(0), at(1))},
			CheckIns:   []okr.CheckInRecord{checkIn("c1", "k1", at(0))},
		})
	}
	require.NoError(t, u.Write(ctx, b.tenant, again()))
	c := again()
	c.Readings[0].RecordedAt = at(2) // when it was recorded is not content
	c.CheckIns[0].RecordedAt = at(2)
	c.Readings = append(c.Readings, reading("r2", "k1", 6, at(0), at(0)))
	require.NoError(t, u.Write(ctx, b.tenant, c))
	got, err := u.Load(ctx, b.tenant, everything("q4"))
	require.NoError(t, err)
	require.Equal(t, []okr.Reading{reading("r1", "k1", 5, at(0), at(1)), reading("r2", "k1", 6, at(0), at(0))}, got.Readings)
	require.Len(t, got.CheckIns, 1)

	for name, spoil := range map[string]func(*okr.Changes){
		"value":      func(c *okr.Changes) { c.Readings[0].Value = measure.N(5.5) },
		"unknown":    func(c *okr.Changes) { c.Readings[0].Value = measure.Number{} },
		"occurred":   func(c *okr.Changes) { c.Readings[0].OccurredAt = at(-1) },
		"source":     func(c *okr.Changes) { c.Readings[0].Source = "sql" },
		"corrects":   func(c *okr.Changes) { c.Readings[0].Corrects = "r0" },
		"note":       func(c *okr.Changes) { c.CheckIns[0].Note = "else" },
		"author":     func(c *okr.Changes) { c.CheckIns[0].Author = okr.Someone("bob") },
		"confidence": func(c *okr.Changes) { c.CheckIns[0].Confidence = measure.N(0) },
		"adjusted":   func(c *okr.Changes) { c.CheckIns[0].Adjusted = []string{"x"} },
		"when":       func(c *okr.Changes) { c.CheckIns[0].OccurredAt = at(3) },
	} {
		in, err := u.Nested(ctx)
		require.NoError(t, err)
		versions := b.versions[ref(okr.KindKeyResult, "k1")]
		c := again()
		spoil(&c)
		requireConflict(t, in.Write(ctx, b.tenant, c), name)
		require.NoError(t, in.Rollback(ctx))
		b.versions[ref(okr.KindKeyResult, "k1")] = versions
	}
}

func testNewest(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	c := okr.Changes{KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "ann"), keyResult("k2", "o1", "q4", "ann"), keyResult("k3", "o1", "q4", "ann")}}
	for _, k := range []okr.ID{"k1", "k2"} {
		c.Readings = append(c.Readings,
			reading(k+"-late", k, 1, at(-1), at(5)), // back-filled
			reading(k+"-b", k, 2, at(2), at(2)),
			reading(k+"-a", k, 3, at(2), at(2)), // a tie: the id decides
			reading(k+"-early", k, 4, at(2), at(1)),
			reading(k+"-newest", k, 5, at(2), at(3)),
			reading(k+"-micro", k, 6, at(2).Add(-time.Microsecond), at(2)),
		)
		for i := range 4 {
			c.CheckIns = append(c.CheckIns, checkIn(k+okr.ID("-"+string(rune('a'+i))), k, at(3-i)))
		}
	}
	require.NoError(t, u.Write(ctx, b.tenant, b.write(c)))
	order := []string{"-newest", "-b", "-a", "-early", "-micro", "-late"}
	for n := range len(order) + 2 {
		got, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindObjective, "o1")}, Collections: okr.Collections{Readings: n, CheckIns: n}})
		require.NoError(t, err)
		var want, readings []string
		for _, k := range []string{"k1", "k2"} {
			for _, o := range order[:min(n, len(order))] {
				want = append(want, k+o)
			}
		}
		for _, r := range got.Readings {
			readings = append(readings, string(r.ID))
		}
		require.Equal(t, want, readings, "the newest %d", n)
		require.Len(t, got.CheckIns, 2*min(n, 4))
		if n > 0 {
			require.Equal(t, okr.ID("k1-a"), got.CheckInsOf("k1")[0].ID)
		}
	}
}

func testBlockers(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	k := keyResult("k1", "o1", "q4", "ann")
	blocker := func(id okr.ID, closed *time.Time) okr.Blocker {
		return okr.Blocker{ID: id, KeyResult: "k1", Text: string(id), OpenedAt: at(0), ClosedAt: closed}
	}
	require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{
		KeyResults: []okr.KeyResult{k},
		CheckIns:   []okr.CheckInRecord{checkIn("c1", "k1", at(1)), checkIn("c2", "k1", at(2)), checkIn("c3", "k1", at(3))},
		Blockers:   []okr.Blocker{blocker("open", nil), blocker("first", ptr(at(1))), blocker("last", ptr(at(3))), blocker("middle", ptr(at(2)))},
	})))
	for n, want := range map[int][]okr.ID{0: {"open"}, 1: {"last", "open"}, 2: {"last", "middle", "open"}, 9: {"first", "last", "middle", "open"}} {
		got, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k1")}, Collections: okr.Collections{Blockers: true, CheckIns: n}})
		require.NoError(t, err)
		var ids []okr.ID
		for _, b := range got.Blockers {
			ids = append(ids, b.ID)
		}
		require.Equal(t, want, ids, "with the newest %d check-ins", n)
	}
	got, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k1")}})
	require.NoError(t, err)
	require.Empty(t, got.Blockers)
}

func testStandings(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	k1, o1 := ref(okr.KindKeyResult, "k1"), ref(okr.KindObjective, "o1")
	tenant := ref(okr.KindTenant, okr.ID(b.tenant))
	stand := func(r okr.Ref, kind, key, value string, next *time.Time) okr.Standing {
		return okr.Standing{Subject: r, Kind: kind, Key: key, Value: value, Since: at(0), NextLook: next}
	}
	standings := func(refs ...okr.Ref) []okr.Standing {
		got, err := u.Load(ctx, b.tenant, okr.Need{Refs: refs, Collections: okr.Collections{Standings: true}})
		require.NoError(t, err)
		return got.Standings
	}
	past, now, future := at(-1), at(0), at(1)
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(0), Standings: []okr.Standing{
		stand(k1, "status", "", "on_track", &past), stand(k1, "occurrence", "w2", "due", &now), stand(k1, "occurrence", "w1", "due", &future),
		stand(o1, "status", "", "unknown", &past), stand(tenant, "x", "", "y", nil),
	}}))
	require.Equal(t, []okr.Standing{
		stand(k1, "occurrence", "w1", "due", &future), stand(k1, "occurrence", "w2", "due", &now), stand(k1, "status", "", "on_track", &past),
		stand(o1, "status", "", "unknown", &past), stand(tenant, "x", "", "y", nil),
	}, standings(o1, tenant, k1))
	require.Empty(t, standings())
	for _, kind := range okr.ItemKinds() {
		own := ref(kind, "i1")
		c := b.write(okr.Changes{Items: []okr.Item{item(own, k1, "q4")}})
		c.Standings = []okr.Standing{stand(own, "due", "", "", &future)}
		require.NoError(t, u.Write(ctx, b.tenant, c))
		require.Equal(t, c.Standings, standings(own), kind)
	}

	// Settling takes a look that is over from the standings that are not written
	// again; dropping and writing go by subject, kind and key.
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{
		Now: at(0), Settled: []okr.Ref{k1}, Drop: []okr.Standing{{Subject: k1, Kind: "occurrence", Key: "w2"}, {Subject: o1, Kind: "never", Key: "was"}},
		Standings: []okr.Standing{stand(k1, "audience", "", "1", &past)},
	}))
	require.Equal(t, []okr.Standing{
		stand(k1, "audience", "", "1", &past), stand(k1, "occurrence", "w1", "due", &future), stand(k1, "status", "", "on_track", nil),
	}, standings(k1))
	require.Equal(t, []okr.Standing{stand(o1, "status", "", "unknown", &past)}, standings(o1))

	// With a cycle come those of everything loaded.
	got, err := u.Load(ctx, b.tenant, okr.Need{Cycle: "q4", Collections: okr.Collections{Standings: true}})
	require.NoError(t, err)
	require.Len(t, got.Standings, 4)
	got, err = u.Load(ctx, b.tenant, okr.Need{Cycle: "q4", Refs: []okr.Ref{k1, tenant}, Collections: okr.Collections{Standings: true}})
	require.NoError(t, err)
	require.Len(t, got.Standings, 5)

	// Where kinds are named, only these come.
	for _, need := range []okr.Need{{Cycle: "q4"}, {Cycle: "q4", Refs: []okr.Ref{k1, tenant}}, {Refs: []okr.Ref{k1, o1, tenant}}} {
		need.Collections = okr.Collections{Standings: true, StandingKinds: []string{"status", "never"}}
		got, err = u.Load(ctx, b.tenant, need)
		require.NoError(t, err)
		require.Equal(t, []okr.Standing{stand(k1, "status", "", "on_track", nil), stand(o1, "status", "", "unknown", &past)}, got.Standings)
	}
}

func testPacks(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	packs := func(texts ...string) []okr.Pack {
		got, err := u.Load(ctx, b.tenant, okr.Need{Collections: okr.Collections{PackTexts: texts}})
		require.NoError(t, err)
		return got.Packs
	}
	require.Empty(t, packs())
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(0), Activate: []okr.Pack{
		{Name: "starter", Version: "1", Digest: "d1", Text: "one"}, {Name: "b.tenant", Version: "1", Digest: "d2", Text: "two"},
	}}))
	require.Equal(t, []okr.Pack{{Name: "b.tenant", Version: "1", Digest: "d2"}, {Name: "starter", Version: "1", Digest: "d1"}}, packs())
	require.Equal(t, []okr.Pack{{Name: "b.tenant", Version: "1", Digest: "d2"}, {Name: "starter", Version: "1", Digest: "d1", Text: "one"}}, packs("d1"))
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(1), Activate: []okr.Pack{{Name: "starter", Version: "2", Digest: "d3", Text: "three"}}}))
	require.Equal(t, []okr.Pack{{Name: "b.tenant", Version: "1", Digest: "d2", Text: "two"}, {Name: "starter", Version: "2", Digest: "d3", Text: "three"}}, packs("d2", "d3"))
	// A version that was in force before is in force again.
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(2), Activate: []okr.Pack{{Name: "starter", Version: "1", Digest: "d1", Text: "one"}}}))
	require.Equal(t, "one", packs("d1")[1].Text)
	// What is taken out of force is gone, and its text is kept for what it has judged.
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(3), Deactivate: []string{"starter", "nobody"}}))
	require.Equal(t, []okr.Pack{{Name: "b.tenant", Version: "1", Digest: "d2"}}, packs())
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(4), Deactivate: []string{"b.tenant"}, Activate: []okr.Pack{{Name: "starter", Version: "1", Digest: "d1", Text: "one"}}}))
	require.Equal(t, []okr.Pack{{Name: "starter", Version: "1", Digest: "d1", Text: "one"}}, packs("d1"))
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(5), Deactivate: []string{"starter"}, Activate: []okr.Pack{{Name: "starter", Version: "2", Digest: "d3", Text: "three"}}}))
	require.Equal(t, []okr.Pack{{Name: "starter", Version: "2", Digest: "d3"}}, packs(), "what is put in force stays")
}

func testRemembered(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	m, err := u.Recall(ctx, b.tenant, "key")
	require.NoError(t, err)
	require.Nil(t, m)
	want := &okr.Remembered{Key: "key", Content: "c1", Decision: []byte(`{"subjects":[{"id":"日本","n":9007199254740993}]}`), At: at(0)}
	require.NoError(t, u.Write(ctx, b.tenant, okr.Changes{Now: at(0), Remember: want}))
	m, err = u.Recall(ctx, b.tenant, "key")
	require.NoError(t, err)
	require.Equal(t, want, m)
	for _, other := range []struct {
		t   okr.TenantID
		key string
	}{{b.tenant, "KEY"}, {b.tenant, "key "}, {"globex", "key"}} {
		m, err = u.Recall(ctx, other.t, other.key)
		require.NoError(t, err)
		require.Nil(t, m)
	}
	in, err := u.Nested(ctx)
	require.NoError(t, err)
	requireConflict(t, in.Write(ctx, b.tenant, okr.Changes{Now: at(1), Remember: &okr.Remembered{Key: "key", Content: "c1", Decision: []byte(`{}`), At: at(1)}}), "the key twice")
	require.NoError(t, in.Rollback(ctx))
	m, err = u.Recall(ctx, b.tenant, "key")
	require.NoError(t, err)
	require.Equal(t, want, m)
}

func testEvents(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	for range 11 {
		require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{keyResult("k1", "o1", "q4", "ann")}})))
	}
	k1 := ref(okr.KindKeyResult, "k1")
	all, err := u.Events(ctx, b.tenant, k1, 0)
	require.NoError(t, err)
	require.Len(t, all, 12)
	for i, e := range all {
		require.EqualValues(t, i+1, e.Seq)
		require.Equal(t, b.tenant, e.Tenant)
		require.Equal(t, k1, e.Aggregate)
		require.Equal(t, okr.Someone("ann"), e.Actor)
		require.Equal(t, start, e.Time)
		require.Equal(t, "okr.v1.key_result.changed", e.Type)
		require.NotEmpty(t, e.Data)
	}
	some, err := u.Events(ctx, b.tenant, k1, 9)
	require.NoError(t, err)
	require.Equal(t, all[9:], some)
	for _, r := range []okr.Ref{ref(okr.KindKeyResult, "K1"), ref(okr.KindObjective, "k1"), ref(okr.KindNotice, "none")} {
		none, err := u.Events(ctx, b.tenant, r, 0)
		require.NoError(t, err)
		require.Empty(t, none)
	}

	// Notices and the tenant have events and no row; uniqueness is their guard.
	var c okr.Changes
	b.entry(&c, ref(okr.KindNotice, "n1"), ref(okr.KindNotice, "n1"), okr.EventNoticeReady, nil)
	b.entry(&c, ref(okr.KindTenant, okr.ID(b.tenant)), ref(okr.KindPack, "starter"), okr.EventPackActivated, nil)
	require.NoError(t, u.Write(ctx, b.tenant, c))
	in, err := u.Nested(ctx)
	require.NoError(t, err)
	delete(b.versions, ref(okr.KindTenant, okr.ID(b.tenant)))
	c = okr.Changes{}
	b.entry(&c, ref(okr.KindTenant, okr.ID(b.tenant)), ref(okr.KindPack, "b.tenant"), okr.EventPackActivated, nil)
	requireConflict(t, in.Write(ctx, b.tenant, c), "the tenant's first event twice")
	require.NoError(t, in.Rollback(ctx))
}

func testSavepoint(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	person := func(id okr.ID) okr.Changes {
		return b.write(okr.Changes{People: []okr.Person{{ID: id, Name: string(id)}}})
	}
	people := func() (ids []okr.ID) {
		got, err := u.Load(ctx, b.tenant, okr.Need{Everyone: true})
		require.NoError(t, err)
		for _, p := range got.People {
			ids = append(ids, p.ID)
		}
		return ids
	}
	require.NoError(t, u.Write(ctx, b.tenant, person("p1")))
	in, err := u.Nested(ctx)
	require.NoError(t, err)
	require.NoError(t, in.Write(ctx, b.tenant, person("p2")))
	_, err = u.Load(ctx, b.tenant, okr.Need{})
	require.Error(t, err, "the outer unit while a nested one is open")
	deep, err := in.Nested(ctx)
	require.NoError(t, err)
	require.NoError(t, deep.Write(ctx, b.tenant, person("p3")))
	require.NoError(t, deep.Rollback(ctx))
	require.NoError(t, deep.Rollback(ctx), "twice")
	deep, err = in.Nested(ctx)
	require.NoError(t, err)
	require.NoError(t, deep.Write(ctx, b.tenant, person("p4")))
	require.NoError(t, deep.Commit(ctx))
	require.NoError(t, deep.Rollback(ctx), "after the commit")
	require.ErrorIs(t, deep.Write(ctx, b.tenant, person("p5")), okr.ErrTxDone)
	require.NoError(t, in.Commit(ctx))
	require.Equal(t, []okr.ID{"ann", "p1", "p2", "p4"}, people())
	in, err = u.Nested(ctx)
	require.NoError(t, err)
	require.NoError(t, in.Write(ctx, b.tenant, person("p6")))
	require.NoError(t, in.Rollback(ctx))
	require.Equal(t, []okr.ID{"ann", "p1", "p2", "p4"}, people())
}

func testFailingWrite(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{People: []okr.Person{{ID: "p1", Name: "P"}}})))
	in, err := u.Nested(ctx)
	require.NoError(t, err)
	stale := newBook(b.tenant).write(okr.Changes{People: []okr.Person{{ID: "p2", Name: "new"}, {ID: "ann", Name: "stale"}}})
	stale.Entries[0].ID, stale.Entries[1].ID = "s1", "s2"
	for i := range stale.Entries {
		stale.Entries[i].Hash = stale.Entries[i].Sum()
	}
	requireConflict(t, in.Write(ctx, b.tenant, stale), "a stale version")
	require.Error(t, in.Commit(ctx), "what failed cannot commit")
	require.NoError(t, in.Rollback(ctx))
	got, err := u.Load(ctx, b.tenant, okr.Need{Everyone: true})
	require.NoError(t, err)
	require.Len(t, got.People, 2)
	require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{People: []okr.Person{{ID: "p3", Name: "P"}}})))
}

func testCancelled(t *testing.T, u okr.Unit, b *book) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := u.Load(ctx, b.tenant, okr.Need{})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, u.Write(ctx, b.tenant, okr.Changes{}), context.Canceled)
	_, err = u.Nested(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = u.Load(t.Context(), b.tenant, okr.Need{})
	require.NoError(t, err, "the unit lives on")
}

func requireConflict(t testing.TB, err error, what string) {
	t.Helper()
	require.ErrorIs(t, err, okr.ErrConflict, what)
	var c *okr.ConflictError
	require.ErrorAs(t, err, &c, what)
	require.NotEmpty(t, c.Reason, what)
}

func testItems(t *testing.T, u okr.Unit, b *book) {
	ctx := t.Context()
	comment := func(n int, subject okr.Ref, cycle okr.ID) okr.Item {
		return item(ref(okr.KindComment, okr.ID(fmt.Sprintf("i%d", n))), subject, cycle)
	}
	kpi := item(ref(okr.KindKPI, "i9"), okr.Ref{}, "")
	k1, o1 := ref(okr.KindKeyResult, "k1"), ref(okr.KindObjective, "o1")
	require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{Items: []okr.Item{
		comment(1, k1, "q4"), comment(2, o1, "q4"), comment(3, ref(okr.KindPerson, "k1"), ""), item(ref(okr.KindWaiver, "i1"), k1, "q4"),
		item(ref(okr.KindWaiver, "i2"), ref(okr.KindOwner, "ann"), ""), item(ref(okr.KindWaiver, "i3"), ref(okr.KindOwner, "k1"), ""), kpi,
	}})))
	seen := func(need okr.Need) []okr.ID {
		s, err := u.Load(ctx, b.tenant, need)
		require.NoError(t, err)
		var out []okr.ID
		for _, c := range s.Comments {
			out = append(out, c.ID)
		}
		for _, w := range s.Waivers {
			out = append(out, "waiver "+w.ID)
		}
		for _, k := range s.KPIs {
			out = append(out, "kpi "+k.ID)
		}
		return out
	}
	wanted := okr.Collections{Items: []okr.Kind{okr.KindComment, okr.KindKPI}}
	require.Equal(t, []okr.ID{"i1", "i2"}, seen(okr.Need{Refs: []okr.Ref{k1}, Collections: wanted}), "the key result's and its objective's, not those of a person with the same id")
	require.Equal(t, []okr.ID{"i1", "i2"}, seen(okr.Need{Cycle: "q4", Collections: wanted}))
	require.Empty(t, seen(okr.Need{Refs: []okr.Ref{k1}}), "only when asked for")
	require.Equal(t, []okr.ID{"waiver i1", "waiver i2", "kpi i9"}, seen(okr.Need{Refs: []okr.Ref{k1, kpi.Ref}, Collections: okr.Collections{Items: []okr.Kind{okr.KindWaiver}}}), "its owner's among them")
	_, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{ref(okr.KindKPI, "i1")}})
	require.ErrorIs(t, err, okr.ErrNotFound, "another kind's id")

	measured := keyResult("k9", "o1", "q4", "ann")
	measured.KPI = "i9"
	require.NoError(t, u.Write(ctx, b.tenant, b.write(okr.Changes{KeyResults: []okr.KeyResult{measured}})))
	require.Contains(t, seen(okr.Need{Refs: []okr.Ref{ref(okr.KindKeyResult, "k9")}, Collections: wanted}), okr.ID("kpi i9"))
	ids, err := u.List(ctx, b.tenant, okr.Query{KPI: "i9"})
	require.NoError(t, err)
	require.Equal(t, []okr.ID{"k9"}, ids)

	// A KPI has readings of its own.
	c := b.write(okr.Changes{Items: []okr.Item{kpi}, Readings: []okr.Reading{reading("r9", "i9", 5, at(0), at(0))}})
	require.NoError(t, u.Write(ctx, b.tenant, c))
	s, err := u.Load(ctx, b.tenant, okr.Need{Refs: []okr.Ref{kpi.Ref}, Collections: okr.Collections{Readings: 5}})
	require.NoError(t, err)
	require.Len(t, s.ReadingsOf("i9"), 1)
	require.Equal(t, int64(2), s.KPIs[0].Version)

	page := func(q okr.ItemQuery) []okr.ID {
		items, err := u.Items(ctx, b.tenant, q)
		require.NoError(t, err)
		var out []okr.ID
		for _, i := range items {
			out = append(out, i.ID)
		}
		return out
	}
	require.Equal(t, []okr.ID{"i1", "i2", "i3"}, page(okr.ItemQuery{Kind: okr.KindComment}))
	require.Equal(t, []okr.ID{"i2"}, page(okr.ItemQuery{Kind: okr.KindComment, After: "i1", Limit: 1}))
	require.Equal(t, []okr.ID{"i1"}, page(okr.ItemQuery{Kind: okr.KindComment, Subject: k1}))
	require.Equal(t, []okr.ID{"i1", "i2"}, page(okr.ItemQuery{Kind: okr.KindComment, Cycle: "q4"}))

	stale := b.write(okr.Changes{Items: []okr.Item{comment(1, k1, "q4")}})
	require.NoError(t, u.Write(ctx, b.tenant, stale))
	require.ErrorIs(t, u.Write(ctx, b.tenant, stale), okr.ErrConflict, "somebody else wrote first")
}
