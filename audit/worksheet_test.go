package audit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/okr/measure"
	"github.com/okrkit/okrkit/okr/okrtest"
)

func TestWorksheetAnswers(t *testing.T) {
	metric := func(kind measure.Kind, baseline, target measure.Number) measure.Metric {
		return measure.Metric{Kind: kind, Unit: "%", Baseline: baseline, Target: target}
	}
	no := measure.Number{}
	for _, c := range []struct {
		name                                        string
		set                                         func(*okr.PlanKeyResult)
		measurable, source, owner, outcome, verdict string
	}{
		{"all is well", nil, "yes: from 12 % to 18 %", "yes: Billing dashboard, daily", "yes: Mara Lind", "yes: outcome", "ready"},
		{"a threshold", func(k *okr.PlanKeyResult) { k.Metric = metric(measure.AtMost, no, measure.N(3)) }, "yes: at most 3 %", "", "", "", "ready"},
		{"yes or no", func(k *okr.PlanKeyResult) { k.Metric, k.Current = measure.Metric{Kind: measure.YesNo}, measure.N(0) }, "yes: yes or no", "", "", "", "ready"},
		{"a band", func(k *okr.PlanKeyResult) {
			k.Metric, k.Current = measure.Metric{Kind: measure.Between, Low: measure.N(2), High: measure.N(4)}, measure.N(3)
		}, "yes: between 2 and 4", "", "", "", "ready"},
		{"a strict threshold", func(k *okr.PlanKeyResult) { k.Metric = metric(measure.Above, no, measure.N(18)) }, "yes: above 18 %", "", "", "", "ready"},
		{"a target that is to be learned", func(k *okr.PlanKeyResult) { k.Metric = measure.Metric{Kind: measure.Baseline} }, "partly: where it stands is still to be learned", "", "", "", "not_ready"},
		{"no start", func(k *okr.PlanKeyResult) { k.Metric = metric(measure.Increase, no, measure.N(18)) }, "partly: to 18 %, from an unknown start", "", "", "", "weak"},
		{"no way", func(k *okr.PlanKeyResult) { k.Metric = metric(measure.Increase, measure.N(18), measure.N(18)) }, "partly: it starts and ends at 18 %", "", "", "", "not_ready"},
		{"words only", func(k *okr.PlanKeyResult) { k.Metric = measure.Metric{} }, "partly: in words only", "", "", "", "not_ready"},
		{"a change", func(k *okr.PlanKeyResult) { k.Metric, k.Title = measure.Metric{}, "Increase page views by 50 %" }, "partly: a change from an unknown start", "", "", "", "not_ready"},
		{"a placeholder", func(k *okr.PlanKeyResult) { k.Metric, k.Title = measure.Metric{}, "Raise conversion from X to Y" }, "partly: a number is still to be filled in", "", "", "", "not_ready"},
		{"nothing", func(k *okr.PlanKeyResult) { k.Metric, k.Title = measure.Metric{}, "Improve conversion" }, "no: nothing to reach", "", "", "", "not_ready"},
		{"a language", func(k *okr.PlanKeyResult) { k.Metric, k.Title = measure.Metric{}, "客户更加满意" }, "unknown: no number, and a language that is not known", "", "", "unknown: a language that is not known", "not_ready"},

		{"no source", func(k *okr.PlanKeyResult) { k.Source = nil }, "", "no: none", "", "", "not_ready"},
		{"an empty source", func(k *okr.PlanKeyResult) { k.Source = &okr.Source{Interval: okr.Daily} }, "", "no: none", "", "", "not_ready"},
		{"half a source", func(k *okr.PlanKeyResult) { k.Source = &okr.Source{Kind: "sql"} }, "", "partly: sql; missing: where, how often, who can read it", "", "", "not_ready"},
		{"by hand", func(k *okr.PlanKeyResult) { k.Source = &okr.Source{Kind: "manual", Interval: okr.EveryWeek} }, "", "yes: manual, weekly", "", "", "ready"},
		{"by hand, whenever", func(k *okr.PlanKeyResult) { k.Source = &okr.Source{Kind: "manual"} }, "", "partly: manual; missing: how often", "", "", "not_ready"},

		{"nobody", func(k *okr.PlanKeyResult) { k.Owner = "" }, "", "", "no: nobody", "", "not_ready"},
		{"nobody yet", func(k *okr.PlanKeyResult) { k.Owner = "TBD" }, "", "", "no: nobody", "", "not_ready"},
		{"several", func(k *okr.PlanKeyResult) { k.Owner = "Mara and Ben" }, "", "", "no: Mara and Ben are several", "", "not_ready"},
		{"a team", func(k *okr.PlanKeyResult) { k.Owner = "the team" }, "", "", "no: the team is a group", "", "not_ready"},
		{"a mailbox", func(k *okr.PlanKeyResult) { k.Owner = "desk" }, "", "", "no: Sales desk is a group", "", "not_ready"},
		{"gone", func(k *okr.PlanKeyResult) { k.Owner = "ivo" }, "", "", "no: Ivo Karr has left", "", "not_ready"},
		{"a stranger", func(k *okr.PlanKeyResult) { k.Owner = "Zoe Brandt" }, "", "", "partly: Zoe Brandt is not in the directory", "", "ready"},

		{"work", func(k *okr.PlanKeyResult) { k.Title = "Launch the new help centre" }, "", "", "", "no: work", "weak"},
		{"output", func(k *okr.PlanKeyResult) { k.Title = "10 blog posts" }, "", "", "", "no: counts what is produced", "weak"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan()
			p.Objectives = p.Objectives[:1]
			p.Objectives[0].KeyResults = p.Objectives[0].KeyResults[:1]
			if c.set != nil {
				c.set(&p.Objectives[0].KeyResults[0])
			}
			row := report(t, p).Worksheet[0]
			for _, cell := range []struct{ want, got string }{
				{c.measurable, string(row.Measurable) + ": " + row.Why.Measurable},
				{c.source, string(row.Source) + ": " + row.Why.Source},
				{c.owner, string(row.Owner) + ": " + row.Why.Owner},
				{c.outcome, string(row.Outcome) + ": " + row.Why.Outcome},
			} {
				if cell.want != "" {
					require.Equal(t, cell.want, cell.got)
				}
			}
			require.Equal(t, c.verdict, row.Verdict, row.Fix)
			require.Equal(t, c.verdict == audit.VerdictReady, row.Fix == "")
		})
	}
}

