package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/bottega-retail/bottega/host/internal/build"
)

type testVerb struct {
	Packages []string `arg:"" optional:"" help:"Go package patterns. Default: ./..."`
	Update   bool     `help:"Write golden files anew."`
	Cache    string   `help:"Where compiled modules are kept. Default: .build/cache in the project." type:"path" placeholder:"DIR"`
}

func (testVerb) Help() string {
	return `Runs Go's tests natively, and writes down each call that they make into the
module: what it was asked, what it asked of the host, what it answered. Then
the built module is asked the same in WebAssembly, in an instance of its own
per call, and must ask and answer the same bytes.

Example:
  bottega test
  bottega test --update`
}

// Run tests natively and in WebAssembly.
func (v testVerb) Run(ctx context.Context) error {
	w, err := openWorkshop(ctx, v.Cache, os.Stdout)
	if err != nil {
		return err
	}
	defer w.close()
	recordings, err := w.record(ctx, v.Packages, v.Update, os.Stdout)
	if err != nil {
		return err
	}
	results, err := w.build(ctx, build.Options{}, v.Packages)
	if err != nil {
		return err
	}
	modules, err := w.load(ctx, results, recordings)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range modules {
		errs = append(errs, w.play(ctx, m))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Println("\nnext:\n  bottega check")
	return nil
}

// play asks one module what its tests asked the source.
func (w *workshop) play(ctx context.Context, m benched) error {
	if len(m.recordings) == 0 {
		fmt.Fprintf(w.out, "  – %s  no test calls it through sdktest: nothing to compare in WebAssembly\n", m.result.ID)
		return nil
	}
	var errs []error
	for i := range m.recordings {
		if _, err := m.Play(ctx, &m.recordings[i]); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("%s: %d of %d calls differ in WebAssembly\n%w", m.result.ID, len(errs), len(m.recordings), errors.Join(errs...))
	}
	fmt.Fprintf(w.out, "  ✓ %s  %s of the tests, asked again in WebAssembly: the same bytes\n", m.result.ID, many(len(m.recordings), "call"))
	return nil
}
