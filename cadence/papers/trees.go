package papers

import (
	"slices"
	"strings"
	"text/template/parse"
)

// trees are the parsed templates of both formats.
func (s *Set) trees() []*parse.Tree {
	var out []*parse.Tree
	for _, t := range s.markdown.Templates() {
		if t.Tree != nil {
			out = append(out, t.Tree)
		}
	}
	for _, t := range s.html.Templates() {
		if t.Tree != nil {
			out = append(out, t.Tree)
		}
	}
	return out
}

// said are the keys that templates name.
func (s *Set) said() map[string]bool {
	out := map[string]bool{}
	for _, t := range s.trees() {
		each(t.Root, func(n parse.Node) {
			if n, ok := n.(*parse.StringNode); ok {
				out[n.Text] = true
			}
		})
	}
	return out
}

// unused refuses a template file that takes no shipped one's place and that no other
// file calls: its name is most likely misspelt.
func (s *Set) unused(added, shipped []string) error {
	all := s.trees()
	for _, name := range added {
		called := slices.ContainsFunc(all, func(from *parse.Tree) bool {
			found := false
			each(from.Root, func(n parse.Node) {
				call, ok := n.(*parse.TemplateNode)
				found = found || ok && from.ParseName != name && slices.ContainsFunc(all, func(t *parse.Tree) bool { return t.Name == call.Name && t.ParseName == name })
			})
			return found
		})
		if !called {
			return invalid("templates", name, "no paper is made of it, and no template calls it: did you mean "+nearest(name, shipped)+"?")
		}
	}
	return nil
}

// nearest is the name that shares the most pairs of letters with the one given.
func nearest(name string, all []string) string {
	shared := func(s string) int {
		n := 0
		for i := range len(s) - 1 {
			if strings.Contains(name, s[i:i+2]) {
				n += 2
			}
		}
		return n - len(s) // of two that share as many the shorter one
	}
	return slices.MaxFunc(all, func(a, b string) int { return shared(a) - shared(b) })
}

// each visits a node and all below it.
func each(n parse.Node, visit func(parse.Node)) {
	branch := func(b *parse.BranchNode) {
		each(b.Pipe, visit)
		each(b.List, visit)
		each(b.ElseList, visit)
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, x := range n.Nodes {
				each(x, visit)
			}
		}
		return
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				each(c, visit)
			}
		}
		return
	case *parse.ActionNode:
		each(n.Pipe, visit)
	case *parse.CommandNode:
		for _, a := range n.Args {
			each(a, visit)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		each(n.Pipe, visit)
	}
	visit(n)
}
