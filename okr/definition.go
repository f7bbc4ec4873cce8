package okr

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// meaning is the definition that holds now.
func (k KeyResult) meaning() Definition {
	return Definition{Title: k.Title, Metric: k.Metric, Due: k.Due}
}

// under is the key result as if the definition held.
func (k KeyResult) under(d Definition) KeyResult {
	k.Title, k.Metric, k.Due = d.Title, d.Metric, d.Due
	return k
}

// moved says whether the key result is held to something else than what was
// promised: by another metric, or until another day.
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
		for i := range out {
			x := s.Clone()
			k := x.KeyResult(keyResult)
			*k = k.under(out[i].Definition)
			measured, verdict, err := v.judge(ctx, x, in, now)
			if err != nil {
				return err
			}
			out[i].Measured = appraisal(measured[keyResult], k.State, verdict.Scores, keyResult)
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
func (v View) goalposts(ctx context.Context, s *Snapshot, in Intent, now time.Time) (map[ID]Goalpost, error) {
	var moved []ID
	var x *Snapshot
	for i, k := range s.KeyResults {
		if !k.moved() {
			continue
		}
		if x == nil {
			x = s.Clone()
		}
		x.KeyResults[i] = k.under(*k.Original)
		moved = append(moved, k.ID)
	}
	if x == nil {
		return nil, nil
	}
	measured, verdict, err := v.judge(ctx, x, in, now)
	if err != nil {
		return nil, err
	}
	out := make(map[ID]Goalpost, len(moved))
	for _, id := range moved {
		k := s.KeyResult(id)
		out[id] = Goalpost{*k.Original, appraisal(measured[id], k.State, verdict.Scores, id)}
	}
	return out, nil
}
