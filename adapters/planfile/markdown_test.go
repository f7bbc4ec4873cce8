package planfile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/adapters/planfile"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
)

// shape is the plan as an outline: objectives, and their key results indented.
func shape(p okr.Plan) string {
	var b strings.Builder
	for _, o := range p.Objectives {
		b.WriteString(o.Title + "\n")
		for _, k := range o.KeyResults {
			b.WriteString("  " + k.Title + "\n")
		}
	}
	return b.String()
}

func readMarkdown(t *testing.T, src string) okr.Plan {
	t.Helper()
	var trace planfile.Trace
	p, err := planfile.ReadAs(planfile.Markdown, "plan.md", []byte(src), planfile.WithTrace(&trace))
	require.NoError(t, err, src)
	requireAccount(t, []byte(src), p, trace)
	requireUsable(t, p)
	return p
}

// People mark objectives and key results in many ways; all of these say the same.
func TestSpellingsOfMarkers(t *testing.T) {
	for _, src := range []string{
		"Objective: Sail\nKR: Win 3 races\nKR: Lose none",
		"# Objective: Sail\n\n- KR 1: Win 3 races\n- KR 2: Lose none",
		"# Objective 1: Sail\n## Key Results\n1. Win 3 races\n2. Lose none",
		"# O1: Sail\n* KR1: Win 3 races\n* KR2: Lose none",
		"# O1 – Sail\n* KR1.1 – Win 3 races\n* KR1.2 – Lose none",
		"**Objective**: Sail\n\n**Key Results**:\n- Win 3 races\n- Lose none",
		"**Objective** Sail\n\n**Key Results**\n\n- [ ] Win 3 races\n- [ ] Lose none",
		"- **O-1:** Sail\n  - **KR-1:** Win 3 races\n  - **KR-2:** Lose none",
		"- Objective #1: Sail\n- KR #1: Win 3 races\n- KR #2: Lose none",
		"1. Objective: Sail\n    * Key Result: Win 3 races\n    * Key Result: Lose none",
		"OBJECTIVE 1. Sail\n\nKEY RESULTS:\n• Win 3 races\n• Lose none",
		"🎯 Objective 1: Sail\n\n📈 KR1: Win 3 races\n📈 KR2: Lose none",
		"OKR 1: Sail\n\nKey results\n===\n- Win 3 races\n- Lose none",
		"## Objective\nSail\n\n## Key Results\n- Win 3 races\n- Lose none",
		"## Objectives\n- Sail\n  - Win 3 races\n  - Lose none",
		"Objectives:\n-   - Sail\n      - Win 3 races\n      - Lose none",
		"## Goal 1: Sail\n### KR 1\nWin 3 races\n### KR 2\nLose none",
		"> **Objective:** Sail\n>\n> **KR:** Win 3 races\n>\n> **KR:** Lose none",
		"| KR | Description |\n|---|---|\n| KR 1 | Win 3 races |\n| KR 2 | Lose none |\n\n# x\n",
		"Company Objective 1: Sail\n\nO1 KR1: Win 3 races\n\nO1 KR2: Lose none",
		"Ziel: Sail\nSchlüsselergebnisse:\n- Win 3 races\n- Lose none",
		"Objectif : Sail\nRésultats clés :\n- Win 3 races\n- Lose none",
		"Objetivo: Sail\nResultados clave:\n- Win 3 races\n- Lose none",
		"Objetivo: Sail\nResultados-chave:\n- Win 3 races\n- Lose none",
		"# Sail\n- Win 3 races\n- Lose none",
		"**Sail**\n- Win 3 races\n- Lose none",
		"- Sail\n  - Win 3 races\n  - Lose none",
		"Sail\n----\n-Win 3 races\n-Lose none",
		"# 2027 Q1\n\n## Sail\n\n        - Win 3 races\n        - Lose none",
		"| Objective | Key Result |\n|---|---|\n| Sail | Win 3 races |\n| | Lose none |",
		"| Goal | KR 1 | KR 2 | Lead |\n|---|---|---|---|\n| Sail | Win 3 races | Lose none | A |",
		"```\nObjective: Sail\n  KR1: Win 3 races\n  KR2: Lose none\n```",
	} {
		p := readMarkdown(t, src)
		got := shape(p)
		if strings.HasPrefix(src, "| KR |") {
			got = strings.Replace(got, p.Objectives[0].Title, "Sail", 1) // the table names no objective
		}
		require.Equal(t, "Sail\n  Win 3 races\n  Lose none\n", got, src)
	}
}

