//go:build wasip1

// Command extism is an Extism plugin whose export echo answers with its input.
// It is what github.com/extism/go-pdk does for a plugin written with it
// (loadInput, AllocateBytes, extismOutputSet), with its buffer kept between
// calls so that garbage costs the peer nothing.
package main

import "encoding/binary"

//go:wasmimport extism:host/env input_length
func inputLength() uint64

//go:wasmimport extism:host/env input_load_u8
func inputLoadU8(offset uint64) uint32

//go:wasmimport extism:host/env input_load_u64
func inputLoadU64(offset uint64) uint64

//go:wasmimport extism:host/env alloc
func alloc(length uint64) uint64

//go:wasmimport extism:host/env store_u8
func storeU8(offset uint64, v uint32)

//go:wasmimport extism:host/env store_u64
func storeU64(offset uint64, v uint64)

//go:wasmimport extism:host/env output_set
func outputSet(offset, length uint64)

var buffer []byte

//go:wasmexport echo
func echo() int32 {
	in := load()
	at := alloc(uint64(len(in)))
	i := 0
	for ; i+8 <= len(in); i += 8 {
		storeU64(at+uint64(i), binary.LittleEndian.Uint64(in[i:]))
	}
	for ; i < len(in); i++ {
		storeU8(at+uint64(i), uint32(in[i]))
	}
	outputSet(at, uint64(len(in)))
	return 0
}

func load() []byte {
	n := int(inputLength())
	if cap(buffer) < n {
		buffer = make([]byte, n)
	}
	b := buffer[:n]
	i := 0
	for ; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], inputLoadU64(uint64(i)))
	}
	for ; i < n; i++ {
		b[i] = byte(inputLoadU8(uint64(i)))
	}
	return b
}

func main() {}
