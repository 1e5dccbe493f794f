package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/bottega-retail/bottega/host/internal/build"
	"github.com/bottega-retail/bottega/host/internal/develop"
	"github.com/bottega-retail/bottega/host/internal/develop/source"
)

// workshop is where an author's verbs work: a project with its SDK, and a bench
// to run modules on.
type workshop struct {
	project *develop.Project
	bench   *develop.Bench
	out     io.Writer
}

// openWorkshop finds the project of the current folder and brings its SDK up to
// this binary.
func openWorkshop(ctx context.Context, cache string, out io.Writer) (*workshop, error) {
	w := &workshop{out: out}
	if err := w.prepare(); err != nil {
		return nil, err
	}
	if cache == "" {
		cache = filepath.Join(w.project.Root, ".build", "cache")
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, err
	}
	var err error
	w.bench, err = develop.NewBench(ctx, cache, time.Now)
	return w, err
}

func (w *workshop) prepare() (err error) {
	if w.project, err = develop.Find("."); err != nil {
		return err
	}
	if !w.project.Foreign {
		return nil
	}
	tree, err := source.Read()
	if err != nil {
		return err
	}
	unpacked, err := w.project.Unpack(tree)
	if unpacked {
		fmt.Fprintf(w.out, "  ✓ SDK of bottega %s unpacked into %s\n", version, develop.SDKFolder)
	}
	return err
}

func (w *workshop) close() { w.bench.Close() }

// build builds the modules that the patterns name.
func (w *workshop) build(ctx context.Context, o build.Options, patterns []string) ([]build.Result, error) {
	o.Describe = w.bench.Describe
	if o.Out == "" {
		o.Out = filepath.Join(w.project.Root, ".build", "modules")
	}
	return build.Build(ctx, o, patterns...)
}

// record runs the native tests and answers what they did with modules.
func (w *workshop) record(ctx context.Context, patterns []string, update bool, out io.Writer) ([]develop.Recording, error) {
	dir, err := os.MkdirTemp("", "bottega-record-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // left behind, it only takes room
	t := develop.Tests{Patterns: patterns, Update: update, Record: dir, Out: out}
	if err := t.Run(ctx); err != nil {
		return nil, err
	}
	return develop.Recordings(dir)
}

// modules are built modules on the bench, each with what tests recorded of it.
type benched struct {
	*develop.Module
	result     build.Result
	recordings []develop.Recording
}

func (w *workshop) load(ctx context.Context, results []build.Result, recordings []develop.Recording) ([]benched, error) {
	out := make([]benched, len(results))
	for i, r := range results {
		m, err := w.bench.Load(ctx, r.Manifest, r.Wasm)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
		out[i] = benched{Module: m, result: r}
		for _, rec := range recordings {
			if rec.App == r.ID {
				out[i].recordings = append(out[i].recordings, rec)
			}
		}
	}
	return out, nil
}
