package sandbox

import (
	"encoding/binary"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

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

// privateBytes counts the pages of b that are no file's; ok is false if the
// kernel does not tell.
func privateBytes(b []byte) (n int64, ok bool) {
	const (
		entry   = 8       // bytes of /proc/self/pagemap for each page
		swapped = 1 << 62 // bits of an entry
		present = 1 << 63
		shared  = 1 << 61 // with a file
	)
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	page := os.Getpagesize()
	at := int64(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) / int64(page) * entry
	var buf [512 * entry]byte
	for pages := len(b) / page; pages > 0; {
		part := buf[:min(pages*entry, len(buf))]
		if _, err := f.ReadAt(part, at); err != nil {
			return 0, false
		}
		at += int64(len(part))
		pages -= len(part) / entry
		for ; len(part) > 0; part = part[entry:] {
			if e := binary.LittleEndian.Uint64(part); e&(present|swapped) != 0 && e&shared == 0 {
				n += int64(page)
			}
		}
	}
	return n, true
}
