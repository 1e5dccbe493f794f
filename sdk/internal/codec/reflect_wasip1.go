//go:build wasip1

package codec

import "github.com/bottega-retail/bottega/sdk/wire"

// A guest carries no reflection: `bottega build` has generated the methods of
// every type that crosses, or it has refused the module.

func writeReflect[T any](*wire.Writer, *T) error {
	panic("no generated codec: build this module with `bottega build`")
}

func readReflect[T any](*wire.Reader, *T) error {
	panic("no generated codec: build this module with `bottega build`")
}
