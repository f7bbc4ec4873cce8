package sqldb

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// Each kind of row has its columns, in the order in which it is scanned and
// written. The tenant and the id stand first, then the version.
const (
	cycleColumns     = "id, version, turn, doc"
	personColumns    = "id, version, doc"
	teamColumns      = "id, version, doc"
	objectiveColumns = "id, version, doc"
	keyResultColumns = "k.id, k.version, k.cycle, k.objective, k.key, k.title, k.owner, k.state, k.kind, k.unit, k.baseline, k.target, k.curve, k.weight, " +
		"k.due, k.activated_at, k.current_value, k.current_at, k.kpi, k.reading, k.confidence, k.stated, k.last_checkin, k.doc"
	readingColumns  = "r.key_result, r.occurred_at, r.recorded_at, r.id, r.value, r.source, r.corrects"
	checkInColumns  = "r.key_result, r.occurred_at, r.recorded_at, r.id, r.author_kind, r.author, r.reading, r.value, r.confidence, r.stated, r.doc"
	itemColumns     = "i.kind, i.id, i.version, i.subject_kind, i.subject, i.cycle, i.doc"
	standingColumns = "subject_kind, subject, kind, key, value, since, next_look"
)

// none is the document of a row that has nothing in it.
const none = "{}"

// read decodes a document.
func read(what string, id okr.ID, doc string, v any) error {
	if doc == none {
		return nil
	}
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		return fmt.Errorf("sqldb: %s %s cannot be read: %w", what, id, err)
	}
	return nil
}

func scanCycle(r Rows) (c okr.Cycle, err error) {
	var doc string
	if err := r.Scan(&c.ID, &c.Version, &c.Turn, &doc); err != nil {
		return c, err
	}
	id, version := c.ID, c.Version
	err = read("cycle", c.ID, doc, &c)
	c.ID, c.Version = id, version
	return c, err
}

func scanPerson(r Rows) (p okr.Person, err error) {
	var doc string
	if err := r.Scan(&p.ID, &p.Version, &doc); err != nil {
		return p, err
	}
	id, version := p.ID, p.Version
	err = read("person", p.ID, doc, &p)
	p.ID, p.Version = id, version
	return p, err
}

func scanTeam(r Rows) (t okr.Team, err error) {
	var doc string
	if err := r.Scan(&t.ID, &t.Version, &doc); err != nil {
		return t, err
	}
	id, version := t.ID, t.Version
	err = read("team", t.ID, doc, &t)
	t.ID, t.Version = id, version
	return t, err
}

func scanObjective(r Rows) (o okr.Objective, err error) {
	var doc string
	if err := r.Scan(&o.ID, &o.Version, &doc); err != nil {
		return o, err
	}
	id, version := o.ID, o.Version
	err = read("objective", o.ID, doc, &o)
	o.ID, o.Version = id, version
	return o, err
}

func scanKeyResult(r Rows) (k okr.KeyResult, err error) {
	var (
		baseline, target, weight, current, confidence sql.NullFloat64
		activated, currentAt, lastCheckIn             sql.NullInt64
		due, doc                                      string
	)
	// The document is read first into what the columns then fill.
	var row okr.KeyResult
	if err := r.Scan(&row.ID, &row.Version, &row.Cycle, &row.Objective, &row.Key, &row.Title, &row.Owner, &row.State, &row.Metric.Kind, &row.Metric.Unit,
		&baseline, &target, &row.Curve, &weight, &due, &activated, &current, &currentAt, &row.KPI, &row.Reading, &confidence, &row.Stated, &lastCheckIn, &doc); err != nil {
		return k, err
	}
	if err := read("key result", row.ID, doc, &k); err != nil {
		return k, err
	}
	if k.Due, err = date(due); err != nil {
		return k, err
	}
	k.ID, k.Version, k.Cycle, k.Objective, k.Key, k.Title = row.ID, row.Version, row.Cycle, row.Objective, row.Key, row.Title
	k.Owner, k.State, k.Curve, k.KPI, k.Reading, k.Stated = row.Owner, row.State, row.Curve, row.KPI, row.Reading, row.Stated
	k.Metric.Kind, k.Metric.Unit = row.Metric.Kind, row.Metric.Unit
	k.Metric.Baseline, k.Metric.Target, k.Weight = number(baseline), number(target), number(weight)
	k.Current, k.Confidence = number(current), number(confidence)
	k.ActivatedAt, k.CurrentAt, k.LastCheckIn = nullInstant(activated), nullInstant(currentAt), nullInstant(lastCheckIn)
	return k, nil
}

