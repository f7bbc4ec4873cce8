package rules_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/okrkit/okrkit/rules"
)

// traced asks with and without a trace, sends the trace through JSON, and replays
// it from what it lists alone.
func traced(t require.TestingT, s *rules.Set, vars map[string]any) []rules.Trace {
	o := rules.Options{Now: day}
	results, err := s.Evaluate(tContext, "order", vars, o)
	require.NoError(t, err)
	var out []rules.Trace
	for _, want := range results {
		got, err := s.TraceRule(tContext, "order", want.Pack, want.Rule, vars, o)
		require.NoError(t, err)
		require.Equal(t, want.Outcome, got.Outcome)
		require.Equal(t, want.Message, got.Message)
		require.Equal(t, want.Unknown, got.Unknown)
		require.Equal(t, want.Rule, got.Rule.ID)
		require.Len(t, got.Evidence, len(want.Evidence))
		out = append(out, got)
	}
	score, ok, err := s.Score(tContext, "order", vars, o)
	require.NoError(t, err)
	got, err := s.TraceScore(tContext, "order", vars, o)
	require.NoError(t, err)
	require.Equal(t, ok, got.Outcome != rules.OutcomeSkip)
	if ok {
		require.Equal(t, score.Outcome, got.Outcome)
		require.Equal(t, score.ID, got.Rule.ID)
		require.Equal(t, score.Outcome == rules.OutcomePass, got.Score != nil)
		if got.Score != nil {
			require.Equal(t, score.Score, *got.Score)
		}
	}
	out = append(out, got)
	status, ok, err := s.Status(tContext, "order", vars, o)
	require.NoError(t, err)
	got, err = s.TraceStatus(tContext, "order", vars, o)
	require.NoError(t, err)
	require.Equal(t, ok, got.Outcome != rules.OutcomeSkip)
	require.Equal(t, status.Status, got.Status)
	out = append(out, got)
	for _, tr := range out {
		text, err := json.Marshal(tr)
		require.NoError(t, err)
		var back rules.Trace
		require.NoError(t, json.Unmarshal(text, &back), "%s", text)
		again, err := s.Replay(tContext, back)
		require.NoError(t, err, "%s", text)
		require.Equal(t, tr, again, "from its own reads alone")
	}
	return out
}

func TestReplayComesToTheSame(t *testing.T) {
	get, typed := agreeing(t)
	rapid.Check(t, func(t *rapid.T) {
		scope := []string{"order"}
		text := pack("p", agreeingParams+
			"rules:\n  - id: r\n    on: order\n    vars:\n      a: "+quote(genExpr(rules.Double, 2, scope).Draw(t, "a"))+
			"\n      b: "+quote(genExpr(rules.Bool, 2, scope).Draw(t, "b"))+
			"\n    when: "+quote("b || "+genExpr(rules.Bool, 2, scope).Draw(t, "when"))+
			"\n    check: "+quote(genExpr(rules.Bool, 3, scope).Draw(t, "check")+" && a > 0 && b")+
			"\n    message: "+quote("{"+genExpr(rules.String, 1, scope).Draw(t, "message")+"} {a} {b}")+
			"\nscores:\n  - id: s\n    on: order\n    when: "+quote(genExpr(rules.Bool, 2, scope).Draw(t, "scored"))+
			"\n    score: "+quote(genExpr(rules.Double, 2, scope).Draw(t, "score"))+
			"\nstatuses:\n  - id: first\n    on: order\n    when: "+quote(genExpr(rules.Bool, 2, scope).Draw(t, "stated"))+
			"\n    status: open\n  - id: t\n    on: order\n    status: "+quote(genExpr(rules.String, 1, scope).Draw(t, "status"))+"\n")
		env := rapid.SampledFrom([]*rules.Env{get, typed}).Draw(t, "env")
		set, err := rules.Load(env, rules.File{Name: "p.yaml", Text: []byte(text)})
		if err != nil { // it may cost too much
			require.ErrorIs(t, err, rules.ErrInvalid)
			return
		}
		for range 5 {
			vars := genVars().Draw(t, "vars")
			if vars["order"] == "not an order" {
				continue // a host's mistake, and no fact
			}
			traced(t, set, vars)
		}
	})
}

