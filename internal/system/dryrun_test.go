package system_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/audit/pack"
	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/rules"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/outbox"
)

// anyPack is a pack of the name with rules of every kind of subject, thresholds,
// severities, gates, scores and statuses.
func anyPack(t *rapid.T, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: okr.rules/v1\nenv: 1\nname: %s\nversion: 1.0.%d\nrules:\n", name, rapid.IntRange(0, 99).Draw(t, "version"))
	rule := func(id, on, check string) {
		if rapid.IntRange(0, 2).Draw(t, id) == 0 {
			return
		}
		fmt.Fprintf(&b, "  - {id: %s, on: %s, severity: %s, mode: %s, check: '%s', message: \"%s\"}\n", id, on,
			rapid.SampledFrom([]string{"info", "warning", "error"}).Draw(t, "severity"), rapid.SampledFrom([]string{"report", "gate"}).Draw(t, "mode"), check,
			rapid.SampledFrom([]string{"no", "not so"}).Draw(t, "message"))
	}
	n := func(most int) int { return rapid.IntRange(0, most).Draw(t, "threshold") }
	rule("title", "key_result", fmt.Sprintf("size(kr.title) < %d", 10+n(20)))
	rule("far", "key_result", fmt.Sprintf("!has(kr.progress) || kr.progress * 10.0 >= %d.0", n(10)))
	rule("sure", "key_result", fmt.Sprintf("kr.confidence >= %d", n(10)))
	rule("green", "key_result", fmt.Sprintf(`kr.status != "on_track" || kr.checkins.size() >= %d`, n(3)))
	rule("parts", "objective", fmt.Sprintf("objective.key_results.size() <= %d", n(3)))
	rule("limit", "team", fmt.Sprintf(`team.objectives.filter(o, o.state == "active").size() <= %d`, n(3)))
	rule("load", "owner", fmt.Sprintf("owner.key_results.size() <= %d", n(5)))
	rule("early", "cycle", fmt.Sprintf("has(cycle.elapsed) && cycle.elapsed * 10.0 < %d.0", n(10)))
	rule("said", "checkin", fmt.Sprintf("has(checkin.confidence) && checkin.confidence >= %d", n(10)))
	rule("source", "source", `source.state != "dead"`)
	b.WriteString("  - {id: always, on: key_result, severity: info, check: size(kr.title) >= 0, message: never}\n")
	if rapid.Bool().Draw(t, "scores") {
		fmt.Fprintf(&b, "scores:\n  - {id: s, on: key_result, when: has(kr.progress), score: kr.progress * %d.0 / 10.0}\n", 1+n(9))
	}
	if rapid.IntRange(0, 3).Draw(t, "statuses") > 0 {
		fmt.Fprintf(&b, "statuses:\n  - {id: k, on: key_result, when: 'kr.state == \"active\" && has(kr.progress) && kr.progress * 10.0 < %d.0', status: %s}\n", n(10),
			rapid.SampledFrom([]string{"at_risk", "off_track", "on_track"}).Draw(t, "status"))
		fmt.Fprintf(&b, "  - {id: o, on: objective, when: 'objective.state == \"active\" && has(objective.progress) && objective.progress * 10.0 < %d.0', status: off_track}\n", n(10))
	}
	return b.String()
}

// firm is a company that lives through some weeks.
type firm struct {
	judge  *audit.Judge
	store  *memory.Store
	desk   *okr.Desk
	clock  *okrtest.Clock
	acme   okr.Tenant
	cycle  okr.ID
	people []okr.ID
}

