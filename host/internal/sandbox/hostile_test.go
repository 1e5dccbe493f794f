package sandbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The names of the tests below are the rows of the list of hostile guests.

var hostSig = wasmtest.Sig{
	Params:  []wasmtest.Type{wasmtest.I32, wasmtest.I32, wasmtest.I32, wasmtest.I32},
	Results: []wasmtest.Type{wasmtest.I64},
}

// hostile completes m to a guest that keeps the ABI, whose handler is code. The
// handler has two parameters, the given locals behind them, and leaves an i64;
// its buffer is the first 1 KiB.
func hostile(m wasmtest.Module, locals []wasmtest.Type, code ...[]byte) []byte {
	return hostileAt(m, 0, 1024, locals, code...)
}

// hostileAt is hostile with its buffer elsewhere.
func hostileAt(m wasmtest.Module, ptr, size int64, locals []wasmtest.Type, code ...[]byte) []byte {
	i32, i64 := wasmtest.I32, wasmtest.I64
	if m.Memories == nil {
		m.Memories = []wasmtest.Limits{wasmtest.Min(1)}
	}
	m.Funcs = append(m.Funcs,
		wasmtest.Func{Export: abi.ExportCall, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32, i32}, Results: []wasmtest.Type{i64}}, Locals: locals, Code: wasmtest.Seq(code...)},
		wasmtest.Func{Export: abi.ExportBuffer, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32}, Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(ptr<<32 | size)},
		wasmtest.Func{Export: abi.ExportDescribe, Sig: wasmtest.Sig{Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(0)})
	m.Exports = append(m.Exports, wasmtest.Export{Name: abi.ExportMemory, Kind: wasmtest.KindMemory})
	return m.Bytes()
}

var done = wasmtest.I64Const(0)

// importing is a module that may call a host function as function 0.
func importing(fn abi.Func) wasmtest.Module {
	return wasmtest.Module{Imports: []wasmtest.Import{{Module: abi.Module, Name: fn.String(), Sig: hostSig}}}
}

// stops is a guest that must be stopped in time and by what.
type stops struct {
	name   string
	wasm   []byte
	limits ModuleLimits
	kind   FaultKind
	within time.Duration // its deadline; 0 is testDeadline
	rss    int64         // bytes that it may cost while it runs
	times  int           // how often in parallel; 0 is once
}

const (
	testDeadline = 100 * time.Millisecond
	grace        = 100 * time.Millisecond
)

func TestHostileGuestsAreStopped(t *testing.T) {
	bomb := func(depth int) []byte {
		m := wasmtest.CallBomb("bomb", depth)
		return hostile(m, nil, wasmtest.Call(uint32(depth)), done)
	}
	recurse := func(locals int) []byte {
		return hostile(wasmtest.Recurse("recurse", locals), nil, wasmtest.I64Const(1), wasmtest.Call(0))
	}
	fills := wasmtest.FillBomb("fill", 200, 64*mib)
	start := wasmtest.Module{Funcs: []wasmtest.Func{{Code: wasmtest.Spin()}}, Start: new(uint32)}
	initialize := wasmtest.Module{Funcs: []wasmtest.Func{{Export: abi.ExportInit, Code: wasmtest.Spin()}}}
	for _, c := range []stops{
		{name: "G01 loop", wasm: hostile(wasmtest.Module{}, nil, wasmtest.Spin(), done), kind: FaultDeadline},
		{name: "G02 start section", wasm: hostile(start, nil, done), kind: FaultDeadline},
		{name: "G02 initialize", wasm: hostile(initialize, nil, done), kind: FaultDeadline},
		{name: "G03 call tree 32", wasm: bomb(32), kind: FaultDeadline},
		{name: "G03 call tree 60", wasm: bomb(60), kind: FaultDeadline},
		{name: "G04 fills", wasm: hostile(fills, nil, wasmtest.Call(0), done), limits: ModuleLimits{MemoryPages: 1024}, kind: FaultDeadline, rss: 64 * mib},
		{name: "G05 recursion", wasm: recurse(0), kind: FaultStack, within: 5 * time.Second, rss: 64 * mib},
		{name: "G05 recursion 200 locals", wasm: recurse(200), kind: FaultStack, within: 5 * time.Second, rss: 64 * mib},
		{name: "G05 recursion x8", wasm: recurse(200), kind: FaultStack, within: 5 * time.Second, rss: 8 * 64 * mib, times: 8},
	} {
		for _, engine := range []Engine{Compiler, Interpreter} {
			t.Run(c.name+" "+string(engine), func(t *testing.T) {
				c.limits.Engine = engine
				testStops(t, c)
			})
		}
	}
}

