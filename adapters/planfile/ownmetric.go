package planfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// The keys of a metric. Those of endKeys may stand at the key result itself.
var (
	endKeys       = []string{"kind", "unit", "baseline", "target"}
	metricKeys    = append(slices.Clone(endKeys), "digits", "low", "high", "amber", "commit", "stretch", "mode", "need", "tolerance", "points", "milestones", "zones")
	pointKeys     = []string{"value", "share"}
	milestoneKeys = []string{"key", "name", "weight"}
	zoneKeys      = []string{"level", "text"}
	checkInKeys   = []string{"at", "value", "zone", "confidence", "author", "note"}
)

// metric reads a metric from a mapping, from a sentence such as "from 5 to 3 %",
// or from the key result's own fields.
func (r *ownReader) metric(kr object) measure.Metric {
	n := r.follow(kr.values["metric"])
	if n == nil {
		return r.ends(kr)
	}
	for _, key := range endKeys {
		if kr.has(key) {
			r.fail(kr.values[key], kr.child(key), "stands beside metric", "write it into the metric")
		}
	}
	if n.Kind == yaml.ScalarNode {
		m, ok := r.words.metricOf(n.Value)
		if !ok {
			r.fail(n, kr.child("metric"), fmt.Sprintf("%s cannot be read, or in more than one way", show(n)), `write it like "from 5 to 3 %%", or as {kind: decrease, unit: "%%", baseline: 5, target: 3}`)
		}
		return m
	}
	o := r.object(n, kr.child("metric"), metricKeys...)
	r.markAll(o, Fields)
	m := r.ends(o)
	for key, field := range map[string]*measure.Number{
		"digits": &m.Digits, "low": &m.Low, "high": &m.High, "amber": &m.Amber, "commit": &m.Commit, "stretch": &m.Stretch, "need": &m.Need, "tolerance": &m.Tolerance,
	} {
		q := o.number(key)
		*field = q.number
		if !o.has("unit") && (key == "low" || key == "high" || key == "commit" || key == "stretch") {
			m.Unit = firstOf(m.Unit, q.unit)
		}
	}
	m.Mode = measure.Mode(r.choice(o, "mode", texts(measure.Modes())...))
	for i, n := range o.list("points") {
		m.Points = append(m.Points, r.point(n, o.item("points", i)))
	}
	for i, n := range o.list("milestones") {
		m.Milestones = append(m.Milestones, r.milestone(n, o.item("milestones", i)))
	}
	m.Zones = r.zones(o)
	if !o.has("kind") {
		m.Kind = impliedKind(m)
	}
	return m
}

// ends reads kind, unit, baseline and target. A kind that is not given follows
// from the two ends where they differ.
func (r *ownReader) ends(o object) measure.Metric {
	m := measure.Metric{Unit: o.text("unit")}
	baseline, target := o.number("baseline"), o.number("target")
	m.Baseline, m.Target = baseline.number, target.number
	if !o.has("unit") {
		m.Unit = firstOf(target.unit, baseline.unit)
	}
	m.Kind = measure.Kind(r.choice(o, "kind", texts(measure.Kinds())...))
	if !o.has("kind") {
		if m.Kind = target.kind; m.Kind == "" {
			m.Kind = kindOfEnds(m)
		}
	}
	return m
}

// impliedKind is the kind that the fields of a metric give away.
func impliedKind(m measure.Metric) measure.Kind {
	switch {
	case len(m.Zones) > 0:
		return measure.Zones
	case len(m.Milestones) > 0:
		return measure.Milestones
	case len(m.Points) > 0:
		return measure.Points
	case m.Commit.Known() || m.Stretch.Known():
		return measure.CommitTargetStretch
	case m.Low.Known() || m.High.Known():
		return measure.Between
	case m.Kind != "":
		return m.Kind
	}
	return kindOfEnds(m)
}

// kindOfEnds is the direction from baseline to target, "" where it cannot be
// told.
func kindOfEnds(m measure.Metric) measure.Kind {
	b, known := m.Baseline.Value()
	t, too := m.Target.Value()
	switch {
	case !known || !too || b == t:
		return ""
	case t > b:
		return measure.Increase
	}
	return measure.Decrease
}

func texts[S ~string](of []S) []string {
	var out []string
	for _, s := range of {
		out = append(out, string(s))
	}
	return out
}

