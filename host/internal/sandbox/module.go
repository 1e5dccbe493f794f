package sandbox

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Module is a module that may run: scanned, rewritten, compiled and loaded.
type Module struct {
	box    *Sandbox
	art    *artefact
	digest string
	size   int
	limits ModuleLimits
	*moduleInfo

	closed   atomic.Bool
	restores atomic.Bool // there is or was a snapshot
	warming  sync.Mutex  // held by whoever makes the plain snapshot

	mu       sync.Mutex
	users    int       // instances, and one for the module itself until it is closed
	plain    *snapshot // what instances begin with that serve nobody yet; may be nil
	plainOff bool      // there is none and there will be none
	shells   []*shell  // spare
}

// Digest is the SHA-256 of the module as it was given to Load, in hex.
func (m *Module) Digest() string { return m.digest }

// Size is the length of the module as it was given to Load, in bytes.
func (m *Module) Size() int { return m.size }

// Limits are those that apply, defaults filled in.
func (m *Module) Limits() ModuleLimits { return m.limits }

// describeUnits is what a module may spend on describing itself.
const describeUnits = 200_000_000

// Describe asks a fresh instance for its descriptor: the bytes of an
// abi.Descriptor. The guest sees the first instant of 1970, no host function
// works, and the instance serves nobody; what it has become is what later
// instances of the module begin with (see [Config.NoSnapshots]). The error is a
// *Fault.
func (m *Module) Describe(ctx context.Context) ([]byte, error) {
	return m.describe(ctx, time.Time{})
}

// describe is Describe with a deadline that may be earlier; zero is none.
func (m *Module) describe(ctx context.Context, deadline time.Time) ([]byte, error) {
	c := m.box.config
	meter := &Meter{Units: describeUnits, Deadline: c.Now().Add(c.StartTimeout), LogBytes: 64 << 10}
	if !deadline.IsZero() && deadline.Before(meter.Deadline) {
		meter.Deadline = deadline
	}
	call := &Call{Meter: meter, Now: time.Unix(0, 0).UTC()}
	in, err := m.box.fresh(ctx, m, call)
	if err != nil {
		return nil, err
	}
	defer in.close()
	in.begin(ctx, call)
	b, err := in.describe()
	in.finish()
	if err != nil {
		in.broken = true
		return nil, err
	}
	m.keepPlain(in)
	return b, nil
}

func (in *instance) describe() ([]byte, error) {
	f := in.mod.ExportedFunction(abi.ExportDescribe)
	if err := f.CallWithStack(&in.guestCtx, in.stack[:]); err != nil {
		return nil, in.ended(err)
	}
	n := in.stack[0]
	if n > uint64(in.module.limits.Output) {
		return nil, in.fault(FaultContract, fmt.Sprintf("descriptor of %d bytes", n))
	}
	b, err := in.answer(int(n))
	if err != nil {
		return nil, err
	}
	return append([]byte(nil), b...), nil
}

// Close lets go of the module: idle instances and snapshots now, native code
// when the last running call ends. A call that begins later ends in a fault of FaultCapacity.
func (m *Module) Close() {
	if m.closed.Swap(true) {
		return
	}
	m.box.pool.drop(func(_ string, of *Module) bool { return of == m }, nil)
	m.dropPlain()
	m.dropShells()
	m.done()
}

// ref counts an instance; it fails if the native code is gone.
func (m *Module) ref() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.users == 0 {
		return false
	}
	m.users++
	return true
}

// done is called once for each ref and once by Close.
func (m *Module) done() {
	m.mu.Lock()
	m.users--
	last := m.users == 0
	m.mu.Unlock()
	if last {
		m.box.release(m.art)
	}
}
