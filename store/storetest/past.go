package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

// witness is a judge whose finding is all that it was shown, so that a view that
// shows it anything else than at the cut differs.
type witness struct{}

func (witness) Starter() []okr.Pack {
	return []okr.Pack{{Name: "first", Version: "1", Digest: "d0", Text: "text of d0"}}
}

func (witness) Needs(packs []okr.Pack, _ okr.Intent) okr.Collections {
	c := okr.Collections{Readings: 3, CheckIns: 2, Blockers: true, TeamObjectives: true, OwnerKeyResults: true, Items: okr.ItemKinds()}
	for _, p := range packs {
		c.PackTexts = append(c.PackTexts, p.Digest)
	}
	return c
}

func (witness) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	s := *p.After
	s.Standings = nil
	shown, err := json.Marshal(struct {
		*okr.Snapshot
		Texts []string
		Now   time.Time
	}{&s, texts(s.Packs), p.Now})
	if err != nil {
		return okr.Verdict{}, err
	}
	sum := sha256.Sum256(shown)
	v := okr.Verdict{Scores: map[okr.ID]okr.Judged{}, Findings: []okr.Finding{{Rule: "witness", Message: hex.EncodeToString(sum[:])}}}
	for id, m := range p.Measured {
		v.Scores[id] = okr.Judged{Score: m.Progress, Rule: hex.EncodeToString(sum[:]), Pack: "first", Digest: s.Packs[0].Digest}
	}
	return v, nil
}

func texts(packs []okr.Pack) (out []string) {
	for _, p := range packs {
		out = append(out, p.Text)
	}
	return out
}

// testPast lets a desk live through random histories, takes cuts, writes down at
// each what every view answers, and asks for it again when the history has gone on.
func testPast(t *testing.T, s suite) {
	// Each is long: one in twenty of the checks that are asked for is lived through.
	lived, failed, most := 0, false, checks()/20
	rapid.Check(t, func(r *rapid.T) {
		if lived++; lived > most && !failed {
			return
		}
		defer func() { failed = failed || r.Failed() }()
		p := newPasts(t, r, s)
		for range rapid.IntRange(5, 40).Draw(r, "length") {
			p.step(r)
		}
		for i := range p.open {
			require.NoError(t, p.open[i].Commit())
		}
		p.cut(r)
		p.look(r)
		for _, tenant := range pastTenants {
			v, err := p.st.Verify(p.ctx, tenant)
			require.NoError(r, err)
			require.Nil(r, v.Fault)
		}
	})
}

// checks is how many checks rapid was asked for.
func checks() int {
	if f := flag.Lookup("rapid.checks"); f != nil {
		if g, ok := f.Value.(flag.Getter); ok {
			if n, ok := g.Get().(int); ok {
				return n
			}
		}
	}
	return 100
}

// pastPlan is a plan whose objective counts its own key results and the objectives
// below it.
// absence is none, or a week of October.
func absence(r *rapid.T) []okr.Span {
	if rapid.Bool().Draw(r, "away") {
		return nil
	}
	from := measure.NewDate(2026, time.October, rapid.IntRange(1, 20).Draw(r, "away from"))
	return []okr.Span{{From: from, To: from.AddDays(6)}}
}

func pastPlan() okr.Plan {
	plan := okrtest.Plan()
	plan.Objectives[0].Rollup.Driver = measure.DriverBoth
	return plan
}

var pastTenants = []okr.TenantID{"acme", "ACME"}

type pasts struct {
	ctx   context.Context
	t     testing.TB
	s     suite
	st    Store
	desk  *okr.Desk
	clock *okrtest.Clock
	taken []taken
	packs int
	items int
	open  []HostTx
	held  map[okr.ID]bool // key results that open transactions have written
}

// taken is a cut, and what the views answered when it was taken.
type taken struct {
	tenant okr.TenantID
	cut    okr.Cut
	told   []told
}

