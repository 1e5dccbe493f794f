package sandbox

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/tetratelabs/wazero/api"
)

// snapshot is all that the calls of an instance have made of it: its memory and
// its mutable globals. A module that can keep anything else (meter.Info calls
// it hidden) has none. What the host keeps of an instance (budgets, clocks,
// randomness, the error that ended it) is not in here but for what the guest
// may rely on: a clock that does not go back and the buffer it has named.
//
// It is counted: whoever keeps it and every instance that came from it use it,
// because its memory is needed until the last of them is gone.
type snapshot struct {
	box        *Sandbox
	module     *Module
	generation uint64 // 0: of a module that has served nobody
	image      image
	size       int64    // bytes of the memory
	globals    []uint64 // by the number of their export
	mono       uint64
	bufPtr     uint32
	bufCap     uint32
	users      atomic.Int64
}

// errSnapshots is of a snapshot that there is no room for.
var errSnapshots = errors.New("the memory budget of snapshots is spent")

// capture makes a snapshot of an instance in which nothing runs. Its size is
// taken from the budget of all memories, as a whole: whoever reads a page that
// was all zeros makes the file have it.
func (s *Sandbox) capture(in *instance, generation uint64) (*snapshot, error) {
	size := in.memory.size
	if !s.snapshots.take(size) {
		return nil, errSnapshots
	}
	if !s.takeMemory(size) {
		s.snapshots.give(size)
		return nil, errCapacity
	}
	img, err := newImage(in.memory.slice())
	if err != nil {
		s.memory.give(size)
		s.snapshots.give(size)
		return nil, err
	}
	snap := &snapshot{
		box: s, module: in.module, generation: generation, image: img, size: size,
		mono: in.mono, bufPtr: in.bufPtr, bufCap: in.bufCap,
	}
	for n := range in.module.globals {
		snap.globals = append(snap.globals, capturedGlobal(in.mod, n).Get())
	}
	snap.users.Store(1)
	in.module.restores.Store(true)
	return snap, nil
}

func capturedGlobal(mod api.Module, n int) api.MutableGlobal {
	// The scanner has counted them, and the rewriter has exported as many.
	return mod.ExportedGlobal(meter.ExportGlobal(n)).(api.MutableGlobal)
}

// retain adds a user. The caller must know that there is one.
func (p *snapshot) retain() *snapshot {
	p.users.Add(1)
	return p
}

// release drops a user; the last one takes the memory with it.
func (p *snapshot) release() {
	if p == nil || p.users.Add(-1) > 0 {
		return
	}
	p.image.close()
	p.box.memory.give(p.size)
	p.box.snapshots.give(p.size)
}

func releaseAll(snaps []*snapshot) {
	for _, p := range snaps {
		p.release()
	}
}

// warm answers the snapshot that instances of m begin with, with a user more,
// or nil if there is none. The first caller that needs it makes it, in an
// instance that serves nobody; those who come meanwhile do without.
func (m *Module) warm(ctx context.Context, deadline time.Time) *snapshot {
	if p, ok := m.plainSnapshot(); ok {
		return p
	}
	if !m.warming.TryLock() {
		return nil
	}
	defer m.warming.Unlock()
	if p, ok := m.plainSnapshot(); ok {
		return p
	}
	if _, err := m.describe(ctx, deadline); err != nil && !passing(err) {
		m.giveUp()
	}
	p, _ := m.plainSnapshot()
	return p
}

// passing says that an error is none of the module's: another call may go well.
func passing(err error) bool {
	var f *Fault
	return errors.As(err, &f) && (f.Kind == FaultDeadline || f.Kind == FaultCapacity)
}

// plainSnapshot answers the snapshot, with a user more; ok says that there is no
// point in making one.
func (m *Module) plainSnapshot() (p *snapshot, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.plain != nil {
		return m.plain.retain(), true
	}
	return nil, m.plainOff
}

// giveUp ends the attempts to make a plain snapshot.
func (m *Module) giveUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.plainOff = true
}

// keepPlain makes the instance, which has described itself and served nobody,
// what later instances begin with.
func (m *Module) keepPlain(in *instance) {
	if p, ok := m.plainSnapshot(); ok {
		p.release()
		return
	}
	p, err := m.box.capture(in, 0)
	if err != nil {
		m.giveUp()
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.plain != nil || m.plainOff {
		p.release()
		return
	}
	m.plain = p
}

// dropPlain lets go of the plain snapshot for good.
func (m *Module) dropPlain() {
	m.mu.Lock()
	p := m.plain
	m.plain, m.plainOff = nil, true
	m.mu.Unlock()
	p.release()
}
