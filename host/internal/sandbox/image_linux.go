package sandbox

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// image is the contents of a memory that many memories can begin with: a file
// that lies in memory and that nobody can write any more.
type image struct{ fd int }

// newImage copies b.
func newImage(b []byte) (image, error) {
	fd, err := unix.MemfdCreate("bottega-snapshot", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return image{}, fmt.Errorf("memfd: %w", err)
	}
	i := image{fd: fd}
	if err := i.fill(b); err != nil {
		i.close()
		return image{}, fmt.Errorf("memfd of %d bytes: %w", len(b), err)
	}
	return i, nil
}

// fill writes b and seals the file. Pages of zeros stay holes: a heap that has
// grown in advance takes no memory for them until they are read.
func (i image) fill(b []byte) error {
	if err := unix.Ftruncate(i.fd, int64(len(b))); err != nil {
		return err
	}
	for at := 0; at < len(b); {
		end := nextRun(b, &at)
		for at < end {
			n, err := unix.Pwrite(i.fd, b[at:end], int64(at))
			if err != nil && err != unix.EINTR {
				return err
			}
			at += max(n, 0)
		}
	}
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	_, err := unix.FcntlInt(uintptr(i.fd), unix.F_ADD_SEALS, seals)
	return err
}

// nextRun moves at to the next page that is not all zero and answers the end of
// the run of such pages.
func nextRun(b []byte, at *int) (end int) {
	for *at < len(b) && zeroPage(b, *at) {
		*at += wasmPage
	}
	for end = *at; end < len(b) && !zeroPage(b, end); {
		end += wasmPage
	}
	*at = min(*at, len(b))
	return min(end, len(b))
}

func zeroPage(b []byte, at int) bool {
	for _, w := range unsafe.Slice((*uint64)(unsafe.Pointer(&b[at])), wasmPage/8) {
		if w != 0 {
			return false
		}
	}
	return true
}

// mapOver puts the image where dst is, copy on write. dst must be as long as
// the image and begin a page.
func (i image) mapOver(dst []byte) error {
	_, err := unix.MmapPtr(i.fd, 0, unsafe.Pointer(&dst[0]), uintptr(len(dst)),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_NORESERVE)
	return err
}

// close lets go of the file; memories that it is mapped over keep it.
func (i image) close() { _ = unix.Close(i.fd) }

// emptyMemory makes reserved address space of b again and forgets what was in
// it. It says whether the space can be used again.
func emptyMemory(b []byte) bool {
	_, err := unix.MmapPtr(-1, 0, unsafe.Pointer(&b[0]), uintptr(len(b)),
		unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_FIXED|unix.MAP_NORESERVE)
	return err == nil
}
