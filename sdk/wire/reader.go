package wire

import (
	"errors"
	"math"
)

// Reader takes values off a text that holds MessagePack. Its first error
// sticks: from then on there is nothing to read, every number is 0, every text
// empty, and [Reader.Done] says what was wrong. Nothing that it answers is
// larger than what is left of the text, whatever a length claims.
//
// Texts that it answers share the memory of its text, which costs nothing
// because neither can change.
type Reader struct {
	text string
	at   int // in text
	err  error

	// Of the map between Begin and More:
	left int // pairs, the one in hand included
	key  int // where in text its key begins, without the head
	end  int // and where it ends; places, since a pointer costs more to keep
	mark int // where the fields were last asked, so that nobody asks them twice
}

// NewReader reads a text from its beginning.
func NewReader(text string) Reader { return Reader{text: text} }

// The errors of a Reader.
var (
	errShort = errors.New("ends early")
	errKind  = errors.New("a value of another kind than expected")
	errRange = errors.New("a number too large or too small")
	errCount = errors.New("a list of another length than expected")
	errRest  = errors.New("more than one value")
)

// Done is nil if the text was read to its end without an error.
func (r *Reader) Done() error {
	if r.err == nil && r.at != len(r.text) {
		return errRest
	}
	return r.err
}

// fail keeps the first error and takes away what is left.
//
//go:noinline
func (r *Reader) fail(err error) {
	if r.err == nil {
		r.err = err
		if r.end > r.key {
			r.err = &fieldError{r.text[r.key:r.end], err}
		}
	}
	r.at = len(r.text)
}

// fieldError says after which key reading ended: the path to it would have to
// be kept while all is well.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return "near field " + e.field + ": " + e.err.Error() }

func (e *fieldError) Unwrap() error { return e.err }

// head takes the head of a value, answering nil's at the end of the text.
func (r *Reader) head() byte {
	if r.at >= len(r.text) {
		r.fail(errShort)
		return null
	}
	c := r.text[r.at]
	r.at++
	return c
}

// uint takes a big-endian number of 1, 2, 4 or 8 bytes.
func (r *Reader) uint(width int) uint64 {
	if len(r.text)-r.at < width {
		r.fail(errShort)
		return 0
	}
	s := r.text[r.at : r.at+width]
	r.at += width
	switch width {
	case 1:
		return uint64(s[0])
	case 2:
		return uint64(s[0])<<8 | uint64(s[1])
	case 4:
		return big32(s)
	}
	return big32(s)<<32 | big32(s[4:])
}

func big32(s string) uint64 {
	_ = s[3]
	return uint64(s[0])<<24 | uint64(s[1])<<16 | uint64(s[2])<<8 | uint64(s[3])
}

// take takes so many bytes as they are.
func (r *Reader) take(n int) string {
	if len(r.text)-r.at < n {
		r.fail(errShort)
		return ""
	}
	s := r.text[r.at : r.at+n]
	r.at += n
	return s
}

// Map takes the head of a map and answers with how many pairs follow.
func (r *Reader) Map() int {
	var n int
	switch c := r.head(); {
	case c&^0x0f == fixMap:
		n = int(c & 0x0f)
	case c == map16:
		n = int(r.uint(2))
	case c == map32:
		n = int(r.uint(4))
	default:
		r.fail(errKind)
	}
	return r.bounded(n, 2)
}

// Array takes the head of a list and answers with how many values follow: none
// for nil.
func (r *Reader) Array() int {
	if r.Nil() {
		return 0
	}
	return r.array()
}

// ArrayOf takes the head of a list that must have n values.
func (r *Reader) ArrayOf(n int) {
	if r.array() != n {
		r.fail(errCount)
	}
}

func (r *Reader) array() int {
	var n int
	switch c := r.head(); {
	case c&^0x0f == fixArray:
		n = int(c & 0x0f)
	case c == array16:
		n = int(r.uint(2))
	case c == array32:
		n = int(r.uint(4))
	default:
		r.fail(errKind)
	}
	return r.bounded(n, 1)
}

// bounded is n if what is left can hold n values of so many bytes each.
func (r *Reader) bounded(n, size int) int {
	if n > (len(r.text)-r.at)/size {
		r.fail(errShort)
		return 0
	}
	return n
}

