//go:build wasip1

package hostcall

import (
	"runtime"
	"unsafe"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// A guest is one module, one thread, one call at a time: these are its whole
// state, set once by Serve in an init function, because a reactor never runs
// main.
var (
	served *Module
	guest  = &port{answer: make([]byte, 4<<10)}
	buffer = make([]byte, 16<<10) // input and output of calls

	scratch Scratch
)

// Borrow answers with the guest's scratch.
func Borrow() *Scratch { return &scratch }

// Serve makes m what the exports answer with.
func Serve(m *Module) { served = m }

//go:wasmexport bottega_buffer
func exportBuffer(size uint32) uint64 {
	if int(size) > len(buffer) {
		buffer = make([]byte, int(size)+int(size)/4)
	}
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buffer))))<<32 | uint64(len(buffer))
}

// yieldEvery is after how many calls the guest yields. Nothing else in it ever
// does, and pooled Go guests that never did were measured to stop collecting
// after 15,000 calls. A yield costs 1.5 µs, eight times an empty call; once in
// 32 calls memory stayed as flat over 45,000 calls as with every one.
const yieldEvery = 32

var calls uint32

//go:wasmexport bottega_call
func exportCall(entry, length uint32) uint64 {
	if calls++; calls%yieldEvery == 0 {
		defer runtime.Gosched()
	}
	out, code := served.Handlers[entry](guest, buffer[:length], buffer[:0])
	return answer(out, code)
}

//go:wasmexport bottega_describe
func exportDescribe() uint64 {
	return answer(served.Descriptor.Append(buffer[:0]), abi.OK)
}

// answer keeps out as the buffer if it outgrew the old one.
func answer(out []byte, code abi.Code) uint64 {
	if cap(out) > len(buffer) {
		buffer = out[:cap(out)]
	}
	return abi.Pack(code, len(out))
}
