package sandbox

import "golang.org/x/sys/unix"

// guardBytes lie before and after every memory: the largest page of the
// platforms we run on.
const guardBytes = 64 << 10

// mapMemory reserves address space; none of it can be read yet.
func mapMemory(limit int64) ([]byte, error) {
	return unix.Mmap(-1, 0, int(limit+2*guardBytes), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
}

func commitMemory(b []byte) error {
	return unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE)
}

func unmapMemory(mapping []byte) {
	// It fails only for an address that mapMemory did not return.
	_ = unix.Munmap(mapping)
}
