// Package storage is the seam between the kernel and whatever keeps a tenant's
// data. It knows keys, records, bounds and positions; it must not know apps,
// collections, wasm or HTTP.
//
// An [Engine] is what the kernel sees. The sequencer in occ is one Engine over
// any [Backend]; bolt and mem are Backends, faulty wraps one, and storagetest
// holds one suite for each of the two seams.
package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Limits that every engine keeps.
const (
	MaxKey   = 1 << 10   // bytes of a key; the empty key is refused too
	MaxValue = 256 << 10 // bytes of a record's value
)

// Errors of beginning and committing.
var (
	// ErrPoisoned: an earlier write may or may not have reached the disk.
	// Close the engine and open it again; only then is the truth known.
	ErrPoisoned = errors.New("storage poisoned: outcome unknown")
	// ErrClosed: the engine was closed.
	ErrClosed = errors.New("storage closed")
	// ErrFull: the disk is full. Reads and deletes go on.
	ErrFull = errors.New("storage full")
	// ErrCorrupt: a record fails its checksum.
	ErrCorrupt = errors.New("storage corrupt")
)

// Errors of a single read or write; the transaction goes on.
var (
	ErrKey = errors.New("key empty or longer than 1 KiB")
	// ErrValue: longer than MaxValue, shorter than its stamp, or with a subject
	// longer than MaxKey.
	ErrValue    = errors.New("value out of bounds")
	ErrReadOnly = errors.New("write in a read-only transaction")
	ErrCounter  = errors.New("not a counter")
)

// Conflict is the error of a commit whose reads no longer hold. Nothing was
// written. Begin again with Options.Retry set to it.
type Conflict struct {
	Key     []byte // the key, or the first key of the range, that changed
	Attempt int    // how many attempts of this operation have failed, from 1
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("conflict on %q in attempt %d", c.Key, c.Attempt)
}

// Record is a value with what travels beside it in its envelope.
type Record struct {
	Value   []byte
	Expires int64  // milliseconds since 1970 UTC; 0 never. At or after it the record counts as absent.
	Subject string // whom it is about, for erasure; "" nobody
	KeyID   uint32 // key that encrypts Value; 0 none
	// Stamp asks for the log position of this commit (that of its last event,
	// or of the newest event before it) in the first eight bytes of Value, big
	// endian, as soon as it is known. Value must be at least that long.
	Stamp bool
	// Counter is set by Scan alone: the key holds a counter, and Value is its
	// value, eight bytes, big endian, two's complement. Put refuses it.
	Counter bool
}

// Pair is a record with its key.
type Pair struct {
	Key []byte
	Record
}

// Range is a half-open range of keys. A nil End has no upper bound.
type Range struct {
	Start, End []byte
	Reverse    bool
	Limit      int // 0 means no limit
}

// Options of one transaction.
type Options struct {
	// ReadOnly transactions buffer nothing and cannot conflict, but for one
	// case: a full disk undid what they read.
	ReadOnly bool
	// Now is the operation's one clock reading; records that expire at or
	// before it count as absent.
	Now time.Time
	// Retry is the conflict that ended the last attempt. Begin then waits for
	// the lock of its key, and from the sixth failure for the exclusive lane.
	Retry *Conflict
}

// Engine is one tenant's storage. Safe for concurrent use.
type Engine interface {
	// Begin starts a transaction on the newest accepted state. The caller must
	// end it with Commit or Discard; a transaction is used by one goroutine.
	Begin(ctx context.Context, o Options) (Txn, error)
	// Status says how the engine is. It takes no lock that a commit holds.
	Status() Status
	// Close waits for accepted work to become durable.
	Close() error
}

// Status is a snapshot of an engine's state for health and metrics.
type Status struct {
	Err       error  // nil, ErrPoisoned, ErrFull …
	Position  uint64 // newest durable log position
	Accepted  uint64 // commits accepted since it was opened
	Durable   uint64 // commits durable since it was opened
	Conflicts uint64 // commits refused since it was opened
	Overlay   int    // keys held in memory
	Bytes     int64  // size on disk, 0 if there is none
}

// Savepoint is a mark inside a transaction.
type Savepoint int

