package occ_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/faulty"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
)

// stage is an engine whose batches stop before they are applied, until the test
// lets them go on with an error or nil.
type stage struct {
	*testing.T
	disk    *mem.Backend
	engine  *occ.Engine
	applied chan storage.Batch // a batch has come to the disk
	verdict chan error         // what happens to it
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t, disk: mem.New(), applied: make(chan storage.Batch), verdict: make(chan error)}
	before := func(b storage.Batch) error {
		s.applied <- b
		return <-s.verdict
	}
	e, err := occ.Open(faulty.Wrap(s.disk, faulty.Faults{BeforeApply: before}), occ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.engine = e
	return s
}

func (s *stage) begin(o storage.Options) storage.Txn {
	s.Helper()
	tx, err := s.engine.Begin(s.Context(), o)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(tx.Discard)
	return tx
}

func (s *stage) put(tx storage.Txn, key, value string) {
	s.Helper()
	if err := tx.Put([]byte(key), storage.Record{Value: []byte(value)}); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) get(tx storage.Txn, key string) string {
	s.Helper()
	r, _, err := tx.Get([]byte(key))
	if err != nil {
		s.Fatal(err)
	}
	return string(r.Value)
}

// result is the outcome of a Commit or Verify that runs on its own.
type result struct {
	commit storage.Commit
	err    error
}

// commit starts a commit and returns when it waits, or is refused.
func (s *stage) commit(tx storage.Txn) chan result {
	out := make(chan result, 1)
	go func() {
		c, err := tx.Commit(context.Background())
		out <- result{c, err}
	}()
	synctest.Wait()
	return out
}

// later runs fn on its own.
func later(fn func() error) chan result {
	out := make(chan result, 1)
	go func() { out <- result{err: fn()} }()
	return out
}

// write puts one key and appends one entry, and returns when that is accepted.
func (s *stage) write(key, value string) chan result {
	s.Helper()
	tx := s.begin(storage.Options{})
	s.put(tx, key, value)
	if err := tx.Append([]byte(value)); err != nil {
		s.Fatal(err)
	}
	return s.commit(tx)
}

func (s *stage) wantSilence(what string, c chan result) {
	s.Helper()
	synctest.Wait()
	select {
	case r := <-c:
		s.Errorf("%s left before what it depends on was durable: %+v", what, r)
	default:
	}
}

func (s *stage) wantDone(what string, c chan result) storage.Commit {
	s.Helper()
	r := <-c
	if r.err != nil {
		s.Errorf("%s: %v", what, r.err)
	}
	return r.commit
}

func (s *stage) wantError(what string, c chan result, want error) {
	s.Helper()
	if r := <-c; !errors.Is(r.err, want) {
		s.Errorf("%s: %v, want %v", what, r.err, want)
	}
}

// TestEarlyVisibility: between accept and durable others read the new state, but
// no result that depends on it leaves; one that does not leaves at once.
func TestEarlyVisibility(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testEarlyVisibility)
}

func testEarlyVisibility(t *testing.T) {
	s := newStage(t)
	first := s.write("x", "1")
	<-s.applied

	view, unrelated, failing := s.begin(storage.Options{ReadOnly: true}), s.begin(storage.Options{ReadOnly: true}), s.begin(storage.Options{})
	if s.get(view, "x") != "1" || s.get(failing, "x") != "1" || s.get(unrelated, "y") != "" {
		t.Fatal("the accepted state is not read")
	}
	scanning, counting := s.begin(storage.Options{ReadOnly: true}), s.begin(storage.Options{})
	if pairs, err := scanning.Scan(storage.Range{Start: []byte("a")}); len(pairs) != 1 || err != nil {
		t.Fatalf("scan: %v, %v", pairs, err)
	}
	next := s.begin(storage.Options{})
	if _, err := next.Add([]byte("n"), 1, 0, 1); err != nil {
		t.Fatal(err)
	}
	second := s.commit(next)
	if ok, err := counting.Add([]byte("n"), -1, 0, 9); ok || err != nil {
		t.Fatalf("a counter raised later is seen: %v, %v", ok, err)
	}

	if _, err := unrelated.Commit(t.Context()); err != nil {
		t.Errorf("a view of something else: %v", err)
	}
	waiting := map[string]chan result{
		"the commit":               first,
		"the next commit":          second,
		"a view":                   s.commitView(view),
		"a scan":                   s.commitView(scanning),
		"an operation that failed": later(func() error { return failing.Verify(context.Background()) }),
	}
	if es, err := s.engine.Read(0, 9); err != nil || len(es) != 0 {
		t.Errorf("the log shows what is not durable: %v, %v", es, err)
	}
	for what, c := range waiting {
		s.wantSilence(what, c)
	}
	s.verdict <- nil
	for _, what := range []string{"the commit", "a view", "a scan", "an operation that failed"} {
		s.wantDone(what, waiting[what])
	}
	<-s.applied
	s.wantSilence("the next commit", second)
	if es, err := s.engine.Read(0, 9); err != nil || len(es) != 1 {
		t.Errorf("the log hides what is durable: %v, %v", es, err)
	}
	s.verdict <- nil
	s.wantDone("the next commit", second)
	s.close()
}