// These sentences speak of objectives and key results, and are none.
func TestSentencesAreNoMarkers(t *testing.T) {
	plan := "\n\n# Objective: Sail\n- KR: Win 3 races\n"
	for _, src := range []string{
		"Objectives are few.", "Our objective is to sail.", "KRs were changed in May.", "KRs 3, 4 and 5 were changed.", "Key results reflect what counts.",
		"The best Key Results are measurable: always.", "Goals for everybody", "OKRs", "Goalkeepers: none", "Objectively: yes",
		"# How to write Key Results\n\n- like this", "# Good Key Results\n\n- KR: Win all races", "# Example objectives\n\n- Objective: Row", "# What are OKRs?\n\n- KR: a number",
		"# Retrospective\n\n- KR 1: we won", "1. **Crew KR 1** (from 2 to 9 sailors who know how to swim): well done", "# Notes\n\n- Win 9 races",
		"# Milestones\n\n| Week | Milestone |\n|---|---|\n| 1 | Paint |", "# Health metrics\n\n| Metric | Target |\n|---|---|\n| Leaks | 0 |",
		"| Score | Meaning |\n|---|---|\n| 0.7 | good |", "| Date | KR #1 | KR #2 |\n|---|---|---|\n| 1.2. | 0.3 | 0.4 |", "* GOOD\n  * We won\n* BAD\n  * We lost",
		"<!-- KR: Row -->", "- [What are OKRs?](https://okr.example)",
	} {
		p := readMarkdown(t, src+plan)
		require.Equal(t, "Sail\n  Win 3 races\n", shape(p), src)
		require.NotEmpty(t, p.Unread, src)
	}
}

// What stands beside a key result finds its field.
func TestNotesOfAKeyResult(t *testing.T) {
	for line, want := range map[string]okr.PlanKeyResult{
		"KR: Win 3 races (Owner: Ada Brand)":                   {Title: "Win 3 races", Owner: "Ada Brand"},
		"KR: Win 3 races — Owner: Ada Brand":                   {Title: "Win 3 races", Owner: "Ada Brand"},
		"KR: Win 3 races (@ada)":                               {Title: "Win 3 races", Owner: "@ada"},
		"KR: @ada - Win 3 races":                               {Title: "Win 3 races", Owner: "@ada"},
		"KR: Win 3 races [P1][CREW]":                           {Title: "Win 3 races", Owner: "CREW"},
		"KR: [P1] Win 3 races":                                 {Title: "Win 3 races"},
		"KR: `P1` @ada, @ben - Win 3 races":                    {Title: "Win 3 races", Owner: "@ada, @ben"},
		"CEO KR: Win 3 races":                                  {Title: "Win 3 races", Owner: "CEO"},
		"KR: Win 3 races [Source: race office]":                {Title: "Win 3 races", Source: &okr.Source{Where: "race office"}},
		"KR: Win 3 races (regatta dashboard)":                  {Title: "Win 3 races (regatta dashboard)", Source: &okr.Source{Where: "regatta dashboard"}},
		"KR: Win 3 races (Owner: Ada; Due: 2027-05-01)":        {Title: "Win 3 races", Owner: "Ada", Due: measure.NewDate(2027, 5, 1)},
		"KR: Win 3 races (#14)":                                {Title: "Win 3 races"},
		"KR: [Win 3 races](https://race.example)":              {Title: "Win 3 races"},
		"KR: ~~Row~~ Win 3 races => won two":                   {Title: "Win 3 races"},
		"KR: Win 3 races\n  - Owner: Ada\n  - Confidence: 6":   {Title: "Win 3 races", Owner: "Ada", Confidence: number(6)},
		"KR: Win 3 races\n  - Baseline: 1\n  - Target: 3":      {Title: "Win 3 races", Metric: measure.Metric{Kind: measure.AtLeast, Unit: "races", Baseline: number(1), Target: number(3)}},
		"KR: Win 3 races\n  - Cadence: weekly":                 {Title: "Win 3 races", Cadence: &okr.Schedule{Frequency: okr.Weekly, Weekday: 5}},
		"KR: Win 3 races\n  - new sails\n  - [x] train":        {Title: "Win 3 races", Initiatives: []okr.Initiative{{Title: "new sails"}, {Title: "train", Done: true}}},
		"KR: Win 3 races\n  - Initiatives:\n    - new sails":   {Title: "Win 3 races", Initiatives: []okr.Initiative{{Title: "new sails"}}},
		"KR: Win 3 races\n  - [plan](https://race.example)":    {Title: "Win 3 races", Initiatives: []okr.Initiative{{Title: "plan", Link: "https://race.example"}}},
		"KR: Win 3 races\n  - Why: we lost the last ones":      {Title: "Win 3 races", Rationale: "we lost the last ones"},
		"KR: Win 3 races\n  - Measured by: the race committee": {Title: "Win 3 races", Definition: "the race committee"},
	} {
		p := readMarkdown(t, "# Objective: Sail\n\n- "+line+"\n")
		k := p.Objectives[0].KeyResults[0]
		k.At = okr.Position{}
		if want.Metric.Kind == "" {
			require.Equal(t, measure.Metric{Kind: measure.AtLeast, Unit: "races", Target: number(3)}, k.Metric, line)
			k.Metric = measure.Metric{}
		}
		require.Equal(t, want, k, line)
	}
}

