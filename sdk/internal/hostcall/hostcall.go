// Package hostcall is how the SDK reaches the host: by imported functions in a
// guest, by a [Port] that sdktest provides everywhere else. Only the SDK's own
// packages import it.
package hostcall

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/wire"
)

// Port answers the host calls of one operation. It is used by one goroutine.
type Port interface {
	// Call sends a frame and returns the answer, which is valid until the next
	// call. A code other than OK makes the answer an abi.Error frame, or empty.
	Call(fn Func, in []byte) ([]byte, abi.Code)
	// Now is the operation's one clock reading, milliseconds since 1970 UTC.
	Now() int64
	// Held is where a derived value lies, nil inside before it was built. Only
	// building writes there.
	Held(of *Held) *any
}

// Held is what a derived value holds in a guest. In a test, where one value
// serves many hosts, it only tells them apart.
type Held struct{ Value any }

// Handler runs one entry of the app: it decodes in, and appends its answer or
// an abi.Error frame to out.
type Handler func(port Port, in, out []byte) ([]byte, abi.Code)

// Scratch is what an operation writes in before it goes to the host, and reads
// with. A guest has one, since it runs one call at a time.
type Scratch struct {
	Frame  []byte
	Body   wire.Writer // of a value inside a frame
	Answer wire.Writer // of a call
	Reader wire.Reader
}

// Module is what Serve hands to the exports.
type Module struct {
	Descriptor abi.Descriptor
	Handlers   []Handler // by entry number
}
