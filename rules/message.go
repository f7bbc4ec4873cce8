package rules

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// message is a text with expressions in braces.
type message struct{ parts []part }

type part struct {
	text string
	prog *program
}

var (
	formatted = regexp.MustCompile(`\s*:\s*[-+,]?\d*\.?\d*[fdgs%]?\s*$|,\s*[a-z]+\s*$`)
	bareFact  = regexp.MustCompile(`(?:^|[^{\w.])([a-z_]+\.[a-z_]+)\b`)
	doubled   = regexp.MustCompile(`^\{\{\s*([a-z_]\w*(?:\.\w+)+)\s*\}\}`)
)

// message compiles the "{expr}" of a text. {{ and }} stand for themselves.
func (c *compiler) message(sc *scope, x *exprText) *message {
	if x == nil {
		return nil
	}
	c.src = x.src
	defer func() { c.src = c.pack.src }()
	at := c.src.places(x.node)
	bad := func(i int, msg, hint string) *message {
		p := at[min(i, len(at)-1)]
		c.bad(c.src.errorAt(p.line, p.col, msg, hint))
		return nil
	}
	m := &message{}
	var text strings.Builder
	runes := []rune(x.text)
	if n, limit := len(runes), c.env.limits.ExpressionChars; n > limit {
		return bad(limit, fmt.Sprintf("the message has %d characters, the limit is %d", n, limit), "say it in one sentence")
	}
	flush := func() {
		if text.Len() > 0 {
			m.parts = append(m.parts, part{text: text.String()})
			text.Reset()
		}
	}
	ok := true
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case (r == '{' || r == '}') && i+1 < len(runes) && runes[i+1] == r:
			if m := doubled.FindStringSubmatch(string(runes[i:])); m != nil && r == '{' {
				p := at[min(i, len(at)-1)]
				c.warn(c.src.errorAt(p.line, p.col, fmt.Sprintf("this shows the text {%s}, and not its value", m[1]), "write {"+m[1]+"}"))
			}
			text.WriteRune(r)
			i++
		case r == '}':
			return bad(i, "the brace } was never opened", "write }} for the character itself")
		case r == '{':
			end := closing(runes, i+1)
			if end < 0 {
				return bad(i, "the brace { is never closed", "write {{ for the character itself")
			}
			flush()
			inner := string(runes[i+1 : end])
			if strings.TrimSpace(inner) == "" {
				return bad(i, "there is nothing between the braces", "name a fact, like {x.title}")
			}
			if loc := formatted.FindStringIndex(inner); loc != nil {
				return bad(i+1+utf8.RuneCountInString(inner[:loc[0]]), "a message shows a value as it is, with four decimals at most",
					"for one decimal write math.round(x * 10.0) / 10.0")
			}
			p := c.exprAt(sc, inner, at[i+1:end+1], partOfMessage)
			switch {
			case p == nil:
				ok = false
			case !printable(p.out):
				hint := "show a number or a text of it, such as its size()"
				if p.out.Kind() == types.StructKind {
					hint = "show one of its facts"
					if t, _ := (provider{c.env}).typ(p.out.TypeName()); t != nil && t.label != nil {
						hint = fmt.Sprintf("show one of its facts, like {%s.%s}", strings.TrimSpace(inner), t.label.Name)
					}
				}
				bad(i+1, "a message cannot show "+typeWords(p.out), hint)
				ok = false
			default:
				m.parts = append(m.parts, part{prog: p})
			}
			i = end
		default:
			text.WriteRune(r)
		}
	}
	flush()
	total := uint64(0)
	for _, p := range m.parts {
		if p.prog != nil && !p.prog.guarded {
			total += p.prog.bound
		}
	}
	if limit := 10 * c.env.limits.ExpressionCost; total > limit {
		return bad(0, fmt.Sprintf("the expressions of the message may cost up to %d together, the limit is %d", total, limit), "name what they share under vars")
	}
	if !ok {
		return nil
	}
	for _, p := range m.parts {
		for _, found := range bareFact.FindAllStringSubmatch(p.text, -1) {
			name := found[1]
			if owner, fact, _ := strings.Cut(name, "."); c.hasFact(sc, owner, fact) {
				i := utf8.RuneCountInString(x.text[:max(strings.Index(x.text, name), 0)])
				c.warn(c.src.errorAt(at[i].line, at[i].col, fmt.Sprintf("this shows the words %s, and not its value", name), "write {"+name+"}"))
			}
		}
	}
	return m
}

// hasFact says whether a variable of that name has such a fact.
func (c *compiler) hasFact(sc *scope, owner, fact string) bool {
	return slices.ContainsFunc(sc.sub.vars, func(v variable) bool { return v.name == owner && v.of != nil && v.of.fields[fact] != nil })
}

