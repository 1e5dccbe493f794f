package host

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// leastMemory is what apps may have on the smallest machine, in bytes.
const leastMemory = 1 << 30

// guestMemory is the default of Config.Memory: a quarter of the machine's memory, at
// least 1 GiB. Where nothing says how large the machine is, it is 1 GiB. root is "/".
func guestMemory(root string) int64 { return max(machineMemory(root)/4, leastMemory) }

// machineMemory is what this process may have of memory, in bytes: the machine's, or
// what a container's limit leaves of it; 0 if nobody says.
func machineMemory(root string) int64 {
	all := installed(filepath.Join(root, "proc/meminfo"))
	for _, file := range []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			continue
		}
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 { // "max" is none
			all = min(all, limit)
		}
	}
	return all
}

// installed reads the line "MemTotal:  24689764 kB".
func installed(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] != "MemTotal:" || f[2] != "kB" {
			continue
		}
		if kib, err := strconv.ParseInt(f[1], 10, 64); err == nil && kib > 0 && kib < math.MaxInt64>>10 {
			return kib << 10
		}
	}
	return 0
}
