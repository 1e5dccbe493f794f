package build

import (
	"context"
	"fmt"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// The packages that the build knows by name.
const (
	sdkPath    = "github.com/bottega-retail/bottega/sdk"
	retailPath = sdkPath + "/retail"
	wirePath   = sdkPath + "/wire"
)

// isSDK says whether a package belongs to the SDK. The guests of its
// conformance suite lie below it and are guests like any other.
func isSDK(path string) bool {
	guests := sdkPath + "/sdktest/conformance/"
	return path == sdkPath || strings.HasPrefix(path, sdkPath+"/") && !strings.HasPrefix(path, guests)
}

// compileFlags are those of the compiler, the same for type checking and for
// the module, so that both share Go's cache.
var compileFlags = []string{"-trimpath", "-buildvcs=false"}

// environment is that of every go command. Flags that the developer has set
// for himself must not change the module.
func environment() []string {
	return append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=")
}

// source is everything that the modules of one build are made of.
type source struct {
	dir      string
	fset     *token.FileSet
	packages map[string]*packages.Package // typed, by path; all but std
	listed   map[string]*packages.Package // by path, all but std: files and imports only
	mains    []*packages.Package
	modCache string // Go's, where no overlay reaches
	version  string // of Go
}

// load lists what the patterns name, and types the packages that guests are
// made of. Two steps, because typing needs compiled dependencies and the
// patterns may well match the host.
func load(ctx context.Context, dir string, patterns []string) (*source, error) {
	s := &source{dir: dir, fset: token.NewFileSet(), packages: map[string]*packages.Package{}, listed: map[string]*packages.Package{}}
	if err := s.toolchain(ctx); err != nil {
		return nil, err
	}
	listed, err := s.load(ctx, packages.NeedName|packages.NeedFiles|packages.NeedEmbedFiles|packages.NeedImports|packages.NeedDeps|packages.NeedModule, patterns)
	if err != nil {
		return nil, err
	}
	var mains []string
	wanted := map[string]bool{}
	for _, p := range listed {
		if p.Name == "main" && p.Imports[sdkPath] != nil {
			mains = append(mains, p.PkgPath)
			s.collect(p, wanted)
		}
	}
	if len(mains) == 0 {
		return nil, nothing(listed, patterns)
	}
	if err := s.typed(ctx, slices.Sorted(maps.Keys(wanted))); err != nil {
		return nil, err
	}
	for _, path := range mains {
		s.mains = append(s.mains, s.packages[path])
	}
	return s, nil
}

// toolchain asks the go command what it is.
func (s *source) toolchain(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOMODCACHE")
	cmd.Dir, cmd.Env = s.dir, environment()
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("run the go command, which building apps needs: %w", err)
	}
	s.version, s.modCache, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	return nil
}

// nothing says why the patterns name no module.
func nothing(listed []*packages.Package, patterns []string) error {
	err := fmt.Errorf("no module in %s: a module is a main package that imports %s", strings.Join(patterns, " "), sdkPath)
	for _, p := range listed {
		for _, e := range p.Errors {
			err = fmt.Errorf("%w\n%s", err, e.Msg)
		}
	}
	return err
}

func (s *source) load(ctx context.Context, mode packages.LoadMode, patterns []string) ([]*packages.Package, error) {
	list, err := packages.Load(&packages.Config{
		Context: ctx, Mode: mode, Dir: s.dir, Fset: s.fset,
		Env: environment(), BuildFlags: compileFlags,
	}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", strings.Join(patterns, " "), err)
	}
	return list, nil
}

// collect notes p and all that it imports but the standard library.
func (s *source) collect(p *packages.Package, wanted map[string]bool) {
	if p.Module == nil || s.listed[p.PkgPath] != nil {
		return
	}
	s.listed[p.PkgPath] = p
	wanted[p.PkgPath] = true
	for _, dep := range p.Imports {
		s.collect(dep, wanted)
	}
}

