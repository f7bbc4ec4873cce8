package cadence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// turns is k1 of the house, on track by a check-in on Friday, 9 October, and at risk from
// the midnight on that begins Tuesday, the 13th, in Zurich, as days go by.
type turns struct {
	*house
	*testing.T
	dropped []string // why Ana was not told of a status
}

func (h *turns) says(value float64, change ...func(*okr.CheckIn)) {
	c := okr.CheckIn{KeyResult: h.keyResult(h, "k1").ID, Value: measure.N(value)}
	for _, f := range change {
		f(&c)
	}
	_, err := h.acme.CheckIn(h.Context(), c)
	require.NoError(h, err)
}

func (h *turns) reads(value float64) {
	_, err := h.acme.As(okr.Automation("billing")).Record(h.Context(), okr.Collected{
		KeyResult: h.keyResult(h, "k1").ID, Source: "billing", Readings: []okr.Measurement{{Value: measure.N(value)}},
	})
	require.NoError(h, err)
}

func (h *turns) look() {
	_, err := h.acme.Settle(h.Context(), okr.Ref{Kind: okr.KindKeyResult, ID: h.keyResult(h, "k1").ID})
	require.NoError(h, err)
}

func (h *turns) policy(p okr.Policy) {
	_, err := h.acme.SetPolicy(h.Context(), okr.SettingPolicy{Policy: p})
	require.NoError(h, err)
}

// live lives through October, a runner looking every ten minutes. It returns when who was
// told what about the status and the forecast of k1.
func (h *turns) live(acts map[time.Time]func(*turns), opts ...cadence.RunnerOption) []string {
	opts = append(opts, cadence.Dropped(func(_ okr.TenantID, x okr.Waiting) {
		if x.Event.Type == okr.EventStatusChanged {
			h.dropped = append(h.dropped, x.Moot)
		}
	}))
	r := cadence.NewRunner(h.desk, opts...)
	about := map[string]string{}
	out := []string{}
	for at := utc(9, 9); at.Before(utc(26, 0)); at = at.Add(10 * time.Minute) {
		h.clock.Set(at)
		if act := acts[at]; act != nil {
			act(h)
		}
		drain(h, r)
		for _, e := range h.events(h) {
			switch p, _ := e.Payload(); p := p.(type) {
			case *okr.StatusChanged:
				about[e.ID] = string(p.To)
			case *okr.ForecastMissed:
				about[e.ID] = "miss"
			case *okr.NoticeFact:
				said := ""
				for _, id := range p.About {
					if about[id] != "" {
						said += " " + about[id]
					}
				}
				if said != "" {
					out = append(out, at.Format("02 15:04 ")+string(p.To)+said)
				}
			}
		}
	}
	return out
}

func at(day, hour, minute int) time.Time {
	return utc(day, hour).Add(time.Duration(minute) * time.Minute)
}

