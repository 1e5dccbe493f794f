// Package codec turns operations, events and records into MessagePack and
// back: by generated code in a guest, by reflection in native tests, with the
// same bytes. Only the SDK's own packages import it.
package codec

import "github.com/bottega-retail/bottega/sdk/wire"

// Write appends *v to what w has written. Its error is a type that cannot
// cross, which no guest has.
func Write[T any](w *wire.Writer, v *T) error {
	if x, ok := any(v).(wire.Record); ok {
		x.WriteWire(w)
		return nil
	}
	return writeReflect(w, v)
}

// Read decodes a text, all of it, into *v, with r as its scratch. The texts in
// v share the text's memory. Fields that the text does not have keep their
// values; fields that T does not have are skipped.
func Read[T any](r *wire.Reader, text string, v *T) error {
	*r = wire.NewReader(text)
	if x, ok := any(v).(wire.Record); ok {
		x.ReadWire(r)
	} else if err := readReflect(r, v); err != nil {
		return err
	}
	return r.Done()
}

// Append appends the encoding of *v to b.
func Append[T any](b []byte, v *T) ([]byte, error) {
	w := wire.NewWriter(b)
	err := Write(&w, v)
	return w.Written(), err
}

// Parse is Read of bytes. Nothing of v aliases them.
func Parse[T any](b []byte, v *T) error {
	var r wire.Reader
	return Read(&r, string(b), v)
}
