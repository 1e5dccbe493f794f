package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

func lostUpdate(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "x", "0")
	a, b := begin(t, e), begin(t, e)
	getString(t, a, "x")
	getString(t, b, "x")
	putString(t, a, "x", "a")
	putString(t, b, "x", "b")
	commit(t, a)
	_, err := b.Commit(t.Context())
	wantConflict(t, err, "x")
	if got := getString(t, begin(t, e), "x"); got != "a" {
		t.Errorf("x=%q: a refused commit was written", got)
	}
}

func writeSkew(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "x", "1", "y", "1")
	a, b := begin(t, e), begin(t, e)
	getString(t, a, "x")
	getString(t, b, "y")
	putString(t, a, "y", "0")
	putString(t, b, "x", "0")
	commit(t, a)
	_, err := b.Commit(t.Context())
	wantConflict(t, err, "y")
}

func blindWrites(t *testing.T, place EnginePlace) {
	e := open(t, place)
	a, b := begin(t, e), begin(t, e)
	putString(t, a, "x", "a")
	putString(t, b, "x", "b")
	getString(t, b, "x") // its own write: nothing that others could change
	commit(t, a)
	commit(t, b)
	if got := getString(t, begin(t, e), "x"); got != "b" {
		t.Errorf("x=%q, want that of the later commit", got)
	}
}

func absence(t *testing.T, place EnginePlace) {
	e := open(t, place)
	a := begin(t, e)
	if got := getString(t, a, "x"); got != "" {
		t.Fatal(got)
	}
	putString(t, a, "y", "x was absent")
	write(t, e, "x", "1")
	_, err := a.Commit(t.Context())
	wantConflict(t, err, "x")
}

func phantom(t *testing.T, place EnginePlace) {
	for _, reverse := range []bool{false, true} {
		for key, conflict := range map[string]bool{"a0": false, "b": true, "b5": true, "d": true, "e": false, "f": false} {
			e := open(t, place)
			write(t, e, "a", "1", "c", "1", "g", "1", key, "old")
			a := begin(t, e)
			scan(t, a, storage.Range{Start: []byte("b"), End: []byte("e"), Reverse: reverse})
			putString(t, a, "seen", "1")
			write(t, e, key, "new")
			_, err := a.Commit(t.Context())
			if conflict {
				wantConflict(t, err, "b")
			} else if err != nil {
				t.Errorf("write to %q outside the range: %v", key, err)
			}
			shut(t, e)
		}
	}
}

// phantomLimit: a limit ends the range seen at the last key returned.
func phantomLimit(t *testing.T, place EnginePlace) {
	for _, c := range []struct {
		reverse  bool
		limit    int
		key      string
		conflict bool
	}{
		{false, 2, "a5", true}, {false, 2, "b", true}, {false, 2, "b0", false}, {false, 2, "c", false},
		{true, 2, "c5", true}, {true, 2, "c", true}, {true, 2, "b9", false}, {true, 2, "a", false},
		{false, 5, "z", true}, {true, 5, "0", true}, // fewer than the limit: all was seen
	} {
		e := open(t, place)
		write(t, e, "a", "1", "b", "1", "c", "1", "d", "1")
		a := begin(t, e)
		scan(t, a, storage.Range{Limit: c.limit, Reverse: c.reverse})
		putString(t, a, "seen", "1")
		write(t, e, c.key, "new")
		_, err := a.Commit(t.Context())
		var conflict *storage.Conflict
		if errors.As(err, &conflict) != c.conflict {
			t.Errorf("%+v: %v", c, err)
		}
		shut(t, e)
		place = emptied(t, place)
	}
}

// emptied deletes everything at a place, for tests that need it empty again.
func emptied(t *testing.T, place EnginePlace) EnginePlace {
	t.Helper()
	e := open(t, place)
	defer e.Close()
	tx := begin(t, e)
	for _, p := range scan(t, tx, storage.Range{}) {
		if err := tx.Delete(p.Key); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, tx)
	return place
}

func savepointKeepsReads(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "x", "1")
	a := begin(t, e)
	putString(t, a, "kept", "1")
	outer := a.Save()
	putString(t, a, "undone", "1")
	inner := a.Save()
	getString(t, a, "x")
	putString(t, a, "kept", "2")
	if err := errors.Join(a.Append([]byte("undone")), a.Delete([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	a.Rollback(inner)
	putString(t, a, "undone", "2")
	a.Rollback(outer)
	if got := show(scan(t, a, storage.Range{})); got != "kept=1 x=1" {
		t.Errorf("after rollback: %q", got)
	}
	write(t, e, "x", "2")
	_, err := a.Commit(t.Context())
	wantConflict(t, err, "x")
	if es, err := e.Read(0, 9); err != nil || len(es) != 0 {
		t.Errorf("an undone entry is in the log: %v, %v", es, err)
	}
}

// verify: an operation that ends in an error validates what it read.
func verify(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "x", "1")
	good, bad := begin(t, e), begin(t, e)
	for _, tx := range []storage.Txn{good, bad} {
		getString(t, tx, "x")
		putString(t, tx, "y", "never")
	}
	if err := good.Verify(t.Context()); err != nil {
		t.Errorf("verify of reads that hold: %v", err)
	}
	write(t, e, "x", "2")
	wantConflict(t, bad.Verify(t.Context()), "x")
	if got := getString(t, begin(t, e), "y"); got != "" {
		t.Errorf("verify wrote %q", got)
	}
}

func readOnlyNeverConflicts(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "x", "1", "y", "1")
	tx := beginWith(t, e, storage.Options{ReadOnly: true, Now: at.Now})
	x := getString(t, tx, "x")
	write(t, e, "x", "2", "y", "2")
	if y := getString(t, tx, "y"); x != "1" || y != "1" {
		t.Errorf("read x=%s y=%s from one snapshot", x, y)
	}
	commit(t, tx)
}

