package okr

import (
	"context"
	"fmt"
)

// Notify writes messages to people, each an event of its own that channel
// adapters deliver. What they tell must be rendered already. A message to
// somebody who has left is dropped. What the notice is about waits no longer for the
// person.
func (t Tenant) Notify(ctx context.Context, ns ...Notice) (Decision, error) {
	if len(ns) == 0 {
		return Decision{}, nil
	}
	need := Need{}
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
		for _, n := range ns {
			for _, event := range n.About {
				w.changes.Drop = append(w.changes.Drop, Standing{Subject: Ref{KindPerson, n.To}, Kind: standingWaiting, Key: event})
			}
			if p := w.after.Person(n.To); p != nil && p.Left {
				continue
			}
			ref := Ref{KindNotice, ID(w.desk.newID())}
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