// testStops holds a guest against the promises, up to three times: another
// process on the machine can break a bound of time, but not three times out of
// three, and a guest that freezes the host does it every time.
func testStops(t *testing.T, c stops) {
	s := open(t, Config{})
	m := load(t, s, c.wasm, c.limits)
	var late string
	for range 3 {
		w := watch(t)
		took := stopAll(t, s, m, c)
		t.Logf("took %v, ticker gap %v, collection %v", took, time.Duration(w.gap.Load()), time.Duration(w.gc.Load()))
		late = w.end(t, s, c.rss, c.times)
		if took > or(c.within, testDeadline)+grace {
			late += " stopped after " + took.String()
		}
		if late == "" {
			return
		}
	}
	t.Error(late)
}

// stopAll runs the guest and answers how long the longest took.
func stopAll(t *testing.T, s *Sandbox, m *Module, c stops) time.Duration {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var longest time.Duration
	for range max(c.times, 1) {
		wg.Go(func() {
			k := call(0, "")
			start := begin()
			k.Meter.Deadline = start.wall.Add(or(c.within, testDeadline))
			_, _, err := s.Run(context.Background(), m, k, nil)
			took := start.took()
			var f *Fault
			if !errors.As(err, &f) || f.Kind != c.kind {
				t.Errorf("error %v, want a fault %s", err, c.kind)
			}
			mu.Lock()
			longest = max(longest, took)
			mu.Unlock()
		})
	}
	wg.Wait()
	return longest
}

func TestG02DescribeIsStoppedToo(t *testing.T) {
	t.Parallel()
	s := open(t, Config{StartTimeout: testDeadline})
	m := load(t, s, hostile(wasmtest.Module{Funcs: []wasmtest.Func{{Code: wasmtest.Spin()}}, Start: new(uint32)}, nil, done), ModuleLimits{})
	_, err := m.Describe(context.Background())
	var f *Fault
	if !errors.As(err, &f) || f.Kind != FaultDeadline {
		t.Errorf("error %v, want a fault deadline", err)
	}
}

func TestFuelEndsASpinningGuest(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := load(t, s, hostile(wasmtest.Module{}, nil, wasmtest.Spin(), done), ModuleLimits{})
	k := call(0, "")
	k.Meter.Units = 1_000_000
	if f := faultOf(t, s, m, k); f.Kind != FaultFuel {
		t.Errorf("fault %v, want fuel", f)
	}
	if k.Meter.Units > 0 {
		t.Errorf("%d units are left, want none", k.Meter.Units)
	}
}

func TestCancelEndsASpinningGuest(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := load(t, s, hostile(wasmtest.Module{}, nil, wasmtest.Spin(), done), ModuleLimits{})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, _, err := s.Run(ctx, m, call(0, ""), nil)
	var f *Fault
	if !errors.As(err, &f) || f.Kind != FaultDeadline {
		t.Errorf("error %v, want a fault deadline", err)
	}
}

func TestG06MemoryCap(t *testing.T) {
	t.Parallel()
	grow := func(n int32) []byte { return wasmtest.Seq(wasmtest.I32Const(n), wasmtest.MemoryGrow()) }
	// Grows page by page until it cannot.
	toTheCap := wasmtest.Loop(wasmtest.Void, grow(1), wasmtest.I32Const(0), wasmtest.Op(0x4e), wasmtest.BrIf(0)) // i32.ge_s
	size := wasmtest.Seq(wasmtest.I32Const(1024), wasmtest.MemorySize(), wasmtest.I32Store(0))
	polite := hostile(wasmtest.Module{}, nil, toTheCap, size, wasmtest.I64Const(0))
	abort := hostile(wasmtest.Module{}, nil, toTheCap, wasmtest.Unreachable())
	s := open(t, Config{MemoryBudget: 64 * mib, InstanceCalls: 1})

	run(t, s, load(t, s, polite, ModuleLimits{MemoryPages: 100}), call(0, ""))
	if f := faultOf(t, s, load(t, s, abort, ModuleLimits{MemoryPages: 100}), call(0, "")); f.Kind != FaultMemory {
		t.Errorf("beyond its own limit: %v, want oom", f)
	}
	if f := faultOf(t, s, load(t, s, abort, ModuleLimits{MemoryPages: 4096}), call(0, "")); f.Kind != FaultCapacity {
		t.Errorf("beyond the budget of the process: %v, want capacity", f)
	}
	if st := s.Stats(); st.Memory != 0 || st.Instances != 0 {
		t.Errorf("%+v, want no memory and no instance", st)
	}
}

