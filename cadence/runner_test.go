package cadence_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func TestEachOccurrenceIsToldOnce(t *testing.T) {
	h := newHouse(t)
	r := cadence.NewRunner(h.desk)
	look := func() []string {
		drain(t, r)
		drain(t, cadence.NewRunner(h.desk)) // another process
		return titles(h.notices(t))
	}
	look()
	h.at(1, 13)
	require.Empty(t, look(), "the reminder opens at 16:00 in Zurich")
	h.at(1, 14)
	require.Equal(t, []string{
		"ana: Check-in due: Raise renewals from 70 % to 90 %",
		"ben: 2 check-ins due",
	}, look())
	h.at(2, 9)
	require.Empty(t, look())
	checkIn(t, h, "k1")
	h.at(3, 13)
	require.Empty(t, look())
	h.at(3, 14)
	require.Empty(t, look(), "grace is over, on a Saturday")
	h.at(5, 9)
	require.Equal(t, []string{"ben: 2 check-ins overdue"}, look(), "on Monday, and Ana has checked in")
	checkIn(t, h, "k2")
	require.Empty(t, look())
	h.at(8, 14)
	require.Equal(t, []string{"ana: 1 key result without a check-in, 1 check-in due", "ben: 2 check-ins due"}, look(), "she leads the team of the one that is silent")
	h.at(9, 14)
	require.Equal(t, []string{"ben: Check-in missed: The ten largest customers sign for another year"}, look())
}

func TestAfterDowntimeOneNoticeTellsOfAll(t *testing.T) {
	h := newHouse(t)
	h.anyDay(t)
	r := cadence.NewRunner(h.desk)
	drain(t, r)
	h.events(t)
	h.at(18, 15) // Sunday, nine days after the second Friday and sixteen after the first
	drain(t, r)
	events := h.events(t)
	facts := map[string]int{}
	for _, e := range events {
		facts[e.Type]++
	}
	require.Equal(t, 6, facts[okr.EventCheckInMissed], "each miss is a fact")
	require.Equal(t, 3, facts[okr.EventCheckInOverdue])
	require.Zero(t, facts[okr.EventCheckInDue], "nobody is reminded of what is overdue")
	ns := notices(t, events)
	require.Equal(t, []string{
		"ana: 1 check-in overdue, 2 key results without a check-in",
		"ben: 2 check-ins overdue",
	}, titles(ns))
	require.Equal(t, cadence.KindOverdue, ns[0].Kind)
	require.Len(t, ns[0].About, 5, "she leads the team of both others: of the ladder only the highest rung is told")
	require.Len(t, ns[1].About, 6)
	require.Contains(t, ns[0].Body, strings.TrimSpace(`
Raise renewals from 70 % to 90 %
The check-in is overdue by 16 days: those of 2 October 2026 and 9 October 2026 were missed, and the one due on Friday, 16 October 2026, 16:00 (Europe/Zurich) is still open.`))
	require.Contains(t, ns[0].Body, strings.TrimSpace(`
Nobody has checked in. The check-in was due on Friday, 2 October 2026, 16:00 (Europe/Zurich), 16 days ago. Its owner is Ben Okafor. Please see whether help is needed.`))
}

func TestABlockerIsToldToWhoeverShallRemoveIt(t *testing.T) {
	for name, tc := range map[string]struct {
		raised by
		remove okr.ID
		want   []string
	}{
		"somebody else":         {"ana", "ben", []string{"ben: Blocker to remove: Raise renewals from 70 % to 90 %"}},
		"the owner, by default": {"ben", "", []string{"ana: Blocker to remove: Raise renewals from 70 % to 90 %"}},
		"the one who raised it": {"ana", "ana", []string{}},
		"the owner who raised":  {"ana", "", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			r := cadence.NewRunner(h.desk)
			drain(t, r)
			h.events(t)
			_, err := h.acme.As(okr.Someone(okr.ID(tc.raised))).CheckIn(t.Context(), okr.CheckIn{
				KeyResult: h.keyResult(t, "k1").ID, Note: "between us",
				Blockers: []okr.NewBlocker{{Kind: "decision", Text: "legal has not answered", Owner: tc.remove}},
			})
			require.NoError(t, err)
			drain(t, r)
			ns := h.notices(t)
			require.Equal(t, tc.want, titles(ns))
			for _, n := range ns {
				require.Contains(t, n.Body, "decision")
				require.NotContains(t, n.Body, "legal", "what people write stays with those who may read it")
				require.NotContains(t, n.Body, "between us")
				require.Len(t, n.About, 1)
			}
			drain(t, r)
			require.Empty(t, h.notices(t), "once")
		})
	}
}

