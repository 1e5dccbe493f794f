package bolt

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// guard turns bbolt's panics about damaged pages, and faults of the memory
// mapping (the file was truncated, the disk cannot be read), into ErrCorrupt.
func guard(what string, fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = damage(what, r)
		}
	}()
	return fn()
}

// guardCalls is guard for code that calls back into its caller. A panic of the
// callee itself, while inside is true, goes on, unless it is a memory fault:
// then the callee has touched the mapping through a slice that it was given.
func guardCalls(what string, inside *bool, fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover(); {
		case r == nil:
		case *inside && !isFault(r):
			panic(r)
		default:
			err = damage(what, r)
		}
	}()
	return fn()
}

// isFault says whether a panic came from SetPanicOnFault.
func isFault(r any) bool {
	_, ok := r.(interface{ Addr() uintptr })
	return ok
}

func damage(what string, r any) error {
	return fmt.Errorf("%w: %s: %v", storage.ErrCorrupt, what, r)
}

// touch reads every page of a value, so that a fault happens here, under the
// guard, and not in the caller.
func touch(value []byte) {
	var sum byte
	for i := 0; i < len(value); i += 4096 {
		sum += value[i]
	}
	if len(value) > 0 {
		sum += value[len(value)-1]
	}
	runtime.KeepAlive(sum)
}
