package audit_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/okrkit/okrkit/audit"
	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/rules"
)

// tested is a pack whose tests fail in every way that there is.
const tested = `apiVersion: okr.rules/v1
env: 1
name: acme
version: 1.0.0
rules:
  - {id: moves, on: key_result, vars: {way: kr.progress}, message: "{kr.title} has not moved", check: way > 0.2 || kr.state == "draft"}
  - {id: owned, on: key_result, message: nobody, check: has(kr.owner)}
  - {id: few, on: objective, message: many, check: objective.key_results.size() < 5}
tests:
  - name: "it moves <b>::error,100%</b>"
    given: {kr: {title: "<script>", readings: [{value: 12.6}]}}
    expect: {moves: pass}
  - name: a contradiction
    given: {kr: {progress: 0.9, readings: [{value: 12.6}]}}
    expect: {moves: pass}
  - name: owned
    expect: {owned: {of: {kr: pass}}}
  - name: nobody
    given: {kr: {owner: null}}
    expect: {owned: fail}
  - name: few
    expect: {few: pass}
`

func testRun(t *testing.T, d rules.Demand) audit.TestRun {
	t.Helper()
	p, err := rules.Parse("packs/acme.yaml", []byte(tested))
	require.NoError(t, err)
	set, err := rules.Compile(env(), p)
	require.NoError(t, err)
	report, err := set.Test(t.Context(), rules.TestOptions{})
	require.NoError(t, err)
	return audit.TestRun{TestReport: report, Demand: d}
}

func TestTestRunsInEveryFormat(t *testing.T) {
	r := testRun(t, rules.Demand{Examples: true, Coverage: 0.9})
	for _, f := range audit.TestFormats() {
		t.Run(string(f), func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, r.Render(&b, f))
			golden(t, "tests."+string(f), b.Bytes())
			if f == audit.FormatGitHub {
				require.NotContains(t, b.String(), "::error,100%<", "what an author wrote is no command")
			}
		})
	}
	require.ErrorIs(t, r.Render(new(bytes.Buffer), audit.FormatHTML), okr.ErrInvalid)
}

func TestProblemsInEveryFormat(t *testing.T) {
	_, err := rules.Load(env(), rules.File{Name: "packs/acme.yaml", Text: []byte(strings.Replace(tested, "kr.progress", "kr.porgress < '<b>'", 1))})
	var errs rules.Errors
	require.ErrorAs(t, err, &errs)
	p := audit.PackProblems{Files: []string{"packs/acme.yaml", "packs/other.yaml"}, Errors: errs, Warnings: rules.Errors{{File: "packs/other.yaml", Line: 3, Col: 7, Rule: "r", Message: "odd\x1b[31m", Hint: "make it even"}}}
	for _, f := range audit.ProblemFormats() {
		t.Run(string(f), func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, p.Render(&b, f))
			golden(t, "problems."+string(f), b.Bytes())
			if f == audit.FormatSARIF {
				scannable(t, b.Bytes())
			}
			if f == audit.FormatJUnit {
				counted(t, b.Bytes())
			}
		})
	}
	require.ErrorIs(t, p.Render(new(bytes.Buffer), audit.FormatText), okr.ErrInvalid)
}

// A reader of JUnit counts what is there.
func TestTestRunAsJUnit(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, testRun(t, rules.Demand{Examples: true, Coverage: 0.9}).Render(&b, audit.FormatJUnit))
	require.Equal(t, [2]int{7, 3}, counted(t, b.Bytes()))
	b.Reset()
	require.NoError(t, testRun(t, rules.Demand{}).Render(&b, audit.FormatJUnit))
	require.Equal(t, [2]int{5, 1}, counted(t, b.Bytes()), "what is not demanded is no case")
}

