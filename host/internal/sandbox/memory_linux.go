package sandbox

import "golang.org/x/sys/unix"

// guardBytes lie before and after every memory: the largest page of the
// platforms we run on.
const guardBytes = 64 << 10

// mapMemory reserves address space; none of it can be read yet.
func mapMemory(limit int64) ([]byte, error) {
	return unix.Mmap(-1, 0, int(limit+2*guardBytes), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
}

// touchBytes is the growth above which memory is touched at once. No honest
// guest grows so much in a step. A hostile one that then fills it all in one
// instruction would take a fault per page with the garbage collector waiting
// for it; here the kernel takes them in a call that nobody waits for.
const touchBytes = 8 << 20

func commitMemory(b []byte) error {
	err := unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE)
	if err == nil && len(b) > touchBytes {
		_ = unix.Madvise(b, unix.MADV_POPULATE_WRITE) // Linux 5.14; without it memory is only slower
	}
	return err
}

func unmapMemory(mapping []byte) {
	// It fails only for an address that mapMemory did not return.
	_ = unix.Munmap(mapping)
}
