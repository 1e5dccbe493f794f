package meter_test

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// comparisons are all orders of 0 and a & b, each in every position from which
// wazero fuses them: as f0, f1 … with two parameters.
func comparisons(t Type) Module {
	first, and, zero := byte(0x48), byte(0x71), I32Const(0)
	if t == I64 {
		first, and, zero = 0x53, 0x83, I64Const(0)
	}
	masked := Seq(LocalGet(0), LocalGet(1), Op(and))
	m := Module{Globals: []Global{{Type: t, Mutable: true, Init: zero}}}
	for op := first; op < first+8; op++ {
		for _, operands := range [][]byte{
			Seq(zero, masked), Seq(masked, zero), Seq(LocalGet(2), masked),
			Seq(masked, LocalSet(3), zero, LocalGet(3)),
			Seq(masked, LocalSet(3), LocalGet(3), LocalSet(4), zero, LocalGet(4)),
			Seq(zero, masked, LocalTee(3)),
			Seq(masked, GlobalSet(0), zero, GlobalGet(0)),
			Seq(zero, Block(Result(t), masked)),
			Seq(zero, masked, Nop()),
			Seq(zero, masked, LocalGet(0), LocalSet(3)),
		} {
			m.Funcs = append(m.Funcs, Func{
				Sig: Sig{Params: []Type{t, t}, Results: []Type{I32}}, Locals: []Type{t, t, t},
				Export: "f" + string(rune('0'+len(m.Funcs))),
				Code:   Seq(operands, Op(op), IfElse(Result(I32), I32Const(1), I32Const(0))),
			})
		}
	}
	return m
}

// TestComparisonsWithMasks holds that the compiler answers as the interpreter
// does, which it does not without fusion.
func TestComparisonsWithMasks(t *testing.T) {
	t.Parallel()
	for _, typ := range []Type{I32, I64} {
		m := comparisons(typ)
		right := newEngine(t, wazero.NewRuntimeConfigInterpreter()).start(t, m.Bytes())
		got := newEngine(t, wazero.NewRuntimeConfigCompiler()).start(t, rewrite(t, m.Bytes(), meter.Options{}))
		for _, f := range m.Funcs {
			for _, args := range [][]uint64{{7, 3}, {1, 2}, {1<<63 | 1<<31, 1<<63 | 1<<31}} {
				ctx := context.Background()
				a, err := right.ExportedFunction(f.Export).Call(ctx, args...)
				if err != nil {
					t.Fatal(err)
				}
				b, err := got.ExportedFunction(f.Export).Call(ctx, args...)
				if err != nil {
					t.Fatal(err)
				}
				if uint32(a[0]) != uint32(b[0]) { // the rest of an i32 is noise
					t.Errorf("type %#x, code %x, %v: got %d, want %d", typ, f.Code, args, uint32(b[0]), uint32(a[0]))
				}
			}
		}
	}
}
