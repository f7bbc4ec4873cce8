package okr

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/okrkit/okrkit/okr/measure"
)

// Snapshot is what the plan becomes when nothing exists yet: every objective and
// key result a draft with an id of its own. It needs no desk, so that a file can
// be audited anywhere. The map says where each stood in its file.
//
// A cycle without dates keeps none: what depends on them is unknown.
func (p Plan) Snapshot(newID func() string, now time.Time) (*Snapshot, map[Ref]Position, error) {
	if err := (Directory{People: p.People, Teams: p.Teams}).check(); err != nil {
		return nil, nil, err
	}
	s := &Snapshot{People: append([]Person(nil), p.People...), Teams: append([]Team(nil), p.Teams...)}
	for i := range s.People {
		if s.People[i].Kind == "" {
			s.People[i].Kind = Human
		}
	}
	s.Sort()
	d := drafting{snapshot: s, newID: newID, now: now}
	if err := d.plan(p); err != nil {
		return nil, nil, err
	}
	s.Sort()
	at := map[Ref]Position{}
	for _, x := range d.drafts {
		at[x.ref] = x.at
	}
	return s, at, nil
}

// drafting turns a plan into drafts of a snapshot that may hold earlier ones.
type drafting struct {
	snapshot *Snapshot
	newID    func() string
	now      time.Time
	drafts   []drafted
}

// drafted is one row that the plan speaks of.
type drafted struct {
	ref     Ref
	key     string
	at      Position
	created bool
	changed []string       // names of the fields that differ from the row before
	reading measure.Number // the current value that the plan states, if it is news
}

// plan adds the plan's rows to the snapshot.
func (d *drafting) plan(p Plan) error {
	c, err := d.cycle(p.Cycle)
	if err != nil {
		return err
	}
	cycle := *c
	objectives := map[string]ID{}
	keys := namer{}
	for i, o := range p.Objectives {
		id, err := d.objective(cycle, i, o, keys)
		if err != nil {
			return err
		}
		if o.Key != "" {
			objectives[o.Key] = id
		}
		if _, ok := objectives[o.Title]; !ok {
			objectives[o.Title] = id
		}
	}
	for i, o := range p.Objectives {
		if o.Parent == "" {
			continue
		}
		parent, ok := objectives[o.Parent]
		if !ok {
			return invalid(fmt.Sprintf("objectives[%d].parent", i), o.Parent, "no objective of this plan has that key")
		}
		id := objectives[o.Key]
		if id == "" {
			id = objectives[o.Title]
		}
		if id == parent {
			return invalid(fmt.Sprintf("objectives[%d].parent", i), o.Parent, "an objective cannot be its own parent")
		}
		row := d.snapshot.Objective(id)
		shares := []Share{{Objective: parent}}
		if !reflect.DeepEqual(row.Parents, shares) {
			row.Parents = shares
			d.note(Ref{KindObjective, id}, "parents")
		}
	}
	return nil
}

func (d *drafting) note(r Ref, field string) {
	for i := range d.drafts {
		if d.drafts[i].ref == r {
			d.drafts[i].changed = append(d.drafts[i].changed, field)
			return
		}
	}
}

func (d *drafting) cycle(p PlanCycle) (*Cycle, error) {
	key := p.Key
	if key == "" {
		key = slug(p.Name)
	}
	if key == "" && !p.Start.IsZero() {
		key = p.Start.String() + "-" + p.End.String()
	}
	if key == "" {
		key = "plan"
	}
	if err := checkText("cycle.key", key, maxName, true); err != nil {
		return nil, err
	}
	want := Cycle{Key: key, Name: oneLine(p.Name), Zone: p.Zone, Start: p.Start, End: p.End, Cadence: p.Cadence}
	if want.Name == "" {
		want.Name = key
	}
	if want.Zone == "" {
		want.Zone = "UTC"
	}
	if _, err := want.Location(); err != nil {
		return nil, err
	}
	if want.Start.IsZero() != want.End.IsZero() {
		return nil, invalid("cycle.end", want.End.String(), "give both the first and the last day, or neither")
	}
	if want.End.Before(want.Start) {
		return nil, invalid("cycle.end", want.End.String(), "the last day lies before the first, %s", want.Start)
	}
	if err := checkSchedule("cycle.cadence", p.Cadence); err != nil {
		return nil, err
	}
	for i := range d.snapshot.Cycles {
		c := &d.snapshot.Cycles[i]
		if c.Key != key {
			continue
		}
		x := drafted{ref: Ref{KindCycle, c.ID}, key: key}
		if want.Start.IsZero() {
			want.Start, want.End = c.Start, c.End
		}
		want.ID, want.ClosedAt, want.Version = c.ID, c.ClosedAt, c.Version
		x.changed = differing(*c, want)
		*c = want
		d.drafts = append(d.drafts, x)
		return c, nil
	}
	want.ID = ID(d.newID())
	d.snapshot.Cycles = append(d.snapshot.Cycles, want)
	d.drafts = append(d.drafts, drafted{ref: Ref{KindCycle, want.ID}, key: key, created: true})
	d.snapshot.Sort()
	return d.snapshot.Cycle(want.ID), nil
}

