package sandbox

import (
	"strconv"
	"unicode/utf8"
)

// outputTail is how many bytes of its last output an instance keeps.
const outputTail = 8 << 10

// output keeps the end of what a guest writes to its fds 1 and 2 in one call.
type output struct {
	buf     []byte // at most 2 × outputTail
	dropped bool   // something is missing at its front or end
}

func (o *output) reset() {
	o.buf = o.buf[:0]
	o.dropped = false
}

// write keeps b as far as left reaches, and takes it from left.
func (o *output) write(b []byte, left *int) {
	if len(b) > *left {
		b, o.dropped = b[:max(*left, 0)], true
	}
	*left -= len(b)
	if len(b) > outputTail {
		b, o.dropped = b[len(b)-outputTail:], true
	}
	if len(o.buf)+len(b) > 2*outputTail {
		keep := o.buf[len(o.buf)-outputTail:]
		o.buf, o.dropped = o.buf[:copy(o.buf, keep)], true
	}
	o.buf = append(o.buf, b...)
}

// String is the end of the output on one line: control characters, newlines
// among them, are escaped, so that it can neither move a cursor nor forge a log
// record.
func (o *output) String() string {
	b := o.buf
	dropped := o.dropped
	if len(b) > outputTail {
		b, dropped = b[len(b)-outputTail:], true
	}
	s := escape(b)
	if dropped {
		s += " [truncated]"
	}
	return s
}

func escape(b []byte) string {
	out := make([]byte, 0, len(b)+len(b)/8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n <= 1:
			out = append(out, `\x`...)
			out = append(out, "0123456789abcdef"[b[0]>>4], "0123456789abcdef"[b[0]&15])
		case r == '\'' || r == '"':
			out = append(out, byte(r))
		default:
			q := strconv.AppendQuoteRune(out, r) // 'r', so drop the quotes
			copy(q[len(out):], q[len(out)+1:])
			out = q[:len(q)-2]
		}
		b = b[n:]
	}
	return string(out)
}
