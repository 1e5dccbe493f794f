// Package source is what an author needs of this repository to build and test
// a module offline: the SDK, the contracts, and the apps that tests may run
// beside one's own. It is data, the same in every binary that is built from one
// commit, however it is built. It is the only package of the host that imports
// guests, and it takes nothing of them but their source.
package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps"
	"github.com/bottega-retail/bottega/manifests"
	"github.com/bottega-retail/bottega/plugins"
	"github.com/bottega-retail/bottega/sdk"
)

// Module is the path under which authors import it.
const Module = "github.com/bottega-retail/bottega"

// Tree is the unpacked module: text by path, with slashes.
type Tree struct {
	files map[string][]byte
	paths []string // sorted
}

// goMod asks for nothing: neither SDK nor contracts have dependencies.
const goMod = "// Unpacked by bottega; do not edit: it is written anew for each version.\nmodule " + Module + "\n\ngo 1.26.0\n"

// Read collects what authors build with.
func Read() (*Tree, error) {
	return read(wanted, map[string]fs.FS{"sdk": sdk.Source, "apps": apps.Source})
}

// Catalogue collects what the apps and plugins of this repository are built
// from, their manifests included: a binary without built modules beside it makes
// them.
func Catalogue() (*Tree, error) {
	all := func(name string) bool { return wanted(name) || isMain(name) }
	t, err := read(all, map[string]fs.FS{"sdk": sdk.Source, "apps": apps.Source, "plugins": plugins.Source})
	if err != nil {
		return nil, err
	}
	for _, id := range manifests.Modules() {
		for _, dir := range []string{"apps", "plugins"} {
			if t.File(path.Join(dir, id, "wasm", "main.go")) != nil {
				t.put(path.Join("manifests", id+".json"), manifests.Module(id))
			}
		}
	}
	slices.Sort(t.paths)
	return t, nil
}

func read(wanted func(string) bool, dirs map[string]fs.FS) (*Tree, error) {
	t := &Tree{files: map[string][]byte{}}
	t.put("go.mod", []byte(goMod))
	for dir, from := range dirs {
		if err := t.add(dir, from, wanted); err != nil {
			return nil, fmt.Errorf("read the embedded %s: %w", dir, err)
		}
	}
	slices.Sort(t.paths)
	return t, nil
}

func (t *Tree) put(name string, text []byte) {
	t.files[name] = text
	t.paths = append(t.paths, name)
}

func (t *Tree) add(dir string, from fs.FS, wanted func(string) bool) error {
	return fs.WalkDir(from, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !wanted(name) {
			return err
		}
		text, err := fs.ReadFile(from, name)
		t.put(path.Join(dir, name), text)
		return err
	})
}

// wanted leaves out what authors do not build with: tests, which need
// libraries, the modules' main packages, and the embedding itself.
func wanted(name string) bool {
	return !strings.HasSuffix(name, "_test.go") && name != "source.go" && !isMain(name)
}

// isMain says whether a file is of a module's main package.
func isMain(name string) bool { return path.Base(path.Dir(name)) == "wasm" }

// Paths lists the files, sorted.
func (t *Tree) Paths() []string { return slices.Clone(t.paths) }

// File is the text of a file, nil if there is none.
func (t *Tree) File(name string) []byte { return t.files[name] }

// Digest is 16 hex digits over all paths and texts.
func (t *Tree) Digest() string {
	h := sha256.New() // which takes every write
	for _, p := range t.paths {
		_, _ = fmt.Fprintf(h, "%s %d\n%s\n", p, len(t.files[p]), t.files[p])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
