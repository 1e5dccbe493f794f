package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bottega-retail/bottega/host/internal/build"
)

type buildVerb struct {
	Packages  []string `arg:"" optional:"" default:"./..." help:"Go package patterns; every main package in a folder named wasm is a module."`
	Out       string   `short:"o" help:"Folder for <id>.wasm and <id>.json. Default: .build/modules in the project." type:"path" placeholder:"DIR"`
	Manifests string   `help:"Folder of the manifests in the source. Default: manifests beside go.mod, or go.mod's own folder." type:"path" placeholder:"DIR"`
	Update    bool     `help:"Write what the code provides into the manifests."`
	Check     bool     `help:"Fail if a manifest is not what the code provides."`
	Cache     string   `help:"Where compiled modules are kept. Default: .build/cache in the project." type:"path" placeholder:"DIR"`
}

func (buildVerb) Help() string {
	return `Generates the codec of every type that crosses the boundary, builds the
modules, and compares them with their manifests.

Example:
  bottega build
  bottega build -o .build/modules ./apps/...`
}

// Run builds and lists what was built.
func (v buildVerb) Run(ctx context.Context) error {
	w, err := openWorkshop(ctx, v.Cache, os.Stdout)
	if err != nil {
		return err
	}
	defer w.close()
	results, err := w.build(ctx, build.Options{
		Out: v.Out, ManifestDir: v.Manifests, Update: v.Update, Check: v.Check,
		Progress: func(s string) { fmt.Println("  …", s) },
	}, v.Packages)
	for _, r := range results {
		fmt.Printf("  ✓ %s  %s  %d KiB\n", r.ID, relative(r.File), len(r.Wasm)/1024)
	}
	if err == nil && w.project.Foreign {
		fmt.Println("\nnext:\n  bottega test")
	}
	return err
}

// relative shortens a path for people.
func relative(path string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil {
			return rel
		}
	}
	return path
}