func TestTraceListsWhatWasRead(t *testing.T) {
	set := compile(t, shopEnv(t), pack("p", `
params: {most: 3}
rules:
  - id: r
    on: order
    vars:
      dear: 'order.prices.filter(p, p.value > 2).size()'
    when: order.state == "open"
    check: dear <= params.most && has(order.buyer) && order.placed < now
    message: "{dear}"
  - {id: other, on: order, check: order.items > 0, message: none}
`))
	o := &order{State: "open", Placed: day.AddDate(0, 0, -1), Prices: []*price{{Value: num(3)}, {Value: num(1)}}}
	tr, err := set.TraceRule(t.Context(), "order", "p", "r", map[string]any{"order": o}, rules.Options{Now: day})
	require.NoError(t, err)
	require.Equal(t, rules.OutcomeFail, tr.Outcome)
	require.Equal(t, []rules.Shown{{Name: "dear", Value: "1"}}, tr.Evidence)
	require.Equal(t, []rules.ParamInfo{{Name: "most", Value: int64(3)}}, tr.Params)
	require.Equal(t, `order.state == "open"`, tr.Rule.When)
	var lines []string
	for _, r := range tr.Reads {
		if r.Fact != "" {
			lines = append(lines, fmt.Sprint(r.Path, " ", r.Fact, " ", r.Kind, " ", r.Known, " ", r.Value))
		}
	}
	require.Equal(t, []string{
		"order.state order.state string true open",
		"order.prices order.prices list true 2",
		"order.prices[0].value price.value double true 3",
		"order.prices[1].value price.value double true 1",
		"order.buyer order.buyer object false <nil>",
	}, lines)

	// Nothing but what is listed is there, and nothing listed may be made up.
	wrong := func(change func(*rules.Trace)) error {
		c := tr
		c.Reads = append([]rules.Read(nil), tr.Reads...)
		change(&c)
		got, err := set.Replay(t.Context(), c)
		if err == nil && got.Outcome == rules.OutcomeError {
			return errors.New(got.Message)
		}
		return err
	}
	require.NoError(t, wrong(func(*rules.Trace) {}))
	at := func(c *rules.Trace, path string) *rules.Read {
		for i := range c.Reads {
			if c.Reads[i].Path == path {
				return &c.Reads[i]
			}
		}
		panic(path)
	}
	require.ErrorContains(t, wrong(func(c *rules.Trace) { c.Reads = c.Reads[:len(c.Reads)-1] }), "is not among what was read")
	for name, change := range map[string]func(*rules.Trace){
		"another digest":          func(c *rules.Trace) { c.Digest = "sha256:0" },
		"another rule":            func(c *rules.Trace) { c.Rule.ID = "nothing" },
		"another subject":         func(c *rules.Trace) { c.Subject = "nothing" },
		"of something else":       func(c *rules.Trace) { c.Of = "dream" },
		"a fact that is none":     func(c *rules.Trace) { at(c, "order.state").Path = "order.nothing" },
		"a variable that is none": func(c *rules.Trace) { at(c, "order").Path = "nothing" },
		"another kind":            func(c *rules.Trace) { at(c, "order.state").Kind = rules.Int },
		"a value of another kind": func(c *rules.Trace) { at(c, "order.state").Value = 3 },
		"too many entries":        func(c *rules.Trace) { at(c, "order.prices").Value = int64(1 << 40) },
		"fewer than none":         func(c *rules.Trace) { at(c, "order.prices").Value = int64(-1) },
		"an entry that is none":   func(c *rules.Trace) { at(c, "order.prices").Value = int64(0) },
		"no path":                 func(c *rules.Trace) { at(c, "order.state").Path = "" },
	} {
		require.ErrorIs(t, wrong(change), rules.ErrTrace, name)
	}
	_, err = set.TraceRule(t.Context(), "order", "p", "nothing", nil, rules.Options{Now: day})
	require.ErrorIs(t, err, rules.ErrTrace)
	_, err = set.TraceRule(t.Context(), "nothing", "p", "r", nil, rules.Options{Now: day})
	require.ErrorIs(t, err, rules.ErrSubject)
	_, err = set.TraceScore(t.Context(), "nothing", nil, rules.Options{Now: day})
	require.ErrorIs(t, err, rules.ErrSubject)
	_, err = set.TraceStatus(t.Context(), "nothing", nil, rules.Options{Now: day})
	require.ErrorIs(t, err, rules.ErrSubject)
}

func TestATraceNamesTheRecordsBehindIt(t *testing.T) {
	s := shopSchema()
	for i := range s.Types {
		for j := range s.Types[i].Fields {
			if f := &s.Types[i].Fields[j]; s.Types[i].Name == "order" && f.Name == "state" {
				f.Source = func(o any) string { return "record of " + o.(*order).Title }
			}
		}
	}
	env, err := rules.NewEnv(s)
	require.NoError(t, err)
	set := compile(t, env, pack("p", "rules:\n  - {id: r, on: order, check: order.state == \"open\", message: none}\n"))
	tr, err := set.TraceRule(t.Context(), "order", "p", "r", map[string]any{"order": &order{Title: "A", State: "open"}}, rules.Options{Now: day})
	require.NoError(t, err)
	require.Equal(t, "record of A", tr.Reads[len(tr.Reads)-1].Source)
	again, err := set.Replay(t.Context(), tr)
	require.NoError(t, err)
	require.Equal(t, tr, again)
}

// FuzzReplay: a trace may come from anywhere.
func FuzzReplay(f *testing.F) {
	set := compile(f, shopEnv(f), pack("p", "rules:\n  - {id: r, on: order, check: 'order.prices.exists(p, p.value > 2) && order.wait > days(1) && order.placed < now', message: none}\n"))
	o := &order{State: "open", Placed: day, Wait: 36 * time.Hour, Prices: []*price{{Value: num(3)}}}
	tr, err := set.TraceRule(f.Context(), "order", "p", "r", map[string]any{"order": o}, rules.Options{Now: day})
	require.NoError(f, err)
	text, err := json.Marshal(tr)
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"subject":"order","of":"rule","reads":[{"path":"order","kind":"object","known":true}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var tr rules.Trace
		if json.Unmarshal(text, &tr) != nil {
			return
		}
		again, err := set.Replay(t.Context(), tr)
		if err != nil {
			return
		}
		twice, err := set.Replay(t.Context(), again)
		require.NoError(t, err)
		require.Equal(t, again.Outcome, twice.Outcome)
	})
}
