package rules

import (
	"fmt"
	"regexp"
	"slices"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Warnings are what compiles and is likely not meant: a check that reads nothing, a
// share compared with 70, a parameter that nobody reads. They are in the order of
// the text, and each has [Error.Warning] set.
func (s *Set) Warnings() Errors { return slices.Clone(s.warnings) }

func (c *compiler) warn(e *Error) {
	e.Warning, e.Rule = true, c.rule
	c.warnings = append(c.warnings, e)
}

// patternText is what a person writes who takes contains for matches.
var patternText = regexp.MustCompile(`^\^|\$$|\[[^\]]+-[^\]]+\]|\.\*|\.\+|\\[dws]|\(\?|\w\|\w`)

// doubts warns of what an expression says and nobody means. What names it.
func (c *compiler) doubts(sc *scope, a *celast.AST, what string, warn func(e celast.Expr, msg, hint string)) {
	taken := map[string]bool{}
	for _, v := range sc.sub.vars {
		taken[v.name] = true
	}
	for _, v := range sc.vars {
		taken[v.name] = true
	}
	if (what == "check" && !sc.when || what == "when") && whole(a) {
		hint := "compare a fact of what the rule is on"
		if what == "when" {
			hint = "leave when out: a rule without it applies to all"
		}
		warn(a.Expr(), what+" reads no fact: it says the same of everything", hint)
	}
	if what == "score" {
		c.percentScore(sc, a, warn)
	}
	visit(a.Expr(), func(e celast.Expr) {
		switch e.Kind() {
		case celast.ComprehensionKind:
			if k := e.AsComprehension(); taken[k.IterVar()] {
				warn(k.IterRange(), fmt.Sprintf("inside of this loop %s is an entry of the list, and no longer the %s of the rule", k.IterVar(), k.IterVar()),
					"give the entry another name")
			}
		case celast.IdentKind:
			c.read[e.AsIdent()] = true
		case celast.CallKind:
			call := e.AsCall()
			if call.FunctionName() != "contains" || !call.IsMemberFunction() {
				return
			}
			v, _ := constant(a, call.Args()[0])
			if text, ok := v.(types.String); ok && patternText.MatchString(string(text)) {
				warn(call.Args()[0], fmt.Sprintf("contains looks for the very text %q, and not for a pattern", string(text)),
					"write matches in place of contains for a regular expression, or hasAnyWord(text, [words])")
			}
		}
	})
	for _, r := range a.ReferenceMap() {
		if r.Value != nil {
			c.read[r.Name] = true
		}
	}
}

// percentScore warns of a share that a score makes a percentage of. Statuses, grades
// and rollups take a score for a share.
func (c *compiler) percentScore(sc *scope, a *celast.AST, warn func(e celast.Expr, msg, hint string)) {
	for _, e := range answers(a.Expr()) {
		if e.Kind() != celast.CallKind || e.AsCall().FunctionName() != operators.Multiply {
			continue
		}
		args := e.AsCall().Args()
		for i, of := range args {
			v, _ := constant(a, args[1-i])
			f := (&compared{c: c, sc: sc, a: a}).fact(of)
			if f != nil && f.Unit == Share && (v == types.Double(100) || v == types.Int(100)) {
				warn(args[1-i], fmt.Sprintf("a score is a share, of which 1 is the whole, and so is %s: this comes to 100 for the whole", f.path), "leave the 100 out")
			}
		}
	}
}

// unreadParams warns of parameters that no expression reads.
func (c *compiler) unreadParams() {
	for _, p := range c.pack.params {
		if !c.read["params."+p.name] && len(p.origins) <= 1 { // what a layer sets is the layer's
			c.warn(c.pack.src.errorAt(p.node.Line, p.node.Column, fmt.Sprintf("no expression reads params.%s", p.name), "read it, or leave it out"))
		}
	}
}

// unreadVars warns of vars of a score or a status that none of its expressions
// reads. Those of a rule are shown with a finding.
func (c *compiler) unreadVars(t *ruleText) {
	if t.sort == isRule {
		return
	}
	for _, v := range t.vars {
		if !c.read[v.name] {
			c.warn(c.pack.src.errorAt(v.key.Line, v.key.Column, fmt.Sprintf("no expression reads %s", v.name), "read it, or leave it out"))
		}
	}
}
