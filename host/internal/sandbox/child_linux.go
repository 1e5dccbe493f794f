package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// limitProcess bounds this process: seconds of CPU, bytes of address space
// beyond what it has now, no core file, and a lower priority than the host's.
func limitProcess(cpu, memory uint64) error {
	mapped, err := mappedBytes()
	if err != nil {
		return err
	}
	// Collect hard before the wall is hit.
	debug.SetMemoryLimit(int64(memory / 4 * 3))
	for _, l := range []struct {
		what  int
		limit uint64
	}{
		{unix.RLIMIT_CPU, cpu}, // soft = hard: Go would ignore the softer signal
		{unix.RLIMIT_AS, mapped + memory},
		{unix.RLIMIT_CORE, 0},
	} {
		if err := unix.Setrlimit(l.what, &unix.Rlimit{Cur: l.limit, Max: l.limit}); err != nil {
			return fmt.Errorf("rlimit %d: %w", l.what, err)
		}
	}
	return unix.Setpriority(unix.PRIO_PROCESS, 0, 5)
}

// mappedBytes is the address space in use.
func mappedBytes() (uint64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var pages uint64
	if _, err := fmt.Sscan(string(b), &pages); err != nil {
		return 0, fmt.Errorf("/proc/self/statm: %w", err)
	}
	return pages * uint64(os.Getpagesize()), nil
}

func isNotEmpty(err error) bool { return errors.Is(err, unix.ENOTEMPTY) }