// commitView commits a read-only transaction on its own.
func (s *stage) commitView(tx storage.Txn) chan result {
	return later(func() error { _, err := tx.Commit(context.Background()); return err })
}

func (s *stage) close() {
	s.Helper()
	if err := s.engine.Close(); err != nil {
		s.Errorf("close: %v", err)
	}
}

// TestGroupCommit: whatever is accepted while a batch is written becomes the
// next batch, each key once, positions dense.
func TestGroupCommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testGroupCommit)
}

func testGroupCommit(t *testing.T) {
	s := newStage(t)
	results := []chan result{s.write("x", "0")}
	<-s.applied
	for i := 1; i <= 5; i++ {
		results = append(results, s.write("x", fmt.Sprint(i)))
	}
	s.verdict <- nil
	batch := <-s.applied
	if len(batch.Writes) != 1 || len(batch.Entries) != 5 || batch.State != (storage.State{Sequence: 6, Position: 6}) {
		t.Errorf("second batch: %d writes, %d entries, %+v", len(batch.Writes), len(batch.Entries), batch.State)
	}
	s.verdict <- nil
	for i, r := range results {
		want := storage.Commit{Sequence: uint64(i + 1), Position: uint64(i + 1)}
		if got := s.wantDone("commit", r); got != want {
			t.Errorf("commit %d: %+v", i, got)
		}
	}
	if n := s.engine.Status().Overlay; n != 0 {
		t.Errorf("%d keys stay in memory", n)
	}
	s.close()
}

// TestPoison: an error of unknown outcome ends everything, in both directions:
// the batch was written, and it was not.
func TestPoison(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]func(error) faulty.Faults{
		"before": func(err error) faulty.Faults {
			return faulty.Faults{BeforeApply: func(storage.Batch) error { return err }}
		},
		"after": func(err error) faulty.Faults {
			return faulty.Faults{AfterApply: func(storage.Batch) error { return err }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { testPoison(t, faults, name == "after") })
		})
	}
}

func testPoison(t *testing.T, faults func(error) faulty.Faults, written bool) {
	broken := errors.New("input/output error")
	disk := mem.New()
	e, err := occ.Open(faulty.Wrap(disk, faults(broken)), occ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, disk: disk, engine: e}
	running, view := s.begin(storage.Options{}), s.begin(storage.Options{ReadOnly: true})
	s.put(running, "y", "1")
	if r := <-s.write("x", "1"); !errors.Is(r.err, storage.ErrPoisoned) || !errors.Is(r.err, broken) {
		t.Errorf("commit: %v", r.err)
	}
	s.wantError("a running transaction", s.commit(running), storage.ErrPoisoned)
	s.wantError("a view", s.commitView(view), storage.ErrPoisoned)
	if _, err := e.Begin(t.Context(), storage.Options{}); !errors.Is(err, storage.ErrPoisoned) {
		t.Errorf("begin: %v", err)
	}
	if _, err := e.Read(0, 1); !errors.Is(err, storage.ErrPoisoned) {
		t.Errorf("log: %v", err)
	}
	if err := e.Status().Err; !errors.Is(err, storage.ErrPoisoned) {
		t.Errorf("status: %v", err)
	}
	if err := e.Close(); !errors.Is(err, storage.ErrPoisoned) {
		t.Errorf("close: %v", err)
	}
	s.reopen(written)
}

// reopen finds the truth after a poisoning.
func (s *stage) reopen(written bool) {
	s.Helper()
	e, err := occ.Open(s.disk, occ.Options{})
	if err != nil {
		s.Fatal(err)
	}
	s.engine = e
	if got := s.get(s.begin(storage.Options{}), "x"); (got == "1") != written {
		s.Errorf("after reopening x=%q", got)
	}
	s.close()
}

// TestFull: a full disk fails what was accepted, and only that.
func TestFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testFull)
}