func newFirm(t *rapid.T, judge *audit.Judge) *firm {
	f := &firm{judge: judge, store: memory.New(), clock: okrtest.NewClock(time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC)), people: []okr.ID{"ana", "ben", "cora"}}
	var err error
	f.desk, err = okr.New(f.store, okr.Config{Judge: judge, Calendar: cadence.New(), Clock: f.clock.Now, NewID: okrtest.SequentialIDs()})
	require.NoError(t, err)
	f.acme = f.desk.For("acme").As(okr.Someone("ana"))
	plan := okr.Plan{Cycle: okrtest.Quarter(), Teams: []okr.Team{{ID: "sales", Name: "Sales", Lead: "ana"}, {ID: "idle", Name: "Idle"}}}
	for _, p := range f.people {
		plan.People = append(plan.People, okr.Person{ID: p, Name: strings.ToUpper(string(p[:1])) + string(p[1:]) + " Lind", Team: "sales"})
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "objectives") {
		o := okr.PlanObjective{Key: fmt.Sprint("o", i), Title: fmt.Sprint("Companies of region ", i, " stay"), Team: "sales", Owner: "ana", Rank: i + 1, Committed: rapid.Bool().Draw(t, "committed")}
		for k := range rapid.IntRange(1, 3).Draw(t, "key results") {
			o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{
				Key: fmt.Sprint("k", i, k), Title: fmt.Sprintf("Raise %s from 0 %% to 1%d%d %%", rapid.SampledFrom([]string{"use", "renewals", "trust in us"}).Draw(t, "of"), i, k),
				Owner: string(rapid.SampledFrom(f.people).Draw(t, "owner")), Confidence: measure.N(float64(rapid.IntRange(3, 8).Draw(t, "confidence"))),
				Metric: measure.Metric{Kind: measure.Increase, Unit: "%", Baseline: measure.N(0), Target: measure.N(100)},
				Source: &okr.Source{Kind: "sql", Where: "Billing", Interval: okr.EveryWeek, Access: []string{"ana", "ben"}},
			})
		}
		plan.Objectives = append(plan.Objectives, o)
	}
	_, err = f.acme.Propose(t.Context(), plan)
	require.NoError(t, err)
	cycles, err := f.acme.View().Cycles(t.Context())
	require.NoError(t, err)
	f.cycle = cycles[0].ID
	return f
}

func (f *firm) tree(ctx context.Context, t require.TestingT) okr.Tree {
	tree, err := f.acme.View().Tree(ctx, f.cycle)
	require.NoError(t, err)
	return tree
}

// settle has a runner do all that is due.
func (f *firm) settle(ctx context.Context, t require.TestingT) {
	r := cadence.NewRunner(f.desk)
	for n := 1; n > 0; {
		var err error
		n, err = r.Once(ctx)
		require.NoError(t, err)
	}
}

// active are the objectives and key results that are.
func (f *firm) active(ctx context.Context, t require.TestingT) (refs []okr.Ref) {
	for _, o := range f.tree(ctx, t).Objectives {
		if o.State == okr.Active {
			refs = append(refs, okr.Ref{Kind: okr.KindObjective, ID: o.ID})
		}
		for _, k := range o.KeyResults {
			if k.State == okr.Active {
				refs = append(refs, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
			}
		}
	}
	return refs
}

// begin makes some of the plan active, by the starter packs.
func (f *firm) begin(t *rapid.T) {
	ctx := t.Context()
	f.clock.Set(time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC))
	for _, o := range f.tree(ctx, t).Objectives {
		refs := []okr.Ref{{Kind: okr.KindObjective, ID: o.ID}}
		for _, k := range o.KeyResults {
			if rapid.IntRange(0, 4).Draw(t, "with it") > 0 {
				refs = append(refs, okr.Ref{Kind: okr.KindKeyResult, ID: k.ID})
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "active") > 0 {
			if _, err := f.acme.Activate(ctx, okr.Activation{Subjects: refs}); !errors.Is(err, okr.ErrRefused) {
				require.NoError(t, err)
			}
		}
	}
}

// live lets some weeks pass.
func (f *firm) live(t *rapid.T) {
	ctx := t.Context()
	for range rapid.IntRange(1, 4).Draw(t, "steps") {
		f.clock.Advance(time.Duration(rapid.IntRange(1, 20*24).Draw(t, "hours")) * time.Hour)
		for _, o := range f.tree(ctx, t).Objectives {
			for _, k := range o.KeyResults {
				var err error
				switch rapid.IntRange(0, 7).Draw(t, "what happens") {
				case 0, 1, 2, 3:
					_, err = f.acme.As(okr.Someone(k.Owner)).CheckIn(ctx, okr.CheckIn{
						KeyResult: k.ID, Value: measure.N(float64(rapid.IntRange(0, 10).Draw(t, "value") * 10)), Confidence: measure.N(float64(rapid.IntRange(0, 10).Draw(t, "sure"))),
						Stated: rapid.SampledFrom([]measure.Status{measure.OnTrack, measure.AtRisk}).Draw(t, "stated"), Note: "As it is.",
					})
				case 4:
					to := rapid.SampledFrom([]okr.State{okr.Postponed, okr.Active}).Draw(t, "state")
					_, err = f.acme.Change(ctx, okr.KeyResultChange{KeyResult: k.ID, State: &to, Reason: "Other things came first."})
				case 5:
					_, err = f.acme.Waive(ctx, okr.Waiving{Rule: "title", Subject: okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}, Owner: "ben", Reason: "It may be."})
				}
				if !errors.Is(err, okr.ErrRefused) && !errors.Is(err, okr.ErrConflict) && !errors.Is(err, okr.ErrInvalid) {
					require.NoError(t, err)
				}
			}
		}
		if rapid.Bool().Draw(t, "looked at") {
			f.settle(ctx, t)
		}
	}
}

