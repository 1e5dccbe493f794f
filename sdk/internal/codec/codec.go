// Package codec turns operations, events and records into MessagePack and
// back: by generated code in a guest, by reflection in native tests, with the
// same bytes. Only the SDK's own packages import it.
//
// Values come as pointers in an interface and not as type parameters: generic code
// is in a module once per type, with the whole type in its name.
package codec

import "github.com/bottega-retail/bottega/sdk/wire"

// Write appends what the pointer v points to, to what w has written. Its error is a type that cannot
// cross, which no guest has.
func Write(w *wire.Writer, v any) error {
	if x, ok := v.(wire.Record); ok {
		x.WriteWire(w)
		return nil
	}
	return writeReflect(w, v)
}

// Read decodes a text, all of it, into what the pointer v points to, with r as its scratch. The texts in
// v share the text's memory. Fields that the text does not have keep their
// values; fields that v does not have are skipped.
func Read(r *wire.Reader, text string, v any) error {
	*r = wire.NewReader(text)
	if x, ok := v.(wire.Record); ok {
		x.ReadWire(r)
	} else if err := readReflect(r, v); err != nil {
		return err
	}
	return r.Done()
}

// Append appends the encoding of what the pointer v points to, to b.
func Append(b []byte, v any) ([]byte, error) {
	w := wire.NewWriter(b)
	err := Write(&w, v)
	return w.Written(), err
}

// Parse is Read of bytes. Nothing of v aliases them.
func Parse(b []byte, v any) error {
	var r wire.Reader
	return Read(&r, string(b), v)
}
