package sandbox

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/tetratelabs/wazero/api"
)

// maxBuffer bounds the buffer that the host asks a guest for, in bytes.
const maxBuffer = 16 * mib

// instance is one instance of a module: one owner, one call at a time.
type instance struct {
	box    *Sandbox
	module *Module
	owner  string
	epoch  uint64 // of the owner when it was made

	generation uint64
	snap       *snapshot // what it came from; nil if it started from nothing

	mod    api.Module
	mem    api.Memory
	memory *linearMemory
	gauge  gauge
	call   api.Function
	buffer api.Function
	stack  [2]uint64 // of the call in hand

	bufPtr, bufCap uint32 // the guest's buffer, as far as we know

	calls    int
	wear     wear
	bornSize int64 // of the memory when the first call began
	broken   bool  // never to be used again

	guestCtx guestCtx
	host     Host // nil while the instance starts
	meter    *Meter
	now      time.Time
	looked   time.Time // last reading of the clock
	turn     time.Time // since when it has its processor, as far as we know
	mono     uint64    // nanoseconds; the last reading of the monotonic clock
	end      error     // why the host ended the guest
	in, out  []byte    // scratch of host calls
	rest     []byte    // the part of out that fetch may still take
	output   output

	older, newer *instance // in the list of idle instances
}

// guestCtx is the context that wazero carries from the call to the host
// functions: the caller's, and the way to the instance without an allocation.
type guestCtx struct {
	context.Context
	in       *instance
	starting context.Context // what wazero itself may look up, while starting
}

// Value hides the caller's values: wazero looks one up at every call, and the
// walk would cost more than an empty call.
func (c *guestCtx) Value(key any) any {
	if c.starting != nil {
		return c.starting.Value(key)
	}
	return nil
}

// begin arms the instance for a call.
func (in *instance) begin(ctx context.Context, c *Call) {
	in.guestCtx.Context = ctx
	in.meter, in.now = c.Meter, c.Now
	if t := uint64(c.Now.UnixNano()); t > in.mono {
		in.mono = t
	}
	in.end = nil
	in.rest = nil
	in.output.reset()
	in.memory.refused = notRefused
	in.gauge.open(in.meter, in.box.config.Slice)
}

// finish disarms it.
func (in *instance) finish() {
	in.gauge.settle(in.meter)
	in.guestCtx.Context = context.Background()
	in.host, in.meter = nil, nil
	in.rest = nil
	in.in, in.out = trimmed(in.in), trimmed(in.out)
}

// keptScratch is the most scratch that an idle instance keeps, in bytes: it is
// outside the memory budget.
const keptScratch = 64 << 10

func trimmed(b []byte) []byte {
	if cap(b) > keptScratch {
		return nil
	}
	return b
}

// run runs one call and appends the answer to out. After an error the instance
// is broken.
func (in *instance) run(ctx context.Context, c *Call, out []byte) ([]byte, abi.Code, error) {
	in.begin(ctx, c)
	in.host = c.Host
	answer, code, err := in.exchange(c, out)
	if err != nil {
		in.broken = true
		answer, code = out, abi.OK
	}
	in.finish()
	in.calls++
	return answer, code, err
}

func (in *instance) exchange(c *Call, out []byte) ([]byte, abi.Code, error) {
	if err := in.expired(); err != nil {
		return out, 0, err
	}
	in.turn = in.looked
	if err := in.put(c.Input); err != nil {
		return out, 0, err
	}
	in.stack[0], in.stack[1] = uint64(c.Entry), uint64(len(c.Input))
	if err := in.call.CallWithStack(&in.guestCtx, in.stack[:]); err != nil {
		return out, 0, in.ended(err)
	}
	code, n := abi.Unpack(in.stack[0])
	if in.stack[0]>>32 > uint64(abi.Internal) {
		return out, 0, in.fault(FaultContract, fmt.Sprintf("unknown code %d", in.stack[0]>>32))
	}
	answer, err := in.answer(n)
	if err != nil {
		return out, 0, err
	}
	return append(out, answer...), code, nil
}

// put writes the input into the guest's buffer.
func (in *instance) put(input []byte) error {
	if len(input) > maxBuffer {
		return in.fault(FaultContract, fmt.Sprintf("input of %d bytes", len(input)))
	}
	if len(input) > int(in.bufCap) {
		if err := in.locate(uint32(len(input))); err != nil {
			return err
		}
	}
	if !in.mem.Write(in.bufPtr, input) {
		return in.fault(FaultContract, "the buffer lies outside the memory")
	}
	return nil
}

// answer is a view of n bytes of the guest's buffer.
func (in *instance) answer(n int) ([]byte, error) {
	if n > in.module.limits.Output {
		return nil, in.fault(FaultContract, fmt.Sprintf("answer of %d bytes, the most is %d", n, in.module.limits.Output))
	}
	if n > int(in.bufCap) { // the guest has enlarged it
		if err := in.locate(0); err != nil {
			return nil, err
		}
	}
	b, ok := in.mem.Read(in.bufPtr, uint32(n))
	if !ok || n > int(in.bufCap) {
		return nil, in.fault(FaultContract, fmt.Sprintf("answer of %d bytes does not fit into the buffer of %d", n, in.bufCap))
	}
	return b, nil
}

