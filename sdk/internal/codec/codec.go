// Package codec turns operations, events and records into MessagePack and
// back: by generated code in a guest, by reflection in native tests, with the
// same bytes. Only the SDK's own packages import it.
package codec

import (
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

// Append appends the encoding of *v.
func Append[T any](b []byte, v *T) ([]byte, error) {
	if m, ok := any(v).(msgp.Marshaler); ok {
		return m.MarshalMsg(b)
	}
	return appendReflect(b, v)
}

// Parse decodes b, all of it, into *v. Nothing of v aliases b. Fields that b
// does not have keep their values; fields that T does not have are skipped.
func Parse[T any](b []byte, v *T) error {
	rest, err := parse(b, v)
	if err == nil && len(rest) != 0 {
		err = fmt.Errorf("%d bytes after the value", len(rest))
	}
	return err
}

func parse[T any](b []byte, v *T) ([]byte, error) {
	if m, ok := any(v).(msgp.Unmarshaler); ok {
		return m.UnmarshalMsg(b)
	}
	return parseReflect(b, v)
}
