package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// memo keeps decoded records beside the bytes that they came from. What is stored
// is read each time, so a memo is never wrong; it is decoded only when it changed.
// What it answers must not be changed.
type memo[T any] struct {
	mu    sync.Mutex
	byKey map[string]memoized[T]
}

type memoized[T any] struct {
	raw   []byte
	value T
}

// maxMemo is how many records are kept; with one more all are forgotten.
const maxMemo = 4096

func newMemo[T any]() *memo[T] { return &memo[T]{byKey: map[string]memoized[T]{}} }

// get reads a value of an area.
func (m *memo[T]) get(tx *kernel.Tx, area platform.Area[T], key string) (v T, ok bool, err error) {
	raw, ok, err := tx.Get(area.Name, key)
	if err != nil || !ok {
		return v, false, err
	}
	m.mu.Lock()
	known, found := m.byKey[key]
	m.mu.Unlock()
	if found && bytes.Equal(known.raw, raw) {
		return known.value, true, nil
	}
	if err = json.Unmarshal(raw, &v); err != nil {
		return v, false, fmt.Errorf("%s %q: %w", area.Name, key, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.byKey) >= maxMemo {
		clear(m.byKey)
	}
	m.byKey[key] = memoized[T]{raw, v}
	return v, true, nil
}
