package audit

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string       `xml:"name,attr"`
	ClassName string       `xml:"classname,attr"`
	File      string       `xml:"file,attr,omitempty"`
	Line      int          `xml:"line,attr,omitempty"`
	Failure   *junitResult `xml:"failure,omitempty"`
	Error     *junitResult `xml:"error,omitempty"`
	Skipped   *junitResult `xml:"skipped,omitempty"`
	Out       string       `xml:"system-out,omitempty"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// junit makes a suite of each objective, with its key results as the cases, and
// one of everything else that was found. A finding at error level fails its case,
// a broken rule is its error, what could not be decided skips it; the rest is
// output.
func (r Report) junit(w io.Writer) error {
	all := junitSuites{Name: "OKR audit"}
	at := map[string]int{}
	suite := func(name string) *junitSuite {
		i, ok := at[name]
		if !ok {
			i = len(all.Suites)
			at[name] = i
			all.Suites = append(all.Suites, junitSuite{Name: name})
		}
		return &all.Suites[i]
	}
	for _, row := range r.Worksheet {
		s := suite(plain(row.Objective))
		s.add(junitCase{Name: plain(row.KeyResult), ClassName: s.Name, File: plain(row.File), Line: row.Line}, row.findings)
	}
	for _, f := range r.Findings {
		switch okr.Kind(f.Subject.Kind) {
		case okr.KindKeyResult, okr.KindSource, okr.KindCheckIn:
			continue
		}
		s := suite("beside key results")
		s.add(junitCase{Name: plain(f.Rule + ": " + f.Subject.Title), ClassName: words(f.Subject.Kind), File: plain(f.Subject.File), Line: f.Subject.Line}, []Finding{f})
	}
	return all.write(w)
}

// write counts and writes.
func (all junitSuites) write(w io.Writer) error {
	for i := range all.Suites {
		s := &all.Suites[i]
		s.Tests, s.Failures, s.Errors, s.Skipped = len(s.Cases), 0, 0, 0
		for _, c := range s.Cases {
			s.Failures += one(c.Failure != nil)
			s.Errors += one(c.Error != nil)
			s.Skipped += one(c.Skipped != nil)
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Skipped += s.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (s *junitSuite) add(c junitCase, fs []Finding) {
	var failed, broken, open, rest []Finding
	for _, f := range fs {
		switch {
		case f.Waived != nil:
			rest = append(rest, f)
		case f.Outcome == okr.OutcomeError:
			broken = append(broken, f)
		case f.Outcome == okr.OutcomeUnknown:
			open = append(open, f)
		case f.Severity == okr.SeverityError:
			failed = append(failed, f)
		default:
			rest = append(rest, f)
		}
	}
	result := func(fs []Finding) *junitResult {
		return &junitResult{Message: plain(say(fs[0])), Type: fs[0].Rule, Text: junitLines(fs)}
	}
	switch {
	case len(failed) > 0:
		c.Failure = result(failed)
	case len(broken) > 0:
		c.Error = result(broken)
	case len(open) > 0:
		c.Skipped = result(open)
	}
	c.Out = junitLines(rest)
	s.Cases = append(s.Cases, c)
}

func junitLines(fs []Finding) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(label(f) + " " + f.Rule + ": " + plain(say(f)))
		if f.Fix != "" && f.Outcome == okr.OutcomeFail {
			b.WriteString(" → " + plain(f.Fix))
		}
		b.WriteString("\n")
	}
	return b.String()
}