// locate asks the guest for a buffer of at least n bytes and notes where it is.
func (in *instance) locate(n uint32) error {
	in.stack[0] = uint64(n)
	if err := in.buffer.CallWithStack(&in.guestCtx, in.stack[:]); err != nil {
		return in.ended(err)
	}
	in.bufPtr, in.bufCap = uint32(in.stack[0]>>32), uint32(in.stack[0])
	if n > in.bufCap || uint64(in.bufPtr)+uint64(in.bufCap) > uint64(in.mem.Size()) {
		return in.fault(FaultContract, fmt.Sprintf("buffer of %d bytes at %d", in.bufCap, in.bufPtr))
	}
	return nil
}

// close frees the instance. Nothing may run in it.
func (in *instance) close() {
	if !in.module.keepShell(in) {
		in.discard()
	}
	in.snap.release()
	in.box.count.living.Add(-1)
	in.module.done()
}

// newInstance makes an instance for a call. It goes on from a snapshot, of which
// it takes over the caller's use, or starts under the meter of the call that
// needs it.
func (s *Sandbox) newInstance(ctx context.Context, m *Module, c *Call, snap *snapshot) (*instance, error) {
	if snap == nil {
		snap = m.warm(ctx, c.Meter.Deadline)
	}
	s.count.started.Add(1)
	if snap == nil {
		return s.fresh(ctx, m, c)
	}
	if !m.ref() {
		snap.release()
		return nil, m.unavailable("the module is closed")
	}
	in, err := s.restored(ctx, m, c.Owner, snap)
	if err != nil {
		snap.release()
		m.done()
		return nil, m.unavailable(err.Error())
	}
	return in, nil
}

// fresh makes and starts an instance under the meter of the call that needs it.
func (s *Sandbox) fresh(ctx context.Context, m *Module, c *Call) (*instance, error) {
	if !m.ref() {
		return nil, m.unavailable("the module is closed")
	}
	memory, err := s.newMemory(m)
	if err != nil {
		m.done()
		return nil, m.unavailable(err.Error())
	}
	in := &instance{box: s, module: m, owner: c.Owner, memory: memory}
	in.guestCtx = guestCtx{Context: ctx, in: in}
	s.count.living.Add(1)
	in.begin(ctx, c)
	err = in.start()
	in.finish()
	if err != nil {
		in.broken = true
		in.close()
		return nil, err
	}
	in.bornSize = memory.size
	return in, nil
}

// unavailable is the fault of a call for which there is no instance.
func (m *Module) unavailable(why string) *Fault {
	return &Fault{Kind: FaultCapacity, Module: m.digest, Detail: why}
}

// newMemory makes room by closing idle instances if it has to.
func (s *Sandbox) newMemory(m *Module) (*linearMemory, error) {
	first := int64(m.firstPages) * wasmPage
	limit := min(int64(m.limits.MemoryPages), int64(m.lastPages)) * wasmPage
	return newLinearMemory(first, limit, s.takeMemory, s.memory.give)
}

func (in *instance) start() error {
	if err := in.expired(); err != nil {
		return err
	}
	if err := in.instantiate(); err != nil {
		return err
	}
	in.attach()
	if err := in.fill(); err != nil {
		return err
	}
	if initialize := in.mod.ExportedFunction(abi.ExportInit); initialize != nil {
		if err := initialize.CallWithStack(&in.guestCtx, nil); err != nil {
			return in.ended(err)
		}
	}
	return nil
}

func (in *instance) instantiate() error {
	art := in.module.art
	in.guestCtx.starting = withAllocator(in.memory)
	mod, err := art.runtime.InstantiateModule(&in.guestCtx, art.compiled, art.config)
	in.guestCtx.starting = nil
	if err != nil {
		return in.ended(err)
	}
	in.mod = mod
	return nil
}

// attach looks up what calls need. The functions are new each time: they come
// with a stack, and a deep one is not to stay.
func (in *instance) attach() {
	in.mem = in.mod.Memory()
	in.call = in.mod.ExportedFunction(abi.ExportCall)
	in.buffer = in.mod.ExportedFunction(abi.ExportBuffer)
	in.gauge.attach(in.mod)
}

// expired is the fault of a call whose time is over, or nil.
func (in *instance) expired() error {
	if err := in.guestCtx.Err(); err != nil {
		return in.fault(FaultDeadline, err.Error())
	}
	if in.meter.Deadline.IsZero() {
		return nil
	}
	if in.looked = in.box.config.Now(); !in.looked.Before(in.meter.Deadline) {
		return in.fault(FaultDeadline, "")
	}
	return nil
}

// turnTime is how long a guest runs before others have their turn. Go would let it have its
// processor for 10 ms, and so would each guest before a request that has just come.
const turnTime = 2 * time.Millisecond

// yield lets others have their turn. It is asked where the clock has just been read.
func (in *instance) yield() {
	if in.looked.Sub(in.turn) < turnTime {
		return
	}
	runtime.Gosched()
	in.turn = in.box.config.Now()
}

// monotonic reads the monotonic clock. It shows the time of the call and goes
// on by a microsecond with every reading: code that waits for it ends, nothing
// can be timed with it, and it is the same in every run.
func (in *instance) monotonic() uint64 {
	if in.mono < math.MaxInt64-1000 {
		in.mono += 1000
	}
	return in.mono
}
