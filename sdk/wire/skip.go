package wire

// Skip takes one value, whatever it is. It needs no stack for nested ones, so
// that no depth is too deep for it.
func (r *Reader) Skip() {
	for values := 1; values > 0 && r.err == nil; values-- {
		values += r.skipOne()
	}
}

// skipOne takes a value without the values in it and answers with how many
// those are.
func (r *Reader) skipOne() int {
	switch c := r.head(); {
	case c <= 0x7f || c >= 0xe0:
		return 0
	case c <= 0x8f:
		return 2 * r.bounded(int(c&0x0f), 2)
	case c <= 0x9f:
		return r.bounded(int(c&0x0f), 1)
	case c <= 0xbf:
		r.take(int(c & 0x1f))
		return 0
	case c >= array16:
		return r.skipMany(c)
	default:
		r.skipPlain(shapes[c-null])
		return 0
	}
}

// skipMany takes a list's or a map's head with a length of its own.
func (r *Reader) skipMany(head byte) int {
	n := int(r.uint(2 << (head & 1))) // map16 and array16 are even
	if head >= map16 {
		return 2 * r.bounded(n, 2)
	}
	return r.bounded(n, 1)
}

// shape is what follows a head: so many bytes, or a length of that width and
// as many bytes more as it says.
type shape struct {
	bytes int8 // -1 if there is no such value
	width int8
}

func (r *Reader) skipPlain(s shape) {
	if s.bytes < 0 {
		r.fail(errKind)
		return
	}
	n := int(s.bytes)
	if s.width > 0 {
		n += int(r.uint(int(s.width)))
	}
	r.take(n)
}

// shapes are those of the heads from nil to str32.
var shapes = [array16 - null]shape{
	{}, {bytes: -1}, {}, {}, // nil, no value, false, true
	{0, 1}, {0, 2}, {0, 4}, // bytes
	{1, 1}, {1, 2}, {1, 4}, // extensions
	{bytes: 4}, {bytes: 8}, // floats
	{bytes: 1}, {bytes: 2}, {bytes: 4}, {bytes: 8}, // integers without a sign
	{bytes: 1}, {bytes: 2}, {bytes: 4}, {bytes: 8}, // and with one
	{bytes: 2}, {bytes: 3}, {bytes: 5}, {bytes: 9}, {bytes: 17}, // extensions of fixed length
	{0, 1}, {0, 2}, {0, 4}, // texts
}
