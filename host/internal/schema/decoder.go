package schema

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

// decoder writes JSON while it reads MessagePack. Its methods answer false
// after a fault. It never allocates what a length claims, only what is there.
type decoder struct {
	fault
	parts
	in  []byte // what is left
	out []byte
}

func (d *decoder) malformed() bool { return d.fail(ReasonMalformed, "not well-formed MessagePack") }

// value decodes the next value. A nil, which only an element of an array or
// the whole can be, is null.
func (d *decoder) value(n *node) bool {
	if d.null() {
		d.out = append(d.out, "null"...)
		return true
	}
	switch n.kind {
	case object:
		return d.object(n)
	case array:
		return d.array(n)
	case integer, instant:
		return d.integer(n)
	case boolean:
		v, rest, err := msgp.ReadBoolBytes(d.in)
		d.in, d.out = rest, strconv.AppendBool(d.out, v)
		return err == nil || d.mismatch(n)
	case binary:
		v, rest, err := msgp.ReadBytesZC(d.in)
		d.in, d.out = rest, append(d.out, '"')
		d.out = append(base64.StdEncoding.AppendEncode(d.out, v), '"')
		return err == nil || d.mismatch(n)
	default:
		v, rest, err := msgp.ReadStringZC(d.in)
		d.in, d.out = rest, appendText(d.out, v)
		return err == nil || d.mismatch(n)
	}
}

func (d *decoder) null() bool {
	if msgp.IsNil(d.in) {
		d.in = d.in[1:]
		return true
	}
	return false
}

func (d *decoder) object(n *node) bool {
	count, rest, err := msgp.ReadMapHeaderBytes(d.in)
	if err != nil {
		return d.mismatch(n)
	}
	d.in = rest
	o, start := d.begin(), len(d.out)
	d.out = append(d.out, '{')
	for range count {
		if !d.member(n, &o) {
			return false
		}
	}
	d.arrange(&o, d.out, start+1)
	d.close(start, '}')
	return true
}

// member decodes one field, with a comma after it; an unknown one is skipped.
func (d *decoder) member(n *node, o *order) bool {
	name, rest, err := msgp.ReadMapKeyZC(d.in)
	if err != nil {
		return d.malformed()
	}
	d.in = rest
	i := n.find(name, o.next)
	if i < 0 {
		d.in, err = msgp.Skip(d.in)
		return err == nil || d.malformed()
	}
	p := &n.props[i]
	if d.has(o, i) {
		d.fail(ReasonDuplicateKey, "this field is there twice")
		return d.at(p.name)
	}
	start := len(d.out)
	if !d.null() {
		d.out = append(d.out, p.json...)
		if !d.value(p.node) {
			return d.at(p.name)
		}
		d.out = append(d.out, ',')
	}
	d.add(o, part{i, start, len(d.out)})
	return true
}

// close puts the closing bracket in the place of the last comma.
func (d *decoder) close(start int, bracket byte) {
	if last := len(d.out) - 1; last > start {
		d.out[last] = bracket
		return
	}
	d.out = append(d.out, bracket)
}

func (d *decoder) array(n *node) bool {
	count, rest, err := msgp.ReadArrayHeaderBytes(d.in)
	if err != nil {
		return d.mismatch(n)
	}
	d.in = rest
	start := len(d.out)
	d.out = append(d.out, '[')
	for i := range int(count) {
		if !d.value(n.item) {
			return d.atIndex(i)
		}
		d.out = append(d.out, ',')
	}
	d.close(start, ']')
	return true
}

func (d *decoder) integer(n *node) bool {
	v, rest, err := msgp.ReadInt64Bytes(d.in)
	if err != nil {
		return d.mismatch(n)
	}
	d.in = rest
	if n.kind == instant {
		var ok bool
		if d.out, ok = appendInstant(d.out, v); !ok {
			return d.fail(ReasonRange, "an instant of the years 1 to 9999 is expected")
		}
		return true
	}
	if v < -MaxInteger || v > MaxInteger {
		return d.fail(ReasonRange, "an integer beyond 2^53−1 does not fit JSON")
	}
	d.out = strconv.AppendInt(d.out, v, 10)
	return true
}

const hexDigits = "0123456789abcdef"

// appendText appends a JSON string; what is not UTF-8 becomes U+FFFD.
func appendText(out, s []byte) []byte {
	out = append(out, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && size == 1 {
				out = append(append(out, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			out = appendEscape(append(out, s[from:i]...), c)
			from = i + 1
		}
		i++
	}
	return append(append(out, s[from:]...), '"')
}

func appendEscape(out []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(out, '\\', c)
	case '\n':
		return append(out, '\\', 'n')
	case '\r':
		return append(out, '\\', 'r')
	case '\t':
		return append(out, '\\', 't')
	}
	return append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
