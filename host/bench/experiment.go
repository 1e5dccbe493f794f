package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
)

// experiment measures a few rows together, in turns.
type experiment struct {
	name string
	rows []string // that it fills
	run  func(ctx context.Context, b *bench) ([]result.Row, error)
}

// experiments lists all, in the order of the design's table.
func experiments() []experiment {
	return []experiment{emptyRows, meteringRows, quoteRows, hardRows, publishRows, pluginRows, backTestRows, durableRows, counterRows, recordRows, restartRows, saleRows, cardRows, networkRows, dayRows, replayRows, latencyRows, restoreRows, derivedRows, webhookRows}
}

func (e *experiment) wanted(prefixes string) bool {
	for p := range strings.SplitSeq(prefixes, ",") {
		for _, id := range e.rows {
			if strings.HasPrefix(id, p) {
				return true
			}
		}
	}
	return false
}

// bench is where things lie and how long to measure.
type bench struct {
	binary   string // bottega
	built    string // all built modules
	modules  string // of the four apps
	work     string // built guests and caches, kept between runs
	dir      string // databases, made anew in each run
	natively string // file of the native pricing app, "" before
	guests   string // folder of the benchmarks' own built guests, "" before
	uci      string // file of the UCI Online Retail set
	quick    bool
}

func newBench(build string, quick bool) (*bench, error) {
	build, err := filepath.Abs(build)
	if err != nil {
		return nil, err
	}
	b := &bench{
		binary: filepath.Join(build, "bin", "bottega"), built: filepath.Join(build, "modules"), modules: filepath.Join(build, "bench", "apps"),
		work: filepath.Join(build, "bench"), dir: filepath.Join(build, "bench", "data"), quick: quick,
	}
	if err := os.RemoveAll(b.dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, err
	}
	// `make build` makes plugins too, which would be asked in every quote.
	return b, onlyApps(b.built, b.modules, ownApps...)
}

// ownApps are what a sale needs.
var ownApps = []string{"catalog", "pricing", "stock", "till"}

// slice is how long one subject is measured in one round.
func (b *bench) slice(d time.Duration) time.Duration {
	if b.quick {
		return d / 5
	}
	return d
}

// rounds is how often the turns go round.
func (b *bench) rounds(n int) int {
	if b.quick {
		return 3
	}
	return n
}

// folder makes an empty folder for a database.
func (b *bench) folder(name string) (string, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}

// onlyApps copies some built apps into an empty folder.
func onlyApps(from, to string, apps ...string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, app := range apps {
		for _, ending := range []string{".json", ".wasm"} {
			content, err := os.ReadFile(filepath.Join(from, app+ending))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(to, app+ending), content, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// cache is where modules that this program compiled are kept.
func (b *bench) cache() string { return filepath.Join(b.work, "cache") }

// openProbe opens a kernel over the probe.
func (b *bench) openProbe(ctx context.Context, name string, running int, wrap func(sandbox.Runner) sandbox.Runner) (*rig.Rig, error) {
	return b.openGuests(ctx, name, rig.Options{Apps: []string{"probe"}, Running: running, Wrap: wrap})
}

// openGuests opens a kernel over some of the benchmarks' own guests. Dir, Cache
// and Modules of the options are filled in.
func (b *bench) openGuests(ctx context.Context, name string, o rig.Options) (*rig.Rig, error) {
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	o.Modules = b.guests
	return b.openRig(ctx, name, o)
}

// build builds the benchmarks' own guests, once.
func (b *bench) build(ctx context.Context) (err error) {
	if b.guests == "" {
		b.guests, err = rig.BuildGuests(ctx, ".", b.work, b.cache())
	}
	return err
}

func (b *bench) openRig(ctx context.Context, name string, o rig.Options) (*rig.Rig, error) {
	var err error
	if o.Dir, err = b.folder(name); err != nil {
		return nil, err
	}
	o.Cache = b.cache()
	return rig.Open(ctx, o)
}

// subject is one side of a comparison: it works for a time and answers one
// sample.
type subject struct {
	name string
	work func(d time.Duration) (float64, error)
}

// turns lets subjects work in turns, in short slices and several rounds, so
// that what else the machine does hits all alike. Samples are by subject.
func turns(rounds int, d time.Duration, subjects ...subject) ([][]float64, error) {
	samples := make([][]float64, len(subjects))
	for round := range rounds {
		for i, s := range subjects {
			v, err := s.work(d)
			if err != nil {
				return nil, fmt.Errorf("%s, round %d: %w", s.name, round, err)
			}
			samples[i] = append(samples[i], v)
		}
	}
	return samples, nil
}

// perCall is a subject that calls fn without pause; its samples are the mean
// time of a call in unit, garbage collection and all.
func perCall(name string, unit time.Duration, fn func() error) subject {
	return subject{name, func(d time.Duration) (float64, error) {
		const chunk = 20
		n, began := 0, time.Now()
		for time.Since(began) < d {
			for range chunk {
				if err := fn(); err != nil {
					return 0, err
				}
			}
			n += chunk
		}
		return float64(time.Since(began)) / float64(n) / float64(unit), nil
	}}
}

// against is the row of a subject compared with another.
func against(id, unit string, samples []float64, name string, reference []float64) result.Row {
	return result.Row{ID: id, Unit: unit, Samples: samples, Reference: &result.Series{Name: name, Samples: reference}}
}
