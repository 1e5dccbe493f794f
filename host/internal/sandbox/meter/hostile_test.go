package meter_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// grace is how long after its deadline a guest may run in these tests: slices
// last far less, but the machine may be busy.
const grace = 3 * time.Second

// patience is the deadline of guests that never end by themselves.
const patience = 50 * time.Millisecond

func wantExit(t *testing.T, err error, code uint32) {
	t.Helper()
	var exit *sys.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != code {
		t.Errorf("got error %v, want exit code %d", err, code)
	}
}

// started makes the last function the start function.
func started(m Module) Module {
	start := uint32(len(m.Imports) + len(m.Funcs) - 1)
	m.Start = &start
	return m
}

var big = meter.Options{Limits: meter.Limits{MemoryPages: 1024}}

func TestDeadlineStopsGuests(t *testing.T) {
	t.Parallel()
	spinner := Module{Funcs: []Func{{Export: "run", Code: Spin()}}}
	mutual := Module{Funcs: []Func{{Export: "run", Code: Loop(Void, Call(1), Br(0))}, {}}}
	fills := FillBomb("run", 200, 64<<20)
	fills.Funcs[0].Code = Loop(Void, fills.Funcs[0].Code, Br(0))
	grows := Module{Memories: []Limits{MinMax(0, 1024)}, Funcs: []Func{{
		Export: "run", Code: Loop(Void, I32Const(1), MemoryGrow(), Drop(), Br(0))}}}
	straight := Module{Memories: []Limits{MinMax(1, 1)}, Funcs: []Func{{
		Export: "run", Code: Loop(Void, I32Const(0), Repeat(80_000, I32Load(0)), BrIf(0), Br(0))}}}
	for name, m := range map[string]Module{
		"loop": spinner, "calls without loops": CallBomb("run", 60), "loop of calls": mutual,
		"fills": fills, "grows": grows, "straight code": straight,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, wazero.NewRuntimeConfigCompiler())
			e.slice = 2_000
			mod := e.start(t, rewrite(t, m.Bytes(), big))
			begin := time.Now()
			e.deadline = begin.Add(patience)
			_, err := mod.ExportedFunction("run").Call(context.Background())
			wantExit(t, err, exitDeadline)
			if took := time.Since(begin); took > patience+grace {
				t.Errorf("stopped after %v, deadline %v", took, patience)
			}
		})
	}
}

func TestStartFunctionsAreMetered(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Module{
		"loop":  {Funcs: []Func{{Code: Spin()}}},
		"calls": CallBomb("run", 60),
	} {
		e := newEngine(t, wazero.NewRuntimeConfigCompiler())
		e.budget = 1_000_000
		_, err := e.Instantiate(context.Background(), rewrite(t, started(m).Bytes(), meter.Options{}))
		if err == nil {
			t.Errorf("%s: ended", name)
			continue
		}
		wantExit(t, err, exitSpent)
	}
}

// TestBudgetIsExact makes sure that no slice, whatever its size, gives away or
// loses units: a call that takes n units ends with n and not with n-1.
func TestBudgetIsExact(t *testing.T) {
	t.Parallel()
	m := FillBomb("run", 3, 1<<20) // each 1 + 1,024 units
	m.Funcs[0].Code = Seq(m.Funcs[0].Code, Repeat(400, Nop()), Call(1))
	m.Funcs = append(m.Funcs, Func{Code: Repeat(10, Loop(Void))})
	const units = 1 + 3*1025 + 3 + 10 // the first loop pays for its function's entry
	wasm := rewrite(t, m.Bytes(), big)
	for _, slice := range []int64{1, 7, 1000, 50_000} {
		for budget, want := range map[int64]bool{units: true, units - 1: false, 1000: false} {
			e := newEngine(t, wazero.NewRuntimeConfigInterpreter())
			e.slice, e.budget = slice, budget
			mod := e.start(t, wasm)
			_, err := mod.ExportedFunction("run").Call(context.Background())
			if !want {
				wantExit(t, err, exitSpent)
				continue
			}
			if err != nil {
				t.Errorf("slice %d, budget %d: %v", slice, budget, err)
			}
			if left := e.budget + int64(mod.ExportedGlobal(meter.ExportFuel).Get()); left != 0 {
				t.Errorf("slice %d: %d units left of %d", slice, left, budget)
			}
		}
	}
}

// TestLengthsPayBeforeTheyRun makes sure that a fill that is too dear does not
// happen.
func TestLengthsPayBeforeTheyRun(t *testing.T) {
	t.Parallel()
	m := FillBomb("run", 1, 1<<20)
	m.Exports = []Export{{Name: "memory", Kind: KindMemory}}
	e := newEngine(t, wazero.NewRuntimeConfigCompiler())
	e.budget = 1000
	mod := e.start(t, rewrite(t, m.Bytes(), big))
	_, err := mod.ExportedFunction("run").Call(context.Background())
	wantExit(t, err, exitSpent)
	if b, _ := mod.Memory().ReadByte(0); b != 0 {
		t.Error("the fill ran")
	}
}

