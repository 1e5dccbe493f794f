//go:build wasip1

package codec

// A guest carries no reflection: `bottega build` has generated the methods of
// every type that crosses, or it has refused the module.

func appendReflect[T any]([]byte, *T) ([]byte, error) {
	panic("no generated codec: build this module with `bottega build`")
}

func parseReflect[T any]([]byte, *T) ([]byte, error) {
	panic("no generated codec: build this module with `bottega build`")
}
