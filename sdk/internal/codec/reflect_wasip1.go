//go:build wasip1

package codec

import "github.com/bottega-retail/bottega/sdk/wire"

// A guest carries no reflection: `bottega build` has generated the methods of
// every type that crosses, or it has refused the module.

func writeReflect(*wire.Writer, any) error {
	panic("no generated codec: build this module with `bottega build`")
}

func readReflect(*wire.Reader, any) error {
	panic("no generated codec: build this module with `bottega build`")
}
