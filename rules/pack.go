package rules

import (
	"fmt"

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

// ErrorPolicy says what a gate does when its rule breaks: with a fault of its own,
// or because it cost more than it may. A rule that breaks stops nobody unless told to.
type ErrorPolicy string

// The policies.
const (
	Allow  ErrorPolicy = "allow"
	Reject ErrorPolicy = "reject"
)

// Pack is the parsed text of one file: its shape is right, its expressions
// have not been read yet. It is immutable.
type Pack struct {
	info     PackInfo
	src      *source
	envNode  *yaml.Node
	nameNode *yaml.Node
	extends  []*extendText
	params   []param
	rules    []*ruleText
	scores   []*ruleText
	statuses []*ruleText
	tests    []*testText
	onError  ErrorPolicy
	layers   []*Pack // what is laid over it, the lowest first
	resolved bool    // by Resolve: what it extends has been looked at
	written  *Pack   // as its author wrote it, if anything is laid over it
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
	// Extends are the packs that it builds on, in the order of the file.
	Extends []BaseInfo
	// Layers are the packs that set something in it, the lowest first. Of what they
	// set, the highest counts.
	Layers []LayerInfo
	// Judges is the digest of what judges: of the text and of the layers over it.
	// Without layers it is Digest. Results carry it.
	Judges string
	// OnError is what its gates do when a rule breaks, unless the rule says so itself.
	OnError ErrorPolicy
	// Params are the names and defaults, in the order of the file.
	Params                  []ParamInfo
	Rules, Scores, Statuses []RuleInfo
}

// BaseInfo is a pack that another one builds on.
type BaseInfo struct {
	Pack string `json:"pack"`
	// Version is the only one that will do; "" is any.
	Version string `json:"version,omitempty"`
	// Line where it stands.
	Line int `json:"line"`
}

// LayerInfo is a pack that sets something in another one.
type LayerInfo struct {
	Pack    string `json:"pack"`
	Version string `json:"version"`
	Digest  string `json:"digest"` // of its text
}

// Judged is the version of what judges: the pack's own, and those of the layers over
// it: "1.0.0", or "1.0.0+acme@2.1.0". Results carry it.
func (i PackInfo) Judged() string {
	v := i.Version
	for _, l := range i.Layers {
		v += "+" + l.Pack + "@" + l.Version
	}
	return v
}

// Origin is a value of a rule or a parameter, and where it is written.
type Origin struct {
	// Field is "severity", "mode", …; "" of a parameter.
	Field string `json:"field,omitempty"`
	Value string `json:"value"`
	Pack  string `json:"pack"`
	// File and Line where it is written; where the pack leaves it out, where the rule
	// begins.
	File string `json:"file"`
	Line int    `json:"line"`
}

// Place is file:line.
func (o Origin) Place() string { return fmt.Sprintf("%s:%d", o.File, o.Line) }

// ParamInfo is one parameter of a pack.
type ParamInfo struct {
	Name string `json:"name"`
	// Value is a bool, int64, float64, string, time.Time, or a []any of one of
	// these.
	Value any `json:"value"`
	// Origins are what gave it a value, the pack's own default first; the last one
	// counts. It is empty if there is nothing but the default.
	Origins []Origin `json:"origins,omitempty"`
}

// RuleInfo is one rule, score or status as its author wrote it.
type RuleInfo struct {
	ID       string   `json:"id"`
	On       string   `json:"on"`
	Severity Severity `json:"severity,omitempty"`
	Mode     Mode     `json:"mode,omitempty"`
	// OnError is what a gate does when its rule breaks; "" where the mode is report.
	OnError ErrorPolicy `json:"on_error,omitempty"`
	// Disabled says that it judges nobody.
	Disabled bool `json:"disabled,omitempty"`
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
	// Origins are what gave a value to each field that a layer sets: the rule itself
	// first, then the layers; the last one of a field counts. A field that is not
	// among them is as the rule has it.
	Origins []Origin `json:"origins,omitempty"`
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
	key  *yaml.Node
	node *yaml.Node
	val  any // bool, int64, float64, string, time.Time, []any
	kind FieldKind
	item FieldKind // of a list

	origins []Origin
}

// exprText is an expression, and where it stands.
type exprText struct {
	text string
	node *yaml.Node
	src  *source
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
	onError  ErrorPolicy
	disabled bool
	written  map[string]*yaml.Node // of what a layer can set: where it is written, if it is
	origins  []Origin
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
