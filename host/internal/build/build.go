// Package build turns the source of guests into modules and manifests. It
// knows Go: packages, types, the compiler; it writes the codec that a guest
// carries, refuses what cannot cross the boundary, and derives from the code
// what a manifest says of it. It must not know wasm, storage or what is
// enabled: whoever runs it lends it Describe.
package build

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Options says where a build reads and writes.
type Options struct {
	Dir         string // patterns are relative to it; "" is the current folder
	Out         string // folder for <id>.wasm and <id>.json; "" writes neither
	ManifestDir string // folder of the manifests in the source; "" is manifests beside go.mod, or go.mod's own without it
	Cache       string // private folder; "" is bottega/build in the user's cache folder
	Update      bool   // write what the code provides back into the manifests
	Check       bool   // refuse a manifest that is not what the code says

	// Describe runs a module and asks what it registers; nil trusts the source.
	Describe func(ctx context.Context, wasm []byte) (*abi.Descriptor, error)
	// Progress is told what is being done, one line at a time; nil is nobody.
	Progress func(line string)
	// Now is the clock that durations are taken with; nil is the machine's.
	Now func() time.Time
}

// Result is one module that was built.
type Result struct {
	ID       string
	Package  string             // import path of its main package
	File     string             // <Out>/<id>.wasm, "" without Out
	Wasm     []byte             // the module
	Manifest *manifest.Manifest // in full, with Digest and Size
	Duration time.Duration      // of compiling and describing
	Cached   bool               // nothing it is made of had changed
	Codec    map[string][]byte  // the codec's sources by the files that they would be: an overlay to compile the same code natively with
}

// Build builds the modules among the packages that the patterns name: Go's
// patterns, or folders with all below them; none, or ./..., is the folders apps
// and plugins, or all of Dir if it has neither. A module is a main package that
// imports the SDK. Results are in the order of ids. The error
// is Problems if the developer has something to change, and then no output was
// written for any module.
func Build(ctx context.Context, o Options, patterns ...string) ([]Result, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	found, err := groups(o.Dir, patterns)
	if err != nil {
		return nil, err
	}
	var jobs []*job
	r := &report{dir: o.Dir}
	for _, g := range found {
		o.Progress("reading " + g.root)
		src, err := load(ctx, g.root, g.patterns)
		if err != nil {
			return nil, within(err, g.root, o.Dir)
		}
		for _, main := range src.mains {
			jobs = append(jobs, prepare(analyse(src, main, r), cmp.Or(o.ManifestDir, papers(g.root))))
		}
	}
	slices.SortFunc(jobs, func(a, b *job) int { return cmp.Compare(a.m.id, b.m.id) })
	unique(jobs)
	if err := r.err(); err != nil {
		return nil, err
	}
	if err := compileAll(ctx, o, jobs); err != nil {
		return nil, err
	}
	return finish(o, jobs, r)
}

// papers is where a module's manifests lie: in the folder manifests, as where
// there are many, or beside go.mod.
func papers(root string) string {
	dir := filepath.Join(root, "manifests")
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	return root
}

// complete fills in what was left out.
func (o *Options) complete() (err error) {
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}
	// The go command answers with folders that hold no symbolic link.
	if o.Dir, err = filepath.EvalSymlinks(o.Dir); err != nil {
		return err
	}
	if o.Cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("find a folder for the build's cache: %w", err)
		}
		o.Cache = filepath.Join(base, "bottega", "build")
	}
	if o.ManifestDir != "" && !filepath.IsAbs(o.ManifestDir) {
		o.ManifestDir = filepath.Join(o.Dir, o.ManifestDir)
	}
	if o.Out != "" && !filepath.IsAbs(o.Out) {
		o.Out = filepath.Join(o.Dir, o.Out)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}

// within makes the files of problems relative to where the developer stands.
func within(err error, root, dir string) error {
	var problems Problems
	if !errors.As(err, &problems) || root == dir {
		return err
	}
	r := report{dir: dir}
	for _, p := range problems {
		if p.File != "" && !filepath.IsAbs(p.File) {
			p.File = filepath.Join(root, p.File)
		}
		r.addFile(p.File, p.Line, p.Help, "%s", p.Text)
	}
	return r.err()
}

// job is one module on its way.
type job struct {
	m         *module
	paper     *paper
	described *abi.Descriptor // nil without Describe
	result    Result
}

// prepare derives the manifest of a module that was analysed.
func prepare(m *module, dir string) *job {
	j := &job{m: m}
	if m.id == "" {
		return j
	}
	// A manifest derived from code that is refused would be refused for the
	// code's faults.
	if p := m.provides(); len(m.report.problems) == m.before {
		j.paper = m.paper(dir, p)
	}
	return j
}

// unique refuses two modules of one id: the second would overwrite the first.
func unique(jobs []*job) {
	for i := 1; i < len(jobs); i++ {
		if a, b := jobs[i-1].m, jobs[i].m; a.id == b.id && a.id != "" {
			b.refuse(b.at, "", "%s and %s are both the app %q", a.main.PkgPath, b.main.PkgPath, b.id)
		}
	}
}

// compileAll builds the modules, two at a time: most of the work is the
// linker's, which uses one core.
func compileAll(ctx context.Context, o Options, jobs []*job) error {
	lines := make(chan string)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for l := range lines {
			o.Progress(l)
		}
	}()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, j := range jobs {
		g.Go(func() error { return j.compile(ctx, o, lines) })
	}
	err := g.Wait()
	close(lines)
	<-done
	return err
}

// compile builds one module and holds it against its source.
func (j *job) compile(ctx context.Context, o Options, lines chan<- string) error {
	start := o.Now()
	codec, err := j.m.overlay()
	if err != nil {
		return err
	}
	wasm, cached, err := artefacts{o.Cache}.compile(ctx, j.m, codec)
	if err != nil {
		return err
	}
	if o.Describe != nil {
		d, err := o.Describe(ctx, wasm)
		if err != nil {
			return fmt.Errorf("describe %s: %w", j.m.id, err)
		}
		j.described = d
	}
	sum := sha256.Sum256(wasm)
	man := *j.paper.manifest
	man.Digest, man.Size = hex.EncodeToString(sum[:]), int64(len(wasm))
	j.result = Result{
		ID: j.m.id, Package: j.m.main.PkgPath, Wasm: wasm, Manifest: &man,
		Duration: o.Now().Sub(start), Cached: cached, Codec: codec,
	}
	how := "built"
	if cached {
		how = "unchanged"
	}
	lines <- fmt.Sprintf("%s %s, %d KiB", how, j.m.id, len(wasm)>>10)
	return nil
}

// finish compares, and writes if there was nothing to complain about.
func finish(o Options, jobs []*job, r *report) ([]Result, error) {
	for _, j := range jobs {
		if j.described != nil {
			j.m.compare(j.paper.manifest.Provides, j.described)
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if err := j.paper.settle(r, o.Update, o.Check); err != nil {
			return nil, err
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	results := make([]Result, len(jobs))
	for i, j := range jobs {
		if o.Out != "" {
			file, err := deliver(o.Out, j.result.Manifest, j.result.Wasm)
			if err != nil {
				return nil, err
			}
			j.result.File = file
		}
		results[i] = j.result
	}
	return results, nil
}
