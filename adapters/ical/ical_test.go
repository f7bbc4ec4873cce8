package ical_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/ical"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

// house is a desk whose plan is active since 1 October 2026; check-ins are due on
// Fridays at 16:00 in Zurich.
type house struct {
	t     *testing.T
	clock *okrtest.Clock
	desk  *okr.Desk
	acme  okr.Tenant
	feeds *ical.Feeds
	cycle okr.ID
}

func opened(t *testing.T, c ical.Config, change ...func(*okr.Plan)) *house {
	t.Helper()
	return openedAt(t, time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC), c, change...)
}

func openedAt(t *testing.T, at time.Time, c ical.Config, change ...func(*okr.Plan)) *house {
	t.Helper()
	h := &house{t: t, clock: okrtest.NewClock(at)}
	var err error
	h.desk, err = okr.New(memory.New(), okr.Config{Clock: h.clock.Now, NewID: okrtest.SequentialIDs(), Calendar: cadence.New()})
	require.NoError(t, err)
	h.acme = h.desk.For("acme").As(okr.Someone("ana"))
	p := okrtest.Plan()
	for _, f := range change {
		f(&p)
	}
	_, err = h.acme.Propose(t.Context(), p)
	require.NoError(t, err)
	cycles, err := h.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	h.cycle = cycles[0].ID
	_, err = h.acme.Activate(t.Context(), okr.Activation{Cycle: h.cycle})
	require.NoError(t, err)
	if c.Secrets == nil {
		c.Secrets = [][]byte{secret}
	}
	h.feeds, err = ical.New(h.desk, c)
	require.NoError(t, err)
	return h
}

func (h *house) read(feed ical.Feed) calendar {
	h.t.Helper()
	c, err := h.feeds.Calendar(h.t.Context(), "acme", feed)
	require.NoError(h.t, err)
	return parse(h.t, c.Body)
}

func (h *house) kr(key string) okr.KeyResultView {
	h.t.Helper()
	for k, err := range h.acme.View().All(h.t.Context(), okr.Query{}) {
		require.NoError(h.t, err)
		if k.Key == key {
			return k
		}
	}
	require.FailNow(h.t, "no such key result", key)
	return okr.KeyResultView{}
}

func (h *house) people(change func(*okr.Person)) {
	h.t.Helper()
	people := okrtest.Plan().People
	for i := range people {
		change(&people[i])
	}
	_, err := h.acme.SyncPeople(h.t.Context(), okr.Directory{People: people, Teams: okrtest.Plan().Teams})
	require.NoError(h.t, err)
}

func TestAPersonsFeed(t *testing.T) {
	h := opened(t, ical.Config{
		Alarm: time.Hour, Link: func(t okr.TenantID, about okr.Ref) string {
			return "https://okr.example.com/" + string(t) + "/" + about.String()
		},
	})
	c := h.read(ical.PersonFeed("ben"))
	require.Equal(t, "OKR: Ben Okafor", c.one("X-WR-CALNAME"))
	require.Equal(t, []string{"Europe/Zurich"}, c.zones())
	checkIns := c.titled("Check-in: 2 key results")
	require.Len(t, checkIns, 13, "every Friday of the quarter, both key results in one")
	first := checkIns[0]
	require.Equal(t, "DTSTART;TZID=Europe/Zurich:20261002T160000", first.line("DTSTART"))
	require.Equal(t, "DTEND;TZID=Europe/Zurich:20261002T161500", first.line("DTEND"))
	require.Equal(t, "0", first.one("SEQUENCE"))
	require.Equal(t, "20261001T090000Z", first.one("DTSTAMP"))
	require.Equal(t, "CONFIRMED", first.one("STATUS"))
	require.Equal(t, "TRANSPARENT", first.one("TRANSP"))
	require.Equal(t, "-PT1H", first.within("VALARM")[0].one("TRIGGER"))
	require.Equal(t, "https://okr.example.com/acme/cycle/"+string(h.cycle), first.one("URL"))
	require.Equal(t, `- Cut first response time from 12 to 4 hours\n- The ten largest customers sign for another year\n\nQ4 2026`, first.one("DESCRIPTION"))
	end := c.titled("Q4 2026 ends")
	require.Len(t, end, 1)
	require.Equal(t, "DTSTART;VALUE=DATE:20261231", end[0].line("DTSTART"))
	require.Equal(t, "DTEND;VALUE=DATE:20270101", end[0].line("DTEND"))
	require.Empty(t, end[0].within("VALARM"))

	require.Len(t, h.read(ical.PersonFeed("ana")).titled("Check-in: Raise renewals from 70 % to 90 %"), 13)
	require.Len(t, h.read(ical.TeamFeed("sales")).titled("Check-in: 3 key results"), 13)
}

