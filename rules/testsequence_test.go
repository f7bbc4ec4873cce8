package rules_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/rules"
)

const dearer = `rules:
  - id: stable
    on: order
    vars: {last: order.prices.last(2), n: last.size()}
    when: n == 2
    check: last[0].value <= last[1].value
    message: "from {last[1].value} to {last[0].value}"
  - {id: recent, on: order, message: "the last is of {order.prices[0].at}", check: 'order.prices.size() > 0 && now - order.prices[0].at <= days(7)'}
`

func testPack(t *testing.T, body string) rules.TestReport {
	t.Helper()
	report, err := compile(t, shopEnv(t), pack("p", body)).Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	return report
}

func TestTimeMovesInATest(t *testing.T) {
	report := testPack(t, dearer+`tests:
  - name: prices come one after the other
    given:
      order:
        prices:
          - {at: -9d, value: 10}
          - {at: 2026-11-05T09:00:00Z, value: 9}
          - {at: in 2 days, value: 12}
          - {at: 3 weeks ago, value: 11}
    expect:
      stable: {outcome: pass}
      recent: pass
    steps:
      - at: -22d
        expect: {stable: skip, recent: fail}
      - {at: -3w, expect: {stable: skip, recent: pass}}
      - {at: -9d, expect: {stable: pass, recent: pass}}
      - {at: -47h, expect: {recent: {outcome: fail, message: the last is of 2026-10-28 09:00 UTC}}}
      - {at: now, expect: {stable: pass}}
      - at: 2026-11-08T09:00:00Z
        expect: {stable: {outcome: fail, message: from 9 to 12, evidence: {n: 2}}}
      - {at: +9d, expect: {recent: pass}}
      - {at: +10d, expect: {recent: fail}}
`)
	require.True(t, report.Complete(), report.String())
	require.Len(t, report.Cases, 1)
}

// What a step gives holds on, over what was given before.
func TestAStepGivesMore(t *testing.T) {
	report := testPack(t, `rules:
  - {id: cheap, on: order, message: no, check: order.total < 100 && order.shop.tier == "small" && order.items == 5}
tests:
  - name: it grows
    given: {order: {total: 10, items: 5, shop: {name: A, tier: small}}}
    steps:
      - {at: +1d, expect: {cheap: pass}}
      - {at: +2d, given: {order: {total: 200}}, expect: {cheap: fail}}
      - {at: +3d, given: {order: {total: 20, shop: {name: B}}}, expect: {cheap: pass}}
      - {at: +4d, unknown: [order.total], expect: {cheap: {unknown: [order.total]}}}
`)
	require.True(t, report.Complete(), report.String())
}

func TestWhatIsNotKnownAndWhatIsNotThere(t *testing.T) {
	report := testPack(t, `rules:
  - {id: buyer, on: order, message: no, check: has(order.buyer)}
  - {id: total, on: order, message: no, check: order.total > 1}
  - {id: notes, on: order, message: no, check: order.notes.size() == 0}
  - {id: prices, on: order, message: no, check: 'order.prices.size() == 0 || order.prices.exists(p, p.value > 1)'}
  - {id: orders, on: shop, message: no, check: 'shop.orders.exists(o, o.total > 1)'}
  - {id: shop, on: shop, message: no, check: shop.name != ""}
tests:
  - name: not known
    unknown: [order.buyer, order.total, order.notes, shop]
    expect: {buyer: fail, total: {unknown: [order.total]}, notes: {unknown: [order.notes]}, prices: pass, shop: {unknown: [shop]}}
  - name: in an entry
    given: {order: {prices: [{value: 0}, {value: 3}]}, shop: {orders: [{total: 0}, {items: 2}]}}
    unknown: ['order.prices[1].value', 'shop.orders[1].total']
    expect: {prices: {unknown: [price.value]}, orders: unknown}
  - name: not there
    given: {order: {notes: [], prices: [], buyer: null}, shop: {orders: []}}
    expect: {buyer: fail, notes: pass, prices: pass, orders: fail}
  - name: the example
    expect: {buyer: pass, total: pass, shop: pass, orders: unknown}
`)
	require.True(t, report.OK(), report.String())
}

