package rules

import (
	"fmt"
	"strings"
	"unicode"

	"cel.dev/cel-go/common/types"
)

// message is a text with expressions in braces.
type message struct{ parts []part }

type part struct {
	text string
	prog *program
}

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
				return bad(i, "there is nothing between the braces", "name a fact: {order.total}")
			}
			p := c.exprAt(sc, inner, at[i+1:end+1], partOfMessage)
			switch {
			case p == nil:
				ok = false
			case !printable(p.out):
				hint := "show a number or a text of it, such as its size()"
				if p.out.Kind() == types.StructKind {
					hint = "show one of its facts"
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
	if !ok {
		return nil
	}
	return m
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

// render fills the message in for a rule that failed.
func (m *message) render(e *evaluation) string {
	var b strings.Builder
	for _, p := range m.parts {
		if p.prog == nil {
			b.WriteString(p.text)
			continue
		}
		if !e.slow {
			var m memo
			if m.take(&e.run.plain, p.prog.fast) {
				b.WriteString(Format(m.plain(p.prog.fast)))
				continue
			}
		}
		v := e.run.eval(e, p.prog)
		switch v := v.(type) {
		case *types.Unknown:
			b.WriteString("unknown")
		case *types.Err:
			b.WriteString("?")
		default:
			b.WriteString(Format(native(v)))
		}
	}
	return oneLine(b.String(), e.run.set.env.limits.MessageChars)
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
	known := identPattern.MatchString(x.text) && !c.isName(sc, x.text)
	if known && len(words) == 0 {
		return x.text, nil
	}
	if known {
		hint := didYouMean(x.text, words)
		if hint == "" {
			hint = "write one of " + strings.Join(words, ", ")
		}
		c.bad(c.pack.src.errorAt(x.node.Line, x.node.Column, fmt.Sprintf("status %q is not known", x.text), hint))
		return "", nil
	}
	return "", c.expr(sc, x, "status", types.StringType)
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