// bands reads what separates the statuses: the name of a preset, or numbers.
func (r *ownReader) bands(o object) measure.Bands {
	var b measure.Bands
	n := r.follow(o.values["bands"])
	if n == nil || n.Kind == yaml.ScalarNode && n.Value == "" {
		return b
	}
	if n.Kind != yaml.ScalarNode {
		r.fail(n, o.child("bands"), fmt.Sprintf("%s where text belongs", shape(n)), "write a preset (%s), or numbers such as \"gap 0.1 0.25\"", strings.Join(measure.Presets(), ", "))
		return b
	}
	if err := b.UnmarshalText([]byte(strings.TrimSpace(n.Value))); err != nil {
		r.fail(n, o.child("bands"), fmt.Sprintf("%s is not known", show(n)), "write a preset (%s), or numbers such as \"gap 0.1 0.25\"", strings.Join(measure.Presets(), ", "))
		return measure.Bands{}
	}
	return b
}

// required is a number without which its mapping says nothing.
func (o object) required(key string) float64 {
	q := o.number(key)
	v, known := q.number.Value()
	if !known && o.at != nil && o.at.Kind == yaml.MappingNode && !o.faulty && o.follow(o.values[key]) == nil {
		o.fail(o.at, o.child(key), "is missing", "give a number")
	}
	return v
}

func (r *ownReader) point(n *yaml.Node, path string) measure.Point {
	if n = r.item(n, path); n == nil {
		return measure.Point{}
	}
	o := r.object(n, path, pointKeys...)
	r.markAll(o, Fields)
	return measure.Point{Value: o.required("value"), Share: o.required("share")}
}

func (r *ownReader) milestone(n *yaml.Node, path string) measure.Milestone {
	if n = r.item(n, path); n == nil {
		return measure.Milestone{}
	}
	if n.Kind == yaml.ScalarNode {
		r.l.mark(n.Line, Fields)
		return measure.Milestone{Key: n.Value}
	}
	o := r.object(n, path, milestoneKeys...)
	r.markAll(o, Fields)
	return measure.Milestone{Key: o.text("key"), Name: o.text("name"), Weight: o.number("weight").number}
}

// zones reads a list of levels with their texts, or a mapping from the one to the
// other.
func (r *ownReader) zones(metric object) []measure.Zone {
	n := r.follow(metric.values["zones"])
	if n == nil {
		return nil
	}
	var out []measure.Zone
	if n.Kind == yaml.MappingNode {
		o := r.object(n, metric.child("zones"), texts(measure.Levels())...)
		r.markAll(o, Fields)
		for _, l := range measure.Levels() {
			if o.has(string(l)) {
				out = append(out, measure.Zone{Level: l, Text: o.text(string(l))})
			}
		}
		return out
	}
	for i, n := range metric.list("zones") {
		path := metric.item("zones", i)
		if n = r.item(n, path); n == nil {
			continue
		}
		o := r.object(n, path, zoneKeys...)
		r.markAll(o, Fields)
		out = append(out, measure.Zone{Level: measure.Level(r.choice(o, "level", texts(measure.Levels())...)), Text: o.text("text")})
	}
	return out
}

// checkIn reads a check-in that the plan brings along. Its value is in the
// metric's unit.
func (r *ownReader) checkIn(n *yaml.Node, path string, m measure.Metric) okr.PlanCheckIn {
	if n = r.item(n, path); n == nil {
		return okr.PlanCheckIn{}
	}
	o := r.object(n, path, checkInKeys...)
	r.markAll(o, CheckIns)
	r.l.mark(n.Line, CheckIns)
	c := okr.PlanCheckIn{
		At: r.instant(o), Zone: measure.Level(r.choice(o, "zone", texts(measure.Levels())...)),
		Confidence: o.upTo("confidence", 10), Author: o.text("author"), Note: o.text("note"),
	}
	q := o.number("value")
	if q.unit != "" && q.unit != m.Unit {
		r.fail(o.values["value"], o.child("value"), fmt.Sprintf("%q is not the unit of the metric, %q", q.unit, m.Unit), "write the value in the metric's unit")
	}
	c.Value = q.number
	return c
}

// instant reads when a check-in was taken.
func (r *ownReader) instant(o object) time.Time {
	n := r.follow(o.values["at"])
	if n != nil && n.Kind == yaml.ScalarNode {
		if t, ok := instantOf(n.Value); ok {
			return t
		}
	}
	switch {
	case n != nil:
		r.fail(n, o.child("at"), fmt.Sprintf("%s is no instant", show(n)), "write it like 2026-11-06T16:00:00Z or 2026-11-06")
	case !o.faulty && o.at != nil && o.at.Kind == yaml.MappingNode:
		r.fail(o.at, o.child("at"), "is missing", "say when it was taken, like 2026-11-06T16:00:00Z")
	}
	return time.Time{}
}

// instantOf reads an instant. Without a zone it is UTC, without a time of day
// midnight.
func instantOf(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
