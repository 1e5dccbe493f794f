package e2e

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
)

// The bounds of the canaries.
const (
	maxProbe   = 50 * time.Millisecond  // C1: of another app's request
	maxSilence = 100 * time.Millisecond // C1: of a ticker of the host
	settleTime = 10 * time.Second       // C2, C3: until all is as before
	rssSlack   = 32 << 20               // of what the host itself does with its memory
	probeEvery = time.Second / 20
)

// canaries watch what a hostile guest must not harm: another app's requests, a
// ticker and the garbage collector of the host (C1), its memory (C2), what it
// holds (C3) and what it has stored (C4).
//
// Their times are those in which this process ran at all: a span of the wall
// clock counts at most as long as the processor time that the process got in
// it. A guest that freezes the host burns that time; a busy machine does not
// give it.
type canaries struct {
	arena           *arena
	stop            chan struct{}
	running         sync.WaitGroup
	gap, gc, probe  atomic.Int64 // nanoseconds, the longest
	probes          atomic.Int64
	peak            atomic.Int64 // bytes of RSS
	rss             int64
	goroutines, fds int
	files           []string
	data            map[string]string
}

// watch begins to watch a quiet host.
func (a *arena) watch(t *testing.T) *canaries {
	t.Helper()
	a.host.CloseIdleConnections()
	debug.FreeOSMemory()
	c := &canaries{
		arena: a, stop: make(chan struct{}), data: a.dump(t), files: files(t, a.host.Dir()),
		goroutines: runtime.NumGoroutine(), fds: openFiles(t), rss: rss(t),
	}
	c.every(2*time.Millisecond, func(since span) {
		raise(&c.gap, int64(since.took()))
		raise(&c.peak, rss(t))
	})
	c.every(5*time.Millisecond, func(span) {
		start := begin()
		runtime.GC()
		raise(&c.gc, int64(start.took()))
	})
	c.every(probeEvery, func(span) {
		start := begin()
		if _, p := a.send(t, "probe.look", program()); p != nil {
			t.Errorf("the probe: %v", p)
		}
		raise(&c.probe, int64(start.took()))
		c.probes.Add(1)
	})
	return c
}

// every runs fn now and at each tick until the canaries stop, and tells it how
// long ago it last ended.
func (c *canaries) every(d time.Duration, fn func(since span)) {
	c.running.Go(func() {
		ticker := time.NewTicker(d)
		defer ticker.Stop()
		for last := begin(); ; last = begin() {
			fn(last)
			select {
			case <-c.stop:
				return
			case <-ticker.C:
			}
		}
	})
}

// end checks what the case has left behind and answers what came too late, if
// anything did. budget is the memory that the guests may use, in bytes.
func (c *canaries) end(t *testing.T, budget int64, guests int) string {
	t.Helper()
	close(c.stop)
	c.running.Wait()
	if grown := c.peak.Load() - c.rss; grown > budget+budget/2+rssSlack {
		t.Errorf("C2: RSS grew by %d MiB for a budget of %d MiB", grown>>20, budget>>20)
	}
	c.settle(t)
	if now := files(t, c.arena.host.Dir()); !slices.Equal(now, c.files) {
		t.Errorf("C3: files %v, before there were %v", now, c.files)
	}
	if err := c.arena.host.Check(); err != nil {
		t.Errorf("C4: %v", err)
	}
	return c.late(guests)
}

// settle waits until memory, goroutines and open files are back.
func (c *canaries) settle(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(settleTime); ; <-tick.C {
		c.arena.host.CloseIdleConnections()
		debug.FreeOSMemory()
		m, g, f := rss(t)-c.rss, runtime.NumGoroutine(), openFiles(t)
		if m <= rssSlack && g <= c.goroutines && f <= c.fds {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("C2, C3: after %s RSS is %d MiB higher, %d goroutines (before %d), %d files (before %d)", settleTime, m>>20, g, c.goroutines, f, c.fds)
			return
		}
	}
}

