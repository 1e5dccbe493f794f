package develop

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/develop/source"
)

// Slot is an extension point of a contract that this binary carries.
type Slot struct {
	Name     string // contract.slot
	Contract string // also the name of the Go package
	Var      string // Go variable of the slot
	Command  bool   // else a query slot
	In, Out  string // Go types as another package writes them
	Doc      string
}

// Slots lists the slots of all contracts, by name. They are read from the
// source, since that is what a skeleton must compile with.
func Slots(tree *source.Tree) ([]Slot, error) {
	var all []Slot
	for _, p := range tree.Paths() {
		parts := strings.Split(p, "/")
		if len(parts) != 3 || parts[0] != "apps" {
			continue // not a file of a contract
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, tree.File(p), parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read the contract %s: %w", parts[1], err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				all = append(all, slots(fset, path.Base(path.Dir(p)), g)...)
			}
		}
	}
	slices.SortFunc(all, func(a, b Slot) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// slots are those that a declaration declares.
func slots(fset *token.FileSet, contract string, g *ast.GenDecl) (found []Slot) {
	for _, s := range g.Specs {
		v, ok := s.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 || len(v.Names) != 1 {
			continue
		}
		doc := v.Doc
		if doc == nil {
			doc = g.Doc
		}
		if slot, ok := slotOf(fset, contract, v.Values[0]); ok {
			slot.Var, slot.Doc = v.Names[0].Name, strings.TrimSpace(doc.Text())
			found = append(found, slot)
		}
	}
	return found
}

// slotOf reads sdk.QuerySlot[In, Out]{Name: "…"}.
func slotOf(fset *token.FileSet, contract string, e ast.Expr) (Slot, bool) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return Slot{}, false
	}
	kind, ok := lit.Type.(*ast.IndexListExpr)
	if !ok || len(kind.Indices) != 2 || len(lit.Elts) == 0 {
		return Slot{}, false
	}
	sel, ok := kind.X.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "QuerySlot" && sel.Sel.Name != "CommandSlot" {
		return Slot{}, false
	}
	s := Slot{Contract: contract, Command: sel.Sel.Name == "CommandSlot", In: abroad(fset, contract, kind.Indices[0]), Out: abroad(fset, contract, kind.Indices[1])}
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Name" {
			if text, ok := kv.Value.(*ast.BasicLit); ok {
				s.Name, _ = strconv.Unquote(text.Value) // the compiler has read it before
			}
		}
	}
	return s, s.Name != ""
}

// abroad is a type as another package than the contract's writes it.
func abroad(fset *token.FileSet, contract string, e ast.Expr) string {
	if ident, ok := e.(*ast.Ident); ok && ident.IsExported() {
		return contract + "." + ident.Name
	}
	var text strings.Builder
	if err := printer.Fprint(&text, fset, e); err != nil {
		return ""
	}
	return text.String()
}