var errTakenBack = errors.New("taken back")

// held tries what people are about to do, for real, takes it back, and says what
// held it back: nil where it cannot be done at all.
func (f *firm) held(ctx context.Context, t require.TestingT) map[string][]string {
	out := map[string][]string{}
	try := func(verb okr.Verb, kind okr.Kind, id okr.ID, decide func(okr.Tenant) error) {
		by := []string{}
		err := f.acme.Do(ctx, func(t okr.Tenant) error {
			if err := decide(t); err != nil {
				return err
			}
			return errTakenBack
		})
		var refused *okr.RefusedError
		switch {
		case errors.Is(err, errTakenBack):
		case errors.As(err, &refused):
			for _, r := range refused.Findings {
				if r.Subject.Kind == okr.KindCheckIn && verb == okr.VerbCheckIn {
					r.Subject = okr.Ref{Kind: kind, ID: id}
				}
				by = append(by, fmt.Sprint(r.Pack, "/", r.Rule, " ", r.Subject, " ", r.Message))
			}
		default:
			return
		}
		slices.Sort(by)
		out[fmt.Sprint(verb, " ", kind, "/", id)] = by
	}
	activate := func(kind okr.Kind, id okr.ID, a okr.Activation) {
		try(okr.VerbActivate, kind, id, func(t okr.Tenant) error { _, err := t.Activate(ctx, a); return err })
	}
	active, drafts := okr.Active, false
	for _, o := range f.tree(ctx, t).Objectives {
		ref := okr.Ref{Kind: okr.KindObjective, ID: o.ID}
		refs := []okr.Ref{ref}
		for _, k := range o.KeyResults {
			r := okr.Ref{Kind: okr.KindKeyResult, ID: k.ID}
			switch {
			case k.State == okr.Draft && o.State == okr.Draft:
				refs = append(refs, r)
			case k.State == okr.Draft:
				drafts = true
				activate(r.Kind, r.ID, okr.Activation{Subjects: []okr.Ref{r}})
			case k.State == okr.Postponed:
				try(okr.VerbChange, r.Kind, r.ID, func(t okr.Tenant) error {
					_, err := t.Change(ctx, okr.KeyResultChange{KeyResult: r.ID, State: &active})
					return err
				})
			case k.State == okr.Active && k.LastCheckIn != nil:
				s, err := f.acme.View().Snapshot(ctx, f.cycle)
				require.NoError(t, err)
				last := s.CheckInsOf(k.ID)[0]
				try(okr.VerbCheckIn, r.Kind, r.ID, func(t okr.Tenant) error {
					_, err := t.CheckIn(ctx, okr.CheckIn{KeyResult: r.ID, Value: last.Value, Confidence: last.Confidence, Stated: last.Stated, Note: last.Note})
					return err
				})
			}
		}
		if o.State == okr.Draft {
			drafts = true
			activate(ref.Kind, ref.ID, okr.Activation{Subjects: refs})
		}
	}
	if drafts {
		activate(okr.KindCycle, f.cycle, okr.Activation{Cycle: f.cycle})
	}
	return out
}

