//go:build !wasip1

package codec

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/tinylib/msgp/msgp"
)

// Natively nothing is generated. This codec writes the bytes that the code
// `bottega build` generates would write (host/internal/build has the test): a
// struct is a map of its fields in the order of their declaration under the
// names of their json tags, nil and empty slices are the empty array, and
// what was decoded into a zero value holds nil for both. It is not the place
// where mistakes in types are refused; the build is.

func appendReflect[T any](b []byte, v *T) ([]byte, error) {
	return appendValue(b, reflect.ValueOf(v).Elem())
}

func parseReflect[T any](b []byte, v *T) ([]byte, error) {
	return parseValue(b, reflect.ValueOf(v).Elem())
}

// field is one field of a struct as it crosses.
type field struct {
	name      string
	omitEmpty bool
	value     reflect.Value
}

// fields lists the fields of a struct that cross.
func fields(v reflect.Value) []field {
	t := v.Type()
	out := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		out = append(out, field{name, options == "omitempty", v.Field(i)})
	}
	return out
}

// empty says whether a field with omitempty is left out. As in encoding/json,
// a struct and an array with elements never are.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// marshaler is the codec that a type brings with it, if any.
func marshaler(v reflect.Value) (msgp.Marshaler, bool) {
	if !v.CanAddr() {
		return nil, false
	}
	m, ok := v.Addr().Interface().(msgp.Marshaler)
	return m, ok
}

func appendValue(b []byte, v reflect.Value) ([]byte, error) {
	if m, ok := marshaler(v); ok {
		return m.MarshalMsg(b)
	}
	switch v.Kind() {
	case reflect.Bool:
		return msgp.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return msgp.AppendInt64(b, v.Int()), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return msgp.AppendUint64(b, v.Uint()), nil
	case reflect.String:
		return msgp.AppendString(b, v.String()), nil
	case reflect.Slice, reflect.Array:
		return appendSequence(b, v)
	case reflect.Pointer:
		if v.IsNil() {
			return msgp.AppendNil(b), nil
		}
		return appendValue(b, v.Elem())
	case reflect.Struct:
		return appendStruct(b, v)
	}
	return b, refused(v.Type())
}

func appendSequence(b []byte, v reflect.Value) ([]byte, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return msgp.AppendBytes(b, bytesOf(v)), nil
	}
	b = msgp.AppendArrayHeader(b, uint32(v.Len()))
	for i := range v.Len() {
		var err error
		if b, err = appendValue(b, v.Index(i)); err != nil {
			return b, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return b, nil
}

// bytesOf is the content of a slice or an array of bytes.
func bytesOf(v reflect.Value) []byte {
	if v.Kind() == reflect.Slice || v.CanAddr() {
		return v.Bytes()
	}
	b := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(b), v)
	return b
}

func appendStruct(b []byte, v reflect.Value) ([]byte, error) {
	all := fields(v)
	present := all[:0]
	for _, f := range all {
		if !f.omitEmpty || !empty(f.value) {
			present = append(present, f)
		}
	}
	b = msgp.AppendMapHeader(b, uint32(len(present)))
	for _, f := range present {
		var err error
		b = msgp.AppendString(b, f.name)
		if b, err = appendValue(b, f.value); err != nil {
			return b, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return b, nil
}

func parseValue(b []byte, v reflect.Value) ([]byte, error) {
	if m, ok := v.Addr().Interface().(msgp.Unmarshaler); ok {
		return m.UnmarshalMsg(b)
	}
	switch v.Kind() {
	case reflect.Bool:
		x, rest, err := msgp.ReadBoolBytes(b)
		v.SetBool(x)
		return rest, err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return parseInt(b, v)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return parseUint(b, v)
	case reflect.String:
		x, rest, err := msgp.ReadStringBytes(b)
		v.SetString(x)
		return rest, err
	case reflect.Slice, reflect.Array:
		return parseSequence(b, v)
	case reflect.Pointer:
		return parsePointer(b, v)
	case reflect.Struct:
		return parseStruct(b, v)
	}
	return b, refused(v.Type())
}

func parseInt(b []byte, v reflect.Value) ([]byte, error) {
	x, rest, err := msgp.ReadInt64Bytes(b)
	if err == nil && v.OverflowInt(x) {
		return b, msgp.IntOverflow{Value: x, FailedBitsize: v.Type().Bits()}
	}
	v.SetInt(x)
	return rest, err
}

func parseUint(b []byte, v reflect.Value) ([]byte, error) {
	x, rest, err := msgp.ReadUint64Bytes(b)
	if err == nil && v.OverflowUint(x) {
		return b, msgp.UintOverflow{Value: x, FailedBitsize: v.Type().Bits()}
	}
	v.SetUint(x)
	return rest, err
}

// parsePointer decodes into a copy: the old target may be a default that
// others share.
func parsePointer(b []byte, v reflect.Value) ([]byte, error) {
	if msgp.IsNil(b) {
		v.SetZero()
		return b[1:], nil
	}
	fresh := reflect.New(v.Type().Elem())
	if !v.IsNil() {
		fresh.Elem().Set(v.Elem())
	}
	rest, err := parseValue(b, fresh.Elem())
	v.Set(fresh)
	return rest, err
}

func parseSequence(b []byte, v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Slice && msgp.IsNil(b) {
		v.SetZero()
		return b[1:], nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return parseBytes(b, v)
	}
	n, rest, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return b, err
	}
	if v.Kind() == reflect.Array {
		if int(n) != v.Len() {
			return b, msgp.ArrayError{Wanted: uint32(v.Len()), Got: n}
		}
	} else if err := fresh(v, n, rest); err != nil {
		return b, err
	}
	for i := range v.Len() {
		if rest, err = parseValue(rest, v.Index(i)); err != nil {
			return b, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return rest, nil
}

// fresh sets v to a new slice of n zero values, nil for none. An element takes
// a byte at least, so a longer array than rest is a lie.
func fresh(v reflect.Value, n uint32, rest []byte) error {
	if uint64(n) > uint64(len(rest)) {
		return msgp.ErrShortBytes
	}
	v.SetZero()
	if n > 0 {
		v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
	}
	return nil
}

func parseBytes(b []byte, v reflect.Value) ([]byte, error) {
	x, rest, err := msgp.ReadBytesZC(b)
	if err != nil {
		return b, err
	}
	if v.Kind() == reflect.Slice {
		v.SetBytes(append([]byte(nil), x...))
		return rest, nil
	}
	if len(x) != v.Len() {
		return b, msgp.ArrayError{Wanted: uint32(v.Len()), Got: uint32(len(x))}
	}
	reflect.Copy(v.Slice(0, v.Len()), reflect.ValueOf(x))
	return rest, nil
}

func parseStruct(b []byte, v reflect.Value) ([]byte, error) {
	all := fields(v)
	n, rest, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return b, err
	}
	for range n {
		var key []byte
		if key, rest, err = msgp.ReadMapKeyZC(rest); err != nil {
			return b, err
		}
		if rest, err = parseField(rest, all, string(key)); err != nil {
			return b, fmt.Errorf("%s: %w", key, err)
		}
	}
	return rest, nil
}

func parseField(b []byte, all []field, name string) ([]byte, error) {
	for _, f := range all {
		if f.name == name {
			return parseValue(b, f.value)
		}
	}
	return msgp.Skip(b)
}

func refused(t reflect.Type) error {
	return fmt.Errorf("a %s cannot cross: `bottega build` says what to use", t)
}