func TestAPlanWithoutADirectoryHasItsOwnersFromItsWords(t *testing.T) {
	p := plan()
	p.People = nil
	o := &p.Objectives[0]
	for range 6 {
		k := o.KeyResults[0]
		k.Key, k.Owner = "", "Zoe Brandt"
		o.KeyResults = append(o.KeyResults, k)
	}
	o.KeyResults = o.KeyResults[2:]
	r := report(t, p)
	require.Equal(t, audit.Yes, r.Worksheet[0].Owner)
	var said []string
	for _, f := range r.Findings {
		if f.Subject.Kind == "owner" {
			said = append(said, f.Message)
		}
	}
	require.Equal(t, []string{"Zoe Brandt owns 6 key results, the limit is 5"}, said)
}

func TestAnEmptyPlan(t *testing.T) {
	r := report(t, okr.Plan{Cycle: okrtest.Quarter()})
	require.False(t, r.Failed())
	for _, f := range audit.Formats() {
		var b bytes.Buffer
		require.NoError(t, r.Render(&b, f), f)
		require.NotEmpty(t, b.String(), f)
	}
	b, err := json.Marshal(r)
	require.NoError(t, err)
	for _, list := range []string{`"findings":[]`, `"worksheet":[]`, `"unread":[]`} {
		require.Contains(t, string(b), list)
	}
}

func TestAnUnknownFormatIsNamedWithItsRemedy(t *testing.T) {
	err := audit.Report{}.Render(&bytes.Buffer{}, "pdf")
	require.ErrorIs(t, err, okr.ErrInvalid)
	require.ErrorContains(t, err, "sarif")
}