type told struct{ what, json string }

func newPasts(t testing.TB, r *rapid.T, s suite) *pasts {
	p := &pasts{ctx: t.Context(), t: t, s: s, st: s.open(scope{t, r}), held: map[okr.ID]bool{},
		clock: okrtest.NewClock(time.Date(2026, time.September, 28, 9, 0, 0, 0, time.UTC))}
	var err error
	p.desk, err = okr.New(p.st, okr.Config{Clock: p.clock.Now, NewID: okrtest.SequentialIDs(), Calendar: daily{}, Judge: witness{}})
	require.NoError(t, err)
	for _, tenant := range pastTenants {
		acme := p.desk.For(tenant).As(okr.Someone("ana"))
		_, err = acme.Propose(p.ctx, pastPlan())
		require.NoError(t, err)
		c, err := acme.View().Cycles(p.ctx)
		require.NoError(t, err)
		p.clock.Advance(time.Hour)
		_, err = acme.Activate(p.ctx, okr.Activation{Cycle: c[0].ID})
		require.NoError(t, err)
	}
	return p
}

func (p *pasts) of(tenant okr.TenantID) okr.Tenant { return p.desk.For(tenant).As(okr.Someone("ana")) }

// keyResult picks one that no open transaction holds.
func (p *pasts) keyResult(r *rapid.T, tenant okr.TenantID) (okr.KeyResultView, bool) {
	page, err := p.of(tenant).View().KeyResults(p.ctx, okr.Query{Limit: 20})
	require.NoError(r, err)
	page.Items = slices.DeleteFunc(page.Items, func(k okr.KeyResultView) bool { return p.held[k.ID] })
	if len(page.Items) == 0 {
		return okr.KeyResultView{}, false
	}
	return rapid.SampledFrom(page.Items).Draw(r, "key result"), true
}

// can says whether an error is one that a decision at random may meet.
func can(r *rapid.T, err error) {
	if k := kind(err); k == "other" || k == okr.ErrBusy.Error() {
		require.NoError(r, err)
	}
}

