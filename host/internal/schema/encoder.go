package schema

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

// encoder writes MessagePack while it scans JSON. Its methods answer false
// after a fault.
type encoder struct {
	scanner
	parts
	out []byte
}

// value encodes the value that comes; white space is behind it.
func (e *encoder) value(n *node) bool {
	c := e.peek()
	switch n.kind {
	case object:
		if c == '{' {
			return e.object(n)
		}
	case array:
		if c == '[' {
			return e.array(n)
		}
	case integer:
		if c == '-' || c-'0' <= 9 {
			token, ok := e.number(n)
			return ok && e.integer(n, token)
		}
	case boolean:
		if c == 't' || c == 'f' {
			return e.boolean(n)
		}
	default:
		if c == '"' {
			raw, ok := e.str()
			return ok && e.text(n, raw)
		}
	}
	return e.wrong(n)
}

func (e *encoder) object(n *node) bool {
	o, head := e.begin(), len(e.out)
	e.out = append(e.out, 0)
	for more := e.enter('}'); more; more = e.more('}') {
		if !e.member(n, &o) {
			return false
		}
	}
	return !e.failed() && e.finish(n, &o, head)
}

// member encodes one member.
func (e *encoder) member(n *node, o *order) bool {
	name, ok := e.key()
	if !ok {
		return false
	}
	i := n.find(name, o.next)
	if i < 0 {
		return e.unknown(n, name)
	}
	p := &n.props[i]
	if e.has(o, i) {
		e.fail(ReasonDuplicateKey, "this field is there twice")
		return e.at(p.name)
	}
	start := len(e.out)
	if !e.literal("null") {
		e.out = append(e.out, p.wire...)
		if !e.value(p.node) {
			return e.at(p.name)
		}
	}
	e.add(o, part{i, start, len(e.out)})
	return true
}

// finish checks what an object has and writes its head.
func (e *encoder) finish(n *node, o *order, head int) bool {
	members := e.arrange(o, e.out, head+1)
	count := 0
	needs := n.needs
	for _, m := range members {
		if m.empty() {
			continue
		}
		count++
		if len(needs) > 0 && needs[0] == m.prop {
			needs = needs[1:]
		}
	}
	if len(needs) > 0 {
		e.fail(ReasonMissing, "this field is required")
		return e.at(n.props[needs[0]].name)
	}
	e.head(head, msgp.AppendMapHeader(make([]byte, 0, 5), uint32(count)))
	return true
}

// head replaces the one byte kept for the head of a map or array.
func (e *encoder) head(at int, head []byte) {
	if len(head) > 1 {
		e.out = slices.Insert(e.out, at, head[1:]...)
	}
	copy(e.out[at:], head)
}

func (e *encoder) array(n *node) bool {
	head, count := len(e.out), 0
	e.out = append(e.out, 0)
	for more := e.enter(']'); more; more = e.more(']') {
		if !e.value(n.item) {
			return e.atIndex(count)
		}
		count++
	}
	if e.failed() {
		return false
	}
	return e.elements(n, head, count)
}

// elements checks the number of an array's elements and writes its head.
func (e *encoder) elements(n *node, head, count int) bool {
	e.head(head, msgp.AppendArrayHeader(make([]byte, 0, 5), uint32(count)))
	return e.length(n, count)
}

// length checks a length against n's bounds.
func (e *encoder) length(n *node, length int) bool {
	if int64(length) < n.min {
		return e.fail(ReasonLength, "at least "+strconv.FormatInt(n.min, 10)+" long")
	}
	if int64(length) > n.max {
		return e.fail(ReasonLength, "at most "+strconv.FormatInt(n.max, 10)+" long")
	}
	return true
}

func (e *encoder) boolean(n *node) bool {
	switch {
	case e.literal("true"):
		e.out = msgp.AppendBool(e.out, true)
	case e.literal("false"):
		e.out = msgp.AppendBool(e.out, false)
	default:
		return e.wrong(n)
	}
	return true
}

// integer encodes a token of an optional minus and digits.
func (e *encoder) integer(n *node, token []byte) bool {
	v, ok := parseInteger(token)
	if !ok || v < n.min || v > n.max {
		return e.fail(ReasonRange, "an integer from "+strconv.FormatInt(n.min, 10)+
			" to "+strconv.FormatInt(n.max, 10)+" is expected")
	}
	if n.numbers != nil && !n.numbers[v] {
		return e.fail(ReasonEnum, numbers(n))
	}
	e.out = msgp.AppendInt64(e.out, v)
	return true
}

// parseInteger reads digits; it is not ok beyond MaxInteger.
func parseInteger(token []byte) (v int64, ok bool) {
	digits := token
	if token[0] == '-' {
		digits = token[1:]
	}
	for _, c := range digits {
		if v = v*10 + int64(c-'0'); v > MaxInteger {
			return 0, false
		}
	}
	if token[0] == '-' {
		v = -v
	}
	return v, true
}

// text encodes what is a string in JSON.
func (e *encoder) text(n *node, raw []byte) bool {
	switch n.kind {
	case instant:
		ms, ok := parseInstant(raw)
		if !ok {
			return e.fail(ReasonFormat, "an instant in UTC is expected, such as 2026-11-21T17:05:00Z")
		}
		e.out = msgp.AppendInt64(e.out, ms)
		return true
	case binary:
		return e.binary(n, raw)
	case zone:
		if !zoneName(raw) {
			return e.fail(ReasonFormat, "the name of a time zone is expected, such as Europe/Rome")
		}
	}
	if n.words != nil && !n.words[string(raw)] {
		return e.fail(ReasonEnum, list("one of: ", slices.Sorted(maps.Keys(n.words))))
	}
	if n.min > 0 || int64(len(raw)) > n.max {
		if !e.length(n, utf8.RuneCount(raw)) {
			return false
		}
	}
	e.out = msgp.AppendStringFromBytes(e.out, raw)
	return true
}

func (e *encoder) binary(n *node, raw []byte) bool {
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
	size, err := base64.StdEncoding.Strict().Decode(decoded, raw)
	if err != nil || base64.StdEncoding.EncodedLen(size) != len(raw) {
		return e.fail(ReasonFormat, "base64 is expected")
	}
	if !e.length(n, size) {
		return false
	}
	e.out = msgp.AppendBytes(e.out, decoded[:size])
	return true
}

func numbers(n *node) string {
	names := make([]string, 0, len(n.numbers))
	for _, v := range slices.Sorted(maps.Keys(n.numbers)) {
		names = append(names, strconv.FormatInt(v, 10))
	}
	return list("one of: ", names)
}
