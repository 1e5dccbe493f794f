// Package occ is the sequencer: a storage.Engine and storage.Log over any
// storage.Backend. It knows optimistic concurrency over the accepted but not
// yet durable state, group commit and the gate that lets no result out before
// what it depends on is durable. It must not know files, collections, wasm or
// clocks.
//
// A transaction reads at the accept sequence S: the overlay of accepted writes
// as of S over a backend snapshot. Commit validates its reads against what was
// accepted since, publishes its writes to the overlay and joins the open batch.
// If nobody applies a batch, it applies that one itself; what joins meanwhile is
// the next batch, which the committer applies as soon as it can. So a batch
// gathers while the one before it is written, and there is no delay to tune. The
// overlay is the conflict index, the read layer and the next batch at once.
//
// A snapshot lives until Commit, Verify, Discard or the end of Begin's context,
// whichever comes first, and always ends before the sequencer waits for a
// batch: bbolt cannot remap its file, nor reuse pages, under an open one. Give
// Begin a context with a deadline, and read much in pages of many transactions.
package occ

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// exclusiveAfter is the number of failed attempts after which an operation gets
// the exclusive lane.
const exclusiveAfter = 6

// Options of a sequencer. The zero value is what production uses.
type Options struct {
	// Watch is the key that Txn.Watched tells about.
	Watch  []byte
	Hooks  Hooks
	Faults Faults
}

// Hooks are called at the points where a crash test wants to kill. Nil does
// nothing.
type Hooks struct {
	// Accepted is called by the committing goroutine, without a lock, when its
	// commit is accepted and not yet known to be durable.
	Accepted func(sequence uint64)
	// Applying is called before the batch that ends with sequence is applied:
	// until it returns, nothing of that batch is durable. Not called twice at
	// the same time.
	Applying func(sequence uint64)
	// Applied is called when the batch that ends with sequence is durable and
	// nobody has been told.
	Applied func(sequence uint64)
}

// Faults are planted bugs. Tests set them to prove that the checkers have
// teeth; production never does.
type Faults struct {
	SkipPointValidation  bool // accept although a key that was read has changed
	SkipRangeValidation  bool // accept although a scanned range has changed
	ReleaseBeforeDurable bool // acknowledge on accept
	// CounterValueInsteadOfAnswer keeps the value that Add computed at its
	// snapshot and writes that, instead of comparing the answer with the
	// current state and adding to it.
	CounterValueInsteadOfAnswer bool
}

// Engine is the sequencer of one tenant. Safe for concurrent use.
type Engine struct {
	backend storage.Backend
	options Options
	locks   keyLocks
	stopped chan struct{} // closed when the committer has ended and nothing is being applied

	mu       sync.Mutex
	work     sync.Cond // signalled to the committer: a batch has ended, or the engine is closing
	overlay  overlay
	watched  watched
	moved    chan struct{} // closed when the durable position moves; nil until somebody waits
	accepted uint64        // sequence of the newest accepted commit
	position uint64        // log position of the newest accepted entry
	durable  storage.State
	open     *batch        // accepted, not yet taken by the committer; never nil
	flying   *batch        // being applied, or nil
	running  list.List     // of *txn in the order in which they pinned the overlay
	lane     chan struct{} // not nil while an operation has the exclusive lane; closed at its end
	err      error         // ErrClosed or ErrPoisoned, wrapped

	stats stats
}

var (
	_ storage.Engine = (*Engine)(nil)
	_ storage.Log    = (*Engine)(nil)
)

// watched is what the engine knows of its watched key.
type watched struct {
	epoch    uint64 // moves with every change of the key
	sequence uint64 // of the newest commit that changed it
}

// stats are atomics, so that Status takes no lock that a commit holds.
type stats struct {
	err                          atomic.Pointer[error]
	position                     atomic.Uint64
	accepted, durable, conflicts atomic.Uint64
	overlay                      atomic.Int64
}