// Nil takes nil, if that is what comes next.
func (r *Reader) Nil() bool {
	if r.at < len(r.text) && r.text[r.at] == null {
		r.at++
		return true
	}
	return false
}

// Bool takes a truth value.
func (r *Reader) Bool() bool {
	c := r.head()
	if c&^1 != falsity {
		r.fail(errKind)
	}
	return c == truth
}

// Key takes the key of a pair: a text, or bytes.
func (r *Reader) Key() string {
	if r.at < len(r.text) && r.text[r.at] >= bin8 && r.text[r.at] <= bin32 {
		return r.bin()
	}
	return r.Str()
}

// short is where the text ends that comes next, if it is a short one: its length
// is in its first byte. It is 0 otherwise.
func (r *Reader) short() int {
	if r.at < len(r.text) {
		c := r.text[r.at]
		if end := r.at + 1 + int(c&0x1f); c&^0x1f == fixStr && end <= len(r.text) {
			return end
		}
	}
	return 0
}

// Str takes a text.
func (r *Reader) Str() string {
	if end := r.short(); end > 0 {
		s := r.text[r.at+1 : end]
		r.at = end
		return s
	}
	return r.longStr()
}

func (r *Reader) longStr() string {
	switch c := r.head(); c {
	case str8:
		return r.take(int(r.uint(1)))
	case str16:
		return r.take(int(r.uint(2)))
	case str32:
		return r.take(int(r.uint(4)))
	default:
		if c&^0x1f == fixStr {
			return r.take(int(c & 0x1f)) // which is not there
		}
		r.fail(errKind)
		return ""
	}
}

// Bytes takes bytes, a copy of them: nil for none and for nil.
func (r *Reader) Bytes() []byte {
	if r.Nil() {
		return nil
	}
	return append([]byte(nil), r.bin()...)
}

// Fill takes as many bytes as to has.
func (r *Reader) Fill(to []byte) {
	if s := r.bin(); len(s) == len(to) {
		copy(to, s)
		return
	}
	r.fail(errCount)
}

func (r *Reader) bin() string {
	switch r.head() {
	case bin8:
		return r.take(int(r.uint(1)))
	case bin16:
		return r.take(int(r.uint(2)))
	case bin32:
		return r.take(int(r.uint(4)))
	}
	r.fail(errKind)
	return ""
}

// Int64 takes an integer, with or without a sign.
func (r *Reader) Int64() int64 {
	if r.at < len(r.text) {
		if c := int8(r.text[r.at]); c >= minFixed {
			r.at++
			return int64(c)
		}
	}
	return r.longInt()
}

func (r *Reader) longInt() int64 {
	c := r.head()
	if c < uint8s || c > int64s {
		r.fail(errKind)
		return 0
	}
	width := 1 << (c & 3) // both rows of heads go 8, 16, 32, 64 bits
	v := r.uint(width)
	if c >= int8s {
		shift := 64 - 8*width
		return int64(v<<shift) >> shift
	}
	if v > math.MaxInt64 {
		r.fail(errRange)
		return 0
	}
	return int64(v)
}

// within takes an integer between two bounds, both included.
func (r *Reader) within(low, high int64) int64 {
	v := r.Int64()
	if v < low || v > high {
		r.fail(errRange)
		return 0
	}
	return v
}

// Int takes an int, which has 64 bits wherever this code runs.
func (r *Reader) Int() int { return int(r.Int64()) }

// Int8 takes an int8.
func (r *Reader) Int8() int8 { return int8(r.within(math.MinInt8, math.MaxInt8)) }

// Int16 takes an int16.
func (r *Reader) Int16() int16 { return int16(r.within(math.MinInt16, math.MaxInt16)) }

// Int32 takes an int32.
func (r *Reader) Int32() int32 { return int32(r.within(math.MinInt32, math.MaxInt32)) }

// Uint8 takes a uint8.
func (r *Reader) Uint8() uint8 { return uint8(r.within(0, math.MaxUint8)) }

// Uint16 takes a uint16.
func (r *Reader) Uint16() uint16 { return uint16(r.within(0, math.MaxUint16)) }

// Uint32 takes a uint32.
func (r *Reader) Uint32() uint32 { return uint32(r.within(0, math.MaxUint32)) }
