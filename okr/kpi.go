package okr

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// The events of KPIs.
const (
	EventKPIDefined         = EventPrefix + "kpi.defined"
	EventKPIChanged         = EventPrefix + "kpi.changed"
	EventKPIRetired         = EventPrefix + "kpi.retired"
	EventKPIRecorded        = EventPrefix + "kpi.recorded"
	EventKPICorrected       = EventPrefix + "kpi.corrected"
	EventKPISourceFailed    = EventPrefix + "kpi.source-failed"
	EventKPISourceRecovered = EventPrefix + "kpi.source-recovered"
)

type (
	// KPIFact is the payload of kpi.defined, changed and retired, and part of the
	// others.
	KPIFact struct {
		KPI     ID           `json:"kpi"`
		Name    string       `json:"name"`
		Team    ID           `json:"team,omitempty"`
		Owner   ID           `json:"owner,omitempty"`
		Unit    string       `json:"unit,omitempty"`
		Kind    measure.Kind `json:"kind,omitempty"`
		Changed []string     `json:"changed,omitempty"` // names of the fields that changed
	}

	// KPIReading is the payload of kpi.recorded and kpi.corrected.
	KPIReading struct {
		KPIFact
		Reading    ID             `json:"reading"`
		Value      measure.Number `json:"value"`
		OccurredAt time.Time      `json:"occurred_at"`
		Source     string         `json:"source"`
		Corrects   ID             `json:"corrects,omitempty"`
		Status     measure.Status `json:"status"` // with it, against the healthy range
	}

	// KPISource is the payload of kpi.source-failed and kpi.source-recovered.
	KPISource struct {
		KPIFact
		Source string `json:"source"`
	}
)

// NewKPI is a figure to watch for as long as it runs.
type NewKPI struct {
	ID         ID             `json:"id,omitempty"` // the host's, unique within the tenant; "" gives it one
	Name       string         `json:"name"`
	Definition string         `json:"definition,omitempty"` // what exactly is counted
	Owner      ID             `json:"owner,omitempty"`
	Team       ID             `json:"team,omitempty"`
	Metric     measure.Metric `json:"metric,omitzero"` // its healthy range, such as at least 95 %; none is watched and not judged
	Source     *Source        `json:"source,omitempty"`
	Cadence    *Schedule      `json:"cadence,omitempty"`
	Key        string         `json:"-"` // idempotency key; "" is none
}

// KPIChange changes a KPI. Nil fields stay as they are.
type KPIChange struct {
	KPI        ID              `json:"kpi"`
	Name       *string         `json:"name,omitempty"`
	Definition *string         `json:"definition,omitempty"`
	Owner      *ID             `json:"owner,omitempty"`
	Team       *ID             `json:"team,omitempty"`
	Metric     *measure.Metric `json:"metric,omitempty"`
	Source     *Source         `json:"source,omitempty"`
	Cadence    *Schedule       `json:"cadence,omitempty"`
	Retired    *bool           `json:"retired,omitempty"` // a retired KPI takes no readings, and keeps its history
	Version    int64           `json:"version,omitempty"` // refuse unless the KPI has this version; 0 is any
	Key        string          `json:"-"`
}

// healthy are the kinds of metric that say of a figure whether it is well, without
// an end by which it has to get somewhere.
var healthy = []measure.Kind{"", measure.AtLeast, measure.AtMost, measure.Above, measure.Below, measure.Between, measure.YesNo, measure.Zones}

func (x KPI) check() error {
	for _, err := range []error{
		checkText("name", x.Name, maxName, true),
		checkText("definition", x.Definition, maxNote, false),
		checkID("owner", x.Owner, false),
		checkID("team", x.Team, false),
		checkSource("source", x.Source),
		checkWholeSchedule("cadence", x.Cadence),
	} {
		if err != nil {
			return err
		}
	}
	switch m := x.Metric; {
	case !slices.Contains(healthy, m.Kind):
		return invalid("metric.kind", string(m.Kind), "a KPI has no end: use at_least, at_most, above, below, between, yes_no or zones, or none where it is only watched")
	case m.Mode != "" && m.Mode != measure.Latest:
		return invalid("metric.mode", string(m.Mode), "a KPI is its newest reading: leave it out, and choose the mode in the key result that it measures")
	case m.Kind == "":
		return checkText("metric.unit", m.Unit, 40, false)
	}
	return checkMetric("", x.Metric)
}

