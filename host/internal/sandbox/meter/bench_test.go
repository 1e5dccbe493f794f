package meter_test

import (
	"context"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// compare calls the same function of an original and its rewritten module in
// turns and reports the ratio of their fastest times.
func compare(b *testing.B, wasm []byte, f string, args ...uint64) {
	b.Helper()
	e := newEngine(b, wazero.NewRuntimeConfigCompiler())
	mountWASI(b, e)
	var fs [2]api.Function
	for i, w := range [][]byte{wasm, rewrite(b, wasm, meter.Options{MaxPages: 4096})} {
		fs[i] = e.start(b, w).ExportedFunction(f)
	}
	best := [2]time.Duration{1 << 62, 1 << 62}
	ctx := context.Background()
	for b.Loop() {
		for i, f := range fs {
			begin := time.Now()
			if _, err := f.Call(ctx, args...); err != nil {
				b.Fatal(err)
			}
			best[i] = min(best[i], time.Since(begin))
		}
	}
	b.ReportMetric(float64(best[0].Nanoseconds()), "original-ns")
	b.ReportMetric(float64(best[1].Nanoseconds()), "metered-ns")
	b.ReportMetric(float64(best[1])/float64(best[0]), "ratio")
}

// BenchmarkTightLoop is a loop of three instructions' work, written as Rust and
// C compilers write it.
func BenchmarkTightLoop(b *testing.B) {
	sig := Sig{Params: []Type{I64}, Results: []Type{I64}}
	loop := Func{Sig: sig, Locals: []Type{I64}, Export: "run", Code: Seq(
		Loop(Void,
			LocalGet(1), I64Const(6364136223846793005), I64Mul(), LocalGet(0), I64Add(), LocalSet(1),
			LocalGet(0), I64Const(1), I64Sub(), LocalTee(0), I64Eqz(), I32Eqz(), BrIf(0)),
		LocalGet(1))}
	compare(b, Module{Funcs: []Func{loop}}.Bytes(), "run", 10_000_000)
}

// BenchmarkCalls is nothing but calls.
func BenchmarkCalls(b *testing.B) {
	fib := Func{Sig: Sig{Params: []Type{I32}, Results: []Type{I32}}, Export: "fib", Code: Seq(
		LocalGet(0), I32Const(2), I32LtU(), If(Void, LocalGet(0), Return()),
		LocalGet(0), I32Const(1), I32Sub(), Call(0),
		LocalGet(0), I32Const(2), I32Sub(), Call(0), I32Add())}
	compare(b, Module{Funcs: []Func{fib}}.Bytes(), "fib", 27)
}

// BenchmarkGoGuest is real work in a Go guest: JSON, templates, regular
// expressions, and the smallest loop that Go makes.
func BenchmarkGoGuest(b *testing.B) {
	wasm, err := bigGuest()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		f   string
		arg uint64
	}{{"cart", 20}, {"page", 20}, {"words", 50}, {"tight", 10_000_000}, {"fib", 25}} {
		b.Run(c.f, func(b *testing.B) { compare(b, wasm, c.f, c.arg) })
	}
}

func BenchmarkRewriteGoGuest(b *testing.B) {
	wasm, err := bigGuest()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(wasm)))
	var out []byte
	for b.Loop() {
		out = rewrite(b, wasm, meter.Options{})
	}
	b.ReportMetric(float64(len(out))/float64(len(wasm)), "size-ratio")
}

func BenchmarkScanGoGuest(b *testing.B) {
	wasm, err := bigGuest()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(wasm)))
	for b.Loop() {
		if _, err := meter.Scan(wasm, meter.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