func TestParametersOfATest(t *testing.T) {
	set := compile(t, shopEnv(t), pack("p", `params: {most: 3, cap: 1.5, kinds: [a, b]}
rules:
  - {id: few, on: order, message: "at most {params.most}, not {order.items}", check: order.items <= params.most || order.state in params.kinds}
scores:
  - {id: capped, on: order, score: 'math.least(order.total, params.cap)'}
tests:
  - {name: as it is, expect: {few: pass, capped: 1.5}}
  - {name: stricter, params: {most: 2, cap: 7}, expect: {few: {outcome: fail, message: "at most 2, not 3"}, capped: 7}}
  - {name: another list, params: {most: 2, kinds: [open]}, expect: {few: pass}}
`))
	report, err := set.Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	require.True(t, report.Complete(), report.String())

	// A parameter that makes an expression too dear is a test that fails.
	report = testPack(t, `params: {word: x}
rules:
  - {id: r, on: order, message: no, check: 'order.prices.all(p, p.note.contains(params.word))'}
tests:
  - {name: long, params: {word: `+strings.Repeat("x", 3000)+`}, expect: {r: pass}}
  - {name: short, expect: {r: pass}}
`)
	require.Len(t, report.Cases[0].Mismatches, 1)
	require.Equal(t, "a pack that compiles", report.Cases[0].Mismatches[0].Want)
	require.Contains(t, report.Cases[0].Mismatches[0].Detail, "the limit is 10000")
	require.True(t, report.Cases[1].OK())
}

func TestExpectations(t *testing.T) {
	report := testPack(t, `rules:
  - {id: few, on: order, severity: error, mode: gate, vars: {n: order.items, half: n / 2, who: order.buyer.name}, message: "{n} of {who}", check: n < 3}
  - {id: broken, on: order, message: no, check: order.items / (order.items - 3) > 0}
  - {id: quiet, on: order, when: order.total > 100, message: no, check: order.items > 0}
  - {id: named, on: order, message: "{order.title}", check: order.title != ""}
scores:
  - {id: third, on: order, when: order.items > 1, score: order.total / 3}
statuses:
  - {id: word, on: order, status: 'order.total > 1 ? "good" : "late"'}
tests:
  - name: everything
    given: {order: {total: 10, items: 3, buyer: {name: Bo}}, shop: {orders: [{title: A}, {title: ""}]}}
    expect:
      few: {outcome: fail, mentions: [3, Bo], severity: error, mode: gate, evidence: {n: 3, half: 1, who: Bo}}
      broken: {error: division by zero}
      quiet: skip
      named:
        of:
          order: pass
          shop.orders[0]: {outcome: pass}
          shop.orders[1]: {outcome: fail, message: ""}
      third: {score: 3.33, within: 0.01}
      word: {status: good}
  - name: not known
    unknown: [order.total]
    given: {order: {items: 4}}
    expect: {third: {unknown: [order.total]}, word: {outcome: unknown}, few: {outcome: fail, evidence: {half: 2.0}}}
  - name: skipped
    given: {order: {items: 0}}
    expect: {third: skip, broken: fail, few: pass}
`)
	require.True(t, report.OK(), report.String())

	wrong := testPack(t, `rules:
  - {id: few, on: order, vars: {n: order.items}, message: "{n} items", check: n < 3}
scores:
  - {id: third, on: order, score: order.total / 3}
tests:
  - name: severity
    expect: {few: {outcome: fail, severity: error}}
  - name: mode
    expect: {few: {outcome: fail, mode: gate}}
  - name: mentions
    expect: {few: {outcome: fail, mentions: boxes}}
  - name: evidence
    expect: {few: {outcome: fail, evidence: {n: 4}}}
  - name: no evidence
    expect: {few: {outcome: fail, evidence: {m: 4}}}
  - name: within
    expect: {third: {score: 19.5, within: 0.1}}
  - name: an entry too far
    given: {shop: {orders: [{}]}}
    expect: {few: {of: {'shop.orders[1]': fail}}}
`)
	require.Equal(t, `pack.yaml:11: severity: few: want fail, error, got warning
pack.yaml:13: mode: few: want fail, gate, got report
pack.yaml:15: mentions: few: want fail … "boxes", got "3 items"
pack.yaml:17: evidence: few: want fail, n = 4, got n = 3
pack.yaml:19: no evidence: few: want fail, m = 4, got no m (the rule was decided without it)
pack.yaml:21: within: third: want 19.5 within 0.1, got 20
pack.yaml:24: an entry too far: few: want fail, got error (shop.orders[1] is not there)
p: few: no test expects pass
7 tests, 7 failed`, wrong.String())
}

