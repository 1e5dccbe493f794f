//go:build wasip1

package hostcall

import (
	"errors"
	"runtime"
	"unsafe"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// port is the one Port of a guest; answer is its reusable answer buffer.
type port struct{ answer []byte }

func (*port) Now() int64 { return hostNow() }

// Held is in the guest's own memory: the host keeps what it builds.
func (*port) Held(h *Held) *any { return &h.Value }

func (p *port) Call(fn Func, in []byte) ([]byte, abi.Code) {
	code, n := abi.Unpack(fn(unsafe.Pointer(unsafe.SliceData(in)), uint32(len(in)),
		unsafe.Pointer(unsafe.SliceData(p.answer)), uint32(cap(p.answer))))
	if n > cap(p.answer) {
		p.answer = make([]byte, n+n/4)
		hostFetch(nil, 0, unsafe.Pointer(unsafe.SliceData(p.answer)), uint32(cap(p.answer)))
	}
	return p.answer[:n], code
}

// Collect frees what building derived values has left behind, before the host
// copies the guest's memory.
func Collect() { runtime.GC() }

// Zone asks the host, and keeps the last span: a basket asks for one instant.
func Zone(name string, at int64) (abi.ZoneSpan, error) {
	if name == zoneName && at >= zoneSpan.Start && (zoneSpan.End == 0 || at < zoneSpan.End) {
		return zoneSpan, nil
	}
	q := abi.ZoneAt{Zone: name, At: at}
	out, code := guest.Call(ZoneAt, q.Append(nil))
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
