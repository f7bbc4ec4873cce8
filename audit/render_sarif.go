package audit

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/okrkit/okrkit/okr"
)

// The part of SARIF 2.1.0 that code scanners read.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string      `json:"id"`
		Short   *sarifText  `json:"shortDescription,omitempty"`
		Help    *sarifText  `json:"help,omitempty"`
		HelpURI string      `json:"helpUri,omitempty"`
		Config  sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		RuleID    string            `json:"ruleId"`
		RuleIndex int               `json:"ruleIndex"`
		Level     string            `json:"level"`
		Kind      string            `json:"kind,omitempty"`
		Message   sarifText         `json:"message"`
		Locations []sarifLocation   `json:"locations,omitempty"`
		Prints    map[string]string `json:"partialFingerprints,omitempty"`
		Suppress  []sarifSuppressed `json:"suppressions,omitempty"`
	}
	sarifSuppressed struct {
		Kind string `json:"kind"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// sarif writes SARIF 2.1.0 (OASIS).
func (r Report) sarif(w io.Writer) error {
	run := newSarifRun()
	for _, f := range r.Findings {
		rule := sarifRule{ID: f.Pack + "/" + f.Rule, HelpURI: f.Help, Config: sarifConfig{sarifLevel(f.Severity)}}
		if f.Fix != "" {
			rule.Help = &sarifText{plain(f.Fix)}
		}
		res := sarifResult{
			Level: sarifLevel(f.Severity), Message: sarifText{plain(say(f))},
			Prints: map[string]string{"okrSubject/v1": f.Subject.Kind + "/" + plain(f.Subject.Title)},
		}
		switch f.Outcome {
		case okr.OutcomeUnknown:
			res.Kind, res.Level = "open", "none" // the standard asks for "none" with every kind but fail
		case okr.OutcomeError:
			res.Level = "warning"
		}
		if f.Waived != nil {
			res.Suppress = []sarifSuppressed{{"external"}}
		}
		run.add(rule, res, f.Subject.File, f.Subject.Line, 0)
	}
	return run.write(w)
}

func newSarifRun() *sarifRun {
	return &sarifRun{Tool: sarifTool{sarifDriver{Name: "okrkit", InformationURI: "https://github.com/okrkit/okrkit", Rules: []sarifRule{}}}, Results: []sarifResult{}}
}

// add adds a result of a rule, which is listed the first time. A line or column of 0 is
// not known.
func (run *sarifRun) add(rule sarifRule, res sarifResult, file string, line, col int) {
	rules := &run.Tool.Driver.Rules
	i := slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == rule.ID })
	if i < 0 {
		i = len(*rules)
		*rules = append(*rules, rule)
	}
	res.RuleID, res.RuleIndex = rule.ID, i
	if file != "" {
		p := sarifPhysical{Artifact: sarifArtifact{fileURI(file)}}
		if line > 0 {
			p.Region = &sarifRegion{line, col}
		}
		res.Locations = []sarifLocation{{p}}
	}
	run.Results = append(run.Results, res)
}

func (run *sarifRun) write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{*run},
	})
}

func sarifLevel(severity string) string {
	if severity == okr.SeverityInfo {
		return "note"
	}
	return severity
}

// fileURI is a file's name as a relative reference, or as a file URI where it is
// absolute.
func fileURI(name string) string {
	name = filepath.ToSlash(plain(name))
	u := url.URL{Path: strings.TrimPrefix(name, "./")}
	if strings.HasPrefix(name, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