// A failing test says which facts were read, and which of them it gave itself.
func TestAFailingTestShowsItsFacts(t *testing.T) {
	schema := shopSchema()
	schema.Derive = func(g rules.Given) (map[string]any, []rules.Contradiction, error) {
		order := map[string]any{"items": int64(7)}
		for k, v := range g.Vars["order"].(map[string]any) {
			order[k] = v
		}
		return map[string]any{"order": order, "shop": g.Vars["shop"]}, []rules.Contradiction{{Path: "order.items", Stated: "1", Computed: "7"}}, nil
	}
	for i := range schema.Types {
		for j := range schema.Types[i].Fields {
			schema.Types[i].Fields[j].Source = func(o any) string { return o.(*order).Title } // what is given is none
		}
	}
	env, err := rules.NewEnv(schema)
	require.NoError(t, err)
	report, err := compile(t, env, pack("p", `rules:
  - {id: r, on: order, vars: {n: order.items}, message: no, check: 'order.total > 100 && n > 0 && order.discount < 1 || order.prices.size() == 2'}
tests:
  - {name: t, given: {order: {total: 101, prices: [{at: -1d}, {at: +1d}]}}, expect: {r: fail}}
`)).Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	require.Equal(t, []rules.Mismatch{{
		ID: "r", Line: 8, Now: day, Want: "fail", Got: "pass",
		Facts: []rules.TestFact{
			{Path: "order.total", Value: "101", From: rules.FromTest},
			{Path: "order.items", Value: "7", From: rules.FromFacts},
			{Path: "order.discount", Value: "0.1", From: rules.FromExample},
			{Path: "order.prices[0].at", Value: "2026-11-05 09:00 UTC", From: rules.FromTest, Unread: true},
		},
		Evidence: []rules.Shown{{Name: "n", Value: "7"}},
	}}, report.Cases[0].Mismatches)
	require.Equal(t, []rules.Contradiction{{Path: "order.items", Stated: "1", Computed: "7", Line: 8}}, report.Cases[0].Contradictions)
	require.Contains(t, report.String(), "order.items is stated as 1, and what else is stated makes it 7")
}

func TestDeriveThatBreaks(t *testing.T) {
	for name, derive := range map[string]func(rules.Given) (map[string]any, []rules.Contradiction, error){
		"an error": func(rules.Given) (map[string]any, []rules.Contradiction, error) {
			return nil, nil, errors.New("no way")
		},
		"a panic": func(rules.Given) (map[string]any, []rules.Contradiction, error) { panic("no way") },
	} {
		t.Run(name, func(t *testing.T) {
			schema := shopSchema()
			schema.Derive = derive
			env, err := rules.NewEnv(schema)
			require.NoError(t, err)
			report, err := compile(t, env, pack("p", "rules:\n  - {id: r, on: order, message: no, check: order.total > 1}\ntests:\n  - {name: t, expect: {r: pass}}\n")).Test(t.Context(), rules.TestOptions{})
			require.NoError(t, err)
			require.Contains(t, report.String(), "want pass, got error (what follows from the facts cannot be computed: no way)")
		})
	}
}

