package okr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// seeing is a unit for reading that shows what its actor may see, whatever is read
// through it: a read model is written as if nothing were private. It embeds no
// unit, so that a new method of the port does not pass it by.
type seeing struct {
	unit   Unit
	tenant Tenant
	now    time.Time
	by     *sight // nil: nobody has asked yet
}

var errReading = errors.New("okr: this unit only reads")

// sight finds what is hidden, once.
func (u *seeing) sight(ctx context.Context) (*sight, error) {
	if u.by != nil {
		return u.by, nil
	}
	private, err := u.tenant.privates(ctx, u.unit)
	if err != nil {
		return nil, err
	}
	by := newSight()
	if err := u.tenant.ask(ctx, u.unit, by, private); err != nil {
		return nil, err
	}
	u.by = by
	return by, nil
}

func (u *seeing) Load(ctx context.Context, t TenantID, need Need) (*Snapshot, error) {
	s, err := u.unit.Load(ctx, t, need)
	if err != nil {
		return nil, err
	}
	s.MinGroup = u.tenant.desk.minGroup
	for i := range s.Cycles {
		s.Cycles[i].Turn = 0
	}
	now := u.now
	if need.AsOf != nil {
		now = need.AsOf.At.UTC() // what is private now was perhaps open then
	} else if !s.maybePrivate() {
		return s, nil
	}
	by, err := u.sight(ctx)
	if err != nil {
		return nil, err
	}
	var others []ID // such as those that were private at a cut
	for _, o := range s.Objectives {
		if o.Private && !by.asked[o.ID] {
			others = append(others, o.ID)
		}
	}
	if err := u.tenant.ask(ctx, u.unit, by, others); err != nil {
		return nil, err
	}
	if by.clear() {
		return s, nil
	}
	if err := by.resolve(ctx, u.unit, t, s); err != nil {
		return nil, err
	}
	for _, r := range need.Refs {
		if by.hides(r) {
			return nil, &NotFoundError{r}
		}
	}
	out := s.seen(by, need, s.Measure(now))
	for _, r := range need.Refs {
		if r.Kind.IsItem() && s.hasItem(r) && !out.hasItem(r) {
			return nil, &NotFoundError{r}
		}
	}
	return out, nil
}

// maybePrivate says whether anything in the snapshot is private, or concerns
// something that is not loaded and may be.
func (s *Snapshot) maybePrivate() bool {
	if slices.ContainsFunc(s.Objectives, func(o Objective) bool { return o.Private }) {
		return true
	}
	return slices.ContainsFunc(s.subjects(), func(r Ref) bool {
		switch r.Kind {
		case KindObjective:
			return r.ID != "" && s.Objective(r.ID) == nil
		case KindKeyResult:
			return s.KeyResult(r.ID) == nil
		case KindDecision:
			return true
		}
		return false
	})
}

// hasItem says whether an item is in the snapshot.
func (s *Snapshot) hasItem(r Ref) bool {
	is := func(x item) bool { return x.ref() == r }
	switch r.Kind {
	case KindWaiver:
		return slices.ContainsFunc(s.Waivers, func(x Waiver) bool { return is(x) })
	case KindComment:
		return slices.ContainsFunc(s.Comments, func(x Comment) bool { return is(x) })
	case KindDecision:
		return slices.ContainsFunc(s.Decisions, func(x DecisionRecord) bool { return is(x) })
	case KindReview:
		return slices.ContainsFunc(s.Reviews, func(x ReviewRecord) bool { return is(x) })
	case KindDependency:
		return slices.ContainsFunc(s.Dependencies, func(x Dependency) bool { return is(x) })
	case KindDeferral:
		return slices.ContainsFunc(s.Deferrals, func(x Deferral) bool { return is(x) })
	}
	return true // no item of another kind concerns what may be private
}

// List goes on until the page is full, so that no cursor names what is hidden.
func (u *seeing) List(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	return u.visible(ctx, t, q, KindKeyResult, u.unit.List)
}

func (u *seeing) Objectives(ctx context.Context, t TenantID, q Query) ([]ID, error) {
	return u.visible(ctx, t, q, KindObjective, u.unit.Objectives)
}

func (u *seeing) visible(ctx context.Context, t TenantID, q Query, kind Kind, list func(context.Context, TenantID, Query) ([]ID, error)) ([]ID, error) {
	by, err := u.sight(ctx)
	if err != nil {
		return nil, err
	}
	if by.clear() {
		return list(ctx, t, q)
	}
	if q.After != "" && by.hides(Ref{kind, ID(q.After)}) {
		return nil, invalid("after", q.After, "use the cursor of the page before, as it came")
	}
	limit := pageOf(q.Limit)
	q.Limit = maxPage
	var out []ID
	for {
		ids, err := list(ctx, t, q)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !by.hides(Ref{kind, id}) {
				out = append(out, id)
			}
		}
		if len(ids) < q.Limit || len(out) >= limit {
			return out[:min(len(out), limit)], nil
		}
		q.After = string(ids[len(ids)-1])
	}
}

