package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/hosttest"
	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// arena is a host with hostile apps and an honest one, the probe.
type arena struct {
	host   *hosttest.Host
	log    *logBuffer
	ahead  atomic.Int64 // nanoseconds by which the host's clock is ahead
	number atomic.Int64 // of the last idempotency key
}

// logBuffer is a log in memory, as a terminal would show it.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// take empties the log.
func (b *logBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.buf.String()
	b.buf.Reset()
	return s
}

func newArena(t *testing.T, rogues ...rogue) *arena {
	t.Helper()
	rogues = append(rogues, rogue{id: "probe"})
	a := &arena{log: &logBuffer{}}
	a.host = hosttest.Start(t, hosttest.Options{
		Modules: writeModules(t, rogues),
		Logger:  hclog.New(&hclog.LoggerOptions{Output: a.log, Level: hclog.Debug}),
		Now:     func() time.Time { return time.Now().Add(time.Duration(a.ahead.Load())) },
	})
	return a
}

// send calls an operation of a rogue.
func (a *arena) send(t *testing.T, operation string, program []byte) ([]result, *hosttest.Problem) {
	t.Helper()
	key := fmt.Sprintf("key-%d", a.number.Add(1))
	answer, err := a.host.Send(t.Context(), operation, key, asJSON(t, program))
	var p *hosttest.Problem
	if errors.As(err, &p) {
		return nil, p
	}
	if err != nil {
		t.Errorf("%s: %v", operation, err)
		return nil, &hosttest.Problem{Detail: err.Error()}
	}
	return ofJSON(t, answer.Body), nil
}

// must is send of what must succeed.
func (a *arena) must(t *testing.T, operation string, steps ...step) []result {
	t.Helper()
	all, p := a.send(t, operation, program(steps...))
	if p != nil {
		t.Fatalf("%s: %v", operation, p)
	}
	return all
}

// degraded says whether the host lists an app as degraded.
func (a *arena) degraded(t *testing.T) []string {
	t.Helper()
	h, err := a.host.Health()
	if err != nil {
		t.Fatal(err)
	}
	return h.Degraded
}

// verdict is how a hostile operation must end.
type verdict struct {
	status       int
	code, reason string
}

// The outcome classes of the list of attacks.
var (
	answered = verdict{}                               // E: the guest was told, and went on
	stopped  = verdict{504, "deadline", "app_timeout"} // T
	burnt    = verdict{504, "deadline", "fuel"}        // T, by units
	faulted  = verdict{502, "internal", "app_fault"}   // X
	spent    = verdict{409, "exhausted", "quota"}      // E at last: the operation is over
	refused  = verdict{503, "unavailable", "overloaded"}
)

// row is one hostile guest and its expected end.
type row struct {
	name   string
	call   string // contract.operation
	steps  []step
	times  int // how many at once; 0 is one
	want   verdict
	or     verdict                          // of those that never began; zero is the same as want
	check  func(t *testing.T, got []result) // of what was answered
	within time.Duration                    // that the host may take; 0 is no bound
	budget int64                            // bytes of memory of the guests
	writes bool                             // it may leave something
}

// run holds a row against its promises, up to three times: another process on
// the machine can break a bound of time, but not three times out of three, and
// a guest that harms the host does it every time.
func (r *row) run(t *testing.T, a *arena) {
	var late string
	for range 3 {
		c := a.watch(t)
		took := r.attack(t, a)
		late = c.end(t, r.budget, r.times)
		if !r.writes {
			c.unchanged(t)
		}
		if r.within > 0 && took > r.within {
			late += " stopped after " + took.String()
		}
		t.Logf("took %v; %v", took, c)
		if late == "" || t.Failed() {
			return
		}
	}
	t.Errorf("C1: %s", late)
}

// attack sends the row's requests and answers how long the longest took.
func (r *row) attack(t *testing.T, a *arena) time.Duration {
	t.Helper()
	var all sync.WaitGroup
	var longest atomic.Int64
	for range max(r.times, 1) {
		all.Go(func() {
			start := begin()
			got, p := a.send(t, r.call, program(r.steps...))
			raise(&longest, int64(start.took()))
			ended := verdictOf(p)
			if ended == r.or && r.or != answered {
				return
			}
			if ended != r.want {
				t.Errorf("ended with %+v (%v), want %+v", ended, p, r.want)
			} else if r.check != nil {
				r.check(t, got)
			}
		})
	}
	all.Wait()
	return time.Duration(longest.Load())
}

func verdictOf(p *hosttest.Problem) verdict {
	if p == nil {
		return answered
	}
	return verdict{p.Status, p.Code, p.Reason}
}

// brief are limits that end a row soon, by time and not by units.
func brief(mib int64) manifest.Limits {
	return manifest.Limits{TimeMillis: briefMillis, Units: 1e12, MemoryBytes: mib << 20}
}

const (
	briefMillis = 300
	inTime      = (briefMillis + 100) * time.Millisecond
)