func TestWrongTests(t *testing.T) {
	const head = "params: {most: 3, kinds: [a]}\nrules:\n  - {id: r, on: order, message: no, check: order.total > params.most}\ntests:\n"
	for text, want := range map[string]string{
		"  - {name: t, given: {order: {placed: -3x}}, expect: {r: pass}}":          `"x" does not always mean the same span of time`,
		"  - {name: t, given: {order: {placed: 2 months ago}}, expect: {r: pass}}": `"months" does not always mean the same span of time`,
		"  - {name: t, given: {order: {placed: yesterday}}, expect: {r: pass}}":    `order.placed is "yesterday", which is not an instant`,
		"  - {name: t, steps: []}":                                                                       ``,
		"  - {name: t, steps: [{expect: {r: pass}}]}":                                                    `a step has no at`,
		"  - {name: t, steps: [{at: +1d}]}":                                                              `a step has no expect`,
		"  - {name: t, steps: [{at: soon, expect: {r: pass}}]}":                                          `at is "soon"`,
		"  - {name: t, steps: [{at: +1m, expect: {r: pass}}]}":                                           `"m" does not always mean`,
		"  - {name: t, steps: [{at: +2d, expect: {r: pass}}, {at: +1d, expect: {r: pass}}]}":             `the step lies before the one above it`,
		"  - {name: t, unknown: order.total, expect: {r: pass}}":                                         `unknown is a text, it has to be a list of facts`,
		"  - {name: t, unknown: [order.totl], expect: {r: pass}}":                                        `order has no "totl"`,
		"  - {name: t, unknown: [odrer.total], expect: {r: pass}}":                                       `no expected rule sees "odrer"`,
		"  - {name: t, unknown: [order.items], expect: {r: pass}}":                                       `order.items is always known`,
		"  - {name: t, unknown: ['order.prices[0].value'], expect: {r: pass}}":                           `order.prices[0].value: the test gives 0 entries`,
		"  - {name: t, given: {order: {prices: [{}]}}, unknown: ['order.prices[0]'], expect: {r: pass}}": `an entry cannot be unknown`,
		"  - {name: t, unknown: ['order.total[0]'], expect: {r: pass}}":                                  `order.total is not a list`,
		"  - {name: t, unknown: ['order.prices[x]'], expect: {r: pass}}":                                 `is not an entry of a list`,
		"  - {name: t, unknown: [order.total.value], expect: {r: pass}}":                                 `order.total has no facts`,
		"  - {name: t, params: {mots: 3}, expect: {r: pass}}":                                            `the pack has no parameter "mots"`,
		"  - {name: t, params: {most: many}, expect: {r: pass}}":                                         `params.most is many, it has to be a whole number (int)`,
		"  - {name: t, params: {kinds: []}, expect: {r: pass}}":                                          `it has to be a list with one entry at least`,
		"  - {name: t, params: {kinds: [1]}, expect: {r: pass}}":                                         `params.kinds[0] is 1, it has to be a text (string)`,
		"  - {name: t, expect: {r: {outcome: pass, unknown: [order.total]}}}":                            `the outcome is pass here, and unknown by what is beside it`,
		"  - {name: t, expect: {r: {outcome: fail, severity: grave}}}":                                   `severity "grave" is not known`,
		"  - {name: t, expect: {r: {outcome: fail, mode: gates}}}":                                       `mode "gates" is not known`,
		"  - {name: t, expect: {r: {outcome: fail, mentions: {}}}}":                                      `mentions is a mapping`,
		"  - {name: t, expect: {r: {outcome: fail, evidence: 3}}}":                                       `evidence is a number`,
		"  - {name: t, expect: {r: {outcome: fail, evidence: {a: {}}}}}":                                 `a value is a mapping`,
		"  - {name: t, expect: {r: {within: high}}}":                                                     `within is a text`,
		"  - {name: t, expect: {r: {error: ''}}}":                                                        `error is a text`,
		"  - {name: t, expect: {r: {of: 3}}}":                                                            `of is a number`,
		"  - {name: t, expect: {r: {of: {order.buyer: pass}}}}":                                          `order.buyer is nothing that r can stand on: it is on order`,
		"  - {name: t, expect: {r: {of: {basket: pass}}}}":                                               `no expected rule sees "basket"`,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := rules.Load(shopEnv(t), rules.File{Name: "p.yaml", Text: []byte(pack("p", head+text+"\n"))})
			if want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, rules.ErrInvalid)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "p.yaml:9:")
		})
	}
}

