// Package sandbox runs untrusted WebAssembly. It knows modules, instances,
// meters and memory; it must not know storage, tenants' data, apps or HTTP.
//
// The kernel sees [Runner], [Module], [Host] and [Fault] and nothing else, so
// that a module can one day run in a worker process behind the same seam.
package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Runner runs calls of compiled modules.
type Runner interface {
	// Run runs one call in an instance of its own and appends the answer to
	// out: the handler's output if the code is OK, an abi.Error frame if it is
	// not. It never waits for an instance. The error is a *Fault, or the error
	// with which Host aborted the call, unchanged; the instance is then thrown
	// away and the answer is empty.
	Run(ctx context.Context, m *Module, c Call, out []byte) ([]byte, abi.Code, error)
}

// Call is one call into a guest.
type Call struct {
	Owner string // whose instances these are (tenant and app); never shared
	Entry uint32 // index of the handler in the module's descriptor
	Input []byte
	Meter *Meter
	Host  Host
	Now   time.Time // what the guest's clock shows
	// Generation asks for an instance that holds what [Sandbox.Warm] has built
	// under that number; 0 for one that holds nothing. If there is none, the
	// call ends in a fault of FaultCold before it has begun.
	Generation uint64
}

// Host answers the host calls of one guest call.
type Host interface {
	// HostCall answers fn by appending to out. in dies when it returns. A code
	// other than OK makes the answer an abi.Error frame (or empty). An error
	// aborts the guest at once and becomes the error of Run.
	HostCall(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error)
}

// Meter is what an operation may still spend. Nested calls share it; it is not
// safe for concurrent use. While a guest runs, up to a slice of Units is with
// it; what it has not used comes back when its call ends.
type Meter struct {
	Units     int64     // of fuel left; a unit is at most 130 instructions
	Deadline  time.Time // by the wall clock; the zero value has none
	HostCalls int       // left
	LogBytes  int       // left, of captured output
}

// FaultKind says what ended a guest.
type FaultKind string

// The kinds of fault.
const (
	FaultTrap     FaultKind = "trap"     // unreachable, bad memory access, division by zero …
	FaultStack    FaultKind = "stack"    // too deep
	FaultMemory   FaultKind = "oom"      // the guest gave up for lack of memory
	FaultDeadline FaultKind = "deadline" // the wall clock
	FaultFuel     FaultKind = "fuel"     // the units
	FaultQuota    FaultKind = "quota"    // host calls
	FaultExit     FaultKind = "exit"     // the guest called proc_exit
	FaultContract FaultKind = "contract" // an answer that breaks the ABI
	FaultCold     FaultKind = "cold"     // the generation that was asked for is not there; nothing has run
	FaultCapacity FaultKind = "capacity" // the host has no memory (or no code) left for an instance; try again later
)

// Fault is a guest call that did not end by answering. Its text is for logs
// and developers; none of it may reach a stranger.
type Fault struct {
	Kind   FaultKind
	Module string // digest
	Detail string // wazero's message without Go stack traces
	Stderr string // what the guest wrote last, escaped and capped
}

func (f *Fault) Error() string {
	s := fmt.Sprintf("guest fault %s", f.Kind)
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	if f.Stderr != "" {
		s += "\n" + f.Stderr
	}
	return s
}

// Rejected is a module that may not run at all.
type Rejected struct {
	Reason string // memory_limit, table_limit, compile_limit, import_unknown, export_contract, feature, wasm_invalid …
	Detail string
}

func (r *Rejected) Error() string { return "rejected (" + r.Reason + "): " + r.Detail }
