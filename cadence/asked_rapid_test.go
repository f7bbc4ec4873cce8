package cadence_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// deed is something that people or sources do at a time, whoever settles when.
type deed struct {
	at   time.Time
	what string
	do   func(t require.TestingT, h *house)
}

// step says which event may follow which in the life of one occurrence: answered is
// the check-in that it names.
var step = map[string][]string{
	"":          {"due", "overdue", "missed", "excused", "skipped", "answered", "late"},
	"due":       {"overdue", "missed", "excused", "skipped", "answered", "late"},
	"overdue":   {"missed", "excused", "skipped", "late"},
	"missed":    {"excused"},
	"answered":  {"addition"},
	"late":      {"addition"},
	"addition":  {"addition"},
	"escalated": nil, // it stands beside the others
}

// lives are what happened to each occurrence of each key result, in order.
func lives(t require.TestingT, events []okr.Event) map[string][]string {
	out := map[string][]string{}
	rungs, asked := map[string]bool{}, map[string]okr.ID{}
	for _, e := range events {
		payload, err := e.Payload()
		require.NoError(t, err)
		switch p := payload.(type) {
		case *okr.OccurrenceFact:
			what := e.Type[len(okr.EventPrefix+"checkin."):]
			key := string(p.KeyResult) + " " + p.Occurrence
			if what == "escalated" {
				rung := key + " " + string(p.Rung)
				require.False(t, rungs[rung], "told twice: %s", rung)
				rungs[rung] = true
				require.NotEmpty(t, p.To)
				require.NotEqual(t, p.Owner, p.To)
				require.Contains(t, []string{"overdue", "missed"}, last(out[key]), "a ladder begins when grace has ended")
				continue
			}
			// It is said again where somebody else is asked since.
			if who := cmp.Or(p.To, p.Owner); last(out[key]) != what || asked[key] == who {
				out[key], asked[key] = append(out[key], what), who
			} else {
				asked[key] = who
			}
		case *okr.CheckInRecorded:
			if p.Occurrence == "" {
				continue
			}
			key := string(p.KeyResult) + " " + p.Occurrence
			switch was := last(out[key]); {
			case e.Type == okr.EventCheckInLate:
				out[key][len(out[key])-1] = "late"
			case was == "answered" || was == "late" || was == "addition":
				out[key] = append(out[key], "addition")
			default:
				out[key] = append(out[key], "answered")
			}
		}
	}
	return out
}

func last(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// legal holds that each occurrence lived a life that there is.
func legal(t require.TestingT, events []okr.Event) {
	for key, life := range lives(t, events) {
		was := ""
		for _, now := range life {
			require.Contains(t, step[was], now, "%s: %v", key, life)
			was = now
		}
	}
}

// timely holds that nothing is answered early or by what tells of the past, and that
// nothing was missed though somebody spoke of it in its time. Where the time of day of
// what is due changes, its day remains.
func timely(t require.TestingT, h *house) {
	const day = 24 * time.Hour
	came := classes(t, h)
	keys := map[okr.ID]string{}
	for _, key := range []string{"k1", "k2", "k3"} {
		keys[h.keyResult(t, key).ID] = key
	}
	for _, e := range h.told {
		if e.Type != okr.EventCheckInRecorded {
			continue
		}
		payload, err := e.Payload()
		require.NoError(t, err)
		p := payload.(*okr.CheckInRecorded)
		if p.Occurrence != "" {
			on, err := time.Parse(time.DateOnly, p.Occurrence)
			require.NoError(t, err)
			require.False(t, e.Time.Before(on.Add(-7*day)), "%s answers %s", e.Time, p.Occurrence)
			require.Less(t, e.Time.Sub(p.OccurredAt), 60*day, "what is long past is no answer to %s", p.Occurrence)
			continue
		}
		for name, class := range came {
			key, date, _ := strings.Cut(name, " ")
			on, err := time.Parse(time.DateOnly, date)
			require.NoError(t, err)
			if key == keys[p.KeyResult] && e.Time.After(on.Add(-6*day)) && e.Time.Before(on.Add(6*time.Hour)) && p.OccurredAt.After(on.Add(-6*day)) {
				require.NotEqual(t, okr.OccurrenceMissed, class, "%s: somebody spoke of it at %s", name, e.Time)
			}
		}
	}
}

// classes say what each occurrence has come to.
func classes(t require.TestingT, h *house) map[string]okr.OccurrenceClass {
	out := map[string]okr.OccurrenceClass{}
	for _, key := range []string{"k1", "k2", "k3"} {
		all, err := h.acme.View().Occurrences(context.Background(), h.keyResult(t, key).ID)
		require.NoError(t, err)
		for _, o := range all {
			out[key+" "+o.Key] = o.Class
		}
	}
	return out
}

// byTwo has two runners take turns until neither finds anything.
func byTwo(t require.TestingT, h *house) {
	runners := []*cadence.Runner{cadence.NewRunner(h.desk, cadence.Batch(1)), cadence.NewRunner(h.desk, cadence.Batch(2))}
	for n := 1; n > 0; {
		n = 0
		for _, r := range runners {
			did, err := r.Once(context.Background())
			require.NoError(t, err)
			n += did
		}
	}
}

// people are those of the directory as it is by now.
func (h *house) people(t require.TestingT) {
	h.sync(t, okr.Person{ID: "ana", Name: "Ana Lima", Team: "sales", Away: h.away["ana"]},
		okr.Person{ID: "ben", Name: "Ben Okafor", Team: "sales", Backup: h.backup, Away: h.away["ben"], Left: h.left})
}

func settleAll(t require.TestingT, h *house) {
	if h.refs == nil {
		for _, key := range []string{"k1", "k2", "k3"} {
			h.refs = append(h.refs, okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(t, key).ID})
		}
	}
	_, err := h.acme.As(okr.Automation(cadence.ActorName)).Settle(context.Background(), h.refs...)
	require.NoError(t, err)
}