// closing finds the brace that ends an expression, past strings and braces
// inside it.
func closing(runes []rune, i int) int {
	depth := 0
	var quote rune
	for ; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote != 0:
			if r == '\\' {
				i++
			} else if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '{':
			depth++
		case r == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

func printable(t *types.Type) bool {
	switch t.Kind() {
	case types.BoolKind, types.IntKind, types.DoubleKind, types.StringKind, types.TimestampKind, types.DurationKind:
		return true
	case types.ListKind:
		return t.Parameters()[0].Kind() != types.ListKind && printable(t.Parameters()[0])
	}
	return false
}

// oneLine makes a text safe to print: a single line without control
// characters, of at most limit characters.
func oneLine(s string, limit int) string {
	if isPlainLine(s, limit) {
		return s
	}
	return cleanLine(s, limit)
}

func cleanLine(s string, limit int) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			continue
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		if n >= limit-1 {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// isPlainLine says whether there is nothing in the text for oneLine to change.
func isPlainLine(s string, limit int) bool {
	n, before := 0, ' '
	for i := 0; i < len(s); n++ {
		r, size := rune(s[i]), 1
		switch {
		case r < ' ' || r == ' ' && before == ' ' || r == 0x7f:
			return false
		case r >= utf8.RuneSelf:
			r, size = utf8.DecodeRuneInString(s[i:])
			if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
				return false
			}
		}
		i, before = i+size, r
	}
	return n < limit && (before != ' ' || s == "")
}

// render fills the message in for a rule that failed.
func (m *message) render(e *evaluation) string {
	b := e.run.line[:0]
	for i := range m.parts {
		if prog := m.parts[i].prog; prog != nil {
			b = append(b, e.print(prog)...)
		} else {
			b = append(b, m.parts[i].text...)
		}
	}
	e.run.line = b
	return oneLine(string(b), e.run.set.env.limits.MessageChars)
}

// print is a value as messages show it.
func (e *evaluation) print(p *program) string {
	if n := p.fast; !e.slow && n != nil && n.s != nil {
		if s, ok := n.s(&e.run.plain); ok {
			return s
		}
	} else if !e.slow {
		var m memo
		if m.take(&e.run.plain, n) {
			return Format(m.plain(n))
		}
	}
	switch v := e.run.eval(e, p).(type) {
	case *types.Unknown:
		return "unknown"
	case *types.Err:
		return "?"
	default:
		return Format(native(v))
	}
}

func (c *compiler) status(sc *scope, x *exprText) (string, *program) {
	if x == nil {
		return "", nil
	}
	words := c.env.schema.Statuses
	for _, w := range words {
		if x.text == w {
			return w, nil
		}
	}
	known := statusText.MatchString(x.text) && !c.isName(sc, x.text)
	if known && len(words) == 0 && identPattern.MatchString(x.text) {
		return x.text, nil
	}
	if known && len(words) > 0 {
		c.bad(c.src.errorAt(x.node.Line, x.node.Column, fmt.Sprintf("status %q is not known", x.text), oneOfHint(x.text, words)))
		return "", nil
	}
	p := c.expr(sc, x, "status", types.StringType)
	if p == nil || len(words) == 0 {
		return "", p
	}
	checked, iss := c.check(sc, x.text)
	if iss != nil {
		return "", p
	}
	at := c.src.places(x.node)
	a := checked.NativeRep()
	for _, e := range answers(a.Expr()) {
		v, _ := constant(a, e)
		if t, ok := v.(types.String); ok && !slices.Contains(words, string(t)) {
			place := at[min(max(offsetOf(a, e.ID(), x.text), 0), len(at)-1)]
			c.bad(c.src.errorAt(place.line, place.col, fmt.Sprintf("status %q is not known", string(t)), oneOfHint(string(t), words)))
		}
	}
	return "", p
}

// answers are the expressions that one with ? : can come to.
func answers(e celast.Expr) []celast.Expr {
	if e.Kind() == celast.CallKind && e.AsCall().FunctionName() == operators.Conditional {
		return append(answers(e.AsCall().Args()[1]), answers(e.AsCall().Args()[2])...)
	}
	return []celast.Expr{e}
}

// statusText is a word, or what a person writes for one: On track.
var statusText = regexp.MustCompile(`^[A-Za-z][A-Za-z_]*([ -][A-Za-z]+)*$`)

func oneOfHint(name string, words []string) string {
	plain := strings.NewReplacer(" ", "_", "-", "_").Replace(name)
	if n := cmp.Or(meant(plain, words), nearest(plain, words)); n != "" {
		return "did you mean " + n + "?"
	}
	return "write one of " + strings.Join(words, ", ")
}

func (c *compiler) isName(sc *scope, name string) bool {
	for _, v := range sc.sub.vars {
		if v.name == name {
			return true
		}
	}
	for _, v := range sc.vars {
		if v.name == name {
			return true
		}
	}
	return name == "params"
}