// pageOf is how many rows a query asks for.
func pageOf(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

func (u *seeing) Items(ctx context.Context, t TenantID, q ItemQuery) ([]Item, error) {
	limit := pageOf(q.Limit)
	q.Limit = limit
	var out []Item
	for {
		rows, err := u.unit.Items(ctx, t, q)
		if err != nil {
			return nil, err
		}
		for _, i := range rows {
			x, ok, err := u.item(ctx, i)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, x)
			}
		}
		if len(rows) < limit || len(out) >= limit {
			return out[:min(len(out), limit)], nil
		}
		q.After = rows[len(rows)-1].ID
	}
}

// item is the item as the actor may see it, if they may.
func (u *seeing) item(ctx context.Context, i Item) (Item, bool, error) {
	var s Snapshot
	if err := s.AddItem(i); err != nil {
		return i, false, err
	}
	if !s.maybePrivate() {
		return i, true, nil
	}
	by, err := u.sight(ctx)
	if err != nil || by.clear() {
		return i, err == nil, err
	}
	if err := by.resolve(ctx, u.unit, u.tenant.id, &s); err != nil {
		return i, false, err
	}
	s.hideItems(by)
	if !s.hasItem(i.Ref) {
		return i, false, nil
	}
	switch {
	case len(s.Deferrals) == 1:
		i, err = asItem(s.Deferrals[0])
	case len(s.Resets) == 1:
		i, err = asItem(s.Resets[0])
	}
	return i, err == nil, err
}

func (u *seeing) Events(ctx context.Context, t TenantID, aggregate Ref, afterSeq int64) ([]Event, error) {
	if ok, err := u.mayRead(ctx, t, aggregate); err != nil || !ok {
		return nil, err
	}
	events, err := u.unit.Events(ctx, t, aggregate, afterSeq)
	if err != nil || aggregate.Kind != KindNotice {
		return events, err
	}
	for i := range events {
		if events[i], err = u.tenant.unread(events[i]); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// unread is a notice as somebody reads it to whom it is not addressed: it may tell of
// what only its reader may see. Programs pass it on.
func (t Tenant) unread(e Event) (Event, error) {
	switch {
	case t.actor.program():
		return e, nil
	case e.Type == EventNoticeDropped:
		return t.undropped(e)
	case e.Type != EventNoticeReady:
		return e, nil
	}
	var n NoticeFact
	if err := json.Unmarshal(e.Data, &n); err != nil {
		return e, fmt.Errorf("okr: event %s of type %s: %w", e.ID, e.Type, err)
	}
	if t.actor == Someone(n.To) {
		return e, nil
	}
	n.About, n.Title, n.Body, n.Link, n.LinkText = []string{}, "", "", "", ""
	n.Language, n.UnsubscribeText = "", ""
	data, err := canonical(n)
	e.Data = data
	return e, err
}

// undropped is what somebody was not told, as another reads it.
func (t Tenant) undropped(e Event) (Event, error) {
	var n NoticeDropped
	if err := json.Unmarshal(e.Data, &n); err != nil {
		return e, fmt.Errorf("okr: event %s of type %s: %w", e.ID, e.Type, err)
	}
	if t.actor == Someone(n.To) {
		return e, nil
	}
	n.Untold = []Untold{}
	data, err := canonical(n)
	e.Data = data
	return e, err
}

func (u *seeing) Versions(ctx context.Context, t TenantID, aggregate Ref) ([]Entry, error) {
	if ok, err := u.mayRead(ctx, t, aggregate); err != nil || !ok {
		return nil, err
	}
	return u.unit.Versions(ctx, t, aggregate)
}

func (u *seeing) Reached(ctx context.Context, t TenantID, aggregate Ref, at Cut) (int64, error) {
	if ok, err := u.mayRead(ctx, t, aggregate); err != nil || !ok {
		return 0, err
	}
	return u.unit.Reached(ctx, t, aggregate, at)
}

// mayRead says whether the actor may read the history of an aggregate. What is
// hidden has none, like what was never there.
func (u *seeing) mayRead(ctx context.Context, t TenantID, r Ref) (bool, error) {
	switch {
	case r.Kind == KindObjective || r.Kind == KindKeyResult:
		by, err := u.sight(ctx)
		return err == nil && !by.hides(r), err
	case r.Kind.IsItem():
		_, err := u.Load(ctx, t, Need{Refs: []Ref{r}})
		if asNotFound(err, new(*NotFoundError)) {
			return false, nil
		}
		return err == nil, err
	}
	return true, nil
}

func (u *seeing) Recall(context.Context, TenantID, string) (*Remembered, error) {
	return nil, errReading
}
func (u *seeing) Write(context.Context, TenantID, Changes) error { return errReading }

func (u *seeing) Nested(ctx context.Context) (Unit, error) {
	in, err := u.unit.Nested(ctx)
	if err != nil {
		return nil, err
	}
	return &seeing{unit: in, tenant: u.tenant, now: u.now, by: u.by}, nil
}

func (u *seeing) Commit(ctx context.Context) error   { return u.unit.Commit(ctx) }
func (u *seeing) Rollback(ctx context.Context) error { return u.unit.Rollback(ctx) }
