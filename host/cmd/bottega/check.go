package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/bottega-retail/bottega/host/internal/build"
	"github.com/bottega-retail/bottega/host/internal/develop"
	"github.com/bottega-retail/bottega/sdk/abi"
)

type checkVerb struct {
	Packages []string `arg:"" optional:"" help:"Go package patterns. Default: ./..."`
	Cache    string   `help:"Where compiled modules are kept. Default: .build/cache in the project." type:"path" placeholder:"DIR"`
}

func (checkVerb) Help() string {
	return `Compares the manifest with the code, refuses what a host would refuse, and
says what a retailer will be asked to allow, in both languages. Then it asks
the built module what the tests ask it, each time in an instance of its own, and
says what that took: fuel, which is the same in every run, memory and time.

Example:
  bottega check`
}

// Run checks the modules of the project.
func (v checkVerb) Run(ctx context.Context) error {
	w, err := openWorkshop(ctx, v.Cache, os.Stdout)
	if err != nil {
		return err
	}
	defer w.close()
	results, err := w.build(ctx, build.Options{}, v.Packages)
	if err != nil {
		return err
	}
	var said bytes.Buffer // of the tests: only of interest if they fail
	recordings, err := w.record(ctx, v.Packages, false, &said)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(said.String()))
	}
	modules, err := w.load(ctx, results, recordings)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range modules {
		errs = append(errs, w.check(ctx, m))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Println("\nnext:\n  bottega dev")
	return nil
}

// check says everything about one module.
func (w *workshop) check(ctx context.Context, m benched) error {
	man := m.result.Manifest
	fmt.Fprintf(w.out, "%s %s  %s of %s, %d KiB\n", man.ID, man.Version, man.Kind, man.Vendor, len(m.result.Wasm)>>10)
	fmt.Fprintf(w.out, "  ✓ manifest and code agree\n  ✓ a host takes the module: it imports %d functions of %s and nothing else\n", len(m.Imports), abi.Module)
	fmt.Fprintln(w.out, "\n  what a retailer is asked to allow:")
	for _, l := range []develop.Language{develop.Italian, develop.English} {
		asks := develop.Asks(man, l)
		if len(asks) == 0 {
			asks = []string{map[develop.Language]string{develop.Italian: "niente", develop.English: "nothing"}[l]}
		}
		for _, line := range asks {
			fmt.Fprintf(w.out, "    %s  %s\n", l, line)
		}
	}
	fmt.Fprint(w.out, "\n")
	return w.measure(ctx, m)
}

// cost is what the calls of one entry took, at most.
type cost struct {
	calls  int
	units  int64
	budget int64
	memory int64
	times  []time.Duration
}

// measure plays every recorded call and says what it took.
func (w *workshop) measure(ctx context.Context, m benched) error {
	if len(m.recordings) == 0 {
		fmt.Fprintln(w.out, "  – no test calls it through sdktest: what it takes to run is not known")
		return nil
	}
	costs := map[string]*cost{}
	var errs []error
	for i := range m.recordings {
		r := &m.recordings[i]
		u, err := m.Play(ctx, r)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c := costs[r.Entry()]
		if c == nil {
			c = &cost{budget: m.Budget(r.Kind)}
			costs[r.Entry()] = c
		}
		c.calls++
		c.units, c.memory, c.times = max(c.units, u.Units), max(c.memory, u.Memory), append(c.times, u.Time)
	}
	errs = append(errs, printCosts(w.out, costs, cmp.Or(m.Manifest.Limits.MemoryBytes, develop.House.MemoryBytes)))
	unreached(w.out, m)
	return errors.Join(errs...)
}

func printCosts(to io.Writer, costs map[string]*cost, memory int64) error {
	out := tabwriter.NewWriter(to, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "  the calls of the tests, each in a fresh instance, at most:")
	for _, name := range slices.Sorted(maps.Keys(costs)) {
		c := costs[name]
		slices.Sort(c.times)
		fmt.Fprintf(out, "    %s\t%s\tfuel %s of %s\tmemory %.1f of %d MiB\t%s in the middle\n", name, many(c.calls, "call"),
			grouped(int(c.units)), grouped(int(c.budget)), float64(c.memory)/(1<<20), memory>>20, c.times[len(c.times)/2].Round(10*time.Microsecond))
	}
	return out.Flush()
}

// many counts things for people.
func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// unreached names the entries that no test calls. That is no mistake, but
// nobody knows what they take.
func unreached(out io.Writer, m benched) {
	var names []string
	for _, e := range m.Descriptor.Entries {
		called := slices.ContainsFunc(m.recordings, func(r develop.Recording) bool { return r.Kind == e.Kind && r.Name == e.Name && r.Key == e.Key })
		if !called && e.Kind != abi.EntryEvent {
			names = append(names, e.Name)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(out, "  – no test calls %s\n", strings.Join(names, ", "))
	}
}