// typed loads packages with syntax and types. Mistakes that the compiler would
// find are problems of the build.
func (s *source) typed(ctx context.Context, paths []string) error {
	list, err := s.load(ctx, packages.LoadSyntax|packages.NeedModule|packages.NeedExportFile, paths)
	if err != nil {
		return err
	}
	r := report{dir: s.dir}
	for _, p := range list {
		s.packages[p.PkgPath] = p
		for _, e := range p.Errors {
			if len(p.Errors) > 1 && strings.HasPrefix(e.Msg, "# ") {
				continue // the compiler's words for what the type checker says better
			}
			file, line := position(e.Pos)
			r.addFile(file, line, "", "%s", e.Msg)
		}
	}
	return r.err()
}

// position takes "file:line:column" apart.
func position(pos string) (file string, line int) {
	parts := strings.Split(pos, ":")
	if len(parts) < 2 {
		return strings.TrimPrefix(pos, "-"), 0
	}
	if _, err := fmt.Sscan(parts[1], &line); err != nil {
		return pos, 0
	}
	return parts[0], line
}

// closure lists the typed packages that a main package is made of, without the
// SDK's own but with retail's, sorted by path.
func (s *source) closure(main *packages.Package) []*packages.Package {
	var out []*packages.Package
	for _, p := range s.inputs(main) {
		if t := s.packages[p.PkgPath]; t != nil && (p.PkgPath == retailPath || !isSDK(p.PkgPath)) {
			out = append(out, t)
		}
	}
	return out
}

// inputs lists the packages that are compiled into a main package but the
// standard library's, sorted by path.
func (s *source) inputs(main *packages.Package) []*packages.Package {
	seen := map[string]*packages.Package{}
	var visit func(path string)
	visit = func(path string) {
		p := s.listed[path]
		if p == nil || seen[path] != nil {
			return
		}
		seen[path] = p
		for _, dep := range p.Imports {
			visit(dep.PkgPath)
		}
	}
	visit(main.PkgPath)
	out := make([]*packages.Package, 0, len(seen))
	for _, path := range slices.Sorted(maps.Keys(seen)) {
		out = append(out, seen[path])
	}
	return out
}

// folder is the folder that a package lies in.
func folder(p *packages.Package) string {
	if len(p.GoFiles) == 0 {
		return ""
	}
	return filepath.Dir(p.GoFiles[0])
}

// group is what one go command can load: patterns below one module's root.
type group struct {
	root     string // folder of the go.mod
	patterns []string
}

// groups turns what the developer names into patterns: "apps/till" is every
// package below that folder, and a folder may belong to a module of its own.
func groups(dir string, patterns []string) ([]group, error) {
	if len(patterns) == 0 || slices.Equal(patterns, []string{"./..."}) {
		patterns = everything(dir)
	}
	var out []group
	for _, p := range patterns {
		full := strings.TrimSuffix(p, "/...")
		if !filepath.IsAbs(full) {
			full = filepath.Join(dir, full)
		}
		base, pattern := dir, p
		if info, err := os.Stat(full); err == nil && info.IsDir() {
			base, pattern = full, full+"/..."
		}
		root, err := moduleRoot(base)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(out, func(g group) bool { return g.root == root })
		if i < 0 {
			i, out = len(out), append(out, group{root: root})
		}
		out[i].patterns = append(out[i].patterns, pattern)
	}
	return out, nil
}

// everything is what is built when nothing is named: apps and plugins where
// there are such folders, so that guests of tests are not delivered.
func everything(dir string) []string {
	var out []string
	for _, name := range []string{"apps", "plugins"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.IsDir() {
			out = append(out, name)
		}
	}
	if out == nil {
		return []string{"."}
	}
	return out
}

// moduleRoot is the nearest folder at or above dir that has a go.mod.
func moduleRoot(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no go.mod in %s or above it", dir)
		}
	}
}

// overlayable says where the source of a package lies, and whether files may
// be added to it by an overlay: Go refuses that in its module cache.
func (s *source) overlayable(path string) (dir string, ok bool) {
	p := s.packages[path]
	if p == nil {
		return "", false
	}
	dir = folder(p)
	return dir, s.modCache == "" || !strings.HasPrefix(dir, s.modCache+string(filepath.Separator))
}

// module is the path of the module that a package belongs to.
func (s *source) module(path string) string {
	if p := s.packages[path]; p != nil && p.Module != nil {
		return p.Module.Path
	}
	return path
}