// keyResultArgs are the columns of a key result after its tenant and id, from its
// version on. The document holds what has no column.
func keyResultArgs(k okr.KeyResult) ([]any, error) {
	rest := k
	rest.ID, rest.Version, rest.Cycle, rest.Objective, rest.Key, rest.Title = "", 0, "", "", "", ""
	rest.Owner, rest.State, rest.Curve, rest.KPI, rest.Reading, rest.Stated = "", "", "", "", "", ""
	rest.Metric.Kind, rest.Metric.Unit = "", ""
	rest.Metric.Baseline, rest.Metric.Target, rest.Weight = measure.Number{}, measure.Number{}, measure.Number{}
	rest.Current, rest.Confidence, rest.Due = measure.Number{}, measure.Number{}, okr.Date{}
	rest.ActivatedAt, rest.CurrentAt, rest.LastCheckIn = nil, nil, nil
	doc, err := document(rest)
	if err != nil {
		return nil, fmt.Errorf("sqldb: key result %s: %w", k.ID, err)
	}
	return []any{
		k.Version, string(k.Cycle), string(k.Objective), k.Key, k.Title, string(k.Owner), string(k.State), string(k.Metric.Kind), k.Metric.Unit,
		nullNumber(k.Metric.Baseline), nullNumber(k.Metric.Target), string(k.Curve), nullNumber(k.Weight), k.Due.String(), nullMicros(k.ActivatedAt),
		nullNumber(k.Current), nullMicros(k.CurrentAt), string(k.KPI), string(k.Reading), nullNumber(k.Confidence), string(k.Stated), nullMicros(k.LastCheckIn), doc,
	}, nil
}

func scanReading(r Rows) (x okr.Reading, err error) {
	var occurred, recorded int64
	var value sql.NullFloat64
	err = r.Scan(&x.KeyResult, &occurred, &recorded, &x.ID, &value, &x.Source, &x.Corrects)
	x.OccurredAt, x.RecordedAt, x.Value = instant(occurred), instant(recorded), number(value)
	return x, err
}

func readingArgs(t string, x okr.Reading) []any {
	return []any{t, string(x.KeyResult), micros(x.OccurredAt), micros(x.RecordedAt), string(x.ID), nullNumber(x.Value), x.Source, string(x.Corrects)}
}

func scanCheckIn(r Rows) (x okr.CheckInRecord, err error) {
	var (
		occurred, recorded int64
		value, confidence  sql.NullFloat64
		doc                string
	)
	var row okr.CheckInRecord
	if err := r.Scan(&row.KeyResult, &occurred, &recorded, &row.ID, &row.Author.Kind, &row.Author.ID, &row.Reading, &value, &confidence, &row.Stated, &doc); err != nil {
		return x, err
	}
	err = read("check-in", row.ID, doc, &x)
	x.KeyResult, x.ID, x.Author, x.Reading, x.Stated = row.KeyResult, row.ID, row.Author, row.Reading, row.Stated
	x.OccurredAt, x.RecordedAt = instant(occurred), instant(recorded)
	x.Value, x.Confidence = number(value), number(confidence)
	return x, err
}

func checkInArgs(t string, x okr.CheckInRecord) ([]any, error) {
	rest := x
	rest.KeyResult, rest.ID, rest.Author, rest.Reading, rest.Stated = "", "", okr.Actor{}, "", ""
	rest.OccurredAt, rest.RecordedAt, rest.Value, rest.Confidence = time.Time{}, time.Time{}, measure.Number{}, measure.Number{}
	doc, err := document(rest)
	if err != nil {
		return nil, fmt.Errorf("sqldb: check-in %s: %w", x.ID, err)
	}
	return []any{t, string(x.KeyResult), micros(x.OccurredAt), micros(x.RecordedAt), string(x.ID), string(x.Author.Kind), string(x.Author.ID),
		string(x.Reading), nullNumber(x.Value), nullNumber(x.Confidence), string(x.Stated), doc}, nil
}

func scanItem(r Rows) (x okr.Item, err error) {
	var doc string
	err = r.Scan(&x.Kind, &x.ID, &x.Version, &x.Subject.Kind, &x.Subject.ID, &x.Cycle, &doc)
	x.Doc = []byte(doc)
	return x, err
}

func scanStanding(r Rows) (s okr.Standing, err error) {
	var since int64
	var next sql.NullInt64
	err = r.Scan(&s.Subject.Kind, &s.Subject.ID, &s.Kind, &s.Key, &s.Value, &since, &next)
	s.Since, s.NextLook = instant(since), nullInstant(next)
	return s, err
}
