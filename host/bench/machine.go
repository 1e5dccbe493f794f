package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
)

// machine says where this runs. What the system does not tell stays empty.
func machine() result.Machine {
	return result.Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpu(), Cores: runtime.GOMAXPROCS(0),
		Go: runtime.Version(), LoadStart: load(),
	}
}

func cpu() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for l := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(l, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "unknown processor"
}

// load is the load averages of 1, 5 and 15 minutes, zero where there are none.
func load() (l [3]float64) {
	text, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		_, _ = fmt.Sscan(string(text), &l[0], &l[1], &l[2])
	}
	return l
}

// fsync measures how long the disk below dir takes to keep 4 KiB, in
// milliseconds.
func fsync(dir string) (p50, p99 float64, err error) {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0, 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	const times = 200
	page := make([]byte, 4096)
	var all []time.Duration
	for i := range times {
		if _, err := f.WriteAt(page, int64(i%64)*int64(len(page))); err != nil {
			return 0, 0, err
		}
		began := time.Now()
		if err := f.Sync(); err != nil {
			return 0, 0, err
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return ms(all[times/2]), ms(all[times*99/100]), nil
}
