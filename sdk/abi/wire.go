package abi

import "errors"

// Frames are flat: varints, length-prefixed bytes, nothing optional. They are
// not MessagePack because they carry no names and hardly evolve within a
// Version: what is added stands at the end and is left out where it says nothing.

// ErrFrame is a frame that ends early, is too long or claims too much.
var ErrFrame = errors.New("malformed frame")

// AppendUint appends an unsigned varint, that of encoding/binary, which would
// bring reflection into every guest. It is not inlined, as AppendString and
// AppendBytes are not: a frame is built once per call, from code that is in no
// cache, so that its size is what counts.
//
//go:noinline
func AppendUint(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// AppendInt appends a signed (zigzag) varint.
func AppendInt(b []byte, v int64) []byte { return AppendUint(b, uint64(v)<<1^uint64(v>>63)) }

// AppendBool appends one byte, 0 or 1.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// AppendString appends a length-prefixed text.
//
//go:noinline
func AppendString(b []byte, s string) []byte {
	return append(AppendUint(b, uint64(len(s))), s...)
}

// AppendBytes appends length-prefixed bytes.
//
//go:noinline
func AppendBytes(b, s []byte) []byte {
	return append(AppendUint(b, uint64(len(s))), s...)
}

// Decoder reads a frame. Its first error sticks; zero values follow it.
type Decoder struct {
	b   []byte
	bad bool
}

// NewDecoder reads from b and keeps it: slices of Bytes alias b.
func NewDecoder(b []byte) *Decoder { return &Decoder{b: b} }

// Done is ErrFrame unless everything was read and well formed.
func (d *Decoder) Done() error {
	if d.bad || len(d.b) != 0 {
		return ErrFrame
	}
	return nil
}

// Err is ErrFrame after a malformed read, also when more would follow.
func (d *Decoder) Err() error {
	if d.bad {
		return ErrFrame
	}
	return nil
}

// Rest takes all that is left.
func (d *Decoder) Rest() []byte {
	rest := d.b
	d.b = nil
	return rest
}

// version reads the event version that a frame may end with. The first version
// is not written, so that frames from before there were any mean the same; it
// reads as 0.
func (d *Decoder) version() int {
	if len(d.b) == 0 {
		return 0
	}
	v := d.Uint()
	if v < 2 || v > MaxEventVersion {
		d.fail()
		return 0
	}
	return int(v)
}

// appendVersion ends a frame with an event version, unless it is the first.
func appendVersion(b []byte, v int) []byte {
	if v < 2 {
		return b
	}
	return AppendUint(b, uint64(v))
}

func (d *Decoder) fail() {
	d.bad = true
	d.b = nil
}

// Byte reads one byte.
func (d *Decoder) Byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

// Bool reads one byte that must be 0 or 1.
func (d *Decoder) Bool() bool {
	v := d.Byte()
	if v > 1 {
		d.fail()
	}
	return v == 1
}

// Uint reads an unsigned varint.
func (d *Decoder) Uint() uint64 {
	var v uint64
	for i, c := range d.b {
		if i == 9 && c > 1 {
			break // more than 64 bits
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.b = d.b[i+1:]
			return v
		}
	}
	d.fail()
	return 0
}

// Int reads a signed varint.
func (d *Decoder) Int() int64 {
	v := d.Uint()
	return int64(v>>1) ^ -int64(v&1)
}

// Count reads a number of items of at least size bytes each and refuses one
// that the frame cannot hold, so that nobody allocates what a guest claims.
func (d *Decoder) Count(size int) int {
	n := d.Uint()
	if n > uint64(len(d.b)/max(size, 1)) {
		d.fail()
		return 0
	}
	return int(n)
}

// Bytes reads length-prefixed bytes, which alias the frame.
func (d *Decoder) Bytes() []byte {
	n := d.Count(1)
	if d.bad {
		return nil
	}
	v := d.b[:n:n]
	d.b = d.b[n:]
	return v
}

// String reads a length-prefixed text.
func (d *Decoder) String() string { return string(d.Bytes()) }
