package okr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// announceAll announces what was measured of a snapshot, with standings of other
// kinds beside each.
func announceAll(s *okr.Snapshot, m map[okr.ID]measure.Result, next time.Time) {
	say := func(kind okr.Kind, id okr.ID) {
		r := okr.Ref{Kind: kind, ID: id}
		s.Standings = append(s.Standings, okr.Standing{Subject: r, Kind: "cadence", Value: "weekly"},
			okr.Standing{Subject: r, Kind: "status", Value: string(m[id].Status), NextLook: &next})
	}
	for _, k := range s.KeyResults {
		say(okr.KindKeyResult, k.ID)
		s.Standings = append(s.Standings, okr.Standing{Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, Kind: "forecast", Key: string(k.Reading), Value: "holds"})
	}
	for _, o := range s.Objectives {
		say(okr.KindObjective, o.ID)
	}
	s.Sort()
}

// unsettledByMap is the same by looking everything up.
func unsettledByMap(s *okr.Snapshot, m map[okr.ID]measure.Result) map[okr.Ref]bool {
	said := map[okr.Ref]string{}
	foreseen := map[okr.Ref]string{}
	for _, st := range s.Standings {
		switch st.Kind {
		case "status":
			said[st.Subject] = st.Value
		case "forecast":
			foreseen[st.Subject] = st.Key
		}
	}
	out := map[okr.Ref]bool{}
	for _, k := range s.KeyResults {
		r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
		status := m[k.ID].Status
		if k.State == okr.Active && (said[r] != string(status) || status == measure.OnTrack && foreseen[r] != string(k.Reading)) {
			out[r] = true
		}
	}
	for _, o := range s.Objectives {
		if r := (okr.Ref{Kind: okr.KindObjective, ID: o.ID}); o.State == okr.Active && said[r] != string(m[o.ID].Status) {
			out[r] = true
		}
	}
	return out
}

func TestWhatAChangeOfDayHasChanged(t *testing.T) {
	s := wholeCompany(400)
	s.KeyResults[5].State, s.Objectives[7].State = okr.Draft, okr.Abandoned
	require.Len(t, s.Unsettled("c1", s.MeasureAll(midQuarter), midQuarter), 400+100-2, "of which nothing was said yet")
	announceAll(s, s.Measure(midQuarter), midQuarter)
	require.Empty(t, s.Unsettled("c1", s.MeasureAll(midQuarter), midQuarter), "what was announced is settled")
	for i := range s.Standings {
		if i%17 == 0 {
			s.Standings[i].Value = "something else"
		}
	}
	s.Standings = append(s.Standings[:40:40], s.Standings[60:]...)
	for _, now := range []time.Time{midQuarter, midQuarter.AddDate(0, 0, 1), midQuarter.AddDate(0, 0, 20)} {
		want := unsettledByMap(s, s.Measure(now))
		got := map[okr.Ref]bool{}
		for _, r := range s.Unsettled("c1", s.MeasureAll(now), now) {
			got[r] = true
		}
		require.Equal(t, want, got)
		require.NotEmpty(t, got)
	}
	closed := midQuarter.AddDate(0, 2, 0)
	s.Cycles[0].ClosedAt = &closed
	require.Empty(t, s.Unsettled("c1", s.MeasureAll(closed), closed), "of what is closed nothing is announced any more")
}

// A change of day for a whole company: what it computes, and what a company of maps
// would.
func BenchmarkChangeOfDay(b *testing.B) {
	s := wholeCompany(400_000)
	announceAll(s, s.Measure(midQuarter), midQuarter.AddDate(0, 0, 1))
	next := midQuarter.AddDate(0, 0, 1)
	b.Run("measure and compare", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n = len(s.Unsettled("c1", s.MeasureAll(next), next))
		}
		b.ReportMetric(float64(n), "changed")
	})
	b.Run("compare alone", func(b *testing.B) {
		m := s.MeasureAll(next)
		for b.Loop() {
			s.Unsettled("c1", m, next)
		}
	})
	b.Run("by maps", func(b *testing.B) {
		for b.Loop() {
			m := measureByMap(s, next)
			unsettledByMap(s, m)
		}
	})
}

// measureByMap measures key result by key result and objective by objective, as one
// would write it down first. It rolls up children without their coverage.
func measureByMap(s *okr.Snapshot, now time.Time) map[okr.ID]measure.Result {
	out := map[okr.ID]measure.Result{}
	parts := map[okr.ID][]measure.Part{}
	for _, k := range s.KeyResults {
		c := s.Cycle(k.Cycle)
		in := measure.Input{
			Metric: k.Metric, Curve: k.Curve, First: c.Start, Last: s.DueDate(k), Today: measure.DateOf(now), Now: now,
			Fresh: s.FreshFor(k), Latest: measure.Reading{ID: string(k.Reading), Value: k.Current},
		}
		if k.CurrentAt != nil {
			in.Latest.At = *k.CurrentAt
		}
		r := measure.KeyResult(&in)
		out[k.ID] = r
		parts[k.Objective] = append(parts[k.Objective], measure.Part{ID: string(k.ID), Weight: k.Weight.Or(1), Progress: r.Progress, Expected: r.Expected, Status: r.Status})
	}
	children := map[okr.ID][]okr.ID{}
	for _, o := range s.Objectives {
		for _, p := range o.Parents {
			children[p.Objective] = append(children[p.Objective], o.ID)
		}
	}
	var roll func(id okr.ID) measure.Result
	roll = func(id okr.ID) measure.Result {
		if r, ok := out[id]; ok {
			return r
		}
		all := parts[id]
		for _, c := range children[id] {
			all = append(all, measure.Contribution(string(c), 1, roll(c)))
		}
		out[id] = measure.Rollup(all, measure.RollupOptions{})
		return out[id]
	}
	for _, o := range s.Objectives {
		roll(o.ID)
	}
	return out
}
