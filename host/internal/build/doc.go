package build

import (
	"go/ast"
	"go/doc/comment"
	"go/token"
	"strings"

	"golang.org/x/tools/go/packages"
)

// docs holds the comments of types and fields by the position of their names.
type docs map[token.Pos]note

// note is a comment: its text, and the directives in it.
type note struct {
	text   string
	open   bool   // "//bottega:open": constants of the type are not all there is
	format string // "//bottega:format x": the JSON Schema format of the type
	// example is "//bottega:example {…}", over one line or several: a value of the
	// type as JSON, for who reads its documentation.
	example string
}

// collect notes the comments of the types of a package.
func (d docs) collect(p *packages.Package) {
	for _, f := range p.Syntax {
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				d.typeSpec(g, s.(*ast.TypeSpec))
			}
		}
	}
}

func (d docs) typeSpec(g *ast.GenDecl, s *ast.TypeSpec) {
	group := s.Doc
	if group == nil && len(g.Specs) == 1 {
		group = g.Doc
	}
	n := note{text: docText(group, s.Comment)}
	if group != nil {
		for _, c := range group.List {
			if format, ok := strings.CutPrefix(c.Text, "//bottega:format "); ok {
				n.format = strings.TrimSpace(format)
			}
			if example, ok := strings.CutPrefix(c.Text, "//bottega:example "); ok {
				n.example += example
			}
			n.open = n.open || c.Text == "//bottega:open"
		}
	}
	d[s.Name.Pos()] = n
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range st.Fields.List {
		for _, ident := range f.Names {
			d[ident.Pos()] = note{text: docText(f.Doc, f.Comment)}
		}
	}
}

// docText is the first of the comments that says anything, as plain text: a
// line per paragraph or list item, however the source wraps it.
func docText(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if g == nil || strings.TrimSpace(g.Text()) == "" {
			continue
		}
		var p comment.Parser
		print := comment.Printer{TextWidth: -1}
		return strings.TrimSpace(string(print.Text(p.Parse(g.Text()))))
	}
	return ""
}
