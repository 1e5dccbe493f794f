// Package storagetest holds one suite for each of the two seams of storage, and
// the workload that its benchmarks share with host/bench. It knows the seams,
// models of them and linearizability; it must not know any engine or backend.
package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// EngineLog is an engine with its log.
type EngineLog interface {
	storage.Engine
	storage.Log
}

// EnginePlace opens one and the same storage, empty at first; again after each
// Close, as after a restart.
type EnginePlace func() (EngineLog, error)

// BackendPlace is EnginePlace for a backend.
type BackendPlace func() (storage.Backend, error)

// Update runs fn in transactions until one commits, and returns how many
// attempts failed before it. Any error but a conflict ends it.
func Update(ctx context.Context, e storage.Engine, o storage.Options, fn func(storage.Txn) error) (failed int, c storage.Commit, err error) {
	for {
		c, err = attempt(ctx, e, o, fn)
		var conflict *storage.Conflict
		if !errors.As(err, &conflict) {
			return failed, c, err
		}
		failed = conflict.Attempt
		o.Retry = conflict
	}
}

func attempt(ctx context.Context, e storage.Engine, o storage.Options, fn func(storage.Txn) error) (storage.Commit, error) {
	tx, err := e.Begin(ctx, o)
	if err != nil {
		return storage.Commit{}, err
	}
	defer tx.Discard()
	if err := fn(tx); err != nil {
		return storage.Commit{}, err
	}
	return tx.Commit(ctx)
}

// noDeadline is for code that runs under no test of its own.
var noDeadline = context.Background()

// at is the time of most tests' operations.
var at = storage.Options{Now: time.UnixMilli(1_000)}

func open(t *testing.T, place EnginePlace) EngineLog {
	t.Helper()
	e, err := place()
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = e.Close() }) // a test that cares has closed it before
	return e
}

// shut closes an engine that a loop opens anew; one that cannot close is broken.
func shut(t *testing.T, e storage.Engine) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func begin(t *testing.T, e storage.Engine) storage.Txn {
	t.Helper()
	return beginWith(t, e, at)
}

func beginWith(t *testing.T, e storage.Engine, o storage.Options) storage.Txn {
	t.Helper()
	tx, err := e.Begin(t.Context(), o)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	t.Cleanup(tx.Discard)
	return tx
}

func commit(t *testing.T, tx storage.Txn) storage.Commit {
	t.Helper()
	c, err := tx.Commit(t.Context())
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	return c
}

// write commits pairs of key and value.
func write(t *testing.T, e storage.Engine, pairs ...string) {
	t.Helper()
	tx := begin(t, e)
	for i := 0; i < len(pairs); i += 2 {
		putString(t, tx, pairs[i], pairs[i+1])
	}
	commit(t, tx)
}

func putString(t *testing.T, tx storage.Txn, key, value string) {
	t.Helper()
	if err := tx.Put([]byte(key), storage.Record{Value: []byte(value)}); err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
}

// getString returns "" for an absent record.
func getString(t *testing.T, tx storage.Txn, key string) string {
	t.Helper()
	r, _, err := tx.Get([]byte(key))
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	return string(r.Value)
}

func add(t *testing.T, tx storage.Txn, key string, delta, min, max int64) bool {
	t.Helper()
	ok, err := tx.Add([]byte(key), delta, min, max)
	if err != nil {
		t.Fatalf("add %q: %v", key, err)
	}
	return ok
}

func scan(t *testing.T, tx storage.Txn, r storage.Range) []storage.Pair {
	t.Helper()
	pairs, err := tx.Scan(r)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	return pairs
}

func wantConflict(t *testing.T, err error, key string) {
	t.Helper()
	var c *storage.Conflict
	if !errors.As(err, &c) {
		t.Fatalf("got error %v, want a conflict on %q", err, key)
	}
	if string(c.Key) != key {
		t.Errorf("conflict on %q, want %q", c.Key, key)
	}
}