func (p *pasts) step(r *rapid.T) {
	tenant := rapid.SampledFrom(pastTenants).Draw(r, "tenant")
	acme := p.of(tenant)
	ops := []string{
		"cut", "cut", "check in", "check in", "record", "fail", "change", "weight", "clock", "clock", "seal",
	}
	if len(p.open) == 0 { // what else might wait for a transaction that is open
		ops = append(ops, "propose", "propose", "sync", "sync", "policy", "settle", "packs", "close", "block", "resolve", "do", "kpi", "kpi", "comment")
	}
	if p.s.caps.Writers && len(p.open) < 3 {
		ops = append(ops, "begin", "begin", "begin")
	}
	if len(p.open) > 0 {
		ops = append(ops, "end", "end")
	}
	number := func(what string) measure.Number { return measure.N(float64(rapid.IntRange(0, 100).Draw(r, what))) }
	var err error
	switch op := rapid.SampledFrom(ops).Draw(r, "op"); op {
	case "cut":
		p.cut(r)
	case "seal":
		_, err = p.st.Seal(p.ctx, p.clock.Now(), rapid.IntRange(1, 30).Draw(r, "rows"))
	case "clock":
		p.clock.Advance(time.Duration(rapid.IntRange(1, 900).Draw(r, "hours")) * time.Hour / 4)
	case "check in", "block", "resolve":
		k, ok := p.keyResult(r, tenant)
		if !ok {
			return
		}
		c := okr.CheckIn{KeyResult: k.ID, Value: number("value"), Confidence: measure.N(float64(rapid.IntRange(0, 10).Draw(r, "confidence"))),
			Note: rapid.SampledFrom([]string{"", "a\nb\t\"c\" — é", "okr:word:x:y"}).Draw(r, "note"), OccurredAt: p.clock.Now().Add(-time.Duration(rapid.IntRange(0, 72).Draw(r, "hours ago")) * time.Hour)}
		switch {
		case op == "block":
			c.Blockers = []okr.NewBlocker{{Kind: "data", Text: "the feed is down", Owner: "ben"}}
			c.Adjust = []okr.Adjustment{{Do: "add", Title: fmt.Sprint("Call ", p.clock.Now().Unix())}}
		case op == "resolve" && len(k.Blocked) > 0:
			c.Resolved = []okr.Resolution{{Blocker: k.Blocked[0].ID, How: "mended"}}
		}
		_, err = acme.CheckIn(p.ctx, c)
	case "record", "fail":
		k, ok := p.keyResult(r, tenant)
		if !ok {
			return
		}
		c := okr.Collected{KeyResult: k.ID, Source: "sql"}
		if op == "fail" {
			c.Error = "time-out"
		} else {
			m := okr.Measurement{Value: number("reading"), OccurredAt: p.clock.Now().Add(-time.Duration(rapid.IntRange(0, 30).Draw(r, "days ago")) * 24 * time.Hour)}
			if rapid.Bool().Draw(r, "correct") {
				m.Corrects = k.Reading
			}
			c.Readings = []okr.Measurement{m}
		}
		_, err = acme.Record(p.ctx, c)
	case "weight", "change":
		k, ok := p.keyResult(r, tenant)
		if !ok {
			return
		}
		c := okr.KeyResultChange{KeyResult: k.ID, Weight: ptr(number("weight")), Reason: "it matters more"}
		if op == "change" {
			m := k.Metric
			m.Target = measure.N(m.Target.Or(90) + float64(rapid.IntRange(-3, 3).Draw(r, "moved")))
			c = okr.KeyResultChange{
				KeyResult: k.ID, Metric: &m, Reason: "the market moved",
				Definition: ptr(rapid.SampledFrom([]string{"", "one", "another"}).Draw(r, "definition")),
				Owner:      ptr(rapid.SampledFrom([]okr.ID{"ana", "ben", "ben", "cleo"}).Draw(r, "owner")),
				State:      ptr(rapid.SampledFrom([]okr.State{okr.Active, okr.Postponed, okr.Done}).Draw(r, "state")),
				Source:     &okr.Source{Kind: "sql", Where: rapid.SampledFrom([]string{"", "there"}).Draw(r, "where"), Access: []string{"ana"}},
			}
		}
		_, err = acme.Change(p.ctx, c)
	case "propose":
		plan := pastPlan()
		for n := range rapid.IntRange(1, 2).Draw(r, "objectives") {
			o := okr.PlanObjective{Key: fmt.Sprint("more", n), Title: "Something more " + rapid.SampledFrom([]string{"", "still"}).Draw(r, "title"),
				Rank: rapid.IntRange(0, 3).Draw(r, "rank"), Team: rapid.SampledFrom([]string{"", "ops", "lab"}).Draw(r, "team"),
				Parent: rapid.SampledFrom([]string{"", "o1"}).Draw(r, "parent"), Owner: rapid.SampledFrom([]string{"ana", "ben", "a stranger"}).Draw(r, "owner")}
			for i := range rapid.IntRange(0, 2).Draw(r, "key results") {
				o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{Key: fmt.Sprint("k", i), Title: fmt.Sprint("Win 10 customers ", i), Owner: rapid.SampledFrom([]string{"cleo", "dov"}).Draw(r, "owner"),
					Metric: measure.Metric{Kind: measure.Increase, Baseline: measure.N(0), Target: number("target")}})
			}
			plan.Objectives = append(plan.Objectives, o)
		}
		plan.Teams = append(plan.Teams, okr.Team{ID: "ops", Name: "Operations", Lead: "cleo"}, okr.Team{ID: "lab", Name: "Laboratory"})
		plan.People = append(plan.People, okr.Person{ID: "cleo", Name: "Cleo Brandt"}, okr.Person{ID: "dov", Name: "Dov Weiss"})
		_, err = acme.Propose(p.ctx, plan)
	case "sync":
		_, err = acme.SyncPeople(p.ctx, okr.Directory{
			People: []okr.Person{{ID: "ben", Name: rapid.SampledFrom([]string{"Ben Okafor", "Benjamin"}).Draw(r, "name"), Email: "ben@example.com",
				Team: rapid.SampledFrom([]okr.ID{"sales", "ops"}).Draw(r, "home"), Left: rapid.Bool().Draw(r, "left"),
				Manager: "ana", Backup: rapid.SampledFrom([]okr.ID{"", "cleo"}).Draw(r, "backup"), Away: absence(r), Language: "de-CH", Region: "CH-ZH"}},
			Teams: []okr.Team{{ID: "sales", Name: rapid.SampledFrom([]string{"Sales", "Revenue"}).Draw(r, "team name"), Lead: rapid.SampledFrom([]okr.ID{"ana", "ben"}).Draw(r, "lead"),
				Parent: rapid.SampledFrom([]okr.ID{"", "sales", "ops", "lab"}).Draw(r, "above")}},
		})
	case "policy":
		_, err = acme.SetPolicy(p.ctx, okr.SettingPolicy{Policy: okr.Policy{
			AskLive: rapid.Bool().Draw(r, "ask"), Cadence: &okr.Schedule{Grace: rapid.SampledFrom([]okr.Interval{okr.Daily, 2 * okr.Daily}).Draw(r, "grace")},
		}})
	case "settle":
		var due []okr.Due
		due, err = p.desk.System().ClaimDue(p.ctx, 100)
		require.NoError(r, err)
		for _, d := range due {
			_, err = p.desk.For(d.Tenant).As(okr.Automation("cadence")).Settle(p.ctx, d.Subject)
			can(r, err)
		}
	case "packs":
		p.activate(r, tenant)
	case "kpi":
		p.kpi(r, tenant)
	case "comment":
		if k, ok := p.keyResult(r, tenant); ok {
			p.items++
			c := okr.Comment{ID: okr.ID(fmt.Sprint("comment", p.items)), Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, Cycle: k.Cycle, Author: okr.Someone("ben"), At: p.clock.Now(), Version: 1}
			said := c
			said.Text = "well done"
			w := p.word(okr.Ref{Kind: okr.KindComment, ID: c.ID}, said.Text)
			c.Text = "okr:word:" + w.ID + ":" + w.MAC()
			ref := okr.Ref{Kind: okr.KindComment, ID: c.ID}
			p.write(r, tenant, okr.Changes{
				Expect: map[okr.Ref]int64{ref: 0}, Words: []okr.Word{w},
				Items:   []okr.Item{{Ref: ref, Subject: c.Subject, Cycle: c.Cycle, Version: 1, Doc: encoded(r, said)}},
				Entries: []okr.Entry{p.entry(tenant, ref, ref, 1, encoded(r, c), nil)},
			})
		}
	case "close":
		if end := time.Date(2027, time.January, 4, 9, 0, 0, 0, time.UTC); rapid.IntRange(0, 2).Draw(r, "it is over") == 0 && p.clock.Now().Before(end) {
			p.clock.Set(end)
		}
		var c []okr.Cycle
		c, err = acme.View().Cycles(p.ctx)
		require.NoError(r, err)
		_, err = acme.Close(p.ctx, okr.Closing{Cycle: c[0].ID, Waive: &okr.Unreviewed{Owner: "ana", Reason: "everybody was at sea"}})
	case "do":
		err = acme.Do(p.ctx, func(in okr.Tenant) error {
			for _, note := range []string{"first", "second"} {
				k, ok := p.keyResult(r, tenant)
				if !ok {
					return nil
				}
				if _, err := in.CheckIn(p.ctx, okr.CheckIn{KeyResult: k.ID, Note: note, Value: number("value")}); err != nil {
					return err
				}
			}
			return nil
		})
	case "begin":
		k, ok := p.keyResult(r, tenant)
		if !ok {
			return
		}
		tx := p.s.hostTx(p.t, p.st)
		_, err = acme.In(tx.Tx).CheckIn(p.ctx, okr.CheckIn{KeyResult: k.ID, Value: number("value"), Note: "between"})
		p.held[k.ID] = true
		p.open = append(p.open, tx)
	case "end":
		i := rapid.IntRange(0, len(p.open)-1).Draw(r, "which")
		if rapid.IntRange(0, 3).Draw(r, "commit") > 0 {
			err = p.open[i].Commit()
		} else {
			err = p.open[i].Rollback()
		}
		require.NoError(r, err)
		p.open = slices.Delete(p.open, i, i+1)
		if len(p.open) == 0 {
			clear(p.held)
		}
	}
	can(r, err)
}

