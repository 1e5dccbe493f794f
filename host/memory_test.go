package host

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGuestMemory: apps get a quarter of what the machine, or the container, has,
// and never too little to run at all.
func TestGuestMemory(t *testing.T) {
	t.Parallel()
	const gib = 1 << 30
	meminfo := "proc/meminfo"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"a machine of 16 GiB", map[string]string{meminfo: "MemFree: 12 kB\nMemTotal:       16777216 kB\n"}, 4 * gib},
		{"a small machine", map[string]string{meminfo: "MemTotal: 2097152 kB\n"}, gib},
		{"a container of 8 GiB on a machine of 64", map[string]string{
			meminfo: "MemTotal: 67108864 kB\n", "sys/fs/cgroup/memory.max": "8589934592\n"}, 2 * gib},
		{"a container without a limit", map[string]string{
			meminfo: "MemTotal: 67108864 kB\n", "sys/fs/cgroup/memory.max": "max\n"}, 16 * gib},
		{"an older container of 12 GiB", map[string]string{
			meminfo: "MemTotal: 67108864 kB\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "12884901888\n"}, 3 * gib},
		{"an older container without a limit", map[string]string{
			meminfo: "MemTotal: 67108864 kB\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 16 * gib},
		{"no Linux", nil, gib},
		{"a line that is not as it should be", map[string]string{meminfo: "MemTotal: lots kB\n"}, gib},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for name, text := range test.files {
				file := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := guestMemory(root); got != test.want {
				t.Errorf("%d bytes, want %d", got, test.want)
			}
		})
	}
}

// TestMemoryOfConfig: who says how much gets that much, and nobody too little.
func TestMemoryOfConfig(t *testing.T) {
	t.Parallel()
	for memory, ok := range map[int64]bool{0: true, 64 << 20: true, 8 << 30: true, 1 << 20: false, -1: false} {
		c, err := Config{Dir: t.TempDir(), Memory: memory}.withDefaults()
		if (err == nil) != ok {
			t.Errorf("memory %d: %v", memory, err)
		}
		if memory > 0 && c.Memory != memory || ok && c.Memory < 64<<20 {
			t.Errorf("memory %d became %d", memory, c.Memory)
		}
	}
}
