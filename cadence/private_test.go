package cadence_test

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

	"github.com/okrkit/okrkit/cadence"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
	"github.com/okrkit/okrkit/store/memory"
)

// telltale is a judge that says all it can reach of everything that it is asked about,
// in capitals, so that no title can be found in it.
type telltale struct {
	gate  *bool // what it says holds back
	total *int  // counts what it was asked about
}

func (telltale) Starter() []okr.Pack {
	return []okr.Pack{{Name: "telltale", Version: "1", Digest: "d", Text: "t"}}
}

func (telltale) Needs([]okr.Pack, okr.Intent) okr.Collections {
	return okr.Collections{TeamObjectives: true, OwnerKeyResults: true, CheckIns: 5, Readings: 5, Blockers: true, Items: okr.ItemKinds()}
}

func (g telltale) Judge(_ context.Context, p okr.Proposal) (okr.Verdict, error) {
	said := strings.ToUpper(fmt.Sprintf("%+v %+v", *p.Before, p.Measured))
	if p.After != p.Before {
		said += strings.ToUpper(fmt.Sprintf("%+v", *p.After))
	}
	v := okr.Verdict{Refused: *g.gate}
	find := func(kind okr.Kind, id okr.ID, title string) {
		*g.total++
		for i, rule := range []string{"tell", "even", "odd"} {
			if i > 0 && (len(p.After.Objectives)+i)%2 == 0 {
				continue
			}
			f := okr.Finding{
				Rule: rule, Pack: "telltale", Version: "1", Digest: "d", Severity: okr.SeverityWarning, Outcome: okr.OutcomeFail, Gate: *g.gate,
				Subject: okr.Ref{Kind: kind, ID: id}, Title: title, Message: said,
			}
			if kind == okr.KindCycle || kind == okr.KindKeyResult && i > 0 {
				f.Message, f.Fix, f.Evidence, f.Unknown = "it is", said, []okr.Evidence{{Name: "all", Value: said}}, []string{said}
			}
			v.Findings = append(v.Findings, f)
		}
	}
	for _, o := range p.After.Objectives {
		find(okr.KindObjective, o.ID, o.Title)
	}
	for _, k := range p.After.KeyResults {
		find(okr.KindKeyResult, k.ID, k.Title)
		find(okr.KindSource, k.ID, k.Title)
	}
	for _, c := range p.After.CheckIns {
		find(okr.KindCheckIn, c.ID, p.After.KeyResult(c.KeyResult).Title)
	}
	for _, x := range p.After.Teams {
		find(okr.KindTeam, x.ID, x.Name)
	}
	for _, x := range p.After.People {
		find(okr.KindOwner, x.ID, x.Name)
	}
	for _, c := range p.After.Cycles {
		find(okr.KindCycle, c.ID, c.Name)
	}
	return v, nil
}

// overheard is a store that notes what goes over the wire.
type overheard struct {
	okr.Store
	wire *[]okr.Entry
}

type overheardUnit struct {
	okr.Unit
	wire *[]okr.Entry
}

func (s overheard) Begin(ctx context.Context, write bool) (okr.Unit, error) {
	u, err := s.Store.Begin(ctx, write)
	return overheardUnit{u, s.wire}, err
}

func (u overheardUnit) Nested(ctx context.Context) (okr.Unit, error) {
	in, err := u.Unit.Nested(ctx)
	return overheardUnit{in, u.wire}, err
}

func (u overheardUnit) Write(ctx context.Context, t okr.TenantID, c okr.Changes) error {
	*u.wire = append(*u.wire, c.Entries...)
	return u.Unit.Write(ctx, t, c)
}