func encoded(r *rapid.T, x any) json.RawMessage {
	b, err := json.Marshal(x)
	require.NoError(r, err)
	return b
}

func (p *pasts) word(entity okr.Ref, text string) okr.Word {
	p.items++
	return okr.Word{ID: fmt.Sprint("word", p.items), Entity: entity, Field: "text", Salt: []byte{1, 2, 3}, Text: text}
}

func (p *pasts) entry(tenant okr.TenantID, aggregate, entity okr.Ref, seq int64, state, whole json.RawMessage) okr.Entry {
	p.items++
	e := okr.Entry{Entity: entity, State: state, Whole: whole, Event: okr.Event{
		ID: fmt.Sprint("event", p.items), Type: okr.EventPrefix + "test", Tenant: tenant, Aggregate: aggregate, Seq: seq,
		Time: p.clock.Now(), Actor: okr.Someone("ana"), Data: []byte("{}"),
	}}
	e.Hash = e.Sum()
	return e
}

func (p *pasts) write(r *rapid.T, tenant okr.TenantID, c okr.Changes) {
	c.Now = p.clock.Now()
	in(p.t, p.st, true, func(u okr.Unit) { require.NoError(r, u.Write(p.ctx, tenant, c)) })
}

// kpi writes one that changes, moves from team to team, and gets readings.
func (p *pasts) kpi(r *rapid.T, tenant okr.TenantID) {
	ref := okr.Ref{Kind: okr.KindKPI, ID: okr.ID(fmt.Sprint(tenant, rapid.IntRange(1, 2).Draw(r, "kpi")))}
	var was int64
	in(p.t, p.st, false, func(u okr.Unit) {
		es, err := u.Events(p.ctx, tenant, ref, 0)
		require.NoError(r, err)
		was = int64(len(es))
	})
	k := okr.KPI{ID: ref.ID, Name: rapid.SampledFrom([]string{"Uptime", "Availability"}).Draw(r, "kpi name"), Definition: "minutes without an error",
		Team: rapid.SampledFrom([]okr.ID{"sales", "ops"}).Draw(r, "kpi team"), Version: was + 1}
	c := okr.Changes{Expect: map[okr.Ref]int64{ref: was}}
	var reading okr.Reading
	read := rapid.Bool().Draw(r, "read")
	if read {
		p.items++
		now := p.clock.Now()
		reading = okr.Reading{ID: okr.ID(fmt.Sprint("reading", p.items)), KeyResult: ref.ID, Value: measure.N(99), OccurredAt: now, RecordedAt: now, Source: "sql"}
		k.Version++
		k.Current, k.CurrentAt, k.Reading = reading.Value, &now, reading.ID
		c.Readings = []okr.Reading{reading}
	}
	team := okr.Ref{Kind: okr.KindTeam, ID: k.Team}
	c.Items = []okr.Item{{Ref: ref, Subject: team, Version: k.Version, Doc: encoded(r, k)}}
	w := p.word(ref, k.Definition)
	c.Words = []okr.Word{w}
	own := k
	own.Definition = "okr:word:" + w.ID + ":" + w.MAC()
	c.Entries = []okr.Entry{p.entry(tenant, ref, ref, was+1, encoded(r, own), nil)}
	if read {
		k.Definition = ""
		c.Entries = append(c.Entries, p.entry(tenant, ref, okr.Ref{Kind: okr.KindReading, ID: reading.ID}, was+2, encoded(r, reading), encoded(r, k)))
	}
	p.write(r, tenant, c)
}