// Open starts a sequencer on a backend that nobody else uses, and goes on from
// the sequence and position that the backend holds. Close closes the backend.
func Open(b storage.Backend, o Options) (*Engine, error) {
	state, err := b.State()
	if err != nil {
		return nil, fmt.Errorf("open sequencer: %w", err)
	}
	e := &Engine{
		backend: b, options: o,
		overlay:  newOverlay(),
		accepted: state.Sequence, position: state.Position, durable: state,
		open:    newBatch(),
		stopped: make(chan struct{}),
	}
	e.work.L = &e.mu
	e.stats.position.Store(state.Position)
	go e.commitBatches()
	return e, nil
}

// Status implements storage.Engine.
func (e *Engine) Status() storage.Status {
	s := storage.Status{
		Position:  e.stats.position.Load(),
		Accepted:  e.stats.accepted.Load(),
		Durable:   e.stats.durable.Load(),
		Conflicts: e.stats.conflicts.Load(),
		Overlay:   int(e.stats.overlay.Load()),
		Bytes:     e.backend.Size(),
	}
	if err := e.stats.err.Load(); err != nil {
		s.Err = *err
	}
	return s
}

// Close refuses new work, waits until what was accepted is durable, ends
// running transactions with ErrClosed and closes the backend. It returns
// ErrPoisoned if the outcome of accepted work is unknown.
func (e *Engine) Close() error {
	e.mu.Lock()
	if errors.Is(e.err, storage.ErrClosed) {
		e.mu.Unlock()
		return nil
	}
	e.err = storage.ErrClosed
	e.work.Broadcast()
	e.mu.Unlock()
	<-e.stopped
	e.expireAll(storage.ErrClosed)
	return errors.Join(e.lost(), e.backend.Close())
}

// lost returns ErrPoisoned if the outcome of accepted work is unknown.
func (e *Engine) lost() error {
	if err := e.stats.err.Load(); err != nil && errors.Is(*err, storage.ErrPoisoned) {
		return *err
	}
	return nil
}

// expireAll ends every transaction that still holds a snapshot.
func (e *Engine) expireAll(cause error) {
	e.mu.Lock()
	var all []*txn
	for el := e.running.Front(); el != nil; el = el.Next() {
		all = append(all, el.Value.(*txn))
	}
	e.mu.Unlock()
	for _, t := range all {
		t.end(cause)
	}
}

// Begin implements storage.Engine. A transaction whose context ends loses its
// snapshot and locks; its reads then return the context's error.
func (e *Engine) Begin(ctx context.Context, o storage.Options) (storage.Txn, error) {
	t := newTxn(e, o)
	if err := e.admit(ctx, t, o.Retry); err != nil {
		return nil, err
	}
	if err := e.pin(ctx, t); err != nil {
		e.release(t)
		return nil, err
	}
	snap, err := e.backend.Snapshot()
	if err != nil {
		e.release(t)
		return nil, fmt.Errorf("begin: %w", err)
	}
	e.fix(t)
	if err := t.attach(ctx, snap); err != nil {
		return nil, err
	}
	return t, nil
}

// pin registers the transaction, so that the overlay keeps every write newer
// than what is durable now. Whatever the backend's snapshot, taken next and
// without the lock, holds beyond that point the overlay holds too.
func (e *Engine) pin(ctx context.Context, t *txn) error {
	if err := e.lockPastLane(ctx, t); err != nil {
		return err
	}
	defer e.mu.Unlock()
	t.pinned = e.durable.Sequence
	t.element = e.running.PushBack(t)
	return nil
}

// fix chooses S: the newest accepted state, which is no older than the snapshot.
func (e *Engine) fix(t *txn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t.start, t.position = e.accepted, e.position
	t.over = e.overlay.view()
	t.watched = e.watched
}

// release gives back everything that other operations may wait for. It may be
// called twice.
func (e *Engine) release(t *txn) {
	e.mu.Lock()
	e.unregister(t)
	key := t.key
	t.key = nil
	e.mu.Unlock()
	e.locks.release(key)
}

// unregister forgets a transaction's pin and lane. The caller holds mu.
func (e *Engine) unregister(t *txn) {
	if t.element != nil {
		e.running.Remove(t.element)
		t.element = nil
	}
	if t.lane != nil {
		e.lane = nil
		close(t.lane)
		t.lane = nil
	}
}