// Whatever rules read and say, nobody hears of a private objective that they may not
// see: not in what their decisions answer, what they read, what they are sent, or what
// goes over the wire.
func TestNoRuleGivesAwayWhatIsPrivate(t *testing.T) {
	asked, told := 0, 0
	runs, failed := 0, false // a company costs much: a few do, and more where one is to be made smaller
	rapid.Check(t, func(t *rapid.T) {
		if runs++; runs > 6 && !failed {
			return
		}
		defer func() { failed = failed || t.Failed() }()
		ctx := t.Context()
		var wire []okr.Entry
		var gate bool
		clock := okrtest.NewClock(time.Date(2026, time.September, 25, 9, 0, 0, 0, time.UTC))
		desk, err := okr.New(overheard{memory.New(), &wire}, okr.Config{Judge: telltale{&gate, &asked}, Calendar: cadence.New(), Clock: clock.Now, NewID: okrtest.SequentialIDs()})
		require.NoError(t, err)

		plan := okr.Plan{Cycle: okrtest.Quarter()}
		teams, people := []okr.ID{"north", "south", "staff"}, []okr.ID{"ana", "ben", "cleo", "dan", "eve", "finn"}
		for i, who := range people {
			plan.People = append(plan.People, okr.Person{ID: who, Name: strings.ToTitle(string(who)), Team: teams[i%3]})
		}
		for i, team := range teams {
			plan.Teams = append(plan.Teams, okr.Team{ID: team, Name: strings.ToTitle(string(team)), Lead: people[i], Limit: rapid.SampledFrom([]int{0, 0, 0, 0, 2}).Draw(t, "limit")})
		}
		person := func() string { return string(rapid.SampledFrom(people).Draw(t, "who")) }
		secret := func(private bool, i int) string {
			if private {
				return fmt.Sprintf("quartz%02d", i)
			}
			return "open"
		}
		n := rapid.IntRange(3, 6).Draw(t, "objectives")
		var marks []string
		sees := map[string]map[okr.ID]bool{}
		for i := range n {
			private := rapid.IntRange(0, 1).Draw(t, "private") == 0
			word := secret(private, i)
			o := okr.PlanObjective{
				Key: fmt.Sprint("o", i), Title: fmt.Sprint("Objective ", i, " ", word), Description: word, Private: private, Rank: i + 1,
				Team: string(rapid.SampledFrom(teams).Draw(t, "team")), Owner: person(), Rollup: measure.RollupPolicy{Driver: measure.DriverBoth},
			}
			if i > 0 && rapid.Bool().Draw(t, "child") {
				o.Parent = fmt.Sprint("o", rapid.IntRange(0, i-1).Draw(t, "parent"))
			}
			may := map[okr.ID]bool{okr.ID(o.Owner): true}
			for j := range rapid.IntRange(1, 2).Draw(t, "key results") {
				owner := person()
				may[okr.ID(owner)] = true
				o.KeyResults = append(o.KeyResults, okr.PlanKeyResult{
					Key: fmt.Sprintf("k%d%d", i, j), Title: fmt.Sprint("Raise it ", i, j, " ", word), Definition: word, Rationale: word, Owner: owner,
					Metric: measure.Metric{Kind: measure.Increase, Unit: word, Baseline: measure.N(0), Target: measure.N(100)},
					Source: &okr.Source{Kind: "sql", Where: word},
				})
			}
			for k, p := range plan.People {
				if string(p.Team) == o.Team || k < len(teams) && string(teams[k]) == o.Team {
					may[p.ID] = true
				}
			}
			if private {
				marks, sees[word] = append(marks, word), may
			}
			plan.Objectives = append(plan.Objectives, o)
		}
		hears := func(who okr.ID, where string, what any) {
			b, err := json.Marshal(what)
			require.NoError(t, err)
			said := strings.ToLower(string(b))
			for _, word := range marks {
				if !sees[word][who] && strings.Contains(said, word) {
					i := strings.Index(said, word)
					t.Fatalf("%s: %s hears of %s: …%s…", where, who, word, said[max(0, i-300):min(len(said), i+200)])
				}
			}
		}
		acme := desk.For("acme")
		host := acme.As(okr.Automation("host"))
		_, err = host.Propose(ctx, plan)
		require.NoError(t, err)
		cycles, err := host.View().Cycles(ctx)
		require.NoError(t, err)
		cycle := cycles[0].ID
		answered := func(who okr.ID, where string, d okr.Decision, err error) {
			hears(who, where, d)
			var refused *okr.RefusedError
			if errors.As(err, &refused) {
				hears(who, where+", refused", refused.Findings)
				hears(who, where+", refused", err.Error())
			}
		}
		keyResults := map[okr.ID]okr.KeyResultView{}
		for k, err := range host.View().All(ctx, okr.Query{}) {
			require.NoError(t, err)
			keyResults[k.ID] = k
		}
		ids := func() (out []okr.ID) {
			for id := range keyResults {
				out = append(out, id)
			}
			slices.Sort(out)
			return out
		}()
		run := func() {
			r := cadence.NewRunner(desk)
			for {
				n, err := r.Once(ctx)
				require.NoError(t, err)
				if n == 0 {
					return
				}
			}
		}
		everywhere := func() {
			for _, who := range people {
				v := acme.As(okr.Someone(who)).View()
				tree, err := v.Tree(ctx, cycle)
				require.NoError(t, err)
				hears(who, "tree", tree)
				found, err := v.Findings(ctx, okr.FindingQuery{Cycle: cycle, Silent: true}, okr.Paging{})
				require.NoError(t, err)
				hears(who, "findings", found)
				for _, id := range ids[:1] {
					e, err := v.Explain(ctx, okr.Ref{Kind: okr.KindKeyResult, ID: id})
					if err != nil {
						require.ErrorIs(t, err, okr.ErrNotFound)
					}
					hears(who, "explain", e)
				}
			}
		}
		decide := func(who okr.ID) {
			me := acme.As(okr.Someone(who))
			for _, trial := range []bool{true, false} {
				at := me
				if trial {
					at = me.Trial()
				}
				d, err := at.Activate(ctx, okr.Activation{Cycle: cycle})
				answered(who, "activate", d, err)
				for range 2 {
					id := rapid.SampledFrom(ids).Draw(t, "key result")
					k := keyResults[id]
					note := "fine"
					if strings.Contains(k.Title, "quartz") {
						note = k.Definition
					}
					d, err := at.CheckIn(ctx, okr.CheckIn{KeyResult: id, Value: measure.N(float64(clock.Now().Day())), Confidence: measure.N(3), Note: note})
					answered(who, "check-in", d, err)
					title := k.Title + " now"
					d, err = at.Change(ctx, okr.KeyResultChange{KeyResult: id, Title: &title, Reason: "said better"})
					answered(who, "change", d, err)
				}
				d, err = at.Settle(ctx, append([]okr.Ref{{Kind: okr.KindCycle, ID: cycle}}, refsOf(keyResults)...)...)
				answered(who, "settle", d, err)
			}
		}
		gate = true
		decide(rapid.SampledFrom(people).Draw(t, "is refused"))
		gate = false
		clock.Set(time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC))
		_, err = host.Activate(ctx, okr.Activation{Cycle: cycle})
		var refused *okr.RefusedError
		if errors.As(err, &refused) { // a team's limit
			for _, f := range refused.Findings {
				require.Equal(t, "team-limit", f.Rule)
			}
			d, err := host.Trial().Activate(ctx, okr.Activation{Cycle: cycle})
			answered("", "a program's trial", d, err)
			return
		}
		require.NoError(t, err)
		run()
		everywhere()
		for range rapid.IntRange(1, 2).Draw(t, "days") {
			clock.Advance(time.Duration(rapid.IntRange(20, 200).Draw(t, "hours")) * time.Hour)
			decide(rapid.SampledFrom(people).Draw(t, "decides"))
			run()
			everywhere()
		}
		d, err := host.Trial().Settle(ctx, append([]okr.Ref{{Kind: okr.KindCycle, ID: cycle}}, refsOf(keyResults)...)...)
		require.NoError(t, err)
		for _, f := range d.Findings {
			k, ok := keyResults[f.Subject.ID]
			if f.Subject.Kind == okr.KindTeam || f.Subject.Kind == okr.KindOwner || f.Subject.Kind == okr.KindCycle || ok && !strings.Contains(k.Title, "quartz") {
				hears("", "what is announced", f)
			}
		}
		for _, e := range wire {
			if e.Type != okr.EventNoticeReady {
				hears("", "the wire", string(e.Wire))
				hears("", "the ledger", e.Event)
				continue
			}
			var sent struct {
				Data okr.NoticeFact `json:"data"`
			}
			require.NoError(t, json.Unmarshal(e.Wire, &sent))
			require.NotEmpty(t, sent.Data.To)
			hears(sent.Data.To, "a notice", sent.Data)
			if strings.Contains(sent.Data.Body, "OBJECTIVE") {
				told++
			}
		}
	})
	require.Positive(t, asked)
	require.Positive(t, told, "rules do speak")
}

func refsOf(all map[okr.ID]okr.KeyResultView) []okr.Ref {
	var out []okr.Ref
	for id, k := range all {
		out = append(out, okr.Ref{Kind: okr.KindKeyResult, ID: id}, okr.Ref{Kind: okr.KindObjective, ID: k.Objective})
	}
	slices.SortFunc(out, okr.CompareRefs)
	return slices.Compact(out)
}
