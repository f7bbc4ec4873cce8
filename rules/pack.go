package rules

import (
	"go.yaml.in/yaml/v3"
)

// APIVersion is what a pack's `apiVersion:` says.
const APIVersion = "okr.rules/v1"

// Severity of a finding.
type Severity string

// The severities, from mild to grave.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Failure Severity = "error"
)

// Mode says what a failing rule does: it reports, or it closes a gate. What a
// gate holds back is the host's to say; the engine only carries the word.
type Mode string

// The modes.
const (
	Report Mode = "report"
	Gate   Mode = "gate"
)

// Pack is the parsed text of one file: its shape is right, its expressions
// have not been read yet. It is immutable.
type Pack struct {
	info     PackInfo
	src      *source
	envNode  *yaml.Node
	nameNode *yaml.Node
	params   []param
	rules    []*ruleText
	scores   []*ruleText
	statuses []*ruleText
	tests    []*testText
}

// PackInfo describes a pack.
type PackInfo struct {
	Name    string
	Version string
	// Env is the level that the pack was written against.
	Env int
	// Digest is "sha256:" and the hash of Text in hexadecimal. Two packs with
	// one digest judge alike.
	Digest string
	// File as it was given to [Parse].
	File string
	// Text is the file itself. Parse(info.File, []byte(info.Text)) gives the
	// same pack again.
	Text string
	// Params are the names and defaults, in the order of the file.
	Params                  []ParamInfo
	Rules, Scores, Statuses []RuleInfo
}

// ParamInfo is one parameter of a pack.
type ParamInfo struct {
	Name string `json:"name"`
	// Value is a bool, int64, float64, string, time.Time, or a []any of one of
	// these.
	Value any `json:"value"`
}

// RuleInfo is one rule, score or status as its author wrote it.
type RuleInfo struct {
	ID       string   `json:"id"`
	On       string   `json:"on"`
	Severity Severity `json:"severity,omitempty"`
	Mode     Mode     `json:"mode,omitempty"`
	// Vars are names and expressions, in the order of the file.
	Vars []VarInfo `json:"vars,omitempty"`
	When string    `json:"when,omitempty"`
	// Check, Score or Status: which one depends on where the rule stands.
	Check   string `json:"check,omitempty"`
	Score   string `json:"score,omitempty"`
	Status  string `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
	Fix     string `json:"fix,omitempty"`
	Help    string `json:"help,omitempty"`
	// Why it is asked for, and Source: where that is taken from. Weak and Strong
	// are an example of each kind, in the words of whoever is judged.
	Why    string `json:"why,omitempty"`
	Source string `json:"source,omitempty"`
	Weak   string `json:"weak,omitempty"`
	Strong string `json:"strong,omitempty"`
	// Line where it begins.
	Line int `json:"line"`
}

// VarInfo is one named expression of a rule.
type VarInfo struct {
	Name string `json:"name"`
	Expr string `json:"expr"`
}

// Info describes the pack.
func (p *Pack) Info() PackInfo { return p.info }

type param struct {
	name string
	node *yaml.Node
	val  any // bool, int64, float64, string, time.Time, []any
	kind FieldKind
	item FieldKind // of a list
}

// exprText is an expression, and where it stands.
type exprText struct {
	text string
	node *yaml.Node
}

type varText struct {
	name string
	key  *yaml.Node
	expr exprText
}

type sort int

const (
	isRule sort = iota
	isScore
	isStatus
)

type ruleText struct {
	sort     sort
	node     *yaml.Node
	id       string
	on       string
	onNode   *yaml.Node
	severity Severity
	mode     Mode
	vars     []varText
	when     *exprText
	body     *exprText // check, score or status
	message  *exprText
	fix      string
	help     string
	why      string
	source   string
	weak     string
	strong   string
}

type testText struct {
	node   *yaml.Node
	name   string
	now    *yaml.Node
	given  *yaml.Node
	expect []expectText
}

type expectText struct {
	id   string
	key  *yaml.Node
	node *yaml.Node
}
