package okr

import (
	"context"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// EventForecastMiss tells that a key result that is on track will not stay so if
// nothing changes.
const EventForecastMiss = EventPrefix + "key_result.forecast-miss"

// ForecastMissed is the payload of key_result.forecast-miss. Eight of ten times the
// value lies between Low and High, and none of the three is a hit.
type ForecastMissed struct {
	KeyResultFact
	On       Date           `json:"on"` // the day on which it is due
	Unit     string         `json:"unit,omitempty"`
	Value    measure.Number `json:"value"` // in Unit
	Low      measure.Number `json:"low"`
	High     measure.Number `json:"high"`
	Progress measure.Number `json:"progress,omitzero"` // [0,1], at Value
	Readings int            `json:"readings"`          // how many it rests on
}

// standingForecast is the reading up to which the readings were extended last, and
// whether that was told to miss.
const standingForecast = "forecast"

// trendReadings are as many as a forecast looks at.
const trendReadings = 100

// foresee says, where a new reading came in, that a key result will miss its target
// though it is still on track: while there is time to do something about it. It says
// so once, until the forecast is better.
func (w *work) foresee(ctx context.Context, ref Ref, measured map[ID]measure.Result) error {
	k := w.after.KeyResult(ref.ID)
	if k == nil || measured[k.ID].Status != measure.OnTrack || k.Reading == "" {
		return nil
	}
	last, _ := w.standing(ref, standingForecast, string(k.Reading))
	if last.Value != "" {
		return nil
	}
	forecast, in, err := w.forecast(ctx, k)
	if err != nil {
		return err
	}
	miss := forecast.Value.Known() && met(in, forecast.Low) == no && met(in, forecast.Value) == no && met(in, forecast.High) == no
	said := false
	for _, st := range w.standingsOf(ref) {
		if st.Kind == standingForecast {
			said = said || st.Value == forecastMiss
			w.changes.Drop = append(w.changes.Drop, st)
		}
	}
	value := forecastHolds
	if miss {
		value = forecastMiss
	}
	w.setStanding(Standing{Subject: ref, Kind: standingForecast, Key: string(k.Reading), Value: value, Since: w.now})
	if !miss || said {
		return nil
	}
	w.expect(ref, k.Version)
	fact := ForecastMissed{
		KeyResultFact: w.fact(*k), On: forecast.On, Unit: k.Metric.Unit, Value: forecast.Value, Low: forecast.Low, High: forecast.High,
		Progress: forecast.Progress, Readings: forecast.Readings,
	}
	return w.emit(ref, Ref{KindStanding, k.ID}, EventForecastMiss, fact, fact)
}

// What a forecast came to.
const (
	forecastHolds = "holds"
	forecastMiss  = "miss"
)

const no = 0

// met is 1 for yes, 0 for no, -1 for unknown.
func met(in *measure.Input, v measure.Number) int { return int(in.Metric.Met(v).Or(-1)) }

// forecast extends the readings of a key result: the newest, or all where the metric
// counts them.
func (w *work) forecast(ctx context.Context, k *KeyResult) (measure.Forecast, *measure.Input, error) {
	most := trendReadings
	if tallied(k.Metric) {
		most = 0
	}
	rows, err := readingsOf(ctx, w.unit, w.id, Ref{KindKeyResult, k.ID}, most)
	if err != nil {
		return measure.Forecast{}, nil, err
	}
	scheduled, err := w.desk.scheduled(w.after, k)
	if err != nil {
		return measure.Forecast{}, nil, err
	}
	in := w.after.input(k, w.now)
	return measure.Forecasted(in, w.after.counted(k, rows, scheduled)), in, nil
}

// readingsOf loads the newest readings of a key result, up to a number; 0 is all.
func readingsOf(ctx context.Context, u Unit, t TenantID, ref Ref, most int) ([]Reading, error) {
	for n := max(most, trendReadings); ; n *= 16 {
		s, err := u.Load(ctx, t, Need{Refs: []Ref{ref}, Collections: Collections{Readings: n}})
		if err != nil {
			return nil, err
		}
		rows := s.ReadingsOf(ref.ID)
		if most > 0 || len(rows) < n {
			return rows, nil
		}
	}
}

// input is what a key result is measured from at the instant.
func (s *Snapshot) input(k *KeyResult, now time.Time) *measure.Input {
	in := inputs{snapshot: s, now: now}
	at := -1
	if s.Objective(k.Objective) != nil {
		at = index(s.Objectives, k.Objective, func(o Objective) ID { return o.ID })
	}
	x := in.of(k, at)
	return &x
}

// counted are the readings that stand and count for the key result, as arithmetic
// knows them.
func (s *Snapshot) counted(k *KeyResult, rows []Reading, scheduled []Occurrence) []measure.Reading {
	rows = standing(rows)
	if tallied(k.Metric) {
		rows = s.tallying(k, rows, scheduled)
	}
	out := make([]measure.Reading, 0, len(rows))
	for _, r := range rows {
		out = append(out, measure.Reading{ID: string(r.ID), Value: r.Value, At: r.OccurredAt})
	}
	return out
}

// needs says what active key results need to be on track. Those that follow one
// schedule have their next check-in on the same day.
type needs struct {
	view View
	in   inputs
	next map[followed]Date
}

type followed struct {
	cycle    ID
	schedule scheduleSign
}

func (v View) needs(s *Snapshot, now time.Time) *needs {
	return &needs{view: v, in: inputs{snapshot: s, now: now, objectives: s.places()}, next: map[followed]Date{}}
}

// of is what it takes for the key result to be on track at its next check-in: nil
// where it is not under way, or where nothing can be said.
func (n *needs) of(k *KeyResult) (*measure.Need, error) {
	c := n.in.snapshot.Cycle(k.Cycle)
	if k.State != Active || c == nil || c.closed(n.in.now) {
		return nil, nil
	}
	next, err := n.checkIn(k, c)
	if err != nil {
		return nil, err
	}
	x := n.in.of(k, n.in.objective(k.Objective))
	need := measure.Needed(&x, next)
	if !need.Today.Known() && !need.Then.Known() && !need.PerWeek.Known() {
		return nil, nil
	}
	return &need, nil
}

// checkIn is the day of the next check-in, in the cycle's zone; where none is
// declared it is a week from now, and never after the last day. Whoever follows the
// same schedule has the same: to look up a zone costs more than all the rest.
func (n *needs) checkIn(k *KeyResult, c *Cycle) (Date, error) {
	key := followed{cycle: c.ID}
	s := n.in.snapshot.CadenceOf(*k)
	if n.view.t.desk.calendar == nil {
		s = nil
	}
	if s != nil {
		key.schedule = s.sign()
	}
	day, known := n.next[key]
	if !known {
		var err error
		if day, err = n.occasion(c, s); err != nil {
			return Date{}, err
		}
		n.next[key] = day
	}
	if last := n.in.snapshot.DueDate(*k); !last.IsZero() && day.After(last) {
		day = last
	}
	return day, nil
}

// occasion is the day of the next occurrence of the schedule, or else a week from
// now.
func (n *needs) occasion(c *Cycle, s *Schedule) (Date, error) {
	if s != nil {
		all, err := n.view.t.desk.calendar.Occurrences(*s, *c, n.in.now, n.in.now.Add(2*s.Interval().Duration()+72*time.Hour))
		if err != nil {
			return Date{}, err
		}
		if len(all) > 0 {
			return c.Today(all[0].Due), nil
		}
	}
	return c.Today(n.in.now).AddDays(7), nil
}
