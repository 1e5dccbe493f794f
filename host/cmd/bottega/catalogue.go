package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/bottega-retail/bottega/host/internal/build"
	"github.com/bottega-retail/bottega/host/internal/develop"
	"github.com/bottega-retail/bottega/host/internal/develop/source"
)

// builtHere is where `make build` and `bottega build` put modules.
const builtHere = ".build/modules"

// modules is the folder of built modules to serve: the one that was named, the
// one that was built here, or the apps that this binary carries as source, which
// are then built once per version of the binary.
func (v serveVerb) modules(ctx context.Context) (string, error) {
	if v.Modules != "" {
		return v.Modules, nil
	}
	if _, err := os.Stat(builtHere); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return builtHere, err
	}
	tree, err := source.Catalogue()
	if err != nil {
		return "", err
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the modules of this binary: %w", err)
	}
	dir := filepath.Join(base, "bottega", "modules", version+"-"+tree.Digest())
	out := filepath.Join(dir, "modules")
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return "", fmt.Errorf("there are no built modules here: name their folder with --modules; or install Go, and the apps of this binary are built: %w", err)
	}
	return out, buildCatalogue(ctx, dir, out, tree)
}

// buildCatalogue builds the apps that the binary carries. Modules stand in their
// folder all or none.
func buildCatalogue(ctx context.Context, dir, out string, tree *source.Tree) error {
	fmt.Println("  … building the apps of this binary from its own source, once")
	src := filepath.Join(dir, "source")
	if _, err := develop.UnpackInto(src, tree); err != nil {
		return err
	}
	cache := filepath.Join(dir, "cache")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	bench, err := develop.NewBench(ctx, cache, time.Now)
	if err != nil {
		return err
	}
	defer bench.Close()
	fresh, err := os.MkdirTemp(dir, "modules-")
	if err != nil {
		return err
	}
	_, err = build.Build(ctx, build.Options{
		Dir: src, Out: fresh, Describe: bench.Describe, Progress: func(s string) { fmt.Println("    " + s) },
	})
	if err == nil {
		err = os.Rename(fresh, out)
	}
	if errors.Is(err, fs.ErrExist) {
		return os.RemoveAll(fresh) // another host was faster and has built the same
	}
	if err != nil {
		return errors.Join(fmt.Errorf("build the apps of this binary: %w", err), os.RemoveAll(fresh))
	}
	return nil
}