func testFull(t *testing.T) {
	s := newStage(t)
	before := s.write("x", "0")
	<-s.applied
	s.verdict <- nil
	s.wantDone("before", before)

	old := s.begin(storage.Options{})
	s.get(old, "x")
	s.put(old, "z", "1")
	flying := s.write("x", "1")
	<-s.applied
	dependent := s.begin(storage.Options{})
	s.put(dependent, "y", s.get(dependent, "x"))
	queued := s.commit(dependent)
	running, view, waiting := s.begin(storage.Options{}), s.begin(storage.Options{ReadOnly: true}), s.begin(storage.Options{ReadOnly: true})
	s.put(running, "w", s.get(running, "x"))
	s.get(view, "x")
	s.get(waiting, "x")
	told := s.commitView(waiting)
	s.verdict <- fmt.Errorf("no space: %w", storage.ErrFull)

	s.wantError("the batch", flying, storage.ErrFull)
	s.wantError("who read it and was accepted", queued, storage.ErrFull)
	for what, c := range map[string]chan result{
		"a running reader of it": s.commit(running), "a view of it": s.commitView(view), "a view that waited": told,
	} {
		var conflict *storage.Conflict
		if r := <-c; !errors.As(r.err, &conflict) {
			t.Errorf("%s: %v, want a conflict", what, r.err)
		}
	}
	if st := s.engine.Status(); !errors.Is(st.Err, storage.ErrFull) || st.Overlay != 0 {
		t.Errorf("status %+v", st)
	}
	s.afterFull(old)
}

// afterFull: the engine serves on, and positions stay dense.
func (s *stage) afterFull(old storage.Txn) {
	s.Helper()
	var conflict *storage.Conflict
	if r := <-s.commit(old); !errors.As(r.err, &conflict) {
		s.Errorf("a transaction from before: %v, want a conflict", r.err)
	}
	tx := s.begin(storage.Options{})
	if x, y := s.get(tx, "x"), s.get(tx, "y"); x != "0" || y != "" {
		s.Errorf("after a full disk x=%q y=%q", x, y)
	}
	again := s.write("x", "2")
	<-s.applied
	s.verdict <- nil
	if c := s.wantDone("a later commit", again); c.Position != 2 {
		s.Errorf("position %d, want 2", c.Position)
	}
	if st := s.engine.Status(); st.Err != nil {
		s.Errorf("status %+v", st)
	}
	s.close()
}

// TestCorruptRead: a damaged value is an error that names its key, never data.
func TestCorruptRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testCorruptRead)
}

func testCorruptRead(t *testing.T) {
	var on atomic.Bool
	flip := func(_, value []byte) []byte {
		v := append([]byte{}, value...)
		if on.Load() {
			v[len(v)-1] ^= 1
		}
		return v
	}
	e, err := occ.Open(faulty.Wrap(mem.New(), faulty.Faults{Read: flip}), occ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, engine: e}
	s.wantDone("write", s.write("x", "1"))
	tx := s.begin(storage.Options{})
	if ok, err := tx.Add([]byte("n"), 1, 0, math.MaxInt64); !ok || err != nil {
		t.Fatal(err)
	}
	s.wantDone("add", s.commit(tx))
	on.Store(true)
	tx = s.begin(storage.Options{})
	_, _, getErr := tx.Get([]byte("x"))
	_, scanErr := tx.Scan(storage.Range{})
	_, addErr := tx.Add([]byte("n"), 1, 0, 9)
	for what, err := range map[string]error{"get": getErr, "scan": scanErr, "add": addErr} {
		if !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("%s of a damaged value: %v", what, err)
		}
	}
	s.close()
}

// TestHooks: they come in order, and Applying before anything is durable.
func TestHooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testHooks)
}

func testHooks(t *testing.T) {
	disk := mem.New()
	calls := make(chan string, 3)
	e, err := occ.Open(disk, occ.Options{Hooks: occ.Hooks{
		Applying: func(n uint64) {
			st, _ := disk.State()
			calls <- fmt.Sprintf("applying %d over %d", n, st.Sequence)
		},
		Applied: func(n uint64) {
			st, _ := disk.State()
			calls <- fmt.Sprintf("applied %d over %d", n, st.Sequence)
		},
		Accepted: func(n uint64) { calls <- fmt.Sprint("accepted ", n) },
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, engine: e}
	s.wantDone("write", s.write("x", "1"))
	got := map[string]bool{<-calls: true, <-calls: true, <-calls: true}
	for _, want := range []string{"accepted 1", "applying 1 over 0", "applied 1 over 1"} {
		if !got[want] {
			t.Errorf("no call %q in %v", want, got)
		}
	}
	s.close()
}