func TestG06NoMemoryForAnInstance(t *testing.T) {
	t.Parallel()
	s := open(t, Config{MemoryBudget: mib})
	big := wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(17)}}
	m := load(t, s, hostile(big, nil, done), ModuleLimits{})
	if f := faultOf(t, s, m, call(0, "")); f.Kind != FaultCapacity {
		t.Errorf("%v, want capacity", f)
	}
	small := load(t, s, hostile(wasmtest.Module{}, nil, done), ModuleLimits{})
	run(t, s, small, call(0, ""))
}

func TestG08TableGrow(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := wasmtest.Module{Tables: []wasmtest.Table{{Limits: wasmtest.Min(1)}}}
	// Answers with an unknown code unless the growth was refused with -1.
	code := wasmtest.Seq(
		wasmtest.RefNull(wasmtest.FuncRef), wasmtest.I32Const(134_000_000), wasmtest.TableGrow(),
		wasmtest.I32Const(-1), wasmtest.I32Eq(),
		wasmtest.IfElse(wasmtest.Result(wasmtest.I64), wasmtest.I64Const(0), wasmtest.I64Const(-1)))
	run(t, s, load(t, s, hostile(m, nil, code), ModuleLimits{}), call(0, ""))
}

func TestHostileModulesAreRejected(t *testing.T) {
	t.Parallel()
	s := open(t, Config{CacheDir: t.TempDir()})
	tables := func(n int, size uint32) (out []wasmtest.Table) {
		for range n {
			out = append(out, wasmtest.Table{Limits: wasmtest.Min(size)})
		}
		return out
	}
	env := wasmtest.Module{Imports: []wasmtest.Import{{Module: "env", Name: "steal"}, {Module: abi.Module, Name: "get"}}}
	own := wasmtest.Module{Imports: []wasmtest.Import{{Module: "bottega_meter", Name: "tick"}}}
	var labels []uint32
	for range 40_000 {
		labels = append(labels, 0)
	}
	many := wasmtest.Module{Funcs: make([]wasmtest.Func, 300_000)}
	for _, c := range []struct {
		name, reason string
		wasm         []byte
	}{
		{"G07 memory", "memory_limit", hostile(wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(513)}}, nil, done)},
		{"G08 table", "table_limit", hostile(wasmtest.Module{Tables: tables(1, 134_000_000)}, nil, done)},
		{"G09 tables", "table_limit", hostile(wasmtest.Module{Tables: tables(20, 1<<27)}, nil, done)},
		{"G10 loops and locals", "compile_limit", hostile(wasmtest.LoopBomb("f", 2000, 2000), nil, done)},
		{"G10 blocks", "compile_limit", hostile(wasmtest.NestBomb("f", 20_000), nil, done)},
		{"G10 br_table", "compile_limit", hostile(wasmtest.Module{}, nil, wasmtest.I32Const(0), wasmtest.BrTable(labels, 0))},
		{"G10 locals", "compile_limit", hostile(wasmtest.Module{}, slices.Repeat([]wasmtest.Type{wasmtest.I32}, 1_000_000), done)},
		{"G10 functions", "compile_limit", hostile(many, nil, done)},
		{"G11 imports", "import_unknown", hostile(env, nil, done)},
		{"G11 our own import", "import_unknown", hostile(own, nil, done)},
		{"G13 exports", "export_contract", wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(1)}}.Bytes()},
		{"G14 shared memory", "feature", hostile(wasmtest.Module{Memories: []wasmtest.Limits{{Min: 1, Max: 1, HasMax: true, Flags: 2}}}, nil, done)},
		{"H47 magic", "wasm_invalid", []byte("\x00elf")},
		{"ill-typed", "wasm_invalid", hostile(wasmtest.Module{}, nil, wasmtest.I32Const(1))},
	} {
		_, err := s.Load(context.Background(), c.wasm, ModuleLimits{})
		var r *Rejected
		if !errors.As(err, &r) || r.Reason != c.reason {
			t.Errorf("%s: %v, want %s", c.name, err, c.reason)
		}
	}
	noLeftovers(t, s)
}

