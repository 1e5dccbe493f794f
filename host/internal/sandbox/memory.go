package sandbox

import (
	"errors"
	"sync/atomic"

	"github.com/tetratelabs/wazero/experimental"
)

// budget counts bytes that all instances share.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take takes n bytes, or none.
func (b *budget) take(n int64) bool {
	for {
		used := b.used.Load()
		if n > b.limit-used {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// refusal says why a memory did not grow.
type refusal uint8

const (
	notRefused      refusal = iota
	refusedByLimit          // the module's own
	refusedByBudget         // the process's
)

var errCapacity = errors.New("the memory budget of all instances is spent")

// linearMemory is one guest's memory: address space for the most it may have,
// of which only what it has is readable, between two pages that never are. So
// growing moves nothing, and an access that slips past wazero's bounds checks
// hits no other memory.
type linearMemory struct {
	take    func(int64) bool // of the process-wide budget
	give    func(int64)
	mapping []byte // the address space with its guards
	limit   int64  // bytes
	size    int64  // bytes in use, all taken from the budget
	refused refusal
	loaded  bool // it has just become as large as a snapshot; wazero is being told
}

var (
	_ experimental.LinearMemory    = (*linearMemory)(nil)
	_ experimental.MemoryAllocator = (*linearMemory)(nil)
)

// newLinearMemory makes a memory of first bytes that may grow to limit. It
// does here all that can fail, because wazero panics if the allocator fails.
func newLinearMemory(first, limit int64, take func(int64) bool, give func(int64)) (*linearMemory, error) {
	m := &linearMemory{take: take, give: give, limit: limit}
	mapping, err := mapMemory(limit)
	if err != nil {
		return nil, errCapacity
	}
	m.mapping = mapping
	if m.Reallocate(uint64(first)) == nil {
		m.Free()
		return nil, errCapacity
	}
	return m, nil
}

// Allocate hands the memory to wazero.
func (m *linearMemory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate grows the memory to size bytes; nil refuses.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if m.loaded {
		return m.slice()
	}
	if size > uint64(m.limit) {
		m.refused = refusedByLimit
		return nil
	}
	if more := int64(size) - m.size; more > 0 && !m.grow(more) {
		m.refused = refusedByBudget
		return nil
	}
	return m.slice()
}

func (m *linearMemory) slice() []byte {
	return m.mapping[guardBytes : guardBytes+m.size : guardBytes+m.limit]
}

func (m *linearMemory) grow(more int64) bool {
	if !m.take(more) {
		return false
	}
	if commitMemory(m.mapping[guardBytes+m.size:guardBytes+m.size+more]) != nil {
		m.give(more)
		return false
	}
	m.size += more
	return true
}

// load makes the memory that of a snapshot, copy on write, whatever it was
// before; it must not be larger. All of it is taken from the budget, since the
// guest may write to every page.
func (m *linearMemory) load(snap *snapshot) error {
	more := snap.size - m.size
	if more < 0 || snap.size > m.limit {
		return errRestore
	}
	if !m.take(more) {
		return errCapacity
	}
	m.size = snap.size
	if m.size == 0 {
		return nil
	}
	return snap.image.mapOver(m.slice())
}

// empty forgets everything but the address space and says whether that worked.
func (m *linearMemory) empty() bool {
	if m.limit == 0 || !emptyMemory(m.mapping[guardBytes:guardBytes+m.limit]) {
		return false
	}
	m.give(m.size)
	m.size = 0
	return true
}

// Free returns everything. It may be called more than once: wazero does not
// call it when a start function fails.
func (m *linearMemory) Free() {
	if m.mapping == nil {
		return
	}
	unmapMemory(m.mapping)
	m.mapping = nil
	m.give(m.size)
	m.size = 0
}