func TestFilesOfTests(t *testing.T) {
	set := compile(t, shopEnv(t), pack("theirs", `params: {most: 3}
rules:
  - {id: few, on: order, message: no, check: order.items <= params.most}
tests:
  - {name: theirs, expect: {few: pass}}
`))
	file, err := rules.ParseTests("acme_test.yaml", []byte(`apiVersion: okr.rules/v1
pack: theirs
params: {most: 2}
tests:
  - {name: ours are stricter, expect: {few: fail}}
  - {name: and laxer once, params: {most: 9}, given: {order: {items: 9}}, expect: {few: pass}}
`))
	require.NoError(t, err)
	require.Equal(t, "theirs", file.Pack())
	report, err := set.Test(t.Context(), rules.TestOptions{Files: []*rules.TestFile{file}})
	require.NoError(t, err)
	require.True(t, report.Complete(), report.String())
	require.Equal(t, []string{"pack.yaml:9", "acme_test.yaml:5", "acme_test.yaml:6"}, places(report))

	report, err = set.Test(t.Context(), rules.TestOptions{Files: []*rules.TestFile{file}, Run: func(pack, test string) bool { return strings.Contains(test, "ours") }})
	require.NoError(t, err)
	require.Equal(t, []string{"acme_test.yaml:5"}, places(report))
	require.Empty(t, report.Untested, "of what did not run nothing is said")

	for text, want := range map[string]string{
		"":                                    "the file is empty",
		"[]":                                  "a file of tests is a list",
		"pack: p":                             "apiVersion is missing",
		"apiVersion: okr.rules/v1\ntests: []": "pack is missing",
		"apiVersion: okr.rules/v2\npack: p\ntests: []":              `apiVersion "okr.rules/v2" is not known`,
		"apiVersion: okr.rules/v1\npack: p":                         "tests are missing",
		"apiVersion: okr.rules/v1\npack: p\nrules: []\ntests: []":   `a file of tests has no "rules"`,
		"apiVersion: okr.rules/v1\npack: p\ntests: [{name: a}]":     "a test has no expect",
		"apiVersion: okr.rules/v1\npack: p\ntests: [{expect: {}}]":  "a test has no name",
		"apiVersion: okr.rules/v1\npack: p\ntests:\n  - name: \xff": "the file is not UTF-8",
	} {
		_, err := rules.ParseTests("a_test.yaml", []byte(text))
		require.ErrorIs(t, err, rules.ErrInvalid, text)
		require.ErrorContains(t, err, want)
	}
	for text, want := range map[string]string{
		"pack: thiers\ntests: []":                                                      "a_test.yaml:2:7: the pack thiers is not there",
		"pack: theirs\ntests:\n  - {name: a, expect: {fwe: pass}}":                     `a_test.yaml:4:24: neither the pack nor what it extends has a rule, score or status "fwe"`,
		"pack: theirs\nparams: {least: 1}\ntests:\n  - {name: a, expect: {few: pass}}": `a_test.yaml:3:10: the pack has no parameter "least"`,
	} {
		f, err := rules.ParseTests("a_test.yaml", []byte("apiVersion: okr.rules/v1\n"+text))
		require.NoError(t, err)
		_, err = set.Test(t.Context(), rules.TestOptions{Files: []*rules.TestFile{f}})
		require.ErrorIs(t, err, rules.ErrInvalid)
		require.ErrorContains(t, err, want)
	}
}

// Tests that lie apart are run against the pack as it judges, with all that is laid
// over it; its own are run against what its author wrote.
func TestFilesOfTestsSeeWhatIsLaidOver(t *testing.T) {
	set, err := rules.Compile(shopEnv(t), parsed(t, library, company)...)
	require.NoError(t, err)
	file, err := rules.ParseTests("library_test.yaml", []byte(`apiVersion: okr.rules/v1
pack: library
tests:
  - {name: one order is too many, given: {shop: {name: A, orders: [{}]}}, expect: {few: {outcome: fail, severity: error, message: "A: too much"}, strict: pass}}
  - {name: as many as they say, params: {most: 3}, given: {shop: {orders: [{}]}}, expect: {few: pass}}
`))
	require.NoError(t, err)
	report, err := set.Test(t.Context(), rules.TestOptions{Files: []*rules.TestFile{file}})
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())

	set, err = rules.Compile(shopEnv(t), parsed(t, library, company, tenant)...)
	require.NoError(t, err)
	off, err := rules.ParseTests("library_test.yaml", []byte("apiVersion: okr.rules/v1\npack: library\ntests:\n  - {name: off, expect: {named: skip, full: skip}}\n  - {name: still wanted, expect: {named: pass}}\n"))
	require.NoError(t, err)
	report, err = set.Test(t.Context(), rules.TestOptions{Files: []*rules.TestFile{off}, Run: func(_, test string) bool { return test == "off" || test == "still wanted" }})
	require.NoError(t, err)
	require.Equal(t, "library_test.yaml:5: still wanted: named: want pass, got skip\n2 tests, 1 failed", report.String())
}

