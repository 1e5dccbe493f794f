package build

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/packages"
)

// module is one guest module as its source says it is.
type module struct {
	report *report
	before int // problems in report that are not of this module
	src    *source
	main   *packages.Package
	parts  []*packages.Package // that it is made of, the SDK left out
	id     string
	root   *packages.Package // where NewApp is called
	at     token.Pos         // of the call of NewApp

	contract string // that it provides, "" for none
	declared []*declaration
	vars     map[*types.Var]*declaration
	literals map[*ast.CompositeLit]bool
	mentions []mention
	cross    *crossing
	docs     docs
}

// mention is a place where the code names a descriptor.
type mention struct {
	d      *declaration
	method string   // called on it; "" if it is passed on as a value
	key    string   // of a command slot's Fill
	flags  []string // methods called on what the method answers
	at     token.Pos
	pkg    *packages.Package
}

// analyse reads a main package and everything that it is made of.
func analyse(src *source, main *packages.Package, r *report) *module {
	m := &module{
		report: r, before: len(r.problems), src: src, main: main, parts: src.closure(main),
		vars: map[*types.Var]*declaration{}, literals: map[*ast.CompositeLit]bool{nil: true}, docs: docs{},
	}
	m.cross = &crossing{report: r, fset: src.fset, local: src.overlayable, module: src.module, records: map[*types.TypeName]*record{}, asked: map[string]bool{}}
	for _, p := range m.parts {
		m.declarations(p)
		m.docs.collect(p)
	}
	if p := src.packages[sdkPath]; p != nil {
		m.docs.collect(p) // of what the SDK itself declares that crosses
	}
	for _, p := range m.parts {
		m.roots(p)
		m.mentioned(p)
	}
	m.identify()
	m.settleContract()
	m.imports()
	return m
}

func (m *module) refuse(at token.Pos, help, format string, args ...any) {
	m.report.add(m.src.fset.Position(at), help, format, args...)
}

// identify finds the call of NewApp and the id in it.
func (m *module) identify() {
	candidates := []*packages.Package{m.main}
	for _, p := range m.parts {
		if m.main.Imports[p.PkgPath] != nil {
			candidates = append(candidates, p)
		}
	}
	var found []*ast.CallExpr
	for _, p := range candidates {
		for _, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && calls(p.TypesInfo, call, "NewApp") {
					found, m.root = append(found, call), p
				}
				return true
			})
		}
	}
	if len(found) != 1 {
		m.refuse(m.main.Syntax[0].Pos(), "call sdk.NewApp in the package that main imports, once", "module %s: %d calls of sdk.NewApp", m.main.PkgPath, len(found))
		return
	}
	m.at = found[0].Pos()
	id, ok := constantText(m.root.TypesInfo, found[0].Args[0])
	if !ok {
		m.refuse(m.at, "write it out", "the id given to sdk.NewApp is not constant")
	}
	m.id = id
}

// calls says whether call is one of a function of the SDK.
func calls(info *types.Info, call *ast.CallExpr, name string) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	return ok && fn.Name() == name && fn.Pkg() != nil && fn.Pkg().Path() == sdkPath
}

// roots finds the types that cross: the type arguments of every descriptor
// type that the package uses.
func (m *module) roots(p *packages.Package) {
	type use struct {
		t  types.Type
		at token.Pos
	}
	var uses []use
	for e, tv := range p.TypesInfo.Types {
		if tv.Type == nil || descriptorKind(tv.Type) == "" || descriptorKind(tv.Type) == "Derived" {
			continue // a derived value never leaves the guest's memory
		}
		for _, t := range typeArgs(tv.Type) {
			if _, open := types.Unalias(t).(*types.TypeParam); !open {
				uses = append(uses, use{t, e.Pos()})
			}
		}
	}
	slices.SortFunc(uses, func(a, b use) int { return int(a.at - b.at) })
	for _, u := range uses {
		m.cross.root(u.t, u.at)
	}
	for _, u := range oldShapes(p) {
		m.cross.root(u.from, u.at)
	}
}

