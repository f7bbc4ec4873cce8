package audit

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
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
		StartLine int `json:"startLine"`
	}
)

// sarif writes SARIF 2.1.0 (OASIS).
func (r Report) sarif(w io.Writer) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "okrkit", InformationURI: "https://github.com/okrkit/okrkit", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	at := map[string]int{}
	rule := func(f Finding) (string, int) {
		id := f.Pack + "/" + f.Rule
		i, ok := at[id]
		if !ok {
			i = len(run.Tool.Driver.Rules)
			at[id] = i
			s := sarifRule{ID: id, HelpURI: f.Help, Config: sarifConfig{sarifLevel(f.Severity)}}
			if f.Fix != "" {
				s.Help = &sarifText{plain(f.Fix)}
			}
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, s)
		}
		return id, i
	}
	for _, f := range r.Findings {
		id, i := rule(f)
		res := sarifResult{
			RuleID: id, RuleIndex: i, Level: sarifLevel(f.Severity), Message: sarifText{plain(say(f))},
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
		if f.Subject.File != "" {
			p := sarifPhysical{Artifact: sarifArtifact{fileURI(f.Subject.File)}}
			if f.Subject.Line > 0 {
				p.Region = &sarifRegion{f.Subject.Line}
			}
			res.Locations = []sarifLocation{{p}}
		}
		run.Results = append(run.Results, res)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
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
