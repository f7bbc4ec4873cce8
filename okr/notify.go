package okr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Notify writes messages to people, each an event of its own that channel
// adapters deliver. What they tell must be rendered already. A message to
// somebody who has left is dropped. What the notice is about waits no longer for the
// person; for one who has left it waits until they are settled.
//
// A person gets no more notices in a day and in a week of theirs than the policy allows,
// and none in their quiet hours, whoever sends them: what would be beyond that is a
// *[BudgetError], and nothing is written. An urgent one goes all the same, and counts.
func (t Tenant) Notify(ctx context.Context, ns ...Notice) (Decision, error) {
	if len(ns) == 0 {
		return Decision{}, nil
	}
	need := Need{Cycles: true, Collections: Collections{Standings: true, StandingKinds: []string{standingTold}, Homes: true}}
	for i, n := range ns {
		field := fmt.Sprintf("notices[%d]", i)
		if p := badID(string(n.To)); p != "" {
			return Decision{}, invalid(field+".to", string(n.To), "an id that %s names nobody", p)
		}
		for _, err := range []error{
			checkText(field+".kind", n.Kind, maxName, true),
			checkText(field+".title", n.Title, maxTitle, true),
			checkText(field+".body", n.Body, 20*maxNote, false),
			checkText(field+".link", n.Link, maxTitle, false),
			checkLanguage(field+".language", n.Language),
			checkText(field+".link_text", n.LinkText, maxName, false),
			checkText(field+".unsubscribe_text", n.UnsubscribeText, maxName, false),
		} {
			if err != nil {
				return Decision{}, err
			}
		}
		need.Refs = append(need.Refs, Ref{KindPerson, n.To})
	}
	return t.decide(ctx, Intent{Verb: VerbNotify}, "", ns, func(ctx context.Context, w *work) error {
		if err := w.load(ctx, need); err != nil {
			return err
		}
		allowances := map[ID]*allowance{}
		for _, n := range ns {
			p := w.after.Person(n.To)
			if p == nil || p.Left {
				continue
			}
			for _, event := range n.About {
				w.changes.Drop = append(w.changes.Drop, Standing{Subject: Ref{KindPerson, n.To}, Kind: standingWaiting, Key: event})
			}
			a := allowances[n.To]
			if a == nil {
				var err error
				if a, err = w.allowance(w.before, p, w.now); err != nil {
					return err
				}
				a.digest = -1 // whoever gathers does so before
				allowances[n.To] = a
			}
			if !n.Urgent {
				if at, ok := a.from(w.now, w.now); !ok {
					return &BudgetError{To: n.To}
				} else if at.After(w.now) {
					return &BudgetError{To: n.To, Until: at}
				}
			}
			ref := a.told.next(w.id, n.To)
			a.told.add(w.now)
			if err := w.noteTold(n.To, a.told); err != nil {
				return err
			}
			if n.About == nil {
				n.About = []string{}
			}
			if err := w.emit(ref, ref, EventNoticeReady, NoticeFact(n), nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// next is the notice that the person gets next. Whoever sends it has seen all those
// before it: of two that saw the same, one loses the race.
func (n *toldNote) next(t TenantID, to ID) Ref {
	sum := sha256.Sum256(fmt.Appendf(nil, "okr.notice.v1\x00%s\x00%s\x00%d", t, to, n.N+1))
	id := hex.EncodeToString(sum[:16])
	return Ref{KindNotice, ID(id[:8] + "-" + id[8:12] + "-8" + id[13:16] + "-a" + id[17:20] + "-" + id[20:])}
}

// noteTold notes what the person was told by now.
func (w *work) noteTold(to ID, told toldNote) error {
	value, err := canonical(told)
	w.setStanding(Standing{Subject: Ref{KindPerson, to}, Kind: standingTold, Value: string(value), Since: w.now})
	return err
}