// The same data is the same file; what changes is told with a higher sequence under
// the same uid, and what no longer takes place is cancelled.
func TestSequencesAndCancellations(t *testing.T) {
	for name, keep := range map[string]func(t *testing.T) ical.Memory{
		"in process":  func(*testing.T) ical.Memory { return ical.NewMemory() },
		"in a folder": func(t *testing.T) ical.Memory { return ical.Dir(t.TempDir() + "/feeds") },
	} {
		t.Run(name, func(t *testing.T) {
			kept := keep(t)
			h := opened(t, ical.Config{Memory: kept})
			ben, ctx := ical.PersonFeed("ben"), t.Context()
			one, err := h.feeds.Calendar(ctx, "acme", ben)
			require.NoError(t, err)
			h.clock.Advance(time.Hour)
			two, err := h.feeds.Calendar(ctx, "acme", ben)
			require.NoError(t, err)
			require.Equal(t, one, two, "nothing has changed")
			before := parse(t, one.Body)

			// A title: the same events, told again.
			title := "Cut first response time to 4 hours"
			_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.kr("k2").ID, Title: &title, Reason: "Shorter"})
			require.NoError(t, err)
			c := h.read(ben)
			require.Equal(t, before.uids(), c.uids())
			for _, e := range c.titled("Check-in: 2 key results") {
				require.Equal(t, "1", e.one("SEQUENCE"))
				require.Equal(t, "20261001T100000Z", e.one("DTSTAMP"))
			}
			require.Equal(t, "0", c.titled("Q4 2026 ends")[0].one("SEQUENCE"), "that is as it was")

			// Away in the week of the ninth: the check-in does not take place.
			h.clock.Advance(time.Hour)
			away := []okr.Span{{From: measure.NewDate(2026, time.October, 5), To: measure.NewDate(2026, time.October, 11)}}
			h.people(func(p *okr.Person) { p.Away = away })
			c = h.read(ben)
			require.Equal(t, before.uids(), c.uids())
			cancelled := c.with("STATUS", "CANCELLED")
			require.Len(t, cancelled, 1)
			require.Equal(t, "20261009T160000", cancelled[0].one("DTSTART"))
			require.Equal(t, "2", cancelled[0].one("SEQUENCE"))
			require.Equal(t, "20261001T110000Z", cancelled[0].one("DTSTAMP"))
			require.Equal(t, "TRANSPARENT", cancelled[0].one("TRANSP"))

			// Back after all.
			h.clock.Advance(time.Hour)
			h.people(func(*okr.Person) {})
			c = h.read(ben)
			require.Empty(t, c.with("STATUS", "CANCELLED"))
			require.Equal(t, "3", c.event(cancelled[0].one("UID")).one("SEQUENCE"))

			// Another rhythm: Mondays at 9:00. Fridays are cancelled, what is past is not.
			h.clock.Set(time.Date(2026, time.October, 20, 9, 0, 0, 0, time.UTC))
			for _, key := range []string{"k2", "k3"} {
				_, err = h.acme.Change(ctx, okr.KeyResultChange{
					KeyResult: h.kr(key).ID, Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday, At: "09:00"}, Reason: "Earlier",
				})
				require.NoError(t, err)
			}
			again, err := ical.New(h.desk, ical.Config{Memory: kept, Secrets: [][]byte{secret}})
			require.NoError(t, err)
			h.feeds = again // a restart
			c = h.read(ben)
			require.Len(t, c.with("STATUS", "CANCELLED"), 10, "the Fridays from the 23rd on")
			require.Len(t, c.titled("Check-in: 2 key results"), 13)
			for _, day := range []string{"20261002", "20261009", "20261016"} {
				i := slices.IndexFunc(c.events(), func(e part) bool { return strings.HasPrefix(e.one("DTSTART"), day) })
				require.Equal(t, "CONFIRMED", c.events()[i].one("STATUS"), "%s is past, and was", day)
			}

			// What is long past is forgotten, and what was cancelled with it.
			h.clock.Set(time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC))
			c = h.read(ben)
			for _, e := range c.events() {
				require.GreaterOrEqual(t, e.one("DTSTART"), "20261101")
			}
			require.NotEmpty(t, c.with("STATUS", "CANCELLED"))
		})
	}
}

