package sandbox

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// canary watches what a hostile guest must not harm: a goroutine beside it, the
// garbage collector, the memory, and what it must not leave behind.
//
// Its times are those in which this process ran at all: a span of the wall
// clock counts at most as long as the processor time that the process got in
// it. A guest that freezes the host burns that time; a busy machine does not
// give it.
type canary struct {
	stop       chan struct{}
	done       chan struct{}
	gap, gc    atomic.Int64 // nanoseconds, the longest
	peak       atomic.Int64 // bytes of RSS
	pauses     *metrics.Float64Histogram
	rss        int64
	goroutines int
	fds        int
}

// maxSilence bounds how long a ticker of the host may miss its tick.
const maxSilence = 100 * time.Millisecond

func watch(t *testing.T) *canary {
	debug.FreeOSMemory()
	w := &canary{stop: make(chan struct{}), done: make(chan struct{}, 2), pauses: pauses(), rss: rss(t), goroutines: runtime.NumGoroutine(), fds: fds(t)}
	go w.tick(t)
	go w.collect()
	return w
}

// tick notes the longest gap between two of its turns.
func (w *canary) tick(t *testing.T) {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	last := begin()
	for {
		select {
		case <-w.stop:
			w.done <- struct{}{}
			return
		case <-ticker.C:
		}
		raise(&w.gap, int64(last.took()))
		raise(&w.peak, rss(t))
		last = begin()
	}
}

// collect forces the garbage collector, which has to stop every guest.
func (w *canary) collect() {
	for {
		select {
		case <-w.stop:
			w.done <- struct{}{}
			return
		default:
		}
		start := begin()
		runtime.GC()
		raise(&w.gc, int64(start.took()))
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
	if v > a.Load() {
		a.Store(v)
	}
}

// end checks what is left and answers what came too late, if anything did.
func (w *canary) end(t *testing.T, s *Sandbox, budget int64, guests int) string {
	t.Helper()
	close(w.stop)
	<-w.done
	<-w.done
	const slack = 32 * mib
	if grown := w.peak.Load() - w.rss; grown > budget+budget/2+slack {
		t.Errorf("RSS grew by %d MiB, the budget is %d MiB", grown>>20, budget>>20)
	}
	debug.FreeOSMemory()
	if grown := rss(t) - w.rss; grown > slack {
		t.Errorf("RSS stays %d MiB higher", grown>>20)
	}
	if st := s.Stats(); st.Instances != 0 || st.Memory != 0 {
		t.Errorf("%+v, want nothing alive", st)
	}
	if n := fds(t); n > w.fds {
		t.Errorf("%d open files, before there were %d", n, w.fds)
	}
	if n := runtime.NumGoroutine(); n > w.goroutines {
		t.Errorf("%d goroutines, before there were %d", n, w.goroutines)
	}
	return w.late(guests)
}

// late tells which of the bounds was broken. Where more guests run than there
// are processors, a collection waits for its turn like everybody; there only
// the time counts for which it stopped the world.
func (w *canary) late(guests int) string {
	spans := map[string]time.Duration{"ticker gap": time.Duration(w.gap.Load()), "stopped world": w.pause()}
	if guests <= 1 {
		spans["garbage collection"] = time.Duration(w.gc.Load())
	}
	var late []string
	for what, d := range spans {
		if d > maxSilence {
			late = append(late, fmt.Sprintf("%s of %v", what, d))
		}
	}
	return strings.Join(late, ", ")
}

// pauses is how long the garbage collector has stopped the world so far, from
// the decision to do so on.
func pauses() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64Histogram()
}

// pause is a lower bound of the longest pause since the canary began.
func (w *canary) pause() time.Duration {
	now := pauses()
	for i := len(now.Counts) - 1; i >= 0; i-- {
		if now.Counts[i] > w.pauses.Counts[i] {
			return time.Duration(now.Buckets[i] * float64(time.Second))
		}
	}
	return 0
}

func rss(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc here")
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(b), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * int64(os.Getpagesize())
}

func fds(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(entries)
}