type by okr.ID

func TestAStatusThatWorsensIsToldToTheOwner(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) {
		p.Cycle.Cadence = nil // nothing but the status
		p.Objectives[0].KeyResults[0].Source.Interval = okr.Quarterly
	})
	r := cadence.NewRunner(h.desk, cadence.Links(func(tenant okr.TenantID, ref okr.Ref) string {
		return fmt.Sprintf("https://okr.example/%s/%s", tenant, ref)
	}))
	k := h.keyResult(t, "k1")
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(70)})
	require.NoError(t, err)
	drain(t, r)
	require.Empty(t, h.notices(t))
	told := func(until int) []string {
		out := []string{}
		for h.clock.Now().Before(time.Date(2026, time.October, until, 9, 0, 0, 0, time.UTC)) {
			h.clock.Advance(24 * time.Hour)
			drain(t, r)
			for _, n := range h.notices(t) {
				out = append(out, n.Title)
				require.Equal(t, okr.ID("ana"), n.To)
				require.Equal(t, "https://okr.example/acme/key_result/"+string(k.ID), n.Link)
			}
		}
		return out
	}
	require.Equal(t, []string{"At risk: Raise renewals from 70 % to 90 %"}, told(20), "10 points behind after a tenth of the quarter")
	require.Equal(t, []string{"Off track: Raise renewals from 70 % to 90 %"}, told(31), "25 points behind after a quarter of it")
}

// Ana owns the objective, Ben the key result.
func TestOffTrackIsToldToWhoeverOwnsTheObjective(t *testing.T) {
	setUp := func(t *testing.T) (*house, *cadence.Runner, okr.KeyResultView) {
		h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence = nil })
		r := cadence.NewRunner(h.desk)
		drain(t, r)
		k := h.keyResult(t, "k2")
		h.at(20, 9)
		_, err := h.acme.As(okr.Someone("ben")).CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(9)})
		require.NoError(t, err)
		drain(t, r)
		h.notices(t)
		return h, r, k
	}
	falls := func(t *testing.T, h *house, k okr.KeyResultView, who okr.ID, value float64) {
		h.clock.Advance(time.Hour)
		_, err := h.acme.As(okr.Someone(who)).CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(value)})
		require.NoError(t, err)
	}
	t.Run("though its own owner said so", func(t *testing.T) {
		h, r, k := setUp(t)
		falls(t, h, k, "ben", 12)
		drain(t, r)
		drain(t, r)
		require.Empty(t, h.notices(t), "at risk is for its owner")
		h.at(28, 9)
		falls(t, h, k, "ben", 13)
		drain(t, r)
		drain(t, r)
		ns := h.notices(t)
		require.Equal(t, []string{"ana: Off track: Cut first response time from 12 to 4 hours"}, titles(ns))
		require.Contains(t, ns[0].Body, "Ben Okafor", "whose it is")
	})
	t.Run("and to both where somebody else did", func(t *testing.T) {
		h, r, k := setUp(t)
		h.at(28, 9)
		falls(t, h, k, "max", 13)
		drain(t, r)
		drain(t, r)
		require.Equal(t, []string{
			"ana: Off track: Cut first response time from 12 to 4 hours", "ben: Off track: Cut first response time from 12 to 4 hours",
		}, titles(h.notices(t)))
	})
	t.Run("but not to whoever did", func(t *testing.T) {
		h, r, k := setUp(t)
		h.at(28, 9)
		falls(t, h, k, "ana", 13)
		drain(t, r)
		drain(t, r)
		require.Equal(t, []string{"ben: Off track: Cut first response time from 12 to 4 hours"}, titles(h.notices(t)))
	})
	t.Run("and not where it is back before anybody heard", func(t *testing.T) {
		h, r, k := setUp(t)
		h.at(28, 20)
		falls(t, h, k, "ben", 13)
		drain(t, r)
		falls(t, h, k, "ben", 5)
		drain(t, r)
		h.at(29, 12)
		drain(t, r)
		require.Empty(t, h.notices(t))
	})
}