// kpis are the items of a unit, live or as of a cut, and what it loads of a KPI.
func (p *pasts) kpis(r *rapid.T, tenant okr.TenantID, cut *okr.Cut) (out []any) {
	in(p.t, p.st, false, func(u okr.Unit) {
		for _, q := range []okr.ItemQuery{{Kind: okr.KindKPI}, {Kind: okr.KindKPI, Limit: 1}, {Kind: okr.KindKPI, Subject: okr.Ref{Kind: okr.KindTeam, ID: "ops"}}, {Kind: okr.KindComment, Limit: 2}} {
			q.AsOf = cut
			items, err := u.Items(p.ctx, tenant, q)
			require.NoError(r, err)
			out = append(out, items)
		}
		s, err := u.Load(p.ctx, tenant, okr.Need{Refs: []okr.Ref{{Kind: okr.KindKPI, ID: okr.ID(fmt.Sprint(tenant, 1))}}, Collections: okr.Collections{Readings: 2}, AsOf: cut})
		if err == nil {
			out = append(out, s)
		} else {
			require.ErrorIs(r, err, okr.ErrNotFound)
			out = append(out, "not found")
		}
	})
	return out
}

// activate puts another version of a pack in force, or takes the second out of it,
// as a desk would.
func (p *pasts) activate(r *rapid.T, tenant okr.TenantID) {
	p.packs++
	pack := okr.Pack{Name: rapid.SampledFrom([]string{"first", "second"}).Draw(r, "pack"), Version: fmt.Sprint(p.packs + 1), Digest: fmt.Sprint("d", p.packs), Text: fmt.Sprint("text of d", p.packs)}
	aggregate := okr.Ref{Kind: okr.KindTenant, ID: okr.ID(tenant)}
	kind, changes := okr.EventPackActivated, okr.Changes{Now: p.clock.Now(), Activate: []okr.Pack{pack}}
	if pack.Name == "second" && rapid.Bool().Draw(r, "out of force") {
		kind, changes.Activate, changes.Deactivate = okr.EventPackDeactivated, nil, []string{pack.Name}
	}
	in(p.t, p.st, true, func(u okr.Unit) {
		was, err := u.Events(p.ctx, tenant, aggregate, 0)
		require.NoError(r, err)
		state, err := json.Marshal(pack)
		require.NoError(r, err)
		e := okr.Entry{Entity: okr.Ref{Kind: okr.KindPack, ID: okr.ID(pack.Name)}, State: state, Event: okr.Event{
			ID: fmt.Sprint(tenant, "-pack-", p.packs), Type: kind, Tenant: tenant, Aggregate: aggregate, Seq: int64(len(was)) + 1,
			Time: p.clock.Now(), Actor: okr.Someone("ana"), Data: state,
		}}
		e.Hash = e.Sum()
		changes.Entries = []okr.Entry{e}
		require.NoError(r, u.Write(p.ctx, tenant, changes))
	})
}