// failOnce makes a transaction that read key conflict, and returns the conflict.
func failOnce(t *testing.T, e storage.Engine, key string, retry *storage.Conflict) *storage.Conflict {
	t.Helper()
	o := at
	o.Retry = retry
	tx := beginWith(t, e, o)
	getString(t, tx, key)
	putString(t, tx, key, "loser")
	write(t, e, key, "winner")
	_, err := tx.Commit(t.Context())
	var c *storage.Conflict
	if !errors.As(err, &c) {
		t.Fatalf("got %v, want a conflict", err)
	}
	return c
}

// retryWaits: a second attempt holds its key's lock until it commits, and
// another second attempt on that key waits, no longer than its context.
func retryWaits(t *testing.T, place EnginePlace) {
	e := open(t, place)
	c := failOnce(t, e, "x", nil)
	if c.Attempt != 1 {
		t.Errorf("attempt %d, want 1", c.Attempt)
	}
	o := at
	o.Retry = c
	first := beginWith(t, e, o)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() { _, err := e.Begin(ctx, o); waiting <- err }()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("a waiting retry whose context ended: %v", err)
	}
	began := make(chan storage.Txn)
	go func() { tx, _ := e.Begin(t.Context(), o); began <- tx }()
	select {
	case <-began:
		t.Error("two retries hold one key")
	default:
	}
	putString(t, first, "x", "1")
	commit(t, first)
	tx := <-began
	if got := getString(t, tx, "x"); got != "1" {
		t.Errorf("the retry that waited reads %q", got)
	}
	tx.Discard()
}

// exclusiveLane: from the sixth failure nobody else writes meanwhile.
func exclusiveLane(t *testing.T, place EnginePlace) {
	e := open(t, place)
	var c *storage.Conflict
	for range 6 {
		c = failOnce(t, e, "x", c)
	}
	if c.Attempt != 6 {
		t.Fatalf("attempt %d, want 6", c.Attempt)
	}
	running := begin(t, e)
	getString(t, running, "x")
	putString(t, running, "x", "late")
	o := at
	o.Retry = c
	tx := beginWith(t, e, o)
	late := make(chan error)
	go func() { _, err := running.Commit(t.Context()); late <- err }()
	other := make(chan error)
	go func() {
		_, _, err := Update(t.Context(), e, at, func(storage.Txn) error { return nil })
		other <- err
	}()
	view := beginWith(t, e, storage.Options{ReadOnly: true})
	getString(t, view, "x")
	commit(t, view) // reading goes on
	getString(t, tx, "x")
	putString(t, tx, "x", "at last")
	commit(t, tx)
	wantConflict(t, <-late, "x")
	if err := <-other; err != nil {
		t.Errorf("who waited for the lane: %v", err)
	}
}

// starvation: a slow operation against four hot writers. While it runs, each of
// them commits at least once.
func starvation(t *testing.T, place EnginePlace) {
	e := open(t, place)
	write(t, e, "x", "0")
	ctx, stop := context.WithCancel(t.Context())
	var commits atomic.Int64
	turns := make(chan struct{}, 1)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				_, _, err := Update(ctx, e, at, func(tx storage.Txn) error { return increment(tx, "x") })
				if err == nil {
					commits.Add(1)
					select {
					case turns <- struct{}{}:
					default:
					}
				}
			}
		})
	}
	attempts := 0
	_, _, err := Update(t.Context(), e, at, func(tx storage.Txn) error {
		attempts++
		if err := increment(tx, "x"); err != nil || attempts > 6 {
			return err
		}
		for range 3 {
			<-turns // a hot writer has committed since
		}
		return nil
	})
	stop()
	wg.Wait()
	if err != nil || attempts < 2 || attempts > 8 {
		t.Errorf("the slow operation took %d attempts, %v", attempts, err)
	}
	if n := commits.Load(); n == 0 {
		t.Error("the hot writers never committed")
	}
}

func increment(tx storage.Txn, key string) error {
	r, _, err := tx.Get([]byte(key))
	if err != nil {
		return err
	}
	var n int64
	if _, err := fmt.Sscan(string(r.Value), &n); err != nil || n == math.MaxInt64 {
		return fmt.Errorf("%q is no number: %w", r.Value, err)
	}
	return tx.Put([]byte(key), storage.Record{Value: fmt.Append(nil, n+1)})
}