// An occurrence that moves keeps its uid.
func TestWhatMovesIsTheSameEvent(t *testing.T) {
	h := opened(t, ical.Config{})
	before := h.read(ical.PersonFeed("ana"))
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{
		KeyResult: h.kr("k1").ID, Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Friday, At: "11:30"}, Reason: "Before lunch",
	})
	require.NoError(t, err)
	after := h.read(ical.PersonFeed("ana"))
	require.Equal(t, before.uids(), after.uids())
	for _, e := range after.titled("Check-in: Raise renewals from 70 % to 90 %") {
		require.Equal(t, "1", e.one("SEQUENCE"))
		require.True(t, strings.HasSuffix(e.one("DTSTART"), "T113000"))
	}
	require.NotEqual(t, h.read(ical.TeamFeed("sales")).uids()[0], after.uids()[0], "no two feeds share one")
}

// In four zones, two of them with half hours and both halves of the earth, the clock
// that a calendar program shows is that of the instant at which it is due.
func TestTheTimeShownIsTheInstant(t *testing.T) {
	for _, zone := range []string{"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham", "UTC"} {
		t.Run(zone, func(t *testing.T) {
			for _, cycle := range [][2]okr.Date{
				{measure.NewDate(2026, time.January, 1), measure.NewDate(2026, time.June, 30)},
				{measure.NewDate(2026, time.July, 1), measure.NewDate(2026, time.December, 31)},
			} {
				for _, at := range []string{"00:30", "01:30", "02:15", "02:30", "16:00"} {
					schedule := okr.Schedule{Frequency: okr.Weekly, Weekday: time.Sunday, At: at}
					h := openedAt(t, cycle[0].In(time.UTC).AddDate(0, 0, -1), ical.Config{}, func(p *okr.Plan) {
						p.Cycle.Start, p.Cycle.End, p.Cycle.Zone, p.Cycle.Cadence = cycle[0], cycle[1], zone, &schedule
					})
					want := map[int64]bool{}
					c, err := h.acme.View().Cycles(t.Context())
					require.NoError(t, err)
					all, err := cadence.New().Occurrences(schedule, c[0], time.Time{}, cycle[1].In(time.UTC).AddDate(0, 1, 0))
					require.NoError(t, err)
					for _, o := range all {
						want[o.Due.Unix()] = true
					}
					got := map[int64]bool{}
					read := h.read(ical.PersonFeed("ana"))
					for _, e := range read.titled("Check-in: Raise renewals from 70 % to 90 %") {
						got[read.instant(e, "DTSTART").Unix()] = true
					}
					require.Equal(t, want, got, at)
				}
			}
		})
	}
}

func TestPeopleReadInTheirZoneAndLanguage(t *testing.T) {
	h := opened(t, ical.Config{Language: "fr"})
	h.people(func(p *okr.Person) {
		if p.ID == "ben" {
			p.Zone, p.Language = "Asia/Kolkata", "de-CH"
		}
	})
	ben := h.read(ical.PersonFeed("ben")).titled("Check-in: 2 Key Results")
	require.Equal(t, "DTSTART;TZID=Asia/Kolkata:20261002T193000", ben[0].line("DTSTART"))
	require.Len(t, h.read(ical.PersonFeed("ana")).titled("Fin de Q4 2026"), 1)
}

// Whoever stands in for somebody who is away has their check-ins meanwhile.
func TestWhoeverStandsInIsAsked(t *testing.T) {
	h := opened(t, ical.Config{})
	require.Empty(t, h.read(ical.PersonFeed("ana")).titled("Check-in: 3 key results"))
	h.people(func(p *okr.Person) {
		if p.ID == "ben" {
			p.Backup, p.Away = "ana", []okr.Span{{From: measure.NewDate(2026, time.October, 5), To: measure.NewDate(2026, time.October, 18)}}
		}
	})
	c := h.read(ical.PersonFeed("ana"))
	both := c.titled("Check-in: 3 key results")
	require.Len(t, both, 2)
	require.Equal(t, "20261009T160000", both[0].one("DTSTART"))
	require.Equal(t, "1", both[0].one("SEQUENCE"), "the event of her own check-in says more now")
	require.Contains(t, both[0].one("DESCRIPTION"), "Cut first response time from 12 to 4 hours (Ben Okafor)")
	require.Len(t, c.titled("Check-in: Raise renewals from 70 % to 90 %"), 11)
	require.Len(t, h.read(ical.PersonFeed("ben")).titled("Check-in: 2 key results"), 11)
}