// cut takes one of a tenant and holds what it shows against what the live view
// shows at the same moment.
func (p *pasts) cut(r *rapid.T) {
	tenant := rapid.SampledFrom(pastTenants).Draw(r, "tenant")
	cut, err := p.of(tenant).Cut(p.ctx)
	require.NoError(r, err)
	require.Equal(r, p.clock.Now(), cut.At)
	again, err := okr.ParseCut(cut.String())
	require.NoError(r, err)
	require.Equal(r, cut, again)
	now := p.tell(r, p.of(tenant).View(), tenant, nil)
	same(r, now, p.tell(r, p.of(tenant).AsOf(cut), tenant, &cut), "right after the cut")
	p.taken = append(p.taken, taken{tenant, cut, now})
}

// look asks for every cut again.
func (p *pasts) look(r *rapid.T) {
	for i, c := range p.taken {
		same(r, c.told, p.tell(r, p.of(c.tenant).AsOf(c.cut), c.tenant, &c.cut), fmt.Sprintf("cut %s", c.cut))
		at, err := p.of(c.tenant).CutAt(p.ctx, c.cut.At)
		require.NoError(r, err)
		require.GreaterOrEqual(r, at.Position, c.cut.Position)
		later := slices.ContainsFunc(p.taken[i+1:], func(o taken) bool { return o.tenant == c.tenant && o.cut.At.Equal(c.cut.At) })
		if at.Position > c.cut.Position {
			continue // another one at the same instant, or the sealer's
		}
		require.True(r, later || at == c.cut, "%s is not %s", at, c.cut)
	}
}

