package sandbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// benchRun measures one warm call, and nothing but it.
func benchRun(b *testing.B, m *Module, s *Sandbox, k Call) {
	b.Helper()
	ctx := context.Background()
	k.Meter = &Meter{Units: 1 << 60, Deadline: noon.AddDate(100, 0, 0), HostCalls: 1 << 60, LogBytes: 1 << 20}
	out := make([]byte, 0, 64<<10)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Run(ctx, m, k, out); err != nil {
			b.Fatal(err)
		}
	}
}

func benchSandbox(b *testing.B) *Sandbox {
	return open(b, Config{InstanceCalls: 1 << 60, GrowthMark: 1 << 60})
}

func BenchmarkEmptyCall(b *testing.B) {
	s := benchSandbox(b)
	benchRun(b, load(b, s, tiny(1), ModuleLimits{}), s, call(0, ""))
}

func BenchmarkEmptyCallGo(b *testing.B) {
	s := benchSandbox(b)
	benchRun(b, loadGo(b, s, ModuleLimits{}), s, call(entryEmpty, ""))
}

func BenchmarkEcho1KiBGo(b *testing.B) {
	s := benchSandbox(b)
	benchRun(b, loadGo(b, s, ModuleLimits{}), s, call(entryEcho, strings.Repeat("x", 1024)))
}

func BenchmarkCartGo(b *testing.B) {
	s := benchSandbox(b)
	benchRun(b, loadGo(b, s, ModuleLimits{}), s, call(entryCart, cartJSON(20)))
}

// BenchmarkHostCall measures a hundred host calls with 64 bytes each way, so
// that one is a hundredth of what it prints.
func BenchmarkHostCall100(b *testing.B) {
	s := benchSandbox(b)
	one := wasmtest.Seq(wasmtest.I32Const(0), wasmtest.I32Const(64), wasmtest.I32Const(64), wasmtest.I32Const(64), wasmtest.Call(0), wasmtest.Drop())
	m := load(b, s, hostile(importing(abi.FuncGet), nil, wasmtest.Repeat(100, one), done), ModuleLimits{})
	k := call(0, "")
	k.Host = hostOf(func(_ abi.Func, in, out []byte) ([]byte, abi.Code, error) { return append(out, in...), abi.OK, nil })
	benchRun(b, m, s, k)
}