func TestALeaverIsToldToTheTeamsLead(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) { p.Cycle.Cadence = nil })
	r := cadence.NewRunner(h.desk, cadence.Links(func(_ okr.TenantID, ref okr.Ref) string { return "https://okr.example/" + string(ref.ID) }))
	drain(t, r)
	h.events(t)
	_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben Okafor", Team: "sales", Left: true}}})
	require.NoError(t, err)
	drain(t, r)
	ns := h.notices(t)
	require.Equal(t, []string{"ana: 2 key results without an owner"}, titles(ns))
	require.NotContains(t, ns[0].Body, "Ben", "names can be erased, so they are not repeated")
	require.Empty(t, ns[0].Link, "two key results have no one address")
	require.Equal(t, 2, strings.Count(ns[0].Body, "https://okr.example/id-"))
}

func TestNobodyToTell(t *testing.T) {
	t.Run("the lead is unknown to the desk", func(t *testing.T) {
		h := newHouse(t, func(p *okr.Plan) { p.Teams[0].Lead = "zoe" })
		drain(t, cadence.NewRunner(h.desk))
		h.events(t)
		_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben", Team: "sales", Left: true}}})
		require.NoError(t, err)
		h.at(1, 14)
		var log bytes.Buffer
		drain(t, cadence.NewRunner(h.desk, cadence.Log(slog.New(slog.NewTextHandler(&log, nil)))))
		events := h.events(t)
		require.Equal(t, []string{"ana: Check-in due: Raise renewals from 70 % to 90 %"}, titles(notices(t, events)), "the others are told")
		require.True(t, slices.ContainsFunc(events, func(e okr.Event) bool { return e.Type == okr.EventOwnerLeft }), "the fact stands all the same")
		require.Contains(t, log.String(), "team=sales")
	})
	t.Run("the owner has left", func(t *testing.T) {
		h := newHouse(t)
		_, err := h.acme.SyncPeople(t.Context(), okr.Directory{People: []okr.Person{{ID: "ben", Name: "Ben", Team: "sales", Left: true}}})
		require.NoError(t, err)
		h.at(1, 14)
		drain(t, cadence.NewRunner(h.desk))
		require.Equal(t, []string{"ana: 2 key results without an owner, 1 check-in due"}, titles(h.notices(t)))
	})
}

func TestManyKindsBecomeOneNotice(t *testing.T) {
	h := newHouse(t)
	h.anyDay(t)
	r := cadence.NewRunner(h.desk)
	drain(t, r)
	h.events(t)
	h.at(3, 14)
	_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{
		KeyResult: h.keyResult(t, "k1").ID, Blockers: []okr.NewBlocker{{Kind: "people", Text: "x", Owner: "ben"}, {Kind: "data", Text: "y", Owner: "ben"}},
	})
	require.NoError(t, err)
	drain(t, r)
	ns := h.notices(t)
	require.Equal(t, []string{"ben: 2 blockers to remove, 2 check-ins overdue"}, titles(ns))
	require.Equal(t, cadence.KindBlocker, ns[0].Kind)
	require.Len(t, ns[0].About, 4)
}

func TestTenantsAreToldApart(t *testing.T) {
	h := newHouse(t)
	h.start(t, h.desk.For("globex").As(okr.Someone("ana")), okrtest.Plan())
	h.at(1, 14)
	drain(t, cadence.NewRunner(h.desk))
	per := map[okr.TenantID]int{}
	for _, e := range h.events(t) {
		if e.Type == okr.EventNoticeReady {
			per[e.Tenant]++
			require.Equal(t, okr.Automation(cadence.ActorName), e.Actor)
		}
	}
	require.Equal(t, map[okr.TenantID]int{"acme": 2, "globex": 2}, per)
}

