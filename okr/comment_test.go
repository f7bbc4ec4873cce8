package okr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/okr"
)

func ref(kind okr.Kind, id okr.ID) okr.Ref { return okr.Ref{Kind: kind, ID: id} }

// made is the id of the only thing of the kind that the decision made or changed.
func made(t *testing.T, d okr.Decision, err error, kind okr.Kind) okr.ID {
	t.Helper()
	require.NoError(t, err)
	var ids []okr.ID
	for _, o := range d.Subjects {
		if o.Kind == kind {
			ids = append(ids, o.ID)
		}
	}
	require.Len(t, ids, 1)
	return ids[0]
}

func (h house) as(who okr.ID) okr.Tenant { return h.desk.For("acme").As(okr.Someone(who)) }

func TestAKeyResultIsDebated(t *testing.T) {
	h, ctx := running(t, okr.Config{Judge: scorer{}}), t.Context()
	k1 := h.keyResult(t, "k1").KeyResult
	about := ref(okr.KindKeyResult, k1.ID)
	d, err := h.acme.Comment(ctx, okr.NewComment{Subject: about, Text: "Does a renewal count when the price falls?"})
	first := made(t, d, err, okr.KindComment)
	require.Equal(t, []string{okr.EventCommentAdded}, types(d.Events), "nothing else is touched by talk")
	h.clock.Advance(time.Minute)
	d, err = h.as("ben").Comment(ctx, okr.NewComment{Subject: about, ReplyTo: first, Text: "It does, billing says."})
	second := made(t, d, err, okr.KindComment)
	d, err = h.as("ben").EditComment(ctx, okr.CommentEdit{Comment: second, Text: "It does. Billing says so."})
	require.NoError(t, err)
	require.Equal(t, []string{okr.EventCommentEdited}, types(d.Events))
	same, err := h.as("ben").EditComment(ctx, okr.CommentEdit{Comment: second, Text: "It does. Billing says so."})
	require.NoError(t, err)
	require.Empty(t, same.Events, "the same words again change nothing")

	page, err := h.acme.View().Comments(ctx, about, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Equal(t, okr.Comment{
		ID: second, Subject: about, Cycle: k1.Cycle, ReplyTo: first, Author: okr.Someone("ben"), Text: "It does. Billing says so.",
		At: h.clock.Now(), Edited: true, Version: 2,
	}, page.Items[1])

	_, err = h.as("ben").EditComment(ctx, okr.CommentEdit{Comment: first, Text: "never said"})
	require.ErrorIs(t, err, okr.ErrDenied)
	_, err = h.as("ben").RemoveComment(ctx, okr.CommentRemoval{Comment: first})
	require.ErrorIs(t, err, okr.ErrDenied)

	_, err = h.acme.RemoveComment(ctx, okr.CommentRemoval{Comment: first})
	require.NoError(t, err)
	_, err = h.acme.EditComment(ctx, okr.CommentEdit{Comment: first, Text: "after all"})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.as("ben").Comment(ctx, okr.NewComment{Subject: about, ReplyTo: first, Text: "But you said"})
	require.Equal(t, "reply_to", invalidField(t, err))
	page, err = h.acme.View().Comments(ctx, about, okr.Paging{})
	require.NoError(t, err)
	require.Len(t, page.Items, 2, "the thread holds together")
	require.True(t, page.Items[0].Removed)
	require.Empty(t, page.Items[0].Text)
	require.Empty(t, h.keyResult(t, "k1").LastCheckIn, "talk is no check-in")
}

func TestCommentsAreRefusedByName(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k1, k2 := ref(okr.KindKeyResult, h.keyResult(t, "k1").ID), ref(okr.KindKeyResult, h.keyResult(t, "k2").ID)
	d, err := h.acme.Comment(ctx, okr.NewComment{Subject: k2, Text: "elsewhere"})
	elsewhere := made(t, d, err, okr.KindComment)
	for name, x := range map[string]struct {
		comment okr.NewComment
		field   string
	}{
		"no words":          {okr.NewComment{Subject: k1, Text: " \n"}, "text"},
		"too many":          {okr.NewComment{Subject: k1, Text: strings.Repeat("x", 4001)}, "text"},
		"of a person":       {okr.NewComment{Subject: ref(okr.KindPerson, "ben"), Text: "x"}, "subject.kind"},
		"of nothing":        {okr.NewComment{Text: "x"}, "subject.kind"},
		"without an id":     {okr.NewComment{Subject: ref(okr.KindKeyResult, ""), Text: "x"}, "subject.id"},
		"reply to nothing":  {okr.NewComment{Subject: k1, ReplyTo: "nope", Text: "x"}, "reply_to"},
		"reply to no id":    {okr.NewComment{Subject: k1, ReplyTo: "a\nb", Text: "x"}, "reply_to"},
		"reply across rows": {okr.NewComment{Subject: k1, ReplyTo: elsewhere, Text: "x"}, "reply_to"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.acme.Comment(ctx, x.comment)
			require.Equal(t, x.field, invalidField(t, err))
		})
	}
	_, err = h.acme.Comment(ctx, okr.NewComment{Subject: ref(okr.KindKeyResult, "nope"), Text: "x"})
	require.ErrorIs(t, err, okr.ErrNotFound)
	_, err = h.desk.For("acme").Comment(ctx, okr.NewComment{Subject: k1, Text: "x"})
	require.ErrorIs(t, err, okr.ErrNoActor)
	page, err := h.acme.View().Comments(ctx, k1, okr.Paging{})
	require.NoError(t, err)
	require.Empty(t, page.Items, "nothing half-written")
}

