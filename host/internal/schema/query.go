package schema

import (
	"maps"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

// query encodes parameters as the object n.
func (e *encoder) query(n *node, values url.Values) bool {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if n.find([]byte(name), 0) < 0 {
			return e.unknown(n, []byte(name))
		}
	}
	head, count := len(e.out), 0
	e.out = append(e.out, 0)
	for i := range n.props {
		p := &n.props[i]
		given, ok := values[p.name]
		if !ok && slices.Contains(n.needs, i) {
			e.fail(ReasonMissing, "this field is required")
			return e.at(p.name)
		}
		if !ok {
			continue
		}
		count++
		e.out = append(e.out, p.wire...)
		if !e.parameter(p.node, given) {
			return e.at(p.name)
		}
	}
	e.head(head, msgp.AppendMapHeader(make([]byte, 0, 5), uint32(count)))
	return true
}

func (e *encoder) parameter(n *node, given []string) bool {
	if n.kind != array {
		if len(given) != 1 {
			return e.fail(ReasonDuplicateKey, "this parameter is there twice")
		}
		return e.plain(n, given[0])
	}
	head := len(e.out)
	e.out = append(e.out, 0)
	for i, v := range given {
		if !e.plain(n.item, v) {
			return e.atIndex(i)
		}
	}
	return e.elements(n, head, len(given))
}

// plain encodes a scalar that is written without quotes.
func (e *encoder) plain(n *node, v string) bool {
	if !utf8.ValidString(v) {
		return e.fail(ReasonMalformed, "a parameter is not valid UTF-8")
	}
	switch n.kind {
	case object, array:
		return e.mismatch(n)
	case integer:
		s := scanner{in: []byte(v)}
		token, ok := s.number(n)
		if !ok || s.pos != len(v) {
			return e.mismatch(n)
		}
		return e.integer(n, token)
	case boolean:
		e.out = msgp.AppendBool(e.out, v == "true")
		return v == "true" || v == "false" || e.mismatch(n)
	default:
		return e.text(n, []byte(v))
	}
}
