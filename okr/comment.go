package okr

import (
	"context"
	"fmt"
)

// The events of comments. What was said stays in the ledger, by reference.
const (
	EventCommentAdded   = EventPrefix + "comment.added"
	EventCommentEdited  = EventPrefix + "comment.edited"
	EventCommentRemoved = EventPrefix + "comment.removed"
)

// CommentFact is the payload of comment events.
type CommentFact struct {
	Comment ID     `json:"comment"`
	Subject Ref    `json:"subject"`
	Cycle   ID     `json:"cycle,omitempty"`
	ReplyTo ID     `json:"reply_to,omitempty"`
	Title   string `json:"title,omitempty"`   // of comment.added: what its subject is called, unless that is private
	Owner   ID     `json:"owner,omitempty"`   // of comment.added: whose its subject is, unless that is a draft
	Answers ID     `json:"answers,omitempty"` // of comment.added: who wrote what it replies to
}

// NewComment is something said of a key result, an objective or a recorded
// decision.
type NewComment struct {
	Subject Ref    `json:"subject"`
	ReplyTo ID     `json:"reply_to,omitempty"` // a comment on the same subject
	Text    string `json:"text"`
	Key     string `json:"-"` // idempotency key; "" is none
}

// CommentEdit puts other words into a comment of one's own.
type CommentEdit struct {
	Comment ID     `json:"comment"`
	Text    string `json:"text"`
	Key     string `json:"-"` // idempotency key; "" is none
}

// CommentRemoval takes a comment of one's own back. Replies to it stay.
type CommentRemoval struct {
	Comment ID     `json:"comment"`
	Key     string `json:"-"` // idempotency key; "" is none
}

// Comment says something of a key result, an objective or a recorded decision.
func (t Tenant) Comment(ctx context.Context, c NewComment) (Decision, error) {
	for _, err := range []error{
		checkRef("subject", c.Subject, KindKeyResult, KindObjective, KindDecision),
		checkID("reply_to", c.ReplyTo, false),
		checkText("text", c.Text, maxNote, true),
	} {
		if err != nil {
			return Decision{}, err
		}
	}
	return t.decide(ctx, Intent{VerbComment, []Ref{c.Subject}}, c.Key, c, func(ctx context.Context, w *work) error {
		need, fields := Need{}, map[Ref]string{}
		if c.ReplyTo != "" {
			r := Ref{KindComment, c.ReplyTo}
			need.Refs, fields[r] = append(need.Refs, r), "reply_to"
		}
		if err := w.bringAbout(ctx, c.Subject, need); err != nil {
			return misnamed(err, fields)
		}
		cycle, err := w.belongs(c.Subject, "")
		if err != nil {
			return err
		}
		if c.ReplyTo != "" {
			switch to := w.after.Comment(c.ReplyTo); {
			case to.Subject != c.Subject:
				return invalid("reply_to", string(c.ReplyTo), "it is about %s: answer where it was said", to.Subject)
			case to.Removed:
				return invalid("reply_to", string(c.ReplyTo), "its author took it back")
			}
		}
		x := Comment{
			ID: ID(w.desk.newID()), Subject: c.Subject, Cycle: cycle, ReplyTo: c.ReplyTo, Author: w.actor, Text: c.Text, At: w.now,
		}
		f := x.fact()
		f.Title, f.Owner = w.after.titleOf(c.Subject), w.after.promisedTo(c.Subject)
		if to := w.after.Comment(c.ReplyTo); to != nil && to.Author.Kind == ActorPerson && c.Subject.Kind != KindDecision {
			f.Answers = to.Author.ID
		}
		return w.made(x, EventCommentAdded, f)
	})
}

// EditComment puts other words into a comment. Only its author may; anybody else
// is [ErrDenied].
func (t Tenant) EditComment(ctx context.Context, c CommentEdit) (Decision, error) {
	if err := checkText("text", c.Text, maxNote, true); err != nil {
		return Decision{}, err
	}
	return t.commented(ctx, c.Comment, c.Key, c, func(w *work, x *Comment) error {
		if _, err := w.belongs(x.Subject, ""); err != nil {
			return err
		}
		if x.Text == c.Text {
			return nil
		}
		x.Text, x.Edited = c.Text, true
		return w.made(*x, EventCommentEdited, x.fact())
	})
}

// RemoveComment takes a comment back: its words leave the row, and stand in the
// ledger only until [Tenant.Erase] removes them there. Only its author
// may; anybody else is [ErrDenied]. It may be done after the cycle is closed, too.
func (t Tenant) RemoveComment(ctx context.Context, c CommentRemoval) (Decision, error) {
	return t.commented(ctx, c.Comment, c.Key, c, func(w *work, x *Comment) error {
		x.Text, x.Removed = "", true
		return w.made(*x, EventCommentRemoved, x.fact())
	})
}

// commented lets f change a comment that its author may still change.
func (t Tenant) commented(ctx context.Context, id ID, key string, content any, f func(*work, *Comment) error) (Decision, error) {
	if err := checkID("comment", id, true); err != nil {
		return Decision{}, err
	}
	ref := Ref{KindComment, id}
	return t.decide(ctx, Intent{VerbComment, []Ref{ref}}, key, content, func(ctx context.Context, w *work) error {
		if err := w.bring(ctx, Need{Refs: []Ref{ref}}); err != nil {
			return err
		}
		if err := w.bringAbout(ctx, w.after.Comment(id).Subject, Need{Refs: []Ref{ref}}); err != nil {
			return err
		}
		x := *w.after.Comment(id)
		switch {
		case x.Author != w.actor:
			return fmt.Errorf("okr: %s was written by somebody else: only its author changes it: %w", ref, ErrDenied)
		case x.Removed:
			return &ConflictError{ref, "it was taken back"}
		}
		return f(w, &x)
	})
}

func (x Comment) fact() CommentFact {
	return CommentFact{Comment: x.ID, Subject: x.Subject, Cycle: x.Cycle, ReplyTo: x.ReplyTo}
}

// Comment is the comment with the id, nil if the snapshot has none.
func (s *Snapshot) Comment(id ID) *Comment {
	return find(s.Comments, id, func(c Comment) ID { return c.ID })
}

// Comments reads one page of what was said of a key result, an objective or a
// decision, oldest first. One that was taken back has no text.
func (v View) Comments(ctx context.Context, subject Ref, p Paging) (Page[Comment], error) {
	if err := checkRef("subject", subject, KindKeyResult, KindObjective, KindDecision); err != nil {
		return Page[Comment]{}, err
	}
	return listItems(ctx, v, ItemQuery{Kind: KindComment, Subject: subject}, p, func(s *Snapshot) []Comment { return s.Comments }, nil)
}
