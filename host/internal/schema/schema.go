// Package schema turns JSON into MessagePack and back, as the schema of an
// operation says. It knows JSON, MessagePack and the subset of JSON Schema
// that `bottega build` writes; it must not know HTTP, the kernel, or what any
// field means to a retailer.
//
// Equal values give equal bytes: objects are written in the order in which
// their schema declares its properties, absent ones are left out.
package schema

import (
	"net/url"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// MaxInteger is the largest magnitude of an integer in JSON, 2^53−1, so that
// every client reads the number that was written.
const MaxInteger = 1<<53 - 1

// The bounds of a schema, so that no manifest makes the host slow.
const (
	maxDepth      = 64
	maxProperties = 256
	maxBytes      = 256 << 10
)

// The reasons of an *abi.Error of this package.
const (
	ReasonMalformed    = "malformed"     // not JSON, or not MessagePack
	ReasonUnknownField = "unknown_field" // the schema has no such property
	ReasonDuplicateKey = "duplicate_key" // a property is there twice
	ReasonMissing      = "missing"       // a required property is not there or null
	ReasonType         = "type"          // another type, or a number that is no integer
	ReasonRange        = "range"         // an integer out of its bounds
	ReasonEnum         = "enum"          // none of the allowed values
	ReasonLength       = "length"        // too short or too long
	ReasonFormat       = "format"        // no instant, zone or base64
)

// Schema is a compiled schema. It is safe for use by many goroutines.
type Schema struct {
	root *node
}

// ToWire reads one JSON value strictly and encodes it as MessagePack. The
// error is an *abi.Error of code Invalid with a reason of this package and the
// pointer to the first offence. The result aliases nothing.
func (s *Schema) ToWire(json []byte) ([]byte, error) {
	e := encoder{scanner: scanner{in: json}, out: make([]byte, 0, len(json)+8), parts: make(parts, 0, 32)}
	e.space()
	if e.value(s.root) {
		e.end()
	}
	if e.failed() {
		return nil, e.error(abi.Invalid)
	}
	return e.out, nil
}

// ToJSON decodes one MessagePack value as JSON. Fields that the schema does
// not know are left out, and so are nil ones; bounds, enums and required
// fields are not checked again. The error is an *abi.Error of code Internal,
// because only an app writes MessagePack.
func (s *Schema) ToJSON(wire []byte) ([]byte, error) {
	d := decoder{in: wire, out: make([]byte, 0, 2*len(wire)+64), parts: make(parts, 0, 32)}
	if d.value(s.root) && len(d.in) != 0 {
		d.fail(ReasonMalformed, "bytes follow the value")
	}
	if d.failed() {
		return nil, d.error(abi.Internal)
	}
	return d.out, nil
}

// Flat says whether FromQuery can carry every value of s: an object whose
// properties are scalars or arrays of scalars, and none of which is writeOnly: URLs are
// written into logs, what buys something is not.
func (s *Schema) Flat() bool {
	if s.root.kind != object {
		return false
	}
	for _, p := range s.root.props {
		if n := p.node; n.secret || n.kind == object || n.kind == array && !n.item.scalar() {
			return false
		}
	}
	return true
}

// FromQuery encodes the parameters of a query as MessagePack, under the rules
// of ToWire. An array is a parameter given several times. It is for schemas
// that are Flat.
func (s *Schema) FromQuery(values url.Values) ([]byte, error) {
	var e encoder
	if !e.query(s.root, values) {
		return nil, e.error(abi.Invalid)
	}
	return e.out, nil
}
