package build

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// provideWork adds a declaration of what the module does by itself.
func (m *module) provideWork(p *manifest.Provides, s *schemas, d *declaration) {
	switch d.kind {
	case "Effect", "Job":
		if !m.handles(d) {
			m.refuse(d.at, "register it with Handle in sdk.NewApp", "%s %s is declared and nobody handles it", strings.ToLower(d.kind), d.name)
		}
		if d.kind == "Job" {
			p.Jobs = append(p.Jobs, manifest.Job{Name: d.name, Doc: d.doc, Input: s.root(d.args[0]), Output: s.root(d.args[1])})
		} else {
			p.Effects = append(p.Effects, manifest.Effect{Name: d.name, Doc: d.doc, Input: s.root(d.args[0]), Output: s.root(d.args[1])})
		}
	case "Derived":
		p.Derived = append(p.Derived, d.name)
	case "Migration":
		m.provideMigration(p, d)
	}
}

// provideMigration reads the literal of a migration.
func (m *module) provideMigration(p *manifest.Provides, d *declaration) {
	version := 0
	if e := d.element("Version"); e != nil {
		if v, ok := constant.Int64Val(constant.ToInt(d.pkg.TypesInfo.Types[e].Value)); ok {
			version = int(v)
		}
	}
	if version < 2 {
		m.refuse(d.at, "the first version is 1, the first to migrate to is 2", "an sdk.Migration has no constant Version from 2")
		return
	}
	for _, phase := range []struct{ field, name string }{{"Expand", abi.MigrateExpand}, {"Contract", abi.MigrateContract}} {
		if e := d.element(phase.field); e != nil && !d.pkg.TypesInfo.Types[e].IsNil() {
			p.Migrations = append(p.Migrations, manifest.Migration{Version: version, Phase: phase.name})
		}
	}
	p.DataVersion = max(p.DataVersion, version)
}

// dailies finds the calls of sdk.Daily, of which the name and the time must be
// constant.
func (m *module) dailies() (all []manifest.Daily) {
	m.eachCall(func(p *packages.Package, call *ast.CallExpr) {
		if !calls(p.TypesInfo, call, "Daily") || len(call.Args) != 3 {
			return
		}
		name, named := constantText(p.TypesInfo, call.Args[0])
		at, timed := constantText(p.TypesInfo, call.Args[1])
		if !named || !timed {
			m.refuse(call.Pos(), "write them out", "the name or the time given to sdk.Daily is not constant")
			return
		}
		all = append(all, manifest.Daily{Name: name, At: at})
	})
	return all
}

// eachCall visits the calls in the module's own code.
func (m *module) eachCall(visit func(p *packages.Package, call *ast.CallExpr)) {
	for _, p := range m.parts {
		if !m.own(p) {
			continue
		}
		for _, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					visit(p, call)
				}
				return true
			})
		}
	}
}

// workParts are the entries of what the module does by itself.
func workParts(p *manifest.Provides) (all []abi.Entry) {
	for _, d := range p.Daily {
		all = append(all, abi.Entry{Kind: abi.EntryDaily, Name: d.Name, Key: d.At})
	}
	for _, e := range p.Effects {
		all = append(all, abi.Entry{Kind: abi.EntryEffect, Name: e.Name}, abi.Entry{Kind: abi.EntryEffectDone, Name: e.Name})
	}
	for _, j := range p.Jobs {
		all = append(all, abi.Entry{Kind: abi.EntryJob, Name: j.Name})
	}
	for _, g := range p.Migrations {
		all = append(all, abi.Entry{Kind: abi.EntryMigration, Name: g.Phase, Key: strconv.Itoa(g.Version)})
	}
	if len(p.Derived) > 0 {
		all = append(all, abi.Entry{Kind: abi.EntryDerive, Name: "derive"})
	}
	return all
}

// egress is what the source shows of the module's HTTP requests.
type egress struct {
	sends bool     // it calls Outside.HTTP
	hosts []string // that its requests name in a constant, sorted
}

// egress finds the module's HTTP requests. An address that is put together at
// run time is checked then.
func (m *module) egress() (e egress) {
	for _, p := range m.parts {
		if !m.own(p) {
			continue
		}
		for _, use := range p.TypesInfo.Uses {
			if fn, ok := use.(*types.Func); ok && fn.FullName() == "(*"+sdkPath+".Outside).HTTP" {
				e.sends = true
			}
		}
		for _, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.CompositeLit); ok && isRequest(p.TypesInfo.TypeOf(lit)) {
					if host := constantHost(p.TypesInfo, element(lit, "URL")); host != "" {
						e.hosts = append(e.hosts, host)
					}
				}
				return true
			})
		}
	}
	slices.Sort(e.hosts)
	e.hosts = slices.Compact(e.hosts)
	return e
}

func isRequest(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == sdkPath && named.Obj().Name() == "Request"
}

// constantHost is the host of an address that is constant, or begins so and goes
// on behind the host; "" if it cannot be seen.
func constantHost(info *types.Info, e ast.Expr) string {
	whole := true
	for e != nil {
		if text, ok := constantText(info, e); ok {
			u, err := url.Parse(text)
			if err != nil || !whole && !strings.Contains(strings.TrimPrefix(text, "https://"), "/") {
				return ""
			}
			return strings.TrimSuffix(u.Host, ":443")
		}
		b, ok := ast.Unparen(e).(*ast.BinaryExpr)
		if !ok || b.Op != token.ADD {
			return ""
		}
		e, whole = b.X, false
	}
	return ""
}
