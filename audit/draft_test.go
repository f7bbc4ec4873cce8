package audit_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
)

func TestDraft(t *testing.T) {
	j := starter(t)
	for _, c := range []struct {
		text    string
		verdict string
		rules   string // those found, gravest first
	}{
		{"Achieve a Net Promoter Score of 45+ by Q2", "strong", "says-baseline"},
		{"Improve customer satisfaction", "weak", "measurable"},
		{"Raise the share of trials that pay from 12 % to 18 %", "strong", ""},
		{"Launch the new help centre", "weak", "outcome-not-task"},
		{"Write 10 blog posts", "weak", "outcome-not-task says-baseline"},
		{"10 blog posts", "weak", "counts-outcome says-baseline"},
		{"How do we keep customers for longer?", "weak", "measurable states-not-asks"},
		{"Keep churn below 3 %", "strong", "change-not-kpi says-baseline"},
		{"Increase lead conversion from X to Y", "strong", "numbers-filled-in"},
		{"客户更加满意", "weak", "measurable language-known"},
		{"用户满意度达到 4.8 分", "strong", "says-baseline language-known"},
		{"", "weak", "measurable"},
		{"  improve \n it\x00 ", "weak", "measurable"},
	} {
		t.Run(c.text, func(t *testing.T) {
			d, err := j.Draft(t.Context(), c.text)
			require.NoError(t, err)
			var found []string
			for _, f := range d.Findings {
				found = append(found, f.Rule)
			}
			require.Equal(t, c.rules, strings.Join(found, " "))
			require.Equal(t, c.verdict, d.Verdict)
		})
	}
}

func TestDraftAsJSON(t *testing.T) {
	j := starter(t)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, text := range []string{
		"Raise NPS from 12 to 50 by 2026-06-30", "Achieve a Net Promoter Score of 45+ by Q2", "Reduce tickets by 50 % (from 40 to 20 a week)",
		"Increase page views by 50 %", "Improve customer satisfaction", "Zero outages", "Every release has its notes",
	} {
		d, err := j.Draft(t.Context(), text)
		require.NoError(t, err)
		require.NoError(t, enc.Encode(d))
	}
	golden(t, "draft.jsonl", b.Bytes())
}

func TestDraftForPeople(t *testing.T) {
	d, err := starter(t).Draft(t.Context(), "Improve \x1b[31mcustomer satisfaction")
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, d.Render(&b))
	require.NotContains(t, b.String(), "\x1b")
	require.Contains(t, b.String(), "weak  Improve")
	require.Contains(t, b.String(), "error measurable: ")
}

func TestAnAdminsOwnWordingPackJudgesDrafts(t *testing.T) {
	j := with(t, `
apiVersion: okr.rules/v1
env: 1
name: acme-strong-key-results
version: 1.0.0
rules:
  - {id: no-synergy, on: key_result, check: '!hasAnyWord(kr.title, ["synergy"])', message: "“{kr.title}” speaks of synergy"}
`, `
apiVersion: okr.rules/v1
env: 1
name: acme-fields
version: 1.0.0
rules:
  - {id: has-owner, on: key_result, check: has(kr.owner), message: Nobody owns it}
`)
	d, err := j.Draft(t.Context(), "Raise synergy from 12 % to 18 %")
	require.NoError(t, err)
	require.Equal(t, audit.DraftWeak, d.Verdict)
	require.Len(t, d.Findings, 1, "what lives in fields is not held against words")
	require.Equal(t, "no-synergy", d.Findings[0].Rule)
}

// TestDraftOfNothingYet: what is still to be filled in, and nothing else, is no measure.
func TestDraftOfNothingYet(t *testing.T) {
	j := starter(t)
	for text, measured := range map[string]bool{"TBD": false, "Reduce churn to TBD": true, "Reduce churn from X% to Y%": true} {
		d, err := j.Draft(t.Context(), text)
		require.NoError(t, err)
		require.Equal(t, measured, d.Measure != nil, text)
	}
}