// What a day alone has done to a status is told when the check-in is due that may take it
// back, or when a reading came that did not. All else is told as it comes.
func TestASawtoothIsNotTold(t *testing.T) {
	monthly := func(p *okr.Plan) {
		p.Objectives[0].KeyResults[0].Source.Interval = 0
		p.Cycle.Cadence = &okr.Schedule{Frequency: okr.Monthly, Day: 24, At: "16:00"}
	}
	type acts = map[time.Time]func(*turns)
	says := func(value float64, change ...func(*okr.CheckIn)) func(*turns) {
		return func(h *turns) { h.says(value, change...) }
	}
	first := func(a acts) acts {
		if a[at(9, 10, 0)] == nil {
			a[at(9, 10, 0)] = says(70.6)
		}
		return a
	}
	for name, x := range map[string]struct {
		plan    func(*okr.Plan)
		acts    acts
		want    []string
		dropped []string
		opts    []cadence.RunnerOption
	}{
		"nobody says anything":        {acts: acts{}, want: []string{"16 14:00 ana at_risk"}},
		"a check-in takes it back":    {acts: acts{at(15, 15, 0): says(73)}, want: []string{}, dropped: []string{okr.MootRecovered}},
		"one does not":                {acts: acts{at(15, 15, 0): says(70.7)}, want: []string{"15 15:00 ana at_risk"}},
		"one at night does not":       {acts: acts{at(14, 20, 0): says(70.7)}, want: []string{"15 05:30 ana at_risk"}},
		"one without a number":        {acts: acts{at(15, 15, 0): says(0, func(c *okr.CheckIn) { c.Value, c.Note = measure.Number{}, "as expected" })}, want: []string{"16 14:00 ana at_risk"}},
		"a source takes it back":      {acts: acts{at(14, 11, 0): func(h *turns) { h.reads(73) }}, want: []string{}, dropped: []string{okr.MootRecovered}},
		"a source does not":           {acts: acts{at(14, 11, 0): func(h *turns) { h.reads(70.7) }}, want: []string{"14 11:00 ana at_risk"}},
		"the one before was not said": {acts: acts{at(9, 10, 0): func(h *turns) { h.reads(70.6) }}, want: []string{"13 05:30 ana at_risk"}},
		"somebody says it is worse": {acts: acts{at(14, 11, 0): func(h *turns) {
			h.acme = h.acme.As(okr.Someone("ben"))
			h.says(70.6, func(c *okr.CheckIn) {
				c.Override = &okr.StatusOverride{Status: measure.OffTrack, Reason: "Two customers leave", Until: at(30, 9, 0)}
			})
		}}, want: []string{"14 11:00 ana at_risk off_track"}},
		"a month is long":                {plan: monthly, acts: acts{}, want: []string{"20 05:30 ana at_risk"}},
		"a reading is to come each week": {plan: func(p *okr.Plan) { monthly(p); p.Objectives[0].KeyResults[0].Source.Interval = okr.EveryWeek }, acts: acts{}, want: []string{"16 10:10 ana at_risk"}},
		"an override ends":               {acts: acts{at(9, 11, 0): says(70.6, overridden(at(13, 10, 0)))}, want: []string{"13 10:00 ana at_risk"}},
		"a miss is foreseen that night": {acts: acts{
			at(11, 10, 0): func(h *turns) { h.reads(70.62) }, at(12, 20, 0): func(h *turns) { h.reads(70.63); h.look() },
		}, want: []string{"13 05:30 ana miss", "16 14:00 ana at_risk"}},
		"the owner has changed":           {acts: acts{at(14, 11, 0): func(h *turns) { h.owner("ben") }}, want: []string{"16 14:00 ben at_risk"}},
		"the digest comes in the morning": {acts: acts{at(9, 9, 0): func(h *turns) { h.policy(okr.Policy{Budget: okr.Budget{Digest: "08:30"}}) }, at(14, 11, 0): func(h *turns) { h.reads(70.7) }}, want: []string{"15 06:30 ana at_risk"}},
	} {
		t.Run(name, func(t *testing.T) {
			var change []func(*okr.Plan)
			if x.plan != nil {
				change = append(change, x.plan)
			}
			h := &turns{house: newHouse(t, change...), T: t}
			got := h.live(first(x.acts), x.opts...)
			require.Equal(t, x.want, got)
			require.Equal(t, x.dropped, h.dropped)
		})
	}
}

func overridden(until time.Time) func(*okr.CheckIn) {
	return func(c *okr.CheckIn) {
		c.Override = &okr.StatusOverride{Status: measure.OnTrack, Reason: "Signed, and not counted yet", Until: until}
	}
}

func (h *turns) owner(to okr.ID) {
	_, err := h.acme.Change(h.Context(), okr.KeyResultChange{KeyResult: h.keyResult(h, "k1").ID, Owner: &to, Reason: "Swapped"})
	require.NoError(h, err)
}