// mentioned notes every place where the package names a descriptor.
func (m *module) mentioned(p *packages.Package) {
	for _, f := range p.Syntax {
		ast.PreorderStack(f, nil, func(n ast.Node, stack []ast.Node) bool {
			ident, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			v, ok := p.TypesInfo.Uses[ident].(*types.Var)
			if !ok || m.vars[v] == nil {
				return true
			}
			mn := mention{d: m.vars[v], at: ident.Pos(), pkg: p}
			mn.method, mn.key = m.use(p, ident, stack)
			mn.flags = chained(stack)
			m.mentions = append(m.mentions, mn)
			return true
		})
	}
}

// use says which method is called on the descriptor that ident names, and for
// a command slot's Fill under which key.
func (m *module) use(p *packages.Package, ident *ast.Ident, stack []ast.Node) (method, key string) {
	i := len(stack) - 1
	if sel, ok := stack[i].(*ast.SelectorExpr); ok && sel.Sel == ident {
		i--
	}
	sel, ok := stack[i].(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	if call, ok := stack[i-1].(*ast.CallExpr); ok && sel.Sel.Name == "Fill" && len(call.Args) == 2 {
		if key, ok = constantText(p.TypesInfo, call.Args[0]); !ok {
			m.refuse(call.Args[0].Pos(), "write it out", "the key of %s is not constant", types.ExprString(call.Fun))
		}
	}
	return sel.Sel.Name, key
}

// chained lists the methods that are called one after the other on what a
// descriptor's method answers: Replayable of Closed.On(fn).Replayable().
func chained(stack []ast.Node) (methods []string) {
	calls := 0
	for i := len(stack) - 1; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.SelectorExpr:
			if calls > 0 {
				methods = append(methods, n.Sel.Name)
			}
		case *ast.CallExpr:
			if fun, ok := n.Fun.(*ast.SelectorExpr); !ok || i+1 == len(stack) || fun != stack[i+1] {
				return methods // it is an argument
			}
			calls++
		default:
			return methods
		}
	}
	return methods
}

// settleContract finds the contract that the module provides: that of the
// operations it handles, or of what it declares under its own id.
func (m *module) settleContract() {
	for _, mn := range m.mentions {
		if mn.method != "Handle" || mn.d.contract() == "" {
			continue
		}
		if c := mn.d.contract(); m.contract == "" {
			m.contract = c
		} else if c != m.contract {
			m.refuse(mn.at, "one module provides one contract", "%s handles %s and operations of %s", m.id, mn.d.name, m.contract)
		}
	}
	if m.contract != "" {
		return
	}
	for _, d := range m.declared {
		if d.contract() == m.id && m.id != "" {
			m.contract = m.id
		}
	}
}

// banned are the packages that a guest's own code may not import.
var banned = map[string]string{
	"math/rand":    "an instance may be a copy of another and would draw the same numbers: use Tx.Random and Tx.NewID",
	"math/rand/v2": "an instance may be a copy of another and would draw the same numbers: use Tx.Random and Tx.NewID",
	"crypto/rand":  "use Tx.Random and Tx.NewID: they come from the host",
}

// imports refuses what a guest may not import.
func (m *module) imports() {
	for _, p := range m.parts {
		if p.Module != nil && m.main.Module != nil && p.Module.Path != m.main.Module.Path {
			continue
		}
		for _, f := range p.Syntax {
			for _, i := range f.Imports {
				path, err := strconv.Unquote(i.Path.Value)
				if why := banned[path]; err == nil && why != "" {
					m.refuse(i.Pos(), why, "%s imports %s", p.PkgPath, path)
				}
			}
		}
	}
}

// own says whether a package is the module's own, not a contract of another.
func (m *module) own(p *packages.Package) bool {
	if isSDK(p.PkgPath) {
		return false
	}
	foreign, mine := false, p == m.root || p == m.main
	for _, d := range m.declared {
		if d.pkg != p || d.contract() == "" {
			continue
		}
		if d.contract() == m.contract {
			mine = true
		} else {
			foreign = true
		}
	}
	return mine || !foreign
}