// shown is what a board shows: findings, statuses and scores, by what they are about.
func shown(tree okr.Tree) (findings, statuses, scores map[string]string) {
	findings, statuses, scores = map[string]string{}, map[string]string{}, map[string]string{}
	for _, f := range tree.Findings {
		findings[fmt.Sprint(f.Pack, "/", f.Rule, " ", f.Subject, " ", f.Cycle)] = fmt.Sprint(f.Severity, " ", f.Outcome, " ", f.Gate, " ", f.Message, " ", f.Waived != nil)
	}
	note := func(kind okr.Kind, id okr.ID, a okr.Appraisal) {
		statuses[fmt.Sprint(kind, "/", id)] = string(a.Status)
		if a.Score != nil && a.Score.Score.Known() {
			scores[fmt.Sprint(kind, "/", id)] = a.Score.Score.String()
		}
	}
	for _, o := range tree.Objectives {
		note(okr.KindObjective, o.ID, o.Measured)
		for _, k := range o.KeyResults {
			note(okr.KindKeyResult, k.ID, k.Measured)
		}
	}
	return findings, statuses, scores
}

// moved are the entries that differ.
func moved(before, after map[string]string) map[string][2]string {
	out := map[string][2]string{}
	for k, b := range before {
		if after[k] != b {
			out[k] = [2]string{b, after[k]}
		}
	}
	for k, a := range after {
		if _, had := before[k]; !had {
			out[k] = [2]string{"", a}
		}
	}
	return out
}

// published collects what leaves a store.
type published struct{ events []okr.Event }

func (p *published) Publish(_ context.Context, out ...okr.Outgoing) error {
	for _, o := range out {
		e, err := okr.ParseCloudEvent(o.Wire)
		if err != nil {
			return err
		}
		p.events = append(p.events, e)
	}
	return nil
}

// leaves are the events that were not published yet.
func (f *firm) leaves(ctx context.Context, t require.TestingT) []okr.Event {
	var p published
	_, err := outbox.NewRelay(f.store, &p).Drain(ctx)
	require.NoError(t, err)
	return p.events
}

// facts are events as facts, without their ids.
func facts(t require.TestingT, events []okr.Event) []string {
	out := []string{}
	for _, e := range events {
		var data map[string]any
		require.NoError(t, json.Unmarshal(e.Data, &data))
		text, err := json.Marshal(data)
		require.NoError(t, err)
		out = append(out, fmt.Sprint(e.Type, " ", e.Aggregate, " ", string(text)))
	}
	slices.Sort(out)
	return out
}

// Nobody looks at a plan of drafts, until packs change: then all is said that rules,
// also those of before, say of it.
func TestADryRunOfDraftsSaysWhatNobodyHasLookedFor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	judge := audit.New(live)
	f := &firm{judge: judge, store: memory.New(), clock: okrtest.NewClock(time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC))}
	f.desk, err = okr.New(f.store, okr.Config{Judge: judge, Calendar: cadence.New(), Clock: f.clock.Now, NewID: okrtest.SequentialIDs()})
	require.NoError(t, err)
	f.acme = f.desk.For("acme").As(okr.Someone("ana"))
	plan := okrtest.Plan()
	for i := range 3 {
		plan.Objectives = append(plan.Objectives, okr.PlanObjective{Key: fmt.Sprint("more", i), Title: fmt.Sprint("Companies of region ", i, " stay"), Team: "sales", Owner: "ana"})
	}
	_, err = f.acme.Propose(ctx, plan)
	require.NoError(t, err)
	f.settle(ctx, t)
	f.leaves(ctx, t)
	announced := func(text string) []string {
		p, err := judge.ReadPack(text)
		require.NoError(t, err)
		in, err := f.acme.View().Packs(ctx)
		require.NoError(t, err)
		var after []okr.Pack
		for _, p := range in {
			after = append(after, p.Pack)
		}
		d, err := judge.DryRun(ctx, f.acme, nil, append(after, p))
		require.NoError(t, err)
		require.Empty(t, d.Unannounced.Events)
		_, err = f.acme.ActivatePack(ctx, okr.NewPack{Text: text})
		require.NoError(t, err)
		f.leaves(ctx, t) // that it came
		f.settle(ctx, t)
		happened := slices.DeleteFunc(f.leaves(ctx, t), func(e okr.Event) bool { return e.Type == okr.EventNoticeReady })
		require.Equal(t, facts(t, happened), facts(t, d.Announced.Events))
		return facts(t, happened)
	}
	const calm = "apiVersion: okr.rules/v1\nenv: 1\nname: %s\nversion: 1.0.0\nrules:\n  - {id: never, on: key_result, check: 'true', message: never}\n"
	first := announced(fmt.Sprintf(calm, "calm"))
	require.NotEmpty(t, first)
	require.Contains(t, strings.Join(first, "\n"), `"rule":"objectives-per-team"`)
	require.Empty(t, announced(fmt.Sprintf(calm, "calmer")), "all is said")
}

