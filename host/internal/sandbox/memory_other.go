//go:build !linux

package sandbox

// guardBytes is zero: this allocator has no guards.
const guardBytes = 0

// mapMemory takes all of it from the Go heap, which hands out zero pages
// lazily. Good enough to develop with.
func mapMemory(limit int64) ([]byte, error) { return make([]byte, limit), nil }

func commitMemory([]byte) error { return nil }

func unmapMemory([]byte) {}

func privateBytes([]byte) (int64, bool) { return 0, false }
