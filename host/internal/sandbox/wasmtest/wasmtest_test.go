package wasmtest

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
)

func TestAssembledModuleRuns(t *testing.T) {
	t.Parallel()
	sum := Func{
		Sig:    Sig{Params: []Type{I32}, Results: []Type{I32}},
		Locals: []Type{I32},
		Export: "sum",
		Code: Seq(
			Loop(Void,
				LocalGet(1), LocalGet(0), I32Add(), LocalSet(1),
				LocalGet(0), I32Const(1), I32Sub(), LocalTee(0), BrIf(0)),
			LocalGet(1)),
	}
	m := Module{
		Imports:  []Import{{Module: "env", Name: "touch", Sig: Sig{Params: []Type{I64}}}},
		Funcs:    []Func{sum, {Export: "poke", Code: Seq(I64Const(7), Call(0))}},
		Tables:   []Table{{Limits: MinMax(2, 2)}},
		Memories: []Limits{MinMax(1, 2)},
		Globals:  []Global{{Type: I64, Mutable: true, Init: I64Const(-5)}},
		Exports:  []Export{{Name: "memory", Kind: KindMemory}, {Name: "g", Kind: KindGlobal}},
		Elems:    []Elem{{Funcs: []uint32{1, 2}}},
		Datas:    []Data{{Offset: I32Const(3), Bytes: []byte("hi")}, {Passive: true, Bytes: []byte("x")}},
	}
	got, touched := run(t, m)
	if got != 55 || touched != 7 {
		t.Errorf("sum(10) = %d, touched %d; want 55, 7", got, touched)
	}
}

func run(t *testing.T, m Module) (sum, touched uint64) {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(ctx)
	_, err := r.NewHostModuleBuilder("env").NewFunctionBuilder().
		WithFunc(func(v int64) { touched = uint64(v) }).Export("touch").Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := r.Instantiate(ctx, m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if b, ok := mod.Memory().Read(3, 2); !ok || string(b) != "hi" {
		t.Errorf("memory at 3 is %q, want hi", b)
	}
	if g := int64(mod.ExportedGlobal("g").Get()); g != -5 {
		t.Errorf("global g is %d, want -5", g)
	}
	if _, err := mod.ExportedFunction("poke").Call(ctx); err != nil {
		t.Fatal(err)
	}
	res, err := mod.ExportedFunction("sum").Call(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	return res[0], touched
}

func TestTypeIndexFindsWhatBytesWrites(t *testing.T) {
	t.Parallel()
	pair := Sig{Results: []Type{I32, I64}}
	m := Module{Types: []Sig{pair}, Funcs: []Func{{}, {Sig: Sig{Params: []Type{F64}}}}}
	for i, s := range []Sig{pair, {}, {Params: []Type{F64}}} {
		if got := m.TypeIndex(s); got != uint32(i) {
			t.Errorf("TypeIndex(%v) = %d, want %d", s, got, i)
		}
	}
}

func TestGuestsAreValid(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(ctx)
	for name, m := range map[string]Module{
		"spin":    {Funcs: []Func{{Code: Spin(), Export: "run"}}},
		"calls":   CallBomb("run", 60),
		"fills":   FillBomb("run", 200, 1<<20),
		"recurse": Recurse("run", 200),
		"loops":   LoopBomb("run", 20, 20),
		"nest":    NestBomb("run", 500),
	} {
		c, err := r.CompileModule(ctx, m.Bytes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.ExportedFunctions()["run"] == nil {
			t.Errorf("%s: does not export run", name)
		}
	}
}