func TestCycles(t *testing.T) {
	day := measure.NewDate
	for heading, want := range map[string]okr.PlanCycle{
		"OKRs 2027 Q1":                {Key: "2027-Q1", Name: "2027 Q1", Start: day(2027, 1, 1), End: day(2027, 3, 31)},
		"Q4 2027 OKRs":                {Key: "2027-Q4", Name: "Q4 2027", Start: day(2027, 10, 1), End: day(2027, 12, 31)},
		"CY27-Q3 OKRs":                {Key: "2027-Q3", Name: "CY27-Q3", Start: day(2027, 7, 1), End: day(2027, 9, 30)},
		"Q2'27 OKRs":                  {Key: "2027-Q2", Name: "Q2'27", Start: day(2027, 4, 1), End: day(2027, 6, 30)},
		"OKRs, H2 2027":               {Key: "2027-H2", Name: "H2 2027", Start: day(2027, 7, 1), End: day(2027, 12, 31)},
		"2027 OKRs":                   {Key: "2027", Name: "2027", Start: day(2027, 1, 1), End: day(2027, 12, 31)},
		"FY28-Q2 OKRs":                {Key: "FY28-Q2", Name: "FY28-Q2"}, // a fiscal year begins when its company says
		"GJ 27/28-Q1 OKRs":            {Key: "FY27-28-Q1", Name: "GJ 27/28-Q1"},
		"OKRs (2027 Set 2)":           {Key: "2027", Name: "2027 Set 2"},
		"OKRs Q3":                     {Key: "Q3", Name: "Q3"},
		"OKRs":                        {},
		"Ziele 2. Quartal 2027":       {Key: "2027-Q2", Name: "2. Quartal 2027", Start: day(2027, 4, 1), End: day(2027, 6, 30)},
		"Objectifs, trimestre 3 2027": {Key: "2027-Q3", Name: "trimestre 3 2027", Start: day(2027, 7, 1), End: day(2027, 9, 30)},
	} {
		p := readMarkdown(t, "# "+heading+"\n\n## Objective: Sail\n- KR: Win 3 races\n")
		require.Equal(t, want, p.Cycle, heading)
	}
	p, err := planfile.Read("okrs-2027-q2.md", []byte("Objective: Sail\n- KR: Win by 15 May\n"))
	require.NoError(t, err)
	require.Equal(t, "2027-Q2", p.Cycle.Key)
	require.Equal(t, day(2027, 5, 15), p.Objectives[0].KeyResults[0].Due)
}