// The calendar of a team says of nobody that they will be away.
func TestATeamsCalendarTellsNobodyWhoWillBeAway(t *testing.T) {
	h := opened(t, ical.Config{})
	before := h.read(ical.TeamFeed("sales"))
	require.NotEmpty(t, before.titled("Check-in: 3 key results"))
	h.people(func(p *okr.Person) {
		if p.ID == "ben" {
			p.Away = []okr.Span{{From: measure.NewDate(2026, time.October, 5), To: measure.NewDate(2026, time.October, 18)}}
		}
	})
	after := h.read(ical.TeamFeed("sales"))
	require.Len(t, after.titled("Check-in: 3 key results"), len(before.titled("Check-in: 3 key results")))
}

// Two processes that make a feed at once agree on it.
func TestFeedsAreMadeAtOnce(t *testing.T) {
	h := opened(t, ical.Config{Memory: ical.Dir(t.TempDir())})
	var wait sync.WaitGroup
	bodies := make([]string, 8)
	for i := range bodies {
		wait.Go(func() {
			c, err := h.feeds.Calendar(context.WithoutCancel(t.Context()), "acme", ical.PersonFeed("ben"))
			if err == nil {
				bodies[i] = string(c.Body)
			}
		})
	}
	wait.Wait()
	for _, b := range bodies {
		require.Equal(t, bodies[0], b)
	}
	require.NotEmpty(t, bodies[0])
}

// Sessions that a cycle provides for are in the calendars of those whom they are for.
func TestSessionsOfACycle(t *testing.T) {
	h := openedAt(t, time.Date(2026, time.September, 28, 9, 0, 0, 0, time.UTC), ical.Config{}, func(p *okr.Plan) {
		p.Cycle.Sessions = []okr.CycleSession{
			{Kind: okr.PlanningSession, On: measure.NewDate(2026, time.October, 5), At: "09:00", Minutes: 90},
			{Kind: okr.CheckInSession, Schedule: &okr.Schedule{Frequency: okr.Weekly, Weekday: time.Monday, At: "11:00"}, Minutes: 15, Team: "sales"},
			{Name: "Demo; day", Kind: okr.CustomSession, On: measure.NewDate(2026, time.December, 18), At: "14:00", For: okr.ForLeads},
		}
	})
	count := func(feed ical.Feed) map[string]int {
		out := map[string]int{}
		for _, e := range h.read(feed).events() {
			if e.one("TRANSP") == "OPAQUE" {
				out[unescaped(e.one("SUMMARY"))]++
			}
		}
		return out
	}
	require.Equal(t, map[string]int{"Planning: Q4 2026": 1, "Team check-in: Q4 2026": 13, "Demo; day: Q4 2026": 1}, count(ical.PersonFeed("ana")), "she leads the team")
	require.Equal(t, map[string]int{"Team check-in: Q4 2026": 13}, count(ical.PersonFeed("ben")))
	require.Equal(t, count(ical.PersonFeed("ana")), count(ical.TeamFeed("sales")))
	planning := h.read(ical.PersonFeed("ana")).titled("Planning: Q4 2026")[0]
	require.Equal(t, "DTSTART;TZID=Europe/Zurich:20261005T090000", planning.line("DTSTART"))
	require.Equal(t, "DTEND;TZID=Europe/Zurich:20261005T103000", planning.line("DTEND"))

	// It moves to another hour: the same event.
	p := okrtest.Plan()
	p.Cycle.Sessions = []okr.CycleSession{{Kind: okr.PlanningSession, On: measure.NewDate(2026, time.October, 5), At: "13:00", Minutes: 90}}
	_, err := h.acme.Propose(t.Context(), okr.Plan{Cycle: p.Cycle})
	require.NoError(t, err)
	c := h.read(ical.PersonFeed("ana"))
	moved := c.event(planning.one("UID"))
	require.Equal(t, "20261005T130000", moved.one("DTSTART"))
	require.Equal(t, "1", moved.one("SEQUENCE"))
	require.Len(t, c.with("STATUS", "CANCELLED"), 14, "the others are off")
}