// A closed cycle stays as it is; a person may still take their words back.
func TestAClosedCycleIsNotDebatedAnyMore(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k1 := ref(okr.KindKeyResult, h.keyResult(t, "k1").ID)
	d, err := h.acme.Comment(ctx, okr.NewComment{Subject: k1, Text: "while it runs"})
	id := made(t, d, err, okr.KindComment)
	h.clock.Set(time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC))
	_, err = h.acme.Close(ctx, okr.Closing{Cycle: h.cycle(t).ID, Waive: unreviewed})
	require.NoError(t, err)
	_, err = h.acme.Comment(ctx, okr.NewComment{Subject: k1, Text: "too late"})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.acme.EditComment(ctx, okr.CommentEdit{Comment: id, Text: "too late"})
	require.ErrorIs(t, err, okr.ErrConflict)
	_, err = h.acme.RemoveComment(ctx, okr.CommentRemoval{Comment: id})
	require.NoError(t, err)
}

func TestACommentComesOnceUnderItsKey(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	c := okr.NewComment{Subject: ref(okr.KindKeyResult, h.keyResult(t, "k1").ID), Text: "once", Key: "request 1"}
	first, err := h.acme.Comment(ctx, c)
	require.NoError(t, err)
	again, err := h.acme.Comment(ctx, c)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.Equal(t, first.Events[0].ID, again.Events[0].ID)
	c.Text = "twice"
	_, err = h.acme.Comment(ctx, c)
	require.ErrorIs(t, err, okr.ErrConflict)
}

func TestCommentsComeInPages(t *testing.T) {
	h, ctx := running(t, okr.Config{}), t.Context()
	k1 := ref(okr.KindKeyResult, h.keyResult(t, "k1").ID)
	for i := range 5 {
		_, err := h.acme.Comment(ctx, okr.NewComment{Subject: k1, Text: strings.Repeat("x", i+1)})
		require.NoError(t, err)
	}
	var sizes []int
	var all string
	for p := (okr.Paging{Limit: 2}); ; {
		page, err := h.acme.View().Comments(ctx, k1, p)
		require.NoError(t, err)
		sizes = append(sizes, len(page.Items))
		for _, c := range page.Items {
			all += c.Text + " "
		}
		if page.Next == "" {
			break
		}
		p.After = page.Next
	}
	require.Equal(t, []int{2, 2, 1}, sizes)
	require.Equal(t, "x xx xxx xxxx xxxxx ", all)
	_, err := h.acme.View().Comments(ctx, k1, okr.Paging{Limit: -1})
	require.Equal(t, "limit", invalidField(t, err))
	_, err = h.acme.View().Comments(ctx, ref(okr.KindTeam, "sales"), okr.Paging{})
	require.Equal(t, "subject.kind", invalidField(t, err))
}
