package build

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

var update = flag.Bool("update", false, "write golden files")

// repository is the folder of this repository's go.mod.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// stranger unpacks an archive into a folder of its own, as a module that takes
// the SDK from this repository.
func stranger(t *testing.T, archive string, edits ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", archive+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir, repo := t.TempDir(), repository(t)
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(repo, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "go.sum", string(sum))
	put(t, dir, "go.mod", "module example.com/"+archive+`

go 1.26.0

require github.com/bottega-retail/bottega v0.0.0

replace github.com/bottega-retail/bottega => `+repo+"\n")
	for _, f := range txtar.Parse(b).Files {
		put(t, dir, f.Name, strings.NewReplacer(edits...).Replace(string(f.Data)))
	}
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, elem ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		put(t, "testdata", name, got)
	}
	if want := get(t, file); got != want {
		t.Errorf("%s (run with -update if this is right):\n got\n%s\nwant\n%s", file, got, want)
	}
}

// analysed reads a stranger's module without compiling it.
func analysed(t *testing.T, dir string) ([]*job, *report) {
	t.Helper()
	src, err := load(t.Context(), dir, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	r := &report{dir: dir}
	var jobs []*job
	for _, main := range src.mains {
		jobs = append(jobs, prepare(analyse(src, main, r), filepath.Join(dir, "manifests")))
	}
	return jobs, r
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	_, r := analysed(t, stranger(t, "refused"))
	err := r.err()
	if err == nil {
		t.Fatal("nothing was refused")
	}
	golden(t, "refused.golden", err.Error()+"\n")
}

func TestProvides(t *testing.T) {
	t.Parallel()
	jobs, r := analysed(t, stranger(t, "stranger"))
	if err := r.err(); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		golden(t, j.m.id+".golden.json", string(j.paper.text))
	}
}

// What the compiler would say is said before anything else, at its place.
func TestMistakesInGo(t *testing.T) {
	t.Parallel()
	dir := stranger(t, "stranger", "out.Rows++", "out.Rows += true")
	_, err := Build(t.Context(), Options{Dir: dir, Cache: t.TempDir()})
	var problems Problems
	if !errors.As(err, &problems) || problems[0].File != "tally/internal/app/app.go" || problems[0].Line != 83 {
		t.Errorf("got %v", err)
	}
}

func TestNoManifest(t *testing.T) {
	t.Parallel()
	dir := stranger(t, "stranger")
	_, err := Build(t.Context(), Options{Dir: dir, Cache: t.TempDir(), ManifestDir: "elsewhere"}, "hello")
	if err == nil || !strings.Contains(err.Error(), "elsewhere/hello.json  module hello has no manifest") {
		t.Errorf("got %v", err)
	}
}

func TestNothingToBuild(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{"sdk/abi": "no module in", "apps/nowhere": "nowhere"} {
		_, err := Build(t.Context(), Options{Dir: repository(t), Cache: t.TempDir()}, pattern)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", pattern, err)
		}
	}
	if _, err := Build(t.Context(), Options{Dir: t.TempDir(), Cache: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no go.mod") {
		t.Errorf("got %v", err)
	}
}

// Go lets no overlay into its module cache: a contract that lies there is
// refused with the way out, not built without a codec.
func TestModuleCache(t *testing.T) {
	t.Parallel()
	dir := stranger(t, "stranger")
	src, err := load(t.Context(), dir, []string{"./hello/..."})
	if err != nil {
		t.Fatal(err)
	}
	src.modCache = dir
	r := &report{dir: dir}
	analyse(src, src.mains[0], r)
	if err := r.err(); err == nil || !strings.Contains(err.Error(), "tally.AddIn: tally.AddIn lies in Go's module cache, where the build may not add its codec\n    add to go.mod:  replace example.com/stranger => ./a-copy-of-it") {
		t.Errorf("got %v", err)
	}
}

