package sandbox

import (
	"errors"
	"strings"

	"github.com/tetratelabs/wazero/sys"
)

// maxDetail bounds a fault's detail, in bytes.
const maxDetail = 4 << 10

// fault makes a fault of this instance.
func (in *instance) fault(kind FaultKind, detail string) *Fault {
	return &Fault{Kind: kind, Module: in.module.digest, Detail: detail, Stderr: in.output.String()}
}

// stop ends the guest from inside a host function; err becomes the error of
// the call. It does not return.
func (in *instance) stop(err error) {
	in.end = err
	panic(sys.NewExitError(1))
}

// ended is the error of a call that wazero reports as failed.
func (in *instance) ended(err error) error {
	var f *Fault
	if in.end == nil {
		f = in.fault(trapKind(err), trapDetail(err))
	} else if !errors.As(in.end, &f) || f.Kind != FaultExit {
		return in.end
	}
	// A guest that may not grow ends itself, each toolchain in its own way.
	switch in.memory.refused {
	case refusedByLimit:
		f.Kind = FaultMemory
	case refusedByBudget:
		f.Kind = FaultCapacity
	}
	return f
}

// trapKind tells the one trap apart that has a kind of its own. wazero exports
// neither its error values nor their type.
func trapKind(err error) FaultKind {
	if strings.HasPrefix(err.Error(), "wasm error: stack overflow") || err.Error() == "stack overflow" {
		return FaultStack
	}
	return FaultTrap
}

// trapDetail is wazero's message without Go's stack trace, which it adds after
// a run-time error of its own.
func trapDetail(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\nGo runtime stack trace:")
	if len(s) > maxDetail {
		s = s[:maxDetail] + " …"
	}
	return strings.TrimSpace(s)
}
