package sandbox

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
	"unsafe"

	"github.com/bottega-retail/bottega/sdk/abi"
)

func priv(m *linearMemory) (int64, time.Duration) {
	start := time.Now()
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	pages := int(m.size / 4096)
	b := make([]byte, pages*8)
	if _, err := f.ReadAt(b, int64(uintptr(unsafe.Pointer(&m.mapping[guardBytes])))/4096*8); err != nil {
		panic(err)
	}
	n := int64(0)
	for _, w := range unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), pages) {
		if w>>61&0b101 == 0b100 {
			n += 4096
		}
	}
	return n, time.Since(start)
}

func TestProbe(t *testing.T) {
	for _, how := range []string{"as-is", "gc", "off"} {
		s := open(t, Config{InstanceCalls: 1 << 60, GrowthMark: 1 << 60, MemoryBudget: 4 << 30})
		m := loadGo(t, s, ModuleLimits{MemoryPages: 8192})
		k := call(entryBuild, "0 100000 "+how)
		start := time.Now()
		out, code, err := s.Warm(context.Background(), m, Warming{Owner: k.Owner, Generation: 1, Call: k}, nil)
		if err != nil || code != abi.OK {
			t.Fatal(err, code)
		}
		t.Logf("%s: built %s in %v, snapshot %d MiB", how, out, time.Since(start), s.Stats().Snapshots>>20)
		q := call(entryCollections, "")
		q.Generation = 1
		t.Log(run(t, s, m, q))
		in := s.pool.newest
		p, d := priv(in.memory)
		t.Logf("private %d KiB of %d (%v)", p>>10, in.memory.size>>10, d)
		q = call(entryQuote, "")
		q.Generation = 1
		next := 1
		for i := 1; i <= 20000; i++ {
			q.Input = fmt.Append(nil, i)
			q.Meter = plenty()
			start := time.Now()
			run(t, s, m, q)
			took := time.Since(start)
			if i == next || took > 10*time.Millisecond {
				c := call(entryCollections, "")
				c.Generation = 1
				p, d := priv(in.memory)
				t.Logf("call %d: %v, %d units; private %d KiB, grown %d KiB (%v) %s", i, took, 1<<40-q.Meter.Units, p>>10, (in.memory.size-in.bornSize)>>10, d, run(t, s, m, c))
				if i == next {
					next *= 2
				}
			}
		}
	}
}