func BenchmarkEmptyCallParallel(b *testing.B) {
	s := benchSandbox(b)
	m := load(b, s, tiny(1), ModuleLimits{})
	b.RunParallel(func(pb *testing.PB) {
		k := call(0, "")
		k.Meter = &Meter{Units: 1 << 60}
		for pb.Next() {
			if _, _, err := s.Run(context.Background(), m, k, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkStartGo measures a new instance of a Go guest with its first call.
func BenchmarkStartGo(b *testing.B) {
	for _, c := range []struct {
		name   string
		config Config
	}{{"nothing", Config{NoSnapshots: true}}, {"snapshot", Config{}}} {
		b.Run(c.name, func(b *testing.B) {
			c.config.InstanceCalls = 1
			s := open(b, c.config)
			benchRun(b, loadGo(b, s, ModuleLimits{}), s, call(entryEmpty, ""))
		})
	}
	for name, entry := range map[string]uint32{"generation": entryEmpty, "generation and a quote": entryQuote} {
		b.Run(name, func(b *testing.B) {
			s, m := derived(b, Config{InstanceCalls: 1})
			benchRun(b, m, s, in(1, call(entry, "700")))
		})
	}
}

// restoreLimit is what an instance from a snapshot may take (design.md, §11).
const restoreLimit = 300 * time.Microsecond

// derived makes generation 1 of some 90 MiB.
func derived(b *testing.B, c Config) (*Sandbox, *Module) {
	b.Helper()
	c.MemoryBudget = 4 << 30
	s := open(b, c)
	m := loadGo(b, s, ModuleLimits{MemoryPages: 4096})
	warm(b, s, m, warming(1, 0, call(entryBuild, "0 130000 gc")))
	return s, m
}

// benchRestore measures an instance from its snapshot, made and thrown away,
// without a call.
func benchRestore(b *testing.B, s *Sandbox, m *Module, generation uint64) {
	b.Helper()
	k := in(generation, call(entryEmpty, ""))
	var size int64
	for b.Loop() {
		i, err := s.instance(b.Context(), m, &k)
		if err != nil {
			b.Fatal(err)
		}
		size = i.memory.size
		i.close()
	}
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(each)/float64(restoreLimit), "of-limit")
	b.ReportMetric(float64(size)/mib, "MiB")
}

func BenchmarkRestore(b *testing.B) {
	for _, c := range []struct {
		name   string
		shells int64
	}{{"", allShells}, {" and wazero's part", 0}} {
		b.Run("plain"+c.name, func(b *testing.B) {
			s := open(b, Config{})
			s.shells.limit = c.shells
			m := loadGo(b, s, ModuleLimits{})
			run(b, s, m, call(entryEmpty, ""))
			s.Retire("tenant/app")
			benchRestore(b, s, m, 0)
		})
		b.Run("derived"+c.name, func(b *testing.B) {
			s, m := derived(b, Config{})
			s.shells.limit = c.shells
			benchRestore(b, s, m, 1)
		})
	}
}

// BenchmarkQuoteDerived measures calls of a generation with all that replacing
// its instances costs.
func BenchmarkQuoteDerived(b *testing.B) {
	s, m := derived(b, Config{})
	before := s.Stats().Started
	benchRun(b, m, s, in(1, call(entryQuote, "700")))
	b.ReportMetric(float64(s.Stats().Started-before)/float64(b.N), "instances/op")
}

// BenchmarkPrivate measures what instances of a generation write to: after a
// hundred and a thousand calls, and how many calls it takes to be replaced.
func BenchmarkPrivate(b *testing.B) {
	s, m := derived(b, Config{})
	k := in(1, call(entryQuote, ""))
	for b.Loop() {
		i, err := s.instance(b.Context(), m, &k)
		if err != nil {
			b.Fatal(err)
		}
		for i.calls == 0 || !i.worn() {
			k.Input, k.Meter = fmt.Append(nil, i.calls), plenty()
			if _, _, err := i.run(b.Context(), &k, nil); err != nil {
				b.Fatal(err)
			}
			if i.calls == 100 || i.calls == 1000 {
				private, _ := privateBytes(i.memory.slice())
				b.ReportMetric(float64(private)/mib, fmt.Sprintf("MiB@%d", i.calls))
			}
		}
		b.ReportMetric(float64(i.calls), "calls")
		start := time.Now()
		i.close()
		b.ReportMetric(float64(time.Since(start).Microseconds()), "µs-close")
	}
}

// BenchmarkWarm measures a generation made of the one before, as it is: an
// instance, an empty call and the capture.
func BenchmarkWarm(b *testing.B) {
	s, m := derived(b, Config{})
	k := call(entryEmpty, "")
	for n := uint64(1); b.Loop(); n++ {
		warm(b, s, m, warming(n+1, n, k))
	}
	b.ReportMetric(float64(s.Stats().Snapshots)/keptGenerations/mib, "MiB")
}

// BenchmarkLoadWarmGo measures Load of a Go guest that is in the cache.
func BenchmarkLoadWarmGo(b *testing.B) {
	wasm, err := goGuest()
	if err != nil {
		b.Fatal(err)
	}
	loadGo(b, open(b, Config{}), ModuleLimits{}).Close()
	s := open(b, Config{Compile: noChild})
	for b.Loop() {
		m, err := s.Load(context.Background(), wasm, ModuleLimits{})
		if err != nil {
			b.Fatal(err)
		}
		m.Close()
	}
}
