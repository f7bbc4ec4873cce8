package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// Ledger is what tells which packs are in force: an [okr.View], of the present or as of
// a cut.
type Ledger interface {
	Packs(ctx context.Context) ([]okr.PackInForce, error)
}

// FromLedger is the packs in force for a tenant as a source of rules: for a [rules.Live]
// that shows, explains or tries what judges it. A desk's judge needs none: it is given
// the packs in force with each decision.
func FromLedger(l Ledger) rules.Source {
	return rules.MayBeEmpty(rules.SourceFunc(func(ctx context.Context) ([]rules.File, error) {
		packs, err := l.Packs(ctx)
		if err != nil {
			return nil, err
		}
		last := func(p okr.PackInForce) int { // asked last is given first
			if strings.HasSuffix(p.Name, lastSuffix) {
				return 0
			}
			return 1
		}
		slices.SortStableFunc(packs, func(a, b okr.PackInForce) int {
			return cmp.Or(cmp.Compare(last(a), last(b)), -cmp.Compare(a.Name, b.Name))
		})
		files := make([]rules.File, len(packs))
		for i, p := range packs {
			files[i] = rules.File{Name: p.Name + ".yaml", Text: []byte(p.Text)}
		}
		return files, nil
	}))
}