// Nothing named is the apps and plugins, not the guests of tests elsewhere.
func TestEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "go.mod", "module example.com/m\n")
	for _, folder := range []string{"", "/apps"} {
		put(t, dir+folder, "x/x.go", "package x\n")
		got, err := groups(dir, []string{"./..."})
		if want := dir + folder + "/..."; err != nil || len(got) != 1 || got[0].root != dir || !slices.Equal(got[0].patterns, []string{want}) {
			t.Errorf("got %+v, %v, want %s", got, err, want)
		}
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range kept + 3 {
		name := fmt.Sprintf("%03d.wasm", i)
		put(t, dir, "modules/"+name, "x")
		at := time.Unix(int64(1000+i), 0)
		if err := os.Chtimes(filepath.Join(dir, "modules", name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := (artefacts{dir}).prune(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "modules", "*"))
	if err != nil || len(left) != kept || filepath.Base(left[0]) != "003.wasm" {
		t.Errorf("left %v, %v", left, err)
	}
}

// describe answers as the sandbox would for the stranger's modules.
func describe(edit func(*abi.Descriptor)) func(context.Context, []byte) (*abi.Descriptor, error) {
	return func(context.Context, []byte) (*abi.Descriptor, error) {
		d := &abi.Descriptor{
			Version: abi.Version, App: "tally", Settings: true, Counters: []string{"pieces"},
			Entries: []abi.Entry{
				{Kind: abi.EntryCommand, Name: "tally.add"}, {Kind: abi.EntryQuery, Name: "tally.count"},
				{Kind: abi.EntryCommand, Name: "tally.reset"}, {Kind: abi.EntryTimer, Name: "nightly"},
				{Kind: abi.EntryEffect, Name: "print"}, {Kind: abi.EntryEffectDone, Name: "print"}, {Kind: abi.EntryJob, Name: "recount"},
				{Kind: abi.EntryDaily, Name: "sweep", Key: "04:30"}, {Kind: abi.EntryDerive, Name: "derive"},
				{Kind: abi.EntryMigration, Name: "contract", Key: "3"}, {Kind: abi.EntryMigration, Name: "expand", Key: "2"},
			},
			Derived: []string{"index"}, DataVersion: 3,
			Collections: []abi.Collection{{
				Name: "totals", Key: []string{"store"}, Expires: "until", Subject: "person",
				Indexes: []abi.Index{{Name: "label", Fields: []string{"labels", "nested.store"}}, {Name: "person", Fields: []string{"person"}, Unique: true}},
			}},
		}
		edit(d)
		return d, nil
	}
}

// One module goes the whole way: the compiler runs twice, in two folders.
func TestBuild(t *testing.T) {
	t.Parallel()
	dir, other := stranger(t, "stranger"), stranger(t, "stranger")
	o := Options{Dir: dir, Out: "out", Cache: t.TempDir(), Update: true, Describe: describe(func(*abi.Descriptor) {})}
	results, err := Build(t.Context(), o, "tally")
	if err != nil {
		t.Fatal(err)
	}
	r := results[0]
	if r.ID != "tally" || r.Cached || r.Manifest.Size != int64(len(r.Wasm)) || len(r.Manifest.Digest) != 64 {
		t.Errorf("got %s, cached %v, size %d, digest %q", r.ID, r.Cached, r.Manifest.Size, r.Manifest.Digest)
	}
	delivered(t, dir, r)
	if _, err := os.Stat(filepath.Join(dir, "tally", codecFile)); !os.IsNotExist(err) {
		t.Errorf("a generated file lies in the source tree: %v", err)
	}

	t.Run("again", func(t *testing.T) { again(t, o, r) })
	t.Run("elsewhere", func(t *testing.T) {
		results, err := Build(t.Context(), Options{Dir: other, Cache: t.TempDir()}, "./tally/...")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(results[0].Wasm, r.Wasm) {
			t.Error("the same source gave another module in another folder")
		}
	})
	t.Run("check", func(t *testing.T) { check(t, o, other) })
	t.Run("compare", func(t *testing.T) { compared(t, o) })
}

func delivered(t *testing.T, dir string, r Result) {
	t.Helper()
	if get(t, dir, "out", "tally.wasm") != string(r.Wasm) || r.File != filepath.Join(dir, "out", "tally.wasm") {
		t.Errorf("%s is not the module", r.File)
	}
	m, err := manifest.Parse([]byte(get(t, dir, "out", "tally.json")))
	if err != nil || m.Digest != r.Manifest.Digest {
		t.Errorf("the manifest beside the module: %v, %+v", err, m)
	}
	golden(t, "tally.golden.json", get(t, dir, "manifests", "tally.json"))
}

// again builds what has not changed: nothing is compiled, nothing is written.
func again(t *testing.T, o Options, before Result) {
	t.Helper()
	o.Check, o.Update = true, false
	results, err := Build(t.Context(), o, "tally")
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; !r.Cached || r.Manifest.Digest != before.Manifest.Digest {
		t.Errorf("cached %v, digest %s, before %s", r.Cached, r.Manifest.Digest, before.Manifest.Digest)
	}
	broken := 0
	for _, file := range cached(t, o) {
		put(t, o.Cache, file, "broken")
		broken++
	}
	if results, err = Build(t.Context(), o, "tally"); err != nil || broken != 1 || results[0].Cached || !bytes.Equal(results[0].Wasm, before.Wasm) {
		t.Errorf("a broken file in the cache: %d, %v", broken, err)
	}
	o.Check, o.Update = false, true
	text := get(t, o.Dir, "manifests", "tally.json")
	if _, err := Build(t.Context(), o, "tally"); err != nil || get(t, o.Dir, "manifests", "tally.json") != text {
		t.Errorf("a second update changed the manifest: %v", err)
	}
}

// cached lists the modules in the cache.
func cached(t *testing.T, o Options) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.Cache, "modules", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		files[i] = filepath.Join("modules", filepath.Base(f))
	}
	return files
}