func TestMalformedMarkdown(t *testing.T) {
	for name, src := range map[string]string{
		"no plan":           "Hello.\n",
		"only front matter": "---\ntitle: x\n---\n",
		"only a comment":    "<!-- x -->\n",
		"open comment":      "<!-- Objective: x\nKR: y\n",
		"binary":            "\x01\x02\x03\xff\xfe\xfd",
		"only signs":        "***\n###\n>>>\n|||\n",
		"one huge line":     strings.Repeat("x", 100_000),
	} {
		_, err := planfile.ReadAs(planfile.Markdown, "plan.md", []byte(src))
		require.ErrorIs(t, err, okr.ErrInvalid, name)
	}
	for name, src := range map[string]string{
		"line ends of DOS":      "# Objective: Sail\r\n\r\n- KR: Win 3 races\r\n",
		"byte order mark":       "\uFEFF# Objective: Sail\n- KR: Win 3 races\n",
		"open front matter":     "---\n# Objective: Sail\n- KR: Win 3 races\n",
		"broken front matter":   "---\na: [\n---\n# Objective: Sail\n- KR: Win 3 races\n",
		"open fence":            "# Objective: Sail\n- KR: Win 3 races\n```\nx\n",
		"a huge line beside it": "# Objective: Sail\n- KR: Win 3 races\n\n" + strings.Repeat("y ", 50_000),
		"tags":                  "<details>\n\n# Objective: Sail\n- KR: Win <b>3</b> races\n<br />\n</details>\n",
		"an empty item":         "# Objective: Sail\n-\n- KR: Win 3 races\n",
		"no last line end":      "# Objective: Sail\n- KR: Win 3 races",
		"escapes":               "# Objective: Sail\n- KR: Win 3&#32;races\n- KR: \\~~\n",
	} {
		p := readMarkdown(t, src)
		require.Equal(t, "Sail\n  Win 3 races\n", strings.Replace(shape(p), "  ~~\n", "", 1), name)
	}
}

func TestDeepListsAndTheirParents(t *testing.T) {
	// Three levels are objective, key result, and what is done for it.
	p := readMarkdown(t, "# Harbour\n\n- Quiet nights\n  - Fewer than 4 calls a week\n    - Grease every joint\n  - Trucks stop at ten\n- Clean water\n")
	require.Equal(t, "Quiet nights\n  Fewer than 4 calls a week\n  Trucks stop at ten\nClean water\n", shape(p))
	require.Equal(t, []okr.Initiative{{Title: "Grease every joint"}}, p.Objectives[0].KeyResults[0].Initiatives)

	// In a deeper tree the leaves are key results, and what has a measure and
	// leaves below it is both.
	p = readMarkdown(t, "# Harbour\n\n- Quiet nights\n  - Cranes\n    - Fewer than 4 calls a week\n      - Grease every joint\n    - New motors\n  - Trucks stop at ten\n")
	require.Equal(t, "Quiet nights\n  Trucks stop at ten\nCranes\n  Fewer than 4 calls a week\n  New motors\nFewer than 4 calls a week\n  Grease every joint\n", shape(p))
	require.Equal(t, []string{"", "quiet-nights", "cranes"}, []string{p.Objectives[0].Parent, p.Objectives[1].Parent, p.Objectives[2].Parent})
}

func TestTitlesLongerThanAPlanHolds(t *testing.T) {
	p := readMarkdown(t, "# Objective: Sail\n- KR: "+strings.Repeat("win ", 700)+"\n")
	title := []rune(p.Objectives[0].KeyResults[0].Title)
	require.Len(t, title, 2000)
	require.Equal(t, '…', title[1999])
	require.Len(t, p.Unread, 1)
	require.Equal(t, strings.TrimSpace(strings.Repeat("win ", 700)), string(title[:1999])+p.Unread[0].Text)
}
