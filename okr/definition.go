package okr

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/okrkit/okrkit/okr/measure"
)

// meaning is the definition that holds now.
func (k KeyResult) meaning() Definition {
	return Definition{Title: k.Title, Definition: k.Definition, Metric: k.Metric, Due: k.Due}
}

// under is the key result as if the definition held. Where that would be measured in
// another way, neither what the readings were counted to nor what it came to when its
// cycle was closed speaks of it: readings are those that make it up.
func (s *Snapshot) under(k KeyResult, d Definition, readings []Reading, desk *Desk) (KeyResult, error) {
	same := k.measuredBy(d)
	k.Title, k.Definition, k.Metric, k.Due = d.Title, d.Definition, d.Metric, d.Due
	if same {
		return k, nil
	}
	scheduled, err := desk.scheduled(s, &k)
	if err != nil {
		return k, err
	}
	if k.Ending != nil {
		known := k.Ending.At
		readings = slices.DeleteFunc(slices.Clone(readings), func(r Reading) bool { return r.RecordedAt.After(known) })
		k.Cadence, k.Ending = k.Ending.Cadence, nil
	}
	k.Tally = s.tally(&k, readings, scheduled)
	return k, nil
}

// measuredBy says whether the definition measures as the one that holds does.
func (k KeyResult) measuredBy(d Definition) bool {
	return k.Due == d.Due && reflect.DeepEqual(k.Metric, d.Metric)
}

// counted loads the readings of the key results, by key result: all of them, where a
// definition counts them.
func (v View) counted(ctx context.Context, u Unit, ids []ID) (map[ID][]Reading, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	need := Need{}
	for _, id := range ids {
		need.Refs = append(need.Refs, Ref{KindKeyResult, id})
	}
	for most := collect; ; most *= 16 {
		need.Readings = most
		s, err := u.Load(ctx, v.t.id, need)
		if err != nil {
			return nil, err
		}
		out, whole := make(map[ID][]Reading, len(ids)), true
		for _, id := range ids {
			out[id] = s.ReadingsOf(id)
			whole = whole && len(out[id]) < most
		}
		if whole {
			return out, nil
		}
	}
}

// moved says whether the key result is held to something else than what was
// promised: by another metric, of
// something else, or until another day.
func (k KeyResult) moved() bool {
	if k.Original == nil {
		return false
	}
	was := *k.Original
	was.Title = k.Title
	return !was.equal(k.meaning())
}

func (d Definition) equal(o Definition) bool { return reflect.DeepEqual(d, o) }

// DefinitionVersion is what a key result meant from an instant on, and what the
// current reading is worth under it.
type DefinitionVersion struct {
	Definition
	Since    time.Time `json:"since"`              // UTC instant
	By       Actor     `json:"by"`                 // who decided so
	Reason   string    `json:"reason,omitempty"`   // as it was given
	Original bool      `json:"original,omitempty"` // the one that was promised: it held at activation
	Current  bool      `json:"current,omitempty"`  // the one that holds
	Measured Appraisal `json:"measured"`           // of the current reading, under this definition
}

// Definitions are all that a key result has meant, oldest first: a version for
// each change of title, metric or due date. The current reading is measured and
// scored under each, so that a moved goalpost shows what it moved.
func (v View) Definitions(ctx context.Context, keyResult ID) ([]DefinitionVersion, error) {
	if err := checkID("key_result", keyResult, true); err != nil {
		return nil, err
	}
	ref := Ref{KindKeyResult, keyResult}
	var out []DefinitionVersion
	err := v.transact(ctx, func(u Unit, now time.Time) error {
		in := Intent{Verb: VerbView, Subjects: []Ref{ref}}
		if err := v.t.allow(ctx, in); err != nil {
			return err
		}
		s, err := v.t.desk.read(ctx, u, v.t.id, in, Need{Refs: in.Subjects})
		if err != nil {
			return err
		}
		if out, err = v.versions(ctx, u, ref); err != nil {
			return err
		}
		var count []ID
		for _, d := range out {
			if k := s.KeyResult(keyResult); tallied(d.Metric) && !k.measuredBy(d.Definition) {
				count = []ID{keyResult}
			}
		}
		readings, err := v.counted(ctx, u, count)
		if err != nil {
			return err
		}
		for i := range out {
			if e := s.KeyResult(keyResult).Ending; e != nil && e.Promised != nil && out[i].Original {
				out[i].Measured = e.Promised.readFor(v.purpose)
				continue
			}
			x := s.Clone()
			k := x.KeyResult(keyResult)
			if *k, err = s.under(*k, out[i].Definition, readings[keyResult], v.t.desk); err != nil {
				return err
			}
			measured, verdict, err := v.judge(ctx, x, in, now)
			if err != nil {
				return err
			}
			out[i].Measured = x.appraised(s.KeyResult(keyResult), measured, verdict)
		}
		return nil
	})
	return out, err
}