// check refuses a manifest that was never updated, and shows the difference.
func check(t *testing.T, o Options, dir string) {
	t.Helper()
	o.Dir, o.Check, o.Update = dir, true, false
	before := get(t, dir, "manifests", "tally.json")
	_, err := Build(t.Context(), o, "tally")
	if err == nil || !strings.Contains(err.Error(), "manifests/tally.json  not what the code says") ||
		!strings.Contains(err.Error(), `+  "provides": {`) || !strings.HasSuffix(err.Error(), " lines more") {
		t.Errorf("got %v", err)
	}
	if get(t, dir, "manifests", "tally.json") != before {
		t.Error("a check changed the manifest")
	}
}

// compared holds the module's own words against the source, which is read once for
// all of them.
func compared(t *testing.T, o Options) {
	t.Helper()
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	src, err := load(t.Context(), o.Dir, []string{"./tally/..."})
	if err != nil {
		t.Fatal(err)
	}
	for want, edit := range map[string]func(*abi.Descriptor){
		"command tally.add is declared, and the module does not register it": func(d *abi.Descriptor) { d.Entries = d.Entries[1:] },
		"the module registers fill tally.keep paper, and the code does not declare it": func(d *abi.Descriptor) {
			d.Entries = append(d.Entries, abi.Entry{Kind: abi.EntryFill, Name: "tally.keep", Key: "paper"})
		},
		"the module registers event till.closed replayable also replayed, and the code does not declare it": func(d *abi.Descriptor) {
			d.Entries = append(d.Entries, abi.Entry{Kind: abi.EntryEvent, Name: "till.closed", Flags: abi.FlagReplayable | abi.FlagReplayed})
		},
		"daily sweep 04:30 is declared":                                                     func(d *abi.Descriptor) { d.Entries[7].Key = "05:30" },
		"data version 3 is declared":                                                        func(d *abi.Descriptor) { d.DataVersion = 4 },
		"derived value index is declared, and the module does not register it":              func(d *abi.Descriptor) { d.Derived = nil },
		"counter pieces is declared":                                                        func(d *abi.Descriptor) { d.Counters = nil },
		"settings is declared":                                                              func(d *abi.Descriptor) { d.Settings = false },
		`the module says that it is "other", the code says "tally"`:                         func(d *abi.Descriptor) { d.App = "other" },
		"the module was built for ABI version 9, this is 1":                                 func(d *abi.Descriptor) { d.Version = 9 },
		`the module registers collection {"Name":"totals","Key":["person"],"Indexes":null,`: func(d *abi.Descriptor) { d.Collections[0] = abi.Collection{Name: "totals", Key: []string{"person"}} },
	} {
		o.Describe = describe(edit)
		r := &report{dir: o.Dir}
		jobs := []*job{prepare(analyse(src, src.mains[0], r), papers(o.Dir))}
		err := errors.Join(r.err(), compileAll(t.Context(), o, jobs))
		if err == nil {
			_, err = finish(o, jobs, r)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
