// Package develop is what an author of modules uses: it makes projects, keeps
// the unpacked SDK beside them, watches their source, and runs built modules
// against what native tests recorded. It knows Go source, modules and the
// sandbox; it must not know storage, the kernel or any way into a host: what
// needs a running host is in the CLI and goes over REST.
package develop

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/bottega-retail/bottega/host/internal/develop/source"
)

// SDKFolder is where a project holds the unpacked SDK, relative to its go.mod.
// The go command and editors skip folders that begin with a dot, and the path in
// go.mod holds on every machine.
const SDKFolder = ".bottega/sdk"

// stamp names the version that was unpacked.
const stamp = ".digest"

// Project is a folder with a go.mod.
type Project struct {
	Root string // absolute
	// Foreign: it takes the SDK from SDKFolder, as `bottega new` makes it.
	// Otherwise the author has arranged for it, and nothing is unpacked.
	Foreign bool
}

// Find finds the project that dir lies in. The error says what to do if it lies
// in none.
func Find(dir string) (*Project, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for at := dir; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil {
			return project(at, text)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if at == filepath.Dir(at) {
			return nil, fmt.Errorf("no go.mod in %s or above it: go to the folder of a module, or make one with `bottega new plugin NAME --slot SLOT`", dir)
		}
	}
}

func project(root string, goMod []byte) (*Project, error) {
	f, err := modfile.Parse(filepath.Join(root, "go.mod"), goMod, nil)
	if err != nil {
		return nil, err
	}
	p := &Project{Root: root}
	for _, r := range f.Replace {
		if r.Old.Path == source.Module && filepath.ToSlash(filepath.Clean(r.New.Path)) == SDKFolder {
			p.Foreign = true
		}
	}
	return p, nil
}

// Unpack puts the SDK of this binary beside a foreign project, whole or not at
// all, and says whether it had to. What is there already of the same version is
// left alone.
func (p *Project) Unpack(tree *source.Tree) (bool, error) {
	if !p.Foreign {
		return false, nil
	}
	return UnpackInto(filepath.Join(p.Root, filepath.FromSlash(SDKFolder)), tree)
}

// UnpackInto puts a tree into a folder of its own, whole or not at all, and says
// whether it had to.
func UnpackInto(dir string, tree *source.Tree) (bool, error) {
	if have, err := os.ReadFile(filepath.Join(dir, stamp)); err == nil && strings.TrimSpace(string(have)) == tree.Digest() {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return false, err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "sdk-")
	if err != nil {
		return false, err
	}
	if err = unpack(tmp, tree); err == nil {
		err = errors.Join(os.RemoveAll(dir), os.Rename(tmp, dir))
	}
	if err != nil {
		return false, errors.Join(fmt.Errorf("unpack source into %s: %w", dir, err), os.RemoveAll(tmp))
	}
	return true, nil
}

// unpack writes the files of a tree, read-only: a change would be lost with the
// next version.
func unpack(dir string, tree *source.Tree) error {
	for _, name := range tree.Paths() {
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(name)), tree.File(name), 0o444); err != nil {
			return err
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	return writeNew(filepath.Join(dir, stamp), []byte(tree.Digest()+"\n"), 0o444)
}

// writeNew writes a file that must not exist.
func writeNew(file string, text []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(text).WriteTo(f)
	return errors.Join(err, f.Close())
}
