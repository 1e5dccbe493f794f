package abi

import (
	"errors"
	"math"
	"strings"
)

// Just enough of a MessagePack reader to find the keys of a record: the guest
// must not pay for a full one, and the host must not trust what it reads.

// ErrMessagePack is a record that is not well-formed MessagePack.
var ErrMessagePack = errors.New("malformed MessagePack")

// maxDepth bounds the nesting of a record.
const maxDepth = 64

// value is one encoded MessagePack value.
type value []byte

// ValidRecord says whether b is exactly one well-formed MessagePack map.
func ValidRecord(b []byte) bool {
	v, rest, err := next(b)
	if err != nil || len(rest) != 0 {
		return false
	}
	_, _, ok := v.pairs()
	return ok
}

// lookup finds a field by its dotted path; nil if it is absent.
func lookup(record []byte, path string) (value, error) {
	v, _, err := next(record)
	for v != nil && path != "" && err == nil {
		var name string
		name, path, _ = strings.Cut(path, ".")
		v, err = v.field(name)
	}
	return v, err
}

func (v value) field(name string) (value, error) {
	n, b, ok := v.pairs()
	if !ok {
		return nil, nil
	}
	for range n {
		var key, val value
		var err error
		if key, b, err = next(b); err != nil {
			return nil, err
		}
		if val, b, err = next(b); err != nil {
			return nil, err
		}
		if k, ok := key.text(); ok && string(k) == name {
			return val, nil
		}
	}
	return nil, nil
}

// next splits the first value off b.
func next(b []byte) (value, []byte, error) {
	n := skip(b, maxDepth)
	if n < 0 {
		return nil, nil, ErrMessagePack
	}
	return value(b[:n]), b[n:], nil
}

// skip is the length of the first value of b, -1 if it is malformed.
func skip(b []byte, depth int) int {
	if len(b) == 0 || depth == 0 {
		return -1
	}
	head, items, size := shape(b)
	if head < 0 || len(b) < head || uint64(size) > uint64(len(b)-head) {
		return -1
	}
	at := head + size
	for range items {
		n := skip(b[at:], depth-1)
		if n < 0 {
			return -1
		}
		at += n
	}
	return at
}

// shape reads a head: its length, how many values follow inside, and how many
// plain bytes; head is -1 if it is malformed.
func shape(b []byte) (head, items, size int) {
	c := b[0]
	switch {
	case c <= 0x7f || c >= 0xe0 || c == 0xc0 || c == 0xc2 || c == 0xc3:
		return 1, 0, 0
	case c <= 0x8f:
		return 1, 2 * int(c&0x0f), 0
	case c <= 0x9f:
		return 1, int(c & 0x0f), 0
	case c <= 0xbf:
		return 1, 0, int(c & 0x1f)
	}
	if w := scalarWidth[c-0xc0]; w > 0 {
		return 1, 0, int(w)
	}
	w := int(lengthWidth[c-0xc0])
	if w == 0 || len(b) < 1+w {
		return -1, 0, 0
	}
	n := int(bigEndian(b[1 : 1+w]))
	switch {
	case c >= 0xde:
		items = 2 * n
	case c >= 0xdc:
		items = n
	case c >= 0xc7 && c <= 0xc9:
		size = n + 1
	default:
		size = n
	}
	if items > len(b) {
		return -1, 0, 0
	}
	return 1 + w, items, size
}

// scalarWidth and lengthWidth are indexed by the head byte less 0xc0: how many
// bytes a scalar has, how wide the length of a sized value is.
var (
	scalarWidth = [32]byte{0x0a: 4, 0x0b: 8, 0x0c: 1, 0x0d: 2, 0x0e: 4, 0x0f: 8, 0x10: 1, 0x11: 2, 0x12: 4, 0x13: 8, 0x14: 2, 0x15: 3, 0x16: 5, 0x17: 9, 0x18: 17}
	lengthWidth = [32]byte{0x04: 1, 0x05: 2, 0x06: 4, 0x07: 1, 0x08: 2, 0x09: 4, 0x19: 1, 0x1a: 2, 0x1b: 4, 0x1c: 2, 0x1d: 4, 0x1e: 2, 0x1f: 4}
)

func bigEndian(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

func (v value) null() bool { return len(v) == 1 && v[0] == 0xc0 }

func (v value) truth() (val, ok bool) {
	return len(v) == 1 && v[0] == 0xc3, len(v) == 1 && (v[0] == 0xc2 || v[0] == 0xc3)
}

// text is a str or bin value.
func (v value) text() ([]byte, bool) {
	c := v[0]
	if c >= 0xa0 && c <= 0xbf || c >= 0xd9 && c <= 0xdb || c >= 0xc4 && c <= 0xc6 {
		head, _, size := shape(v)
		return v[head : head+size], true
	}
	return nil, false
}

func (v value) integer() (int64, bool) {
	c := v[0]
	switch {
	case c <= 0x7f:
		return int64(c), true
	case c >= 0xe0:
		return int64(int8(c)), true
	case c >= 0xcc && c <= 0xcf:
		u := bigEndian(v[1:])
		return int64(u), u <= math.MaxInt64
	case c >= 0xd0 && c <= 0xd3:
		shift := 64 - 8*(len(v)-1)
		return int64(bigEndian(v[1:])<<shift) >> shift, true
	}
	return 0, false
}

func (v value) array() (n int, elems []byte, ok bool) {
	if c := v[0]; c >= 0x90 && c <= 0x9f || c == 0xdc || c == 0xdd {
		head, items, _ := shape(v)
		return items, v[head:], true
	}
	return 0, nil, false
}

func (v value) pairs() (n int, elems []byte, ok bool) {
	if c := v[0]; c >= 0x80 && c <= 0x8f || c == 0xde || c == 0xdf {
		head, items, _ := shape(v)
		return items / 2, v[head:], true
	}
	return 0, nil, false
}
