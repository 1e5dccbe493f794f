package meter

import "unicode/utf8"

// reader reads the binary format. Its first error sticks: after it, every read
// answers zero and nothing moves, so loops must also end on failed. It takes
// only what the specification allows (no LEB128 longer than its type, no stray
// bits), so that no other strict reader can see another module in these bytes.
type reader struct {
	b   []byte
	pos int
	end int // reads stop here; at most len(b)
	err *Reject
}

func (r *reader) failed() bool { return r.err != nil }

func (r *reader) fail(reason, format string, args ...any) {
	if r.err == nil {
		r.err = reject(reason, format, args...)
		r.pos = r.end
	}
}

func (r *reader) left() int { return r.end - r.pos }

func (r *reader) byte() byte {
	if r.pos >= r.end {
		r.fail(ReasonInvalid, "ends early at byte %d", r.pos)
		return 0
	}
	c := r.b[r.pos]
	r.pos++
	return c
}

func (r *reader) skip(n int) {
	if n > r.left() {
		r.fail(ReasonInvalid, "ends early: %d bytes expected at byte %d", n, r.pos)
		return
	}
	r.pos += n
}

// u32 reads an unsigned LEB128 of at most 5 bytes.
func (r *reader) u32() uint32 {
	if r.pos < r.end && r.b[r.pos] < 0x80 { // nearly always
		r.pos++
		return uint32(r.b[r.pos-1])
	}
	return r.longU32()
}

func (r *reader) longU32() uint32 {
	var v uint32
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte()
		if shift == 28 && c > 0x0f {
			break
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	r.fail(ReasonInvalid, "integer too large at byte %d", r.pos)
	return 0
}

// signed reads a signed LEB128 of that many bits.
func (r *reader) signed(bits int) int64 {
	if r.pos < r.end && r.b[r.pos] < 0x80 { // often
		r.pos++
		return int64(int8(r.b[r.pos-1]<<1) >> 1)
	}
	return r.longSigned(bits)
}

func (r *reader) longSigned(bits int) int64 {
	var v int64
	for shift := 0; shift < bits; shift += 7 {
		c := r.byte()
		v |= int64(c&0x7f) << shift
		if c >= 0x80 {
			continue
		}
		if width := shift + 7; width < 64 {
			v = v << (64 - width) >> (64 - width)
		} else if c != 0 && c != 0x7f { // the tenth byte of 64 bits holds one bit and its copies
			break
		}
		if bits < 64 && v>>(bits-1) != 0 && v>>(bits-1) != -1 {
			break
		}
		return v
	}
	r.fail(ReasonInvalid, "integer too large at byte %d", r.pos)
	return 0
}

// count reads the length of a vector whose items take at least one byte each,
// so that no claim is believed that the bytes cannot hold.
func (r *reader) count() int {
	n := r.u32()
	if int64(n) > int64(r.left()) {
		r.fail(ReasonInvalid, "%d items claimed in %d bytes at byte %d", n, r.left(), r.pos)
		return 0
	}
	return int(n)
}

// limited is count with a limit of its own.
func (r *reader) limited(most int, reason, what string) int {
	n := r.u32()
	if int64(n) > int64(most) {
		r.fail(reason, "%d %s, at most %d are allowed", n, what, most)
		return 0
	}
	if int64(n) > int64(r.left()) {
		r.fail(ReasonInvalid, "%d %s claimed in %d bytes", n, what, r.left())
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte {
	n := r.count()
	r.skip(n)
	if r.failed() {
		return nil
	}
	return r.b[r.pos-n : r.pos]
}

func (r *reader) name() string {
	b := r.bytes()
	if !utf8.Valid(b) {
		r.fail(ReasonInvalid, "name is not UTF-8 at byte %d", r.pos)
		return ""
	}
	return string(b)
}

// valueType reads a value type of the core without SIMD.
func (r *reader) valueType() ValueType {
	c := r.byte()
	switch t := ValueType(c); t {
	case I32, I64, F32, F64, FuncRef, ExternRef:
		return t
	}
	if c >= 0x60 && c < 0x7f { // v128 and the types of GC and exceptions
		r.fail(ReasonFeature, "value type %#x at byte %d", c, r.pos-1)
	} else {
		r.fail(ReasonInvalid, "value type %#x at byte %d", c, r.pos-1)
	}
	return 0
}

// refType reads the type of a reference; nobody asks which of the two it is.
func (r *reader) refType() {
	if t := r.valueType(); t != FuncRef && t != ExternRef {
		r.fail(ReasonInvalid, "reference type expected at byte %d", r.pos-1)
	}
}

// index reads an index below n.
func (r *reader) index(n int, what string) uint32 {
	i := r.u32()
	if int64(i) >= int64(n) {
		r.outside(i, n, what)
		return 0
	}
	return i
}

func (r *reader) outside(i uint32, n int, what string) {
	r.fail(ReasonInvalid, "%s %d of %d at byte %d", what, i, n, r.pos)
}