// versions are the definitions in the ledger, not yet measured.
func (v View) versions(ctx context.Context, u Unit, ref Ref) ([]DefinitionVersion, error) {
	rows, err := u.Versions(ctx, v.t.id, ref)
	if err != nil {
		return nil, err
	}
	var out []DefinitionVersion
	active := false
	for _, r := range rows {
		var k changedKeyResult
		if err := json.Unmarshal(r.State, &k); err != nil {
			return nil, fmt.Errorf("okr: the ledger's row %d of %s cannot be read: %w", r.Seq, ref, err)
		}
		if d := k.meaning(); len(out) == 0 || !out[len(out)-1].equal(d) {
			out = append(out, DefinitionVersion{Definition: d, Since: r.Time, By: r.Actor, Reason: k.Reason})
		}
		if !active && k.ActivatedAt != nil {
			active = true
			out[len(out)-1].Original = true
		}
	}
	if len(out) > 0 {
		out[len(out)-1].Current = true
	}
	return out, nil
}

// Goalpost is the current reading under the definition that was promised, where
// another one holds now.
type Goalpost struct {
	Definition
	Measured Appraisal `json:"measured"`
}

// promising is the key result with its goalpost, if it has moved.
func (v KeyResultView) promising(goalposts map[ID]Goalpost) KeyResultView {
	if g, ok := goalposts[v.ID]; ok {
		v.Promised = &g
	}
	return v
}

// goalposts measures and judges the key results whose definition has moved under
// the one that was promised.
func (v View) goalposts(ctx context.Context, u Unit, s *Snapshot, in Intent, now time.Time) (map[ID]Goalpost, error) {
	out := map[ID]Goalpost{}
	var moved []int
	var count []ID
	for i, k := range s.KeyResults {
		if !k.moved() {
			continue
		}
		if k.Ending != nil && k.Ending.Promised != nil {
			out[k.ID] = Goalpost{*k.Original, k.Ending.Promised.readFor(v.purpose)}
			continue
		}
		moved = append(moved, i)
		if tallied(k.Original.Metric) && !k.measuredBy(*k.Original) {
			count = append(count, k.ID)
		}
	}
	if len(moved) == 0 {
		return out, nil
	}
	readings, err := v.counted(ctx, u, count)
	if err != nil {
		return nil, err
	}
	x := s.Clone()
	for _, i := range moved {
		k := s.KeyResults[i]
		if x.KeyResults[i], err = s.under(k, *k.Original, readings[k.ID], v.t.desk); err != nil {
			return nil, err
		}
	}
	measured, verdict, err := v.judge(ctx, x, in, now)
	if err != nil {
		return nil, err
	}
	for _, i := range moved {
		k := &s.KeyResults[i]
		out[k.ID] = Goalpost{*k.Original, x.appraised(k, measured, verdict)}
	}
	return out, nil
}

// appraised are the figures of a key result in a snapshot in which another definition
// of it may hold. Of one that has ended they are those of the close, whatever has
// become of teams and packs since: the score of a pack is kept of the definition that
// held and of the one that was promised, since no other was judged then.
func (s *Snapshot) appraised(was *KeyResult, measured map[ID]measure.Result, v Verdict) Appraisal {
	a := appraisal(measured[was.ID], was.State, v.Scores, was.ID)
	if was.Ending == nil {
		return a
	}
	if s.KeyResult(was.ID).Ending != nil {
		return a.ended(was.Ending)
	}
	a.Score, a.Fresh, a.Vouched = nil, was.Ending.Measured.Fresh, 0
	if a.Fresh {
		a.Vouched = a.Coverage
	}
	return a
}