// A feed tells nobody what they may not see: a person's own private key results are in
// theirs, marked as private; a team's has none.
func TestPrivateObjectives(t *testing.T) {
	const hush = "A merger that nobody hears of"
	h := opened(t, ical.Config{}, func(p *okr.Plan) {
		o := p.Objectives[0]
		o.Key, o.Title, o.Private = "o2", "Secret", true
		o.KeyResults = []okr.PlanKeyResult{{Key: "s1", Title: hush, Owner: "ana", Metric: measure.Metric{Kind: measure.YesNo}, Source: o.KeyResults[0].Source}}
		p.Objectives = append(p.Objectives, o)
	})
	raw := func(feed ical.Feed) string {
		c, err := h.feeds.Calendar(t.Context(), "acme", feed)
		require.NoError(t, err)
		return string(c.Body)
	}
	require.Contains(t, raw(ical.PersonFeed("ana")), hush)
	for _, e := range h.read(ical.PersonFeed("ana")).titled("Check-in: 2 key results") {
		require.Equal(t, "PRIVATE", e.one("CLASS"))
	}
	require.NotContains(t, raw(ical.PersonFeed("ben")), hush)
	require.NotContains(t, raw(ical.TeamFeed("sales")), hush)
	require.Len(t, h.read(ical.TeamFeed("sales")).titled("Check-in: 3 key results"), 13)
}

func TestPeoplesWordsDoNoHarm(t *testing.T) {
	evil := "Züge; Schiffe, \\ Autos\r\nATTACH:x\rEND:VEVENT\u0007\u2028BEGIN:VEVENT " + strings.Repeat("日本語é😀", 15)
	h := opened(t, ical.Config{}, func(p *okr.Plan) {
		p.Teams[0].Name = "Sales; \"North\", \\ South"
	})
	title := strings.Join(strings.Fields(strings.NewReplacer("\u0007", "", "\u2028", " ").Replace(evil)), " ")
	_, err := h.acme.Change(t.Context(), okr.KeyResultChange{KeyResult: h.kr("k1").ID, Title: &title, Reason: "x"})
	require.NoError(t, err)
	c := h.read(ical.PersonFeed("ana"))
	require.Equal(t, "Check-in: "+title, unescaped(c.events()[0].one("SUMMARY")))
	require.Equal(t, `OKR: Sales\; "North"\, \\ South`, h.read(ical.TeamFeed("sales")).one("X-WR-CALNAME"))
}

func TestNobodysFeedIsNotFound(t *testing.T) {
	h, ctx := opened(t, ical.Config{}), t.Context()
	for _, feed := range []ical.Feed{ical.PersonFeed("mallory"), ical.TeamFeed("nobody"), {}, {Kind: okr.KindCycle, ID: h.cycle}} {
		_, err := h.feeds.Calendar(ctx, "acme", feed)
		require.Error(t, err)
	}
	_, err := h.feeds.Calendar(ctx, "globex", ical.PersonFeed("ana"))
	require.ErrorIs(t, err, okr.ErrNotFound)
	h.people(func(p *okr.Person) { p.Left = p.ID == "ben" })
	_, err = h.feeds.Calendar(ctx, "acme", ical.PersonFeed("ben"))
	require.ErrorIs(t, err, okr.ErrNotFound)
}

// Of whom nothing is asked has a calendar all the same, and a valid one.
func TestAnEmptyFeed(t *testing.T) {
	h := opened(t, ical.Config{})
	h.clock.Set(time.Date(2027, time.January, 10, 9, 0, 0, 0, time.UTC))
	require.Empty(t, h.read(ical.PersonFeed("ana")).events())
}