func TestASubjectThatFailsStopsNoOther(t *testing.T) {
	h := newHouse(t)
	h.start(t, h.desk.For("globex").As(okr.Someone("ana")), okrtest.Plan())
	drain(t, cadence.NewRunner(h.desk))
	h.events(t)
	h.at(1, 14)
	k2 := h.keyResult(t, "k2").ID
	h.store.set(func() { h.store.broken = map[okr.ID]error{k2: errDisk} })

	r := cadence.NewRunner(h.desk)
	n, err := r.Once(t.Context())
	require.ErrorIs(t, err, errDisk)
	require.ErrorContains(t, err, "key_result/"+string(k2))
	require.ErrorContains(t, err, `"acme"`)
	require.Positive(t, n)
	drain(t, r)
	require.Equal(t, []string{
		"ana: Check-in due: Raise renewals from 70 % to 90 %",
		"ana: Check-in due: Raise renewals from 70 % to 90 %",
		"ben: Check-in due: The ten largest customers sign for another year",
		"ben: 2 check-ins due",
	}, titles(h.notices(t)), "the other key results of acme, and the other tenant")

	h.store.set(func() { h.store.broken = nil })
	require.Empty(t, titles(h.notices(t)))
	h.clock.Advance(2 * time.Minute) // its lease is over
	drain(t, r)
	require.Equal(t, []string{"ben: Check-in due: Cut first response time from 12 to 4 hours"}, titles(h.notices(t)), "it was only late")
}

func TestManyFailuresAreLeftOut(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) {
		one := p.Objectives[0].KeyResults[0]
		p.Objectives[0].KeyResults = nil
		for i := range 40 {
			one.Key, one.Title = fmt.Sprintf("k%02d", i), fmt.Sprintf("Raise renewals in region %02d from 70 to 90", i)
			p.Objectives[0].KeyResults = append(p.Objectives[0].KeyResults, one)
		}
	})
	drain(t, cadence.NewRunner(h.desk))
	h.events(t)
	h.at(1, 14)
	broken := map[okr.ID]error{}
	for _, key := range []string{"k00", "k01", "k02", "k17", "k39"} {
		broken[h.keyResult(t, key).ID] = errDisk
	}
	h.store.set(func() { h.store.broken = broken })
	r := cadence.NewRunner(h.desk)
	_, err := r.Once(t.Context())
	require.ErrorIs(t, err, errDisk)
	drain(t, r)
	require.Equal(t, []string{"ana: 35 check-ins due"}, titles(h.notices(t)), "those that could be settled still share one notice")
}

func TestADeadDatabaseIsAskedFewTimes(t *testing.T) {
	for name, tc := range map[string]struct {
		down error
		most int
	}{
		"it may be one of the subjects":       {errDisk, 5}, // all, a half, a quarter, the desk itself
		"another process holds it":            {fmt.Errorf("opening: %w", okr.ErrBusy), 1},
		"its tables are of another version":   {fmt.Errorf("opening: %w", okr.ErrSchema), 1},
		"the deadline of a statement is over": {context.DeadlineExceeded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.at(1, 14)
			h.store.set(func() { h.store.down, h.store.begun = tc.down, 0 })
			n, err := cadence.NewRunner(h.desk).Once(t.Context())
			require.Zero(t, n)
			require.ErrorIs(t, err, tc.down)
			require.LessOrEqual(t, h.store.begun, tc.most)

			h.store.set(func() { h.store.down = nil })
			h.clock.Advance(time.Hour)
			drain(t, cadence.NewRunner(h.desk))
			require.Equal(t, []string{"ana: Check-in due: Raise renewals from 70 % to 90 %", "ben: 2 check-ins due"}, titles(h.notices(t)))
		})
	}
}