// Whatever people do, and whoever settles when and however often: no occurrence comes
// to the same thing twice, its events follow one another as they may, and in the end
// each has come to the same.
func TestWhoeverSettlesWhenEachOccurrenceComesToTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		hours := func(label string) time.Time {
			return activated.Add(time.Duration(rapid.IntRange(1, 35*24).Draw(rt, label)) * time.Hour)
		}
		policy := okr.Policy{
			Cadence: &okr.Schedule{
				At:         "16:00",
				Grace:      rapid.SampledFrom([]okr.Interval{0, 2 * okr.Daily, 4 * okr.Daily}).Draw(rt, "grace"),
				Lead:       rapid.SampledFrom([]okr.Interval{0, 3 * okr.Daily}).Draw(rt, "lead"),
				SkipWithin: rapid.SampledFrom([]okr.Interval{0, 3 * okr.Daily, 6 * okr.Daily}).Draw(rt, "within"),
			},
			AskLive: rapid.IntRange(0, 5).Draw(rt, "ask live") == 0,
			Ladder:  rapid.SampledFrom([][]okr.Rung{nil, {{To: okr.ToBackup, After: 1}, {To: okr.ToLead, After: 2}, {To: okr.ToReviewer, After: 9}}}).Draw(rt, "ladder"),
		}
		if rapid.Bool().Draw(rt, "pause") {
			from := measure.NewDate(2026, time.October, 1).AddDays(rapid.IntRange(1, 25).Draw(rt, "from"))
			policy.Cadence.Pauses = []okr.Span{{From: from, To: from.AddDays(rapid.IntRange(0, 20).Draw(rt, "rest"))}}
		}
		var deeds []deed
		add := func(at time.Time, what string, do func(t require.TestingT, h *house)) {
			deeds = append(deeds, deed{at, what, do})
		}
		ctx := context.Background()
		for range rapid.IntRange(0, 12).Draw(rt, "deeds") {
			at := hours("at")
			key := rapid.SampledFrom([]string{"k1", "k2", "k3"}).Draw(rt, "key result")
			switch what := rapid.SampledFrom([]string{"check in", "check in", "check in", "away", "leave", "deliver", "deliver", "fail", "care", "override", "terms", "terms", "hand over", "live"}).Draw(rt, "what"); what {
			case "check in":
				days := rapid.SampledFrom([]int{0, 0, 0, 3, 90}).Draw(rt, "of days before")
				add(at, fmt.Sprint(what, key, days), func(t require.TestingT, h *house) {
					_, err := h.acme.CheckIn(ctx, okr.CheckIn{KeyResult: h.keyResult(t, key).ID, Confidence: measure.N(6), OccurredAt: h.clock.Now().AddDate(0, 0, -days)})
					require.NoError(t, err)
				})
			case "away":
				who := rapid.SampledFrom([]okr.ID{"ana", "ben"}).Draw(rt, "who")
				from := measure.DateOf(at).AddDays(rapid.IntRange(-14, 7).Draw(rt, "from"))
				span := okr.Span{From: from, To: from.AddDays(rapid.IntRange(0, 14).Draw(rt, "days"))}
				add(at, fmt.Sprint(what, who, span), func(t require.TestingT, h *house) {
					h.away[who] = append(h.away[who], span)
					h.people(t)
				})
			case "leave":
				add(at, what, func(t require.TestingT, h *house) {
					h.left = !h.left // and comes back
					h.people(t)
				})
			case "deliver":
				add(at, what, func(t require.TestingT, h *house) {
					_, err := h.acme.Record(ctx, okr.Collected{KeyResult: h.keyResult(t, "k2").ID, Source: "sql", Readings: []okr.Measurement{{Value: measure.N(9)}}})
					require.NoError(t, err)
				})
			case "fail":
				add(at, what, func(t require.TestingT, h *house) {
					_, err := h.acme.Record(ctx, okr.Collected{KeyResult: h.keyResult(t, "k2").ID, Source: "sql", Error: "down"})
					require.NoError(t, err)
				})
			case "care":
				add(at, what+" "+key, func(t require.TestingT, h *house) {
					_, err := h.acme.Acknowledge(ctx, okr.Acknowledging{KeyResult: h.keyResult(t, key).ID, Until: h.clock.Now().AddDate(0, 0, 5)})
					if !errors.Is(err, okr.ErrConflict) { // there is no silence
						require.NoError(t, err)
					}
				})
			case "terms":
				s := okr.Schedule{
					At:    rapid.SampledFrom([]string{"", "09:00", "16:30", "23:00"}).Draw(rt, "due at"),
					Grace: rapid.SampledFrom([]okr.Interval{okr.Daily, 3 * okr.Daily}).Draw(rt, "its grace"),
					Lead:  rapid.SampledFrom([]okr.Interval{okr.Daily, 2 * okr.Daily}).Draw(rt, "its lead"),
				}
				own := rapid.Bool().Draw(rt, "its own")
				add(at, fmt.Sprint(what, key, own, s.At, s.Grace, s.Lead), func(t require.TestingT, h *house) {
					var err error
					if own {
						_, err = h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, key).ID, Cadence: &s})
					} else {
						_, err = h.acme.SyncPeople(ctx, okr.Directory{Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana", Cadence: &s}}})
					}
					require.NoError(t, err)
				})
			case "hand over":
				add(at, what+" "+key, func(t require.TestingT, h *house) {
					k := h.keyResult(t, key)
					to := okr.ID("ana")
					if k.Owner == to {
						to = "ben"
					}
					if h.left && to == "ben" {
						return
					}
					_, err := h.acme.HandOver(ctx, okr.HandOver{From: k.Owner, To: to, Subjects: []okr.Ref{{Kind: okr.KindKeyResult, ID: k.ID}}, Reason: "a new team"})
					require.NoError(t, err)
				})
			case "live":
				add(at, what, func(t require.TestingT, h *house) {
					p, err := h.acme.View().Policy(ctx)
					require.NoError(t, err)
					p.AskLive = !p.AskLive
					_, err = h.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: p})
					require.NoError(t, err)
				})
			case "override":
				add(at, what, func(t require.TestingT, h *house) {
					o := okr.StatusOverride{Status: measure.AtRisk, Reason: "the numbers mislead", Until: h.clock.Now().AddDate(0, 0, 9)}
					_, err := h.acme.Change(ctx, okr.KeyResultChange{KeyResult: h.keyResult(t, "k2").ID, Override: &o})
					require.NoError(t, err)
				})
			}
		}
		slices.SortStableFunc(deeds, func(a, b deed) int { return a.at.Compare(b.at) })
		backup := rapid.SampledFrom([]okr.ID{"", "ana"}).Draw(rt, "backup")
		every := rapid.SampledFrom([]int{1, 1, 2}).Draw(rt, "weeks")
		end := activated.AddDate(0, 0, 40)
		var some []time.Time
		for range rapid.IntRange(0, 20).Draw(rt, "settlings") {
			some = append(some, hours("settled"))
		}

		live := func(settled []time.Time, with func(t require.TestingT, h *house)) *house {
			h := newHouse(rt, func(p *okr.Plan) {
				p.Objectives[0].KeyResults[1].Source = &okr.Source{Kind: "sql", Where: "the warehouse", Interval: 2 * okr.Daily}
				p.People[1].Backup = backup
				p.Cycle.Cadence.Every = every
			})
			h.away, h.backup = map[okr.ID][]okr.Span{}, backup
			_, err := h.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: policy})
			require.NoError(rt, err)
			moments := slices.Clone(settled)
			for _, d := range deeds {
				moments = append(moments, d.at)
			}
			slices.SortFunc(moments, time.Time.Compare)
			next := 0
			for _, at := range slices.CompactFunc(moments, time.Time.Equal) {
				h.clock.Set(at)
				for next < len(deeds) && deeds[next].at.Equal(at) {
					deeds[next].do(rt, h)
					next++
				}
				if slices.ContainsFunc(settled, at.Equal) {
					with(rt, h)
				}
			}
			h.clock.Set(end)
			settleAll(rt, h)
			h.events(rt)
			legal(rt, h.told)
			timely(rt, h)
			return h
		}
		var often []time.Time
		for at := activated.Add(time.Hour); at.Before(end); at = at.Add(29 * time.Hour) {
			often = append(often, at)
		}
		never := live(nil, nil)
		want := classes(rt, never)
		for name, h := range map[string]*house{
			"now and then": live(some, settleAll),
			"all the time": live(often, rapid.SampledFrom([]func(require.TestingT, *house){settleAll, byTwo}).Draw(rt, "who settles")),
		} {
			if got := classes(rt, h); !maps.Equal(want, got) {
				for _, d := range deeds {
					rt.Log(d.at.Format("Mon 2 Jan 15:04"), d.what)
				}
				require.Equal(rt, want, got, name)
			}
		}
	})
}
