package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bottega-retail/bottega/host/internal/build"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

type buildVerb struct {
	Packages  []string `arg:"" optional:"" default:"./..." help:"Go package patterns; every main package in a folder named wasm is a module."`
	Out       string   `short:"o" help:"Folder for <id>.wasm and <id>.json." default:".build/modules" type:"path"`
	Manifests string   `help:"Folder of the manifests in the source. Default: manifests beside go.mod." type:"path"`
	Update    bool     `help:"Write what the code provides into the manifests."`
	Check     bool     `help:"Fail if a manifest is not what the code provides."`
	Cache     string   `help:"Where compiled modules are kept." default:".build/cache" type:"path"`
}

func (buildVerb) Help() string {
	return `Generates the codec of every type that crosses the boundary, builds the
modules, and compares them with their manifests.

Example:
  bottega build -o .build/modules ./apps/...`
}

// Run builds and lists what was built.
func (v buildVerb) Run(ctx context.Context) error {
	if err := os.MkdirAll(v.Cache, 0o700); err != nil {
		return err
	}
	box, err := sandbox.New(ctx, sandbox.Config{CacheDir: v.Cache})
	if err != nil {
		return err
	}
	defer box.Close()
	results, err := build.Build(ctx, build.Options{
		Out: v.Out, ManifestDir: v.Manifests, Update: v.Update, Check: v.Check, Describe: describer(box),
		Progress: func(s string) { fmt.Println("  …", s) },
	}, v.Packages...)
	for _, r := range results {
		fmt.Printf("  ✓ %s  %s  %d KiB\n", r.ID, relative(r.File), len(r.Wasm)/1024)
	}
	return err
}

// describer asks a module what it registers, by running it as a host would.
func describer(box *sandbox.Sandbox) func(context.Context, []byte) (*abi.Descriptor, error) {
	return func(ctx context.Context, wasm []byte) (*abi.Descriptor, error) {
		m, err := box.Load(ctx, wasm, sandbox.ModuleLimits{})
		if err != nil {
			return nil, err
		}
		defer m.Close()
		raw, err := m.Describe(ctx)
		if err != nil {
			return nil, err
		}
		return abi.ParseDescriptor(raw)
	}
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