func same(r *rapid.T, want, got []told, when string) {
	for i := range min(len(want), len(got)) {
		require.Equal(r, want[i].what, got[i].what, when)
		require.Equal(r, want[i].json, got[i].json, "%s: %s", when, want[i].what)
	}
	require.Len(r, got, len(want), when)
}

// tell is everything that a view answers.
func (p *pasts) tell(r *rapid.T, v okr.View, tenant okr.TenantID, at *okr.Cut) (out []told) {
	say := func(what string, x any, err error) {
		if err != nil {
			x = kind(err)
		}
		b, err := json.MarshalIndent(x, "", " ")
		require.NoError(r, err)
		out = append(out, told{what, string(b)})
	}
	say("items", p.kpis(r, tenant, at), nil)
	cycles, err := v.Cycles(p.ctx)
	say("cycles", cycles, err)
	queries := []okr.Query{{Owner: "ben", State: okr.Active}, {Team: "ops"}, {Owner: "cleo"}}
	for _, c := range cycles {
		tree, err := v.Tree(p.ctx, c.ID)
		say("tree", tree, err)
		s, err := v.Snapshot(p.ctx, c.ID)
		say("snapshot", s, err)
		f, err := v.Portfolio(p.ctx, okr.Portfolio{Cycle: c.ID, Limit: 2})
		say("portfolio", f, err)
		b, err := v.Standup(p.ctx, c.ID, "sales")
		say("standup", b, err)
		n, err := v.Nothing(p.ctx, c.ID)
		say("nothing", n, err)
		m, err := v.Matters(p.ctx, okr.Matter{Cycle: c.ID, Person: "ben"})
		say("matters", m, err)
		for _, o := range tree.Objectives {
			es, err := v.Events(p.ctx, okr.Ref{Kind: okr.KindObjective, ID: o.ID}, 0)
			say("events of "+string(o.ID), es, err)
			for _, k := range o.KeyResults[:min(len(o.KeyResults), 1)] {
				es, err := v.Events(p.ctx, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, 2)
				say("events of "+string(k.ID), es, err)
				ds, err := v.Definitions(p.ctx, k.ID)
				say("definitions of "+string(k.ID), ds, err)
			}
		}
		queries = append(queries, okr.Query{Cycle: c.ID}, okr.Query{Objective: tree.Objectives[0].ID, Owner: "ben"})
	}
	for _, q := range queries {
		q.Limit = 2
		var all []okr.KeyResultView
		for k, err := range v.All(p.ctx, q) {
			require.NoError(r, err)
			all = append(all, k)
		}
		say(fmt.Sprintf("key results %+v", q), all, nil)
	}
	return out
}