// Txn is one transaction: strictly serializable, with its own writes visible to
// its reads. Slices that it returns are the caller's own.
type Txn interface {
	// Get returns the record under key. Its absence is a read like any other.
	Get(key []byte) (Record, bool, error)
	// MultiGet is Get of many keys, in their order; an absent one has a nil Value.
	MultiGet(keys [][]byte) ([]Record, error)
	// Scan returns the records of a range in key order (or its reverse), and its
	// counters, marked as such. What was seen, and only that, becomes part of
	// the read set: with a limit, nothing behind the last pair returned.
	Scan(r Range) ([]Pair, error)
	// Put writes a record; Delete removes one, absent or not.
	Put(key []byte, r Record) error
	Delete(key []byte) error
	// Add adds delta to the counter under key (0 if absent) unless the result
	// would be below min or above max, and says whether it did. The answer, not
	// the value, becomes part of the read set.
	Add(key []byte, delta, min, max int64) (bool, error)
	// Watched is a number that is another one whenever the key that the engine was
	// told to watch has changed, as of this transaction's state; it costs next to
	// nothing. Asking is a read of that key.
	Watched() uint64
	// Counter reads a counter; this is a read of its value.
	Counter(key []byte) (int64, error)
	// Counters is Counter of many keys, in their order.
	Counters(keys [][]byte) ([]int64, error)
	// Append puts an entry at the end of the tenant's log. Its position is
	// given at commit, dense and in commit order.
	Append(entry []byte) error
	// Usage counts what the transaction would write.
	Usage() Usage
	// Save marks a point; Rollback undoes all writes, deltas and entries since
	// then. What was read since then stays in the read set. The savepoint can be
	// rolled back to again; those made after it are gone.
	Save() Savepoint
	Rollback(Savepoint)
	// Commit validates the reads, publishes the writes and returns when all
	// that this transaction wrote or depended on is durable. In a read-only
	// transaction it only waits. Errors: *Conflict, ErrPoisoned (the outcome is
	// unknown), ErrFull (nothing was written), ErrClosed, the context's error
	// before acceptance (nothing was written).
	Commit(ctx context.Context) (Commit, error)
	// Verify validates the reads, as an operation that ends in an error must
	// do before the error may leave the host, and waits like Commit. It writes
	// nothing and ends the transaction. Errors as Commit's, and the context's
	// while it waits.
	Verify(ctx context.Context) error
	// Discard ends the transaction without a trace. After Commit it does nothing.
	Discard()
}

// Usage counts a transaction's pending effects.
type Usage struct {
	Writes  int // keys put or deleted, counters added to
	Entries int // log entries
	Bytes   int // of keys, values and entries
}

// Commit is the outcome of a transaction.
type Commit struct {
	Sequence uint64 // of the commit among all commits; 0 if nothing was written
	Position uint64 // log position of its last entry, or of the newest before it
}

// Log reads a tenant's log beside any transaction: only durable entries, never
// part of a read set.
type Log interface {
	// Read returns up to limit entries after a position, in order.
	Read(after uint64, limit int) ([]Entry, error)
	// Moved is closed when a newer entry than now has become durable.
	Moved() <-chan struct{}
}

// Entry is one entry of the log.
type Entry struct {
	Position uint64
	Data     []byte
}

// Backend keeps batches. Only one sequencer uses it at a time.
type Backend interface {
	// Snapshot is a consistent view of the last applied batch (or of a newer
	// one that is being applied: the sequencer hides what is not durable).
	Snapshot() (Snapshot, error)
	// Apply writes a batch and returns when it is durable. Any error but
	// ErrFull leaves the outcome unknown.
	Apply(b Batch) error
	// State is what the sequencer needs to go on after a restart.
	State() (State, error)
	Size() int64
	Close() error
}

// State of a backend: the newest sequence and log position it holds.
type State struct{ Sequence, Position uint64 }

// Batch is a group of accepted commits, merged: each key once, sorted.
type Batch struct {
	State           // after the batch
	Writes  []Write // sorted by key
	Entries []Entry // dense, ascending
}

// Write is one sealed value, nil to delete.
type Write struct{ Key, Value []byte }

// Snapshot reads sealed values. Slices alias the backend's memory and die with
// Close; so does nothing else, and Close must be called before the sequencer
// waits for a commit.
type Snapshot interface {
	Get(key []byte) ([]byte, error) // nil if absent
	// Ascend and Descend call fn for keys in [start, end) until it returns
	// false; a nil end has no upper bound.
	Ascend(start, end []byte, fn func(key, value []byte) bool) error
	Descend(start, end []byte, fn func(key, value []byte) bool) error
	// Entries calls fn for log entries after a position until it returns false.
	Entries(after uint64, fn func(Entry) bool) error
	Close() error
}
