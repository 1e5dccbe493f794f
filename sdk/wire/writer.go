package wire

import "math"

// Writer appends MessagePack to bytes.
//
// The methods that take a key append it as it is before the value: the encoded
// name of a field, and before the first one of a record also the head of the
// map. The key of an element of a list is empty. Opt methods append nothing if
// the value is empty, and count the field if it is not: they stand between
// Begin and End.
type Writer struct {
	b     []byte
	n     int // bytes of b that are written
	head  int // where in b the map between Begin and End starts
	count int // fields in it so far, with those that come anyway
}

// NewWriter appends to b.
func NewWriter(b []byte) Writer { return Writer{b: b[:cap(b)], n: len(b)} }

// Written is what the writer began with and all that it appended.
func (w *Writer) Written() []byte { return w.b[:w.n] }

// Reset takes back all that was written.
func (w *Writer) Reset() { w.n = 0 }

// room answers with bytes to write on: a key is there already, and so many more
// may follow.
//
//go:noinline
func (w *Writer) room(key string, more int) []byte {
	if len(w.b)-w.n < len(key)+more {
		w.grow(len(key) + more)
	}
	b := w.b[w.n:]
	n := copy(b, key)
	w.n += n
	return b[n:]
}

func (w *Writer) grow(more int) {
	b := make([]byte, 2*len(w.b)+more+64)
	copy(b, w.b[:w.n])
	w.b = b
}

// Outer is the map around the one between Begin and End.
type Outer struct{ head, count int }

// Begin begins a map of which so many fields come anyway.
//
//go:noinline
func (w *Writer) Begin(always int) Outer {
	o := Outer{w.head, w.count}
	w.head, w.count = w.n, always
	w.room("", 1)
	w.n++
	return o
}

// End ends the map and goes back to the one around it.
//
//go:noinline
func (w *Writer) End(o Outer) {
	if w.count <= maxFixed {
		w.b[w.head] = fixMap | byte(w.count)
	} else {
		w.widen()
	}
	w.head, w.count = o.head, o.count
}

// widen makes room for a head that takes three bytes instead of one. A struct
// has fewer fields than would need five.
func (w *Writer) widen() {
	w.room("", 2)
	w.n += 2
	b := w.b[w.head:w.n]
	copy(b[3:], b[1:])
	b[0], b[1], b[2] = map16, byte(w.count>>8), byte(w.count)
}

// Key appends a key, for a value that follows.
//
//go:noinline
func (w *Writer) Key(key string) { w.room(key, 0) }

// OptKey counts the field that follows.
//
//go:noinline
func (w *Writer) OptKey(key string) {
	w.count++
	w.room(key, 0)
}

// Nil appends nil.
//
//go:noinline
func (w *Writer) Nil(key string) {
	w.room(key, 1)[0] = null
	w.n++
}

// Bool appends a truth value.
//
//go:noinline
func (w *Writer) Bool(key string, v bool) {
	b := w.room(key, 1)
	b[0] = falsity
	if v {
		b[0] = truth
	}
	w.n++
}

// OptBool appends true, or nothing.
//
//go:noinline
func (w *Writer) OptBool(key string, v bool) {
	if v {
		w.count++
		w.Bool(key, v)
	}
}

// Int appends an integer of a type with a sign, in as few bytes as integers
// with a sign take: 200 is two bytes behind the head, as -200 is.
//
//go:noinline
func (w *Writer) Int(key string, v int64) {
	b := w.room(key, 9)
	switch {
	case int64(int8(v)) == v && v >= minFixed:
		b[0] = byte(v)
		w.n++
	case int64(int8(v)) == v:
		w.put(b, int8s, uint64(v), 1)
	case int64(int16(v)) == v:
		w.put(b, int16s, uint64(v), 2)
	case int64(int32(v)) == v:
		w.put(b, int32s, uint64(v), 4)
	default:
		w.put(b, int64s, uint64(v), 8)
	}
}

// put writes a head and the last bytes of v.
//
//go:noinline
func (w *Writer) put(b []byte, head byte, v uint64, width int) {
	b[0] = head
	for i := width; i > 0; i-- {
		b[i] = byte(v)
		v >>= 8
	}
	w.n += 1 + width
}

// OptInt appends an integer, or nothing for 0.
//
//go:noinline
func (w *Writer) OptInt(key string, v int64) {
	if v != 0 {
		w.count++
		w.Int(key, v)
	}
}

// Uint appends an integer of a type without a sign, in as few bytes as it takes.
//
//go:noinline
func (w *Writer) Uint(key string, v uint64) {
	b := w.room(key, 9)
	switch {
	case v <= math.MaxInt8:
		b[0] = byte(v)
		w.n++
	case v <= math.MaxUint8:
		w.put(b, uint8s, v, 1)
	case v <= math.MaxUint16:
		w.put(b, uint16s, v, 2)
	case v <= math.MaxUint32:
		w.put(b, uint32s, v, 4)
	default:
		w.put(b, uint64s, v, 8)
	}
}

// OptUint appends an integer, or nothing for 0.
//
//go:noinline
func (w *Writer) OptUint(key string, v uint64) {
	if v != 0 {
		w.count++
		w.Uint(key, v)
	}
}

// Text appends a text.
//
//go:noinline
func (w *Writer) Text(key, v string) {
	b := w.room(key, 5+len(v))
	head := 1
	if len(v) <= 31 {
		b[0] = fixStr | byte(len(v))
		w.n++
	} else {
		head = w.length(b, str8, len(v))
	}
	w.n += copy(b[head:], v)
}

// OptText appends a text, or nothing for an empty one.
//
//go:noinline
func (w *Writer) OptText(key, v string) {
	if v != "" {
		w.count++
		w.Text(key, v)
	}
}

// Bytes appends bytes.
//
//go:noinline
func (w *Writer) Bytes(key string, v []byte) {
	b := w.room(key, 5+len(v))
	head := w.length(b, bin8, len(v))
	w.n += copy(b[head:], v)
}

// length writes a head with a length of 8 bits, or one of the next two with 16
// and 32, and answers with how long that is.
//
//go:noinline
func (w *Writer) length(b []byte, head byte, n int) int {
	width := 1
	switch {
	case n > math.MaxUint16:
		head, width = head+2, 4
	case n > math.MaxUint8:
		head, width = head+1, 2
	}
	w.put(b, head, uint64(n), width)
	return 1 + width
}

// OptBytes appends bytes, or nothing for none.
//
//go:noinline
func (w *Writer) OptBytes(key string, v []byte) {
	if len(v) != 0 {
		w.count++
		w.Bytes(key, v)
	}
}

// List begins a list of n values.
//
//go:noinline
func (w *Writer) List(key string, n int) {
	b := w.room(key, 5)
	switch {
	case n <= maxFixed:
		b[0] = fixArray | byte(n)
		w.n++
	case n <= math.MaxUint16:
		w.put(b, array16, uint64(n), 2)
	default:
		w.put(b, array32, uint64(n), 4)
	}
}

// OptList begins a list of n values, or nothing if it is empty.
//
//go:noinline
func (w *Writer) OptList(key string, n int) {
	if n != 0 {
		w.count++
		w.List(key, n)
	}
}
