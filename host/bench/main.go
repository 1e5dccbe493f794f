// Command bench measures the host against the bounds of the design, with its
// peers beside it in the same process, and keeps the raw samples. It knows the
// host from inside; nothing of the host knows it.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	// Shops keep the time of their zone, also on machines without a zone database.
	_ "time/tzdata"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
)

//go:embed bounds.json
var boundsFile []byte

// errBound says that a figure does not keep its bound; the table says which.
var errBound = errors.New("not all rows keep their bounds")

func main() {
	// The sandbox compiles modules in a process of its own: this one again.
	if len(os.Args) > 1 && os.Args[1] == "compile" {
		os.Exit(sandbox.CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	build := flag.String("build", "../../.build", "folder that make build fills: bin/bottega and modules")
	out := flag.String("out", "", "file for the samples; default <build>/bench.json")
	read := flag.String("read", "", "judge the samples of a file again instead of measuring")
	rows := flag.String("rows", "", "only experiments with a row whose id begins with one of these, comma separated; to whoever reads the file the others are missing")
	set := flag.String("uci", "../../../shared/data/uci-online-retail/transactions.csv.gz", "UCI Online Retail set, for the back-test")
	quick := flag.Bool("quick", false, "short slices: shows that everything works, the figures mean little")
	profile := flag.String("cpuprofile", "", "file for a CPU profile of the measurements")
	flag.Parse()
	bounds, err := result.ParseBounds(boundsFile)
	if err != nil {
		return err
	}
	if *read != "" {
		report, err := result.Read(*read)
		if err != nil {
			return err
		}
		return verdict(report, bounds)
	}
	b, err := newBench(*build, *quick)
	if err != nil {
		return err
	}
	b.uci = *set
	report, err := profiled(*profile, func() (*result.Report, error) { return b.measure(ctx, *rows) })
	if err != nil {
		return err
	}
	ok := verdict(report, asked(bounds, *rows))
	if *out == "" {
		*out = filepath.Join(*build, "bench.json")
	}
	return errors.Join(report.Write(*out), ok)
}

// asked are the bounds of the rows that the wanted experiments fill.
func asked(bounds []result.Bound, wanted string) (some []result.Bound) {
	for _, e := range experiments() {
		for _, b := range bounds {
			if e.wanted(wanted) && slices.Contains(e.rows, b.ID) {
				some = append(some, b)
			}
		}
	}
	return some
}

// profiled writes a CPU profile of what fn does, if a file is named.
func profiled(file string, fn func() (*result.Report, error)) (*result.Report, error) {
	if file == "" {
		return fn()
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	report, err := fn()
	pprof.StopCPUProfile()
	return report, errors.Join(err, f.Close())
}

// verdict judges, prints, and fails if a row does.
func verdict(r *result.Report, bounds []result.Bound) error {
	ok := r.Judge(bounds)
	if err := r.Print(os.Stdout); err != nil {
		return err
	}
	if !ok {
		return errBound
	}
	return nil
}

// measure runs the experiments that fill the wanted rows.
func (b *bench) measure(ctx context.Context, wanted string) (*result.Report, error) {
	began := time.Now()
	report := &result.Report{Machine: machine(), Quick: b.quick}
	report.Machine.Dir = b.dir
	var err error
	if report.Machine.FsyncP50, report.Machine.FsyncP99, err = fsync(b.dir); err != nil {
		return nil, err
	}
	for _, e := range experiments() {
		if !e.wanted(wanted) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%5.0f s  %s\n", time.Since(began).Seconds(), e.name)
		runtime.GC() // what the last one left is not this one's
		rows, err := e.run(ctx, b)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		report.Rows = append(report.Rows, filled(e, rows, err)...)
	}
	report.Machine.LoadEnd = load()
	report.Machine.Began = began.UTC().Format(time.RFC3339)
	report.Machine.Seconds = time.Since(began).Seconds()
	return report, nil
}

// filled gives every row of an experiment that it could not measure the reason.
func filled(e experiment, rows []result.Row, err error) []result.Row {
	if err == nil {
		return rows
	}
	have := map[string]bool{}
	for _, r := range rows {
		have[r.ID] = true
	}
	for _, id := range e.rows {
		if !have[id] {
			rows = append(rows, result.Row{ID: id, Error: strings.TrimSpace(err.Error())})
		}
	}
	return rows
}