func places(r rules.TestReport) []string {
	var out []string
	for _, c := range r.Cases {
		out = append(out, fmt.Sprintf("%s:%d", c.File, c.Line))
	}
	return out
}

func TestCoverage(t *testing.T) {
	body := `params: {strict: false}
rules:
  - id: r
    on: order
    vars: {big: 'order.total > 100 || order.items > 10'}
    when: order.state == "open" && (params.strict || !big)
    check: "order.prices.all(p, p.value > 0) && order.prices.filter(p, has(p.value)).size() < 3"
    message: "{order.items > 1 ? 'many' : 'one'} of {order.title}"
scores:
  - {id: s, on: order, score: 'order.prices.exists_one(p, p.value == 3) ? 1 : order.prices.map(p, p.value > 1, p.value).size()'}
statuses:
  - {id: st, on: order, when: order.total > 1, status: good}
`
	untaken := func(r rules.TestReport) []string {
		var out []string
		for _, u := range r.Coverage[0].Untaken {
			out = append(out, fmt.Sprintf("%s:%d:%d: %s", u.File, u.Line, u.Col, u))
		}
		return out
	}
	r := testPack(t, body)
	require.Equal(t, rules.Coverage{Pack: "p", File: "pack.yaml", Branches: 28, Taken: 0, Untaken: r.Coverage[0].Untaken}, r.Coverage[0])
	require.InDelta(t, 0, r.Coverage[0].Share(), 0)
	require.Equal(t, []string{
		"pack.yaml:9:18: r: big: order.total > 100 is never true or false",
		"pack.yaml:9:39: r: big: order.items > 10 is never true or false",
		`pack.yaml:10:11: r: when: order.state == "open" is never true or false`,
		"pack.yaml:10:37: r: when: params.strict is never true or false",
		"pack.yaml:10:55: r: when: big is never true or false",
		"pack.yaml:11:13: r: check: order.prices.all(p, p.value > 0) is never true or false",
		"pack.yaml:11:33: r: check: p.value > 0 is never true or false",
		"pack.yaml:11:49: r: check: order.prices.filter(p, has(p.value)).size() < 3 is never true or false",
		"pack.yaml:11:72: r: check: has(p.value) is never true or false",
		"pack.yaml:12:16: r: message: order.items > 1 is never true or false",
		"pack.yaml:14:32: s: score: order.prices.exists_one(p, p.value == 3.0) is never true or false",
		"pack.yaml:14:59: s: score: p.value == 3.0 is never true or false",
		"pack.yaml:14:99: s: score: p.value > 1 is never true or false",
		"pack.yaml:16:31: st: when: order.total > 1 is never true or false",
	}, untaken(r))

	r = testPack(t, body+`tests:
  - {name: a, given: {order: {total: 1, prices: [{value: 3}]}}, expect: {r: pass, s: 1, st: skip}}
`)
	require.True(t, r.OK(), r.String())
	require.Equal(t, []string{
		"pack.yaml:9:18: r: big: order.total > 100 is never true",
		"pack.yaml:9:39: r: big: order.items > 10 is never true",
		`pack.yaml:10:11: r: when: order.state == "open" is never false`,
		"pack.yaml:10:37: r: when: params.strict is never true",
		"pack.yaml:10:55: r: when: big is never true",
		"pack.yaml:11:13: r: check: order.prices.all(p, p.value > 0) is never false",
		"pack.yaml:11:33: r: check: p.value > 0 is never false",
		"pack.yaml:11:49: r: check: order.prices.filter(p, has(p.value)).size() < 3 is never false",
		"pack.yaml:11:72: r: check: has(p.value) is never false",
		"pack.yaml:12:16: r: message: order.items > 1 is never true or false",
		"pack.yaml:14:32: s: score: order.prices.exists_one(p, p.value == 3.0) is never false",
		"pack.yaml:14:59: s: score: p.value == 3.0 is never false",
		"pack.yaml:14:99: s: score: p.value > 1 is never true or false",
		"pack.yaml:16:31: st: when: order.total > 1 is never true",
	}, untaken(r))

	// Every entry of a loop counts, not only the last.
	r = testPack(t, body+`tests:
  - {name: a, given: {order: {prices: [{value: 2}, {value: 0}, {value: null}, {value: 2}], items: 2}}, expect: {r: fail, s: unknown, st: good}}
  - {name: b, given: {order: {prices: [{value: 1}, {value: 2}, {value: 4}], items: 1}}, expect: {r: fail, s: 2}}
  - {name: c, given: {order: {total: 1, prices: [{value: 3}]}}, expect: {r: pass, s: 1, st: skip}}
  - {name: d, given: {order: {total: 101}}, expect: {r: skip}}
  - {name: e, given: {order: {state: closed, items: 11}}, expect: {r: skip}}
  - {name: f, params: {strict: true}, given: {order: {items: 11, state: open}}, expect: {r: pass}}
`)
	require.True(t, r.OK(), r.String())
	require.Equal(t, []string{
		"pack.yaml:9:39: r: big: order.items > 10 is never true",
		"pack.yaml:11:72: r: check: has(p.value) is never false",
	}, untaken(r))
	require.InDelta(t, 26.0/28, r.Coverage[0].Share(), 1e-9)
}

