package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// The checked state: a few records, each holding a number or absent, and a few
// counters. Small, so that operations meet.
const (
	recordCount  = 4
	counterCount = 2
	counterMax   = 3
	absent       = int64(-1)
)

type cells struct {
	records  [recordCount]int64
	counters [counterCount]int64
}

func noCells() cells {
	return cells{records: [recordCount]int64{absent, absent, absent, absent}}
}

// deed is what an operation of a history does.
type deed int

const (
	shift   deed = iota // read records A and B; move A's value to B, put N into A
	fill                // scan all; put N into the first absent record, or delete the first if none is
	adjust              // add N to counter A within bounds
	count               // read counter A, put it into record B
	look                // a view of A, B and counter N
	giveUp              // read A, add to counter B, then end in an error
	booking             // read A, add -1 to counter B; if that is granted put N into A
	deeds
)

// call is the input of an operation, reply its output.
type call struct {
	deed deed
	a, b int
	n    int64
}

type reply struct {
	seen    [recordCount]int64
	granted bool
	unknown bool // the answer was lost; what it was, and whether it had an effect, is open
}

// apply is the sequential specification.
func (c call) apply(s cells) (reply, cells) {
	var r reply
	switch c.deed {
	case shift:
		r.seen[0], r.seen[1] = s.records[c.a], s.records[c.b]
		s.records[c.b] = s.records[c.a]
		s.records[c.a] = c.n
	case fill:
		r.seen = s.records
		i, n := filled(s.records, c.n)
		s.records[i] = n
	case adjust:
		r.granted = addWithin(&s.counters[c.a], c.n)
	case count:
		r.seen[0] = s.counters[c.a]
		s.records[c.b] = s.counters[c.a]
	case look:
		r.seen[0], r.seen[1], r.seen[2] = s.records[c.a], s.records[c.b], s.counters[c.n]
	case giveUp:
		r.seen[0] = s.records[c.a]
		copied := s.counters[c.b]
		r.granted = addWithin(&copied, -1)
	case booking:
		r.seen[0] = s.records[c.a]
		if r.granted = addWithin(&s.counters[c.b], -1); r.granted {
			s.records[c.a] = c.n
		}
	}
	return r, s
}

// filled says which record fill changes, and to what.
func filled(records [recordCount]int64, n int64) (int, int64) {
	for i, v := range records {
		if v == absent {
			return i, n
		}
	}
	return 0, absent
}

func addWithin(counter *int64, n int64) bool {
	if *counter+n < 0 || *counter+n > counterMax {
		return false
	}
	*counter += n
	return true
}

var linearModel = porcupine.Model{
	Init: func() any { return noCells() },
	Step: func(state, input, output any) (bool, any) {
		got := output.(reply)
		expected, next := input.(call).apply(state.(cells))
		return got.unknown || got == expected, next
	},
}

// run does the operation on an engine, repeating it after conflicts.
func (c call) run(ctx context.Context, e storage.Engine, pause func()) (r reply, err error) {
	o := at
	o.ReadOnly = c.deed == look
	for {
		r, err = c.attempt(ctx, e, o, pause)
		var conflict *storage.Conflict
		if !errors.As(err, &conflict) {
			return r, err
		}
		o.Retry = conflict
	}
}

func (c call) attempt(ctx context.Context, e storage.Engine, o storage.Options, pause func()) (reply, error) {
	pause()
	tx, err := e.Begin(ctx, o)
	if err != nil {
		return reply{}, err
	}
	defer tx.Discard()
	w := worker{tx: tx, pause: pause}
	r := w.do(c)
	switch {
	case w.err != nil:
		return reply{}, w.err
	case c.deed == giveUp:
		err = tx.Verify(ctx)
	default:
		_, err = tx.Commit(ctx)
	}
	// Nothing but a commit's lost answer leaves the effect open.
	r.unknown = errors.Is(err, storage.ErrPoisoned) && c.deed != look && c.deed != giveUp
	return r, err
}

// worker does calls inside one transaction and remembers the first error.
type worker struct {
	tx    storage.Txn
	pause func()
	err   error
}

func (w *worker) do(c call) (r reply) {
	switch c.deed {
	case shift:
		r.seen[0], r.seen[1] = w.get(c.a), w.get(c.b)
		w.put(c.b, r.seen[0])
		w.put(c.a, c.n)
	case fill:
		r.seen = w.scan(c.n%2 == 0)
		i, n := filled(r.seen, c.n)
		w.put(i, n)
	case adjust:
		r.granted = w.add(c.a, c.n)
	case count:
		r.seen[0] = w.counter(c.a)
		w.put(c.b, r.seen[0])
	case look:
		r.seen[0], r.seen[1], r.seen[2] = w.get(c.a), w.get(c.b), w.counter(int(c.n))
	case giveUp:
		r.seen[0], r.granted = w.get(c.a), w.add(c.b, -1)
	case booking:
		r.seen[0], r.granted = w.get(c.a), w.add(c.b, -1)
		if r.granted {
			w.put(c.a, c.n)
		}
	}
	return r
}

func recordKey(i int) []byte  { return []byte{'r', byte('0' + i)} }
func counterKey(i int) []byte { return []byte{'n', byte('0' + i)} }

func (w *worker) note(err error) {
	if w.err == nil {
		w.err = err
	}
	w.pause()
}

func (w *worker) get(i int) int64 {
	r, ok, err := w.tx.Get(recordKey(i))
	w.note(err)
	if !ok {
		return absent
	}
	return number(r.Value)
}

func number(b []byte) (n int64) {
	if _, err := fmt.Sscan(string(b), &n); err != nil {
		return math.MinInt64
	}
	return n
}