// noLeftovers checks that nothing is staged or cached.
func noLeftovers(t *testing.T, s *Sandbox) {
	t.Helper()
	for _, dir := range []string{s.cache.staging(), s.cache.dir} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != stagingDir {
				t.Errorf("left behind: %s", filepath.Join(dir, e.Name()))
			}
		}
	}
}

func TestG11NamesEveryUnknownImport(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := wasmtest.Module{Imports: []wasmtest.Import{
		{Module: "env", Name: "steal"}, {Module: abi.Module, Name: "get"}, {Module: wasiModule, Name: "fd_write", Sig: hostSig},
	}}
	_, err := s.Load(context.Background(), hostile(m, nil, done), ModuleLimits{})
	want := "rejected (import_unknown): bottega_v1.get with another signature, env.steal, wasi_snapshot_preview1.fd_write with another signature"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestG15Traps(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	table := wasmtest.Module{Types: []wasmtest.Sig{{}}, Tables: []wasmtest.Table{{Limits: wasmtest.MinMax(2, 2)}}}
	divide := wasmtest.Seq(wasmtest.I32Const(1), wasmtest.I32Const(0), wasmtest.Op(0x6d), wasmtest.Drop(), done)
	for _, c := range []struct {
		name, detail string
		wasm         []byte
	}{
		{"unreachable", "unreachable", hostile(wasmtest.Module{}, nil, wasmtest.Unreachable())},
		{"division", "integer divide by zero", hostile(wasmtest.Module{}, nil, divide)},
		{"indirect call", "invalid table access", hostile(table, nil, wasmtest.I32Const(1), wasmtest.CallIndirect(0), done)},
		{"load", "out of bounds memory access", hostile(wasmtest.Module{}, nil, wasmtest.I32Const(-8), wasmtest.I64Load(0))},
	} {
		m := load(t, s, c.wasm, ModuleLimits{})
		for range 20 {
			f := faultOf(t, s, m, call(0, ""))
			if f.Kind != FaultTrap || !strings.Contains(f.Detail, c.detail) || strings.Contains(f.Detail, "goroutine") {
				t.Errorf("%s: %v, want a trap %q without a Go stack", c.name, f, c.detail)
			}
		}
	}
	if n := s.Stats().Instances; n != 0 {
		t.Errorf("%d instances are alive after traps, want none", n)
	}
}

func TestG16PointersPastMemory(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for _, args := range [][4]int32{
		{65_530, 7, 0, 0}, {-1, 1, 0, 0}, {-1, -1, 0, 0}, {0, -1, 0, 0}, {0, 0, 65_530, 7}, {0, 0, -1, -1}, {0, 0, 0, -1}, {65_537, 0, 0, 0},
	} {
		for _, fn := range []abi.Func{abi.FuncGet, abi.FuncLog} {
			code := wasmtest.Seq(wasmtest.I32Const(args[0]), wasmtest.I32Const(args[1]), wasmtest.I32Const(args[2]), wasmtest.I32Const(args[3]),
				wasmtest.Call(0), wasmtest.I64Const(32), wasmtest.Op(0x88), // shr_u: the code
				wasmtest.I64Const(32), wasmtest.Op(0x86)) // shl: as the code of the answer
			m := load(t, s, hostile(importing(fn), nil, code), ModuleLimits{})
			k := call(0, "")
			k.Host = hostOf(func(abi.Func, []byte, []byte) ([]byte, abi.Code, error) {
				t.Errorf("%v reached the host", args)
				return nil, 0, nil
			})
			_, got, err := s.Run(context.Background(), m, k, nil)
			if err != nil || got != abi.Invalid {
				t.Errorf("%v: %v, %v; want invalid", args, got, err)
			}
		}
	}
}

func TestG20HostCallStorm(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	zero := wasmtest.I32Const(0)
	code := wasmtest.Seq(wasmtest.Loop(wasmtest.Void, zero, zero, zero, zero, wasmtest.Call(0), wasmtest.Drop(), wasmtest.Br(0)), done)
	m := load(t, s, hostile(importing(abi.FuncLog), nil, code), ModuleLimits{})
	k := call(0, "")
	calls := 0
	k.Host = hostOf(func(abi.Func, []byte, []byte) ([]byte, abi.Code, error) { calls++; return nil, abi.OK, nil })
	if f := faultOf(t, s, m, k); f.Kind != FaultQuota || calls != 10_000 {
		t.Errorf("%v after %d calls, want quota after 10,000", f, calls)
	}
}