// TestGrowthThatFailsIsCheap makes sure that a guest may ask for too much and
// be told so.
func TestGrowthThatFailsIsCheap(t *testing.T) {
	t.Parallel()
	grow := func(code []byte, n int32) Func {
		return Func{Sig: Sig{Results: []Type{I32}}, Code: Seq(I32Const(n), code)}
	}
	byMemory := Module{Memories: []Limits{Min(1)}, Funcs: []Func{grow(MemoryGrow(), -1)}}
	byTable := Module{Tables: []Table{{Limits: Min(1)}}, Funcs: []Func{grow(Seq(TableGrow()), -1)}}
	byTable.Funcs[0].Code = Seq(RefNull(FuncRef), byTable.Funcs[0].Code)
	for name, m := range map[string]Module{"memory": byMemory, "table": byTable} {
		m.Funcs[0].Export = "run"
		e := newEngine(t, wazero.NewRuntimeConfigCompiler())
		e.budget = 3
		got, err := e.start(t, rewrite(t, m.Bytes(), meter.Options{})).ExportedFunction("run").Call(context.Background())
		if err != nil || int32(got[0]) != -1 {
			t.Errorf("%s: got %v, %v; want -1", name, got, err)
		}
	}
}

// TestMaxima makes sure that memory and table stop growing where Options say.
func TestMaxima(t *testing.T) {
	t.Parallel()
	m := Module{
		Memories: []Limits{Min(1)}, Tables: []Table{{Limits: Min(1)}},
		Funcs: []Func{
			{Export: "memory", Sig: Sig{Params: []Type{I32}, Results: []Type{I32}}, Code: Seq(LocalGet(0), MemoryGrow())},
			{Export: "table", Sig: Sig{Params: []Type{I32}, Results: []Type{I32}}, Code: Seq(RefNull(FuncRef), LocalGet(0), TableGrow())},
		},
	}
	o := meter.Options{Limits: meter.Limits{Table: 100}, MaxPages: 10}
	mod := newEngine(t, wazero.NewRuntimeConfigCompiler()).start(t, rewrite(t, m.Bytes(), o))
	for _, c := range []struct {
		f    string
		n    uint64
		want int32
	}{{"memory", 10, -1}, {"memory", 9, 1}, {"memory", 1, -1}, {"table", 100, -1}, {"table", 99, 1}, {"table", 1, -1}} {
		got, err := mod.ExportedFunction(c.f).Call(context.Background(), c.n)
		if err != nil || int32(got[0]) != c.want {
			t.Errorf("%s.grow %d: got %v, %v; want %d", c.f, c.n, got, err, c.want)
		}
	}
	_, err := meter.Rewrite(memory(Min(11)).Bytes(), o)
	wantReject(t, err, meter.ReasonMemory)
}

func TestRecursionOverflows(t *testing.T) {
	t.Parallel()
	indirect := Module{
		Tables: []Table{{Limits: Min(1)}}, Elems: []Elem{{Funcs: []uint32{0}}},
		Funcs: []Func{{Export: "run", Sig: Sig{Params: []Type{I64}, Results: []Type{I64}},
			Code: Seq(LocalGet(0), I32Const(0), CallIndirect(0))}},
	}
	for name, m := range map[string]Module{
		"0 locals": Recurse("run", 0), "200 locals": Recurse("run", 200), "indirect": indirect,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t, wazero.NewRuntimeConfigCompiler())
			mod := e.start(t, rewrite(t, m.Bytes(), meter.Options{}))
			_, err := mod.ExportedFunction("run").Call(context.Background(), 1)
			wantExit(t, err, exitOverflow)
		})
	}
}

// TestDepthIsRestored makes sure that every way out of a function gives its
// frame back, so that a pooled instance does not shrink.
func TestDepthIsRestored(t *testing.T) {
	t.Parallel()
	pair := Sig{Params: []Type{I32}, Results: []Type{I32, I64}}
	ways := Func{Sig: pair, Export: "run", Code: Seq(
		Block(Void,
			Block(Void,
				Block(Void,
					Block(Void, LocalGet(0), BrTable([]uint32{0, 1, 2}, 3)),
					I32Const(1), I64Const(1), Return()),
				I32Const(2), I64Const(2), LocalGet(0), BrIf(2), Br(2)),
			Call(1), I32Const(3), I64Const(3), Return()),
		I32Const(4), I64Const(4))}
	m := Module{Funcs: []Func{ways, {}}}
	mod := newEngine(t, wazero.NewRuntimeConfigCompiler()).start(t, rewrite(t, m.Bytes(), meter.Options{MaxDepth: 1000}))
	depth := mod.ExportedGlobal(meter.ExportDepth).(api.MutableGlobal)
	for way := range uint64(4) {
		got, err := mod.ExportedFunction("run").Call(context.Background(), way)
		if err != nil || got[0] != way+1 || got[1] != way+1 {
			t.Errorf("way %d: got %v, %v", way, got, err)
		}
		if left := depth.Get(); left != 1000 {
			t.Errorf("way %d: depth is %d, want 1000", way, left)
		}
	}
}

// TestGuestGlobalsAreExported makes sure that a snapshot can reach them.
func TestGuestGlobalsAreExported(t *testing.T) {
	t.Parallel()
	m := Module{Globals: []Global{
		{Type: I32, Init: I32Const(1)}, {Type: I64, Mutable: true, Init: I64Const(2)},
		{Type: FuncRef, Mutable: true, Init: RefNull(FuncRef)}, {Type: I32, Mutable: true, Init: I32Const(3)},
	}}
	mod := newEngine(t, wazero.NewRuntimeConfigCompiler()).start(t, rewrite(t, m.Bytes(), meter.Options{}))
	for n, want := range []uint64{2, 3} {
		g, ok := mod.ExportedGlobal(meter.ExportGlobal(n)).(api.MutableGlobal)
		if !ok || g.Get() != want {
			t.Errorf("global %d: got %v, want %d", n, g, want)
		}
	}
	if mod.ExportedGlobal(meter.ExportGlobal(2)) != nil {
		t.Error("a third global is exported")
	}
}
