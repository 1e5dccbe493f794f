package occ

import (
	"errors"
	"fmt"
	"sort"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// batch is a group of accepted commits that becomes durable together.
type batch struct {
	writes  map[string][]byte // the last writer's sealed value; nil deletes
	entries []storage.Entry
	state   storage.State // after its last commit
	commits int
	done    chan struct{} // closed when the outcome is known
	err     error         // the outcome, valid once done is closed
}

func newBatch() *batch {
	return &batch{writes: map[string][]byte{}, done: make(chan struct{})}
}

// merged returns the batch as the backend wants it: each key once, sorted.
func (b *batch) merged() storage.Batch {
	writes := make([]storage.Write, 0, len(b.writes))
	for key, sealed := range b.writes {
		writes = append(writes, storage.Write{Key: []byte(key), Value: sealed})
	}
	sort.Slice(writes, func(i, j int) bool {
		return string(writes[i].Key) < string(writes[j].Key)
	})
	return storage.Batch{State: b.state, Writes: writes, Entries: b.entries}
}

// settle tells everybody who waits. The caller holds the engine's mutex.
func (b *batch) settle(err error) {
	b.err = err
	close(b.done)
}

// commitBatches applies what gathered while another batch was being applied,
// until the engine is closed and nothing is left, or the outcome of a batch is
// unknown.
func (e *Engine) commitBatches() {
	defer close(e.stopped)
	for {
		b := e.take()
		if b == nil {
			return
		}
		e.finish(b)
	}
}

// finish applies a batch and tells everybody who waits for it.
func (e *Engine) finish(b *batch) {
	e.settle(b, e.apply(b))
}

// take waits until nobody applies a batch and the open one has commits, and
// swaps it; nil is the end.
func (e *Engine) take() *batch {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.flying != nil || e.open.commits == 0 {
		if e.flying == nil && e.err != nil {
			return nil
		}
		e.work.Wait()
	}
	e.flying, e.open = e.open, newBatch()
	return e.flying
}

func (e *Engine) apply(b *batch) error {
	if hook := e.options.Hooks.Applying; hook != nil {
		hook(b.state.Sequence)
	}
	if err := e.backend.Apply(b.merged()); err != nil {
		return err
	}
	if hook := e.options.Hooks.Applied; hook != nil {
		hook(b.state.Sequence)
	}
	return nil
}

// settle draws the consequences of an applied batch and wakes who waits for it.
func (e *Engine) settle(b *batch, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.flying = nil
	switch {
	case err == nil:
		e.advance(b)
	case errors.Is(err, storage.ErrFull):
		e.drop(b, err)
	default:
		e.poison(b, err)
	}
	e.stats.overlay.Store(int64(e.overlay.live.Len()))
	e.work.Signal()
}

func (e *Engine) advance(b *batch) {
	e.durable = b.state
	e.stats.position.Store(b.state.Position)
	e.stats.durable.Add(uint64(b.commits))
	if e.stats.err.Load() != nil && e.err == nil {
		e.stats.err.Store(nil) // the disk was full and is no longer
	}
	e.prune()
	b.settle(nil)
	if e.moved != nil && len(b.entries) > 0 {
		close(e.moved)
		e.moved = nil
	}
}

// prune forgets what is durable and older than every running transaction's pin.
// Pins never go back, so the oldest transaction has the lowest.
func (e *Engine) prune() {
	limit := e.durable.Sequence
	if oldest := e.running.Front(); oldest != nil {
		limit = min(limit, oldest.Value.(*txn).pinned)
	}
	e.overlay.prune(limit)
}

// drop forgets everything accepted and not durable after the disk was full: a
// later commit may have read what the failed one wrote. Sequence numbers are
// not used again, so an old transaction cannot take a new write for one that it
// has seen; positions are, because they must stay dense. Running transactions
// lose their part of the conflict index and must all start again.
func (e *Engine) drop(b *batch, err error) {
	e.stats.err.Store(&err)
	for el := e.running.Front(); el != nil; el = el.Next() {
		el.Value.(*txn).doomed = true
	}
	e.overlay = newOverlay()
	e.position = e.durable.Position
	e.watched = watched{e.watched.epoch + 1, e.durable.Sequence}
	b.settle(err)
	e.open.settle(err)
	e.open = newBatch()
}

// poison ends the engine: whether the batch reached the disk is unknown, and
// trying again would only hide it.
func (e *Engine) poison(b *batch, cause error) {
	err := fmt.Errorf("%w: %w", storage.ErrPoisoned, cause)
	closing := e.err != nil
	e.stats.err.Store(&err)
	if !closing {
		e.err = err
	}
	b.settle(err)
	e.open.settle(err)
	e.open = newBatch()
}