// DefineKPI adds a figure to watch. An id that is taken is [ErrConflict].
func (t Tenant) DefineKPI(ctx context.Context, n NewKPI) (Decision, error) {
	x := KPI{
		ID: n.ID, Name: oneLine(n.Name), Definition: n.Definition, Owner: n.Owner, Team: n.Team,
		Metric: n.Metric.Clone(), Source: n.Source, Cadence: n.Cadence,
	}
	if err := checkID("id", n.ID, false); err != nil {
		return Decision{}, err
	}
	if err := x.check(); err != nil {
		return Decision{}, err
	}
	if err := t.desk.knows("cadence", x.Cadence); err != nil {
		return Decision{}, err
	}
	in := Intent{VerbKPI, []Ref{{KindTenant, ID(t.id)}}}
	switch {
	case n.ID != "":
		in.Subjects = []Ref{{KindKPI, n.ID}}
	case n.Team != "":
		in.Subjects = []Ref{{KindTeam, n.Team}}
	}
	return t.decide(ctx, in, n.Key, n, func(ctx context.Context, w *work) error {
		if x.ID != "" {
			_, err := w.unit.Load(ctx, w.id, Need{Refs: []Ref{x.ref()}})
			if err == nil {
				return &ConflictError{x.ref(), "there is a KPI with this id: change that one, or use another id"}
			}
			if !asNotFound(err, new(*NotFoundError)) {
				return err
			}
		}
		if err := w.bringKPI(ctx, x); err != nil {
			return err
		}
		x := x
		if x.ID == "" {
			x.ID = ID(w.desk.newID())
		}
		return w.made(x, EventKPIDefined, x.fact())
	})
}

// bringKPI loads whom and what a KPI names, and checks it.
func (w *work) bringKPI(ctx context.Context, x KPI, more ...Ref) error {
	need, fields := Need{Refs: more}, map[Ref]string{}
	if x.Owner != "" {
		r := Ref{KindPerson, x.Owner}
		need.Refs, fields[r] = append(need.Refs, r), "owner"
	}
	if x.Team != "" {
		r := Ref{KindTeam, x.Team}
		need.Refs, fields[r] = append(need.Refs, r), "team"
	}
	if err := w.bring(ctx, need); err != nil {
		return misnamed(err, fields)
	}
	return nil
}

// ChangeKPI changes what a KPI means or whose it is, or retires it. While active
// key results are measured by it, it keeps its kind and unit, and is not retired.
// Once it has readings it keeps what they were taken in.
func (t Tenant) ChangeKPI(ctx context.Context, c KPIChange) (Decision, error) {
	if err := checkID("kpi", c.KPI, true); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindKPI, c.KPI}
	return t.decide(ctx, Intent{VerbKPI, []Ref{ref}}, c.Key, c, func(ctx context.Context, w *work) error {
		return w.changeKPI(ctx, ref, c)
	})
}