func (d *drafting) objective(cycle Cycle, i int, p PlanObjective, keys namer) (ID, error) {
	field := fmt.Sprintf("objectives[%d]", i)
	title := oneLine(p.Title)
	if err := checkText(field+".title", title, maxTitle, true); err != nil {
		return "", err
	}
	key, err := keys.name(field+".key", p.Key, title)
	if err != nil {
		return "", err
	}
	want := Objective{Key: key, Cycle: cycle.ID, Title: title, Committed: p.Committed, Rank: p.Rank, State: Draft}
	want.Team = d.team(p.Team)
	want.Owner, want.OwnerText = d.person(p.Owner)
	if want.Owner == "" && want.Team == "" && p.Owner != "" {
		// A team may own an objective.
		if want.Team = d.team(p.Owner); want.Team != "" {
			want.OwnerText = ""
		}
	}
	x := drafted{key: key, at: p.At}
	var row *Objective
	for j := range d.snapshot.Objectives {
		if o := &d.snapshot.Objectives[j]; o.Cycle == cycle.ID && o.Key == key {
			row = o
		}
	}
	if row == nil {
		want.ID = ID(d.newID())
		x.created = true
		d.snapshot.Objectives = append(d.snapshot.Objectives, want)
		d.snapshot.Sort()
	} else {
		want.ID, want.State, want.Version, want.Parents = row.ID, row.State, row.Version, row.Parents
		x.changed = differing(*row, want)
		if len(x.changed) > 0 && row.State != Draft {
			return "", &ConflictError{Ref{KindObjective, row.ID}, fmt.Sprintf("%q is %s and the plan has another %s: a plan only changes drafts", row.Title, row.State, strings.Join(x.changed, ", "))}
		}
		*row = want
	}
	x.ref = Ref{KindObjective, want.ID}
	d.drafts = append(d.drafts, x)
	inner := namer{}
	for j, k := range p.KeyResults {
		if err := d.keyResult(cycle, want, fmt.Sprintf("%s.key_results[%d]", field, j), k, inner); err != nil {
			return "", err
		}
	}
	return want.ID, nil
}