func TestALostRaceIsNoError(t *testing.T) {
	const ana, ben = "ana: Check-in due: Raise renewals from 70 % to 90 %", "ben: 2 check-ins due"
	for name, tc := range map[string]struct {
		lost        int
		want, after []string
	}{
		"once, it is settled again at once": {1, []string{ana, ben}, []string{}},
		"for long, it is left to the next claim": {
			1000, []string{ana, "ben: Check-in due: The ten largest customers sign for another year"},
			[]string{"ben: Check-in due: Cut first response time from 12 to 4 hours"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			drain(t, cadence.NewRunner(h.desk))
			h.events(t)
			h.at(1, 14)
			k2 := h.keyResult(t, "k2").ID
			h.store.set(func() { h.store.race = map[okr.ID]int{k2: tc.lost} })
			drain(t, cadence.NewRunner(h.desk))
			require.Equal(t, tc.want, titles(h.notices(t)))
			h.store.set(func() { h.store.race = nil })
			h.clock.Advance(2 * time.Minute)
			drain(t, cadence.NewRunner(h.desk))
			require.Equal(t, tc.after, titles(h.notices(t)))
		})
	}
}

type wordless struct{ err error }

func (w wordless) Text(cadence.Message) (cadence.Text, error) { return cadence.Text{}, w.err }

func TestFailingWordsLoseNoReminder(t *testing.T) {
	for name, words := range map[string]cadence.Texts{
		"an error": wordless{errors.New("no such language")}, "an empty title": wordless{},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			drain(t, cadence.NewRunner(h.desk))
			h.events(t)
			h.at(1, 14)
			var log bytes.Buffer
			drain(t, cadence.NewRunner(h.desk, cadence.Say(words), cadence.Log(slog.New(slog.NewTextHandler(&log, nil)))))
			require.Equal(t, []string{"ana: Check-in due: Raise renewals from 70 % to 90 %", "ben: 2 check-ins due"}, titles(h.notices(t)))
			require.Contains(t, log.String(), "using okrkit's")
		})
	}
}

func TestSmallBatchesMakeNoMoreNotices(t *testing.T) {
	h := newHouse(t)
	r := cadence.NewRunner(h.desk, cadence.Batch(1))
	drain(t, r)
	h.events(t)
	h.at(1, 14)
	drain(t, r)
	require.Equal(t, []string{"ana: Check-in due: Raise renewals from 70 % to 90 %", "ben: 2 check-ins due"}, titles(h.notices(t)))
}

// told says how often each event that somebody is to hear of stands in a notice.
func told(t require.TestingT, events []okr.Event) (concern, about map[string]int) {
	concern, about = map[string]int{}, map[string]int{}
	for _, e := range events {
		switch e.Type {
		case okr.EventCheckInDue, okr.EventCheckInOverdue, okr.EventCheckInMissed, okr.EventCheckInEscalated, okr.EventBlockerOpened, okr.EventForecastMiss:
			concern[e.ID] = 1
		case okr.EventStatusChanged:
			p, err := e.Payload()
			require.NoError(t, err)
			c := p.(*okr.StatusChanged)
			if e.Actor != okr.Someone(c.Owner) && (c.To == measure.AtRisk || c.To == measure.OffTrack) {
				concern[e.ID]++
			}
			if e.Actor != okr.Someone(c.ObjectiveOwner) && c.ObjectiveOwner != "" && c.To == measure.OffTrack {
				concern[e.ID]++
			}
		}
	}
	for _, n := range notices(t, events) {
		for _, id := range n.About {
			about[id]++
		}
	}
	return concern, about
}

// untold is what the ledger says of what people were not told, by event.
func untold(t require.TestingT, events []okr.Event) map[string][]okr.Untold {
	out := map[string][]okr.Untold{}
	for _, e := range events {
		if e.Type != okr.EventNoticeDropped {
			continue
		}
		p, err := e.Payload()
		require.NoError(t, err)
		for _, x := range p.(*okr.NoticeDropped).Untold {
			out[x.Event] = append(out[x.Event], x)
		}
	}
	return out
}