func get(h http.Handler, method, path string, header ...string) *http.Response {
	r := httptest.NewRequestWithContext(context.Background(), method, path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestLinks(t *testing.T) {
	revision, ctx := "", t.Context()
	h := opened(t, ical.Config{Revision: func(context.Context, okr.TenantID, ical.Feed) (string, error) { return revision, nil }})
	token, err := h.feeds.Token(ctx, "acme", ical.PersonFeed("ana"))
	require.NoError(t, err)
	path := "/calendar/" + token + ".ics"
	ok := get(h.feeds, http.MethodGet, path)
	defer ok.Body.Close()
	require.Equal(t, http.StatusOK, ok.StatusCode)
	require.Equal(t, "text/calendar; charset=utf-8", ok.Header.Get("Content-Type"))
	require.Equal(t, "Thu, 01 Oct 2026 09:00:00 GMT", ok.Header.Get("Last-Modified"))
	require.Contains(t, ok.Header.Get("Cache-Control"), "private")
	same := get(h.feeds, http.MethodGet, path, "If-None-Match", ok.Header.Get("ETag"))
	defer same.Body.Close()
	require.Equal(t, http.StatusNotModified, same.StatusCode)

	status := func(method, path string) int {
		r := get(h.feeds, method, path)
		defer r.Body.Close()
		return r.StatusCode
	}
	require.Equal(t, http.StatusOK, status(http.MethodHead, path))
	require.Equal(t, http.StatusOK, status(http.MethodGet, "/"+token))
	require.Equal(t, http.StatusMethodNotAllowed, status(http.MethodPost, path))

	nobody, err := h.feeds.Token(ctx, "acme", ical.PersonFeed("mallory"))
	require.NoError(t, err)
	elsewhere, err := h.feeds.Token(ctx, "globex", ical.PersonFeed("ana"))
	require.NoError(t, err)
	team, err := h.feeds.Token(ctx, "acme", ical.TeamFeed("sales"))
	require.NoError(t, err)
	name, mark, _ := strings.Cut(token, ".")
	teamName, _, _ := strings.Cut(team, ".")
	for what, wrong := range map[string]string{
		"none": "", "garbage": "x", "no seal": name, "an empty seal": name + ".", "a short seal": token[:len(token)-1], "another's seal": teamName + "." + mark,
		"nobody": nobody, "elsewhere": elsewhere, "seal alone": "." + mark, "not base64": "%00." + mark,
	} {
		r := get(h.feeds, http.MethodGet, "/calendar/"+wrong+".ics")
		require.Equal(t, http.StatusNotFound, r.StatusCode, what)
		require.Empty(t, r.Header.Get("ETag"), what)
		require.NoError(t, r.Body.Close())
	}

	// New keys seal; old ones open until they are taken away.
	newer := []byte("fedcba9876543210fedcba9876543210")
	rotate := func(secrets ...[]byte) {
		h.feeds, err = ical.New(h.desk, ical.Config{Secrets: secrets, Revision: func(context.Context, okr.TenantID, ical.Feed) (string, error) { return revision, nil }})
		require.NoError(t, err)
	}
	rotate(newer, secret)
	require.Equal(t, http.StatusOK, status(http.MethodGet, path))
	fresh, err := h.feeds.Token(ctx, "acme", ical.PersonFeed("ana"))
	require.NoError(t, err)
	require.NotEqual(t, token, fresh)
	rotate(newer)
	require.Equal(t, http.StatusNotFound, status(http.MethodGet, path))
	require.Equal(t, http.StatusOK, status(http.MethodGet, "/"+fresh))
	revision = "2"
	require.Equal(t, http.StatusNotFound, status(http.MethodGet, "/"+fresh), "the link of one person has ended")
}

func TestConfigsAreRefusedByName(t *testing.T) {
	h := opened(t, ical.Config{})
	good := ical.Config{Secrets: [][]byte{secret}}
	for field, change := range map[string]func(*ical.Config){
		"ical.secrets":    func(c *ical.Config) { c.Secrets = nil },
		"ical.secrets[1]": func(c *ical.Config) { c.Secrets = [][]byte{secret, []byte("short")} },
		"ical.lasts":      func(c *ical.Config) { c.Lasts = -1 },
		"ical.alarm":      func(c *ical.Config) { c.Alarm = 8 * 24 * time.Hour },
	} {
		c := good
		change(&c)
		_, err := ical.New(h.desk, c)
		var invalid *okr.InvalidError
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, field, invalid.Field)
	}
	_, err := ical.New(nil, good)
	require.ErrorIs(t, err, okr.ErrInvalid)
}
