package memory

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store"
)

// past is a tenant's ledger up to a position of its chain.
type past struct {
	*tenant
	position int64
}

var _ store.History = past{}

// reachedAt is the number of the last event of an aggregate that is sealed at or
// before the position.
func (t *tenant) reachedAt(r okr.Ref, position int64) (seq int64) {
	t.reached.descend(sealKey{r, position}, func(k sealKey, at int64) bool {
		if k.aggregate == r {
			seq = at
		}
		return false
	})
	return seq
}

func (p past) Rows(_ context.Context, kind okr.Kind, ids []okr.ID) ([]store.Remains, error) {
	var out []store.Remains
	for _, id := range ids {
		r := okr.Ref{Kind: kind, ID: id}
		seq := p.reachedAt(r, p.position)
		if seq == 0 {
			continue
		}
		x := store.Remains{ID: id}
		p.ledger.descend(entryKey(r, seq), func(_, e okr.Entry) bool {
			switch {
			case e.Aggregate != r:
				return false
			case e.Seq == seq:
				x.Whole = e.Whole
			}
			if e.Entity == r {
				x.State = e.State
			}
			return x.State == nil
		})
		if x.State != nil {
			out = append(out, x)
		}
	}
	return out, nil
}

// within calls f for the last ledger row about each thing of a kind within an
// aggregate.
func (p past) within(aggregate okr.Ref, kind okr.Kind, f func(okr.Entry) error) error {
	seq := p.reachedAt(aggregate, p.position)
	last := map[okr.ID]okr.Entry{}
	p.ledger.ascend(entryKey(aggregate, 0), func(_, e okr.Entry) bool {
		if e.Aggregate != aggregate || e.Seq > seq {
			return false
		}
		if e.Entity.Kind == kind {
			last[e.Entity.ID] = e
		}
		return true
	})
	for _, id := range slices.Sorted(maps.Keys(last)) {
		if err := f(last[id]); err != nil {
			return err
		}
	}
	return nil
}

// said are the rows of a kind within key results, with their words.
func said[T any](p past, of okr.Kind, ids []okr.ID, kind okr.Kind) (out []T, err error) {
	for _, id := range ids {
		err := p.within(okr.Ref{Kind: of, ID: id}, kind, func(e okr.Entry) error {
			row, err := okr.ReadState[T](e.State, nil)
			okr.Say(&row, p.words.get)
			out = append(out, row)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p past) Readings(_ context.Context, kind okr.Kind, of []okr.ID, _ int) ([]okr.Reading, error) {
	return said[okr.Reading](p, kind, of, okr.KindReading)
}

func (p past) CheckIns(_ context.Context, keyResults []okr.ID, _ int) ([]okr.CheckInRecord, error) {
	return said[okr.CheckInRecord](p, okr.KindKeyResult, keyResults, okr.KindCheckIn)
}

func (p past) Blockers(_ context.Context, keyResults []okr.ID) (out []store.Remains, err error) {
	for _, id := range keyResults {
		err := p.within(okr.Ref{Kind: okr.KindKeyResult, ID: id}, okr.KindBlocker, func(e okr.Entry) error {
			out = append(out, store.Remains{ID: e.Entity.ID, State: e.State})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p past) Packs(_ context.Context, texts []string) ([]okr.Pack, error) {
	var aggregates []okr.Ref
	p.reached.ascend(sealKey{aggregate: okr.Ref{Kind: okr.KindTenant}}, func(k sealKey, _ int64) bool {
		if k.aggregate.Kind != okr.KindTenant {
			return false
		}
		if n := len(aggregates); n == 0 || aggregates[n-1] != k.aggregate {
			aggregates = append(aggregates, k.aggregate)
		}
		return true
	})
	var out []okr.Pack
	for _, r := range aggregates {
		err := p.within(r, okr.KindPack, func(e okr.Entry) error {
			if e.Type == okr.EventPackDeactivated {
				return nil
			}
			var x okr.Pack
			err := json.Unmarshal(e.State, &x)
			if slices.Contains(texts, x.Digest) {
				x.Text, _ = p.texts.get(x.Digest)
			}
			out = append(out, x)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Items reads every item that there is, as Members does.
func (p past) Items(_ context.Context, kinds []okr.Kind, _ []okr.ID, _ okr.ID) ([]okr.Ref, error) {
	var out []okr.Ref
	p.items.all(func(r okr.Ref, _ okr.Item) bool {
		if slices.Contains(kinds, r.Kind) {
			out = append(out, r)
		}
		return true
	})
	return out, nil
}

func (p past) Stood(_ context.Context, kind okr.Kind, subjects []okr.ID) (map[okr.ID][]json.RawMessage, error) {
	out := map[okr.ID][]json.RawMessage{}
	for _, id := range subjects {
		r := okr.Ref{Kind: kind, ID: id}
		seq := p.reachedAt(r, p.position)
		p.ledger.ascend(entryKey(r, 0), func(_, e okr.Entry) bool {
			if e.Aggregate != r || e.Seq > seq {
				return false
			}
			if len(e.Stood) > 0 {
				out[id] = append(out[id], e.Stood)
			}
			return true
		})
	}
	return out, nil
}

func (p past) Words(_ context.Context, ids []string) (map[string]okr.Word, error) {
	out := make(map[string]okr.Word, len(ids))
	for _, id := range ids {
		if w, ok := p.words.get(id); ok {
			out[id] = w
		}
	}
	return out, nil
}

// Members reads every row that there is: it is the ledger that says what belonged
// together, and a row says whether it did.
func (p past) Members(_ context.Context, r store.Relation, within []okr.ID) ([]okr.ID, error) {
	in := map[okr.ID]bool{}
	for _, id := range within {
		in[id] = true
	}
	var out []okr.ID
	switch r {
	case store.ObjectivesOfCycle:
		p.objectives.all(func(id okr.ID, o okr.Objective) bool {
			if in[o.Cycle] {
				out = append(out, id)
			}
			return true
		})
	case store.KeyResultsOfCycle, store.KeyResultsOfObjective:
		p.keyResults.all(func(id okr.ID, k okr.KeyResult) bool {
			if r == store.KeyResultsOfCycle && in[k.Cycle] || r == store.KeyResultsOfObjective && in[k.Objective] {
				out = append(out, id)
			}
			return true
		})
	case store.ObjectivesOfTeam, store.ObjectivesOfParent:
		p.objectives.all(func(id okr.ID, _ okr.Objective) bool { out = append(out, id); return true })
	case store.KeyResultsOfOwner:
		p.keyResults.all(func(id okr.ID, _ okr.KeyResult) bool { out = append(out, id); return true })
	case store.Cycles:
		p.cycles.all(func(id okr.ID, _ okr.Cycle) bool { out = append(out, id); return true })
	case store.Teams:
		p.teams.all(func(id okr.ID, _ okr.Team) bool { out = append(out, id); return true })
	case store.People, store.PeopleOfTeam:
		p.people.all(func(id okr.ID, _ okr.Person) bool { out = append(out, id); return true })
	}
	return out, nil
}
