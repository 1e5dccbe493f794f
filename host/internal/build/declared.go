package build

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// declaration is a descriptor of the SDK as the code declares it: an
// operation, event, slot, timer, effect, job, collection, counter, derived value,
// migration or settings.
type declaration struct {
	kind string // name of the SDK's type: Query, Command, …
	name string // its Name, "" for settings and migrations
	args []types.Type
	doc  string
	at   token.Pos
	lit  *ast.CompositeLit
	pkg  *packages.Package
}

// The kinds that others address by contract.name.
var addressed = []string{"Query", "Command", "QuerySlot", "CommandSlot", "Event"}

// kinds lists every descriptor of the SDK.
var kinds = append([]string{"Timer", "Effect", "Job", "Collection", "Counter", "Derived", "Migration", "Settings"}, addressed...)

// nameless are the kinds without a Name.
var nameless = []string{"Settings", "Migration"}

// contract is the part of the name before the dot of what others address.
func (d *declaration) contract() string {
	if !slices.Contains(addressed, d.kind) {
		return ""
	}
	return contractOf(d.name)
}

func contractOf(name string) string {
	contract, _, ok := strings.Cut(name, ".")
	if !ok {
		return ""
	}
	return contract
}

// descriptorKind says which of the SDK's descriptors t is, "" for none.
func descriptorKind(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != sdkPath || !slices.Contains(kinds, named.Obj().Name()) {
		return ""
	}
	return named.Obj().Name()
}

// typeArgs are the type arguments of a descriptor.
func typeArgs(t types.Type) []types.Type {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return nil
	}
	var out []types.Type
	for a := range named.TypeArgs().Types() {
		out = append(out, a)
	}
	return out
}

// declarations finds the descriptors of one package. Those that others address
// are package variables; the rest may stand anywhere.
func (m *module) declarations(p *packages.Package) {
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				m.variables(p, g, s.(*ast.ValueSpec))
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if ok {
				m.literal(p, lit)
			}
			return true
		})
	}
}

// variables takes the descriptors that package variables hold.
func (m *module) variables(p *packages.Package, g *ast.GenDecl, s *ast.ValueSpec) {
	for i, ident := range s.Names {
		v, ok := p.TypesInfo.Defs[ident].(*types.Var)
		if !ok {
			continue
		}
		kind := descriptorKind(v.Type())
		if kind == "" {
			continue
		}
		d := &declaration{kind: kind, args: typeArgs(v.Type()), doc: docText(s.Doc, g.Doc), at: ident.Pos(), pkg: p}
		if i < len(s.Values) {
			d.lit = literalOf(s.Values[i])
		}
		if d.lit == nil && kind != "Settings" {
			m.refuse(ident.Pos(), "write  "+name(v.Type())+"{Name: …}", "%s is not written out, and the build cannot read it", ident.Name)
			continue
		}
		m.declare(d, v)
	}
}

// literalOf is the composite literal that e is, or takes the address of; nil for
// none.
func literalOf(e ast.Expr) *ast.CompositeLit {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

// literal takes a descriptor that no package variable holds.
func (m *module) literal(p *packages.Package, lit *ast.CompositeLit) {
	t := p.TypesInfo.TypeOf(lit)
	kind := descriptorKind(t)
	if kind == "" || m.literals[lit] {
		return
	}
	if slices.Contains(addressed, kind) {
		m.refuse(lit.Pos(), "declare it as a variable of the contract's package", "an sdk.%s stands inside an expression", kind)
		return
	}
	m.declare(&declaration{kind: kind, args: typeArgs(t), at: lit.Pos(), lit: lit, pkg: p}, nil)
}

// declare keeps a declaration after reading its name.
func (m *module) declare(d *declaration, v *types.Var) {
	m.literals[d.lit] = true
	if !slices.Contains(nameless, d.kind) {
		text, ok := m.text(d, "Name")
		if !ok || text == "" {
			m.refuse(d.at, "give it a constant Name", "an sdk.%s has no name", d.kind)
			return
		}
		d.name = text
	}
	if slices.Contains(addressed, d.kind) && d.contract() == "" {
		m.refuse(d.at, "names are contract.name", "the sdk.%s is named %q", d.kind, d.name)
		return
	}
	m.declared = append(m.declared, d)
	if v != nil {
		m.vars[v] = d
	}
}

// element is the value of a field in the declaration's literal, nil if it is
// not there.
func (d *declaration) element(field string) ast.Expr {
	if d.lit == nil {
		return nil
	}
	return element(d.lit, field)
}

func element(lit *ast.CompositeLit, field string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == field {
				return kv.Value
			}
		}
	}
	return nil
}

// text reads a constant text of the literal; "" if the field is not there.
func (m *module) text(d *declaration, field string) (string, bool) {
	e := d.element(field)
	if e == nil {
		return "", true
	}
	return constantText(d.pkg.TypesInfo, e)
}

func constantText(info *types.Info, e ast.Expr) (string, bool) {
	v := info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

func constantTexts(info *types.Info, e ast.Expr) ([]string, bool) {
	if e == nil {
		return nil, true
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	var out []string
	for _, el := range lit.Elts {
		s, ok := constantText(info, el)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// collection reads the literal of a collection.
func (m *module) collection(d *declaration) (abi.Collection, bool) {
	info := d.pkg.TypesInfo
	c := abi.Collection{Name: d.name}
	var ok [4]bool
	c.Key, ok[0] = constantTexts(info, d.element("Key"))
	c.Expires, ok[1] = m.text(d, "Expires")
	c.Subject, ok[2] = m.text(d, "Subject")
	c.Indexes, ok[3] = indexes(info, d.element("Indexes"))
	if slices.Contains(ok[:], false) {
		m.refuse(d.at, "write them out as literals", "collection %s: its key and indexes are not constant", d.name)
		return c, false
	}
	return c, true
}

func indexes(info *types.Info, e ast.Expr) ([]abi.Index, bool) {
	if e == nil {
		return nil, true
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	var out []abi.Index
	for _, el := range lit.Elts {
		x, ok := index(info, el)
		if !ok {
			return nil, false
		}
		out = append(out, x)
	}
	return out, true
}

func index(info *types.Info, e ast.Expr) (x abi.Index, ok bool) {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return x, false
	}
	if n := element(lit, "Name"); n != nil {
		x.Name, ok = constantText(info, n)
	}
	fields, constant := constantTexts(info, element(lit, "Fields"))
	x.Fields = fields
	if u := element(lit, "Unique"); u != nil {
		v := info.Types[u].Value
		if v == nil {
			return x, false
		}
		x.Unique = v.String() == "true"
	}
	return x, ok && constant && x.Name != ""
}
