// Package faulty wraps a storage.Backend and misbehaves on demand, so that
// tests can see what a sequencer does about it. It knows the seam and nothing
// behind it.
package faulty

import (
	"errors"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// ErrStopped is what a stopped backend answers.
var ErrStopped = errors.New("backend stopped")

// Faults are hooks at the points where a backend can fail. Nil does nothing.
// All may be called from several goroutines.
type Faults struct {
	// Delay is called first in every call of the backend and its snapshots.
	Delay func()
	// BeforeApply is called before a batch is written. Its error is Apply's,
	// and nothing is written: storage.ErrFull for a full disk, any other for a
	// failed write whose outcome the caller cannot know.
	BeforeApply func(storage.Batch) error
	// AfterApply is called when the batch is written. Its error is Apply's: the
	// outcome is unknown to the caller although the batch is there.
	AfterApply func(storage.Batch) error
	// Read may replace a value on its way out of a snapshot. It must not change
	// the one it is given.
	Read func(key, value []byte) []byte
}

// Backend is a wrapped backend.
type Backend struct {
	inner   storage.Backend
	faults  Faults
	stopped atomic.Bool
}

var _ storage.Backend = (*Backend)(nil)

// Wrap returns inner with faults.
func Wrap(inner storage.Backend, f Faults) *Backend {
	return &Backend{inner: inner, faults: f}
}

// Stop acts like a crash: no batch becomes durable any more, not even one that
// is being delayed, and every call fails. What was durable can be opened again
// through the inner backend.
func (b *Backend) Stop() { b.stopped.Store(true) }

// enter delays a call and says whether it may go on.
func (b *Backend) enter() error {
	if b.faults.Delay != nil {
		b.faults.Delay()
	}
	if b.stopped.Load() {
		return ErrStopped
	}
	return nil
}

// Snapshot implements storage.Backend.
func (b *Backend) Snapshot() (storage.Snapshot, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	s, err := b.inner.Snapshot()
	if err != nil {
		return nil, err
	}
	return &snapshot{backend: b, inner: s}, nil
}

// Apply implements storage.Backend.
func (b *Backend) Apply(batch storage.Batch) error {
	if err := b.enter(); err != nil {
		return err
	}
	if hook := b.faults.BeforeApply; hook != nil {
		if err := hook(batch); err != nil {
			return err
		}
	}
	if b.stopped.Load() {
		return ErrStopped
	}
	if err := b.inner.Apply(batch); err != nil {
		return err
	}
	if hook := b.faults.AfterApply; hook != nil {
		return hook(batch)
	}
	return nil
}

// State implements storage.Backend.
func (b *Backend) State() (storage.State, error) {
	if err := b.enter(); err != nil {
		return storage.State{}, err
	}
	return b.inner.State()
}

// Size implements storage.Backend. It is never delayed.
func (b *Backend) Size() int64 { return b.inner.Size() }

// Close closes the inner backend, stopped or not.
func (b *Backend) Close() error { return b.inner.Close() }

type snapshot struct {
	backend *Backend
	inner   storage.Snapshot
}

func (s *snapshot) Get(key []byte) ([]byte, error) {
	if err := s.backend.enter(); err != nil {
		return nil, err
	}
	v, err := s.inner.Get(key)
	return s.read(key, v), err
}

func (s *snapshot) read(key, value []byte) []byte {
	if hook := s.backend.faults.Read; hook != nil && value != nil {
		return hook(key, value)
	}
	return value
}

func (s *snapshot) Ascend(start, end []byte, fn func(key, value []byte) bool) error {
	if err := s.backend.enter(); err != nil {
		return err
	}
	return s.inner.Ascend(start, end, func(k, v []byte) bool { return fn(k, s.read(k, v)) })
}

func (s *snapshot) Descend(start, end []byte, fn func(key, value []byte) bool) error {
	if err := s.backend.enter(); err != nil {
		return err
	}
	return s.inner.Descend(start, end, func(k, v []byte) bool { return fn(k, s.read(k, v)) })
}

func (s *snapshot) Entries(after uint64, fn func(storage.Entry) bool) error {
	if err := s.backend.enter(); err != nil {
		return err
	}
	return s.inner.Entries(after, fn)
}

func (s *snapshot) Close() error { return s.inner.Close() }