func (w *worker) put(i int, n int64) {
	if n == absent {
		w.note(w.tx.Delete(recordKey(i)))
		return
	}
	w.note(w.tx.Put(recordKey(i), storage.Record{Value: fmt.Append(nil, n)}))
}

func (w *worker) scan(reverse bool) [recordCount]int64 {
	seen := noCells().records
	pairs, err := w.tx.Scan(storage.Range{Start: []byte("r"), End: []byte("s"), Reverse: reverse})
	w.note(err)
	for _, p := range pairs {
		for i := range seen {
			if bytes.Equal(p.Key, recordKey(i)) {
				seen[i] = number(p.Value)
			}
		}
	}
	return seen
}

func (w *worker) add(i int, n int64) bool {
	ok, err := w.tx.Add(counterKey(i), n, 0, counterMax)
	w.note(err)
	return ok
}

func (w *worker) counter(i int) int64 {
	n, err := w.tx.Counter(counterKey(i))
	w.note(err)
	return n
}

// Histories says how a place is checked for linearizability.
type Histories struct {
	Max  int // how many histories at most; ten times as many if BOTTEGA_LONG is set
	Seed uint64
	// Crash, if set, is called in the middle of a history. Afterwards the
	// engine must fail, and the place, opened again, hold what was durable.
	Crash func()
}

// history sizes: small ones, since checking takes exponential time.
const (
	historyClients = 5
	historyCalls   = 12
)

// Linearizable fails unless every history is.
func Linearizable(t *testing.T, h Histories, place func() EnginePlace) {
	t.Helper()
	if n, ok := h.search(t, place); ok {
		t.Errorf("history %d of seed %d is not linearizable", n, h.Seed)
	}
}

// Breaks fails if every history is linearizable: the place has a planted bug
// that the checker must find.
func Breaks(t *testing.T, h Histories, place func() EnginePlace) {
	t.Helper()
	n, ok := h.search(t, place)
	if !ok {
		t.Errorf("the planted bug was not found in %d histories of seed %d", h.Max, h.Seed)
	}
	t.Logf("found in history %d", n)
}

// search looks for a history that is not linearizable.
func (h Histories) search(t *testing.T, place func() EnginePlace) (int, bool) {
	t.Helper()
	if os.Getenv("BOTTEGA_LONG") != "" {
		h.Max *= 10
	}
	for i := range h.Max {
		r := recorder{random: rand.New(rand.NewPCG(h.Seed, uint64(i))), crash: h.Crash}
		operations := r.record(t, place())
		switch porcupine.CheckOperationsTimeout(linearModel, operations, time.Minute) {
		case porcupine.Illegal:
			return i, true
		case porcupine.Unknown:
			t.Logf("history %d was not decided in a minute", i)
		}
	}
	return 0, false
}

// recorder runs clients and writes down what they did. Time is a counter: one
// tick per call and per return.
type recorder struct {
	random *rand.Rand
	crash  func()
	clock  atomic.Int64
	calls  atomic.Int64
	once   sync.Once // of crash

	mu  sync.Mutex
	ops []porcupine.Operation
}

func (r *recorder) record(t *testing.T, place EnginePlace) []porcupine.Operation {
	t.Helper()
	phases := 1
	if r.crash != nil {
		phases = 2
	}
	for range phases {
		e, err := place()
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		r.phase(t, e)
		if err := e.Close(); err != nil && !errors.Is(err, storage.ErrPoisoned) {
			t.Fatalf("close: %v", err)
		}
		r.crash = nil
	}
	end := r.clock.Add(1)
	for i := range r.ops {
		if r.ops[i].Output.(reply).unknown {
			r.ops[i].Return = end // it may take effect at any time, or at the end, unseen
		}
	}
	return r.ops
}

func (r *recorder) phase(t *testing.T, e EngineLog) {
	t.Helper()
	var wg sync.WaitGroup
	for client := range historyClients {
		random := rand.New(rand.NewPCG(r.random.Uint64(), uint64(client)))
		crash := r.crash
		wg.Go(func() {
			for range historyCalls {
				if err := r.one(t.Context(), e, client, random); err != nil {
					if crash == nil {
						t.Errorf("client %d: %v", client, err)
					}
					return
				}
				if crash != nil && r.calls.Load() >= historyClients*historyCalls/2 {
					r.once.Do(crash)
				}
			}
		})
	}
	wg.Wait()
}

// one runs and records one operation. One that failed before its commit had no
// effect and is not part of the history.
func (r *recorder) one(ctx context.Context, e EngineLog, client int, random *rand.Rand) error {
	c := randomCall(random, r.calls.Add(1))
	pause := func() {
		for range random.IntN(4) {
			runtime.Gosched()
		}
	}
	began := r.clock.Add(1)
	out, err := c.run(ctx, e, pause)
	ended := r.clock.Add(1)
	if err != nil && !out.unknown {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, porcupine.Operation{ClientId: client, Input: c, Call: began, Output: out, Return: ended})
	return err
}

// randomCall draws an operation; unique makes what it writes recognizable.
func randomCall(random *rand.Rand, unique int64) call {
	c := call{deed: deed(random.IntN(int(deeds))), a: random.IntN(recordCount), b: random.IntN(recordCount), n: 100 + unique}
	switch c.deed {
	case adjust:
		c.a, c.n = random.IntN(counterCount), int64(random.IntN(4)-1)
	case count:
		c.a = random.IntN(counterCount)
	case look:
		c.n = int64(random.IntN(counterCount))
	case giveUp, booking:
		c.b = random.IntN(counterCount)
	}
	return c
}
