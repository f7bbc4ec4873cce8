package papers

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
)

// markup is Markdown that is written as it stands.
type markup string

// mdEscapes are the characters that mean something to a Markdown reader, or to the
// chat tools that read Markdown of their own.
var mdEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "~", `\~`, "!", `\!`, "$", `\$`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "@", "@\u200b",
)

// beginsBlock is what begins a list, or underlines a heading, where a line begins
// with it.
var beginsBlock = regexp.MustCompile(`^(\d{1,9})([.)](?:\s|$))|^([-+](?:\s|$)|[-=][-=\s]*$)`)

// escapeMarkdown is a text that a Markdown reader shows as it is: on one line, no
// markup, no HTML, no mention of anybody.
func escapeMarkdown(s string) string {
	return beginsBlock.ReplaceAllString(mdEscapes.Replace(plain(s)), `${1}\${2}${3}`)
}

// plain makes a text safe to show on one line: control characters, and marks that
// turn the direction of writing, are left out, white space is one space.
func plain(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' }), " ")
	return strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s), " ")
}

// escaped is the function that every action of a Markdown template ends with.
const escaped = "_escaped"

func escapeAny(x any) string {
	switch x := x.(type) {
	case nil:
		return ""
	case markup:
		return string(x)
	case string:
		return escapeMarkdown(x)
	}
	return escapeMarkdown(fmt.Sprint(x))
}

// escapeActions has every action of the templates escape what it prints, as
// html/template does, so that none can forget to.
func escapeActions(set *template.Template) {
	for _, t := range set.Templates() {
		if t.Tree != nil {
			escapeList(t.Tree, t.Root)
		}
	}
}

func escapeList(tree *parse.Tree, l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			escapePipe(tree, n.Pipe)
		case *parse.IfNode:
			escapeList(tree, n.List)
			escapeList(tree, n.ElseList)
		case *parse.RangeNode:
			escapeList(tree, n.List)
			escapeList(tree, n.ElseList)
		case *parse.WithNode:
			escapeList(tree, n.List)
			escapeList(tree, n.ElseList)
		}
	}
}

func escapePipe(tree *parse.Tree, p *parse.PipeNode) {
	if len(p.Decl) > 0 { // it prints nothing
		return
	}
	if last := p.Cmds[len(p.Cmds)-1]; len(last.Args) == 1 && last.Args[0].String() == escaped {
		return
	}
	p.Cmds = append(p.Cmds, &parse.CommandNode{
		NodeType: parse.NodeCommand, Pos: p.Pos, Args: []parse.Node{parse.NewIdentifier(escaped).SetTree(tree).SetPos(p.Pos)},
	})
}

// linked is a link, if the address is one that a reader may follow.
func linked(text, address string) markup {
	if !followable(address) {
		return markup(escapeMarkdown(strings.TrimSpace(text + " " + address)))
	}
	if text == "" {
		text = address
	}
	text = escapeMarkdown(text)
	if text == "x" || text == "X" { // which some readers take for a box that is ticked
		text = map[string]string{"x": "&#120;", "X": "&#88;"}[text]
	}
	return markup("[" + text + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", " ", "%20", `\`, "%5C", "&", "&amp;").Replace(address) + ">)")
}

// followable says whether an address is one of the web or of mail.
func followable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || plain(address) != address {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}
