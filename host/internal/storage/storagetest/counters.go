package storagetest

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

func countersAndRecords(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	putString(t, tx, "record", "v")
	add(t, tx, "counter", 5, 0, 9)
	for range 2 { // once on pending writes, once on committed ones
		if _, _, err := tx.Get([]byte("counter")); !errors.Is(err, storage.ErrCounter) {
			t.Errorf("get of a counter: %v", err)
		}
		if _, err := tx.Add([]byte("record"), 1, 0, 9); !errors.Is(err, storage.ErrCounter) {
			t.Errorf("add to a record: %v", err)
		}
		if _, err := tx.Counter([]byte("record")); !errors.Is(err, storage.ErrCounter) {
			t.Errorf("counter of a record: %v", err)
		}
		pairs := scan(t, tx, storage.Range{})
		if len(pairs) != 2 || !pairs[0].Counter || pairs[1].Counter || binary.BigEndian.Uint64(pairs[0].Value) != 5 {
			t.Errorf("scan over a counter and a record: %+v", pairs)
		}
		commit(t, tx)
		tx = begin(t, e)
	}
}

func counterAfterWrites(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	add(t, tx, "n", 5, 0, 9)
	commit(t, tx)
	tx = begin(t, e)
	if add(t, tx, "n", 5, 0, 9) {
		t.Error("5+5 fits under 9")
	}
	if !add(t, tx, "n", -2, 0, 9) || !add(t, tx, "n", 6, 0, 9) {
		t.Error("5-2+6 does not fit under 9")
	}
	if n, err := tx.Counter([]byte("n")); n != 9 || err != nil {
		t.Errorf("own adds: %d, %v", n, err)
	}
	if err := tx.Delete([]byte("n")); err != nil {
		t.Fatal(err)
	}
	if n, err := tx.Counter([]byte("n")); n != 0 || err != nil {
		t.Errorf("after delete: %d, %v", n, err)
	}
	if add(t, tx, "n", -1, 0, 9) || !add(t, tx, "n", 1, 0, 9) {
		t.Error("a deleted counter does not start at 0")
	}
	commit(t, tx)
	if n, err := begin(t, e).Counter([]byte("n")); n != 1 || err != nil {
		t.Errorf("committed: %d, %v", n, err)
	}
	tx = begin(t, e)
	putString(t, tx, "n", "a record now")
	if _, err := tx.Add([]byte("n"), 1, 0, 9); !errors.Is(err, storage.ErrCounter) {
		t.Errorf("add to an own record: %v", err)
	}
	commit(t, tx)
	if got := getString(t, begin(t, e), "n"); got != "a record now" {
		t.Errorf("got %q", got)
	}
}

// severalCounters are read as each alone is: own adds are seen, and whoever moves one
// of them refuses whoever wrote by what it read.
func severalCounters(t *testing.T, place EnginePlace) {
	e := open(t, place)
	tx := begin(t, e)
	add(t, tx, "a", 5, 0, 9)
	add(t, tx, "b", -3, -9, 9)
	putString(t, tx, "record", "v")
	commit(t, tx)
	keys := [][]byte{[]byte("b"), []byte("never"), []byte("a"), []byte("b")}
	tx = begin(t, e)
	add(t, tx, "b", -2, -9, 9)
	if got, err := tx.Counters(keys); err != nil || !slices.Equal(got, []int64{-5, 0, 5, -5}) {
		t.Errorf("in a command: %v, %v", got, err)
	}
	if _, err := tx.Counters([][]byte{[]byte("a"), []byte("record")}); !errors.Is(err, storage.ErrCounter) {
		t.Errorf("a record among counters: %v", err)
	}
	if _, err := tx.Counters([][]byte{[]byte("a"), nil}); !errors.Is(err, storage.ErrKey) {
		t.Errorf("no key among counters: %v", err)
	}
	putString(t, tx, "decided", "on five")
	other := begin(t, e)
	add(t, other, "a", 1, 0, 9)
	commit(t, other)
	_, err := tx.Commit(t.Context())
	wantConflict(t, err, "a")
	for _, readOnly := range []bool{false, true} {
		o := at
		o.ReadOnly = readOnly
		tx := beginWith(t, e, o)
		if got, err := tx.Counters(keys); err != nil || !slices.Equal(got, []int64{-3, 0, 6, -3}) {
			t.Errorf("read only %v: %v, %v", readOnly, got, err)
		}
		if _, err := tx.Counters([][]byte{[]byte("record")}); !errors.Is(err, storage.ErrCounter) {
			t.Errorf("a record as a counter, read only %v: %v", readOnly, err)
		}
		tx.Discard()
		if _, err := tx.Counters(keys); err == nil {
			t.Errorf("read only %v: counters of an ended transaction", readOnly)
		}
	}
}

func counterOverflow(t *testing.T, place EnginePlace) {
	tx := begin(t, open(t, place))
	if !add(t, tx, "n", math.MaxInt64, math.MinInt64, math.MaxInt64) || add(t, tx, "n", 1, math.MinInt64, math.MaxInt64) {
		t.Error("the greatest value can be passed")
	}
	if !add(t, tx, "m", math.MinInt64, math.MinInt64, math.MaxInt64) || add(t, tx, "m", -1, math.MinInt64, math.MaxInt64) {
		t.Error("the least value can be passed")
	}
}

// nestedCounter is the case of design.md §5: B fails on a balance, A catches the
// error and decides on it, and meanwhile the balance was raised.
func nestedCounter(t *testing.T, place EnginePlace) {
	e := open(t, place)
	a := begin(t, e)
	mark := a.Save()
	if add(t, a, "card", -10, 0, math.MaxInt64) {
		t.Fatal("took 10 from an empty card")
	}
	a.Rollback(mark)
	putString(t, a, "paid", "in cash")

	other := begin(t, e)
	add(t, other, "card", 10, 0, math.MaxInt64)
	commit(t, other)
	_, err := a.Commit(t.Context())
	wantConflict(t, err, "card")
}

// undoneAnswer: an Add that a rollback undid was still answered.
func undoneAnswer(t *testing.T, place EnginePlace) {
	e := open(t, place)
	fill := begin(t, e)
	add(t, fill, "n", 10, 0, 10)
	commit(t, fill)

	a, b := begin(t, e), begin(t, e)
	for _, tx := range []storage.Txn{a, b} {
		add(t, tx, "n", -2, 0, 10)
		mark := tx.Save()
		if !add(t, tx, "n", -8, 0, 10) {
			t.Fatal("8 of 8 left were refused")
		}
		tx.Rollback(mark)
		putString(t, tx, "there were", "8")
	}
	commit(t, a) // moves n to 8
	if n, err := begin(t, e).Counter([]byte("n")); n != 8 || err != nil {
		t.Errorf("n is %d, %v: an undone delta was applied", n, err)
	}
	_, err := b.Commit(t.Context()) // -2-8 no longer fits
	wantConflict(t, err, "n")
}

func hotCounter(t *testing.T, place EnginePlace) {
	e := open(t, place)
	const clients, each = 8, 25
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range each {
				_, _, err := Update(t.Context(), e, at, func(tx storage.Txn) error {
					_, err := tx.Add([]byte("n"), 1, 0, math.MaxInt64)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n, err := begin(t, e).Counter([]byte("n")); n != clients*each || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
	if s := e.Status(); s.Conflicts != 0 {
		t.Errorf("%d conflicts on answers that never changed", s.Conflicts)
	}
}