// What a dry run says is what comes of it: what is found and computed, what is
// announced, what is refused, and who is told what.
func TestPublishingDoesWhatTheDryRunSaid(t *testing.T) {
	t.Parallel()
	live, err := rules.Open(audit.Env(audit.Level), pack.Starter)
	require.NoError(t, err)
	judge := audit.New(live)
	pools := map[string][]okr.Pack{}
	for _, name := range []string{"acme", "zeta"} {
		for i := range 10 {
			p, err := judge.ReadPack(rapid.Custom(func(t *rapid.T) string { return anyPack(t, name) }).Example(i))
			require.NoError(t, err)
			pools[name] = append(pools[name], p)
		}
	}
	for _, name := range []string{"status-viva", "scoring-google"} {
		text, _ := pack.Preset(name)
		p, err := judge.ReadPack(string(text))
		require.NoError(t, err)
		pools[name] = []okr.Pack{p}
	}
	said := struct{ findings, statuses, scores, gates, events, notices, later int }{}
	rapid.Check(t, func(t *rapid.T) {
		ctx := t.Context()
		f := newFirm(t, judge)
		choose := func(what string) (texts []string) {
			for _, name := range []string{"acme", "zeta", "status-viva", "scoring-google"} {
				if pool := pools[name]; rapid.IntRange(0, 2).Draw(t, what+name) == 0 {
					texts = append(texts, pool[rapid.IntRange(0, len(pool)-1).Draw(t, name)].Text)
				}
			}
			return texts
		}
		if rapid.Bool().Draw(t, "at any hour") {
			_, err := f.acme.SetPolicy(ctx, okr.SettingPolicy{Policy: okr.Policy{Budget: okr.Budget{PerDay: -1, PerWeek: -1, Quiet: []okr.QuietHours{}, OffDays: true}}})
			require.NoError(t, err)
		}
		f.begin(t)
		for _, text := range choose("before ") {
			_, err := f.acme.ActivatePack(ctx, okr.NewPack{Text: text})
			require.NoError(t, err)
		}
		f.live(t)
		f.settle(ctx, t)
		_, err := f.acme.Settle(ctx, f.active(ctx, t)...) // also what could wait until midnight
		require.NoError(t, err)
		f.settle(ctx, t)
		f.leaves(ctx, t)

		comes := choose("after ")
		var after []okr.Pack
		goes := ""
		in, err := f.acme.View().Packs(ctx)
		require.NoError(t, err)
		if rapid.Bool().Draw(t, "one goes") {
			goes = in[rapid.IntRange(0, len(in)-1).Draw(t, "goes")].Name
		}
		for _, p := range in {
			if p.Name != goes {
				after = append(after, p.Pack)
			}
		}
		for _, text := range comes {
			p, err := judge.ReadPack(text)
			require.NoError(t, err)
			after = slices.DeleteFunc(after, func(o okr.Pack) bool { return o.Name == p.Name })
			after = append(after, p)
		}
		d, err := judge.DryRun(ctx, f.acme, nil, after)
		require.NoError(t, err)
		notices, err := cadence.Foretell(ctx, f.acme.Trial(after...), d.Announced)
		require.NoError(t, err)
		require.Empty(t, f.leaves(ctx, t), "a dry run publishes nothing")

		wasFound, wasStatus, wasScore := shown(f.tree(ctx, t))
		wasHeld := f.held(ctx, t)
		if goes != "" && !slices.ContainsFunc(comes, func(text string) bool { return strings.Contains(text, "\nname: "+goes+"\n") }) {
			_, err := f.acme.DeactivatePack(ctx, okr.PackEnd{Name: goes})
			require.NoError(t, err)
		}
		for _, text := range comes {
			_, err := f.acme.ActivatePack(ctx, okr.NewPack{Text: text})
			require.NoError(t, err)
		}
		isFound, isStatus, isScore := shown(f.tree(ctx, t))

		predicted := map[string][2]string{}
		for _, c := range d.Findings {
			key := fmt.Sprint(c.Pack, "/", c.Rule, " ", okr.Ref{Kind: okr.Kind(c.Subject.Kind), ID: okr.ID(c.Subject.ID)}, " ", c.Cycle)
			if _, was := wasFound[key]; !was && isFound[key] == "" && (c.Subject.Kind == "team" || c.Subject.Kind == "owner") {
				continue // of those who have taken nothing on, which no board shows
			}
			say := func(f *audit.Found) string {
				if f == nil {
					return ""
				}
				return fmt.Sprint(f.Severity, " ", f.Outcome, " ", f.Gate, " ", f.Message, " ", f.Waived != nil)
			}
			predicted[key] = [2]string{say(c.Before), say(c.After)}
		}
		require.Equal(t, moved(wasFound, isFound), predicted)
		said.findings += len(predicted)

		predicted = map[string][2]string{}
		for _, m := range d.Statuses {
			predicted[m.Subject.Kind+"/"+m.Subject.ID] = [2]string{string(m.Before), string(m.After)}
		}
		require.Equal(t, moved(wasStatus, isStatus), predicted)
		said.statuses += len(predicted)

		predicted = map[string][2]string{}
		number := func(n measure.Number) string {
			if !n.Known() {
				return ""
			}
			return n.String()
		}
		for _, m := range d.Scores {
			predicted[m.Subject.Kind+"/"+m.Subject.ID] = [2]string{number(m.Before), number(m.After)}
		}
		require.Equal(t, moved(wasScore, isScore), predicted)
		said.scores += len(predicted)

		isHeld := f.held(ctx, t)
		gates := map[string][2]string{}
		names := func(by []audit.Held) string {
			out := []string{}
			for _, h := range by {
				out = append(out, fmt.Sprint(h.Pack, "/", h.Rule, " ", okr.Ref{Kind: okr.Kind(h.Subject.Kind), ID: okr.ID(h.Subject.ID)}, " ", h.Message))
			}
			slices.Sort(out)
			return strings.Join(out, "; ")
		}
		for _, g := range d.Gates {
			gates[fmt.Sprint(g.Verb, " ", g.Subject.Kind, "/", g.Subject.ID)] = [2]string{names(g.Before), names(g.After)}
		}
		joined := func(held map[string][]string) map[string]string {
			out := map[string]string{}
			for k, by := range held {
				out[k] = strings.Join(by, "; ")
			}
			return out
		}
		require.Equal(t, moved(joined(wasHeld), joined(isHeld)), gates)
		said.gates += len(gates)

		f.leaves(ctx, t) // that packs came and went
		f.settle(ctx, t)
		var happened []okr.Event
		told := map[okr.ID][]string{}
		for _, e := range f.leaves(ctx, t) {
			payload, err := e.Payload()
			require.NoError(t, err)
			if n, ok := payload.(*okr.NoticeFact); ok {
				told[n.To] = append(told[n.To], n.Kind+": "+n.Title+"\n"+n.Body)
				continue
			}
			happened = append(happened, e)
		}
		require.Empty(t, d.Unannounced.Events, "all was said before")
		require.Equal(t, facts(t, happened), facts(t, d.Announced.Events))
		said.events += len(happened)
		foretold := map[okr.ID][]string{}
		for _, n := range notices {
			if n.At.After(f.clock.Now()) {
				waiting, err := f.acme.As(okr.Automation("test")).View().Waiting(ctx, n.To)
				require.NoError(t, err)
				require.NotEmpty(t, waiting)
				for _, x := range waiting {
					require.Equal(t, n.At, x.At)
				}
				said.later++
				continue
			}
			foretold[n.To] = append(foretold[n.To], n.Kind+": "+n.Title+"\n"+n.Body)
		}
		require.Equal(t, told, foretold)
		said.notices += len(notices)
	})
	t.Logf("%+v", said)
	for what, n := range map[string]int{"findings": said.findings, "statuses": said.statuses, "scores": said.scores, "gates": said.gates, "events": said.events, "notices": said.notices, "notices later": said.later} {
		require.Positive(t, n, what)
	}
}
