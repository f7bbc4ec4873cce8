package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/okrkit/okrkit/okr"
)

// The packages whose types are on the wire.
const (
	okrPath     = "github.com/okrkit/okrkit/okr"
	measurePath = "github.com/okrkit/okrkit/okr/measure"
)

// source is what the reflected types do not tell: comments and constants.
type source struct {
	events []eventType
	docs   map[string]string   // by package path and name of the type, and of its field behind another dot
	values map[string][]string // by package path and name of a type of strings: its constants, in order
}

// eventType is one of okr's constants.
type eventType struct {
	name    string // okr.v1.<entity>.<verb>
	comment string
}

func readSource() (*source, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports |
			packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedExportFile,
	}, okrPath, measurePath)
	if err != nil {
		return nil, err
	}
	s := &source{docs: map[string]string{}, values: map[string][]string{}}
	for _, p := range loaded {
		for _, e := range p.Errors {
			return nil, fmt.Errorf("%s: %w", p.PkgPath, e)
		}
		for _, f := range p.Syntax {
			s.readFile(p, f)
		}
	}
	slices.SortFunc(s.events, func(a, b eventType) int { return cmp.Compare(a.name, b.name) })
	if len(s.events) == 0 {
		return nil, fmt.Errorf("%s declares no event types", okrPath)
	}
	return s, nil
}

func (s *source) readFile(p *packages.Package, f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.readType(p.PkgPath, g, spec)
			case *ast.ValueSpec:
				if g.Tok == token.CONST {
					s.readConstants(p, spec)
				}
			}
		}
	}
}

func (s *source) readType(pkg string, g *ast.GenDecl, spec *ast.TypeSpec) {
	name := pkg + "." + spec.Name.Name
	doc := spec.Doc
	if doc == nil && !g.Lparen.IsValid() {
		doc = g.Doc
	}
	s.docs[name] = prose(doc, nil)
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range st.Fields.List {
		for _, n := range field.Names {
			s.docs[name+"."+n.Name] = prose(field.Doc, field.Comment)
		}
	}
}

func (s *source) readConstants(p *packages.Package, spec *ast.ValueSpec) {
	for _, n := range spec.Names {
		c, ok := p.TypesInfo.Defs[n].(*types.Const)
		if !ok || c.Val().Kind() != constant.String || !n.IsExported() {
			continue
		}
		v := constant.StringVal(c.Val())
		if named, ok := c.Type().(*types.Named); ok {
			of := named.Obj().Pkg().Path() + "." + named.Obj().Name()
			s.values[of] = append(s.values[of], v)
		} else if p.PkgPath == okrPath && strings.HasPrefix(n.Name, "Event") && strings.HasPrefix(v, okr.EventPrefix) && v != okr.EventPrefix {
			s.events = append(s.events, eventType{v, prose(spec.Doc, spec.Comment)})
		}
	}
}

// prose is a comment as one line, without the brackets of links.
func prose(above, behind *ast.CommentGroup) string {
	text := above.Text()
	if text == "" {
		text = behind.Text()
	}
	text = strings.Join(strings.Fields(text), " ")
	var b strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '[')
		end := strings.IndexByte(text, ']')
		if open < 0 || end < open || !linkable(text[open+1:end]) {
			cut := len(text)
			if open >= 0 {
				cut = open + 1
			}
			b.WriteString(text[:cut])
			text = text[cut:]
			continue
		}
		b.WriteString(text[:open] + text[open+1:end])
		text = text[end+1:]
	}
	return b.String()
}

// linkable says whether it is what a doc comment links to, and no interval such as [0,1].
func linkable(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if !token.IsIdentifier(part) {
			return false
		}
		if _, err := strconv.Atoi(part); err == nil {
			return false
		}
	}
	return true
}
