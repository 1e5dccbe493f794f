//go:build wasip1

package hostcall

import (
	"errors"
	"unsafe"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// The imports. Their order and names are those of abi.Func.
//
//go:wasmimport bottega_v1 fetch
func hostFetch(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 now
func hostNow() int64

//go:wasmimport bottega_v1 get
func hostGet(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 get_many
func hostGetMany(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 scan
func hostScan(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 put
func hostPut(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 delete
func hostDelete(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 add
func hostAdd(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 counter
func hostCounter(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 call
func hostCall(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 each
func hostEach(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 one
func hostOne(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 fillers
func hostFillers(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 emit
func hostEmit(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 schedule
func hostSchedule(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 random
func hostRandom(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 new_id
func hostNewID(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 settings
func hostSettings(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 info
func hostInfo(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 zone
func hostZone(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 log
func hostLog(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// imported dispatches to the import of fn. A switch and not a table, so that
// the linker sees plain calls.
func imported(fn abi.Func, in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64 {
	switch fn {
	case abi.FuncGet:
		return hostGet(in, n, out, size)
	case abi.FuncGetMany:
		return hostGetMany(in, n, out, size)
	case abi.FuncScan:
		return hostScan(in, n, out, size)
	case abi.FuncPut:
		return hostPut(in, n, out, size)
	case abi.FuncDelete:
		return hostDelete(in, n, out, size)
	case abi.FuncAdd:
		return hostAdd(in, n, out, size)
	case abi.FuncCounter:
		return hostCounter(in, n, out, size)
	case abi.FuncCall:
		return hostCall(in, n, out, size)
	case abi.FuncEach:
		return hostEach(in, n, out, size)
	case abi.FuncOne:
		return hostOne(in, n, out, size)
	case abi.FuncFillers:
		return hostFillers(in, n, out, size)
	case abi.FuncEmit:
		return hostEmit(in, n, out, size)
	case abi.FuncSchedule:
		return hostSchedule(in, n, out, size)
	case abi.FuncRandom:
		return hostRandom(in, n, out, size)
	case abi.FuncNewID:
		return hostNewID(in, n, out, size)
	case abi.FuncSettings:
		return hostSettings(in, n, out, size)
	case abi.FuncInfo:
		return hostInfo(in, n, out, size)
	case abi.FuncZone:
		return hostZone(in, n, out, size)
	case abi.FuncLog:
		return hostLog(in, n, out, size)
	}
	panic("hostcall: no import for " + fn.String())
}

// port is the one Port of a guest; answer is its reusable answer buffer.
type port struct{ answer []byte }

func (*port) Now() int64 { return hostNow() }

func (p *port) Call(fn abi.Func, in []byte) ([]byte, abi.Code) {
	code, n := abi.Unpack(imported(fn, unsafe.Pointer(unsafe.SliceData(in)), uint32(len(in)),
		unsafe.Pointer(unsafe.SliceData(p.answer)), uint32(cap(p.answer))))
	if n > cap(p.answer) {
		p.answer = make([]byte, n+n/4)
		hostFetch(nil, 0, unsafe.Pointer(unsafe.SliceData(p.answer)), uint32(cap(p.answer)))
	}
	return p.answer[:n], code
}

// Zone asks the host, and keeps the last span: a basket asks for one instant.
func Zone(name string, at int64) (abi.ZoneSpan, error) {
	if name == zoneName && at >= zoneSpan.Start && (zoneSpan.End == 0 || at < zoneSpan.End) {
		return zoneSpan, nil
	}
	q := abi.ZoneAt{Zone: name, At: at}
	out, code := guest.Call(abi.FuncZone, q.Append(nil))
	if code != abi.OK {
		return abi.ZoneSpan{}, errors.New(`unknown zone "` + name + `"`)
	}
	span, err := abi.ParseZoneSpan(out)
	if err == nil {
		zoneName, zoneSpan = name, span
	}
	return span, err
}

var (
	zoneName string
	zoneSpan abi.ZoneSpan
)