func (d *drafting) keyResult(cycle Cycle, o Objective, field string, p PlanKeyResult, keys namer) error {
	title := oneLine(p.Title)
	for _, err := range []error{
		checkText(field+".title", title, maxTitle, true),
		checkText(field+".definition", p.Definition, maxNote, false),
		checkText(field+".rationale", p.Rationale, maxNote, false),
		checkMetric(field+".", p.Metric),
		checkFinite(field+".current", p.Current),
		checkConfidence(field+".confidence", p.Confidence),
		checkWeight(field+".weight", p.Weight),
		checkSource(field+".source", p.Source),
		checkSchedule(field+".cadence", p.Cadence),
	} {
		if err != nil {
			return err
		}
	}
	if len(p.Initiatives) > maxList {
		return invalid(field+".initiatives", fmt.Sprint(len(p.Initiatives)), "keep at most %d", maxList)
	}
	key, err := keys.name(field+".key", p.Key, title)
	if err != nil {
		return err
	}
	want := KeyResult{
		Key: key, Cycle: cycle.ID, Objective: o.ID, Title: title, Definition: p.Definition, Rationale: p.Rationale,
		Metric: p.Metric, Curve: p.Curve, Weight: p.Weight, Due: p.Due, Source: p.Source, Cadence: p.Cadence,
		Initiatives: p.Initiatives, State: Draft,
	}
	want.Owner, want.OwnerText = d.person(p.Owner)
	x := drafted{key: key, at: p.At}
	var row *KeyResult
	for j := range d.snapshot.KeyResults {
		if k := &d.snapshot.KeyResults[j]; k.Objective == o.ID && k.Key == key {
			row = k
		}
	}
	if row == nil {
		want.ID = ID(d.newID())
		want.Confidence = p.Confidence
		x.created, x.reading = true, p.Current
		d.snapshot.KeyResults = append(d.snapshot.KeyResults, want)
		d.snapshot.Sort()
	} else {
		want.ID, want.State, want.ActivatedAt, want.Original, want.Version = row.ID, row.State, row.ActivatedAt, row.Original, row.Version
		want.Current, want.CurrentAt, want.Reading = row.Current, row.CurrentAt, row.Reading
		want.Confidence, want.Stated, want.LastCheckIn = row.Confidence, row.Stated, row.LastCheckIn
		if row.State == Draft {
			want.Confidence = p.Confidence
			if p.Current.Known() && !p.Current.Equal(row.Current) {
				x.reading = p.Current
			}
		} else {
			want.Initiatives = row.Initiatives
		}
		x.changed = differing(*row, want)
		if len(x.changed) > 0 && row.State != Draft {
			return &ConflictError{Ref{KindKeyResult, row.ID}, fmt.Sprintf("%q is %s and the plan has another %s: change it with Change, a plan only changes drafts", row.Title, row.State, strings.Join(x.changed, ", "))}
		}
		*row = want
	}
	if x.reading.Known() {
		k := d.snapshot.KeyResult(want.ID)
		r := Reading{ID: ID(d.newID()), KeyResult: k.ID, Value: x.reading, OccurredAt: d.now, RecordedAt: d.now, Source: "plan"}
		d.snapshot.Readings = append(d.snapshot.Readings, r)
		k.Current, k.CurrentAt, k.Reading = r.Value, &r.OccurredAt, r.ID
	}
	x.ref = Ref{KindKeyResult, want.ID}
	d.drafts = append(d.drafts, x)
	return nil
}

// person finds the one person whom a text names, by id, e-mail or name. A text
// that names nobody, or more than one, is kept as it is.
func (d *drafting) person(text string) (ID, string) {
	text = oneLine(text)
	if text == "" {
		return "", ""
	}
	bare := strings.TrimPrefix(text, "@")
	var found ID
	for _, p := range d.snapshot.People {
		if p.ID == ID(bare) {
			return p.ID, ""
		}
		if strings.EqualFold(p.Name, bare) || p.Email != "" && strings.EqualFold(p.Email, bare) {
			if found != "" {
				return "", text
			}
			found = p.ID
		}
	}
	if found != "" {
		return found, ""
	}
	return "", text
}

func (d *drafting) team(text string) ID {
	text = oneLine(text)
	for _, t := range d.snapshot.Teams {
		if text != "" && (t.ID == ID(text) || strings.EqualFold(t.Name, text)) {
			return t.ID
		}
	}
	return ""
}

// namer gives each row of one parent a key of its own.
type namer map[string]bool

func (n namer) name(field, key, title string) (string, error) {
	if key != "" {
		if err := checkText(field, key, maxName, true); err != nil {
			return "", err
		}
		if n[key] {
			return "", invalid(field, key, "it stands twice: keys are unique within their parent")
		}
		n[key] = true
		return key, nil
	}
	base := slug(title)
	if base == "" {
		base = "item"
	}
	key = base
	for i := 2; n[key]; i++ {
		key = fmt.Sprintf("%s-%d", base, i)
	}
	n[key] = true
	return key, nil
}

// slug is the letters and digits of a text, joined by hyphens, at most 80
// characters.
func slug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
		if b.Len() >= 80 {
			break
		}
	}
	return b.String()
}

// differing names the JSON fields in which two rows differ, versions aside.
func differing[T any](a, b T) []string {
	var out []string
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		f := x.Type().Field(i)
		if f.Name == "Version" {
			continue
		}
		if !reflect.DeepEqual(plain(x.Field(i)), plain(y.Field(i))) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

// plain makes an empty slice equal to none.
func plain(v reflect.Value) any {
	if v.Kind() == reflect.Slice && v.Len() == 0 {
		return nil
	}
	return v.Interface()
}
