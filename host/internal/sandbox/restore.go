package sandbox

import (
	"context"
	"errors"

	"github.com/tetratelabs/wazero/api"
)

// shell is an instance without what makes it somebody's: wazero's module and
// the address space of its memory, which is empty. To make one takes wazero 0.3
// to 1 ms, because it fills the table entry by entry; the table is the same in
// all instances of a module that can have snapshots, so it is used again.
type shell struct {
	mod    api.Module
	memory *linearMemory
}

const (
	// moduleShells is how many spare shells one module keeps.
	moduleShells = 4
	// allShells bounds those of all modules. Each has a table of 0.1 to 0.4 MiB
	// outside the memory budget, and nothing that a guest can make larger.
	allShells = 64
)

var errRestore = errors.New("the memory cannot be mapped")

// restored makes an instance that goes on where snap was captured. No guest
// code runs. It takes over the caller's use of snap.
func (s *Sandbox) restored(ctx context.Context, m *Module, owner string, snap *snapshot) (*instance, error) {
	in := &instance{box: s, module: m, owner: owner, generation: snap.generation, snap: snap}
	in.guestCtx = guestCtx{Context: ctx, in: in}
	if err := in.occupy(m.takeShell()); err != nil {
		in.discard()
		return nil, err
	}
	for n, v := range snap.globals {
		capturedGlobal(in.mod, n).Set(v)
	}
	in.mono, in.bufPtr, in.bufCap = snap.mono, snap.bufPtr, snap.bufCap
	in.bornSize = snap.size
	s.count.living.Add(1)
	s.count.restored.Add(1)
	return in, nil
}

// occupy gives the instance a module whose memory is that of its snapshot.
func (in *instance) occupy(sh *shell) error {
	if sh != nil {
		in.mod, in.memory = sh.mod, sh.memory
	} else if err := in.bare(); err != nil {
		return err
	}
	in.attach()
	if err := in.memory.load(in.snap); err != nil {
		return err
	}
	return in.resize()
}

// resize tells wazero how large the memory is now. wazero can only be told to
// grow, but takes what the allocator then answers.
func (in *instance) resize() error {
	want := uint32(in.snap.size / wasmPage)
	if in.pages() != want {
		in.memory.loaded = true
		in.mem.Grow(1)
		in.memory.loaded = false
	}
	if in.pages() != want {
		return errRestore
	}
	return nil
}

// pages is how large wazero thinks the memory is.
func (in *instance) pages() uint32 {
	n, _ := in.mem.Grow(0)
	return n
}

// discard frees what the instance has of wazero and of memory.
func (in *instance) discard() {
	if in.mod != nil {
		// Close of a module without host resources cannot fail.
		_ = in.mod.Close(context.Background())
	}
	if in.memory != nil {
		in.memory.Free()
	}
}

// takeShell answers a spare shell or nil.
func (m *Module) takeShell() *shell {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.shells)
	if n == 0 {
		return nil
	}
	sh := m.shells[n-1]
	m.shells[n-1] = nil
	m.shells = m.shells[:n-1]
	m.box.shells.give(1)
	return sh
}

// keepShell keeps the shell of an instance that is done and says whether it
// did. One that has run into its end is not used again, and neither is one
// that wazero cannot be told to grow.
func (m *Module) keepShell(in *instance) bool {
	if in.broken || in.mod == nil || uint32(in.memory.size/wasmPage) >= m.lastPages || !m.roomForShell() {
		return false
	}
	if !in.memory.empty() {
		m.box.shells.give(1)
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed.Load() {
		m.box.shells.give(1)
		return false
	}
	m.shells = append(m.shells, &shell{in.mod, in.memory})
	return true
}

// roomForShell takes the room for a shell if there is some and a use for it.
func (m *Module) roomForShell() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.restores.Load() && !m.closed.Load() && len(m.shells) < moduleShells && m.box.shells.take(1)
}

// stock makes spare shells, until there are as many as are kept or room for no
// more, so that the next instances need not. A failure here is nobody's: who
// needs an instance will see it again.
func (m *Module) stock() {
	for m.ref() {
		in := &instance{box: m.box, module: m}
		in.guestCtx = guestCtx{Context: context.Background(), in: in}
		kept := in.bare() == nil && m.keepShell(in)
		if !kept {
			in.discard()
		}
		m.done()
		if !kept {
			return
		}
	}
}

// bare gives the instance a module and a memory as they are before any code
// has run.
func (in *instance) bare() (err error) {
	if in.memory, err = in.box.newMemory(in.module); err != nil {
		return err
	}
	return in.instantiate()
}

// dropShells closes the spare shells.
func (m *Module) dropShells() {
	for sh := m.takeShell(); sh != nil; sh = m.takeShell() {
		in := &instance{mod: sh.mod, memory: sh.memory}
		in.discard()
	}
}