// unchanged checks C4 for a case that must leave nothing.
func (c *canaries) unchanged(t *testing.T) {
	t.Helper()
	if now := c.arena.dump(t); !maps.Equal(now, c.data) {
		t.Errorf("C4: the storage holds %d keys, before %d: %s", len(now), len(c.data), difference(c.data, now))
	}
}

func difference(before, now map[string]string) string {
	var out []string
	for k, v := range now {
		if before[k] != v {
			out = append(out, fmt.Sprintf("%q", k))
		}
	}
	return strings.Join(out, " ")
}

// late tells which bound of time was broken. Where more guests run than there
// are processors, a collection waits for its turn like everybody.
func (c *canaries) late(guests int) string {
	bounds := []struct {
		what string
		took time.Duration
		most time.Duration
	}{
		{"ticker gap", time.Duration(c.gap.Load()), maxSilence},
		{"probe", time.Duration(c.probe.Load()), maxProbe},
	}
	if guests < runtime.GOMAXPROCS(0) {
		bounds = append(bounds, struct {
			what string
			took time.Duration
			most time.Duration
		}{"garbage collection", time.Duration(c.gc.Load()), maxSilence})
	}
	var late []string
	for _, b := range bounds {
		if b.took > b.most {
			late = append(late, fmt.Sprintf("%s of %v", b.what, b.took))
		}
	}
	return strings.Join(late, ", ")
}

func (c *canaries) String() string {
	return fmt.Sprintf("%d probes up to %v, ticker gap %v, collection %v, RSS +%d MiB",
		c.probes.Load(), time.Duration(c.probe.Load()), time.Duration(c.gap.Load()), time.Duration(c.gc.Load()), (c.peak.Load()-c.rss)>>20)
}

// dump reads all that the tenant has stored but the records of idempotency
// keys: records, indexes, counters, timers, usage and the log.
func (a *arena) dump(t *testing.T) map[string]string {
	t.Helper()
	path, err := a.host.Copy(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s, err := b.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all := map[string]string{}
	err = s.Ascend(nil, nil, func(key, sealed []byte) bool {
		r, err := storage.Open(key, sealed)
		switch {
		case err != nil:
			t.Errorf("C4: %v", err)
		case r.Counter:
			all[string(key)] = fmt.Sprint(r.Count)
		case key[0] != 'k' && key[0] != 'h': // the host writes when a token was last used
			all[string(key)] = string(r.Value)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Entries(0, func(e storage.Entry) bool {
		all[fmt.Sprintf("log %020d", e.Position)] = string(e.Data)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	exactUsage(t, all)
	return all
}

// exactUsage recomputes how many bytes each app keeps from its records and
// compares that with what the kernel counted.
func exactUsage(t *testing.T, all map[string]string) {
	t.Helper()
	kept := map[string]int{}
	for key, value := range all {
		if app, _, ok := strings.Cut(key, "\x00"); ok && key[0] == 'd' {
			kept[app[1:]] += len(key) + len(value)
		}
	}
	for key, value := range all {
		if key[0] == 'u' && fmt.Sprint(kept[key[1:]]) != value {
			t.Errorf("C4: %s keeps %d bytes, the kernel counts %s", key[1:], kept[key[1:]], value)
		}
		delete(kept, strings.TrimPrefix(key, "u"))
	}
	for app, n := range kept {
		t.Errorf("C4: %s keeps %d bytes and nobody counts them", app, n)
	}
}

// span is a time that began.
type span struct {
	wall time.Time
	cpu  time.Duration
}

func begin() span { return span{time.Now(), cpuTime()} }

// took is how long it has been.
func (s span) took() time.Duration { return min(time.Since(s.wall), cpuTime()-s.cpu) }

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func raise(a *atomic.Int64, v int64) {
	for old := a.Load(); v > old && !a.CompareAndSwap(old, v); old = a.Load() {
	}
}

func rss(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc here")
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(b), &size, &resident); err != nil {
		t.Error(err)
	}
	return resident * int64(os.Getpagesize())
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(entries)
}

// files lists all files below a folder.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