// A rule on several ways to say when: relative times are told from the test's now.
func TestRelativeTimes(t *testing.T) {
	for text, want := range map[string]time.Time{
		"-3d": day.AddDate(0, 0, -3), "+2w": day.AddDate(0, 0, 14), "3 days ago": day.AddDate(0, 0, -3), "1 day ago": day.AddDate(0, 0, -1),
		"in 1 week": day.AddDate(0, 0, 7), "-36h": day.Add(-36 * time.Hour), "now": day, "2026-11-01": time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		"-3 days": day.AddDate(0, 0, -3),
	} {
		report := testPack(t, `rules:
  - {id: r, on: order, message: "{order.placed}", check: order.total > 100}
tests:
  - {name: t, given: {order: {placed: `+text+`}}, expect: {r: {outcome: fail, message: "`+rules.Format(want)+`"}}}
`)
		require.True(t, report.OK(), text+": "+report.String())
	}
}

// The engine is asked twice, and has to say the same: a function of the host that does
// not is found out.
func TestBothWaysToEvaluateHaveToAgree(t *testing.T) {
	schema := shopSchema()
	calls := 0
	schema.Funcs = []rules.Func{{
		Name: "dice", Params: []rules.Param{{Kind: rules.Int}}, Result: rules.Param{Kind: rules.Bool},
		Call: func([]any) (any, error) { calls++; return calls%2 == 0, nil },
	}}
	env, err := rules.NewEnv(schema)
	require.NoError(t, err)
	report, err := compile(t, env, pack("p", "rules:\n  - {id: r, on: order, message: no, check: dice(order.items)}\ntests:\n  - {name: t, expect: {r: pass}}\n")).Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	require.Contains(t, report.String(), "by CEL alone")
	require.Contains(t, report.String(), "this is a fault of the engine, or of a function of the host that is not pure")
}

// Tests read facts as a judgement does: through closures where there are any.
func TestTestsRunThroughClosures(t *testing.T) {
	calls := 0
	schema := shopSchema()
	schema.Funcs = []rules.Func{{
		Name: "seen", Params: []rules.Param{{Kind: rules.Int}}, Result: rules.Param{Kind: rules.Bool},
		Call: func([]any) (any, error) { calls++; return true, nil },
	}}
	env, err := rules.NewEnv(schema)
	require.NoError(t, err)
	report, err := compile(t, env, pack("p", "rules:\n  - {id: r, on: order, message: no, check: 'order.prices.all(p, p.value > 1 && p.note != \"\") && order.shop.orders.size() == 1 && seen(order.items)'}\ntests:\n  - {name: t, given: {order: {prices: [{}, {value: 2}], shop: {orders: [{}]}}}, expect: {r: pass}}\n")).Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	require.Equal(t, 2, calls, "once by closures, once by CEL")
}