// waits says how often each event waits to be told to somebody.
func waits(t require.TestingT, h *house) map[string]int {
	out := map[string]int{}
	for _, who := range []okr.ID{"ana", "ben"} {
		xs, err := h.acme.As(okr.Automation("test")).View().Waiting(context.Background(), who)
		require.NoError(t, err)
		for _, x := range xs {
			out[x.Event.ID]++
		}
	}
	return out
}

// occurrencesAreUnique checks that no occurrence of a key result comes to the
// same thing twice.
func occurrencesAreUnique(t require.TestingT, events []okr.Event) {
	seen := map[string]bool{}
	for _, e := range events {
		if p, err := e.Payload(); err == nil {
			if o, ok := p.(*okr.OccurrenceFact); ok {
				key := e.Type + " " + string(o.KeyResult) + " " + o.Occurrence + " " + string(o.Rung)
				require.False(t, seen[key], key)
				seen[key] = true
			}
		}
	}
}

func TestRunnersMayRace(t *testing.T) {
	h := newHouse(t)
	drain(t, cadence.NewRunner(h.desk))
	for h.clock.Now().Before(time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)) {
		h.clock.Advance(7 * time.Hour)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				r := cadence.NewRunner(h.desk, cadence.Batch(i+1))
				for range 5 {
					if _, err := r.Once(context.Background()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		if h.clock.Now().Day()%5 == 0 {
			checkIn(t, h, "k2")
		}
		wg.Wait()
	}
	drain(t, cadence.NewRunner(h.desk))
	h.events(t)
	concern, about := told(t, h.told)
	for id, xs := range untold(t, h.told) {
		about[id] += len(xs)
	}
	for id, n := range waits(t, h) {
		about[id] += n
	}
	require.Greater(t, len(concern), 10)
	require.Equal(t, concern, about, "each fact is told once")
	occurrencesAreUnique(t, h.told)
}

func TestWhateverTheDowntimeEachFactIsToldOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHouse(t)
		keys := []string{"k1", "k2", "k3"}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				h.clock.Advance(time.Duration(rapid.IntRange(0, 24*30).Draw(t, "hours")) * time.Hour)
			case 1:
				c := okr.CheckIn{KeyResult: h.keyResult(t, rapid.SampledFrom(keys).Draw(t, "kr")).ID, Note: "as expected"}
				if rapid.Bool().Draw(t, "value") {
					c.Value = measure.N(1)
				}
				if rapid.Bool().Draw(t, "blocked") {
					c.Blockers = []okr.NewBlocker{{Kind: "people", Text: "x", Owner: rapid.SampledFrom([]okr.ID{"", "ben"}).Draw(t, "by")}}
				}
				_, err := h.acme.As(okr.Someone("carl")).CheckIn(context.Background(), c)
				require.NoError(t, err)
			default:
				r := cadence.NewRunner(h.desk, cadence.Batch(rapid.IntRange(1, 6).Draw(t, "batch")))
				if rapid.Bool().Draw(t, "all") {
					drain(t, r)
				} else {
					_, err := r.Once(context.Background())
					require.NoError(t, err)
				}
			}
		}
		drain(t, cadence.NewRunner(h.desk))
		h.events(t)
		concern, about := told(t, h.told)
		for id, xs := range untold(t, h.told) {
			about[id] += len(xs)
		}
		for id, n := range waits(t, h) {
			about[id] += n
		}
		require.Equal(t, concern, about)
		occurrencesAreUnique(t, h.told)
		for _, n := range notices(t, h.told) {
			require.NotEmpty(t, n.Title)
			require.NotEmpty(t, n.Body)
		}
	})
}

func TestOnceStopsWithItsContext(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := cadence.NewRunner(h.desk).Once(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, h.notices(t))
}

