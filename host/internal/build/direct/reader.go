package direct

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errMalformed says that bytes are no module, or one that the compiler would not write.
var errMalformed = errors.New("malformed module")

// reader reads the binary format, and nothing more after an error.
type reader struct {
	b   []byte
	pos int
	err error
}

func (r *reader) more() bool { return r.err == nil && r.pos < len(r.b) }

func (r *reader) fail() {
	if r.err == nil {
		r.err = fmt.Errorf("%w: at byte %d of %d", errMalformed, r.pos, len(r.b))
	}
	r.pos = len(r.b)
}

func (r *reader) byte() byte {
	if r.pos >= len(r.b) {
		r.fail()
		return 0
	}
	r.pos++
	return r.b[r.pos-1]
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b)-r.pos {
		r.fail()
		return nil
	}
	r.pos += n
	return r.b[r.pos-n : r.pos]
}

// u32 reads an unsigned LEB128.
func (r *reader) u32() uint32 {
	v, n := binary.Uvarint(r.b[r.pos:])
	if n <= 0 || v > 1<<32-1 {
		r.fail()
		return 0
	}
	r.pos += n
	return uint32(v)
}

// sized reads bytes behind their number.
func (r *reader) sized() []byte { return r.take(int(r.u32())) }

// signed reads a signed LEB128 of up to 64 bits.
func (r *reader) signed() int64 {
	var v int64
	for shift := 0; shift < 64; shift += 7 {
		c := r.byte()
		v |= int64(c&0x7f) << shift
		if c&0x80 == 0 {
			if c&0x40 != 0 && shift+7 < 64 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
	r.fail()
	return 0
}
