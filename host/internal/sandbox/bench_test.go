package sandbox

import (
	"context"
	"strings"
	"testing"

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
	s := open(b, Config{InstanceCalls: 1, NoSnapshots: true})
	benchRun(b, loadGo(b, s, ModuleLimits{}), s, call(entryEmpty, ""))
}

// BenchmarkRestoreGo measures the same where instances come from a snapshot.
func BenchmarkRestoreGo(b *testing.B) {
	s := open(b, Config{InstanceCalls: 1})
	benchRun(b, loadGo(b, s, ModuleLimits{}), s, call(entryEmpty, ""))
}

// BenchmarkRestoreShellGo measures it where also wazero's part is new.
func BenchmarkRestoreShellGo(b *testing.B) {
	s := open(b, Config{InstanceCalls: 1})
	s.shells.limit = 0
	benchRun(b, loadGo(b, s, ModuleLimits{}), s, call(entryEmpty, ""))
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