type fullDisk struct{ left int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAReportThatCannotBeWrittenSaysSo(t *testing.T) {
	r := report(t, plan())
	for _, f := range audit.Formats() {
		require.ErrorIs(t, r.Render(&fullDisk{left: 100}, f), errFull, f)
	}
}

// TestHostileTitles writes what a stranger may put into a title in every format,
// and reads it back where that can be done.
func TestHostileTitles(t *testing.T) {
	titles := []string{
		"=HYPERLINK(\"http://evil.example\")", "+1", "-1", "@sum", "\t=1", "<!channel> <@U123>", "@everyone", "::error file=x::y", "a%0Ab",
		"\x1b]0;title\x07\x1b[2J", "line\nbreak", "\u202Eevil\u2066", "</script><script>alert(1)</script>", "`code` *b* _i_ [x](javascript:alert(1))", "a|b|c", "]]>", "\xff\xfe", strings.Repeat("long ", 400),
	}
	s := &okr.Snapshot{Tenant: "acme", Cycles: []okr.Cycle{{ID: "c", Name: titles[9], Zone: "UTC", Start: measure.NewDate(2026, 10, 1), End: measure.NewDate(2026, 12, 31)}}}
	at := map[okr.Ref]okr.Position{}
	for i, title := range titles {
		o := okr.ID(rune('a' + i))
		s.Objectives = append(s.Objectives, okr.Objective{ID: o, Cycle: "c", Title: title, State: okr.Draft})
		s.KeyResults = append(s.KeyResults, okr.KeyResult{ID: o, Cycle: "c", Objective: o, Title: title, OwnerText: title, State: okr.Draft, Source: &okr.Source{Where: title}})
		at[okr.Ref{Kind: okr.KindKeyResult, ID: o}] = okr.Position{File: title, Line: i + 1}
	}
	r, err := starter(t).Report(t.Context(), audit.Input{Snapshot: s, Now: friday, At: at, Unread: []okr.Unread{{Text: titles[0], Reason: titles[9]}}})
	require.NoError(t, err)
	for _, f := range audit.Formats() {
		t.Run(string(f), func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, r.Render(&b, f))
			got := b.String()
			require.NotContains(t, got, "\x1b")
			require.NotContains(t, got, "\x07")
			switch f {
			case audit.FormatCSV:
				rows, err := csv.NewReader(&b).ReadAll()
				require.NoError(t, err)
				for _, row := range rows {
					for _, cell := range row {
						require.False(t, cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])), "%q", cell)
					}
				}
			case audit.FormatJUnit:
				require.NoError(t, xml.Unmarshal(b.Bytes(), new(struct {
					XMLName xml.Name `xml:"testsuites"`
				})))
			case audit.FormatSARIF, audit.FormatJSON:
				require.True(t, json.Valid(b.Bytes()))
			case audit.FormatGitHub:
				for _, line := range strings.Split(strings.TrimSpace(got), "\n")[:len(r.Findings)] {
					require.Regexp(t, `^::(error|warning|notice) [^:]*::`, line)
				}
			case audit.FormatHTML:
				require.NotContains(t, got, "<script")
				require.NotContains(t, got, "\u202E")
			case audit.FormatMarkdown:
				for _, bad := range []string{"<!channel>", "<@", "@everyone"} {
					require.NotContains(t, got, bad)
				}
				var page bytes.Buffer
				require.NoError(t, goldmark.New(goldmark.WithExtensions(extension.Table)).Convert(b.Bytes(), &page))
				require.Equal(t, len(r.Worksheet)+1, strings.Count(page.String(), "<tr>"), "a row for each key result and the header")
				for _, bad := range []string{"<a ", "<em>", "<strong>", "<code>", "<script", "<!--"} {
					require.NotContains(t, page.String(), bad)
				}
			case audit.FormatText:
				require.NotContains(t, got, "\u202E")
				require.NotContains(t, got, "line\nbreak")
			}
		})
	}
}