func TestRunOverAQuarter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		now := func() time.Time { return activated.Add(time.Since(began)) }
		h := newHouseWith(t, nil, now)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for range 2 {
			running.Go(func() {
				if err := cadence.NewRunner(h.desk, cadence.Every(10*time.Minute)).Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Until(began.Add(14*24*time.Hour + 8*time.Hour))) // Thursday, 15 October, 17:00 UTC
		synctest.Wait()
		h.events(t)
		per := map[string][]string{}
		for _, e := range h.told {
			if e.Type == okr.EventNoticeReady {
				p, err := e.Payload()
				require.NoError(t, err)
				n := p.(*okr.NoticeFact)
				if n.To == "ana" {
					per[n.Kind] = append(per[n.Kind], e.Time.Format("Mon 2 Jan 15:04"))
				}
			}
		}
		require.Equal(t, map[string][]string{
			cadence.KindDue:     {"Thu 1 Oct 14:00", "Thu 8 Oct 14:00", "Thu 15 Oct 14:00"},
			cadence.KindOverdue: {"Mon 5 Oct 05:30", "Mon 12 Oct 05:30"},
			cadence.KindMissed:  {"Fri 9 Oct 14:00"},

			cadence.KindEscalated: {"Wed 7 Oct 14:00"}, // three working days of silence in the team that she leads
		}, per)
		stop()
		running.Wait()
	})
}

func TestRunLogsAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		h := newHouseWith(t, nil, func() time.Time { return activated.Add(time.Since(began)) })
		var log bytes.Buffer
		r := cadence.NewRunner(h.desk, cadence.Every(time.Minute), cadence.Log(slog.New(slog.NewTextHandler(&log, nil))))
		h.store.set(func() { h.store.down = errDisk })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		time.Sleep(6 * time.Hour)
		h.store.set(func() { h.store.down = nil })
		time.Sleep(2 * time.Hour)
		stop()
		require.NoError(t, <-ended)
		require.Contains(t, log.String(), errDisk.Error())
		require.Equal(t, []string{"ana: Check-in due: Raise renewals from 70 % to 90 %", "ben: 2 check-ins due"}, titles(h.notices(t)))
	})
}

func TestRunWaitsForTheTicksItWasGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ticks := make(chan time.Time)
		ended := make(chan error)
		go func() { ended <- cadence.NewRunner(h.desk, cadence.Ticks(ticks)).Run(t.Context()) }()
		synctest.Wait()
		h.events(t)
		h.at(1, 14)
		time.Sleep(24 * time.Hour)
		require.Empty(t, h.notices(t), "no tick, no look")
		ticks <- time.Now()
		synctest.Wait()
		require.Len(t, h.notices(t), 2)
		close(ticks)
		require.NoError(t, <-ended)
	})
}

func TestRunGoesOnWhileItFindsSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ticks := make(chan time.Time)
		ended := make(chan error)
		go func() { ended <- cadence.NewRunner(h.desk, cadence.Ticks(ticks), cadence.Batch(1)).Run(t.Context()) }()
		synctest.Wait()
		h.at(1, 14)
		ticks <- time.Now()
		synctest.Wait()
		require.Len(t, h.notices(t), 2)
		close(ticks)
		require.NoError(t, <-ended)
	})
}

func TestAMissThatIsForeseenIsToldToTheOwner(t *testing.T) {
	h := newHouse(t, func(p *okr.Plan) {
		p.Cycle.Cadence = nil
		p.Objectives[0].KeyResults[0].Source.Interval = okr.Quarterly
	})
	h.anyDay(t)
	r := cadence.NewRunner(h.desk)
	k := h.keyResult(t, "k1")
	var told []okr.NoticeFact
	for range 3 {
		_, err := h.acme.CheckIn(t.Context(), okr.CheckIn{KeyResult: k.ID, Value: measure.N(78)})
		require.NoError(t, err)
		h.clock.Advance(24 * time.Hour)
		drain(t, r)
		told = append(told, h.notices(t)...)
	}
	require.Len(t, told, 1)
	require.Equal(t, okr.ID("ana"), told[0].To)
	require.Equal(t, cadence.KindForecast, told[0].Kind)
	require.Equal(t, "Heading for a miss: Raise renewals from 70 % to 90 %", told[0].Title)
	require.Contains(t, told[0].Body, "it will be 78% on Thursday, 31 December 2026")
}
