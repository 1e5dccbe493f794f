package sdk

import "github.com/bottega-retail/bottega/sdk/wire"

// None's codec is written by hand: the build generates code for apps, not for
// the SDK.

// WriteWire writes an empty map.
func (*None) WriteWire(w *wire.Writer) { w.Key("\x80") }

// ReadWire skips one value, whatever it is: a newer caller may send more.
func (*None) ReadWire(r *wire.Reader) { r.Skip() }