// counted parses JUnit, and compares its counts with its cases: tests and failures.
func counted(t *testing.T, text []byte) [2]int {
	t.Helper()
	type suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Name    string    `xml:"name,attr"`
			Class   string    `xml:"classname,attr"`
			Failure *struct{} `xml:"failure"`
		} `xml:"testcase"`
	}
	var got struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(text, &got))
	tests, failures := 0, 0
	for _, s := range got.Suites {
		failed := 0
		for _, c := range s.Cases {
			require.NotEmpty(t, c.Name)
			require.NotEmpty(t, c.Class)
			if c.Failure != nil {
				failed++
			}
		}
		require.Equal(t, len(s.Cases), s.Tests)
		require.Equal(t, failed, s.Failures)
		tests, failures = tests+s.Tests, failures+failed
	}
	require.Equal(t, tests, got.Tests)
	require.Equal(t, failures, got.Failures)
	return [2]int{tests, failures}
}

func TestTestRunAsSARIF(t *testing.T) {
	for _, c := range []struct {
		demand rules.Demand
		levels string
	}{
		{rules.Demand{}, "error warning warning warning"},
		{rules.Demand{Examples: true}, "error error error error"},
		{rules.Demand{Examples: true, Coverage: 1}, "error error error error error note note"},
	} {
		var b bytes.Buffer
		require.NoError(t, testRun(t, c.demand).Render(&b, audit.FormatSARIF))
		require.Equal(t, c.levels, strings.Join(scannable(t, b.Bytes()), " "))
	}
	var reports bytes.Buffer
	require.NoError(t, report(t, plan()).Render(&reports, audit.FormatSARIF))
	scannable(t, reports.Bytes())
}

// scannable says whether SARIF 2.1.0 has the shape that the standard asks for, as far as
// okrkit writes it; it gives the levels of the results.
func scannable(t *testing.T, text []byte) []string {
	t.Helper()
	type message struct {
		Text string `json:"text"`
	}
	var log struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string `json:"name"`
					Rules []struct {
						ID    string   `json:"id"`
						Short *message `json:"shortDescription"`
						Help  *message `json:"help"`
						URI   string   `json:"helpUri"`
						Conf  struct {
							Level string `json:"level"`
						} `json:"defaultConfiguration"`
					} `json:"rules"`
					URI string `json:"informationUri"`
				} `json:"driver"`
			} `json:"tool"`
			Results []struct {
				RuleID    string  `json:"ruleId"`
				RuleIndex *int    `json:"ruleIndex"`
				Level     string  `json:"level"`
				Kind      string  `json:"kind"`
				Message   message `json:"message"`
				Locations []struct {
					Physical struct {
						Artifact struct {
							URI string `json:"uri"`
						} `json:"artifactLocation"`
						Region *struct {
							StartLine   int `json:"startLine"`
							StartColumn int `json:"startColumn"`
						} `json:"region"`
					} `json:"physicalLocation"`
				} `json:"locations"`
				Prints   map[string]string `json:"partialFingerprints"`
				Suppress []struct {
					Kind string `json:"kind"`
				} `json:"suppressions"`
			} `json:"results"`
		} `json:"runs"`
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&log))
	require.Equal(t, "2.1.0", log.Version)
	require.Contains(t, log.Schema, "sarif-schema-2.1.0.json")
	require.Len(t, log.Runs, 1)
	run := log.Runs[0]
	require.NotEmpty(t, run.Tool.Driver.Name)
	ids := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		require.False(t, ids[r.ID], r.ID)
		ids[r.ID] = true
		require.Contains(t, []string{"none", "note", "warning", "error"}, r.Conf.Level)
	}
	var levels []string
	for _, r := range run.Results {
		require.NotNil(t, r.RuleIndex)
		require.Equal(t, run.Tool.Driver.Rules[*r.RuleIndex].ID, r.RuleID)
		require.Contains(t, []string{"none", "note", "warning", "error"}, r.Level)
		require.Contains(t, []string{"", "fail", "open"}, r.Kind)
		if r.Kind != "" && r.Kind != "fail" {
			require.Equal(t, "none", r.Level)
		}
		require.NotEmpty(t, r.Message.Text)
		for _, l := range r.Locations {
			require.NotEmpty(t, l.Physical.Artifact.URI)
			require.NotContains(t, l.Physical.Artifact.URI, " ")
			if l.Physical.Region != nil {
				require.Positive(t, l.Physical.Region.StartLine)
				require.GreaterOrEqual(t, l.Physical.Region.StartColumn, 0)
			}
		}
		levels = append(levels, r.Level)
	}
	return levels
}
