package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// maxGap is the most zeros that joinData writes to join two data segments.
const maxGap = 1 << 10 // bytes

// Of the binary format, what has to be known here.
const (
	sectionStart     = 8
	sectionData      = 11
	sectionDataCount = 12
	opConst          = 0x41 // i32.const
	opEnd            = 0x0b
)

// joinData joins neighbouring data segments. Go's linker leaves out every run of
// zeros, so that a guest has ten thousand of them, and wazero needs three
// quarters of a new instance's start to look at each. Memory is zero before, so
// the zeros between two segments may as well be written.
//
// A module in which the number of segments could matter stays as it is: one
// with a data count section (only such a module can name segments in its code)
// or with passive segments.
func joinData(wasm []byte) []byte {
	d, err := findData(wasm)
	if err != nil {
		return wasm
	}
	section := binary.AppendUvarint(nil, uint64(len(d.all)))
	for _, s := range d.all {
		section = appendSegment(section, s)
	}
	out := append([]byte(nil), wasm[:d.start]...)
	out = binary.AppendUvarint(append(out, sectionData), uint64(len(section)))
	return append(append(out, section...), wasm[d.end:]...)
}

// cutData takes the data out of a module: the host writes it into memories that
// begin with nothing, and those that begin with a snapshot need none. Where it
// cannot be taken out (joinData tells when, and a start function would look for
// it) the module has its data joined instead.
func cutData(wasm []byte) (rest []byte, data []segment) {
	d, ok := separable(wasm)
	if !ok {
		return joinData(wasm), nil
	}
	rest = append([]byte(nil), wasm[:d.start]...)
	return append(rest, wasm[d.end:]...), d.all
}

// separable finds the data that can be taken out.
func separable(wasm []byte) (dataSection, bool) {
	d, err := findData(wasm)
	return d, err == nil && !d.hasStart
}

// dataSection is where the data of a module are, and what they are.
type dataSection struct {
	start, end int // of the section with its header
	all        []segment
	hasStart   bool // the module has a start function
}

func findData(wasm []byte) (d dataSection, err error) {
	const header = 8
	for at := header; at < len(wasm); {
		size, n := binary.Uvarint(wasm[at+1:])
		start := at + 1 + n
		if n <= 0 || size > uint64(len(wasm)-start) || wasm[at] == sectionDataCount {
			return d, errSegments
		}
		d.start, d.end = at, start+int(size)
		switch wasm[at] {
		case sectionStart:
			d.hasStart = true
		case sectionData:
			d.all, err = joinSegments(wasm[start:d.end])
			return d, err
		}
		at = d.end
	}
	return d, errSegments
}

// segment is an active data segment of memory 0.
type segment struct {
	offset int64
	bytes  []byte
	own    bool // bytes is not part of the module that was read
}

func (s segment) end() int64 { return s.offset + int64(len(s.bytes)) }

// joinSegments reads the contents of a data section and joins what it can.
func joinSegments(section []byte) ([]segment, error) {
	count, n := binary.Uvarint(section)
	if n <= 0 {
		return nil, errSegments
	}
	section = section[n:]
	var all []segment
	for range count {
		s, size, err := readSegment(section)
		if err != nil {
			return nil, err
		}
		section = section[size:]
		all = join(all, s)
	}
	if len(section) > 0 {
		return nil, errSegments
	}
	return all, nil
}

// errSegments is of segments that are better left alone.
var errSegments = errors.New("data segments cannot be joined")

// join adds s to the segments before it.
func join(all []segment, s segment) []segment {
	if len(all) == 0 {
		return append(all, s)
	}
	last := &all[len(all)-1]
	gap := s.offset - last.end()
	if gap < 0 || gap > maxGap || written(all, last.end(), s.offset) {
		return append(all, s)
	}
	if !last.own { // its bytes lie in the module
		last.bytes, last.own = append(make([]byte, 0, 2*len(last.bytes)), last.bytes...), true
	}
	last.bytes = append(last.bytes, make([]byte, gap)...)
	last.bytes = append(last.bytes, s.bytes...)
	return all
}

// written says whether a segment lies in a gap, which then is not all zero.
func written(all []segment, from, to int64) bool {
	for _, s := range all {
		if s.offset < to && s.end() > from {
			return true
		}
	}
	return false
}

// readSegment reads one segment and answers its length in b.
func readSegment(b []byte) (s segment, size int, err error) {
	if len(b) < 2 || b[0] != 0 || b[1] != opConst {
		return s, 0, errSegments
	}
	offset, n := signed(b[2:])
	at := 2 + n
	if n <= 0 || at >= len(b) || b[at] != opEnd {
		return s, 0, errSegments
	}
	length, n := binary.Uvarint(b[at+1:])
	at += 1 + n
	if n <= 0 || length > uint64(len(b)-at) {
		return s, 0, errSegments
	}
	// An address is unsigned, the constant that holds it is not.
	return segment{offset: int64(uint32(offset)), bytes: b[at : at+int(length)]}, at + int(length), nil
}

func appendSegment(out []byte, s segment) []byte {
	out = appendSigned(append(out, 0, opConst), int64(int32(uint32(s.offset))))
	out = binary.AppendUvarint(append(out, opEnd), uint64(len(s.bytes)))
	return append(out, s.bytes...)
}

// signed reads a signed LEB128; n is 0 if there is none.
func signed(b []byte) (v int64, n int) {
	for i, c := range b {
		shift := 7 * i
		if shift > 28 {
			return 0, 0
		}
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			return v << (57 - shift) >> (57 - shift), i + 1
		}
	}
	return 0, 0
}

func appendSigned(b []byte, v int64) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// detached are the segments without the module that they were read from.
func detached(data []segment) []segment {
	for i := range data {
		if !data[i].own {
			data[i].bytes, data[i].own = bytes.Clone(data[i].bytes), true
		}
	}
	return data
}

// fill writes the data that cutData has taken out of the module, as wazero
// would have.
func (in *instance) fill() error {
	for i, s := range in.module.art.data {
		if !in.mem.Write(uint32(s.offset), s.bytes) {
			return in.fault(FaultTrap, fmt.Sprintf("data[%d]: out of bounds memory access", i))
		}
	}
	return nil
}
