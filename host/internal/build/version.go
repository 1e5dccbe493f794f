package build

import (
	"encoding/json"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/packages"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// upcaster is a call of sdk.Upcast: what it takes and what it makes of it.
type upcaster struct {
	from, to types.Type
	at       token.Pos
}

// upcasts finds the calls of sdk.Upcast in a package, by where they stand. What
// they take crosses the boundary, in old events.
func upcasts(p *packages.Package) map[token.Pos]upcaster {
	all := map[token.Pos]upcaster{}
	for _, f := range p.Syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if id := called(call); id != nil && isUpcast(p.TypesInfo.Uses[id]) {
				if args := p.TypesInfo.Instances[id].TypeArgs; args.Len() == 2 {
					all[call.Pos()] = upcaster{args.At(0), args.At(1), call.Pos()}
				}
			}
			return true
		})
	}
	return all
}

// called is the name of the function that a call calls, its type arguments
// written out or not; nil for none.
func called(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch x := fun.(type) {
	case *ast.SelectorExpr:
		return x.Sel
	case *ast.Ident:
		return x
	}
	return nil
}

func isUpcast(o types.Object) bool {
	return o != nil && o.Name() == "Upcast" && o.Pkg() != nil && o.Pkg().Path() == sdkPath
}

// version reads the Version of an event as manifests have it: 0 for the first.
func (m *module) version(d *declaration) int {
	e := d.element("Version")
	if e == nil {
		return 0
	}
	v := d.pkg.TypesInfo.Types[e].Value
	n, ok := int64(0), false
	if v != nil {
		n, ok = constant.Int64Val(v)
	}
	if !ok || n < 0 || n > abi.MaxEventVersion {
		m.refuse(e.Pos(), "write a number from 1 to 1000", "the Version of %s is not one that the build can read", d.name)
	}
	if n == 1 {
		return 0
	}
	return int(n)
}

// earlier lists what an event was in each version before this one, and refuses
// an event that cannot be led from one of them to what it is now.
func (m *module) earlier(d *declaration) []types.Type {
	chain, ok := m.upcasters(d)
	if !ok {
		return nil
	}
	version := max(m.version(d), 1)
	if len(chain) != version-1 {
		m.refuse(d.at, "give it an sdk.Upcast from each earlier version to the next: the log keeps old events",
			"%s has version %d and %d upcasters", d.name, version, len(chain))
		return nil
	}
	var old []types.Type
	for i, u := range chain {
		next := d.args[0]
		if i+1 < len(chain) {
			next = chain[i+1].from
		}
		if !types.Identical(u.to, next) {
			m.refuse(u.at, "", "%s: the upcaster from version %d makes a %s, and version %d is a %s", d.name, i+1, name(u.to), i+2, name(next))
		}
		old = append(old, u.from)
	}
	return old
}

// upcasters reads the Upcasts of an event.
func (m *module) upcasters(d *declaration) (chain []upcaster, ok bool) {
	e := d.element("Upcasts")
	if e == nil {
		return nil, true
	}
	lit := literalOf(e)
	if lit != nil {
		all := upcasts(d.pkg)
		for _, el := range lit.Elts {
			if u, ok := all[ast.Unparen(el).Pos()]; ok {
				chain = append(chain, u)
			}
		}
	}
	if lit == nil || len(chain) != len(lit.Elts) {
		m.refuse(e.Pos(), "write  []sdk.Upcaster{sdk.Upcast(fn), …}", "the Upcasts of %s are not written out, and the build cannot read them", d.name)
		return nil, false
	}
	return chain, true
}

// oldShapes are the types that a package's upcasters read, in the order of the
// source.
func oldShapes(p *packages.Package) (all []upcaster) {
	for _, u := range upcasts(p) {
		if _, open := types.Unalias(u.from).(*types.TypeParam); !open {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b upcaster) int { return int(a.at - b.at) })
	return all
}

// forward refuses an event whose version is lower than its manifest says it was:
// what a log may hold under a number must not get another meaning.
func (m *module) forward(p *paper, lines manifest.Lines) {
	var was struct {
		Provides struct{ Events []manifest.Event }
	}
	if json.Unmarshal(p.old, &was) != nil {
		return // what is wrong with it is said elsewhere, or mended by the new one
	}
	for i, old := range was.Provides.Events {
		for _, now := range p.manifest.Provides.Events {
			if now.Name == old.Name && now.Version < old.Version {
				m.report.addFile(p.file, lines.Line("/provides/events/"+strconv.Itoa(i)), "give it the next one; if no host has had it yet, remove the event here",
					"%s had version %d and now has version %d", now.Name, old.Version, max(now.Version, 1))
			}
		}
	}
}