func (w *work) changeKPI(ctx context.Context, ref Ref, c KPIChange) error {
	if err := w.bring(ctx, Need{Refs: []Ref{ref}}); err != nil {
		return err
	}
	old := *w.after.KPI(ref.ID)
	if c.Version != 0 && c.Version != old.Version {
		return &ConflictError{ref, "somebody changed it since: read it again"}
	}
	x := old
	set(&x.Name, c.Name)
	x.Name = oneLine(x.Name)
	set(&x.Definition, c.Definition)
	set(&x.Owner, c.Owner)
	set(&x.Team, c.Team)
	set(&x.Retired, c.Retired)
	if c.Metric != nil {
		x.Metric = c.Metric.Clone()
	}
	if c.Source != nil {
		x.Source = c.Source
	}
	if c.Cadence != nil {
		x.Cadence = c.Cadence
	}
	if err := x.check(); err != nil {
		return err
	}
	if err := w.desk.knows("cadence", c.Cadence); err != nil {
		return err
	}
	if x.Reading != "" {
		if err := sameRuler(old.Metric, x.Metric); err != nil {
			return err
		}
	}
	if err := w.bringKPI(ctx, x, ref); err != nil {
		return err
	}
	if c.Owner != nil {
		if err := w.responsible("owner", x.Owner); err != nil {
			return err
		}
	}
	changed := differing(old, x)
	if len(changed) == 0 {
		w.intent.Subjects = []Ref{ref}
		return nil
	}
	if x.Metric.Kind != old.Metric.Kind || x.Metric.Unit != old.Metric.Unit || x.Retired && !old.Retired {
		used, err := w.unit.List(ctx, w.id, Query{KPI: x.ID, State: Active, Limit: 1})
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return &ConflictError{ref, "active key results are measured by it: measure them by something else first, or end them"}
		}
	}
	fact := x.fact()
	fact.Changed = changed
	return w.made(x, pick(x.Retired && !old.Retired, EventKPIRetired, EventKPIChanged), fact)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (x KPI) fact() KPIFact {
	return KPIFact{KPI: x.ID, Name: x.Name, Team: x.Team, Owner: x.Owner, Unit: x.Metric.Unit, Kind: x.Metric.Kind}
}

// measures says whether a key result with the metric can be measured by the KPI.
func (x KPI) measures(field string, m measure.Metric) error {
	plain := func(k measure.Kind) bool {
		return k != measure.YesNo && k != measure.Zones && k != measure.Milestones
	}
	switch {
	case x.Retired:
		return invalid(field, string(x.ID), "%s is retired: use one that runs", x.Name)
	case m.Unit != "" && x.Metric.Unit != "" && m.Unit != x.Metric.Unit:
		return invalid(field, string(x.ID), "%s is in %s and the key result in %s: give both one unit", x.Name, x.Metric.Unit, m.Unit)
	case m.Kind == "" || x.Metric.Kind == "" && plain(m.Kind):
		return nil
	case m.Kind != x.Metric.Kind && !(plain(m.Kind) && plain(x.Metric.Kind)):
		return invalid(field, string(x.ID), "%s is of kind %q and the key result of kind %q: its readings would mean nothing there", x.Name, x.Metric.Kind, m.Kind)
	}
	return nil
}

// KPI is the KPI with the id, nil if the snapshot has none.
func (s *Snapshot) KPI(id ID) *KPI {
	return find(s.KPIs, id, func(x KPI) ID { return x.ID })
}

// Measure measures a KPI against its healthy range at the instant. Its reading is
// fresh for one interval of its source, or of its cadence, or a week, plus grace.
func (x KPI) Measure(now time.Time) measure.Result {
	interval, grace := EveryWeek, Daily
	if x.Cadence != nil {
		interval, grace = x.Cadence.Interval(), x.Cadence.GraceOrDefault()
	}
	if x.Source != nil && x.Source.Interval > 0 {
		interval = x.Source.Interval
	}
	// It has to hold today, and not only by a day that is still ahead; what lies
	// within amber may be restored.
	today := measure.DateOf(now.UTC())
	last := today
	if x.Metric.Amber.Known() {
		last = today.AddDays(1)
	}
	in := measure.Input{First: today, Last: last, Today: today, Metric: x.Metric, Now: now, Fresh: (interval + grace).Duration(), Latest: measure.Reading{ID: string(x.Reading), Value: x.Current}}
	if x.CurrentAt != nil {
		in.Latest.At = *x.CurrentAt
	}
	return measure.KeyResult(&in)
}

