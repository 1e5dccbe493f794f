package occ

import (
	"errors"
	"fmt"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// Read implements storage.Log. A limit below 1 reads nothing.
func (e *Engine) Read(after uint64, limit int) ([]storage.Entry, error) {
	head, err := e.head()
	if err != nil || limit < 1 || after >= head {
		return nil, err
	}
	snap, err := e.backend.Snapshot()
	if err != nil {
		return nil, fmt.Errorf("read log after %d: %w", after, err)
	}
	entries, err := readEntries(snap, after, head, limit)
	if err = errors.Join(err, snap.Close()); err != nil {
		return nil, fmt.Errorf("read log after %d: %w", after, err)
	}
	return entries, nil
}

// head is the newest durable position. The backend may show more than that.
func (e *Engine) head() (uint64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.durable.Position, e.err
}

// readEntries reads entries in (after, head]. Retention may have removed the
// first ones; a gap behind the first is damage.
func readEntries(snap storage.Snapshot, after, head uint64, limit int) ([]storage.Entry, error) {
	var out []storage.Entry
	var bad error
	err := snap.Entries(after, func(sealed storage.Entry) bool {
		if sealed.Position > head {
			return false
		}
		data, err := storage.OpenEntry(sealed.Position, sealed.Data)
		if n := len(out); err == nil && n > 0 && out[n-1].Position+1 != sealed.Position {
			err = fmt.Errorf("%w: log position %d is missing", storage.ErrCorrupt, out[n-1].Position+1)
		}
		if err != nil {
			bad = err
			return false
		}
		out = append(out, storage.Entry{Position: sealed.Position, Data: data})
		return len(out) < limit
	})
	if err != nil || bad != nil {
		return nil, errors.Join(err, bad)
	}
	return out, nil
}

// Moved implements storage.Log.
func (e *Engine) Moved() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.moved == nil {
		e.moved = make(chan struct{})
	}
	return e.moved
}
