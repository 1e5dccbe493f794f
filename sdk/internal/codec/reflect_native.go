//go:build !wasip1

package codec

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/bottega-retail/bottega/sdk/wire"
)

// Natively nothing is generated. This codec writes the bytes that the code
// `bottega build` generates would write (host/internal/build has the test): a
// struct is a map of its fields in the order of their declaration under the
// names of their json tags, nil and empty slices are the empty array, and
// what was decoded into a zero value holds nil for both. It is not the place
// where mistakes in types are refused; the build is.

func writeReflect(w *wire.Writer, v any) error {
	return writeValue(w, reflect.ValueOf(v).Elem())
}

// readReflect answers with an error only for a type that cannot cross; what
// is wrong with the bytes, r says.
func readReflect(r *wire.Reader, v any) error {
	return readValue(r, reflect.ValueOf(v).Elem())
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

func writeValue(w *wire.Writer, v reflect.Value) error {
	if v.CanAddr() {
		if x, ok := v.Addr().Interface().(wire.Record); ok {
			x.WriteWire(w)
			return nil
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		w.Bool("", v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.Int("", v.Int())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		w.Uint("", v.Uint())
	case reflect.String:
		w.Text("", v.String())
	case reflect.Slice, reflect.Array:
		return writeSequence(w, v)
	case reflect.Pointer:
		if !v.IsNil() {
			return writeValue(w, v.Elem())
		}
		w.Nil("")
	case reflect.Struct:
		return writeStruct(w, v)
	default:
		return refused(v.Type())
	}
	return nil
}

func writeSequence(w *wire.Writer, v reflect.Value) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		w.Bytes("", bytesOf(v))
		return nil
	}
	w.List("", v.Len())
	for i := range v.Len() {
		if err := writeValue(w, v.Index(i)); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
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

func writeStruct(w *wire.Writer, v reflect.Value) error {
	all := fields(v)
	present := all[:0]
	for _, f := range all {
		if !f.omitEmpty || !empty(f.value) {
			present = append(present, f)
		}
	}
	m := w.Begin(len(present))
	for _, f := range present {
		w.Text("", f.name)
		if err := writeValue(w, f.value); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	w.End(m)
	return nil
}

func readValue(r *wire.Reader, v reflect.Value) error {
	if x, ok := v.Addr().Interface().(wire.Record); ok {
		x.ReadWire(r)
		return nil
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.Bool())
	case reflect.String:
		v.SetString(r.Str())
	case reflect.Slice:
		return readSlice(r, v)
	case reflect.Array:
		return readArray(r, v)
	case reflect.Pointer:
		return readPointer(r, v)
	case reflect.Struct:
		return readStruct(r, v)
	default:
		return readNumber(r, v)
	}
	return nil
}

func readNumber(r *wire.Reader, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64())
	case reflect.Int8:
		v.SetInt(int64(r.Int8()))
	case reflect.Int16:
		v.SetInt(int64(r.Int16()))
	case reflect.Int32:
		v.SetInt(int64(r.Int32()))
	case reflect.Uint8:
		v.SetUint(uint64(r.Uint8()))
	case reflect.Uint16:
		v.SetUint(uint64(r.Uint16()))
	case reflect.Uint32:
		v.SetUint(uint64(r.Uint32()))
	default:
		return refused(v.Type())
	}
	return nil
}

// readPointer decodes into a copy: the old target may be a default that
// others share.
func readPointer(r *wire.Reader, v reflect.Value) error {
	if r.Nil() {
		v.SetZero()
		return nil
	}
	fresh := reflect.New(v.Type().Elem())
	if !v.IsNil() {
		fresh.Elem().Set(v.Elem())
	}
	err := readValue(r, fresh.Elem())
	v.Set(fresh)
	return err
}

// readSlice makes a new slice always, nil for none.
func readSlice(r *wire.Reader, v reflect.Value) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(r.Bytes())
		return nil
	}
	n := r.Array()
	v.SetZero()
	if n > 0 {
		v.Set(reflect.MakeSlice(v.Type(), n, n))
	}
	return readElements(r, v)
}

func readArray(r *wire.Reader, v reflect.Value) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		r.Fill(v.Slice(0, v.Len()).Bytes())
		return nil
	}
	r.ArrayOf(v.Len())
	return readElements(r, v)
}

func readElements(r *wire.Reader, v reflect.Value) error {
	for i := range v.Len() {
		if err := readValue(r, v.Index(i)); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
}

func readStruct(r *wire.Reader, v reflect.Value) error {
	all := fields(v)
	for range r.Map() {
		name := r.Key()
		if err := readField(r, all, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func readField(r *wire.Reader, all []field, name string) error {
	for _, f := range all {
		if f.name == name {
			return readValue(r, f.value)
		}
	}
	r.Skip()
	return nil
}

func refused(t reflect.Type) error {
	return fmt.Errorf("a %s cannot cross: `bottega build` says what to use", t)
}