// KPIView is a KPI with where it stands now.
type KPIView struct {
	KPI
	OwnerName string         `json:"owner_name,omitempty"`
	TeamName  string         `json:"team_name,omitempty"`
	Measured  measure.Result `json:"measured"`          // against its healthy range
	Age       time.Duration  `json:"age,omitempty"`     // of the current reading
	History   []Reading      `json:"history,omitempty"` // newest first; only [View.KPI] reads it
}

// KPIQuery selects KPIs. Empty fields do not restrict.
type KPIQuery struct {
	Team    ID
	Retired bool // those that are retired, too
}

// KPIs reads one page of the KPIs, by id, and where each stands now.
func (v View) KPIs(ctx context.Context, q KPIQuery, p Paging) (Page[KPIView], error) {
	rows, err := listItems(ctx, v, ItemQuery{Kind: KindKPI, Subject: teamOr(q.Team, "")}, p,
		func(s *Snapshot) []KPI { return s.KPIs },
		func(x KPI) bool { return q.Retired || !x.Retired })
	page := Page[KPIView]{Items: []KPIView{}, Next: rows.Next}
	if err != nil {
		return page, err
	}
	var need Need
	for _, x := range rows.Items {
		for _, r := range []Ref{{KindPerson, x.Owner}, {KindTeam, x.Team}} {
			if r.ID != "" && !slices.Contains(need.Refs, r) {
				need.Refs = append(need.Refs, r)
			}
		}
	}
	s, now, err := v.read(ctx, need)
	if err != nil {
		return page, err
	}
	for _, x := range rows.Items {
		page.Items = append(page.Items, viewKPI(s, x, now))
	}
	return page, nil
}

// KPI reads one KPI with its newest readings, up to a number.
func (v View) KPI(ctx context.Context, id ID, readings int) (KPIView, error) {
	if err := checkID("kpi", id, true); err != nil {
		return KPIView{}, err
	}
	ref := Ref{KindKPI, id}
	s, _, err := v.read(ctx, Need{Refs: []Ref{ref}})
	if err != nil {
		return KPIView{}, err
	}
	x := s.KPI(id)
	if x == nil {
		return KPIView{}, &NotFoundError{ref}
	}
	need := Need{Refs: []Ref{ref}, Collections: Collections{Readings: min(max(readings, 0), maxPage)}}
	if x.Owner != "" {
		need.Refs = append(need.Refs, Ref{KindPerson, x.Owner})
	}
	if x.Team != "" {
		need.Refs = append(need.Refs, Ref{KindTeam, x.Team})
	}
	s, now, err := v.read(ctx, need)
	if err != nil {
		return KPIView{}, err
	}
	if x = s.KPI(id); x == nil {
		return KPIView{}, &NotFoundError{ref}
	}
	out := viewKPI(s, *x, now)
	out.History = s.ReadingsOf(id)
	return out, nil
}

func viewKPI(s *Snapshot, x KPI, now time.Time) KPIView {
	out := KPIView{KPI: x, OwnerName: personName(s, x.Owner, ""), TeamName: teamName(s, x.Team), Measured: x.Measure(now)}
	if x.CurrentAt != nil {
		out.Age = now.Sub(*x.CurrentAt)
	}
	return out
}

// knownKPI says of a key result that the KPI which a plan names for it is none that
// the desk knows.
func (w *work) knownKPI(k KeyResult, gate bool) {
	if k.KPIText == "" || gate && w.desk.judge == nil {
		return
	}
	w.extra = append(w.extra, Finding{
		Rule: "kpi-known", Pack: "okr", Version: "1", Severity: pick(gate, SeverityError, SeverityWarning), Outcome: OutcomeFail, Gate: gate,
		Subject: Ref{KindKeyResult, k.ID}, Title: k.Title,
		Message: fmt.Sprintf("%q is no KPI that is defined here, so nothing measures the key result", k.KPIText),
		Fix:     "Define the KPI first, or name it by id or full name.",
	})
}
