// Package mem is a storage.Backend in memory, for tests and for tenants that
// nobody needs to keep. It knows copy-on-write trees; it must not know
// envelopes, transactions or disks.
package mem

import (
	"bytes"
	"sort"
	"strings"
	"sync"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/tidwall/btree"
)

// Backend keeps sealed values and log entries in memory. Safe for concurrent use.
type Backend struct {
	mu    sync.Mutex
	tree  *btree.Map[string, []byte]
	log   []storage.Entry // append only, so a snapshot shares it
	state storage.State
	bytes int64 // of keys, values and entries
}

var _ storage.Backend = (*Backend)(nil)

// New returns an empty backend.
func New() *Backend {
	return &Backend{tree: btree.NewMap[string, []byte](0)}
}

// Snapshot implements storage.Backend. It cannot fail.
func (b *Backend) Snapshot() (storage.Snapshot, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &snapshot{tree: b.tree.Copy(), log: b.log}, nil
}

// Apply implements storage.Backend. It cannot fail.
func (b *Backend) Apply(batch storage.Batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range batch.Writes {
		b.write(w)
	}
	for _, e := range batch.Entries {
		e.Data = bytes.Clone(e.Data)
		b.log = append(b.log, e)
		b.bytes += int64(len(e.Data))
	}
	b.state = batch.State
	return nil
}

func (b *Backend) write(w storage.Write) {
	key := string(w.Key)
	if w.Value == nil {
		if old, ok := b.tree.Delete(key); ok {
			b.bytes -= int64(len(key) + len(old))
		}
		return
	}
	if old, ok := b.tree.Set(key, bytes.Clone(w.Value)); ok {
		b.bytes -= int64(len(key) + len(old))
	}
	b.bytes += int64(len(key) + len(w.Value))
}

// State implements storage.Backend.
func (b *Backend) State() (storage.State, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state, nil
}

// Size returns the bytes of keys, values and entries held.
func (b *Backend) Size() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}

// Close keeps the contents, so that a test can open another sequencer on them
// as if after a restart.
func (b *Backend) Close() error { return nil }

type snapshot struct {
	tree *btree.Map[string, []byte]
	log  []storage.Entry
}

func (s *snapshot) Get(key []byte) ([]byte, error) {
	v, _ := s.tree.Get(string(key))
	return v, nil
}

func (s *snapshot) Ascend(start, end []byte, fn func(key, value []byte) bool) error {
	s.tree.Ascend(string(start), func(k string, v []byte) bool {
		if end != nil && k >= string(end) {
			return false
		}
		return fn([]byte(k), v)
	})
	return nil
}

func (s *snapshot) Descend(start, end []byte, fn func(key, value []byte) bool) error {
	visit := func(k string, v []byte) bool {
		if end != nil && k >= string(end) {
			return true // the pivot itself lies outside
		}
		return strings.Compare(k, string(start)) >= 0 && fn([]byte(k), v)
	}
	if end == nil {
		s.tree.Reverse(visit)
	} else {
		s.tree.Descend(string(end), visit)
	}
	return nil
}

func (s *snapshot) Entries(after uint64, fn func(storage.Entry) bool) error {
	from := sort.Search(len(s.log), func(i int) bool { return s.log[i].Position > after })
	for _, e := range s.log[from:] {
		if !fn(e) {
			break
		}
	}
	return nil
}

func (s *snapshot) Close() error { return nil }
