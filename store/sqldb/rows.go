package sqldb

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/okrkit/okrkit/okr"
)

// Each kind of row has its columns, in the order in which it is scanned and
// written. The tenant and the id stand first, then the version.
const (
	cycleColumns     = "id, version, doc"
	personColumns    = "id, version, doc"
	teamColumns      = "id, version, doc"
	objectiveColumns = "id, version, doc"
	keyResultColumns = "k.id, k.version, k.cycle, k.objective, k.key, k.title, k.owner, k.state, k.kind, k.unit, k.baseline, k.target, k.curve, k.weight, " +
		"k.due, k.activated_at, k.current_value, k.current_at, k.reading, k.confidence, k.stated, k.last_checkin, k.doc"
	readingColumns  = "r.key_result, r.occurred_at, r.recorded_at, r.id, r.value, r.source, r.corrects"
	checkInColumns  = "r.key_result, r.occurred_at, r.recorded_at, r.id, r.author_kind, r.author, r.reading, r.value, r.confidence, r.stated, r.doc"
	standingColumns = "subject_kind, subject, kind, key, value, since, next_look"
)

// keyResultRest is what most key results lack.
type keyResultRest struct {
	Definition  string           `json:"definition,omitempty"`
	Rationale   string           `json:"rationale,omitempty"`
	OwnerText   string           `json:"owner_text,omitempty"`
	Source      *okr.Source      `json:"source,omitempty"`
	Cadence     *okr.Schedule    `json:"cadence,omitempty"`
	Initiatives []okr.Initiative `json:"initiatives,omitempty"`
	Original    *okr.Definition  `json:"original,omitempty"`
}

// checkInRest is what most check-ins lack.
type checkInRest struct {
	Note     string   `json:"note,omitempty"`
	Adjusted []string `json:"adjusted,omitempty"`
}

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
	if err := r.Scan(&c.ID, &c.Version, &doc); err != nil {
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
		rest                                          keyResultRest
	)
	if err := r.Scan(&k.ID, &k.Version, &k.Cycle, &k.Objective, &k.Key, &k.Title, &k.Owner, &k.State, &k.Metric.Kind, &k.Metric.Unit,
		&baseline, &target, &k.Curve, &weight, &due, &activated, &current, &currentAt, &k.Reading, &confidence, &k.Stated, &lastCheckIn, &doc); err != nil {
		return k, err
	}
	if k.Due, err = date(due); err != nil {
		return k, err
	}
	if err := read("key result", k.ID, doc, &rest); err != nil {
		return k, err
	}
	k.Metric.Baseline, k.Metric.Target, k.Weight = number(baseline), number(target), number(weight)
	k.Current, k.Confidence = number(current), number(confidence)
	k.ActivatedAt, k.CurrentAt, k.LastCheckIn = nullInstant(activated), nullInstant(currentAt), nullInstant(lastCheckIn)
	k.Definition, k.Rationale, k.OwnerText = rest.Definition, rest.Rationale, rest.OwnerText
	k.Source, k.Cadence, k.Initiatives, k.Original = rest.Source, rest.Cadence, rest.Initiatives, rest.Original
	return k, nil
}

// keyResultArgs are the columns of a key result after its tenant and id, from its
// version on.
func keyResultArgs(k okr.KeyResult) ([]any, error) {
	doc, err := document(keyResultRest{k.Definition, k.Rationale, k.OwnerText, k.Source, k.Cadence, k.Initiatives, k.Original})
	if err != nil {
		return nil, fmt.Errorf("sqldb: key result %s: %w", k.ID, err)
	}
	return []any{
		k.Version, string(k.Cycle), string(k.Objective), k.Key, k.Title, string(k.Owner), string(k.State), string(k.Metric.Kind), k.Metric.Unit,
		nullNumber(k.Metric.Baseline), nullNumber(k.Metric.Target), string(k.Curve), nullNumber(k.Weight), k.Due.String(), nullMicros(k.ActivatedAt),
		nullNumber(k.Current), nullMicros(k.CurrentAt), string(k.Reading), nullNumber(k.Confidence), string(k.Stated), nullMicros(k.LastCheckIn), doc,
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
		rest               checkInRest
	)
	if err := r.Scan(&x.KeyResult, &occurred, &recorded, &x.ID, &x.Author.Kind, &x.Author.ID, &x.Reading, &value, &confidence, &x.Stated, &doc); err != nil {
		return x, err
	}
	err = read("check-in", x.ID, doc, &rest)
	x.OccurredAt, x.RecordedAt = instant(occurred), instant(recorded)
	x.Value, x.Confidence = number(value), number(confidence)
	x.Note, x.Adjusted = rest.Note, rest.Adjusted
	return x, err
}

func checkInArgs(t string, x okr.CheckInRecord) ([]any, error) {
	doc, err := document(checkInRest{x.Note, x.Adjusted})
	if err != nil {
		return nil, fmt.Errorf("sqldb: check-in %s: %w", x.ID, err)
	}
	return []any{t, string(x.KeyResult), micros(x.OccurredAt), micros(x.RecordedAt), string(x.ID), string(x.Author.Kind), string(x.Author.ID),
		string(x.Reading), nullNumber(x.Value), nullNumber(x.Confidence), string(x.Stated), doc}, nil
}

func scanStanding(r Rows) (s okr.Standing, err error) {
	var since int64
	var next sql.NullInt64
	err = r.Scan(&s.Subject.Kind, &s.Subject.ID, &s.Kind, &s.Key, &s.Value, &since, &next)
	s.Since, s.NextLook = instant(since), nullInstant(next)
	return s, err
}
